//! `shiren doctor`: what is missing on this machine, and how to get it.
//!
//! To add a check: a function that gives one [`Line`], named in [`Doctor::run`].

mod machine;

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use shiren_vision::pack::Manifest;
use shiren_vision::pack::inspect::{self, State};
use shiren_vision::pack::manifest::{Kind, Package, Registry};

use super::models::{NPM, PIP, Tool};
use crate::cli::Setting;
use crate::exit::Failure;
use crate::language::Language;

/// Tell what is missing on this machine and how to get it
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 when everything needed is there, 1 when something is missing.")]
pub(crate) struct Doctor {}

/// What one check found.
#[derive(Debug, PartialEq, Serialize)]
struct Line {
    check: &'static str,
    verdict: Verdict,
    /// What is there, or what is not.
    detail: String,
    /// How to get it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// It is there.
    Ok,
    /// It is not, and only some commands miss it, or all is slower.
    Advice,
    /// It is not, and it is needed.
    Missing,
}

impl Line {
    fn ok(check: &'static str, detail: String) -> Self {
        Self { check, verdict: Verdict::Ok, detail, fix: None }
    }

    fn not(check: &'static str, verdict: Verdict, detail: String, fix: impl Into<String>) -> Self {
        Self { check, verdict, detail, fix: Some(fix.into()) }
    }
}

const INSTALL: &str = "shiren models install";

impl Doctor {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let root = setting.models_root()?;
        let language = setting.language;
        let default = super::models::named("default", &root)?;
        let to_fetch = registries_to_ask(&root, &default);
        let lines = [
            folder(&root, language),
            tool(&PIP, to_fetch.contains(&Registry::Pypi), language),
            tool(&NPM, to_fetch.contains(&Registry::Npm), language),
            runtime(setting),
            models(&root, &default, language),
            font("font-chinese", "NotoSansCJK", "apt-get install fonts-noto-cjk", language),
            font("font-ocr-b", "OCRB", "apt-get install fonts-ocr-b", language),
            machine::processor(setting),
            machine::memory(language),
        ];
        for line in &lines {
            setting.output.result(line, |line| text(line, language))?;
        }
        match lines.iter().filter(|line| line.verdict == Verdict::Missing).count() {
            0 => Ok(()),
            missing => Err(Failure::Other(language.of(
                format!("缺少 {missing} 项，补齐的办法见上"),
                format!("{missing} needed things are missing; each line above says how to get its own"),
            ))),
        }
    }
}

fn text(line: &Line, language: Language) -> String {
    let mark = match line.verdict {
        Verdict::Ok => language.of("好  ", "ok     "),
        Verdict::Advice => language.of("建议", "advice "),
        Verdict::Missing => language.of("缺少", "MISSING"),
    };
    let Line { check, detail, .. } = line;
    match &line.fix {
        Some(fix) => format!("{mark} {check:15} {detail} → {fix}"),
        None => format!("{mark} {check:15} {detail}"),
    }
}

/// The registries that would have to be asked for what is missing.
fn registries_to_ask(root: &Path, manifest: &Manifest) -> Vec<Registry> {
    let missing =
        |package: &Package| package.products.iter().any(|product| !root.join(product.path()).is_file());
    manifest.packages.iter().filter(|package| missing(package)).map(|package| package.registry).collect()
}

/// Whether the models' folder, or the nearest folder above it that exists, can be written.
fn folder(root: &Path, language: Language) -> Line {
    let there = root.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let shown = root.display().to_string();
    match tempfile::tempfile_in(there) {
        Ok(_) => Line::ok("models-folder", shown),
        // Whoever only uses models that another user installed need not write.
        Err(e) if inspect::is_installed(root, "default") => {
            Line::not("models-folder", Verdict::Advice, format!("{shown}: {e}"), read_only(language))
        }
        Err(e) => Line::not("models-folder", Verdict::Missing, format!("{shown}: {e}"), read_only(language)),
    }
}

fn read_only(language: Language) -> &'static str {
    language.of(
        "把 SHIREN_MODELS 设为可写的文件夹，或由其所有者安装模型",
        "set SHIREN_MODELS to a folder that can be written, or let its owner install models",
    )
}

fn tool(tool: &Tool, needed: bool, language: Language) -> Line {
    match tool.find() {
        // pip adds where it lies and for which Python.
        Some((_, version)) => {
            Line::ok(tool.name, version.split(" from ").next().unwrap_or(&version).to_owned())
        }
        None if needed => Line::not(
            tool.name,
            Verdict::Missing,
            language
                .of("没有，下载模型要用它".into(), "not there, and models are to be fetched with it".into()),
            tool.how,
        ),
        None => Line::ok(
            tool.name,
            language.of("没有，现在也用不着".into(), "not there, and not needed now".into()),
        ),
    }
}

fn runtime(setting: &Setting) -> Line {
    let language = setting.language;
    match setting.library() {
        Ok(_) => Line::ok("onnx-runtime", language.of("可以加载".into(), "can be loaded".into())),
        Err(Failure::ModelsMissing(what)) => Line::not("onnx-runtime", Verdict::Missing, what, INSTALL),
        Err(failure) => Line::not(
            "onnx-runtime",
            Verdict::Missing,
            failure.to_string(),
            language.of(
                "再次运行 shiren models install；若仍如此：apt-get install libstdc++6",
                "shiren models install again; if that does not help: apt-get install libstdc++6",
            ),
        ),
    }
}

fn models(root: &Path, default: &Manifest, language: Language) -> Line {
    let models: Vec<_> =
        inspect::list(root, default).into_iter().filter(|entry| entry.kind == Kind::Model).collect();
    let missing: Vec<&str> = models
        .iter()
        .filter(|entry| entry.state != State::Installed)
        .map(|entry| entry.name.as_str())
        .collect();
    if missing.is_empty() {
        let count = models.len();
        return Line::ok(
            "models",
            language.of(
                format!("{count} 个都在（是否完好：shiren models verify）"),
                format!("all {count} are there (whether intact: shiren models verify)"),
            ),
        );
    }
    Line::not("models", Verdict::Missing, missing.join(", "), INSTALL)
}

/// Fonts are needed to draw specimens and for nothing else.
fn font(check: &'static str, name: &str, how: &str, language: Language) -> Line {
    let mut folders: Vec<_> = ["/usr/share/fonts", "/usr/local/share/fonts"].map(Into::into).into();
    if let Some(home) = std::env::home_dir() {
        folders.extend([home.join(".fonts"), home.join(".local/share/fonts")]);
    }
    match folders.iter().find_map(|folder| font_file(folder, name, 5)) {
        Some(path) => Line::ok(check, path.display().to_string()),
        None => Line::not(
            check,
            Verdict::Advice,
            language
                .of("没有，shiren specimen 要用它".into(), "not there; shiren specimen draws with it".into()),
            how,
        ),
    }
}

/// The first font file whose name begins so, at most `depth` folders deep.
fn font_file(folder: &Path, name: &str, depth: usize) -> Option<PathBuf> {
    let mut paths: Vec<_> = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let is_font = |path: &Path| {
        path.extension().is_some_and(|e| e == "otf" || e == "ttf" || e == "ttc")
            && path.file_name().is_some_and(|file| file.to_string_lossy().starts_with(name))
    };
    paths.iter().find(|path| is_font(path)).cloned().or_else(|| {
        paths
            .iter()
            .filter(|path| depth > 0 && path.is_dir())
            .find_map(|path| font_file(path, name, depth - 1))
    })
}
