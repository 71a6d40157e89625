//! Pictures' records, and the decisions that rest on them.

use rusqlite::Connection;
use shiren_app::record::{DecisionRecord, EvidenceRecord};
use shiren_core::id::{DecisionId, EvidenceId, SessionId};
use shiren_core::verification::Outcome;

use crate::error::{Failure, Result};
use crate::sql::{all, one, run};
use shiren_app::port::row::{all_from_json, from_json, json, micros, parsed, time};

pub(crate) fn insert(db: &Connection, evidence: &EvidenceRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO evidence (id, session, taken_at, body) VALUES (?, ?, ?, ?)",
        (evidence.id.as_str(), evidence.session.as_str(), micros(evidence.taken_at), json(evidence)?),
    )?;
    Ok(())
}

pub(crate) fn get(db: &Connection, id: &EvidenceId) -> Result<Option<EvidenceRecord>> {
    one::<(String,)>(db, "SELECT body FROM evidence WHERE id = ?", (id.as_str(),))?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) fn of(db: &Connection, session: &SessionId) -> Result<Vec<EvidenceRecord>> {
    Ok(all_from_json(all(
        db,
        "SELECT body FROM evidence WHERE session = ? ORDER BY taken_at, id",
        (session.as_str(),),
    )?)?)
}

pub(crate) fn forget_blob(db: &Connection, id: &EvidenceId) -> Result<()> {
    let Some(evidence) = get(db, id)? else { return Ok(()) };
    run(
        db,
        "UPDATE evidence SET body = ? WHERE id = ?",
        (json(&EvidenceRecord { blob: None, ..evidence })?, id.as_str()),
    )?;
    Ok(())
}

pub(crate) fn insert_decision(db: &Connection, decision: &DecisionRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO decisions (id, session, at, outcome, body) VALUES (?, ?, ?, ?, ?)",
        (
            decision.id.as_str(),
            decision.session.as_str(),
            micros(decision.at),
            outcome_name(decision.outcome),
            json(&decision.body)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn decision(db: &Connection, id: &DecisionId) -> Result<Option<DecisionRecord>> {
    let found = one::<(String, i64, String, String)>(
        db,
        "SELECT session, at, outcome, body FROM decisions WHERE id = ?",
        (id.as_str(),),
    )?;
    let Some((session, at, outcome, body)) = found else { return Ok(None) };
    let (session, outcome) = (parsed(&session)?, outcome_named(&outcome)?);
    Ok(Some(DecisionRecord { id: id.clone(), session, at: time(at)?, outcome, body: from_json(&body)? }))
}

const fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Verified => "verified",
        Outcome::InReview => "in_review",
        Outcome::RequiresInput => "requires_input",
        Outcome::Rejected => "rejected",
    }
}

fn outcome_named(name: &str) -> Result<Outcome> {
    let all = [Outcome::Verified, Outcome::InReview, Outcome::RequiresInput, Outcome::Rejected];
    let found = all.into_iter().find(|o| outcome_name(*o) == name);
    found.ok_or_else(|| Failure::unreadable("a decision of unknown outcome"))
}
