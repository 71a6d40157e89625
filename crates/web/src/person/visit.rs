//! Who is there: a link that was opened, a cookie that came of it.

use axum::extract::{Form, FromRequestParts, Path, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use jiff::Timestamp;
use shiren_app::Visitor;
use shiren_core::account::AccountKind;
use shiren_core::account::assertion::AssertionFault;
use shiren_core::verification::program::{Mode, Program};
use shiren_core::verification::session::{Session, Status};

use super::elsewhere;
use crate::browser::{self, DEVICE, VISIT, cookie, csrf, failure, kind_of, language, shell};
use crate::form::Shown;
use crate::page::{FailureKind, Frame, Notice, Number, Shell, Stop, Time, WithApp};
use crate::state::State;
use crate::words::Language;

/// Opens a link. Somebody who is already here with the same session just goes on: reloading the link is no mistake.
/// In an app's own browser it waits until the person says that they go on there. The marketplace's own app says who is
/// signed in, in the header `Authorization`.
pub(super) async fn open(
    Shared(state): Shared<State>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    jar: CookieJar,
) -> Response {
    let handed = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok());
    let handed = handed.and_then(|v| v.split_once(' ')).filter(|(way, _)| way.eq_ignore_ascii_case("bearer"));
    let handed = handed.map(|(_, token)| token.trim().to_owned());
    arrive(&state, &secret, handed, &headers, &uri, jar).await
}

/// What is posted to a link.
#[derive(serde::Deserialize)]
pub(super) struct Brought {
    /// The number that was chosen.
    number: Option<u8>,
    #[serde(default)]
    csrf: String,
    /// Who is signed in, as the marketplace's app signed it.
    account_assertion: Option<String>,
}

/// The cookie of who was asked for a number. Other sites cannot have it sent along with a form, so that nobody is
/// walked into somebody else's session.
const CODE: &str = "shiren_code";

fn code_cookie(secret: &str) -> String {
    csrf(&format!("code\n{secret}"))
}

/// Opens a link with what came along: the number that stands on another screen, or who is signed in.
pub(super) async fn open_with(
    Shared(state): Shared<State>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    jar: CookieJar,
    Form(brought): Form<Brought>,
) -> Response {
    let handed = brought.account_assertion.filter(|token| !token.is_empty());
    let Some(number) = brought.number else {
        return arrive(&state, &secret, handed, &headers, &uri, jar).await;
    };
    let token = code_cookie(&secret);
    if jar.get(CODE).map(Cookie::value) != Some(token.as_str()) || brought.csrf != csrf(&token) {
        return failure(&state, &headers, &uri, FailureKind::FormTooOld);
    }
    enter(&state, &secret, (Some(number), handed), &headers, &uri, jar).await
}

/// Somebody is there with a link, and perhaps with who is signed in.
async fn arrive(
    state: &State,
    secret: &str,
    handed: Option<String>,
    headers: &HeaderMap,
    uri: &Uri,
    jar: CookieJar,
) -> Response {
    if handed.is_none() {
        if state.app.asks_for_account(secret).await.unwrap_or(false) {
            return enter(state, secret, (None, None), headers, uri, jar).await;
        }
        if let Some(app) = elsewhere::asked_in(state, headers, uri)
            && state.app.link_waits(secret).await.unwrap_or(false)
        {
            return elsewhere::explained(state, app, secret, headers, uri);
        }
    }
    match state.app.numbers(secret).await {
        Ok(None) => enter(state, secret, (None, handed), headers, uri, jar).await,
        Ok(Some(_)) if known(state, &jar).await => browser::to("/verify"),
        Ok(Some(numbers)) => {
            let token = code_cookie(secret);
            let frame = strangers_frame(state, csrf(&token), headers, uri);
            let view = Number { frame, secret: secret.to_owned(), numbers, handed };
            let page = browser::page(StatusCode::OK, &view);
            (jar.add(cookie(&state.site, CODE, token)), page).into_response()
        }
        Err(error) => failure(state, headers, uri, kind_of(&error)),
    }
}

fn strangers_frame(state: &State, csrf: String, headers: &HeaderMap, uri: &Uri) -> Frame {
    let shell = shell(&state.site, language(headers, uri), csrf, Mode::Live, uri);
    Frame { shell, stop: None, time: None, notice: None, can_write: false, assisted: false }
}

async fn enter(
    state: &State,
    secret: &str,
    (number, handed): (Option<u8>, Option<String>),
    headers: &HeaderMap,
    uri: &Uri,
    jar: CookieJar,
) -> Response {
    match state.app.open_link(secret, number, handed.as_deref()).await {
        Ok((_, value)) => {
            let jar = with_device(state, &value, jar).await;
            (jar.add(cookie(&state.site, VISIT, value)), browser::to("/verify")).into_response()
        }
        Err(shiren_app::Error::LinkUsed) if known(state, &jar).await => browser::to("/verify"),
        Err(shiren_app::Error::Assertion(AssertionFault::Missing)) => {
            let frame = strangers_frame(state, String::new(), headers, uri);
            let app = elsewhere::asked_in(state, headers, uri);
            let view = WithApp { frame, app, secret: secret.to_owned() };
            browser::page(StatusCode::FORBIDDEN, &view)
        }
        Err(error) => failure(state, headers, uri, kind_of(&error)),
    }
}

/// The browser of a shop's owner keeps a mark of its own, as long as browsers keep cookies; who has one keeps it.
async fn with_device(state: &State, visit: &str, jar: CookieJar) -> CookieJar {
    let visitor = state.app.visitor(visit).await;
    if !visitor.is_ok_and(|v| v.session.account.kind == AccountKind::Shop) {
        return jar;
    }
    let mark = state.app.device_mark(jar.get(DEVICE).map(Cookie::value));
    let mut device = cookie(&state.site, DEVICE, mark);
    device.make_permanent();
    jar.add(device)
}

async fn known(state: &State, jar: &CookieJar) -> bool {
    match jar.get(VISIT) {
        Some(cookie) => state.app.visitor(cookie.value()).await.is_ok(),
        None => false,
    }
}

/// Somebody who may act for a session.
pub(super) struct Person {
    pub(super) visitor: Visitor,
    pub(super) language: Language,
    pub(super) csrf: String,
    pub(super) uri: Uri,
}

impl FromRequestParts<State> for Person {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let value = jar.get(VISIT).map(Cookie::value).unwrap_or_default();
        match state.app.visitor(value).await {
            Ok(visitor) => Ok(Self {
                csrf: csrf(&visitor.cookie),
                visitor,
                language: language(&parts.headers, &parts.uri),
                uri: parts.uri.clone(),
            }),
            Err(error) => {
                let kind = match kind_of(&error) {
                    FailureKind::NotFound => FailureKind::SessionEnded,
                    kind => kind,
                };
                Err(failure(state, &parts.headers, &parts.uri, kind))
            }
        }
    }
}

impl Shown for Person {
    fn csrf(&self) -> &str {
        &self.csrf
    }

    fn form_too_old(&self, state: &State) -> Response {
        self.failure(state, FailureKind::FormTooOld)
    }
}

impl Person {
    pub(super) fn session(&self) -> &Session {
        &self.visitor.session
    }

    pub(super) fn shell(&self, state: &State) -> Shell {
        let zone = Some(self.visitor.zone.clone());
        let mode = self.session().mode;
        Shell { zone, ..shell(&state.site, self.language, self.csrf.clone(), mode, &self.uri) }
    }

    /// What was done a moment ago, as the address says.
    fn notice(&self) -> Option<Notice> {
        let query = self.uri.query().unwrap_or_default();
        Notice::ALL.into_iter().find(|n| query.split('&').any(|p| p == n.parameter()))
    }

    /// On to a page of the way, which says what was done a moment ago.
    pub(super) fn onward(&self, path: &str) -> Response {
        match self.notice() {
            Some(notice) => browser::to(&format!("{path}?{}", notice.parameter())),
            None => browser::to(path),
        }
    }

    /// What stands around a page of theirs.
    pub(super) fn frame(&self, state: &State, program: &Program, stop: Option<Stop>) -> Frame {
        let time = (self.session().status == Status::RequiresInput).then(|| {
            let left = self.visitor.now.duration_until(self.session().expires_at).as_secs();
            Time {
                seconds_left: u64::try_from(left).unwrap_or(0),
                warn_seconds: 60 * u64::from(program.deadlines.warn_minutes),
                renewable: true,
            }
        });
        let assisted = self.session().status == Status::RequiresInput && self.session().assisted.is_some();
        Frame { shell: self.shell(state), stop, time, notice: self.notice(), can_write: true, assisted }
    }

    /// A page that says why it does not go on.
    pub(super) fn failure(&self, state: &State, kind: FailureKind) -> Response {
        let frame = Frame {
            shell: self.shell(state),
            stop: None,
            time: None,
            notice: None,
            can_write: true,
            assisted: false,
        };
        let reference = Some(self.session().id.to_string());
        let return_url = self.session().return_url.clone().or_else(|| state.site.home.clone());
        let status = axum::http::StatusCode::from_u16(kind.status()).unwrap_or_default();
        let page = crate::page::Failure { frame, kind, return_url, reference };
        browser::page(status, &page)
    }

    /// The page for a use case's error.
    pub(super) fn failed(&self, state: &State, error: &shiren_app::Error) -> Response {
        self.failure(state, kind_of(error))
    }
}

/// A moment as people read it, in the zone of the account that the page is about.
pub(crate) fn moment(at: Timestamp, state: &State, shell: &Shell) -> String {
    let zone = shell.zone.clone().unwrap_or_else(|| state.app.zone());
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()
}
