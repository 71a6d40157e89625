//! Importing sellers and staff that the marketplace had before (row H3).
//!
//! Each row is a transaction of its own: done whole, or refused with the field and why. The id of an account makes it
//! idempotent: what is there already, and the same, is left as it is; what may change follows the row, and it is told which
//! fields did. What cannot change is refused. A shop that trades already is carried over: it stays open until its owner was
//! asked and their time is over. Imported owners do not come due all at once: the
//! planner spreads their first checks ([`shiren_core::recheck::plan::spread`]).

mod row;

use async_trait::async_trait;
use jiff::ToSpan as _;
use shiren_core::account::shop::{Shop, ShopStatus};
use shiren_core::account::staff::Amendment;
use shiren_core::account::{Account as AccountOf, AccountKind};
use shiren_core::id::ClockId;
use shiren_core::identity::name;
use shiren_core::recheck::{Rechecks, plan};
use shiren_core::rollout::ShopFacts;
use shiren_core::verification::program::Mode;

use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::notices::phone_number;
use crate::port::Tx;
use crate::record::Stored;
use crate::references::{KeepReferences, References};
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
    /// Who imports, for the log: `key:` and a name, a user, the command line.
    pub by: String,
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Rows that there were.
    pub rows: u32,
    /// Accounts that were made, or would be.
    pub created: u32,
    /// Accounts that were there already, and were changed, or would be.
    pub changed: u32,
    /// Accounts that were there already, as the row has them.
    pub unchanged: u32,
    /// Rows that were refused.
    pub refused: u32,
    /// Why, row by row; the first thousand.
    pub problems: Vec<ImportProblem>,
    /// What was changed of accounts that were there, row by row; the first thousand.
    pub changes: Vec<ImportChange>,
}

/// What a row changed of an account that was there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportChange {
    /// Which row, from 1; the head of CSV is not counted.
    pub row: u32,
    /// On which line of the file it begins, from 1.
    pub line: u32,
    /// Which fields.
    pub changed: Vec<&'static str>,
    /// Which fields were left as they are, although the row gives them: they do not apply any more.
    pub ignored: Vec<&'static str>,
}

/// One row.
#[derive(Clone, Debug)]
struct ImportOne {
    mode: Mode,
    clock: Option<ClockId>,
    due_within_days: Option<u32>,
    by: String,
    account: Account,
}

/// What became of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Became {
    created: bool,
    changed: Vec<&'static str>,
    ignored: Vec<&'static str>,
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
        let account = AccountOf { kind: AccountKind::Shop, id: row.id.clone() };
        let there = tx.shop(self.mode, &row.id).await?;
        let clock = match &there {
            Some(there) => there.value.clock.clone(),
            None => self.clock.clone(),
        };
        let clocked = app.on_clock(tx, clock.as_ref()).await?;
        let before = there.as_ref().map(|there| there.value.facts.clone()).unwrap_or_default();
        let facts = ShopFacts {
            category: row.category.clone().or(before.category),
            leak_severity: row.leak_severity.or(before.leak_severity),
            registered_on: row.registered_on.or(before.registered_on),
        };
        // First what can be refused: a dry run goes on in the same transaction.
        facts.check(clocked.today())?;
        let phone = sound_phone("phone", row.phone.as_deref())?;
        let person = sound_name(row.person_name.as_deref())?;
        let mut became = Became::default();
        let mut shop = match there {
            Some(there) => same_shop(there, &row, &mut became)?,
            None => {
                became.created = true;
                let (shop_type, company) = (row.shop_type.clone(), row.company.clone());
                let (id, time_zone) = (row.id.clone(), row.time_zone.clone());
                let clock = self.clock.clone();
                let new = RegisterShop { mode: self.mode, id, shop_type, clock, company, time_zone };
                Stored { value: new.perform(app, tx).await?, version: 1 }
            }
        };
        changed("category", shop.value.facts.category != facts.category, &mut became);
        changed("leak_severity", shop.value.facts.leak_severity != facts.leak_severity, &mut became);
        changed("registered_on", shop.value.facts.registered_on != facts.registered_on, &mut became);
        shop.value.facts = facts;
        if row.staff_quota.is_some() {
            changed("staff_quota", shop.value.staff_quota != row.staff_quota, &mut became);
            shop.value.staff_quota = row.staff_quota;
        }
        if row.time_zone.is_some() {
            changed("time_zone", shop.value.time_zone != row.time_zone, &mut became);
            shop.value.time_zone = row.time_zone;
        }
        let clocked = clocked.in_zone_of(&shop.value);
        let carried = match row.open && shop.value.still_there().is_ok() {
            // Asked and missed, it is open no more by being sent once more.
            true if became.created || !clocked.recheck_missed(tx, &shop.value).await? => {
                shop.value.carry_over(clocked.now())?
            }
            _ => None,
        };
        changed("status", carried.is_some(), &mut became);
        if row.open && shop.value.status() != ShopStatus::Open {
            became.ignored.push("status");
        }
        if !became.changed.is_empty() || became.created {
            tx.save_shop(&shop).await?;
        }
        if let Some(happened) = carried {
            clocked.tell_shop(tx, &shop.value, happened).await?;
        }
        self.register_person(app, tx, &account, (phone, person), &mut became).await?;
        match self.due_within_days {
            Some(days) if became.created => clocked.first_recheck(tx, &shop.value, days).await?,
            _ => {}
        }
        Ok(became)
    }

    async fn staff(self, app: &App, tx: &mut dyn Tx, row: StaffRow) -> Result<Became, Error> {
        let account = AccountOf { kind: AccountKind::Staff, id: row.id.clone() };
        let (phone, security) = (
            sound_phone("phone", row.phone.as_deref())?,
            sound_phone("security_phone", row.security_phone.as_deref())?,
        );
        let person = sound_name(row.person_name.as_deref())?;
        let security = security.map(|phone| app.one_tag(SECURITY_PHONE, self.mode, &phone));
        let mut became = Became::default();
        let (app, mut staff, now) = match tx.staff(self.mode, &row.id).await? {
            Some(there) => {
                let (shop, name) = (&there.value.shop, &there.value.name);
                match (*shop == row.shop, *name == row.name) {
                    (true, true) => {}
                    (false, _) => return Err(invalid("shop", other_there("shop"))),
                    (true, false) => return Err(invalid("name", other_there("name"))),
                }
                let (app, staff) = app.staff_in(tx, self.mode, &row.id).await?;
                let now = app.staff_now(&staff.value);
                (app, staff, now)
            }
            None => {
                became.created = true;
                let new =
                    NewSubAccount { id: row.id.clone(), name: row.name, role: row.role, temporary: false };
                let made = CreateStaff { mode: self.mode, shop: row.shop, new }.perform(app, tx).await?;
                let (app, staff) = app.staff_in(tx, self.mode, &row.id).await?;
                (app, staff, made.now)
            }
        };
        let role = (staff.value.role != row.role).then_some(row.role);
        let security_phone = security.filter(|tag| staff.value.security_phone.as_ref() != Some(tag));
        changed("role", role.is_some(), &mut became);
        changed("security_phone", security_phone.is_some(), &mut became);
        if role.is_some() || security_phone.is_some() {
            let amendment = Amendment { name: None, role, security_phone };
            let done = staff.value.amend(amendment, app.staff_rules(), now)?;
            app.keep_staff(tx, self.mode, &staff, &done).await?;
        }
        self.register_person(&app, tx, &account, (phone, person), &mut became).await?;
        Ok(became)
    }

    /// Registers a phone and a name that verifications must agree with, beside what else is registered of the account.
    async fn register_person(
        &self,
        app: &App,
        tx: &mut dyn Tx,
        account: &AccountOf,
        (phone, person): (Option<String>, Option<String>),
        became: &mut Became,
    ) -> Result<(), Error> {
        let before = app.registered(tx, self.mode, account).await?;
        let phone = phone.or_else(|| before.phone.clone());
        let name = person.or_else(|| before.name.clone());
        changed("phone", phone != before.phone, became);
        changed("person_name", name != before.name, became);
        let references = References { phone, name, ..before.clone() };
        if references == before {
            return Ok(());
        }
        let (mode, account, by) = (self.mode, account.clone(), self.by.clone());
        KeepReferences { mode, account, references, by }.perform(app, tx).await.map(drop)
    }
}

/// A shop that is there, if the row is about the same one.
fn same_shop(mut there: Stored<Shop>, row: &ShopRow, became: &mut Became) -> Result<Stored<Shop>, Error> {
    if there.value.shop_type != row.shop_type {
        return Err(invalid("type", other_there("type")));
    }
    match (&there.value.company, &row.company) {
        (_, None) => {}
        (Some(is), Some(given)) if is == given => {}
        (Some(is), Some(given)) if is.credit_code() != given.credit_code() => {
            return Err(invalid("credit_code", other_there("credit code")));
        }
        (Some(is), Some(given)) if is.role() != given.role() => {
            return Err(invalid("verifies_as", other_there("way to verify")));
        }
        // A company's name can change; a row without one says nothing of it.
        (Some(_), Some(given)) => {
            if given.name().is_some() {
                there.value.company = Some(given.clone());
                became.changed.push("company_name");
            }
        }
        // Who owns it verified as an individual.
        (None, Some(_)) if !there.value.owners.is_empty() => became.ignored.push("credit_code"),
        (None, Some(given)) => {
            there.value.company = Some(given.clone());
            became.changed.push("credit_code");
        }
    }
    Ok(there)
}

/// Notes a change of an account that was there before.
fn changed(field: &'static str, differs: bool, became: &mut Became) {
    if differs && !became.created {
        became.changed.push(field);
    }
}

fn sound_name(given: Option<&str>) -> Result<Option<String>, Error> {
    let Some(given) = given else { return Ok(None) };
    let sound = (1..=100).contains(&given.chars().count()) && !given.chars().any(char::is_control);
    let normal = name::normal(given);
    if sound && !normal.is_empty() {
        return Ok(Some(normal));
    }
    Err(invalid("person_name", "1 to 100 printable characters"))
}

fn sound_phone(field: &'static str, phone: Option<&str>) -> Result<Option<String>, Error> {
    let form = "+ with country code and number, or a mobile number of mainland China";
    phone.map(|phone| phone_number(phone).ok_or_else(|| invalid(field, form))).transpose()
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
        for Numbered { row, line, account } in rows {
            let done = match account {
                Ok(account) => self.run(import.one(account)).await.map_err(|e| problem((row, line), e)),
                Err(refused) => Err(Ok(refused)),
            };
            imported.count((row, line), done)?;
        }
        let Imported { rows, created, changed, refused, .. } = imported;
        let told = format!("{rows} rows: {created} created, {changed} changed, {refused} refused");
        let mut tx = self.store.begin().await?;
        self.audit(tx.as_mut(), &import.by, "accounts.imported", import.mode.name(), &told).await?;
        tx.commit().await?;
        Ok(imported)
    }

    /// All rows in one transaction that never becomes true: a sub-account finds the shop of an earlier row.
    async fn import_dry(&self, import: &Import, rows: Vec<Numbered>) -> Result<Imported, Error> {
        let mut imported = Imported::default();
        let mut tx = self.store.begin().await?;
        for Numbered { row, line, account } in rows {
            let done = match account {
                Ok(account) => {
                    let done = import.one(account).perform(self, tx.as_mut()).await;
                    done.map_err(|e| problem((row, line), e))
                }
                Err(refused) => Err(Ok(refused)),
            };
            imported.count((row, line), done)?;
        }
        Ok(imported)
    }

    /// The first check of an owner who was never verified here, on the least loaded day of the time until then.
    async fn first_recheck(&self, tx: &mut dyn Tx, shop: &Shop, within: u32) -> Result<(), Error> {
        let rules = self.recheck_rules();
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
            by: self.by.clone(),
            account,
        }
    }
}

impl Imported {
    fn count(
        &mut self,
        (row, line): (u32, u32),
        done: Result<Became, Result<ImportProblem, Error>>,
    ) -> Result<(), Error> {
        self.rows += 1;
        match done {
            Ok(Became { created, changed, ignored }) => {
                match (created, changed.is_empty()) {
                    (true, _) => self.created += 1,
                    (false, false) => self.changed += 1,
                    (false, true) => self.unchanged += 1,
                }
                let said = !changed.is_empty() || !ignored.is_empty();
                if said && self.changes.len() < MOST_PROBLEMS {
                    self.changes.push(ImportChange { row, line, changed, ignored });
                }
            }
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
fn problem((row, line): (u32, u32), error: Error) -> Result<ImportProblem, Error> {
    let said = error.to_string();
    let of = |field: Option<&str>, code: &str, problem: String| {
        Ok(ImportProblem { row, line, field: field.map(str::to_owned), code: code.to_owned(), problem })
    };
    match error {
        Error::Invalid { field, problem } => of(Some(field), "invalid", problem),
        Error::Shop(refusal) => of(refusal.field(), refusal.code(), said),
        Error::ShopFacts(refusal) => of(Some(refusal.field()), "invalid", said),
        Error::Staff(refusal) => of(None, refusal.code(), said),
        Error::Recheck(refusal) => of(None, refusal.code(), said),
        // A company that is banned.
        Error::InUse(code) => of(Some("credit_code"), code.name(), said),
        Error::NotFound("shop") => of(Some("shop"), "not_found", said),
        other => Err(other),
    }
}
