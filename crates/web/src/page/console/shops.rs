//! Shops: the list, and one of them with all that goes with it.

use askama::Template;
use shiren_core::verification::program::Mode;

use super::{Deadline, Event, Signal, Value};
use crate::page::ConsoleFrame;

/// Something to choose from in a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
    /// Whether it is the one that is chosen.
    pub chosen: bool,
}

/// The list.
#[derive(Clone, Debug, Template)]
#[template(path = "console/shops.html")]
pub struct Shops {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Of which mode.
    pub mode: Mode,
    /// By which status.
    pub statuses: Vec<Choice>,
    /// By how their re-checks stand.
    pub rechecks: Vec<Choice>,
    /// Of companies or individuals.
    pub kinds: Vec<Choice>,
    /// What was looked for.
    pub find: String,
    /// Whether there is no such shop.
    pub unknown: bool,
    /// The shops.
    pub rows: Vec<ShopRow>,
    /// Where the next ones are.
    pub next: Option<String>,
}

/// One shop in the list.
#[derive(Clone, Debug)]
pub struct ShopRow {
    /// Where it is.
    pub path: String,
    /// The marketplace's own id.
    pub id: String,
    /// Its type.
    pub shop_type: String,
    /// The company's code.
    pub company: Option<String>,
    /// Where it stands.
    pub status: Signal,
    /// How its re-checks stand.
    pub recheck: Option<Signal>,
    /// When the next one is due.
    pub due: Option<Deadline>,
    /// How many penalties there are.
    pub penalties: usize,
    /// When it was registered.
    pub since: Deadline,
}

/// One shop.
#[derive(Clone, Debug, Template)]
#[template(path = "console/shop.html")]
pub struct ShopPage {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Test or live.
    pub mode: Mode,
    /// Its path without a query: forms are sent below it.
    pub path: String,
    /// The marketplace's own id.
    pub id: String,
    /// Where it stands.
    pub status: Signal,
    /// What is known of it: labels and values.
    pub facts: Vec<(String, String)>,
    /// What happened to it, newest first.
    pub history: Vec<Happening>,
    /// How its re-checks stand.
    pub recheck: Option<RecheckPart>,
    /// Its penalties, newest first.
    pub penalties: Vec<PenaltyRow>,
    /// What they weigh together.
    pub weight: u64,
    /// Its deposit.
    pub deposit: DepositPart,
    /// Its sub-accounts.
    pub staff: Vec<ShopStaff>,
    /// Where the next ones are.
    pub next: Option<String>,
    /// Bans for which it was closed.
    pub bans: Vec<BanRow>,
    /// Who did what, newest first.
    pub log: Vec<Event>,
    /// Whether it can be changed at all.
    pub there: bool,
    /// Whether it can be closed permanently: also after its owner closed it.
    pub endable: bool,
    /// Whether whoever looks may change something.
    pub operates: bool,
    /// In which time zone moments are entered.
    pub zone: String,
    /// Who was looked for.
    pub found: Option<Found>,
    /// What was entered and not accepted.
    pub entered: ShopEntered,
    /// What was done.
    pub done: Option<String>,
    /// What was not: in which form, and why.
    pub error: Option<(ShopForm, String)>,
}

/// The forms of a shop's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShopForm {
    /// Who was responsible.
    Look,
    /// A penalty.
    Penalty,
    /// Permanent closure.
    End,
    /// Money of the deposit.
    Money,
    /// The owner closes it.
    Close,
    /// A re-check before an action.
    Recheck,
}

/// What was entered in the forms of a shop's page.
#[derive(Clone, Debug, Default)]
pub struct ShopEntered {
    /// Of which sub-account.
    pub staff: String,
    /// At which moment.
    pub at: String,
    /// Why.
    pub purpose: String,
    /// What a penalty does.
    pub kind: String,
    /// Which rule was broken.
    pub violation: String,
    /// Why.
    pub reason: String,
    /// The marketplace's own id of what is done.
    pub reference: String,
    /// What it costs, in yuan.
    pub deduct: String,
    /// The marketplace's own id of the refund.
    pub refund: String,
    /// What moves money.
    pub movement: String,
    /// How much, in yuan.
    pub amount: String,
    /// Before which action.
    pub action: String,
}

impl ShopPage {
    /// Whether it is in test mode.
    pub fn is_test(&self) -> bool {
        self.mode == Mode::Test
    }

    /// What went wrong in a form.
    pub fn wrong(&self, form: ShopForm) -> Option<&str> {
        self.error.as_ref().filter(|(of, _)| *of == form).map(|(_, why)| why.as_str())
    }

    /// Where a form is sent.
    pub fn to(&self, act: &str) -> String {
        format!("{}/{act}?mode={}", self.path, self.mode.name())
    }
}

/// Something that happened to a shop.
#[derive(Clone, Debug)]
pub struct Happening {
    /// When.
    pub at: Deadline,
    /// What.
    pub what: String,
    /// By which verification.
    pub session: Option<String>,
}

/// How re-checks stand.
#[derive(Clone, Debug)]
pub struct RecheckPart {
    /// In a word.
    pub status: Signal,
    /// Why one is asked for.
    pub why: Option<String>,
    /// Moments: what they are, and when.
    pub moments: Vec<(String, Deadline)>,
    /// What bad records weigh that have not led to a check yet, and what leads to one.
    pub weight: String,
}

/// A penalty.
#[derive(Clone, Debug)]
pub struct PenaltyRow {
    /// When.
    pub at: Deadline,
    /// What it does.
    pub kind: Signal,
    /// Which rule was broken.
    pub violation: String,
    /// What that weighs.
    pub weight: u32,
    /// Why.
    pub reason: String,
    /// The marketplace's own id.
    pub reference: String,
    /// When the shop was restored after it.
    pub restored: Option<Deadline>,
    /// Whether the shop is closed by it until its owner passes again.
    pub closes: bool,
}

/// A deposit.
#[derive(Clone, Debug)]
pub struct DepositPart {
    /// What is held.
    pub held: String,
    /// What else: labels and amounts.
    pub sums: Vec<(String, String)>,
    /// Categories of goods.
    pub categories: Vec<CategoryRow>,
    /// Entries, newest first.
    pub entries: Vec<EntryRow>,
    /// Whether it was given back.
    pub closed: bool,
}

/// A category of goods, and whether its deposit is held.
#[derive(Clone, Debug)]
pub struct CategoryRow {
    /// What people read.
    pub name: String,
    /// What it asks for.
    pub asks: String,
    /// What is missing.
    pub missing: Option<String>,
}

/// An entry of a deposit.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// When.
    pub at: Deadline,
    /// What moved.
    pub movement: String,
    /// How much.
    pub amount: String,
    /// The marketplace's own id.
    pub reference: String,
}

/// A sub-account.
#[derive(Clone, Debug)]
pub struct ShopStaff {
    /// The marketplace's own id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What its user does.
    pub role: String,
    /// Where it stands.
    pub status: Signal,
    /// Since or until when.
    pub when: Option<String>,
}

/// A ban in a list.
#[derive(Clone, Debug)]
pub struct BanRow {
    /// Its id.
    pub id: String,
    /// Where it stands.
    pub status: Signal,
    /// The shop, and where it is.
    pub shop: (String, String),
    /// The penalty that closed it.
    pub penalty: String,
    /// On what it rests.
    pub basis: String,
    /// Since when.
    pub since: Deadline,
    /// Until when; until it is lifted without one.
    pub until: Option<Deadline>,
    /// How many pictures' faces are kept.
    pub faces: u32,
}

/// Who was responsible.
#[derive(Clone, Debug)]
pub struct Found {
    /// Of which shop or sub-account.
    pub account: String,
    /// The sub-account, for the form that shows a value.
    pub staff: String,
    /// At which moment, written out.
    pub at: String,
    /// At which moment, for the form.
    pub moment: String,
    /// Who; nobody was.
    pub person: Option<FoundPerson>,
}

/// A person as the verification that bound them knows them.
#[derive(Clone, Debug)]
pub struct FoundPerson {
    /// Their name; deleted without one.
    pub name: Option<Value>,
    /// Their document's number.
    pub number: Option<Value>,
    /// The verification.
    pub session: String,
    /// Since when.
    pub from: Deadline,
    /// Until when.
    pub until: Option<Deadline>,
    /// Captured on an administrator's phone.
    pub assisted: bool,
    /// When the person whose identity it is took it back.
    pub reclaimed: Option<Deadline>,
    /// What the decision rests on.
    pub statement: Option<String>,
}

impl FoundPerson {
    /// What can be shown in the clear: name in requests, key of the label, value.
    pub fn values(&self) -> [(&'static str, &'static str, Option<&Value>); 2] {
        [
            ("name", crate::page::word("data.name"), self.name.as_ref()),
            ("number", crate::page::word("data.document_number"), self.number.as_ref()),
        ]
    }
}
