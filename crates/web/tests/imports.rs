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
        ("", "text/csv", "kind,id,phone\nshop,1,2\n", StatusCode::UNPROCESSABLE_ENTITY),
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
