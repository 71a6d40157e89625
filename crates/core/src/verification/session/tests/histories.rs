//! Every command at any time, with a deadline job that comes late or not at all: random histories of one session.

use super::*;
use crate::histories::histories;

/// What anybody, or time, can do to a session.
#[derive(Clone, Copy, Debug)]
enum Command {
    Agree(usize),
    Choose(&'static str),
    Enter,
    Photograph(&'static str),
    Complete,
    Submit,
    Decide(Outcome),
    Appeal,
    Review(Verdict),
    Renew,
    Open,
    Link(i64),
    Cancel,
    Redact,
    Deadline,
}

use Command::{
    Agree, Appeal, Cancel, Choose, Complete, Deadline, Decide, Enter, Link, Open, Photograph, Redact, Renew,
    Review, Submit,
};

/// Drawn from evenly: what brings a session on stands here more often than what ends it.
const COMMANDS: [Command; 34] = [
    Agree(0),
    Agree(1),
    Choose("resident-id-card"),
    Choose("passport"),
    Choose("none-such"),
    Enter,
    Photograph("front"),
    Photograph("selfie"),
    Photograph("none-such"),
    Complete,
    Complete,
    Complete,
    Complete,
    Submit,
    Submit,
    Submit,
    Submit,
    Decide(Outcome::Verified),
    Decide(Outcome::Rejected),
    Decide(Outcome::RequiresInput),
    Decide(Outcome::RequiresInput),
    Decide(Outcome::InReview),
    Appeal,
    Appeal,
    Review(Verdict::Approve),
    Review(Verdict::Reject),
    Review(Verdict::AskAgain),
    Review(Verdict::Withdrawn),
    Renew,
    Open,
    Link(90),
    Cancel,
    Redact,
    Deadline,
];

/// Runs one; the events that it caused, or why it was refused.
fn run(session: &mut Session, command: Command, now: Timestamp) -> Result<Option<Happened>, Refusal> {
    let (decision, case) = (DecisionId::new(now, ids(5)), CaseId::new(now, ids(4)));
    let fault = Reason {
        code: ReasonCode::FaceMismatch,
        severity: Severity::Fail,
        steps: vec!["selfie".into()],
        region: None,
    };
    match command {
        Agree(n) => session.consent(vec![consents().swap_remove(n)], now)?,
        Choose(method) => session.choose(program(), method, now)?,
        Enter => session.declare(now)?,
        Photograph(step) => drop(session.take(program(), step, evidence(1), now)?),
        Complete => {
            session.consent(consents(), now)?;
            session.choose(program(), "resident-id-card", now)?;
            session.declare(now)?;
            for (n, step) in (0..).zip(["front", "back", "selfie"]) {
                session.take(program(), step, evidence(n), now)?;
            }
        }
        Submit => return session.submit(program(), now).map(Some),
        Decide(outcome) => {
            let reasons = if outcome == Outcome::Verified { vec![] } else { vec![fault] };
            return session.decided(decision, outcome, reasons, Some(case), now).map(Some);
        }
        Appeal => return session.appeal(program(), case, now).map(Some),
        Review(verdict) => return session.reviewed(verdict, now).map(Some),
        Renew => session.renew(program(), now)?,
        Open => session.opened(program(), now),
        Link(minutes) => session.waits_until(now + minutes.minutes()),
        Cancel => return session.cancel(CalledOff::ByPlatform, now).map(Some),
        Redact => return session.redact(now).map(Some),
        Deadline => return Ok(session.expire(now)),
    }
    Ok(None)
}

/// Where a command may bring a session from there, if it changes where it stands.
fn leads(from: Status, command: Command) -> Option<Status> {
    Some(match (from, command) {
        (Status::RequiresInput, Submit) => Status::Processing,
        (Status::RequiresInput | Status::Rejected, Appeal) => Status::InReview,
        (Status::RequiresInput, Deadline) => Status::Expired,
        (Status::RequiresInput, Redact) => Status::Canceled,
        (Status::Processing, Decide(Outcome::InReview)) => Status::InReview,
        (Status::Processing, Decide(Outcome::Verified)) | (Status::InReview, Review(Verdict::Approve)) => {
            Status::Verified
        }
        (Status::Processing, Decide(Outcome::Rejected)) | (Status::InReview, Review(Verdict::Reject)) => {
            Status::Rejected
        }
        (Status::Processing, Decide(Outcome::RequiresInput))
        | (Status::InReview, Review(Verdict::AskAgain)) => Status::RequiresInput,
        (Status::InReview, Review(Verdict::Withdrawn)) => Status::Canceled,
        (status, Cancel) if !status.is_final() => Status::Canceled,
        _ => return None,
    })
}

/// What the rules say of the person's time, kept apart from the session.
fn deadline(before: &Session, was: Timestamp, command: Command, now: Timestamp) -> Timestamp {
    let whole = now + i64::from(program().deadlines.session_minutes).minutes();
    match command {
        _ if before.status != Status::RequiresInput => was,
        Renew => was.max(whole),
        Open if now < was => whole,
        Link(minutes) => was.max(now + minutes.minutes()),
        _ => was,
    }
}

/// The event that says where a session stands.
fn says(status: Status) -> Happened {
    match status {
        Status::RequiresInput => Happened::RequiresInput,
        Status::Processing => Happened::Processing,
        Status::InReview => Happened::InReview,
        Status::Verified => Happened::Verified,
        Status::Rejected => Happened::Rejected,
        Status::Expired => Happened::Expired,
        Status::Canceled => Happened::Canceled,
    }
}

/// What holds of a session whatever happened to it.
fn sound(session: &Session, due: Timestamp) -> Result<(), TestCaseError> {
    prop_assert_eq!(session.expires_at, due, "the deadline moved");
    prop_assert_eq!(session.ended_at.is_some(), session.status.is_final());
    prop_assert_eq!(session.called_off.is_some(), session.status == Status::Canceled);
    if session.status == Status::Processing {
        prop_assert!(session.has_consent() && session.missing(program()).is_empty());
    }
    if session.redacted_at.is_some() {
        prop_assert!(session.status.is_final(), "redacted while it goes on");
        prop_assert!(session.pictures.is_empty() && !session.declared && session.device.is_none());
    }
    let rules = &program().deadlines;
    let (most, hours) = (rules.attempts as usize, i64::from(rules.attempt_hours).hours());
    for window in session.submissions.windows(most + 1) {
        prop_assert!(window[most] >= window[0] + hours, "handed in too often");
    }
    Ok(())
}

proptest! {
    #![proptest_config(histories(10_000))]

    /// Nothing that is refused changes anything; what is done leads where the table says, with the one event that says
    /// so; each submission is decided at most once; the deadline is where the rules put it, nothing of the person counts
    /// after it, and it ends the session once.
    #[test]
    fn no_session_is_decided_twice_or_misses_its_deadline(
        steps in prop::collection::vec((0i64..25, prop::sample::select(&COMMANDS[..])), 1..40),
    ) {
        let (mut session, mut now, mut decided, mut expired) = (fresh(), noon(), 0, 0);
        let mut due = session.expires_at;
        for (minutes, command) in steps {
            now += minutes.minutes();
            let before = session.clone();
            let done = run(&mut session, command, now);
            let late = before.status == Status::RequiresInput && now >= due;
            if late && matches!(command, Agree(_) | Choose(_) | Enter | Photograph(_) | Complete | Submit | Appeal) {
                prop_assert_eq!(&done, &Err(Refusal::Expired), "{:?} after the deadline", command);
            }
            if matches!(command, Deadline) {
                prop_assert_eq!(session.status == Status::Expired, before.status == Status::Expired || late);
            }
            if done.is_err() {
                prop_assert_eq!(&session, &before, "{:?} was refused and changed something", command);
            }
            due = deadline(&before, due, command, now);
            decided += usize::from(matches!(command, Decide(_)) && done.is_ok());
            let happened = done.ok().flatten();
            if session.status != before.status {
                prop_assert_eq!(Some(session.status), leads(before.status, command));
                let event = if matches!(command, Redact) { Happened::Redacted } else { says(session.status) };
                prop_assert_eq!(happened, Some(event));
                prop_assert!(!session.status.is_final() || session.ended_at == Some(now));
                expired += u32::from(session.status == Status::Expired);
            } else {
                prop_assert!(matches!(happened, None | Some(Happened::Redacted)), "{:?} without a change", happened);
            }
            prop_assert!(decided <= session.submissions.len(), "decided twice");
            sound(&session, due)?;
        }
        prop_assert!(expired <= 1);
    }
}
