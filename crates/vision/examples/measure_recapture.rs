//! Counts on how many photographs of cards a screen or a print is found, as `docs/measurements.md` tells, Screens and
//! prints.
//!
//! `cargo run --release -p shiren-vision --example measure_recapture -- HOW_MANY [PICTURE…]`
//!
//! So many drawn cards are photographed as they are, from a **simulated** screen, and from a **simulated** print; then
//! the pictures given. The models are those below `$SHIREN_MODELS`.

use std::error::Error;

use jiff::civil::{Date, date};
use shiren_core::see::{Eyes, Look};
use shiren_core::verification::ReasonCode;
use shiren_specimen::{Fonts, Scene, Specimen, draw, jpeg, photograph};
use shiren_testkit::recapture;
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::Limits;

type Outcome<T> = Result<T, Box<dyn Error>>;

const TODAY: Date = date(2026, 11, 22);

/// What was found on pictures of one kind.
#[derive(Default)]
struct Row {
    found: u32,
    judged: u32,
    of: u32,
    brightness: Vec<f32>,
    colour: Vec<f32>,
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let many: u64 = arguments.next().ok_or("see the top of this file")?.parse()?;
    let eyes = LocalEyes::new(Library::open(&default_root()?, 2)?, Limits::default());
    let fonts = Fonts::find(None)?;
    let mut rows = [Row::default(), Row::default(), Row::default(), Row::default()];
    for seed in 0..many {
        let person = Specimen::random(seed, TODAY);
        for (side, card) in
            [draw::id_front(&fonts, &person, None), draw::id_back(&fonts, &person)].iter().enumerate()
        {
            let quality = 82 + (seed % 14) as u8;
            let seed = 2 * seed + side as u64;
            let direct = photograph(&[card], &Scene::casual(seed, true), seed).picture;
            look(&eyes, &jpeg(&direct, quality)?, &mut rows[0])?;
            look(&eyes, &jpeg(&recapture::on_screen(card, seed), quality)?, &mut rows[1])?;
            look(&eyes, &jpeg(&recapture::on_paper(card, seed), quality)?, &mut rows[2])?;
        }
    }
    for file in arguments {
        let before = rows[3].found;
        look(&eyes, &std::fs::read(&file)?, &mut rows[3])?;
        if rows[3].found > before {
            println!("found: {file}");
        }
    }
    for (name, row) in ["drawn cards", "on a simulated screen", "on a simulated print", "pictures given"]
        .iter()
        .zip(&mut rows)
    {
        println!("{name}: found {} of {}, judged {}", row.found, row.of, row.judged);
        for (what, values) in [("brightness", &mut row.brightness), ("colour", &mut row.colour)] {
            values.sort_by(f32::total_cmp);
            let at = |share: f32| {
                values.get(((values.len().max(1) - 1) as f32 * share) as usize).copied().unwrap_or(f32::NAN)
            };
            println!("  {what}: {:.2} {:.2} {:.2} {:.2} {:.2}", at(0.0), at(0.1), at(0.5), at(0.9), at(1.0));
        }
    }
    Ok(())
}

fn look(eyes: &LocalEyes, picture: &[u8], row: &mut Row) -> Outcome<()> {
    let reading = eyes.read_document(picture, &Look { expected: None, portrait: false, today: TODAY })?;
    row.of += 1;
    row.found += u32::from(reading.findings.iter().any(|f| f.code == ReasonCode::PictureRecaptured));
    let measure = |name| reading.measures.get(name).copied();
    if let (Some(brightness), Some(colour)) =
        (measure("recapture_brightness_peak"), measure("recapture_colour_peak"))
    {
        row.judged += 1;
        row.brightness.push(brightness);
        row.colour.push(colour);
    }
    Ok(())
}
