//! Where the person stands, and the page for it.

use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shiren_app::record::EvidenceRecord;
use shiren_core::account::AccountKind;
use shiren_core::account::reference::Reference;
use shiren_core::see::FieldKey;
use shiren_core::verification::program::{Method, Need, Program};
use shiren_core::verification::session::{CalledOff, Reason, Status};
use shiren_core::verification::{ReasonCode, Remedy, Severity};

use super::visit::{Person, moment};
use super::{code, copy};
use crate::browser::{page, to};
use crate::page::{
    Card, Closed, Consent, Details, Drift, FailureKind, Field, InReview, Item, MethodPage, NumberGroup,
    NumberKind, Overview, Problem, Shell, Start, Stop, ToFix, Verified, shot_title, word,
};
use crate::state::State;
use crate::why::Why;

/// About how long a prepared person takes, in minutes.
const MINUTES: u32 = 2;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Show {
    #[serde(default)]
    show: String,
}

/// The page where the person stands.
pub(super) async fn stand(
    Shared(state): Shared<State>,
    person: Person,
    Query(show): Query<Show>,
) -> Response {
    let session = person.session();
    let program = match state.app.program_of(session) {
        Ok(program) => program,
        Err(error) => return person.failed(&state, &error),
    };
    match session.status {
        Status::Processing => person.onward("/verify/checking"),
        Status::Verified => verified(&state, &person, program).await,
        Status::InReview => in_review(&state, &person, program).await,
        Status::Rejected | Status::Canceled => closed(&state, &person, program),
        Status::Expired => person.failure(&state, FailureKind::SessionExpired),
        Status::RequiresInput if person.visitor.now >= session.expires_at => {
            person.failure(&state, FailureKind::SessionExpired)
        }
        Status::RequiresInput => open(&state, &person, program, &show.show).await,
    }
}

/// What the person has to do next, or asked to see again.
async fn open(state: &State, person: &Person, program: &Program, show: &str) -> Response {
    let session = person.session();
    let agreed = session.has_consent();
    let chosen = session.method_of(program).ok();
    match (show, chosen) {
        ("start", _) => return start(state, person, program),
        ("consent", _) => return consent(state, person, program, &[]),
        ("method", _) if agreed => return method(state, person, program, false),
        ("details", Some(method)) if agreed => {
            return details(state, person, program, method, Entry::default()).await;
        }
        _ => {}
    }
    if session.consents.is_empty() {
        return start(state, person, program);
    }
    if !agreed {
        return consent(state, person, program, &[]);
    }
    let Some(method_chosen) = chosen else { return method(state, person, program, false) };
    if !session.declared && session.submissions.is_empty() {
        return details(state, person, program, method_chosen, Entry::default()).await;
    }
    if session.declared && (session.awaits_phone(program) || session.awaits_old_phone()) {
        return code::shown(state, person, program, None).await;
    }
    let pictures = match state.app.pictures_of(session).await {
        Ok(pictures) => pictures,
        Err(error) => return person.failed(state, &error),
    };
    let faults: Vec<Reason> = session.to_mend().into_iter().cloned().collect();
    if !faults.is_empty() {
        return to_fix(state, person, program, method_chosen, &pictures, &faults);
    }
    let missing = method_chosen
        .steps
        .iter()
        .find(|s| s.need.in_mode(session.mode) && !session.pictures.contains_key(&s.id));
    match missing {
        Some(step) => person.onward(&format!("/verify/step/{}", step.id)),
        None => person.onward("/verify/review"),
    }
}

fn start(state: &State, person: &Person, program: &Program) -> Response {
    let frame = person.frame(state, program, None);
    let start = Start {
        title: frame.shell.language.of_text(&program.title).to_owned(),
        why: Why::of_program(&program.name),
        minutes: MINUTES,
        document_days: program.retention.document_pictures_days,
        face_hours: program.retention.face_pictures_hours,
        begun: !person.session().consents.is_empty(),
        specimen: frame.shell.is_test(),
        export: person.session().export.is_some(),
        frame,
    };
    page(StatusCode::OK, &start)
}

pub(super) fn consent(
    state: &State,
    person: &Person,
    program: &Program,
    missing: &[shiren_core::verification::session::ConsentTo],
) -> Response {
    let status = if missing.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let why = Why::of_program(&program.name);
    page(status, &Consent::new(person.frame(state, program, Some(Stop::Consent)), why, missing))
}

pub(super) fn method(state: &State, person: &Person, program: &Program, missing: bool) -> Response {
    let frame = person.frame(state, program, Some(Stop::Document));
    let chosen = person.session().method.as_deref();
    let vouchers = state.app.vouches(person.session().mode);
    let view = MethodPage { missing, ..MethodPage::new(frame, program, chosen, vouchers) };
    page(if missing { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &view)
}

/// What was entered and is not right.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) name: Option<String>,
    pub(super) number: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) payment_account: Option<String>,
    pub(super) bank_card: Option<String>,
    /// What was insisted on before.
    pub(super) reclaim: bool,
    pub(super) change: String,
    pub(super) account_error: Option<String>,
    pub(super) card_error: Option<String>,
    pub(super) name_error: Option<String>,
    pub(super) number_error: Option<String>,
    pub(super) phone_error: Option<String>,
    pub(super) odd: Option<NumberGroup>,
    pub(super) drift: Option<ReasonCode>,
}

pub(super) async fn details(
    state: &State,
    person: &Person,
    program: &Program,
    method: &Method,
    entry: Entry,
) -> Response {
    use shiren_core::verification::program::Document::{ResidencePermit, ResidentIdCard};
    let frame = person.frame(state, program, Some(Stop::Document));
    let before = state.app.entered(&person.visitor).await.unwrap_or_default();
    let mode = person.session().mode;
    let language = frame.shell.language;
    let errors =
        [&entry.name_error, &entry.number_error, &entry.phone_error, &entry.account_error, &entry.card_error];
    let wrong = errors.iter().any(|e| e.is_some()) || entry.drift.is_some();
    let registered = state.app.registered_kinds(&person.visitor).await.unwrap_or_default();
    let asked = |kind: Reference, need: Need, value: Option<String>, error: Option<String>| {
        let asked = need.in_mode(mode) || registered.contains(&kind);
        asked.then(|| Field { value: value.unwrap_or_default(), required: true, error })
    };
    let declare = &method.declare;
    let phone = asked(Reference::Phone, declare.phone, entry.phone.or(before.phone), entry.phone_error);
    let account = entry.payment_account.or(before.payment_account);
    let account = asked(Reference::PaymentAccount, declare.payment_account, account, entry.account_error);
    let card =
        asked(Reference::BankCard, declare.bank_card, entry.bank_card.or(before.bank_card), entry.card_error);
    let drift = entry.drift.map(|code| drift(code, &entry.change, &frame.shell));
    let view = Details {
        document: language.of_text(&method.title).to_owned(),
        name: Field {
            value: entry.name.or(before.name).unwrap_or_default(),
            required: method.declare.name.in_mode(mode),
            error: entry.name_error,
        },
        number: Field {
            value: entry.number.or(before.id_number).unwrap_or_default(),
            required: method.declare.id_number.in_mode(mode),
            error: entry.number_error,
        },
        phone,
        phone_hint: match person.session().account.kind {
            AccountKind::Staff => word("details.phone_hint"),
            _ => word("details.phone_hint_own"),
        },
        kind: if matches!(method.document, ResidentIdCard | ResidencePermit) {
            NumberKind::Resident
        } else {
            NumberKind::Other
        },
        odd: entry.odd,
        payment_account: account,
        bank_card: card,
        reclaim: entry.reclaim,
        change: entry.change,
        drift,
        frame,
    };
    page(if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }, &view)
}

/// What contradicts what was known before, and what somebody can say to it.
fn drift(code: ReasonCode, insisted: &str, shell: &Shell) -> Drift {
    let sentence = shell.language.advice(code);
    match Reference::ALL.into_iter().find(|kind| kind.changed() == code) {
        Some(kind) => {
            let lead = match kind {
                Reference::Phone => word("details.change_phone_lead"),
                Reference::PaymentAccount | Reference::BankCard => word("details.change_account_lead"),
            };
            let before = insisted.split(',').filter_map(Reference::named).map(Reference::name);
            let value = before.chain([kind.name()]).collect::<Vec<_>>().join(",");
            Drift { sentence, lead, name: "change", value, label: word("details.change") }
        }
        None => {
            let (lead, label) = match code {
                ReasonCode::SubjectBanned => (word("details.banned_lead"), word("details.banned")),
                _ => (word("details.reclaim_lead"), word("details.reclaim")),
            };
            Drift { sentence, lead, name: "reclaim", value: "1".to_owned(), label }
        }
    }
}

/// Everything before it is sent.
pub(super) async fn overview(Shared(state): Shared<State>, person: Person) -> Response {
    let session = person.session();
    let Ok(program) = state.app.program_of(session) else { return to("/verify") };
    let Ok(method) = session.method_of(program) else { return to("/verify") };
    if session.status != Status::RequiresInput {
        return to("/verify");
    }
    let pictures = match state.app.pictures_of(session).await {
        Ok(pictures) => pictures,
        Err(error) => return person.failed(&state, &error),
    };
    let frame = person.frame(&state, program, Some(Stop::Send));
    let entered = state.app.entered(&person.visitor).await.unwrap_or_default();
    let items = method.steps.iter().map(|step| {
        let taken = pictures.iter().find(|p| p.step == step.id);
        let title = shot_title(step.shot, method.document, &frame.shell).to_string();
        let reasons = taken.map(|t| t.findings.as_slice()).unwrap_or_default();
        Item {
            card: card(step.id.clone(), title, taken, reasons, &frame.shell),
            required: step.need.in_mode(session.mode),
            usable: reasons.iter().all(|r| r.severity != Severity::Fail),
        }
    });
    let view = Overview {
        document: frame.shell.language.of_text(&method.title).to_owned(),
        name: entered.name.map(|n| shiren_app::masked(FieldKey::Name, &n)),
        number: entered.id_number.map(|n| shiren_app::masked(FieldKey::IdNumber, &n)),
        items: items.collect(),
        missing: Vec::new(),
        attempts_left: attempts_left(&person, program),
        frame,
    };
    page(StatusCode::OK, &view)
}

fn attempts_left(person: &Person, program: &Program) -> u32 {
    let session = person.session();
    let window = jiff::SignedDuration::from_hours(i64::from(program.deadlines.attempt_hours));
    let recent =
        session.submissions.iter().filter(|at| person.visitor.now.duration_since(**at) < window).count();
    program.deadlines.attempts.saturating_sub(u32::try_from(recent).unwrap_or(u32::MAX))
}

fn to_fix(
    state: &State,
    person: &Person,
    program: &Program,
    method: &Method,
    pictures: &[EvidenceRecord],
    reasons: &[Reason],
) -> Response {
    let session = person.session();
    let frame = person.frame(state, program, Some(Stop::Pictures));
    // What no better picture can mend: another document, or a person.
    if let Some(reason) = reasons.iter().find(|r| r.code.remedy() == Remedy::Final && r.steps.is_empty()) {
        let view = Closed {
            called_off: None,
            may_appeal: true,
            other_document: true,
            reasons: problems(std::slice::from_ref(reason), &frame.shell),
            return_url: session.return_url.clone(),
            session: session.id.to_string(),
            frame,
        };
        return page(StatusCode::OK, &view);
    }
    let mut cards: Vec<Card> = Vec::new();
    // What was entered may be wrong as well as the document.
    let entries: Vec<Reason> = reasons.iter().filter(|r| r.code.is_of_entries()).cloned().collect();
    if !entries.is_empty() {
        let title = frame.shell.language.of_text(&method.title).to_owned();
        cards.push(card("details".to_owned(), title, None, &entries, &frame.shell));
    }
    for step in &method.steps {
        let mine: Vec<Reason> = reasons.iter().filter(|r| blames(r, &step.id, method)).cloned().collect();
        if !mine.is_empty() {
            let taken = pictures.iter().find(|p| p.step == step.id);
            let title = shot_title(step.shot, method.document, &frame.shell).to_string();
            cards.push(card(step.id.clone(), title, taken, &mine, &frame.shell));
        }
    }
    if cards.is_empty() {
        let title = frame.shell.language.of_text(&method.title).to_owned();
        cards.push(card("details".to_owned(), title, None, reasons, &frame.shell));
    }
    let blamed = |step: &str| cards.iter().any(|c| c.step == step);
    let kept = method.steps.iter().filter(|s| !blamed(&s.id) && session.pictures.contains_key(&s.id));
    let view = ToFix {
        kept: kept.map(|s| shot_title(s.shot, method.document, &frame.shell).to_string()).collect(),
        cards,
        attempts_left: attempts_left(person, program),
        session: session.id.to_string(),
        frame,
    };
    page(StatusCode::OK, &view)
}

/// Whether a reason is to be mended at this step. Two faces that differ are mended by another selfie.
fn blames(reason: &Reason, step: &str, method: &Method) -> bool {
    if !reason.steps.iter().any(|s| s == step) {
        return false;
    }
    let faces = matches!(reason.code, ReasonCode::FaceMismatch | ReasonCode::FaceUncertain);
    let selfie = |id: &str| method.step(id).is_some_and(|s| s.shot == shiren_core::see::Shot::Selfie);
    !faces || selfie(step) || !reason.steps.iter().any(|s| selfie(s))
}

pub(super) fn card(
    step: String,
    title: String,
    taken: Option<&EvidenceRecord>,
    reasons: &[Reason],
    shell: &crate::page::Shell,
) -> Card {
    let shown = taken.filter(|t| t.blob.is_some());
    Card {
        step,
        title,
        picture: shown.map(|t| format!("/verify/evidence/{}", t.id)),
        width: shown.map_or(0, |t| t.size.0),
        height: shown.map_or(0, |t| t.size.1),
        problems: problems(reasons, shell),
    }
}

/// Problems as pages number them.
pub(crate) fn problems(reasons: &[Reason], shell: &crate::page::Shell) -> Vec<Problem> {
    (1..).zip(reasons).map(|(n, r)| Problem::new(n, r.code, r.severity, r.region, shell)).collect()
}

async fn verified(state: &State, person: &Person, program: &Program) -> Response {
    let session = person.session();
    let frame = person.frame(state, program, None);
    let decision = state.app.session(session.mode, &session.id).await.ok().and_then(|(_, d)| d);
    let key = frame.shell.language.name();
    let statement = decision
        .and_then(|d| Some(d.body.get("assurance")?.get("statement")?.get(key)?.as_str()?.to_owned()))
        .unwrap_or_default();
    let view = Verified {
        copy: copy::standing(state, person, session),
        statement,
        at: session.ended_at.map(|at| moment(at, state, &frame.shell)).unwrap_or_default(),
        return_url: session.return_url.clone(),
        session: session.id.to_string(),
        frame,
    };
    page(StatusCode::OK, &view)
}

async fn in_review(state: &State, person: &Person, program: &Program) -> Response {
    let session = person.session();
    let case = match &session.case {
        Some(id) => state.app.case(session.mode, id).await.ok(),
        None => None,
    };
    let frame = person.frame(state, program, None);
    let (due, within, overdue) = match &case {
        Some(case) => {
            let hours = person.visitor.now.duration_until(case.due_at).as_hours().max(0);
            let within = frame.t(crate::page::word("time.in_hours")).with("n", hours + 1).into();
            (
                moment(case.due_at, state, &frame.shell),
                within,
                case.decided.is_none() && person.visitor.now >= case.due_at,
            )
        }
        None => Default::default(),
    };
    let reasons: Vec<Reason> =
        session.reasons.iter().filter(|r| r.severity != Severity::Info).cloned().collect();
    let view = InReview {
        reasons: problems(&reasons, &frame.shell),
        due,
        within,
        overdue,
        return_url: session.return_url.clone(),
        session: session.id.to_string(),
        frame,
    };
    page(StatusCode::OK, &view)
}

fn closed(state: &State, person: &Person, program: &Program) -> Response {
    let session = person.session();
    let frame = person.frame(state, program, None);
    // Why it was called off is not what the checks had found.
    let reasons = if session.status == Status::Canceled { &[][..] } else { &session.reasons };
    let view = Closed {
        called_off: (session.status == Status::Canceled)
            .then(|| session.called_off.unwrap_or(CalledOff::ByPlatform)),
        may_appeal: session.may_appeal(),
        other_document: false,
        reasons: problems(reasons, &frame.shell),
        return_url: session.return_url.clone(),
        session: session.id.to_string(),
        frame,
    };
    page(StatusCode::OK, &view)
}
