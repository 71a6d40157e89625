//! `shiren models list`.

use clap::Args;
use shiren_vision::pack::inspect::{self, Entry, State};

use super::megabytes;
use crate::cli::Setting;
use crate::exit::Failure;

/// Tell which models there are, what for, under which licence, and whether they are installed
#[derive(Debug, Args)]
pub(crate) struct List {}

impl List {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let root = setting.models_root()?;
        for manifest in inspect::packs(&root) {
            let entries = inspect::list(&root, &manifest);
            if !setting.output.json {
                let purpose = setting.language.of(&manifest.purpose.zh, &manifest.purpose.en);
                setting.output.text(&format!("{} — {purpose}", manifest.pack))?;
            }
            let wide = entries.iter().map(|entry| entry.name.len()).max().unwrap_or(0);
            for entry in &entries {
                setting.output.result(entry, |entry| line(setting, entry, wide))?;
            }
        }
        if !setting.output.json {
            setting.output.text(&format!("{} {}", setting.language.of("位于", "in"), root.display()))?;
        }
        Ok(())
    }
}

fn line(setting: &Setting, entry: &Entry, wide: usize) -> String {
    let Entry { name, licence, source, .. } = entry;
    let purpose = setting.language.of(&entry.purpose.zh, &entry.purpose.en);
    let mark = match (&entry.state, entry.bytes) {
        (State::Installed, Some(bytes)) => format!("{:>8}", megabytes(bytes)),
        // A Chinese character is as wide as two letters.
        _ => setting.language.of("  未安装", " missing").to_owned(),
    };
    format!("  {name:wide$}  {mark}  {licence:10}  {source}  {purpose}")
}
