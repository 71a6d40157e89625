//! The ban list.

use shiren_app::port::{BanQuery, StoreError};
use shiren_app::record::Stored;
use shiren_core::account::actor::Actor;
use shiren_core::account::ban::{Ban, BanRules, NewBan};
use shiren_core::id::{BanId, ClockId};
use shiren_core::verification::program::Mode;

use super::given::{at, random, session_id};
use super::{Shared, Tested, assert_conflict};

fn ban(n: u64) -> Ban {
    let new = NewBan {
        id: BanId::new(at(n), random(n)),
        mode: Mode::Live,
        clock: Some(ClockId::new(at(1), random(1))),
        shop: "店/42".to_owned(),
        penalty: "p".to_owned(),
        session: session_id(1),
        faces: 2,
    };
    Ban::impose(new, &BanRules { days: Some(30), ..BanRules::default() }, at(n)).0
}

/// Key version and tag.
type Tag = (u32, Vec<u8>);

fn tag(n: u8) -> Tag {
    (1, vec![n; 32])
}

async fn keep(store: &Shared, bans: &[(Ban, &[Tag])]) -> Tested {
    let mut tx = store.begin().await?;
    for (ban, tags) in bans {
        tx.insert_ban(ban, tags).await?;
    }
    tx.commit().await
}

async fn listed(store: &Shared, in_force: Option<bool>, after: Option<&Ban>) -> Result<Vec<Ban>, StoreError> {
    let after = after.map(|ban| ban.id.clone());
    store.snapshot().await?.bans(&BanQuery { mode: Mode::Live, shop: None, in_force, after, limit: 2 }).await
}

/// New and lifted.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut first = ban(1);
    keep(&store, &[(first.clone(), &[tag(1)])]).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.ban(&first.id).await?, Some(Stored { value: first.clone(), version: 1 }));
    first.lift(Actor::Key("运营".to_owned()), "申诉成立", at(9)).expect("it is in force");
    tx.save_ban(&Stored { value: first.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.ban(&first.id).await?, Some(Stored { value: first, version: 2 }));
    assert_eq!(tx.ban(&ban(2).id).await?, None);
    Ok(())
}

/// Nobody is lifted twice.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: ban(1), version: 1 };
    keep(&store, &[(loaded.value.clone(), &[])]).await?;
    let mut tx = store.begin().await?;
    tx.save_ban(&loaded).await?;
    assert_conflict(tx.save_ban(&loaded).await);
    Ok(())
}

/// By any of its tags, in its mode, under its version of the key, until they are forgotten.
pub async fn whom_it_is_of_is_found_by_their_tags(store: Shared) -> Tested {
    let (one, two) = (ban(1), ban(2));
    let test = Ban { mode: Mode::Test, ..ban(3) };
    keep(&store, &[(one.clone(), &[tag(1), tag(2)]), (two.clone(), &[tag(2)]), (test, &[tag(3)])]).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.banned(Mode::Live, &[tag(1)]).await?, std::slice::from_ref(&one));
    assert_eq!(tx.banned(Mode::Live, &[tag(2)]).await?, [one.clone(), two.clone()]);
    assert_eq!(tx.banned(Mode::Live, &[tag(3)]).await?, []);
    assert_eq!(tx.banned(Mode::Live, &[(2, vec![1; 32])]).await?, []);
    tx.forget_ban_tags(&one.id).await?;
    assert_eq!(tx.banned(Mode::Live, &[tag(1), tag(2)]).await?, [two]);
    tx.commit().await
}

/// Those in force and those that ended each for themselves.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let (a, b, mut c) = (ban(1), ban(2), ban(3));
    keep(&store, &[(a.clone(), &[]), (b.clone(), &[]), (c.clone(), &[])]).await?;
    assert_eq!(listed(&store, None, None).await?, [c.clone(), b.clone()]);
    assert_eq!(listed(&store, None, Some(&b)).await?, std::slice::from_ref(&a));
    c.lift(Actor::Owner, "mistake", at(9)).expect("it is in force");
    let mut tx = store.begin().await?;
    tx.save_ban(&Stored { value: c.clone(), version: 1 }).await?;
    tx.commit().await?;
    assert_eq!(listed(&store, Some(true), None).await?, [b, a]);
    assert_eq!(listed(&store, Some(false), None).await?, [c]);
    let elsewhere = Ban { shop: "43".to_owned(), ..ban(4) };
    keep(&store, &[(elsewhere.clone(), &[])]).await?;
    let shop = Some("43".to_owned());
    let of = BanQuery { mode: Mode::Live, shop, in_force: None, after: None, limit: 9 };
    assert_eq!(store.snapshot().await?.bans(&of).await?, [elsewhere]);
    Ok(())
}
