//! `shiren import`: sellers and staff that the marketplace had before, from a file.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use shiren_app::{Import as Importing, ImportFormat, Imported};
use shiren_core::verification::program::Mode;

use super::choice;
use crate::cli::Setting;
use crate::exit::Failure;
use crate::service::config::Config;
use crate::service::{self, other};

/// Import sellers and staff from a file: CSV with a head, or one JSON object on each line
///
/// Columns: kind (shop or staff), id, phone, person_name; of a shop type, registered_on, category, leak_severity, status, credit_code,
/// verifies_as, staff_quota, time_zone; of a sub-account shop, name, role, security_phone. Each row is done whole or refused; the same
/// file again changes nothing more.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The file: its name ends in .csv, .jsonl or .ndjson
    file: PathBuf,
    /// Test: nothing is proven. Live: real people
    #[arg(long, value_parser = choice::mode(), default_value_t = Mode::Test)]
    mode: Mode,
    /// Keep nothing, only say what would come of it; nobody else writes meanwhile
    #[arg(long)]
    dry_run: bool,
    /// Days within which the first checks of owners come due, spread; without it a rollout asks them
    #[arg(long, value_name = "DAYS")]
    due_within_days: Option<u32>,
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Import {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let format = match self.file.extension().and_then(|e| e.to_str()) {
            Some("csv") => ImportFormat::Csv,
            Some("jsonl" | "ndjson") => ImportFormat::JsonLines,
            _ => return Err(Failure::Usage("the file's name ends in .csv, .jsonl or .ndjson".to_owned())),
        };
        let bytes =
            std::fs::read(&self.file).map_err(|e| Failure::Other(format!("{}: {e}", self.file.display())))?;
        let config = Config::load(self.config.as_deref())?;
        let importing = Importing {
            mode: self.mode,
            clock: None,
            due_within_days: self.due_within_days,
            dry_run: self.dry_run,
            bytes,
            format,
            by: "command line".to_owned(),
        };
        let imported = service::runtime()?.block_on(async {
            let (app, _) = service::app(&config, setting).await?;
            app.import(importing).await.map_err(other)
        })?;
        tell(&imported, setting);
        Ok(())
    }
}

fn tell(imported: &Imported, setting: &Setting) {
    let Imported { rows, created, changed, unchanged, refused, problems, changes } = imported;
    if setting.output.json {
        for p in problems {
            println!(
                "{}",
                json!({ "row": p.row, "line": p.line, "field": p.field, "code": p.code, "problem": p.problem })
            );
        }
        for c in changes {
            println!(
                "{}",
                json!({ "row": c.row, "line": c.line, "changed": c.changed, "ignored": c.ignored })
            );
        }
        println!(
            "{}",
            json!({
                "rows": rows, "created": created, "changed": changed, "unchanged": unchanged, "refused": refused,
            })
        );
        return;
    }
    for p in problems {
        println!("{}: {}: {}", p.line, p.field.as_deref().unwrap_or(&p.code), p.problem);
    }
    for c in changes {
        let (changed, ignored) = (c.changed.join(", "), c.ignored.join(", "));
        println!(
            "{}: {}",
            c.line,
            setting.language.of(
                format!("已更新：{changed}；未采用：{ignored}"),
                format!("changed: {changed}; left: {ignored}")
            )
        );
    }
    println!(
        "{}",
        setting.language.of(
            format!("{rows} 行：新建 {created}，更新 {changed}，已有 {unchanged}，未导入 {refused}"),
            format!(
                "{rows} rows: {created} created, {changed} changed, {unchanged} there already, {refused} refused"
            ),
        )
    );
}
