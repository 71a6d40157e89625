//! One shop: what is known of it, what may be done with it, and who was responsible when (row A5).

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Deserialize;
use shiren_app::record::User;
use shiren_app::{
    AskRecheck, CloseShop, Error, LookUp, MoveDeposit, PenaliseShop, PersonField, Responsible, ShopFile,
};
use shiren_core::account::ban::{Ban, BanEnd};
use shiren_core::account::shop::{NewPenalty, Penalty, PenaltyKind, Shop, ShopStatus};
use shiren_core::account::{Account, AccountKind};
use shiren_core::deposit::{Ledger, LedgerAccount, Movement};
use shiren_core::recheck::{Rechecks, Why};
use shiren_core::verification::program::Mode;

use super::cases::deadline;
use super::money::{cents, yuan};
use super::session::{Operator, SignedIn};
use super::shops::{mode_named, recheck as recheck_signal, shop_path, status};
use super::told::told;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, segment, to};
use crate::form::Sent;
use crate::page::{
    BanRow, CategoryRow, DepositPart, EntryRow, Event, Found, FoundPerson, Happening, PenaltyRow,
    RecheckPart, Shell, ShopEntered, ShopForm, ShopPage, ShopStaff, Signal, Value, word,
};
use crate::state::State;

/// Sub-accounts on a page.
const STAFF: u32 = 50;
/// Entries of the deposit, and of the log, that are shown: the newest.
const SHOWN: usize = 100;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Of {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    staff: String,
    #[serde(default)]
    done: String,
}

/// What a request to a shop's page leaves on it.
#[derive(Default)]
struct Left {
    found: Option<Found>,
    entered: ShopEntered,
    done: String,
    error: Option<(ShopForm, String)>,
    staff: Option<String>,
}

/// The page.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<String>,
    Query(of): Query<Of>,
) -> Response {
    let staff = Some(of.staff).filter(|staff| !staff.is_empty());
    shown(&state, &reviewer, mode_named(&of.mode), &id, Left { done: of.done, staff, ..Left::default() })
        .await
}

async fn shown(state: &State, who: &SignedIn, mode: Mode, id: &str, left: Left) -> Response {
    let file = match state.app.shop_file(mode, id, left.staff.clone(), STAFF + 1).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let status = if left.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &view(state, who, file, left))
}

fn view(state: &State, who: &SignedIn, mut file: ShopFile, left: Left) -> ShopPage {
    let (mode, id) = (file.shop.mode, file.shop.id.clone());
    let mut frame = who.frame(state);
    // A form's own address cannot be opened: a change of language comes back to the page.
    frame.shell.back = shop_path(mode, &id);
    let zone = state.app.zone_of_shop(&file.shop);
    let zone_name = zone.iana_name().unwrap_or("UTC").to_owned();
    frame.shell.zone = Some(zone);
    let shell = &frame.shell;
    let more = file.staff.len() > STAFF as usize;
    file.staff.truncate(STAFF as usize);
    let next = file.staff.last().filter(|_| more).map(|last| {
        let behind = serde_urlencoded::to_string([("staff", &last.staff.id)]).unwrap_or_default();
        format!("{}&{behind}", shop_path(mode, &id))
    });
    let shop = &file.shop;
    ShopPage {
        mode,
        path: format!("/console/shops/{}", segment(&id)),
        status: status(shell, shop.status()),
        facts: facts(state, shell, shop),
        history: history(state, shell, shop),
        recheck: file.rechecks.as_ref().map(|r| rechecks(state, shell, r, shop)),
        penalties: shop.penalties.iter().rev().map(|p| penalty(state, shell, p)).collect(),
        weight: shop.penalties.iter().map(|p| u64::from(weight(state, p))).sum(),
        deposit: deposit(state, shell, &file.ledger),
        staff: file.staff.iter().map(|one| staff(state, shell, one)).collect(),
        next,
        bans: file.bans.iter().map(|ban| ban_row(state, shell, ban)).collect(),
        log: log(state, shell, &file.log),
        there: shop.still_there().is_ok(),
        endable: shop.status() != ShopStatus::PermanentlyClosed,
        operates: operates(&who.user),
        zone: zone_name,
        found: left.found,
        entered: left.entered,
        done: done_key(&left.done).map(|key| shell.t(key).into()),
        error: left.error,
        id,
        frame,
    }
}

const fn operates(user: &User) -> bool {
    user.role.operates()
}

/// Entries of the log, newest first, with their purpose.
pub(super) fn log(state: &State, shell: &Shell, entries: &[shiren_app::record::AuditEntry]) -> Vec<Event> {
    let newest = entries.iter().rev().take(SHOWN);
    let event = |entry: &shiren_app::record::AuditEntry| Event {
        at: deadline(state, shell, entry.at, false),
        what: format!("{} · {}", entry.action, entry.purpose),
        who: entry.actor.clone(),
    };
    newest.map(event).collect()
}

fn facts(state: &State, shell: &Shell, shop: &Shop) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |key, value: String| facts.push((shell.t(key).into(), value));
    add(word("shops.type"), shop.shop_type.clone());
    if let Some(company) = &shop.company {
        let name = company.name().map(|name| format!("{name} · ")).unwrap_or_default();
        add(word("shops.company"), format!("{name}{} · {}", company.credit_code(), company.role().name()));
    }
    let zone = state.app.zone_of_shop(shop);
    add(word("shop.zone"), zone.iana_name().unwrap_or("UTC").to_owned());
    add(word("shop.quota"), state.app.staff_quota(shop).to_string());
    if let Some(category) = &shop.facts.category {
        add(word("shop.category"), category.clone());
    }
    if let Some(severity) = shop.facts.leak_severity {
        add(word("shop.leaks"), format!("{severity} / 10"));
    }
    if let Some(day) = shop.facts.registered_on {
        add(word("shop.known_since"), day.to_string());
    }
    if let Some(clock) = &shop.clock {
        add(word("shop.clock"), clock.to_string());
    }
    facts
}

/// From its registration on, as owners and penalties tell it; newest first.
fn history(state: &State, shell: &Shell, shop: &Shop) -> Vec<Happening> {
    let mut all: Vec<(Timestamp, Happening)> = Vec::new();
    let mut add = |at: Timestamp, what: String, session: Option<String>| {
        let one = Happening { at: deadline(state, shell, at, false), what, session };
        all.push((at, one));
    };
    let t = |key| shell.t(key).to_string();
    add(shop.created_at, t(word("shop.was_registered")), None);
    let mut owners = shop.owners.iter().peekable();
    let mut first = true;
    while let Some(owner) = owners.next() {
        let key = if first { word("shop.was_certified") } else { word("shop.was_recertified") };
        add(owner.from, t(key), Some(owner.session.to_string()));
        first = false;
        // Who is followed at once was certified again; who is not was evicted, or is the owner.
        let follows = owners.peek().map(|next| next.from);
        if let Some(until) = owner.until.filter(|until| follows != Some(*until)) {
            add(until, t(word("shop.was_evicted")), Some(owner.session.to_string()));
        }
    }
    for penalty in &shop.penalties {
        let what = format!("{} · {}", kind(shell, penalty.kind).text, penalty.violation);
        add(penalty.at, what, None);
        if let Some(restored) = &penalty.restored {
            add(restored.at, t(word("shop.restored")), Some(restored.session.to_string()));
        }
    }
    if let Some(at) = shop.closed_at {
        add(at, t(word("shop.was_closed")), None);
    }
    all.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    all.into_iter().map(|(_, one)| one).collect()
}

/// How re-checks stand. Moments that were drawn for bad records are told to nobody before they come.
fn rechecks(state: &State, shell: &Shell, r: &Rechecks, shop: &Shop) -> RecheckPart {
    let rules = state.app.recheck_rules();
    let t = |key| shell.t(key).to_string();
    let mut moments = Vec::new();
    let mut add = |key, at: Timestamp, is_due| moments.push((t(key), deadline(state, shell, at, is_due)));
    if let Some(since) = r.restricted {
        add(word("shop.recheck_missed"), since, false);
    }
    if let Some(asked) = &r.asked {
        add(word("shop.recheck_asked"), asked.at, false);
        add(word("shop.recheck_due"), asked.due, true);
        if let Some(held) = &asked.held {
            add(word("shop.recheck_held"), held.since, false);
        }
    }
    if shop.still_there().is_ok() {
        add(word("shop.recheck_scheduled"), r.due, false);
    }
    if let Some((_, at)) = &r.passed {
        add(word("shop.recheck_passed"), *at, false);
    }
    let why = r.asked.as_ref().map(|asked| match &asked.why {
        Why::Scheduled => t(word("shop.why_scheduled")),
        Why::Unscheduled => t(word("shop.why_unscheduled")),
        Why::Action(action) => shell.t(word("shop.why_action")).with("action", action).into(),
        Why::Rollout(id) => shell.t(word("shop.why_rollout")).with("id", id).into(),
    });
    RecheckPart {
        status: recheck_signal(shell, r.status()),
        why,
        moments,
        weight: format!("{} / {}", r.weight, rules.threshold),
    }
}

fn weight(state: &State, penalty: &Penalty) -> u32 {
    state.app.recheck_rules().weight_of(&penalty.violation)
}

fn kind(shell: &Shell, kind: PenaltyKind) -> Signal {
    let (key, class) = match kind {
        PenaltyKind::Warning => (word("shop.warning"), ""),
        PenaltyKind::TemporaryClosure => (word("shop.temporary_closure"), "warn"),
        PenaltyKind::PermanentClosure => (word("shop.permanent_closure"), "fail"),
    };
    Signal { text: shell.t(key).into(), class }
}

fn penalty(state: &State, shell: &Shell, penalty: &Penalty) -> PenaltyRow {
    PenaltyRow {
        at: deadline(state, shell, penalty.at, false),
        kind: kind(shell, penalty.kind),
        violation: penalty.violation.clone(),
        weight: weight(state, penalty),
        reason: penalty.reason.clone(),
        reference: penalty.reference.clone(),
        restored: penalty.restored.as_ref().map(|r| deadline(state, shell, r.at, false)),
        closes: penalty.closes_for_now(),
    }
}

fn deposit(state: &State, shell: &Shell, ledger: &Ledger) -> DepositPart {
    let t = |key| shell.t(key).to_string();
    let sum = |key, cents| (t(key), yuan(cents));
    let categories = state.app.categories().iter().filter(|c| c.cents > 0).map(|category| CategoryRow {
        name: shell.language.of_text(&category.name).to_owned(),
        asks: yuan(category.cents),
        missing: Some(ledger.missing(category)).filter(|missing| *missing > 0).map(yuan),
    });
    let entries = ledger.entries().iter().rev().take(SHOWN).map(|entry| EntryRow {
        at: deadline(state, shell, entry.at, false),
        movement: t(movement_key(entry.movement)),
        amount: yuan(entry.cents),
        reference: entry.reference.clone(),
    });
    DepositPart {
        held: yuan(ledger.balance(LedgerAccount::Held)),
        sums: vec![
            sum(word("shop.paid"), -ledger.balance(LedgerAccount::Paid)),
            sum(word("shop.compensated"), ledger.balance(LedgerAccount::Compensated)),
            sum(word("shop.deducted"), ledger.balance(LedgerAccount::Deducted)),
            sum(word("shop.refunded"), ledger.balance(LedgerAccount::Refunded)),
        ],
        categories: categories.collect(),
        entries: entries.collect(),
        closed: ledger.is_closed(),
    }
}

const fn movement_key(movement: Movement) -> &'static str {
    match movement {
        Movement::Payment => word("shop.payment"),
        Movement::Compensation => word("shop.compensation"),
        Movement::Deduction => word("shop.deduction"),
        Movement::Refund => word("shop.refund"),
    }
}

fn staff(state: &State, shell: &Shell, file: &shiren_app::StaffFile) -> ShopStaff {
    let row = crate::management::row(state, shell, file);
    let status = Signal { text: row.status, class: row.class };
    ShopStaff { id: row.id, name: row.name, role: row.role, status, when: row.when }
}

/// A ban as lists show it.
pub(super) fn ban_row(state: &State, shell: &Shell, ban: &Ban) -> BanRow {
    let at = |when| deadline(state, shell, when, false);
    let (key, class) = match &ban.ended {
        None => (word("bans.in_force"), "fail"),
        Some((_, BanEnd::TermOver)) => (word("bans.term_over"), ""),
        Some((_, BanEnd::Lifted { .. })) => (word("bans.lifted"), "ok"),
    };
    BanRow {
        id: ban.id.to_string(),
        status: Signal { text: shell.t(key).into(), class },
        shop: (ban.shop.clone(), shop_path(ban.mode, &ban.shop)),
        penalty: ban.penalty.clone(),
        basis: ban.legal_basis.clone(),
        since: at(ban.since),
        until: ban.until.map(at),
        faces: if ban.ended.is_some() { 0 } else { ban.faces },
    }
}

/// What a redirect says that was done.
fn done_key(done: &str) -> Option<&'static str> {
    Some(match done {
        "penalty" => word("shop.done_penalty"),
        "end" => word("shop.done_end"),
        "deposit" => word("shop.done_deposit"),
        "close" => word("shop.done_close"),
        "recheck" => word("shop.done_recheck"),
        _ => return None,
    })
}

fn done(mode: Mode, id: &str, what: &str) -> Response {
    to(&format!("{}&done={what}", shop_path(mode, id)))
}

#[derive(Debug, Deserialize)]
pub(super) struct Look {
    #[serde(default)]
    staff: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    purpose: String,
}

/// Who was responsible at a moment; the look goes into the log.
pub(super) async fn look(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Look>,
) -> Response {
    let mode = mode_named(&of.mode);
    let entered = ShopEntered {
        staff: form.staff.clone(),
        at: form.at.clone(),
        purpose: form.purpose.clone(),
        ..ShopEntered::default()
    };
    let shell = local_shell(&state, &officer, mode, &id).await;
    let left =
        |error| Left { error: Some((ShopForm::Look, error)), entered: entered.clone(), ..Left::default() };
    let at = match form.at.trim() {
        "" => None,
        text => match moment(shell.zone.clone().unwrap_or_else(|| state.app.zone()), text) {
            Some(at) => Some(at),
            None => {
                return shown(&state, &officer, mode, &id, left(shell.t(word("told.moment")).into())).await;
            }
        },
    };
    let asked = look_up(&state, &officer, (mode, &id), (form.staff.trim(), at), &form.purpose).await;
    let looked = match asked {
        Ok(asked) => state.app.responsible(asked.clone()).await.map(|found| (asked, found)),
        Err(error) => Err(error),
    };
    match looked {
        Ok((asked, found)) => {
            let found = Some(found_view(&state, &shell, &asked.account, found, None));
            shown(&state, &officer, mode, &id, Left { found, entered, ..Left::default() }).await
        }
        Err(error) => shown(&state, &officer, mode, &id, left(told(&shell, error))).await,
    }
}

/// What stands around what is said of a shop: moments are entered and told in its zone.
async fn local_shell(state: &State, officer: &SignedIn, mode: Mode, shop: &str) -> Shell {
    let zone = state.app.shop(mode, shop).await.ok().map(|shop| state.app.zone_of_shop(&shop));
    Shell { zone, ..officer.frame(state).shell }
}

/// The look of somebody for the owner of a shop, or for the user of one of its sub-accounts.
async fn look_up(
    state: &State,
    officer: &SignedIn,
    (mode, shop): (Mode, &str),
    (staff, at): (&str, Option<Timestamp>),
    purpose: &str,
) -> Result<LookUp, Error> {
    let account = match staff {
        "" => Account { kind: AccountKind::Shop, id: shop.to_owned() },
        staff => {
            // Only one of this shop.
            let file = state.app.staff(mode, staff).await?;
            if file.staff.shop != shop {
                return Err(Error::NotFound("sub-account"));
            }
            Account { kind: AccountKind::Staff, id: staff.to_owned() }
        }
    };
    Ok(LookUp { mode, account, at, purpose: purpose.to_owned(), by: officer.actor() })
}

/// A moment as the form writes it, in the shop's time zone: `2026-11-23T12:00`.
fn moment(zone: TimeZone, text: &str) -> Option<Timestamp> {
    let civil: DateTime = text.parse().ok()?;
    Some(civil.to_zoned(zone).ok()?.timestamp())
}

#[derive(Debug, Deserialize)]
pub(super) struct Reveal {
    #[serde(default)]
    staff: String,
    #[serde(default)]
    moment: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    purpose: String,
}

/// One value of the responsible person in the clear; never in an address.
pub(super) async fn reveal(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Reveal>,
) -> Response {
    let mode = mode_named(&of.mode);
    let (Some(field), Ok(at)) = (PersonField::named(&form.field), form.moment.parse::<Timestamp>()) else {
        return to(&shop_path(mode, &id));
    };
    let shell = local_shell(&state, &officer, mode, &id).await;
    let asked = look_up(&state, &officer, (mode, &id), (&form.staff, Some(at)), &form.purpose).await;
    let shown_now = match asked {
        Ok(asked) => {
            let account = asked.account.clone();
            state.app.reveal_responsible(asked, field).await.map(|found| (account, found))
        }
        Err(error) => Err(error),
    };
    let left = match shown_now {
        Ok((account, (found, value))) => {
            let found = found_view(&state, &shell, &account, found, Some((field, value)));
            Left { found: Some(found), ..Left::default() }
        }
        Err(error) => Left { error: Some((ShopForm::Look, told(&shell, error))), ..Left::default() },
    };
    shown(&state, &officer, mode, &id, left).await
}

fn found_view(
    state: &State,
    shell: &Shell,
    account: &Account,
    Responsible { at, person }: Responsible,
    clear: Option<(PersonField, String)>,
) -> Found {
    let value = |field, masked: Option<String>| match &clear {
        Some((of, value)) if *of == field => Some(Value { shown: value.clone(), masked: false }),
        _ => masked.map(|shown| Value { masked: shown.contains('*'), shown }),
    };
    let when = |at| deadline(state, shell, at, false);
    let person = person.map(|known| FoundPerson {
        name: value(PersonField::Name, known.name),
        number: value(PersonField::Number, known.number),
        session: known.session.to_string(),
        from: when(known.from),
        until: known.until.map(when),
        assisted: known.assisted,
        reclaimed: known.reclaimed_at.map(when),
        statement: known
            .assurance
            .and_then(|a| Some(a.get("statement")?.get(shell.language.name())?.as_str()?.to_owned())),
    });
    Found {
        account: account.to_string(),
        staff: if account.kind == AccountKind::Staff { account.id.clone() } else { String::new() },
        at: when(at).absolute,
        moment: at.to_string(),
        person,
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Imposed {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    violation: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    reference: String,
    #[serde(default)]
    deduct: String,
    #[serde(default)]
    refund: String,
}

/// A warning, or a temporary closure (row D11).
pub(super) async fn penalise(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Imposed>,
) -> Response {
    let kind = match form.kind.as_str() {
        "temporary_closure" => PenaltyKind::TemporaryClosure,
        _ => PenaltyKind::Warning,
    };
    impose(&state, &officer, (mode_named(&of.mode), &id), kind, form).await
}

/// Permanent closure (row D12).
pub(super) async fn end(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Imposed>,
) -> Response {
    impose(&state, &officer, (mode_named(&of.mode), &id), PenaltyKind::PermanentClosure, form).await
}

async fn impose(
    state: &State,
    officer: &SignedIn,
    (mode, id): (Mode, &str),
    kind: PenaltyKind,
    form: Imposed,
) -> Response {
    let ends = kind == PenaltyKind::PermanentClosure;
    let entered = ShopEntered {
        kind: form.kind,
        violation: form.violation.clone(),
        reason: form.reason.clone(),
        reference: form.reference.clone(),
        deduct: form.deduct.clone(),
        refund: form.refund.clone(),
        ..ShopEntered::default()
    };
    let shell = officer.frame(state).shell;
    let of = if ends { ShopForm::End } else { ShopForm::Penalty };
    let left = |error: String| Left { error: Some((of, error)), entered, ..Left::default() };
    let deduct_cents = match form.deduct.trim() {
        "" => 0,
        text => match cents(text) {
            Some(cents) => cents,
            None => return shown(state, officer, mode, id, left(shell.t(word("told.amount")).into())).await,
        },
    };
    let command = PenaliseShop {
        mode,
        shop: id.to_owned(),
        new: NewPenalty {
            reference: form.reference.trim().to_owned(),
            kind,
            violation: form.violation.trim().to_owned(),
            // A line break from a text field is a blank.
            reason: form.reason.split_whitespace().collect::<Vec<_>>().join(" "),
        },
        deduct_cents,
        refund_reference: Some(form.refund.trim().to_owned()).filter(|r| ends && !r.is_empty()),
        by: officer.by(),
    };
    match state.app.run(command).await {
        Ok(_) => done(mode, id, if ends { "end" } else { "penalty" }),
        Err(error @ Error::NotFound("shop")) => ApiProblem::from(error).into_response(),
        Err(error) => shown(state, officer, mode, id, left(told(&shell, error))).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Moved {
    #[serde(default)]
    movement: String,
    #[serde(default)]
    amount: String,
    #[serde(default)]
    reference: String,
}

/// Money of the deposit (rows A7, A8).
pub(super) async fn enter(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Moved>,
) -> Response {
    let mode = mode_named(&of.mode);
    let shell = officer.frame(&state).shell;
    let movement = match form.movement.as_str() {
        "compensation" => Movement::Compensation,
        "deduction" => Movement::Deduction,
        _ => Movement::Payment,
    };
    let entered = ShopEntered {
        movement: form.movement.clone(),
        amount: form.amount.clone(),
        reference: form.reference.clone(),
        ..ShopEntered::default()
    };
    let left = |error: String| Left { error: Some((ShopForm::Money, error)), entered, ..Left::default() };
    let Some(cents) = cents(&form.amount) else {
        return shown(&state, &officer, mode, &id, left(shell.t(word("told.amount")).into())).await;
    };
    let (shop, reference, by) = (id.clone(), form.reference.trim().to_owned(), officer.by());
    match state.app.run(MoveDeposit { mode, shop, movement, reference, cents, by }).await {
        Ok(_) => done(mode, &id, "deposit"),
        Err(error) => shown(&state, &officer, mode, &id, left(told(&shell, error))).await,
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Closing {
    #[serde(default)]
    reference: String,
}

/// The owner closes the shop, and the deposit goes back (row A8).
pub(super) async fn close(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Closing>,
) -> Response {
    let mode = mode_named(&of.mode);
    let (shop, reference, by) = (id.clone(), form.reference.trim().to_owned(), officer.by());
    match state.app.run(CloseShop { mode, shop, reference, by }).await {
        Ok(_) => done(mode, &id, "close"),
        Err(error) => {
            let error = Some((ShopForm::Close, told(&officer.frame(&state).shell, error)));
            let entered = ShopEntered { refund: form.reference, ..ShopEntered::default() };
            shown(&state, &officer, mode, &id, Left { error, entered, ..Left::default() }).await
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Before {
    #[serde(default)]
    action: String,
}

/// A re-check before an action (row D9).
pub(super) async fn recheck(
    Shared(state): Shared<State>,
    Path(id): Path<String>,
    Query(of): Query<Of>,
    Sent(Operator(officer), form): Sent<Operator, Before>,
) -> Response {
    let mode = mode_named(&of.mode);
    let (shop, action, by) = (id.clone(), form.action.trim().to_owned(), officer.by());
    match state.app.run(AskRecheck { mode, shop, action, by }).await {
        Ok(_) => done(mode, &id, "recheck"),
        Err(error) => {
            let error = Some((ShopForm::Recheck, told(&officer.frame(&state).shell, error)));
            let entered = ShopEntered { action: form.action, ..ShopEntered::default() };
            shown(&state, &officer, mode, &id, Left { error, entered, ..Left::default() }).await
        }
    }
}
