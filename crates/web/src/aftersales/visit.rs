//! Who is there: a link that was opened, a cookie that came of it.

use axum::extract::{FromRequestParts, Path, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use shiren_app::{AfterSalesVisitor, Error};

use super::stand;
use crate::browser::{self, cookie, csrf, failure, kind_of, language, shell};
use crate::form::Shown;
use crate::page::{FailureKind, Frame, Notice, Shell};
use crate::state::State;
use crate::words::Language;

/// The cookie of a visit to a request.
const VISIT: &str = "shiren_aftersales";

/// Opens a link. Whoever is here already just goes on: reloading the link is no mistake.
pub(super) async fn open(
    Shared(state): Shared<State>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    jar: CookieJar,
) -> Response {
    match state.app.open_aftersales_link(&secret).await {
        Ok(value) => (jar.add(cookie(&state.site, VISIT, value)), browser::to("/aftersales")).into_response(),
        Err(Error::LinkUsed) if known(&state, &jar).await => browser::to("/aftersales"),
        Err(error) => failure(&state, &headers, &uri, kind_of(&error)),
    }
}

async fn known(state: &State, jar: &CookieJar) -> bool {
    match jar.get(VISIT) {
        Some(cookie) => state.app.aftersales_visitor(cookie.value()).await.is_ok(),
        None => false,
    }
}

/// The buyer of a request.
pub(super) struct Buyer {
    pub(super) visitor: AfterSalesVisitor,
    pub(super) language: Language,
    pub(super) csrf: String,
    pub(super) uri: Uri,
}

impl FromRequestParts<State> for Buyer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let value = jar.get(VISIT).map(Cookie::value).unwrap_or_default();
        match state.app.aftersales_visitor(value).await {
            Ok(visitor) => Ok(Self {
                csrf: csrf(&visitor.cookie),
                visitor,
                language: language(&parts.headers, &parts.uri),
                uri: parts.uri.clone(),
            }),
            Err(error) => Err(failure(state, &parts.headers, &parts.uri, kind_of(&error))),
        }
    }
}

impl Shown for Buyer {
    fn csrf(&self) -> &str {
        &self.csrf
    }

    fn form_too_old(&self, state: &State) -> Response {
        self.failure(state, FailureKind::FormTooOld)
    }
}

impl Buyer {
    pub(super) fn shell(&self, state: &State) -> Shell {
        let mode = self.visitor.request.mode;
        let mut shell = shell(&state.site, self.language, self.csrf.clone(), mode, &self.uri);
        // Forms are answered with the page, and another language asks for a page.
        shell.back = "/aftersales".to_owned();
        shell
    }

    pub(super) fn frame(&self, state: &State) -> Frame {
        let kept = self.uri.query().is_some_and(|q| q.split('&').any(|p| p == Notice::Kept.parameter()));
        let notice = kept.then_some(Notice::Kept);
        Frame { shell: self.shell(state), stop: None, time: None, notice, can_write: false, assisted: false }
    }

    /// The request's page, saying why what was asked did not go: they are known, and go on from there.
    pub(super) fn failure(&self, state: &State, kind: FailureKind) -> Response {
        let shell = self.shell(state);
        // Chinese sentences follow one another without a blank.
        let between = if self.language == Language::En { ". " } else { "。" };
        let sentence = format!("{}{between}{}", shell.t(kind.title()), shell.t(kind.why()));
        let status = StatusCode::from_u16(kind.status()).unwrap_or_default();
        stand::told_as(state, self, status, None, Some(sentence))
    }

    /// The page for a use case's error.
    pub(super) fn failed(&self, state: &State, error: &Error) -> Response {
        self.failure(state, kind_of(error))
    }
}
