//! Sub-accounts.

use shiren_app::port::{StaffCount, StaffQuery, StoreError};
use shiren_app::record::Stored;
use shiren_core::account::actor::Actor;
use shiren_core::account::claim::Tag;
use shiren_core::account::staff::{Passed, Staff, StaffRules};
use shiren_core::verification::program::Mode;

use super::given::{at, registered, session_id, sub_account};
use super::{Shared, Tested, assert_conflict};

/// The shops `1` and `2`, and sub-accounts.
async fn keep(store: &Shared, staff: &[Staff]) -> Tested {
    let mut tx = store.begin().await?;
    for shop in ["1", "2"] {
        tx.insert_shop(&registered(1, shop)).await?;
    }
    for staff in staff {
        tx.insert_staff(Mode::Live, staff).await?;
    }
    tx.commit().await
}

fn of(shop: &str) -> StaffQuery {
    StaffQuery {
        mode: Mode::Live,
        shop: shop.to_owned(),
        standing: None,
        reviewed: None,
        bound: None,
        after: None,
        limit: 9,
    }
}

async fn listed(store: &Shared, query: StaffQuery) -> Result<Vec<String>, StoreError> {
    let found = store.snapshot().await?.staff_of(&query).await?;
    Ok(found.into_iter().map(|staff| staff.id).collect())
}

/// One that was asked, verified, unbound, frozen, lifted, and is being looked at again.
fn with_a_past() -> Staff {
    let rules = StaffRules::default();
    let mut staff = sub_account(1, "1", "1:客服");
    let (day, session) = (86_400, session_id);
    let tag = |of: &str| Tag(format!("1:{of}"));
    let passed =
        Passed { session: session(1), identity: tag("aa"), phone: tag("bb"), assisted: true, replaces: None };
    let steps = [
        staff.ask(&rules, at(1)),
        staff.submit(session(1), &rules, at(2)),
        staff.pass(passed, &rules, at(3)),
        staff.unbind(Actor::Owner, &rules, at(4)),
        staff.tick(&rules, at(8 * day)),
        staff.lift(Actor::Key("店".to_owned()), &rules, at(8 * day)),
        staff.submit(session(2), &rules, at(9 * day)),
    ];
    assert!(steps.iter().all(Result::is_ok), "{steps:?}");
    staff
}

/// New and saved, with everybody who stood behind it.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let first = sub_account(1, "1", "1:客服");
    keep(&store, std::slice::from_ref(&first)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.staff(Mode::Live, "1:客服").await?, Some(Stored { value: first, version: 1 }));
    let later = with_a_past();
    tx.save_staff(Mode::Live, &Stored { value: later.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.staff(Mode::Live, "1:客服").await?, Some(Stored { value: later, version: 2 }));
    assert_eq!(tx.staff(Mode::Test, "1:客服").await?, None);
    Ok(())
}

/// Whatever the shop; in the other mode it is another one.
pub async fn its_id_is_unique_in_its_mode(store: Shared) -> Tested {
    keep(&store, &[sub_account(1, "1", "a")]).await?;
    assert_conflict(store.begin().await?.insert_staff(Mode::Live, &sub_account(1, "2", "a")).await);
    Ok(())
}

/// The transaction fails at its end, if not before.
pub async fn that_of_no_shop_is_refused(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    let added = tx.insert_staff(Mode::Live, &sub_account(1, "nobody's", "a")).await;
    assert!(added.is_err() || tx.commit().await.is_err());
    assert_eq!(store.snapshot().await?.staff(Mode::Live, "a").await?, None);
    Ok(())
}

/// Nobody's change is lost.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: sub_account(1, "1", "a"), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_staff(Mode::Live, &loaded).await?;
    assert_conflict(tx.save_staff(Mode::Live, &loaded).await);
    Ok(())
}

/// Those of a shop, newest first, and none twice or left out.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let staff = [(1, "1", "z"), (3, "1", "a"), (3, "1", "b"), (2, "1", "m"), (4, "2", "other")];
    keep(&store, &staff.map(|(n, shop, id)| sub_account(n, shop, id))).await?;
    assert_eq!(listed(&store, StaffQuery { limit: 3, ..of("1") }).await?, ["b", "a", "m"]);
    assert_eq!(
        listed(&store, StaffQuery { after: Some("b".to_owned()), limit: 2, ..of("1") }).await?,
        ["a", "m"]
    );
    assert_eq!(listed(&store, StaffQuery { after: Some("m".to_owned()), ..of("1") }).await?, ["z"]);
    assert_eq!(listed(&store, StaffQuery { mode: Mode::Test, ..of("1") }).await?, [""; 0]);
    Ok(())
}

/// As they stand since they were saved last.
pub async fn they_are_listed_by_standing_and_review(store: Shared) -> Tested {
    keep(&store, &[sub_account(1, "1", "1:客服"), sub_account(2, "1", "b")]).await?;
    let mut tx = store.begin().await?;
    tx.save_staff(Mode::Live, &Stored { value: with_a_past(), version: 1 }).await?;
    tx.commit().await?;
    let standing = |name: &str| StaffQuery { standing: Some(name.to_owned()), ..of("1") };
    assert_eq!(listed(&store, standing("lifted")).await?, ["1:客服"]);
    assert_eq!(listed(&store, standing("unasked")).await?, ["b"]);
    assert_eq!(listed(&store, standing("frozen")).await?, [""; 0]);
    for (reviewed, id) in [(true, "1:客服"), (false, "b")] {
        assert_eq!(listed(&store, StaffQuery { reviewed: Some(reviewed), ..of("1") }).await?, [id]);
    }
    Ok(())
}

/// Whether somebody is bound, now.
pub async fn they_are_listed_by_whether_somebody_is_bound(store: Shared) -> Tested {
    let rules = StaffRules::default();
    let mut bound = sub_account(2, "1", "b");
    keep(&store, &[with_a_past(), bound.clone()]).await?;
    let tag = |of: &str| Tag(format!("2:{of}"));
    let passed = Passed {
        session: session_id(3),
        identity: tag("aa"),
        phone: tag("bb"),
        assisted: false,
        replaces: None,
    };
    let steps = [bound.submit(session_id(3), &rules, at(5)), bound.pass(passed, &rules, at(6))];
    assert!(steps.iter().all(Result::is_ok), "{steps:?}");
    let mut tx = store.begin().await?;
    tx.save_staff(Mode::Live, &Stored { value: bound, version: 1 }).await?;
    tx.commit().await?;
    // The other one's user was unbound.
    for (is, id) in [(true, "b"), (false, "1:客服")] {
        assert_eq!(listed(&store, StaffQuery { bound: Some(is), ..of("1") }).await?, [id]);
    }
    Ok(())
}

/// Those that are disabled make room.
pub async fn those_that_work_are_counted(store: Shared) -> Tested {
    keep(&store, &[sub_account(1, "1", "a"), sub_account(2, "1", "b"), sub_account(3, "2", "c")]).await?;
    assert_eq!(store.snapshot().await?.staff_count(Mode::Live, "1").await?, 2);
    let mut removed = sub_account(1, "1", "a");
    let done = removed.remove(Actor::Owner, &StaffRules::default(), at(5));
    assert!(done.is_ok(), "{done:?}");
    let mut tx = store.begin().await?;
    tx.save_staff(Mode::Live, &Stored { value: removed, version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.staff_count(Mode::Live, "1").await?, 1);
    assert_eq!(tx.staff_count(Mode::Test, "1").await?, 0);
    let mut counts = tx.staff_counts(Mode::Live, "1").await?;
    counts.sort_by(|a, b| a.standing.cmp(&b.standing));
    let one = |standing: &str| StaffCount {
        standing: standing.to_owned(),
        reviewed: false,
        bound: false,
        count: 1,
    };
    assert_eq!(counts, [one("disabled"), one("unasked")]);
    assert_eq!(tx.staff_counts(Mode::Test, "1").await?, []);
    Ok(())
}
