//! Imports of sellers and staff (row H3) through the API.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use marketplace::{Marketplace, asking};
use serde_json::{Value, json};
use shiren_core::account::staff::StaffRules;
use tower::ServiceExt as _;

const CSV: &str = "kind,id,type,registered_on,category,leak_severity,shop,name,role,security_phone\n\
    shop,s1,c2c,2019-05-01,toys,7,,,,\n\
    shop,s2,c2c,,,,,,,\n\
    staff,a1,,,,,s1,客服小王,customer_service,13800138000\n\
    staff,a2,,,,,nobody,x,other,\n\
    shop,s3,Big Shop,,,,,,,\n\
    shop,s4,c2c,,,11,,,,\n\
    staff,a3,,,,,s1,y,other,123\n";

async fn import(market: &Marketplace, how: &str, kind: &str, rows: &str) -> (StatusCode, Value) {
    let request = Request::builder()
        .method("POST")
        .uri(format!("/v1/import{how}"))
        .header(header::AUTHORIZATION, format!("Bearer {}", market.key))
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(rows.to_owned()));
    let response = market.router.clone().oneshot(request.unwrap()).await.unwrap();
    let status = response.status();
    let answer = serde_json::from_slice(&to_bytes(response.into_body(), 1_000_000).await.unwrap()).unwrap();
    asking::record(("POST", "/v1/import"), None, status, &answer);
    (status, answer)
}

fn counts(report: &Value) -> [u64; 4] {
    ["rows", "created", "unchanged", "refused"].map(|n| report[n].as_u64().unwrap())
}

#[tokio::test]
async fn rows_are_imported_one_by_one_and_the_same_again_changes_nothing_on_both_stores() {
    one_by_one(Marketplace::new().await).await;
    one_by_one(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn one_by_one(market: Marketplace) {
    let (_, dry) = import(&market, "?dry_run=true", "text/csv", CSV).await;
    assert_eq!((counts(&dry), &dry["dry_run"]), ([7, 3, 0, 4], &json!(true)), "{dry}");
    assert_eq!(market.get("/v1/shops").await["data"], json!([]), "a dry run keeps nothing");
    let (status, report) = import(&market, "", "text/csv; charset=utf-8", CSV).await;
    assert_eq!((status, counts(&report)), (StatusCode::OK, [7, 3, 0, 4]));
    assert_eq!(report["problems"], dry["problems"], "as the dry run said");
    let problems: Vec<_> = report["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p["row"].as_u64().unwrap(), p["field"].as_str()))
        .collect();
    assert_eq!(
        problems,
        [(4, Some("shop")), (5, Some("type")), (6, Some("leak_severity")), (7, Some("security_phone"))]
    );
    // Nothing of a refused row is there, also not the part that could be.
    for path in ["/v1/shops/s4", "/v1/staff/a3"] {
        assert_eq!(market.ask("GET", path, &market.key, None).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    let staff = market.get("/v1/staff/a1").await;
    assert_eq!((&staff["status"], &staff["security_phone"]), (&json!("unasked"), &json!(true)));
    assert_eq!(market.ask("GET", "/v1/shops/s1/recheck", &market.key, None).await.0, StatusCode::NOT_FOUND);
    let lines: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|p| p["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, [5, 6, 7, 8], "the head is the first line");
    let events = market.events("s1").await;
    let (_, again) = import(&market, "", "text/csv", CSV).await;
    assert_eq!(counts(&again), [7, 0, 3, 4]);
    assert_eq!(market.events("s1").await, events);
    // The same id with something else is no second account.
    let other = "{\"kind\":\"shop\",\"id\":\"s1\",\"type\":\"b2c\"}\n{\"kind\":\"staff\",\"id\":\"a1\",\"shop\":\"s2\",\"name\":\"客服小王\",\"role\":\"other\"}\n";
    let (_, report) = import(&market, "", "application/x-ndjson", other).await;
    assert_eq!(counts(&report), [2, 0, 0, 2]);
    assert_eq!(
        [&report["problems"][0]["field"], &report["problems"][1]["field"]],
        [&json!("type"), &json!("shop")]
    );
}

#[tokio::test]
async fn imported_owners_come_due_spread_over_the_days() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    let rows: String =
        (0..40).map(|n| format!("{{\"kind\":\"shop\",\"id\":\"s{n}\",\"type\":\"c2c\"}}\n")).collect();
    let how = format!("?due_within_days=34&test_clock={clock}");
    let (_, report) = import(&market, &how, "application/x-ndjson", &rows).await;
    assert_eq!(counts(&report), [40, 40, 0, 0]);
    let ahead = market.get("/v1/rechecks/forecast?from=2026-03-01&to=2026-04-10").await;
    let days: Vec<u64> =
        ahead["data"].as_array().unwrap().iter().map(|d| d["due"].as_u64().unwrap()).collect();
    assert_eq!((days.iter().sum::<u64>(), days.iter().max()), (40, Some(&2)), "20 days for 40: {days:?}");
    assert_eq!(market.get("/v1/shops/s0/recheck").await["status"], "resting");
    market.turn(&clock, "2026-04-20T00:00:00Z").await;
    let first = market.get("/v1/shops/s0/recheck").await;
    assert_eq!(
        (&first["status"], &first["why"], &first["passed_at"]),
        (&json!("restricted"), &json!("scheduled"), &Value::Null)
    );
    let session = market.session("shop", "shop-owner", "s0").await;
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.get("/v1/shops/s0/recheck").await["status"], "resting");
    assert_eq!(market.get("/v1/shops/s0").await["status"], "open");
}

#[tokio::test]
async fn what_is_no_import_is_refused_as_a_whole() {
    let market = Marketplace::new().await;
    for (how, kind, rows, status) in [
        ("", "application/json", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", "text/csv", "kind,id,phones\nshop,1,2\n", StatusCode::UNPROCESSABLE_ENTITY),
        ("?due_within_days=0", "text/csv", CSV, StatusCode::UNPROCESSABLE_ENTITY),
        ("?due_within_days=185", "text/csv", CSV, StatusCode::UNPROCESSABLE_ENTITY),
        ("?dry=1", "text/csv", CSV, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let (found, problem) = import(&market, how, kind, rows).await;
        assert_eq!(found, status, "{how} {kind} {problem}");
    }
    let (status, _) = import(&market, "", "text/csv", &"x".repeat(300_000)).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(market.get("/v1/shops").await["data"], json!([]));
}

/// What a report says was changed: line, changed, ignored.
fn changes(report: &Value) -> Vec<(u64, Vec<String>, Vec<String>)> {
    let texts = |v: &Value| v.as_array().unwrap().iter().map(|t| t.as_str().unwrap().to_owned()).collect();
    let of = |c: &Value| (c["line"].as_u64().unwrap(), texts(&c["changed"]), texts(&c["ignored"]));
    report["changes"].as_array().unwrap().iter().map(of).collect()
}

#[tokio::test]
async fn companies_quotas_and_phones_are_imported_and_what_may_change_follows_a_later_row_on_both_stores() {
    follows(Marketplace::new().await).await;
    follows(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn follows(market: Marketplace) {
    let first = "kind,id,type,category,credit_code,verifies_as,staff_quota,shop,name,role,phone,security_phone\n\
        shop,s1,b2c,toys,91350100M000100Y43,legal_person,30,,,,13800138000,\n\
        staff,a1,,,,,,s1,客服小王,customer_service,13800138001,13800138002\n\
        shop,s2,b2c,,91350100M000100Y44,legal_person,,,,,,\n\
        shop,s3,b2c,,91350100M000100Y43,boss,,,,,,\n\
        shop,s4,b2c,,,operator,,,,,,\n\
        shop,s5,b2c,,,,10001,,,,,\n\
        shop,s6,b2c,,,,,,,,123,\n\
        staff,a2,,,,,3,s1,x,other,,\n";
    let (_, report) = import(&market, "", "text/csv", first).await;
    assert_eq!((counts(&report), &report["changed"]), ([8, 2, 0, 6], &json!(0)), "{report}");
    let told: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|p| p["field"].as_str().unwrap()).collect();
    assert_eq!(told, ["credit_code", "verifies_as", "verifies_as", "staff_quota", "phone", "staff_quota"]);
    assert!(!report.to_string().contains("91350100M000100Y44"), "no value is told: {report}");
    let shop = market.get("/v1/shops/s1").await;
    assert_eq!((&shop["company"]["verifies_as"], &shop["staff_quota"]), (&json!("legal_person"), &json!(30)));
    for (kind, id, phone) in [("shop", "s1", "+861******8000"), ("staff", "a1", "+861******8001")] {
        let registered = market.get(&format!("/v1/accounts/{kind}/{id}/references")).await;
        assert_eq!(registered["phone"], phone, "{kind}");
    }
    // Later the marketplace knows more, and something else.
    let later = "kind,id,type,category,leak_severity,staff_quota,shop,name,role,phone,security_phone\n\
        shop,s1,b2c,books,7,20,,,,13800138009,\n\
        staff,a1,,,,,s1,客服小王,finance,13800138001,13800138003\n\
        shop,s1,b2c,books,7,20,,,,13800138009,\n";
    let (_, dry) = import(&market, "?dry_run=true", "text/csv", later).await;
    assert_eq!(market.get("/v1/staff/a1").await["role"], "customer_service", "a dry run keeps nothing");
    let (_, report) = import(&market, "", "text/csv", later).await;
    assert_eq!(report["changes"], dry["changes"], "as the dry run said");
    assert_eq!((counts(&report), &report["changed"]), ([3, 0, 1, 0], &json!(2)), "{report}");
    let own = |texts: &[&str]| texts.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        changes(&report),
        [
            (2, own(&["category", "leak_severity", "staff_quota", "phone"]), vec![]),
            (3, own(&["role", "security_phone"]), vec![]),
        ]
    );
    assert_eq!(market.get("/v1/staff/a1").await["role"], "finance");
    assert_eq!(market.get("/v1/shops/s1").await["staff_quota"], 20);
    let named = "kind,id,type,person_name\nshop,s1,b2c,王芳\nshop,s1,b2c,王 芳\n";
    let (_, report) = import(&market, "", "text/csv", named).await;
    assert_eq!(changes(&report), [(2, own(&["person_name"]), vec![])]);
    let registered = market.get("/v1/accounts/shop/s1/references").await;
    assert_eq!((&registered["name"], &registered["phone"]), (&json!("王*"), &json!("+861******8009")));
    assert!(!report.to_string().contains('芳'), "{report}");
    // A row that leaves something out says nothing about it; what is registered beside the phone stays.
    let rest = json!({ "phone": "13800138009", "bank_card": "6222021234567894" });
    market.post("/v1/accounts/shop/s1/references", rest).await;
    let bare = "{\"kind\":\"shop\",\"id\":\"s1\",\"type\":\"b2c\"}\n\n\
        {\"kind\":\"shop\",\"id\":\"s1\",\"type\":\"b2c\",\"phone\":\"13800138000\"}\n\
        {\"kind\":\"shop\",\"id\":\"s1\",\"type\":\"b2c\",\"credit_code\":\"91330100799655058B\",\"verifies_as\":\"operator\"}\n";
    let (_, report) = import(&market, "", "application/x-ndjson", bare).await;
    assert_eq!((counts(&report), &report["changed"]), ([3, 0, 1, 1], &json!(1)), "{report}");
    assert_eq!(changes(&report), [(3, own(&["phone"]), vec![])], "lines are counted with empty ones");
    let problem = &report["problems"][0];
    assert_eq!(
        (&problem["row"], &problem["line"], &problem["field"]),
        (&json!(3), &json!(4), &json!("credit_code"))
    );
    assert!(market.get("/v1/accounts/shop/s1/references").await["bank_card"].is_string());
    let log = market.store.snapshot().await.unwrap().audit_of("test").await.unwrap();
    let imported: Vec<_> = log.iter().filter(|e| e.action == "accounts.imported").collect();
    assert_eq!((imported.len(), imported[0].actor.as_str()), (4, "key:tests"), "no dry run is in the log");
}

#[tokio::test]
async fn a_shop_that_trades_goes_on_until_its_owner_was_asked_and_their_time_is_over_on_both_stores() {
    goes_on(Marketplace::new().await).await;
    goes_on(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn goes_on(market: Marketplace) {
    let clock = market.clock("2026-03-01T04:00:00Z").await;
    let rows =
        "kind,id,type,status\nshop,s1,c2c,open\nshop,s2,c2c,open\nshop,s3,c2c,registered\nshop,s4,c2c,shut\n";
    let how = format!("?due_within_days=34&test_clock={clock}");
    let (_, report) = import(&market, &how, "text/csv", rows).await;
    assert_eq!(counts(&report), [4, 3, 0, 1], "{report}");
    let standing = async |id: &str| market.get(&format!("/v1/shops/{id}")).await["status"].clone();
    assert_eq!(
        [standing("s1").await, standing("s2").await, standing("s3").await],
        ["open", "open", "registered"]
    );
    assert_eq!(market.events("s1").await[..2], ["shop.registered", "shop.carried_over"]);
    // It lists what it paid for, as before; nobody vouches for it.
    let payment = json!({ "movement": "payment", "reference": "p", "cents": 3_000_000 });
    market.post("/v1/shops/s1/deposit/entries", payment).await;
    assert_eq!(market.get("/v1/shops/s1/listings/laptops").await["may_list"], true);
    let claim = "/v1/accounts/shop/s1/claim?purpose=payout";
    assert_eq!(market.ask("GET", claim, &market.key, None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(market.get("/v1/shops/s1").await["staff_quota"], 5, "what verified shops get it does not");
    // One of them verifies in time.
    let session = market.session("shop", "shop-owner", "s1").await;
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(standing("s1").await, "open");
    assert!(market.events("s1").await.contains(&"shop.opened".to_owned()));
    market.turn(&clock, "2026-04-20T00:00:00Z").await;
    assert_eq!([standing("s1").await, standing("s2").await], ["open", "registered"]);
    let ended = market.events("s2").await;
    assert!(ended.contains(&"shop.carry_over_ended".to_owned()), "{ended:?}");
    let listing = market.get("/v1/shops/s2/listings/laptops").await;
    assert!(listing["reasons"].as_array().unwrap().contains(&json!("shop_not_open")), "{listing}");
    // Sent again, it is open by that no more; by its owner it is.
    let (_, again) = import(&market, &how, "text/csv", rows).await;
    assert_eq!(changes(&again), [(3, vec![], vec!["status".to_owned()])]);
    assert_eq!(standing("s2").await, "registered");
    let session = market.session("shop", "shop-owner", "s2").await;
    market.hand_in(&session, b"bea's card", b"herself", "13800138001").await;
    market.work().await;
    assert_eq!(standing("s2").await, "open");
}

#[tokio::test]
async fn an_administrator_imports_a_file_at_the_console_and_sees_what_came_of_it() {
    use marketplace::browser::Browser;
    use shiren_app::record::Role;
    let market = Marketplace::new().await;
    let app = &market.service.app;
    for (login, role) in [("lin", Role::Admin), ("wang", Role::Reviewer)] {
        app.create_user(login, "a long enough password", role).await.unwrap();
    }
    let signed_in = async |login: &str| {
        let mut browser = Browser::default();
        let form = Request::post("/console/sign-in")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let form = form.body(Body::from(format!("login={login}&password=a+long+enough+password"))).unwrap();
        assert_eq!(browser.fetch(&market, form).await.0, StatusCode::SEE_OTHER);
        browser
    };
    let mut reviewer = signed_in("wang").await;
    let get = || Request::get("/console/import").body(Body::empty()).unwrap();
    assert_eq!(reviewer.fetch(&market, get()).await.0, StatusCode::FORBIDDEN);
    let mut admin = signed_in("lin").await;
    let page = admin.page(&market, "/console/import").await;
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let sent = |csrf: &str, keep: &str, days: &str, file: &str, rows: &str| {
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = format!(
            "{}{}{}{}--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\nContent-Type: text/csv\r\n\r\n{rows}\r\n--b--\r\n",
            part("csrf", csrf),
            part("mode", "test"),
            part("days", days),
            part("keep", keep),
        );
        Request::post("/console/import")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header(header::ACCEPT_LANGUAGE, "en")
            .body(Body::from(body))
            .unwrap()
    };
    let (status, page) = admin.send(&market, sent(&csrf, "0", "90", "sellers.csv", CSV)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert!(page.contains("7 rows: 3 created, 0 changed, 0 there already, 4 refused."), "{page}");
    assert!(page.contains("There is no such shop") && page.contains("security_phone"), "{page}");
    assert_eq!(market.get("/v1/shops").await["data"], json!([]), "it was only tried");
    for (days, file, rows) in [
        ("0", "a.csv", CSV),
        ("x", "a.csv", CSV),
        ("", "a.xlsx", CSV),
        ("", "a.csv", ""),
        ("", "a.csv", "kind,idd\n"),
    ] {
        let (status, page) = admin.send(&market, sent(&csrf, "1", days, file, rows)).await;
        assert_eq!(
            (status, page.contains("import-error")),
            (StatusCode::UNPROCESSABLE_ENTITY, true),
            "{days} {file} {page}"
        );
    }
    assert_eq!(
        admin.fetch(&market, sent("guessed", "1", "", "sellers.csv", CSV)).await.0,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        reviewer.fetch(&market, sent(&csrf, "1", "", "sellers.csv", CSV)).await.0,
        StatusCode::FORBIDDEN
    );
    assert_eq!(market.get("/v1/shops").await["data"], json!([]));
    let (status, _) = admin.send(&market, sent(&csrf, "1", "90", "sellers.csv", CSV)).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(market.get("/v1/shops/s1/recheck").await["status"], "resting");
    let log = market.store.snapshot().await.unwrap().audit_of("test").await.unwrap();
    assert!(log.iter().any(|e| e.action == "accounts.imported" && e.actor.starts_with("user:usr_")));
}
