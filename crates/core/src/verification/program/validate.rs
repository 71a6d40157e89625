//! What the types alone cannot say about a program.

use std::collections::BTreeSet;

use super::{CheckKind, LICENCE, Method, Mode, Need, Program, ReviewDeadline};
use crate::see::liveness::Plan;
use crate::see::{DocumentKind, Shot};
use crate::verification::{ReasonCode, Severity};

/// One part of the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Name(String),
    Index(usize),
}

/// Where, and what is wrong.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) path: Vec<Key>,
    pub(super) message: String,
}

fn problem<T>(path: &[&dyn AsKey], message: impl Into<String>) -> Result<T, Problem> {
    Err(Problem { path: path.iter().map(|k| k.as_key()).collect(), message: message.into() })
}

trait AsKey {
    fn as_key(&self) -> Key;
}
impl AsKey for &str {
    fn as_key(&self) -> Key {
        Key::Name((*self).to_owned())
    }
}
impl AsKey for usize {
    fn as_key(&self) -> Key {
        Key::Index(*self)
    }
}

pub(super) fn validate(p: &Program) -> Result<(), Problem> {
    id(&p.name, &[&"name"])?;
    range(p.version, 1, u32::MAX, &[&"version"])?;
    texts(p)?;
    numbers(p)?;
    severities(p)?;
    range(p.decision.suspect_after, 1, 10, &[&"decision", &"suspect_after"])?;
    // Whoever sends what is missing can still pass.
    if let Some(i) = p.decision.reject.iter().position(|c| *c == ReasonCode::MaterialMissing) {
        return problem(&[&"decision", &"reject", &i], "what is missing can be sent: it cannot be rejected");
    }
    // On a large list chance hits are the rule: a resemblance alone refuses nobody.
    for (mode, weights) in
        [("always", &p.severity.always), ("test", &p.severity.test), ("live", &p.severity.live)]
    {
        let people = [ReasonCode::FaceResemblesBanned, ReasonCode::BanListNotSearched];
        if let Some(code) = people.iter().find(|code| weights.get(*code) == Some(&Severity::Fail)) {
            return problem(
                &[&"severity", &mode, &code.name()],
                "whom somebody resembles is for a person to look at",
            );
        }
    }
    if p.methods.is_empty() || p.methods.len() > MOST_METHODS {
        return problem(&[&"method"], format!("a program has 1 to {MOST_METHODS} methods"));
    }
    let mut seen = BTreeSet::new();
    for (m, method) in p.methods.iter().enumerate() {
        id(&method.id, &[&"method", &m, &"id"])?;
        if !seen.insert(&method.id) {
            return problem(&[&"method", &m, &"id"], format!("there are two methods {:?}", method.id));
        }
        method_is_sound(method, m)?;
        let live = method.steps.iter().position(|s| s.live != Need::Optional);
        if let Some(s) = live.filter(|_| p.liveness.is_none()) {
            let message = "a step that is captured live needs a section [liveness]";
            return problem(&[&"method", &m, &"step", &s, &"live"], message);
        }
    }
    if let Some(rules) = &p.liveness {
        range(rules.window_ms, 2_000, 60_000, &[&"liveness", &"window_ms"])?;
        range(rules.retries, 0, 20, &[&"liveness", &"retries"])?;
        // Whether a plan can be drawn does not depend on chance.
        Plan::draw(rules, &[0; 32])
            .map_err(|e| Problem { path: vec![Key::Name("liveness".into())], message: e.to_string() })?;
    }
    Ok(())
}

const MOST_METHODS: usize = 32;
const MOST_STEPS: usize = 16;

fn id(text: &str, path: &[&dyn AsKey]) -> Result<(), Problem> {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let good =
        text.len() <= 64 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(plain);
    if good {
        return Ok(());
    }
    problem(path, "a name has 1 to 64 lower-case letters, digits and hyphens, and starts with a letter")
}

fn range<T: PartialOrd + std::fmt::Display>(
    v: T,
    from: T,
    to: T,
    path: &[&dyn AsKey],
) -> Result<(), Problem> {
    if v >= from && v <= to { Ok(()) } else { problem(path, format!("{v} is not between {from} and {to}")) }
}

fn texts(p: &Program) -> Result<(), Problem> {
    for (language, text) in [("zh", &p.title.zh), ("en", &p.title.en)] {
        if text.trim().is_empty() {
            return problem(&[&"title", &language], "a title cannot be empty");
        }
    }
    for (m, method) in p.methods.iter().enumerate() {
        for (language, text) in [("zh", &method.title.zh), ("en", &method.title.en)] {
            if text.trim().is_empty() {
                return problem(&[&"method", &m, &"title", &language], "a title cannot be empty");
            }
        }
    }
    Ok(())
}

fn numbers(p: &Program) -> Result<(), Problem> {
    let t = &p.thresholds;
    range(t.min_card_width_px, 200.0, 10_000.0, &[&"thresholds", &"min_card_width_px"])?;
    range(t.min_eye_distance_px, 20.0, 1000.0, &[&"thresholds", &"min_eye_distance_px"])?;
    range(t.max_false_match_rate, 1e-9, 0.01, &[&"thresholds", &"max_false_match_rate"])?;
    let d = &p.deadlines;
    range(d.session_minutes, 1, 1440, &[&"deadlines", &"session_minutes"])?;
    range(d.warn_minutes, 0, d.session_minutes, &[&"deadlines", &"warn_minutes"])?;
    range(d.escalate_at, 0.0, 1.0, &[&"deadlines", &"escalate_at"])?;
    range(d.attempts, 1, 100, &[&"deadlines", &"attempts"])?;
    range(d.attempt_hours, 1, 720, &[&"deadlines", &"attempt_hours"])?;
    match d.review {
        ReviewDeadline::Hours(h) => range(h, 1, 2160, &[&"deadlines", &"review", &"hours"])?,
        ReviewDeadline::WorkingDays(days) => range(days, 1, 90, &[&"deadlines", &"review", &"working_days"])?,
    }
    let r = &p.retention;
    range(r.identity_record_years_after_exit, 0, 30, &[&"retention", &"identity_record_years_after_exit"])?;
    range(r.document_pictures_days, 0, 3650, &[&"retention", &"document_pictures_days"])?;
    range(r.face_pictures_hours, 0, 8760, &[&"retention", &"face_pictures_hours"])
}

/// What no program may wave through: another person's face or none, missing material, an identity that no
/// source has confirmed (whether one must is `decision.authoritative_source`), and in live mode a specimen.
/// A finding of these asks at least for a person.
fn severities(p: &Program) -> Result<(), Problem> {
    let floor = |code: ReasonCode, mode: Option<Mode>| match code {
        ReasonCode::FaceMismatch
        | ReasonCode::FaceNotFound
        | ReasonCode::MaterialMissing
        | ReasonCode::PaymentNameMismatch
        | ReasonCode::SourceIdentityUnknown
        | ReasonCode::SourceNameMismatch
        | ReasonCode::SourcePhoneMismatch
        | ReasonCode::SourceUnavailable
        | ReasonCode::SourceNotConfigured
        | ReasonCode::LivenessNotShown
        | ReasonCode::PhoneUnverified
        | ReasonCode::PhoneChanged
        | ReasonCode::RegisteredNameDiffers
        | ReasonCode::PaymentAccountChanged
        | ReasonCode::BankCardChanged => true,
        ReasonCode::DocumentSpecimen => mode == Some(Mode::Live),
        _ => false,
    };
    let rules = [
        ("always", None, &p.severity.always),
        ("test", Some(Mode::Test), &p.severity.test),
        ("live", Some(Mode::Live), &p.severity.live),
    ];
    for (name, mode, rules) in rules {
        for (code, severity) in rules {
            if *severity == Severity::Info && floor(*code, mode) {
                let message = "this finding cannot be waved through: review or fail";
                return problem(&[&"severity", &name, &code.name()], message);
            }
        }
    }
    let specimen = p.severity.of(ReasonCode::DocumentSpecimen, Mode::Live, Severity::Fail);
    if specimen == Severity::Info {
        let path: [&dyn AsKey; 3] = [&"severity", &"always", &"document_specimen"];
        return problem(&path, "a specimen cannot be waved through in live mode: set it under severity.test");
    }
    Ok(())
}

fn method_is_sound(method: &Method, m: usize) -> Result<(), Problem> {
    if method.steps.is_empty() || method.steps.len() > MOST_STEPS {
        return problem(&[&"method", &m, &"step"], format!("a method has 1 to {MOST_STEPS} steps"));
    }
    for mode in Mode::ALL {
        if method.declare.phone_code.in_mode(mode) && !method.declare.phone.in_mode(mode) {
            let message = "a code is sent to a phone: ask for the phone wherever you ask for a code";
            return problem(&[&"method", &m, &"declare", &"phone_code"], message);
        }
    }
    let mut seen = BTreeSet::new();
    for (s, step) in method.steps.iter().enumerate() {
        id(&step.id, &[&"method", &m, &"step", &s, &"id"])?;
        if step.shot == Shot::BusinessLicence || step.id == LICENCE {
            let message =
                "a business licence is asked of companies alone: set business_licence of the program";
            return problem(&[&"method", &m, &"step", &s, &"shot"], message);
        }
        if !seen.insert(&step.id) {
            let message = format!("there are two steps {:?}", step.id);
            return problem(&[&"method", &m, &"step", &s, &"id"], message);
        }
        if let Some(kind) = step.reads
            && !may_read(step.shot, kind)
        {
            let message = format!("a picture of {} cannot be read as {kind}", step.shot);
            return problem(&[&"method", &m, &"step", &s, &"reads"], message);
        }
        if let Some(kind) = step.shows
            && (step.reads.is_some() || !may_read(step.shot, kind))
        {
            let message = format!("a picture of {} that is not read cannot be of {kind}", step.shot);
            return problem(&[&"method", &m, &"step", &s, &"shows"], message);
        }
        if step.portrait && (step.reads.or(step.shows).is_none() || step.shot == Shot::Handheld) {
            let message = "a portrait is on a document, shown by itself: say which by \"reads\" or \"shows\"";
            return problem(&[&"method", &m, &"step", &s, &"portrait"], message);
        }
    }
    for (c, check) in method.checks.iter().enumerate() {
        if method.checks[..c].contains(check) {
            return problem(&[&"method", &m, &"checks", &c], "this check is named twice");
        }
    }
    let has = |check| method.checks.contains(&check);
    let portraits = method.steps.iter().filter(|s| s.portrait).count();
    let selfies = method.steps.iter().filter(|s| s.shot == Shot::Selfie).count();
    if has(CheckKind::Face) && (portraits, selfies) != (1, 1) {
        let message = "the face check needs exactly one step with a portrait and one of shot \"selfie\"";
        return problem(&[&"method", &m, &"checks"], message);
    }
    if has(CheckKind::Liveness) && method.steps.iter().all(|s| s.live == Need::Optional) {
        let message = "the liveness check needs a step that is captured live";
        return problem(&[&"method", &m, &"checks"], message);
    }
    let reads = method.steps.iter().any(|s| s.reads.is_some());
    if !reads && (has(CheckKind::Document) || has(CheckKind::Together) || has(CheckKind::Issuer)) {
        let message = "checks of documents need a step that reads one";
        return problem(&[&"method", &m, &"checks"], message);
    }
    Ok(())
}

/// Which documents a shot can show.
const fn may_read(shot: Shot, kind: DocumentKind) -> bool {
    matches!(
        (shot, kind),
        (Shot::IdFront, DocumentKind::CnIdFront | DocumentKind::Permit)
            | (Shot::IdBack, DocumentKind::CnIdBack | DocumentKind::Permit)
            | (Shot::Passport, DocumentKind::Passport)
            | (Shot::Visa, DocumentKind::Visa)
            | (Shot::Handheld, DocumentKind::CnIdFront | DocumentKind::Passport)
    )
}
