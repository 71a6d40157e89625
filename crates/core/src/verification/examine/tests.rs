use std::collections::BTreeMap;

use jiff::civil::{Date, date};

use super::*;
use crate::see::{Band, DocumentKind, FaceTemplate, Field, FieldKey, Region};
use crate::verification::program::{Mode, built_in};
use crate::verification::{Decision, Grounds, Outcome, decide};

const TODAY: Date = date(2026, 11, 22);

fn reading(kind: DocumentKind, fields: &[(FieldKey, &str)]) -> DocumentReading {
    DocumentReading {
        kind: Some(kind),
        fields: fields
            .iter()
            .map(|(k, v)| (*k, Field { value: (*v).into(), confidence: 0.99, region: None }))
            .collect(),
        printed: BTreeMap::new(),
        mrz: None,
        card: Some(Region::rect(0.0, 0.0, 1200.0, 750.0)),
        portrait: None,
        findings: vec![],
        measures: [("card_width_px", 1200.0)].into(),
    }
}

fn face(eye_distance: f32) -> FaceReading {
    FaceReading {
        region: Region::rect(100.0, 100.0, 300.0, 400.0),
        template: FaceTemplate { recogniser: "fake".into(), vectors: vec![] },
        measures: [("eye_distance_px", eye_distance)].into(),
    }
}

fn front() -> Material {
    let fields = [
        (FieldKey::Name, "王芳"),
        (FieldKey::Sex, "F"),
        (FieldKey::Ethnicity, "汉"),
        (FieldKey::BirthDate, "1949-12-31"),
        (FieldKey::Address, "北京市朝阳区样本路1号"),
        (FieldKey::IdNumber, "11010519491231002X"),
    ];
    let document = Some(reading(DocumentKind::CnIdFront, &fields));
    Material { step: "front".into(), document, face: Some(face(40.0)), ..Material::default() }
}

fn back() -> Material {
    let fields = [
        (FieldKey::Authority, "样本公安局"),
        (FieldKey::ValidFrom, "2005-01-01"),
        (FieldKey::ValidTo, "long_term"),
    ];
    let document = Some(reading(DocumentKind::CnIdBack, &fields));
    Material { step: "back".into(), document, ..Material::default() }
}

fn selfie() -> Material {
    let photo = Some(PhotoReading::default());
    Material { step: "selfie".into(), photo, face: Some(face(90.0)), ..Material::default() }
}

fn outcome(materials: &[Material], declared: Declared<'_>, method: &str) -> Decision {
    let program = built_in("shop-owner").unwrap();
    let method = program.method(method).unwrap();
    let compared = Some(FaceMatch { score: 5.0, band: Band::Same, fmr: 1e-6 });
    let faces = materials.iter().filter(|m| m.face.is_some()).count();
    let dossier = Dossier { materials, declared, face: compared.filter(|_| faces == 2) };
    let checks = examine(program, method, Mode::Test, &dossier, TODAY);
    decide(&Grounds {
        program,
        method,
        mode: Mode::Test,
        checks: &checks,
        evidence: &[],
        models: &BTreeMap::new(),
    })
}

fn reasons(materials: &[Material]) -> Vec<(ReasonCode, Vec<String>)> {
    let decision = outcome(materials, Declared::default(), "resident-id-card");
    decision.reasons.into_iter().map(|r| (r.finding.code, r.steps)).collect()
}

fn told(code: ReasonCode, steps: &[&str]) -> Vec<(ReasonCode, Vec<String>)> {
    vec![(code, steps.iter().map(|s| (*s).to_owned()).collect())]
}

#[test]
fn a_session_in_which_all_is_right_is_verified() {
    let declared = Declared { name: Some("王 芳"), id_number: Some("11010519491231002x") };
    let decision = outcome(&[front(), back(), selfie()], declared, "resident-id-card");
    assert_eq!((decision.outcome, decision.reasons), (Outcome::Verified, vec![]));
}

#[test]
fn what_is_missing_is_named() {
    assert_eq!(reasons(&[front(), selfie()]), told(ReasonCode::MaterialMissing, &["back"]));
    assert_eq!(reasons(&[front(), back()]), told(ReasonCode::MaterialMissing, &["selfie"]));
    assert_eq!(reasons(&[]).len(), 3);
    let decision = outcome(&[front(), back(), selfie()], Declared::default(), "payment-account");
    let missing = decision.reasons.iter().find(|r| r.finding.code == ReasonCode::MaterialMissing).unwrap();
    assert_eq!(missing.steps, ["name", "id_number"]);
}

#[test]
fn a_picture_that_was_refused_is_asked_for_again() {
    let refused =
        Material { step: "selfie".into(), refused: Some(ReasonCode::PicturePdf), ..Material::default() };
    assert_eq!(reasons(&[front(), back(), refused]), told(ReasonCode::PicturePdf, &["selfie"]));
}

#[test]
fn the_back_in_the_place_of_the_front_is_told_whatever_face_it_seems_to_show() {
    let wrong = Material { step: "front".into(), ..back() };
    assert_eq!(reasons(&[wrong, back(), selfie()]), told(ReasonCode::DocumentWrongType, &["front"]));
    let wrong = Material { step: "front".into(), face: Some(face(40.0)), ..back() };
    assert_eq!(reasons(&[wrong, back(), selfie()]), told(ReasonCode::DocumentWrongType, &["front"]));
}

#[test]
fn a_picture_without_a_document_is_told() {
    let mut empty = front();
    let document = empty.document.as_mut().unwrap();
    (document.kind, document.fields) = (None, BTreeMap::new());
    assert_eq!(reasons(&[empty, back(), selfie()]), told(ReasonCode::DocumentNotFound, &["front"]));
}

#[test]
fn the_side_without_a_face_is_named() {
    let faceless = Material { face: None, ..front() };
    assert_eq!(reasons(&[faceless, back(), selfie()]), told(ReasonCode::FaceNotFound, &["front"]));
    let faceless = Material { face: None, ..selfie() };
    assert_eq!(reasons(&[front(), back(), faceless]), told(ReasonCode::FaceNotFound, &["selfie"]));
}

#[test]
fn sizes_are_judged_by_the_program() {
    let mut small = front();
    small.document.as_mut().unwrap().measures.insert("card_width_px", 799.0);
    assert_eq!(reasons(&[small.clone(), back(), selfie()]), told(ReasonCode::PhotoTooSmall, &["front"]));
    let document = small.document.as_mut().unwrap();
    document.measures.insert("card_width_px", 801.0);
    document.findings.push(Finding::fail(ReasonCode::PhotoTooSmall));
    assert_eq!(reasons(&[small, back(), selfie()]), vec![]);
    let far = Material { face: Some(face(59.0)), ..selfie() };
    assert_eq!(reasons(&[front(), back(), far]), told(ReasonCode::FaceTooSmall, &["selfie"]));
}

#[test]
fn another_card_than_the_chosen_one_is_told() {
    let decision = outcome(&[front(), back(), selfie()], Declared::default(), "residence-permit");
    let codes: Vec<_> = decision.reasons.iter().map(|r| r.finding.code).collect();
    assert_eq!(codes, [ReasonCode::RegionMismatch]);
}

#[test]
fn a_permit_is_read_from_its_back_and_compared_by_its_front() {
    let fields = [(FieldKey::DocumentNumber, "H12345678"), (FieldKey::ExpiryDate, "2030-01-01")];
    let back = Material {
        step: "back".into(),
        document: Some(reading(DocumentKind::Permit, &fields)),
        ..Material::default()
    };
    let front = Material { document: None, photo: Some(PhotoReading::default()), ..front() };
    let materials = [front, back, selfie()];
    let right = outcome(&materials, Declared::default(), "hong-kong-macao-travel-permit");
    assert_eq!((right.outcome, right.reasons), (Outcome::Verified, vec![]));
    let wrong = outcome(&materials, Declared::default(), "taiwan-travel-permit");
    assert_eq!(wrong.reasons[0].finding.code, ReasonCode::RegionMismatch);
}

#[test]
fn a_document_in_hand_is_held_against_the_front_and_need_not_be_as_large() {
    let program = built_in("buyer").unwrap();
    let method = program.method("resident-id-card").unwrap();
    let told = |number: &str| -> Vec<(ReasonCode, Vec<String>)> {
        let held = reading(DocumentKind::CnIdFront, &[(FieldKey::IdNumber, number)]);
        let photo = PhotoReading {
            findings: vec![],
            measures: [("card_width_px", 480.0), ("eye_distance_px", 190.0)].into(),
        };
        let handheld =
            Material { step: "handheld".into(), photo: Some(photo), held: Some(held), ..Material::default() };
        let materials = [front(), back(), selfie(), handheld];
        let dossier = Dossier { materials: &materials, declared: Declared::default(), face: None };
        let checks = examine(program, method, Mode::Test, &dossier, TODAY);
        let heavy = |c: Check| {
            let steps = c.steps;
            c.findings.into_iter().map(move |f| (f.code, steps.clone())).collect::<Vec<_>>()
        };
        checks.into_iter().filter(|c| c.steps.iter().any(|s| s == "handheld")).flat_map(heavy).collect()
    };
    assert_eq!(told("11010519491231002X"), []);
    let steps = vec!["handheld".to_owned(), "front".to_owned()];
    assert_eq!(told("440524188001010014"), [(ReasonCode::HeldDocumentDiffers, steps)]);
}
