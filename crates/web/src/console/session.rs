//! Signing in and out.

use axum::extract::{Form, FromRequestParts, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;
use serde::Deserialize;
use shiren_app::Error;
use shiren_app::record::{SignIn as Signed, User};
use shiren_core::account::actor::Actor;
use shiren_core::verification::program::Mode;

use crate::browser::{self, SIGN_IN, cookie, csrf, language, page, shell, to};
use crate::form::{Button, Sent, Shown};
use crate::limit::{Client, counted_as};
use crate::page::{ConsoleFrame, SignIn};
use crate::state::State;
use crate::words::Language;

/// Somebody who is signed in.
pub(super) struct SignedIn {
    pub(super) user: User,
    pub(super) signed: Signed,
    pub(super) csrf: String,
    pub(super) language: Language,
    pub(super) uri: Uri,
    /// Whether the operator must look after something.
    pub(super) attention: bool,
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let value = jar.get(SIGN_IN).map(Cookie::value).unwrap_or_default();
        match state.app.signed_in(value).await {
            Ok((user, signed)) => Ok(Self {
                user,
                signed,
                csrf: csrf(value),
                language: language(&parts.headers, &parts.uri),
                uri: parts.uri.clone(),
                attention: state.app.needs_attention().await.unwrap_or(false),
            }),
            Err(_) => Err(to("/console")),
        }
    }
}

impl Shown for SignedIn {
    fn csrf(&self) -> &str {
        &self.csrf
    }

    fn form_too_old(&self, _: &State) -> Response {
        to("/console")
    }
}

impl SignedIn {
    pub(super) fn actor(&self) -> String {
        shiren_app::user_actor(&self.user.id)
    }

    /// As whom they make changes.
    pub(super) fn by(&self) -> Actor {
        Actor::User(self.user.id.clone())
    }

    pub(super) fn frame(&self, state: &State) -> ConsoleFrame {
        let shell = shell(&state.site, self.language, self.csrf.clone(), Mode::Live, &self.uri);
        ConsoleFrame {
            shell,
            login: Some(self.user.login.clone()),
            attention: self.attention,
            admin: self.user.role.operates(),
        }
    }
}

/// Somebody who is signed in and may change how the marketplace is run.
pub(super) struct Operator(pub(super) SignedIn);

impl FromRequestParts<State> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let who = SignedIn::from_request_parts(parts, state).await?;
        if who.user.role.operates() {
            return Ok(Self(who));
        }
        Err(crate::api::Problem::from(Error::Forbidden("this needs an administrator")).into_response())
    }
}

impl Shown for Operator {
    fn csrf(&self) -> &str {
        &self.0.csrf
    }

    fn form_too_old(&self, state: &State) -> Response {
        self.0.form_too_old(state)
    }
}

/// The first page of the console.
pub(super) async fn entrance(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    uri: Uri,
    reviewer: Result<SignedIn, Response>,
) -> Response {
    match reviewer {
        Ok(_) => to("/console/cases"),
        Err(_) => asked(&state, &headers, &uri, String::new(), None),
    }
}

fn asked(state: &State, headers: &HeaderMap, uri: &Uri, login: String, error: Option<Error>) -> Response {
    let shell = shell(&state.site, language(headers, uri), String::new(), Mode::Live, uri);
    let frame = ConsoleFrame { shell, login: None, attention: false, admin: false };
    let (status, wait) = match error {
        None => (StatusCode::OK, None),
        Some(Error::TooManyTries(seconds)) => (StatusCode::TOO_MANY_REQUESTS, Some(seconds)),
        Some(_) => (StatusCode::UNAUTHORIZED, None),
    };
    let (refused, wait_minutes) = (status == StatusCode::UNAUTHORIZED, wait.map(|s| s.div_ceil(60)));
    let mut response = page(status, &SignIn { frame, login, refused, wait_minutes });
    if let Some(seconds) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

#[derive(Debug, Deserialize)]
pub(super) struct Credentials {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
}

/// Signs in.
pub(super) async fn sign_in(
    Shared(state): Shared<State>,
    headers: HeaderMap,
    uri: Uri,
    client: Client,
    jar: CookieJar,
    Form(form): Form<Credentials>,
) -> Response {
    match state.app.sign_in(&form.login, &form.password, counted_as(client).as_deref()).await {
        Ok((_, value)) => {
            (jar.add(cookie(&state.site, SIGN_IN, value)), to("/console/cases")).into_response()
        }
        Err(error) => asked(&state, &headers, &uri, form.login, Some(error)),
    }
}

/// Signs out.
pub(super) async fn sign_out(
    Shared(state): Shared<State>,
    jar: CookieJar,
    Sent(reviewer, Button {}): Sent<SignedIn, Button>,
) -> Response {
    match state.app.sign_out(&reviewer.signed.id).await {
        Ok(()) => {
            let gone = Cookie::build((browser::SIGN_IN, "")).path("/");
            (jar.remove(gone), to("/console")).into_response()
        }
        Err(error) => crate::api::Problem::from(error).into_response(),
    }
}
