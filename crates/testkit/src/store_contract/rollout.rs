//! Rollouts, and whom they mean.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use shiren_app::port::{RolloutQuery, StoreError};
use shiren_app::record::{DueMember, MemberCounts, MemberState, Settled, Stored};
use shiren_core::id::{ClockId, RolloutId};
use shiren_core::rollout::{Audience, NewRollout, Plan, Rollout, RolloutStatus, Step};
use shiren_core::verification::program::Mode;

use super::given::{at, random};
use super::{Shared, Tested, assert_conflict};

const DAY: Date = date(2026, 11, 3);

fn rollout(n: u64) -> Rollout {
    let new = NewRollout {
        id: RolloutId::new(at(n), random(n)),
        mode: Mode::Live,
        clock: Some(ClockId::new(at(n), random(n))),
        name: "泄露 \"7\"".to_owned(),
        audience: Audience::Staff,
        when: "leak_severity >= 7 && role == 'manager'".to_owned(),
        plan: Plan {
            steps: vec![Step { from: DAY, percent: 10 }, Step { from: date(2026, 11, 5), percent: 100 }],
            capacity: 1_000_000,
            blackout: vec![(DAY, DAY)],
            days: 14,
        },
    };
    Rollout::draft(new, at(n)).expect("it is sound")
}

async fn keep(store: &Shared, rollouts: &[Rollout]) -> Tested {
    let mut tx = store.begin().await?;
    for rollout in rollouts {
        tx.insert_rollout(rollout).await?;
    }
    tx.commit().await
}

/// New and saved, with every field.
pub async fn it_comes_back_as_it_went_in(store: Shared) -> Tested {
    let mut value = rollout(1);
    keep(&store, std::slice::from_ref(&value)).await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.rollout(&value.id).await?, Some(Stored { value: value.clone(), version: 1 }));
    value.start(at(5)).expect("it is a draft");
    value.enrolled = true;
    tx.save_rollout(&Stored { value: value.clone(), version: 1 }).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.rollout(&value.id).await?, Some(Stored { value, version: 2 }));
    assert_eq!(tx.rollout(&rollout(2).id).await?, None);
    Ok(())
}

/// Nobody's change is lost.
pub async fn saving_what_was_changed_meanwhile_is_a_conflict(store: Shared) -> Tested {
    let loaded = Stored { value: rollout(1), version: 1 };
    keep(&store, std::slice::from_ref(&loaded.value)).await?;
    let mut tx = store.begin().await?;
    tx.save_rollout(&loaded).await?;
    assert_conflict(tx.save_rollout(&loaded).await);
    drop(tx);
    assert_conflict(store.begin().await?.insert_rollout(&loaded.value).await);
    Ok(())
}

/// Of a mode, and of a status as it stands.
pub async fn they_are_listed_newest_first_on_pages(store: Shared) -> Tested {
    let mut started = rollout(2);
    started.start(at(9)).expect("it is a draft");
    let other = Rollout { mode: Mode::Test, ..rollout(4) };
    keep(&store, &[rollout(1), started.clone(), rollout(3), other]).await?;
    let listed = async |status, after: Option<&Rollout>, limit| -> Result<Vec<RolloutId>, StoreError> {
        let query = RolloutQuery { mode: Mode::Live, status, after: after.map(|r| r.id.clone()), limit };
        Ok(store.snapshot().await?.rollouts(&query).await?.into_iter().map(|r| r.id).collect())
    };
    let ids = |of: &[u64]| of.iter().map(|n| rollout(*n).id).collect::<Vec<_>>();
    assert_eq!(listed(None, None, 2).await?, ids(&[3, 2]));
    assert_eq!(listed(None, Some(&started), 9).await?, ids(&[1]));
    assert_eq!(listed(Some(RolloutStatus::Started), None, 9).await?, ids(&[2]));
    Ok(())
}

/// Noted once, however often they are noted; each rollout has its own.
pub async fn whom_it_means_waits_in_the_order_of_places(store: Shared) -> Tested {
    let (one, other) = (rollout(1), rollout(2));
    keep(&store, &[one.clone(), other.clone()]).await?;
    let of = |members: &[(&str, u8)]| {
        members.iter().map(|(id, place)| ((*id).to_owned(), *place)).collect::<Vec<_>>()
    };
    let mut tx = store.begin().await?;
    tx.enrol(&one.id, &of(&[("店/9", 99), ("b", 5), ("a", 5), ("c", 10)])).await?;
    tx.enrol(&one.id, &of(&[("b", 7), ("d", 0)])).await?;
    tx.enrol(&other.id, &of(&[("b", 7)])).await?;
    tx.commit().await?;
    let mut tx = store.snapshot().await?;
    assert_eq!(tx.members_waiting(&one.id, 10, 9).await?, ["d", "a", "b"]);
    assert_eq!(tx.members_waiting(&one.id, 100, 9).await?, ["d", "a", "b", "c", "店/9"]);
    assert_eq!(tx.members_waiting(&one.id, 100, 2).await?, ["d", "a"]);
    assert_eq!(tx.members_waiting(&one.id, 0, 9).await?, Vec::<String>::new());
    let waiting = [(0, 1), (5, 2), (10, 1), (99, 1)].into();
    assert_eq!(tx.member_counts(&one.id).await?, MemberCounts { waiting, ..MemberCounts::default() });
    assert_eq!(tx.members_waiting(&other.id, 100, 9).await?, ["b"]);
    Ok(())
}

/// Who is due waits no longer, takes a place of the day of their turn, and is settled once like whoever waits.
pub async fn who_is_due_comes_up_when_it_is_time(store: Shared) -> Tested {
    let id = rollout(1).id;
    keep(&store, &[rollout(1)]).await?;
    let mut tx = store.begin().await?;
    let members: Vec<(String, u8)> = ["a", "b", "c", "d"].map(|id| (id.to_owned(), 7)).into();
    tx.enrol(&id, &members).await?;
    tx.settle_member(&id, "a", MemberState::Due(at(30)), DAY).await?;
    tx.settle_member(&id, "c", MemberState::Due(at(20)), DAY).await?;
    tx.settle_member(&id, "b", MemberState::Due(at(20)), DAY).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    let due = |account: &str, n| DueMember { account: account.to_owned(), day: DAY, at: at(n) };
    assert_eq!(tx.members_due(&id, at(19), 9).await?, []);
    assert_eq!(tx.members_due(&id, at(20), 9).await?, [due("b", 20), due("c", 20)]);
    assert_eq!(tx.members_due(&id, Timestamp::MAX, 9).await?, [due("b", 20), due("c", 20), due("a", 30)]);
    assert_eq!(tx.members_due(&id, Timestamp::MAX, 1).await?, [due("b", 20)]);
    assert_eq!(tx.members_due(&rollout(2).id, Timestamp::MAX, 9).await?, []);
    assert_eq!(tx.members_waiting(&id, 100, 9).await?, ["d"]);
    let counts = tx.member_counts(&id).await?;
    assert_eq!((&counts.waiting, &counts.due), (&[(7, 1)].into(), &[(7, 3)].into()));
    assert_eq!((counts.unasked(), counts.asked, counts.left_out), (4, 0, 0));
    assert_eq!(tx.members_taken_on(&id, DAY).await?, 3);
    assert_eq!(tx.members_asked_by_day(&id).await?, []);
    tx.settle_member(&id, "b", MemberState::Due(at(40)), DAY).await?;
    tx.settle_member(&id, "c", MemberState::Asked, DAY).await?;
    tx.settle_member(&id, "a", MemberState::LeftOut, DAY).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(tx.members_due(&id, Timestamp::MAX, 9).await?, [due("b", 40)]);
    assert_eq!(tx.members_taken_on(&id, DAY).await?, 2, "who is left out takes nobody's place");
    assert_conflict(tx.settle_member(&id, "c", MemberState::Due(at(50)), DAY).await);
    Ok(())
}

/// And who was settled waits no longer.
pub async fn nobody_is_settled_twice(store: Shared) -> Tested {
    let id = rollout(1).id;
    keep(&store, &[rollout(1)]).await?;
    let mut tx = store.begin().await?;
    let members: Vec<(String, u8)> = ["a", "b", "c", "d"].map(|id| (id.to_owned(), 1)).into();
    tx.enrol(&id, &members).await?;
    tx.enrol(&id, &[("e".to_owned(), 70)]).await?;
    tx.settle_member(&id, "e", MemberState::Asked, date(2026, 11, 4)).await?;
    tx.settle_member(&id, "a", MemberState::Asked, DAY).await?;
    tx.settle_member(&id, "b", MemberState::Asked, date(2026, 11, 4)).await?;
    tx.settle_member(&id, "c", MemberState::LeftOut, DAY).await?;
    tx.commit().await?;
    let mut tx = store.begin().await?;
    assert_eq!(
        (tx.members_taken_on(&id, DAY).await?, tx.members_waiting(&id, 100, 9).await?),
        (1, vec!["d".to_owned()])
    );
    assert_eq!(
        tx.member_counts(&id).await?,
        MemberCounts {
            waiting: [(1, 1)].into(),
            due: [].into(),
            asked: 3,
            left_out: 1,
            settled: [(1, Settled { asked: 2, left_out: 1 }), (70, Settled { asked: 1, left_out: 0 })].into(),
        }
    );
    assert_eq!(tx.members_asked_by_day(&id).await?, [(DAY, 1), (date(2026, 11, 4), 2)]);
    assert_eq!(tx.members_asked_by_day(&rollout(2).id).await?, []);
    // Noted again, they stay settled.
    tx.enrol(&id, &members).await?;
    assert_eq!(tx.members_waiting(&id, 100, 9).await?, ["d"]);
    assert_conflict(tx.settle_member(&id, "a", MemberState::Asked, DAY).await);
    Ok(())
}
