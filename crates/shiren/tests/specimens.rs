//! `shiren specimen` from outside, and its documents read back by the installed models.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use shiren_testkit::pictures::{self, Jpeg};
use shiren_vision::pack;

fn shiren() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shiren"));
    command.env("LC_ALL", "C").arg("--threads=2");
    command
}

/// Runs `shiren specimen` on a photo, into a folder, for a fixed day.
fn draw(photo: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = shiren();
    command.arg("specimen").arg("--portrait").arg(photo).arg("--out").arg(out);
    command.args(["--today", "2026-11-22"]).args(more);
    command
}

fn lines(output: &Output) -> Vec<Value> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn sample(name: &str) -> PathBuf {
    let path = pack::default_root().unwrap().join("samples").join(name);
    assert!(path.exists(), "{} is missing: make models", path.display());
    path
}

fn faceless(folder: &Path) -> PathBuf {
    let path = folder.join("photo.jpg");
    fs::write(&path, Jpeg::default().write(&pictures::scene(300, 360, 1))).unwrap();
    path
}

#[test]
fn every_specimen_is_read_back_as_it_was_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let truth =
        lines(&draw(&sample("obama.jpg"), folder.path(), &["--photograph", "--json"]).output().unwrap());
    let documents = truth[0]["documents"].as_array().unwrap();
    assert_eq!(documents.len(), 6);
    let photographs: Vec<&str> =
        documents.iter().map(|d| d["photograph"]["file"].as_str().unwrap()).collect();
    let read =
        shiren().args(["read-document", "--json", "--today", "2026-11-22"]).args(&photographs).output();
    for (document, reading) in documents.iter().zip(lines(&read.unwrap())) {
        assert_eq!(reading["kind"], document["kind"]);
        let values = reading["fields"].as_object().unwrap().iter();
        let values: serde_json::Map<_, _> = values.map(|(k, f)| (k.clone(), f["value"].clone())).collect();
        assert_eq!(Value::Object(values), document["fields"], "{}", document["kind"]);
        let codes: Vec<_> = reading["findings"].as_array().unwrap().iter().map(|f| &f["code"]).collect();
        assert_eq!(codes, ["document_specimen"], "{}", document["kind"]);
    }
    let kept: Value = serde_json::from_slice(&fs::read(folder.path().join("truth.json")).unwrap()).unwrap();
    assert_eq!(kept, truth[0]);
}

#[test]
fn without_models_the_portrait_is_cut_from_the_middle_and_the_person_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let photo = faceless(folder.path());
    let output =
        draw(&photo, &folder.path().join("out"), &[]).env("SHIREN_MODELS", folder.path()).output().unwrap();
    assert!(output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("cut from the middle"));
    for file in [
        "id-front.png",
        "id-back.png",
        "passport.png",
        "permit.png",
        "visa.png",
        "business-licence.png",
        "truth.json",
    ] {
        assert!(folder.path().join("out").join(file).exists(), "{file}");
    }
}

#[test]
fn a_seed_gives_the_same_files_and_another_seed_others() {
    let folder = tempfile::tempdir().unwrap();
    let photo = faceless(folder.path());
    let made = |out: &str, seed: &str| {
        let out = folder.path().join(out);
        let mut command = draw(&photo, &out, &["--seed", seed]);
        assert!(command.env("SHIREN_MODELS", folder.path()).status().unwrap().success());
        fs::read(out.join("id-front.png")).unwrap()
    };
    let first = made("a", "5");
    assert_eq!(first, made("b", "5"));
    assert_ne!(first, made("c", "6"));
}

#[test]
fn what_cannot_be_drawn_is_told_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let photo = faceless(folder.path());
    let text = folder.path().join("text.jpg");
    fs::write(&text, "not a picture").unwrap();
    let fonts = folder.path().to_str().unwrap();
    let cases: [(&Path, &[&str], &str); 4] = [
        (Path::new("/nowhere.jpg"), &[], "/nowhere.jpg: No such file"),
        (&text, &[], "none of the formats that are opened"),
        (&photo, &["--fonts", fonts], "apt-get install fonts-noto-cjk"),
        (&photo, &[], "there is no face in it"),
    ];
    for (photo, more, told) in cases {
        let output = draw(photo, &out, more).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(told) && said.lines().count() == 1, "{said}");
    }
    assert!(!out.exists(), "nothing is written where nothing can be drawn");
}
