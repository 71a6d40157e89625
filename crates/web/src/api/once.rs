//! `Idempotency-Key`: for every command of the API, in this one place. What is promised under a key stands in
//! `shiren_app`, at `run_once`.

use std::convert::Infallible;

use axum::body::Bytes;
use axum::extract::{FromRequest as _, FromRequestParts, MatchedPath, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use shiren_app::record::SecretHash;
use shiren_app::{Answer, Command, Once};

use super::Problem;
use super::auth::Caller;
use crate::state::State;

/// What callers send.
pub(super) const HEADER: HeaderName = HeaderName::from_static("idempotency-key");
/// What tells them that an answer is an earlier one.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// Longest key, in characters.
pub(super) const LONGEST: usize = 255;

/// What a request says of being repeated.
#[derive(Clone)]
struct Noted {
    route: String,
    value: String,
    request: SecretHash,
}

/// Notes key and content of a request that must have one effect.
pub(super) async fn note(request: Request, next: Next) -> Response {
    match noted(request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn noted(request: Request) -> Result<Request, Problem> {
    let changes = [Method::POST, Method::PUT, Method::DELETE].contains(request.method());
    let Some(value) = request.headers().get(HEADER).filter(|_| changes) else {
        return Ok(request);
    };
    let value = value
        .to_str()
        .ok()
        .filter(|v| (1..=LONGEST).contains(&v.len()) && !v.contains('\t'))
        .map(str::to_owned);
    let wrong = || {
        let problem = "1 to 255 printable ASCII characters";
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", problem).field("Idempotency-Key")
    };
    let value = value.ok_or_else(wrong)?;
    let (mut parts, body) = request.into_parts();
    let body = Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let body = body.map_err(|refused| super::body::unread(&refused))?;
    let path = parts.extensions.get::<MatchedPath>().map_or(parts.uri.path(), MatchedPath::as_str);
    let route = format!("{} {path}", parts.method);
    parts.extensions.insert(Noted { route, value, request: content(&parts, &body) });
    Ok(Request::from_parts(parts, body.into()))
}

/// Of method, address and body. The order of fields and the blanks between them are no other request.
fn content(parts: &Parts, body: &[u8]) -> SecretHash {
    let mut hash = Sha256::new();
    hash.update(format!("{} {}\n", parts.method, parts.uri));
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => hash.update(json.to_string()),
        Err(_) => hash.update(body),
    }
    SecretHash(hash.finalize().into())
}

/// Does the command of a request: once, if the request asks for it.
pub(super) struct Repeatable(Option<Noted>);

impl FromRequestParts<State> for Repeatable {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Infallible> {
        Ok(Self(parts.extensions.remove()))
    }
}

impl Repeatable {
    /// Whether it must have one effect, however often it comes.
    pub(super) fn is_asked(&self) -> bool {
        self.0.is_some()
    }

    /// Does it, and shows what came of it.
    pub(super) async fn run<C: Command, V: Serialize>(
        self,
        state: &State,
        caller: &Caller,
        status: StatusCode,
        command: C,
        view: impl Fn(C::Done) -> V + Send + Sync,
    ) -> Result<Response, Problem> {
        let Some(Noted { route, value, request }) = self.0 else {
            return Ok(shown(answer(status, &view(state.app.run(command).await?))));
        };
        let once = Once { caller: caller.0.clone(), route, value, request };
        let done = state.app.run_once(&once, command, |done| answer(status, &view(done))).await?;
        let mut response = shown(done.answer);
        if done.before {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        Ok(response)
    }
}

fn answer(status: StatusCode, view: &impl Serialize) -> Answer {
    let body = match status {
        StatusCode::NO_CONTENT => Vec::new(),
        _ => serde_json::to_vec(view).unwrap_or_default(),
    };
    Answer { status: status.as_u16(), body }
}

fn shown(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::NO_CONTENT {
        return status.into_response();
    }
    (status, [(header::CONTENT_TYPE, "application/json")], answer.body).into_response()
}
