//! Importing sellers and staff that the marketplace had before (row H3).
//!
//! Each row is a transaction of its own: done whole, or refused with the field and why. The id of an account makes it
//! idempotent: what is there already, and the same, is left as it is. Imported owners do not come due all at once: the
//! planner spreads their first checks ([`shiren_core::recheck::plan::spread`]).

mod row;

use async_trait::async_trait;
use jiff::ToSpan as _;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::{Amendment, Staff};
use shiren_core::id::ClockId;
use shiren_core::recheck::{Rechecks, plan};
use shiren_core::rollout::ShopFacts;
use shiren_core::verification::program::Mode;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::notices::phone_number;
use crate::port::Tx;
use crate::record::Stored;
use crate::sessions::invalid;
use crate::shops::RegisterShop;
use crate::staff::{CreateStaff, NewSubAccount, SECURITY_PHONE};

use row::{Account, Numbered, ShopRow, StaffRow};
pub use row::{ImportFormat, ImportProblem};

/// Longest time within which imported owners come due, in days.
const LONGEST: u32 = 184;

/// Problems that are told at most; more are counted.
const MOST_PROBLEMS: usize = 1000;

/// Sellers and staff to import.
#[derive(Clone, Debug)]
pub struct Import {
    /// Test or live.
    pub mode: Mode,
    /// In test mode: by which clock imported shops live.
    pub clock: Option<ClockId>,
    /// Within how many days the owners' first checks come due, 1 to 184; without it none does by time, and a rollout asks
    /// them.
    pub due_within_days: Option<u32>,
    /// Nothing is kept: it is only said what would be.
    pub dry_run: bool,
    /// The rows, as they were sent.
    pub bytes: Vec<u8>,
    /// How they are written.
    pub format: ImportFormat,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that there were.
    pub rows: u32,
    /// Accounts that were made, or would be.
    pub created: u32,
    /// Accounts that were there already.
    pub unchanged: u32,
    /// Rows that were refused.
    pub refused: u32,
    /// Why, row by row; the first thousand.
    pub problems: Vec<ImportProblem>,
}

/// One row.
#[derive(Clone, Debug)]
struct ImportOne {
    mode: Mode,
    clock: Option<ClockId>,
    due_within_days: Option<u32>,
    account: Account,
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Became {
    Created,
    Unchanged,
}

#[async_trait]
impl Command for ImportOne {
    type Done = Became;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Became, Error> {
        match self.account.clone() {
            Account::Shop(row) => self.shop(app, tx, row).await,
            Account::Staff(row) => self.staff(app, tx, row).await,
        }
    }
}

impl ImportOne {
    async fn shop(self, app: &App, tx: &mut dyn Tx, row: ShopRow) -> Result<Became, Error> {
        let facts = ShopFacts {
            category: row.category,
            leak_severity: row.leak_severity,
            registered_on: row.registered_on,
        };
        if let Some(there) = tx.shop(self.mode, &row.id).await? {
            let same = there.value.shop_type == row.shop_type;
            return if same { Ok(Became::Unchanged) } else { Err(invalid("type", other_there("type"))) };
        }
        let clocked = app.on_clock(tx, self.clock.as_ref()).await?;
        // First what can be refused: a dry run goes on in the same transaction.
        facts.check(clocked.today())?;
        let new = RegisterShop {
            mode: self.mode,
            id: row.id,
            shop_type: row.shop_type,
            clock: self.clock,
            company: None,
        };
        let mut shop = Stored { value: new.perform(app, tx).await?, version: 1 };
        shop.value.facts = facts;
        tx.save_shop(&shop).await?;
        if let Some(days) = self.due_within_days {
            clocked.first_recheck(tx, &shop.value, days).await?;
        }
        Ok(Became::Created)
    }

    async fn staff(self, app: &App, tx: &mut dyn Tx, row: StaffRow) -> Result<Became, Error> {
        if let Some(there) = tx.staff(self.mode, &row.id).await? {
            let Staff { shop, name, .. } = there.value;
            return match (shop == row.shop, name == row.name) {
                (true, true) => Ok(Became::Unchanged),
                (false, _) => Err(invalid("shop", other_there("shop"))),
                (true, false) => Err(invalid("name", other_there("name"))),
            };
        }
        let phone = match &row.security_phone {
            Some(phone) => Some(phone_number(phone).ok_or_else(|| {
                invalid(
                    "security_phone",
                    "+ with country code and number, or a mobile number of mainland China",
                )
            })?),
            None => None,
        };
        let new = NewSubAccount { id: row.id.clone(), name: row.name, role: row.role, temporary: false };
        let made = CreateStaff { mode: self.mode, shop: row.shop, new }.perform(app, tx).await?;
        if let Some(phone) = phone {
            let tag = app.one_tag(SECURITY_PHONE, self.mode, &phone);
            let amendment = Amendment { security_phone: Some(tag), ..Amendment::default() };
            let mut staff = Stored { value: made.staff, version: 1 };
            let done = staff.value.amend(amendment, &app.settings.staff, made.now)?;
            app.keep_staff(tx, self.mode, &staff, &done).await?;
        }
        Ok(Became::Created)
    }
}

fn other_there(what: &str) -> String {
    format!("there is an account of this id with another {what}")
}

impl App {
    /// Imports sellers and staff, row by row.
    ///
    /// # Errors
    /// What is wrong with the whole: days that cannot be, columns that there are not. When the store fails: what was
    /// imported until then stays, and the same again goes on with the rest.
    pub async fn import(&self, import: Import) -> Result<Imported, Error> {
        if import.due_within_days.is_some_and(|days| !(1..=LONGEST).contains(&days)) {
            return Err(invalid("due_within_days", format!("1 to {LONGEST}")));
        }
        if import.clock.is_some() && import.mode != Mode::Test {
            return Err(Error::TestModeOnly);
        }
        if let Some(clock) = &import.clock
            && self.store.reader().await?.clock(clock).await?.is_none()
        {
            return Err(invalid("test_clock", "there is no such clock"));
        }
        let rows = row::rows(import.format, &import.bytes)?;
        if import.dry_run {
            self.import_dry(&import, rows).await
        } else {
            self.import_rows(&import, rows).await
        }
    }

    async fn import_rows(&self, import: &Import, rows: Vec<Numbered>) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        for Numbered { row, account } in rows {
            let done = match account {
                Ok(account) => self.run(import.one(account)).await.map_err(|e| problem(row, e)),
                Err(refused) => Err(Ok(refused)),
            };
            imported.count(done)?;
        }
        Ok(imported)
    }

    /// All rows in one transaction that never becomes true: a sub-account finds the shop of an earlier row.
    async fn import_dry(&self, import: &Import, rows: Vec<Numbered>) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut tx = self.store.begin().await?;
        for Numbered { row, account } in rows {
            let done = match account {
                Ok(account) => {
                    import.one(account).perform(self, tx.as_mut()).await.map_err(|e| problem(row, e))
                }
                Err(refused) => Err(Ok(refused)),
            };
            imported.count(done)?;
        }
        Ok(imported)
    }

    /// The first check of an owner who was never verified here, on the least loaded day of the time until then.
    async fn first_recheck(&self, tx: &mut dyn Tx, shop: &Shop, within: u32) -> Result<(), Error> {
        let rules = &self.settings.rechecks;
        let now = self.now().to_zoned(rules.time_zone());
        let days = |n: u32| now.saturating_add(i64::from(n).days());
        // Nobody is asked on the day of the import, if there is a later one.
        let (first, last) = (days((rules.ask_days_before + 1).min(within)).date(), days(within).date());
        let load = tx.recheck_load(shop.mode, first, last).await?;
        let day = plan::spread(first, last, &load, rules);
        let due = day.to_datetime(now.time()).to_zoned(rules.time_zone());
        let due = due.map_or(now.timestamp(), |due| due.timestamp());
        let (first, events) = Rechecks::await_first(shop.id.clone(), due, now.timestamp());
        self.begin_rechecks(tx, shop.mode, &first, &events).await
    }
}

impl Import {
    fn one(&self, account: Account) -> ImportOne {
        ImportOne {
            mode: self.mode,
            clock: self.clock.clone(),
            due_within_days: self.due_within_days,
            account,
        }
    }
}

impl Imported {
    fn count(&mut self, done: Result<Became, Result<ImportProblem, Error>>) -> Result<(), Error> {
        self.rows += 1;
        match done {
            Ok(Became::Created) => self.created += 1,
            Ok(Became::Unchanged) => self.unchanged += 1,
            Err(Ok(problem)) => {
                self.refused += 1;
                if self.problems.len() < MOST_PROBLEMS {
                    self.problems.push(problem);
                }
            }
            Err(Err(error)) => return Err(error),
        }
        Ok(())
    }
}

/// What is wrong with a row; an error that is not the row's ends the import.
fn problem(row: u32, error: Error) -> Result<ImportProblem, Error> {
    let said = error.to_string();
    let of = |field: Option<&str>, code: &str, problem: String| {
        Ok(ImportProblem { row, field: field.map(str::to_owned), code: code.to_owned(), problem })
    };
    match error {
        Error::Invalid { field, problem } => of(Some(field), "invalid", problem),
        Error::Shop(refusal) => of(refusal.field(), refusal.code(), said),
        Error::ShopFacts(refusal) => of(Some(refusal.field()), "invalid", said),
        Error::Staff(refusal) => of(None, refusal.code(), said),
        Error::Recheck(refusal) => of(None, refusal.code(), said),
        Error::NotFound("shop") => of(Some("shop"), "not_found", said),
        other => Err(other),
    }
}
