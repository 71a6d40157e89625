//! What a browser sends along: cookies, its language; and how pages go back to it.

use askama::Template;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use shiren_core::verification::program::Mode;

use crate::page::{CONTENT_SECURITY_POLICY, Failure, FailureKind, Frame, PERMISSIONS_POLICY, Shell};
use crate::state::{Site, State};
use crate::words::Language;

/// The cookie of a visit: who opened a link.
pub(crate) const VISIT: &str = "shiren_visit";
/// The cookie by which a device of a shop's owner is known again. Nobody else's has one.
pub(crate) const DEVICE: &str = "shiren_device";
/// The cookie of a sign-in at the console.
pub(crate) const SIGN_IN: &str = "shiren_console";
/// The cookie of a visit to the page of a shop's sub-accounts.
pub(crate) const MANAGER: &str = "shiren_manage";
/// The cookie of a chosen language.
pub(crate) const LANGUAGE: &str = "shiren_lang";

/// The language in which a page is shown.
pub(crate) fn language(headers: &HeaderMap, uri: &Uri) -> Language {
    let jar = CookieJar::from_headers(headers);
    let query =
        uri.query().and_then(|q| q.split('&').find_map(|part| part.strip_prefix("lang=")).map(str::to_owned));
    let accept = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
    Language::pick(jar.get(LANGUAGE).map(Cookie::value), query.as_deref(), accept)
}

/// A cookie that scripts cannot read and other sites cannot send.
pub(crate) fn cookie(site: &Site, name: &'static str, value: String) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .http_only(true)
        .secure(site.secure)
        .same_site(SameSite::Lax)
        .build()
}

/// What forms send back: derived from the cookie, which other sites cannot read.
pub(crate) fn csrf(cookie: &str) -> String {
    shiren_app::hash(&format!("csrf\n{cookie}")).0.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

/// What stands around a page.
pub(crate) fn shell(site: &Site, language: Language, csrf: String, mode: Mode, uri: &Uri) -> Shell {
    let back = uri.path_and_query().map_or("/verify", |p| p.as_str()).to_owned();
    Shell {
        language,
        csrf,
        mode,
        marketplace: site.name.clone(),
        support: site.support.clone(),
        back,
        theme: None,
        zone: None,
    }
}

/// A page, with what it may do.
pub(crate) fn page(status: StatusCode, template: &impl Template) -> Response {
    let Ok(html) = template.render() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let mut response = (status, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response();
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY);
    set(header::CACHE_CONTROL, "no-store");
    response
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    let mut path = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                path.push(char::from(byte))
            }
            other => path.push_str(&format!("%{other:02X}")),
        }
    }
    path
}

/// On to another page of this host.
pub(crate) fn to(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// A page that says why it does not go on, for somebody who may be unknown.
pub(crate) fn failure(state: &State, headers: &HeaderMap, uri: &Uri, kind: FailureKind) -> Response {
    let shell = shell(&state.site, language(headers, uri), String::new(), Mode::Live, uri);
    let frame = Frame { shell, stop: None, time: None, notice: None, can_write: false, assisted: false };
    let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page(status, &Failure { frame, kind, return_url: state.site.home.clone(), reference: None })
}

/// The page for a use case's error.
pub(crate) fn kind_of(error: &shiren_app::Error) -> FailureKind {
    use shiren_app::Error;
    match error {
        Error::LinkUsed => FailureKind::LinkUsed,
        Error::LinkExpired => FailureKind::LinkExpired,
        Error::LinkNumber => FailureKind::LinkNumber,
        Error::Assertion(fault) => FailureKind::Account(*fault),
        // The sub-account has another user, is being looked at for another session, or is gone.
        Error::NotFound(_) | Error::Staff(_) => FailureKind::NotFound,
        Error::Unauthenticated => FailureKind::SessionEnded,
        Error::TooManyTries(_) => FailureKind::TooManyAttempts,
        // Somebody else went on with it, or time did.
        Error::AfterSales(_) => FailureKind::FormTooOld,
        Error::Refused(refusal) => FailureKind::of(refusal).unwrap_or(FailureKind::NotFound),
        Error::TooManyLinks(_) | Error::TooManyCodes { .. } | Error::Busy | Error::Conflict | Error::Full => {
            FailureKind::Busy
        }
        other => {
            tracing::error!(%other, "a page could not be shown");
            FailureKind::Broken
        }
    }
}

#[cfg(test)]
mod tests {
    use super::segment;

    #[test]
    fn whatever_an_id_is_it_stays_one_segment_of_a_path() {
        for (text, path) in [
            ("shop-42", "shop-42"),
            ("a/b?c#d", "a%2Fb%3Fc%23d"),
            ("店 1", "%E5%BA%97%201"),
            ("50%+1", "50%25%2B1"),
        ] {
            assert_eq!(segment(text), path);
        }
    }
}
