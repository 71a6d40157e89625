//! `shiren compare-faces`: are two pictures of the same person? One pair, or a table of them.

mod many;
mod table;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde::Serialize;
use shiren_core::see::{Band, Eyes, FaceMatch, FaceTemplate};
use shiren_core::verification::ReasonCode;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::picture_file;
use crate::sight::{self, Needs};
use crate::speech::{self, Speech, Tone};

/// Compare faces: are two pictures of the same person?
#[derive(Debug, Args)]
#[command(
    override_usage = "shiren compare-faces [OPTIONS] A B\n       shiren compare-faces [OPTIONS] --pairs FILE.tsv --root FOLDER"
)]
pub(crate) struct CompareFaces {
    /// A picture with a face
    #[arg(required_unless_present = "pairs", conflicts_with = "pairs")]
    a: Option<PathBuf>,

    /// The picture to compare it with
    #[arg(required_unless_present = "pairs")]
    b: Option<PathBuf>,

    /// Compare many: two columns of file names, parted by tabs; a header (a, b, …) and more columns may be there
    #[arg(long, value_name = "FILE.tsv")]
    pairs: Option<PathBuf>,

    /// Folder in which the files of --pairs lie [default: the one of the table]
    #[arg(long, value_name = "FOLDER", requires = "pairs")]
    root: Option<PathBuf>,
}

const FACES: Needs = Needs { documents: false, faces: true };

/// One line of JSON.
#[derive(Debug, Serialize)]
struct Line {
    a: String,
    b: String,
    #[serde(flatten)]
    compared: Option<FaceMatch>,
    /// Why there is no comparison.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
    /// In which of the two.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    error_in: Vec<&'static str>,
    ms: u64,
}

/// A picture's face, or why there is none to compare.
type Face = Result<FaceTemplate, &'static str>;

impl CompareFaces {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let speech = Speech::on_stdout(setting.language);
        if let Some(pairs) = &self.pairs {
            let root = self.root.or_else(|| pairs.parent().map(Path::to_owned)).unwrap_or_default();
            return many::run(setting, speech, pairs, &root);
        }
        let (Some(a), Some(b)) = (self.a, self.b) else {
            return Err(Failure::Usage("two pictures are needed".into()));
        };
        let (first, second) = (picture_file::read(&a)?, picture_file::read(&b)?);
        let eyes = sight::open(setting, FACES)?;
        let start = Instant::now();
        let faces = [face(&eyes, &first)?, face(&eyes, &second)?];
        let mut line = compare(&eyes, [&a, &b].map(|p| p.display().to_string()), [&faces[0], &faces[1]])?;
        line.ms = start.elapsed().as_millis() as u64;
        Ok(setting.output.result(&line, |line| text(speech, line))?)
    }
}

/// Finds and embeds the most prominent face.
fn face(eyes: &dyn Eyes, picture: &[u8]) -> Result<Face, Failure> {
    Ok(match picture_file::seen(eyes.read_face(picture))? {
        Ok(Some(face)) => Ok(face.template),
        Ok(None) => Err(ReasonCode::FaceNotFound.name()),
        Err(code) => Err(code.name()),
    })
}

/// Compares two faces, or says why it cannot be done; its time is for the caller to add.
fn compare(eyes: &dyn Eyes, [a, b]: [String; 2], faces: [&Face; 2]) -> Result<Line, Failure> {
    let mut line = Line { a, b, compared: None, error: None, error_in: Vec::new(), ms: 0 };
    match faces {
        [Ok(one), Ok(other)] => {
            line.compared = Some(eyes.compare(one, other).map_err(|e| Failure::Other(e.to_string()))?);
        }
        _ => {
            for (face, name) in faces.into_iter().zip(["a", "b"]) {
                if let Err(code) = face {
                    line.error = line.error.or(Some(code));
                    line.error_in.push(name);
                }
            }
        }
    }
    Ok(line)
}

fn text(speech: Speech, line: &Line) -> String {
    let result = match (&line.compared, line.error) {
        (Some(m), _) => said(speech, m),
        (None, error) => {
            let error = error.unwrap_or_default();
            let sentence =
                error.parse::<ReasonCode>().map(|c| speech.language.of(c.message().zh, c.message().en));
            let (comma, mark) = (speech.language.of("、", " and "), speech.toned(Tone::Bad, "✗"));
            let files =
                line.error_in.iter().map(|n| if *n == "a" { line.a.as_str() } else { line.b.as_str() });
            format!("{mark} {} ({})", sentence.unwrap_or(error), files.collect::<Vec<_>>().join(comma))
        }
    };
    format!("{}  {}  {result}  {}\n", line.a, line.b, speech.duration(line.ms))
}

/// Band, score, and how often chance scores as high.
fn said(speech: Speech, m: &FaceMatch) -> String {
    let (name, tone) = speech::band(speech.language, m.band);
    let mark = match m.band {
        Band::Same => "✓",
        Band::Uncertain => "!",
        Band::Different => "✗",
    };
    let fmr = speech.toned(Tone::Quiet, &one_in(speech, m.fmr));
    format!("{} {:.2}  {fmr}", speech.toned(tone, &format!("{mark} {name}")), m.score)
}

/// A false-match rate in words: of how many pairs of strangers one scores as high.
pub(super) fn one_in(speech: Speech, fmr: f32) -> String {
    if fmr >= 0.5 {
        return speech.language.of("多数陌生人之间也这么像", "most strangers look as alike").to_owned();
    }
    let n = (1.0 / f64::from(fmr.max(1e-9))).round();
    // Two digits are more than the measurement holds.
    let step = 10f64.powf((n.log10().floor() - 1.0).max(0.0));
    let n = ((n / step).round() * step) as u64;
    match speech.language.of(true, false) {
        true => format!("每 {n} 对陌生人中约有 1 对这么像"),
        false => format!("1 in {n} pairs of strangers looks as alike"),
    }
}

#[cfg(test)]
mod tests {
    use shiren_testkit::eyes::ScriptedEyes;

    use super::*;
    use crate::language::Language;

    fn line(a: &[u8], b: &[u8]) -> Line {
        let eyes = ScriptedEyes::default()
            .face(b"ann", 0.0)
            .face(b"ann again", 0.1)
            .face(b"her sister", 1.0)
            .face(b"bob", 4.0)
            .photo(b"a wall", Default::default());
        let faces = [face(&eyes, a).unwrap(), face(&eyes, b).unwrap()];
        let names = [a, b].map(|n| format!("{}.jpg", String::from_utf8_lossy(n)));
        let mut line = compare(&eyes, names, [&faces[0], &faces[1]]).unwrap();
        line.ms = 88;
        line
    }

    #[test]
    fn every_answer_is_shown_in_both_languages() {
        let lines = [
            line(b"ann", b"ann again"),
            line(b"ann", b"her sister"),
            line(b"ann", b"bob"),
            line(b"ann", b"a wall"),
            line(b"a wall", b"no picture"),
        ];
        for (language, name) in [(Language::Chinese, "zh"), (Language::English, "en")] {
            let speech = Speech { language, colour: false };
            insta::assert_snapshot!(
                format!("pairs_{name}"),
                lines.iter().map(|l| text(speech, l)).collect::<String>()
            );
        }
        insta::assert_json_snapshot!("pairs_json", lines);
    }

    #[test]
    fn a_rate_is_said_as_one_in_so_many() {
        let speech = Speech { language: Language::English, colour: false };
        for (fmr, said) in [
            (1e-4, "1 in 10000 "),
            (3.14e-3, "1 in 320 "),
            (0.3, "1 in 3 "),
            (0.0, "1 in 1000000000 "),
            (0.7, "most"),
        ] {
            assert!(one_in(speech, fmr).starts_with(said), "{}", one_in(speech, fmr));
        }
    }
}
