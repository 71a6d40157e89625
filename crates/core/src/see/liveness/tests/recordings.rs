//! What is done unasked, before it is asked for, again and again, or by somebody else: recordings and swaps.

use super::*;

#[test]
fn an_action_that_began_before_it_was_asked_for_does_not_count() {
    for challenge in Challenge::ALL {
        let order = [challenge, if challenge == Challenge::Nod { Challenge::Blink } else { Challenge::Nod }];
        let mut take = Take::settled(plan(&order));
        // Already on the way when the words appear, and held for the whole window.
        take.show(pose(challenge), 30);
        take.show(NEUTRAL, 2);
        assert_eq!(take.progress.done(&take.plan), 0, "{challenge}: {:?}", take.hints);
        // From neutral it does.
        assert_eq!(take.act(challenge), Hint::WellDone { challenge });
    }
}

#[test]
fn a_wrong_action_is_told_asked_again_and_in_the_end_not_forgiven() {
    let mut take = Take::settled(plan(&[Challenge::TurnLeft, Challenge::OpenMouth]));
    for tried in 0..3 {
        assert_eq!(take.progress.retries_used(), tried);
        take.show(NEUTRAL, 5);
        take.show(Pose { yaw: -24.0, ..NEUTRAL }, 6);
        let told = Hint::WrongAction { asked: Challenge::TurnLeft, seen: Challenge::TurnRight };
        assert!(take.hints.contains(&told) || tried > 0, "{:?}", take.hints);
    }
    assert_eq!(take.failed(), Some(ReasonCode::LivenessWrongAction));
    assert_eq!(take.act(Challenge::TurnLeft), Hint::Failed { reason: ReasonCode::LivenessWrongAction });
}

#[test]
fn a_wrong_action_may_be_made_good() {
    let mut take = Take::settled(plan(&[Challenge::TurnLeft, Challenge::OpenMouth]));
    take.act(Challenge::OpenMouth);
    assert_eq!(take.progress.retries_used(), 1);
    assert_eq!(take.act(Challenge::TurnLeft), Hint::WellDone { challenge: Challenge::TurnLeft });
    assert_eq!(take.act(Challenge::OpenMouth), Hint::Finished);
}

/// A recording of all actions has one of shut eyes in it, and nobody keeps them shut for half a second by themselves.
#[test]
fn eyes_that_stay_shut_unasked_are_a_wrong_answer() {
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::OpenMouth]));
    take.show(NEUTRAL, 3);
    take.show(pose(Challenge::Blink), 7);
    let told = Hint::WrongAction { asked: Challenge::Nod, seen: Challenge::Blink };
    assert!(take.hints.contains(&told), "{:?}", take.hints);
}

/// A recording does not wait for the question, and goes on when it comes.
#[test]
fn the_right_action_is_a_wrong_answer_where_it_began_before_it_was_asked_for() {
    for challenge in Challenge::OF_FACES {
        let rules = PlanRules::default();
        let long = (0..u64::MAX).map(|n| Plan::draw(&rules, &entropy(n)).unwrap());
        let mut long = long.filter(|p| p.challenges()[0] == challenge && p.pause_ms(0) > 600);
        let mut take = Take::new(long.next().unwrap());
        while take.progress.baseline().is_none() {
            take.show(NEUTRAL, 1);
        }
        let asked_ms = take.at_ms - FRAME_MS + take.plan.pause_ms(0);
        while take.at_ms + 200 < asked_ms {
            take.show(NEUTRAL, 1);
        }
        take.show(pose(challenge), 9);
        let wrong = Hint::WrongAction { asked: challenge, seen: challenge };
        assert!(take.hints.contains(&wrong), "{challenge}: {:?}", take.hints);
    }
}

#[test]
fn who_did_something_else_is_asked_for_one_action_more() {
    let rules = PlanRules { retries: 3, ..PlanRules::default() };
    let plan = Plan::draw(&rules, &entropy(5)).unwrap();
    let others: Vec<Challenge> =
        Challenge::OF_FACES.into_iter().filter(|c| !plan.challenges().contains(c)).collect();
    let mut take = Take::settled(plan);
    let first = take.plan.challenges()[0];
    let wrong = if first == Challenge::TurnLeft { Challenge::TurnRight } else { Challenge::TurnLeft };
    for times in 1..=3 {
        take.act(wrong);
        // There are only two others.
        let (asked, of) = (take.progress.asked(&take.plan).collect::<Vec<_>>(), 3 + times.min(2));
        assert_eq!((take.progress.retries_used(), asked.len()), (times, usize::from(of)));
        assert!(asked.starts_with(take.plan.challenges()));
        assert!(asked[3..].iter().all(|c| others.contains(c)), "{asked:?}");
    }
    let asked: Vec<Challenge> = take.progress.asked(&take.plan).collect();
    for challenge in &asked[..4] {
        assert_eq!(take.act(*challenge), Hint::WellDone { challenge: *challenge });
    }
    assert_eq!(take.act(asked[4]), Hint::Finished);
    assert_eq!(take.progress.done(&take.plan), 5);
}

#[test]
fn who_was_too_slow_is_asked_for_nothing_more() {
    let mut take = Take::settled(Plan::draw(&PlanRules::default(), &entropy(5)).unwrap());
    take.show(NEUTRAL, 70);
    assert_eq!(take.progress.retries_used(), 1);
    assert_eq!(take.progress.asked(&take.plan).count(), 3);
}

#[test]
fn another_face_on_the_way_ends_it() {
    for swapped_before in [0, 1] {
        let order = [Challenge::Nod, Challenge::TurnRight];
        let mut take = Take::settled(plan(&order));
        for challenge in &order[..swapped_before] {
            take.act(*challenge);
        }
        take.band = Band::Different;
        for challenge in &order[swapped_before..] {
            take.act(*challenge);
        }
        assert_eq!(take.failed(), Some(ReasonCode::LivenessOtherFace), "{:?}", take.hints);
    }
}

#[test]
fn another_face_for_the_action_alone_is_not_accepted() {
    let mut take = Take::settled(plan(&[Challenge::OpenMouth, Challenge::TurnRight]));
    take.show(NEUTRAL, 5);
    take.band = Band::Different;
    take.show(pose(Challenge::OpenMouth), 6);
    take.band = Band::Same;
    take.show(NEUTRAL, 10);
    assert_eq!(take.progress.done(&take.plan), 0);
}

/// A recording goes on while nothing is asked for; a person waits.
#[test]
fn what_is_done_before_it_is_asked_for_is_a_wrong_answer_even_if_it_is_what_would_have_been_asked() {
    let asked = plan(&[Challenge::OpenMouth, Challenge::TurnRight]);
    for done in [Challenge::OpenMouth, Challenge::TurnRight] {
        let long = (0..u64::MAX).map(|n| Plan::draw(&PlanRules::default(), &entropy(n)).unwrap());
        let mut long = long.filter(|p| p.challenges()[0] == Challenge::OpenMouth && p.pause_ms(0) > 1_200);
        let mut take = Take::new(long.next().unwrap());
        while take.progress.baseline().is_none() {
            take.show(NEUTRAL, 1);
        }
        assert_eq!(take.show(NEUTRAL, 2), Hint::HoldStill);
        take.show(pose(done), 6);
        let wrong = Hint::WrongAction { asked: Challenge::OpenMouth, seen: done };
        assert!(take.hints.contains(&wrong), "{:?}", take.hints);
    }
    let pauses: std::collections::BTreeSet<u64> = (0..8).map(|n| asked.pause_ms(n)).collect();
    assert!(pauses.iter().all(|p| (300..=1_800).contains(p)), "{pauses:?}");
}

#[test]
fn a_frozen_picture_is_refused() {
    let mut take = Take::new(plan(&[Challenge::Nod, Challenge::Blink]));
    let still = reading(NEUTRAL, 7);
    for _ in 0..30 {
        take.see(&still);
    }
    assert_eq!(take.failed(), Some(ReasonCode::LivenessFrozen));
}

#[test]
fn a_camera_that_gives_each_frame_three_times_is_not_frozen() {
    let mut take = Take::new(plan(&[Challenge::Nod, Challenge::Blink]));
    for n in 0..60 {
        take.see(&reading(NEUTRAL, n / 3));
    }
    assert!(matches!(take.progress.hint(), Hint::Do { .. }), "{:?}", take.hints);
}

#[test]
fn a_looped_clip_is_refused_and_with_a_program_that_tolerates_it_only_told() {
    let order = [Challenge::Nod, Challenge::Blink];
    let rules = PlanRules {
        challenges: order.to_vec(),
        tolerate_replays: true,
        fewest: 2,
        most: 2,
        ..PlanRules::default()
    };
    for (plan, tolerated) in [(plan(&order), false), (Plan::draw(&rules, &[0; 32]).unwrap(), true)] {
        let mut take = Take::new(plan);
        for n in 0..60 {
            take.see(&reading(NEUTRAL, n % 20));
        }
        let findings = take.progress.findings();
        assert_eq!(findings[0].code, ReasonCode::LivenessReplayed);
        assert_eq!(findings[0].severity, if tolerated { Severity::Info } else { Severity::Fail });
        assert_eq!(take.progress.is_over(), !tolerated);
    }
}

#[test]
fn a_clip_that_was_filmed_anew_is_known_by_its_rhythm() {
    let mut take = Take::new(plan(&[Challenge::Nod, Challenge::Blink]));
    for n in 0..60u64 {
        let anew = reading(NEUTRAL, n % 25);
        take.see(&FrameReading { hash: FrameHash { exact: n, ..anew.hash }, ..anew });
    }
    assert_eq!(take.failed(), Some(ReasonCode::LivenessReplayed));
}
