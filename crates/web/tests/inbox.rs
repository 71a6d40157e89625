//! Messages as an inbox of the marketplace's own shows them, and by which way they reach people.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use std::sync::Arc;

use axum::http::StatusCode;
use serde_json::{Value, json};
use shiren_app::job::Job;
use shiren_app::port::SendError;
use shiren_app::record::{
    AccountMessage, Channel, MessageKind, NewJob, NoticeKind, NoticeRecord, NoticeState, SendFault,
};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{JobId, NoticeId};
use shiren_core::verification::program::Mode;
use shiren_testkit::eyes::ScriptedEyes;
use shiren_testkit::service::TestService;
use shiren_web::{Site, State, router};

use marketplace::Marketplace;

async fn told(market: &Marketplace, of: &str) -> Vec<Value> {
    market.get(&format!("/v1/messages?limit=100&{of}")).await["data"].as_array().unwrap().clone()
}

fn kinds(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|m| m["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_inbox_lists_what_is_about_an_account_or_reached_a_person_and_notes_what_was_seen() {
    inbox(Marketplace::new().await).await;
}

#[tokio::test]
async fn an_inbox_works_over_postgres_too() {
    inbox(Marketplace::over_postgres(Default::default()).await).await;
}

async fn inbox(market: Marketplace) {
    let clock = market.clock("2026-09-01T04:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"cyn's card", b"cyn herself", "13700137000").await;
    market.work().await;
    for staff in ["a", "b"] {
        market.staff("1", staff).await;
        market.post(&format!("/v1/staff/{staff}/ask"), json!({})).await;
    }
    market.work().await;
    let about_a = told(&market, "account_kind=staff&account_id=a").await;
    assert_eq!(kinds(&about_a), ["staff_asked"], "at once, not by reminders alone");
    let text = about_a[0]["text"]["en"].as_str().unwrap();
    assert!(text.contains("within 168 hours"), "{text}");
    assert!(about_a[0]["text"]["zh"].as_str().unwrap().contains("168"));
    let hers = told(&market, &format!("verification_session={owner}")).await;
    assert_eq!(kinds(&hers), ["staff_asked", "staff_asked"], "they go to the owner: nobody is bound");
    assert_eq!(told(&market, "account_kind=shop&account_id=1").await, Vec::<Value>::new());

    let id = about_a[0]["id"].as_str().unwrap();
    assert!(about_a[0]["read_at"].is_null());
    let read = market.post(&format!("/v1/messages/{id}/read"), json!({})).await;
    assert_eq!(read["read_at"], "2026-09-01T04:00:00Z");
    market.turn(&clock, "2026-09-01T05:00:00Z").await;
    let again = market.post(&format!("/v1/messages/{id}/read"), json!({})).await;
    assert_eq!(again["read_at"], read["read_at"], "the first time stays");
    assert_eq!(told(&market, "account_kind=staff&account_id=a").await[0]["read_at"], read["read_at"]);
    assert_eq!(market.events(id).await, ["message.read"]);

    let path = format!("/v1/messages/{id}/read");
    let (status, _) = market.ask("POST", &path, &market.live_key, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "the other mode's");
    let other = format!("/v1/messages?verification_session={owner}");
    assert_eq!(market.ask("GET", &other, &market.live_key, None).await.0, StatusCode::NOT_FOUND);
    for of in [
        "",
        "account_kind=staff",
        "account_kind=platform&account_id=x",
        "account_kind=cat&account_id=x",
        "verification_session=x",
        &format!("verification_session={owner}&account_kind=staff&account_id=a"),
        "account_kind=staff&account_id=a&after=x",
    ] {
        let (status, problem) = market.ask("GET", &format!("/v1/messages?{of}"), &market.key, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{of}: {problem}");
    }
}

#[tokio::test]
async fn who_is_bound_is_told_at_once_that_they_must_verify_again() {
    let market = Marketplace::new().await;
    market.shop("1", "c2c", None).await;
    market.staff("1", "a").await;
    let bound = market.handed_in("a", b"bea's card", b"herself", "13900139000").await;
    market.work().await;
    market.post("/v1/staff/a/recheck", json!({ "hours": 72 })).await;
    market.work().await;
    let hers = told(&market, &format!("verification_session={bound}")).await;
    assert_eq!(kinds(&hers), ["staff_recheck_asked"]);
    assert!(hers[0]["text"]["en"].as_str().unwrap().contains("within 72 hours"), "{hers:?}");
}

/// A marketplace in live mode with gateways for both ways, and a session of somebody who is reached by both.
async fn live() -> (Marketplace, String) {
    let mut market = Marketplace::new().await;
    let store = Arc::clone(&market.store);
    market.service = TestService::with_texts(store, ScriptedEyes::default(), |_| {});
    market.router = router(State::new(Arc::clone(&market.service.app), Site::default()));
    market.key = market.live_key.clone();
    let contact = json!({ "email": "ann@example.com", "phone": "+8613800138000" });
    let new =
        json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "1" }, "contact": contact });
    let session = market.post("/v1/verification_sessions", new).await;
    (market, session["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_link_that_one_gateway_refuses_goes_by_the_other_way_once() {
    for by_sms in [true, false] {
        let (market, id) = live().await;
        let service = &market.service;
        let (first, second) =
            if by_sms { (&service.texts, &service.letters) } else { (&service.letters, &service.texts) };
        first.answer(Some(SendError::Refused(SendFault::Http(400))));
        let deliver = json!({ "deliver": if by_sms { "sms" } else { "email" } });
        market.post(&format!("/v1/verification_sessions/{id}/links"), deliver).await;
        market.work().await;
        let sent = second.taken();
        assert_eq!((first.taken().len(), sent.len()), (0, 1), "by sms: {by_sms}");
        assert_eq!(sent[0].to, if by_sms { "ann@example.com" } else { "+8613800138000" });
        let secret = sent[0].parameters["link"].rsplit('/').next().unwrap();
        assert!(service.app.open_link(secret, None, None).await.is_ok(), "and opens");
        assert!(service.app.dead_jobs(1).await.unwrap().is_empty(), "it arrived after all");
    }
}

#[tokio::test]
async fn what_both_gateways_refuse_is_given_up() {
    let (market, id) = live().await;
    for gateway in [&market.service.texts, &market.service.letters] {
        gateway.answer(Some(SendError::Refused(SendFault::Http(400))));
    }
    market.post(&format!("/v1/verification_sessions/{id}/links"), json!({ "deliver": "sms" })).await;
    market.work().await;
    let dead = market.service.app.dead_jobs(10).await.unwrap();
    assert_eq!(dead.iter().map(|d| d.job.kind()).collect::<Vec<_>>(), ["send_notice"], "not to and fro");
}

#[tokio::test]
async fn what_perhaps_arrived_goes_no_other_way() {
    let (market, id) = live().await;
    market.service.letters.answer(Some(SendError::Unclear(SendFault::Silent)));
    market.post(&format!("/v1/verification_sessions/{id}/links"), json!({ "deliver": "email" })).await;
    market.work().await;
    assert!(market.service.texts.taken().is_empty());
}

/// A message to the person of a session, by SMS.
async fn message(market: &Marketplace, id: &str) {
    let (session, now) = (id.parse().unwrap(), market.service.app.world_now());
    let account = Account { kind: AccountKind::Shop, id: "1".to_owned() };
    let notice = NoticeRecord {
        id: NoticeId::new(now, [1; 10]),
        session,
        mode: Mode::Live,
        kind: NoticeKind::Message,
        message: Some(AccountMessage { kind: MessageKind::ReviewAgain, account, number: None }),
        shop: None,
        channel: Channel::Sms,
        language: "en".to_owned(),
        asked_by: "system".to_owned(),
        state: NoticeState::Waiting,
        fault: None,
        created_at: now,
        instead_of: None,
        read_at: None,
    };
    let mut tx = market.store.begin().await.unwrap();
    tx.insert_notice(&notice).await.unwrap();
    let (id, job) = (JobId::new(now, [1; 10]), Job::SendNotice { notice: notice.id });
    let job = NewJob { id, job, run_at: now, clock: None, held_until: None, dedup: None };
    tx.enqueue(&job).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_message_that_no_sms_takes_or_that_has_no_phone_comes_by_mail_and_the_inbox_shows_both() {
    for knows_phone in [true, false] {
        let (market, id) = live().await;
        if knows_phone {
            let phone = json!({ "phone": "13800138000" });
            market.post("/v1/accounts/shop/1/references", phone).await;
            market.service.texts.answer(Some(SendError::Refused(SendFault::Http(400))));
        }
        message(&market, &id).await;
        market.work().await;
        let mail = market.service.letters.taken();
        assert_eq!((mail[0].to.as_str(), mail[0].template.as_str()), ("ann@example.com", "review_again"));
        let shown = told(&market, &format!("verification_session={id}")).await;
        let state = |channel: &str| {
            let of = shown.iter().find(|m| m["channel"] == channel).unwrap();
            of["state"].as_str().unwrap().to_owned()
        };
        let by_sms = if knows_phone { "failed" } else { "dropped" };
        assert_eq!((state("email"), state("sms")), ("sent".to_owned(), by_sms.to_owned()));
        let mails: Vec<_> = shown.iter().filter(|m| !m["instead_of"].is_null()).collect();
        assert_eq!((mails.len(), &mails[0]["channel"]), (1, &json!("email")));
        assert!(market.service.app.dead_jobs(1).await.unwrap().is_empty(), "it arrived after all");
    }
}
