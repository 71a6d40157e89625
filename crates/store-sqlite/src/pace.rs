//! How long people take.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use shiren_app::record::{PaceRecord, Paced};
use shiren_core::verification::program::Mode;

use crate::error::Result;
use crate::sql::{all, run};
use shiren_app::port::row::{micros, millis, narrowed};

pub(crate) fn insert(db: &Connection, pace: &PaceRecord) -> Result<()> {
    run(
        db,
        "INSERT INTO paces (mode, program, part, milliseconds, at) VALUES (?, ?, ?, ?, ?)",
        (pace.mode.name(), pace.program.as_str(), pace.part.as_str(), millis(pace.took), micros(pace.at)),
    )?;
    Ok(())
}

/// The k-th of n in order stands for a share p when k is p × n rounded up.
pub(crate) fn list(db: &Connection, mode: Mode, since: Timestamp) -> Result<Vec<Paced>> {
    type Row = (String, String, i64, i64, i64);
    let found: Vec<Row> = all(
        db,
        "WITH ranked AS (
             SELECT program, part, milliseconds,
                    ROW_NUMBER() OVER (PARTITION BY program, part ORDER BY milliseconds) AS place,
                    COUNT(*) OVER (PARTITION BY program, part) AS amount
             FROM paces WHERE mode = ? AND at >= ?)
         SELECT program, part, amount,
                MAX(CASE WHEN place = (amount * 50 + 99) / 100 THEN milliseconds END),
                MAX(CASE WHEN place = (amount * 95 + 99) / 100 THEN milliseconds END)
         FROM ranked GROUP BY program, part, amount ORDER BY program, part",
        (mode.name(), micros(since)),
    )?;
    let paced = |(program, part, count, median, p95): Row| {
        let took = SignedDuration::from_millis;
        Ok(Paced { program, part, count: narrowed(count)?, median: took(median), p95: took(p95) })
    };
    found.into_iter().map(paced).collect()
}
