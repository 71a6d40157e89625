//! The gate's rules (row F1): those in force and before, what they answer, and a draft that is tried before it is
//! activated.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shiren_app::{Error, GATE_REQUEST_DAYS, GateRulesFile, GateTried, PutGateRules};
use shiren_core::account::AccountKind;
use shiren_core::condition::Kind;
use shiren_core::gate::dry_run::Change;
use shiren_core::gate::{
    Asked, Draft, Needs, Rule, RuleSet, Standing, UNTOLD, currencies, decide, vocabulary,
};
use shiren_core::verification::program::{Mode, Text};

use super::cases::deadline;
use super::money::cents;
use super::session::{Operator, SignedIn};
use super::shops::mode_named;
use super::told::told;
use crate::aftersales::amount;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::Sent;
use crate::page::{
    Choice, GateChange, GateEdit, GatePage, GateRuleForm, GateRuleRow, GateSaid, GateSample, GateTrialView,
    GateVersion, Shell, Signal, word,
};
use crate::state::State;

/// Versions that are listed.
const VERSIONS: u32 = 50;
/// Seconds of a day.
const DAY: i64 = 24 * 60 * 60;

/// What was entered, by the names of the fields.
type Entered = BTreeMap<String, String>;

fn text<'a>(entered: &'a Entered, name: &str) -> &'a str {
    entered.get(name).map(|value| value.trim()).unwrap_or_default()
}

/// The rules of a version, and what they answer to a made-up request.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(asked): Query<Entered>,
) -> Response {
    let mode = mode_named(text(&asked, "mode"));
    let versions = match state.app.gate_versions(mode, VERSIONS).await {
        Ok(versions) => versions,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let newest = versions.first().map_or(0, |file| file.version);
    let version = text(&asked, "version").parse().unwrap_or(newest);
    let file = match state.app.gate_rules(mode, Some(version)).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let frame = reviewer.frame(&state);
    let shell = &frame.shell;
    let answer = match text(&asked, "ask") {
        "" => None,
        _ => Some(answer(&state, shell, file.draft.clone(), &asked).await),
    };
    let view = GatePage {
        mode,
        version,
        newest,
        events: written(&file.draft.events),
        rules: file.draft.rules.iter().map(|rule| row(shell, rule)).collect(),
        versions: versions.iter().map(|one| listed(&state, shell, one)).collect(),
        sample: sample(shell, &file.draft.events, &asked),
        answer,
        operates: reviewer.user.role.operates(),
        done: (text(&asked, "done") == "activated").then(|| shell.t(word("gate.done")).into()),
        frame,
    };
    page(StatusCode::OK, &view)
}

fn written(events: &BTreeSet<String>) -> String {
    events.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
}

fn row(shell: &Shell, rule: &Rule) -> GateRuleRow {
    let mut answered = match rule.valid_days {
        Some(days) => shell.t(word("gate.answered_days")).with("n", days).to_string(),
        None => shell.t(word("gate.answered_ever")).into(),
    };
    if rule.for_action {
        answered = format!("{answered} · {}", shell.t(word("gate.answered_action")));
    }
    GateRuleRow {
        name: rule.name.clone(),
        when: rule.when.clone(),
        because: shell.language.of_text(&rule.because).to_owned(),
        program: rule.program.clone().unwrap_or_else(|| shell.t(word("gate.program_own")).into()),
        answered,
    }
}

fn listed(state: &State, shell: &Shell, file: &GateRulesFile) -> GateVersion {
    let (at, by) = file.changed.clone().unzip();
    GateVersion {
        version: file.version,
        at: at.map(|at| deadline(state, shell, at, false)),
        by: by.unwrap_or_default(),
        rules: file.draft.rules.len(),
    }
}

fn sample(shell: &Shell, events: &BTreeSet<String>, asked: &Entered) -> GateSample {
    let own = |name: &str| text(asked, name).to_owned();
    let event = |event: &String| Choice {
        value: event.clone(),
        label: event.clone(),
        chosen: event == text(asked, "event"),
    };
    let kind = |kind: AccountKind| Choice {
        value: kind.name().to_owned(),
        label: shell.t(kind_key(kind)).into(),
        chosen: kind.name() == kind_asked(asked).name(),
    };
    GateSample {
        events: events.iter().map(event).collect(),
        amount: own("amount"),
        currency: own("currency"),
        category: own("category"),
        kinds: AccountKind::ALL.map(kind).into(),
        verified: own("verified"),
        for_action: text(asked, "for_action") == "yes",
    }
}

fn kind_asked(asked: &Entered) -> AccountKind {
    AccountKind::named(text(asked, "kind")).unwrap_or(AccountKind::Buyer)
}

const fn kind_key(kind: AccountKind) -> &'static str {
    match kind {
        AccountKind::Shop => word("gate.shop"),
        AccountKind::Buyer => word("gate.buyer"),
        AccountKind::Staff => word("gate.staff"),
        AccountKind::Influencer => word("gate.influencer"),
        AccountKind::Platform => word("gate.platform"),
    }
}

/// What rules answer to a made-up request, rule by rule.
async fn answer(state: &State, shell: &Shell, draft: Draft, asked: &Entered) -> GateSaid {
    let wrong = |text: String| GateSaid { outcome: Signal { text, class: "fail" }, rules: Vec::new() };
    let rules = match state.app.ready_gate_rules(draft).await {
        Ok(rules) => rules,
        Err(error) => return wrong(told(shell, error)),
    };
    let (request, standing) = match request(shell, &rules, asked) {
        Ok(request) => request,
        Err(why) => return wrong(why),
    };
    let asks = decide(&rules, &request, &standing);
    let say = |rule: &Rule| match asks.iter().find(|ask| ask.rule.name == rule.name) {
        None => (signal(shell, word("gate.says_nothing"), ""), String::new()),
        Some(ask) => match &ask.untold {
            Some(untold) => {
                let why = format!("{} {}", shell.language.of(UNTOLD), untold.0);
                (signal(shell, word("gate.says_untold"), "warn"), why)
            }
            None => {
                let because = shell.language.of_text(&ask.rule.because).to_owned();
                (signal(shell, needs_key(ask.needs), "warn"), because)
            }
        },
    };
    let each = rules.draft().rules.iter().map(|rule| {
        let (answer, why) = say(rule);
        (rule.name.clone(), answer, why)
    });
    let outcome = match asks.is_empty() {
        true => signal(shell, word("gate.allow"), "ok"),
        false => signal(shell, word("gate.verification_required"), "warn"),
    };
    GateSaid { outcome, rules: each.collect() }
}

fn signal(shell: &Shell, key: &str, class: &'static str) -> Signal {
    Signal { text: shell.t(key).into(), class }
}

const fn needs_key(needs: Needs) -> &'static str {
    match needs {
        Needs::Verification => word("gate.needs_verification"),
        Needs::FresherVerification => word("gate.needs_fresher"),
        Needs::VerificationForAction => word("gate.needs_for_action"),
    }
}

/// The made-up request, or what is wrong with it.
fn request(shell: &Shell, rules: &RuleSet, asked: &Entered) -> Result<(Asked, Standing), String> {
    let some = |name: &str| Some(text(asked, name).to_owned()).filter(|value| !value.is_empty());
    let amount_cents = match some("amount") {
        Some(text) => Some(cents(&text).ok_or_else(|| shell.t(word("told.amount")).to_string())?),
        None => None,
    };
    let currency = some("currency").map(|code| code.to_uppercase());
    if currency.as_ref().is_some_and(|code| !currencies().any(|known| known == code)) {
        return Err(shell.t(word("gate.no_currency")).into());
    }
    let request = Asked {
        // Amounts are in yuan unless somebody says otherwise.
        currency: amount_cents.map(|_| currency.unwrap_or_else(|| "CNY".to_owned())),
        amount_cents,
        event: some("event").or_else(|| rules.events().first().cloned()).unwrap_or_default(),
        category: some("category"),
        account: kind_asked(asked),
    };
    request.check(rules).map_err(|error| told(shell, error.into()))?;
    let days = text(asked, "verified");
    let verified_seconds = match days {
        "" => None,
        days => {
            let days = days.parse::<u16>().map_err(|_| shell.t(word("gate.no_days")).to_string())?;
            Some(i64::from(days) * DAY)
        }
    };
    let for_action_seconds = verified_seconds.filter(|_| text(asked, "for_action") == "yes");
    Ok((request, Standing { verified_seconds, for_action_seconds }))
}

/// The form for a draft: from those in force, or from an earlier version.
pub(super) async fn edit(
    Shared(state): Shared<State>,
    Operator(officer): Operator,
    Query(asked): Query<Entered>,
) -> Response {
    let mode = mode_named(text(&asked, "mode"));
    let newest = match state.app.gate_rules(mode, None).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let from = match text(&asked, "from").parse() {
        Ok(version) => state.app.gate_rules(mode, Some(version)).await,
        Err(_) => Ok(newest.clone()),
    };
    match from {
        Ok(file) => form(&state, &officer, Form { version: newest.version, ..Form::of(mode, file.draft) }),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

/// What stands in the form.
struct Form {
    mode: Mode,
    version: i64,
    draft: Draft,
    entered: Entered,
    answer: Option<GateSaid>,
    trial: Option<GateTrialView>,
    error: Option<String>,
}

impl Form {
    fn of(mode: Mode, draft: Draft) -> Self {
        let (answer, trial, error) = (None, None, None);
        Self { mode, version: 0, draft, entered: Entered::new(), answer, trial, error }
    }
}

fn form(state: &State, officer: &SignedIn, form: Form) -> Response {
    let Form { mode, version, draft, entered, answer, trial, error } = form;
    let frame = officer.frame(state);
    let shell = &frame.shell;
    let rules = draft.rules.iter().map(|rule| GateRuleForm {
        name: rule.name.clone(),
        when: rule.when.clone(),
        zh: rule.because.zh.clone(),
        en: rule.because.en.clone(),
        program: rule.program.clone().unwrap_or_default(),
        days: rule.valid_days.map(|days| days.to_string()).unwrap_or_default(),
        for_action: rule.for_action,
    });
    let facts = vocabulary(&draft.events).0.into_iter().map(|name| {
        let kind = match name.kind {
            Kind::Truth => word("rollout.truth"),
            Kind::Number => word("rollout.number"),
            Kind::Text => word("rollout.text"),
        };
        // There are more currencies than anybody reads.
        let values = name.values.filter(|values| values.len() < 20).unwrap_or_default().join(", ");
        (name.name.to_owned(), shell.t(kind).to_string(), values)
    });
    let days = text(&entered, "days");
    let view = GateEdit {
        mode,
        version,
        events: written(&draft.events),
        rules: rules.chain([GateRuleForm::default()]).collect(),
        facts: facts.collect(),
        sample: sample(shell, &draft.events, &entered),
        answer,
        days: if days.is_empty() { GATE_REQUEST_DAYS.to_string() } else { days.to_owned() },
        trial,
        error,
        frame,
    };
    let status = if view.error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    page(status, &view)
}

/// The draft that was entered: rules that are empty or to be removed are left out. A number of days that is none becomes
/// one that no rule may have, so that the rules' own check tells it.
fn draft(entered: &Entered) -> Draft {
    let rule = |n: usize| {
        let own = |part: &str| text(entered, &format!("rule_{n}_{part}")).to_owned();
        let days = own("days");
        Rule {
            name: own("name"),
            when: own("when"),
            because: Text { zh: own("zh"), en: own("en") },
            program: Some(own("program")).filter(|program| !program.is_empty()),
            valid_days: (!days.is_empty()).then(|| days.parse().unwrap_or(0)),
            for_action: own("action") == "yes",
        }
    };
    let number = |name: &String| name.strip_prefix("rule_")?.strip_suffix("_name")?.parse::<usize>().ok();
    let numbers: BTreeSet<usize> = entered.keys().filter_map(number).collect();
    let removed = |n: &usize| !text(entered, &format!("rule_{n}_remove")).is_empty();
    let rules = numbers.into_iter().filter(|n| !removed(n)).map(rule).filter(|rule| {
        [&rule.name, &rule.when, &rule.because.zh, &rule.because.en].iter().any(|part| !part.is_empty())
    });
    let events = text(entered, "events").split([' ', ',', '\n', '\r', '，', '、']);
    Draft {
        events: events.filter(|event| !event.is_empty()).map(str::to_owned).collect(),
        rules: rules.collect(),
    }
}

/// Tries the draft, asks it, or activates it.
pub(super) async fn send(
    Shared(state): Shared<State>,
    Sent(Operator(officer), entered): Sent<Operator, Entered>,
) -> Response {
    let mode = mode_named(text(&entered, "mode"));
    let version = text(&entered, "version").parse().unwrap_or(0);
    let draft = draft(&entered);
    let shell = officer.frame(&state).shell;
    let mut back = Form { version, entered, ..Form::of(mode, draft.clone()) };
    match text(&back.entered, "do") {
        "ask" => back.answer = Some(answer(&state, &shell, draft, &back.entered).await),
        "try" => match tried(&state, mode, draft, text(&back.entered, "days")).await {
            Ok(found) => back.trial = Some(trial(&state, &shell, found)),
            Err(error) => back.error = Some(told(&shell, error)),
        },
        "activate" => match activated(&state, &officer, mode, version, draft).await {
            Ok(()) => return to(&format!("/console/gate?mode={}&done=activated", mode.name())),
            Err(error) => back.error = Some(told(&shell, error)),
        },
        _ => {}
    }
    form(&state, &officer, back)
}

async fn tried(state: &State, mode: Mode, draft: Draft, days: &str) -> Result<GateTried, Error> {
    let rules = state.app.ready_gate_rules(draft).await?;
    state.app.try_gate_rules(mode, rules, days.parse().unwrap_or(0)).await
}

async fn activated(
    state: &State,
    officer: &SignedIn,
    mode: Mode,
    version: i64,
    draft: Draft,
) -> Result<(), Error> {
    let rules = state.app.ready_gate_rules(draft).await?;
    let done = state.app.run(PutGateRules { mode, version, rules, by: officer.by() }).await;
    state.app.forget_gate_rules();
    done.map(drop)
}

fn trial(state: &State, shell: &Shell, GateTried { run, more, since, .. }: GateTried) -> GateTrialView {
    let sum = |key, many| (shell.t(key).to_string(), many);
    GateTrialView {
        sums: vec![
            sum(word("gate.total"), run.total),
            sum(word("gate.sum_now"), run.now),
            sum(word("gate.sum_draft"), run.draft),
            sum(word("gate.newly"), run.newly),
            sum(word("gate.no_longer"), run.no_longer),
            sum(word("gate.unknown_event"), run.unknown_event),
        ],
        since: since.map(|at| deadline(state, shell, at, false)),
        more,
        rules: run.rules.into_iter().map(|(name, c)| (name, c.now, c.draft, c.untold)).collect(),
        changes: run.changes.iter().map(|change| changed(shell, change)).collect(),
    }
}

fn changed(shell: &Shell, Change { past, many, now, draft }: &Change) -> GateChange {
    let asked = &past.asked;
    let cost = asked.amount_cents.map(|cents| amount(cents, asked.currency.as_deref().unwrap_or_default()));
    let parts = [Some(asked.event.clone()), cost, asked.category.clone()];
    let asks = |rules: &[String]| match rules.is_empty() {
        true => shell.t(word("gate.allow")).to_string(),
        false => rules.join(", "),
    };
    let known = match past.standing.verified_seconds {
        Some(seconds) => shell.t(word("gate.known_days")).with("n", seconds / DAY).to_string(),
        None => shell.t(word("gate.known_never")).into(),
    };
    GateChange {
        asked: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        known: format!("{} · {known}", shell.t(kind_key(asked.account))),
        many: *many,
        now: asks(now),
        draft: asks(draft),
        newly: now.is_empty(),
    }
}

/// What is said of a condition while somebody writes it.
#[derive(Debug, Serialize)]
pub(super) struct Checked {
    ok: bool,
    said: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Check {
    #[serde(default)]
    check: String,
    #[serde(flatten)]
    entered: Entered,
}

/// Whether a condition is one. Nothing is kept.
pub(super) async fn check(
    Shared(state): Shared<State>,
    Sent(Operator(officer), Check { check, entered }): Sent<Operator, Check>,
) -> Response {
    let shell = officer.frame(&state).shell;
    let when = text(&entered, &check).to_owned();
    if when.is_empty() {
        return Json(Checked { ok: false, said: String::new() }).into_response();
    }
    let events = draft(&entered).events;
    let because = Text { zh: "-".to_owned(), en: "-".to_owned() };
    let rule =
        Rule { name: "r".to_owned(), when, because, program: None, valid_days: None, for_action: false };
    let checked = match state.app.ready_gate_rules(Draft { events, rules: vec![rule] }).await {
        Ok(_) => Checked { ok: true, said: shell.t(word("gate.said")).into() },
        Err(Error::GateRules(shiren_core::gate::RulesError::Condition(_, error))) => {
            Checked { ok: false, said: super::told::condition(&shell, &error) }
        }
        Err(error) => Checked { ok: false, said: told(&shell, error) },
    };
    Json(checked).into_response()
}
