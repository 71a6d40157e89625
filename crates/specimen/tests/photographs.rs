//! Documents are drawn as they should be, and photographs show what their scene says.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use jiff::civil::date;
use shiren_core::see::DocumentKind;
use shiren_specimen::{
    Ellipse, FaceBox, Fonts, Light, Motion, Photograph, Scene, Specimen, Table, draw, jpeg, photograph,
    portrait,
};

fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| Fonts::find(None).unwrap())
}

fn someone() -> Specimen {
    Specimen::random(3, date(2026, 11, 22))
}

fn card() -> &'static RgbImage {
    static CARD: OnceLock<RgbImage> = OnceLock::new();
    CARD.get_or_init(|| draw::id_front(fonts(), &someone(), None))
}

/// A small photograph, quick to make, without texture and noise.
fn small() -> Scene {
    Scene { size: (640, 480), table: Table::Plain([40, 60, 50]), noise: 0.0, ..Scene::default() }
}

fn take(scene: &Scene) -> Photograph {
    photograph(&[card()], scene, 1)
}

fn mean(picture: &RgbImage) -> f64 {
    picture.as_raw().iter().map(|v| f64::from(*v)).sum::<f64>() / picture.as_raw().len() as f64
}

/// Mean absolute step from pixel to pixel along rows: what blur takes away.
fn detail(picture: &RgbImage) -> f64 {
    let rows = picture.as_raw().chunks_exact(picture.width() as usize * 3);
    let steps = rows.flat_map(|row| row.iter().zip(&row[3..]).map(|(a, b)| f64::from(a.abs_diff(*b))));
    steps.sum::<f64>() / picture.as_raw().len() as f64
}

#[test]
fn every_document_is_marked_in_red_and_has_the_size_of_the_real_one() {
    let s = someone();
    for kind in DocumentKind::ALL {
        let aspect = match kind {
            DocumentKind::CnIdFront | DocumentKind::CnIdBack | DocumentKind::Permit => 85.6 / 54.0,
            DocumentKind::Passport => 125.0 / 88.0,
            DocumentKind::Visa => 120.0 / 80.0,
            DocumentKind::BusinessLicence => 297.0 / 210.0,
        };
        let document = draw::document(fonts(), &s, kind, None);
        let red = document.pixels().filter(|p| p[0] > 180 && p[1] < 70 && p[2] < 80).count();
        assert!(red > 3000, "{kind}: {red} red pixels");
        let (w, h) = document.dimensions();
        assert!((f64::from(w) / f64::from(h) - aspect).abs() < 0.01, "{kind}: {w} × {h}");
    }
}

#[test]
fn a_portrait_is_printed_where_the_frame_was() {
    let green = RgbImage::from_pixel(300, 400, Rgb([10, 200, 10]));
    let face = FaceBox { x: 100.0, y: 100.0, width: 100.0, height: 120.0 };
    let document = draw::id_front(fonts(), &someone(), Some(&portrait(&green, Some(face))));
    // 26 × 32 mm of 85.6 × 54.
    let share = document.pixels().filter(|p| p.0 == [10, 200, 10]).count() as f64
        / (document.width() * document.height()) as f64;
    assert!((share - 26.0 * 32.0 / (85.6 * 54.0)).abs() < 0.005, "{share}");
}

#[test]
fn two_people_have_two_cards() {
    let other = Specimen::random(4, date(2026, 11, 22));
    assert_ne!(card(), &draw::id_front(fonts(), &other, None));
    assert_eq!(card(), &draw::id_front(fonts(), &someone(), None));
}

#[test]
fn the_outline_is_where_the_card_is() {
    for angle in [0.0, 37.0, 90.0, 180.0, 261.0] {
        let p = take(&Scene { angle, fill: 0.5, perspective: 0.1, ..small() });
        let outline = p.outlines[0];
        let centre = outline.centre();
        for corner in outline.0 {
            let at = |share: f32| {
                let (x, y) =
                    (centre.x + (corner.x - centre.x) * share, centre.y + (corner.y - centre.y) * share);
                p.picture.get_pixel(x as u32, y as u32).0
            };
            assert!(at(0.85)[0] > 120, "card inside {corner:?} at {angle}°: {:?}", at(0.85));
            assert!(at(1.1)[0] < 60, "table outside {corner:?} at {angle}°: {:?}", at(1.1));
        }
        let (left, right) = (outline.0[0], outline.0[1]);
        let lies = (right.y - left.y).atan2(right.x - left.x).to_degrees().rem_euclid(360.0);
        assert!(
            ((lies - angle + 180.0).rem_euclid(360.0) - 180.0).abs() < 10.0,
            "{lies}° instead of {angle}°"
        );
    }
}

#[test]
fn light_and_blur_do_what_they_say() {
    let good = take(&small()).picture;
    let dark = take(&Scene { light: Light { level: 0.2, ..Light::default() }, ..small() }).picture;
    assert!((mean(&dark) / mean(&good) - 0.2).abs() < 0.02);
    let blurred = take(&Scene { blur: 4.0, ..small() }).picture;
    let moved = take(&Scene { motion: Some(Motion { length: 15.0, angle: 20.0 }), ..small() }).picture;
    for worse in [blurred, moved] {
        assert!(detail(&worse) < 0.6 * detail(&good));
        assert!((mean(&worse) - mean(&good)).abs() < 2.0, "blur takes no light away");
    }
}

#[test]
fn glare_and_finger_lie_where_they_should() {
    let spot = Ellipse { at: (0.3, 0.4), radius: (0.1, 0.15) };
    let scene = Scene { perspective: 0.0, angle: 0.0, ..small() };
    let (glare, finger) =
        (take(&Scene { glare: Some(spot), ..scene.clone() }), take(&Scene { finger: Some(spot), ..scene }));
    let (x, y, w, h) = glare.outlines[0].bounds();
    let (px, py) = ((x + 0.3 * w) as u32, (y + 0.4 * h) as u32);
    assert_eq!(glare.picture.get_pixel(px, py).0, [255; 3]);
    let skin = finger.picture.get_pixel(px, py).0;
    assert!(skin[0] > skin[1] && skin[1] > skin[2], "{skin:?}");
}

#[test]
fn several_documents_lie_one_below_the_other_and_an_offset_cuts_off() {
    let two = photograph(&[card(), card()], &Scene { angle: 0.0, ..small() }, 1).outlines;
    assert_eq!(two.len(), 2);
    assert!(two[0].0[3].y < two[1].0[0].y);
    let cut = take(&Scene { offset: (0.3, 0.0), ..small() }).outlines[0];
    assert!(cut.0[1].x > 640.0 && cut.0[0].x > 0.0);
}

#[test]
fn a_seed_gives_the_same_photograph_every_time() {
    let scene = Scene { noise: 2.0, table: Table::Wood([110, 80, 60]), ..small() };
    let a = photograph(&[card()], &scene, 9);
    assert_eq!(a.picture, photograph(&[card()], &scene, 9).picture);
    assert_ne!(a.picture, photograph(&[card()], &scene, 10).picture);
}

#[test]
fn a_photograph_is_written_as_a_jpeg() {
    let bytes = jpeg(&take(&small()).picture, 90).unwrap();
    assert!(bytes.starts_with(b"\xFF\xD8\xFF") && bytes.ends_with(b"\xFF\xD9"));
}

#[test]
fn casual_photographs_show_the_whole_document() {
    for seed in 0..40 {
        let scene = Scene { size: (320, 240), ..Scene::casual(seed, true) };
        let outline = photograph(&[card()], &scene, seed).outlines[0];
        let (x, y, w, h) = outline.bounds();
        assert!(x > 0.0 && y > 0.0 && x + w < 320.0 && y + h < 240.0, "{seed}: {outline:?}");
        assert!(outline.width() / 320.0 > 0.58, "{seed}: {outline:?}");
    }
}
