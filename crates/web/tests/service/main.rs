//! The service through its router: real store, real use cases, scripted eyes, a clock turned by hand.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

#[path = "../asking/mod.rs"]
mod asking;
mod elsewhere;
mod forgetting;
mod over_postgres;
mod refusing;
mod repeating;
#[path = "../stores/mod.rs"]
mod stores;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::port::Store;
use shiren_app::record::{Role, Scope, TakenBy};
use shiren_app::webhook::sign;
use shiren_app::{Declared, Error, Insists};
use shiren_core::id::{CaseId, SessionId};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Mode;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front};
use shiren_testkit::person;
use shiren_testkit::service::TestService;
use shiren_vault::Purpose;
use shiren_web::page::Support;
use shiren_web::{Limiting, Site, State, router};
use tower::ServiceExt as _;

struct World {
    service: TestService,
    router: Router,
    key: String,
    store: Arc<dyn Store>,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        Self::limited(Limiting::default()).await
    }

    /// Over the embedded store, whichever the other tests run on.
    async fn embedded() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("store.sqlite3")).await.unwrap();
        store.migrate().await.unwrap();
        Self::over(Arc::new(store), folder, Limiting::default()).await
    }

    async fn limited(limiting: Limiting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        Self::over(store, folder, limiting).await
    }

    async fn over(store: Arc<dyn Store>, folder: tempfile::TempDir, limiting: Limiting) -> Self {
        let eyes = ScriptedEyes::default()
            .document(b"card", card_front())
            .document(b"back", card_back())
            .face(b"card", 0.0)
            .face(b"ann", 0.1)
            .face(b"perhaps ann", 1.0)
            .face(b"bob", 4.0);
        let service = TestService::new(Arc::clone(&store), eyes);
        let site = Site {
            public_url: "https://verify.example".into(),
            secure: true,
            name: "Test".into(),
            home: None,
            own_apps: Vec::new(),
            embed_origins: Vec::new(),
            support: Support::default(),
            largest_request: 1_000_000,
            limiting,
        };
        let router = router(State::new(Arc::clone(&service.app), site));
        let (_, key) = service.app.create_api_key("tests", Mode::Test, Scope::ALL.into()).await.unwrap();
        Self { service, router, key, store, folder }
    }

    async fn ask(&self, method: &str, path: &str, key: &str, body: Option<Value>) -> (StatusCode, Value) {
        self.ask_with(method, path, key, body, None).await
    }

    async fn ask_with(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<Value>,
        once: Option<&str>,
    ) -> (StatusCode, Value) {
        asking::ask(&self.router, (method, path), key, body, once).await
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.ask("GET", path, &self.key, None).await
    }

    async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        self.ask("POST", path, &self.key, Some(body)).await
    }

    async fn session(&self, shop: &str) -> SessionId {
        let (status, session) = self.post("/v1/verification_sessions", new(shop)).await;
        assert_eq!(status, StatusCode::CREATED, "{session}");
        session["id"].as_str().unwrap().parse().unwrap()
    }

    /// The only open case.
    async fn open_case(&self) -> CaseId {
        let (_, cases) = self.get("/v1/cases?status=open").await;
        assert_eq!(cases["data"].as_array().unwrap().len(), 1);
        cases["data"][0]["id"].as_str().unwrap().parse().unwrap()
    }

    /// What a person does first.
    async fn agree(&self, id: &SessionId) {
        person::agree(&self.service.app, id).await.unwrap();
    }

    /// What a person does, up to handing in.
    async fn hand_in(&self, id: &SessionId, selfie: &[u8]) {
        self.agree(id).await;
        self.photograph(id, selfie).await;
    }

    async fn photograph(&self, id: &SessionId, selfie: &[u8]) {
        let app = &self.service.app;
        for (step, bytes) in [("front", &b"card"[..]), ("back", b"back"), ("selfie", selfie)] {
            app.take_picture(id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
        app.submit(id, None).await.unwrap();
    }

    async fn hand_in_and_work(&self, id: &SessionId, selfie: &[u8]) {
        self.hand_in(id, selfie).await;
        self.service.work().await.unwrap();
    }

    async fn status(&self, id: &SessionId) -> String {
        let (_, session) = self.get(&format!("/v1/verification_sessions/{id}")).await;
        session["status"].as_str().unwrap_or_default().to_owned()
    }

    async fn codes(&self, id: &SessionId) -> Vec<String> {
        let (_, session) = self.get(&format!("/v1/verification_sessions/{id}")).await;
        let reasons = session["reasons"].as_array().cloned().unwrap_or_default();
        reasons.iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect()
    }
}

fn new(shop: &str) -> Value {
    json!({ "program": "shop-owner", "account": { "kind": "shop", "id": shop } })
}

#[tokio::test]
async fn the_right_person_is_verified_and_another_is_told() {
    right_person(World::new().await).await;
}

async fn right_person(world: World) {
    let (ann, bob) = (world.session("a").await, world.session("a").await);
    world.hand_in(&ann, b"ann").await;
    world.hand_in(&bob, b"bob").await;
    assert_eq!(world.status(&ann).await, "processing");
    world.service.work().await.unwrap();
    assert_eq!(world.status(&ann).await, "verified");
    assert_eq!(
        (world.status(&bob).await.as_str(), world.codes(&bob).await),
        ("requires_input", vec!["face_mismatch".into()])
    );
}

#[tokio::test]
async fn an_uncertain_face_goes_to_a_person_who_decides_once() {
    uncertain_face(World::new().await).await;
}

async fn uncertain_face(world: World) {
    let id = world.session("a").await;
    world.hand_in_and_work(&id, b"perhaps ann").await;
    assert_eq!(world.status(&id).await, "in_review");
    let (_, cases) = world.get("/v1/cases?status=open").await;
    let case = cases["data"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(cases["data"][0]["due_at"], "2026-11-25T04:00:00Z");
    let path = format!("/v1/cases/{case}/decide");
    let approve = json!({ "verdict": "approve", "note": "the same mole under the eye" });
    assert_eq!(
        world.post(&path, json!({ "verdict": "approve", "note": "" })).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(world.post(&path, approve.clone()).await.0, StatusCode::OK);
    assert_eq!(world.post(&path, approve).await.1["code"], "case_decided");
    assert_eq!(world.status(&id).await, "verified");
}

#[tokio::test]
async fn the_review_of_a_session_that_is_called_off_is_closed() {
    let world = World::new().await;
    let id = world.session("a").await;
    world.hand_in_and_work(&id, b"perhaps ann").await;
    let path = format!("/v1/verification_sessions/{id}/cancel");
    assert_eq!(world.ask("POST", &path, &world.key, None).await.1["status"], "canceled");
    assert_eq!(world.get("/v1/cases?status=open").await.1["data"], json!([]));
    let (_, cases) = world.get("/v1/cases?status=decided").await;
    assert_eq!(cases["data"][0]["verdict"], "withdrawn");
    let path = format!("/v1/cases/{}/decide", cases["data"][0]["id"].as_str().unwrap());
    let approve = json!({ "verdict": "approve", "note": "too late" });
    assert_eq!(world.post(&path, approve).await.1["code"], "case_decided");
    let withdrawn = json!({ "verdict": "withdrawn", "note": "not for people" });
    assert_eq!(world.post(&path, withdrawn).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn one_identity_is_verified_for_one_shop_only() {
    one_identity(World::new().await).await;
}

async fn one_identity(world: World) {
    let mut sessions = Vec::new();
    for n in 0..100 {
        let id = world.session(&format!("shop-{n}")).await;
        world.hand_in(&id, b"ann").await;
        sessions.push(id);
    }
    let app = &world.service.app;
    let workers: Vec<_> = (0..8)
        .map(|n| {
            let app = Arc::clone(app);
            tokio::spawn(async move { while app.work_once(&format!("worker-{n}")).await.unwrap() {} })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    let (mut verified, mut in_use) = (0, 0);
    for id in &sessions {
        match world.status(id).await.as_str() {
            "verified" => verified += 1,
            _ => in_use += usize::from(world.codes(id).await == ["identity_in_use"]),
        }
    }
    assert_eq!((verified, in_use), (1, 99));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_who_hand_one_number_in_at_once_one_wins() {
    of_a_hundred_at_once(World::new().await).await;
}

/// All of them hand in at the same moment, and sixteen workers decide.
async fn of_a_hundred_at_once(world: World) {
    let world = Arc::new(world);
    let people: tokio::task::JoinSet<_> = (0..100)
        .map(|n| {
            let world = Arc::clone(&world);
            async move {
                let id = world.session(&format!("shop-{n}")).await;
                world.hand_in(&id, b"ann").await;
                id
            }
        })
        .collect();
    let sessions = people.join_all().await;
    let workers: tokio::task::JoinSet<_> = (0..16)
        .map(|n| {
            let app = Arc::clone(&world.service.app);
            async move { while app.work_once(&format!("worker-{n}")).await.unwrap() {} }
        })
        .collect();
    workers.join_all().await;
    // A check that lost against another one is a job that comes back.
    world.service.clock.turn(SignedDuration::from_mins(5));
    world.service.work().await.unwrap();
    let mut verified = 0;
    for id in &sessions {
        match world.status(id).await.as_str() {
            "verified" => verified += 1,
            _ => assert_eq!(world.codes(id).await, ["identity_in_use"]),
        }
    }
    assert_eq!(verified, 1);
}

#[tokio::test]
async fn an_identity_in_use_is_told_before_any_picture_and_can_be_claimed_back() {
    let world = World::new().await;
    let app = &world.service.app;
    let first = world.session("first").await;
    world.hand_in_and_work(&first, b"ann").await;
    let again = world.session("again").await;
    world.agree(&again).await;
    let number = || Declared { id_number: Some("11010519491231002X".into()), ..Declared::default() };
    let told = app.declare(&again, number(), Insists::default()).await.unwrap_err();
    assert!(matches!(told, Error::Entry { field: "id_number", code: ReasonCode::IdentityInUse }));
    app.declare(&again, number(), Insists { reclaims: true, ..Insists::default() }).await.unwrap();
    world.hand_in_and_work(&again, b"ann").await;
    assert_eq!(world.status(&again).await, "in_review");
    assert_eq!(world.codes(&again).await, ["identity_in_use"]);
    let case = world.open_case().await;
    let file = app.open_case(&case, "tests").await.unwrap();
    assert_eq!(file.holder.unwrap().id, "first");
    let approve = json!({ "verdict": "approve", "note": "the shop was sold, the person is here" });
    let path = format!("/v1/cases/{case}/decide");
    let (status, proposed) = world.post(&path, approve.clone()).await;
    assert_eq!((status, &proposed["awaits_another"]), (StatusCode::OK, &json!(true)), "{proposed}");
    assert_eq!(world.status(&again).await, "in_review", "one alone takes it from nobody");
    assert_eq!(world.post(&path, approve.clone()).await.1["code"], "case_same_reviewer");
    let (_, second) = app.create_api_key("second", Mode::Test, Scope::ALL.into()).await.unwrap();
    assert_eq!(world.ask("POST", &path, &second, Some(approve)).await.0, StatusCode::OK);
    assert_eq!(world.status(&again).await, "verified");
    let (_, events) = world.get("/v1/events?limit=100").await;
    let events = events["data"].as_array().unwrap();
    let lost = events.iter().find(|e| e["type"] == "identity.reclaimed").unwrap();
    assert_eq!(lost["data"]["account"]["id"], "first");
    // Now it is the other shop that would have to ask.
    let third = world.session("first").await;
    world.hand_in_and_work(&third, b"ann").await;
    assert_eq!(world.codes(&third).await, ["identity_in_use"]);
}

#[tokio::test]
async fn a_payment_account_vouches_before_any_picture_and_at_the_end() {
    let world = World::new().await;
    let app = &world.service.app;
    let id = world.session("a").await;
    world.agree(&id).await;
    app.choose_method(&id, "payment-account").await.unwrap();
    let entered = |name: &str| Declared {
        name: Some(name.into()),
        id_number: Some("11010519491231002X".into()),
        ..Declared::default()
    };
    for (name, told) in
        [("不符一", ReasonCode::PaymentNameMismatch), ("查无此人", ReasonCode::SourceIdentityUnknown)]
    {
        let error = app.declare(&id, entered(name), Insists::default()).await.unwrap_err();
        assert!(matches!(error, Error::Entry { field: "name", code } if code == told), "{name}");
    }
    app.declare(&id, entered("王芳"), Insists::default()).await.unwrap();
    world.photograph(&id, b"ann").await;
    world.service.work().await.unwrap();
    assert_eq!((world.status(&id).await.as_str(), world.codes(&id).await), ("verified", vec![]));
    let (_, session) = world.get(&format!("/v1/verification_sessions/{id}")).await;
    let source = &session["decision"]["assurance"]["rests_on"]["source"]["confirmed"]["source"];
    assert_eq!(*source, "sandbox", "{session}");
}

#[tokio::test]
async fn what_was_refused_can_be_brought_before_a_person_with_a_message() {
    let world = World::new().await;
    let app = &world.service.app;
    let id = world.session("a").await;
    assert!(app.appeal(&id, "before anything was decided").await.is_err());
    world.hand_in_and_work(&id, b"bob").await;
    app.appeal(&id, "I had an operation on my face").await.unwrap();
    assert_eq!(world.status(&id).await, "in_review");
    let file = app.open_case(&world.open_case().await, "tests").await.unwrap();
    assert_eq!(file.message.as_deref(), Some("I had an operation on my face"));
    let (_, message) = world.get(&format!("/v1/verification_sessions/{id}/message")).await;
    assert_eq!(message["message"], "I had an operation on my face");
    let (_, events) = world.get("/v1/events?limit=100").await;
    assert!(!events.to_string().contains("operation"));
    assert!(events.to_string().contains("verification_session.message_left"));
}

#[tokio::test]
async fn cases_of_one_account_are_found_among_all() {
    let world = World::new().await;
    for shop in ["a", "b", "b"] {
        let id = world.session(shop).await;
        world.hand_in(&id, b"perhaps ann").await;
    }
    world.service.work().await.unwrap();
    let (_, page) = world.get("/v1/cases?account_kind=shop&account_id=b&limit=1").await;
    assert_eq!((page["data"][0]["account"]["id"].as_str(), &page["has_more"]), (Some("b"), &json!(true)));
    let after = page["data"][0]["id"].as_str().unwrap();
    let (_, rest) = world.get(&format!("/v1/cases?account_kind=shop&account_id=b&after={after}")).await;
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["has_more"]), (1, &json!(false)));
    let (_, none) = world.get("/v1/cases?account_kind=buyer&account_id=b").await;
    assert_eq!(none["data"], json!([]));
    let (_, of_any_kind) = world.get("/v1/cases?account_id=b").await;
    assert_eq!(of_any_kind["data"].as_array().unwrap().len(), 2);
    assert_eq!(world.get("/v1/cases?account_kind=b").await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_session_that_nobody_finishes_expires_by_the_clock() {
    let world = World::new().await;
    let id = world.session("a").await;
    // Its link can be opened for an hour.
    world.service.clock.turn(SignedDuration::from_mins(59));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "requires_input");
    world.service.clock.turn(SignedDuration::from_mins(1));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "expired");
}

#[tokio::test]
async fn half_an_hour_begins_when_the_link_is_opened() {
    let world = World::new().await;
    let (_, session) = world.post("/v1/verification_sessions", new("a")).await;
    let id: SessionId = session["id"].as_str().unwrap().parse().unwrap();
    let secret = session["link"]["url"].as_str().unwrap().rsplit('/').next().unwrap();
    world.service.clock.turn(SignedDuration::from_mins(55));
    world.service.app.open_link(secret, None, None).await.unwrap();
    world.service.clock.turn(SignedDuration::from_mins(29));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "requires_input");
    world.service.clock.turn(SignedDuration::from_mins(1));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "expired");
}

#[tokio::test]
async fn who_is_asked_again_gets_time_again_and_no_more() {
    let world = World::new().await;
    let id = world.session("a").await;
    world.service.clock.turn(SignedDuration::from_mins(29));
    world.hand_in(&id, b"bob").await;
    world.service.clock.turn(SignedDuration::from_mins(10));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "requires_input");
    world.service.clock.turn(SignedDuration::from_mins(29));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "requires_input");
    world.service.clock.turn(SignedDuration::from_mins(1));
    world.service.work().await.unwrap();
    assert_eq!(world.status(&id).await, "expired");
}

#[tokio::test]
async fn webhooks_are_signed_retried_and_complete() {
    signed_webhooks(World::new().await).await;
}

async fn signed_webhooks(world: World) {
    let (_, endpoint) =
        world.post("/v1/webhook_endpoints", json!({ "url": "https://marketplace.example/hook" })).await;
    let secret = endpoint["secret"].as_str().unwrap().parse().unwrap();
    world.service.receiver.answer(500);
    let id = world.session("a").await;
    world.service.work().await.unwrap();
    assert_eq!(world.service.receiver.received().len(), 1);
    world.service.receiver.answer(200);
    world.service.clock.turn(SignedDuration::from_secs(5));
    world.service.work().await.unwrap();
    world.ask("POST", &format!("/v1/verification_sessions/{id}/cancel"), &world.key, None).await;
    world.service.work().await.unwrap();
    let received = world.service.receiver.received();
    let bodies: Vec<Value> = received.iter().map(|r| serde_json::from_slice(&r.body).unwrap()).collect();
    let told: Vec<_> =
        bodies.iter().map(|b| (b["type"].as_str().unwrap(), b["sequence"].as_i64().unwrap())).collect();
    let created = ("verification_session.created", 1);
    assert_eq!(told, [created, created, ("verification_session.canceled", 2)]);
    assert_eq!(received[0].headers[sign::ID], received[1].headers[sign::ID]);
    for webhook in &received[1..] {
        let now = world.service.app.now();
        sign::verify(&webhook.headers, &webhook.body, std::slice::from_ref(&secret), now).unwrap();
    }
}

#[tokio::test]
async fn a_receiver_that_is_down_for_a_day_gets_everything_afterwards() {
    let world = World::new().await;
    world.post("/v1/webhook_endpoints", json!({ "url": "https://marketplace.example/hook" })).await;
    world.service.receiver.answer(503);
    let mut ids = Vec::new();
    // A session and its end every hour, while nobody takes what is told.
    for hour in 0..24 {
        let id = world.session(&format!("shop-{hour}")).await;
        world.ask("POST", &format!("/v1/verification_sessions/{id}/cancel"), &world.key, None).await;
        ids.push(id.to_string());
        for _ in 0..4 {
            world.service.clock.turn(SignedDuration::from_mins(15));
            world.service.work().await.unwrap();
        }
    }
    let tried = world.service.receiver.received().len();
    world.service.receiver.answer(200);
    // The retries' pauses grow to 14 hours: in a day more everything has come.
    for _ in 0..96 {
        world.service.clock.turn(SignedDuration::from_mins(15));
        world.service.work().await.unwrap();
    }
    let mut came = std::collections::BTreeMap::<String, Vec<i64>>::new();
    for webhook in &world.service.receiver.received()[tried..] {
        let body: Value = serde_json::from_slice(&webhook.body).unwrap();
        let of = came.entry(body["data"]["id"].as_str().unwrap().to_owned()).or_default();
        of.push(body["sequence"].as_i64().unwrap());
    }
    assert_eq!(came.len(), ids.len());
    for id in &ids {
        came.get_mut(id).unwrap().sort_unstable();
        assert_eq!(came[id], [1, 2], "{id}: each once");
    }
}

#[tokio::test]
async fn a_receiver_that_is_gone_is_not_called_again() {
    let world = World::new().await;
    world.post("/v1/webhook_endpoints", json!({ "url": "https://marketplace.example/hook" })).await;
    world.service.receiver.answer(410);
    world.session("a").await;
    world.service.work().await.unwrap();
    world.session("b").await;
    world.service.work().await.unwrap();
    assert_eq!(world.service.receiver.received().len(), 1);
    let (_, list) = world.get("/v1/webhook_endpoints").await;
    assert!(list["data"][0]["disabled_because"].as_str().unwrap().contains("410"));
}

#[tokio::test]
async fn figures_name_routes_and_nobody() {
    let world = World::new().await;
    let id = world.session("a").await;
    world.status(&id).await;
    let request = Request::builder().uri("/metrics").body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let text = String::from_utf8(to_bytes(response.into_body(), 1_000_000).await.unwrap().to_vec()).unwrap();
    assert!(text.contains("route=\"/v1/verification_sessions/{id}\""), "{text}");
    assert!(text.contains("shiren_jobs{state=\"waiting\"}"), "{text}");
    assert!(!text.contains(id.as_str()));
}
