//! What is sent to people.

use rusqlite::Connection;
use shiren_app::port::NoticeQuery;
use shiren_app::record::{NoticeRecord, Stored};
use shiren_core::id::{NoticeId, SessionId};

use crate::error::Result;
use crate::sql::{all, one, run};
use shiren_app::port::row::{all_from_json, changed, json, stored};

pub(crate) fn get(db: &Connection, id: &NoticeId) -> Result<Option<Stored<NoticeRecord>>> {
    Ok(stored(one(db, "SELECT version, body FROM notices WHERE id = ?", (id.as_str(),))?)?)
}

pub(crate) fn insert(db: &Connection, notice: &NoticeRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO notices (id, version, session, shop, account, body) VALUES (?, 1, ?, ?, ?, ?)",
        (notice.id.as_str(), notice.session.as_str(), shop(notice), account(notice), json(notice)?),
    )?;
    Ok(())
}

pub(crate) fn save(db: &Connection, notice: &Stored<NoticeRecord>) -> Result<()> {
    let saved = run(
        db,
        "UPDATE notices SET version = version + 1, body = ? WHERE id = ? AND version = ?",
        (json(&notice.value)?, notice.value.id.as_str(), notice.version),
    )?;
    Ok(changed(saved)?)
}

/// Ids grow with time: newest first is largest first.
pub(crate) fn list(db: &Connection, query: &NoticeQuery) -> Result<Vec<NoticeRecord>> {
    Ok(all_from_json(all(
        db,
        "SELECT body FROM notices WHERE (?1 IS NULL OR session = ?1) AND (?2 IS NULL OR id < ?2)
         AND (?3 IS NULL OR shop = ?3) AND (?4 IS NULL OR account = ?4) AND (?5 = 0 OR account IS NOT NULL)
         ORDER BY id DESC LIMIT ?6",
        (
            query.session.as_ref().map(SessionId::as_str),
            query.after.as_ref().map(NoticeId::as_str),
            query.shop.as_ref().map(|(mode, id)| format!("{mode}/{id}")),
            query.account.as_ref().map(|(mode, account)| format!("{mode}/{account}")),
            i64::from(query.messages),
            query.limit,
        ),
    )?)?)
}

fn account(notice: &NoticeRecord) -> Option<String> {
    notice.message.as_ref().map(|message| format!("{}/{}", notice.mode, message.account))
}

/// The two modes are worlds of their own.
fn shop(notice: &NoticeRecord) -> Option<String> {
    notice.shop.as_ref().map(|id| format!("{}/{id}", notice.mode))
}
