use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;
use crate::see::liveness::Challenge;
use crate::see::{Band, Region};
use crate::verification::check::{self, Answer, Confirmation, LiveProof};
use crate::verification::program::built_in;

const SAME: FaceMatch = FaceMatch { score: 4.0, band: Band::Same, fmr: 1e-5 };

/// The checks of a shop owner's session in which everything is right.
fn passing() -> Vec<Check> {
    let mut checks = vec![
        Check::new(CheckKind::Materials, &[], vec![]),
        Check::new(CheckKind::Photo, &["front"], vec![]),
        Check::new(CheckKind::Photo, &["back"], vec![]),
        Check::new(CheckKind::Photo, &["selfie"], vec![]),
        Check::new(CheckKind::Document, &["front"], vec![]),
        Check::new(CheckKind::Document, &["back"], vec![]),
        Check::new(CheckKind::Together, &["front", "back"], vec![]),
        Check::new(CheckKind::Issuer, &["front"], vec![]),
    ];
    checks.push(check::liveness("selfie", &proof()));
    checks.push(Check { face: Some(SAME), ..Check::new(CheckKind::Face, &["front", "selfie"], vec![]) });
    checks
}

fn proof() -> LiveProof {
    LiveProof {
        pooled: 0,
        colours: None,
        passive_milli: None,
        challenges: vec![Challenge::Nod, Challenge::Blink],
        retries: 0,
        frames: 90,
        took_ms: 9000,
        chain_sha256: "00".into(),
        signals: vec![],
    }
}

#[test]
fn without_a_live_capture_a_real_person_goes_to_a_reviewer_and_a_test_does_not() {
    use ReasonCode as R;
    let mut checks = passing();
    checks.retain(|c| c.kind != CheckKind::Liveness);
    checks.push(confirmed());
    let live = decided(Mode::Live, &checks);
    assert_eq!((live.outcome, codes(&live)), (Outcome::InReview, vec![R::LivenessNotShown]));
    assert_eq!(decided(Mode::Test, &checks).outcome, Outcome::Verified);
}

#[test]
fn a_virtual_camera_is_for_a_reviewer_and_a_replay_ends_it() {
    use ReasonCode as R;
    for (signal, live, test) in [
        (R::VirtualCamera, Outcome::InReview, Outcome::Verified),
        (R::LivenessReplayed, Outcome::RequiresInput, Outcome::RequiresInput),
    ] {
        let mut checks = passing();
        checks.retain(|c| c.kind != CheckKind::Liveness);
        checks.push(check::liveness("selfie", &LiveProof { signals: vec![signal], ..proof() }));
        checks.push(confirmed());
        assert_eq!(decided(Mode::Live, &checks).outcome, live, "{signal}");
        assert_eq!(decided(Mode::Test, &checks).outcome, test, "{signal}");
    }
}

#[test]
fn a_suspicion_goes_to_a_person_whatever_else_is_found_unless_the_program_rejects_that() {
    use ReasonCode as R;
    let own = |reject| {
        let mut program = built_in("shop-owner").unwrap().clone();
        program.decision.reject.push(reject);
        program
    };
    let (usual, strict) = (built_in("shop-owner").unwrap(), own(R::FaceMismatch));
    let found = [
        (None, Outcome::InReview),
        (Some(Finding::review(R::FaceUncertain)), Outcome::InReview),
        (Some(Finding::fail(R::PhotoBlurred)), Outcome::InReview),
        (Some(Finding::fail(R::FaceMismatch)), Outcome::InReview),
        (Some(Finding::fail(R::SubjectBanned)), Outcome::Rejected),
    ];
    for suspicion in SUSPICIONS {
        for (other, outcome) in found {
            for mode in Mode::ALL {
                let mut checks = passing();
                checks.push(Check::new(CheckKind::Operator, &["selfie"], vec![Finding::review(suspicion)]));
                let found = other.into_iter().collect();
                checks.push(Check::new(CheckKind::Together, &["front", "back"], found));
                if mode == Mode::Live {
                    checks.push(confirmed());
                }
                let by = |program| decided_by(program, "resident-id-card", mode, &checks);
                let decision = by(usual);
                assert_eq!(decision.outcome, outcome, "{suspicion} and {other:?} in {mode}");
                assert!(codes(&decision).contains(&suspicion));
                if codes(&decision).contains(&R::FaceMismatch) {
                    assert_eq!(by(&strict).outcome, Outcome::Rejected);
                }
            }
        }
        assert_eq!(
            decided(Mode::Test, &with(CheckKind::Together, Finding::fail(R::FaceMismatch))).outcome,
            Outcome::RequiresInput
        );
    }
}

fn decided_by(program: &Program, method: &str, mode: Mode, checks: &[Check]) -> Decision {
    let method = program.method(method).unwrap();
    decide(&Grounds { program, method, mode, checks, evidence: &[], models: &BTreeMap::new() })
}

fn decided(mode: Mode, checks: &[Check]) -> Decision {
    decided_by(built_in("shop-owner").unwrap(), "resident-id-card", mode, checks)
}

fn with(kind: CheckKind, finding: Finding) -> Vec<Check> {
    let mut checks = passing();
    checks.iter_mut().find(|c| c.kind == kind).unwrap().findings.push(finding);
    checks
}

fn with_face(band: Band, fmr: f32) -> Vec<Check> {
    let mut checks = passing();
    checks.last_mut().unwrap().face = Some(FaceMatch { score: 1.0, band, fmr });
    checks
}

fn confirmed() -> Check {
    let confirmed = Some(Confirmation { source: "registry".into(), at: Timestamp::UNIX_EPOCH });
    Check { confirmed, ..Check::new(CheckKind::Source, &[], vec![]) }
}

fn codes(decision: &Decision) -> Vec<ReasonCode> {
    decision.reasons.iter().map(|r| r.finding.code).collect()
}

fn asked(answer: Option<Answer>) -> Vec<Check> {
    let mut checks = passing();
    let answered = answer.map(check::Answered::from);
    checks.push(check::source("bank", check::SourceKind::PaymentAccount, answered, Timestamp::UNIX_EPOCH));
    checks
}

#[test]
fn what_a_source_says_is_one_reason_of_its_own() {
    use ReasonCode as R;
    for (answer, outcome, reasons) in [
        (Some(Answer::Confirms), Outcome::Verified, vec![]),
        (Some(Answer::NameDiffers), Outcome::RequiresInput, vec![R::PaymentNameMismatch]),
        (Some(Answer::Unknown), Outcome::RequiresInput, vec![R::SourceIdentityUnknown]),
        (None, Outcome::InReview, vec![R::SourceUnavailable]),
    ] {
        let decision = decided(Mode::Live, &asked(answer));
        assert_eq!((decision.outcome, codes(&decision)), (outcome, reasons), "{answer:?}");
    }
}

#[test]
fn outcomes_follow_the_table() {
    use Mode::{Live, Test};
    use Outcome::{InReview, Rejected, RequiresInput, Verified};
    use ReasonCode as R;
    for (name, mode, checks, outcome, reasons) in [
        ("all right, test", Test, passing(), Verified, vec![]),
        ("all right, live, no source", Live, passing(), InReview, vec![R::SourceNotConfigured]),
        (
            "specimen, test",
            Test,
            with(CheckKind::Document, Finding::fail(R::DocumentSpecimen)),
            Verified,
            vec![],
        ),
        (
            "specimen, live",
            Live,
            with(CheckKind::Document, Finding::info(R::DocumentSpecimen)),
            Rejected,
            vec![R::DocumentSpecimen, R::SourceNotConfigured],
        ),
        (
            "blurred",
            Test,
            with(CheckKind::Photo, Finding::fail(R::PhotoBlurred)),
            RequiresInput,
            vec![R::PhotoBlurred],
        ),
        (
            "expired: another document can pass",
            Test,
            with(CheckKind::Document, Finding::fail(R::DocumentExpired)),
            RequiresInput,
            vec![R::DocumentExpired],
        ),
        (
            "unknown place",
            Test,
            with(CheckKind::Document, Finding::review(R::RegionCodeUnknown)),
            InReview,
            vec![R::RegionCodeUnknown],
        ),
        ("only told", Test, with(CheckKind::Photo, Finding::info(R::PhotoGlare)), Verified, vec![]),
        ("uncertain face", Test, with_face(Band::Uncertain, 1e-3), InReview, vec![R::FaceUncertain]),
        ("same, but not surely enough", Test, with_face(Band::Same, 1e-3), InReview, vec![R::FaceUncertain]),
        ("another face", Test, with_face(Band::Different, 0.4), RequiresInput, vec![R::FaceMismatch]),
    ] {
        let decision = decided(mode, &checks);
        assert_eq!((decision.outcome, codes(&decision)), (outcome, reasons), "{name}");
    }
}

#[test]
fn the_assurance_says_what_it_rests_on() {
    let decision = decided(Mode::Test, &passing());
    let basis = &decision.assurance.rests_on;
    assert_eq!(decision.assurance.level, Level::PicturesAgree);
    assert_eq!(basis.documents.iter().map(|d| d.step.as_str()).collect::<Vec<_>>(), ["front", "back"]);
    let actions = Liveness::Actions(proof().challenges);
    assert_eq!((basis.face, &basis.liveness, &basis.source), (Some(SAME), &actions, &Source::None));
    assert!(decision.assurance.statement.en.starts_with("Test mode"));
    let mut still = passing();
    still.retain(|c| c.kind != CheckKind::Liveness);
    assert_eq!(decided(Mode::Test, &still).assurance.rests_on.liveness, Liveness::None);

    for (checks, level) in [
        (with_face(Band::Uncertain, 1e-3), Level::DocumentRead),
        (with(CheckKind::Document, Finding::fail(ReasonCode::DocumentExpired)), Level::None),
        (with(CheckKind::Together, Finding::review(ReasonCode::NameMismatch)), Level::None),
        (vec![], Level::None),
    ] {
        assert_eq!(decided(Mode::Test, &checks).assurance.level, level);
    }
}

#[test]
fn a_source_that_confirms_verifies_in_live_mode() {
    let mut checks = passing();
    checks.push(confirmed());
    let decision = decided(Mode::Live, &checks);
    assert_eq!((decision.outcome, decision.assurance.level), (Outcome::Verified, Level::SourceConfirmed));
    assert!(matches!(decision.assurance.rests_on.source, Source::Confirmed(_)));
}

#[test]
fn a_method_vouched_for_by_an_account_needs_it_in_test_mode_too() {
    let program = built_in("shop-owner").unwrap();
    let decision = decided_by(program, "payment-account", Mode::Test, &passing());
    assert_eq!(
        (decision.outcome, codes(&decision)),
        (Outcome::InReview, vec![ReasonCode::SourceNotConfigured])
    );
    let mut checks = passing();
    checks.push(confirmed());
    assert_eq!(decided_by(program, "payment-account", Mode::Test, &checks).outcome, Outcome::Verified);
}

#[test]
fn leaving_any_check_out_never_verifies() {
    let all = passing();
    for left_out in 1..all.len() {
        let mut checks = all.clone();
        let without = checks.remove(left_out);
        if without.kind == CheckKind::Liveness {
            // Needed in live mode only; see above.
            continue;
        }
        let decision = decided(Mode::Test, &checks);
        assert_eq!(decision.outcome, Outcome::RequiresInput, "{without:?}");
        assert_eq!(codes(&decision), [ReasonCode::MaterialMissing], "{without:?}");
    }
}

#[test]
fn a_face_check_that_compared_nothing_counts_as_missing() {
    let mut checks = passing();
    checks.last_mut().unwrap().face = None;
    assert_eq!(codes(&decided(Mode::Test, &checks)), [ReasonCode::MaterialMissing]);
}

#[test]
fn a_picture_that_cannot_be_opened_is_the_only_reason() {
    let mut checks = passing();
    checks.retain(|c| !c.steps.iter().any(|s| s == "selfie"));
    checks.push(Check::new(CheckKind::Photo, &["selfie"], vec![Finding::fail(ReasonCode::PictureBroken)]));
    assert_eq!(codes(&decided(Mode::Test, &checks)), [ReasonCode::PictureBroken]);
}

#[test]
fn the_json_has_the_shape_that_tools_rely_on() {
    let place = Region::rect(1.0, 2.0, 3.0, 4.0);
    let mut checks = with(CheckKind::Photo, Finding::fail(ReasonCode::PhotoGlare).at(place));
    checks.last_mut().unwrap().face = Some(SAME);
    let json = serde_json::to_value(decided(Mode::Test, &checks)).unwrap();
    assert_eq!(json["decision"], "requires_input");
    assert_eq!(json["assurance"]["rests_on"]["source"], "none");
    let actions = serde_json::json!({ "actions": ["nod", "blink"] });
    assert_eq!(json["assurance"]["rests_on"]["liveness"], actions);
    let reason = &json["reasons"][0];
    assert_eq!(
        (&reason["code"], &reason["severity"], &reason["remedy"], &reason["steps"][0]),
        (&"photo_glare".into(), &"fail".into(), &"retry".into(), &"front".into())
    );
    assert_eq!(reason["region"][2], serde_json::json!([4.0, 6.0]));
    assert!(reason["message"]["zh"].is_string() && reason["fix"]["en"].is_string());
    assert_eq!(json["checks"][1]["check"], "photo");
    assert_eq!(
        json["program"],
        serde_json::json!({"name": "shop-owner", "version": 3, "method": "resident-id-card"})
    );
}

fn finding() -> impl Strategy<Value = Finding> {
    let severity = select(vec![Severity::Info, Severity::Review, Severity::Fail]);
    (select(ReasonCode::ALL), severity, prop::option::of(0u8..9)).prop_map(|(code, severity, x)| Finding {
        code,
        severity,
        region: x.map(|x| Region::rect(f32::from(x), 0.0, 5.0, 5.0)),
    })
}

/// Any subset of a session's checks with any findings.
fn checks() -> impl Strategy<Value = Vec<Check>> {
    let findings = prop::collection::vec(prop::collection::vec(finding(), 0..3), 9);
    let kept = prop::collection::vec(prop::bool::weighted(0.9), 9);
    let band = select(vec![Band::Same, Band::Uncertain, Band::Different]);
    (findings, kept, band, 0f32..0.01, any::<bool>()).prop_map(|(findings, kept, band, fmr, source)| {
        let mut checks = passing();
        checks.last_mut().unwrap().face = Some(FaceMatch { score: 1.0, band, fmr });
        for (check, found) in checks.iter_mut().zip(findings) {
            check.findings = found;
        }
        let mut kept = kept.into_iter();
        checks.retain(|_| kept.next().unwrap_or(true));
        checks.extend(source.then(confirmed));
        checks
    })
}

fn mode() -> impl Strategy<Value = Mode> {
    select(Mode::ALL.to_vec())
}

proptest! {
    #[test]
    fn another_failure_never_makes_it_better(
        checks in checks(), mode in mode(), code in select(ReasonCode::ALL), at in any::<prop::sample::Index>(),
    ) {
        // A suspicion takes it to a person, who decides about what failed too.
        prop_assume!(!checks.is_empty() && !SUSPICIONS.contains(&code));
        let before = decided(mode, &checks);
        let mut worse = checks.clone();
        let at = at.index(worse.len());
        worse[at].findings.push(Finding::fail(code));
        let after = decided(mode, &worse);
        prop_assert!(after.outcome >= before.outcome, "{:?} -> {:?}", before.outcome, after.outcome);
        prop_assert!(after.assurance.level <= before.assurance.level);
    }

    #[test]
    fn the_order_of_checks_and_findings_never_matters(
        (checks, shuffled) in checks().prop_flat_map(|c| (Just(c.clone()), Just(c).prop_shuffle())), mode in mode(),
    ) {
        let mut shuffled = shuffled;
        for c in &mut shuffled {
            c.findings.reverse();
        }
        prop_assert_eq!(decided(mode, &checks), decided(mode, &shuffled));
    }

    #[test]
    fn saying_the_same_twice_changes_nothing(checks in checks(), mode in mode()) {
        let twice: Vec<Check> = checks.iter().chain(&checks).cloned().collect();
        let (once, twice) = (decided(mode, &checks), decided(mode, &twice));
        prop_assert_eq!((once.outcome, once.reasons), (twice.outcome, twice.reasons));
    }

    #[test]
    fn only_what_has_no_reason_is_verified(checks in checks(), mode in mode()) {
        let decision = decided(mode, &checks);
        prop_assert_eq!(decision.outcome == Outcome::Verified, decision.reasons.is_empty());
        if mode == Mode::Live && decision.outcome == Outcome::Verified {
            prop_assert_eq!(decision.assurance.level, Level::SourceConfirmed);
        }
    }
}
