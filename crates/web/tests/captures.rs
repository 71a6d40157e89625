//! Live captures through the use cases: real store, a clock turned by hand, a video that is written down.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod stores;

use jiff::SignedDuration;
use shiren_app::record::TakenBy;
use shiren_app::{CameraSaid, Error, LiveCapture, Settings, Told, Visitor};
use shiren_core::see::liveness::{Challenge, Hint, ScreenColour};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::program::{Mode, built_in};
use shiren_core::verification::session::Refusal;
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front};
use shiren_testkit::person;
use shiren_testkit::service::TestService;
use shiren_testkit::watch::WrittenFrame;

const ANN: f32 = 0.1;
const BOB: f32 = 4.0;
/// Between two frames: ten in a second.
const FRAME: SignedDuration = SignedDuration::from_millis(100);

struct World {
    service: TestService,
    /// Whether faces give back what the screen shows.
    reflects: bool,
    /// How live a network finds them.
    passive: Option<f32>,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Where the operator has set something else.
    async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        let eyes = ScriptedEyes::default()
            .document(b"card", card_front())
            .document(b"back", card_back())
            .face(b"card", 0.0)
            .face(b"ann", ANN);
        Self {
            service: TestService::with_settings(store, eyes, change),
            reflects: true,
            passive: None,
            _folder: folder,
        }
    }

    /// Somebody who has agreed and chosen, in test or live mode.
    async fn person(&self, mode: Mode) -> Visitor {
        let (_, cookie) = person::arrived(&self.service.app, mode).await.unwrap();
        self.service.app.visitor(&cookie).await.unwrap()
    }

    async fn open(&self, visitor: &Visitor) -> LiveCapture {
        let begun = self.service.app.begin_capture(visitor, "selfie", None).await.unwrap();
        self.service.app.open_capture(&begun.token, visitor, &CameraSaid::default()).await.unwrap()
    }

    /// What a face gives back of the screen.
    fn reflected(&self, colour: ScreenColour) -> [f32; 3] {
        match colour {
            _ if !self.reflects => [0.0; 3],
            ScreenColour::Red => [1.0, 0.0, 0.0],
            ScreenColour::Green => [0.0, 1.0, 0.0],
            ScreenColour::Blue => [0.0, 0.0, 1.0],
            ScreenColour::White => [0.3; 3],
        }
    }

    /// One more frame, about a tenth of a second later: a line never keeps time.
    async fn look(&self, capture: LiveCapture, frame: WrittenFrame) -> (LiveCapture, Told) {
        self.service.clock.turn(FRAME + SignedDuration::from_millis((frame.number % 11) as i64 - 5));
        self.service.app.look_live(capture, frame.number, frame.bytes()).await.unwrap()
    }

    /// Does what is asked, as `who`, until it is over; `acts` says whether an action is done at all.
    async fn obey(
        &self,
        mut capture: LiveCapture,
        who: impl Fn(u64) -> f32,
        acts: bool,
    ) -> (LiveCapture, Told) {
        let (mut doing, mut number) = (0, 0);
        let mut told = Told { hint: Hint::NoFace, done: 0, of: 0, screen: None };
        while !capture.is_over() {
            let frame = WrittenFrame::neutral(number, who(number));
            // Half a second at rest, then half a second of the action, then rest again.
            let frame = match told.hint {
                Hint::Do { challenge } if acts && (5..11).contains(&doing) => act(frame, challenge),
                _ => frame,
            };
            let frame = WrittenFrame {
                passive: self.passive,
                light: told.screen.map_or([0.0; 3], |c| self.reflected(c)),
                ..frame
            };
            doing = if matches!(told.hint, Hint::Do { .. }) { doing + 1 } else { 0 };
            if doing > 15 {
                doing = 0;
            }
            (capture, told) = self.look(capture, frame).await;
            number += 1;
            assert!(number < 2000, "it does not end: {told:?}");
        }
        (capture, told)
    }
}

fn act(frame: WrittenFrame, challenge: Challenge) -> WrittenFrame {
    match challenge {
        Challenge::TurnLeft => WrittenFrame { yaw: 20.0, ..frame },
        Challenge::TurnRight => WrittenFrame { yaw: -20.0, ..frame },
        Challenge::Nod => WrittenFrame { pitch: 14.0, ..frame },
        Challenge::Blink => WrittenFrame { eyes: 0.15, ..frame },
        Challenge::OpenMouth => WrittenFrame { mouth: 0.7, ..frame },
        hand => WrittenFrame { sign: hand.sign(), ..frame },
    }
}

fn failed(told: Told) -> Option<ReasonCode> {
    match told.hint {
        Hint::Failed { reason } => Some(reason),
        _ => None,
    }
}

#[tokio::test]
async fn who_does_what_is_asked_is_captured_with_what_it_proves() {
    let world = World::new().await;
    let visitor = world.person(Mode::Live).await;
    let (capture, _) = world.obey(world.open(&visitor).await, |_| ANN, true).await;
    assert!(capture.is_finished());
    let taken = world.service.app.finish_capture(capture).await.unwrap();
    assert_eq!(taken.evidence.taken_by, TakenBy::Live);
    let proof = taken.evidence.live.unwrap();
    assert!((2..=3).contains(&proof.challenges.len()) && proof.retries == 0, "{proof:?}");
    assert_eq!(proof.chain_sha256.len(), 64);
    assert_eq!(proof.signals, []);
    let colours = proof.colours.unwrap();
    assert!(colours.shown.len() == 8 && colours.score_milli.unwrap() > 900, "{colours:?}");
}

#[tokio::test]
async fn a_face_that_does_not_give_the_screens_colours_back_is_a_signal_and_who_wants_no_flashes_sees_none() {
    let world = World { reflects: false, ..World::new().await };
    let visitor = world.person(Mode::Live).await;
    let (capture, _) = world.obey(world.open(&visitor).await, |_| ANN, true).await;
    let proof = world.service.app.finish_capture(capture).await.unwrap().evidence.live.unwrap();
    assert_eq!(proof.signals, [ReasonCode::ScreenColoursUnseen]);
    let world = World { reflects: false, ..World::new().await };
    let visitor = world.person(Mode::Live).await;
    let begun = world.service.app.begin_capture(&visitor, "selfie", None).await.unwrap();
    let camera = CameraSaid { no_flashes: true, ..CameraSaid::default() };
    let capture = world.service.app.open_capture(&begun.token, &visitor, &camera).await.unwrap();
    let (capture, told) = world.obey(capture, |_| ANN, true).await;
    assert_eq!((told.hint, told.screen), (Hint::Finished, None));
    let proof = world.service.app.finish_capture(capture).await.unwrap().evidence.live.unwrap();
    assert!(proof.colours.is_none() && proof.signals.is_empty(), "{proof:?}");
}

#[tokio::test]
async fn frames_that_were_captured_before_are_known_again_in_another_session_of_the_account() {
    let world = World::new().await;
    let mut known = Vec::new();
    for _ in 0..2 {
        let visitor = world.person(Mode::Live).await;
        // The written frames have the same numbers, hence the same likenesses, each time.
        let (capture, _) = world.obey(world.open(&visitor).await, |_| ANN, true).await;
        let taken = world.service.app.finish_capture(capture).await.unwrap();
        known.push(taken.evidence.live.unwrap().signals.contains(&ReasonCode::FramesReplayed));
    }
    assert_eq!(known, [false, true]);
}

#[tokio::test]
async fn what_a_network_for_presentation_attacks_says_stands_in_the_proof() {
    for (score, signals) in [(0.97, vec![]), (0.2, vec![ReasonCode::PresentationAttackSuspected])] {
        let world = World { passive: Some(score), ..World::new().await };
        let visitor = world.person(Mode::Live).await;
        let (capture, _) = world.obey(world.open(&visitor).await, |_| ANN, true).await;
        let proof = world.service.app.finish_capture(capture).await.unwrap().evidence.live.unwrap();
        assert_eq!(proof.passive_milli, Some((score * 1_000.0) as u16));
        assert_eq!(proof.signals, signals);
    }
}

#[tokio::test]
async fn another_camera_on_the_way_is_a_signal() {
    let world = World::new().await;
    let visitor = world.person(Mode::Live).await;
    let mut capture = world.open(&visitor).await;
    capture.hear_camera("");
    capture.hear_camera("Back Camera");
    let (capture, _) = world.obey(capture, |_| ANN, true).await;
    let proof = world.service.app.finish_capture(capture).await.unwrap().evidence.live.unwrap();
    assert_eq!(proof.signals, [ReasonCode::CameraChanged]);
}

#[tokio::test]
async fn who_does_nothing_is_not_and_neither_is_who_is_somebody_else_on_the_way() {
    let world = World::new().await;
    let visitor = world.person(Mode::Live).await;
    let (_, told) = world.obey(world.open(&visitor).await, |_| ANN, false).await;
    assert_eq!(failed(told), Some(ReasonCode::LivenessActionMissed));
    let swapped = |number| if number < 20 { ANN } else { BOB };
    let (capture, told) = world.obey(world.open(&visitor).await, swapped, true).await;
    assert_eq!(failed(told), Some(ReasonCode::LivenessOtherFace));
    let refused = world.service.app.finish_capture(capture).await.unwrap_err();
    assert!(matches!(refused, Error::Capture("unfinished")));
}

/// A thousand attempts with tokens that are not, or no longer, for what they are tried on.
#[tokio::test]
async fn a_token_opens_once_in_time_in_order_for_its_step_and_the_browser_that_asked() {
    let world = World::new().await;
    let app = &world.service.app;
    let camera = CameraSaid::default();
    let why = |r: Result<LiveCapture, Error>| match r {
        Err(Error::Capture(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => "opened",
    };
    let begin = |visitor: Visitor, step| async move { app.begin_capture(&visitor, step, None).await };
    let mut refused = std::collections::BTreeMap::<&str, u32>::new();
    for n in 0..200 {
        let (visitor, thief) = (world.person(Mode::Live).await, world.person(Mode::Live).await);
        // Replayed: the owner's token once more, by the owner or somebody who has stolen it.
        let token = begin(visitor.clone(), "selfie").await.unwrap().token;
        let capture = app.open_capture(&token, &visitor, &camera).await.unwrap();
        let again = if n % 2 == 0 { &visitor } else { &thief };
        *refused.entry(why(app.open_capture(&token, again, &camera).await)).or_default() += 1;
        // Out of order: a frame twice, one left out, one from before.
        let (capture, _) = world.look(capture, WrittenFrame::neutral(0, ANN)).await;
        let (capture, _) = world.look(capture, WrittenFrame::neutral(1, ANN)).await;
        let number = [0, 1, 3 + 7_919 * n as u64][n % 3];
        let (capture, told) = world.look(capture, WrittenFrame::neutral(number, ANN)).await;
        assert_eq!(failed(told), Some(ReasonCode::LivenessClock));
        assert!(app.finish_capture(capture).await.is_err());
        *refused.entry("order").or_default() += 1;
        // From another device; it is then used up for its owner too.
        let token = begin(visitor.clone(), "selfie").await.unwrap().token;
        *refused.entry(why(app.open_capture(&token, &thief, &camera).await)).or_default() += 1;
        assert_eq!(why(app.open_capture(&token, &visitor, &camera).await), "used");
        assert_eq!(why(app.open_capture(&format!("{token}0"), &visitor, &camera).await), "unknown");
        // For a step at which nobody acts: what a face did proves nothing about a card.
        let step = ["front", "back", "handheld", "no-such-step"][n % 4];
        let other = begin(visitor.clone(), step).await;
        *refused.entry("step").or_default() += u32::from(other.is_err());
        // Expired: at the very end, or long after.
        let token = begin(visitor.clone(), "selfie").await.unwrap().token;
        world.service.clock.turn(SignedDuration::from_secs([120, 121, 600][n % 3]));
        *refused.entry(why(app.open_capture(&token, &visitor, &camera).await)).or_default() += 1;
    }
    let expected = ["another_browser", "expired", "order", "step", "used"].map(|why| (why, 200));
    assert_eq!(refused, std::collections::BTreeMap::from(expected));
}

#[tokio::test]
async fn nobody_tries_until_chance_asks_for_what_they_have_recorded() {
    let world = World::new().await;
    let app = &world.service.app;
    let visitor = world.person(Mode::Live).await;
    for _ in 0..5 {
        app.begin_capture(&visitor, "selfie", None).await.unwrap();
    }
    let refused = app.begin_capture(&visitor, "selfie", None).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::TooManyAttempts)));
    // Another person is not held up.
    app.begin_capture(&world.person(Mode::Live).await, "selfie", None).await.unwrap();
}

#[tokio::test]
async fn frames_out_of_order_too_fast_or_no_pictures_end_it_with_their_own_reason() {
    let world = World::new().await;
    let app = &world.service.app;
    let visitor = world.person(Mode::Live).await;
    let bytes = |n| WrittenFrame::neutral(n, ANN).bytes();
    let (capture, _) = app.look_live(world.open(&visitor).await, 0, bytes(0)).await.unwrap();
    let (_, told) = app.look_live(capture, 2, bytes(2)).await.unwrap();
    assert_eq!(failed(told), Some(ReasonCode::LivenessClock));
    let mut capture = world.open(&visitor).await;
    let mut last = None;
    for n in 0..200 {
        let told;
        (capture, told) = app.look_live(capture, n, bytes(n)).await.unwrap();
        last = failed(told);
    }
    assert_eq!(last, Some(ReasonCode::LivenessTooManyFrames));
    let mut capture = world.open(&visitor).await;
    let mut last = None;
    for n in 0..20 {
        world.service.clock.turn(FRAME);
        let told;
        (capture, told) = app.look_live(capture, n, b"no picture".to_vec()).await.unwrap();
        last = failed(told);
    }
    assert_eq!(last, Some(ReasonCode::PictureFormatUnknown));
}

#[tokio::test]
async fn where_it_must_be_live_a_file_is_refused_and_a_single_picture_is_for_a_reviewer() {
    let world = World::new().await;
    let app = &world.service.app;
    let id = world.person(Mode::Live).await.session.id;
    let file = app.take_picture(&id, "selfie", b"ann".to_vec(), TakenBy::File).await.unwrap_err();
    assert!(matches!(file, Error::Picture(ReasonCode::LiveCaptureRequired)));
    app.take_picture(&id, "selfie", b"ann".to_vec(), TakenBy::Camera).await.unwrap();
    let test = world.person(Mode::Test).await.session.id;
    app.take_picture(&test, "selfie", b"ann".to_vec(), TakenBy::File).await.unwrap();
}

#[tokio::test]
async fn who_cannot_do_an_action_is_asked_for_others() {
    let world = World::new().await;
    for _ in 0..20 {
        let visitor = world.person(Mode::Live).await;
        let app = &world.service.app;
        let begun = app.begin_capture(&visitor, "selfie", Some(Challenge::OpenMouth)).await.unwrap();
        let capture = app.open_capture(&begun.token, &visitor, &CameraSaid::default()).await.unwrap();
        let (capture, _) = world.obey(capture, |_| ANN, true).await;
        let proof = app.finish_capture(capture).await.unwrap().evidence.live.unwrap();
        assert!(!proof.challenges.contains(&Challenge::OpenMouth) && proof.challenges.len() == 3);
    }
}

#[tokio::test]
async fn where_a_program_asks_for_hand_signs_hands_are_looked_for() {
    let signs: Vec<Challenge> = Challenge::ALL.into_iter().filter(|c| c.sign().is_some()).collect();
    let world = World::with(|settings| {
        let mut program = built_in("shop-owner").unwrap().clone();
        program.version += 1;
        program.liveness.as_mut().unwrap().challenges = signs.clone();
        settings.programs = vec![program];
    })
    .await;
    let visitor = world.person(Mode::Live).await;
    let (capture, _) = world.obey(world.open(&visitor).await, |_| ANN, true).await;
    let taken = world.service.app.finish_capture(capture).await.unwrap();
    let proof = taken.evidence.live.unwrap();
    assert!(proof.challenges.len() == 3 && proof.challenges.iter().all(|c| signs.contains(c)));
    // Who shows nothing has not done it.
    let visitor = world.person(Mode::Live).await;
    let (_, told) = world.obey(world.open(&visitor).await, |_| ANN, false).await;
    assert_eq!(failed(told), Some(ReasonCode::LivenessActionMissed));
}

#[tokio::test]
async fn a_virtual_camera_is_a_signal() {
    let world = World::new().await;
    let app = &world.service.app;
    let visitor = world.person(Mode::Live).await;
    let begun = app.begin_capture(&visitor, "selfie", None).await.unwrap();
    let camera = CameraSaid { label: "OBS Virtual Camera".into(), ..CameraSaid::default() };
    let capture = app.open_capture(&begun.token, &visitor, &camera).await.unwrap();
    let (capture, _) = world.obey(capture, |_| ANN, true).await;
    let taken = app.finish_capture(capture).await.unwrap();
    assert_eq!(taken.evidence.live.unwrap().signals, [ReasonCode::VirtualCamera]);
}

#[tokio::test]
async fn more_people_than_places_queue_and_know_their_place() {
    let world = World::new().await;
    let app = &world.service.app;
    let mut inside = Vec::new();
    for _ in 0..4 {
        let ticket = app.queue();
        inside.push(ticket.admitted().await.unwrap());
    }
    let (first, second) = (app.queue(), app.queue());
    assert_eq!((first.place(), second.place()), (1, 2));
    assert!(tokio::time::timeout(std::time::Duration::from_millis(20), first.admitted()).await.is_err());
    inside.pop();
    drop(first.admitted().await.unwrap());
    drop(first);
    assert_eq!(second.place(), 1);
}

#[tokio::test]
async fn who_is_told_their_place_again_and_again_is_not_overtaken() {
    let world = World::new().await;
    let app = &world.service.app;
    let mut inside = Vec::new();
    for _ in 0..4 {
        inside.push(app.queue().admitted().await.unwrap());
    }
    let (first, second) = (app.queue(), app.queue());
    let (mut one, mut two) = (std::pin::pin!(first.admitted()), std::pin::pin!(second.admitted()));
    let moment = std::time::Duration::from_millis(5);
    for _ in 0..3 {
        // As the channel does: the same wait goes on after each telling.
        assert!(tokio::time::timeout(moment, one.as_mut()).await.is_err());
        assert!(tokio::time::timeout(moment, two.as_mut()).await.is_err());
    }
    inside.pop();
    assert!(tokio::time::timeout(moment, two.as_mut()).await.is_err());
    assert!(tokio::time::timeout(moment, one.as_mut()).await.is_ok());
}

#[tokio::test]
async fn a_code_opens_for_who_reads_the_number_beside_it_and_a_wrong_one_uses_it_up() {
    let world = World::new().await;
    let app = &world.service.app;
    let desk = world.person(Mode::Test).await;
    for _ in 0..100 {
        let handoff = app.hand_over(&desk).await.unwrap();
        let numbers = app.numbers(&handoff.link_secret).await.unwrap().unwrap();
        assert!(numbers.contains(&handoff.number) && numbers[0] < numbers[1] && numbers[1] < numbers[2]);
        assert!(numbers.iter().all(|n| (10..100).contains(n)), "{numbers:?}");
        assert_eq!(app.numbers(&handoff.link_secret).await.unwrap(), Some(numbers));
    }
    let handoff = app.hand_over(&desk).await.unwrap();
    let wrong = if handoff.number == 10 { 11 } else { 10 };
    for number in [None, Some(wrong)] {
        let handoff = app.hand_over(&desk).await.unwrap();
        let number = number.filter(|n| *n != handoff.number);
        assert!(matches!(app.open_link(&handoff.link_secret, number, None).await, Err(Error::LinkNumber)));
        let right = app.open_link(&handoff.link_secret, Some(handoff.number), None).await;
        assert!(matches!(right, Err(Error::LinkUsed)));
    }
    let (session, _) = app.open_link(&handoff.link_secret, Some(handoff.number), None).await.unwrap();
    assert_eq!(session, desk.session.id);
    let late = app.hand_over(&desk).await.unwrap();
    world.service.clock.turn(SignedDuration::from_mins(10));
    assert!(matches!(
        app.open_link(&late.link_secret, Some(late.number), None).await,
        Err(Error::LinkExpired)
    ));
}
