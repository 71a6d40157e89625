mod histories;

use jiff::ToSpan as _;
use proptest::prelude::*;

use super::super::program::built_in;
use super::*;
use crate::account::AccountKind;

fn noon() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

fn program() -> &'static Program {
    built_in("shop-owner").unwrap()
}

fn ids(n: u8) -> [u8; 10] {
    [n; 10]
}

fn fresh() -> Session {
    let new = NewSession {
        id: SessionId::new(noon(), ids(1)),
        clock: None,
        mode: Mode::Test,
        account: Account { kind: AccountKind::Shop, id: "42".into() },
        company: None,
        return_url: None,
        action: None,
        metadata: BTreeMap::new(),
        account_assertion: false,
    };
    Session::new(new, program(), noon()).0
}

fn consents() -> Vec<Consent> {
    let consent =
        |to| Consent { to, version: "1".into(), language: "zh".into(), text_sha256: "00".into(), at: noon() };
    ConsentTo::ALL.map(consent).into()
}

fn evidence(n: u8) -> EvidenceId {
    EvidenceId::new(noon(), ids(n))
}

fn complete() -> Session {
    let mut session = fresh();
    session.consent(consents(), noon()).unwrap();
    session.choose(program(), "resident-id-card", noon()).unwrap();
    session.declare(noon()).unwrap();
    for (n, step) in (0..).zip(["front", "back", "selfie"]) {
        session.take(program(), step, evidence(n), noon()).unwrap();
    }
    session
}

fn at(status: Status) -> Session {
    let mut session = complete();
    let decision = DecisionId::new(noon(), ids(2));
    let decided = |s: &mut Session, outcome| {
        s.submit(program(), noon()).unwrap();
        s.decided(decision.clone(), outcome, Vec::new(), Some(CaseId::new(noon(), ids(3))), noon()).unwrap();
    };
    match status {
        Status::RequiresInput => {}
        Status::Processing => drop(session.submit(program(), noon()).unwrap()),
        Status::InReview => decided(&mut session, Outcome::InReview),
        Status::Verified => decided(&mut session, Outcome::Verified),
        Status::Rejected => decided(&mut session, Outcome::Rejected),
        Status::Expired => drop(session.expire(session.expires_at).unwrap()),
        Status::Canceled => drop(session.cancel(CalledOff::ByPlatform, noon()).unwrap()),
    }
    assert_eq!(session.status, status);
    session
}

type Act = fn(&mut Session) -> Result<(), Refusal>;

const ACTS: [(&str, Act); 9] = [
    ("consent", |s| s.consent(consents(), noon())),
    ("choose", |s| s.choose(program(), "passport", noon())),
    ("declare", |s| s.declare(noon())),
    ("take", |s| s.take(program(), "front", evidence(9), noon()).map(drop)),
    ("submit", |s| s.submit(program(), noon()).map(drop)),
    ("decide", |s| {
        s.decided(DecisionId::new(noon(), ids(5)), Outcome::Verified, vec![], None, noon()).map(drop)
    }),
    ("review", |s| s.reviewed(Verdict::Approve, noon()).map(drop)),
    ("cancel", |s| s.cancel(CalledOff::ByPlatform, noon()).map(drop)),
    ("appeal", |s| s.appeal(program(), CaseId::new(noon(), ids(4)), noon()).map(drop)),
];

#[test]
fn only_these_acts_are_allowed_in_each_status() {
    for (status, allowed) in [
        (Status::RequiresInput, &["consent", "choose", "declare", "take", "submit", "cancel"][..]),
        (Status::Processing, &["decide", "cancel"]),
        (Status::InReview, &["review", "cancel"]),
        (Status::Verified, &[]),
        (Status::Rejected, &[]),
        (Status::Expired, &[]),
        (Status::Canceled, &[]),
    ] {
        for (name, act) in ACTS {
            let (before, mut session) = (at(status), at(status));
            let done = act(&mut session);
            assert_eq!(done.is_ok(), allowed.contains(&name), "{name} while {}: {done:?}", status.name());
            assert!(done.is_ok() || session == before, "a refused {name} changed something");
        }
    }
}

#[test]
fn what_the_checks_alone_rejected_is_looked_at_once_and_what_a_person_rejected_is_not() {
    let appeal = |s: &mut Session| s.appeal(program(), CaseId::new(noon(), ids(4)), noon());
    let banned =
        Reason { code: ReasonCode::SubjectBanned, severity: Severity::Fail, steps: vec![], region: None };
    let mut session = complete();
    session.submit(program(), noon()).unwrap();
    let decision = DecisionId::new(noon(), ids(2));
    session.decided(decision, Outcome::Rejected, vec![banned], None, noon()).unwrap();
    let mut redacted = session.clone();
    redacted.redact(noon()).unwrap();
    assert_eq!(appeal(&mut redacted), Err(Refusal::Ended(Status::Rejected)));
    assert!(session.may_appeal());
    assert_eq!(appeal(&mut session), Ok(Happened::InReview));
    assert_eq!((session.status, session.ended_at), (Status::InReview, None));
    session.reviewed(Verdict::Reject, noon()).unwrap();
    assert!(!session.may_appeal());
    assert_eq!(appeal(&mut session), Err(Refusal::Ended(Status::Rejected)));
}

#[test]
fn nothing_is_taken_before_the_person_has_agreed_to_both() {
    let mut session = fresh();
    assert_eq!(session.choose(program(), "passport", noon()), Err(Refusal::NoConsent));
    session.consent(consents()[..1].to_vec(), noon()).unwrap();
    assert_eq!(session.choose(program(), "passport", noon()), Err(Refusal::NoConsent));
    session.consent(consents()[1..].to_vec(), noon()).unwrap();
    session.choose(program(), "passport", noon()).unwrap();
}

#[test]
fn what_is_missing_is_named() {
    let mut session = fresh();
    session.consent(consents(), noon()).unwrap();
    assert_eq!(session.submit(program(), noon()), Err(Refusal::NoMethod));
    session.choose(program(), "resident-id-card", noon()).unwrap();
    let missing = |s: &mut Session| match s.submit(program(), noon()) {
        Err(Refusal::Missing(items)) => items,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(&mut session), ["front", "back", "selfie"]);
    session.mode = Mode::Live;
    assert_eq!(missing(&mut session), ["name", "id_number", "front", "back", "selfie"]);
}

#[test]
fn another_method_lets_go_of_the_pictures_and_the_same_one_keeps_them() {
    let mut session = complete();
    session.choose(program(), "resident-id-card", noon()).unwrap();
    assert_eq!(session.pictures.len(), 3);
    session.choose(program(), "passport", noon()).unwrap();
    assert!(session.pictures.is_empty());
}

#[test]
fn a_session_ends_when_its_time_is_over_and_never_before() {
    let mut session = complete();
    let end = noon() + 30.minutes();
    assert_eq!(session.expires_at, end);
    assert_eq!(session.expire(end - 1.second()), None);
    assert_eq!(session.submit(program(), end), Err(Refusal::Expired));
    assert_eq!(session.expire(end), Some(Happened::Expired));
}

#[test]
fn a_review_takes_as_long_as_it_takes() {
    let mut session = at(Status::InReview);
    assert_eq!(session.expire(noon() + 9000.hours()), None);
    assert_eq!(session.reviewed(Verdict::AskAgain, noon()), Ok(Happened::RequiresInput));
}

#[test]
fn asked_again_the_person_keeps_what_was_good_and_is_told_what_was_not() {
    let mut session = at(Status::Processing);
    let reason = Reason {
        code: ReasonCode::PhotoBlurred,
        severity: Severity::Fail,
        steps: vec!["back".into()],
        region: None,
    };
    session
        .decided(DecisionId::new(noon(), ids(7)), Outcome::RequiresInput, vec![reason], None, noon())
        .unwrap();
    assert_eq!(session.to_mend().len(), 1);
    assert_eq!(session.pictures.len(), 3);
    session.take(program(), "front", evidence(8), noon()).unwrap();
    assert_eq!(session.to_mend().len(), 1, "another picture of the good side mends nothing");
    session.take(program(), "back", evidence(9), noon()).unwrap();
    assert_eq!(session.to_mend().len(), 0);
}

#[test]
fn a_name_that_differs_is_mended_by_entering_it_again_or_by_another_picture() {
    let differs = Reason {
        code: ReasonCode::NameMismatch,
        severity: Severity::Fail,
        steps: vec!["front".into()],
        region: None,
    };
    let acts: [Act; 2] =
        [|s| s.declare(noon()), |s| s.take(program(), "front", evidence(9), noon()).map(drop)];
    for mend in acts {
        let mut session = at(Status::Processing);
        let id = DecisionId::new(noon(), ids(7));
        session.decided(id, Outcome::RequiresInput, vec![differs.clone()], None, noon()).unwrap();
        assert_eq!(session.to_mend(), [&differs]);
        mend(&mut session).unwrap();
        assert!(session.to_mend().is_empty());
    }
}

#[test]
fn what_was_refused_can_be_brought_before_a_person_and_nothing_else() {
    let case = || CaseId::new(noon(), ids(4));
    assert_eq!(complete().appeal(program(), case(), noon()), Err(Refusal::NothingDecided));
    let mut session = at(Status::Processing);
    let reason = Reason {
        code: ReasonCode::FaceMismatch,
        severity: Severity::Fail,
        steps: vec!["selfie".into()],
        region: None,
    };
    let id = DecisionId::new(noon(), ids(7));
    session.decided(id, Outcome::RequiresInput, vec![reason], None, noon()).unwrap();
    let mut late = session.clone();
    assert_eq!(late.appeal(program(), case(), late.expires_at), Err(Refusal::Expired));
    assert_eq!(session.appeal(program(), case(), noon()), Ok(Happened::InReview));
    assert_eq!(session.case, Some(case()));
    assert_eq!(session.reviewed(Verdict::Approve, noon()), Ok(Happened::Verified));
}

#[test]
fn after_five_attempts_within_six_hours_it_is_later_again() {
    let mut session = complete();
    session.expires_at = noon() + 100.hours();
    for n in 0..5 {
        let now = noon() + (10 * n).minutes();
        session.submit(program(), now).unwrap();
        session
            .decided(DecisionId::new(now, ids(n as u8)), Outcome::RequiresInput, vec![], None, now)
            .unwrap();
    }
    assert_eq!(session.submit(program(), noon() + 1.hour()), Err(Refusal::TooManyAttempts));
    session.submit(program(), noon() + 6.hours()).unwrap();
}

#[test]
fn redacting_leaves_the_outcome_and_nothing_of_the_person() {
    let mut session = at(Status::Verified);
    assert_eq!(session.redact(noon()), Ok(Happened::Redacted));
    assert_eq!((session.status, session.pictures.len(), session.declared), (Status::Verified, 0, false));
    assert_eq!(session.redact(noon()), Err(Refusal::Redacted));
    assert_eq!(at(Status::Processing).redact(noon()), Err(Refusal::Busy(Status::Processing)));
}

#[test]
fn a_session_survives_being_written_down() {
    for status in Status::ALL {
        let session = at(status);
        let text = serde_json::to_string(&session).unwrap();
        assert_eq!(serde_json::from_str::<Session>(&text).unwrap(), session);
        assert_eq!(Status::named(status.name()), Some(status));
    }
}

proptest! {
    #[test]
    fn whatever_happens_in_whatever_order_a_final_status_stays(acts in proptest::collection::vec((0usize..9, 0i64..50), 0..60)) {
        let mut session = fresh();
        let mut ended = None;
        for (act, minutes) in acts {
            let before = session.status;
            let _ = ACTS[act].1(&mut session);
            session.expire(noon() + minutes.minutes());
            if let Some(ended) = ended {
                prop_assert_eq!(session.status, ended);
            }
            if session.status.is_final() {
                ended = Some(session.status);
                prop_assert!(session.ended_at.is_some());
            }
            prop_assert!(before == session.status || !before.is_final());
        }
    }
}

#[test]
fn the_persons_time_begins_when_they_open_the_link() {
    let mut session = fresh();
    session.waits_until(noon() + 60.minutes());
    assert_eq!(session.expires_at, noon() + 60.minutes());
    session.opened(program(), noon() + 50.minutes());
    assert_eq!(session.expires_at, noon() + 80.minutes());
    session.opened(program(), noon() + 80.minutes());
    assert_eq!(session.expires_at, noon() + 80.minutes(), "what is over stays over");
    session.waits_until(noon());
    assert_eq!(session.expires_at, noon() + 80.minutes(), "nothing takes time away");
}

#[test]
fn each_part_is_measured_from_the_one_before_it_whatever_came_first() {
    let mut session = fresh();
    session.opened(program(), noon());
    session.consents = consents();
    session.consents.iter_mut().for_each(|c| c.at = noon() + 10.seconds());
    session.declared_at = Some(noon() + 40.seconds());
    let taken = [("selfie", noon() + 20.seconds()), ("front", noon() + 60.seconds())];
    assert_eq!(session.pace(taken), [], "nothing was handed in");
    session.submissions.push(noon() + 90.seconds());
    let told = |session: &Session| {
        session.pace(taken).into_iter().map(|p| (p.part, p.took.as_secs())).collect::<Vec<_>>()
    };
    let parts =
        [(":whole", 90), (":consent", 10), ("selfie", 10), (":entries", 20), ("front", 20), (":sending", 30)];
    assert_eq!(told(&session), parts.map(|(part, took)| (part.to_owned(), took)));
    session.submissions.push(noon() + 200.seconds());
    assert_eq!(session.pace(taken), [], "the second time they are asked for less");
}

/// One that must show its phone: a buyer, in live mode, with everything else there.
fn buyer() -> (Session, &'static Program) {
    let program = built_in("buyer").unwrap();
    let account = Account { kind: AccountKind::Buyer, id: "7".into() };
    let id = SessionId::new(noon(), ids(1));
    let new = NewSession {
        id,
        clock: None,
        mode: Mode::Live,
        account,
        company: None,
        return_url: None,
        action: None,
        metadata: BTreeMap::new(),
        account_assertion: false,
    };
    let mut session = Session::new(new, program, noon()).0;
    session.consent(consents(), noon()).unwrap();
    session.choose(program, "resident-id-card", noon()).unwrap();
    assert_eq!(session.may_prove_phone(program, noon()), Err(Refusal::Missing(vec!["phone".into()])));
    session.declare(noon()).unwrap();
    session.phone_entered(false, true);
    for (n, step) in (0..).zip(["front", "back", "selfie"]) {
        session.take(program, step, evidence(n), noon()).unwrap();
    }
    (session, program)
}

#[test]
fn a_phone_is_proven_before_anything_is_handed_in_and_another_one_anew() {
    let (mut session, program) = buyer();
    assert_eq!(session.submit(program, noon()), Err(Refusal::PhoneUnverified));
    session.prove_phone(program, noon()).unwrap();
    session.phone_entered(true, true);
    assert_eq!(
        session.clone().submit(program, noon()),
        Ok(Happened::Processing),
        "the same one stays proven"
    );
    session.phone_entered(false, true);
    assert_eq!(session.submit(program, noon()), Err(Refusal::PhoneUnverified));
    session.phone_entered(true, false);
    assert_eq!(
        session.submit(program, noon()),
        Ok(Happened::Processing),
        "nothing can send: a person decides"
    );
    assert_eq!(session.prove_phone(program, noon()), Err(Refusal::NotYourTurn(Status::Processing)));
}

#[test]
fn a_registered_phone_that_changes_is_proven_too_or_said_to_be_lost() {
    let changing = || {
        let (mut session, program) = buyer();
        session.change_references([Reference::Phone].into(), false, true);
        session.prove_phone(program, noon()).unwrap();
        assert_eq!(session.submit(program, noon()), Err(Refusal::PhoneUnverified));
        (session, program)
    };
    let (mut both, program) = changing();
    both.prove_phone(program, noon()).unwrap();
    assert_eq!(
        (both.phone_proof, both.old_phone),
        (PhoneProof::Code { at: noon() }, PhoneProof::Code { at: noon() })
    );
    // Entered once more as they were, both stay proven; another phone makes both be proven anew.
    both.phone_entered(true, true);
    both.change_references([Reference::Phone].into(), true, true);
    assert_eq!(both.clone().submit(program, noon()), Ok(Happened::Processing));
    both.phone_entered(false, true);
    both.change_references([Reference::Phone].into(), false, true);
    assert!(both.awaits_phone(program) && both.awaits_old_phone());
    let (mut lost, program) = changing();
    lost.lost_old_phone(program, noon()).unwrap();
    assert_eq!(
        (lost.old_phone, lost.submit(program, noon())),
        (PhoneProof::Unreachable, Ok(Happened::Processing))
    );
}

#[test]
fn an_appeal_brings_no_phone_that_is_not_proven() {
    let (mut session, program) = buyer();
    session.prove_phone(program, noon()).unwrap();
    session.submit(program, noon()).unwrap();
    let reason = Reason {
        code: ReasonCode::FaceMismatch,
        severity: Severity::Fail,
        steps: vec!["selfie".into()],
        region: None,
    };
    let id = DecisionId::new(noon(), ids(7));
    session.decided(id, Outcome::RequiresInput, vec![reason], None, noon()).unwrap();
    session.declare(noon()).unwrap();
    session.phone_entered(false, true);
    assert_eq!(session.appeal(program, CaseId::new(noon(), ids(4)), noon()), Err(Refusal::PhoneUnverified));
    session.prove_phone(program, noon()).unwrap();
    assert_eq!(session.appeal(program, CaseId::new(noon(), ids(4)), noon()), Ok(Happened::InReview));
}

proptest! {
    /// Whatever is entered, proven and given up in whatever order: what is handed in has its phones proven, or nothing
    /// could send a code, or the person gave the old one up.
    #[test]
    fn whatever_happens_nothing_is_handed_in_with_an_open_phone(acts in proptest::collection::vec(0u8..7, 0..40)) {
        let (mut session, program) = buyer();
        for act in acts {
            match act {
                0 => session.phone_entered(true, true),
                1 => session.phone_entered(false, true),
                2 => session.change_references([Reference::Phone].into(), false, true),
                3 => session.change_references(BTreeSet::new(), true, true),
                4 => session.prove_phone(program, noon()).unwrap_or_default(),
                5 => session.lost_old_phone(program, noon()).unwrap_or_default(),
                _ => {
                    let handed_in = session.clone().submit(program, noon());
                    let changes = session.changes.contains(&Reference::Phone);
                    let open = session.phone_proof == PhoneProof::Open
                        || (changes && session.old_phone == PhoneProof::Open);
                    prop_assert_eq!(handed_in.is_err(), open);
                }
            }
        }
    }
}
