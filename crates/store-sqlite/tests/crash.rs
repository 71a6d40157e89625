//! kill -9 at the writes of whole lifecycles, and a disk that is full from there on for a while: nothing acknowledged is
//! ever lost, and nothing happens twice.
//!
//! By default a verification is killed at each of its points, and a longer life at some, spread evenly, which are others in
//! each run. `SHIREN_CRASH_ROUNDS=1` does so at all of them once, 50 fifty times.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::Arc;

use shiren_app::port::StoreError;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::crash::{
    AFTERSALES, Blow, Blows, Life, RECHECK, SHOP, STAFF, Stores, VERIFICATION, at_every_point, child,
};

/// Each in a file of its run's folder.
struct Files;

#[async_trait::async_trait]
impl Stores for Files {
    type Kept = SqliteStore;

    async fn open(&self, folder: &Path) -> Result<Arc<SqliteStore>, StoreError> {
        let store = SqliteStore::open(folder.join("store.db")).await?;
        store.migrate().await?;
        Ok(Arc::new(store))
    }

    async fn close(&self, store: Arc<SqliteStore>) {
        store.close().await;
    }
}

/// No test: one life of a process.
#[tokio::test]
#[ignore = "started and killed by a test"]
async fn child_that_lives() {
    child(&Files).await;
}

fn survives(life: &dyn Life) -> Blows {
    let blows = at_every_point(&Files, life, Blow::Death);
    assert!(blows.points > 50, "{blows:?}");
    // A life may make a write less than the first one made; nearly all must have been cut short all the same.
    assert!(blows.deaths * 10 > blows.runs * 8, "{blows:?}");
    blows
}

#[test]
fn a_verification_survives_a_death_before_each_of_its_writes() {
    let blows = survives(VERIFICATION);
    assert!(blows.runs >= blows.points, "{blows:?}");
}

#[test]
fn a_shop_with_a_deposit_survives_a_death_before_its_writes() {
    survives(SHOP);
}

#[test]
fn sub_accounts_survive_a_death_before_their_writes() {
    survives(STAFF);
}

#[test]
fn an_aftersales_request_survives_a_death_before_its_writes() {
    survives(AFTERSALES);
}

#[test]
fn re_checks_of_a_rollout_survive_a_death_before_their_writes() {
    survives(RECHECK);
}

#[test]
fn a_verification_outlasts_a_full_disk_from_each_of_its_writes_on() {
    let blows = at_every_point(&Files, VERIFICATION, Blow::Full(25));
    assert!(blows.points > 50 && blows.deaths == 0, "{blows:?}");
}
