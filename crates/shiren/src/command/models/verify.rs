//! `shiren models verify`.

use std::collections::BTreeSet;

use clap::Args;
use shiren_vision::pack::RuntimeTrial;
use shiren_vision::pack::inspect::{self, Entry, State};

use crate::cli::Setting;
use crate::exit::Failure;

/// Check what is installed: every hash, and every model against its stored outputs
#[derive(Debug, Args)]
pub(crate) struct Verify {}

impl Verify {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let root = setting.models_root()?;
        let trial = RuntimeTrial::new(&root, setting.threads);
        let (mut right, mut missing, mut damaged) = (0, Vec::new(), Vec::new());
        let mut to_repair = BTreeSet::new();
        let mut printing = Ok(());
        for manifest in inspect::packs(&root) {
            // The default pack is needed; of the others only those that somebody installed are looked at.
            if manifest.pack != "default" && !inspect::is_installed(&root, &manifest.pack) {
                continue;
            }
            inspect::verify(&root, &manifest, &trial, &mut |entry| {
                match entry.state {
                    State::Installed => right += 1,
                    State::Missing => missing.push(entry.name.clone()),
                    State::Damaged(_) => damaged.push(entry.name.clone()),
                }
                if entry.state != State::Installed {
                    to_repair.insert(format!("shiren models install --pack {}", entry.pack));
                }
                if printing.is_ok() {
                    printing = setting.output.result(&entry, |entry| line(setting, entry));
                }
            });
        }
        printing?;
        let repair = to_repair.into_iter().collect::<Vec<_>>().join(" && ");
        if !damaged.is_empty() {
            return Err(Failure::Other(format!(
                "{} not right: {}; what is wrong is replaced by: {repair}",
                damaged.len(),
                damaged.join(", ")
            )));
        }
        if !missing.is_empty() {
            return Err(Failure::ModelsMissing(format!("not installed: {}", missing.join(", "))));
        }
        if !setting.output.json {
            let root = root.display();
            setting.output.text(&setting.language.of(
                format!("全部 {right} 项正确，位于 {root}"),
                format!("all {right} are right, in {root}"),
            ))?;
        }
        Ok(())
    }
}

fn line(setting: &Setting, entry: &Entry) -> String {
    let Entry { path, pack, .. } = entry;
    let of = |zh, en| setting.language.of(zh, en);
    match &entry.state {
        State::Installed => format!("{} {path} ({pack})", of("正确", "right  ")),
        State::Missing => format!("{} {path} ({pack})", of("缺少", "missing")),
        State::Damaged(what) => format!("{} {path} ({pack}): {what}", of("错误", "wrong  ")),
    }
}
