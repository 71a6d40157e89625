//! `/v1/gate`: whether a purchase or an action needs somebody who is verified, and the rules of it.

use std::collections::BTreeSet;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{AskGate, GATE_REQUEST_DAYS, GateReason, GateRulesFile, GateTried, Gated, PutGateRules};
use shiren_core::gate::{Draft, Rule, UNTOLD};
use shiren_core::verification::program::Text;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Query};
use super::once::Repeatable;
use super::sessions::{AccountView, SessionView};
use crate::state::State;

/// What is about to happen.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateQuestion {
    /// One of the rules' events: `registration`, `purchase`, `after_sales`, `return`, `go_live` unless you changed them.
    #[schema(example = "purchase")]
    event: String,
    /// How much it costs, in the currency's smallest unit, as a whole number. What you leave out cannot be judged: a rule
    /// that needs it asks for a verification.
    #[serde(default)]
    #[schema(example = 680000, minimum = 0, maximum = 1000000000000_i64)]
    amount_cents: Option<i64>,
    /// In which currency, by ISO 4217. Given with the amount.
    #[serde(default)]
    #[schema(example = "CNY", pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// Which goods, by your own name of them.
    #[serde(default)]
    #[schema(example = "food", pattern = "^[a-z0-9_-]{1,64}$")]
    category: Option<String>,
    #[serde(deserialize_with = "super::body::object")]
    account: AccountView,
    /// Your own name and id of the action, for rules that want a verification for this very one.
    #[serde(default)]
    #[schema(example = "live:room-7", min_length = 1, max_length = 128)]
    action: Option<String>,
    /// Whether a verification session is made where one is needed.
    #[serde(default)]
    #[schema(example = true)]
    create_session: bool,
    /// Where the person goes after that session; https.
    #[serde(default)]
    return_url: Option<String>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SentenceView {
    #[schema(example = "订单金额较高，需要先完成身份验证。", min_length = 1, max_length = 200)]
    zh: String,
    #[schema(example = "An order of this amount needs a verified person.", min_length = 1, max_length = 200)]
    en: String,
}

impl From<Text> for SentenceView {
    fn from(text: Text) -> Self {
        Self { zh: text.zh, en: text.en }
    }
}

/// Why a rule asks for a verification.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct GateReasonView {
    /// The rule's name.
    #[schema(example = "amount")]
    rule: String,
    /// `condition_holds`, or `cannot_be_told` when something is not known on which it depends.
    #[schema(example = "condition_holds")]
    code: &'static str,
    /// `verification`; `fresher_verification` when the last one is too old for the rule; `verification_for_action` when it
    /// was for another action or for none.
    #[schema(example = "verification")]
    needs: &'static str,
    /// Why, for the person.
    message: SentenceView,
    /// What could not be told, for you.
    detail: Option<String>,
}

impl From<GateReason> for GateReasonView {
    fn from(reason: GateReason) -> Self {
        let untold = || SentenceView { zh: UNTOLD.zh.to_owned(), en: UNTOLD.en.to_owned() };
        let is_told = reason.untold.is_none();
        Self {
            rule: reason.rule,
            code: if is_told { "condition_holds" } else { "cannot_be_told" },
            needs: reason.needs.name(),
            message: if is_told { reason.because.into() } else { untold() },
            detail: reason.untold,
        }
    }
}

/// The gate's answer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct GateAnswer {
    /// Always `gate_answer`.
    object: &'static str,
    /// `allow` or `verification_required`.
    #[schema(example = "verification_required")]
    outcome: &'static str,
    /// The rules that ask for a verification, in their order.
    reasons: Vec<GateReasonView>,
    /// The program to make a session with: the first of those rules decides.
    #[schema(example = "buyer")]
    program: Option<String>,
    /// The session that was made, with the link for the person.
    verification_session: Option<SessionView>,
    /// By which version of the rules it was answered; 0 are those that come with the product.
    #[schema(minimum = 0)]
    rules_version: i64,
}

impl GateAnswer {
    fn of(state: &State, gated: Gated) -> Self {
        Self {
            object: "gate_answer",
            outcome: if gated.reasons.is_empty() { "allow" } else { "verification_required" },
            reasons: gated.reasons.into_iter().map(GateReasonView::from).collect(),
            program: gated.program,
            verification_session: gated.created.map(|created| SessionView::created(state, created)),
            rules_version: gated.version,
        }
    }
}

/// Ask the gate
///
/// Before a purchase or an action: whether it needs somebody who is verified, and why. With `create_session` the session
/// is made at once; without, make one of `program`, with the same `action`.
#[utoipa::path(
    post, path = "/v1/gate", tag = "gate", security(("key" = [])),
    request_body = GateQuestion,
    responses(
        (status = 200, description = "Answered.", body = GateAnswer),
    )
)]
pub(super) async fn ask(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(asked): Json<GateQuestion>,
) -> Result<Response, Problem> {
    caller.may(Scope::GateRead)?;
    if asked.create_session {
        caller.may(Scope::SessionsWrite)?;
    }
    let ask = AskGate {
        mode: caller.0.mode,
        event: asked.event,
        amount_cents: asked.amount_cents,
        currency: asked.currency,
        category: asked.category,
        account: asked.account.read()?,
        action: asked.action,
        create_session: asked.create_session,
        return_url: asked.return_url,
    };
    if ask.create_session || repeatable.is_asked() {
        let view = |gated| GateAnswer::of(&state, gated);
        return repeatable.run(&state, &caller, StatusCode::OK, ask, view).await;
    }
    // Nothing is made by it: nothing is written for it either.
    let gated = state.app.gate(&ask).await?;
    Ok(Json(GateAnswer::of(&state, gated)).into_response())
}

/// One rule.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateRule {
    /// What it is known by.
    #[schema(example = "amount", pattern = "^[a-z0-9_-]{1,64}$")]
    name: String,
    /// When it asks for a verification: a condition in CEL over `event`, `amount_cents`, `currency`, `category`,
    /// `account.kind`, `verified` and `verified_days` (-1 for who never was).
    #[schema(example = "event == 'purchase' && amount_cents > 500000", min_length = 1, max_length = 1000)]
    when: String,
    /// Why it asks, for the person.
    #[serde(deserialize_with = "super::body::object")]
    because: SentenceView,
    /// By which program; without one, that of the account's kind: `shop-owner`, `staff`, `buyer` or `influencer`.
    #[serde(default)]
    program: Option<String>,
    /// Days for which a verification answers it; without them, for as long as it stands.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3650, example = 365)]
    valid_days: Option<u32>,
    /// Only a verification for the very action answers it.
    #[serde(default)]
    for_action: bool,
}

impl From<GateRule> for Rule {
    fn from(rule: GateRule) -> Self {
        Self {
            name: rule.name,
            when: rule.when,
            because: Text { zh: rule.because.zh, en: rule.because.en },
            program: rule.program,
            valid_days: rule.valid_days,
            for_action: rule.for_action,
        }
    }
}

impl From<Rule> for GateRule {
    fn from(rule: Rule) -> Self {
        Self {
            name: rule.name,
            when: rule.when,
            because: rule.because.into(),
            program: rule.program,
            valid_days: rule.valid_days,
            for_action: rule.for_action,
        }
    }
}

/// The gate's rules in one version.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct GateRulesView {
    /// Always `gate_rules`.
    object: &'static str,
    /// From 1; 0 are those that come with the product.
    #[schema(minimum = 0)]
    version: i64,
    /// What may be asked about.
    events: BTreeSet<String>,
    /// The rules, in the order in which they are told.
    rules: Vec<GateRule>,
    #[schema(value_type = Option<String>, format = DateTime)]
    changed_at: Option<Timestamp>,
    /// The name of the API key that changed them, or `user:` and the id of who did at the console.
    changed_by: Option<String>,
}

impl From<GateRulesFile> for GateRulesView {
    fn from(file: GateRulesFile) -> Self {
        let (changed_at, changed_by) = file.changed.unzip();
        Self {
            object: "gate_rules",
            version: file.version,
            events: file.draft.events,
            rules: file.draft.rules.into_iter().map(GateRule::from).collect(),
            changed_at,
            changed_by,
        }
    }
}

/// Which version of the rules.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichRules {
    /// An earlier version; those in force without it.
    #[serde(default)]
    #[param(minimum = 0)]
    version: Option<i64>,
}

/// Retrieve the gate's rules
///
/// Those in force, or an earlier version. Until you change them, they are the four triggers that come with the product:
/// registration, certain goods, amount, after-sales.
#[utoipa::path(
    get, path = "/v1/gate/rules", tag = "gate", security(("key" = [])), params(WhichRules),
    responses(
        (status = 200, description = "The rules.", body = GateRulesView),
        (status = 404, description = "There is no such version.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn rules(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<WhichRules>,
) -> Result<Json<GateRulesView>, Problem> {
    caller.may(Scope::GateRead)?;
    Ok(Json(state.app.gate_rules(caller.0.mode, which.version).await?.into()))
}

/// Rules to put in place of those in force.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewGateRules {
    /// The version that you looked at: if somebody changed the rules since, yours are refused.
    #[schema(minimum = 0, example = 0)]
    version: i64,
    /// What may be asked about: another event is refused, so that a slip of the pen lets nobody through.
    #[schema(example = json!(["registration", "purchase", "after_sales", "return", "go_live"]), min_items = 1, max_items = 50)]
    events: BTreeSet<String>,
    /// The rules, in the order in which they are told.
    #[schema(max_items = 50)]
    rules: Vec<GateRule>,
}

/// Change the gate's rules
///
/// All of them at once, as a new version. They are asked from then on; by other servers within a second. Try them first.
#[utoipa::path(
    put, path = "/v1/gate/rules", tag = "gate", security(("key" = [])),
    request_body = NewGateRules,
    responses(
        (status = 200, description = "Changed.", body = GateRulesView),
    )
)]
pub(super) async fn put(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<NewGateRules>,
) -> Result<Response, Problem> {
    caller.may(Scope::GateWrite)?;
    let draft = Draft { events: new.events, rules: new.rules.into_iter().map(Rule::from).collect() };
    let rules = state.app.ready_gate_rules(draft).await?;
    let (mode, by) = (caller.0.mode, caller.actor());
    let command = PutGateRules { mode, version: new.version, rules, by };
    let done = repeatable.run(&state, &caller, StatusCode::OK, command, GateRulesView::from).await;
    state.app.forget_gate_rules();
    done
}

/// Rules to try.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DraftGateRules {
    /// What may be asked about.
    #[schema(example = json!(["registration", "purchase", "after_sales", "return", "go_live"]), min_items = 1, max_items = 50)]
    events: BTreeSet<String>,
    /// The rules.
    #[schema(max_items = 50)]
    rules: Vec<GateRule>,
    /// On what was asked in so many days.
    #[serde(default = "all_days")]
    #[schema(minimum = 1, maximum = 30)]
    days: u32,
}

fn all_days() -> u32 {
    GATE_REQUEST_DAYS
}

/// How many one rule asks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct RuleCount {
    /// The rule's name.
    #[schema(example = "amount")]
    rule: String,
    /// By the rules in force.
    now: u32,
    /// By the draft.
    draft: u32,
    /// Of those by the draft: because something was not known on which it depends.
    cannot_be_told: u32,
}

/// What draft rules would have meant for what the gate was asked before.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct GateTrial {
    /// Always `gate_trial`.
    object: &'static str,
    /// How many requests were tried. Where many are asked, a few stand for all, and all are counted.
    total: u32,
    /// When the oldest of them was asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<Timestamp>,
    /// There were more: the oldest were left out.
    more: bool,
    /// How many need a verification by the rules in force.
    now: u32,
    /// How many would by the draft.
    draft: u32,
    /// How many would who do not now.
    newly: u32,
    /// How many would not who do now.
    no_longer: u32,
    /// How many would be refused: the draft does not know their event.
    unknown_event: u32,
    /// Each rule of both.
    rules: Vec<RuleCount>,
    /// With which version of the rules it was compared.
    #[schema(minimum = 0)]
    rules_version: i64,
}

impl From<GateTried> for GateTrial {
    fn from(GateTried { run, more, since, version }: GateTried) -> Self {
        let count = |(rule, count): (String, shiren_core::gate::dry_run::Count)| RuleCount {
            rule,
            now: count.now,
            draft: count.draft,
            cannot_be_told: count.untold,
        };
        Self {
            object: "gate_trial",
            total: run.total,
            since,
            more,
            now: run.now,
            draft: run.draft,
            newly: run.newly,
            no_longer: run.no_longer,
            unknown_event: run.unknown_event,
            rules: run.rules.into_iter().map(count).collect(),
            rules_version: version,
        }
    }
}

/// Try rules for the gate
///
/// On what it was asked in the last 30 days: how many would be asked, by which rule, and what changes. Nothing is kept.
#[utoipa::path(
    post, path = "/v1/gate/dry-run", tag = "gate", security(("key" = [])),
    request_body = DraftGateRules,
    responses(
        (status = 200, description = "Tried.", body = GateTrial),
    )
)]
pub(super) async fn dry_run(
    Shared(state): Shared<State>,
    caller: Caller,
    Json(new): Json<DraftGateRules>,
) -> Result<Json<GateTrial>, Problem> {
    caller.may(Scope::GateRead)?;
    let draft = Draft { events: new.events, rules: new.rules.into_iter().map(Rule::from).collect() };
    let draft = state.app.ready_gate_rules(draft).await?;
    Ok(Json(state.app.try_gate_rules(caller.0.mode, draft, new.days).await?.into()))
}
