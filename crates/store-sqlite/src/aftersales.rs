//! After-sales requests, and who may act for one.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::AfterSalesQuery;
use shiren_app::record::{AfterSalesPass, SecretHash, Stored};
use shiren_core::aftersales::AfterSales;
use shiren_core::id::AfterSalesId;

use crate::error::Result;
use crate::sql::{Select, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, parsed, stored, time};

pub(crate) fn get(db: &Connection, id: &AfterSalesId) -> Result<Option<Stored<AfterSales>>> {
    Ok(stored(one(db, "SELECT version, body FROM aftersales WHERE id = ?", (id.as_str(),))?)?)
}

fn due(request: &AfterSales) -> Option<i64> {
    request.review.as_ref().map(|r| micros(r.due_at))
}

pub(crate) fn insert(db: &Connection, request: &AfterSales) -> Result<()> {
    run(
        db,
        "INSERT INTO aftersales (id, version, mode, state, buyer, due_at, body) VALUES (?, 1, ?, ?, ?, ?, ?)",
        (
            request.id.as_str(),
            request.mode.name(),
            request.state.name(),
            request.buyer.id.as_str(),
            due(request),
            json(request)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, request: &Stored<AfterSales>) -> Result<()> {
    let value = &request.value;
    let saved = run(
        db,
        "UPDATE aftersales SET version = version + 1, state = ?, due_at = ?, body = ? WHERE id = ? AND version = ?",
        (value.state.name(), due(value), json(value)?, value.id.as_str(), request.version),
    )?;
    Ok(changed(saved)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) fn list(db: &Connection, wanted: &AfterSalesQuery) -> Result<Vec<AfterSales>> {
    let after = wanted.after.as_ref().map(ToString::to_string);
    let (older, later) = if wanted.to_review { (None, after) } else { (after, None) };
    let found = Select::new(if wanted.to_review {
        "SELECT body FROM aftersales WHERE due_at IS NOT NULL"
    } else {
        "SELECT body FROM aftersales WHERE 1 = 1"
    })
    .with(" AND mode = ?", wanted.mode.map(|mode| mode.name().to_owned()))
    .with(" AND state = ?", wanted.state.map(|state| state.name().to_owned()))
    .with(" AND buyer = ?", wanted.buyer.clone())
    .with(" AND id < ?", older)
    .with(" AND (due_at, id) > (SELECT due_at, id FROM aftersales WHERE id = ?)", later);
    let order = if wanted.to_review { " ORDER BY due_at, id LIMIT ?" } else { " ORDER BY id DESC LIMIT ?" };
    Ok(all_from_json(found.with(order, Some(wanted.limit)).all(db)?)?)
}

pub(crate) fn insert_pass(db: &Connection, pass: &AfterSalesPass) -> Result<()> {
    run(
        db,
        "INSERT INTO aftersales_passes (hash, aftersales, is_link, expires_at, used_at) VALUES (?, ?, ?, ?, ?)",
        (
            pass.hash.0.as_slice(),
            pass.aftersales.as_str(),
            pass.is_link,
            micros(pass.expires_at),
            pass.used_at.map(micros),
        ),
    )?;
    Ok(())
}

pub(crate) fn pass(db: &Connection, hash: SecretHash) -> Result<Option<AfterSalesPass>> {
    let found = one::<(String, bool, i64, Option<i64>)>(
        db,
        "SELECT aftersales, is_link, expires_at, used_at FROM aftersales_passes WHERE hash = ?",
        (hash.0.as_slice(),),
    )?;
    let Some((aftersales, is_link, expires_at, used_at)) = found else { return Ok(None) };
    let (aftersales, expires_at) = (parsed(&aftersales)?, time(expires_at)?);
    Ok(Some(AfterSalesPass {
        hash,
        aftersales,
        is_link,
        expires_at,
        used_at: used_at.map(time).transpose()?,
    }))
}

/// The update itself decides who was first.
pub(crate) fn use_pass(db: &Connection, hash: SecretHash, now: Timestamp) -> Result<bool> {
    let used = run(
        db,
        "UPDATE aftersales_passes SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL AND expires_at > ?2",
        (hash.0.as_slice(), micros(now)),
    )?;
    Ok(used > 0)
}
