//! Pictures' records, and the decisions that rest on them.

use shiren_app::record::{DecisionRecord, EvidenceRecord};
use shiren_core::id::{DecisionId, EvidenceId, SessionId};
use shiren_core::verification::Outcome;
use sqlx::PgConnection;

use crate::error::{Failure, Result};
use crate::sql::{all, one, run};
use shiren_app::port::row::{all_from_json, from_json, json, micros, parsed, time};

pub(crate) async fn insert(db: &mut PgConnection, evidence: &EvidenceRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO evidence (id, session, taken_at, body) VALUES ($1, $2, $3, $4)",
        (evidence.id.as_str(), evidence.session.as_str(), micros(evidence.taken_at), json(evidence)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn get(db: &mut PgConnection, id: &EvidenceId) -> Result<Option<EvidenceRecord>> {
    one::<(String,)>(db, "SELECT body FROM evidence WHERE id = $1", (id.as_str(),))
        .await?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) async fn of(db: &mut PgConnection, session: &SessionId) -> Result<Vec<EvidenceRecord>> {
    Ok(all_from_json(
        all(db, "SELECT body FROM evidence WHERE session = $1 ORDER BY taken_at, id", (session.as_str(),))
            .await?,
    )?)
}

pub(crate) async fn forget_blob(db: &mut PgConnection, id: &EvidenceId) -> Result<()> {
    let held = "SELECT body FROM evidence WHERE id = $1 FOR NO KEY UPDATE";
    let Some((body,)) = one::<(String,)>(db, held, (id.as_str(),)).await? else { return Ok(()) };
    let evidence: EvidenceRecord = from_json(&body)?;
    run(
        db,
        "UPDATE evidence SET body = $1 WHERE id = $2",
        (json(&EvidenceRecord { blob: None, ..evidence })?, id.as_str()),
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_decision(db: &mut PgConnection, decision: &DecisionRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO decisions (id, session, at, outcome, body) VALUES ($1, $2, $3, $4, $5)",
        (
            decision.id.as_str(),
            decision.session.as_str(),
            micros(decision.at),
            outcome_name(decision.outcome),
            json(&decision.body)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn decision(db: &mut PgConnection, id: &DecisionId) -> Result<Option<DecisionRecord>> {
    let found = one::<(String, i64, String, String)>(
        db,
        "SELECT session, at, outcome, body FROM decisions WHERE id = $1",
        (id.as_str(),),
    )
    .await?;
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
