//! A session keeps the version of its program that it began with, after an upgrade too.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use marketplace::Marketplace;
use serde_json::json;
use shiren_core::account::staff::StaffRules;
use shiren_core::verification::program::built_in;

#[tokio::test]
async fn a_session_that_began_with_an_earlier_version_goes_on_with_it_on_both_stores() {
    goes_on(Marketplace::new().await).await;
    goes_on(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn goes_on(market: Marketplace) {
    for (kind, program) in [("shop", "shop-owner"), ("buyer", "buyer"), ("influencer", "influencer")] {
        let newest = built_in(program).unwrap().version;
        assert!(newest > 1);
        // As an earlier release left it: begun, and looked at by a reviewer.
        let (begun, reviewed) = (
            market.session(kind, program, &format!("{program}-1")).await,
            market.session(kind, program, &format!("{program}-2")).await,
        );
        for id in [&begun, &reviewed] {
            let mut tx = market.store.begin().await.unwrap();
            let mut session = tx.session(id).await.unwrap().unwrap();
            assert_eq!(session.value.program.version, newest);
            session.value.program.version = 1;
            tx.save_session(&session).await.unwrap();
            tx.commit().await.unwrap();
        }
        market.hand_in(&begun, b"ann's card", b"herself", "13800138000").await;
        market.hand_in(&reviewed, b"bea's card", b"perhaps", "13700137000").await;
        market.work().await;
        let open = market.get(&format!("/v1/cases?status=open&account_id={program}-2")).await["data"].clone();
        let verdict = json!({ "verdict": "approve", "note": "it is she" });
        market.post(&format!("/v1/cases/{}/decide", open[0]["id"].as_str().unwrap()), verdict).await;
        for id in [&begun, &reviewed] {
            let session = market.get(&format!("/v1/verification_sessions/{id}")).await;
            assert_eq!((&session["status"], &session["program"]["version"]), (&json!("verified"), &json!(1)));
            assert_eq!(session["decision"]["program"]["version"], 1);
        }
        // Whoever begins now begins with the newest.
        let now = market.session(kind, program, &format!("{program}-3")).await;
        let session = market.get(&format!("/v1/verification_sessions/{now}")).await;
        assert_eq!(session["program"]["version"], newest);
    }
    // What nobody has any more is told, and nothing is lost.
    let gone = market.session("buyer", "buyer", "gone").await;
    let mut tx = market.store.begin().await.unwrap();
    let mut session = tx.session(&gone).await.unwrap().unwrap();
    session.value.program.version = 999;
    tx.save_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    assert!(market.enter(&gone, None, "13800138000").await.is_err());
    let session = market.get(&format!("/v1/verification_sessions/{gone}")).await;
    assert_eq!(session["status"], "requires_input");
}
