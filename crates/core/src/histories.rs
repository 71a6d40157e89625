//! How many random histories a lifecycle is tried with.

use proptest::test_runner::Config;

/// 1000, or as many as `SHIREN_HISTORIES` says.
pub(crate) fn histories() -> Config {
    let cases = std::env::var("SHIREN_HISTORIES").ok().and_then(|n| n.parse().ok()).unwrap_or(1000);
    Config { cases, failure_persistence: None, ..Config::default() }
}
