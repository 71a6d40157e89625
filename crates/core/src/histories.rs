//! How many random histories a lifecycle is tried with.

use proptest::test_runner::Config;

/// So many, or as many as `SHIREN_HISTORIES` says.
pub(crate) fn histories(usually: u32) -> Config {
    let cases = std::env::var("SHIREN_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(usually);
    Config { cases, failure_persistence: None, ..Config::default() }
}
