//! Codes that prove phones.

use jiff::Timestamp;
use shiren_app::port::CodesBy;
use shiren_app::record::{PhoneCodeRecord, Stored};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, all, held, one, run};
use shiren_app::port::row::{changed, json, micros, stored, time};

pub(crate) async fn insert(db: &mut PgConnection, code: &PhoneCodeRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO phone_codes (notice, version, session, mode, phone, device, address, asked_at, body)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)",
        (
            code.notice.as_str(),
            code.session.as_str(),
            code.mode.name(),
            code.phone.0.as_str(),
            code.device.0.as_str(),
            code.address.as_ref().map(|a| a.0.as_str()),
            micros(code.asked_at),
            json(code)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, code: &Stored<PhoneCodeRecord>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE phone_codes SET version = version + 1, body = $1 WHERE notice = $2 AND version = $3",
        (json(&code.value)?, code.value.notice.as_str(), code.version),
    )
    .await?;
    Ok(changed(saved)?)
}

/// Ids of notices grow with time.
pub(crate) async fn last(
    db: &mut PgConnection,
    hold: Hold,
    session: &SessionId,
) -> Result<Option<Stored<PhoneCodeRecord>>> {
    let sql =
        held!(hold, "SELECT version, body FROM phone_codes WHERE session = $1 ORDER BY notice DESC LIMIT 1");
    Ok(stored(one(db, sql, (session.as_str(),)).await?)?)
}

pub(crate) async fn asked(
    db: &mut PgConnection,
    mode: Mode,
    by: &CodesBy,
    since: Timestamp,
) -> Result<Vec<Timestamp>> {
    let (sql, tag) = match by {
        CodesBy::Phone(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = $1 AND phone = $2 AND asked_at > $3 ORDER BY asked_at",
            tag,
        ),
        CodesBy::PhoneOf(tag, account) => {
            let sql = "SELECT c.asked_at FROM phone_codes AS c JOIN sessions AS s ON s.id = c.session
                       WHERE c.mode = $1 AND c.phone = $2 AND c.asked_at > $3 AND s.account_kind = $4 AND s.account_id = $5
                       ORDER BY c.asked_at";
            let of = (mode.name(), tag.0.as_str(), micros(since), account.kind.name(), account.id.as_str());
            return times(all(db, sql, of).await?);
        }
        CodesBy::Device(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = $1 AND device = $2 AND asked_at > $3 ORDER BY asked_at",
            tag,
        ),
        CodesBy::Address(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = $1 AND address = $2 AND asked_at > $3 ORDER BY asked_at",
            tag,
        ),
    };
    times(all(db, sql, (mode.name(), tag.0.as_str(), micros(since))).await?)
}

fn times(found: Vec<(i64,)>) -> Result<Vec<Timestamp>> {
    Ok(found.into_iter().map(|(at,)| time(at)).collect::<std::result::Result<_, _>>()?)
}
