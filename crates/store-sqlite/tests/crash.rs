//! kill -9 at every write and commit of whole lifecycles, and a disk that is full for a while: nothing acknowledged is
//! ever lost, and nothing happens twice.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::sync::Arc;

use shiren_app::port::StoreError;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::crash::{
    AFTERSALES, Deaths, ENDING, Life, Points, RECHECK, SHOP, STAFF, Stores, VERIFICATION, at_every_point,
    child, on_a_full_disk,
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

fn survives(life: &dyn Life, points: Points) {
    let Deaths { points, deaths, .. } = at_every_point(&Files, life, points);
    assert!(points > 50 && deaths as usize >= points, "{points} points, {deaths} deaths");
}

#[test]
fn a_verification_survives_a_death_at_each_of_its_points() {
    survives(VERIFICATION, Points::Writes);
}

#[test]
fn a_shop_with_a_deposit_survives_a_death_at_each_of_its_points() {
    survives(SHOP, Points::Commits);
}

#[test]
fn sub_accounts_survive_a_death_at_each_of_their_points() {
    survives(STAFF, Points::Commits);
}

#[test]
fn an_aftersales_request_survives_a_death_at_each_of_its_points() {
    survives(AFTERSALES, Points::Commits);
}

#[test]
fn re_checks_of_a_rollout_survive_a_death_at_each_of_their_points() {
    survives(RECHECK, Points::Commits);
}

#[test]
fn a_verification_outlasts_a_full_disk_from_each_of_its_points_on() {
    assert!(on_a_full_disk(&Files, VERIFICATION, u64::MAX) > 50);
}

#[test]
fn longer_lives_outlast_a_full_disk() {
    for life in [SHOP, STAFF, AFTERSALES, RECHECK, ENDING] {
        assert!(on_a_full_disk(&Files, life, 12) > 50);
    }
}

#[test]
fn a_shop_that_ends_survives_a_death_at_each_of_its_points() {
    survives(ENDING, Points::Commits);
}
