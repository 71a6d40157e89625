//! Opening pictures: formats, orientation, limits, bad files, metadata.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what tests share fails the test that calls it")]

use std::time::{Duration, Instant};

use image::RgbImage;
use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;
use shiren_testkit::bad_files::{self, Opens};
use shiren_testkit::pictures::{self, Jpeg, SamplingFactor};
use shiren_testkit::png::{self, Colour, Png};
use shiren_vision::picture::{Limits, Picture, metadata};

fn open(bytes: &[u8]) -> Picture {
    Picture::decode(bytes, &Limits::default()).unwrap()
}

fn refusal(bytes: &[u8], limits: &Limits) -> ReasonCode {
    match Picture::decode(bytes, limits) {
        Err(SeeError::Picture { code, .. }) => code,
        other => panic!("not refused: {other:?}"),
    }
}

/// Mean absolute difference of the channels.
fn difference(a: &RgbImage, b: &RgbImage) -> f64 {
    assert_eq!(a.dimensions(), b.dimensions());
    let sum: u64 = a.as_raw().iter().zip(b.as_raw()).map(|(x, y)| u64::from(x.abs_diff(*y))).sum();
    sum as f64 / a.as_raw().len() as f64
}

const SAMPLINGS: [SamplingFactor; 5] = [
    SamplingFactor::R_4_4_4,
    SamplingFactor::R_4_4_0,
    SamplingFactor::R_4_2_2,
    SamplingFactor::R_4_2_0,
    SamplingFactor::R_4_1_1,
];

#[test]
fn jpeg_of_every_kind_shows_what_was_written() {
    let scene = pictures::scene(250, 187, 1);
    for progressive in [false, true] {
        for sampling in SAMPLINGS {
            let kind = Jpeg { progressive, sampling, quality: 95, ..Jpeg::default() };
            assert!(difference(open(&kind.write(&scene)).rgb(), &scene) < 3.0, "{kind:?}");
            let ycck = open(&kind.write_ink(&scene, true));
            assert!(difference(ycck.rgb(), &scene) < 3.0, "YCCK {kind:?}");
            assert_eq!(ycck.findings()[0].code, ReasonCode::PictureCmyk);
            if sampling == SamplingFactor::R_4_4_4 {
                let cmyk = open(&kind.write_ink(&scene, false));
                assert!(difference(cmyk.rgb(), &scene) < 3.0, "CMYK {kind:?}");
                assert_eq!(cmyk.findings()[0].code, ReasonCode::PictureCmyk);
            }
            let grey = open(&kind.write_grey(&scene));
            let expected = RgbImage::from_fn(250, 187, |x, y| image::Rgb([scene.get_pixel(x, y)[1]; 3]));
            assert!(difference(grey.rgb(), &expected) < 3.0, "grey {kind:?}");
        }
    }
}

#[test]
fn a_jpeg_sampled_as_no_camera_does_is_refused_instead_of_shown_wrong() {
    use SamplingFactor as F;
    let scene = pictures::scene(64, 64, 2);
    let cmyk = Jpeg::default().write_ink(&scene, false);
    let odd = [F::R_4_1_0, F::R_4_4_1, F::R_4_2_1]
        .map(|sampling| Jpeg { sampling, ..Jpeg::default() }.write(&scene));
    for file in odd.iter().chain([&cmyk]) {
        assert_eq!(refusal(file, &Limits::default()), ReasonCode::PictureFormatUnknown);
    }
}

#[test]
fn ink_without_adobes_marker_is_not_inverted() {
    let scene = pictures::scene(64, 64, 2);
    let inverted =
        Jpeg { quality: 98, sampling: SamplingFactor::R_4_4_4, ..Jpeg::default() }.write_ink(&scene, false);
    let at = inverted.windows(5).position(|w| w == b"Adobe").unwrap();
    let mut plain = inverted.clone();
    plain.drain(at - 4..at + 12);
    // The same numbers, now as ink: full light in the fourth channel becomes full black.
    assert!(open(&plain).rgb().as_raw().iter().all(|v| *v < 3));
    assert!(difference(open(&inverted).rgb(), &scene) < 3.0);
}

#[test]
fn png_of_every_kind_shows_what_was_written() {
    let scene = pictures::scene(101, 67, 3);
    for interlaced in [false, true] {
        for depth in [8, 16] {
            for colour in [Colour::Grey, Colour::Rgb, Colour::Rgba] {
                let kind = Png { colour, depth, interlaced, ..Png::default() };
                let expected = RgbImage::from_fn(101, 67, |x, y| {
                    let p = *scene.get_pixel(x, y);
                    match colour {
                        Colour::Grey => image::Rgb([p[1]; 3]),
                        Colour::Rgba if x >= 50 => image::Rgb([255; 3]),
                        _ => p,
                    }
                });
                let picture = open(&kind.write(&scene));
                assert_eq!(picture.rgb(), &expected, "{kind:?}");
                let told: Vec<_> = picture.findings().iter().map(|f| f.code).collect();
                assert_eq!(told, if depth == 16 { vec![ReasonCode::PictureDeepColour] } else { vec![] });
            }
        }
        let kind = Png { colour: Colour::Palette, interlaced, ..Png::default() };
        let expected = RgbImage::from_fn(101, 67, |x, y| match scene.get_pixel(x, y)[1] {
            0 => image::Rgb([255; 3]),
            g => image::Rgb([g; 3]),
        });
        assert_eq!(open(&kind.write(&scene)).rgb(), &expected);
    }
}

#[test]
fn lossless_webp_shows_what_was_written() {
    let scene = pictures::scene(90, 120, 4);
    assert_eq!(open(&pictures::webp(&scene)).rgb(), &scene);
}

#[test]
fn lossy_webp_shows_what_was_written_and_white_where_it_is_transparent() {
    // Written as red 3x, green 4y, blue 2(x + y); right of the middle with an alpha of 120.
    let picture = open(include_bytes!("data/lossy-alpha.webp"));
    let over_white = |v: u32, x: u32| if x < 32 { v } else { (v * 120 + 255 * 135) / 255 } as u8;
    let expected =
        RgbImage::from_fn(64, 48, |x, y| image::Rgb([3 * x, 4 * y, 2 * (x + y)].map(|v| over_white(v, x))));
    assert!(difference(picture.rgb(), &expected) < 6.0, "{}", difference(picture.rgb(), &expected));
}

/// How the upright picture looks when it was stored the way each EXIF value says.
fn stored_as(orientation: u8, upright: &RgbImage) -> RgbImage {
    use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
    match orientation {
        2 => flip_horizontal(upright),
        3 => rotate180(upright),
        4 => flip_vertical(upright),
        5 => flip_horizontal(&rotate90(upright)),
        6 => rotate270(upright),
        7 => flip_horizontal(&rotate270(upright)),
        8 => rotate90(upright),
        _ => upright.clone(),
    }
}

#[test]
fn a_picture_taken_any_way_up_comes_out_upright_and_stays_so_without_its_metadata() {
    let upright = pictures::scene(133, 70, 5);
    for orientation in 0..=9 {
        let stored = stored_as(orientation, &upright);
        let exif = pictures::telling_exif(orientation);
        let chunk: Vec<(&[u8; 4], Vec<u8>)> = vec![(b"eXIf", exif.clone())];
        let png = Png { extra: chunk, ..Png::default() }.write(&stored);
        let webp = with_exif(&pictures::webp(&stored), &exif, stored.dimensions());
        for lossless in [png, webp] {
            assert_eq!(open(&lossless).rgb(), &upright, "{orientation}");
            let kept = metadata::strip(&lossless, &Limits::default()).unwrap();
            assert_eq!(open(&kept).rgb(), &upright, "{orientation}, stripped");
        }
        let jpeg = Jpeg { exif: Some(exif), quality: 98, ..Jpeg::default() }.write(&stored);
        let before = open(&jpeg);
        assert!(difference(before.rgb(), &upright) < 4.0, "{orientation}");
        let kept = metadata::strip(&jpeg, &Limits::default()).unwrap();
        assert_eq!(open(&kept).rgb(), before.rgb(), "{orientation}, stripped");
    }
}

/// An extended WebP around a simple one, with metadata of every kind behind the picture.
fn with_exif(simple: &[u8], exif: &[u8], (w, h): (u32, u32)) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x0C\0\0\0".to_vec();
    file.extend(&(w - 1).to_le_bytes()[..3]);
    file.extend(&(h - 1).to_le_bytes()[..3]);
    file.extend(&simple[12..]);
    for (kind, data) in [(b"EXIF", exif), (b"XMP ", &b"<x>TellTaleWords</x>"[..])] {
        file.extend(kind);
        file.extend((data.len() as u32).to_le_bytes());
        file.extend(data);
    }
    let size = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&size);
    file
}

#[test]
fn nothing_that_tells_on_its_owner_is_kept() {
    let scene = pictures::scene(80, 60, 6);
    let exif = pictures::telling_exif(6);
    let text = b"Comment\0TellTaleWords".to_vec();
    let chunks: Vec<(&[u8; 4], Vec<u8>)> =
        vec![(b"eXIf", exif.clone()), (b"tEXt", text), (b"zzZz", b"TellTale".to_vec())];
    let mut png = Png { extra: chunks, ..Png::default() }.write(&scene);
    let mut jpeg = Jpeg { exif: Some(exif.clone()), ..Jpeg::default() }.write(&scene);
    for segment in [
        &b"\xFF\xFE\0\x0FTellTaleWords"[..],
        b"\xFF\xE1\0\x13http://ns TellTale",
        b"\xFF\xED\0\x0ATellTale",
        b"\xFF\xE2\0\x0ATellTale",
    ] {
        jpeg.splice(2..2, segment.iter().copied());
    }
    let mut webp = with_exif(&pictures::webp(&scene), &exif, scene.dimensions());
    for file in [&mut png, &mut jpeg, &mut webp] {
        file.extend(b"TellTaleTrailer");
        assert!(file.windows(8).filter(|w| w == b"TellTale").count() >= 5);
        let kept = metadata::strip(file, &Limits::default()).unwrap();
        assert!(!kept.windows(8).any(|w| w == b"TellTale"));
        assert_eq!(open(&kept).rgb(), open(file).rgb());
        assert_eq!(
            metadata::strip(&kept, &Limits::default()).unwrap(),
            kept,
            "stripping twice changes nothing"
        );
    }
}

#[test]
fn every_bad_file_gets_its_own_answer_at_once() {
    for file in bad_files::corpus() {
        let start = Instant::now();
        match (Picture::decode(&file.bytes, &Limits::default()), file.opens) {
            (Err(SeeError::Picture { code, .. }), Opens::No(expected)) => {
                assert_eq!(code, expected, "{}", file.name);
                // The widest margin that is still a bound, for machines that do other work besides.
                assert!(start.elapsed() < Duration::from_millis(50), "{}: {:?}", file.name, start.elapsed());
            }
            (Ok(picture), Opens::Telling(code)) => {
                assert_eq!(picture.findings()[0].code, code, "{}", file.name)
            }
            (Ok(picture), Opens::Yes) => assert!(picture.findings().is_empty(), "{}", file.name),
            (got, expected) => panic!("{}: expected {expected:?}, got {got:?}", file.name),
        }
    }
}

#[test]
fn every_cut_through_a_file_is_noticed() {
    let scene = pictures::scene(48, 40, 8);
    let jpeg = Jpeg { progressive: true, ..Jpeg::default() }.write(&scene);
    for whole in [Jpeg::default().write(&scene), jpeg, Png::default().write(&scene), pictures::webp(&scene)] {
        open(&whole);
        for end in 1..whole.len() {
            let code = refusal(&whole[..end], &Limits::default());
            assert!(
                matches!(code, ReasonCode::PictureBroken | ReasonCode::PictureFormatUnknown),
                "{code} at {end} of {}",
                whole.len()
            );
        }
    }
}

#[test]
fn a_jpeg_whose_middle_is_missing_is_broken_even_with_its_end_in_place() {
    for progressive in [false, true] {
        let mut jpeg = Jpeg { progressive, ..Jpeg::default() }.write(&pictures::scene(320, 240, 9));
        let n = jpeg.len();
        jpeg.drain(n / 2..n - 2);
        assert_eq!(refusal(&jpeg, &Limits::default()), ReasonCode::PictureBroken);
    }
}

#[test]
fn a_jpeg_with_a_missing_restart_is_broken() {
    for progressive in [false, true] {
        let whole = Jpeg { restart: 4, progressive, ..Jpeg::default() }.write(&pictures::scene(320, 240, 9));
        open(&whole);
        let marker = |n: u8| whole.windows(2).position(|w| w == [0xFF, 0xD0 + n]).unwrap();
        let mut missing = whole.clone();
        missing.drain(marker(2)..marker(3));
        assert_eq!(refusal(&missing, &Limits::default()), ReasonCode::PictureBroken);
    }
}

#[test]
fn what_follows_the_picture_is_not_looked_at() {
    let scene = pictures::scene(60, 50, 10);
    for mut file in [Jpeg::default().write(&scene), Png::default().write(&scene), pictures::webp(&scene)] {
        let alone = open(&file).into_rgb();
        file.extend(b"PK\x03\x04<script>%PDF-1.7\xFF\xD8\xFF");
        assert_eq!(open(&file).rgb(), &alone);
    }
}

#[test]
fn limits_are_held_before_anything_is_decoded() {
    let scene = pictures::scene(400, 300, 11);
    for file in [Jpeg::default().write(&scene), Png::default().write(&scene), pictures::webp(&scene)] {
        let fits = Limits { pixels: 120_000, side: 400, bytes: file.len(), ..Limits::default() };
        Picture::decode(&file, &fits).unwrap();
        let too_many = ReasonCode::PictureTooManyPixels;
        assert_eq!(refusal(&file, &Limits { pixels: 119_999, ..fits }), too_many);
        assert_eq!(refusal(&file, &Limits { side: 399, ..fits }), too_many);
        assert_eq!(refusal(&file, &Limits { memory: 300_000, ..fits }), too_many);
        assert_eq!(refusal(&file, &Limits { bytes: file.len() - 1, ..fits }), ReasonCode::PictureTooLarge);
        assert_eq!(refusal(&file, &Limits { min_side: 301, ..fits }), ReasonCode::PictureTooSmall);
    }
}

#[test]
fn a_progressive_jpeg_with_endless_scans_is_refused_at_once() {
    let jpeg = Jpeg { progressive: true, ..Jpeg::default() }.write(&pictures::scene(64, 64, 12));
    let last_scan = jpeg.windows(2).rposition(|w| w == b"\xFF\xDA").unwrap();
    let scan = jpeg[last_scan..jpeg.len() - 2].to_vec();
    let mut bomb = jpeg[..jpeg.len() - 2].to_vec();
    while bomb.len() < 10_000_000 {
        bomb.extend(&scan);
    }
    bomb.extend(b"\xFF\xD9");
    let start = Instant::now();
    assert_eq!(refusal(&bomb, &Limits::default()), ReasonCode::PictureBroken);
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
}

#[test]
fn a_jpeg_stuffed_with_segments_costs_no_more_than_its_length() {
    let jpeg = Jpeg::default().write(&pictures::scene(64, 64, 13));
    // Extended XMP parts, which a reader may sort anew after each one.
    let mut part = b"\xFF\xE1\0\x4Fhttp://ns.adobe.com/xmp/extension/\0".to_vec();
    part.resize(81, b'0');
    let mut bomb = jpeg[..2].to_vec();
    while bomb.len() < 19_000_000 {
        bomb.extend(&part);
    }
    bomb.extend(&jpeg[2..]);
    let start = Instant::now();
    open(&bomb);
    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
}

#[test]
fn a_png_of_one_frame_that_calls_itself_an_animation_is_a_still() {
    assert_eq!(open(&png::animation(1)).rgb().dimensions(), (64, 64));
}
