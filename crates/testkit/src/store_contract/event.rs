//! Events, numbered for each account.

use shiren_app::port::{EventQuery, StoreError};
use shiren_app::record::{Event, NewEvent};
use shiren_core::id::EventId;
use shiren_core::verification::program::Mode;

use super::given::{at, event, event_id, random, shop};
use super::{Shared, Tested, assert_conflict, at_once};

async fn append(store: &Shared, event: &NewEvent) -> Result<i64, StoreError> {
    let mut tx = store.begin().await?;
    let appended = tx.append_event(event).await?;
    tx.commit().await?;
    Ok(appended.sequence)
}

/// With its number.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    let appended = tx.append_event(&event(1)).await?;
    assert_eq!(appended, Event { event: event(1), sequence: 1 });
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.event(&event_id(1)).await?, Some(appended));
    assert_eq!(tx.event(&event_id(2)).await?, None);
    Ok(())
}

/// In each mode.
pub async fn each_account_counts_its_own(store: Shared) -> Tested {
    assert_eq!(append(&store, &event(1)).await?, 1);
    assert_eq!(append(&store, &event(2)).await?, 2);
    assert_eq!(append(&store, &NewEvent { account: shop("43"), ..event(3) }).await?, 1);
    assert_eq!(append(&store, &NewEvent { mode: Mode::Test, ..event(4) }).await?, 1);
    assert_eq!(append(&store, &event(5)).await?, 3);
    Ok(())
}

/// Nor does one whose transaction was dropped.
pub async fn a_refused_event_leaves_no_gap(store: Shared) -> Tested {
    assert_eq!(append(&store, &event(1)).await?, 1);
    assert_conflict(append(&store, &event(1)).await);
    let mut tx = store.begin().await?;
    assert_eq!(tx.append_event(&event(2)).await?.sequence, 2);
    drop(tx);
    assert_eq!(append(&store, &event(3)).await?, 2);
    Ok(())
}

/// Also when every third one is called off.
pub async fn many_at_once_are_numbered_without_gaps(store: Shared) -> Tested {
    let numbers = at_once(60, &store, |store, i| async move {
        if i % 3 > 0 {
            return append(&store, &event(i)).await.map(Some);
        }
        let mut tx = store.begin().await?;
        tx.append_event(&event(i)).await?;
        Ok(None)
    });
    let mut numbers: Vec<i64> = numbers.await?.into_iter().flatten().collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=40).collect::<Vec<_>>());
    Ok(())
}

/// Which within a millisecond is not that of their ids.
pub async fn they_are_listed_in_the_order_of_appending(store: Shared) -> Tested {
    for n in 0..10 {
        append(&store, &event(n)).await?;
    }
    let expected: Vec<_> = (0..10).map(event_id).collect();
    assert!(!expected.is_sorted(), "the test would show nothing");
    assert_eq!(listed(&store, EventQuery::default()).await?, expected);
    Ok(())
}

/// Each by itself and together.
pub async fn they_are_listed_by_mode_account_and_object(store: Shared) -> Tested {
    append(&store, &event(1)).await?;
    append(&store, &NewEvent { mode: Mode::Test, ..event(2) }).await?;
    append(&store, &NewEvent { account: shop("43"), ..event(3) }).await?;
    append(&store, &NewEvent { object: "case_x".to_owned(), ..event(4) }).await?;
    let all = EventQuery::default();
    let live = EventQuery { mode: Some(Mode::Live), ..all.clone() };
    assert_eq!(listed(&store, live.clone()).await?, [1, 3, 4].map(event_id));
    let of_shop = EventQuery { account: Some(shop("42")), ..all };
    assert_eq!(listed(&store, of_shop.clone()).await?, [1, 2, 4].map(event_id));
    let about_case = EventQuery { object: Some("case_x".to_owned()), ..live };
    assert_eq!(listed(&store, about_case).await?, [4].map(event_id));
    Ok(())
}

/// Also when another one is appended between two pages: it comes on the last.
pub async fn pages_cover_all_of_them_once(store: Shared) -> Tested {
    for n in 0..5 {
        append(&store, &event(n)).await?;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let wanted = EventQuery { after: after.clone(), limit: 2, ..Default::default() };
        let found = store.snapshot().await?.events(&wanted).await?;
        let Some(last) = found.last() else { break };
        if after.is_none() {
            append(&store, &event(5)).await?;
        }
        after = Some(last.event.id.clone());
        seen.extend(found.into_iter().map(|e| e.event.id));
    }
    assert_eq!(seen, [0, 1, 2, 3, 4, 5].map(event_id));
    Ok(())
}

/// By the moment in which they were told, which their ids begin with; it may be another one than they happened in.
pub async fn they_are_listed_from_a_moment_on(store: Shared) -> Tested {
    let told = |second, n| NewEvent { id: EventId::new(at(second), random(n)), ..event(n) };
    for n in 1..5 {
        append(&store, &told(10 * n, n)).await?;
    }
    let since = |second| EventQuery { since: Some(at(second)), ..EventQuery::default() };
    let ids = |of: &[u64]| of.iter().map(|n| told(10 * n, *n).id).collect::<Vec<_>>();
    assert_eq!(listed(&store, since(20)).await?, ids(&[2, 3, 4]), "that moment with it");
    assert_eq!(listed(&store, since(21)).await?, ids(&[3, 4]));
    let behind = EventQuery { after: Some(told(30, 3).id), ..since(5) };
    assert_eq!(listed(&store, behind).await?, ids(&[4]));
    assert_eq!(listed(&store, since(41)).await?, []);
    Ok(())
}

async fn listed(store: &Shared, query: EventQuery) -> Result<Vec<EventId>, StoreError> {
    let found = store.snapshot().await?.events(&EventQuery { limit: 100, ..query }).await?;
    Ok(found.into_iter().map(|e| e.event.id).collect())
}
