//! `shiren doctor`: what is missing on this machine, and how to get it.

use clap::Args;
use serde::Serialize;
use shiren_vision::pack::Library;

use crate::cli::Setting;
use crate::exit::Failure;

/// Tell what is missing on this machine and how to get it
#[derive(Debug, Args)]
pub(crate) struct Doctor {}

/// The models that every command of the default pack needs.
const NEEDED: [&str; 7] = [
    "text-detector",
    "text-recogniser",
    "line-direction",
    "face-detector",
    "face-mesh",
    "face-recogniser",
    "face-features",
];

#[derive(Debug, Serialize)]
struct Line {
    check: String,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

impl Doctor {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let library = setting.library();
        let mut lines = vec![Line {
            check: "onnx-runtime".into(),
            ok: library.is_ok(),
            detail: library.as_ref().err().map(ToString::to_string),
        }];
        lines.extend(library.iter().flat_map(models));
        for line in &lines {
            setting.output.result(line, text)?;
        }
        match lines.iter().filter(|line| !line.ok).count() {
            0 => Ok(()),
            missing => Err(Failure::Other(format!("missing: {missing} of {}", lines.len()))),
        }
    }
}

fn models(library: &Library) -> Vec<Line> {
    NEEDED
        .iter()
        .map(|name| match library.model(name) {
            Ok(_) => Line { check: format!("model {name}"), ok: true, detail: None },
            Err(e) => Line { check: format!("model {name}"), ok: false, detail: Some(e.to_string()) },
        })
        .collect()
}

fn text(line: &Line) -> String {
    let mark = if line.ok { "ok  " } else { "MISS" };
    match &line.detail {
        Some(detail) => format!("{mark} {}: {detail}", line.check),
        None => format!("{mark} {}", line.check),
    }
}
