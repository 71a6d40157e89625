//! The gate's rules, and what it was asked.

use jiff::ToSpan as _;
use shiren_app::port::StoreError;
use shiren_app::record::{GateRecord, GateRulesRecord};
use shiren_core::account::AccountKind;
use shiren_core::gate::dry_run::Past;
use shiren_core::gate::{Asked, RuleSet, Standing};
use shiren_core::verification::program::Mode;

use super::given::at;
use super::{Shared, Tested, assert_conflict};

fn rules(mode: Mode, version: i64) -> GateRulesRecord {
    let mut draft = RuleSet::built_in().draft().clone();
    draft.rules.truncate(usize::try_from(version).unwrap_or_default());
    GateRulesRecord { mode, version, at: at(version.unsigned_abs()), by: "运营 \"a\"".to_owned(), draft }
}

fn request(mode: Mode, n: u64) -> GateRecord {
    let asked = Asked {
        event: "purchase".to_owned(),
        amount_cents: Some(i64::MAX),
        currency: Some("CNY".to_owned()),
        category: Some("food".to_owned()),
        account: AccountKind::Influencer,
    };
    let standing = Standing { verified_seconds: Some(9), for_action_seconds: None };
    GateRecord {
        mode,
        at: at(n),
        past: Past { asked, standing },
        version: 7,
        stands_for: 3,
        asked_by: ["amount".to_owned(), "certain_goods".to_owned()].into(),
    }
}

async fn asked(store: &Shared, since: u64, limit: u32) -> Result<Vec<GateRecord>, StoreError> {
    store.snapshot().await?.gate_requests(Mode::Live, at(since), limit).await
}

/// The newest unless another one is asked for; each mode has its own.
pub async fn rules_come_back_in_every_version(store: Shared) -> Tested {
    assert_eq!(store.snapshot().await?.gate_rules(Mode::Live, None).await?, None);
    let mut tx = store.begin().await?;
    for (mode, version) in
        [(Mode::Live, 1), (Mode::Live, 2), (Mode::Test, 1), (Mode::Test, 10), (Mode::Test, 9)]
    {
        tx.insert_gate_rules(&rules(mode, version)).await?;
    }
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.gate_rules(Mode::Live, None).await?, Some(rules(Mode::Live, 2)));
    assert_eq!(tx.gate_rules(Mode::Test, None).await?, Some(rules(Mode::Test, 10)));
    assert_eq!(tx.gate_rules(Mode::Live, Some(1)).await?, Some(rules(Mode::Live, 1)));
    assert_eq!(tx.gate_rules(Mode::Live, Some(9)).await?, None);
    Ok(())
}

/// Of two who change the same version, one is told.
pub async fn a_version_is_there_once(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_gate_rules(&rules(Mode::Live, 1)).await?;
    tx.commit().await?;
    assert_conflict(store.begin().await?.insert_gate_rules(&rules(Mode::Live, 1)).await);
    Ok(())
}

/// With every field, since a moment, and no more than are wanted.
pub async fn what_was_asked_is_listed_newest_first(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_gate_requests(&[request(Mode::Live, 2), request(Mode::Live, 3), request(Mode::Test, 4)])
        .await?;
    tx.insert_gate_requests(&[request(Mode::Live, 1)]).await?;
    tx.insert_gate_requests(&[]).await?;
    tx.commit().await?;
    let of = |seconds: &[u64]| seconds.iter().map(|n| request(Mode::Live, *n)).collect::<Vec<_>>();
    assert_eq!(asked(&store, 0, 9).await?, of(&[3, 2, 1]));
    assert_eq!(asked(&store, 2, 9).await?, of(&[3, 2]));
    assert_eq!(asked(&store, 0, 1).await?, of(&[3]));
    Ok(())
}

/// After 30 days.
pub async fn what_was_asked_long_ago_is_forgotten(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_gate_requests(&[request(Mode::Live, 1), request(Mode::Live, 2)]).await?;
    assert_eq!(tx.sweep(at(1) + (30 * 24).hours()).await?, 1);
    tx.commit().await?;
    assert_eq!(asked(&store, 0, 9).await?, [request(Mode::Live, 2)]);
    Ok(())
}
