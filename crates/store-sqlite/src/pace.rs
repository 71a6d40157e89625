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
        "INSERT INTO paces (mode, program, recheck, part, milliseconds, at) VALUES (?, ?, ?, ?, ?, ?)",
        (
            pace.mode.name(),
            pace.program.as_str(),
            i64::from(pace.recheck),
            pace.part.as_str(),
            millis(pace.took),
            micros(pace.at),
        ),
    )?;
    Ok(())
}

/// The k-th of n in order stands for a share p when k is p × n rounded up.
pub(crate) fn list(db: &Connection, mode: Mode, since: Timestamp) -> Result<Vec<Paced>> {
    type Row = (String, i64, String, i64, i64, i64);
    let found: Vec<Row> = all(
        db,
        "WITH ranked AS (
             SELECT program, recheck, part, milliseconds,
                    ROW_NUMBER() OVER (PARTITION BY program, recheck, part ORDER BY milliseconds) AS place,
                    COUNT(*) OVER (PARTITION BY program, recheck, part) AS amount
             FROM paces WHERE mode = ? AND at >= ?)
         SELECT program, recheck, part, amount,
                MAX(CASE WHEN place = (amount * 50 + 99) / 100 THEN milliseconds END),
                MAX(CASE WHEN place = (amount * 95 + 99) / 100 THEN milliseconds END)
         FROM ranked GROUP BY program, recheck, part, amount ORDER BY program, recheck, part",
        (mode.name(), micros(since)),
    )?;
    let paced = |(program, recheck, part, count, median, p95): Row| {
        let took = SignedDuration::from_millis;
        let (recheck, count) = (recheck != 0, narrowed(count)?);
        Ok(Paced { program, recheck, part, count, median: took(median), p95: took(p95) })
    };
    found.into_iter().map(paced).collect()
}
