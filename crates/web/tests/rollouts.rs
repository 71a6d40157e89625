//! Rollouts (rows D2, E6, G8) through the API, on clocks that are turned.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod marketplace;

use axum::http::StatusCode;
use marketplace::Marketplace;
use marketplace::console::Desk;
use serde_json::{Value, json};
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;

/// A rollout that asks some from 2 March on and all from 4 March on, but nobody on 3 March.
fn draft(clock: &str, audience: &str, when: &str, capacity: u32) -> Value {
    json!({
        "name": "泄露严重", "audience": audience, "when": when, "capacity": capacity, "test_clock": clock,
        "steps": [{ "from": "2026-03-02", "percent": 50 }, { "from": "2026-03-04", "percent": 100 }],
        "blackout": [{ "from": "2026-03-03", "to": "2026-03-03" }], "days": 10,
    })
}

async fn shops(market: &Marketplace, clock: &str, many: u32) {
    for n in 0..many {
        let id = format!("s{n}");
        market.shop(&id, "c2c", Some(clock)).await;
        market
            .put(&format!("/v1/shops/{id}/facts"), json!({ "leak_severity": 7 + n % 2, "category": "toys" }))
            .await;
    }
}

async fn act(market: &Marketplace, id: &str, act: &str) -> Value {
    market.post(&format!("/v1/rollouts/{id}/{act}"), json!({})).await
}

/// When each shop was asked, of those that were.
async fn asked(market: &Marketplace, many: u32) -> Vec<String> {
    let mut moments = Vec::new();
    for n in 0..many {
        let of = market.moments(&format!("s{n}"), "recheck.asked").await;
        assert!(of.len() <= 1, "asked twice: {of:?}");
        moments.extend(of);
    }
    moments.sort();
    moments
}

#[tokio::test]
async fn shops_are_asked_in_batches_each_once_on_both_stores() {
    in_batches(Marketplace::new().await).await;
    in_batches(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn in_batches(market: Marketplace) {
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    shops(&market, &clock, 12).await;
    market.shop("other", "c2c", Some(&clock)).await;
    market.shop("world", "c2c", None).await;
    let rollout = market.post("/v1/rollouts", draft(&clock, "shops", "leak_severity >= 7", 4)).await;
    let id = rollout["id"].as_str().unwrap().to_owned();
    assert_eq!((&rollout["status"], &rollout["enrolled"]), (&json!("draft"), &json!(false)));
    let path = format!("/v1/rollouts/{id}");
    let ahead = market.get(&format!("{path}/forecast")).await;
    assert_eq!((&ahead["waiting"], &ahead["cannot_be_told"]), (&json!(12), &json!(1)), "{ahead}");
    assert_eq!(asked(&market, 12).await.len(), 0, "a draft asks nobody");
    act(&market, &id, "start").await;
    market.turn(&clock, "2026-03-01T12:00:00Z").await;
    let started = market.get(&path).await;
    assert_eq!(started["progress"], json!({ "waiting": 12, "due": 0, "asked": 0, "left_out": 0 }));
    assert_eq!(market.get(&format!("{path}/forecast")).await["days"], ahead["days"], "as it was forecast");
    market.turn(&clock, "2026-03-20T00:00:00Z").await;
    let moments = asked(&market, 12).await;
    assert_eq!(moments.len(), 12, "all in the end");
    let days = ahead["days"].as_array().unwrap();
    let expected: Vec<String> = days
        .iter()
        .flat_map(|d| {
            let many = usize::try_from(d["asks"].as_u64().unwrap()).unwrap();
            assert!(many <= 4, "over capacity");
            vec![format!("{}T02:00:00Z", d["day"].as_str().unwrap()); many]
        })
        .collect();
    assert_eq!(moments, expected, "at ten in the morning, on the days of the forecast");
    assert!(moments.iter().all(|m| !m.starts_with("2026-03-03")), "in a promotion");
    let done = market.get(&path).await;
    assert_eq!((&done["status"], &done["progress"]["asked"]), (&json!("done"), &json!(12)));
    assert_eq!(market.events(&id).await, ["rollout.created", "rollout.started", "rollout.done"]);
    let events = market.get(&format!("/v1/events?object={id}")).await;
    assert_eq!(events["data"][0]["account"], json!({ "kind": "platform", "id": id }));
    for shop in ["other", "world"] {
        assert_eq!(market.moments(shop, "recheck.asked").await.len(), 0, "{shop}");
    }
    // What follows is that of every re-check: missed, it restricts; passed, it is done.
    let first = market.get("/v1/shops/s0/recheck").await;
    assert_eq!((&first["why"], &first["passed_at"]), (&json!("rollout"), &Value::Null));
    assert_eq!(first["status"], "restricted");
    let session = market.session("shop", "shop-owner", "s0").await;
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let passed = market.get("/v1/shops/s0/recheck").await;
    assert_eq!(
        (&passed["status"], &passed["verification_session"]),
        (&json!("resting"), &json!(session.to_string()))
    );
}

#[tokio::test]
async fn a_paused_rollout_asks_nobody_and_goes_on_where_it_stood() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-04T00:00:00Z").await;
    shops(&market, &clock, 7).await;
    let rollout = market.post("/v1/rollouts", draft(&clock, "shops", "category == 'toys'", 3)).await;
    let id = rollout["id"].as_str().unwrap().to_owned();
    act(&market, &id, "start").await;
    market.turn(&clock, "2026-03-04T03:00:00Z").await;
    assert_eq!(asked(&market, 7).await, vec!["2026-03-04T02:00:00Z"; 3]);
    assert_eq!(act(&market, &id, "pause").await["status"], "paused");
    market.turn(&clock, "2026-03-08T03:00:00Z").await;
    assert_eq!(asked(&market, 7).await.len(), 3);
    act(&market, &id, "resume").await;
    market.turn(&clock, "2026-03-08T04:00:00Z").await;
    assert_eq!(asked(&market, 7).await.len(), 6, "the capacity of the day is left");
    // Started and paused over and over on one day, it takes no more than the day's.
    for _ in 0..3 {
        act(&market, &id, "pause").await;
        act(&market, &id, "resume").await;
        market.work().await;
    }
    assert_eq!(asked(&market, 7).await.len(), 6);
    assert_eq!(act(&market, &id, "cancel").await["status"], "canceled");
    market.turn(&clock, "2026-03-12T04:00:00Z").await;
    assert_eq!(asked(&market, 7).await.len(), 6, "called off");
    assert_eq!(
        market.refused(&format!("/v1/rollouts/{id}/resume"), json!({})).await,
        (409, "rollout_status".into())
    );
    let kinds = market.events(&id).await;
    assert_eq!(kinds.first().map(String::as_str), Some("rollout.created"));
    assert_eq!(kinds.last().map(String::as_str), Some("rollout.canceled"));
}

#[tokio::test]
async fn users_of_sub_accounts_are_asked_unless_their_shop_is_exempt_or_they_were() {
    let rules = StaffRules { exempt: [("tmall-global".to_owned(), None)].into(), ..StaffRules::default() };
    let market = Marketplace::with_rules(rules).await;
    let clock = market.clock("2026-03-04T00:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    market.shop("2", "tmall-global", Some(&clock)).await;
    for (shop, id) in [("1", "a"), ("1", "b"), ("1", "c"), ("2", "x")] {
        market.staff(shop, id).await;
    }
    market.post("/v1/staff/c/ask", json!({})).await;
    let when = "role == 'customer_service' && shop.status == 'registered'";
    let rollout = market.post("/v1/rollouts", draft(&clock, "staff", when, 10)).await;
    let id = rollout["id"].as_str().unwrap().to_owned();
    let ahead = market.get(&format!("/v1/rollouts/{id}/forecast")).await;
    assert_eq!((&ahead["waiting"], &ahead["exempt"]), (&json!(2), &json!(1)));
    act(&market, &id, "start").await;
    // Somebody asks one of them before the rollout does.
    market.work().await;
    market.post("/v1/staff/b/ask", json!({})).await;
    market.turn(&clock, "2026-03-05T00:00:00Z").await;
    assert_eq!(
        market.get(&format!("/v1/rollouts/{id}")).await["progress"],
        json!({ "waiting": 0, "due": 0, "asked": 1, "left_out": 1 })
    );
    assert_eq!([market.status("a").await, market.status("x").await], ["asked", "unasked"]);
    for staff in ["a", "b", "c"] {
        assert_eq!(market.moments(staff, "staff.asked").await.len(), 1, "{staff}");
    }
}

/// All from 2 March on, but nobody on 3 March.
async fn started(market: &Marketplace, clock: &str, audience: &str) -> String {
    let rollout = json!({
        "name": "everywhere", "audience": audience, "when": "true", "capacity": 10, "test_clock": clock,
        "steps": [{ "from": "2026-03-02", "percent": 100 }],
        "blackout": [{ "from": "2026-03-03", "to": "2026-03-03" }],
    });
    let rollout = market.post("/v1/rollouts", rollout).await;
    let id = rollout["id"].as_str().unwrap().to_owned();
    act(market, &id, "start").await;
    id
}

async fn shop_in(market: &Marketplace, clock: &str, id: &str, zone: &str) {
    let new = json!({ "id": id, "type": "c2c", "test_clock": clock, "time_zone": zone });
    market.post("/v1/shops", new).await;
}

async fn stands(market: &Marketplace, rollout: &str) -> (String, Value) {
    let seen = market.get(&format!("/v1/rollouts/{rollout}")).await;
    (seen["status"].as_str().unwrap().to_owned(), seen["progress"].clone())
}

#[tokio::test]
async fn each_is_asked_at_ten_in_the_morning_where_the_shop_is_on_both_stores() {
    where_it_is(Marketplace::new().await).await;
    where_it_is(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn where_it_is(market: Marketplace) {
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    for (id, zone) in
        [("la", "America/Los_Angeles"), ("sh", "Asia/Shanghai"), ("gone", "America/Los_Angeles")]
    {
        shop_in(&market, &clock, id, zone).await;
        market.staff(id, &format!("{id}:1")).await;
    }
    let (shops, staff) = (started(&market, &clock, "shops").await, started(&market, &clock, "staff").await);
    // Six in the evening of the first in Los Angeles.
    market.turn(&clock, "2026-03-02T17:59:59Z").await;
    let halfway = json!({ "waiting": 0, "due": 2, "asked": 1, "left_out": 0 });
    for rollout in [&shops, &staff] {
        assert_eq!(stands(&market, rollout).await, ("started".to_owned(), halfway.clone()));
    }
    let mut boss = Desk::signed_in(&market, "boss", Role::Admin).await;
    let page = boss.get(&format!("/console/rollouts/{shops}?mode=test")).await.text;
    assert!(page.contains("轮到了，等店铺当地上午"), "{page}");
    // Asked otherwise or gone in between, it is asked no second time.
    market.post("/v1/shops/gone/close", json!({ "reference": "leaves" })).await;
    market.turn(&clock, "2026-03-10T00:00:00Z").await;
    for (id, at) in [("sh", "2026-03-02T02:00:00Z"), ("la", "2026-03-02T18:00:00Z")] {
        assert_eq!(market.moments(id, "recheck.asked").await, [at], "{id}");
        assert_eq!(market.moments(&format!("{id}:1"), "staff.asked").await, [at], "{id}");
    }
    let done = json!({ "waiting": 0, "due": 0, "asked": 2, "left_out": 1 });
    for rollout in [&shops, &staff] {
        assert_eq!(stands(&market, rollout).await, ("done".to_owned(), done.clone()));
        assert_eq!(market.moments(rollout, "rollout.done").await, ["2026-03-02T18:00:00Z"]);
    }
}

#[tokio::test]
async fn nobody_is_asked_in_the_evening_or_in_a_promotion_of_the_date_where_their_shop_is() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-02T08:59:00Z").await;
    shop_in(&market, &clock, "nz", "Pacific/Auckland").await;
    shop_in(&market, &clock, "sh", "Asia/Shanghai").await;
    // Five in the afternoon in Shanghai, ten in the evening in Auckland; tomorrow is the promotion.
    let id = started(&market, &clock, "shops").await;
    market.turn(&clock, "2026-03-02T10:00:00Z").await;
    assert_eq!(market.moments("sh", "recheck.asked").await.len(), 1, "its turn is today, and it is day");
    market.turn(&clock, "2026-03-05T00:00:00Z").await;
    assert_eq!(market.moments("nz", "recheck.asked").await, ["2026-03-03T21:00:00Z"], "ten on the 4th there");
    assert_eq!(stands(&market, &id).await.0, "done");
    // Eight in the evening in Shanghai: today is over for whoever waits.
    market.turn(&clock, "2026-03-05T12:00:00Z").await;
    shop_in(&market, &clock, "late", "Asia/Shanghai").await;
    started(&market, &clock, "shops").await;
    market.turn(&clock, "2026-03-07T00:00:00Z").await;
    assert_eq!(market.moments("late", "recheck.asked").await, ["2026-03-06T02:00:00Z"]);
}

#[tokio::test]
async fn who_is_due_is_not_asked_while_a_rollout_is_paused_nor_once_it_was_called_off() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-02T01:00:00Z").await;
    shop_in(&market, &clock, "la", "America/Los_Angeles").await;
    let (paused, canceled) =
        (started(&market, &clock, "shops").await, started(&market, &clock, "shops").await);
    let due = json!({ "waiting": 0, "due": 1, "asked": 0, "left_out": 0 });
    market.turn(&clock, "2026-03-02T03:00:00Z").await;
    for (rollout, done) in [(&paused, "pause"), (&canceled, "cancel")] {
        assert_eq!(stands(&market, rollout).await, ("started".to_owned(), due.clone()));
        act(&market, rollout, done).await;
    }
    market.turn(&clock, "2026-03-05T05:00:00Z").await;
    assert_eq!(market.moments("la", "recheck.asked").await.len(), 0);
    // Resumed in the night there, it waits for the morning.
    act(&market, &paused, "resume").await;
    market.turn(&clock, "2026-03-10T00:00:00Z").await;
    assert_eq!(market.moments("la", "recheck.asked").await, ["2026-03-05T18:00:00Z"]);
    assert_eq!(stands(&market, &paused).await.0, "done");
    assert_eq!(stands(&market, &canceled).await, ("canceled".to_owned(), due), "as all who were not asked");
}

/// What each message of a shop is about, of which account and to whom, and what it says.
async fn told(market: &Marketplace, shop: &str) -> Vec<(String, String, String, String)> {
    market.work().await;
    let messages = market.get(&format!("/v1/shops/{shop}/messages?limit=100")).await;
    let mut told = Vec::new();
    for message in messages["data"].as_array().unwrap() {
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        let id = text(&message["id"]).parse().unwrap();
        let letter = market.service.app.reveal_letter(&id, "tests", "user:tests").await.unwrap();
        told.push((text(&message["kind"]), text(&message["account"]["id"]), letter.to, letter.text));
    }
    told.sort();
    told
}

#[tokio::test]
async fn an_owner_gets_one_message_for_all_sub_accounts_that_are_asked_at_once_on_both_stores() {
    let rules = || StaffRules { quota: 100, quota_verified: 100, ..StaffRules::default() };
    one_message(Marketplace::with_rules(rules()).await).await;
    one_message(Marketplace::over_postgres(rules()).await).await;
}

async fn one_message(market: Marketplace) {
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    for (shop, card, selfie, phone, many) in [
        ("1", "ann's card", "herself", "13800138000", 30),
        ("2", "cyn's card", "cyn herself", "13700137000", 1),
    ] {
        market.shop(shop, "c2c", Some(&clock)).await;
        let owner = market.session("shop", "shop-owner", shop).await;
        market.hand_in(&owner, card.as_bytes(), selfie.as_bytes(), phone).await;
        for n in 0..many {
            market.staff(shop, &format!("{shop}:{n}")).await;
        }
    }
    market.work().await;
    let rollout = json!({
        "name": "all", "audience": "staff", "when": "true", "capacity": 100, "test_clock": clock,
        "steps": [{ "from": "2026-03-02", "percent": 100 }],
    });
    let id = market.post("/v1/rollouts", rollout).await["id"].as_str().unwrap().to_owned();
    act(&market, &id, "start").await;
    market.turn(&clock, "2026-03-03T00:00:00Z").await;
    assert_eq!(stands(&market, &id).await.1["asked"], 31);
    let of_many = told(&market, "1").await;
    assert_eq!(of_many.len(), 1, "{of_many:?}");
    let (kind, account, to, text) = &of_many[0];
    assert_eq!((&**kind, &**account, &**to), ("staff_asked_many", "1", "+8613800138000"));
    assert!(text.contains("店铺有 30 个子账号") && text.contains("（账号 1）"), "{text}");
    let of_one = told(&market, "2").await;
    assert_eq!(of_one.len(), 1, "{of_one:?}");
    let (kind, account, to, _) = &of_one[0];
    assert_eq!(
        (&**kind, &**account, &**to),
        ("staff_asked", "2:0", "+8613700137000"),
        "a single one as ever"
    );
}

#[tokio::test]
async fn users_who_are_bound_get_their_own_message_when_a_rollout_asks_them() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    market.shop("1", "c2c", Some(&clock)).await;
    let owner = market.session("shop", "shop-owner", "1").await;
    market.hand_in(&owner, b"cyn's card", b"cyn herself", "13700137000").await;
    for (staff, card, phone) in [("a", "ann's card", "13800138000"), ("b", "bea's card", "13900139000")] {
        market.staff("1", staff).await;
        market.handed_in(staff, card.as_bytes(), b"herself", phone).await;
    }
    market.work().await;
    started(&market, &clock, "staff_rechecks").await;
    market.turn(&clock, "2026-03-03T00:00:00Z").await;
    let told = told(&market, "1").await;
    let told: Vec<_> = told.iter().map(|(kind, account, to, _)| (&**kind, &**account, &**to)).collect();
    let own = [("a", "+8613800138000"), ("b", "+8613900139000")];
    assert_eq!(told, own.map(|(staff, phone)| ("staff_recheck_asked", staff, phone)));
}

/// Sub-accounts that Ann uses, each of a shop of its own: a person is bound once in a shop.
async fn bound(market: &Marketplace, clock: &str, many: u32) {
    for n in 0..many {
        let (shop, staff) = (format!("s{n}"), format!("a{n}"));
        market.shop(&shop, "c2c", Some(clock)).await;
        market.staff(&shop, &staff).await;
        market.handed_in(&staff, b"ann's card", b"herself", "13800138000").await;
        market.work().await;
        assert_eq!(market.status(&staff).await, "verified");
    }
}

#[tokio::test]
async fn users_who_are_bound_are_asked_for_a_re_check_in_batches_on_both_stores() {
    rechecked_in_batches(Marketplace::new().await).await;
    rechecked_in_batches(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn rechecked_in_batches(market: Marketplace) {
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    bound(&market, &clock, 6).await;
    // Nobody is bound to this one, and it is no cashier's.
    market.staff("s0", "unasked").await;
    let when = "role == 'customer_service' && verified_days >= 0 && shop.type == 'c2c'";
    let rollout = market.post("/v1/rollouts", draft(&clock, "staff_rechecks", when, 3)).await;
    let id = rollout["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/rollouts/{id}");
    let ahead = market.get(&format!("{path}/forecast")).await;
    assert_eq!((&ahead["waiting"], &ahead["cannot_be_told"]), (&json!(6), &json!(0)), "{ahead}");
    act(&market, &id, "start").await;
    market.work().await;
    // Somebody is asked otherwise, and somebody is gone, before it is their turn.
    market.post("/v1/staff/a0/recheck", json!({ "hours": 72 })).await;
    market.post("/v1/staff/a1/unbind", json!({ "by": "owner" })).await;
    market.turn(&clock, "2026-03-20T00:00:00Z").await;
    let done = market.get(&path).await;
    assert_eq!(done["status"], "done");
    assert_eq!(done["progress"], json!({ "waiting": 0, "due": 0, "asked": 4, "left_out": 2 }));
    let mut days = Vec::new();
    for n in 2..6 {
        let staff = format!("a{n}");
        let events = market.get(&format!("/v1/events?object={staff}&limit=100")).await;
        let events = events["data"].as_array().unwrap();
        let asked: Vec<_> = events.iter().filter(|e| e["type"] == "staff.recheck_asked").collect();
        assert_eq!((asked.len(), &asked[0]["data"]["why"]), (1, &json!("rollout")), "{staff}");
        let at = asked[0]["timestamp"].as_str().unwrap().to_owned();
        assert!(at.ends_with("T02:00:00Z") && !at.starts_with("2026-03-03"), "{at}");
        let until = at.parse::<jiff::Timestamp>().unwrap() + jiff::SignedDuration::from_hours(240);
        assert_eq!(asked[0]["data"]["freezes_at"], until.to_string(), "the days of the rollout");
        days.push(at);
        // What follows is that of every re-check: missed, it freezes, and its user stays bound.
        assert_eq!(market.moments(&staff, "staff.frozen").await, [until.to_string()]);
        assert_eq!(market.get(&format!("/v1/staff/{staff}")).await["bound"], true);
    }
    for day in &days {
        assert!(days.iter().filter(|d| *d == day).count() <= 3, "over capacity: {days:?}");
    }
    assert_eq!(market.moments("unasked", "staff.recheck_asked").await.len(), 0);
    assert_eq!(market.status("unasked").await, "unasked");
    // One of them passes as the same person, and is done.
    market.handed_in("a2", b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(market.moments("a2", "staff.rechecked").await.len(), 1);
    assert_eq!(market.status("a2").await, "verified");
}

#[tokio::test]
async fn first_verifications_are_asked_in_stages_by_how_grave_a_shops_leaks_are() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    for (shop, severity) in [("grave", Some(9)), ("some", Some(5)), ("little", Some(1)), ("unknown", None)] {
        market.shop(shop, "c2c", Some(&clock)).await;
        market.staff(shop, &format!("{shop}:1")).await;
        if let Some(severity) = severity {
            market.put(&format!("/v1/shops/{shop}/facts"), json!({ "leak_severity": severity })).await;
        }
    }
    let stage = async |when: &str, from: &str| {
        let rollout = market
            .post(
                "/v1/rollouts",
                json!({
                    "name": when, "audience": "staff", "when": when, "capacity": 100, "test_clock": clock,
                    "steps": [{ "from": from, "percent": 100 }],
                }),
            )
            .await;
        let id = rollout["id"].as_str().unwrap().to_owned();
        let ahead = market.get(&format!("/v1/rollouts/{id}/forecast")).await;
        act(&market, &id, "start").await;
        (ahead["waiting"].clone(), ahead["cannot_be_told"].clone())
    };
    assert_eq!(stage("leak_severity >= 8", "2026-03-02").await, (json!(1), json!(1)));
    let middle = "leak_severity >= 4 && leak_severity < 8 && role == 'customer_service'";
    assert_eq!(stage(middle, "2026-03-09").await, (json!(1), json!(1)));
    market.turn(&clock, "2026-03-10T04:00:00Z").await;
    assert_eq!(market.moments("grave:1", "staff.asked").await, ["2026-03-02T02:00:00Z"]);
    assert_eq!(market.moments("some:1", "staff.asked").await, ["2026-03-09T02:00:00Z"]);
    for staff in ["little:1", "unknown:1"] {
        assert_eq!(market.status(staff).await, "unasked", "{staff}: nobody is bothered for a missing fact");
    }
}

#[tokio::test]
async fn what_cannot_be_a_rollout_or_a_fact_is_refused_with_its_field() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-03-01T00:00:00Z").await;
    let with = |field: &str, value: Value| {
        let mut body = draft(&clock, "shops", "points > 100", 4);
        body[field] = value;
        body
    };
    for (body, field, said) in [
        (with("name", json!("")), "name", "1 to 100"),
        (with("audience", json!("buyers")), "audience", "shops, staff or staff_rechecks"),
        (with("when", json!("point > 1")), "when", "line 1, character 1: there is no `point`"),
        (with("when", json!("role == 'manager'")), "when", "there is no `role`"),
        (with("steps", json!([])), "steps", "1 to 50 steps"),
        (with("steps", json!([{ "from": "2026-03-02", "percent": 99 }])), "steps", "the last one is 100"),
        (with("steps", json!([{ "from": "March", "percent": 100 }])), "steps[0].from", "a day"),
        (with("capacity", json!(0)), "capacity", "1 to 1000000"),
        (with("days", json!(91)), "days", "1 to 90"),
        (with("blackout", json!([{ "from": "2026-03-03", "to": "2026-03-02" }])), "blackout", "promotions"),
        (with("test_clock", json!("clk_01aryz6s410000000000000000")), "test_clock", "no such clock"),
    ] {
        let (status, problem) = market.ask("POST", "/v1/rollouts", &market.key, Some(body)).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{problem}"
        );
        assert!(problem["title"].as_str().unwrap().contains(said), "{problem}");
    }
    assert_eq!(market.get("/v1/rollouts").await["data"], json!([]));
    let (status, _) =
        market.ask("POST", "/v1/rollouts", &market.live_key, Some(with("days", json!(1)))).await;
    assert_eq!(status, StatusCode::FORBIDDEN, "clocks are for tests");
    market.shop("1", "c2c", None).await;
    for (facts, field) in [
        (json!({ "leak_severity": 11 }), "leak_severity"),
        (json!({ "category": "Toys & more" }), "category"),
        (json!({ "registered_on": "2999-01-01" }), "registered_on"),
        (json!({ "registered_on": "yesterday" }), "registered_on"),
    ] {
        let (status, problem) = market.ask("PUT", "/v1/shops/1/facts", &market.key, Some(facts)).await;
        assert_eq!(
            (status, &problem["field"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)),
            "{problem}"
        );
    }
    let facts = market.put("/v1/shops/1/facts", json!({ "leak_severity": 3 })).await;
    assert_eq!(facts, json!({ "category": null, "leak_severity": 3, "registered_on": null }));
}
