//! What a receiver makes of our webhooks: sent over HTTP by the real sender, verified by the official library of
//! Standard Webhooks from PyPI (`scripts/webhook-library` installs it), and by what our page and our guide tell.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

#[path = "asking/mod.rs"]
mod asking;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use shiren_app::record::Scope;
use shiren_core::verification::program::Mode;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::eyes::ScriptedEyes;
use shiren_testkit::service::TestService;
use shiren_web::{Site, State, router};

type Inbox = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

/// A receiver on a port of this machine: its address, and what comes in.
async fn receiver() -> (String, Inbox) {
    let inbox = Inbox::default();
    let take = async |Shared(inbox): Shared<Inbox>, headers: HeaderMap, body: Bytes| {
        inbox.lock().unwrap().push((headers, body));
        StatusCode::NO_CONTENT
    };
    let app = Router::new().route("/hook", axum::routing::post(take)).with_state(Arc::clone(&inbox));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (url, inbox)
}

/// What came in, with a key to verify it by.
fn with_key(key: &Value, (headers, body): &(HeaderMap, Bytes)) -> Value {
    let headers: Map<String, Value> =
        headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().into())).collect();
    json!({ "key": key, "headers": headers, "body": STANDARD.encode(body) })
}

/// What the libraries say of each.
fn verified(webhooks: &[Value]) -> Vec<String> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let installed =
        Command::new(root.join("scripts/webhook-library")).stderr(Stdio::inherit()).output().unwrap();
    assert!(installed.status.success(), "scripts/webhook-library cannot install what verifies webhooks");
    let folder = String::from_utf8(installed.stdout).unwrap();
    let mut python = Command::new("python3")
        .arg(root.join("crates/web/tests/webhook_library.py"))
        .arg(root.join("crates/web/src/docs/verify_webhook.py"))
        .arg(root.join("docs/guides/webhooks.md"))
        .env("PYTHONPATH", folder.trim())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    python.stdin.take().unwrap().write_all(json!(webhooks).to_string().as_bytes()).unwrap();
    let said = python.wait_with_output().unwrap();
    assert!(said.status.success(), "{said:?}");
    serde_json::from_slice(&said.stdout).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the library that verifies goes by the world's time")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_official_library_believes_what_we_send_also_while_keys_change_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("store.sqlite3")).await.unwrap();
    store.migrate().await.unwrap();
    let service = TestService::over_http(Arc::new(store), ScriptedEyes::default()).unwrap();
    service.clock.turn(Timestamp::now().duration_since(service.app.now()));
    let router = router(State::new(Arc::clone(&service.app), Site::default()));
    let (_, key) = service.app.create_api_key("tests", Mode::Test, Scope::ALL.into()).await.unwrap();
    let post = async |path: &str, body: Value| {
        let (status, answer) = asking::ask(&router, ("POST", path), &key, Some(body), None).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    };
    let (url, inbox) = receiver().await;
    let told = async |shop: &str| {
        inbox.lock().unwrap().clear();
        post("/v1/shops", json!({ "id": shop, "type": "c2c" })).await;
        service.work().await.unwrap();
        inbox.lock().unwrap()[0].clone()
    };

    let first = post("/v1/webhook_endpoints", json!({ "url": url, "events": ["shop.registered"] })).await;
    let rotate = format!("/v1/webhook_endpoints/{}/rotate", first["id"].as_str().unwrap());
    let (first, plain) = (&first["secret"], told("店-1").await);
    let second = post(&rotate, json!({})).await;
    let (second, both) = (&second["secret"], told("2").await);
    let third = post(&rotate, json!({ "signature": "v1a" })).await;
    let (third, three) = (&third["public_key"], told("3").await);
    post(&rotate, json!({ "overlap_hours": 0 })).await;
    let other = told("4").await;
    let changed = |(headers, body): &(HeaderMap, Bytes)| {
        let body = String::from_utf8(body.to_vec()).unwrap().replace("shop.registered", "shop.closed");
        (headers.clone(), Bytes::from(body))
    };
    let stranger = json!("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    let cases = [
        (first, plain.clone(), "v1"),
        (second, plain.clone(), "refused"),
        (&stranger, plain.clone(), "refused"),
        (first, changed(&plain), "refused"),
        (first, both.clone(), "v1"),
        (second, both.clone(), "v1"),
        (second, changed(&both), "refused"),
        (first, three.clone(), "v1"),
        (second, three.clone(), "v1"),
        (third, three.clone(), "v1a"),
        (third, changed(&three), "refused"),
        (third, both, "refused"),
        (first, other.clone(), "refused"),
        (third, other, "refused"),
    ];
    let webhooks: Vec<Value> = cases.iter().map(|(key, webhook, _)| with_key(key, webhook)).collect();
    let wanted: Vec<&str> = cases.iter().map(|(.., wanted)| *wanted).collect();
    assert_eq!(verified(&webhooks), wanted);
}
