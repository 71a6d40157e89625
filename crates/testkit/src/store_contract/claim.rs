//! Values that only one account may hold.

use shiren_app::record::{Claim, Claimed};
use shiren_core::account::Account;
use shiren_core::verification::program::Mode;

use super::given::{at, kept_session, session_id, shop};
use super::{Shared, Tested, at_once};

fn claim(account: Account, tags: &[(u32, u8)]) -> Claim {
    Claim {
        kind: "identity".to_owned(),
        mode: Mode::Live,
        tags: tags.iter().map(|(version, fill)| (*version, vec![*fill; 32])).collect(),
        account,
        session: session_id(1),
        at: at(1),
    }
}

async fn claimed(store: &Shared, claim: &Claim) -> Result<Claimed, shiren_app::port::StoreError> {
    let mut tx = store.begin().await?;
    let claimed = tx.claim(claim).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// The first who claims it.
pub async fn a_value_has_one_holder(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let (first, second) = (claim(shop("1"), &[(1, 7)]), claim(shop("2"), &[(1, 7)]));
    assert_eq!(store.snapshot().await?.holder("identity", Mode::Live, &first.tags).await?, None);
    assert_eq!(claimed(&store, &first).await?, Claimed::Yes);
    assert_eq!(claimed(&store, &second).await?, Claimed::TakenBy(shop("1")));
    let holder = store.snapshot().await?.holder("identity", Mode::Live, &first.tags).await?;
    assert_eq!(holder, Some(shop("1")));
    Ok(())
}

/// And adds the tags of a new key version by that.
pub async fn the_same_account_may_claim_again(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    assert_eq!(claimed(&store, &claim(shop("1"), &[(1, 7)])).await?, Claimed::Yes);
    assert_eq!(claimed(&store, &claim(shop("1"), &[(1, 7), (2, 8)])).await?, Claimed::Yes);
    let other = claim(shop("2"), &[(2, 8)]);
    assert_eq!(claimed(&store, &other).await?, Claimed::TakenBy(shop("1")));
    Ok(())
}

/// And so are key versions: equal bytes under different keys mean nothing.
pub async fn kinds_and_modes_are_worlds_of_their_own(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    assert_eq!(claimed(&store, &claim(shop("1"), &[(1, 7)])).await?, Claimed::Yes);
    let other = claim(shop("2"), &[(1, 7)]);
    let in_test = Claim { mode: Mode::Test, ..other.clone() };
    let of_another_kind = Claim { kind: "phone".to_owned(), ..other };
    let under_another_key = claim(shop("2"), &[(2, 7)]);
    for free in [in_test, of_another_kind, under_another_key] {
        assert_eq!(claimed(&store, &free).await?, Claimed::Yes);
    }
    Ok(())
}

/// While keys rotate, old and new tags stand side by side.
pub async fn any_of_several_tags_is_enough(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    assert_eq!(claimed(&store, &claim(shop("1"), &[(1, 7)])).await?, Claimed::Yes);
    let both = claim(shop("2"), &[(2, 8), (1, 7)]);
    assert_eq!(claimed(&store, &both).await?, Claimed::TakenBy(shop("1")));
    let holder = store.snapshot().await?.holder("identity", Mode::Live, &both.tags).await?;
    assert_eq!(holder, Some(shop("1")));
    Ok(())
}

/// Even when it is committed: its free tags stay free.
pub async fn a_refused_claim_leaves_nothing_behind(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    assert_eq!(claimed(&store, &claim(shop("1"), &[(1, 7)])).await?, Claimed::Yes);
    claimed(&store, &claim(shop("2"), &[(2, 8), (1, 7)])).await?;
    assert_eq!(claimed(&store, &claim(shop("3"), &[(2, 8)])).await?, Claimed::Yes);
    Ok(())
}

/// And of no other kind or mode.
pub async fn a_released_value_is_anyones(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let both = claim(shop("1"), &[(1, 7), (2, 8)]);
    claimed(&store, &both).await?;
    let mut tx = store.begin().await?;
    tx.release("identity", Mode::Test, &both.tags).await?;
    tx.release("phone", Mode::Live, &both.tags).await?;
    tx.commit().await?;
    assert_eq!(claimed(&store, &claim(shop("2"), &[(1, 7)])).await?, Claimed::TakenBy(shop("1")));
    let mut tx = store.begin().await?;
    tx.release("identity", Mode::Live, &both.tags).await?;
    tx.commit().await?;
    assert_eq!(claimed(&store, &claim(shop("2"), &[(1, 7), (2, 8)])).await?, Claimed::Yes);
    Ok(())
}

/// Exactly one; the others learn who.
pub async fn of_a_hundred_who_claim_at_once_one_succeeds(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let all = at_once(100, &store, |store, i| async move {
        claimed(&store, &claim(shop(&i.to_string()), &[(1, 7)])).await
    });
    let all = all.await?;
    assert_eq!(all.iter().filter(|c| **c == Claimed::Yes).count(), 1);
    let tags = claim(shop("0"), &[(1, 7)]).tags;
    let holder = store.snapshot().await?.holder("identity", Mode::Live, &tags).await?;
    let holder = holder.expect("somebody holds it");
    assert_eq!(all.iter().filter(|c| **c == Claimed::TakenBy(holder.clone())).count(), 99);
    Ok(())
}

/// Of its kind and mode, and of no other account.
pub async fn what_an_account_holds_is_found(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let first = claim(shop("1"), &[(2, 8), (1, 7)]);
    let in_test = Claim { mode: Mode::Test, ..claim(shop("1"), &[(1, 9)]) };
    let of_another_kind = Claim { kind: "phone".to_owned(), ..claim(shop("1"), &[(1, 9)]) };
    for wanted in [&first, &in_test, &of_another_kind, &claim(shop("2"), &[(1, 9)])] {
        assert_eq!(claimed(&store, wanted).await?, Claimed::Yes);
    }
    let mut tx = store.begin().await?;
    let held = tx.claims_of("identity", Mode::Live, &shop("1")).await?;
    assert_eq!(held, [(1, vec![7; 32]), (2, vec![8; 32])]);
    tx.release("identity", Mode::Live, &held).await?;
    assert_eq!(tx.claims_of("identity", Mode::Live, &shop("1")).await?, []);
    tx.commit().await
}
