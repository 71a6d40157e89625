//! Drawn people with a card in hand, and cards seen on screens and prints, judged by the installed models
//! (`shiren models install --with-samples`).
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::sync::OnceLock;

use image::RgbImage;
use jiff::civil::{Date, date};
use shiren_core::see::{DocumentKind, DocumentReading, Eyes, HandheldReading, Look};
use shiren_core::verification::check::held;
use shiren_core::verification::{ReasonCode, Severity};
use shiren_specimen::{FaceBox, Fonts, Scene, Specimen, draw, jpeg, photograph, portrait};
use shiren_testkit::holder::{Holding, holder};
use shiren_testkit::recapture;
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

const TODAY: Date = date(2026, 11, 22);

fn eyes() -> &'static LocalEyes {
    static EYES: OnceLock<LocalEyes> = OnceLock::new();
    EYES.get_or_init(|| {
        LocalEyes::new(Library::open(&default_root().unwrap(), 2).unwrap(), Limits::default())
    })
}

/// The first person's head, as large as a document's portrait has it.
fn head() -> RgbImage {
    let bytes = std::fs::read(default_root().unwrap().join("samples/obama.jpg")).unwrap();
    let photo = Picture::decode(&bytes, &Limits::default()).unwrap().into_rgb();
    let face = eyes().read_face(&bytes).unwrap().unwrap();
    let (x, y, width, height) = face.region.bounds();
    portrait(&photo, Some(FaceBox { x, y, width, height }))
}

fn card(person: u64) -> RgbImage {
    draw::id_front(&Fonts::find(None).unwrap(), &Specimen::random(person, TODAY), None)
}

fn read(picture: &RgbImage) -> DocumentReading {
    let look = Look { expected: Some(DocumentKind::CnIdFront), portrait: false, today: TODAY };
    eyes().read_document(&jpeg(picture, 90).unwrap(), &look).unwrap()
}

fn judged(holding: Holding) -> HandheldReading {
    let picture = jpeg(&holder(&head(), &card(4), holding, 3), 90).unwrap();
    eyes().read_handheld(&picture, Some(DocumentKind::CnIdFront), TODAY).unwrap()
}

fn failures(reading: &HandheldReading) -> Vec<ReasonCode> {
    let failures = reading.photo.findings.iter().filter(|f| f.severity == Severity::Fail);
    failures.map(|f| f.code).collect()
}

#[test]
fn a_card_held_as_asked_is_right_and_is_held_against_the_one_shown_before() {
    let reading = judged(Holding::Right);
    assert_eq!(failures(&reading), [], "{:?}", reading.photo);
    let shown = |person| read(&photograph(&[&card(person)], &Scene::casual(7, true), 7).picture);
    assert_eq!(held(&shown(4), &reading.document), None);
    let other = held(&shown(5), &reading.document).unwrap();
    assert_eq!((other.code, other.severity), (ReasonCode::HeldDocumentDiffers, Severity::Fail));
}

#[test]
fn what_is_wrong_with_how_it_is_held_is_told() {
    for (holding, code) in [
        (Holding::HandOnly, ReasonCode::ArmNotVisible),
        (Holding::TooFar, ReasonCode::PersonTooSmall),
        (Holding::Aside, ReasonCode::DocumentOffCentre),
        (Holding::NoCard, ReasonCode::DocumentNotFound),
    ] {
        let reading = judged(holding);
        assert!(failures(&reading).contains(&code), "{holding:?}: {:?}", reading.photo);
    }
}

#[test]
fn a_card_on_a_screen_or_printed_goes_to_a_reviewer_and_the_card_itself_does_not() {
    let recaptured = |picture: &RgbImage| {
        let reading = read(picture);
        let finding = reading.findings.iter().find(|f| f.code == ReasonCode::PictureRecaptured);
        finding.map(|f| f.severity)
    };
    let card = card(4);
    assert_eq!(recaptured(&photograph(&[&card], &Scene::casual(7, true), 7).picture), None);
    assert_eq!(recaptured(&recapture::on_screen(&card, 7)), Some(Severity::Review));
    assert_eq!(recaptured(&recapture::on_paper(&card, 7)), Some(Severity::Review));
}
