//! Which account is signed in where a link is opened (rows E1, E23, E29): as the marketplace's app asserts it.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_core::verification::program::{Demand, Program, built_in};
use shiren_testkit::assertion::MarketApp;
use tower::ServiceExt as _;

const STAFF: &str = "1:a";

/// What came of opening a link.
struct Opening {
    status: StatusCode,
    visit: Option<String>,
    page: String,
}

impl Opening {
    fn is_in(&self) -> bool {
        self.status == StatusCode::SEE_OTHER && self.visit.is_some()
    }

    fn refused(&self, code: &str) {
        assert_eq!(self.status, StatusCode::FORBIDDEN, "{code}: {}", self.page);
        assert!(self.page.contains(&format!("<p class=\"code\">{code}")), "{code}: {}", self.page);
        assert_eq!(self.visit, None);
    }
}

struct World {
    market: Marketplace,
    app: MarketApp,
}

impl World {
    /// Two shops, with a sub-account each.
    async fn new() -> Self {
        Self::with_programs(Vec::new()).await
    }

    async fn with_programs(programs: Vec<Program>) -> Self {
        let market = Marketplace::with_settings(|settings| settings.programs = programs).await;
        for (shop, staff) in [("1", STAFF), ("2", "2:a")] {
            market.shop(shop, "c2c", None).await;
            market.staff(shop, staff).await;
        }
        market.staff("1", "1:b").await;
        Self { market, app: MarketApp::known().unwrap() }
    }

    /// A session's id and the path of its link.
    async fn link(&self, more: Value) -> (String, String) {
        let mut new = json!({ "program": "staff", "account": { "kind": "staff", "id": STAFF } });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let made = self.market.post("/v1/verification_sessions", new).await;
        let url = made["link"]["url"].as_str().unwrap().strip_prefix("https://verify.example").unwrap();
        (made["id"].as_str().unwrap().to_owned(), url.to_owned())
    }

    async fn demanding(&self) -> (String, String) {
        self.link(json!({ "account_assertion": true })).await
    }

    fn claims(&self, staff: &str, once: &str) -> Value {
        let shop = staff.split(':').next().unwrap();
        self.app.claims(self.market.service.app.world_now(), shop, staff, once)
    }

    fn token(&self, staff: &str, once: &str) -> String {
        self.app.sign(&self.claims(staff, once))
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> Opening {
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let answer =
            self.market.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let set = answer.headers().get(header::SET_COOKIE).map(|c| c.to_str().unwrap().to_owned());
        let status = answer.status();
        let page = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
        Opening { status, visit: set, page: String::from_utf8(page.to_vec()).unwrap() }
    }

    async fn posted(&self, link: &str, token: &str) -> Opening {
        self.send(Request::post(link), format!("account_assertion={token}")).await
    }

    async fn opened(&self, link: &str) -> Opening {
        self.send(Request::get(link), String::new()).await
    }

    /// Why links to a session were refused, in order.
    async fn log(&self, session: &str) -> Vec<String> {
        let mut tx = self.market.store.snapshot().await.unwrap();
        let log = tx.audit_of(session).await.unwrap();
        log.into_iter().filter(|e| e.action == "link.account_refused").map(|e| e.purpose).collect()
    }

    async fn mismatches(&self, session: &str) -> usize {
        let events = self.market.events(session).await;
        events.iter().filter(|kind| *kind == "verification_session.account_mismatch").count()
    }
}

#[tokio::test]
async fn a_code_opens_for_the_account_that_it_was_made_for() {
    let world = World::new().await;
    let (_, link) = world.demanding().await;
    assert!(world.posted(&link, &world.token(STAFF, "1")).await.is_in());
    // As a header, for apps whose browser can set one.
    let (_, link) = world.demanding().await;
    let token = world.token(STAFF, "2");
    let request = Request::get(&link).header(header::AUTHORIZATION, format!("Bearer {token}"));
    assert!(world.send(request, String::new()).await.is_in());
    // An address is no place for it: it would stand in logs.
    let (_, link) = world.demanding().await;
    let token = world.token(STAFF, "3");
    world.opened(&format!("{link}?account_assertion={token}")).await.refused("account_mismatch");
    assert!(world.posted(&link, &token).await.is_in());
}

#[tokio::test]
async fn without_one_a_page_says_what_to_open_it_with_and_nothing_is_used_up() {
    let world = World::new().await;
    let (id, link) = world.demanding().await;
    for _ in 0..2 {
        let told = world.opened(&link).await;
        told.refused("account_mismatch");
        assert!(told.page.contains("data-test=\"with-app\""));
        assert!(!told.page.contains(STAFF) && !told.page.contains(&id), "whose it is, is not told");
    }
    let wechat = Request::get(&link).header(header::USER_AGENT, "Mobile MicroMessenger/6.3.15");
    let told = world.send(wechat, String::new()).await;
    told.refused("account_mismatch");
    assert!(told.page.contains("微信"));
    world.posted(&link, "").await.refused("account_mismatch");
    assert_eq!(world.log(&id).await, ["account_mismatch"; 4]);
    assert_eq!(world.mismatches(&id).await, 0, "nobody else was there");
    assert!(world.posted(&link, &world.token(STAFF, "1")).await.is_in());
}

#[tokio::test]
async fn another_account_is_told_so_and_the_marketplace_which_one_it_was() {
    let world = World::new().await;
    let (id, link) = world.demanding().await;
    let other_main = {
        let mut c = world.claims(STAFF, "3");
        c["main"] = "2".into();
        c
    };
    let owner = {
        let mut c = world.claims("1", "4");
        c["kind"] = "shop".into();
        c
    };
    let tokens = [
        world.token("1:b", "1"),
        world.token("2:a", "2"),
        world.app.sign(&other_main),
        world.app.sign(&owner),
    ];
    for token in &tokens {
        let told = world.posted(&link, token).await;
        told.refused("account_mismatch");
        assert!(!told.page.contains(STAFF) && !told.page.contains(&id));
    }
    assert_eq!(world.log(&id).await, ["account_mismatch"; 4]);
    assert_eq!(world.mismatches(&id).await, 4);
    let events = world.market.get(&format!("/v1/events?object={id}&limit=100")).await;
    let told = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|e| e["type"] == "verification_session.account_mismatch");
    assert_eq!(told.unwrap()["data"]["opened_by"]["account"], json!({ "kind": "staff", "id": "1:b" }));
    // The code is still good for whom it was made.
    assert!(world.posted(&link, &world.token(STAFF, "9")).await.is_in());
}

#[tokio::test]
async fn a_session_that_does_not_ask_still_believes_no_wrong_one() {
    let world = World::new().await;
    let (id, link) = world.link(json!({})).await;
    world.posted(&link, &world.token("1:b", "1")).await.refused("account_mismatch");
    assert_eq!(world.mismatches(&id).await, 1);
    assert!(world.opened(&link).await.is_in());
}

#[tokio::test]
async fn each_thing_that_is_wrong_is_refused_by_its_name_and_nothing_is_used_up() {
    let world = World::new().await;
    let now = world.market.service.app.world_now().as_second();
    let with = |n: usize, change: &dyn Fn(&mut Value)| {
        let mut claims = world.claims(STAFF, &format!("{n}"));
        change(&mut claims);
        world.app.sign(&claims)
    };
    let claims = world.claims(STAFF, "x");
    let whole = world.token(STAFF, "y");
    let rows = [
        ("assertion_expired", with(1, &|c| (c["iat"], c["exp"]) = ((now - 200).into(), (now - 1).into()))),
        ("assertion_expired", with(2, &|c| c["exp"] = now.into())),
        ("assertion_lives_too_long", with(3, &|c| c["exp"] = (now + 301).into())),
        (
            "assertion_not_yet_valid",
            with(4, &|c| (c["iat"], c["exp"]) = ((now + 60).into(), (now + 90).into())),
        ),
        ("assertion_audience", with(5, &|c| c["aud"] = "https://else.example".into())),
        ("assertion_issuer", with(6, &|c| c["iss"] = "https://else.example".into())),
        ("assertion_mode", with(7, &|c| c["mode"] = "live".into())),
        ("assertion_unreadable", with(8, &|c| c["jti"] = "short".into())),
        ("assertion_unreadable", with(9, &|c| c["exp"] = "soon".into())),
        ("assertion_signature", MarketApp::forger().unwrap().sign(&claims)),
        ("assertion_key_unknown", MarketApp::stranger().unwrap().sign(&claims)),
        ("assertion_algorithm", world.app.sign_as(&json!({ "alg": "HS256", "kid": "2026-11" }), &claims)),
        ("assertion_unreadable", world.app.sign_as(&json!({ "alg": "none" }), &claims)),
        ("assertion_unreadable", whole[..whole.len() / 2].to_owned()),
        ("assertion_signature", whole[..whole.len() - 6].to_owned()),
        ("assertion_unreadable", "x".repeat(5000)),
        ("assertion_unreadable", "..".to_owned()),
    ];
    let (id, link) = world.demanding().await;
    for (code, token) in &rows {
        world.posted(&link, token).await.refused(code);
    }
    assert_eq!(world.log(&id).await, rows.iter().map(|(code, _)| *code).collect::<Vec<_>>());
    assert_eq!(world.mismatches(&id).await, 0);
    // Two minutes later what was good is over.
    let late = world.token(STAFF, "z");
    world.market.service.clock.turn(SignedDuration::from_secs(120));
    world.posted(&link, &late).await.refused("assertion_expired");
    assert!(world.posted(&link, &world.token(STAFF, "ok")).await.is_in());
}

#[tokio::test]
async fn of_a_thousand_who_bring_a_used_assertion_none_comes_in() {
    let world = Arc::new(World::new().await);
    let token = world.token(STAFF, "once");
    let (_, first) = world.demanding().await;
    assert!(world.posted(&first, &token).await.is_in());
    let (id, link) = world.demanding().await;
    let tasks: tokio::task::JoinSet<_> = (0..1000)
        .map(|_| {
            let (world, link, token) = (Arc::clone(&world), link.clone(), token.clone());
            async move { world.market.service.app.open_link(&link["/v/".len()..], None, Some(&token)).await }
        })
        .collect();
    let all = tasks.join_all().await;
    let replayed = |r: &Result<_, shiren_app::Error>| {
        matches!(
            r,
            Err(shiren_app::Error::Assertion(shiren_core::account::assertion::AssertionFault::Replayed))
        )
    };
    assert_eq!(
        (all.iter().filter(|r| r.is_ok()).count(), all.iter().filter(|r| replayed(r)).count()),
        (0, 1000)
    );
    assert_eq!(world.log(&id).await.len(), 1000);
    world.posted(&link, &token).await.refused("assertion_replayed");
}

#[tokio::test]
async fn of_a_hundred_who_bring_the_same_fresh_one_at_once_one_comes_in() {
    let world = Arc::new(World::new().await);
    let token = world.token(STAFF, "once");
    let mut links = Vec::new();
    for _ in 0..100 {
        links.push(world.demanding().await.1);
    }
    let tasks: tokio::task::JoinSet<_> = links
        .into_iter()
        .map(|link| {
            let (world, token) = (Arc::clone(&world), token.clone());
            async move {
                world.market.service.app.open_link(&link["/v/".len()..], None, Some(&token)).await.is_ok()
            }
        })
        .collect();
    assert_eq!(tasks.join_all().await.into_iter().filter(|first| *first).count(), 1);
}

#[tokio::test]
async fn a_program_asks_for_everybody_in_its_modes() {
    let mut program = built_in("staff").unwrap().clone();
    (program.version, program.account_assertion) = (2, Demand::Always);
    let world = World::with_programs(vec![program]).await;
    let (id, link) = world.link(json!({})).await;
    assert_eq!(world.market.get(&format!("/v1/verification_sessions/{id}")).await["account_assertion"], true);
    world.opened(&link).await.refused("account_mismatch");
    assert!(world.posted(&link, &world.token(STAFF, "1")).await.is_in());
}

#[tokio::test]
async fn a_number_on_another_screen_is_asked_for_all_the_same() {
    let world = World::new().await;
    let (_, link) = world.demanding().await;
    let app = &world.market.service.app;
    let (_, cookie) =
        app.open_link(&link["/v/".len()..], None, Some(&world.token(STAFF, "1"))).await.unwrap();
    let handoff = app.hand_over(&app.visitor(&cookie).await.unwrap()).await.unwrap();
    let phone = format!("/v/{}", handoff.link_secret);
    // A browser that is nobody's does not even get to the numbers.
    world.opened(&phone).await.refused("account_mismatch");
    let token = world.token(STAFF, "2");
    let asked = world.posted(&phone, &token).await;
    assert_eq!(asked.status, StatusCode::OK);
    assert!(asked.page.contains(&format!("name=\"account_assertion\" value=\"{token}\"")));
    let csrf = asked.page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let cookie = asked.visit.as_deref().unwrap().split(';').next().unwrap().to_owned();
    let body = |token: &str| format!("csrf={csrf}&number={}&account_assertion={token}", handoff.number);
    let send = |body: String| world.send(Request::post(&phone).header(header::COOKIE, &cookie), body);
    send(body(&world.token("1:b", "3"))).await.refused("account_mismatch");
    assert!(send(body(&token)).await.is_in());
}

impl World {
    /// A token of a sub-account that an administrator is signed in as.
    fn helped(&self, once: &str) -> String {
        let mut claims = self.claims(STAFF, once);
        claims["act"] = json!({ "sub": "1:admin" });
        self.app.sign(&claims)
    }
}

#[tokio::test]
async fn an_administrators_phone_may_be_used_and_it_stands_everywhere_who_helped() {
    let world = World::new().await;
    let (id, link) = world.demanding().await;
    let opened = world.posted(&link, &world.helped("1")).await;
    assert!(opened.is_in());
    let cookie = opened.visit.as_deref().unwrap().split(';').next().unwrap().to_owned();
    let page = world.send(Request::get("/verify").header(header::COOKIE, cookie), String::new()).await.page;
    assert!(page.contains("data-test=\"assisted\"") && !page.contains("1:admin"), "{page}");
    let session = id.parse().unwrap();
    world.market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    world.market.work().await;
    let made = world.market.get(&format!("/v1/verification_sessions/{id}")).await;
    assert_eq!((&made["status"], &made["assisted_by"]), (&json!("verified"), &json!("1:admin")));
    assert_eq!(made["decision"]["assisted"]["by"], "1:admin");
    let bindings = world.market.get(&format!("/v1/staff/{STAFF}/bindings")).await;
    assert_eq!(bindings["data"][0]["assisted"], true, "{bindings}");
    let events = world.market.get("/v1/events?limit=100").await;
    let of =
        |kind: &str| events["data"].as_array().unwrap().iter().find(|e| e["type"] == kind).cloned().unwrap();
    assert_eq!(of("verification_session.verified")["data"]["assisted_by"], "1:admin");
    assert_eq!(of("staff.verified")["data"]["assisted"], true);
    let mut tx = world.market.store.snapshot().await.unwrap();
    let log = tx.audit_of(&id).await.unwrap();
    assert!(log.iter().any(|e| e.action == "link.assistance_asserted" && e.actor == "account:1:admin"));
}

#[tokio::test]
async fn where_a_program_does_not_allow_help_the_own_phone_is_asked_for() {
    let mut program = built_in("staff").unwrap().clone();
    (program.version, program.assisted) = (2, false);
    let world = World::with_programs(vec![program]).await;
    let (id, link) = world.demanding().await;
    world.posted(&link, &world.helped("1")).await.refused("assistance_not_allowed");
    assert_eq!(world.log(&id).await, ["assistance_not_allowed"]);
    // Who acts as themselves helps nobody.
    let mut own = world.claims(STAFF, "2");
    own["act"] = json!({ "sub": STAFF });
    assert!(world.posted(&link, &world.app.sign(&own)).await.is_in());
    let made = world.market.get(&format!("/v1/verification_sessions/{id}")).await;
    assert_eq!(made["assisted_by"], Value::Null);
}
