//! What is sent to people.

use shiren_app::port::{NoticeQuery, StoreError};
use shiren_app::record::{
    AccountMessage, Channel, MessageKind, NoticeKind, NoticeRecord, NoticeState, SendFault, Stored,
};
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::verification::program::Mode;

use super::given::{at, kept_session, random, shop};
use super::{Shared, Tested, assert_conflict};

pub(super) fn notice(n: u64, session: &SessionId) -> NoticeRecord {
    NoticeRecord {
        id: NoticeId::new(at(n), random(n)),
        session: session.clone(),
        mode: Mode::Live,
        kind: NoticeKind::Message,
        message: Some(AccountMessage {
            kind: MessageKind::StaffReminded,
            account: shop("42"),
            number: Some(24),
        }),
        shop: (n > 1).then(|| format!("店 {}", n % 2)),
        channel: Channel::Sms,
        language: "zh".to_owned(),
        asked_by: "key:店".to_owned(),
        state: NoticeState::Waiting,
        fault: Some(SendFault::Smtp(451)),
        created_at: at(n),
        instead_of: (n > 1).then(|| NoticeId::new(at(1), random(1))),
        read_at: None,
    }
}

pub(super) async fn keep(store: &Shared, notices: &[NoticeRecord]) -> Tested {
    let mut tx = store.begin().await?;
    for notice in notices {
        tx.insert_notice(notice).await?;
    }
    tx.commit().await
}

async fn listed(store: &Shared, query: NoticeQuery) -> Result<Vec<NoticeRecord>, StoreError> {
    store.snapshot().await?.notices(&query).await
}

/// New and saved.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let first = notice(1, &kept_session(&*store, 1).await?.id);
    keep(&store, std::slice::from_ref(&first)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.notice(&first.id).await?, Some(Stored { value: first.clone(), version: 1 }));
    let sent = NoticeRecord { state: NoticeState::Sent, fault: None, ..first };
    tx.save_notice(&Stored { value: sent.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.notice(&sent.id).await?, Some(Stored { value: sent.clone(), version: 2 }));
    assert_eq!(tx.notice(&notice(2, &sent.session).id).await?, None);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    let first = notice(1, &kept_session(&*store, 1).await?.id);
    keep(&store, std::slice::from_ref(&first)).await?;
    assert_conflict(store.begin().await?.insert_notice(&first).await);
    Ok(())
}

/// Two workers cannot both begin to send.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: notice(1, &kept_session(&*store, 1).await?.id), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_notice(&loaded).await?;
    assert_conflict(tx.save_notice(&loaded).await);
    Ok(())
}

/// And none is left out between two pages.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let three = [1, 2, 3].map(|n| notice(n, &session));
    keep(&store, &three).await?;
    let first = listed(&store, NoticeQuery { limit: 2, ..NoticeQuery::default() }).await?;
    assert_eq!(first, [three[2].clone(), three[1].clone()]);
    let after = Some(three[1].id.clone());
    assert_eq!(
        listed(&store, NoticeQuery { after, limit: 2, ..NoticeQuery::default() }).await?,
        [three[0].clone()]
    );
    Ok(())
}

/// And no other ones.
pub async fn those_of_a_session_are_listed(store: Shared) -> Tested {
    let (one, two) = (kept_session(&*store, 1).await?.id, kept_session(&*store, 2).await?.id);
    keep(&store, &[notice(1, &one), notice(2, &two)]).await?;
    let found =
        listed(&store, NoticeQuery { session: Some(one.clone()), limit: 9, ..NoticeQuery::default() })
            .await?;
    assert_eq!(found, [notice(1, &one)]);
    Ok(())
}

/// Messages alone, and none about another account or of the other mode.
pub async fn those_about_an_account_are_listed(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let link = NoticeRecord { kind: NoticeKind::Link, message: None, ..notice(1, &session) };
    let other = AccountMessage { kind: MessageKind::StaffFrozen, account: shop("43"), number: None };
    let other = NoticeRecord { message: Some(other), ..notice(2, &session) };
    let [third, fourth] = [3, 4].map(|n| notice(n, &session));
    keep(&store, &[link, other.clone(), third.clone(), fourth.clone()]).await?;
    let of = |mode, id: &str, after| NoticeQuery {
        account: Some((mode, shop(id))),
        messages: true,
        after,
        limit: 9,
        ..NoticeQuery::default()
    };
    assert_eq!(listed(&store, of(Mode::Live, "42", None)).await?, [fourth.clone(), third.clone()]);
    assert_eq!(
        listed(&store, of(Mode::Live, "42", Some(fourth.id.clone()))).await?,
        std::slice::from_ref(&third)
    );
    assert_eq!(listed(&store, of(Mode::Live, "43", None)).await?, std::slice::from_ref(&other));
    assert_eq!(listed(&store, of(Mode::Test, "42", None)).await?, []);
    let messages = NoticeQuery { session: Some(session), messages: true, limit: 9, ..NoticeQuery::default() };
    assert_eq!(listed(&store, messages).await?, [fourth, third, other]);
    Ok(())
}

/// On pages, newest first, and none of another shop or of the other mode.
pub async fn those_to_the_people_of_a_shop_are_listed(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let five = [1, 2, 3, 4, 5].map(|n| notice(n, &session));
    keep(&store, &five).await?;
    let of = |mode, after| NoticeQuery {
        shop: Some((mode, "店 1".to_owned())),
        after,
        limit: 9,
        ..NoticeQuery::default()
    };
    assert_eq!(listed(&store, of(Mode::Live, None)).await?, [five[4].clone(), five[2].clone()]);
    assert_eq!(listed(&store, of(Mode::Live, Some(five[4].id.clone()))).await?, [five[2].clone()]);
    assert_eq!(listed(&store, of(Mode::Test, None)).await?, []);
    Ok(())
}
