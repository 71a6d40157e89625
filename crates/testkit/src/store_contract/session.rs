//! Verification sessions.

use shiren_app::port::{SessionQuery, StoreError};
use shiren_app::record::Stored;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};

use super::given::{self, kept_session, session, session_id, shop};
use super::{Shared, Tested, assert_conflict, at_once};

/// Every field of it.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?;
    let found = store.snapshot().await?.session(&session.id).await?;
    assert_eq!(found, Some(Stored { value: session, version: 1 }));
    Ok(())
}

/// And it is no error.
pub async fn what_is_not_there_is_not_found(store: Shared) -> Tested {
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.session(&session_id(1)).await?, None);
    assert_eq!(tx.sessions(&SessionQuery { limit: 10, ..Default::default() }).await?, []);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    kept_session(&*store, 1).await?;
    assert_conflict(store.begin().await?.insert_session(&session(1)).await);
    Ok(())
}

/// From 1.
pub async fn saving_counts_the_version_up(store: Shared) -> Tested {
    let mut value = kept_session(&*store, 1).await?;
    for version in 1..4 {
        value.submissions.push(given::at(100));
        let mut tx = store.begin().await?;
        tx.save_session(&Stored { value: value.clone(), version }).await?;
        let saved = Some(Stored { value: value.clone(), version: version + 1 });
        assert_eq!(tx.session(&value.id).await?, saved);
        tx.commit().await?;
    }
    Ok(())
}

/// Also what is not there at all.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let value = kept_session(&*store, 1).await?;
    let loaded = Stored { value, version: 1 };
    let mut tx = store.begin().await?;
    tx.save_session(&loaded).await?;
    tx.commit().await?;
    assert_conflict(store.begin().await?.save_session(&loaded).await);
    let absent = Stored { value: session(2), version: 1 };
    assert_conflict(store.begin().await?.save_session(&absent).await);
    Ok(())
}

/// The others are told.
pub async fn of_many_who_save_at_once_one_succeeds(store: Shared) -> Tested {
    let value = kept_session(&*store, 1).await?;
    let saved = at_once(20, &store, |store, _| {
        let loaded = Stored { value: value.clone(), version: 1 };
        async move {
            let mut tx = store.begin().await?;
            match tx.save_session(&loaded).await {
                Ok(()) => tx.commit().await.map(|()| 1),
                Err(StoreError::Conflict | StoreError::Busy) => Ok(0),
                Err(other) => Err(other),
            }
        }
    });
    assert_eq!(saved.await?.into_iter().sum::<u32>(), 1);
    Ok(())
}

/// As lists show them.
pub async fn they_are_listed_newest_first(store: Shared) -> Tested {
    for n in [2, 1, 3] {
        kept_session(&*store, n).await?;
    }
    assert_eq!(listed(&store, SessionQuery::default()).await?, [3, 2, 1].map(session_id));
    Ok(())
}

/// Each by itself and together.
pub async fn they_are_listed_by_mode_status_and_account(store: Shared) -> Tested {
    let buyer = Account { kind: AccountKind::Buyer, id: "42".to_owned() };
    let mut tx = store.begin().await?;
    tx.insert_session(&session(1)).await?;
    tx.insert_session(&Session { mode: Mode::Test, ..session(2) }).await?;
    tx.insert_session(&Session { status: Status::Verified, ..session(3) }).await?;
    tx.insert_session(&Session { account: shop("43"), ..session(4) }).await?;
    tx.insert_session(&Session { account: buyer.clone(), ..session(5) }).await?;
    tx.commit().await?;

    let all = SessionQuery::default();
    let test = SessionQuery { mode: Some(Mode::Test), ..all.clone() };
    assert_eq!(listed(&store, test).await?, [2].map(session_id));
    let verified = SessionQuery { status: Some(Status::Verified), ..all.clone() };
    assert_eq!(listed(&store, verified).await?, [3].map(session_id));
    let of_shop = SessionQuery {
        account_kind: Some(AccountKind::Shop),
        account_id: Some("42".to_owned()),
        ..all.clone()
    };
    assert_eq!(listed(&store, of_shop.clone()).await?, [3, 2, 1].map(session_id));
    let of_buyer = SessionQuery { account_kind: Some(AccountKind::Buyer), ..all };
    assert_eq!(listed(&store, of_buyer).await?, [5].map(session_id));
    let together = SessionQuery { mode: Some(Mode::Live), status: Some(Status::RequiresInput), ..of_shop };
    assert_eq!(listed(&store, together).await?, [1].map(session_id));
    Ok(())
}

/// Under the new one, and no longer under the old one.
pub async fn a_saved_status_is_found(store: Shared) -> Tested {
    let value = Session { status: Status::Canceled, ..kept_session(&*store, 1).await? };
    let mut tx = store.begin().await?;
    tx.save_session(&Stored { value, version: 1 }).await?;
    tx.commit().await?;
    let of = |status| SessionQuery { status: Some(status), ..Default::default() };
    assert_eq!(listed(&store, of(Status::Canceled)).await?, [session_id(1)]);
    assert_eq!(listed(&store, of(Status::RequiresInput)).await?, []);
    Ok(())
}

/// Also when a new one is added between two pages.
pub async fn pages_cover_all_of_them_once(store: Shared) -> Tested {
    for n in 0..7 {
        kept_session(&*store, n).await?;
    }
    let (mut seen, mut after) = (Vec::new(), None);
    for page in 0.. {
        let wanted = SessionQuery { after: after.clone(), limit: 3, ..Default::default() };
        let found = store.snapshot().await?.sessions(&wanted).await?;
        let Some(last) = found.last() else { break };
        after = Some(last.id.clone());
        seen.extend(found.into_iter().map(|s| s.id));
        kept_session(&*store, 100 + page).await?;
    }
    assert_eq!(seen, [6, 5, 4, 3, 2, 1, 0].map(session_id));
    Ok(())
}

async fn listed(store: &Shared, query: SessionQuery) -> Result<Vec<SessionId>, StoreError> {
    let found = store.snapshot().await?.sessions(&SessionQuery { limit: 100, ..query }).await?;
    Ok(found.into_iter().map(|s| s.id).collect())
}
