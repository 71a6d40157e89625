//! The ban list.

use shiren_app::port::BanQuery;
use shiren_app::record::Stored;
use shiren_core::account::ban::Ban;
use shiren_core::id::BanId;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, all, held, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) async fn get(db: &mut PgConnection, hold: Hold, id: &BanId) -> Result<Option<Stored<Ban>>> {
    let sql = held!(hold, "SELECT version, body FROM bans WHERE id = $1");
    Ok(stored(one(db, sql, (id.as_str(),)).await?)?)
}

pub(crate) async fn insert(db: &mut PgConnection, ban: &Ban, tags: &[(u32, Vec<u8>)]) -> Result<()> {
    run(
        db,
        "INSERT INTO bans (id, version, mode, shop, ended, body) VALUES ($1, 1, $2, $3, $4, $5)",
        (ban.id.as_str(), ban.mode.name(), ban.shop.as_str(), ban.ended.is_some(), json(ban)?),
    )
    .await?;
    for (version, tag) in tags {
        run(
            db,
            "INSERT INTO ban_tags (mode, key_version, tag, ban) VALUES ($1, $2, $3, $4)",
            (ban.mode.name(), *version, tag.as_slice(), ban.id.as_str()),
        )
        .await?;
    }
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, ban: &Stored<Ban>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE bans SET version = version + 1, ended = $1, body = $2 WHERE id = $3 AND version = $4",
        (ban.value.ended.is_some(), json(&ban.value)?, ban.value.id.as_str(), ban.version),
    )
    .await?;
    Ok(changed(saved)?)
}

pub(crate) async fn forget_tags(db: &mut PgConnection, id: &BanId) -> Result<()> {
    run(db, "DELETE FROM ban_tags WHERE ban = $1", (id.as_str(),)).await?;
    Ok(())
}

pub(crate) async fn of(db: &mut PgConnection, mode: Mode, tags: &[(u32, Vec<u8>)]) -> Result<Vec<Ban>> {
    let mut found = Vec::new();
    for (version, tag) in tags {
        let of_tag = all(
            db,
            "SELECT b.body FROM ban_tags AS t JOIN bans AS b ON b.id = t.ban
             WHERE t.mode = $1 AND t.key_version = $2 AND t.tag = $3 ORDER BY b.id",
            (mode.name(), *version, tag.as_slice()),
        );
        found.extend(of_tag.await?);
    }
    Ok(all_from_json(found)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) async fn list(db: &mut PgConnection, wanted: &BanQuery) -> Result<Vec<Ban>> {
    let found = Select::new("SELECT body FROM bans WHERE 1 = 1")
        .with(" AND mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND shop = ?", wanted.shop.clone())
        .with(" AND ended = ?", wanted.in_force.map(|in_force| !in_force))
        .with(" AND id < ?", wanted.after.as_ref().map(ToString::to_string))
        .with(" ORDER BY id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db).await?)?)
}
