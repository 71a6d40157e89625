//! The list of cases, one case, the decision.

use axum::extract::{Path, Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::Value as Json;
use shiren_app::port::CaseQuery;
use shiren_app::record::TakenBy;
use shiren_app::{BannedAlike, CaseFile, Error};
use shiren_core::account::AccountKind;
use shiren_core::account::reference::Reference;
use shiren_core::account::shop::Company;
use shiren_core::id::{CaseId, EvidenceId};
use shiren_core::identity::name;
use shiren_core::review::{Case, CaseDecision, CaseRefusal, FourEyes, Lateness, Reviewer, Verdict};
use shiren_core::see::{FieldKey, Shot};
use shiren_core::verification::Severity;
use shiren_core::verification::program::{Document, Mode};

use super::nows::Nows;
use super::session::SignedIn;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::form::Sent;
use crate::page::{
    CaseBanned, CaseBaseline, CaseCount, CaseFace, CaseField, CaseFinding, CaseOperator, CasePage,
    CasePicture, CaseRow, Cases, Deadline, Decided, Event, ListState, ModeFilter, Shell, Signal, Value,
    shot_title, word,
};
use crate::person::problems;
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    state: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    account: String,
    #[serde(default)]
    page: String,
}

/// The list.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Response {
    let listed = ListState::named(&filter.state).unwrap_or_default();
    let mode = ModeFilter::ALL.into_iter().find(|m| m.name() == filter.mode).unwrap_or_default();
    let query = CaseQuery {
        mode: match mode {
            ModeFilter::Any => None,
            ModeFilter::Live => Some(Mode::Live),
            ModeFilter::Test => Some(Mode::Test),
        },
        open: Some(listed != ListState::Decided),
        account_id: account_id(&filter.account),
        late: match listed {
            ListState::Escalated => Some(Lateness::Escalated),
            ListState::Overdue => Some(Lateness::Overdue),
            ListState::Open | ListState::Decided => None,
        },
        after: filter.page.parse().ok(),
        limit: ROWS + 1,
        ..CaseQuery::default()
    };
    let mut cases = match state.app.cases(&query).await {
        Ok(cases) => cases,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let next = (cases.len() > ROWS as usize).then(|| cases[ROWS as usize - 1].id.to_string());
    cases.truncate(ROWS as usize);
    let frame = reviewer.frame(&state);
    let counts = counts(&state).await;
    let nows = Nows::of(&state, cases.iter().map(|case| case.clock.clone()).collect()).await;
    let rows = cases.iter().map(|case| row(&state, &frame.shell, &nows, case)).collect();
    // In a list, deadlines must be comparable: all are told in the platform's zone, which its heading names.
    let zone = state.app.zone().iana_name().unwrap_or("UTC").to_owned();
    let view = Cases { state: listed, mode, account: filter.account, counts, rows, zone, next, frame };
    page(StatusCode::OK, &view)
}

/// The marketplace's own id, as it stands in lists (`shop:42`) or alone.
fn account_id(text: &str) -> Option<String> {
    let text = text.trim();
    let id = ["shop:", "buyer:", "staff:"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text);
    (!id.is_empty()).then(|| id.to_owned())
}

/// How many there are, counted up to a thousand: beyond, nobody needs the exact number.
async fn counts(state: &State) -> CaseCount {
    let count = async |open, late| {
        let query = CaseQuery { open: Some(open), late, limit: 1000, ..CaseQuery::default() };
        state.app.cases(&query).await.map_or(0, |cases| cases.len() as u64)
    };
    CaseCount {
        open: count(true, None).await,
        escalated: count(true, Some(Lateness::Escalated)).await,
        overdue: count(true, Some(Lateness::Overdue)).await,
        decided: count(false, None).await,
    }
}

/// A case as lists show it.
pub(super) fn row(state: &State, shell: &Shell, nows: &Nows, case: &Case) -> CaseRow {
    CaseRow {
        id: case.id.to_string(),
        due: deadline_by(state, shell, nows.by(case.clock.as_ref()), case.due_at, true),
        late: match case.lateness() {
            _ if case.decided.is_some() => None,
            Lateness::InTime => None,
            Lateness::Escalated => Some(word("cases.escalated")),
            Lateness::Overdue => Some(word("cases.overdue")),
        },
        account: case.account.to_string(),
        program: String::new(),
        document: String::new(),
        reasons: case
            .reasons
            .iter()
            .filter(|r| r.severity != Severity::Info)
            .map(|r| shell.language.of(r.code.message()).to_owned())
            .collect(),
        test: case.mode == Mode::Test,
        decided: case.decided.as_ref().map(|d| shell.t(verdict_key(d.verdict)).into()),
        awaits_another: case.awaits_another(),
    }
}

const fn verdict_key(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => word("case.approved"),
        Verdict::Reject => word("case.rejected"),
        Verdict::AskAgain => word("case.asked_again"),
        Verdict::Withdrawn => word("case.withdrawn"),
    }
}

/// A moment, absolute and from now; one that is near or over is marked.
pub(super) fn deadline(state: &State, shell: &Shell, at: Timestamp, is_due: bool) -> Deadline {
    deadline_by(state, shell, state.app.now(), at, is_due)
}

/// The same, from a moment that is now for what it is about.
pub(super) fn deadline_by(
    state: &State,
    shell: &Shell,
    now: Timestamp,
    at: Timestamp,
    is_due: bool,
) -> Deadline {
    let left = now.duration_until(at);
    let minutes = left.as_mins().unsigned_abs();
    let (n, unit) = match minutes {
        0..=119 => (minutes, "minutes"),
        120..=2879 => (minutes / 60, "hours"),
        _ => (minutes / 1440, "days"),
    };
    let way = if left.is_negative() { "ago" } else { "in" };
    let key = match (way, unit) {
        ("in", "minutes") => word("time.in_minutes"),
        ("in", "hours") => word("time.in_hours"),
        ("in", _) => word("time.in_days"),
        (_, "minutes") => word("time.minutes_ago"),
        (_, "hours") => word("time.hours_ago"),
        _ => word("time.days_ago"),
    };
    let class = match (is_due, left.as_hours()) {
        (false, _) => "",
        (true, _) if left.is_negative() => "overdue",
        (true, 0..=11) => "due",
        _ => "",
    };
    Deadline {
        rfc3339: at.to_string(),
        absolute: absolute(at, state, shell),
        relative: shell.t(key).with("n", n).into(),
        class,
    }
}

/// A moment as the console tells it. Pages about one shop tell its own time; reviewers see shops of many zones, and would
/// take it for theirs: where it is not the platform's, it says how far from UTC it is. Names as short as `CST` are of
/// several zones, and whole ones are too long for a list.
fn absolute(at: Timestamp, state: &State, shell: &Shell) -> String {
    let told = crate::person::moment(at, state, shell);
    match shell.zone.as_ref().filter(|zone| **zone != state.app.zone()) {
        Some(zone) => format!("{told} UTC{}", at.to_zoned(zone.clone()).strftime("%:z")),
        None => told,
    }
}

/// One case.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<CaseId>,
) -> Response {
    file(&state, &reviewer, &id, None, String::new(), None).await
}

async fn file(
    state: &State,
    reviewer: &SignedIn,
    id: &CaseId,
    revealed: Option<(String, String)>,
    note: String,
    error: Option<String>,
) -> Response {
    let file = match state.app.open_case(id, &reviewer.actor()).await {
        Ok(file) => file,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let nows = Nows::of(state, vec![file.case.clock.clone()]).await;
    let zone = state.app.account_zone(file.case.mode, &file.case.account).await.ok();
    let case = case_page(state, reviewer, (file, &nows, zone), revealed, note, error);
    let next = next_after(state, id).await.map(|id| format!("/console/cases/{id}"));
    page(status, &CasePage { next, ..case })
}

/// The open case whose deadline comes after this one's.
async fn next_after(state: &State, id: &CaseId) -> Option<CaseId> {
    let after = CaseQuery { open: Some(true), after: Some(id.clone()), limit: 1, ..CaseQuery::default() };
    Some(state.app.cases(&after).await.ok()?.first()?.id.clone())
}

fn case_page(
    state: &State,
    reviewer: &SignedIn,
    (file, nows, zone): (CaseFile, &Nows, Option<TimeZone>),
    revealed: Option<(String, String)>,
    note: String,
    error: Option<String>,
) -> CasePage {
    let mut frame = reviewer.frame(state);
    frame.shell.zone = zone;
    let shell = &frame.shell;
    let program = state.app.program_of(&file.session).ok();
    let method = program.and_then(|p| file.session.method_of(p).ok());
    let document = method.map_or(Document::ResidentIdCard, |m| m.document);
    let reasons: Vec<_> =
        file.session.reasons.iter().filter(|r| r.severity != Severity::Info).cloned().collect();
    let picture = |p: &shiren_app::record::EvidenceRecord| CasePicture {
        step: p.step.clone(),
        title: shot_title(p.shot, document, shell).into(),
        picture: p.blob.is_some().then(|| format!("/console/evidence/{}?case={}", p.id, file.case.id)),
        width: p.size.0,
        height: p.size.1,
        taken: shell.t(taken_key(p.taken_by)).into(),
        problems: problems(&p.findings, shell),
    };
    CasePage {
        id: file.case.id.to_string(),
        session: file.session.id.to_string(),
        account: file.case.account.to_string(),
        program: program.map(|p| shell.language.of_text(&p.title).to_owned()).unwrap_or_default(),
        document: method.map(|m| shell.language.of_text(&m.title).to_owned()).unwrap_or_default(),
        test: file.case.mode == Mode::Test,
        due: {
            let now = nows.by(file.case.clock.as_ref());
            deadline_by(state, shell, now, file.case.due_at, file.case.decided.is_none())
        },
        assumed: file.case.assumed,
        documents: file.pictures.iter().filter(|p| p.shot != Shot::Selfie).map(picture).collect(),
        face: face(&file, shell),
        operator: operator(&file, shell),
        banned: file.banned.iter().map(|alike| banned(state, shell, alike)).collect(),
        fields: fields(&file, shell, revealed),
        findings: problems(&reasons, shell)
            .into_iter()
            .zip(&reasons)
            .map(|(problem, r)| CaseFinding { problem, steps: r.steps.join(", ") })
            .collect(),
        assurance: assurance(&file, shell).unwrap_or_default(),
        message: file.message.clone(),
        assisted_by: file.session.assisted.as_ref().map(|a| a.by.clone()),
        holder: file.holder.as_ref().map(|account| {
            let key = match account.kind {
                AccountKind::Staff => word("case.holder_staff"),
                _ => word("case.holder"),
            };
            shell.t(key).with("account", account).into()
        }),
        events: file
            .log
            .iter()
            .map(|e| Event {
                at: deadline(state, shell, e.at, false),
                what: e.action.clone(),
                who: e.actor.clone(),
            })
            .collect(),
        opinions: match file.case.decided.is_none() {
            true => file.case.opinions.iter().map(|o| said(state, shell, o)).collect(),
            false => Vec::new(),
        },
        decided: file.case.decided.as_ref().map(|d| said(state, shell, d)),
        two: file.case.four_eyes != FourEyes::Never,
        note,
        error,
        next: None,
        frame,
    }
}

/// What a reviewer made of it.
fn said(state: &State, shell: &Shell, d: &CaseDecision) -> Decided {
    Decided {
        verdict: shell.t(verdict_key(d.verdict)).into(),
        class: match d.verdict {
            Verdict::Approve => "ok",
            Verdict::Reject => "fail",
            Verdict::AskAgain | Verdict::Withdrawn => "warn",
        },
        by: match &d.by {
            Reviewer::User(id) => id.to_string(),
            Reviewer::Key(name) => name.clone(),
            Reviewer::System => shell.t(word("case.by_itself")).into(),
        },
        at: deadline(state, shell, d.at, false),
        note: d.note.clone(),
    }
}

const fn taken_key(by: TakenBy) -> &'static str {
    match by {
        TakenBy::Live => word("case.taken_live"),
        TakenBy::Camera => word("case.taken_camera"),
        TakenBy::File => word("case.taken_file"),
        TakenBy::Api => word("case.taken_api"),
        TakenBy::Drawn => word("case.taken_drawn"),
    }
}

fn assurance(file: &CaseFile, shell: &Shell) -> Option<String> {
    let statement = file.decision.as_ref()?.body.get("assurance")?.get("statement")?;
    Some(statement.get(shell.language.name())?.as_str()?.to_owned())
}

/// Both faces, with what comparing them gave.
fn face(file: &CaseFile, shell: &Shell) -> Option<CaseFace> {
    let checks = file.decision.as_ref()?.body.get("checks")?.as_array()?;
    let compared = checks.iter().find_map(|c| c.get("face"))?;
    let number = |key| compared.get(key).and_then(Json::as_f64).unwrap_or_default();
    let Signal { text, class } = band(compared, shell);
    let address = |shot: &dyn Fn(Shot) -> bool| {
        let found = file.pictures.iter().find(|p| shot(p.shot) && p.blob.is_some());
        found.map(|p| format!("/console/evidence/{}?case={}", p.id, file.case.id))
    };
    Some(CaseFace {
        portrait: address(&|s| matches!(s, Shot::IdFront | Shot::Passport)),
        selfie: address(&|s| s == Shot::Selfie),
        band: text,
        class,
        score: format!("{:.2}", number("score")),
        false_match: format!("1 : {:.0}", 1.0 / number("fmr").max(1e-9)),
    })
}

/// What comparing two faces gave, in words.
fn band(compared: &Json, shell: &Shell) -> Signal {
    let (key, class) = match compared.get("band").and_then(Json::as_str) {
        Some("same") => (word("case.band_same"), "ok"),
        Some("different") => (word("case.band_different"), "fail"),
        _ => (word("case.band_uncertain"), "warn"),
    };
    Signal { text: shell.t(key).into(), class }
}

/// Whether the person is the one who verified before, and what that rests on.
fn operator(file: &CaseFile, shell: &Shell) -> Option<CaseOperator> {
    let checks = file.decision.as_ref()?.body.get("checks")?.as_array()?;
    let traces = checks.iter().find_map(|c| c.get("operator"))?;
    let signal = |key, yes, no| {
        let (key, class) = match traces.get(key).and_then(Json::as_bool) {
            Some(true) => (yes, "ok"),
            Some(false) => (no, "warn"),
            None => (word("case.unknown"), ""),
        };
        Signal { text: shell.t(key).into(), class }
    };
    let compared = traces.get("baselines")?.as_array()?.iter().enumerate();
    let baselines = compared.filter_map(|(n, baseline)| {
        let face = baseline.get("face")?;
        Some(CaseBaseline {
            label: shell.t(word("case.baseline")).with("n", n + 1).into(),
            session: baseline.get("session")?.as_str()?.to_owned(),
            band: band(face, shell),
            score: format!("{:.2}", face.get("score").and_then(Json::as_f64).unwrap_or_default()),
        })
    });
    let transfer = traces.get("transfer_score").and_then(Json::as_f64);
    let device = signal("known_device", word("case.device_known"), word("case.device_new"));
    Some(CaseOperator {
        transfer: transfer.map(|score| format!("{:.0} / 100", 100.0 * score)),
        identity: signal("same_identity", word("case.identity_same"), word("case.identity_other")),
        device: transfer.map(|_| device),
        baselines: baselines.collect(),
    })
}

/// A banned owner whom the person resembles, and how often chance alone does that.
fn banned(state: &State, shell: &Shell, alike: &BannedAlike) -> CaseBanned {
    let person = [&alike.name, &alike.number].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
    // Two figures: one in a million is not 0.0 in a hundred.
    let percent: f64 = 100.0 * alike.chance;
    let digits = (1.0 - percent.max(1e-9).log10().floor()).clamp(0.0, 9.0);
    let percent = format!("{percent:.0$}", digits as usize);
    CaseBanned {
        person,
        shop: format!("{} · {}", alike.ban.shop, alike.ban.penalty),
        since: deadline(state, shell, alike.ban.since, false),
        basis: alike.ban.legal_basis.clone(),
        ended: !alike.ban.in_force(state.app.now()),
        false_match: format!("1 : {:.0}", 1.0 / alike.fmr.max(1e-9)),
        chance: shell.t(word("case.banned_chance")).with("percent", percent).with("n", alike.searched).into(),
    }
}

/// What was read beside what was entered; masked, except what was just revealed.
fn fields(file: &CaseFile, shell: &Shell, revealed: Option<(String, String)>) -> Vec<CaseField> {
    let value = |source: &str, key: &str, masked: &str| {
        let open = revealed.as_ref().filter(|(field, _)| *field == format!("{source}.{key}"));
        match open {
            Some((_, clear)) => Value { shown: clear.clone(), masked: false },
            None => Value { shown: masked.to_owned(), masked: masked.contains('*') },
        }
    };
    let entered = |key: FieldKey| file.declared.iter().find(|(k, _)| *k == key.name());
    // A company is no secret.
    let company = file.session.company.as_ref();
    let registered = |key: FieldKey| match key {
        FieldKey::CreditCode => company.map(Company::credit_code),
        FieldKey::CompanyName => company.and_then(Company::name),
        _ => None,
    };
    file.read
        .iter()
        .map(|(key, masked)| CaseField {
            key: format!("read.{}", key.name()),
            label: shell.t(label_key(*key)).into(),
            read: Some(value("read", key.name(), masked)),
            entered: entered(*key)
                .map(|(k, v)| value("declared", k, v))
                .or_else(|| registered(*key).map(|v| Value { shown: v.to_owned(), masked: false })),
            agrees: entered(*key)
                .map(|(_, v)| v == masked)
                .or_else(|| registered(*key).map(|v| name::same_company(v, masked))),
        })
        .chain(file.differ.iter().map(|(kind, registered, entered)| CaseField {
            key: format!("registered.{}", kind.name()),
            label: shell.t(reference_key(*kind)).into(),
            read: Some(Value { shown: registered.clone(), masked: false }),
            entered: Some(Value { shown: entered.clone(), masked: false }),
            agrees: Some(false),
        }))
        .collect()
}

const fn reference_key(kind: Reference) -> &'static str {
    match kind {
        Reference::Phone => word("data.registered_phone"),
        Reference::PaymentAccount => word("data.registered_payment_account"),
        Reference::BankCard => word("data.registered_bank_card"),
    }
}

const fn label_key(key: FieldKey) -> &'static str {
    match key {
        FieldKey::Name => word("data.name"),
        FieldKey::Sex => word("data.sex"),
        FieldKey::Ethnicity => word("data.ethnicity"),
        FieldKey::BirthDate => word("data.birth_date"),
        FieldKey::Address => word("data.address"),
        FieldKey::IdNumber => word("data.id_number"),
        FieldKey::Authority => word("data.authority"),
        FieldKey::ValidFrom => word("data.valid_from"),
        FieldKey::ValidTo => word("data.valid_to"),
        FieldKey::Surname => word("data.surname"),
        FieldKey::GivenNames => word("data.given_names"),
        FieldKey::DocumentNumber => word("data.document_number"),
        FieldKey::Nationality => word("data.nationality"),
        FieldKey::IssuingState => word("data.issuing_state"),
        FieldKey::ExpiryDate => word("data.expiry_date"),
        FieldKey::PersonalNumber => word("data.personal_number"),
        FieldKey::CreditCode => word("data.credit_code"),
        FieldKey::CompanyName => word("data.company_name"),
        FieldKey::LegalPerson => word("data.legal_person"),
        FieldKey::EstablishedOn => word("data.established_on"),
        FieldKey::BusinessTermTo => word("data.business_term_to"),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Reveal {
    #[serde(default)]
    field: String,
    #[serde(default)]
    reason: String,
}

/// One value in the clear; never in an address.
pub(super) async fn reveal(
    Shared(state): Shared<State>,
    Path(id): Path<CaseId>,
    Sent(reviewer, form): Sent<SignedIn, Reveal>,
) -> Response {
    match state.app.reveal(&id, &form.field, &form.reason, &reviewer.actor()).await {
        Ok(value) => file(&state, &reviewer, &id, Some((form.field, value)), String::new(), None).await,
        Err(Error::Invalid { problem, .. }) => {
            file(&state, &reviewer, &id, None, String::new(), Some(problem)).await
        }
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Decide {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    note: String,
}

/// The decision; then the next case by itself.
pub(super) async fn decide(
    Shared(state): Shared<State>,
    Path(id): Path<CaseId>,
    Sent(reviewer, form): Sent<SignedIn, Decide>,
) -> Response {
    let verdict = match form.verdict.as_str() {
        "approve" => Verdict::Approve,
        "reject" => Verdict::Reject,
        "ask_again" => Verdict::AskAgain,
        _ => return to(&format!("/console/cases/{id}")),
    };
    let by = Reviewer::User(reviewer.user.id.clone());
    match state.app.decide_case(None, &id, verdict, &form.note, by).await {
        Ok(_) => {
            let open = CaseQuery { open: Some(true), limit: 1, ..CaseQuery::default() };
            let next = state.app.cases(&open).await.ok().and_then(|c| c.into_iter().next());
            to(&next.map_or("/console/cases".to_owned(), |c| format!("/console/cases/{}", c.id)))
        }
        Err(error) => {
            let problem = match &error {
                Error::Case(CaseRefusal::SameReviewer) => {
                    reviewer.frame(&state).t(word("case.same_reviewer")).into()
                }
                Error::Case(CaseRefusal::NotChecked) => {
                    reviewer.frame(&state).t(word("case.not_checked")).into()
                }
                Error::Case(CaseRefusal::AlreadyDecided) => {
                    reviewer.frame(&state).t(word("case.already")).into()
                }
                _ => ApiProblem::from(error).title,
            };
            file(&state, &reviewer, &id, None, form.note, Some(problem)).await
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct OfCase {
    case: CaseId,
}

/// A picture of a case; who looked goes into the log.
pub(super) async fn picture(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Path(id): Path<EvidenceId>,
    Query(of): Query<OfCase>,
) -> Response {
    match state.app.open_case_picture(&of.case, &id, &reviewer.actor()).await {
        Ok(opened) => crate::person::picture(opened),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}
