//! The keyring's file: TOML with keys in base64.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use zeroize::{Zeroize, Zeroizing};

use super::{KeyBytes, Keys};

const HEADER: &str = "\
# The master keys of Shiren. Whoever has this file and the data can read the data; without it the data is lost.
# Keep a copy, in another place than the backups of the data. Never edit it: `shiren` adds keys itself.
# The highest version is the one in use; older ones are still needed for what was written under them.
";

/// Versions that we read: whoever rotates every second for ten years stays below.
const VERSIONS: std::ops::Range<u32> = 1..1 << 30;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    key: Vec<WrittenKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenKey {
    version: u32,
    secret: Zeroized,
}

/// A text that is wiped when dropped.
#[derive(Deserialize)]
#[serde(transparent)]
struct Zeroized(String);

impl Drop for Zeroized {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// What is wrong with the text. What the parser says is not passed on, because it quotes what it stumbled over.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) line: Option<usize>,
    pub(super) problem: &'static str,
}

impl Problem {
    fn new(problem: &'static str) -> Self {
        Self { line: None, problem }
    }
}

pub(super) fn parse(text: &str) -> Result<Keys, Problem> {
    let written: Written = toml::from_str(text).map_err(|error| Problem {
        line: error
            .span()
            .map(|span| 1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()),
        problem: "it is not of the form that Shiren writes",
    })?;
    let mut older = BTreeMap::new();
    for key in written.key {
        let bytes = decoded(&key.secret.0).ok_or(Problem::new("a key is not base64 of 32 bytes"))?;
        if !VERSIONS.contains(&key.version) || older.insert(key.version, bytes).is_some() {
            return Err(Problem::new("versions count from 1, and each is there once"));
        }
    }
    let current = older.pop_last().ok_or(Problem::new("there is no key in it"))?;
    Ok(Keys { current, older })
}

pub(super) fn written(keys: &Keys) -> Zeroizing<String> {
    // Made large enough at once: a text that grows leaves copies of itself behind, which nobody wipes.
    let mut text = Zeroizing::new(String::with_capacity(HEADER.len() + keys.all().count() * 128));
    text.push_str(HEADER);
    for (version, key) in keys.all() {
        let mut encoded = STANDARD.encode(**key);
        text.push_str("\n[[key]]\nversion = ");
        text.push_str(&version.to_string());
        text.push_str("\nsecret = \"");
        text.push_str(&encoded);
        text.push_str("\"\n");
        encoded.zeroize();
    }
    text
}

fn decoded(text: &str) -> Option<KeyBytes> {
    let bytes = Zeroizing::new(STANDARD.decode(text).ok()?);
    let mut key = KeyBytes::default();
    if bytes.len() != key.len() {
        return None;
    }
    key.copy_from_slice(&bytes);
    Some(key)
}
