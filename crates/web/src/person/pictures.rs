//! Taking pictures: tips and camera, sending, the preview, the picture itself.

use axum::body::Bytes;
use axum::extract::{Multipart, Path, State as Shared};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shiren_app::record::{EvidenceRecord, TakenBy};
use shiren_app::{Error, Taken, UploadRefusal};
use shiren_core::id::EvidenceId;
use shiren_core::see::Shot;
use shiren_core::verification::program::{Method, Mode, Program, Step};
use shiren_core::verification::session::Status;
use shiren_core::verification::{ReasonCode, Severity};

use super::stand::problems;
use super::visit::Person;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::page::{self, Capture, FailureKind, Live, Preview, Specimen, Stop, shot_title};
use crate::state::State;

/// The step that a path names, with its program and method.
fn step_of<'p>(state: &'p State, person: &Person, id: &str) -> Option<(&'p Program, &'p Method, &'p Step)> {
    let session = person.session();
    let open = session.status == Status::RequiresInput && session.has_consent();
    let program = state.app.program_of(session).ok().filter(|_| open)?;
    let method = session.method_of(program).ok()?;
    Some((program, method, method.step(id)?))
}

/// Test mode's offer, on the pages of the card and of the selfie.
fn offer(state: &State, person: &Person, method: &Method, step: &Step) -> Option<Specimen> {
    let session = person.session();
    let shows = matches!(step.shot, Shot::IdFront | Shot::IdBack | Shot::Selfie);
    let front = method.steps.iter().find(|s| s.shot == Shot::IdFront)?;
    let selfie = method.steps.iter().find(|s| s.shot == Shot::Selfie)?;
    let open = session.mode == Mode::Test && state.app.draws_specimens() && shows;
    let lacking = !session.pictures.contains_key(&front.id);
    let there = session.pictures.contains_key(&selfie.id);
    (open && lacking).then(|| Specimen { first: (!there).then(|| selfie.id.clone()) })
}

/// Tips and camera.
pub(super) async fn capture(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<String>,
) -> Response {
    let before = match state.app.pictures_of(person.session()).await {
        Ok(pictures) => pictures.into_iter().find(|p| p.step == id),
        Err(error) => return person.failed(&state, &error),
    };
    shown(&state, &person, &id, before.as_ref(), None)
}

fn shown(
    state: &State,
    person: &Person,
    id: &str,
    before: Option<&EvidenceRecord>,
    refused: Option<ReasonCode>,
) -> Response {
    let Some((program, method, step)) = step_of(state, person, id) else { return to("/verify") };
    let frame = person.frame(state, program, Some(Stop::Pictures));
    let faults: Vec<_> = before
        .map(|b| b.findings.iter().filter(|f| f.severity == Severity::Fail).cloned().collect())
        .unwrap_or_default();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Capture {
        step: step.id.clone(),
        shot: step.shot,
        document: method.document,
        number: method.steps.iter().position(|s| s.id == step.id).unwrap_or(0) + 1,
        of: method.steps.len(),
        first: person.session().pictures.is_empty(),
        optional: !step.need.in_mode(person.session().mode),
        files: !step.live.in_mode(person.session().mode),
        live: program.liveness.as_ref().filter(|_| step.shot == Shot::Selfie).map(|rules| Live {
            needed: step.live.in_mode(person.session().mode),
            flashes: rules.colours > 0,
        }),
        before: problems(&faults, &frame.shell),
        refused: refused.map(|code| page::Problem::new(1, code, Severity::Fail, None, &frame.shell)),
        specimen: offer(state, person, method, step),
        frame,
    };
    page(status, &view)
}

/// What the script gets back.
#[derive(Serialize)]
pub(super) struct Answer {
    evidence: String,
    picture: String,
    width: u32,
    height: u32,
    usable: bool,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct Finding {
    code: &'static str,
    severity: Severity,
    region: Option<shiren_core::see::Region>,
    message: &'static str,
    fix: &'static str,
}

/// A picture as the page's script sends it.
pub(super) async fn send(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if let Err(problem) = of_this_page(&state, &person, &headers) {
        return problem.into_response();
    }
    let taken_by = taken_by(&headers);
    match state.app.take_picture(&person.session().id, &id, body.into(), taken_by).await {
        Ok(taken) => axum::Json(answer(&person, &taken)).into_response(),
        Err(error) => refused(&person, error).into_response(),
    }
}

/// Whether a script of our own pages asks.
pub(super) fn of_this_page(state: &State, person: &Person, headers: &HeaderMap) -> Result<(), ApiProblem> {
    if headers.get("x-csrf").and_then(|v| v.to_str().ok()) == Some(person.csrf.as_str()) {
        return Ok(());
    }
    let title = person.shell(state).t("failure.form").to_string();
    Err(ApiProblem::new(StatusCode::FORBIDDEN, "form_expired", title))
}

/// What the script says of how the picture was taken.
pub(super) fn taken_by(headers: &HeaderMap) -> TakenBy {
    let camera = headers.get("x-taken-by").is_some_and(|v| v == "camera");
    if camera { TakenBy::Camera } else { TakenBy::File }
}

pub(super) fn answer(person: &Person, Taken { evidence, usable }: &Taken) -> Answer {
    let finding = |r: &shiren_core::verification::session::Reason| Finding {
        code: r.code.name(),
        severity: r.severity,
        region: r.region,
        message: person.language.of(r.code.message()),
        fix: person.language.of(r.code.fix()),
    };
    Answer {
        evidence: evidence.id.to_string(),
        picture: format!("/verify/evidence/{}", evidence.id),
        width: evidence.size.0,
        height: evidence.size.1,
        usable: *usable,
        findings: evidence.findings.iter().map(finding).collect(),
    }
}

/// The problem in the person's language.
pub(super) fn refused(person: &Person, error: Error) -> ApiProblem {
    let code = match &error {
        Error::Picture(code) => Some(*code),
        Error::Upload(UploadRefusal::TooLarge) => Some(ReasonCode::PictureTooLarge),
        _ => None,
    };
    let mut problem = ApiProblem::from(error);
    if let Some(code) = code {
        problem.title = person.language.of(code.message()).to_owned();
        problem.fix = Some(person.language.of(code.fix()).to_owned());
    }
    problem
}

/// A picture as a form without scripts sends it.
pub(super) async fn send_file(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<String>,
    mut form: Multipart,
) -> Response {
    let (mut csrf, mut picture) = (String::new(), None);
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some("csrf") => csrf = field.text().await.unwrap_or_default(),
            Some("picture") => picture = field.bytes().await.ok(),
            _ => {}
        }
    }
    if csrf != person.csrf {
        return person.failure(&state, FailureKind::FormTooOld);
    }
    let picture = picture.unwrap_or_default();
    match state.app.take_picture(&person.session().id, &id, picture.into(), TakenBy::File).await {
        Ok(_) => to(&format!("/verify/step/{id}/preview")),
        Err(Error::Picture(code)) => shown(&state, &person, &id, None, Some(code)),
        Err(error) => person.failed(&state, &error),
    }
}

/// The picture that counts, with its problems.
pub(super) async fn preview(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<String>,
) -> Response {
    let pictures = match state.app.pictures_of(person.session()).await {
        Ok(pictures) => pictures,
        Err(error) => return person.failed(&state, &error),
    };
    let Some((program, method, step)) = step_of(&state, &person, &id) else { return to("/verify") };
    let Some(taken) = pictures.into_iter().find(|p| p.step == id) else {
        return to(&format!("/verify/step/{id}"));
    };
    let frame = person.frame(&state, program, Some(Stop::Pictures));
    let view = Preview {
        step: step.id.clone(),
        title: shot_title(step.shot, method.document, &frame.shell).to_string(),
        picture: format!("/verify/evidence/{}", taken.id),
        width: taken.size.0,
        height: taken.size.1,
        usable: taken.findings.iter().all(|f| f.severity != Severity::Fail),
        problems: problems(&taken.findings, &frame.shell),
        specimen: offer(&state, &person, method, step).filter(|_| step.shot == Shot::Selfie),
        frame,
    };
    page(StatusCode::OK, &view)
}

/// The picture itself: the person's own, and nobody else's; once the session has ended, nobody's.
pub(super) async fn show(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<EvidenceId>,
) -> Response {
    match state.app.open_own_picture(&person.session().id, &id).await {
        Ok(opened) => picture(opened),
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

/// A picture, which nobody in between may keep.
pub(crate) fn picture(opened: shiren_app::Opened) -> Response {
    let headers = [(header::CONTENT_TYPE, opened.media_type), (header::CACHE_CONTROL, "private, no-store")];
    (headers, opened.bytes).into_response()
}
