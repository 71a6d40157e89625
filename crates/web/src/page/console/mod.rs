//! The reviewers' pages: dense, quiet, tables first.

mod aftersales;
mod case;
mod cases;
mod import;
mod notices;
mod pace;
mod sign_in;

pub use aftersales::{AfterSalesCase, AfterSalesRow, AfterSalesRows};
pub use case::{
    CaseBanned, CaseBaseline, CaseFace, CaseField, CaseFinding, CaseOperator, CasePage, CasePicture, Decided,
    Event, Signal, Value,
};
pub use cases::{CaseCount, CaseRow, Cases, Deadline, ListState, ModeFilter};
pub use import::{ImportChangeRow, ImportPage, ImportProblemRow, ImportReport};
pub use notices::{NoticeRow, Notices, Shown};
pub use pace::{Pace, PaceRow};
pub use sign_in::SignIn;
