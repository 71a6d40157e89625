use std::collections::BTreeSet;

use proptest::prelude::*;

use super::attachment::{Attachment, AttachmentKind, LARGEST_PIECE, SMALLEST_PIECE};
use super::*;
use crate::account::AccountKind;
use crate::histories::histories;
use crate::id::UserId;

/// Monday, 2026-11-23, noon in Shanghai; and so many hours later.
fn at(hours: i64) -> Timestamp {
    let noon: Timestamp = "2026-11-23T04:00:00Z".parse().unwrap();
    noon + SignedDuration::from_hours(hours)
}

fn new(kind: Kind) -> NewAfterSales {
    NewAfterSales {
        id: AfterSalesId::new(at(0), [1; 10]),
        mode: Mode::Test,
        clock: None,
        buyer: Account { kind: AccountKind::Buyer, id: "buyer-7".into() },
        order: "order-4711".into(),
        kind,
        amount_cents: 25_900,
        currency: "CNY".into(),
    }
}

fn rules() -> AfterSalesRules {
    AfterSalesRules::default()
}

fn draft(kind: Kind) -> AfterSales {
    AfterSales::create(new(kind), &rules(), at(0)).unwrap().0
}

fn session() -> SessionId {
    SessionId::new(at(0), [2; 10])
}

fn reviewer(n: u8) -> Reviewer {
    Reviewer::User(UserId::new(at(0), [n; 10]))
}

fn decided(verdict: Verdict, by: Reviewer, now: Timestamp) -> Decided {
    Decided { verdict, ground: Ground::Other, message: true, by, at: now }
}

fn photo(n: u8) -> Attachment {
    Attachment {
        id: AttachmentId::new(at(0), [n; 10]),
        kind: AttachmentKind::Photo,
        length: 100,
        sha256: "00".repeat(32),
        pieces: vec![],
        counted: None,
        handed_in: false,
        begun_at: at(0),
    }
}

fn with_photo(mut request: AfterSales, n: u8, now: Timestamp) -> AfterSales {
    let photo = photo(n);
    let id = photo.id.clone();
    request.announce(photo, &rules(), now).unwrap();
    assert!(request.piece(&id, 0, 100, now).unwrap());
    request.counted(&id, Counted::Photo { width: 4, height: 3 }, now).unwrap();
    request
}

/// A request that stands so, by the ways there are.
fn standing(state: State) -> AfterSales {
    let mut request = with_photo(draft(Kind::Return), 1, at(0));
    request.wrote(at(0)).unwrap();
    let decide = |request: &mut AfterSales, verdict| {
        request.submit(Some(session()), &rules(), at(1)).unwrap();
        request.take(reviewer(1), &rules(), at(2)).unwrap();
        request.decide(decided(verdict, reviewer(1), at(3)), &rules(), at(3)).unwrap();
    };
    match state {
        State::Draft => {}
        State::VerificationRequired => drop(request.submit(None, &rules(), at(1)).unwrap()),
        State::Submitted => drop(request.submit(Some(session()), &rules(), at(1)).unwrap()),
        State::InReview => {
            request.submit(Some(session()), &rules(), at(1)).unwrap();
            request.take(reviewer(1), &rules(), at(2)).unwrap();
        }
        State::MoreNeeded => decide(&mut request, Verdict::MoreNeeded),
        State::Accepted => decide(&mut request, Verdict::Accept),
        State::Rejected => decide(&mut request, Verdict::Reject),
        State::Completed => {
            decide(&mut request, Verdict::Accept);
            request.complete(at(4)).unwrap();
        }
        State::Withdrawn => drop(request.withdraw(at(4)).unwrap()),
        State::Closed => assert!(!request.tick(&rules(), at(24 * 30)).is_empty()),
    }
    assert_eq!(request.state, state);
    request
}

/// The whole table, written out: everything else is refused.
const STEPS: [(State, State); 16] = [
    (State::Draft, State::VerificationRequired),
    (State::Draft, State::Submitted),
    (State::Draft, State::Withdrawn),
    (State::Draft, State::Closed),
    (State::VerificationRequired, State::Submitted),
    (State::VerificationRequired, State::Withdrawn),
    (State::VerificationRequired, State::Closed),
    (State::Submitted, State::InReview),
    (State::Submitted, State::Withdrawn),
    (State::InReview, State::Accepted),
    (State::InReview, State::Rejected),
    (State::InReview, State::MoreNeeded),
    (State::InReview, State::Withdrawn),
    (State::MoreNeeded, State::VerificationRequired),
    (State::MoreNeeded, State::Submitted),
    (State::MoreNeeded, State::Withdrawn),
];

#[test]
fn every_pair_of_states_is_a_step_or_refused() {
    for from in State::ALL {
        for to in State::ALL {
            let allowed = STEPS.contains(&(from, to))
                || [
                    (State::MoreNeeded, State::Closed),
                    (State::Accepted, State::Completed),
                    (State::Accepted, State::Closed),
                ]
                .contains(&(from, to));
            assert_eq!(from.leads_to(to), allowed, "{from:?} → {to:?}");
            // And by doing what leads there.
            let mut request = standing(from);
            let before = request.clone();
            let now = at(48);
            if request.state == State::MoreNeeded {
                request.wrote(now).unwrap();
            }
            let done = match to {
                State::Draft => continue,
                State::VerificationRequired => request.submit(None, &rules(), now).map(drop),
                State::Submitted => request.submit(Some(session()), &rules(), now).map(drop),
                State::InReview if from == State::InReview => continue,
                State::InReview => request.take(reviewer(1), &rules(), now).map(drop),
                State::Accepted | State::Rejected | State::MoreNeeded => {
                    let verdict = Verdict::ALL.into_iter().find(|v| v.state() == to).unwrap();
                    request.decide(decided(verdict, reviewer(1), now), &rules(), now).map(drop)
                }
                State::Completed => request.complete(now).map(drop),
                State::Withdrawn => request.withdraw(now).map(drop),
                State::Closed => {
                    request.tick(&rules(), at(24 * 31));
                    assert_eq!(request.state == State::Closed, allowed || from == State::Closed, "{from:?}");
                    continue;
                }
            };
            assert_eq!(done.is_ok(), allowed, "{from:?} → {to:?}: {done:?}");
            if let Err(refusal) = done {
                assert_eq!(refusal, AfterSalesRefusal::Transition(from, to));
                request.has_draft = before.has_draft;
                assert_eq!(request, before, "what was refused changed nothing");
            }
        }
    }
}

#[test]
fn what_cannot_be_is_refused_by_its_field() {
    let with = |change: fn(&mut NewAfterSales)| {
        let mut new = new(Kind::Refund);
        change(&mut new);
        AfterSales::create(new, &rules(), at(0)).err().and_then(|r| r.field())
    };
    assert_eq!(with(|_| {}), None);
    assert_eq!(with(|n| n.buyer.kind = AccountKind::Shop), Some("buyer"));
    assert_eq!(with(|n| n.buyer.id = String::new()), Some("buyer"));
    assert_eq!(with(|n| n.order = "a\nb".into()), Some("order"));
    assert_eq!(with(|n| n.order = "单".repeat(129)), Some("order"));
    assert_eq!(with(|n| n.amount_cents = -1), Some("amount_cents"));
    assert_eq!(with(|n| n.amount_cents = MOST_CENTS + 1), Some("amount_cents"));
    assert_eq!(with(|n| n.currency = "cny".into()), Some("currency"));
}

#[test]
fn what_is_missing_is_named() {
    let mut goods = draft(Kind::Return);
    let missing = |r: Result<Event, AfterSalesRefusal>| match r {
        Err(AfterSalesRefusal::Missing(what)) => what,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(goods.submit(None, &rules(), at(1))), ["text", "photo"]);
    goods.wrote(at(1)).unwrap();
    // One on its way does not count.
    goods.announce(photo(1), &rules(), at(1)).unwrap();
    assert_eq!(missing(goods.submit(None, &rules(), at(1))), ["photo"]);
    let mut complaint = draft(Kind::Complaint);
    complaint.wrote(at(1)).unwrap();
    complaint.submit(None, &rules(), at(1)).unwrap();
    let mut asked = standing(State::MoreNeeded);
    assert_eq!(missing(asked.submit(Some(session()), &rules(), at(5))), ["answer"]);
    let mut shown = with_photo(asked.clone(), 2, at(5));
    shown.submit(Some(session()), &rules(), at(5)).unwrap();
    asked.wrote(at(5)).unwrap();
    asked.submit(Some(session()), &rules(), at(5)).unwrap();
    assert_eq!((asked.texts, asked.has_draft), (2, false));
}

#[test]
fn what_was_handed_in_stays_and_what_did_not_come_whole_is_left_out() {
    let mut request = with_photo(draft(Kind::Return), 1, at(0));
    request.announce(photo(2), &rules(), at(0)).unwrap();
    request.wrote(at(0)).unwrap();
    request.submit(Some(session()), &rules(), at(0)).unwrap();
    let handed_in: Vec<bool> = request.attachments.iter().map(|a| a.handed_in).collect();
    assert_eq!(handed_in, [true, false]);
    let kept = request.attachments[0].id.clone();
    assert_eq!(request.wrote(at(1)), Err(AfterSalesRefusal::Firm(State::Submitted)));
    request.take(reviewer(1), &rules(), at(1)).unwrap();
    request.decide(decided(Verdict::MoreNeeded, reviewer(1), at(2)), &rules(), at(2)).unwrap();
    assert_eq!(request.remove(&kept, at(3)), Err(AfterSalesRefusal::Attachment(AttachmentRefusal::HandedIn)));
}

#[test]
fn there_are_so_many_of_a_kind_and_no_larger_ones() {
    let mut request = draft(Kind::Return);
    for n in 0..9 {
        request.announce(photo(n), &rules(), at(0)).unwrap();
    }
    let refused = |r: Result<(), AfterSalesRefusal>| r.unwrap_err().code();
    assert_eq!(refused(request.announce(photo(9), &rules(), at(0))), "aftersales_too_many_files");
    let video = |length| Attachment { kind: AttachmentKind::Video, length, ..photo(20) };
    assert_eq!(refused(request.announce(video(100_000_001), &rules(), at(0))), "upload_too_large");
    assert_eq!(refused(request.announce(video(0), &rules(), at(0))), "upload_too_large");
    request.announce(video(100_000_000), &rules(), at(0)).unwrap();
    assert_eq!(refused(request.announce(video(1), &rules(), at(0))), "aftersales_too_many_files");
}

#[test]
fn a_review_is_its_reviewers_alone_until_they_leave_it() {
    let mut request = standing(State::InReview);
    let (one, two) = (reviewer(1), reviewer(2));
    let now = at(2) + SignedDuration::from_mins(29);
    assert_eq!(request.take(two.clone(), &rules(), now), Err(AfterSalesRefusal::Taken));
    let theirs = decided(Verdict::Accept, two.clone(), now);
    assert_eq!(request.decide(theirs, &rules(), now), Err(AfterSalesRefusal::Taken));
    assert_eq!(request.take(one.clone(), &rules(), now), Ok(None), "it is theirs for another while");
    let later = now + SignedDuration::from_mins(30);
    assert_eq!(request.take(two.clone(), &rules(), later), Ok(None));
    let late = decided(Verdict::Accept, one, later);
    assert_eq!(request.decide(late, &rules(), later), Err(AfterSalesRefusal::Taken));
    request.decide(decided(Verdict::Accept, two, later), &rules(), later).unwrap();
}

#[test]
fn who_does_not_get_it_is_told_why() {
    for verdict in Verdict::ALL {
        let mut request = standing(State::InReview);
        let silent = Decided { message: false, ..decided(verdict, reviewer(1), at(3)) };
        let done = request.decide(silent, &rules(), at(3));
        assert_eq!(done == Err(AfterSalesRefusal::NoMessage), verdict != Verdict::Accept, "{verdict:?}");
    }
}

#[test]
fn deadlines_are_of_working_days_and_each_fires_once_at_its_own_moment() {
    // Monday 13:00: two working days are Wednesday 13:00; three quarters of them Wednesday 01:00.
    let mut request = standing(State::Submitted);
    let (escalate, due) = ("2026-11-24T17:00:00Z".parse().unwrap(), "2026-11-25T05:00:00Z".parse().unwrap());
    assert_eq!(request.next_deadline(&rules()), Some(escalate));
    let events = request.tick(&rules(), at(1000));
    assert_eq!(events, [(Happened::Escalated, escalate), (Happened::Overdue, due)]);
    assert_eq!(request.state, State::Submitted, "nothing is decided by time");
    assert_eq!(request.tick(&rules(), at(2000)), []);
    assert_eq!(request.next_deadline(&rules()), None);
    // Not answered for seven days.
    let mut asked = standing(State::MoreNeeded);
    assert_eq!(asked.tick(&rules(), at(3 + 167)), []);
    assert!(asked.may_change(at(3 + 168)).is_err(), "too late, noticed or not");
    assert_eq!(asked.tick(&rules(), at(3 + 168)), [(Happened::Closed, at(171))]);
    assert_eq!(asked.ended_at, Some(at(171)));
    // Accepted and never carried out: reminded a week before the thirty days are over, and closed then.
    let mut accepted = standing(State::Accepted);
    let (remind, close) = (at(3 + 23 * 24), at(3 + 30 * 24));
    assert_eq!(accepted.next_deadline(&rules()), Some(remind));
    assert_eq!(accepted.tick(&rules(), remind), [(Happened::Reminded, remind)]);
    assert_eq!((accepted.state, accepted.next_deadline(&rules())), (State::Accepted, Some(close)));
    assert!(accepted.clone().complete(close - SignedDuration::from_secs(1)).is_ok());
    assert_eq!(accepted.tick(&rules(), close), [(Happened::Closed, close)]);
    assert!(accepted.closed_uncompleted() && !asked.closed_uncompleted());
    assert_eq!(accepted.complete(at(9999)).unwrap_err().code(), "aftersales_state");
    let silent = AfterSalesRules { complete_remind_days: 0, ..rules() };
    assert_eq!(standing(State::Accepted).next_deadline(&silent), Some(close));
    let late = AfterSalesRules { complete_days: 60, complete_remind_days: 59, ..rules() };
    assert_eq!(standing(State::Accepted).next_deadline(&late), Some(at(3)), "never before it was accepted");
    // And forgotten half a year later.
    assert_eq!(asked.next_deadline(&rules()), Some(at(171 + 180 * 24)));
    assert_eq!(asked.tick(&rules(), at(9999)), [(Happened::Forgotten, at(171 + 180 * 24))]);
    assert!(asked.attachments.is_empty());
    assert_eq!((asked.tick(&rules(), at(99_999)), asked.next_deadline(&rules())), (vec![], None));
}

#[test]
fn rules_that_cannot_be_kept_are_refused() {
    let range = |text: &str| AfterSalesRules::from_toml(text).unwrap_err();
    assert_eq!(AfterSalesRules::from_toml(""), Ok(rules()));
    let short = AfterSalesRules::from_toml("review = { hours = 24 }\nshown = []").unwrap();
    assert_eq!(short.review, crate::verification::program::ReviewDeadline::Hours(24));
    for (text, name) in [
        ("review = { hours = 0 }", "review"),
        ("review = { working_days = 91 }", "review"),
        ("escalate_at = 1.1", "escalate_at"),
        ("answer_days = 0", "answer_days"),
        ("complete_days = 366", "complete_days"),
        ("complete_days = 5\ncomplete_remind_days = 5", "complete_remind_days"),
        ("photos = 21", "photos"),
        ("photo_bytes = 20000001", "photo_bytes"),
        ("photos = 0\nvideos = 0", "shown"),
        ("retention_days = 3651", "retention_days"),
    ] {
        assert_eq!(range(text), rules::AfterSalesRulesError::Range(name), "{text}");
    }
    assert!(matches!(range("surprise = 1"), rules::AfterSalesRulesError::Text(_)));
}

#[derive(Clone, Debug)]
enum Act {
    Write,
    Photo(u8),
    Submit(bool),
    Take(u8),
    Decide(u8, Verdict),
    Complete,
    Withdraw,
    Tick,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => Just(Act::Write),
        2 => any::<u8>().prop_map(Act::Photo),
        4 => any::<bool>().prop_map(Act::Submit),
        3 => (0u8..3).prop_map(Act::Take),
        4 => (0u8..3, prop::sample::select(&Verdict::ALL[..])).prop_map(|(n, v)| Act::Decide(n, v)),
        1 => Just(Act::Complete),
        1 => Just(Act::Withdraw),
        2 => Just(Act::Tick),
    ]
}

proptest! {
    #![proptest_config(histories(10_000))]

    /// Whatever people do and however late time is noticed: every step is one of the table's, what is refused changes
    /// nothing, nothing is submitted without a verification, decisions are those of who took it, deadlines fire once
    /// and in time, and what has ended stays so.
    #[test]
    fn histories_keep_the_rules(acts in prop::collection::vec((act(), 0i64..60), 1..60)) {
        let rules = rules();
        let mut request = draft(Kind::Refund);
        let (mut now, mut seen) = (at(0), BTreeSet::new());
        for (act, hours) in acts {
            now += SignedDuration::from_hours(hours);
            let before = request.clone();
            let done: Result<Vec<Event>, AfterSalesRefusal> = match act {
                Act::Write => request.wrote(now).map(|()| vec![]),
                Act::Photo(n) => request.announce(photo(n), &rules, now).map(|()| vec![]),
                Act::Submit(verified) => request.submit(verified.then(session), &rules, now).map(|e| vec![e]),
                Act::Take(n) => request.take(reviewer(n), &rules, now).map(|e| e.into_iter().collect()),
                Act::Decide(n, verdict) => {
                    let taken = request.review.as_ref().and_then(|r| r.taken.clone()).map(|(who, _)| who);
                    let done = request.decide(decided(verdict, reviewer(n), now), &rules, now);
                    prop_assert!(done.is_err() || taken == Some(reviewer(n)));
                    done.map(|e| vec![e])
                }
                Act::Complete => request.complete(now).map(|e| vec![e]),
                Act::Withdraw => request.withdraw(now).map(|e| vec![e]),
                Act::Tick => Ok(request.tick(&rules, now)),
            };
            match done {
                Err(_) => prop_assert_eq!(&request, &before),
                Ok(events) => for (happened, when) in events {
                    prop_assert!(when <= now);
                    if matches!(happened, Happened::Escalated | Happened::Overdue | Happened::Reminded | Happened::Forgotten) {
                        let review = before.review.as_ref().map(|r| r.due_at);
                        prop_assert!(seen.insert((happened, review)), "{:?} twice", happened);
                    }
                },
            }
            let steps: Vec<State> = request.history.iter().map(|s| s.state).collect();
            prop_assert!(steps.windows(2).all(|w| w[0].leads_to(w[1])), "{:?}", steps);
            prop_assert!(request.history.windows(2).all(|w| w[0].at <= w[1].at));
            prop_assert_eq!(request.state, *steps.last().unwrap());
            prop_assert_eq!(request.review.is_some(), request.state.is_reviewed());
            let closes = request.state.is_the_buyers_turn() || request.state == State::Accepted;
            prop_assert_eq!(request.close_at.is_some(), closes);
            prop_assert_eq!(request.ended_at.is_some(), request.state.is_final());
            prop_assert!(request.verification.is_some() || !steps.contains(&State::Submitted));
            if before.state.is_final() {
                prop_assert_eq!(request.state, before.state);
            }
        }
    }

    /// Pieces of any size: those that fit are kept in their order, and never more bytes than were announced.
    #[test]
    fn a_file_stands_where_its_pieces_end(
        length in 1u64..4_000_000,
        pieces in prop::collection::vec((0u64..4_000_000, 0u64..2_000_000), 0..40),
    ) {
        let mut file = Attachment { length, ..photo(1) };
        for (elsewhere, bytes) in pieces {
            let here = file.here();
            for offset in [elsewhere, here] {
                let before = file.clone();
                let left = length - file.here();
                match file.piece(offset, bytes) {
                    Ok(last) => {
                        prop_assert_eq!(offset, before.here());
                        prop_assert!(bytes <= LARGEST_PIECE && (bytes >= SMALLEST_PIECE || bytes == left));
                        prop_assert_eq!((file.here(), last), (offset + bytes, offset + bytes == length));
                        prop_assert_eq!(last, file.is_whole());
                    }
                    Err(_) => prop_assert_eq!(&file, &before),
                }
            }
        }
    }
}
