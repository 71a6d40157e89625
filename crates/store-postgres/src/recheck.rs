//! Re-checks of shops.

use jiff::civil::Date;
use shiren_app::record::Stored;
use shiren_core::recheck::Rechecks;
use shiren_core::recheck::plan::Load;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, all, held, one, run};
use shiren_app::port::row::{changed, json, narrowed, parsed, recheck_state, stored};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    mode: Mode,
    shop: &str,
) -> Result<Option<Stored<Rechecks>>> {
    let sql = held!(hold, "SELECT version, body FROM rechecks WHERE mode = $1 AND shop = $2");
    Ok(stored(one(db, sql, (mode.name(), shop)).await?)?)
}

pub(crate) async fn insert(db: &mut PgConnection, mode: Mode, rechecks: &Rechecks, due: Date) -> Result<()> {
    run(
        db,
        "INSERT INTO rechecks (mode, shop, version, due_day, state, body) VALUES ($1, $2, 1, $3, $4, $5)",
        (mode.name(), rechecks.shop.as_str(), due.to_string(), recheck_state(rechecks, due), json(rechecks)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(
    db: &mut PgConnection,
    mode: Mode,
    rechecks: &Stored<Rechecks>,
    due: Date,
) -> Result<()> {
    let saved = run(
        db,
        "UPDATE rechecks SET version = version + 1, due_day = $1, state = $2, body = $3
         WHERE mode = $4 AND shop = $5 AND version = $6",
        (
            due.to_string(),
            recheck_state(&rechecks.value, due),
            json(&rechecks.value)?,
            mode.name(),
            rechecks.value.shop.as_str(),
            rechecks.version,
        ),
    )
    .await?;
    Ok(changed(saved)?)
}

/// Days are written so that their order is that of their texts.
pub(crate) async fn load(db: &mut PgConnection, mode: Mode, from: Date, to: Date) -> Result<Load> {
    let counted: Vec<(String, i64)> = all(
        db,
        "SELECT due_day, COUNT(*) FROM rechecks WHERE mode = $1 AND due_day BETWEEN $2 AND $3 GROUP BY due_day",
        (mode.name(), from.to_string(), to.to_string()),
    )
    .await?;
    counted.into_iter().map(|(day, many)| Ok((parsed(&day)?, narrowed(many)?))).collect()
}
