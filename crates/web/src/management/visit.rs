//! Who is there: a link that was opened, a cookie that came of it.

use askama::Template;
use axum::extract::{FromRequestParts, Path, State as Shared};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use shiren_app::App;
use shiren_app::record::ManagementPass;
use shiren_core::verification::program::Mode;

use crate::browser::{self, MANAGER, cookie, csrf, language, shell, to};
use crate::form::Shown;
use crate::page::{CONTENT_SECURITY_POLICY, ConsoleFrame, ManageGone, Shell};
use crate::state::{Site, State};
use crate::words::Language;

/// Opens a link, and leads to the list, or to the code of the sub-account that it was made for.
pub(super) async fn open(
    Shared(state): Shared<State>,
    Path(secret): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    jar: CookieJar,
) -> Response {
    match state.app.open_management(&secret).await {
        Ok((visit, value)) => {
            let whereto = match &visit.staff {
                Some(staff) => format!("/manage/code?{}", query("staff", staff)),
                None => "/manage".to_owned(),
            };
            (jar.add(manager_cookie(&state.site, value)), to(&whereto)).into_response()
        }
        // Reloading the link is no mistake.
        Err(shiren_app::Error::LinkUsed) if known(&state, &jar).await => to("/manage"),
        Err(_) => gone(&state, &headers, &uri),
    }
}

/// A query of one value.
pub(super) fn query(name: &str, value: &str) -> String {
    serde_urlencoded::to_string([(name, value)]).unwrap_or_default()
}

/// A frame of another site is given cookies only when they say so, and then only its own (CHIPS).
fn manager_cookie(site: &Site, value: String) -> Cookie<'static> {
    let mut cookie = cookie(site, MANAGER, value);
    if site.secure && !site.embed_origins.is_empty() {
        cookie.set_same_site(SameSite::None);
        cookie.set_partitioned(true);
    }
    cookie
}

async fn known(state: &State, jar: &CookieJar) -> bool {
    match jar.get(MANAGER) {
        Some(cookie) => state.app.manager(cookie.value()).await.is_ok(),
        None => false,
    }
}

/// Somebody who manages a shop's sub-accounts.
pub(super) struct Manager {
    pub(super) visit: ManagementPass,
    /// The application in the zone of the shop.
    pub(super) app: App,
    pub(super) language: Language,
    csrf: String,
    uri: Uri,
}

impl FromRequestParts<State> for Manager {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Response> {
        let jar = CookieJar::from_headers(&parts.headers);
        let value = jar.get(MANAGER).map(Cookie::value).unwrap_or_default();
        match state.app.manager(value).await {
            Ok(visit) => Ok(Self {
                app: match state.app.shop(visit.mode, &visit.shop).await {
                    Ok(shop) => state.app.in_zone_of(&shop),
                    Err(_) => return Err(gone(state, &parts.headers, &parts.uri)),
                },
                visit,
                csrf: csrf(value),
                language: language(&parts.headers, &parts.uri),
                uri: parts.uri.clone(),
            }),
            Err(_) => Err(gone(state, &parts.headers, &parts.uri)),
        }
    }
}

impl Shown for Manager {
    fn csrf(&self) -> &str {
        &self.csrf
    }

    fn form_too_old(&self, _: &State) -> Response {
        to("/manage")
    }
}

impl Manager {
    pub(super) fn frame(&self, state: &State) -> ConsoleFrame {
        let shell = shell(&state.site, self.language, self.csrf.clone(), self.visit.mode, &self.uri);
        let shell = Shell { zone: Some(self.app.zone()), ..shell };
        ConsoleFrame { shell, login: None, attention: false, admin: false }
    }
}

/// A page that the marketplace's own pages may frame.
pub(super) fn page(state: &State, status: StatusCode, template: &impl Template) -> Response {
    let mut response = browser::page(status, template);
    if !state.site.embed_origins.is_empty() {
        let origins = state.site.embed_origins.join(" ");
        let policy =
            CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", &format!("frame-ancestors {origins}"));
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    response
}

/// For who is not, or no longer, known.
fn gone(state: &State, headers: &HeaderMap, uri: &Uri) -> Response {
    let shell = shell(&state.site, language(headers, uri), String::new(), Mode::Live, uri);
    let frame = ConsoleFrame { shell, login: None, attention: false, admin: false };
    page(state, StatusCode::UNAUTHORIZED, &ManageGone { frame, home: state.site.home.clone() })
}
