//! The live check with the installed models, before the moving test subject of the testkit
//! (`shiren models install --with-samples`).
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use shiren_core::see::liveness::{Challenge, Hint, Plan, PlanRules, Watch};
use shiren_core::see::{Eyes, SeeError};
use shiren_core::verification::ReasonCode;
use shiren_specimen::jpeg;
use shiren_testkit::puppet::{Actor, CALM, Performance, Pose, Puppet, obeying, perform};
use shiren_vision::LocalEyes;
use shiren_vision::pack::{Library, default_root};
use shiren_vision::picture::{Limits, Picture};

fn eyes() -> &'static LocalEyes {
    static EYES: OnceLock<LocalEyes> = OnceLock::new();
    EYES.get_or_init(|| {
        LocalEyes::new(Library::open(&default_root().unwrap(), 2).unwrap(), Limits::default())
    })
}

fn puppet(portrait: &str) -> Puppet {
    let bytes = std::fs::read(default_root().unwrap().join("samples").join(portrait)).unwrap();
    let picture = Picture::decode(&bytes, &Limits::default()).unwrap().into_rgb();
    let face = eyes().open_faces().unwrap().find(&picture).unwrap().remove(0);
    let points: Vec<[f32; 3]> = face.points().iter().map(|p| [p.x, p.y, p.z]).collect();
    Puppet::new(&picture, &points, 480, 640)
}

/// Smiles broadly.
fn first() -> (Puppet, Vec<Challenge>) {
    (puppet("obama.jpg"), Challenge::OF_FACES.to_vec())
}

/// His lids hang low: one of ten plans with a blink in it fails where the face is followed from frame to frame
/// (`docs/measurements.md`, Liveness).
fn second() -> (Puppet, Vec<Challenge>) {
    (puppet("biden.jpg"), Challenge::OF_FACES.into_iter().filter(|c| *c != Challenge::Blink).collect())
}

/// The n-th plan of these actions.
fn plan(challenges: &[Challenge], n: u64) -> Plan {
    let mut rng = fastrand::Rng::with_seed(n);
    let entropy = std::array::from_fn(|_| rng.u8(..));
    let rules = PlanRules { challenges: challenges.to_vec(), ..PlanRules::default() };
    Plan::draw(&rules, &entropy).unwrap()
}

fn play(plan: &Plan, camera: impl FnMut(Hint, u64) -> Option<Vec<u8>>) -> Performance {
    let face = |frame: &[u8]| Ok(eyes().read_face(frame)?.map(|f| f.template));
    perform(eyes(), face, plan, camera).unwrap()
}

/// How many of ten plans an obedient puppet gets through.
fn accepted((puppet, able): (Puppet, Vec<Challenge>)) -> usize {
    let played = (0..10).map(|n| play(&plan(&able, n), obeying(&puppet, n)));
    played.filter(|p| p.progress.is_finished()).count()
}

#[test]
fn the_first_puppet_that_does_what_it_is_asked_passes() {
    assert_eq!(accepted(first()), 10);
}

#[test]
fn the_second_puppet_that_does_what_it_is_asked_passes() {
    assert_eq!(accepted(second()), 10);
}

#[test]
fn a_puppet_that_does_something_else_does_not_pass() {
    let (puppet, able) = first();
    for n in 0..4 {
        let plan = plan(&able, n);
        let mut actor = Actor::new(n);
        let played = play(&plan, |hint, at_ms| {
            if let Hint::Do { challenge } = hint
                && actor.is_at_rest(at_ms)
            {
                let other = able.iter().cycle().skip_while(|c| **c != challenge).nth(1).unwrap();
                actor.hear(*other, at_ms);
            }
            Some(puppet.jpeg(&actor.pose(at_ms), at_ms))
        });
        assert!(!played.progress.is_finished(), "{:?}", plan.challenges());
        assert_eq!(played.progress.done(&plan), 0);
    }
}

#[test]
fn a_frozen_frame_does_not_pass() {
    let frame = puppet("obama.jpg").jpeg(&CALM, 1);
    let played = play(&plan(&Challenge::OF_FACES, 1), |_, _| Some(frame.clone()));
    assert_eq!(played.progress.hint(), Hint::Failed { reason: ReasonCode::LivenessFrozen });
}

/// One that shows the very actions of a plan, in their order and in time, before it repeats itself, would: for
/// how likely that is, see `docs/measurements.md`, Liveness.
#[test]
fn a_clip_of_all_actions_in_a_loop_does_not_pass() {
    let (puppet, able) = first();
    let mut actor = Actor::new(3);
    let mut clip = Vec::new();
    for challenge in able.iter().copied() {
        let start = clip.len() as u64 * 100;
        actor.hear(challenge, start);
        clip.extend((0..25).map(|n| puppet.jpeg(&actor.pose(start + 100 * n), start + n)));
    }
    for n in 0..4 {
        let from = n as usize * 25 + 7;
        let plan = plan(&able, n);
        let played = play(&plan, |_, at_ms| Some(clip[(from + at_ms as usize / 100) % clip.len()].clone()));
        let hints: Vec<_> = played.frames.iter().map(|(at, hint, _)| (at, hint)).collect();
        assert!(!played.progress.is_finished(), "{:?} from {from}: {hints:?}", plan.challenges());
    }
}

/// The face of a photograph, stuck before something that moves.
#[test]
fn a_still_before_a_moving_background_does_not_pass() {
    let still = puppet("obama.jpg").frame(&CALM, 1);
    let face = eyes().read_frame(&jpeg(&still, 90).unwrap(), None).unwrap().face.unwrap();
    let (x0, y0, w, h) = face.region.bounds();
    let inside = |x: u32, y: u32| {
        let (dx, dy) = ((x as f32 - x0) / w - 0.5, (y as f32 - y0) / h - 0.5);
        dx * dx + dy * dy < 0.5
    };
    let played = play(&plan(&Challenge::OF_FACES, 2), |_, at_ms| {
        let frame = RgbImage::from_fn(still.width(), still.height(), |x, y| {
            let wave = ((x as f32 + at_ms as f32 / 9.0) / 25.0).sin() * (y as f32 / 40.0).cos();
            if inside(x, y) { *still.get_pixel(x, y) } else { Rgb([(128.0 + 100.0 * wave) as u8; 3]) }
        });
        jpeg(&frame, 85).ok()
    });
    assert!(matches!(played.progress.hint(), Hint::Failed { .. }), "{:?}", played.progress.hint());
}

#[test]
fn another_person_who_goes_on_does_not_pass() {
    let ((one, _), (other, _)) = (first(), second());
    let both = [Challenge::TurnLeft, Challenge::TurnRight, Challenge::Nod];
    for n in 0..4 {
        let (mut starts, mut goes_on) = (obeying(&one, n), obeying(&other, n));
        let mut swapped = false;
        let played = play(&plan(&both, n), |hint, at_ms| {
            swapped |= matches!(hint, Hint::WellDone { .. });
            if swapped { goes_on(hint, at_ms) } else { starts(hint, at_ms) }
        });
        let reason = ReasonCode::LivenessOtherFace;
        assert_eq!(played.progress.hint(), Hint::Failed { reason }, "{n}");
    }
}

#[test]
fn what_is_no_small_picture_is_refused() {
    let code = |bytes: &[u8]| match eyes().read_frame(bytes, None) {
        Err(SeeError::Picture { code, .. }) => code,
        other => panic!("{other:?}"),
    };
    assert_eq!(code(b""), ReasonCode::PictureEmpty);
    assert_eq!(code(b"<html>"), ReasonCode::PictureWebPage);
    assert_eq!(code(&vec![0xFF; 20_000_000]), ReasonCode::PictureTooLarge);
    let large = jpeg(&RgbImage::new(2_000, 1_500), 80).unwrap();
    assert_eq!(code(&large), ReasonCode::PictureTooManyPixels);
}

#[test]
fn a_face_that_is_followed_is_seen_as_one_that_is_searched_and_a_lost_one_is_found_again() {
    let puppet = puppet("biden.jpg");
    let frame = puppet.jpeg(&CALM, 1);
    let before = eyes().read_frame(&puppet.jpeg(&Pose { shift: (8.0, 5.0), ..CALM }, 2), None).unwrap();
    let searched = eyes().read_frame(&frame, None).unwrap().face.unwrap();
    let last = before.face.unwrap().region;
    let elsewhere = shiren_core::see::Region::rect(0.0, 0.0, 60.0, 60.0);
    let nowhere = shiren_core::see::Region::rect(f32::NAN, 0.0, f32::INFINITY, 0.0);
    for region in [last, elsewhere, nowhere] {
        let face = eyes().read_frame(&frame, Some(&region)).unwrap().face.unwrap();
        assert!((face.yaw_deg - searched.yaw_deg).abs() < 3.0, "{} {}", face.yaw_deg, searched.yaw_deg);
        assert!(face.region.centre().distance(searched.region.centre()) < 6.0);
    }
}
