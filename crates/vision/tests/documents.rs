//! Documents are read from photographs by the installed models (`shiren models install`).
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use image::RgbImage;
use jiff::civil::{Date, date};
use shiren_core::see::{DocumentKind, DocumentReading, Eyes, FieldKey, Look};
use shiren_core::verification::{ReasonCode, Severity};
use shiren_specimen::{Ellipse, Fonts, Light, Motion, Scene, Specimen, draw, jpeg, photograph, truth};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::Limits;

const TODAY: Date = date(2026, 11, 22);

fn eyes() -> &'static LocalEyes {
    static EYES: OnceLock<LocalEyes> = OnceLock::new();
    EYES.get_or_init(|| {
        LocalEyes::new(Library::open(&default_root().unwrap(), 2).unwrap(), Limits::default())
    })
}

fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::find(None).unwrap())
}

fn drawn(s: &Specimen, kind: DocumentKind) -> RgbImage {
    match kind {
        DocumentKind::CnIdFront => draw::id_front(fonts(), s, None),
        DocumentKind::CnIdBack => draw::id_back(fonts(), s),
        DocumentKind::Passport => draw::passport(fonts(), s, None),
        DocumentKind::Visa => draw::visa(fonts(), s, None),
        DocumentKind::BusinessLicence => draw::business_licence(fonts(), s),
        DocumentKind::Permit => draw::permit(fonts(), s, None),
    }
}

fn taken(documents: &[&RgbImage], scene: &Scene) -> Vec<u8> {
    jpeg(&photograph(documents, scene, 7).picture, 90).unwrap()
}

fn read(bytes: &[u8], expected: Option<DocumentKind>) -> DocumentReading {
    eyes().read_document(bytes, &Look { expected, portrait: false, today: TODAY }).unwrap()
}

fn values(reading: &DocumentReading) -> BTreeMap<FieldKey, String> {
    reading.fields.iter().map(|(k, f)| (*k, f.value.clone())).collect()
}

fn told(reading: &DocumentReading, code: ReasonCode) -> bool {
    reading.findings.iter().any(|f| f.code == code && f.severity == Severity::Fail)
}

/// What the picture itself shows to be wrong, beyond being a specimen.
fn complaints(reading: &DocumentReading) -> Vec<ReasonCode> {
    let heavy = reading.findings.iter().filter(|f| f.severity != Severity::Info);
    heavy.map(|f| f.code).filter(|c| *c != ReasonCode::DocumentSpecimen).collect()
}

#[test]
fn every_kind_of_document_is_read_exactly() {
    for (seed, kind) in (40..).zip(DocumentKind::ALL) {
        let s = Specimen::random(seed, TODAY);
        let reading = read(&taken(&[&drawn(&s, kind)], &Scene::default()), None);
        assert_eq!(reading.kind, Some(kind));
        assert_eq!(values(&reading), truth::fields(&s, kind), "{kind}");
        assert_eq!(complaints(&reading), [], "{kind}");
        assert!(reading.findings.iter().any(|f| f.code == ReasonCode::DocumentSpecimen), "{kind}");
        if let Some(mrz) = &reading.mrz {
            assert!(mrz.valid);
            let agreeing = reading.printed.iter().filter(|(k, f)| {
                let spaceless = |v: &str| v.replace(' ', "");
                reading.fields.get(k).is_some_and(|own| spaceless(&own.value) == spaceless(&f.value))
            });
            assert!(agreeing.count() >= 4, "{kind}: {:?}", reading.printed);
        }
    }
}

#[test]
fn a_card_is_read_whichever_way_it_lies() {
    let s = Specimen::random(3, TODAY);
    for angle in [0.0, 20.0, 75.0, 90.0, 180.0, 200.0, 270.0, -35.0] {
        let scene = Scene { angle, fill: 0.55, ..Scene::default() };
        let reading = read(&taken(&[&drawn(&s, DocumentKind::CnIdFront)], &scene), None);
        assert_eq!(values(&reading), truth::fields(&s, DocumentKind::CnIdFront), "{angle}°");
    }
}

#[test]
fn each_way_of_taking_it_badly_has_its_own_finding() {
    let s = Specimen::random(5, TODAY);
    let front = drawn(&s, DocumentKind::CnIdFront);
    let bad = [
        (ReasonCode::PhotoBlurred, Scene { blur: 9.0, ..Scene::default() }),
        (
            ReasonCode::PhotoBlurred,
            Scene { motion: Some(Motion { length: 24.0, angle: 0.0 }), ..Scene::default() },
        ),
        (
            ReasonCode::PhotoTooDark,
            Scene { light: Light { level: 0.15, falloff: 0.1, from: 0.0 }, ..Scene::default() },
        ),
        (
            ReasonCode::PhotoGlare,
            Scene { glare: Some(Ellipse { at: (0.4, 0.5), radius: (0.15, 0.12) }), ..Scene::default() },
        ),
        (
            ReasonCode::DocumentCovered,
            Scene { finger: Some(Ellipse { at: (0.5, 0.9), radius: (0.12, 0.2) }), ..Scene::default() },
        ),
        (ReasonCode::DocumentCutOff, Scene { offset: (0.33, 0.0), ..Scene::default() }),
        (ReasonCode::PhotoTooSmall, Scene { fill: 0.18, ..Scene::default() }),
    ];
    for (code, scene) in bad {
        let reading = read(&taken(&[&front], &scene), Some(DocumentKind::CnIdFront));
        assert!(told(&reading, code), "{code}: {:?} {:?}", reading.findings, reading.measures);
        let placed = reading.findings.iter().filter(|f| f.code == code);
        assert!(placed.clone().all(|f| f.region.is_some()), "{code} has no place");
    }
}

#[test]
fn the_other_side_another_document_two_and_none_are_told_apart() {
    let s = Specimen::random(6, TODAY);
    let (front, back) = (drawn(&s, DocumentKind::CnIdFront), drawn(&s, DocumentKind::CnIdBack));
    let of = |documents: &[&RgbImage]| {
        read(&taken(documents, &Scene { fill: 0.45, ..Scene::default() }), Some(DocumentKind::CnIdFront))
    };
    assert!(told(&of(&[&back]), ReasonCode::DocumentWrongSide));
    assert!(told(&of(&[&drawn(&s, DocumentKind::Passport)]), ReasonCode::DocumentWrongType));
    assert!(told(&of(&[&front, &back]), ReasonCode::DocumentSeveral));
    assert!(told(&of(&[]), ReasonCode::DocumentNotFound));
}

#[test]
fn pictures_of_anything_else_hold_no_document() {
    use shiren_testkit::pictures;
    let black = pictures::plain(1200, 900, [0; 3]);
    let white = pictures::plain(1200, 900, [255; 3]);
    for (what, picture) in [
        ("noise", pictures::noise(1200, 900, 1)),
        ("a cat", pictures::cat(1200, 900)),
        ("black", black.clone()),
        ("white", white.clone()),
    ] {
        let reading = read(&jpeg(&picture, 90).unwrap(), None);
        assert_eq!(reading.kind, None, "{what}");
        assert!(told(&reading, ReasonCode::DocumentNotFound), "{what}");
    }
    assert!(told(&read(&jpeg(&black, 90).unwrap(), None), ReasonCode::PhotoTooDark));
    assert!(told(&read(&jpeg(&white, 90).unwrap(), None), ReasonCode::PhotoTooBright));
}

/// Of so many licences, each photographed by hand, what was read: `SHIREN_LICENCES` says how many, by default a few.
#[test]
fn a_business_licence_is_read_from_photographs_taken_by_hand_and_nothing_wrong_is_sure() {
    let many = std::env::var("SHIREN_LICENCES").ok().and_then(|n| n.parse().ok()).unwrap_or(4u64);
    let (mut right, mut all, mut complained) = (0, 0, Vec::new());
    for seed in 100..100 + many {
        let s = Specimen::random(seed, TODAY);
        let sheet = drawn(&s, DocumentKind::BusinessLicence);
        let fill = std::env::var("SHIREN_FILL").ok().and_then(|n| n.parse().ok()).unwrap_or(0.82);
        let scene = Scene { fill, ..Scene::casual(seed, false) };
        let reading = read(&taken(&[&sheet], &scene), Some(DocumentKind::BusinessLicence));
        println!("{seed} {:?}", reading.measures);
        assert_eq!(reading.kind, Some(DocumentKind::BusinessLicence), "{seed}: {:?}", reading.findings);
        let truth = truth::fields(&s, DocumentKind::BusinessLicence);
        for (key, value) in &truth {
            let read = reading.fields.get(key);
            all += 1;
            right += u32::from(read.is_some_and(|f| f.value == *value));
            if let Some(wrong) = read.filter(|f| f.value != *value) {
                println!("{seed} {}: {} for {value}, {}", key.name(), wrong.value, wrong.confidence);
                assert!(wrong.confidence < 0.6, "{seed} {}: {wrong:?} for {value}", key.name());
            } else if read.is_none() {
                println!("{seed} {}: not read, {value}", key.name());
            }
        }
        let more = reading.fields.keys().find(|key| !truth.contains_key(key));
        assert_eq!(more, None, "{seed}: {reading:?}");
        complained.extend(complaints(&reading).into_iter().map(|code| (seed, code)));
    }
    println!("{right} of {all} fields, complaints {complained:?}");
    assert!(right * 100 >= all * 95, "{right} of {all} fields");
}

#[test]
fn a_licence_is_no_card_a_card_is_no_licence_and_a_small_one_is_told() {
    let s = Specimen::random(9, TODAY);
    let (front, licence) = (drawn(&s, DocumentKind::CnIdFront), drawn(&s, DocumentKind::BusinessLicence));
    let of = |picture: &RgbImage, kind, scene: &Scene| read(&taken(&[picture], scene), Some(kind));
    let sheet = Scene { rounded: false, ..Scene::default() };
    assert!(told(&of(&licence, DocumentKind::CnIdFront, &sheet), ReasonCode::DocumentWrongType));
    assert!(told(
        &of(&front, DocumentKind::BusinessLicence, &Scene::default()),
        ReasonCode::DocumentWrongType
    ));
    let far = of(&licence, DocumentKind::BusinessLicence, &Scene { fill: 0.15, ..sheet });
    assert!(told(&far, ReasonCode::PhotoTooSmall), "{:?} {:?}", far.findings, far.measures);
    for angle in [90.0, 180.0, 200.0] {
        let scene = Scene { angle, fill: 0.62, rounded: false, ..Scene::default() };
        let reading = of(&licence, DocumentKind::BusinessLicence, &scene);
        assert_eq!(values(&reading), truth::fields(&s, DocumentKind::BusinessLicence), "{angle}°");
    }
}
