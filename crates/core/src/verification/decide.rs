//! The decision.
//!
//! | what the checks found, as the program weighs it | outcome |
//! |---|---|
//! | a failure whose code the program rejects (a specimen in live mode) | `rejected` |
//! | a suspicion ([`SUSPICIONS`]), whatever else fails: no better picture answers it | `in_review` |
//! | any other failure: a blurred photo, an expired card (another document can pass), another face | `requires_input` |
//! | something that a person should look at: an uncertain face, an unknown place, no authoritative source where one is needed | `in_review` |
//! | nothing | `verified` |
//!
//! The worst finding decides. A check that the method asks for and nobody made counts as missing material, so
//! that leaving a check out can never help.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::assurance::{self, Assurance, DocumentBasis, Level, Liveness, PhoneBasis, RestsOn, Source};
use super::check::{Check, Equals};
use super::evidence::Evidence;
use super::program::{CheckKind, Method, Mode, Program, Step};
use super::reason::{ReasonCode, Remedy};
use super::session::Assistance;
use super::{Finding, Severity};
use crate::account::ban::{Candidate, Searched};
use crate::recheck::tell_apart::{Operator, SUSPICIONS};
use crate::see::liveness::Challenge;
use crate::see::{Band, FaceMatch};

/// Everything that a decision is made from.
#[derive(Clone, Copy, Debug)]
pub struct Grounds<'a> {
    /// The program, in the version with which the session started.
    pub program: &'a Program,
    /// The method that the person chose.
    pub method: &'a Method,
    /// Test or live.
    pub mode: Mode,
    /// What was examined, in any order.
    pub checks: &'a [Check],
    /// The pictures.
    pub evidence: &'a [Evidence],
    /// Which models looked at them: name and digest.
    pub models: &'a BTreeMap<String, String>,
}

/// What becomes of the session, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Passed.
    Verified,
    /// A person decides.
    InReview,
    /// Something must be done again or otherwise; the reasons say what.
    RequiresInput,
    /// Ended.
    Rejected,
}

/// A decision. Superseded by a later one, never changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// What becomes of the session.
    #[serde(rename = "decision")]
    pub outcome: Outcome,
    /// What it rests on.
    pub assurance: Assurance,
    /// Why it is no better: the worst first. Empty when verified.
    pub reasons: Vec<Reason>,
    /// Every check, with its findings as the program weighs them.
    pub checks: Vec<CheckResult>,
    /// By which rules.
    pub program: ProgramVersion,
    /// Test or live.
    pub mode: Mode,
    /// From which pictures.
    pub evidence: Vec<Evidence>,
    /// Seen by which models.
    pub models: BTreeMap<String, String>,
    /// Whose phone was used, when it was somebody else's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assisted: Option<Assistance>,
}

/// Which rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProgramVersion {
    /// The program's name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// The method's id.
    pub method: String,
}

/// How one check came out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckResult {
    /// Which.
    pub check: CheckKind,
    /// Ids of the steps that it looked at.
    pub steps: Vec<String>,
    /// `pass`, or the weight of the worst finding above `info`.
    pub result: Passed,
    /// What it found, the worst first.
    pub findings: Vec<Finding>,
    /// What comparing gave.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub face: Option<FaceMatch>,
    /// Whom the person resembles, for whoever reviews it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// How many bans that was looked for among.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searched: Option<Searched>,
    /// Of name, number and phone, whether each equals what the source has (row A5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<Equals>,
    /// What speaks for and against the person who was verified before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<Operator>,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passed {
    /// Nothing, or only things to tell.
    Pass,
    /// A person should look.
    Review,
    /// It cannot pass as it is.
    Fail,
}

/// One reason for the outcome.
#[derive(Clone, Debug, PartialEq)]
pub struct Reason {
    /// What was found, as the program weighs it.
    pub finding: Finding,
    /// By which check.
    pub check: CheckKind,
    /// In which steps' pictures.
    pub steps: Vec<String>,
}

impl Serialize for Reason {
    /// A finding's own shape, and `remedy`, `check`, `steps`.
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Shape<'a> {
            #[serde(flatten)]
            finding: &'a Finding,
            remedy: Remedy,
            check: CheckKind,
            steps: &'a [String],
        }
        let (finding, check, steps) = (&self.finding, self.check, &self.steps);
        Shape { finding, remedy: finding.code.remedy(), check, steps }.serialize(s)
    }
}

/// Decides. Pure: the same grounds give the same decision, whatever the order of checks and findings.
pub fn decide(grounds: &Grounds<'_>) -> Decision {
    let mut results: Vec<CheckResult> = grounds.checks.iter().map(|c| judged(grounds, c)).collect();
    let gaps = gaps(grounds, &results);
    results.extend(gaps);
    let unseen = unseen(grounds, &results);
    results.extend(unseen);
    let source = source(grounds, &results);
    results.extend(source);
    // That everything else is there says nothing where something is not.
    let lacking = results.iter().any(|r| r.check == CheckKind::Materials && r.result != Passed::Pass);
    results.retain(|r| !lacking || r.check != CheckKind::Materials || r.result != Passed::Pass);
    let place = |step: &String| grounds.method.steps.iter().position(|s| s.id == *step);
    results.sort_by_cached_key(|r| {
        let order: Vec<Option<usize>> = r.steps.iter().map(place).collect();
        (r.check, order, r.steps.clone(), r.findings.iter().map(rank).collect::<Vec<_>>())
    });
    results.dedup();
    let reasons = reasons(&results);
    let rejected = |r: &Reason| grounds.program.decision.reject.contains(&r.finding.code);
    let suspected = reasons.iter().any(|r| SUSPICIONS.contains(&r.finding.code));
    let worst = reasons
        .iter()
        .map(|r| match r.finding.severity {
            Severity::Fail if rejected(r) => Outcome::Rejected,
            Severity::Fail => Outcome::RequiresInput,
            Severity::Review => Outcome::InReview,
            Severity::Info => Outcome::Verified,
        })
        .max()
        .unwrap_or(Outcome::Verified);
    let outcome = if suspected && worst == Outcome::RequiresInput { Outcome::InReview } else { worst };
    Decision {
        outcome,
        assurance: assurance(grounds, &results),
        reasons,
        checks: results,
        program: ProgramVersion {
            name: grounds.program.name.clone(),
            version: grounds.program.version,
            method: grounds.method.id.clone(),
        },
        mode: grounds.mode,
        evidence: grounds.evidence.to_vec(),
        models: grounds.models.clone(),
        assisted: None,
    }
}

/// A check with its findings as the program weighs them.
fn judged(grounds: &Grounds<'_>, check: &Check) -> CheckResult {
    let mut findings = check.findings.clone();
    if let Some(face) = check.face {
        findings.extend(face_finding(face, grounds.program.thresholds.max_false_match_rate));
    }
    let (candidates, operator) = (check.candidates.clone(), check.operator.clone());
    CheckResult {
        candidates,
        searched: check.searched,
        equals: check.equals,
        operator,
        ..weighed(grounds, check.kind, check.steps.clone(), findings, check.face)
    }
}

fn weighed(
    grounds: &Grounds<'_>,
    check: CheckKind,
    steps: Vec<String>,
    mut findings: Vec<Finding>,
    face: Option<FaceMatch>,
) -> CheckResult {
    for f in &mut findings {
        f.severity = grounds.program.severity.of(f.code, grounds.mode, f.severity);
    }
    findings.sort_by(compare);
    findings.dedup();
    let result = match findings.iter().map(|f| f.severity).max() {
        Some(Severity::Fail) => Passed::Fail,
        Some(Severity::Review) => Passed::Review,
        Some(Severity::Info) | None => Passed::Pass,
    };
    CheckResult {
        check,
        steps,
        result,
        findings,
        face,
        candidates: Vec::new(),
        searched: None,
        equals: None,
        operator: None,
    }
}

/// The band is the recogniser's, the false-match rate is measured, how much is enough is the program's.
fn face_finding(face: FaceMatch, most: f32) -> Option<Finding> {
    match face.band {
        Band::Same if face.fmr <= most => None,
        Band::Same | Band::Uncertain => Some(Finding::review(ReasonCode::FaceUncertain)),
        Band::Different => Some(Finding::fail(ReasonCode::FaceMismatch)),
    }
}

/// What the method asks for and no check has looked at. A step whose picture already fails needs no second
/// reason.
fn gaps(grounds: &Grounds<'_>, results: &[CheckResult]) -> Vec<CheckResult> {
    let fails = |step: &Step| results.iter().any(|r| r.result == Passed::Fail && r.steps.contains(&step.id));
    let covered =
        |kind: CheckKind, step: &Step| results.iter().any(|r| r.check == kind && r.steps.contains(&step.id));
    let asks = |kind| grounds.method.checks.contains(&kind);
    let needed: Vec<&Step> = grounds.method.steps.iter().filter(|s| s.need.in_mode(grounds.mode)).collect();
    let mut missing: Vec<&Step> = Vec::new();
    for step in &needed {
        let unseen = (asks(CheckKind::Photo) && !covered(CheckKind::Photo, step))
            || (asks(CheckKind::Document) && step.reads.is_some() && !covered(CheckKind::Document, step));
        if unseen && !fails(step) {
            missing.push(step);
        }
    }
    let mut gaps: Vec<CheckResult> =
        missing.iter().map(|s| gap(grounds, CheckKind::Materials, &[s])).collect();
    let reading: Vec<&Step> = needed.iter().copied().filter(|s| s.reads.is_some()).collect();
    let faces: Vec<&Step> =
        needed.iter().copied().filter(|s| s.portrait || s.shot == crate::see::Shot::Selfie).collect();
    for (kind, steps) in
        [(CheckKind::Together, reading.clone()), (CheckKind::Issuer, reading), (CheckKind::Face, faces)]
    {
        let made = results.iter().any(|r| {
            r.check == kind && (kind != CheckKind::Face || r.face.is_some() || r.result == Passed::Fail)
        });
        let explained = steps.iter().any(|s| fails(s) || missing.iter().any(|m| m.id == s.id));
        if asks(kind) && !made && !explained {
            gaps.push(gap(grounds, kind, &steps));
        }
    }
    gaps
}

fn gap(grounds: &Grounds<'_>, kind: CheckKind, steps: &[&Step]) -> CheckResult {
    let steps = steps.iter().map(|s| s.id.clone()).collect();
    weighed(grounds, kind, steps, vec![Finding::fail(ReasonCode::MaterialMissing)], None)
}

/// Steps that must be captured live in this mode and were not: a person decides. Nobody is refused for what they
/// cannot do.
fn unseen(grounds: &Grounds<'_>, results: &[CheckResult]) -> Vec<CheckResult> {
    let asked = grounds.method.checks.contains(&CheckKind::Liveness);
    let missing = |s: &&Step| {
        asked
            && s.live.in_mode(grounds.mode)
            && !results.iter().any(|r| r.check == CheckKind::Liveness && r.steps.contains(&s.id))
    };
    let steps = grounds.method.steps.iter().filter(missing);
    let finding = Finding::review(ReasonCode::LivenessNotShown);
    steps.map(|s| weighed(grounds, CheckKind::Liveness, vec![s.id.clone()], vec![finding], None)).collect()
}

/// Whether an authoritative source is needed in this mode and has not spoken.
fn source(grounds: &Grounds<'_>, results: &[CheckResult]) -> Option<CheckResult> {
    let needed = grounds.program.decision.authoritative_source.in_mode(grounds.mode)
        || grounds.method.checks.contains(&CheckKind::Source)
        || grounds.method.vouched_by.is_some();
    let confirmed = confirmation(grounds).is_some();
    // A source that was asked and did not confirm the identity has said so in findings of its own.
    let told = results.iter().any(|r| r.check == CheckKind::Source && r.result != Passed::Pass);
    (needed && !confirmed && !told).then(|| {
        let finding = Finding::review(ReasonCode::SourceNotConfigured);
        weighed(grounds, CheckKind::Source, Vec::new(), vec![finding], None)
    })
}

fn confirmation<'a>(grounds: &Grounds<'a>) -> Option<&'a super::check::Confirmation> {
    let sources = grounds.checks.iter().filter(|c| c.kind == CheckKind::Source);
    sources.filter_map(|c| c.confirmed.as_ref()).min_by_key(|c| (c.at, &c.source))
}

/// One reason for each code and steps, the worst first; only what kept the outcome from being better.
fn reasons(results: &[CheckResult]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for result in results {
        for finding in result.findings.iter().filter(|f| f.severity != Severity::Info) {
            let known =
                reasons.iter_mut().find(|r| r.finding.code == finding.code && r.steps == result.steps);
            match known {
                Some(r) if compare(finding, &r.finding).is_lt() => r.finding = *finding,
                Some(_) => {}
                None => {
                    reasons.push(Reason {
                        finding: *finding,
                        check: result.check,
                        steps: result.steps.clone(),
                    });
                }
            }
        }
    }
    // The results stand in the order of the method's steps, which stays within equal codes.
    reasons.sort_by_key(|r| (std::cmp::Reverse(r.finding.severity), r.finding.code));
    reasons
}

fn assurance(grounds: &Grounds<'_>, results: &[CheckResult]) -> Assurance {
    let mut passed: Vec<CheckKind> = results.iter().map(|r| r.check).collect();
    passed.dedup();
    passed.retain(|kind| results.iter().filter(|r| r.check == *kind).all(|r| r.result == Passed::Pass));
    let has = |kind| passed.contains(&kind);
    let read = |step: &&Step| {
        results
            .iter()
            .any(|r| r.check == CheckKind::Document && r.steps.contains(&step.id) && r.result == Passed::Pass)
    };
    let documents: Vec<DocumentBasis> = grounds
        .method
        .steps
        .iter()
        .filter(read)
        .filter_map(|s| s.reads.map(|kind| DocumentBasis { step: s.id.clone(), kind }))
        .collect();
    let confirmed = confirmation(grounds).filter(|_| has(CheckKind::Source));
    let agree = [CheckKind::Document, CheckKind::Together, CheckKind::Issuer]
        .into_iter()
        .all(|kind| has(kind) || !grounds.method.checks.contains(&kind));
    let mut needed =
        grounds.method.steps.iter().filter(|s| s.reads.is_some() && s.need.in_mode(grounds.mode));
    let complete = needed.all(|s| documents.iter().any(|d| d.step == s.id));
    let level = match () {
        () if documents.is_empty() || !agree || !complete => Level::None,
        () if !has(CheckKind::Face) => Level::DocumentRead,
        () if confirmed.is_none() => Level::PicturesAgree,
        () => Level::SourceConfirmed,
    };
    let face = results.iter().find_map(|r| r.face);
    let source = confirmed.map_or(Source::None, |c| Source::Confirmed(c.clone()));
    let proven = grounds.checks.iter().find_map(|c| c.phone_proven_at).filter(|_| has(CheckKind::Phone));
    let phone = proven.map_or(PhoneBasis::None, |at| PhoneBasis::Code { at });
    let proofs = grounds.checks.iter().filter_map(|c| c.live.as_ref()).filter(|_| has(CheckKind::Liveness));
    let actions: Vec<Challenge> = proofs.flat_map(|p| p.challenges.iter().copied()).collect();
    let liveness = if actions.is_empty() { Liveness::None } else { Liveness::Actions(actions) };
    Assurance {
        level,
        mode: grounds.mode,
        statement: assurance::statement(level, grounds.mode, liveness != Liveness::None),
        rests_on: RestsOn { documents, passed, face, liveness, source, phone },
    }
}

/// The worst first, then by the table of codes, then by place.
fn compare(a: &Finding, b: &Finding) -> std::cmp::Ordering {
    rank(a).cmp(&rank(b))
}

fn rank(f: &Finding) -> impl Ord + use<> {
    let place = f.region.map(|r| r.0.map(|p| (p.x.to_bits(), p.y.to_bits())));
    (std::cmp::Reverse(f.severity), f.code, place)
}

#[cfg(test)]
mod tests;
