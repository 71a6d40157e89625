//! Events, numbered for each account.

use rusqlite::Connection;
use shiren_app::port::EventQuery;
use shiren_app::record::{Event, NewEvent};
use shiren_core::id::EventId;

use crate::error::Result;
use crate::sql::{Select, run, sole};
use shiren_app::port::row::{account, from_json, json, micros, mode, parsed, time};

const COLUMNS: &str =
    "SELECT id, mode, kind, account_kind, account_id, sequence, object, at, data FROM events WHERE 1 = 1";

type Row = (String, String, String, String, String, i64, String, i64, String);

/// The transaction writes, so nobody else takes the number between: an event that is refused leaves no gap. Two
/// statements, because SQLite (3.54) prepares one that gives back what it wrote (`RETURNING`) anew each time it runs: by
/// `perf` that was a quarter of what creating a session costs.
pub(crate) fn append(db: &Connection, event: &NewEvent) -> Result<Event> {
    let (mode, account) = (event.mode.name(), &event.account);
    let (sequence,) = sole::<(i64,)>(
        db,
        "SELECT COALESCE(MAX(sequence), 0) + 1 FROM events WHERE mode = ? AND account_kind = ? AND account_id = ?",
        (mode, account.kind.name(), account.id.as_str()),
    )?;
    run(
        db,
        "INSERT INTO events (id, mode, kind, account_kind, account_id, sequence, object, at, data)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            event.id.as_str(),
            mode,
            event.kind.as_str(),
            account.kind.name(),
            account.id.as_str(),
            sequence,
            event.object.as_str(),
            micros(event.at),
            json(&event.data)?,
        ),
    )?;
    Ok(Event { event: event.clone(), sequence })
}

pub(crate) fn get(db: &Connection, id: &EventId) -> Result<Option<Event>> {
    let found = Select::new(COLUMNS).with(" AND id = ?", Some(id.to_string()));
    found.all(db)?.into_iter().next().map(event).transpose()
}

/// In the order in which they were appended; ids of one millisecond do not tell it.
pub(crate) fn list(db: &Connection, wanted: &EventQuery) -> Result<Vec<Event>> {
    let account = wanted.account.as_ref();
    let found = Select::new(COLUMNS)
        .with(" AND mode = ?", wanted.mode.map(|mode| mode.name().to_owned()))
        .with(" AND account_kind = ?", account.map(|account| account.kind.name().to_owned()))
        .with(" AND account_id = ?", account.map(|account| account.id.clone()))
        .with(" AND object = ?", wanted.object.clone())
        .with(
            " AND position > (SELECT position FROM events WHERE id = ?)",
            wanted.after.as_ref().map(ToString::to_string),
        )
        // Ids begin with the time.
        .with(" AND id >= ?", wanted.since.map(|at| EventId::new(at, [0; 10]).to_string()))
        .with(" ORDER BY position LIMIT ?", Some(wanted.limit));
    found.all(db)?.into_iter().map(event).collect()
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
