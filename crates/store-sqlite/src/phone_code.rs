//! Codes that prove phones.

use jiff::Timestamp;
use rusqlite::Connection;
use shiren_app::port::CodesBy;
use shiren_app::record::{PhoneCodeRecord, Stored};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{changed, json, micros, stored, time};

pub(crate) fn insert(db: &Connection, code: &PhoneCodeRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO phone_codes (notice, version, session, mode, phone, device, address, asked_at, body)
         VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)",
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
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, code: &Stored<PhoneCodeRecord>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE phone_codes SET version = version + 1, body = ? WHERE notice = ? AND version = ?",
        (json(&code.value)?, code.value.notice.as_str(), code.version),
    )?;
    Ok(changed(saved)?)
}

/// Ids of notices grow with time.
pub(crate) fn last(db: &Connection, session: &SessionId) -> Result<Option<Stored<PhoneCodeRecord>>> {
    let sql = "SELECT version, body FROM phone_codes WHERE session = ? ORDER BY notice DESC LIMIT 1";
    Ok(stored(one(db, sql, (session.as_str(),))?)?)
}

pub(crate) fn asked(db: &Connection, mode: Mode, by: &CodesBy, since: Timestamp) -> Result<Vec<Timestamp>> {
    let (sql, tag) = match by {
        CodesBy::Phone(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = ? AND phone = ? AND asked_at > ? ORDER BY asked_at",
            tag,
        ),
        CodesBy::PhoneOf(tag, account) => {
            let sql = "SELECT c.asked_at FROM phone_codes AS c JOIN sessions AS s ON s.id = c.session
                       WHERE c.mode = ? AND c.phone = ? AND c.asked_at > ? AND s.account_kind = ? AND s.account_id = ?
                       ORDER BY c.asked_at";
            let of = (mode.name(), tag.0.as_str(), micros(since), account.kind.name(), account.id.as_str());
            return times(all(db, sql, of)?);
        }
        CodesBy::Device(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = ? AND device = ? AND asked_at > ? ORDER BY asked_at",
            tag,
        ),
        CodesBy::Address(tag) => (
            "SELECT asked_at FROM phone_codes WHERE mode = ? AND address = ? AND asked_at > ? ORDER BY asked_at",
            tag,
        ),
    };
    times(all(db, sql, (mode.name(), tag.0.as_str(), micros(since)))?)
}

fn times(found: Vec<(i64,)>) -> Result<Vec<Timestamp>> {
    Ok(found.into_iter().map(|(at,)| time(at)).collect::<std::result::Result<_, _>>()?)
}
