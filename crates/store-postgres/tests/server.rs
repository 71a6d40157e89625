//! What is special about a server: others migrate it, write to it and read from it at the same time.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use shiren_app::port::{EventQuery, Store, StoreError};
use shiren_app::record::NewEvent;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::EventId;
use shiren_core::verification::program::Mode;
use shiren_store_postgres::PostgresStore;
use shiren_testkit::postgres::database;
use sqlx::Executor as _;
use sqlx::postgres::PgPool;

async fn migrated(address: &str) -> PostgresStore {
    let store = PostgresStore::open(address).await.expect("it opens");
    store.migrate().await.expect("it migrates");
    store
}

fn event(n: u8, account: &str) -> NewEvent {
    NewEvent {
        id: EventId::new(Timestamp::UNIX_EPOCH, [n; 10]),
        mode: Mode::Test,
        kind: "tried".to_owned(),
        account: Account { kind: AccountKind::Shop, id: account.to_owned() },
        object: "vs".to_owned(),
        at: Timestamp::UNIX_EPOCH,
        data: serde_json::json!({}),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_begin_at_once_on_an_empty_database_and_newer_ones_are_refused() {
    let address = database();
    let store = PostgresStore::open(&address).await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 0);
    assert!(store.ready().await.is_err());
    let starting: tokio::task::JoinSet<_> = (0..8)
        .map(|_| {
            let address = address.clone();
            async move { drop(migrated(&address).await) }
        })
        .collect();
    starting.join_all().await;
    store.ready().await.unwrap();
    assert_eq!(store.schema_version().await.unwrap(), 16);
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (9999, 'from the future', TRUE, '', 0)";
    PgPool::connect(&address).await.unwrap().execute(newer).await.unwrap();
    let reason =
        "a row cannot be read: the schema has version 9999, and this program knows up to 16".to_owned();
    assert_eq!(PostgresStore::open(&address).await.unwrap_err().to_string(), reason);
    // Also when somebody else migrates it while this program runs.
    assert_eq!(store.ready().await.unwrap_err().to_string(), reason);
    assert_eq!(store.migrate().await.unwrap_err().to_string(), reason);
}

#[tokio::test]
async fn a_page_of_events_is_not_overtaken() {
    let store = Arc::new(migrated(&database()).await);
    let mut slow = store.begin().await.unwrap();
    slow.append_event(&event(1, "slow")).await.unwrap();
    let mut fast = store.begin().await.unwrap();
    fast.append_event(&event(2, "fast")).await.unwrap();
    fast.commit().await.unwrap();
    // The second one is committed. A page that showed it now would never show the first one.
    let listing = tokio::spawn({
        let store = Arc::clone(&store);
        async move { store.reader().await?.events(&EventQuery { limit: 10, ..EventQuery::default() }).await }
    });
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert!(!listing.is_finished());
    slow.commit().await.unwrap();
    let listed: Vec<_> = listing.await.unwrap().unwrap().into_iter().map(|e| e.event.id).collect();
    assert_eq!(listed, [event(1, "slow").id, event(2, "fast").id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_in_a_circle_is_told_and_nothing_of_it_stays() {
    let store = migrated(&database()).await;
    let (mut one, mut other) = (store.begin().await.unwrap(), store.begin().await.unwrap());
    one.append_event(&event(1, "a")).await.unwrap();
    other.append_event(&event(2, "b")).await.unwrap();
    let (first, second) = (event(3, "b"), event(4, "a"));
    let both = tokio::join!(
        async {
            one.append_event(&first).await?;
            one.commit().await
        },
        async {
            other.append_event(&second).await?;
            other.commit().await
        }
    );
    let lost = [both.0, both.1].into_iter().filter(|done| matches!(done, Err(StoreError::Busy))).count();
    assert_eq!(lost, 1);
    let all = store.reader().await.unwrap().events(&EventQuery { limit: 10, ..EventQuery::default() }).await;
    assert_eq!(all.unwrap().len(), 2);
}

#[tokio::test]
async fn an_address_that_is_wrong_is_not_shown() {
    for address in
        ["postgres://shiren:hunter2@localhost:x/shiren", "postgres://shiren:hunter2@127.0.0.1:1/shiren"]
    {
        let told = PostgresStore::open(address).await.unwrap_err().to_string();
        assert!(!told.contains("hunter2"), "{told}");
    }
}
