//! Random histories of values that only one account may hold: an identity has one owner, and a shop each identity and
//! each phone once, whoever claims them at the same time, in whatever order, and whatever is never committed.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;
use shiren_app::port::StoreError;
use shiren_app::record::{Claim, Claimed};
use shiren_core::account::Account;
use shiren_core::verification::program::Mode;
use tokio::task::JoinSet;

use super::given::{at, kept_session, session_id, shop};
use super::{Shared, Tested};

/// How many, unless `SHIREN_HISTORIES` says so. All go through the store beside one another, [`ABREAST`] at once.
const HISTORIES: u64 = 10_000;
const ABREAST: u64 = 8;
/// Accounts and values of a history: few, so that they meet.
const ACCOUNTS: usize = 3;
const VALUES: u8 = 3;

/// What an account does.
#[derive(Clone, Copy, Debug)]
enum Act {
    /// It claims a value, under both key versions while keys rotate.
    Claim { value: u8, rotating: bool },
    /// It claims one, and the process dies before the commit.
    Abandon { value: u8 },
    /// It lets go of a value, if it is its own.
    Release { value: u8 },
}

impl Act {
    fn any(rng: &mut Rng) -> Self {
        let value = rng.u8(..VALUES);
        match rng.u8(..8) {
            0 => Self::Abandon { value },
            1..=3 => Self::Release { value },
            _ => Self::Claim { value, rotating: rng.bool() },
        }
    }
}

/// A value is held by whom the store acknowledged it to, until they let go of it; of several who claim one at once one
/// succeeds, and the others learn who.
pub async fn in_any_history_a_value_has_the_holder_that_was_told(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    let many = std::env::var("SHIREN_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(HISTORIES);
    let of_one = |lane: u64| {
        let store = Arc::clone(&store);
        async move {
            for number in (lane..many).step_by(ABREAST as usize) {
                history(&store, number).await?;
            }
            Ok(())
        }
    };
    let lanes: JoinSet<Tested> = (0..ABREAST).map(of_one).collect();
    lanes.join_all().await.into_iter().collect()
}

async fn history(store: &Shared, number: u64) -> Tested {
    let mut rng = Rng::with_seed(number);
    let kind = format!("history-{number}");
    let mut held = BTreeMap::<u8, Account>::new();
    for _ in 0..rng.usize(1..4) {
        let acts: Vec<(Account, Act)> =
            (0..rng.usize(1..=ACCOUNTS)).map(|i| (shop(&i.to_string()), Act::any(&mut rng))).collect();
        let at_once: JoinSet<_> = acts
            .into_iter()
            .map(|(account, act)| {
                let (store, kind) = (Arc::clone(store), kind.clone());
                let own = held.iter().filter(|(_, by)| **by == account).map(|(value, _)| *value).collect();
                async move { done(&store, &kind, account, act, own).await }
            })
            .collect();
        let told = at_once.join_all().await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        follow(&mut held, &told, number);
        agrees(store, &kind, &held, number).await?;
    }
    Ok(())
}

/// What an account did, and was told: nothing where it let go or was cut off.
type Told = (Account, Act, Option<Claimed>);

async fn done(
    store: &Shared,
    kind: &str,
    account: Account,
    act: Act,
    own: Vec<u8>,
) -> Result<Told, StoreError> {
    let mut tx = store.begin().await?;
    let told = match act {
        Act::Claim { value, rotating } => {
            let told = tx.claim(&claim(kind, &account, value, rotating)).await?;
            tx.commit().await?;
            Some(told)
        }
        Act::Abandon { value } => {
            tx.claim(&claim(kind, &account, value, false)).await?;
            None
        }
        Act::Release { value } => {
            if own.contains(&value) {
                tx.release(kind, Mode::Live, &tags(value, true)).await?;
            }
            tx.commit().await?;
            None
        }
    };
    Ok((account, act, told))
}

/// A value under the key of now, and under the one that comes.
fn tags(value: u8, rotating: bool) -> Vec<(u32, Vec<u8>)> {
    let under = |version: u32| (version, vec![value; 32]);
    if rotating { vec![under(1), under(2)] } else { vec![under(1)] }
}

fn claim(kind: &str, account: &Account, value: u8, rotating: bool) -> Claim {
    let (tags, account) = (tags(value, rotating), account.clone());
    Claim { kind: kind.to_owned(), mode: Mode::Live, tags, account, session: session_id(1), at: at(1) }
}

/// Who holds what after everybody was told: some order of what happened at once must explain it.
fn follow(held: &mut BTreeMap<u8, Account>, told: &[Told], number: u64) {
    for value in 0..VALUES {
        let before = held.get(&value).cloned();
        let let_go = told.iter().any(|(account, act, _)| {
            matches!(act, Act::Release { value: of } if *of == value) && before.as_ref() == Some(account)
        });
        let claims = || {
            told.iter().filter_map(|(account, act, told)| match (act, told) {
                (Act::Claim { value: of, .. }, Some(told)) if *of == value => Some((account, told)),
                _ => None,
            })
        };
        let got: Vec<&Account> =
            claims().filter(|(_, told)| **told == Claimed::Yes).map(|(by, _)| by).collect();
        let new: Vec<&&Account> = got.iter().filter(|by| Some(**by) != before.as_ref()).collect();
        assert!(new.len() <= 1, "history {number}: value {value} was given to {new:?}");
        assert!(new.is_empty() || before.is_none() || let_go, "history {number}: {value} was taken away");
        let after = match new.first() {
            Some(by) => Some((**by).clone()),
            None if let_go => None,
            None => before.clone(),
        };
        for (by, told) in claims() {
            if let Claimed::TakenBy(holder) = told {
                let known = before.as_ref() == Some(holder) || after.as_ref() == Some(holder);
                assert!(known && holder != by, "history {number}: {by:?} was told of {holder:?}");
            }
        }
        match after {
            Some(by) => held.insert(value, by),
            None => held.remove(&value),
        };
    }
}

async fn agrees(store: &Shared, kind: &str, held: &BTreeMap<u8, Account>, number: u64) -> Tested {
    let mut tx = store.snapshot().await?;
    for value in 0..VALUES {
        let holder = tx.holder(kind, Mode::Live, &tags(value, true)).await?;
        assert_eq!(holder.as_ref(), held.get(&value), "history {number}: value {value}");
    }
    Ok(())
}
