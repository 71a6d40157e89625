//! The owner's page of sub-accounts (rows E1, E2, E3, E14, E15), and what pages of the marketplace load from here.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use marketplace::Marketplace;
use serde_json::json;
use shiren_core::account::staff::StaffRules;
use tower::ServiceExt as _;

const NOON: &str = "2026-09-01T04:00:00Z";

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers[header::LOCATION].to_str().unwrap()
    }

    fn cookie(&self) -> String {
        self.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    fn csrf(&self) -> String {
        self.body.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    fn has(&self, test: &str) -> bool {
        self.body.contains(&format!("data-test=\"{test}\""))
    }
}

async fn send(market: &Marketplace, request: axum::http::request::Builder, body: String) -> Answer {
    let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = market.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = to_bytes(answer.into_body(), 1_000_000).await.unwrap();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn see(market: &Marketplace, path: &str, cookie: &str) -> Answer {
    send(market, Request::get(path).header(header::COOKIE, cookie), String::new()).await
}

async fn post(market: &Marketplace, path: &str, cookie: &str, body: String) -> Answer {
    send(market, Request::post(path).header(header::COOKIE, cookie), body).await
}

/// Two shops on a clock, with sub-accounts, and the clock.
async fn shops() -> (Marketplace, String) {
    let market = Marketplace::new().await;
    let clock = market.clock(NOON).await;
    for shop in ["1", "2"] {
        market.shop(shop, "c2c", Some(&clock)).await;
        market.staff(shop, &format!("{shop}:a")).await;
    }
    market.staff("1", "1:b").await;
    (market, clock)
}

async fn link(market: &Marketplace, shop: &str, staff: Option<&str>) -> String {
    let asked = staff.map_or(json!({}), |staff| json!({ "staff": staff }));
    let made = market.post(&format!("/v1/shops/{shop}/management_links"), asked).await;
    made["url"].as_str().unwrap().strip_prefix("https://verify.example").unwrap().to_owned()
}

/// The cookie of who opened a link to a shop's page.
async fn manager(market: &Marketplace, shop: &str) -> String {
    let opened = see(market, &link(market, shop, None).await, "").await;
    assert_eq!((opened.status, opened.location()), (StatusCode::SEE_OTHER, "/manage"));
    opened.cookie()
}

#[tokio::test]
async fn a_link_opens_once_and_not_for_long() {
    let (market, _) = shops().await;
    let once = link(&market, "1", None).await;
    let cookie = see(&market, &once, "").await.cookie();
    assert_eq!(see(&market, &once, "").await.status, StatusCode::UNAUTHORIZED);
    // Reloading it is no mistake.
    assert_eq!(see(&market, &once, &cookie).await.location(), "/manage");
    let late = link(&market, "1", None).await;
    market.service.clock.turn(jiff::SignedDuration::from_mins(5));
    assert_eq!(see(&market, &late, "").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(see(&market, "/manage", &cookie).await.status, StatusCode::OK);
    market.service.clock.turn(jiff::SignedDuration::from_mins(55));
    let over = see(&market, "/manage", &cookie).await;
    assert_eq!(over.status, StatusCode::UNAUTHORIZED);
    assert!(over.has("gone"));
    assert_eq!(see(&market, "/manage", "shiren_manage=0").await.status, StatusCode::UNAUTHORIZED);
    let mut tx = market.store.snapshot().await.unwrap();
    let log: Vec<_> = tx.audit_of("1").await.unwrap().into_iter().map(|e| (e.actor, e.action)).collect();
    assert_eq!(log[0], ("key:tests".to_owned(), "management.link_made".to_owned()));
    assert_eq!(log[1], ("owner".to_owned(), "management.opened".to_owned()));
}

#[tokio::test]
async fn the_owner_sees_and_filters_how_sub_accounts_stand_and_never_who_stands_behind_them() {
    let (market, clock) = shops().await;
    market.handed_in("1:a", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.post("/v1/staff/1:b/ask", json!({})).await;
    market.turn(&clock, "2026-09-08T04:00:00Z").await;
    let cookie = manager(&market, "1").await;
    let all = see(&market, "/manage", &cookie).await;
    assert!(all.has("row-1:a") && all.has("row-1:b") && !all.has("row-2:a"));
    assert!(all.has("unbind-1:a") && all.has("lift-1:b") && !all.has("lift-1:a"));
    assert!(all.body.contains("已认证") && all.body.contains("已冻结"));
    for (filter, a, b) in [
        ("verified", true, false),
        ("frozen", false, true),
        ("asked", false, false),
        ("in_review", false, false),
        ("nonsense", true, true),
    ] {
        let some = see(&market, &format!("/manage?status={filter}"), &cookie).await;
        assert_eq!((some.has("row-1:a"), some.has("row-1:b")), (a, b), "{filter}");
    }
    for path in ["/manage", "/manage/code?staff=1%3Aa"] {
        let page = see(&market, path, &cookie).await.body;
        for personal in ["11010519491231002X", "王", "13800138000", "1949"] {
            // The name of the sub-account itself has a 王 in it.
            assert!(!page.replace("客服小王", "").contains(personal), "{path}: {personal}");
        }
    }
}

/// Row E2: every status can be found, on the page and through the API, and both say how many there are.
#[tokio::test]
async fn every_status_can_be_found_and_is_counted() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-10-28T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.shop("2", "c2c", Some(&clock)).await;
    let temporary =
        |id: &str| json!({ "id": id, "name": "临时客服", "role": "customer_service", "type": "temporary" });
    market.post("/v1/shops/1/staff", temporary("open")).await;
    for id in ["verified", "frozen", "lifted", "gone"] {
        market.staff("1", id).await;
    }
    market.handed_in("verified", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.post("/v1/staff/gone/remove", json!({})).await;
    market.post("/v1/staff/frozen/ask", json!({})).await;
    market.post("/v1/staff/lifted/ask", json!({})).await;
    market.turn(&clock, "2026-11-05T04:00:00Z").await;
    market.post("/v1/staff/lifted/lift", json!({ "by": "owner" })).await;
    market.post("/v1/shops/2/staff", json!({ "id": "other", "name": "别家", "role": "other" })).await;
    let counts = market.get("/v1/shops/1/staff_counts").await;
    let some = json!({
        "asked": 0, "disabled": 1, "frozen": 1, "lifted": 1, "open": 1, "unasked": 0, "verified": 1, "waiting": 0,
    });
    assert_eq!((&counts["status"], &counts["total"], &counts["in_review"]), (&some, &json!(5), &json!(0)));
    // What else there is.
    market.staff("1", "unasked").await;
    market.post("/v1/staff/verified/recheck", json!({})).await;
    market.handed_in("lifted", b"bea's card", b"perhaps", "13900139000").await;
    market.work().await;
    let cookie = manager(&market, "1").await;
    let page = see(&market, "/manage", &cookie).await;
    for (filter, ids) in [
        ("unasked", &["unasked"][..]),
        ("recheck", &["verified"]),
        ("asked", &[]),
        ("frozen", &["frozen"]),
        ("lifted", &["lifted"]),
        ("in_review", &["lifted"]),
        ("verified", &[]),
        ("waiting", &[]),
        ("open", &["open"]),
        ("disabled", &["gone"]),
    ] {
        let count = format!("data-test=\"count-{filter}\">{}<", ids.len());
        assert!(page.body.contains(&count), "{count}");
        let some = see(&market, &format!("/manage?status={filter}"), &cookie).await;
        for id in ["open", "verified", "frozen", "lifted", "gone", "unasked"] {
            assert_eq!(some.has(&format!("row-{id}")), ids.contains(&id), "{filter}: {id}");
        }
        let asked = match filter {
            "recheck" => "asked&bound=true",
            other => other,
        };
        let found = market.get(&format!("/v1/shops/1/staff?status={asked}")).await["data"].clone();
        let found: Vec<_> = found.as_array().unwrap().iter().map(|s| s["id"].clone()).collect();
        if filter != "asked" {
            assert_eq!(found, ids, "{filter}");
        }
    }
    let counts = market.get("/v1/shops/1/staff_counts").await;
    assert_eq!(
        (&counts["recheck"], &counts["in_review"], &counts["total"]),
        (&json!(1), &json!(1), &json!(6))
    );
    assert!(page.body.contains("data-test=\"count-all\">6<"));
    assert_eq!(
        market.ask("GET", "/v1/shops/9/staff_counts", &market.key, None).await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_recheck_is_told_from_a_first_demand_wherever_it_is_shown() {
    let (market, clock) = shops().await;
    market.handed_in("1:a", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let cookie = manager(&market, "1").await;
    let resting = see(&market, "/manage", &cookie).await;
    assert!(resting.body.contains("下次复核 2027-02-28 12:00 前"), "{}", resting.body);
    market.post("/v1/staff/1:a/recheck", json!({ "hours": 72 })).await;
    market.post("/v1/staff/1:b/ask", json!({})).await;
    let all = see(&market, "/manage", &cookie).await.body;
    for told in [
        "待复核",
        "2026-09-04 12:00 前没复核就会冻结",
        "去复核",
        "待认证",
        "2026-09-08 12:00 前没认证就会冻结",
    ] {
        assert!(all.contains(told), "{told}");
    }
    for (filter, a, b) in [("recheck", true, false), ("asked", false, true)] {
        let some = see(&market, &format!("/manage?status={filter}"), &cookie).await;
        assert_eq!((some.has("row-1:a"), some.has("row-1:b")), (a, b), "{filter}");
    }
    assert!(see(&market, "/manage/code?staff=1%3Aa", &cookie).await.body.contains("由已经绑定的本人来做"));
    for (bound, id, demand) in [("true", "1:a", "recheck"), ("false", "1:b", "first")] {
        let found =
            market.get(&format!("/v1/shops/1/staff?status=asked&bound={bound}")).await["data"].clone();
        assert_eq!((found.as_array().unwrap().len(), &found[0]["id"]), (1, &json!(id)));
        assert_eq!(found[0]["demand"], demand);
        assert_eq!(market.get(&format!("/v1/staff/{id}/banner")).await["demand"], demand);
    }
    let banner = || market.get("/v1/staff/1:a/banner");
    assert_eq!(banner().await["text"]["zh"], "还有 3 天完成实人复核，由绑定的本人来做，逾期子账号将被冻结。");
    assert_eq!(banner().await["until"], "2026-09-04T04:00:00Z");
    market.turn(&clock, "2026-09-05T04:00:00Z").await;
    assert!(banner().await["text"]["en"].as_str().unwrap().starts_with("The re-check was missed"));
    assert!(see(&market, "/manage", &cookie).await.body.contains("复核逾期，已冻结"));
    market.handed_in("1:a", b"ann's card", b"perhaps", "13800138000").await;
    market.work().await;
    assert!(see(&market, "/manage", &cookie).await.body.contains("复核审核中"));
    assert!(banner().await["text"]["zh"].as_str().unwrap().starts_with("复核资料正在审核"));
}

#[tokio::test]
async fn the_owner_unbinds_and_lifts_in_their_own_shop_alone() {
    let (market, clock) = shops().await;
    market.handed_in("1:a", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.post("/v1/staff/1:b/ask", json!({})).await;
    market.post("/v1/staff/2:a/ask", json!({})).await;
    market.turn(&clock, "2026-09-08T04:00:00Z").await;
    let cookie = manager(&market, "1").await;
    let csrf = see(&market, "/manage", &cookie).await.csrf();
    let form = |staff: &str| format!("csrf={csrf}&staff={staff}");
    // Another shop's, and one from a page that was never shown.
    assert_eq!(post(&market, "/manage/lift", &cookie, form("2:a")).await.status, StatusCode::CONFLICT);
    assert_eq!(market.status("2:a").await, "frozen");
    let forged = post(&market, "/manage/lift", &cookie, "csrf=0&staff=1:b".to_owned()).await;
    assert_eq!((forged.status, forged.location()), (StatusCode::SEE_OTHER, "/manage"));
    assert_eq!(market.status("1:b").await, "frozen");
    assert_eq!(post(&market, "/manage/lift", &cookie, form("1:b")).await.location(), "/manage?done=lifted");
    assert_eq!(market.status("1:b").await, "lifted");
    // Lifted a moment ago: the second click is told so.
    let again = post(&market, "/manage/lift", &cookie, form("1:b")).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.has("notice-changed"));
    assert_eq!(
        post(&market, "/manage/unbind", &cookie, form("1:a")).await.location(),
        "/manage?done=unbound"
    );
    assert_eq!(market.status("1:a").await, "asked");
    let events = market.get("/v1/events?object=1:a&limit=100").await;
    let unbound = events["data"].as_array().unwrap().iter().find(|e| e["type"] == "staff.unbound").unwrap();
    assert_eq!(unbound["data"]["by"]["kind"], "owner");
}

#[tokio::test]
async fn a_new_sub_account_leads_to_its_code_which_only_its_own_account_opens() {
    let (market, _) = shops().await;
    let opened = see(&market, &link(&market, "1", Some("1:b")).await, "").await;
    assert_eq!(opened.location(), "/manage/code?staff=1%3Ab");
    let cookie = opened.cookie();
    let asked = see(&market, opened.location(), &cookie).await;
    assert!(asked.has("make-code"));
    let form = |staff: &str| format!("csrf={}&staff={staff}", asked.csrf());
    let code = post(&market, "/manage/code", &cookie, form("1:b")).await;
    assert_eq!(code.status, StatusCode::OK);
    let scanned =
        code.body.split("data-link=\"https://verify.example").nth(1).unwrap().split('"').next().unwrap();
    // The test service knows the keys of an app: the code asks who is signed in.
    assert_eq!(see(&market, scanned, "").await.status, StatusCode::FORBIDDEN);
    let app = shiren_testkit::assertion::MarketApp::known().unwrap();
    let claims = app.claims(market.service.app.world_now(), "1", "1:b", "1");
    let body = format!("account_assertion={}", app.sign(&claims));
    let phone = post(&market, scanned, "", body).await;
    assert_eq!(phone.status, StatusCode::SEE_OTHER);
    // Of another shop's there is none.
    assert_eq!(post(&market, "/manage/code", &cookie, form("2:a")).await.location(), "/manage");
    assert_eq!(see(&market, "/manage/code?staff=2%3Aa", &cookie).await.location(), "/manage");
    let (status, refused) = market.refused("/v1/shops/1/management_links", json!({ "staff": "2:a" })).await;
    assert_eq!((status, refused.as_str()), (422, "invalid"));
    assert_eq!(market.refused("/v1/shops/9/management_links", json!({})).await.0, 404);
}

#[tokio::test]
async fn the_desk_follows_what_the_phone_does() {
    let (market, _) = shops().await;
    let cookie = manager(&market, "1").await;
    let csrf = see(&market, "/manage", &cookie).await.csrf();
    let code = post(&market, "/manage/code", &cookie, format!("csrf={csrf}&staff=1:a")).await;
    let follow = code.body.split("data-follow=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let id = follow.rsplit('/').next().unwrap().parse().unwrap();
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let told = see(&market, &follow, &cookie).await;
    assert_eq!(told.headers[header::CONTENT_TYPE], "text/event-stream");
    assert!(told.body.contains("\"over\":true") && told.body.contains("\"sent\""), "{}", told.body);
    // Another shop's owner hears nothing but that it is over.
    let other = manager(&market, "2").await;
    let told = see(&market, &follow, &other).await.body;
    assert_eq!(told.trim(), "data: {\"over\":true}");
}

#[tokio::test]
async fn a_shop_of_an_exempt_type_is_told_so() {
    let exempt = [("tmall_global".to_owned(), None)].into();
    let market = Marketplace::with_rules(StaffRules { exempt, ..StaffRules::default() }).await;
    market.shop("1", "tmall_global", None).await;
    market.staff("1", "1:a").await;
    let cookie = manager(&market, "1").await;
    assert!(see(&market, "/manage", &cookie).await.has("exempt"));
}

#[tokio::test]
async fn only_the_strip_may_be_loaded_by_other_sites_and_no_page_is_framed_unasked() {
    let (market, _) = shops().await;
    let strip = see(&market, "/embed/strip.js", "").await;
    assert_eq!(strip.status, StatusCode::OK);
    assert_eq!(strip.headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(strip.headers[header::CONTENT_TYPE], "text/javascript; charset=utf-8");
    let cookie = manager(&market, "1").await;
    let page = see(&market, "/manage", &cookie).await;
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
}
