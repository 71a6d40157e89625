//! Events, numbered for each account.

use shiren_app::port::EventQuery;
use shiren_app::record::{Event, NewEvent};
use shiren_core::id::EventId;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection, query_as};

use crate::error::Result;
use crate::row::{account, from_json, json, micros, mode, parsed, time};

const COLUMNS: &str =
    "SELECT id, mode, kind, account_kind, account_id, sequence, object, at, data FROM events";

type Row = (String, String, String, String, String, i64, String, i64, String);

/// One statement finds the next number and takes it: an event that is refused leaves no gap.
pub(crate) async fn append(db: &mut SqliteConnection, event: &NewEvent) -> Result<Event> {
    let (sequence,) = query_as::<_, (i64,)>(
        "INSERT INTO events (id, mode, kind, account_kind, account_id, object, at, data, sequence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8,
                 (SELECT COALESCE(MAX(sequence), 0) + 1 FROM events
                  WHERE mode = ?2 AND account_kind = ?4 AND account_id = ?5))
         RETURNING sequence",
    )
    .bind(event.id.as_str())
    .bind(event.mode.name())
    .bind(event.kind.as_str())
    .bind(event.account.kind.name())
    .bind(event.account.id.as_str())
    .bind(event.object.as_str())
    .bind(micros(event.at))
    .bind(json(&event.data)?)
    .fetch_one(db)
    .await?;
    Ok(Event { event: event.clone(), sequence })
}

pub(crate) async fn get(db: &mut SqliteConnection, id: &EventId) -> Result<Option<Event>> {
    let mut sql = QueryBuilder::<Sqlite>::new(COLUMNS);
    sql.push(" WHERE id = ").push_bind(id.as_str());
    sql.build_query_as().fetch_optional(db).await?.map(event).transpose()
}

/// In the order in which they were appended; ids of one millisecond do not tell it.
pub(crate) async fn list(db: &mut SqliteConnection, wanted: &EventQuery) -> Result<Vec<Event>> {
    let mut sql = QueryBuilder::<Sqlite>::new(COLUMNS);
    sql.push(" WHERE 1 = 1");
    if let Some(mode) = wanted.mode {
        sql.push(" AND mode = ").push_bind(mode.name());
    }
    if let Some(account) = &wanted.account {
        sql.push(" AND account_kind = ").push_bind(account.kind.name());
        sql.push(" AND account_id = ").push_bind(account.id.as_str());
    }
    if let Some(object) = &wanted.object {
        sql.push(" AND object = ").push_bind(object.as_str());
    }
    if let Some(after) = &wanted.after {
        let behind = " AND position > (SELECT position FROM events WHERE id = ";
        sql.push(behind).push_bind(after.as_str()).push(")");
    }
    sql.push(" ORDER BY position LIMIT ").push_bind(wanted.limit);
    sql.build_query_as().fetch_all(db).await?.into_iter().map(event).collect()
}

fn event((id, in_mode, kind, account_kind, account_id, sequence, object, at, data): Row) -> Result<Event> {
    let event = NewEvent {
        id: parsed(&id)?,
        mode: mode(&in_mode)?,
        kind,
        account: account(&account_kind, account_id)?,
        object,
        at: time(at)?,
        data: from_json(&data)?,
    };
    Ok(Event { event, sequence })
}
