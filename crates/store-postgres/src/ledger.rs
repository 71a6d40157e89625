//! Deposits of shops.

use shiren_app::record::Stored;
use shiren_core::deposit::Ledger;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, held, one, run};
use shiren_app::port::row::{changed, json, stored};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    mode: Mode,
    shop: &str,
) -> Result<Option<Stored<Ledger>>> {
    Ok(stored(
        one(
            db,
            held!(hold, "SELECT version, body FROM ledgers WHERE mode = $1 AND shop = $2"),
            (mode.name(), shop),
        )
        .await?,
    )?)
}

pub(crate) async fn insert(db: &mut PgConnection, mode: Mode, shop: &str, ledger: &Ledger) -> Result<()> {
    let sql = "INSERT INTO ledgers (mode, shop, version, body) VALUES ($1, $2, 1, $3)";
    run(db, sql, (mode.name(), shop, json(ledger)?)).await?;
    Ok(())
}

pub(crate) async fn save(
    db: &mut PgConnection,
    mode: Mode,
    shop: &str,
    ledger: &Stored<Ledger>,
) -> Result<()> {
    let saved = run(
        db,
        "UPDATE ledgers SET version = version + 1, body = $1 WHERE mode = $2 AND shop = $3 AND version = $4",
        (json(&ledger.value)?, mode.name(), shop, ledger.version),
    )
    .await?;
    Ok(changed(saved)?)
}
