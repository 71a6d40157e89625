//! Shows what is being done, on stderr: a spinner in a terminal, plain lines elsewhere, nothing beside JSON
//! that no one watches.

use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shiren_core::see::Shot;
use shiren_core::verification::program::Step;

use crate::cli::Setting;
use crate::language::Language;

/// What is being done now.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage<'a> {
    Opening,
    Looking(&'a Step),
    Looked(&'a Step, Duration),
    Comparing,
    Deciding,
}

pub(super) struct Progress {
    spinner: Option<ProgressBar>,
    lines: bool,
    language: Language,
}

impl Progress {
    pub(super) fn new(setting: &Setting) -> Self {
        let watched = stderr().is_terminal();
        let spinner = watched.then(|| {
            let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(15));
            let style = ProgressStyle::with_template("{spinner} {wide_msg}");
            spinner.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            spinner.enable_steady_tick(Duration::from_millis(80));
            spinner
        });
        Self { spinner, lines: !watched && !setting.output.json, language: setting.language }
    }

    /// For tests, which nobody watches.
    #[cfg(test)]
    pub(super) fn silent() -> Self {
        Self { spinner: None, lines: false, language: Language::English }
    }

    pub(super) fn tell(&self, stage: Stage<'_>) {
        let text = said(self.language, stage);
        match &self.spinner {
            Some(spinner) if matches!(stage, Stage::Looked(..)) => spinner.println(text),
            Some(spinner) => spinner.set_message(text),
            None if self.lines => eprintln!("{text}"),
            None => {}
        }
    }

    pub(super) fn finish(&self) {
        if let Some(spinner) = &self.spinner {
            spinner.finish_and_clear();
        }
    }
}

fn said(language: Language, stage: Stage<'_>) -> String {
    match stage {
        Stage::Opening => language.of("打开模型", "opening the models").to_owned(),
        Stage::Looking(step) => format!("{}…", doing(language, step)),
        Stage::Looked(step, time) => format!("✓ {}  {:.2} s", doing(language, step), time.as_secs_f64()),
        Stage::Comparing => language.of("比对人脸", "comparing the faces").to_owned(),
        Stage::Deciding => language.of("作出决定", "deciding").to_owned(),
    }
}

fn doing(language: Language, step: &Step) -> String {
    let (zh, en) = match step.shot {
        Shot::IdFront => ("读取证件人像面", "reading the front"),
        Shot::IdBack => ("读取证件背面", "reading the back"),
        Shot::Selfie => ("查找人脸", "finding the face in the selfie"),
        Shot::Handheld => ("查看手持照片", "looking at the handheld photo"),
        Shot::Passport => ("读取护照", "reading the passport"),
        Shot::Visa => ("读取签证", "reading the visa"),
        Shot::BusinessLicence => ("读取营业执照", "reading the business licence"),
    };
    language.of(zh, en).to_owned()
}
