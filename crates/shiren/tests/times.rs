//! Times that cannot be, in the settings: refused by `shiren config --check` and before `shiren serve` opens anything.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

use std::fs;
use std::process::{Command, Output};

/// A program's answer to settings whose table names a file of rules with this text.
fn answers(arguments: &[&str], table: &str, rules: &str) -> (Output, bool) {
    let folder = tempfile::tempdir().unwrap();
    let (settings, file) = (folder.path().join("shiren.toml"), folder.path().join("rules.toml"));
    fs::write(&file, rules).unwrap();
    let text = match table {
        "platform" => rules.to_owned(),
        "working_days" => format!("[platform]\nworking_days = {file:?}\n"),
        table => format!("[{table}]\nrules = {file:?}\n"),
    };
    fs::write(&settings, text).unwrap();
    let data = folder.path().join("data");
    let output = Command::new(env!("CARGO_BIN_EXE_shiren"))
        .args(arguments)
        .arg(&settings)
        .env("SHIREN_DATA_FOLDER", &data)
        .env("SHIREN_SERVER_LISTEN", "127.0.0.1:0")
        .env("LANG", "en_GB.UTF-8")
        .output()
        .unwrap();
    (output, fs::read_dir(&data).is_ok_and(|mut files| files.next().is_some()))
}

#[test]
fn times_that_cannot_be_are_refused_and_it_is_said_where_and_what_to_do() {
    let promotion = |name: &str, from: &str, to: &str| {
        format!(
            "[[promotions]]\nname = \"{name}\"\ncreate_from = \"{from}\"\nfrom = \"{from}\"\nto = \"{to}\"\n"
        )
    };
    let overlapping = promotion("618", "06-01", "06-20") + &promotion("summer", "06-20", "07-01");
    let backwards = promotion("618", "06-20", "06-01");
    let no_day = promotion("618", "02-30", "06-01");
    for (table, rules, said) in [
        (
            "staff",
            overlapping.as_str(),
            &["staff.rules", "promotions", "618", "summer", "change their from and to"][..],
        ),
        ("staff", &backwards, &["staff.rules", "promotions", "618", "not in order"]),
        ("staff", &no_day, &["staff.rules", "create_from", "02-30", "such as 11-01"]),
        ("staff", "zone = \"Mars/Olympus\"", &["staff.rules", "zone", "Mars/Olympus", "as Asia/Shanghai"]),
        ("staff", "zone = 8", &["staff.rules", "zone = 8", "expected a string"]),
        (
            "staff",
            "[exempt]\nglobal = \"2026-02-30\"",
            &["staff.rules", "exempt.global", "2026-02-30", "2027-03-01"],
        ),
        (
            "recheck",
            "zone = \"Mars/Olympus\"",
            &["recheck.rules", "zone", "Mars/Olympus", "as Asia/Shanghai"],
        ),
        ("recheck", "zone = [\"Asia/Shanghai\"]", &["recheck.rules", "zone", "expected a string"]),
        (
            "recheck",
            "blackout = [[\"2026-02-30\", \"2026-03-01\"]]",
            &["recheck.rules", "blackout", "2026-02-30"],
        ),
        (
            "recheck",
            "blackout = [[\"2026-11-12\", \"2026-11-01\"]]",
            &["recheck.rules", "blackout", "first day first"],
        ),
        (
            "platform",
            "[platform]\nzone = \"Mars/Olympus\"",
            &["platform.zone", "Mars/Olympus", "as Asia/Shanghai"],
        ),
        ("platform", "[platform]\nzone = 8", &["platform.zone"]),
        (
            "working_days",
            "[[year]]\nyear = 2027\nconfirmed = true\nworked = [\"2027-02-30\"]",
            &["platform.working_days"],
        ),
    ] {
        for arguments in [&["config", "--check"][..], &["serve", "--config"]] {
            let (output, touched) = answers(arguments, table, rules);
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success(), "{arguments:?} took {table}: {rules}");
            for part in said {
                assert!(told.contains(part), "{arguments:?}, {table}: {rules}\n{part:?} is not in {told}");
            }
            assert!(!touched, "{arguments:?} opened something first: {rules}");
        }
    }
}

#[test]
fn times_that_can_be_are_taken() {
    for (table, rules) in [
        ("staff", "zone = \"America/New_York\"\n[exempt]\nglobal = \"2027-03-01\"\nother = \"\""),
        ("recheck", "zone = \"Pacific/Auckland\"\nblackout = [[\"2026-11-01\", \"2026-11-12\"]]"),
        ("platform", "[platform]\nzone = \"America/New_York\""),
    ] {
        let (output, _) = answers(&["config", "--check"], table, rules);
        assert!(output.status.success(), "{table}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
