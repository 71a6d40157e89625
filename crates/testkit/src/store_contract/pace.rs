//! How long people take.

use jiff::{SignedDuration, ToSpan as _};
use shiren_app::record::{PaceRecord, Paced};
use shiren_core::verification::program::Mode;

use super::given::at;
use super::{Shared, Tested};

fn pace(mode: Mode, part: &str, seconds: i64, n: u64) -> PaceRecord {
    let (program, took) = ("shop-owner".to_owned(), SignedDuration::from_secs(seconds));
    PaceRecord { mode, program, recheck: false, part: part.to_owned(), took, at: at(n) }
}

fn paced(part: &str, count: u64, median: i64, p95: i64) -> Paced {
    let took = SignedDuration::from_secs;
    Paced {
        program: "shop-owner".into(),
        recheck: false,
        part: part.into(),
        count,
        median: took(median),
        p95: took(p95),
    }
}

/// The nearest rank: half of people, and 95 of 100, took no longer.
pub async fn half_and_nearly_all_are_told_for_each_part(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    // 1 to 40 seconds, in an order that is none.
    for n in 0..40 {
        tx.insert_pace(&pace(Mode::Live, "front", (n * 7) % 40 + 1, 1)).await?;
    }
    for seconds in [30, 10, 20] {
        tx.insert_pace(&pace(Mode::Live, ":whole", seconds, 1)).await?;
    }
    tx.commit().await?;
    let told = store.snapshot().await?.paces(Mode::Live, at(0)).await?;
    assert_eq!(told, [paced(":whole", 3, 20, 30), paced("front", 40, 20, 38)]);
    Ok(())
}

/// First verifications and re-checks, of one part of one program.
pub async fn rechecks_are_told_apart(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for (seconds, recheck) in [(100, false), (10, true), (20, true), (300, false)] {
        tx.insert_pace(&PaceRecord { recheck, ..pace(Mode::Live, ":whole", seconds, 1) }).await?;
    }
    let told = tx.paces(Mode::Live, at(0)).await?;
    let again = Paced { recheck: true, ..paced(":whole", 2, 10, 20) };
    assert_eq!(told, [paced(":whole", 2, 100, 300), again]);
    Ok(())
}

/// Test and live, earlier and later.
pub async fn only_what_is_asked_for_counts(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for (mode, seconds, n) in [(Mode::Live, 10, 1), (Mode::Live, 20, 2), (Mode::Test, 90, 2)] {
        tx.insert_pace(&pace(mode, "front", seconds, n)).await?;
    }
    assert_eq!(tx.paces(Mode::Live, at(2)).await?, [paced("front", 1, 20, 20)], "from then on, it too");
    assert_eq!(tx.paces(Mode::Test, at(0)).await?, [paced("front", 1, 90, 90)]);
    assert_eq!(tx.paces(Mode::Live, at(3)).await?, []);
    Ok(())
}

/// After 400 days.
pub async fn what_is_long_ago_is_forgotten(store: Shared) -> Tested {
    let mut tx = store.begin().await?;
    for n in [1, 2] {
        tx.insert_pace(&pace(Mode::Live, "front", 10, n)).await?;
    }
    assert_eq!(tx.sweep(at(1) + (400 * 24).hours()).await?, 1);
    assert_eq!(tx.paces(Mode::Live, at(0)).await?, [paced("front", 1, 10, 10)]);
    Ok(())
}
