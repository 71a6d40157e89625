//! Codes that prove phones.

use jiff::Timestamp;
use shiren_app::port::CodesBy;
use shiren_app::record::{NoticeKind, PhoneCodeRecord, Stored};
use shiren_core::account::claim::Tag;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::code::OneTimeCode;
use shiren_core::verification::program::Mode;

use super::given::{at, kept_session};
use super::notice::{keep, notice};
use super::{Shared, Tested, assert_conflict};

fn code(n: u64, session: &SessionId) -> PhoneCodeRecord {
    PhoneCodeRecord {
        notice: notice(n, session).id,
        session: session.clone(),
        mode: Mode::Live,
        proves: NoticeKind::OldPhoneCode,
        phone: Tag("1:aa".into()),
        device: Tag(format!("device {}", n % 2)),
        address: (n > 1).then(|| Tag("1:bb".into())),
        code: OneTimeCode { tag: Some(Tag("1:cc".into())), sent_at: Some(at(n)), tries: 2, used: false },
        asked_at: at(n),
    }
}

async fn ask(store: &Shared, codes: &[PhoneCodeRecord]) -> Tested {
    let mut tx = store.begin().await?;
    for code in codes {
        tx.insert_phone_code(code).await?;
    }
    tx.commit().await
}

/// Three of one session, with their notices.
async fn three(store: &Shared) -> Result<[PhoneCodeRecord; 3], shiren_app::port::StoreError> {
    let session = kept_session(&**store, 1).await?.id;
    keep(store, &[1, 2, 3].map(|n| notice(n, &session))).await?;
    let codes = [1, 2, 3].map(|n| code(n, &session));
    ask(store, &codes).await?;
    Ok(codes)
}

/// New and saved; the last one is found.
pub async fn the_last_of_a_session_comes_back_as_it_went_in(store: Shared) -> Tested {
    let [_, _, last] = three(&store).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.last_phone_code(&last.session).await?, Some(Stored { value: last.clone(), version: 1 }));
    let used = PhoneCodeRecord { code: OneTimeCode { used: true, ..last.code.clone() }, ..last };
    tx.save_phone_code(&Stored { value: used.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.last_phone_code(&used.session).await?, Some(Stored { value: used, version: 2 }));
    assert_eq!(tx.last_phone_code(&super::given::session_id(2)).await?, None);
    Ok(())
}

/// A code is never replaced by another one.
pub async fn a_notice_has_one(store: Shared) -> Tested {
    let [first, ..] = three(&store).await?;
    assert_conflict(store.begin().await?.insert_phone_code(&first).await);
    Ok(())
}

/// Of two who try a code at once, one tries again on what the other left.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let [_, _, last] = three(&store).await?;
    let loaded = Stored { value: last, version: 1 };
    let mut tx = store.begin().await?;
    tx.save_phone_code(&loaded).await?;
    assert_conflict(tx.save_phone_code(&loaded).await);
    Ok(())
}

/// Each by its own measure, and none of the other mode.
pub async fn they_are_counted_by_phone_browser_and_address(store: Shared) -> Tested {
    let [first, ..] = three(&store).await?;
    let kept = store.snapshot().await?.session(&first.session).await?.expect("it was kept").value;
    let tag = |text: &str| Tag(text.to_owned());
    let mut tx = store.snapshot().await?;
    let mut asked = async |mode, by, since: Timestamp| tx.codes_asked(mode, &by, since).await;
    let live = Mode::Live;
    assert_eq!(asked(live, CodesBy::Phone(tag("1:aa")), at(0)).await?, [at(1), at(2), at(3)]);
    assert_eq!(asked(live, CodesBy::Phone(tag("1:aa")), at(1)).await?, [at(2), at(3)], "after that moment");
    let mine = Account { kind: AccountKind::Shop, id: "nobody".into() };
    assert_eq!(asked(live, CodesBy::PhoneOf(tag("1:aa"), mine.clone()), at(0)).await?, []);
    let account = kept.account.clone();
    assert_eq!(asked(live, CodesBy::PhoneOf(tag("1:aa"), account.clone()), at(1)).await?, [at(2), at(3)]);
    assert_eq!(asked(live, CodesBy::PhoneOf(tag("1:bb"), account), at(0)).await?, []);
    assert_eq!(asked(live, CodesBy::Device(tag("device 1")), at(0)).await?, [at(1), at(3)]);
    assert_eq!(asked(live, CodesBy::Address(tag("1:bb")), at(0)).await?, [at(2), at(3)]);
    assert_eq!(asked(live, CodesBy::Phone(tag("1:bb")), at(0)).await?, []);
    assert_eq!(asked(Mode::Test, CodesBy::Phone(tag("1:aa")), at(0)).await?, []);
    Ok(())
}

/// Two days later nothing of it is left.
pub async fn they_are_forgotten_after_two_days(store: Shared) -> Tested {
    let codes = three(&store).await?;
    let later = |hours: i64| {
        let by = jiff::SignedDuration::from_hours(hours);
        at(3).saturating_add(by).expect("a time that can be")
    };
    for (hours, left) in [(47, true), (48, false)] {
        let mut tx = store.begin().await?;
        tx.sweep(later(hours)).await?;
        tx.commit().await?;
        let found = store.snapshot().await?.last_phone_code(&codes[0].session).await?;
        assert_eq!(found.is_some(), left, "{hours}");
    }
    Ok(())
}
