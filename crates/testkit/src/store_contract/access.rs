//! Who may do what.

use std::collections::BTreeSet;

use shiren_app::record::{
    ApiKey, CaptureOpened, ClientLink, IdempotencyKey, IdempotentAnswer, LinkOpened, Role, Scope, SignIn,
    Stored, User,
};
use shiren_core::id::{ApiKeyId, SignInId};
use shiren_core::verification::program::Mode;
use shiren_vault::Sealed;

use super::given::{at, capture, hash, kept_session, link, random, user, visit};
use super::{Shared, Tested, assert_conflict, at_once};

fn api_key(n: u64) -> ApiKey {
    ApiKey {
        id: ApiKeyId::new(at(0), random(n)),
        name: "商城".to_owned(),
        mode: Mode::Live,
        scopes: BTreeSet::from(Scope::ALL),
        created_at: at(n),
        revoked_at: None,
    }
}

fn sign_in(n: u64, user: &User, expires: u64) -> SignIn {
    let id = SignInId::new(at(n), random(n));
    SignIn { id, user: user.id.clone(), created_at: at(n), expires_at: at(expires) }
}

/// And by no other one.
pub async fn an_api_key_is_found_by_its_hash(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_api_key(&api_key(2), hash(2)).await?;
    tx.insert_api_key(&api_key(1), hash(1)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.api_key(hash(1)).await?, Some(api_key(1)));
    assert_eq!(tx.api_key(hash(3)).await?, None);
    assert_eq!(tx.api_keys().await?, [api_key(1), api_key(2)]);
    drop(tx);
    assert_conflict(store.begin().await?.insert_api_key(&api_key(3), hash(1)).await);
    assert_conflict(store.begin().await?.insert_api_key(&api_key(1), hash(3)).await);
    Ok(())
}

/// It is still found, with the time of it.
pub async fn a_key_is_revoked_once(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_api_key(&api_key(1), hash(1)).await?;
    assert!(tx.revoke_api_key(&api_key(1).id, at(5)).await?);
    assert!(!tx.revoke_api_key(&api_key(1).id, at(6)).await?);
    assert!(!tx.revoke_api_key(&api_key(2).id, at(5)).await?);
    tx.commit().await?;
    let revoked = ApiKey { revoked_at: Some(at(5)), ..api_key(1) };
    assert_eq!(store.snapshot().await?.api_key(hash(1)).await?, Some(revoked));
    Ok(())
}

/// Added and removed, and nothing of one that was revoked or is not there.
pub async fn what_a_key_may_do_is_changed(store: Shared) -> Tested {
    let old = ApiKey { scopes: [Scope::SessionsRead, Scope::PeopleRead].into(), ..api_key(1) };
    let mut tx = store.begin().await?;
    tx.insert_api_key(&old, hash(1)).await?;
    tx.insert_api_key(&api_key(2), hash(2)).await?;
    assert!(tx.revoke_api_key(&api_key(2).id, at(5)).await?);
    tx.commit().await?;
    let (add, remove) = ([Scope::GateRead, Scope::SessionsRead].into(), [Scope::PeopleRead].into());
    let mut tx = store.begin().await?;
    let changed = ApiKey { scopes: [Scope::SessionsRead, Scope::GateRead].into(), ..old.clone() };
    assert_eq!(tx.change_key_scopes(&old.id, &add, &remove).await?, Some(changed.clone()));
    assert_eq!(tx.change_key_scopes(&api_key(2).id, &add, &remove).await?, None);
    assert_eq!(tx.change_key_scopes(&api_key(3).id, &add, &remove).await?, None);
    tx.commit().await?;
    assert_eq!(store.snapshot().await?.api_key(hash(1)).await?, Some(changed));
    Ok(())
}

/// And by no other one.
pub async fn a_user_is_found_by_id_and_login(store: Shared) -> Tested {
    let wang = user(1, "wang");
    let mut tx = store.begin().await?;
    tx.insert_user(&wang).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    let found = Some(Stored { value: wang.clone(), version: 1 });
    assert_eq!(tx.user(&wang.id).await?, found);
    assert_eq!(tx.user_by_login("wang").await?, found);
    assert_eq!(tx.user(&user(2, "li").id).await?, None);
    assert_eq!(tx.user_by_login("Wang").await?, None);
    Ok(())
}

/// Also when somebody takes another one later.
pub async fn a_login_is_unique(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    tx.insert_user(&user(1, "wang")).await?;
    tx.insert_user(&user(2, "li")).await?;
    tx.commit().await?;
    assert_conflict(store.begin().await?.insert_user(&user(3, "wang")).await);
    let renamed = Stored { value: user(2, "wang"), version: 1 };
    assert_conflict(store.begin().await?.save_user(&renamed).await);
    Ok(())
}

/// As everywhere.
pub async fn saving_a_user_that_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let admin = Stored { value: User { role: Role::Admin, ..user(1, "wang") }, version: 1 };
    let mut tx = store.begin().await?;
    tx.insert_user(&user(1, "wang")).await?;
    tx.save_user(&admin).await?;
    assert_eq!(tx.user_by_login("wang").await?, Some(Stored { version: 2, ..admin.clone() }));
    assert_conflict(tx.save_user(&admin).await);
    Ok(())
}

/// As the console shows them.
pub async fn users_are_listed_by_login(store: Shared) -> Tested {
    let (wang, li) = (user(1, "wang"), user(2, "li"));
    let mut tx = store.begin().await?;
    tx.insert_user(&wang).await?;
    tx.insert_user(&li).await?;
    assert_eq!(tx.users().await?, [li, wang]);
    Ok(())
}

/// Also when its time is over: whoever asks decides.
pub async fn a_sign_in_is_found_by_its_hash_until_it_ends(store: Shared) -> Tested {
    let wang = user(1, "wang");
    let (here, there) = (sign_in(1, &wang, 0), sign_in(2, &wang, 9));
    let mut tx = store.begin().await?;
    tx.insert_user(&wang).await?;
    tx.insert_sign_in(&here, hash(1)).await?;
    tx.insert_sign_in(&there, hash(2)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.sign_in(hash(1)).await?, Some(here.clone()));
    tx.delete_sign_in(&here.id).await?;
    tx.delete_sign_in(&here.id).await?;
    assert_eq!(tx.sign_in(hash(1)).await?, None);
    assert_eq!(tx.sign_in(hash(2)).await?, Some(there));
    Ok(())
}

/// Who comes later is told for which session it was.
pub async fn a_link_is_opened_once(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let mut tx = store.begin().await?;
    tx.insert_link(&link(1, &session, 10)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.open_link(hash(1), at(5)).await?, LinkOpened::Session(session.clone()));
    assert_eq!(tx.open_link(hash(1), at(6)).await?, LinkOpened::Used(session.clone()));
    assert_eq!(tx.open_link(hash(1), at(60)).await?, LinkOpened::Used(session));
    assert_eq!(tx.open_link(hash(2), at(5)).await?, LinkOpened::Unknown);
    assert_conflict(tx.insert_link(&link(1, &super::given::session_id(1), 10)).await);
    Ok(())
}

/// With the number beside it, opened or not.
pub async fn a_link_is_found_by_its_hash(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let (plain, numbered) = (link(2, &session, 10), link(1, &session, 10));
    let mut tx = store.begin().await?;
    tx.insert_link(&plain).await?;
    tx.insert_link(&numbered).await?;
    tx.open_link(numbered.hash, at(5)).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.link(plain.hash).await?, Some(plain));
    let opened = ClientLink { opened_at: Some(at(5)), ..numbered };
    assert_eq!(tx.link(opened.hash).await?, Some(opened));
    assert_eq!(tx.link(hash(3)).await?, None);
    Ok(())
}

/// Its last moment is no longer within its time.
pub async fn a_link_is_not_opened_too_late(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let mut tx = store.begin().await?;
    tx.insert_link(&link(1, &session, 10)).await?;
    assert_eq!(tx.open_link(hash(1), at(10)).await?, LinkOpened::Expired(session.clone()));
    assert_eq!(tx.open_link(hash(1), at(9)).await?, LinkOpened::Session(session));
    Ok(())
}

/// The others find it used.
pub async fn of_a_hundred_who_open_a_link_at_once_one_succeeds(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let mut tx = store.begin().await?;
    tx.insert_link(&link(1, &session, 10)).await?;
    tx.commit().await?;
    let all = at_once(100, &store, |store, _| async move {
        let mut tx = store.begin().await?;
        let opened = tx.open_link(hash(1), at(5)).await?;
        tx.commit().await?;
        Ok(opened)
    });
    let all = all.await?;
    assert_eq!(all.iter().filter(|o| **o == LinkOpened::Session(session.clone())).count(), 1);
    assert_eq!(all.iter().filter(|o| **o == LinkOpened::Used(session.clone())).count(), 99);
    Ok(())
}

/// Also when its time is over: whoever asks decides.
pub async fn a_visit_is_found_by_its_hash(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let mut tx = store.begin().await?;
    tx.insert_visit(&visit(1, &session, 0)).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.visit(hash(1)).await?, Some(visit(1, &session, 0)));
    assert_eq!(tx.visit(hash(2)).await?, None);
    assert_conflict(tx.insert_visit(&visit(1, &session, 0)).await);
    Ok(())
}

/// Links, visits, sign-ins and idempotent answers.
pub async fn sweeping_takes_what_is_over_and_nothing_else(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let wang = user(1, "wang");
    let answer =
        |expires| IdempotentAnswer { request: hash(0), sealed: Sealed(Vec::new()), expires_at: at(expires) };
    let once = |n: u64| IdempotencyKey {
        api_key: api_key(1).id,
        route: "POST /v1/things".to_owned(),
        value: n.to_string(),
    };
    let mut tx = store.begin().await?;
    tx.insert_user(&wang).await?;
    for (n, expires) in [(1, 10), (2, 11)] {
        tx.insert_link(&link(n, &session, expires)).await?;
        tx.insert_visit(&visit(n, &session, expires)).await?;
        tx.insert_sign_in(&sign_in(n, &wang, expires), hash(n)).await?;
        tx.insert_idempotent(&once(n), &answer(expires)).await?;
    }
    assert_eq!(tx.sweep(at(10)).await?, 4);
    assert_eq!(tx.sweep(at(10)).await?, 0);
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.open_link(hash(1), at(0)).await?, LinkOpened::Unknown);
    assert_eq!(tx.visit(hash(1)).await?, None);
    assert_eq!(tx.sign_in(hash(1)).await?, None);
    assert_eq!(tx.idempotent(&once(1)).await?, None);
    assert_eq!(tx.open_link(hash(2), at(0)).await?, LinkOpened::Session(session));
    assert!(tx.visit(hash(2)).await?.is_some());
    assert!(tx.sign_in(hash(2)).await?.is_some());
    assert!(tx.idempotent(&once(2)).await?.is_some());
    Ok(())
}

/// Exactly one of a hundred; the others learn why not.
pub async fn a_capture_opens_once_in_time_and_for_one_of_many(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let captures = [capture(1, &session, 10), capture(2, &session, 10)];
    let mut tx = store.begin().await?;
    for capture in &captures {
        tx.insert_capture(capture).await?;
    }
    tx.commit().await?;
    let all = at_once(100, &store, |store, _| async move {
        let mut tx = store.begin().await?;
        let opened = tx.open_capture(hash(1), at(5)).await?;
        tx.commit().await?;
        Ok(opened)
    });
    let all = all.await?;
    let open = CaptureOpened::Capture(Box::new(captures[0].clone()));
    assert_eq!(all.iter().filter(|o| **o == open).count(), 1);
    assert_eq!(all.iter().filter(|o| **o == CaptureOpened::Used).count(), 99);
    let mut tx = store.begin().await?;
    let counts = [tx.captures_since(&session, at(9)).await?, tx.captures_since(&session, at(10)).await?];
    assert_eq!(counts, [2, 0]);
    assert_eq!(tx.captures_since(&super::given::session_id(2), at(9)).await?, 0);
    assert_eq!(tx.open_capture(hash(2), at(10)).await?, CaptureOpened::Expired);
    assert_eq!(tx.open_capture(hash(3), at(5)).await?, CaptureOpened::Unknown);
    Ok(())
}

/// And is remembered until its time is over, also when others were used since.
pub async fn an_assertion_is_used_once(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    assert!(tx.use_assertion(hash(1), at(10)).await?);
    assert!(!tx.use_assertion(hash(1), at(10)).await?);
    assert!(tx.use_assertion(hash(2), at(20)).await?);
    tx.commit().await?;
    // What is dropped never happened.
    assert!(store.begin().await?.use_assertion(hash(3), at(20)).await?);
    let mut tx = store.begin().await?;
    assert!(!tx.use_assertion(hash(1), at(10)).await?);
    assert!(tx.use_assertion(hash(3), at(20)).await?);
    tx.sweep(at(10)).await?;
    assert!(tx.use_assertion(hash(1), at(10)).await?);
    assert!(!tx.use_assertion(hash(2), at(20)).await?);
    Ok(())
}

/// Whoever is not the first sees that another one was.
pub async fn of_a_hundred_who_use_an_assertion_at_once_one_succeeds(store: Shared) -> Tested {
    let used = at_once(100, &store, |store, _| async move {
        let mut tx = store.begin().await?;
        let first = tx.use_assertion(hash(1), at(10)).await?;
        tx.commit().await?;
        Ok(first)
    });
    assert_eq!(used.await?.into_iter().filter(|first| *first).count(), 1);
    Ok(())
}
