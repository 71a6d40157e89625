//! Whom and what the service refuses.

use super::*;

#[tokio::test(start_paused = true)]
async fn who_never_finishes_sending_is_told_after_a_minute() {
    // Time stands still here, and a connection to a server would be given up before it is made.
    let world = World::embedded().await;
    let never = futures_util::stream::pending::<Result<axum::body::Bytes, std::io::Error>>();
    let request = Request::post("/v1/verification_sessions")
        .header(header::AUTHORIZATION, format!("Bearer {}", world.key))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from_stream(never))
        .unwrap();
    let answer = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
    let problem: Value =
        serde_json::from_slice(&to_bytes(answer.into_body(), 10_000).await.unwrap()).unwrap();
    assert_eq!(problem["code"], "request_timeout");
}

#[tokio::test]
async fn an_array_is_no_object_and_nothing_is_no_cursor() {
    let world = World::new().await;
    let id = world.session("a").await;
    let account = json!({ "kind": "shop", "id": "a" });
    for (path, body) in [
        ("/v1/verification_sessions".to_owned(), json!(["shop-owner", account])),
        (
            "/v1/verification_sessions".to_owned(),
            json!({ "program": "shop-owner", "account": ["shop", "a"] }),
        ),
        (
            "/v1/verification_sessions".to_owned(),
            json!({ "program": "shop-owner", "account": account, "contact": [null, null] }),
        ),
        (format!("/v1/verification_sessions/{id}/links"), json!([])),
    ] {
        let (status, problem) = world.ask("POST", &path, &world.key, Some(body.clone())).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")),
            "{body}"
        );
    }
    for list in ["verification_sessions", "cases", "events", "shops", "shops/a/staff"] {
        for after in ["", "%00", &"a".repeat(129)] {
            let (status, _) = world.ask("GET", &format!("/v1/{list}?after={after}"), &world.key, None).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{list} {after}");
        }
    }
}

#[tokio::test]
async fn test_and_live_do_not_see_one_another() {
    let world = World::new().await;
    let id = world.session("a").await;
    let (_, live) = world.service.app.create_api_key("live", Mode::Live, Scope::ALL.into()).await.unwrap();
    let path = format!("/v1/verification_sessions/{id}");
    for (method, path) in
        [("GET", path.clone()), ("POST", format!("{path}/cancel")), ("POST", format!("{path}/redact"))]
    {
        assert_eq!(world.ask(method, &path, &live, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let (_, list) = world.ask("GET", "/v1/verification_sessions", &live, None).await;
    assert_eq!(list["data"], json!([]));
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_nothing_else() {
    let world = World::new().await;
    let app = &world.service.app;
    let (key, secret) = app.create_api_key("reads", Mode::Test, [Scope::SessionsRead].into()).await.unwrap();
    assert_eq!(world.ask("GET", "/v1/verification_sessions", &secret, None).await.0, StatusCode::OK);
    let refused = [
        ("POST", "/v1/verification_sessions", Some(new("a"))),
        ("GET", "/v1/cases", None),
        ("GET", "/v1/events", None),
        ("GET", "/v1/webhook_endpoints", None),
    ];
    for (method, path, body) in refused {
        assert_eq!(world.ask(method, path, &secret, body).await.0, StatusCode::FORBIDDEN, "{method} {path}");
    }
    app.revoke_api_key(&key.id).await.unwrap();
    assert_eq!(
        world.ask("GET", "/v1/verification_sessions", &secret, None).await.0,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn who_asks_too_often_waits_and_others_do_not() {
    let header = "x-real-ip".to_owned();
    let world = World::limited(Limiting { per_key: 3, per_address: 2, client_address_header: header }).await;
    let sessions = "/v1/verification_sessions";
    for _ in 0..3 {
        assert_eq!(world.get(sessions).await.0, StatusCode::OK);
    }
    let (status, problem) = world.get(sessions).await;
    assert_eq!((status.as_u16(), problem["code"].as_str()), (429, Some("too_many_requests")));
    let (_, other) = world.service.app.create_api_key("other", Mode::Test, Scope::ALL.into()).await.unwrap();
    assert_eq!(world.ask("GET", sessions, &other, None).await.0, StatusCode::OK);
    let from = async |address: &str, path: &str, accept: &str| {
        let request = Request::builder().uri(path).header("x-real-ip", address).header("accept", accept);
        world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
    };
    for _ in 0..2 {
        assert_eq!(from("198.51.100.7", "/console", "text/html").await.status(), StatusCode::OK);
    }
    let page = from("198.51.100.7", "/console", "text/html").await;
    assert_eq!(page.status(), StatusCode::TOO_MANY_REQUESTS);
    assert!(page.headers()[header::RETRY_AFTER].to_str().unwrap().parse::<u32>().unwrap() <= 31);
    assert!(page.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let problem = from("198.51.100.7", "/v1/cases", "*/*").await;
    assert_eq!(problem.status(), StatusCode::TOO_MANY_REQUESTS, "keys cannot be guessed either");
    assert_eq!(problem.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(from("198.51.100.8", "/console", "text/html").await.status(), StatusCode::OK);
    assert_eq!(from("198.51.100.7", "/healthz", "*/*").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn passwords_cannot_be_guessed_at_the_console() {
    let header = "x-real-ip".to_owned();
    let world = World::limited(Limiting { client_address_header: header, ..Limiting::default() }).await;
    world.service.app.create_user("wang", "a long password, no other", Role::Reviewer).await.unwrap();
    let sign_in = async |login: &str, password: &str, address: &str| {
        let form = format!("login={login}&password={}", password.replace(' ', "+").replace(',', "%2C"));
        let request = Request::builder()
            .method("POST")
            .uri("/console/sign-in")
            .header("x-real-ip", address)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = world.router.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        (status, to_bytes(response.into_body(), 1_000_000).await.unwrap())
    };
    let right = "a long password, no other";
    for _ in 0..10 {
        assert_eq!(sign_in("wang", "guessed", "198.51.100.7").await.0, 401);
    }
    let (right_one, wrong_one) =
        (sign_in("wang", right, "203.0.113.1").await, sign_in("wang", "no", "203.0.113.1").await);
    assert_eq!(right_one.0, 429);
    assert_eq!(right_one, wrong_one, "the answer does not tell whether it was right");
    assert_eq!(sign_in("li", "guessed", "198.51.100.7").await.0, 429, "nor from the same address");
    assert_eq!(sign_in("li", "guessed", "203.0.113.1").await.0, 401);
    world.service.clock.turn(SignedDuration::from_mins(15));
    assert_eq!(sign_in("wang", right, "198.51.100.7").await.0, 303);
}

#[tokio::test]
async fn what_is_wrong_is_a_problem_of_its_own() {
    let world = World::new().await;
    let sessions = "/v1/verification_sessions";
    for (body, status, code) in [
        (json!({}), 422, "invalid"),
        (json!({ "program": "no", "account": { "kind": "shop", "id": "1" } }), 422, "invalid"),
        (json!({ "program": "shop-owner", "account": { "kind": "ship", "id": "1" } }), 422, "invalid"),
        (json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "" } }), 422, "invalid"),
        (
            json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "x": 1 }),
            422,
            "invalid",
        ),
        (
            json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "return_url": "javascript:alert(1)" }),
            422,
            "invalid",
        ),
        (
            json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "metadata": { "": "" } }),
            422,
            "invalid",
        ),
    ] {
        let (got, problem) = world.post(sessions, body.clone()).await;
        assert_eq!((got.as_u16(), problem["code"].as_str()), (status, Some(code)), "{body}: {problem}");
    }
    assert_eq!(world.ask("GET", sessions, "sk_test_nobody", None).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(world.get("/v1/verification_sessions/nothing").await.0, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/v1/verification_sessions?limit=many").await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.get("/v1/nothing").await.1["code"], "not_found");
}
