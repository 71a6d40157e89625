//! Work for later.

use std::time::Duration;

use shiren_app::port::{LeaseLost, StoreError};
use shiren_app::record::{DeadJob, JobCounts, LeasedJob, NewJob};

use super::given::{at, job};
use super::{Shared, Tested, assert_conflict, at_once};

async fn enqueue(store: &Shared, job: &NewJob) -> Result<bool, StoreError> {
    let mut tx = store.begin().await?;
    let enqueued = tx.enqueue(job).await?;
    tx.commit().await?;
    Ok(enqueued)
}

/// Leases until ten seconds later.
async fn lease(store: &Shared, now: u64) -> Result<Option<LeasedJob>, StoreError> {
    store.lease("worker", at(now), at(now + 10)).await
}

/// There must be one.
async fn leased(store: &Shared, now: u64) -> Result<LeasedJob, StoreError> {
    Ok(lease(store, now).await?.expect("a job is due"))
}

/// There must be one, as soon as what was dropped lets go of it: a store may roll back after the drop, and workers look
/// again.
async fn leased_soon(store: &Shared, now: u64) -> Result<LeasedJob, StoreError> {
    for _ in 0..500 {
        if let Some(job) = lease(store, now).await? {
            return Ok(job);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    leased(store, now).await
}

async fn finish(store: &Shared, job: &LeasedJob) -> Result<Result<(), LeaseLost>, StoreError> {
    let mut tx = store.begin().await?;
    let finished = tx.finish(job).await?;
    if finished.is_ok() {
        tx.commit().await?;
    }
    Ok(finished)
}

async fn counts(store: &Shared) -> Result<[i64; 3], StoreError> {
    let JobCounts { waiting, running, dead } = store.snapshot().await?.job_counts().await?;
    Ok([waiting, running, dead])
}

/// Not a moment earlier.
pub async fn it_is_leased_when_its_time_has_come(store: Shared) -> Tested {
    assert!(enqueue(&store, &job(1, 5)).await?);
    assert_eq!(lease(&store, 4).await?, None);
    assert_eq!(counts(&store).await?, [1, 0, 0]);
    let expected = LeasedJob { id: job(1, 5).id, job: job(1, 5).job, clock: None, attempt: 1, fence: 1 };
    assert_eq!(lease(&store, 5).await?, Some(expected));
    assert_eq!(counts(&store).await?, [0, 1, 0]);
    Ok(())
}

/// However they were enqueued.
pub async fn the_one_that_is_due_longest_comes_first(store: Shared) -> Tested {
    for (n, run) in [(1, 3), (2, 1), (3, 2)] {
        enqueue(&store, &job(n, run)).await?;
    }
    for n in [2, 3, 1] {
        assert_eq!(leased(&store, 9).await?.id, job(n, 0).id);
    }
    assert_eq!(lease(&store, 9).await?, None);
    Ok(())
}

/// Then it is, for the next attempt.
pub async fn a_leased_job_is_not_leased_again_before_its_lease_is_over(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    leased(&store, 0).await?;
    assert_eq!(lease(&store, 9).await?, None);
    let again = leased(&store, 10).await?;
    assert_eq!((again.attempt, again.fence), (2, 2));
    Ok(())
}

/// As long as it beats.
pub async fn a_heartbeat_holds_on_to_it(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let held = leased(&store, 0).await?;
    assert!(store.heartbeat(&held, at(20)).await?);
    assert_eq!(lease(&store, 19).await?, None);
    assert!(lease(&store, 20).await?.is_some());
    Ok(())
}

/// Neither hold it, nor finish, retry or bury it: it is another one's.
pub async fn a_late_worker_can_do_nothing_any_more(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let late = leased(&store, 0).await?;
    let holder = leased(&store, 10).await?;
    assert!(!store.heartbeat(&late, at(100)).await?);
    store.retry(&late, at(0), "late").await?;
    store.bury(&late, "late", at(11)).await?;
    assert_eq!(finish(&store, &late).await?, Err(LeaseLost));
    assert_eq!(counts(&store).await?, [0, 1, 0]);
    assert_eq!(lease(&store, 19).await?, None, "its lease is the holder's");
    assert_eq!(finish(&store, &holder).await?, Ok(()));
    Ok(())
}

/// For ever.
pub async fn a_finished_job_is_gone(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let held = leased(&store, 0).await?;
    assert_eq!(finish(&store, &held).await?, Ok(()));
    assert_eq!(finish(&store, &held).await?, Err(LeaseLost));
    assert!(!store.heartbeat(&held, at(100)).await?);
    assert_eq!(counts(&store).await?, [0, 0, 0]);
    assert_eq!(lease(&store, 1000).await?, None);
    Ok(())
}

/// A worker that dies before leaves it to another one.
pub async fn finishing_counts_only_when_it_is_committed(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let held = leased(&store, 0).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.finish(&held).await?, Ok(()));
    drop(tx);
    assert_eq!(counts(&store).await?, [0, 1, 0]);
    assert_eq!(leased_soon(&store, 10).await?.attempt, 2);
    Ok(())
}

/// As the next attempt.
pub async fn a_retried_job_comes_back_later(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let held = leased(&store, 0).await?;
    store.retry(&held, at(5), "no answer").await?;
    assert_eq!(counts(&store).await?, [1, 0, 0]);
    assert_eq!(finish(&store, &held).await?, Err(LeaseLost));
    assert_eq!(lease(&store, 4).await?, None);
    let again = leased(&store, 5).await?;
    assert_eq!((again.attempt, again.fence), (2, 2));
    Ok(())
}

/// With its last error, newest first; nobody leases it.
pub async fn a_buried_job_stays_to_be_looked_at(store: Shared) -> Tested {
    for n in 1..=3 {
        enqueue(&store, &job(n, n)).await?;
        let held = leased(&store, n).await?;
        store.bury(&held, &format!("error {n}"), at(20 + n)).await?;
    }
    assert_eq!(counts(&store).await?, [0, 0, 3]);
    assert_eq!(lease(&store, 1000).await?, None);
    let dead = |n| {
        let NewJob { id, job, .. } = job(n, 0);
        DeadJob { id, job, error: format!("error {n}"), died_at: at(20 + n) }
    };
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.dead_jobs(2).await?, [dead(3), dead(2)]);
    assert_eq!(tx.dead_job(&job(1, 0).id).await?, Some(dead(1)));
    assert_eq!(tx.dead_job(&job(4, 0).id).await?, None);
    Ok(())
}

/// Together with what follows from it, or not at all; and not by who lost it.
pub async fn one_is_buried_in_a_transaction(store: Shared) -> Tested {
    enqueue(&store, &job(1, 1)).await?;
    let held = leased(&store, 1).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.bury(&held, "no", at(2)).await?, Ok(()));
    drop(tx);
    assert_eq!(counts(&store).await?, [0, 1, 0], "what is not committed did not happen");
    let late = LeasedJob { fence: held.fence - 1, ..held.clone() };
    let mut tx = store.begin().await?;
    assert_eq!(tx.bury(&late, "late", at(2)).await?, Err(LeaseLost));
    assert_eq!(tx.bury(&held, "no", at(2)).await?, Ok(()));
    tx.commit().await?;
    assert_eq!(counts(&store).await?, [0, 0, 1]);
    Ok(())
}

/// Only a dead one is requeued. Who held it before its death cannot finish it.
pub async fn a_requeued_job_starts_again_under_a_new_fence(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    let held = leased(&store, 0).await?;
    let mut tx = store.begin().await?;
    assert!(!tx.requeue(&held.id, at(1)).await?, "it runs");
    assert!(!tx.requeue(&job(2, 0).id, at(1)).await?, "it is not there");
    drop(tx);
    store.bury(&held, "no", at(2)).await?;
    let mut tx = store.begin().await?;
    assert!(tx.requeue(&held.id, at(50)).await?);
    assert!(!tx.requeue(&held.id, at(50)).await?, "it waits");
    tx.commit().await?;
    assert_eq!(counts(&store).await?, [1, 0, 0]);
    assert_eq!(lease(&store, 49).await?, None);
    let again = leased(&store, 50).await?;
    assert_eq!((again.attempt, again.fence), (1, 2));
    assert_eq!(finish(&store, &held).await?, Err(LeaseLost));
    Ok(())
}

/// Once it is done, it can be.
pub async fn while_one_waits_or_runs_another_of_its_key_is_not_enqueued(store: Shared) -> Tested {
    let keyed = |n| NewJob { dedup: Some("expire/vs_1".to_owned()), ..job(n, 0) };
    assert!(enqueue(&store, &keyed(1)).await?);
    assert!(!enqueue(&store, &keyed(2)).await?, "one waits");
    let held = leased(&store, 0).await?;
    assert!(!enqueue(&store, &keyed(3)).await?, "one runs");
    assert!(enqueue(&store, &NewJob { dedup: Some("another".to_owned()), ..job(4, 0) }).await?);
    assert!(enqueue(&store, &job(5, 0)).await?);
    assert!(enqueue(&store, &job(6, 0)).await?, "without a key there is nothing to compare");
    assert_eq!(finish(&store, &held).await?, Ok(()));
    assert!(enqueue(&store, &keyed(7)).await?);
    Ok(())
}

/// It cannot come back beside its successor.
pub async fn a_dead_job_does_not_stand_in_the_way_of_its_key(store: Shared) -> Tested {
    let keyed = |n| NewJob { dedup: Some("expire/vs_1".to_owned()), ..job(n, 0) };
    enqueue(&store, &keyed(1)).await?;
    let held = leased(&store, 0).await?;
    store.bury(&held, "no", at(1)).await?;
    assert!(enqueue(&store, &keyed(2)).await?);
    assert_conflict(store.begin().await?.requeue(&held.id, at(2)).await);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    enqueue(&store, &job(1, 0)).await?;
    assert_conflict(enqueue(&store, &job(1, 0)).await);
    Ok(())
}

/// Nobody gets two, nobody's is lost.
pub async fn of_many_workers_each_gets_another_one(store: Shared) -> Tested {
    for n in 0..20 {
        enqueue(&store, &job(n, 0)).await?;
    }
    let all = at_once(30, &store, |store, _| async move { lease(&store, 0).await });
    let mut ids: Vec<_> = all.await?.into_iter().flatten().map(|j| j.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    assert_eq!(counts(&store).await?, [0, 20, 0]);
    Ok(())
}
