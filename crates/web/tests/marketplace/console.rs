//! Somebody at the console: their cookies, and what the forms of their pages send back.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use shiren_app::record::{AuditEntry, Role};
use tower::ServiceExt as _;

use super::Marketplace;

const PASSWORD: &str = "fifteen letters and more";

/// A browser at the console.
pub(crate) struct Desk<'m> {
    market: &'m Marketplace,
    cookie: String,
    csrf: String,
    /// How the log names who works there.
    pub(crate) actor: String,
}

/// An answer.
pub(crate) struct Got {
    pub(crate) status: StatusCode,
    /// Where it leads.
    pub(crate) to: String,
    pub(crate) text: String,
}

impl<'m> Desk<'m> {
    pub(crate) async fn signed_in(market: &'m Marketplace, login: &str, role: Role) -> Self {
        let user = market.service.app.create_user(login, PASSWORD, role).await.unwrap();
        let actor = format!("user:{}", user.id);
        let mut desk = Self { market, cookie: String::new(), csrf: String::new(), actor };
        let got = desk.raw_form("/console/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(got.to, "/console/cases");
        desk.get("/console/cases").await;
        desk
    }

    async fn ask(&mut self, request: Request<Body>) -> Got {
        let (mut parts, body) = request.into_parts();
        parts.headers.insert(header::COOKIE, self.cookie.parse().unwrap());
        let response = self.market.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
        let header = |name| {
            let value = response.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        if let Some(pair) = header(header::SET_COOKIE).split(';').next().filter(|pair| !pair.is_empty()) {
            self.cookie = pair.to_owned();
        }
        let (status, to) = (response.status(), header(header::LOCATION));
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(csrf) = text.split("name=\"csrf\" value=\"").nth(1) {
            self.csrf = csrf.split('"').next().unwrap().to_owned();
        }
        Got { status, to, text }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Got {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// A form as its page sends it.
    pub(crate) async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let csrf = self.csrf.clone();
        let all: Vec<_> = [("csrf", csrf.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.raw_form(path, &all).await
    }

    /// A form with nothing but these fields.
    pub(crate) async fn raw_form(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(body)).unwrap()).await
    }
}

impl Marketplace {
    /// The log of an object, oldest first.
    pub(crate) async fn log(&self, object: &str) -> Vec<AuditEntry> {
        self.store.snapshot().await.unwrap().audit_of(object).await.unwrap()
    }
}
