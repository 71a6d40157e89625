//! Human reviews.

use shiren_app::port::{CaseQuery, StoreError};
use shiren_app::record::Stored;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{CaseId, UserId};
use shiren_core::review::{Case, CaseDecision, Lateness, Reviewer, Verdict};
use shiren_core::verification::program::Mode;

use super::given::{at, case, case_id, kept_session, random, shop};
use super::{Shared, Tested, assert_conflict};

async fn keep(store: &Shared, cases: &[Case]) -> Tested {
    let mut tx = store.begin().await?;
    for case in cases {
        tx.insert_case(case).await?;
    }
    tx.commit().await
}

fn decided(case: Case) -> Case {
    let by = Reviewer::User(UserId::new(at(0), random(0)));
    let decision = CaseDecision { verdict: Verdict::Approve, note: "看过了".to_owned(), by, at: at(5) };
    Case { decided: Some(decision), ..case }
}

/// Open and decided.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let open = case(1, &session, 10);
    keep(&store, std::slice::from_ref(&open)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.case(&open.id).await?, Some(Stored { value: open.clone(), version: 1 }));
    tx.save_case(&Stored { value: decided(open.clone()), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.case(&open.id).await?, Some(Stored { value: decided(open), version: 2 }));
    assert_eq!(tx.case(&case_id(2)).await?, None);
    Ok(())
}

/// Nobody is overwritten.
pub async fn its_id_is_unique(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    keep(&store, &[case(1, &session, 10)]).await?;
    assert_conflict(store.begin().await?.insert_case(&case(1, &session, 10)).await);
    Ok(())
}

/// Two reviewers cannot both decide.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let loaded = Stored { value: case(1, &session, 10), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_case(&loaded).await?;
    assert_conflict(tx.save_case(&loaded).await);
    Ok(())
}

/// Those of one deadline by their ids.
pub async fn they_are_listed_soonest_deadline_first(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    keep(&store, &[(4, 20), (1, 30), (3, 10), (2, 20)].map(|(n, due)| case(n, &session, due))).await?;
    assert_eq!(listed(&store, CaseQuery::default()).await?, [3, 2, 4, 1].map(case_id));
    Ok(())
}

/// Each by itself and together.
pub async fn they_are_listed_by_mode_and_whether_they_are_open(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let in_test = |case| Case { mode: Mode::Test, ..case };
    let open = |n| case(n, &session, n);
    keep(&store, &[open(1), decided(open(2)), in_test(open(3)), in_test(decided(open(4)))]).await?;
    let query = |mode, open| CaseQuery { mode, open, ..Default::default() };
    assert_eq!(listed(&store, query(Some(Mode::Live), None)).await?, [1, 2].map(case_id));
    assert_eq!(listed(&store, query(None, Some(true))).await?, [1, 3].map(case_id));
    assert_eq!(listed(&store, query(None, Some(false))).await?, [2, 4].map(case_id));
    assert_eq!(listed(&store, query(Some(Mode::Test), Some(true))).await?, [3].map(case_id));
    Ok(())
}

/// What is overdue was escalated, too.
pub async fn those_that_are_late_are_found_on_all_pages(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let cases = [(1, 10), (2, 20), (3, 30), (4, 5)].map(|(n, due)| case(n, &session, due));
    keep(&store, &cases).await?;
    let mut tx = store.begin().await?;
    for (mut value, until) in cases.into_iter().zip([10, 19, 30, 5]) {
        value.escalate_at = at(0);
        value.look_at_the_clock(at(until));
        tx.save_case(&Stored { value, version: 1 }).await?;
    }
    tx.commit().await?;
    let late = |late| CaseQuery { late: Some(late), ..Default::default() };
    assert_eq!(listed(&store, late(Lateness::InTime)).await?, [4, 1, 2, 3].map(case_id));
    assert_eq!(listed(&store, late(Lateness::Escalated)).await?, [4, 1, 2, 3].map(case_id));
    let overdue = late(Lateness::Overdue);
    assert_eq!(listed(&store, overdue.clone()).await?, [4, 1, 3].map(case_id));
    assert_eq!(listed(&store, CaseQuery { after: Some(case_id(4)), ..overdue }).await?, [1, 3].map(case_id));
    Ok(())
}

/// However many others stand between them.
pub async fn those_of_an_account_are_found_on_all_pages(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    let of = |n, account| Case { account, ..case(n, &session, n) };
    let buyer = Account { kind: AccountKind::Buyer, ..shop("7") };
    let others = (10..40).map(|n| of(n, shop("42")));
    keep(&store, &others.chain([of(1, shop("7")), of(50, shop("7")), of(60, buyer)]).collect::<Vec<_>>())
        .await?;
    let wanted = CaseQuery { account_id: Some("7".to_owned()), ..Default::default() };
    assert_eq!(listed(&store, wanted.clone()).await?, [1, 50, 60].map(case_id));
    let shops = CaseQuery { account_kind: Some(AccountKind::Shop), ..wanted };
    assert_eq!(listed(&store, shops.clone()).await?, [1, 50].map(case_id));
    let behind = CaseQuery { after: Some(case_id(1)), limit: 1, ..shops };
    assert_eq!(store.snapshot().await?.cases(&behind).await?[0].id, case_id(50));
    Ok(())
}

/// Also those of one deadline.
pub async fn pages_cover_all_of_them_once(store: Shared) -> Tested {
    let session = kept_session(&*store, 1).await?.id;
    keep(&store, &[1, 2, 3, 4, 5].map(|n| case(n, &session, n / 3))).await?;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let wanted = CaseQuery { after: after.clone(), limit: 2, ..Default::default() };
        let found = store.snapshot().await?.cases(&wanted).await?;
        let Some(last) = found.last() else { break };
        after = Some(last.id.clone());
        seen.extend(found.into_iter().map(|c| c.id));
    }
    assert_eq!(seen, [1, 2, 3, 4, 5].map(case_id));
    Ok(())
}

async fn listed(store: &Shared, query: CaseQuery) -> Result<Vec<CaseId>, StoreError> {
    let found = store.snapshot().await?.cases(&CaseQuery { limit: 100, ..query }).await?;
    Ok(found.into_iter().map(|c| c.id).collect())
}
