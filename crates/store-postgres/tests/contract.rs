//! The store on PostgreSQL keeps what every store promises.

use std::sync::Arc;

use shiren_store_postgres::PostgresStore;
use shiren_testkit::postgres;
use shiren_testkit::store_contract::Shared;

async fn open() -> (Shared, ()) {
    let store = PostgresStore::open(&postgres::database()).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    (Arc::new(store), ())
}

shiren_testkit::store_contract!(open together);
