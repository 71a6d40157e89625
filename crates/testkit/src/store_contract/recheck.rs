//! Re-checks of shops.

use jiff::civil::{Date, date};
use shiren_app::record::Stored;
use shiren_core::recheck::plan::Load;
use shiren_core::recheck::{RecheckRules, Rechecks};
use shiren_core::verification::program::Mode;

use super::given::{at, registered, session_id};
use super::{Shared, Tested, assert_conflict};

const DAY: Date = date(2026, 8, 31);

fn rechecks(shop: &str) -> Rechecks {
    let rules = RecheckRules::default();
    Rechecks::begin(shop.to_owned(), session_id(1), rules.latest(at(1)), &rules, at(1)).0
}

async fn keep(store: &Shared, shops: &[(&str, Date)]) -> Tested {
    let mut tx = store.begin().await?;
    for (shop, day) in shops {
        tx.insert_shop(&registered(1, shop)).await?;
        tx.insert_rechecks(Mode::Live, &rechecks(shop), *day).await?;
    }
    tx.commit().await
}

/// New and saved, with what was drawn and is asked for.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    keep(&store, &[("店/42", DAY)]).await?;
    let mut value = rechecks("店/42");
    let mut tx = store.begin().await?;
    assert_eq!(tx.rechecks(Mode::Live, "店/42").await?, Some(Stored { value: value.clone(), version: 1 }));
    let rules = RecheckRules::default();
    value.bad_record("any", || u64::MAX / 3, &rules, at(2));
    value.ask_for("直播/7", &rules, at(3)).expect("nothing is asked for");
    tx.save_rechecks(Mode::Live, &Stored { value: value.clone(), version: 1 }, DAY).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.rechecks(Mode::Live, "店/42").await?, Some(Stored { value, version: 2 }));
    assert_eq!(tx.rechecks(Mode::Test, "店/42").await?, None);
    Ok(())
}

/// A shop has its re-checks once.
pub async fn a_shop_has_them_once(store: Shared) -> Tested {
    keep(&store, &[("42", DAY)]).await?;
    assert_conflict(store.begin().await?.insert_rechecks(Mode::Live, &rechecks("42"), DAY).await);
    Ok(())
}

/// Nobody's change is lost.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    keep(&store, &[("42", DAY)]).await?;
    let loaded = Stored { value: rechecks("42"), version: 1 };
    let mut tx = store.begin().await?;
    tx.save_rechecks(Mode::Live, &loaded, DAY).await?;
    assert_conflict(tx.save_rechecks(Mode::Live, &loaded, DAY).await);
    Ok(())
}

/// Those of a span of days in a mode, as they are now.
pub async fn those_that_fall_due_are_counted_by_day(store: Shared) -> Tested {
    let later = date(2026, 9, 1);
    keep(&store, &[("a", DAY), ("b", DAY), ("c", later), ("d", date(2026, 10, 1))]).await?;
    let mut tx = store.begin().await?;
    let counted = tx.recheck_load(Mode::Live, date(2026, 8, 1), date(2026, 9, 30)).await?;
    assert_eq!(counted, Load::from([(DAY, 2), (later, 1)]));
    tx.save_rechecks(Mode::Live, &Stored { value: rechecks("a"), version: 1 }, later).await?;
    assert_eq!(tx.recheck_load(Mode::Live, DAY, later).await?, Load::from([(DAY, 1), (later, 2)]));
    assert_eq!(tx.recheck_load(Mode::Test, DAY, later).await?, Load::new());
    Ok(())
}
