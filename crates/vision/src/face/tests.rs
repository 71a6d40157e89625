//! The whole face side over drawn faces, which fake networks see.

use std::sync::Arc;

use image::RgbImage;
use ndarray::{ArrayD, IxDyn};
use proptest::prelude::*;
use shiren_core::see::{Band, FaceTemplate, Point, SeeError};
use shiren_core::verification::ReasonCode;

use super::fake::{self, Always, draw, drawn};
use super::*;

fn reader() -> FaceReader {
    FaceReader::new(fake::models())
}

fn near(a: Point, b: Point, tolerance: f32) {
    assert!(a.distance(b) <= tolerance, "{a:?} is not within {tolerance} of {b:?}");
}

fn codes(picture: &RgbImage) -> Vec<ReasonCode> {
    reader().check_selfie(picture).unwrap().findings.iter().map(|f| f.code).collect()
}

#[test]
fn a_face_is_found_where_it_is() {
    let picture = drawn(900, 600, Point::new(500.0, 200.0), 120.0, 0.2);
    let faces = reader().find(&picture).unwrap();
    assert_eq!(faces.len(), 1);
    let [left, right] = faces[0].eyes();
    near(left, Point::new(441.2, 188.1), 2.0);
    near(right, Point::new(558.8, 211.9), 2.0);
    assert!((faces[0].pose().roll - 0.2f32.to_degrees()).abs() < 1.0);
}

#[test]
fn a_face_is_found_whichever_way_the_phone_was_held() {
    for quarters in 1..4u8 {
        let angle = f32::from(quarters) * std::f32::consts::FRAC_PI_2;
        let picture = drawn(500, 700, Point::new(250.0, 330.0), 100.0, angle);
        let faces = reader().find(&picture).unwrap();
        let left = Point::new(250.0 - 50.0 * angle.cos(), 330.0 - 50.0 * angle.sin());
        near(faces[0].eyes()[0], left, 2.0);
    }
}

#[test]
fn a_small_face_is_found_at_the_second_size() {
    // At 256 pixels these eyes are 9 apart, at 512 they are 18.
    let picture = drawn(1280, 960, Point::new(300.0, 700.0), 46.0, 0.0);
    near(reader().find(&picture).unwrap()[0].eyes()[1], Point::new(323.0, 700.0), 2.0);
}

#[test]
fn the_portrait_of_a_card_is_found_upside_down() {
    let picture = drawn(1000, 700, Point::new(700.0, 300.0), 60.0, std::f32::consts::PI);
    let face = reader().find_portrait(&picture).unwrap().unwrap();
    near(face.eyes()[0], Point::new(730.0, 300.0), 2.0);
}

#[test]
fn a_region_frames_the_face_along_its_eyes() {
    let picture = drawn(600, 600, Point::new(300.0, 250.0), 100.0, 0.3);
    let face = &reader().find(&picture).unwrap()[0];
    let region = face.region();
    let top = region.0[1];
    let slope = (top.y - region.0[0].y).atan2(top.x - region.0[0].x);
    assert!((slope - 0.3).abs() < 0.02, "{slope}");
    assert!((region.width() - 210.0).abs() < 6.0 && (region.height() - 270.0).abs() < 12.0, "{region:?}");
}

#[test]
fn a_picture_without_a_face_says_so_and_why() {
    let grey = RgbImage::from_pixel(300, 300, image::Rgb([120; 3]));
    assert_eq!(reader().find(&grey).unwrap(), vec![]);
    assert_eq!(codes(&grey), [ReasonCode::FaceNotFound]);
    assert_eq!(codes(&RgbImage::new(300, 300)), [ReasonCode::FaceNotFound, ReasonCode::PhotoTooDark]);
    let white = RgbImage::from_pixel(300, 300, image::Rgb([255; 3]));
    assert_eq!(codes(&white), [ReasonCode::FaceNotFound, ReasonCode::PhotoTooBright]);
    assert_eq!(reader().read_selfie(&grey).unwrap().face, None);
}

#[test]
fn a_face_with_less_than_sixty_pixels_between_the_eyes_is_too_small() {
    let at = |distance| codes(&drawn(600, 600, Point::new(300.0, 300.0), distance, 0.0));
    assert!(at(55.0).contains(&ReasonCode::FaceTooSmall));
    assert!(!at(66.0).contains(&ReasonCode::FaceTooSmall));
}

#[test]
fn a_face_half_outside_is_cut_off() {
    let at = |x| codes(&drawn(600, 600, Point::new(x, 300.0), 100.0, 0.0));
    assert!(at(60.0).contains(&ReasonCode::FaceCutOff));
    assert!(!at(300.0).contains(&ReasonCode::FaceCutOff));
}

#[test]
fn pictures_of_every_shape_are_survived() {
    for (w, h) in [(0, 0), (1, 1), (1, 5000), (5000, 1), (2, 3), (31, 4000), (4000, 31)] {
        let picture = RgbImage::from_pixel(w, h, image::Rgb([200, 10, 10]));
        assert_eq!(reader().find(&picture).unwrap(), vec![], "{w}×{h}");
        assert!(codes(&picture).contains(&ReasonCode::FaceNotFound), "{w}×{h}");
        assert_eq!(reader().find_portrait(&picture).unwrap(), None, "{w}×{h}");
    }
}

#[test]
fn a_large_face_is_read_like_the_same_face_small() {
    let small = drawn(400, 400, Point::new(200.0, 180.0), 70.0, 0.1);
    let large = drawn(4000, 4000, Point::new(2000.0, 1800.0), 700.0, 0.1);
    let read = |p: &RgbImage| reader().read_selfie(p).unwrap().face.unwrap().template;
    let (a, b) = (read(&small), read(&large));
    for (a, b) in a.vectors.iter().flatten().zip(b.vectors.iter().flatten()) {
        assert!((a - b).abs() < 3.0, "{a} {b}");
    }
}

#[test]
fn a_mirrored_pass_makes_left_and_right_alike() {
    let mut picture = drawn(400, 400, Point::new(200.0, 180.0), 80.0, 0.0);
    image::imageops::replace(&mut picture, &RgbImage::from_pixel(90, 400, image::Rgb([255; 3])), 0, 0);
    let face = reader().read_selfie(&picture).unwrap().face.unwrap();
    let recogniser = &face.template.vectors[0];
    assert!(
        (recogniser[0] - recogniser[1]).abs() < 1.0,
        "the mean of both ways round: {:?}",
        &recogniser[..2]
    );
}

#[test]
fn templates_of_two_sets_are_not_compared() {
    let picture = drawn(400, 400, Point::new(200.0, 180.0), 80.0, 0.0);
    let default = reader();
    let other = FaceReader::new(fake::models_with_mobileface());
    let a = default.read_selfie(&picture).unwrap().face.unwrap().template;
    let b = other.read_selfie(&picture).unwrap().face.unwrap().template;
    assert_eq!(a.recogniser, RecogniserSet::Default.name());
    assert!(matches!(default.compare(&a, &b), Err(SeeError::Incomparable(_, _))));
    let own = default.compare(&a, &a).unwrap();
    assert_eq!(own.band, Band::Same);
    assert!(own.fmr <= 1e-4);
}

#[test]
fn a_template_that_was_tampered_with_is_refused() {
    let set = RecogniserSet::Default.name().to_owned();
    let template = |vectors| FaceTemplate { recogniser: set.clone(), vectors };
    let good = template(vec![vec![1.0; 128], vec![1.0; 1024]]);
    for bad in [
        vec![],
        vec![vec![1.0; 128]],
        vec![vec![1.0; 127], vec![1.0; 1024]],
        vec![vec![0.0; 128], vec![f32::NAN; 1024]],
    ] {
        assert!(reader().compare(&good, &template(bad.clone())).is_err(), "{bad:?}");
    }
}

#[test]
fn a_network_of_another_shape_is_an_error_that_names_it() {
    let wrong = || Arc::new(Always(vec![ArrayD::zeros(IxDyn(&[1, 7]))]));
    let picture = drawn(400, 400, Point::new(200.0, 180.0), 80.0, 0.0);
    let broken = [
        ("face-detector", FaceModels { detector: wrong(), ..fake::models() }),
        ("face-mesh", FaceModels { mesh: wrong(), ..fake::models() }),
        ("face-recogniser", FaceModels { recogniser: wrong(), ..fake::models() }),
        ("face-features", FaceModels { second: SecondRecogniser::Features(wrong()), ..fake::models() }),
    ];
    for (name, models) in broken {
        let error = FaceReader::new(models).read_selfie(&picture).unwrap_err();
        assert_eq!(error.model, name);
        assert!(error.detail.contains("[1, 7]"), "{error}");
    }
}

#[test]
fn two_people_are_too_many() {
    // The drawn world sees one face at a time: the network is told what to say.
    let mut scores = ArrayD::from_elem(IxDyn(&[1, 512, 1]), -9.0);
    let mut numbers = ArrayD::zeros(IxDyn(&[1, 512, 16]));
    for (column, x) in [(3usize, 56.0), (11, 184.0)] {
        let anchor = (8 * 16 + column) * 2;
        scores[[0, anchor, 0]] = 3.0;
        let values = [0.0, 0.0, 90.0, 90.0, -20.0, -15.0, 20.0, -15.0];
        assert_eq!(column as f32 * 16.0 + 8.0, x);
        for (i, v) in values.into_iter().enumerate() {
            numbers[[0, anchor, i]] = v;
        }
    }
    let other = ArrayD::from_elem(IxDyn(&[1, 384, 1]), -9.0);
    let detector = Always(vec![scores, other, numbers, ArrayD::zeros(IxDyn(&[1, 384, 16]))]);
    let mut picture = drawn(256, 256, Point::new(56.0, 121.0), 40.0, 0.0);
    draw(&mut picture, Point::new(184.0, 121.0), 40.0, 0.0);
    let reader = FaceReader::new(FaceModels { detector: Arc::new(detector), ..fake::models() });
    let found = reader.find(&picture).unwrap();
    assert_eq!(found.len(), 2);
    let findings = |card| {
        let reading = match card {
            None => reader.check_selfie(&picture),
            card => reader.find(&picture).map(|faces| FaceReader::check_handheld(&picture, &faces, card)),
        };
        reading.unwrap().findings.iter().any(|f| f.code == ReasonCode::SeveralFaces)
    };
    assert!(findings(None));
    assert!(!findings(Some(found[1].region())), "the portrait on the card in the hand is nobody else");
    assert!(findings(Some(shiren_core::see::Region::rect(0.0, 0.0, 5.0, 5.0))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_mesh_says_nothing_breaks(
        values in prop::collection::vec(prop_oneof![any::<f32>(), -400f32..400.0, Just(f32::NAN)], 97),
        logit in any::<f32>(),
    ) {
        let points = ArrayD::from_shape_fn(IxDyn(&[1, 1404]), |p| values[p[1] % values.len()]);
        let mesh = Arc::new(Always(vec![points, ArrayD::from_elem(IxDyn(&[1, 1]), logit)]));
        let reader = FaceReader::new(FaceModels { mesh, ..fake::models() });
        let picture = drawn(200, 150, Point::new(100.0, 70.0), 40.0, 0.0);
        if let Ok(selfie) = reader.read_selfie(&picture) {
            for (name, value) in &selfie.photo.measures {
                prop_assert!(!value.is_nan(), "{name}");
            }
        }
    }

    #[test]
    fn a_face_is_found_anywhere(x in 150f32..650.0, y in 150f32..450.0, distance in 40f32..120.0, angle in -0.4f32..0.4) {
        let picture = drawn(800, 600, Point::new(x, y), distance, angle);
        let [l, r] = reader().find(&picture).unwrap()[0].eyes();
        let middle = Point::new((l.x + r.x) / 2.0, (l.y + r.y) / 2.0);
        prop_assert!(middle.distance(Point::new(x, y)) < 0.05 * distance + 1.0);
        prop_assert!((l.distance(r) / distance - 1.0).abs() < 0.05);
    }
}
