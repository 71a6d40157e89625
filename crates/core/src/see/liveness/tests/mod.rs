//! A made-up person before a made-up camera.

mod random;
mod recordings;

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
    sign: Option<HandSign>,
}

const NEUTRAL: Pose = Pose { yaw: 2.0, pitch: 3.0, eyes: 0.28, mouth: 0.05, sign: None };

fn pose(challenge: Challenge) -> Pose {
    match challenge {
        Challenge::TurnLeft => Pose { yaw: 22.0, ..NEUTRAL },
        Challenge::TurnRight => Pose { yaw: -18.0, ..NEUTRAL },
        Challenge::Nod => Pose { pitch: 17.0, eyes: 0.2, ..NEUTRAL },
        Challenge::Blink => Pose { eyes: 0.17, ..NEUTRAL },
        Challenge::OpenMouth => Pose { mouth: 0.7, pitch: 9.0, ..NEUTRAL },
        sign => Pose { sign: sign.sign(), ..NEUTRAL },
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
        hand: pose
            .sign
            .map(|sign| HandSeen { region: Region::rect(300.0, 100.0, 90.0, 90.0), sign: Some(sign) }),
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
        let hand = reading.hand.clone().filter(|_| self.progress.wants_hand(&self.plan));
        let reading = FrameReading { hand, ..reading.clone() };
        let wanted = self.progress.wants_face(&self.plan, &reading, self.at_ms);
        let band = wanted.then_some(self.band);
        let hint = self.progress.advance(&self.plan, &reading, band, self.at_ms).hint;
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

    /// Does an action as people do: a moment of nothing, the action, back. Hands are held up for longer.
    fn act(&mut self, challenge: Challenge) -> Hint {
        self.await_asking();
        self.show(NEUTRAL, 5);
        self.show(pose(challenge), if challenge.sign().is_some() { 8 } else { 6 });
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
fn a_hand_that_shows_its_sign_too_early_or_another_one_is_told_so() {
    let signs = [Challenge::Victory, Challenge::OpenPalm];
    let mut take = Take::settled(plan(&signs));
    // Up before it is asked for, and still up when it is: it has to go down first.
    take.show(pose(Challenge::Victory), 3);
    assert_eq!(take.show(pose(Challenge::Victory), 2), Hint::LowerHand);
    assert_eq!(take.act(Challenge::Victory), Hint::WellDone { challenge: Challenge::Victory });
    take.await_asking();
    take.show(NEUTRAL, 5);
    // On its way a hand may show another sign for a moment.
    take.show(pose(Challenge::PointUp), 6);
    assert_eq!(take.progress.retries_used(), 0);
    take.show(pose(Challenge::PointUp), 6);
    let wrong = Hint::WrongAction { asked: Challenge::OpenPalm, seen: Challenge::PointUp };
    assert!(take.hints.contains(&wrong), "{:?}", take.hints);
}

#[test]
fn hands_are_looked_for_only_where_a_sign_may_be_asked_for() {
    let face = Take::settled(plan(&[Challenge::Nod, Challenge::OpenMouth]));
    assert!(!face.progress.wants_hand(&face.plan));
    let sign = Take::settled(plan(&[Challenge::Nod, Challenge::Okay]));
    assert!(sign.progress.wants_hand(&sign.plan) && !Progress::new().wants_hand(&sign.plan));
    assert!(PlanRules::default().challenges.iter().all(|c| c.sign().is_none()));
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
        Hint::LowerHand,
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
