//! Importing a file, and what came of it.

use askama::Template;

use crate::page::ConsoleFrame;

/// The form, with the report of what was sent by it.
#[derive(Clone, Debug, Template)]
#[template(path = "console/import.html")]
pub struct ImportPage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Whether live mode is chosen.
    pub live: bool,
    /// The days that were entered.
    pub days: String,
    /// How large a file may be.
    pub megabytes: usize,
    /// What came of the file.
    pub report: Option<ImportReport>,
    /// Why nothing came of it.
    pub error: Option<String>,
}

/// What came of a file.
#[derive(Clone, Debug)]
pub struct ImportReport {
    /// Whether it was only tried.
    pub dry_run: bool,
    /// Rows that there were.
    pub rows: u32,
    /// Accounts that were made, or would be.
    pub created: u32,
    /// Accounts that were changed, or would be.
    pub changed: u32,
    /// Accounts that were there already, as the row has them.
    pub unchanged: u32,
    /// Rows that were refused.
    pub refused: u32,
    /// Why.
    pub problems: Vec<ImportProblemRow>,
    /// What was changed.
    pub changes: Vec<ImportChangeRow>,
}

/// Why a row was refused.
#[derive(Clone, Debug)]
pub struct ImportProblemRow {
    /// On which line of the file.
    pub line: u32,
    /// In which column.
    pub field: String,
    /// In the reader's language.
    pub said: String,
    /// In English, for engineers.
    pub detail: String,
}

/// What a row changed.
#[derive(Clone, Debug)]
pub struct ImportChangeRow {
    /// On which line of the file.
    pub line: u32,
    /// Which columns.
    pub changed: String,
    /// Which columns were left.
    pub ignored: String,
}
