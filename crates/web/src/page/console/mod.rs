//! The reviewers' pages: dense, quiet, tables first.

mod aftersales;
mod bans;
mod case;
mod cases;
mod gate;
mod import;
mod notices;
mod operations;
mod pace;
mod rollouts;
mod shops;
mod sign_in;

pub use aftersales::{AfterSalesCase, AfterSalesRow, AfterSalesRows};
pub use bans::{BanPage, BanState, Bans};
pub use case::{
    CaseBanned, CaseBaseline, CaseFace, CaseField, CaseFinding, CaseOperator, CasePage, CasePicture, Decided,
    Event, Signal, Value,
};
pub use cases::{CaseCount, CaseRow, Cases, Deadline, ListState, ModeFilter};
pub use gate::{
    GateChange, GateEdit, GatePage, GateRuleForm, GateRuleRow, GateSaid, GateSample, GateTrialView,
    GateVersion,
};
pub use import::{ImportChangeRow, ImportPage, ImportProblemRow, ImportReport};
pub use notices::{NoticeRow, Notices, Shown};
pub use operations::{DeadJobRow, EndpointRow, Operations};
pub use pace::{Pace, PaceRow};
pub use rollouts::{Batch, RolloutNew, RolloutPage, RolloutRow, Rollouts};
pub use shops::{
    BanRow, CategoryRow, Choice, DepositPart, EntryRow, Found, FoundPerson, Happening, PenaltyRow,
    RecheckPart, ShopEntered, ShopForm, ShopPage, ShopRow, ShopStaff, Shops,
};
pub use sign_in::SignIn;
