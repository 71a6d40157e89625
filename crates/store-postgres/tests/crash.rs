//! kill -9 before and after the commits of whole lifecycles, and at every write of a picture or a webhook: nothing
//! acknowledged is ever lost, and nothing happens twice.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use shiren_app::port::StoreError;
use shiren_store_postgres::PostgresStore;
use shiren_testkit::crash::{
    AFTERSALES, Deaths, ENDING, Life, Points, RECHECK, SHOP, STAFF, Stores, VERIFICATION, at_every_point,
    child,
};
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
async fn child_that_lives() {
    child(&Databases).await;
}

fn survives(life: &dyn Life) {
    let Deaths { points, deaths, .. } = at_every_point(&Databases, life, Points::Commits);
    assert!(points > 20 && deaths as usize >= points, "{points} points, {deaths} deaths");
}

#[test]
fn a_verification_survives_a_death_before_and_after_each_of_its_commits() {
    survives(VERIFICATION);
}

#[test]
fn a_shop_with_a_deposit_survives_a_death_before_and_after_each_of_its_commits() {
    survives(SHOP);
}

#[test]
fn sub_accounts_survive_a_death_before_and_after_each_of_their_commits() {
    survives(STAFF);
}

#[test]
fn an_aftersales_request_survives_a_death_before_and_after_each_of_its_commits() {
    survives(AFTERSALES);
}

#[test]
fn re_checks_of_a_rollout_survive_a_death_before_and_after_each_of_their_commits() {
    survives(RECHECK);
}

#[test]
fn a_shop_that_ends_survives_a_death_before_and_after_each_of_its_commits() {
    survives(ENDING);
}
