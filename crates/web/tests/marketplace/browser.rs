//! A browser that keeps its cookies.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::{Value, json};
use shiren_core::id::SessionId;
use tower::ServiceExt as _;

use super::Marketplace;

/// A browser with the cookies that it was given.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) jar: std::collections::BTreeMap<String, String>,
    /// As they were set last.
    pub(crate) set: Vec<String>,
}

impl Browser {
    pub(crate) async fn send(
        &mut self,
        market: &Marketplace,
        request: Request<Body>,
    ) -> (StatusCode, String) {
        let (status, page) = self.fetch(market, request).await;
        (status, String::from_utf8(page).unwrap())
    }

    /// What comes back as it is: a file.
    pub(crate) async fn fetch(
        &mut self,
        market: &Marketplace,
        request: Request<Body>,
    ) -> (StatusCode, Vec<u8>) {
        let (mut parts, body) = request.into_parts();
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        parts.headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let answer = market.router.clone().oneshot(Request::from_parts(parts, body)).await.unwrap();
        self.keep(answer.headers());
        let status = answer.status();
        let page = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
        (status, page.to_vec())
    }

    fn keep(&mut self, headers: &HeaderMap) {
        self.set =
            headers.get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().to_owned()).collect();
        for set in &self.set {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.to_owned(), value.to_owned());
        }
    }

    /// Opens the link of a fresh session.
    pub(crate) async fn opens(
        &mut self,
        market: &Marketplace,
        kind: &str,
        program: &str,
        id: &str,
    ) -> SessionId {
        let new = json!({ "program": program, "account": { "kind": kind, "id": id } });
        let session = market.post("/v1/verification_sessions", new).await;
        self.follows(market, &session["link"]).await;
        session["id"].as_str().unwrap().parse().unwrap()
    }

    /// Opens another link of a session that there is.
    pub(crate) async fn comes_back(&mut self, market: &Marketplace, session: &SessionId) {
        let again = market.post(&format!("/v1/verification_sessions/{session}/links"), json!({})).await;
        self.follows(market, &again["link"]).await;
    }

    /// Opens a link.
    pub(crate) async fn follows(&mut self, market: &Marketplace, link: &Value) {
        let link = link["url"].as_str().unwrap().strip_prefix("https://verify.example").unwrap();
        let (status, _) = self.send(market, Request::get(link).body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::SEE_OTHER);
    }

    /// A page, in English.
    pub(crate) async fn page(&mut self, market: &Marketplace, path: &str) -> String {
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, "en");
        let (status, page) = self.send(market, request.body(Body::empty()).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    }
}
