//! Programs, as an operator writes them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shiren_core::verification::program::Program;

fuzz_target!(|text: &str| {
    let _ = Program::from_toml(text);
});
