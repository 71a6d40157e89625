//! `shiren demo` from outside, with the installed models and samples (`shiren models install --with-samples`).
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use shiren_app::port::{AfterSalesQuery, ShopQuery, StaffQuery, Store as _};
use shiren_core::aftersales::State;
use shiren_core::verification::program::Mode;
use shiren_store_sqlite::SqliteStore;

fn demo(folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shiren"))
        .args(["demo", "--json"])
        .env("SHIREN_DATA_FOLDER", folder)
        .output()
        .unwrap()
}

#[tokio::test]
async fn it_fills_an_empty_folder_with_every_state_and_refuses_a_filled_one() {
    let folder = tempfile::tempdir().unwrap();
    let made = demo(folder.path());
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let shown: Value = serde_json::from_slice(&made.stdout).unwrap();
    assert!(shown["api_key"].as_str().unwrap().starts_with("sk_test_"), "{shown}");
    let again = demo(folder.path());
    assert_eq!(again.status.code(), Some(1), "what is there is left as it is");
    let store = SqliteStore::open(folder.path().join("shiren.sqlite3")).await.unwrap();
    let mut tx = store.snapshot().await.unwrap();
    let mode = Mode::Test;
    let shops = tx.shops(&ShopQuery::of(mode, 50)).await.unwrap();
    let stand: BTreeSet<&str> = shops.iter().map(|s| s.status().name()).collect();
    assert_eq!(
        stand,
        ["closed", "open", "permanently_closed", "registered", "temporarily_closed"].into(),
        "shops stand in every way"
    );
    let staff = StaffQuery {
        mode,
        shop: "green-books".into(),
        standing: None,
        reviewed: None,
        bound: None,
        after: None,
        limit: 50,
    };
    let staff = tx.staff_of(&staff).await.unwrap();
    let stand: BTreeSet<&str> = staff.iter().map(|s| s.standing.name()).collect();
    assert_eq!(stand, ["asked", "disabled", "frozen", "lifted", "unasked", "verified"].into());
    let all = AfterSalesQuery { limit: 50, ..AfterSalesQuery::default() };
    let requests = tx.aftersales_list(&all).await.unwrap();
    let stand: BTreeSet<State> = requests.iter().map(|r| r.state).collect();
    assert_eq!(stand, State::ALL.into(), "requests stand in every way");
    let cases = tx.cases(&shiren_app::port::CaseQuery { limit: 50, ..Default::default() }).await.unwrap();
    assert!(cases.iter().any(|c| c.awaits_another()), "one waits for its second reviewer");
}
