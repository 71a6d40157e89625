//! Machine-readable zones: read, and repaired first.
#![no_main]

use jiff::civil::date;
use libfuzzer_sys::fuzz_target;
use shiren_core::identity::mrz;

fuzz_target!(|text: &str| {
    let lines: Vec<&str> = text.lines().collect();
    if let Ok(read) = mrz::parse(&lines, date(2026, 11, 22)) {
        let _ = (read.valid(), read.fields());
    }
    if let Some(repaired) = mrz::repair(&lines) {
        let _ = mrz::parse(&repaired.lines, date(2026, 11, 22));
    }
});
