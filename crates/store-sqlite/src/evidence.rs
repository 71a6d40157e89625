//! Pictures' records, and the decisions that rest on them.

use shiren_app::record::{DecisionRecord, EvidenceRecord};
use shiren_core::id::{DecisionId, EvidenceId, SessionId};
use shiren_core::verification::Outcome;
use sqlx::{SqliteConnection, query, query_as};

use crate::error::{Failure, Result};
use crate::row::{all_from_json, from_json, json, micros, parsed, time};

pub(crate) async fn insert(db: &mut SqliteConnection, evidence: &EvidenceRecord) -> Result<()> {
    query("INSERT INTO evidence (id, session, taken_at, body) VALUES (?, ?, ?, ?)")
        .bind(evidence.id.as_str())
        .bind(evidence.session.as_str())
        .bind(micros(evidence.taken_at))
        .bind(json(evidence)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn get(db: &mut SqliteConnection, id: &EvidenceId) -> Result<Option<EvidenceRecord>> {
    let found = query_as::<_, (String,)>("SELECT body FROM evidence WHERE id = ?").bind(id.as_str());
    found.fetch_optional(db).await?.map(|(body,)| from_json(&body)).transpose()
}

pub(crate) async fn of(db: &mut SqliteConnection, session: &SessionId) -> Result<Vec<EvidenceRecord>> {
    let found =
        query_as("SELECT body FROM evidence WHERE session = ? ORDER BY taken_at, id").bind(session.as_str());
    all_from_json(found.fetch_all(db).await?)
}

pub(crate) async fn forget_blob(db: &mut SqliteConnection, id: &EvidenceId) -> Result<()> {
    let Some(evidence) = get(&mut *db, id).await? else { return Ok(()) };
    query("UPDATE evidence SET body = ? WHERE id = ?")
        .bind(json(&EvidenceRecord { blob: None, ..evidence })?)
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn insert_decision(db: &mut SqliteConnection, decision: &DecisionRecord) -> Result<()> {
    query("INSERT INTO decisions (id, session, at, outcome, body) VALUES (?, ?, ?, ?, ?)")
        .bind(decision.id.as_str())
        .bind(decision.session.as_str())
        .bind(micros(decision.at))
        .bind(outcome_name(decision.outcome))
        .bind(json(&decision.body)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn decision(db: &mut SqliteConnection, id: &DecisionId) -> Result<Option<DecisionRecord>> {
    let found = query_as::<_, (String, i64, String, String)>(
        "SELECT session, at, outcome, body FROM decisions WHERE id = ?",
    )
    .bind(id.as_str())
    .fetch_optional(db)
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
