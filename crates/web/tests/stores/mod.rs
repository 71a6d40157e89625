//! The store that a test of the API runs on: the embedded one, or, where `SHIREN_TEST_STORE` says `postgres`, a new
//! database of PostgreSQL. `make test` runs these tests on both.

use std::path::Path;
use std::sync::Arc;

use shiren_app::port::Store;
use shiren_store_postgres::PostgresStore;
use shiren_store_sqlite::SqliteStore;
use shiren_testkit::postgres;

/// A new one, with its schema.
pub(crate) async fn store(folder: &Path) -> Arc<dyn Store> {
    let asked = std::env::var("SHIREN_TEST_STORE").unwrap_or_default();
    assert!(["", "sqlite", "postgres"].contains(&asked.as_str()), "SHIREN_TEST_STORE is no store: {asked}");
    if asked == "postgres" {
        let store = PostgresStore::open(&postgres::database()).await.unwrap();
        store.migrate().await.unwrap();
        return Arc::new(store);
    }
    let store = SqliteStore::open(folder.join("store.sqlite3")).await.unwrap();
    store.migrate().await.unwrap();
    Arc::new(store)
}
