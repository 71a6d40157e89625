//! `shiren check-photo`: is the photo good enough for what it is meant to show?

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;
use shiren_core::see::{Eyes, Shot};
use shiren_core::verification::Finding;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::picture_file;
use crate::sight::{self, Needs};
use crate::speech::{self, Speech, Tone};
use crate::today::Today;

/// Judge a photo: is it good enough for what it is meant to show?
#[derive(Debug, Args)]
pub(crate) struct CheckPhoto {
    /// What the photo is meant to show
    #[arg(long = "as", value_enum, value_name = "SHOT")]
    shot: ShotName,

    #[command(flatten)]
    today: Today,

    /// Pictures: JPEG, PNG or WebP
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ShotName {
    /// Portrait side of a card
    IdFront,
    /// The other side of a card
    IdBack,
    /// A person's face
    Selfie,
    /// A person holding the card
    Handheld,
    /// Passport data page
    Passport,
    /// Visa
    Visa,
    /// A company's business licence
    BusinessLicence,
}

impl From<ShotName> for Shot {
    fn from(name: ShotName) -> Self {
        match name {
            ShotName::IdFront => Self::IdFront,
            ShotName::IdBack => Self::IdBack,
            ShotName::Selfie => Self::Selfie,
            ShotName::Handheld => Self::Handheld,
            ShotName::Passport => Self::Passport,
            ShotName::Visa => Self::Visa,
            ShotName::BusinessLicence => Self::BusinessLicence,
        }
    }
}

/// One line of JSON.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    findings: Vec<Finding>,
    measures: BTreeMap<&'static str, f32>,
    ms: u64,
}

impl CheckPhoto {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let shot = Shot::from(self.shot);
        let needs =
            Needs { documents: shot != Shot::Selfie, faces: matches!(shot, Shot::Selfie | Shot::Handheld) };
        let eyes = sight::open(setting, needs)?;
        let speech = Speech::on_stdout(setting.language);
        let today = self.today.date();
        picture_file::each(&self.files, |file, bytes| {
            let line = judge(&eyes, file, bytes, shot, today)?;
            Ok(setting.output.result(&line, |line| text(speech, line))?)
        })
    }
}

fn judge(eyes: &dyn Eyes, file: &Path, bytes: &[u8], shot: Shot, today: Date) -> Result<Line, Failure> {
    let start = Instant::now();
    let seen = picture_file::seen(eyes.check_photo(bytes, shot, today))?;
    let ms = start.elapsed().as_millis() as u64;
    let (findings, measures) = match seen {
        Ok(photo) => (photo.findings, photo.measures),
        Err(code) => (vec![Finding::fail(code)], BTreeMap::new()),
    };
    Ok(Line { file: file.display().to_string(), findings, measures, ms })
}

fn text(speech: Speech, line: &Line) -> String {
    let mut text = format!("{}  {}\n", line.file, speech.duration(line.ms));
    text.push_str(&speech::findings(speech, &line.findings));
    let width = speech::widest(line.measures.keys().copied());
    for (name, value) in &line.measures {
        let row = format!("  {}  {}", speech::padded(name, width), rounded(*value));
        text.push_str(&format!("{}\n", speech.toned(Tone::Quiet, &row)));
    }
    text
}

/// Three significant digits are all that a measure of a photo is worth.
fn rounded(value: f32) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let digits = 2 - value.abs().max(1e-3).log10().floor() as i32;
    format!("{value:.*}", digits.clamp(0, 5) as usize)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use shiren_core::see::PhotoReading;
    use shiren_core::verification::ReasonCode;
    use shiren_testkit::eyes::ScriptedEyes;

    use super::*;
    use crate::language::Language;

    fn line(photo: PhotoReading) -> Line {
        let eyes = ScriptedEyes::default().photo(b"photo", photo);
        let mut line =
            judge(&eyes, Path::new("selfie.jpg"), b"photo", Shot::Selfie, date(2026, 11, 22)).unwrap();
        line.ms = 61;
        line
    }

    #[test]
    fn what_is_wrong_is_shown_with_the_measures() {
        let photo = PhotoReading {
            findings: vec![Finding::info(ReasonCode::PictureCmyk), Finding::fail(ReasonCode::FaceTooSmall)],
            measures: [("eye_distance_px", 41.257), ("yaw_deg", -3.0), ("eyes_open", 0.2961)].into(),
        };
        let line = line(photo);
        for (language, name) in [(Language::Chinese, "zh"), (Language::English, "en")] {
            insta::assert_snapshot!(
                format!("bad_selfie_{name}"),
                text(Speech { language, colour: false }, &line)
            );
        }
        insta::assert_json_snapshot!("bad_selfie_json", line);
    }

    #[test]
    fn a_good_photo_is_said_to_be_one() {
        let speech = Speech { language: Language::English, colour: false };
        assert_eq!(
            text(speech, &line(PhotoReading::default())),
            "selfie.jpg  61 ms\n  ✓ Nothing is wrong with it.\n"
        );
    }

    #[test]
    fn measures_have_three_digits() {
        for (value, text) in
            [(0.0, "0"), (0.01234, "0.0123"), (1.0, "1.00"), (41.257, "41.3"), (1234.5, "1234")]
        {
            assert_eq!(rounded(value), text);
        }
    }
}
