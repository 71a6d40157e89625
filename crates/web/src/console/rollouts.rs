//! Rollouts (rows D2, E6, G8): the list, a new one, one of them, and what may be done with it.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use shiren_app::port::RolloutQuery;
use shiren_app::record::Settled;
use shiren_app::{
    Ahead, ChangeRollout, CreateRollout, Error, RolloutAct, RolloutFile, RolloutSheet, Selected,
};
use shiren_core::condition::Kind;
use shiren_core::id::RolloutId;
use shiren_core::rollout::{Audience, Plan, Rollout, RolloutStatus, Step, vocabulary};
use shiren_core::verification::program::Mode;

use super::cases::deadline;
use super::session::{Operator, SignedIn};
use super::shop::log;
use super::shops::mode_named;
use super::told::told;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::{Button, Sent};
use crate::page::{
    Bar, Bars, Batch, Choice, RolloutNew, RolloutPage, RolloutRow, Rollouts, Shell, Signal, word,
};
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;
/// Steps, and promotions, that the form has room for.
const STEPS: usize = 6;
/// Days that are drawn each for itself; of more, each bar is a week.
const DAYS_DRAWN: usize = 92;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    page: String,
}

/// The list.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Response {
    let mode = mode_named(&filter.mode);
    let status = RolloutStatus::ALL.into_iter().find(|s| s.name() == filter.status);
    let query = RolloutQuery { mode, status, after: filter.page.parse().ok(), limit: ROWS + 1 };
    let mut found = match state.app.rollouts(&query).await {
        Ok(found) => found,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let status = status.map_or("", RolloutStatus::name);
    let behind =
        |last: &Rollout| format!("/console/rollouts?mode={}&status={status}&page={}", mode.name(), last.id);
    let next = found.last().filter(|_| more).map(behind);
    let frame = reviewer.frame(&state);
    let shell = &frame.shell;
    let any = Choice { value: String::new(), label: shell.t(word("cases.mode_any")).into(), chosen: false };
    let choice = |s: RolloutStatus| Choice {
        value: s.name().to_owned(),
        label: signal(shell, s).text,
        chosen: s.name() == filter.status,
    };
    let statuses = [any].into_iter().chain(RolloutStatus::ALL.map(choice)).collect();
    let rows = found.iter().map(|one| row(&state, shell, one)).collect();
    let operates = reviewer.user.role.operates();
    page(StatusCode::OK, &Rollouts { mode, statuses, rows, next, operates, frame })
}

fn path(mode: Mode, id: &RolloutId) -> String {
    format!("/console/rollouts/{id}?mode={}", mode.name())
}

fn row(state: &State, shell: &Shell, rollout: &Rollout) -> RolloutRow {
    let steps = &rollout.plan.steps;
    let day = |step: Option<&Step>| step.map(|s| s.from.to_string()).unwrap_or_default();
    RolloutRow {
        path: path(rollout.mode, &rollout.id),
        name: rollout.name.clone(),
        status: signal(shell, rollout.status),
        audience: shell.t(audience_key(rollout.audience)).into(),
        when: rollout.when.clone(),
        days: format!("{} — {}", day(steps.first()), day(steps.last())),
        capacity: rollout.plan.capacity,
        since: deadline(state, shell, rollout.created_at, false),
    }
}

fn signal(shell: &Shell, status: RolloutStatus) -> Signal {
    let (key, class) = match status {
        RolloutStatus::Draft => (word("rollouts.draft"), ""),
        RolloutStatus::Started => (word("rollouts.started"), "ok"),
        RolloutStatus::Paused => (word("rollouts.paused"), "warn"),
        RolloutStatus::Done => (word("rollouts.done"), ""),
        RolloutStatus::Canceled => (word("rollouts.canceled"), ""),
    };
    Signal { text: shell.t(key).into(), class }
}

const fn audience_key(audience: Audience) -> &'static str {
    match audience {
        Audience::Shops => word("rollouts.shops"),
        Audience::Staff => word("rollouts.staff"),
        Audience::StaffRechecks => word("rollouts.staff_rechecks"),
    }
}

/// What was entered, by the names of the fields.
type Entered = BTreeMap<String, String>;

fn text<'a>(entered: &'a Entered, name: &str) -> &'a str {
    entered.get(name).map(|value| value.trim()).unwrap_or_default()
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct OfMode {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    done: String,
}

/// The form for a new one.
pub(super) async fn new(
    Shared(state): Shared<State>,
    Operator(officer): Operator,
    Query(of): Query<OfMode>,
) -> Response {
    let today = state.app.today();
    let tomorrow = today.tomorrow().unwrap_or(today);
    let entered = [
        ("mode", mode_named(&of.mode).name().to_owned()),
        ("capacity", "500".to_owned()),
        ("days", "14".to_owned()),
        ("step_0_from", tomorrow.to_string()),
        ("step_0_percent", "10".to_owned()),
        ("step_1_from", tomorrow.saturating_add(7.days()).to_string()),
        ("step_1_percent", "100".to_owned()),
    ];
    let entered = entered.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    form(&state, &officer, &entered, None)
}

fn form(state: &State, officer: &SignedIn, entered: &Entered, error: Option<String>) -> Response {
    let frame = officer.frame(state);
    let shell = &frame.shell;
    let own = |name: &str| text(entered, name).to_owned();
    let pairs = |of: &str, second: &str| {
        (0..STEPS).map(|n| (own(&format!("{of}_{n}_from")), own(&format!("{of}_{n}_{second}")))).collect()
    };
    let audience = |one: Audience| Choice {
        value: one.name().to_owned(),
        label: shell.t(audience_key(one)).into(),
        chosen: one.name() == text(entered, "audience"),
    };
    // Whoever is asked about, a sub-account has all facts of its shop.
    let facts = vocabulary(Audience::Staff).0.into_iter().map(|name| {
        let kind = match name.kind {
            Kind::Truth => word("rollout.truth"),
            Kind::Number => word("rollout.number"),
            Kind::Text => word("rollout.text"),
        };
        let values = name.values.unwrap_or_default().join(", ");
        (name.name.to_owned(), shell.t(kind).to_string(), values)
    });
    let always = state.app.recheck_rules().blackout.iter().map(|(from, to)| format!("{from} — {to}"));
    let view = RolloutNew {
        mode: mode_named(text(entered, "mode")),
        name: own("name"),
        audiences: Audience::ALL.map(audience).into(),
        when: own("when"),
        facts: facts.collect(),
        steps: pairs("step", "percent"),
        capacity: own("capacity"),
        blackout: pairs("blackout", "to"),
        always: always.collect(),
        days: own("days"),
        clock: own("clock"),
        error,
        frame,
    };
    let status = if view.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &view)
}

/// The plan that was entered, or the key of what is wrong with it. Rows that are empty are left out.
fn plan(entered: &Entered) -> Result<Plan, &'static str> {
    let day = |name: String| text(entered, &name).parse::<Date>();
    let filled = |of: &str, second: &str| {
        let of = of.to_owned();
        let second = second.to_owned();
        (0..STEPS).filter(move |n| {
            let any = |end: &str| !text(entered, &format!("{of}_{n}_{end}")).is_empty();
            any("from") || any(&second)
        })
    };
    let steps = filled("step", "percent").map(|n| {
        let percent = text(entered, &format!("step_{n}_percent")).parse();
        match (day(format!("step_{n}_from")), percent) {
            (Ok(from), Ok(percent)) => Ok(Step { from, percent }),
            _ => Err(word("told.steps")),
        }
    });
    let blackout = filled("blackout", "to").map(|n| {
        match (day(format!("blackout_{n}_from")), day(format!("blackout_{n}_to"))) {
            (Ok(from), Ok(to)) => Ok((from, to)),
            _ => Err(word("told.blackout")),
        }
    });
    Ok(Plan {
        steps: steps.collect::<Result<_, _>>()?,
        capacity: text(entered, "capacity").parse().map_err(|_| word("told.capacity"))?,
        blackout: blackout.collect::<Result<_, _>>()?,
        days: text(entered, "days").parse().map_err(|_| word("told.days"))?,
    })
}

/// Writes one down; then its page, with what it would mean.
pub(super) async fn create(
    Shared(state): Shared<State>,
    Sent(Operator(officer), entered): Sent<Operator, Entered>,
) -> Response {
    let shell = officer.frame(&state).shell;
    let refused = |why: String| form(&state, &officer, &entered, Some(why));
    let mode = mode_named(text(&entered, "mode"));
    let plan = match plan(&entered) {
        Ok(plan) => plan,
        Err(key) => return refused(shell.t(key).into()),
    };
    let clock = match text(&entered, "clock") {
        "" => None,
        id => match id.parse() {
            Ok(id) => Some(id),
            Err(_) => return refused(shell.t(word("told.clock")).into()),
        },
    };
    let command = CreateRollout {
        mode,
        clock,
        name: text(&entered, "name").to_owned(),
        audience: Audience::named(text(&entered, "audience")).unwrap_or(Audience::Shops),
        when: text(&entered, "when").to_owned(),
        plan,
        by: officer.by(),
    };
    match state.app.run(command).await {
        Ok(RolloutFile { rollout, .. }) => to(&format!("{}&done=written", path(mode, &rollout.id))),
        Err(error) => refused(told(&shell, error)),
    }
}

/// What is said of a condition while somebody writes it.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    /// Whether it is one.
    ok: bool,
    /// In a sentence.
    said: String,
}

/// Whether a condition is one, and whom it means now. Nothing is kept.
pub(super) async fn check(
    Shared(state): Shared<State>,
    Sent(Operator(officer), entered): Sent<Operator, Entered>,
) -> Response {
    let shell = officer.frame(&state).shell;
    let mode = mode_named(text(&entered, "mode"));
    let audience = Audience::named(text(&entered, "audience")).unwrap_or(Audience::Shops);
    let clock = text(&entered, "clock").parse().ok().filter(|_| mode == Mode::Test);
    let when = text(&entered, "when").to_owned();
    if when.is_empty() {
        return Json(Checked { ok: false, said: shell.t(word("rollout.said_empty")).into() }).into_response();
    }
    let checked = match state.app.try_selection(mode, clock, audience, when).await {
        Ok(Selected { meant, exempt, untold, more }) => {
            let key = if more { word("rollout.said_more") } else { word("rollout.said") };
            let said = shell.t(key).with("n", meant).with("exempt", exempt).with("untold", untold);
            Checked { ok: true, said: said.into() }
        }
        Err(error) => Checked { ok: false, said: told(&shell, error) },
    };
    Json(checked).into_response()
}

/// One of them.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<RolloutId>,
    Query(of): Query<OfMode>,
) -> Response {
    let done = match of.done.as_str() {
        "written" => Some(word("rollout.done_written")),
        "start" => Some(word("rollout.done_start")),
        "pause" => Some(word("rollout.done_pause")),
        "resume" => Some(word("rollout.done_resume")),
        "cancel" => Some(word("rollout.done_cancel")),
        _ => None,
    };
    shown(&state, &reviewer, mode_named(&of.mode), &id, done, None).await
}

async fn shown(
    state: &State,
    who: &SignedIn,
    mode: Mode,
    id: &RolloutId,
    done: Option<&'static str>,
    error: Option<String>,
) -> Response {
    let sheet = match state.app.rollout_sheet(mode, id).await {
        Ok(sheet) => sheet,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let mut frame = who.frame(state);
    // A form's own address cannot be opened: a change of language comes back to the page.
    frame.shell.back = path(mode, id);
    let shell = &frame.shell;
    let rollout = &sheet.file.rollout;
    let acts = if who.user.role.operates() { acts(rollout.status) } else { Vec::new() };
    let view = RolloutPage {
        mode,
        id: rollout.id.to_string(),
        name: rollout.name.clone(),
        status: signal(shell, rollout.status),
        when: rollout.when.clone(),
        facts: facts(state, shell, rollout),
        batches: batches(&sheet),
        counts: counts(shell, &sheet),
        hint: hint(shell, rollout, &sheet.ahead),
        chart: chart(shell, &sheet),
        log: log(state, shell, &sheet.log),
        acts,
        done: done.map(|key| shell.t(key).into()),
        error,
        frame,
    };
    let status = if view.error.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    page(status, &view)
}

/// What can be done with one that stands so.
fn acts(status: RolloutStatus) -> Vec<(&'static str, &'static str)> {
    let cancel = ("cancel", word("rollout.cancel"));
    match status {
        RolloutStatus::Draft => vec![("start", word("rollout.start")), cancel],
        RolloutStatus::Started => vec![("pause", word("rollout.pause")), cancel],
        RolloutStatus::Paused => vec![("resume", word("rollout.resume")), cancel],
        RolloutStatus::Done | RolloutStatus::Canceled => Vec::new(),
    }
}

fn facts(state: &State, shell: &Shell, rollout: &Rollout) -> Vec<(String, String)> {
    let plan = &rollout.plan;
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |key, value: String| facts.push((shell.t(key).into(), value));
    add(word("rollouts.audience"), shell.t(audience_key(rollout.audience)).into());
    add(word("rollouts.capacity"), plan.capacity.to_string());
    if rollout.audience != Audience::Staff {
        add(word("rollout.within"), plan.days.to_string());
    }
    for (from, to) in &plan.blackout {
        add(word("rollout.blackout"), format!("{from} — {to}"));
    }
    if let Some(clock) = &rollout.clock {
        add(word("shop.clock"), clock.to_string());
    }
    let moment = |at| crate::person::moment(at, state, shell);
    add(word("rollouts.since"), moment(rollout.created_at));
    if let Some(at) = rollout.started_at {
        add(word("rollout.started_at"), moment(at));
    }
    if let Some(at) = rollout.ended_at {
        add(word("rollout.ended_at"), moment(at));
    }
    facts
}

/// The places that each step adds, and how those stand who are there.
fn batches(sheet: &RolloutSheet) -> Vec<Batch> {
    let counts = &sheet.file.counts;
    let mut below = 0;
    let batch = |step: &Step| {
        let from = std::mem::replace(&mut below, step.percent);
        let settled = counts.settled.range(from..step.percent);
        let settled = settled.fold(Settled::default(), |sum, (_, s)| Settled {
            asked: sum.asked + s.asked,
            left_out: sum.left_out + s.left_out,
        });
        Batch {
            from: step.from.to_string(),
            percent: format!("{from}% — {}%", step.percent),
            waiting: [&counts.waiting, &counts.due]
                .into_iter()
                .flat_map(|places| places.range(from..step.percent))
                .map(|(_, many)| many)
                .sum(),
            asked: settled.asked,
            left_out: settled.left_out,
        }
    };
    sheet.file.rollout.plan.steps.iter().map(batch).collect()
}

fn counts(shell: &Shell, sheet: &RolloutSheet) -> Vec<(String, u32)> {
    let t = |key| shell.t(key).to_string();
    let counts = &sheet.file.counts;
    if sheet.file.rollout.status == RolloutStatus::Draft {
        let ahead = &sheet.ahead;
        return vec![
            (t(word("rollout.would_be")), ahead.waiting),
            (t(word("rollout.exempt")), ahead.exempt),
            (t(word("rollout.untold")), ahead.untold),
        ];
    }
    let due = counts.due.values().sum();
    let mut said = vec![(t(word("rollout.waiting")), counts.waiting.values().sum())];
    // Where all shops are in one zone, nobody ever is.
    if due > 0 {
        said.push((t(word("rollout.due")), due));
    }
    said.extend([(t(word("rollout.asked")), counts.asked), (t(word("rollout.left_out")), counts.left_out)]);
    said
}

fn hint(shell: &Shell, rollout: &Rollout, ahead: &Ahead) -> Option<String> {
    let key = match rollout.status {
        RolloutStatus::Draft if ahead.more => word("rollout.hint_more"),
        RolloutStatus::Draft => word("rollout.hint_draft"),
        RolloutStatus::Started | RolloutStatus::Paused if !rollout.enrolled => word("rollout.hint_enrolling"),
        RolloutStatus::Paused => word("rollout.hint_paused"),
        _ => return None,
    };
    Some(shell.t(key).into())
}

/// How many were asked on each day, and how many will be: today both.
fn chart(shell: &Shell, sheet: &RolloutSheet) -> Option<Bars> {
    let mut days: BTreeMap<Date, (u32, u32)> = BTreeMap::new();
    for (day, asked) in &sheet.asked {
        days.entry(*day).or_default().0 += asked;
    }
    for (day, asks) in &sheet.ahead.days {
        days.entry(*day).or_default().1 += asks;
    }
    let (first, last) = (*days.keys().next()?, *days.keys().next_back()?);
    let span = first.until(last).map_or(0, |s| s.get_days());
    let weekly = usize::try_from(span).unwrap_or(usize::MAX) >= DAYS_DRAWN;
    let mut bars = Vec::new();
    let (mut day, step) = (first, if weekly { 7 } else { 1 });
    while day <= last {
        let next = day.saturating_add(step.days());
        let (did, will) = days.range(day..next).fold((0, 0), |sum, (_, d)| (sum.0 + d.0, sum.1 + d.1));
        let class = if will > 0 { "will" } else { "did" };
        bars.push(Bar { label: day.to_string(), value: did + will, class });
        if next <= day {
            break;
        }
        day = next;
    }
    let most = sheet.file.rollout.plan.capacity;
    // A capacity far above everything would leave nothing to be seen.
    let seen = bars.iter().map(|b| b.value).max().is_some_and(|top| !weekly && most / 4 <= top);
    Some(Bars {
        title: shell.t(word("rollout.chart")).into(),
        of: shell.t(if weekly { word("rollout.week") } else { word("rollout.day") }).into(),
        unit: shell.t(word("rollout.people")).into(),
        bars,
        line: seen.then(|| (shell.t(word("rollout.most")).into(), most)),
    })
}

async fn change(state: &State, officer: &SignedIn, of: &OfMode, id: RolloutId, act: RolloutAct) -> Response {
    let (mode, by) = (mode_named(&of.mode), officer.by());
    let name = match act {
        RolloutAct::Start => "start",
        RolloutAct::Pause => "pause",
        RolloutAct::Resume => "resume",
        RolloutAct::Cancel => "cancel",
    };
    match state.app.run(ChangeRollout { mode, id: id.clone(), act, by }).await {
        Ok(_) => to(&format!("{}&done={name}", path(mode, &id))),
        Err(error @ Error::NotFound(_)) => ApiProblem::from(error).into_response(),
        Err(error) => {
            let why = told(&officer.frame(state).shell, error);
            shown(state, officer, mode, &id, None, Some(why)).await
        }
    }
}

/// It asks from now on.
pub(super) async fn start(
    Shared(state): Shared<State>,
    Path(id): Path<RolloutId>,
    Query(of): Query<OfMode>,
    Sent(Operator(officer), Button {}): Sent<Operator, Button>,
) -> Response {
    change(&state, &officer, &of, id, RolloutAct::Start).await
}

/// It asks nobody for now.
pub(super) async fn pause(
    Shared(state): Shared<State>,
    Path(id): Path<RolloutId>,
    Query(of): Query<OfMode>,
    Sent(Operator(officer), Button {}): Sent<Operator, Button>,
) -> Response {
    change(&state, &officer, &of, id, RolloutAct::Pause).await
}

/// It asks again.
pub(super) async fn resume(
    Shared(state): Shared<State>,
    Path(id): Path<RolloutId>,
    Query(of): Query<OfMode>,
    Sent(Operator(officer), Button {}): Sent<Operator, Button>,
) -> Response {
    change(&state, &officer, &of, id, RolloutAct::Resume).await
}

/// It is called off.
pub(super) async fn cancel(
    Shared(state): Shared<State>,
    Path(id): Path<RolloutId>,
    Query(of): Query<OfMode>,
    Sent(Operator(officer), Button {}): Sent<Operator, Button>,
) -> Response {
    change(&state, &officer, &of, id, RolloutAct::Cancel).await
}
