//! Faces are found, judged and compared in photographs by the installed models
//! (`shiren models install --with-samples`).
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::sync::OnceLock;

use image::imageops::{self, FilterType};
use image::{Rgb, RgbImage};
use jiff::civil::date;
use shiren_core::see::{Band, Eyes, FaceReading, Shot};
use shiren_core::verification::{ReasonCode, Severity};
use shiren_specimen::jpeg;
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

fn eyes() -> &'static LocalEyes {
    static EYES: OnceLock<LocalEyes> = OnceLock::new();
    EYES.get_or_init(|| {
        LocalEyes::new(Library::open(&default_root().unwrap(), 2).unwrap(), Limits::default())
    })
}

/// A photograph that came with the sample pack.
fn sample(name: &str) -> Vec<u8> {
    std::fs::read(default_root().unwrap().join("samples").join(name)).unwrap()
}

fn decoded(name: &str) -> RgbImage {
    Picture::decode(&sample(name), &Limits::default()).unwrap().into_rgb()
}

fn face(bytes: &[u8]) -> FaceReading {
    eyes().read_face(bytes).unwrap().unwrap()
}

/// The codes of a selfie that do not pass: they fail, or a person must look.
fn complaints(picture: &RgbImage) -> Vec<ReasonCode> {
    let photo = eyes().check_photo(&jpeg(picture, 92).unwrap(), Shot::Selfie, date(2026, 11, 22)).unwrap();
    photo.findings.iter().filter(|f| f.severity != Severity::Info).map(|f| f.code).collect()
}

#[test]
fn one_person_is_the_same_and_two_are_not() {
    let him = ["obama.jpg", "obama2.jpg", "obama3.jpg"].map(|n| face(&sample(n)));
    let other = face(&sample("biden.jpg"));
    for (i, a) in him.iter().enumerate() {
        for b in &him[i + 1..] {
            let matched = eyes().compare(&a.template, &b.template).unwrap();
            assert_eq!(matched.band, Band::Same, "{matched:?}");
            assert!(matched.fmr <= 1e-4, "{matched:?}");
        }
        let matched = eyes().compare(&a.template, &other.template).unwrap();
        assert_eq!(matched.band, Band::Different, "{matched:?}");
    }
}

#[test]
fn comparing_does_not_care_which_picture_comes_first() {
    let [a, b] = ["obama.jpg", "biden.jpg"].map(|n| face(&sample(n)).template);
    assert_eq!(eyes().compare(&a, &b).unwrap(), eyes().compare(&b, &a).unwrap());
}

#[test]
fn a_face_is_the_same_whichever_way_the_phone_was_held() {
    for name in ["obama2.jpg", "biden.jpg"] {
        let upright = decoded(name);
        let template = face(&sample(name)).template;
        let turned =
            [imageops::rotate90(&upright), imageops::rotate180(&upright), imageops::rotate270(&upright)];
        for (quarters, turned) in (1..).zip(turned) {
            let read = face(&jpeg(&turned, 92).unwrap());
            let matched = eyes().compare(&template, &read.template).unwrap();
            assert_eq!(matched.band, Band::Same, "{name}, {quarters} quarter turns: {matched:?}");
        }
    }
}

#[test]
fn a_good_selfie_has_nothing_to_mend() {
    for name in ["obama.jpg", "obama2.jpg", "biden.jpg"] {
        assert_eq!(complaints(&decoded(name)), [], "{name}");
    }
}

#[test]
fn each_way_of_spoiling_a_selfie_has_its_own_finding() {
    let good = decoded("obama2.jpg");
    let reading = face(&sample("obama2.jpg"));
    let distance = reading.measures["eye_distance_px"];
    let scaled = |by: f32| {
        let (w, h) = ((good.width() as f32 * by) as u32, (good.height() as f32 * by) as u32);
        imageops::resize(&good, w, h, FilterType::Triangle)
    };
    let mut two = RgbImage::new(good.width() * 2, good.height());
    imageops::replace(&mut two, &good, 0, 0);
    let other = imageops::resize(&decoded("biden.jpg"), good.width(), good.height(), FilterType::Triangle);
    imageops::replace(&mut two, &other, i64::from(good.width()), 0);
    let lit = |by: f32| {
        let mut p = good.clone();
        p.pixels_mut().for_each(|p| p.0 = p.0.map(|v| (f32::from(v) * by) as u8));
        p
    };
    let (x, y, w, h) = reading.region.bounds();
    let mut shaded = good.clone();
    for (px, py, p) in shaded.enumerate_pixels_mut() {
        let (px, py) = (px as f32, py as f32);
        if px > x && px < x + w && py > y + 0.2 * h && py < y + 0.48 * h {
            *p = Rgb([18, 18, 20]);
        }
    }
    for (code, picture) in [
        (ReasonCode::FaceNotFound, RgbImage::from_pixel(640, 480, Rgb([120; 3]))),
        (ReasonCode::FaceTooSmall, scaled(24.0 / distance)),
        (ReasonCode::SeveralFaces, two),
        (ReasonCode::PhotoBlurred, imageops::blur(&good, 0.09 * distance)),
        (ReasonCode::PhotoTooDark, lit(0.12)),
        (ReasonCode::PhotoTooBright, lit(3.5)),
        (ReasonCode::FaceCovered, shaded),
    ] {
        let found = complaints(&picture);
        assert!(found.contains(&code), "{code}: {found:?}");
    }
}
