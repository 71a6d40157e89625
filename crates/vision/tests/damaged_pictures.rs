//! Damaged files never panic, never take long, and never grow past their limits.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use shiren_testkit::pictures::{self, Jpeg};
use shiren_testkit::png::{Colour, Png};
use shiren_vision::picture::{Limits, Picture, metadata};

/// One small file of each kind.
fn seeds() -> Vec<Vec<u8>> {
    let scene = pictures::scene(72, 56, 21);
    let exif = Some(pictures::telling_exif(6));
    let png = |colour, depth, interlaced| Png { colour, depth, interlaced, ..Png::default() }.write(&scene);
    vec![
        Jpeg { exif: exif.clone(), ..Jpeg::default() }.write(&scene),
        Jpeg { progressive: true, exif, ..Jpeg::default() }.write(&scene),
        Jpeg { restart: 3, ..Jpeg::default() }.write(&scene),
        Jpeg { restart: 3, progressive: true, ..Jpeg::default() }.write(&scene),
        Jpeg::default().write_ink(&scene, true),
        Jpeg::default().write_grey(&scene),
        png(Colour::Rgb, 8, false),
        png(Colour::Rgba, 16, true),
        png(Colour::Palette, 8, false),
        pictures::webp(&scene),
        LOSSY_WEBP.to_vec(),
    ]
}

/// 64 × 48 pixels, lossy, with alpha (libwebp 1.5).
const LOSSY_WEBP: &[u8] = include_bytes!("data/lossy-alpha.webp");

/// One way to damage a file; positions are fractions of its length.
#[derive(Clone, Debug)]
enum Damage {
    Set(f64, u8),
    Flip(f64, u8),
    Remove(f64, usize),
    Repeat(f64, usize),
    Insert(f64, Vec<u8>),
    Cut(f64),
}

impl Damage {
    fn apply(&self, file: &mut Vec<u8>) {
        if file.is_empty() {
            return;
        }
        let at = |f: f64| ((f * file.len() as f64) as usize).min(file.len() - 1);
        match self {
            Self::Set(f, value) => {
                let i = at(*f);
                file[i] = *value
            }
            Self::Flip(f, bit) => {
                let i = at(*f);
                file[i] ^= 1 << (bit & 7)
            }
            Self::Remove(f, n) => {
                let i = at(*f);
                let end = (i + n).min(file.len());
                drop(file.drain(i..end))
            }
            Self::Repeat(f, n) => {
                let i = at(*f);
                let end = (i + n).min(file.len());
                let part = file[i..end].to_vec();
                drop(file.splice(i..i, part))
            }
            Self::Insert(f, bytes) => {
                let i = at(*f);
                drop(file.splice(i..i, bytes.iter().copied()))
            }
            Self::Cut(f) => {
                let i = at(*f);
                file.truncate(i)
            }
        }
    }
}

/// The front, where the headers are, is hit more often.
fn place() -> impl Strategy<Value = f64> {
    prop_oneof![(0.0..1.0f64).prop_map(|f| f * f * f), 0.0..1.0f64]
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![any::<u8>(), Just(0), Just(0xFF), Just(0xD8), Just(0xDA), Just(0x7F), Just(0x80)];
    prop_oneof![
        4 => (place(), byte.clone()).prop_map(|(f, b)| Damage::Set(f, b)),
        4 => (place(), any::<u8>()).prop_map(|(f, b)| Damage::Flip(f, b)),
        1 => (place(), 1..40usize).prop_map(|(f, n)| Damage::Remove(f, n)),
        1 => (place(), 1..200usize).prop_map(|(f, n)| Damage::Repeat(f, n)),
        1 => (place(), prop::collection::vec(byte, 1..20)).prop_map(|(f, b)| Damage::Insert(f, b)),
        1 => place().prop_map(Damage::Cut),
    ]
}

fn survives(file: &[u8]) -> Result<(), TestCaseError> {
    let start = Instant::now();
    // Damage may announce millions of pixels; these bound what a test may cost.
    let limits = Limits { pixels: 1_000_000, memory: 16 << 20, ..Limits::default() };
    if let Ok(picture) = Picture::decode(file, &limits) {
        let (w, h) = picture.rgb().dimensions();
        prop_assert!(u64::from(w) * u64::from(h) <= limits.pixels);
    }
    if let Ok(kept) = metadata::strip(file, &limits) {
        prop_assert!(metadata::strip(&kept, &limits).is_ok_and(|again| again == kept));
    }
    prop_assert!(start.elapsed() < Duration::from_secs(2), "took {:?}", start.elapsed());
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_refused_or_opened_and_nothing_else(
        seed in prop::sample::select(seeds()),
        damages in prop::collection::vec(damage(), 1..6),
    ) {
        let mut file = seed;
        for d in damages {
            d.apply(&mut file);
        }
        survives(&file)?;
    }

    #[test]
    fn bytes_behind_a_true_beginning_never_panic(
        start in prop::sample::select(vec![
            &b"\xFF\xD8\xFF"[..], b"\x89PNG\r\n\x1A\n", b"RIFF\x40\0\0\0WEBPVP8X", b"RIFF\x40\0\0\0WEBPVP8 ", b"GIF89a", b"<svg", b"",
        ]),
        rest in prop::collection::vec(any::<u8>(), 0..300),
    ) {
        survives(&[start, &rest].concat())?;
    }
}
