//! `shiren read-document`: what a document says, and what is wrong with it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use serde::Serialize;
use shiren_core::see::{DocumentKind, DocumentReading, Eyes, Field, FieldKey, Look, MrzReading};
use shiren_core::verification::{Finding, check};

use crate::cli::Setting;
use crate::exit::Failure;
use crate::picture_file;
use crate::sight::{self, Needs};
use crate::speech::{self, Speech, Tone};
use crate::today::Today;

/// Read a document in a picture: its fields, and what is wrong with it
#[derive(Debug, Args)]
pub(crate) struct ReadDocument {
    /// Which document is expected
    #[arg(long, value_enum, default_value_t = Kind::Auto)]
    kind: Kind,

    #[command(flatten)]
    today: Today,

    /// Pictures: JPEG, PNG or WebP
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// Whatever it turns out to be
    Auto,
    /// Resident ID card or residence permit, portrait side
    CnIdFront,
    /// Resident ID card or residence permit, emblem side
    CnIdBack,
    /// Passport data page
    Passport,
    /// Visa
    Visa,
    /// Another card with a machine-readable zone
    Permit,
    /// A company's business licence
    BusinessLicence,
}

impl Kind {
    const fn expected(self) -> Option<DocumentKind> {
        match self {
            Self::Auto => None,
            Self::CnIdFront => Some(DocumentKind::CnIdFront),
            Self::CnIdBack => Some(DocumentKind::CnIdBack),
            Self::Passport => Some(DocumentKind::Passport),
            Self::Visa => Some(DocumentKind::Visa),
            Self::Permit => Some(DocumentKind::Permit),
            Self::BusinessLicence => Some(DocumentKind::BusinessLicence),
        }
    }
}

/// One line of JSON.
#[derive(Debug, Serialize)]
struct Line {
    file: String,
    kind: Option<DocumentKind>,
    fields: BTreeMap<FieldKey, Field>,
    mrz: Option<MrzReading>,
    findings: Vec<Finding>,
    ms: u64,
}

impl ReadDocument {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let eyes = sight::open(setting, Needs { documents: true, faces: false })?;
        let look = Look { expected: self.kind.expected(), portrait: false, today: self.today.date() };
        let speech = Speech::on_stdout(setting.language);
        picture_file::each(&self.files, |file, bytes| {
            let line = read(&eyes, file, bytes, &look)?;
            Ok(setting.output.result(&line, |line| text(speech, line))?)
        })
    }
}

fn read(eyes: &dyn Eyes, file: &Path, bytes: &[u8], look: &Look) -> Result<Line, Failure> {
    let start = Instant::now();
    let file = file.display().to_string();
    let seen = picture_file::seen(eyes.read_document(bytes, look))?;
    let ms = start.elapsed().as_millis() as u64;
    Ok(match seen {
        Ok(reading) => {
            let findings = all_findings(&reading, look.today);
            Line { file, kind: reading.kind, fields: reading.fields, mrz: reading.mrz, findings, ms }
        }
        Err(code) => {
            let (fields, findings) = (BTreeMap::new(), vec![Finding::fail(code)]);
            Line { file, kind: None, fields, mrz: None, findings, ms }
        }
    })
}

/// What the picture shows to be wrong, and what the values say.
fn all_findings(reading: &DocumentReading, today: Date) -> Vec<Finding> {
    let mut findings = reading.findings.clone();
    for finding in check::document(reading, today) {
        if !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

fn text(speech: Speech, line: &Line) -> String {
    let title = speech.toned(Tone::Strong, speech::kind(speech.language, line.kind));
    let mut text = format!("{}  {title}  {}\n", line.file, speech.duration(line.ms));
    text.push_str(&fields(speech, &line.fields));
    if let Some(mrz) = &line.mrz {
        for row in &mrz.lines {
            text.push_str(&format!("  {}\n", speech.toned(Tone::Quiet, row)));
        }
    }
    text + &speech::findings(speech, &line.findings)
}

/// A line for each field, in the order in which documents have them; a value that is read unsurely says so.
pub(super) fn fields(speech: Speech, fields: &BTreeMap<FieldKey, Field>) -> String {
    let rows: Vec<(&str, FieldKey, &Field)> = FieldKey::ALL
        .into_iter()
        .filter_map(|key| fields.get(&key).map(|f| (speech::field(speech.language, key), key, f)))
        .collect();
    let width = speech::widest(rows.iter().map(|(label, ..)| *label));
    rows.iter()
        .map(|(label, key, field)| {
            let label = speech.toned(Tone::Quiet, &speech::padded(label, width));
            let value = speech::value(speech.language, *key, &field.value);
            let sure = format!("{:.0} %", field.confidence * 100.0);
            let sure =
                if field.confidence < 0.9 { speech.toned(Tone::Doubtful, &sure) } else { String::new() };
            format!("  {label}  {value}  {sure}").trim_end().to_owned() + "\n"
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use shiren_core::see::Region;
    use shiren_core::verification::ReasonCode;
    use shiren_testkit::eyes::{ScriptedEyes, card_front};

    use super::*;
    use crate::language::Language;

    fn line(bytes: &[u8]) -> Line {
        let mut expired = card_front();
        let region = Region::rect(1.0, 2.0, 3.0, 4.0);
        expired.findings.push(Finding::review(ReasonCode::PhotoGlare).at(region));
        expired.findings.push(Finding::info(ReasonCode::DocumentSpecimen));
        expired.fields.get_mut(&FieldKey::IdNumber).unwrap().value = "110105194912310021".into();
        expired.fields.get_mut(&FieldKey::Name).unwrap().confidence = 0.62;
        let eyes = ScriptedEyes::default().document(b"good", card_front()).document(b"bad", expired);
        let look = Look { expected: None, portrait: false, today: date(2026, 11, 22) };
        let mut line = read(&eyes, Path::new("card.jpg"), bytes, &look).unwrap();
        line.ms = 245;
        line
    }

    #[test]
    fn a_good_card_is_shown_in_both_languages() {
        for (language, name) in [(Language::Chinese, "zh"), (Language::English, "en")] {
            let speech = Speech { language, colour: false };
            insta::assert_snapshot!(format!("good_card_{name}"), text(speech, &line(b"good")));
        }
    }

    #[test]
    fn what_is_wrong_is_shown_with_what_to_do() {
        for (language, name) in [(Language::Chinese, "zh"), (Language::English, "en")] {
            let speech = Speech { language, colour: false };
            insta::assert_snapshot!(format!("bad_card_{name}"), text(speech, &line(b"bad")));
        }
    }

    #[test]
    fn the_json_has_the_shape_that_tools_rely_on() {
        insta::assert_json_snapshot!("bad_card_json", line(b"bad"));
    }

    #[test]
    fn a_file_that_is_no_picture_becomes_a_finding() {
        let line = line(b"?");
        assert_eq!((line.kind, line.findings.len()), (None, 1));
        assert_eq!(line.findings[0].code, ReasonCode::PictureFormatUnknown);
    }
}
