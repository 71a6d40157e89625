//! Clocks that are turned by hand, and the jobs that are held for them.

use jiff::Timestamp;
use shiren_app::port::{ClockQuery, StoreError};
use shiren_app::record::{ClockWork, LeasedJob, NewJob, Stored};
use shiren_core::clock::TestClock;
use shiren_core::id::ClockId;

use super::given::{at, job, random};
use super::{Shared, Tested, assert_conflict};

fn clock(n: u64) -> TestClock {
    TestClock {
        id: ClockId::new(at(n), random(n)),
        name: "双十一".to_owned(),
        now: at(100),
        target: Some(at(200)),
        created_at: at(n),
        failed: false,
        deleted: false,
    }
}

async fn keep(store: &Shared, clocks: &[TestClock]) -> Tested {
    let mut tx = store.begin().await?;
    for clock in clocks {
        tx.insert_clock(clock).await?;
    }
    tx.commit().await
}

/// A job of a clock, held until a time of it.
fn held(n: u64, clock: &TestClock, until: Option<u64>) -> NewJob {
    NewJob { clock: Some(clock.id.clone()), held_until: until.map(at), ..job(n, 0) }
}

async fn enqueue(store: &Shared, jobs: &[NewJob]) -> Tested {
    let mut tx = store.begin().await?;
    for job in jobs {
        assert!(tx.enqueue(job).await?);
    }
    tx.commit().await
}

async fn lease(store: &Shared, now: Timestamp) -> Result<Option<LeasedJob>, StoreError> {
    store.lease("one", now, Timestamp::MAX).await
}

async fn work(store: &Shared, clock: &TestClock) -> Result<ClockWork, StoreError> {
    store.snapshot().await?.clock_work(&clock.id).await
}

/// New and saved.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let first = clock(1);
    keep(&store, std::slice::from_ref(&first)).await?;
    assert_conflict(store.begin().await?.insert_clock(&first).await);
    let mut tx = store.begin().await?;
    assert_eq!(tx.clock(&first.id).await?, Some(Stored { value: first.clone(), version: 1 }));
    let arrived = TestClock { now: at(200), target: None, ..first };
    tx.save_clock(&Stored { value: arrived.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.clock(&arrived.id).await?, Some(Stored { value: arrived, version: 2 }));
    assert_eq!(tx.clock(&clock(2).id).await?, None);
    Ok(())
}

/// Two cannot both turn it.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: clock(1), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_clock(&loaded).await?;
    assert_conflict(tx.save_clock(&loaded).await);
    Ok(())
}

/// And none is left out between two pages.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let three = [1, 2, 3].map(clock);
    keep(&store, &three).await?;
    let mut tx = store.snapshot().await?;
    let first = tx.clocks(&ClockQuery { after: None, limit: 2 }).await?;
    assert_eq!(first, [three[2].clone(), three[1].clone()]);
    let after = Some(three[1].id.clone());
    assert_eq!(tx.clocks(&ClockQuery { after, limit: 2 }).await?, [three[0].clone()]);
    Ok(())
}

/// However late it is in the world.
pub async fn a_held_job_is_not_leased(store: Shared) -> Tested {
    enqueue(&store, &[held(1, &clock(1), Some(150))]).await?;
    assert_eq!(lease(&store, Timestamp::MAX).await?, None);
    Ok(())
}

/// The leased job says to which clock it belongs.
pub async fn a_job_that_is_not_held_is_leased_by_the_worlds_time(store: Shared) -> Tested {
    enqueue(&store, &[held(1, &clock(1), None)]).await?;
    let leased = lease(&store, at(1)).await?.expect("it is due");
    assert_eq!(leased.clock, Some(clock(1).id));
    Ok(())
}

/// Those of this clock, until that time and including it.
pub async fn what_is_released_can_be_leased(store: Shared) -> Tested {
    let (one, two) = (clock(1), clock(2));
    enqueue(
        &store,
        &[
            held(1, &one, Some(150)),
            held(2, &one, Some(151)),
            held(3, &two, Some(150)),
            held(4, &one, Some(149)),
        ],
    )
    .await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.release_jobs(&one.id, at(150), at(5)).await?, 2);
    tx.commit().await?;
    assert_eq!(lease(&store, at(4)).await?, None);
    let mut leased = Vec::new();
    while let Some(job) = lease(&store, at(5)).await? {
        leased.push(job.id);
    }
    leased.sort();
    let mut expected = [job(1, 0).id, job(4, 0).id];
    expected.sort();
    assert_eq!(leased, expected);
    Ok(())
}

/// Released until it is finished or buried; held until released; nothing of other clocks, nor of none.
pub async fn it_knows_what_it_waits_for(store: Shared) -> Tested {
    let (one, two) = (clock(1), clock(2));
    assert_eq!(work(&store, &one).await?, ClockWork::default());
    enqueue(
        &store,
        &[
            held(1, &one, Some(170)),
            held(2, &one, Some(150)),
            held(3, &one, None),
            held(4, &two, Some(10)),
            job(5, 9),
        ],
    )
    .await?;
    assert_eq!(work(&store, &one).await?, ClockWork { released: 1, next: Some(at(150)) });
    let leased = lease(&store, at(1)).await?.expect("it is due");
    assert_eq!(work(&store, &one).await?.released, 1);
    store.retry(&leased, at(2), "not yet").await?;
    assert_eq!(work(&store, &one).await?.released, 1);
    let leased = lease(&store, at(2)).await?.expect("it is due again");
    let mut tx = store.begin().await?;
    assert_eq!(tx.finish(&leased).await?, Ok(()));
    assert_eq!(tx.release_jobs(&one.id, at(150), at(3)).await?, 1);
    tx.commit().await?;
    assert_eq!(work(&store, &one).await?, ClockWork { released: 1, next: Some(at(170)) });
    let leased = lease(&store, at(3)).await?.expect("it was released");
    store.bury(&leased, "never", at(4)).await?;
    assert_eq!(work(&store, &one).await?, ClockWork { released: 0, next: Some(at(170)) });
    Ok(())
}
