//! Shops.

use jiff::civil::{Date, date};
use shiren_app::port::{ShopQuery, StoreError};
use shiren_app::record::Stored;
use shiren_core::account::shop::{
    Certification, Company, CompanyRole, NewPenalty, PenaltyKind, Shop, ShopStatus,
};
use shiren_core::id::ClockId;
use shiren_core::recheck::{RecheckRules, RecheckStatus, Rechecks};
use shiren_core::verification::program::Mode;

use super::given::{at, random, registered, session_id};
use super::{Shared, Tested, assert_conflict};

async fn keep(store: &Shared, shops: &[Shop]) -> Tested {
    let mut tx = store.begin().await?;
    for shop in shops {
        tx.insert_shop(shop).await?;
    }
    tx.commit().await
}

fn certified(shop: &mut Shop, n: u64, second: u64) {
    let program = "shop-owner".to_owned();
    let passed = Certification { session: session_id(n), program, begun_at: at(second) };
    shop.certify(passed, at(second)).expect("it is open");
}

fn closed_for(shop: &mut Shop, reason: &str, second: u64) {
    let new = NewPenalty {
        reference: "p/1".to_owned(),
        kind: PenaltyKind::TemporaryClosure,
        violation: "counterfeit".to_owned(),
        reason: reason.to_owned(),
    };
    shop.penalise(new, at(second)).expect("it is open");
}

async fn listed(store: &Shared, after: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
    let query = ShopQuery { after: after.map(str::to_owned), ..ShopQuery::of(Mode::Live, limit) };
    let found = store.snapshot().await?.shops(&query).await?;
    Ok(found.into_iter().map(|shop| shop.id).collect())
}

/// New and saved, with every field.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut shop = Shop { clock: Some(ClockId::new(at(1), random(1))), ..registered(1, "店/42") };
    keep(&store, std::slice::from_ref(&shop)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.shop(Mode::Live, "店/42").await?, Some(Stored { value: shop.clone(), version: 1 }));
    certified(&mut shop, 1, 5);
    closed_for(&mut shop, "假货", 6);
    certified(&mut shop, 2, 9);
    assert_eq!(shop.status(), ShopStatus::Open);
    tx.save_shop(&Stored { value: shop.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.shop(Mode::Live, "店/42").await?, Some(Stored { value: shop, version: 2 }));
    assert_eq!(tx.shop(Mode::Live, "42").await?, None);
    Ok(())
}

/// The same id in the other mode is another shop.
pub async fn its_id_is_unique_in_its_mode(store: Shared) -> Tested {
    let live = registered(1, "42");
    let test = Shop { mode: Mode::Test, shop_type: "tmall".to_owned(), ..live.clone() };
    keep(&store, &[live.clone(), test.clone()]).await?;
    assert_conflict(store.begin().await?.insert_shop(&live).await);
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.shop(Mode::Live, "42").await?.map(|s| s.value), Some(live));
    assert_eq!(tx.shop(Mode::Test, "42").await?.map(|s| s.value), Some(test));
    Ok(())
}

/// Nobody's change is lost.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: registered(1, "42"), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_shop(&loaded).await?;
    assert_conflict(tx.save_shop(&loaded).await);
    Ok(())
}

/// Of one moment by their ids, and none of the other mode.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let other = Shop { mode: Mode::Test, ..registered(9, "other") };
    let (a, b, c, d) = (registered(1, "z"), registered(3, "a"), registered(3, "b"), registered(2, "m"));
    keep(&store, &[a, b, c, d, other]).await?;
    assert_eq!(listed(&store, None, 3).await?, ["b", "a", "m"]);
    assert_eq!(listed(&store, Some("b"), 2).await?, ["a", "m"]);
    assert_eq!(listed(&store, Some("m"), 9).await?, ["z"]);
    Ok(())
}

/// As each stands now, also after it was saved.
pub async fn they_are_listed_by_status(store: Shared) -> Tested {
    let (mut a, b, mut c) = (registered(1, "a"), registered(2, "b"), registered(3, "c"));
    certified(&mut a, 1, 5);
    keep(&store, &[a.clone(), b, c.clone()]).await?;
    certified(&mut c, 2, 5);
    closed_for(&mut c, "假货", 6);
    let mut tx = store.begin().await?;
    tx.save_shop(&Stored { value: c, version: 1 }).await?;
    tx.commit().await?;
    for (status, expected) in [
        (ShopStatus::Registered, "b"),
        (ShopStatus::Open, "a"),
        (ShopStatus::TemporarilyClosed, "c"),
        (ShopStatus::Closed, ""),
    ] {
        let query = ShopQuery { status: Some(status), ..ShopQuery::of(Mode::Live, 9) };
        let found = store.snapshot().await?.shops(&query).await?;
        let ids: Vec<String> = found.into_iter().map(|shop| shop.id).collect();
        assert_eq!(ids.concat(), expected, "{status:?}");
    }
    Ok(())
}

/// As both stand now; one that is closed for ever has no re-checks that stand anyhow.
pub async fn they_are_listed_by_company_and_by_how_their_re_checks_stand(store: Shared) -> Tested {
    let code = "91350100M000100Y43";
    let company = Company::new(code, CompanyRole::Operator).expect("the code is sound");
    let of_company = Shop { company: Some(company), ..registered(1, "a") };
    let of_one = |n, id| Shop { company: None, ..registered(n, id) };
    keep(&store, &[of_company, of_one(2, "b"), of_one(3, "c"), of_one(4, "d")]).await?;
    let rules = RecheckRules::default();
    let begun =
        |shop: &str| Rechecks::begin(shop.to_owned(), session_id(1), rules.latest(at(1)), &rules, at(1)).0;
    let mut asked = begun("b");
    asked.ask_for("live:7", &rules, at(2)).expect("nothing is asked for");
    let restricted = Rechecks { restricted: Some(at(3)), ..begun("c") };
    let day = date(2026, 8, 31);
    let mut tx = store.begin().await?;
    for shop in ["a", "b", "c", "d"] {
        tx.insert_rechecks(Mode::Live, &begun(shop), day).await?;
    }
    tx.save_rechecks(Mode::Live, &Stored { value: asked, version: 1 }, day).await?;
    tx.save_rechecks(Mode::Live, &Stored { value: restricted.clone(), version: 1 }, day).await?;
    let ended = Rechecks { shop: "d".to_owned(), ..restricted };
    tx.save_rechecks(Mode::Live, &Stored { value: ended, version: 1 }, Date::MAX).await?;
    tx.commit().await?;
    let all = ShopQuery::of(Mode::Live, 9);
    let stands = |status| ShopQuery { rechecks: Some(status), ..all.clone() };
    let of = |code: &str| ShopQuery { credit_code: Some(code.to_owned()), ..all.clone() };
    for (query, expected) in [
        (stands(RecheckStatus::Resting), "a"),
        (stands(RecheckStatus::Asked), "b"),
        (stands(RecheckStatus::Restricted), "c"),
        (ShopQuery { company: Some(true), ..all.clone() }, "a"),
        (ShopQuery { company: Some(false), ..all.clone() }, "dcb"),
        (of(code), "a"),
        (of("91330100799655058B"), ""),
        (ShopQuery { rechecks: Some(RecheckStatus::Asked), company: Some(true), ..all.clone() }, ""),
    ] {
        let found = store.snapshot().await?.shops(&query).await?;
        let ids: Vec<String> = found.into_iter().map(|shop| shop.id).collect();
        assert_eq!(ids.concat(), expected, "{query:?}");
    }
    Ok(())
}
