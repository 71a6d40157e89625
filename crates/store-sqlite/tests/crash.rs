//! kill -9 at every write of a verification, and a disk that is full from there on for a while: nothing acknowledged is
//! ever lost.
//!
//! `SHIREN_CRASH_ROUNDS=50` does so at each of them fifty times; by default once.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::Arc;

use shiren_app::port::StoreError;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::crash::{Blow, Stores, at_every_point, child};

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
async fn child_that_verifies() {
    child(&Files).await;
}

#[test]
fn a_verification_survives_a_death_before_each_of_its_writes() {
    let blows = at_every_point(&Files, Blow::Death);
    assert!(blows.points > 50, "{blows:?}");
    // A life may make a write less than the first one made; nearly all must have been cut short all the same.
    assert!(blows.deaths * 10 > blows.runs * 8, "{blows:?}");
}

#[test]
fn a_verification_outlasts_a_full_disk_from_each_of_its_writes_on() {
    let blows = at_every_point(&Files, Blow::Full(25));
    assert!(blows.points > 50 && blows.deaths == 0, "{blows:?}");
}
