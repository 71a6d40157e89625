use std::collections::BTreeMap;

use jiff::civil::date;
use shiren_core::see::{DocumentKind, FieldKey, PhotoReading};
use shiren_core::verification::{Finding, Outcome, ReasonCode};
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front, reading};

use super::*;
use crate::language::Language;

const PICTURES: [(&str, &[u8]); 3] = [("front", b"card"), ("back", b"back"), ("selfie", b"ann")];

fn eyes() -> ScriptedEyes {
    let mut specimen = card_front();
    specimen.findings.push(Finding::info(ReasonCode::DocumentSpecimen));
    ScriptedEyes::default()
        .document(b"card", specimen)
        .document(b"back", card_back())
        .face(b"card", 0.0)
        .face(b"ann", 0.1)
        .face(b"bob", 4.0)
        .photo(b"a wall", PhotoReading::default())
}

fn decided(
    pictures: &[(&str, &[u8])],
    mode: Mode,
    declared: Declared<'_>,
    threads: usize,
) -> (Looked, Decision) {
    let program = built_in("shop-owner").unwrap();
    let method = program.method("resident-id-card").unwrap();
    let given: Vec<Given> = pictures
        .iter()
        .map(|(step, bytes)| Given { step: method.step(step).unwrap().clone(), bytes: bytes.to_vec() })
        .collect();
    let request = Request { program, method, mode, declared, today: date(2026, 11, 22), threads };
    verify(&eyes(), &given, &request, &BTreeMap::new(), &Progress::silent()).unwrap()
}

fn shown(language: Language, (looked, decision): &(Looked, Decision)) -> String {
    let speech = Speech { language, colour: false };
    report::text(speech, built_in("shop-owner").unwrap(), &Line { decision, ms: 820 }, looked)
}

fn with_selfie(selfie: &[u8]) -> (Looked, Decision) {
    decided(&[PICTURES[0], PICTURES[1], ("selfie", selfie)], Mode::Test, Declared::default(), 2)
}

#[test]
fn each_outcome_is_shown_in_both_languages() {
    let declared = Declared { name: Some("王方"), id_number: Some("11010519491231002X") };
    for (name, result) in [
        ("verified", decided(&PICTURES, Mode::Test, Declared::default(), 1)),
        ("another_face", with_selfie(b"bob")),
        ("rejected", decided(&PICTURES, Mode::Live, declared, 2)),
        ("missing", decided(&PICTURES[..1], Mode::Test, Declared::default(), 2)),
    ] {
        insta::assert_snapshot!(format!("{name}_zh"), shown(Language::Chinese, &result));
        insta::assert_snapshot!(format!("{name}_en"), shown(Language::English, &result));
    }
}

#[test]
fn the_json_has_the_shape_that_tools_rely_on() {
    let (_, decision) = with_selfie(b"a wall");
    insta::assert_json_snapshot!("faceless_json", Line { decision: &decision, ms: 820 });
}

#[test]
fn threads_change_the_time_and_nothing_else() {
    for pictures in [&PICTURES[..], &PICTURES[..2], &PICTURES[1..]] {
        let results = [1, 2].map(|threads| decided(pictures, Mode::Test, Declared::default(), threads).1);
        assert_eq!(results[0], results[1]);
    }
}

#[test]
fn a_travel_permit_is_known_by_both_sides() {
    let permit = |fields| reading(Some(DocumentKind::Permit), fields);
    let mut wall = reading(None, &[]);
    wall.findings.push(Finding::fail(ReasonCode::DocumentNotFound));
    let fields = [(FieldKey::DocumentNumber, "H12345678"), (FieldKey::ExpiryDate, "2030-01-01")];
    let eyes = ScriptedEyes::default()
        .document(b"portrait side", permit(&[]))
        .document(b"zone side", permit(&fields))
        .document(b"a wall", wall)
        .face(b"portrait side", 0.0)
        .face(b"a wall", 0.0)
        .face(b"ann", 0.1);
    let program = built_in("shop-owner").unwrap();
    let method = program.method("hong-kong-macao-travel-permit").unwrap();
    let outcome = |front: &[u8]| {
        let pictures = [("front", front), ("back", b"zone side"), ("selfie", b"ann")];
        let given: Vec<Given> = pictures
            .iter()
            .map(|(step, bytes)| Given { step: method.step(step).unwrap().clone(), bytes: bytes.to_vec() })
            .collect();
        let (mode, today) = (Mode::Test, date(2026, 11, 22));
        let request = Request { program, method, mode, declared: Declared::default(), today, threads: 1 };
        verify(&eyes, &given, &request, &BTreeMap::new(), &Progress::silent()).unwrap().1.outcome
    };
    assert_eq!(outcome(b"portrait side"), Outcome::Verified);
    assert_eq!(outcome(b"a wall"), Outcome::RequiresInput);
}

#[test]
fn a_file_that_is_no_picture_is_a_reason() {
    let (_, decision) = with_selfie(b"%PDF");
    assert_eq!(decision.outcome, Outcome::RequiresInput);
    assert_eq!(decision.reasons[0].finding.code, ReasonCode::PictureFormatUnknown);
}

#[test]
fn the_method_follows_from_the_pictures() {
    let program = built_in("buyer").unwrap();
    let pictures =
        |steps: &[&str]| steps.iter().map(|s| ((*s).to_owned(), PathBuf::new())).collect::<Vec<_>>();
    let chosen = |asked, steps: &[&str]| method(program, asked, &pictures(steps)).map(|m| m.id.clone());
    assert_eq!(chosen(None, &["front", "back", "selfie"]).unwrap(), "resident-id-card");
    assert_eq!(chosen(None, &["passport", "selfie"]).unwrap(), "passport");
    assert_eq!(chosen(Some("passport"), &["passport"]).unwrap(), "passport");
    for (asked, steps) in [
        (None, ["front", "passport"]),
        (Some("passport"), ["front", "selfie"]),
        (Some("x"), ["front", "back"]),
    ] {
        assert!(matches!(chosen(asked, &steps), Err(Failure::Usage(_))), "{asked:?} {steps:?}");
    }
}

#[test]
fn a_program_that_is_not_there_is_told_with_those_that_are() {
    let told = program_file("shopowner").unwrap_err().to_string();
    assert!(told.contains("shop-owner, staff, buyer"), "{told}");
    assert!(program_file("nowhere.toml").unwrap_err().to_string().starts_with("nowhere.toml: "));
}

#[test]
fn only_the_models_that_a_method_needs_are_opened() {
    let needed = |program: &str, id: &str| needs(built_in(program).unwrap().method(id).unwrap());
    assert_eq!(needed("shop-owner", "passport"), Needs { documents: true, faces: true });
}
