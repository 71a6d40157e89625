//! Jobs that are given up: what does not stand still because of them, and how they are tried again.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::RequeueJob;
use shiren_app::port::Blobs as _;
use shiren_app::record::Role;
use shiren_core::id::SessionId;

use marketplace::Marketplace;
use marketplace::browser::Browser;

/// A shop's session whose pictures are lost, so that its checks are given up; and what was lost.
async fn given_up(market: &Marketplace) -> (SessionId, std::collections::BTreeMap<String, Vec<u8>>) {
    market.shop("1", "c2c", None).await;
    let id = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    let lost = market.service.blobs.all();
    for key in lost.keys() {
        market.service.blobs.delete(key).await.unwrap();
    }
    for _ in 0..12 {
        market.work().await;
        market.service.clock.turn(SignedDuration::from_hours(1));
    }
    (id, lost)
}

async fn found(market: &Marketplace, id: &SessionId) -> Value {
    market.get(&format!("/v1/verification_sessions/{id}")).await
}

#[tokio::test]
async fn what_cannot_be_checked_goes_to_a_person_who_cannot_approve_it() {
    leaves_it_to_a_person(Marketplace::new().await).await;
}

#[tokio::test]
async fn what_cannot_be_checked_goes_to_a_person_over_postgres_too() {
    leaves_it_to_a_person(Marketplace::over_postgres(Default::default()).await).await;
}

async fn leaves_it_to_a_person(market: Marketplace) {
    let (id, lost) = given_up(&market).await;
    let session = found(&market, &id).await;
    assert_eq!(session["status"], "in_review", "{session}");
    assert_eq!(session["reasons"][0]["code"], "not_checked");
    let told = market.events(id.as_str()).await;
    assert_eq!(told.last().map(String::as_str), Some("verification_session.in_review"));
    let cases = market.get("/v1/cases?status=open").await;
    let case = cases["data"][0]["id"].as_str().unwrap().to_owned();
    let decide = format!("/v1/cases/{case}/decide");
    let approve = json!({ "verdict": "approve", "note": "looks right" });
    assert_eq!(market.refused(&decide, approve).await, (409, "case_not_checked".to_owned()));
    assert_eq!(market.get("/v1/shops/1").await["status"], "registered");

    // The pictures are found again, and the checks are tried once more.
    for (key, bytes) in lost {
        market.service.blobs.put(&key, bytes).await.unwrap();
    }
    let app = &market.service.app;
    let dead = app.dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|d| d.job.kind()).collect::<Vec<_>>(), ["run_checks"]);
    assert_eq!(dead[0].job.about(), format!("session={id}"));
    assert!(!dead[0].error.is_empty());
    let again = RequeueJob { id: dead[0].id.clone(), by: "admin".to_owned() };
    app.run(again.clone()).await.unwrap();
    assert_eq!(found(&market, &id).await["status"], "processing");
    market.work().await;
    assert_eq!(found(&market, &id).await["status"], "verified");
    assert_eq!(market.get(&format!("/v1/cases/{case}")).await["verdict"], "withdrawn");
    assert!(app.dead_jobs(10).await.unwrap().is_empty());
    assert!(app.run(again).await.is_err(), "there is nothing to try again");
}

#[tokio::test]
async fn a_person_asks_again_for_what_could_not_be_checked_and_a_late_retry_changes_nothing() {
    let market = Marketplace::new().await;
    let (id, _) = given_up(&market).await;
    let cases = market.get("/v1/cases?status=open").await;
    let decide = format!("/v1/cases/{}/decide", cases["data"][0]["id"].as_str().unwrap());
    market.post(&decide, json!({ "verdict": "ask_again", "note": "please send them again" })).await;
    assert_eq!(found(&market, &id).await["status"], "requires_input");
    let app = &market.service.app;
    let dead = app.dead_jobs(1).await.unwrap().remove(0);
    app.run(RequeueJob { id: dead.id, by: "admin".to_owned() }).await.unwrap();
    market.work().await;
    assert_eq!(found(&market, &id).await["status"], "requires_input");
    market.hand_in(&id, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(found(&market, &id).await["status"], "verified");
}

#[tokio::test]
async fn a_clock_whose_step_was_given_up_says_so_and_can_be_advanced_again() {
    stops(Marketplace::new().await).await;
}

#[tokio::test]
async fn a_clock_whose_step_was_given_up_stops_over_postgres_too() {
    stops(Marketplace::over_postgres(Default::default()).await).await;
}

async fn stops(market: Marketplace) {
    let clock = market.clock("2026-10-20T00:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let path = format!("/v1/test/clocks/{clock}");
    market.post(&format!("{path}/advance"), json!({ "by_minutes": 60 })).await;
    let now = market.service.app.world_now();
    let until = now.saturating_add(SignedDuration::from_secs(10)).unwrap();
    let step = market.store.lease("broken", now, until).await.unwrap().unwrap();
    assert_eq!(step.job.kind(), "advance_clock");
    market.service.app.give_up(&step, "the store fails").await.unwrap();
    let failed = market.get(&path).await;
    assert_eq!((&failed["status"], &failed["advancing_to"]), (&json!("failed"), &Value::Null));
    assert_eq!(failed["now"], "2026-10-20T00:00:00Z", "it stands where it stood");
    market.turn(&clock, "2026-10-20T01:00:00Z").await;
    let dead = market.service.app.dead_jobs(1).await.unwrap().remove(0);
    market.service.app.run(RequeueJob { id: dead.id, by: "admin".to_owned() }).await.unwrap();
    market.settle(&clock).await;
    assert_eq!(market.get(&path).await["now"], "2026-10-20T01:00:00Z", "an old step turns nothing");
}

#[tokio::test]
async fn a_worker_that_lost_its_lease_gives_nothing_up() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-10-20T00:00:00Z").await;
    let path = format!("/v1/test/clocks/{clock}");
    market.post(&format!("{path}/advance"), json!({ "by_minutes": 60 })).await;
    let now = market.service.app.world_now();
    let late = market.store.lease("late", now, now).await.unwrap().unwrap();
    market.store.lease("other", now, now).await.unwrap().unwrap();
    market.service.app.give_up(&late, "too late").await.unwrap();
    assert_eq!(market.get(&path).await["status"], "advancing");
    assert!(market.service.app.dead_jobs(1).await.unwrap().is_empty());
}

/// Somebody at the console.
async fn desk(market: &Marketplace, login: &str, role: Role) -> Browser {
    market.service.app.create_user(login, "correct horse battery", role).await.unwrap();
    signed_in(market, login).await
}

async fn signed_in(market: &Marketplace, login: &str) -> Browser {
    let app = &market.service.app;
    let (_, cookie) = app.sign_in(login, "correct horse battery", None).await.unwrap();
    let mut desk = Browser::default();
    desk.jar.insert("shiren_console".to_owned(), cookie);
    desk
}

async fn press(desk: &mut Browser, market: &Marketplace, path: &str, csrf: &str, more: &str) -> StatusCode {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(format!("csrf={csrf}{more}")));
    desk.send(market, request.unwrap()).await.0
}

fn csrf(page: &str) -> String {
    page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_console_shows_what_must_be_looked_after_and_an_administrator_does_it() {
    let market = Marketplace::new().await;
    let mut chief = desk(&market, "chief", Role::Admin).await;
    let quiet = chief.page(&market, "/console/operations").await;
    assert!(quiet.contains("jobs-none") && !quiet.contains("Something must be looked after"), "{quiet}");

    let (id, lost) = given_up(&market).await;
    // Half a day later.
    let mut chief = signed_in(&market, "chief").await;
    let secret = "https://marketplace.example/hook/secret-path";
    let endpoint = market.post("/v1/webhook_endpoints", json!({ "url": secret })).await;
    let endpoint = endpoint["id"].as_str().unwrap();
    market.service.receiver.answer(410);
    market.shop("2", "c2c", None).await;
    market.work().await;
    for (key, bytes) in lost {
        market.service.blobs.put(&key, bytes).await.unwrap();
    }
    let cases = chief.page(&market, "/console/cases").await;
    assert!(cases.contains("Something must be looked after"), "every page says so");
    let page = chief.page(&market, "/console/operations").await;
    assert!(page.contains(&format!("session={id}")) && page.contains("410 Gone"), "{page}");
    assert!(page.contains("marketplace.example") && !page.contains("secret-path"), "{page}");

    let dead = market.service.app.dead_jobs(1).await.unwrap().remove(0);
    let requeue = format!("/console/operations/jobs/{}/requeue", dead.id);
    let enable = format!("/console/operations/endpoints/{endpoint}/enable");
    let mut reviewer = desk(&market, "wang", Role::Reviewer).await;
    let seen = reviewer.page(&market, "/console/operations").await;
    assert!(!seen.contains("/requeue"), "{seen}");
    let theirs = csrf(&seen);
    for (path, more) in [(&requeue, ""), (&enable, "&mode=test")] {
        assert_eq!(press(&mut reviewer, &market, path, &theirs, more).await, StatusCode::FORBIDDEN);
    }
    assert_eq!(found(&market, &id).await["status"], "in_review");

    let csrf = csrf(&page);
    for (path, more) in [(&requeue, ""), (&enable, "&mode=test"), (&requeue, ""), (&enable, "&mode=test")] {
        assert_eq!(press(&mut chief, &market, path, &csrf, more).await, StatusCode::SEE_OTHER, "{path}");
    }
    market.service.receiver.answer(200);
    market.work().await;
    assert_eq!(found(&market, &id).await["status"], "verified");
    let quiet = chief.page(&market, "/console/operations").await;
    assert!(quiet.contains("jobs-none") && !quiet.contains("Something must be looked after"), "{quiet}");
}

#[tokio::test]
async fn figures_tell_how_many_jobs_of_each_kind_were_given_up() {
    let market = Marketplace::new().await;
    given_up(&market).await;
    let request = Request::get("/metrics").body(Body::empty()).unwrap();
    let (status, figures) = Browser::default().send(&market, request).await;
    assert_eq!(status, StatusCode::OK);
    assert!(figures.contains("shiren_jobs_dead{kind=\"run_checks\"} 1"), "{figures}");
    assert!(figures.contains("shiren_jobs_dead{kind=\"deliver_webhook\"} 0"), "{figures}");
}
