//! What the guide tells of drawn specimens in frames of 640 × 480, and what a frame costs.
//!
//! `cargo run --release -p shiren-vision --example measure_guide`

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Instant;

use image::RgbImage;
use jiff::civil::date;
use shiren_core::see::{CardGuide, CardHint, DocumentKind};
use shiren_specimen::{Ellipse, Fonts, Light, Motion, Scene, Specimen, draw, photograph, portrait};
use shiren_vision::document::glance;

const CARDS: u64 = 20;

fn main() -> Result<(), Box<dyn Error>> {
    let fonts = Fonts::find(None)?;
    let sample =
        std::env::args().nth(1).map(image::open).transpose()?.map(|p| portrait(&p.into_rgb8(), None));
    let (mut told, mut times) = (BTreeMap::<(&str, bool), (u32, u32)>::new(), Vec::new());
    for seed in 0..CARDS {
        let person = Specimen::random(900 + seed, date(2026, 11, 26));
        let front = draw::id_front(&fonts, &person, sample.as_ref());
        let back = draw::id_back(&fonts, &person);
        let sides = [(DocumentKind::CnIdFront, &front, &back), (DocumentKind::CnIdBack, &back, &front)];
        for (kind, card, other) in sides {
            for (name, scene, card, hints) in cases(seed, card, other) {
                let mut guide = CardGuide::new(kind);
                let mut hint = CardHint::Place;
                let (mut seen, mut taken) = (None, false);
                for frame in 0..4u64 {
                    let picture = photograph(&[card], &scene, 10 * seed + frame).picture;
                    let started = Instant::now();
                    let view = glance::at(&picture, kind);
                    times.push(started.elapsed().as_secs_f64() * 1000.0);
                    hint = guide.advance(&view, 200 * frame);
                    taken |= hint == CardHint::Take;
                    seen = Some(view);
                }
                let right = hints.contains(&hint) && (name == "good" || !taken);
                let count = told.entry((name, kind == DocumentKind::CnIdFront)).or_default();
                count.1 += 1;
                count.0 += u32::from(right);
                if !right {
                    println!("{name} {kind:?} seed {seed}: {hint:?} of {:?}", seen.and_then(|v| v.card));
                }
            }
        }
    }
    let (right, all) = told.values().fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
    for ((name, front), (right, all)) in told {
        println!("{name:12} {:5} {right}/{all}", if front { "front" } else { "back" });
    }
    times.sort_by(f64::total_cmp);
    println!(
        "{right} of {all} right; a frame takes {:.1} ms (p50), {:.1} ms (p95)",
        times[times.len() / 2],
        times[times.len() * 95 / 100]
    );
    Ok(())
}

type Case<'c> = (&'static str, Scene, &'c RgbImage, Vec<CardHint>);

fn cases<'c>(seed: u64, card: &'c RgbImage, other: &'c RgbImage) -> Vec<Case<'c>> {
    let good = Scene { size: (640, 480), blur: 0.5, ..Scene::casual(seed, true) };
    let lit = |level| Light { level, ..good.light };
    let spot = |x, y| Some(Ellipse { at: (x, y), radius: (0.14, 0.16) });
    vec![
        ("good", good.clone(), card, vec![CardHint::Take]),
        ("small", Scene { fill: 0.33, ..good.clone() }, card, vec![CardHint::Closer]),
        (
            "off centre",
            Scene { fill: 0.58, offset: (0.19, 0.0), ..good.clone() },
            card,
            vec![CardHint::Centre],
        ),
        (
            "cut",
            Scene { offset: (0.34, 0.0), ..good.clone() },
            card,
            vec![CardHint::Centre, CardHint::Farther, CardHint::Place],
        ),
        ("blurred", Scene { blur: 2.6, ..good.clone() }, card, vec![CardHint::HoldStill]),
        (
            "moved",
            Scene { motion: Some(Motion { length: 9.0, angle: 20.0 }), ..good.clone() },
            card,
            vec![CardHint::HoldStill],
        ),
        ("dark", Scene { light: lit(0.18), ..good.clone() }, card, vec![CardHint::MoreLight]),
        ("glare", Scene { glare: spot(0.35, 0.6), ..good.clone() }, card, vec![CardHint::Glare]),
        (
            "finger",
            Scene { finger: Some(Ellipse { at: (0.45, 0.95), radius: (0.09, 0.22) }), ..good.clone() },
            card,
            vec![CardHint::RemoveCover],
        ),
        ("wrong side", good.clone(), other, vec![CardHint::WrongSide]),
        ("on its head", Scene { angle: good.angle + 180.0, ..good }, card, vec![CardHint::Take]),
    ]
}
