//! Sub-accounts.

use shiren_app::port::{StaffCount, StaffQuery};
use shiren_app::record::Stored;
use shiren_core::account::staff::Staff;
use shiren_core::verification::program::Mode;
use sqlx::PgConnection;

use crate::error::Result;
use crate::sql::{Hold, Select, all, held, one, run, sole};
use shiren_app::port::row::{all_from_json, changed, json, micros, narrowed, stored};

pub(crate) async fn get(
    db: &mut PgConnection,
    hold: Hold,
    mode: Mode,
    id: &str,
) -> Result<Option<Stored<Staff>>> {
    Ok(stored(
        one(
            db,
            held!(hold, "SELECT version, body FROM staff WHERE mode = $1 AND id = $2"),
            (mode.name(), id),
        )
        .await?,
    )?)
}

/// When it is added, it has only just been brought up to date.
pub(crate) async fn insert(db: &mut PgConnection, mode: Mode, staff: &Staff) -> Result<()> {
    run(
        db,
        "INSERT INTO staff (mode, id, version, shop, standing, reviewed, bound, created_at, body)
         VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $8)",
        (
            mode.name(),
            staff.id.as_str(),
            staff.shop.as_str(),
            staff.standing.name(),
            staff.review.is_some(),
            staff.bound().is_some(),
            micros(staff.as_of),
            json(staff)?,
        ),
    )
    .await?;
    Ok(())
}

pub(crate) async fn save(db: &mut PgConnection, mode: Mode, staff: &Stored<Staff>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE staff SET version = version + 1, standing = $1, reviewed = $2, bound = $3, body = $4
         WHERE mode = $5 AND id = $6 AND version = $7",
        (
            staff.value.standing.name(),
            staff.value.review.is_some(),
            staff.value.bound().is_some(),
            json(&staff.value)?,
            mode.name(),
            staff.value.id.as_str(),
            staff.version,
        ),
    )
    .await?;
    Ok(changed(saved)?)
}

/// The youngest first; of one moment, by their ids.
pub(crate) async fn list(db: &mut PgConnection, wanted: &StaffQuery) -> Result<Vec<Staff>> {
    let found = Select::new("SELECT body FROM staff AS s WHERE 1 = 1")
        .with(" AND s.mode = ?", Some(wanted.mode.name().to_owned()))
        .with(" AND s.shop = ?", Some(wanted.shop.clone()))
        .with(" AND s.standing = ?", wanted.standing.clone())
        .with(" AND s.reviewed = ?", wanted.reviewed)
        .with(" AND s.bound = ?", wanted.bound)
        .with(
            " AND (s.created_at, s.id) < (SELECT l.created_at, l.id FROM staff AS l WHERE l.mode = s.mode AND l.id = ?)",
            wanted.after.clone(),
        )
        .with(" ORDER BY s.created_at DESC, s.id DESC LIMIT ?", Some(wanted.limit));
    Ok(all_from_json(found.all(db).await?)?)
}

pub(crate) async fn count(db: &mut PgConnection, mode: Mode, shop: &str) -> Result<u32> {
    let (count,) = sole::<(i64,)>(
        db,
        "SELECT COUNT(*) FROM staff WHERE mode = $1 AND shop = $2 AND standing <> 'disabled'",
        (mode.name(), shop),
    )
    .await?;
    Ok(narrowed(count)?)
}

pub(crate) async fn counts(db: &mut PgConnection, mode: Mode, shop: &str) -> Result<Vec<StaffCount>> {
    let found: Vec<(String, bool, bool, i64)> = all(
        db,
        "SELECT standing, reviewed, bound, COUNT(*) FROM staff WHERE mode = $1 AND shop = $2
         GROUP BY standing, reviewed, bound",
        (mode.name(), shop),
    )
    .await?;
    let count = |(standing, reviewed, bound, count)| {
        Ok(StaffCount { standing, reviewed, bound, count: narrowed(count)? })
    };
    found.into_iter().map(count).collect()
}
