//! Who may do what: API keys, users, sign-ins, links and visits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use shiren_app::GATE_REQUEST_DAYS;
use shiren_app::record::{ApiKey, ClientLink, LinkOpened, Scope, SecretHash, SignIn, Stored, User, Visit};
use shiren_core::id::{ApiKeyId, SessionId, SignInId, UserId};

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{
    all_from_json, changed, from_json, json, micros, narrowed, parsed, stored, time,
};

pub(crate) fn insert_api_key(db: &Connection, key: &ApiKey, hash: SecretHash) -> Result<()> {
    run(
        db,
        "INSERT INTO api_keys (id, hash, created_at, body) VALUES (?, ?, ?, ?)",
        (key.id.as_str(), hash.0.as_slice(), micros(key.created_at), json(key)?),
    )?;
    Ok(())
}

pub(crate) fn api_key(db: &Connection, hash: SecretHash) -> Result<Option<ApiKey>> {
    one::<(String,)>(db, "SELECT body FROM api_keys WHERE hash = ?", (hash.0.as_slice(),))?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) fn api_keys(db: &Connection) -> Result<Vec<ApiKey>> {
    Ok(all_from_json(all(db, "SELECT body FROM api_keys ORDER BY created_at, id", ())?)?)
}

pub(crate) fn change_key_scopes(
    db: &Connection,
    id: &ApiKeyId,
    add: &BTreeSet<Scope>,
    remove: &BTreeSet<Scope>,
) -> Result<Option<ApiKey>> {
    let held = "SELECT body FROM api_keys WHERE id = ?";
    let Some((body,)) = one::<(String,)>(db, held, (id.as_str(),))? else { return Ok(None) };
    let key: ApiKey = from_json(&body)?;
    if key.revoked_at.is_some() {
        return Ok(None);
    }
    let key = key.with_scopes(add, remove);
    run(db, "UPDATE api_keys SET body = ? WHERE id = ?", (json(&key)?, id.as_str()))?;
    Ok(Some(key))
}

pub(crate) fn revoke_api_key(db: &Connection, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
    let Some((body,)) = one::<(String,)>(db, "SELECT body FROM api_keys WHERE id = ?", (id.as_str(),))?
    else {
        return Ok(false);
    };
    let key: ApiKey = from_json(&body)?;
    if key.revoked_at.is_some() {
        return Ok(false);
    }
    run(
        db,
        "UPDATE api_keys SET body = ? WHERE id = ?",
        (json(&ApiKey { revoked_at: Some(now), ..key })?, id.as_str()),
    )?;
    Ok(true)
}

pub(crate) fn insert_user(db: &Connection, user: &User) -> Result<()> {
    run(
        db,
        "INSERT INTO users (id, version, login, body) VALUES (?, 1, ?, ?)",
        (user.id.as_str(), user.login.as_str(), json(user)?),
    )?;
    Ok(())
}

pub(crate) fn user(db: &Connection, id: &UserId) -> Result<Option<Stored<User>>> {
    Ok(stored(one(db, "SELECT version, body FROM users WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn user_by_login(db: &Connection, login: &str) -> Result<Option<Stored<User>>> {
    Ok(stored(one(db, "SELECT version, body FROM users WHERE login = ?", (login,))?)?)
}

pub(crate) fn save_user(db: &Connection, user: &Stored<User>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE users SET version = version + 1, login = ?, body = ? WHERE id = ? AND version = ?",
        (user.value.login.as_str(), json(&user.value)?, user.value.id.as_str(), user.version),
    )?;
    Ok(changed(saved)?)
}

pub(crate) fn users(db: &Connection) -> Result<Vec<User>> {
    Ok(all_from_json(all(db, "SELECT body FROM users ORDER BY login", ())?)?)
}

pub(crate) fn insert_sign_in(db: &Connection, sign_in: &SignIn, hash: SecretHash) -> Result<()> {
    run(
        db,
        r#"INSERT INTO sign_ins (id, hash, "user", expires_at, body) VALUES (?, ?, ?, ?, ?)"#,
        (
            sign_in.id.as_str(),
            hash.0.as_slice(),
            sign_in.user.as_str(),
            micros(sign_in.expires_at),
            json(sign_in)?,
        ),
    )?;
    Ok(())
}

pub(crate) fn sign_in(db: &Connection, hash: SecretHash) -> Result<Option<SignIn>> {
    one::<(String,)>(db, "SELECT body FROM sign_ins WHERE hash = ?", (hash.0.as_slice(),))?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) fn delete_sign_in(db: &Connection, id: &SignInId) -> Result<()> {
    run(db, "DELETE FROM sign_ins WHERE id = ?", (id.as_str(),))?;
    Ok(())
}

pub(crate) fn insert_link(db: &Connection, link: &ClientLink) -> Result<()> {
    run(
        db,
        "INSERT INTO links (hash, session, expires_at, number, opened_at) VALUES (?, ?, ?, ?, ?)",
        (
            link.hash.0.as_slice(),
            link.session.as_str(),
            micros(link.expires_at),
            link.number.map(i64::from),
            link.opened_at.map(micros),
        ),
    )?;
    Ok(())
}

pub(crate) fn link(db: &Connection, hash: SecretHash) -> Result<Option<ClientLink>> {
    let found = one::<(String, i64, Option<i64>, Option<i64>)>(
        db,
        "SELECT session, expires_at, number, opened_at FROM links WHERE hash = ?",
        (hash.0.as_slice(),),
    )?;
    let Some((session, expires_at, number, opened_at)) = found else { return Ok(None) };
    let number = number.map(narrowed).transpose()?;
    let opened_at = opened_at.map(time).transpose()?;
    Ok(Some(ClientLink {
        hash,
        session: parsed(&session)?,
        expires_at: time(expires_at)?,
        number,
        opened_at,
    }))
}

/// The update itself decides who was first.
pub(crate) fn open_link(db: &Connection, hash: SecretHash, now: Timestamp) -> Result<LinkOpened> {
    let opened = one::<(String,)>(
        db,
        "UPDATE links SET opened_at = ?2 WHERE hash = ?1 AND opened_at IS NULL AND expires_at > ?2
         RETURNING session",
        (hash.0.as_slice(), micros(now)),
    )?;
    match opened {
        Some((session,)) => Ok(LinkOpened::Session(parsed(&session)?)),
        None => why_not_opened(db, hash),
    }
}

fn why_not_opened(db: &Connection, hash: SecretHash) -> Result<LinkOpened> {
    let found = one::<(String, Option<i64>)>(
        db,
        "SELECT session, opened_at FROM links WHERE hash = ?",
        (hash.0.as_slice(),),
    )?;
    Ok(match found {
        None => LinkOpened::Unknown,
        Some((session, Some(_))) => LinkOpened::Used(parsed(&session)?),
        Some((session, None)) => LinkOpened::Expired(parsed(&session)?),
    })
}

pub(crate) fn insert_visit(db: &Connection, visit: &Visit) -> Result<()> {
    run(
        db,
        "INSERT INTO visits (hash, session, expires_at) VALUES (?, ?, ?)",
        (visit.hash.0.as_slice(), visit.session.as_str(), micros(visit.expires_at)),
    )?;
    Ok(())
}

pub(crate) fn visit(db: &Connection, hash: SecretHash) -> Result<Option<Visit>> {
    let found = one::<(String, i64)>(
        db,
        "SELECT session, expires_at FROM visits WHERE hash = ?",
        (hash.0.as_slice(),),
    )?;
    let Some((session, expires_at)) = found else { return Ok(None) };
    let session: SessionId = parsed(&session)?;
    Ok(Some(Visit { hash, session, expires_at: time(expires_at)? }))
}

/// The row itself decides who was first.
pub(crate) fn use_assertion(db: &Connection, hash: SecretHash, expires_at: Timestamp) -> Result<bool> {
    let sql = "INSERT INTO used_assertions (hash, expires_at) VALUES (?, ?) ON CONFLICT (hash) DO NOTHING";
    Ok(run(db, sql, (hash.0.as_slice(), micros(expires_at)))? == 1)
}

/// Live captures count against new ones for as long as a program may say (`attempt_hours`, at most 30 days).
const CAPTURES_COUNT: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Codes for phones count against new ones for a day.
const CODES_COUNT: SignedDuration = SignedDuration::from_hours(48);
/// How long it is remembered how long people took: a year and a month, so that a season can be held against the last.
const PACES_COUNT: SignedDuration = SignedDuration::from_hours(400 * 24);

/// How long it is remembered what the gate was asked.
const REQUESTS_COUNT: SignedDuration = SignedDuration::from_hours(GATE_REQUEST_DAYS as i64 * 24);

/// Deletes what is over, here and among the idempotent answers and live captures.
pub(crate) fn sweep(db: &Connection, now: Timestamp) -> Result<u64> {
    let mut deleted = 0;
    for sql in [
        "DELETE FROM links WHERE expires_at <= ?",
        "DELETE FROM visits WHERE expires_at <= ?",
        "DELETE FROM aftersales_passes WHERE expires_at <= ?",
        "DELETE FROM sign_ins WHERE expires_at <= ?",
        "DELETE FROM used_assertions WHERE expires_at <= ?",
        "DELETE FROM management_links WHERE expires_at <= ?",
        "DELETE FROM management_visits WHERE expires_at <= ?",
        "DELETE FROM idempotent_answers WHERE expires_at <= ?",
    ] {
        deleted += run(db, sql, (micros(now),))?;
    }
    let remembered = now.saturating_sub(PACES_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM paces WHERE at <= ?", (micros(remembered),))?;
    let asked = now.saturating_sub(REQUESTS_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM gate_requests WHERE at <= ?", (micros(asked),))?;
    let known = now.saturating_sub(CODES_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM phone_codes WHERE asked_at <= ?", (micros(known),))?;
    let counted = now.saturating_sub(CAPTURES_COUNT).unwrap_or(Timestamp::MIN);
    Ok(deleted + run(db, "DELETE FROM captures WHERE expires_at <= ?", (micros(counted),))?)
}
