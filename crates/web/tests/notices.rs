//! A link to go on later, through the router: real store, a mail gateway that answers as it is told.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod asking;
mod stores;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::port::{NoticeQuery, SendError, Store};
use shiren_app::record::{NoticeState, Role, Scope, SendFault};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_testkit::eyes::ScriptedEyes;
use shiren_testkit::service::TestService;
use shiren_web::{Site, State, router};
use tower::ServiceExt as _;

struct World {
    service: TestService,
    router: Router,
    key: String,
    store: Arc<dyn Store>,
    folder: tempfile::TempDir,
}

impl World {
    async fn new(mode: Mode) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        let service = TestService::new(Arc::clone(&store), ScriptedEyes::default());
        let site = Site {
            public_url: "https://verify.example".into(),
            name: "Test".into(),
            largest_request: 1_000_000,
            ..Site::default()
        };
        let router = router(State::new(Arc::clone(&service.app), site));
        let (_, key) = service.app.create_api_key("tests", mode, Scope::ALL.into()).await.unwrap();
        Self { service, router, key, store, folder }
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        asking::ask(&self.router, ("POST", path), &self.key, Some(body), None).await
    }

    /// A session whose person has a mail address, and the first link's secret.
    async fn session(&self) -> (SessionId, String) {
        let body = json!({
            "program": "shop-owner", "account": { "kind": "shop", "id": "1" },
            "contact": { "email": "ann@example.com" },
        });
        let (status, session) = self.post("/v1/verification_sessions", body).await;
        assert_eq!(status, StatusCode::CREATED, "{session}");
        assert!(!session.to_string().contains("ann@"), "a contact is never given back");
        let secret = session["link"]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (session["id"].as_str().unwrap().parse().unwrap(), secret)
    }

    async fn ask(&self, id: &SessionId, body: Value) -> (StatusCode, Value) {
        self.post(&format!("/v1/verification_sessions/{id}/links"), body).await
    }

    async fn state(&self) -> NoticeState {
        let query = NoticeQuery { limit: 1, ..NoticeQuery::default() };
        self.service.app.notices(&query).await.unwrap()[0].notice.state
    }

    async fn browse(
        &self,
        request: axum::http::request::Builder,
        body: String,
    ) -> (StatusCode, String, String) {
        let request = request
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let mut cookie =
            response.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().to_owned());
        let cookie = cookie.find(|c| !c.starts_with("shiren_device"));
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        let cookie = cookie.unwrap_or_default().split(';').next().unwrap_or_default().to_owned();
        (status, String::from_utf8(bytes.into()).unwrap(), cookie)
    }
}

fn csrf(html: &str) -> &str {
    html.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap()
}

#[tokio::test]
async fn a_link_by_mail_goes_on_with_the_same_session() {
    let world = World::new(Mode::Live).await;
    let (id, _) = world.session().await;
    let (status, answer) = world.ask(&id, json!({ "deliver": "email", "language": "en" })).await;
    assert_eq!((status, &answer["notice"]["state"]), (StatusCode::CREATED, &json!("waiting")));
    assert!(answer["link"].is_null(), "who asks does not get what only the person shall have: {answer}");
    world.service.work().await.unwrap();
    let letters = world.service.letters.taken();
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, "ann@example.com"));
    assert!(
        letters[0].text.contains(&letters[0].parameters["link"]) && letters[0].text.contains("60 minutes")
    );
    assert_eq!(world.state().await, NoticeState::Sent);
    let secret = letters[0].parameters["link"].strip_prefix("https://verify.example/v/").unwrap();
    assert_eq!(world.service.app.open_link(secret, None, None).await.unwrap().0, id);
    assert!(world.service.app.open_link(secret, None, None).await.is_err(), "it opens once");
}

#[tokio::test]
async fn a_letter_that_was_not_taken_is_tried_again_and_one_that_perhaps_was_is_not() {
    let world = World::new(Mode::Live).await;
    let (id, _) = world.session().await;
    let letters = &world.service.letters;
    letters.answer(Some(SendError::NotSent(SendFault::Smtp(451))));
    world.ask(&id, json!({ "deliver": "email" })).await;
    world.service.work().await.unwrap();
    assert_eq!(world.state().await, NoticeState::Waiting);
    letters.answer(None);
    world.service.clock.turn(SignedDuration::from_mins(10));
    world.service.work().await.unwrap();
    assert_eq!((world.state().await, letters.taken().len()), (NoticeState::Sent, 1));

    letters.answer(Some(SendError::Unclear(SendFault::Silent)));
    world.ask(&id, json!({ "deliver": "email" })).await;
    world.service.work().await.unwrap();
    letters.answer(None);
    world.service.clock.turn(SignedDuration::from_mins(10));
    world.service.work().await.unwrap();
    assert_eq!((world.state().await, letters.taken().len()), (NoticeState::Unclear, 1));
}

#[tokio::test]
async fn a_letter_that_was_leaving_when_the_process_died_is_not_sent_again() {
    let world = World::new(Mode::Live).await;
    let (id, _) = world.session().await;
    world.ask(&id, json!({ "deliver": "email" })).await;
    let mut tx = world.store.begin().await.unwrap();
    let query = NoticeQuery { limit: 1, ..NoticeQuery::default() };
    let notice = tx.notices(&query).await.unwrap().remove(0);
    let mut notice = tx.notice(&notice.id).await.unwrap().unwrap();
    notice.value.state = NoticeState::Sending;
    tx.save_notice(&notice).await.unwrap();
    tx.commit().await.unwrap();
    world.service.work().await.unwrap();
    assert_eq!((world.state().await, world.service.letters.taken().len()), (NoticeState::Unclear, 0));
}

#[tokio::test]
async fn links_are_not_sent_without_end() {
    let world = World::new(Mode::Live).await;
    let (id, _) = world.session().await;
    let ask = async || world.ask(&id, json!({ "deliver": "email" })).await;
    assert_eq!(ask().await.0, StatusCode::CREATED);
    let (status, problem) = ask().await;
    assert_eq!((status, &problem["code"]), (StatusCode::TOO_MANY_REQUESTS, &json!("too_many_links")));
    for _ in 0..4 {
        world.service.clock.turn(SignedDuration::from_secs(61));
        assert_eq!(ask().await.0, StatusCode::CREATED);
    }
    world.service.clock.turn(SignedDuration::from_secs(61));
    assert_eq!(ask().await.0, StatusCode::TOO_MANY_REQUESTS, "five a day");
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_when_it_is_asked_for() {
    let world = World::new(Mode::Live).await;
    let (id, _) = world.session().await;
    for (body, field) in [
        (json!({ "deliver": "pigeon" }), "deliver"),
        (json!({ "deliver": "sms" }), "deliver"),
        (json!({ "deliver": "email", "language": "fr" }), "language"),
    ] {
        let (status, problem) = world.ask(&id, body).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{problem}"
        );
    }
    let (status, answer) = world.ask(&id, json!({})).await;
    assert_eq!(status, StatusCode::CREATED);
    assert!(answer["link"]["url"].is_string(), "without `deliver` it is given back");
    let body = json!({
        "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "contact": { "email": "ann" },
    });
    assert_eq!(world.post("/v1/verification_sessions", body).await.1["field"], "contact.email");
}

#[tokio::test]
async fn a_person_sends_it_to_themselves_and_the_sandbox_shows_it_to_who_says_why() {
    let world = World::new(Mode::Test).await;
    let (_, secret) = world.session().await;
    let (_, _, visit) = world.browse(Request::get(format!("/v/{secret}")), String::new()).await;
    let (_, html, _) =
        world.browse(Request::get("/verify/later").header("cookie", &visit), String::new()).await;
    assert!(html.contains("a***@example.com") && !html.contains("ann@example.com"), "{html}");
    let send = || {
        let form = format!("csrf={}&channel=email", csrf(&html));
        world.browse(Request::post("/verify/later").header("cookie", &visit), form)
    };
    assert_eq!(send().await.0, StatusCode::SEE_OTHER);
    assert_eq!(send().await.0, StatusCode::TOO_MANY_REQUESTS);
    world.service.work().await.unwrap();
    assert!(world.service.letters.taken().is_empty(), "test mode sends to nobody");

    let app = &world.service.app;
    app.create_user("wang", "correct horse battery", Role::Reviewer).await.unwrap();
    let (_, signed) = app.sign_in("wang", "correct horse battery", None).await.unwrap();
    let console =
        |request: axum::http::request::Builder| request.header("cookie", format!("shiren_console={signed}"));
    let (status, html, _) = world.browse(console(Request::get("/console/notices")), String::new()).await;
    assert_eq!(status, StatusCode::OK, "{html}");
    assert!(html.contains("a***@example.com") && !html.contains("verify.example/v/"), "{html}");
    let path = html.split("action=\"").find(|p| p.contains("/reveal\"")).unwrap().split('"').next().unwrap();
    let form = |reason: &str| format!("csrf={}&reason={reason}", csrf(&html));
    let (status, refused, _) = world.browse(console(Request::post(path)), form("")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!refused.contains("verify.example/v/"));
    let (_, shown, _) = world.browse(console(Request::post(path)), form("trying+it+out")).await;
    assert!(shown.contains("verify.example/v/") && shown.contains("ann@example.com"), "{shown}");
}

#[tokio::test]
async fn no_file_of_the_store_holds_a_contact_or_a_letter() {
    let world = World::new(Mode::Test).await;
    let (id, _) = world.session().await;
    world.ask(&id, json!({ "deliver": "email" })).await;
    world.service.work().await.unwrap();
    assert_eq!(world.state().await, NoticeState::Sandbox);
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in [&b"ann@example.com"[..], b"verify.example/v/"] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret), "{}", String::from_utf8_lossy(secret));
        }
    }
}
