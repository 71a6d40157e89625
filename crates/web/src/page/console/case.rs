//! One case: documents, faces, fields and findings, and the decision.

use askama::Template;

use super::Deadline;
use crate::page::{ConsoleFrame, Problem};

/// The page of a case.
#[derive(Clone, Debug, Template)]
#[template(path = "console/case.html")]
pub struct CasePage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// The case's id.
    pub id: String,
    /// The session's id.
    pub session: String,
    /// Whose it is.
    pub account: String,
    /// The program's title.
    pub program: String,
    /// The document's title.
    pub document: String,
    /// Whether it is a test.
    pub test: bool,
    /// By when it must be decided.
    pub due: Deadline,
    /// Whether that counts a year whose holidays are not announced.
    pub assumed: bool,
    /// Pictures of documents, in the order of the steps.
    pub documents: Vec<CasePicture>,
    /// The comparison of faces.
    pub face: Option<CaseFace>,
    /// Whether the person is the one who verified before.
    pub operator: Option<CaseOperator>,
    /// Banned owners whom the person resembles.
    pub banned: Vec<CaseBanned>,
    /// What was read and what was entered.
    pub fields: Vec<CaseField>,
    /// What the checks found.
    pub findings: Vec<CaseFinding>,
    /// What the automatic decision rests on, in a sentence.
    pub assurance: String,
    /// What the person wrote.
    pub message: Option<String>,
    /// Which other account holds the identity that approving would move here.
    pub holder: Option<String>,
    /// The account of who helped with their phone.
    pub assisted_by: Option<String>,
    /// What has happened.
    pub events: Vec<Event>,
    /// Whether it may need two reviewers.
    pub two: bool,
    /// What reviewers said while it waits for another one who says the same.
    pub opinions: Vec<Decided>,
    /// The decision, when there is one.
    pub decided: Option<Decided>,
    /// What was written, when it was sent without a verdict or a note.
    pub note: String,
    /// What is wrong with what was sent, in the page's language.
    pub error: Option<String>,
    /// Where the next case is.
    pub next: Option<String>,
}

/// A picture in a case.
#[derive(Clone, Debug)]
pub struct CasePicture {
    /// The step's id.
    pub step: String,
    /// What it is called.
    pub title: String,
    /// Where it is: `/console/evidence/ev_…`; `None` once deleted.
    pub picture: Option<String>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// How and when it was taken, in words.
    pub taken: String,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

impl CasePicture {
    /// Where the picture's corners are drawn: `0 0 width height`.
    pub fn view_box(&self) -> String {
        format!("0 0 {} {}", self.width, self.height)
    }

    /// The size of the numbers in the picture, in its pixels.
    pub fn mark(&self) -> u32 {
        self.width.max(self.height) / 36
    }
}

/// Two faces beside each other.
#[derive(Clone, Debug)]
pub struct CaseFace {
    /// Where the document's portrait is; `None` once deleted.
    pub portrait: Option<String>,
    /// Where the selfie's face is; `None` once deleted.
    pub selfie: Option<String>,
    /// What the comparison says, in words.
    pub band: String,
    /// Its class: `ok`, `warn`, `fail`.
    pub class: &'static str,
    /// The similarity, as it was measured.
    pub score: String,
    /// One in how many strangers would look as alike: `1 : 10 000`.
    pub false_match: String,
}

/// What speaks for and against the person who verified before.
#[derive(Clone, Debug)]
pub struct CaseOperator {
    /// How much speaks for a shop that changed hands, out of 100; of shops alone.
    pub transfer: Option<String>,
    /// Whether the identity is the one that was known, in words.
    pub identity: Signal,
    /// Whether the device is, in words; of shops alone.
    pub device: Option<Signal>,
    /// The face of now and that of each earlier verification, the oldest first.
    pub baselines: Vec<CaseBaseline>,
}

/// A banned owner whom the person resembles. What is personal is masked.
#[derive(Clone, Debug)]
pub struct CaseBanned {
    /// Their name and number; nothing once they were deleted.
    pub person: String,
    /// The marketplace's own id of the shop that was closed, and of the penalty.
    pub shop: String,
    /// Since when.
    pub since: Deadline,
    /// On what the ban rests.
    pub basis: String,
    /// How it ended meanwhile, if it did.
    pub ended: bool,
    /// One in how many strangers would look as alike: `1 : 10 000`.
    pub false_match: String,
    /// How often somebody who is on no list looks as alike to somebody on this one, in a sentence.
    pub chance: String,
}

/// One thing that speaks for or against.
#[derive(Clone, Debug)]
pub struct Signal {
    /// What it says.
    pub text: String,
    /// Its class: `ok`, `warn`, `fail`, or none.
    pub class: &'static str,
}

/// The face of now, compared with an earlier one.
#[derive(Clone, Debug)]
pub struct CaseBaseline {
    /// Which earlier verification it was, counted.
    pub label: String,
    /// Its session.
    pub session: String,
    /// What the comparison says.
    pub band: Signal,
    /// The similarity, as it was measured.
    pub score: String,
}

/// What was read in a document beside what was entered.
#[derive(Clone, Debug)]
pub struct CaseField {
    /// The field's name in requests.
    pub key: String,
    /// What it is called.
    pub label: String,
    /// What was read.
    pub read: Option<Value>,
    /// What was entered.
    pub entered: Option<Value>,
    /// Whether the two agree; `None` when there is nothing to compare.
    pub agrees: Option<bool>,
}

impl CaseField {
    /// Whether there is something to reveal.
    pub fn is_masked(&self) -> bool {
        [&self.read, &self.entered].into_iter().flatten().any(|v| v.masked)
    }
}

/// A value, masked until somebody says why they need it.
#[derive(Clone, Debug)]
pub struct Value {
    /// What is shown.
    pub shown: String,
    /// Whether part of it is hidden.
    pub masked: bool,
}

/// Something that a check found.
#[derive(Clone, Debug)]
pub struct CaseFinding {
    /// What, how bad, and where.
    pub problem: Problem,
    /// In which steps.
    pub steps: String,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub struct Event {
    /// When.
    pub at: Deadline,
    /// What, in words.
    pub what: String,
    /// Who did it.
    pub who: String,
}

/// What was made of the case.
#[derive(Clone, Debug)]
pub struct Decided {
    /// In a word.
    pub verdict: String,
    /// Its class: `ok`, `warn`, `fail`.
    pub class: &'static str,
    /// Who.
    pub by: String,
    /// When.
    pub at: Deadline,
    /// The reviewer's words.
    pub note: String,
}
