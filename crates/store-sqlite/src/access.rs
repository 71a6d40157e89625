//! Who may do what: API keys, users, sign-ins, links and visits.

use jiff::{SignedDuration, Timestamp};
use shiren_app::record::{ApiKey, ClientLink, LinkOpened, SecretHash, SignIn, Stored, User, Visit};
use shiren_core::id::{ApiKeyId, SessionId, SignInId, UserId};
use sqlx::{SqliteConnection, query, query_as};

use crate::error::Result;
use crate::row::{all_from_json, changed, from_json, json, micros, narrowed, parsed, stored, time};

pub(crate) async fn insert_api_key(db: &mut SqliteConnection, key: &ApiKey, hash: SecretHash) -> Result<()> {
    query("INSERT INTO api_keys (id, hash, created_at, body) VALUES (?, ?, ?, ?)")
        .bind(key.id.as_str())
        .bind(hash.0.as_slice())
        .bind(micros(key.created_at))
        .bind(json(key)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn api_key(db: &mut SqliteConnection, hash: SecretHash) -> Result<Option<ApiKey>> {
    let found = query_as::<_, (String,)>("SELECT body FROM api_keys WHERE hash = ?").bind(hash.0.as_slice());
    found.fetch_optional(db).await?.map(|(body,)| from_json(&body)).transpose()
}

pub(crate) async fn api_keys(db: &mut SqliteConnection) -> Result<Vec<ApiKey>> {
    all_from_json(query_as("SELECT body FROM api_keys ORDER BY created_at, id").fetch_all(db).await?)
}

pub(crate) async fn revoke_api_key(db: &mut SqliteConnection, id: &ApiKeyId, now: Timestamp) -> Result<bool> {
    let found = query_as::<_, (String,)>("SELECT body FROM api_keys WHERE id = ?").bind(id.as_str());
    let Some((body,)) = found.fetch_optional(&mut *db).await? else { return Ok(false) };
    let key: ApiKey = from_json(&body)?;
    if key.revoked_at.is_some() {
        return Ok(false);
    }
    query("UPDATE api_keys SET body = ? WHERE id = ?")
        .bind(json(&ApiKey { revoked_at: Some(now), ..key })?)
        .bind(id.as_str())
        .execute(db)
        .await?;
    Ok(true)
}

pub(crate) async fn insert_user(db: &mut SqliteConnection, user: &User) -> Result<()> {
    query("INSERT INTO users (id, version, login, body) VALUES (?, 1, ?, ?)")
        .bind(user.id.as_str())
        .bind(user.login.as_str())
        .bind(json(user)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn user(db: &mut SqliteConnection, id: &UserId) -> Result<Option<Stored<User>>> {
    let found = query_as("SELECT version, body FROM users WHERE id = ?").bind(id.as_str());
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn user_by_login(db: &mut SqliteConnection, login: &str) -> Result<Option<Stored<User>>> {
    let found = query_as("SELECT version, body FROM users WHERE login = ?").bind(login);
    stored(found.fetch_optional(db).await?)
}

pub(crate) async fn save_user(db: &mut SqliteConnection, user: &Stored<User>) -> Result<()> {
    let saved =
        query("UPDATE users SET version = version + 1, login = ?, body = ? WHERE id = ? AND version = ?")
            .bind(user.value.login.as_str())
            .bind(json(&user.value)?)
            .bind(user.value.id.as_str())
            .bind(user.version)
            .execute(db)
            .await?;
    changed(saved.rows_affected())
}

pub(crate) async fn users(db: &mut SqliteConnection) -> Result<Vec<User>> {
    all_from_json(query_as("SELECT body FROM users ORDER BY login").fetch_all(db).await?)
}

pub(crate) async fn insert_sign_in(
    db: &mut SqliteConnection,
    sign_in: &SignIn,
    hash: SecretHash,
) -> Result<()> {
    query(r#"INSERT INTO sign_ins (id, hash, "user", expires_at, body) VALUES (?, ?, ?, ?, ?)"#)
        .bind(sign_in.id.as_str())
        .bind(hash.0.as_slice())
        .bind(sign_in.user.as_str())
        .bind(micros(sign_in.expires_at))
        .bind(json(sign_in)?)
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn sign_in(db: &mut SqliteConnection, hash: SecretHash) -> Result<Option<SignIn>> {
    let found = query_as::<_, (String,)>("SELECT body FROM sign_ins WHERE hash = ?").bind(hash.0.as_slice());
    found.fetch_optional(db).await?.map(|(body,)| from_json(&body)).transpose()
}

pub(crate) async fn delete_sign_in(db: &mut SqliteConnection, id: &SignInId) -> Result<()> {
    query("DELETE FROM sign_ins WHERE id = ?").bind(id.as_str()).execute(db).await?;
    Ok(())
}

pub(crate) async fn insert_link(db: &mut SqliteConnection, link: &ClientLink) -> Result<()> {
    query("INSERT INTO links (hash, session, expires_at, number) VALUES (?, ?, ?, ?)")
        .bind(link.hash.0.as_slice())
        .bind(link.session.as_str())
        .bind(micros(link.expires_at))
        .bind(link.number.map(i64::from))
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn link(db: &mut SqliteConnection, hash: SecretHash) -> Result<Option<ClientLink>> {
    let found = query_as::<_, (String, i64, Option<i64>)>(
        "SELECT session, expires_at, number FROM links WHERE hash = ?",
    )
    .bind(hash.0.as_slice())
    .fetch_optional(db)
    .await?;
    let Some((session, expires_at, number)) = found else { return Ok(None) };
    let number = number.map(narrowed).transpose()?;
    Ok(Some(ClientLink { hash, session: parsed(&session)?, expires_at: time(expires_at)?, number }))
}

/// The update itself decides who was first.
pub(crate) async fn open_link(
    db: &mut SqliteConnection,
    hash: SecretHash,
    now: Timestamp,
) -> Result<LinkOpened> {
    let opened = query_as::<_, (String,)>(
        "UPDATE links SET opened_at = ?2 WHERE hash = ?1 AND opened_at IS NULL AND expires_at > ?2
         RETURNING session",
    )
    .bind(hash.0.as_slice())
    .bind(micros(now))
    .fetch_optional(&mut *db)
    .await?;
    match opened {
        Some((session,)) => Ok(LinkOpened::Session(parsed(&session)?)),
        None => why_not_opened(db, hash).await,
    }
}

async fn why_not_opened(db: &mut SqliteConnection, hash: SecretHash) -> Result<LinkOpened> {
    let found = query_as::<_, (String, Option<i64>)>("SELECT session, opened_at FROM links WHERE hash = ?")
        .bind(hash.0.as_slice())
        .fetch_optional(db)
        .await?;
    Ok(match found {
        None => LinkOpened::Unknown,
        Some((session, Some(_))) => LinkOpened::Used(parsed(&session)?),
        Some((session, None)) => LinkOpened::Expired(parsed(&session)?),
    })
}

pub(crate) async fn insert_visit(db: &mut SqliteConnection, visit: &Visit) -> Result<()> {
    query("INSERT INTO visits (hash, session, expires_at) VALUES (?, ?, ?)")
        .bind(visit.hash.0.as_slice())
        .bind(visit.session.as_str())
        .bind(micros(visit.expires_at))
        .execute(db)
        .await?;
    Ok(())
}

pub(crate) async fn visit(db: &mut SqliteConnection, hash: SecretHash) -> Result<Option<Visit>> {
    let found = query_as::<_, (String, i64)>("SELECT session, expires_at FROM visits WHERE hash = ?")
        .bind(hash.0.as_slice())
        .fetch_optional(db)
        .await?;
    let Some((session, expires_at)) = found else { return Ok(None) };
    let session: SessionId = parsed(&session)?;
    Ok(Some(Visit { hash, session, expires_at: time(expires_at)? }))
}

/// Live captures count against new ones for as long as a program may say (`attempt_hours`, at most 30 days).
const CAPTURES_COUNT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Deletes what is over, here and among the idempotent answers and live captures.
pub(crate) async fn sweep(db: &mut SqliteConnection, now: Timestamp) -> Result<u64> {
    let mut deleted = 0;
    for sql in [
        "DELETE FROM links WHERE expires_at <= ?",
        "DELETE FROM visits WHERE expires_at <= ?",
        "DELETE FROM sign_ins WHERE expires_at <= ?",
        "DELETE FROM idempotent_answers WHERE expires_at <= ?",
    ] {
        deleted += query(sql).bind(micros(now)).execute(&mut *db).await?.rows_affected();
    }
    let counted = now.saturating_sub(CAPTURES_COUNT).unwrap_or(Timestamp::MIN);
    let old = query("DELETE FROM captures WHERE expires_at <= ?").bind(micros(counted));
    Ok(deleted + old.execute(db).await?.rows_affected())
}
