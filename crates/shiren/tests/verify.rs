//! The main commands from outside, on photographs of specimens, with the installed models
//! (`shiren models install`).
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use image::RgbImage;
use jiff::civil::{Date, date};
use serde_json::Value;
use shiren_specimen::{Fonts, Scene, Specimen, Wish, draw, jpeg, photograph, portrait};
use shiren_vision::pack::default_root;
use shiren_vision::picture::{Limits, Picture};
use tempfile::TempDir;

const TODAY: Date = date(2026, 11, 22);

/// One made-up person's documents, photographed, with a real person's portrait; and that person's selfie.
/// Pictures are made when they are first asked for: every test is a process of its own.
struct Table {
    folder: TempDir,
    person: Specimen,
}

fn sample(name: &str) -> PathBuf {
    default_root().unwrap().join("samples").join(name)
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        // At this age cards run out.
        let wish = Wish { age: Some(30), ..Wish::default() };
        Table { folder: tempfile::tempdir().unwrap(), person: Specimen::wished(11, TODAY, wish) }
    })
}

impl Table {
    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str) {
        match name {
            "front.jpg" => self.take(name, |fonts| draw::id_front(fonts, &self.person, Some(&face()))),
            "back.jpg" => self.take(name, |fonts| draw::id_back(fonts, &self.person)),
            "passport.jpg" => self.take(name, |fonts| draw::passport(fonts, &self.person, Some(&face()))),
            "same.jpg" => drop(fs::copy(sample("obama2.jpg"), self.path(name)).unwrap()),
            "another.jpg" => drop(fs::copy(sample("biden.jpg"), self.path(name)).unwrap()),
            "letter.pdf" => fs::write(self.path(name), b"%PDF-1.7\n").unwrap(),
            _ => {}
        }
    }

    fn take(&self, name: &str, document: impl Fn(&Fonts) -> RgbImage) {
        if self.path(name).exists() {
            return;
        }
        let drawn = document(&Fonts::find(None).unwrap());
        let picture = photograph(&[&drawn], &Scene::default(), 7).picture;
        fs::write(self.path(name), jpeg(&picture, 90).unwrap()).unwrap();
    }
}

fn face() -> RgbImage {
    let photo = Picture::decode(&fs::read(sample("obama.jpg")).unwrap(), &Limits::default()).unwrap();
    portrait(photo.rgb(), None)
}

/// Runs a command in the folder of the pictures: its lines of JSON and its status.
fn run(arguments: &[&str]) -> (Vec<Value>, i32) {
    for argument in arguments {
        table().put(argument.rsplit('=').next().unwrap());
    }
    let output = Command::new(env!("CARGO_BIN_EXE_shiren"))
        .args(arguments)
        .args(["--json", "--threads", "2"])
        .env("SHIREN_MODELS", default_root().unwrap())
        .current_dir(table().folder.path())
        .output()
        .unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    (lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect(), output.status.code().unwrap())
}

/// Decides about the pictures, with more arguments; the decision and the codes of its reasons.
fn decision(pictures: &[(&str, &str)], more: &[&str]) -> (String, Vec<String>) {
    let today = TODAY.to_string();
    let mut arguments = vec!["verify", "--program", "shop-owner"];
    let flags: Vec<String> = pictures.iter().map(|(step, file)| format!("--{step}={file}")).collect();
    arguments.extend(flags.iter().map(String::as_str));
    arguments.extend(more);
    if !more.contains(&"--today") {
        arguments.extend(["--today", &today]);
    }
    let (lines, status) = run(&arguments);
    assert_eq!((lines.len(), status), (1, 0), "{arguments:?}");
    let codes =
        lines[0]["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap().to_owned());
    (lines[0]["decision"].as_str().unwrap().to_owned(), codes.collect())
}

const CARD: [(&str, &str); 3] = [("front", "front.jpg"), ("back", "back.jpg"), ("selfie", "same.jpg")];

#[test]
fn the_right_person_with_a_specimen_is_verified_in_test_mode() {
    let number = table().person.id_number.clone();
    let declared = ["--name", &table().person.name, "--id-number", &number];
    assert_eq!(decision(&CARD, &declared), ("verified".into(), vec![]));
    let passport = [("passport", "passport.jpg"), ("selfie", "same.jpg")];
    assert_eq!(decision(&passport, &[]), ("verified".into(), vec![]));
}

#[test]
fn a_specimen_is_rejected_in_live_mode_and_no_source_is_told() {
    let declared =
        ["--mode", "live", "--name", &table().person.name, "--id-number", &table().person.id_number];
    let (outcome, codes) = decision(&CARD, &declared);
    assert_eq!(outcome, "rejected");
    assert!(codes.contains(&"document_specimen".into()) && codes.contains(&"source_not_configured".into()));
}

#[test]
fn whatever_is_wrong_is_the_reason() {
    let with =
        |step: &'static str, file: &'static str| CARD.map(|(s, f)| (s, if s == step { file } else { f }));
    for (name, pictures, more, code) in [
        ("another person", with("selfie", "another.jpg"), &[][..], "face_mismatch"),
        ("the back twice", with("front", "back.jpg"), &[], "document_wrong_side"),
        ("no picture", with("selfie", "letter.pdf"), &[], "picture_pdf"),
        ("another number", CARD, &["--id-number", "11010519491231002X"], "id_number_mismatch"),
        ("another name", CARD, &["--name", "欧阳不是"], "name_mismatch"),
        ("a card that has run out", CARD, &["--today", "2060-01-01"], "document_expired"),
        ("a card of tomorrow", CARD, &["--today", "2010-01-01"], "document_not_yet_valid"),
    ] {
        let (outcome, codes) = decision(&pictures, more);
        assert_eq!(outcome, "requires_input", "{name}: {codes:?}");
        assert!(codes.contains(&code.to_owned()), "{name}: {codes:?}");
    }
    let (outcome, codes) = decision(&CARD[..2], &[]);
    assert_eq!((outcome.as_str(), codes), ("requires_input", vec!["material_missing".to_owned()]));
}

#[test]
fn a_decision_states_its_pictures_models_and_program() {
    let (lines, _) = run(&[
        "verify",
        "--program",
        "buyer",
        "--front",
        "front.jpg",
        "--back",
        "back.jpg",
        "--selfie",
        "same.jpg",
    ]);
    let line = &lines[0];
    assert_eq!(line["program"]["name"], "buyer");
    assert_eq!(line["evidence"].as_array().unwrap().len(), 3);
    assert_eq!(line["models"]["face-recogniser"].as_str().unwrap().len(), 64);
    assert_eq!(line["assurance"]["rests_on"]["face"]["band"], "same");
    assert!(line["ms"].as_u64().unwrap() > 0);
}

#[test]
fn documents_are_read_and_a_file_that_is_not_there_stops_nothing() {
    let today = TODAY.to_string();
    let arguments = ["read-document", "--today", &today, "front.jpg", "letter.pdf", "gone.jpg", "back.jpg"];
    let (lines, status) = run(&arguments);
    assert_eq!((lines.len(), status), (3, 1));
    assert_eq!(lines[0]["fields"]["id_number"]["value"], table().person.id_number);
    assert_eq!(lines[1]["findings"][0]["code"], "picture_pdf");
    assert_eq!(lines[2]["kind"], "cn-id-back");
}

#[test]
fn a_table_of_pairs_is_compared_whatever_is_in_it() {
    let rows = "a\tb\tsame\nsame.jpg\tfront.jpg\t1\nsame.jpg\tanother.jpg\t0\nback.jpg\tsame.jpg\t0\n";
    fs::write(table().path("pairs.tsv"), rows).unwrap();
    ["same.jpg", "front.jpg", "another.jpg", "back.jpg"].iter().for_each(|name| table().put(name));
    let (lines, status) = run(&["compare-faces", "--pairs", "pairs.tsv", "--root", "."]);
    assert_eq!(status, 0);
    assert_eq!(lines[1]["band"], "different");
    assert_eq!(lines[2]["error"], "face_not_found");
    let (single, _) = run(&["compare-faces", "same.jpg", "another.jpg"]);
    assert_eq!(single[0]["score"], lines[1]["score"]);
}

#[test]
fn photos_are_judged_for_what_they_are_meant_to_show() {
    let codes = |shot: &str, file: &str| {
        let (lines, status) = run(&["check-photo", "--as", shot, file]);
        assert_eq!(status, 0);
        let findings = lines[0]["findings"].as_array().unwrap().clone();
        let heavy = findings.into_iter().filter(|f| f["severity"] != "info");
        heavy.map(|f| f["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(codes("id-front", "front.jpg"), Vec::<String>::new());
    assert_eq!(codes("id-front", "back.jpg"), ["document_wrong_side"]);
    assert_eq!(codes("selfie", "same.jpg"), Vec::<String>::new());
    assert_eq!(codes("selfie", "back.jpg"), ["face_not_found"]);
}

#[test]
fn wrong_usage_and_missing_models_have_their_own_status() {
    let folder = tempfile::tempdir().unwrap();
    let status = |arguments: &[&str], models: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_shiren"))
            .args(arguments)
            .current_dir(table().folder.path())
            .env("SHIREN_MODELS", models)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    };
    let models = default_root().unwrap();
    ["same.jpg", "another.jpg", "letter.pdf"].iter().for_each(|name| table().put(name));
    fs::write(table().path("front.jpg"), b"as good as any").unwrap();
    fs::write(table().path("mine.toml"), "name = \"mine\"\nversion = \"one\"\n").unwrap();
    for (arguments, expected, says) in [
        (
            &["verify", "--program", "nope", "--front", "front.jpg"][..],
            2,
            "shop-owner, staff, buyer, influencer",
        ),
        (
            &["verify", "--program", "buyer", "--method", "x", "--front", "front.jpg"],
            2,
            "resident-id-card, passport",
        ),
        (
            &["verify", "--program", "buyer", "--front", "front.jpg", "--passport", "passport.jpg"],
            2,
            "takes these",
        ),
        (&["verify", "--program", "mine.toml"], 1, "line 2, version"),
        (&["verify", "--program", "buyer", "--front", "gone.jpg"], 1, "gone.jpg: No such file"),
        (&["check-photo", "front.jpg"], 2, "--as"),
        (&["compare-faces", "same.jpg"], 2, "<B>"),
        (&["compare-faces", "--pairs", "gone.tsv"], 1, "gone.tsv"),
        (&["read-document", "--kind", "cheque", "front.jpg"], 2, "cn-id-front"),
        (&["read-document", "--today", "tomorrow", "front.jpg"], 2, "--today"),
    ] {
        let (code, said) = status(arguments, &models);
        assert_eq!(code, expected, "{arguments:?}: {said}");
        assert!(said.contains(says), "{arguments:?}: {said}");
    }
    for arguments in [
        &["read-document", "front.jpg"][..],
        &["check-photo", "--as", "selfie", "same.jpg"],
        &["compare-faces", "same.jpg", "another.jpg"],
        &["verify", "--program", "buyer", "--front", "front.jpg"],
    ] {
        let (code, said) = status(arguments, folder.path());
        assert_eq!(code, 3, "{arguments:?}: {said}");
        assert_eq!(said.lines().filter(|l| l.starts_with("shiren: ")).count(), 1, "{said}");
    }
}
