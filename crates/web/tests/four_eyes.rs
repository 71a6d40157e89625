//! Four eyes (E8, F7) through the API and the use cases: an appeal is decided by two different people who say the same.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use marketplace::Marketplace;
use serde_json::{Value, json};
use shiren_app::Error;
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;
use shiren_core::id::{CaseId, SessionId, UserId};
use shiren_core::review::{Case, CaseRefusal, Reviewer, Verdict};

/// A shop whose owner was refused, and appealed.
async fn appealed(market: &Marketplace) -> (SessionId, CaseId) {
    market.shop("1", "c2c", None).await;
    let session = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&session, b"ann's card", b"somebody else", "13800138000").await;
    market.work().await;
    market.service.app.appeal(&session, "I had an operation").await.unwrap();
    let case = market.get("/v1/cases?status=open").await["data"][0].clone();
    assert_eq!((&case["four_eyes"], &case["awaits_another"]), (&json!("always"), &json!(false)));
    (session, case["id"].as_str().unwrap().parse().unwrap())
}

async fn reviewer(market: &Marketplace, login: &str) -> UserId {
    market.service.app.create_user(login, "fifteen letters and more", Role::Reviewer).await.unwrap().id
}

async fn says(market: &Marketplace, case: &CaseId, who: &UserId, verdict: Verdict) -> Result<Case, Error> {
    market.service.app.decide_case(None, case, verdict, "looked at it", Reviewer::User(who.clone())).await
}

async fn status(market: &Marketplace, session: &SessionId) -> Value {
    market.get(&format!("/v1/verification_sessions/{session}")).await["status"].clone()
}

#[tokio::test]
async fn two_different_people_decide_an_appeal_on_both_stores() {
    two_people(Marketplace::new().await).await;
    two_people(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn two_people(market: Marketplace) {
    let (session, case) = appealed(&market).await;
    let (ann, bea) = (reviewer(&market, "ann").await, reviewer(&market, "bea").await);
    let before = market.get(&format!("/v1/cases/{case}")).await;
    says(&market, &case, &ann, Verdict::Approve).await.unwrap();
    assert_eq!(status(&market, &session).await, "in_review");
    let waits = market.get(&format!("/v1/cases/{case}")).await;
    assert_eq!((&waits["status"], &waits["awaits_another"]), (&json!("open"), &json!(true)));
    assert_eq!(waits["opinions"][0]["by"], json!(format!("user:{ann}")));
    assert_eq!(waits["due_at"], before["due_at"], "its deadline goes on");
    let again = says(&market, &case, &ann, Verdict::Approve).await;
    assert!(matches!(again, Err(Error::Case(CaseRefusal::SameReviewer))), "{again:?}");
    // The same person in another role is the same person.
    let mut tx = market.store.begin().await.unwrap();
    let mut admin = tx.user(&ann).await.unwrap().unwrap();
    admin.value.role = Role::Admin;
    tx.save_user(&admin).await.unwrap();
    tx.commit().await.unwrap();
    assert!(says(&market, &case, &ann, Verdict::Approve).await.is_err());
    let decided = says(&market, &case, &bea, Verdict::Approve).await.unwrap();
    assert_eq!(decided.decided.unwrap().by, Reviewer::User(bea.clone()));
    assert_eq!(status(&market, &session).await, "verified");
    assert_eq!(market.events(case.as_str()).await, ["case.opened", "case.proposed", "case.decided"]);
    let log = market.store.snapshot().await.unwrap().audit_of(case.as_str()).await.unwrap();
    let acts: Vec<(String, &str, &str)> =
        log.iter().map(|e| (e.actor.clone(), e.action.as_str(), e.purpose.as_str())).collect();
    let both = [
        (format!("user:{ann}"), "case.proposed", "approve"),
        (format!("user:{bea}"), "case.decided", "approve"),
    ];
    assert_eq!(acts, both);
}

#[tokio::test]
async fn who_disagrees_overrules_nobody_and_who_was_disabled_does_not_count() {
    let market = Marketplace::new().await;
    let (session, case) = appealed(&market).await;
    let (ann, bea, cyn) =
        (reviewer(&market, "ann").await, reviewer(&market, "bea").await, reviewer(&market, "cyn").await);
    says(&market, &case, &ann, Verdict::Approve).await.unwrap();
    says(&market, &case, &bea, Verdict::Reject).await.unwrap();
    let waits = market.get(&format!("/v1/cases/{case}")).await;
    assert_eq!(waits["opinions"].as_array().unwrap().len(), 2);
    let mut tx = market.store.begin().await.unwrap();
    let mut gone = tx.user(&bea).await.unwrap().unwrap();
    gone.value.disabled_at = Some(market.service.app.now());
    tx.save_user(&gone).await.unwrap();
    tx.commit().await.unwrap();
    says(&market, &case, &cyn, Verdict::Reject).await.unwrap();
    assert_eq!(status(&market, &session).await, "in_review", "bea's opinion is nobody's any more");
    // Ann looks again, and agrees with cyn.
    says(&market, &case, &ann, Verdict::Reject).await.unwrap();
    assert_eq!(status(&market, &session).await, "rejected");
}
