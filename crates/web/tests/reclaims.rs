//! An identity that another shop holds, taken back by the person whose it is (row C1): in live mode too, and with everything
//! that the other shop had by it.
#![expect(clippy::unwrap_used, reason = "a test fails by it")]

mod marketplace;

use marketplace::{ANN, Marketplace};
use serde_json::{Value, json};
use shiren_app::record::{Scope, TakenBy};
use shiren_app::{Declared, Error, Insists};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::Mode;
use shiren_testkit::person;

const PHONE: &str = "13800138000";

/// A marketplace in one of its two modes.
struct World {
    market: Marketplace,
    key: String,
    live: bool,
}

impl World {
    fn of(market: Marketplace, live: bool) -> Self {
        let key = if live { market.live_key.clone() } else { market.key.clone() };
        Self { market, key, live }
    }

    async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.market.ask("GET", path, &self.key, None).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let (status, answer) = self.market.ask("POST", path, &self.key, Some(body)).await;
        (status.as_u16(), answer)
    }

    async fn register(&self, shop: &str) {
        assert_eq!(self.post("/v1/shops", json!({ "id": shop, "type": "c2c" })).await.0, 201);
    }

    /// Everything handed in for a shop, and looked at.
    async fn verify(
        &self,
        shop: &str,
        (card, selfie): (&[u8], &[u8]),
        number: &str,
        mine: bool,
    ) -> SessionId {
        let new = json!({ "program": "shop-owner", "account": { "kind": "shop", "id": shop } });
        let (_, session) = self.post("/v1/verification_sessions", new).await;
        let id: SessionId = session["id"].as_str().unwrap().parse().unwrap();
        let app = &self.market.service.app;
        person::agree(app, &id).await.unwrap();
        let entered = Declared {
            name: Some("王芳".into()),
            id_number: Some(number.into()),
            phone: Some(PHONE.into()),
            ..Declared::default()
        };
        app.declare(&id, entered, Insists { reclaims: mine, ..Insists::default() }).await.unwrap();
        for (step, bytes) in [("front", card), ("back", b"back"), ("selfie", selfie)] {
            app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
        app.submit(&id, None).await.unwrap();
        self.market.work().await;
        if self.live && !mine {
            // Without a source a person decides, and one is enough.
            assert_eq!(self.status(&id).await, "in_review");
            assert_eq!(self.approve("live").await, 200);
        }
        id
    }

    async fn status(&self, id: &SessionId) -> String {
        let session = self.get(&format!("/v1/verification_sessions/{id}")).await;
        session["status"].as_str().unwrap().to_owned()
    }

    async fn codes(&self, id: &SessionId) -> Vec<String> {
        let session = self.get(&format!("/v1/verification_sessions/{id}")).await;
        let reasons = session["reasons"].as_array().unwrap().iter();
        reasons.map(|r| r["code"].as_str().unwrap().to_owned()).collect()
    }

    /// A reviewer of this name approves the only open case.
    async fn approve(&self, reviewer: &str) -> u16 {
        let case = self.get("/v1/cases?status=open").await["data"][0]["id"].as_str().unwrap().to_owned();
        let key = match reviewer {
            "first" | "live" => self.key.clone(),
            other => {
                let mode = if self.live { Mode::Live } else { Mode::Test };
                self.market.service.app.create_api_key(other, mode, Scope::ALL.into()).await.unwrap().1
            }
        };
        let approve = json!({ "verdict": "approve", "note": "it is hers" });
        let path = format!("/v1/cases/{case}/decide");
        self.market.ask("POST", &path, &key, Some(approve)).await.0.as_u16()
    }

    async fn shop(&self, shop: &str) -> Value {
        self.get(&format!("/v1/shops/{shop}")).await
    }
}

const ANNS: (&[u8], &[u8]) = (b"ann's card", b"herself");

#[tokio::test]
async fn in_live_mode_too_two_people_take_an_identity_back() {
    let world = World::of(Marketplace::new().await, true);
    world.register("thief").await;
    world.register("ann").await;
    world.verify("thief", ANNS, ANN, false).await;
    assert_eq!(world.shop("thief").await["status"], "open");
    let id = world.verify("ann", ANNS, ANN, true).await;
    assert_eq!(world.status(&id).await, "in_review");
    assert!(world.codes(&id).await.contains(&"identity_in_use".to_owned()), "{:?}", world.codes(&id).await);
    let case = world.get("/v1/cases?status=open").await["data"][0].clone();
    assert_eq!(case["four_eyes"], "always", "{case}");
    assert_eq!(world.approve("first").await, 200);
    assert_eq!(world.status(&id).await, "in_review", "one alone takes it from nobody");
    assert_eq!(world.approve("second").await, 200);
    assert_eq!(world.status(&id).await, "verified");
    assert_eq!(
        (&world.shop("ann").await["status"], &world.shop("thief").await["status"]),
        (&json!("open"), &json!("registered"))
    );
}

#[tokio::test]
async fn in_live_mode_who_does_not_say_that_it_is_theirs_is_told_that_it_is_in_use() {
    let world = World::of(Marketplace::new().await, true);
    world.register("first").await;
    world.register("second").await;
    // Both are at it before either is verified: nothing can be told when the number is entered.
    let new = json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "second" } });
    let (_, session) = world.post("/v1/verification_sessions", new).await;
    let late: SessionId = session["id"].as_str().unwrap().parse().unwrap();
    let app = &world.market.service.app;
    person::agree(app, &late).await.unwrap();
    let entered = Declared {
        name: Some("王芳".into()),
        id_number: Some(ANN.into()),
        phone: Some(PHONE.into()),
        ..Declared::default()
    };
    app.declare(&late, entered, Insists::default()).await.unwrap();
    for (step, bytes) in [("front", ANNS.0), ("back", b"back"), ("selfie", ANNS.1)] {
        app.take_picture(&late, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    world.verify("first", ANNS, ANN, false).await;
    app.submit(&late, None).await.unwrap();
    world.market.work().await;
    assert_eq!(world.status(&late).await, "requires_input");
    assert!(world.codes(&late).await.contains(&"identity_in_use".to_owned()));
    assert_eq!(world.shop("first").await["status"], "open", "nothing was taken from anybody");
    // An appeal about it can be approved.
    app.appeal(&late, "it is mine").await.unwrap();
    assert_eq!((world.approve("one").await, world.approve("two").await), (200, 200));
    assert_eq!(world.status(&late).await, "verified");
}

#[tokio::test]
async fn an_appeal_about_something_else_can_be_approved_although_another_shop_holds_the_identity() {
    let world = World::of(Marketplace::new().await, false);
    world.register("first").await;
    world.verify("first", ANNS, ANN, false).await;
    world.register("second").await;
    // Another face than the card's: the checks do not get as far as to who holds the identity.
    let id = world.verify("second", (b"ann's card", b"somebody else"), ANN, true).await;
    assert_eq!(world.codes(&id).await, ["face_mismatch"]);
    world.market.service.app.appeal(&id, "the photograph is twenty years old").await.unwrap();
    assert_eq!(world.codes(&id).await, ["face_mismatch"], "it is not the person's to know");
    assert_eq!((world.approve("one").await, world.approve("two").await), (200, 200));
    assert_eq!(world.status(&id).await, "verified");
    assert_eq!(world.shop("first").await["status"], "registered");
}

#[tokio::test]
async fn a_shop_loses_its_owner_with_the_identity_on_both_stores() {
    evicted(Marketplace::new().await).await;
    evicted(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn evicted(market: Marketplace) {
    let world = World::of(market, false);
    for shop in ["thief", "ann"] {
        world.register(shop).await;
    }
    // More of them than any page has: each one would vouch.
    let mut sessions = Vec::new();
    for _ in 0..12 {
        sessions.push(world.verify("thief", ANNS, ANN, false).await);
    }
    let before = world.market.service.app.now();
    world.market.service.clock.turn(jiff::SignedDuration::from_hours(1));
    let id = world.verify("ann", ANNS, ANN, true).await;
    assert_eq!((world.approve("first").await, world.approve("second").await), (200, 200));
    assert_eq!(world.status(&id).await, "verified");
    let shop = world.shop("thief").await;
    assert_eq!((&shop["status"], &shop["verification_session"]), (&json!("registered"), &Value::Null));
    let events = world.market.events("thief").await;
    assert_eq!(events.iter().filter(|kind| *kind == "shop.evicted").count(), 1, "{events:?}");
    let listing = world.get("/v1/shops/thief/listings/laptops").await;
    assert!(listing["reasons"].as_array().unwrap().contains(&json!("shop_not_open")), "{listing}");
    // Nothing is left to compare with, and none of its verifications vouches.
    let mut tx = world.market.store.snapshot().await.unwrap();
    for session in &sessions {
        let kept = tx.session(session).await.unwrap().unwrap().value;
        assert!(kept.reclaimed_at.is_some(), "{session} still vouches");
        let key = tx.data_key(session.as_str(), shiren_vault::Purpose::Baseline).await.unwrap();
        assert_eq!(key, None, "a face is kept");
    }
    drop(tx);
    // Nobody is responsible now; of before it is said that the identity was taken back.
    let now = world.get("/v1/shops/thief/responsible?purpose=dispute+4711").await;
    assert_eq!(now["person"], Value::Null);
    let then = world.get(&format!("/v1/shops/thief/responsible?at={before}&purpose=dispute+4711")).await;
    assert!(then["person"]["identity_reclaimed_at"].is_string(), "{then}");
    // Who was verified so is told.
    let messages = world.get("/v1/shops/thief/messages?limit=100").await;
    let kinds: Vec<_> = messages["data"].as_array().unwrap().iter().map(|m| m["kind"].clone()).collect();
    assert!(kinds.contains(&json!("shop_evicted")), "{kinds:?}");
    // Closed permanently later, it bans nobody: Ann keeps her shop, and could open another one.
    let penalty = json!({
        "reference": "p1", "kind": "permanent_closure", "violation": "fraud", "reason": "诈骗", "refund_reference": "r1",
    });
    let (status, imposed) = world.post("/v1/shops/thief/penalties", penalty).await;
    assert!((200..300).contains(&status), "{imposed}");
    assert_eq!(imposed["ban"], Value::Null);
    assert_eq!(world.shop("ann").await["status"], "open");
    let again = world.verify("ann", ANNS, ANN, false).await;
    assert_eq!(world.status(&again).await, "verified");
}

#[tokio::test]
async fn somebody_else_opens_an_evicted_shop_again() {
    let world = World::of(Marketplace::new().await, false);
    for shop in ["thief", "ann"] {
        world.register(shop).await;
    }
    world.verify("thief", ANNS, ANN, false).await;
    world.verify("ann", ANNS, ANN, true).await;
    assert_eq!((world.approve("first").await, world.approve("second").await), (200, 200));
    let id = world.verify("thief", (b"cyn's card", b"cyn herself"), marketplace::CYN, false).await;
    assert_eq!(world.status(&id).await, "verified", "{:?}", world.codes(&id).await);
    assert_eq!(world.shop("thief").await["status"], "open");
    assert_eq!(world.market.events("thief").await.last().map(String::as_str), Some("recheck.planned"));
}

#[tokio::test]
async fn nobody_learns_by_one_session_whose_numbers_are_taken_or_banned() {
    let world = World::of(Marketplace::new().await, false);
    for shop in ["1", "2"] {
        world.register(shop).await;
    }
    world.verify("1", ANNS, ANN, false).await;
    let new = json!({ "program": "shop-owner", "account": { "kind": "shop", "id": "2" } });
    let (_, session) = world.post("/v1/verification_sessions", new).await;
    let id: SessionId = session["id"].as_str().unwrap().parse().unwrap();
    let market = &world.market;
    let enter = async |number| market.enter(&id, Some(number), PHONE).await;
    for _ in 0..3 {
        let told = enter(ANN).await.unwrap_err();
        let in_use = matches!(told, Error::Entry { code: ReasonCode::IdentityInUse, .. });
        assert!(in_use, "{told}");
    }
    enter(ANN).await.unwrap();
    // Who is before the camera learns it with the result.
    let app = &market.service.app;
    for (step, bytes) in [("front", ANNS.0), ("back", b"back"), ("selfie", ANNS.1)] {
        app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
    }
    app.submit(&id, None).await.unwrap();
    market.work().await;
    assert_eq!(world.codes(&id).await, ["identity_in_use"]);
}

#[tokio::test]
async fn a_passports_number_is_one_of_its_states_and_a_residents_everywhere() {
    let world = World::of(Marketplace::new().await, false);
    let market = &world.market;
    let passport = async |shop: &str, page: &[u8], selfie: &[u8]| {
        world.register(shop).await;
        let id = market.session("shop", "shop-owner", shop).await;
        let app = &market.service.app;
        person::consent(app, &id).await.unwrap();
        app.choose_method(&id, "passport").await.unwrap();
        app.declare(&id, Declared { phone: Some(PHONE.into()), ..Declared::default() }, Insists::default())
            .await
            .unwrap();
        for (step, bytes) in [("passport", page), ("selfie", selfie)] {
            app.take_picture(&id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
        app.submit(&id, None).await.unwrap();
        market.work().await;
        (world.status(&id).await, world.codes(&id).await)
    };
    let passed = ("verified".to_owned(), Vec::<String>::new());
    assert_eq!(passport("1", b"utopia's passport", b"eve").await, passed);
    assert_eq!(passport("2", b"ruritania's passport", b"fay").await, passed);
    let (_, codes) = passport("3", b"utopia's passport", b"eve").await;
    assert_eq!(codes, ["identity_in_use"]);
}
