//! Whatever a camera shows.

use proptest::prelude::*;

use super::*;

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
            hand: None,
            lit: None,
            brightness_p95,
        },
    )
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
