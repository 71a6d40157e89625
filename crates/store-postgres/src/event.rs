//! Events, numbered for each account.

use shiren_app::port::EventQuery;
use shiren_app::record::{Event, NewEvent};
use shiren_core::id::EventId;
use sqlx::{Connection as _, PgConnection, raw_sql};

use crate::error::{Failure, Result};
use crate::sql::{Select, sole};
use shiren_app::port::row::{account, from_json, json, micros, mode, parsed, time};

const COLUMNS: &str =
    "SELECT id, mode, kind, account_kind, account_id, sequence, object, at, data FROM events WHERE 1 = 1";

type Row = (String, String, String, String, String, i64, String, i64, String);

/// How long a page waits for transactions that are appending, and lets the next ones wait behind it; and how often.
const GLANCE: &str = "SET LOCAL lock_timeout = '250ms'";
const GLANCES: usize = 20;

/// One statement counts and appends. The account's counter is held until the transaction ends, and only then is the
/// position taken: an event that is refused leaves no gap, and positions of an account grow with its numbers.
pub(crate) async fn append(db: &mut PgConnection, event: &NewEvent) -> Result<Event> {
    let (sequence,) = sole::<(i64,)>(
        db,
        "WITH next AS (
             INSERT INTO event_numbers (mode, account_kind, account_id, last) VALUES ($2, $4, $5, 1)
             ON CONFLICT (mode, account_kind, account_id) DO UPDATE SET last = event_numbers.last + 1
             RETURNING last)
         INSERT INTO events (id, mode, kind, account_kind, account_id, object, at, data, sequence)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, last FROM next
         RETURNING sequence",
        (
            event.id.as_str(),
            event.mode.name(),
            event.kind.as_str(),
            event.account.kind.name(),
            event.account.id.as_str(),
            event.object.as_str(),
            micros(event.at),
            json(&event.data)?,
        ),
    )
    .await?;
    Ok(Event { event: event.clone(), sequence })
}

pub(crate) async fn get(db: &mut PgConnection, id: &EventId) -> Result<Option<Event>> {
    let found = Select::new(COLUMNS).with(" AND id = ?", Some(id.to_string()));
    found.all(db).await?.into_iter().next().map(event).transpose()
}

/// What a page of committed events ends with must not be overtaken by one that took its position earlier and is
/// committed later: whoever asks for what comes after it would never see that one. So nobody may be appending while the
/// page is read. Appending waits for it no longer than [`GLANCE`].
pub(crate) async fn list_settled(db: &mut PgConnection, wanted: &EventQuery) -> Result<Vec<Event>> {
    for _ in 0..GLANCES {
        match list_alone(db, wanted).await {
            Err(failure) if failure.is_busy() => {}
            done => return done,
        }
    }
    Err(Failure::BUSY)
}

async fn list_alone(db: &mut PgConnection, wanted: &EventQuery) -> Result<Vec<Event>> {
    let mut tx = db.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY").await?;
    raw_sql(GLANCE).execute(&mut *tx).await?;
    raw_sql("LOCK TABLE events IN SHARE MODE").execute(&mut *tx).await?;
    let found = list(&mut tx, wanted).await?;
    tx.commit().await?;
    Ok(found)
}

/// In the order in which they were appended; ids of one millisecond do not tell it.
pub(crate) async fn list(db: &mut PgConnection, wanted: &EventQuery) -> Result<Vec<Event>> {
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
    found.all(db).await?.into_iter().map(event).collect()
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
