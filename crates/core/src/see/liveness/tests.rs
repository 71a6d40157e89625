//! A made-up person before a made-up camera.

use proptest::prelude::*;

use super::*;
use crate::see::{Band, Region};
use crate::verification::{ReasonCode, Severity};

/// Ten frames in a second.
const FRAME_MS: u64 = 100;

/// What a face does at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pose {
    yaw: f32,
    pitch: f32,
    eyes: f32,
    mouth: f32,
}

const NEUTRAL: Pose = Pose { yaw: 2.0, pitch: 3.0, eyes: 0.28, mouth: 0.05 };

fn pose(challenge: Challenge) -> Pose {
    match challenge {
        Challenge::TurnLeft => Pose { yaw: 22.0, ..NEUTRAL },
        Challenge::TurnRight => Pose { yaw: -18.0, ..NEUTRAL },
        Challenge::Nod => Pose { pitch: 17.0, eyes: 0.2, ..NEUTRAL },
        Challenge::Blink => Pose { eyes: 0.17, ..NEUTRAL },
        Challenge::OpenMouth => Pose { mouth: 0.7, pitch: 9.0, ..NEUTRAL },
    }
}

fn reading(pose: Pose, hash: u64) -> FrameReading {
    // Splitmix64: neighbours have nothing in common.
    let mut h = hash.wrapping_add(0x9E37_79B9_7F4A_7C15);
    h = (h ^ (h >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let h = h ^ (h >> 31);
    FrameReading {
        width: 480,
        height: 640,
        hash: FrameHash { exact: h, likeness: h },
        faces: 1,
        face: Some(FaceSeen {
            region: Region::rect(120.0, 180.0, 240.0, 280.0),
            yaw_deg: pose.yaw,
            pitch_deg: pose.pitch,
            roll_deg: 0.0,
            eyes_open: [pose.eyes; 2],
            mouth_open: pose.mouth,
            presence: 18.0,
            burnt_out_share: 0.0,
            blur: Some(0.02),
        }),
        lit: None,
        brightness_p95: 190.0,
    }
}

fn plan(challenges: &[Challenge]) -> Plan {
    let rules = PlanRules {
        challenges: challenges.to_vec(),
        fewest: challenges.len() as u8,
        most: challenges.len() as u8,
        window_ms: 8_000,
        retries: 2,
        ..PlanRules::default()
    };
    // Whatever order chance gives: look until it is the one wanted.
    (0..u64::MAX)
        .map(|n| Plan::draw(&rules, &entropy(n)).unwrap())
        .find(|p| p.challenges() == challenges)
        .unwrap()
}

fn entropy(n: u64) -> [u8; 32] {
    std::array::from_fn(|i| {
        let h = (n * 4 + i as u64 / 8).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        ((h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> (8 * (i % 8))) as u8
    })
}

/// A session: shows poses, compares faces when asked to.
struct Take {
    plan: Plan,
    progress: Progress,
    at_ms: u64,
    band: Band,
    hints: Vec<Hint>,
}

impl Take {
    fn new(plan: Plan) -> Self {
        Self { plan, progress: Progress::new(), at_ms: 1_000, band: Band::Same, hints: Vec::new() }
    }

    fn see(&mut self, reading: &FrameReading) -> Hint {
        let wanted = self.progress.wants_face(&self.plan, reading, self.at_ms);
        let band = wanted.then_some(self.band);
        let hint = self.progress.advance(&self.plan, reading, band, self.at_ms).hint;
        self.hints.push(hint);
        self.at_ms += FRAME_MS;
        hint
    }

    /// Shows a pose for so many frames, each of which differs.
    fn show(&mut self, pose: Pose, frames: u64) -> Hint {
        let mut hint = self.progress.hint();
        for _ in 0..frames {
            hint = self.see(&reading(pose, self.at_ms));
        }
        hint
    }

    /// Neutral until something is asked for.
    fn settled(plan: Plan) -> Self {
        let mut take = Self::new(plan);
        for _ in 0..40 {
            if let Hint::Do { .. } = take.show(NEUTRAL, 1) {
                return take;
            }
        }
        panic!("not settled: {:?}", take.hints)
    }

    /// Neutral until something is asked for.
    fn await_asking(&mut self) {
        for _ in 0..25 {
            if matches!(self.progress.hint(), Hint::Do { .. }) || self.progress.is_over() {
                return;
            }
            self.show(NEUTRAL, 1);
        }
    }

    /// Does an action as people do: a moment of nothing, the action, back.
    fn act(&mut self, challenge: Challenge) -> Hint {
        self.await_asking();
        self.show(NEUTRAL, 5);
        self.show(pose(challenge), 6);
        let mut hint = self.show(NEUTRAL, 1);
        for _ in 0..4 {
            if !matches!(hint, Hint::WellDone { .. } | Hint::Finished) {
                hint = self.show(NEUTRAL, 1);
            }
        }
        hint
    }

    fn failed(&self) -> Option<ReasonCode> {
        match self.progress.hint() {
            Hint::Failed { reason } => Some(reason),
            _ => None,
        }
    }
}

fn orders(of: usize) -> Vec<Vec<Challenge>> {
    if of == 0 {
        return vec![vec![]];
    }
    let longer = |order: Vec<Challenge>| {
        Challenge::ALL
            .into_iter()
            .filter(|c| !order.contains(c))
            .map(|c| [&order[..], &[c]].concat())
            .collect()
    };
    orders(of - 1).into_iter().flat_map(|order| -> Vec<_> { longer(order) }).collect()
}

#[test]
fn who_does_what_is_asked_passes_whatever_the_order() {
    for order in orders(2).into_iter().chain(orders(3)) {
        let mut take = Take::settled(plan(&order));
        for (i, challenge) in order.iter().enumerate() {
            assert_eq!(take.progress.done(&take.plan), i);
            let hint = take.act(*challenge);
            let last = i + 1 == order.len();
            let right = if last { Hint::Finished } else { Hint::WellDone { challenge: *challenge } };
            assert_eq!(hint, right, "{order:?}: {:?}", take.hints);
        }
        assert!(take.progress.is_finished() && take.progress.is_over());
        assert_eq!(take.progress.retries_used(), 0);
        assert!(take.progress.findings().is_empty());
        assert!(!take.progress.best().is_empty());
    }
}

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

#[test]
fn blinking_by_oneself_is_neither_an_answer_nor_a_mistake() {
    let mut take = Take::settled(plan(&[Challenge::Blink, Challenge::Nod]));
    for _ in 0..6 {
        take.show(NEUTRAL, 5);
        take.show(pose(Challenge::Blink), 2);
    }
    assert_eq!((take.progress.done(&take.plan), take.progress.retries_used()), (0, 0));
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::Blink]));
    take.show(NEUTRAL, 3);
    take.show(pose(Challenge::Blink), 5);
    take.show(NEUTRAL, 3);
    take.show(pose(Challenge::Blink), 5);
    assert_eq!(take.progress.retries_used(), 0);
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
    for challenge in Challenge::ALL {
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
        Challenge::ALL.into_iter().filter(|c| !plan.challenges().contains(c)).collect();
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
fn doing_nothing_runs_out_of_time_and_then_of_retries() {
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::Blink]));
    take.show(NEUTRAL, 100);
    assert!(take.hints.contains(&Hint::TooSlow { asked: Challenge::Nod }));
    take.show(NEUTRAL, 220);
    assert_eq!(take.failed(), Some(ReasonCode::LivenessActionMissed));
}

#[test]
fn who_leaves_the_picture_fails_for_that_reason() {
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::Blink]));
    for _ in 0..300 {
        let mut empty = reading(NEUTRAL, take.at_ms);
        (empty.face, empty.faces) = (None, 0);
        take.see(&empty);
    }
    assert_eq!(take.failed(), Some(ReasonCode::FaceNotFound));
}

#[test]
fn without_comparing_faces_nothing_is_accepted() {
    let plan = plan(&[Challenge::Nod, Challenge::OpenMouth]);
    let mut progress = Progress::new();
    let mut at_ms = 0;
    for pose in [NEUTRAL, pose(Challenge::Nod), NEUTRAL, pose(Challenge::OpenMouth), NEUTRAL] {
        for _ in 0..20 {
            progress.advance(&plan, &reading(pose, at_ms), None, at_ms);
            at_ms += FRAME_MS;
        }
    }
    assert_eq!(progress.done(&plan), 0);
    assert!(!progress.is_finished());
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
fn a_doubtful_face_does_not_get_on() {
    let mut take = Take::new(plan(&[Challenge::OpenMouth, Challenge::TurnRight]));
    take.band = Band::Uncertain;
    take.act(Challenge::OpenMouth);
    assert_eq!(take.progress.done(&take.plan), 0);
    assert_eq!(take.failed(), None);
}

#[test]
fn a_face_that_jumps_is_compared_again() {
    let mut take = Take::settled(plan(&[Challenge::OpenMouth, Challenge::TurnRight]));
    take.show(NEUTRAL, 5);
    let mut elsewhere = reading(NEUTRAL, take.at_ms);
    assert!(!take.progress.wants_face(&take.plan, &elsewhere, take.at_ms));
    elsewhere.face.as_mut().unwrap().region = Region::rect(120.0, 380.0, 240.0, 250.0);
    assert!(take.progress.wants_face(&take.plan, &elsewhere, take.at_ms));
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

#[test]
fn time_that_runs_backwards_and_long_breaks_end_it() {
    let plan = plan(&[Challenge::Nod, Challenge::Blink]);
    for (next, reason) in [
        (4_999, ReasonCode::LivenessClock),
        (25_001, ReasonCode::LivenessInterrupted),
        (u64::MAX, ReasonCode::LivenessInterrupted),
    ] {
        let mut progress = Progress::new();
        progress.advance(&plan, &reading(NEUTRAL, 1), None, 5_000);
        let step = progress.advance(&plan, &reading(NEUTRAL, 2), None, next);
        assert_eq!(step.hint, Hint::Failed { reason });
    }
}

#[test]
fn an_action_with_a_hole_in_it_is_started_again() {
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::Blink]));
    take.show(NEUTRAL, 5);
    take.at_ms += 1_500;
    take.show(pose(Challenge::Nod), 6);
    take.show(NEUTRAL, 6);
    assert_eq!((take.progress.done(&take.plan), take.failed()), (0, None));
    assert_eq!(take.act(Challenge::Nod), Hint::WellDone { challenge: Challenge::Nod });
}

/// Told so for a moment only, people begin it again, and are then doing something unasked.
#[test]
fn nobody_is_asked_again_for_what_they_have_just_done() {
    for challenge in Challenge::ALL {
        let mut take = Take::settled(plan(&[challenge]));
        take.show(NEUTRAL, 5);
        take.show(pose(challenge), 8);
        let before = take.hints.len();
        take.show(NEUTRAL, 4);
        let after = &take.hints[before..];
        assert!(after.contains(&Hint::Finished), "{challenge:?}: {after:?}");
        assert!(!after.contains(&Hint::Do { challenge }), "{challenge:?}: {after:?}");
    }
}

#[test]
fn the_way_to_a_good_neutral_face_is_told() {
    let good = reading(NEUTRAL, 0);
    let with = |change: &dyn Fn(&mut FaceSeen)| {
        let mut changed = good.clone();
        change(changed.face.as_mut().unwrap());
        changed
    };
    let cases = [
        (FrameReading { face: None, ..good.clone() }, Hint::NoFace),
        (FrameReading { face: None, brightness_p95: 20.0, ..good.clone() }, Hint::MoreLight),
        (FrameReading { faces: 2, ..good.clone() }, Hint::SeveralFaces),
        (FrameReading { brightness_p95: 40.0, ..good.clone() }, Hint::MoreLight),
        (with(&|f| f.region = Region::rect(200.0, 280.0, 90.0, 110.0)), Hint::Closer),
        (with(&|f| f.region = Region::rect(5.0, 50.0, 460.0, 500.0)), Hint::Farther),
        (with(&|f| f.region = Region::rect(0.0, 180.0, 240.0, 280.0)), Hint::Centre),
        (with(&|f| f.burnt_out_share = 0.4), Hint::TooBright),
        (with(&|f| f.yaw_deg = 16.0), Hint::LookAtCamera),
        (with(&|f| f.pitch_deg = -24.0), Hint::LookAtCamera),
        (with(&|f| f.presence = 6.0), Hint::RemoveCover),
        (with(&|f| f.mouth_open = 0.5), Hint::Relax),
        (with(&|f| f.blur = Some(0.2)), Hint::HoldStill),
        (good.clone(), Hint::HoldStill),
    ];
    for (reading, hint) in cases {
        let mut take = Take::new(plan(&[Challenge::Nod, Challenge::Blink]));
        assert_eq!(take.see(&reading), hint);
        for n in 0..700 {
            let likeness = n * 77;
            take.see(&FrameReading { hash: FrameHash { exact: n, likeness }, ..reading.clone() });
        }
        if hint != Hint::HoldStill {
            assert_eq!(take.failed(), Some(hint.reason()), "{hint:?}");
        }
    }
}

#[test]
fn the_best_frames_lie_apart_and_are_in_order() {
    let mut take = Take::settled(plan(&[Challenge::Nod, Challenge::Blink]));
    take.show(Pose { yaw: -1.0, ..NEUTRAL }, 30);
    let best = take.progress.best();
    assert_eq!(best.len(), 3);
    assert!(best.is_sorted_by(|a, b| a.score >= b.score));
    for (i, a) in best.iter().enumerate() {
        assert!(best[i + 1..].iter().all(|b| a.at_ms.abs_diff(b.at_ms) >= 400), "{best:?}");
    }
}

#[test]
fn a_plan_is_drawn_evenly_and_never_asks_twice() {
    let rules = PlanRules { fewest: 2, ..PlanRules::default() };
    let mut counts = std::collections::BTreeMap::new();
    const DRAWN: u64 = 16_000;
    for n in 0..DRAWN {
        let plan = Plan::draw(&rules, &entropy(n)).unwrap();
        *counts.entry(plan.challenges().to_vec()).or_insert(0u32) += 1;
    }
    // Half of them one of 20 pairs, half one of 60 triples.
    assert_eq!(counts.len(), 80);
    for (order, count) in counts {
        let expected = DRAWN as f64 / 2.0 / if order.len() == 2 { 20.0 } else { 60.0 };
        let off = (f64::from(count) - expected).abs() / expected.sqrt();
        assert!(off < 5.0, "{order:?}: {count} for {expected}");
    }
}

#[test]
fn a_list_too_short_for_its_plans_is_refused() {
    let rules = |challenges: &[Challenge], fewest, most| PlanRules {
        challenges: challenges.to_vec(),
        fewest,
        most,
        ..PlanRules::default()
    };
    for bad in [
        rules(&[], 2, 3),
        rules(&[Challenge::Nod; 5], 2, 3),
        rules(&Challenge::ALL, 0, 3),
        rules(&Challenge::ALL, 3, 2),
    ] {
        assert!(Plan::draw(&bad, &[7; 32]).is_err(), "{bad:?}");
    }
    assert!(Plan::draw(&rules(&Challenge::ALL, 5, 5), &[255; 32]).is_ok());
}

#[test]
fn everything_that_is_said_is_said_in_both_languages() {
    let hints = [
        Hint::NoFace,
        Hint::SeveralFaces,
        Hint::Closer,
        Hint::Farther,
        Hint::Centre,
        Hint::MoreLight,
        Hint::TooBright,
        Hint::RemoveCover,
        Hint::LookAtCamera,
        Hint::Relax,
        Hint::HoldStill,
        Hint::WrongAction { asked: Challenge::Nod, seen: Challenge::Blink },
        Hint::TooSlow { asked: Challenge::Nod },
        Hint::WellDone { challenge: Challenge::Nod },
        Hint::Finished,
        Hint::Failed { reason: ReasonCode::LivenessClock },
    ];
    let asked = Challenge::ALL.map(|challenge| Hint::Do { challenge });
    for hint in hints.into_iter().chain(asked) {
        let said = hint.say();
        assert!(said.zh.ends_with('。') && !said.zh.is_ascii(), "{hint:?}");
        assert!(said.en.ends_with('.') && said.en.is_ascii(), "{hint:?}");
    }
    for challenge in Challenge::ALL {
        assert_eq!(challenge.name().parse(), Ok(challenge));
        assert_eq!(serde_json::to_value(challenge).unwrap(), challenge.name());
    }
    let written = serde_json::to_string(&Hint::Do { challenge: Challenge::Nod }).unwrap();
    assert_eq!(written, r#"{"hint":"do","challenge":"nod"}"#);
}

/// A stretch of a random video.
fn stretch() -> impl Strategy<Value = (Option<Challenge>, u64)> {
    let what =
        prop_oneof![2 => Just(None), 3 => prop::sample::select(Challenge::ALL.to_vec()).prop_map(Some)];
    (what, 1u64..14)
}

fn any_reading() -> impl Strategy<Value = FrameReading> {
    let face =
        (prop::array::uniform8(prop_oneof![any::<f32>(), -40f32..40.0, 0f32..1.0]), 0f32..500.0, 0f32..700.0);
    (prop::option::weighted(0.9, face), 0u32..4, any::<[u64; 2]>(), any::<f32>()).prop_map(
        |(face, faces, [exact, likeness], brightness_p95)| FrameReading {
            width: 480,
            height: 640,
            hash: FrameHash { exact: exact % 3, likeness: likeness % 3 },
            faces,
            face: face.map(|(n, x, side)| FaceSeen {
                region: Region::rect(x, x, side, side),
                yaw_deg: n[0],
                pitch_deg: n[1],
                roll_deg: n[2],
                eyes_open: [n[3], n[4]],
                mouth_open: n[5],
                presence: n[6],
                burnt_out_share: n[7],
                blur: None,
            }),
            lit: None,
            brightness_p95,
        },
    )
}

/// Lids that hang low are read as .73 and .78 of their opening by turns.
#[test]
fn eyes_that_are_read_as_shut_and_nearly_shut_by_turns_are_shut_and_nearly_shut_ones_are_not() {
    let played = |openings: [f32; 2]| {
        let mut take = Take::settled(plan(&[Challenge::Blink]));
        take.show(NEUTRAL, 5);
        for n in 0..6 {
            take.show(Pose { eyes: 0.28 * openings[n % 2], ..NEUTRAL }, 1);
        }
        take.show(NEUTRAL, 5)
    };
    assert_eq!(played([0.73, 0.78]), Hint::Finished);
    assert!(matches!(played([0.78, 0.79]), Hint::Do { .. }));
}

proptest! {
    #[test]
    fn only_the_actions_asked_for_in_their_order_pass(
        number in any::<u64>(), stretches in prop::collection::vec(stretch(), 0..30)
    ) {
        let mut take = Take::settled(Plan::draw(&PlanRules::default(), &entropy(number >> 8)).unwrap());
        let mut shown = Vec::new();
        for (what, frames) in stretches {
            if take.progress.is_over() {
                break;
            }
            take.show(what.map_or(NEUTRAL, pose), frames);
            shown.extend(what);
        }
        if take.progress.is_finished() {
            let mut left = shown.iter();
            let asked = take.plan.challenges();
            prop_assert!(asked.iter().all(|c| left.any(|s| s == c)), "{asked:?} of {shown:?}");
        }
    }

    #[test]
    fn a_missing_action_never_passes(
        number in any::<u64>(), missing in 0usize..3, stretches in prop::collection::vec(stretch(), 0..40)
    ) {
        let mut take = Take::settled(Plan::draw(&PlanRules::default(), &entropy(number >> 8)).unwrap());
        let asked = take.plan.challenges();
        let missing = asked[missing % asked.len()];
        for (what, frames) in stretches {
            take.show(what.filter(|c| *c != missing).map_or(NEUTRAL, pose), frames);
        }
        prop_assert!(!take.progress.is_finished());
    }

    #[test]
    fn nothing_that_is_seen_breaks_it_and_it_can_be_stored_at_any_time(
        readings in prop::collection::vec((any_reading(), prop::option::of(0u8..3), 0u64..30_000), 0..40),
        number in any::<u64>(),
    ) {
        let plan = Plan::draw(&PlanRules::default(), &entropy(number >> 8)).unwrap();
        let (mut progress, mut at_ms) = (Progress::new(), 0u64);
        for (reading, band, later) in readings {
            let band = band.map(|b| [Band::Same, Band::Uncertain, Band::Different][usize::from(b)]);
            progress.wants_face(&plan, &reading, at_ms);
            progress.advance(&plan, &reading, band, at_ms);
            at_ms += later;
            prop_assert!(!progress.is_finished());
        }
    }

    #[test]
    fn stored_and_read_back_it_goes_on_as_before(number in any::<u64>(), cut in 0u64..30) {
        let plan = Plan::draw(&PlanRules::default(), &entropy(number >> 8)).unwrap();
        let plan: Plan = serde_json::from_str(&serde_json::to_string(&plan).unwrap()).unwrap();
        let mut take = Take::settled(plan);
        for (i, challenge) in take.plan.challenges().to_vec().into_iter().enumerate() {
            if i == 1 {
                take.show(NEUTRAL, cut % 7);
                let stored = serde_json::to_string(&take.progress).unwrap();
                let back: Progress = serde_json::from_str(&stored).unwrap();
                prop_assert_eq!(&back, &take.progress);
                take.progress = back;
            }
            take.act(challenge);
        }
        prop_assert!(take.progress.is_finished(), "{:?}", take.hints);
    }
}
