//! kill -9 before and after every commit of a verification, and at every write of a picture or a webhook: nothing
//! acknowledged is ever lost, and nothing happens twice.
//!
//! `SHIREN_CRASH_ROUNDS=50` does so at each of them fifty times; by default once.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use shiren_app::port::StoreError;
use shiren_store_postgres::PostgresStore;
use shiren_testkit::crash::{Blow, Stores, at_every_point, child};
use shiren_testkit::postgres;

/// Each in a database of the tests' own server; its address stands in a file of its run's folder.
struct Databases;

fn address(folder: &Path) -> std::path::PathBuf {
    folder.join("database")
}

#[async_trait::async_trait]
impl Stores for Databases {
    type Kept = PostgresStore;

    async fn open(&self, folder: &Path) -> Result<Arc<PostgresStore>, StoreError> {
        let at = address(folder);
        if !at.exists() {
            fs::write(&at, postgres::database()).unwrap();
        }
        let store = PostgresStore::open(&fs::read_to_string(at).unwrap()).await?;
        store.migrate().await?;
        Ok(Arc::new(store))
    }

    async fn close(&self, store: Arc<PostgresStore>) {
        store.close().await;
    }

    fn copied(&self, run: &Path) {
        let first = fs::read_to_string(address(run)).unwrap();
        fs::write(address(run), postgres::copy_of(&first).unwrap()).unwrap();
    }

    fn deleted(&self, run: &Path) {
        postgres::delete(&fs::read_to_string(address(run)).unwrap()).unwrap();
    }
}

/// No test: one life of a process.
#[tokio::test]
#[ignore = "started and killed by a test"]
async fn child_that_verifies() {
    child(&Databases).await;
}

#[test]
fn a_verification_survives_a_death_before_and_after_each_of_its_commits() {
    let blows = at_every_point(&Databases, Blow::Death);
    assert!(blows.points > 50, "{blows:?}");
    assert!(blows.deaths * 10 > blows.runs * 8, "{blows:?}");
}
