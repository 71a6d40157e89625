//! The store on SQLite keeps what every store promises.

use std::sync::Arc;

use shiren_store_sqlite::SqliteStore;
use shiren_testkit::store_contract::Shared;
use tempfile::TempDir;

async fn open() -> (Shared, TempDir) {
    let room = tempfile::tempdir().expect("there is room for a file");
    let store = SqliteStore::open(room.path().join("shiren.db")).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    (Arc::new(store), room)
}

shiren_testkit::store_contract!(open);
