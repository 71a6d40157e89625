//! How the tests of the API ask it.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tower::ServiceExt as _;

/// Sends one request, under an idempotency key where there is one; an answer that is no JSON is null.
pub(crate) async fn ask(
    router: &Router,
    (method, path): (&str, &str),
    key: &str,
    body: Option<Value>,
    once: Option<&str>,
) -> (StatusCode, Value) {
    let mut request =
        Request::builder().method(method).uri(path).header(header::AUTHORIZATION, format!("Bearer {key}"));
    if let Some(once) = once {
        request = request.header("idempotency-key", once);
    }
    let sent = body.clone();
    let request = match body {
        Some(body) => {
            request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string()))
        }
        None => request.body(Body::empty()),
    };
    let response = router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
    let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    record((method, path), sent.as_ref(), status, &answer);
    (status, answer)
}

/// What was asked and answered, for `scripts/examples`, which chooses from it what the description shows.
pub(crate) fn record((method, path): (&str, &str), body: Option<&Value>, status: StatusCode, answer: &Value) {
    let (true, Some(folder)) = (status.is_success(), std::env::var_os("SHIREN_RECORD_EXAMPLES")) else {
        return;
    };
    let folder = Path::new(&folder);
    let asked = json!({ "method": method, "path": path, "body": body, "answer": answer });
    let file = folder.join(format!("{}.jsonl", std::process::id()));
    let mut file = OpenOptions::new().create(true).append(true).open(file).unwrap();
    // In one piece: others of this process record too.
    file.write_all(format!("{asked}\n").as_bytes()).unwrap();
}
