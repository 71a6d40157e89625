//! Shops in time zones of their own, through the API, on a clock that is turned.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use marketplace::Marketplace;
use marketplace::browser::Browser;
use marketplace::console::Desk;
use serde_json::{Value, json};
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;
use shiren_core::recheck::RecheckRules;
use shiren_core::verification::program::{ReviewDeadline, built_in};
use tower::ServiceExt as _;

const NEW_YORK: &str = "America/New_York";
const AUCKLAND: &str = "Pacific/Auckland";
const SHANGHAI: &str = "Asia/Shanghai";

async fn shop_in(market: &Marketplace, id: &str, kind: &str, clock: &str, zone: &str) -> Value {
    let new = json!({ "id": id, "type": kind, "test_clock": clock, "time_zone": zone });
    market.post("/v1/shops", new).await
}

fn temporary(id: &str) -> Value {
    json!({ "id": id, "name": "临时客服", "role": "customer_service", "type": "temporary" })
}

#[tokio::test]
async fn a_shop_has_the_platforms_zone_or_its_own() {
    let market = Marketplace::new().await;
    assert_eq!(market.shop("1", "c2c", None).await["time_zone"], SHANGHAI);
    let new = json!({ "id": "2", "type": "c2c", "time_zone": "america/new_york" });
    assert_eq!(market.post("/v1/shops", new).await["time_zone"], NEW_YORK);
    let to = |zone: Value| json!({ "time_zone": zone });
    assert_eq!(market.put("/v1/shops/1/time_zone", to(AUCKLAND.into())).await["time_zone"], AUCKLAND);
    // The same again is no change.
    market.put("/v1/shops/1/time_zone", to(AUCKLAND.into())).await;
    assert_eq!(market.put("/v1/shops/1/time_zone", to(Value::Null)).await["time_zone"], SHANGHAI);
    let told = ["shop.registered", "shop.time_zone_changed", "shop.time_zone_changed"];
    assert_eq!(market.events("1").await, told);
    for odd in ["", "Mars/Olympus", "+08:00", "Factory"] {
        let put = ("PUT", "/v1/shops/1/time_zone", to(odd.into()));
        let post = ("POST", "/v1/shops", json!({ "id": "3", "type": "c2c", "time_zone": odd }));
        for (method, path, body) in [put, post] {
            let (status, problem) = market.ask(method, path, &market.key, Some(body)).await;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{odd}: {problem}");
            assert!(problem.to_string().contains("time_zone"), "{odd}: {problem}");
        }
    }
    let (status, _) = market.ask("PUT", "/v1/shops/1/time_zone", &market.key, Some(json!({}))).await;
    assert!(status.is_client_error(), "what is not said is not the platform's zone: {status}");
    assert_eq!(market.get("/v1/shops/1").await["time_zone"], SHANGHAI);
}

#[tokio::test]
async fn a_temporary_account_works_in_the_window_of_its_shops_zone_and_not_a_minute_outside_on_both_stores() {
    in_window(Marketplace::new().await).await;
    in_window(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn in_window(market: Marketplace) {
    let clock = market.clock("2026-10-26T10:59:00Z").await;
    let zones = [
        // Where the days begin first stands first; New York's window opens by summer time and closes by winter time.
        (AUCKLAND, "2026-10-26T11:00:00Z", "2026-10-31T11:00:00Z", "2026-12-21T11:00:00Z"),
        (SHANGHAI, "2026-10-26T16:00:00Z", "2026-10-31T16:00:00Z", "2026-12-21T16:00:00Z"),
        (NEW_YORK, "2026-10-27T04:00:00Z", "2026-11-01T04:00:00Z", "2026-12-22T05:00:00Z"),
    ];
    for (zone, ..) in zones {
        shop_in(&market, zone, "c2c", &clock, zone).await;
    }
    let staff_of = |zone: &str| format!("/v1/shops/{}/staff", zone.replace('/', "%2F"));
    for (zone, made_from, ..) in zones {
        let refused = market.refused(&staff_of(zone), temporary(zone)).await;
        assert_eq!(refused, (409, "outside_promotion".into()), "{zone}");
        market.turn(&clock, made_from).await;
        let made = market.post(&staff_of(zone), temporary(zone)).await;
        assert_eq!(made["status"], "waiting", "{zone}");
    }
    let minute_before = |moment: &str| {
        let moment: jiff::Timestamp = moment.parse().unwrap();
        (moment - jiff::SignedDuration::from_mins(1)).to_string()
    };
    let works = async |zone: &str| {
        market.get(&format!("/v1/staff/{}", zone.replace('/', "%2F"))).await["works"].clone()
    };
    for (zone, _, opens, _) in zones {
        market.turn(&clock, &minute_before(opens)).await;
        assert_eq!(works(zone).await, false, "{zone} before its window");
        market.turn(&clock, opens).await;
        assert_eq!(works(zone).await, true, "{zone} in its window");
    }
    for (zone, _, _, closes) in zones {
        market.turn(&clock, &minute_before(closes)).await;
        assert_eq!(works(zone).await, true, "{zone} in its window");
        market.turn(&clock, closes).await;
        assert_eq!(works(zone).await, false, "{zone} behind its window");
        assert_eq!(market.moments(zone, "staff.disabled").await, [closes], "{zone}");
    }
}

#[tokio::test]
async fn an_exemption_ends_at_midnight_where_the_shop_is() {
    let date = "2026-11-02".parse().unwrap();
    let rules = StaffRules { exempt: [("global".to_owned(), Some(date))].into(), ..StaffRules::default() };
    let market = Marketplace::with_rules(rules).await;
    let clock = market.clock("2026-11-01T10:59:59Z").await;
    for (zone, ends) in [
        (AUCKLAND, "2026-11-01T11:00:00Z"),
        (SHANGHAI, "2026-11-01T16:00:00Z"),
        // The clocks were put back a day before.
        (NEW_YORK, "2026-11-02T05:00:00Z"),
    ] {
        let (shop, staff) = (zone.replace('/', "-"), zone.replace('/', "."));
        shop_in(&market, &shop, "global", &clock, zone).await;
        market.staff(&shop, &staff).await;
        let ask = format!("/v1/staff/{staff}/ask");
        let just_before: jiff::Timestamp = ends.parse().unwrap();
        let just_before = (just_before - jiff::SignedDuration::from_secs(1)).to_string();
        if market.get(&format!("/v1/test/clocks/{clock}")).await["now"] != just_before {
            market.turn(&clock, &just_before).await;
        }
        assert_eq!(market.refused(&ask, json!({})).await, (409, "staff_exempt".into()), "{zone}");
        market.turn(&clock, ends).await;
        assert_eq!(market.post(&ask, json!({})).await["status"], "asked", "{zone}");
    }
}

#[tokio::test]
async fn a_re_check_is_planned_by_the_days_of_the_shop_and_pages_tell_its_hours() {
    let blackout = vec![("2026-11-01".parse().unwrap(), "2026-11-12".parse().unwrap())];
    let rules = RecheckRules { blackout, ..RecheckRules::default() };
    let market = Marketplace::with_settings(|settings| settings.rechecks = rules).await;
    // 23:30 on 5 May in New York; in 180 days it is 1 November.
    let clock = market.clock("2026-05-06T03:30:00Z").await;
    shop_in(&market, "1", "c2c", &clock, NEW_YORK).await;
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    // The last evening of October there, which is a morning of the promotion in Shanghai.
    let planned = market.get("/v1/shops/1/recheck").await;
    assert!(planned.to_string().contains("2026-11-01T03:30:00Z"), "{planned}");
    let days = market.get("/v1/rechecks/forecast?from=2026-10-30&to=2026-11-02").await;
    let due = |day: &str| {
        days["data"].as_array().unwrap().iter().find(|d| d["day"] == day).map(|d| d["due"].clone())
    };
    assert_eq!((due("2026-10-31"), due("2026-11-01")), (Some(json!(1)), Some(json!(0))), "{days}");
    let mut desk = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let seen = desk.get("/console/shops/1?mode=test").await.text;
    for told in ["America/New_York", "2026-05-05 23:30", "2026-10-31 23:30"] {
        assert!(seen.contains(told), "{told}: {seen}");
    }
    assert!(!seen.contains("2026-05-06 11:30"), "{seen}");
    // What was planned stays as it was told.
    market.put("/v1/shops/1/time_zone", json!({ "time_zone": AUCKLAND })).await;
    assert_eq!(market.get("/v1/shops/1/recheck").await, planned);
    assert!(desk.get("/console/shops/1?mode=test").await.text.contains("2026-11-01 16:30"));
}

#[tokio::test]
async fn an_import_has_zones_too() {
    let market = Marketplace::new().await;
    let import = async |rows: &'static str| {
        let request = Request::post("/v1/import")
            .header(header::AUTHORIZATION, format!("Bearer {}", market.key))
            .header(header::CONTENT_TYPE, "text/csv")
            .body(Body::from(rows));
        let response = market.router.clone().oneshot(request.unwrap()).await.unwrap();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        serde_json::from_slice::<Value>(&bytes).unwrap()
    };
    let report = import(
        "kind,id,type,time_zone,shop,name,role\nshop,1,c2c,Pacific/Auckland,,,\nshop,2,c2c,,,,\n\
         shop,3,c2c,Mars/Olympus,,,\nstaff,a,,Asia/Shanghai,1,x,other\n",
    )
    .await;
    let refused: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|p| (&p["row"], &p["field"])).collect();
    let field = json!("time_zone");
    assert_eq!(refused, [(&json!(3), &field), (&json!(4), &field)], "{report}");
    assert_eq!(market.get("/v1/shops/1").await["time_zone"], AUCKLAND);
    assert_eq!(market.get("/v1/shops/2").await["time_zone"], SHANGHAI);
    let changed = import("kind,id,type,time_zone\nshop,2,c2c,America/New_York\nshop,1,c2c,\n").await;
    assert_eq!((&changed["changed"], &changed["unchanged"]), (&json!(1), &json!(1)), "{changed}");
    assert_eq!(market.get("/v1/shops/2").await["time_zone"], NEW_YORK);
}

#[tokio::test]
async fn a_review_is_due_after_working_days_of_the_shop_on_both_stores() {
    let programs = || {
        ["shop-owner", "staff"].map(|name| {
            let mut program = built_in(name).unwrap().clone();
            program.version += 1;
            program.deadlines.review = ReviewDeadline::WorkingDays(2);
            program
        })
    };
    due_there(Marketplace::with_settings(|settings| settings.programs = programs().into()).await).await;
    due_there(Marketplace::over_postgres_with(|settings| settings.programs = programs().into()).await).await;
}

async fn due_there(market: Marketplace) {
    // A Friday's afternoon in New York, a Saturday in Shanghai and in Auckland.
    let clock = market.clock("2026-11-06T18:00:00Z").await;
    let zones = [
        (NEW_YORK, "2026-11-10T18:00:00Z", "2026-11-10 13:00"),
        (SHANGHAI, "2026-11-09T18:00:00Z", "2026-11-10 02:00"),
        (AUCKLAND, "2026-11-09T18:00:00Z", "2026-11-10 07:00"),
    ];
    for (zone, due, told) in zones {
        let (shop, staff) = (zone.replace('/', "-"), zone.replace('/', "."));
        shop_in(&market, &shop, "c2c", &clock, zone).await;
        market.staff(&shop, &staff).await;
        // A case that the checks open, and one that somebody asks for who was refused.
        let seen = market.handed_in(&staff, b"ann's card", b"perhaps", "13800138000").await;
        let refused = market.session("shop", "shop-owner", &shop).await;
        market.hand_in(&refused, b"ann's card", b"somebody else", "13800138000").await;
        market.work().await;
        market.service.app.appeal(&refused, "I had an operation").await.unwrap();
        for (account, session) in [(&staff, seen), (&shop, refused)] {
            let listed = market.get(&format!("/v1/cases?status=open&account_id={account}")).await;
            let case = &listed["data"][0];
            assert_eq!((&case["due_at"], &case["assumed"]), (&json!(due), &json!(false)), "{account}");
            let mut person = Browser::default();
            person.comes_back(&market, &session).await;
            let page = person.page(&market, "/verify").await;
            assert!(page.contains(told), "{account}, {told}: {page}");
        }
    }
    // Overdue at its own moment, and not before.
    market.turn(&clock, "2026-11-12T00:00:00Z").await;
    for (zone, due, _) in zones {
        for account in [zone.replace('/', "-"), zone.replace('/', ".")] {
            let case = market.get(&format!("/v1/cases?status=open&account_id={account}")).await;
            let id = case["data"][0]["id"].as_str().unwrap().to_owned();
            assert_eq!(market.moments(&id, "case.overdue").await, [due], "{account}");
        }
    }
}

#[tokio::test]
async fn the_owners_page_tells_hours_of_the_shop_and_messages_tell_how_long_there_is() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-11-03T16:00:00Z").await;
    shop_in(&market, "1", "c2c", &clock, NEW_YORK).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    market.staff("1", "a").await;
    let asked = market.post("/v1/staff/a/ask", json!({})).await;
    assert!(asked.to_string().contains("2026-11-10T16:00:00Z"), "{asked}");
    let link = market.post("/v1/shops/1/management_links", json!({})).await;
    let mut browser = Browser::default();
    browser.follows(&market, &link).await;
    let page = browser.page(&market, "/manage").await;
    assert!(page.contains("2026-11-10 11:00") && !page.contains("2026-11-11"), "{page}");
    // A message is read wherever its reader is, and at any hour: it tells no moment.
    market.work().await;
    let messages = market.get("/v1/shops/1/messages").await["data"].clone();
    assert_eq!(messages[0]["kind"], "staff_asked");
    let id = messages[0]["id"].as_str().unwrap().parse().unwrap();
    let letter = market.service.app.reveal_letter(&id, "tests", "user:tests").await.unwrap();
    assert!(letter.text.contains("168 小时") && !letter.text.contains("2026"), "{}", letter.text);
    // The console says that it is not the platform's time; a list names the one that it tells.
    let mut desk = Desk::signed_in(&market, "lin", Role::Reviewer).await;
    let shop = desk.get("/console/shops/1?mode=test").await.text;
    assert!(shop.contains("2026-11-03 11:00 UTC-05:00"), "{shop}");
    let session = market.handed_in("a", b"bea's card", b"perhaps", "13900139000").await;
    market.work().await;
    let cases = desk.get("/console/cases").await.text;
    assert!(cases.contains("Asia/Shanghai") && cases.contains("2026-11-06 00:00"), "{cases}");
    let case = market.get(&format!("/v1/verification_sessions/{session}")).await["case"].clone();
    let page = desk.get(&format!("/console/cases/{}", case.as_str().unwrap())).await.text;
    assert!(page.contains("2026-11-05 11:00 UTC-05:00"), "{page}");
}
