//! After-sales requests: those to be reviewed, and one of them.

use askama::Template;

use super::{Deadline, Event};
use crate::page::{ConsoleFrame, Said, ShownFile};

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/aftersales.html")]
pub struct AfterSalesRows {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Whether all are listed, not only those to be reviewed.
    pub all: bool,
    /// The requests.
    pub rows: Vec<AfterSalesRow>,
    /// Where the next ones are.
    pub next: Option<String>,
}

/// One request in the list.
#[derive(Clone, Debug)]
pub struct AfterSalesRow {
    /// Its id.
    pub id: String,
    /// By when it should be decided; when it was made, if it is not to be reviewed.
    pub due: Deadline,
    /// Whether it was escalated.
    pub escalated: bool,
    /// Whose it is.
    pub buyer: String,
    /// The marketplace's own id of the order.
    pub order: String,
    /// What is asked for.
    pub kind: String,
    /// How much money it is about.
    pub amount: String,
    /// Where it stands, in words.
    pub state: String,
    /// Who has it before them, in words.
    pub taken: Option<String>,
    /// Whether it is a test.
    pub test: bool,
}

/// The page of a request.
#[derive(Clone, Debug, Template)]
#[template(path = "console/aftersales-case.html")]
pub struct AfterSalesCase {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// What stands in the list.
    pub row: AfterSalesRow,
    /// What the buyer wrote.
    pub texts: Vec<String>,
    /// What they showed.
    pub files: Vec<ShownFile>,
    /// What reviewers made of it.
    pub decided: Vec<Said>,
    /// The grounds to choose from: name and sentence.
    pub grounds: Vec<(&'static str, String)>,
    /// Whether it waits for a decision.
    pub waits: bool,
    /// Whether whoever looks has taken it.
    pub mine: bool,
    /// Whether what was written and shown is deleted.
    pub forgotten: bool,
    /// The version that is shown.
    pub version: i64,
    /// Who looked.
    pub events: Vec<Event>,
    /// What was written to the buyer, when it was not accepted.
    pub message: String,
    /// What is wrong with what was sent.
    pub error: Option<String>,
}
