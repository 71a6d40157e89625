//! `shiren specimen`: marked documents of a made-up person with a given portrait, to try things with.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use image::RgbImage;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::civil::Date;
use serde::Serialize;
use shiren_core::identity::Sex;
use shiren_core::see::{DocumentKind, Eyes as _, FieldKey, Region};
use shiren_specimen::{FaceBox, Fonts, Scene, Specimen, Wish, draw, jpeg, photograph, portrait, truth};
use shiren_vision::picture::{Limits, Picture};

use crate::cli::Setting;
use crate::exit::Failure;
use crate::language::Language;
use crate::picture_file;
use crate::sight::{self, Needs};
use crate::today::Today;

const TEACH: &str = "\
Every document is marked 样本 SPECIMEN, its person does not exist, and what it says is in truth.json.
The same seed, portrait and day give the same files.

Examples:
  shiren specimen --portrait me.jpg --out specimen
  shiren specimen --portrait me.jpg --out specimen --photograph --seed 7
  shiren read-document specimen/id-front-photo.jpg";

/// Draw marked specimen documents of a made-up person: resident card, passport, permit, visa, business licence
#[derive(Debug, Args)]
#[command(after_help = TEACH)]
pub(crate) struct SpecimenArgs {
    /// A photo of a face; it is cut to a portrait around the face (in the middle where no models are installed)
    #[arg(long, value_name = "FILE")]
    portrait: PathBuf,

    /// Write the files into this folder
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,

    /// Also photograph each document: by hand, on a table, in ordinary light
    #[arg(long)]
    photograph: bool,

    /// Which made-up person, and how they are photographed
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Sex of the made-up person, to fit the portrait [default: by the seed]
    #[arg(long, value_enum)]
    sex: Option<WishedSex>,

    /// Age of the made-up person in years, to fit the portrait [default: by the seed]
    #[arg(long, value_name = "YEARS", value_parser = clap::value_parser!(i16).range(0..=120))]
    age: Option<i16>,

    /// Look for fonts in this folder [default: the system's]
    #[arg(long, value_name = "FOLDER")]
    fonts: Option<PathBuf>,

    #[command(flatten)]
    today: Today,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WishedSex {
    M,
    F,
}

/// `truth.json`, and the line of `--json`.
#[derive(Serialize)]
struct Truth {
    seed: u64,
    today: Date,
    specimen: bool,
    documents: Vec<Document>,
}

#[derive(Serialize)]
struct Document {
    kind: DocumentKind,
    file: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    photograph: Option<Taken>,
    fields: BTreeMap<FieldKey, String>,
}

#[derive(Serialize)]
struct Taken {
    file: PathBuf,
    outline: Region,
}

/// The documents with the stems of their file names.
const DOCUMENTS: [(DocumentKind, &str); 6] = [
    (DocumentKind::CnIdFront, "id-front"),
    (DocumentKind::CnIdBack, "id-back"),
    (DocumentKind::Passport, "passport"),
    (DocumentKind::Permit, "permit"),
    (DocumentKind::Visa, "visa"),
    (DocumentKind::BusinessLicence, "business-licence"),
];

const CUT_BLINDLY: (&str, &str) = (
    "模型尚未安装，证件照从照片中间裁取。",
    "No models are installed: the portrait is cut from the middle of the photo.",
);

/// Scenes of a seed's first documents, which are none of the next seed's: what they look like stays as it was.
const SCENES: u64 = 5;

/// As good phones write JPEG.
const QUALITY: u8 = 92;

impl SpecimenArgs {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let fonts = Fonts::find(self.fonts.as_deref()).map_err(|e| Failure::Other(e.to_string()))?;
        let progress = bar(setting.language, DOCUMENTS.len() as u64 + 1);
        let portrait = self.cut_portrait(setting)?;
        progress.inc(1);
        let today = self.today.date();
        let sex = self.sex.map(|s| if matches!(s, WishedSex::M) { Sex::Male } else { Sex::Female });
        let person = Specimen::wished(self.seed, today, Wish { sex, age: self.age });
        fs::create_dir_all(&self.out).map_err(|e| cannot_write(&self.out, &e))?;
        let mut documents = Vec::new();
        for (i, (kind, stem)) in DOCUMENTS.into_iter().enumerate() {
            let drawn = draw::document(&fonts, &person, kind, Some(&portrait));
            let file = self.out.join(format!("{stem}.png"));
            drawn.save(&file).map_err(|e| cannot_write(&file, &e))?;
            let photograph = self.photograph.then(|| self.take(&drawn, kind, stem, i as u64)).transpose()?;
            documents.push(Document { kind, file, photograph, fields: truth::fields(&person, kind) });
            progress.inc(1);
        }
        progress.finish_and_clear();
        let truth = Truth { seed: self.seed, today, specimen: true, documents };
        let file = self.out.join("truth.json");
        let json = serde_json::to_string_pretty(&truth).map_err(|e| cannot_write(&file, &e))?;
        fs::write(&file, json).map_err(|e| cannot_write(&file, &e))?;
        Ok(setting.output.result(&truth, |truth| tell(setting.language, truth))?)
    }

    /// The face of the photo, where models are there to find it; the middle otherwise.
    fn cut_portrait(&self, setting: &Setting) -> Result<RgbImage, Failure> {
        let bytes = picture_file::read(&self.portrait)?;
        let unusable = |why: &dyn Display| Failure::Other(format!("{}: {why}", self.portrait.display()));
        let photo = Picture::decode(&bytes, &Limits::default()).map_err(|e| unusable(&e))?.into_rgb();
        let eyes = match sight::open(setting, Needs { documents: false, faces: true }) {
            Ok(eyes) => eyes,
            Err(Failure::ModelsMissing(_)) => {
                eprintln!("{}", setting.language.of(CUT_BLINDLY.0, CUT_BLINDLY.1));
                return Ok(portrait(&photo, None));
            }
            Err(other) => return Err(other),
        };
        let face = eyes.read_face(&bytes).map_err(|e| unusable(&e))?;
        let (x, y, width, height) = face.ok_or_else(|| unusable(&"there is no face in it"))?.region.bounds();
        Ok(portrait(&photo, Some(FaceBox { x, y, width, height })))
    }

    fn take(&self, drawn: &RgbImage, kind: DocumentKind, stem: &str, number: u64) -> Result<Taken, Failure> {
        let seed = self.seed.wrapping_mul(SCENES).wrapping_add(number);
        // Stickers and sheets have square corners.
        let rounded = !matches!(kind, DocumentKind::Visa | DocumentKind::BusinessLicence);
        let taken = photograph(&[drawn], &Scene::casual(seed, rounded), seed);
        let file = self.out.join(format!("{stem}-photo.jpg"));
        let bytes = jpeg(&taken.picture, QUALITY).map_err(|e| cannot_write(&file, &e))?;
        fs::write(&file, bytes).map_err(|e| cannot_write(&file, &e))?;
        Ok(Taken { file, outline: taken.outlines[0] })
    }
}

fn bar(language: Language, steps: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{msg} {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar.set_message(language.of("正在绘制样本证件", "drawing specimens"));
    bar
}

fn cannot_write(path: &Path, error: &dyn Display) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}

fn tell(language: Language, truth: &Truth) -> String {
    let mut lines = vec![language.of(
        "样本证件（人物为虚构，每张都有“样本 SPECIMEN”标记）：".to_owned(),
        "Specimens of a person who does not exist, each marked 样本 SPECIMEN:".to_owned(),
    )];
    for d in &truth.documents {
        let photo = d.photograph.as_ref().map(|t| format!("  {}", t.file.display())).unwrap_or_default();
        lines.push(format!("  {:12} {}{photo}", d.kind.name(), d.file.display()));
    }
    lines.join("\n")
}
