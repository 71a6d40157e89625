//! After-sales requests, and who may act for one.

use jiff::Timestamp;
use shiren_app::port::AfterSalesQuery;
use shiren_app::record::{AfterSalesPass, SecretHash, Stored};
use shiren_core::aftersales::AfterSales;
use shiren_core::id::AfterSalesId;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, micros, parsed, stored, time};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    id: &AfterSalesId,
) -> Result<Option<Stored<AfterSales>>> {
    let sql = held!(hold, "SELECT version, body FROM aftersales WHERE id = $1");
    Ok(stored(one(db, sql, (id.as_str(),)).await?)?)
}

fn due(request: &AfterSales) -> Option<i64> {
    request.review.as_ref().map(|r| micros(r.due_at))
}

pub(crate) async fn insert(db: &mut PgConnection, request: &AfterSales) -> Result<()> {
    run(
        db,
        "INSERT INTO aftersales (id, version, mode, state, buyer, due_at, body) VALUES ($1, 1, $2, $3, $4, $5, $6)",
        (
            request.id.as_str(),
            request.mode.name(),
            request.state.name(),
            request.buyer.id.as_str(),
            due(request),
            json(request)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, request: &Stored<AfterSales>) -> Result<()> {
    let value = &request.value;
    let saved = run(
        db,
        "UPDATE aftersales SET version = version + 1, state = $1, due_at = $2, body = $3
         WHERE id = $4 AND version = $5",
        (value.state.name(), due(value), json(value)?, value.id.as_str(), request.version),
    )
    .await?;
    Ok(changed(saved)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) async fn list(db: &mut PgConnection, wanted: &AfterSalesQuery) -> Result<Vec<AfterSales>> {
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
    Ok(all_from_json(found.with(order, Some(wanted.limit)).all(db).await?)?)
}

pub(crate) async fn insert_pass(db: &mut PgConnection, pass: &AfterSalesPass) -> Result<()> {
    run(
        db,
        "INSERT INTO aftersales_passes (hash, aftersales, is_link, expires_at, used_at)
         VALUES ($1, $2, $3, $4, $5)",
        (
            pass.hash.0.as_slice(),
            pass.aftersales.as_str(),
            pass.is_link,
            micros(pass.expires_at),
            pass.used_at.map(micros),
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn pass(
    db: &mut PgConnection,
    hold: Hold,
    hash: SecretHash,
) -> Result<Option<AfterSalesPass>> {
    let sql =
        held!(hold, "SELECT aftersales, is_link, expires_at, used_at FROM aftersales_passes WHERE hash = $1");
    let found = one::<(String, bool, i64, Option<i64>)>(db, sql, (hash.0.as_slice(),)).await?;
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
pub(crate) async fn use_pass(db: &mut PgConnection, hash: SecretHash, now: Timestamp) -> Result<bool> {
    let used = run(
        db,
        "UPDATE aftersales_passes SET used_at = $2 WHERE hash = $1 AND used_at IS NULL AND expires_at > $2",
        (hash.0.as_slice(), micros(now)),
    )
    .await?;
    Ok(used > 0)
}
