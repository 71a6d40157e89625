//! Who may do what: API keys, users, sign-ins, links and visits.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use shiren_app::GATE_REQUEST_DAYS;
use shiren_app::record::{ApiKey, ClientLink, LinkOpened, Scope, SecretHash, SignIn, Stored, User, Visit};
use shiren_core::id::{ApiKeyId, SessionId, SignInId, UserId};
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, all, held, one, run};
use shiren_app::port::row::{
    all_from_json, changed, from_json, json, micros, narrowed, parsed, stored, time,
};

pub(crate) async fn insert_api_key(db: &mut PgConnection, key: &ApiKey, hash: SecretHash) -> Result<()> {
    run(
        db,
        "INSERT INTO api_keys (id, hash, created_at, body) VALUES ($1, $2, $3, $4)",
        (key.id.as_str(), hash.0.as_slice(), micros(key.created_at), json(key)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn api_key(db: &mut PgConnection, hash: SecretHash) -> Result<Option<ApiKey>> {
    one::<(String,)>(db, "SELECT body FROM api_keys WHERE hash = $1", (hash.0.as_slice(),))
        .await?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) async fn api_keys(db: &mut PgConnection) -> Result<Vec<ApiKey>> {
    Ok(all_from_json(all(db, "SELECT body FROM api_keys ORDER BY created_at, id", ()).await?)?)
}

pub(crate) async fn change_key_scopes(
    db: &mut PgConnection,
    id: &ApiKeyId,
    add: &BTreeSet<Scope>,
    remove: &BTreeSet<Scope>,
) -> Result<Option<ApiKey>> {
    let held = "SELECT body FROM api_keys WHERE id = $1 FOR NO KEY UPDATE";
    let Some((body,)) = one::<(String,)>(db, held, (id.as_str(),)).await? else { return Ok(None) };
    let key: ApiKey = from_json(&body)?;
    if key.revoked_at.is_some() {
        return Ok(None);
    }
    let key = key.with_scopes(add, remove);
    run(db, "UPDATE api_keys SET body = $1 WHERE id = $2", (json(&key)?, id.as_str())).await?;
    Ok(Some(key))
}

pub(crate) async fn revoke_api_key(db: &mut PgConnection, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
    let held = "SELECT body FROM api_keys WHERE id = $1 FOR NO KEY UPDATE";
    let Some((body,)) = one::<(String,)>(db, held, (id.as_str(),)).await? else { return Ok(false) };
    let key: ApiKey = from_json(&body)?;
    if key.revoked_at.is_some() {
        return Ok(false);
    }
    run(
        db,
        "UPDATE api_keys SET body = $1 WHERE id = $2",
        (json(&ApiKey { revoked_at: Some(now), ..key })?, id.as_str()),
    )
    .await?;
    Ok(true)
}

pub(crate) async fn insert_user(db: &mut PgConnection, user: &User) -> Result<()> {
    run(
        db,
        "INSERT INTO users (id, version, login, body) VALUES ($1, 1, $2, $3)",
        (user.id.as_str(), user.login.as_str(), json(user)?),
    )
    .await?;
    Ok(())
}

pub(crate) async fn user(db: &mut PgConnection, hold: Hold, id: &UserId) -> Result<Option<Stored<User>>> {
    Ok(stored(one(db, held!(hold, "SELECT version, body FROM users WHERE id = $1"), (id.as_str(),)).await?)?)
}

pub(crate) async fn user_by_login(
    db: &mut PgConnection,
    hold: Hold,
    login: &str,
) -> Result<Option<Stored<User>>> {
    Ok(stored(one(db, held!(hold, "SELECT version, body FROM users WHERE login = $1"), (login,)).await?)?)
}

pub(crate) async fn save_user(db: &mut PgConnection, user: &Stored<User>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE users SET version = version + 1, login = $1, body = $2 WHERE id = $3 AND version = $4",
        (user.value.login.as_str(), json(&user.value)?, user.value.id.as_str(), user.version),
    )
    .await?;
    Ok(changed(saved)?)
}

pub(crate) async fn users(db: &mut PgConnection) -> Result<Vec<User>> {
    Ok(all_from_json(all(db, "SELECT body FROM users ORDER BY login", ()).await?)?)
}

pub(crate) async fn insert_sign_in(db: &mut PgConnection, sign_in: &SignIn, hash: SecretHash) -> Result<()> {
    run(
        db,
        r#"INSERT INTO sign_ins (id, hash, "user", expires_at, body) VALUES ($1, $2, $3, $4, $5)"#,
        (
            sign_in.id.as_str(),
            hash.0.as_slice(),
            sign_in.user.as_str(),
            micros(sign_in.expires_at),
            json(sign_in)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn sign_in(db: &mut PgConnection, hash: SecretHash) -> Result<Option<SignIn>> {
    one::<(String,)>(db, "SELECT body FROM sign_ins WHERE hash = $1", (hash.0.as_slice(),))
        .await?
        .map(|(body,)| Ok(from_json(&body)?))
        .transpose()
}

pub(crate) async fn delete_sign_in(db: &mut PgConnection, id: &SignInId) -> Result<()> {
    run(db, "DELETE FROM sign_ins WHERE id = $1", (id.as_str(),)).await?;
    Ok(())
}

pub(crate) async fn insert_link(db: &mut PgConnection, link: &ClientLink) -> Result<()> {
    run(
        db,
        "INSERT INTO links (hash, session, expires_at, number, opened_at) VALUES ($1, $2, $3, $4, $5)",
        (
            link.hash.0.as_slice(),
            link.session.as_str(),
            micros(link.expires_at),
            link.number,
            link.opened_at.map(micros),
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn link(db: &mut PgConnection, hash: SecretHash) -> Result<Option<ClientLink>> {
    let found = one::<(String, i64, Option<i64>, Option<i64>)>(
        db,
        "SELECT session, expires_at, number, opened_at FROM links WHERE hash = $1",
        (hash.0.as_slice(),),
    )
    .await?;
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
pub(crate) async fn open_link(db: &mut PgConnection, hash: SecretHash, now: Timestamp) -> Result<LinkOpened> {
    let opened = one::<(String,)>(
        db,
        "UPDATE links SET opened_at = $2 WHERE hash = $1 AND opened_at IS NULL AND expires_at > $2
         RETURNING session",
        (hash.0.as_slice(), micros(now)),
    )
    .await?;
    match opened {
        Some((session,)) => Ok(LinkOpened::Session(parsed(&session)?)),
        None => why_not_opened(db, hash).await,
    }
}

async fn why_not_opened(db: &mut PgConnection, hash: SecretHash) -> Result<LinkOpened> {
    let found = one::<(String, Option<i64>)>(
        db,
        "SELECT session, opened_at FROM links WHERE hash = $1",
        (hash.0.as_slice(),),
    )
    .await?;
    Ok(match found {
        None => LinkOpened::Unknown,
        Some((session, Some(_))) => LinkOpened::Used(parsed(&session)?),
        Some((session, None)) => LinkOpened::Expired(parsed(&session)?),
    })
}

pub(crate) async fn insert_visit(db: &mut PgConnection, visit: &Visit) -> Result<()> {
    run(
        db,
        "INSERT INTO visits (hash, session, expires_at) VALUES ($1, $2, $3)",
        (visit.hash.0.as_slice(), visit.session.as_str(), micros(visit.expires_at)),
    )
    .await?;
    Ok(())
}

pub(crate) async fn visit(db: &mut PgConnection, hash: SecretHash) -> Result<Option<Visit>> {
    let found = one::<(String, i64)>(
        db,
        "SELECT session, expires_at FROM visits WHERE hash = $1",
        (hash.0.as_slice(),),
    )
    .await?;
    let Some((session, expires_at)) = found else { return Ok(None) };
    let session: SessionId = parsed(&session)?;
    Ok(Some(Visit { hash, session, expires_at: time(expires_at)? }))
}

/// The row itself decides who was first: whoever comes second waits until that is committed, or not.
pub(crate) async fn use_assertion(
    db: &mut PgConnection,
    hash: SecretHash,
    expires_at: Timestamp,
) -> Result<bool> {
    let sql = "INSERT INTO used_assertions (hash, expires_at) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
    Ok(run(db, sql, (hash.0.as_slice(), micros(expires_at))).await? == 1)
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
pub(crate) async fn sweep(db: &mut PgConnection, now: Timestamp) -> Result<u64> {
    let mut deleted = 0;
    for sql in [
        "DELETE FROM links WHERE expires_at <= $1",
        "DELETE FROM visits WHERE expires_at <= $1",
        "DELETE FROM aftersales_passes WHERE expires_at <= $1",
        "DELETE FROM sign_ins WHERE expires_at <= $1",
        "DELETE FROM used_assertions WHERE expires_at <= $1",
        "DELETE FROM management_links WHERE expires_at <= $1",
        "DELETE FROM management_visits WHERE expires_at <= $1",
        "DELETE FROM idempotent_answers WHERE expires_at <= $1",
    ] {
        deleted += run(db, sql, (micros(now),)).await?;
    }
    let remembered = now.saturating_sub(PACES_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM paces WHERE at <= $1", (micros(remembered),)).await?;
    let asked = now.saturating_sub(REQUESTS_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM gate_requests WHERE at <= $1", (micros(asked),)).await?;
    let known = now.saturating_sub(CODES_COUNT).unwrap_or(Timestamp::MIN);
    deleted += run(db, "DELETE FROM phone_codes WHERE asked_at <= $1", (micros(known),)).await?;
    let counted = now.saturating_sub(CAPTURES_COUNT).unwrap_or(Timestamp::MIN);
    Ok(deleted + run(db, "DELETE FROM captures WHERE expires_at <= $1", (micros(counted),)).await?)
}
