//! From TOML to a program, and from a mistake to its line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Program;
use super::validate::{Key, validate};

/// A larger text is no program: the longest built-in one has a hundredth of this.
const MOST_BYTES: usize = 1 << 20;

/// What is wrong with a program's text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}{}: {message}", if .key.is_empty() { String::new() } else { format!(", {}", .key) })]
pub struct ProgramError {
    /// Counted from 1.
    pub line: usize,
    /// The key at fault, dotted, with indices from 0: `method[1].step[0].shot`. Empty for the whole text.
    pub key: String,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl Program {
    /// Reads and validates a program.
    pub fn from_toml(text: &str) -> Result<Self, ProgramError> {
        if text.len() > MOST_BYTES {
            let message = format!("a program has at most {MOST_BYTES} bytes; this has {}", text.len());
            return Err(ProgramError { line: 1, key: String::new(), message });
        }
        let program: Self = toml::from_str(text).map_err(|e| located(text, &e))?;
        validate(&program).map_err(|problem| ProgramError {
            line: line_of(text, place(text, &problem.path)),
            key: dotted(&problem.path),
            message: problem.message,
        })?;
        Ok(program)
    }
}

/// A mistake that TOML or serde found: they know the place, the key is looked up by it.
fn located(text: &str, error: &toml::de::Error) -> ProgramError {
    let start = error.span().map_or(0, |s| s.start);
    let mut path = Vec::new();
    if let Ok(table) = DeTable::parse(text) {
        descend(table.get_ref(), start, &mut path);
    }
    ProgramError {
        line: line_of(text, start),
        key: dotted(&path),
        message: error.message().replace('\n', "; "),
    }
}

/// Follows the keys whose own place, or whose value's, contains the offset.
fn descend(table: &DeTable<'_>, offset: usize, path: &mut Vec<Key>) {
    for (key, value) in table {
        let on_key = key.span().contains(&offset);
        let inside = |v: &Spanned<DeValue<'_>>| contains(v, offset);
        if !on_key && !inside(value) {
            continue;
        }
        path.push(Key::Name(key.get_ref().to_string()));
        if !on_key {
            into_value(value.get_ref(), offset, path);
        }
        return;
    }
}

fn into_value(value: &DeValue<'_>, offset: usize, path: &mut Vec<Key>) {
    match value {
        DeValue::Table(inner) => descend(inner, offset, path),
        DeValue::Array(items) => {
            if let Some(i) = items.iter().position(|v| contains(v, offset)) {
                path.push(Key::Index(i));
                into_value(items[i].get_ref(), offset, path);
            }
        }
        _ => {}
    }
}

/// Whether a value, or anything in it, covers the offset: a table's own place is its header only, and that of
/// an array of tables its first.
fn contains(value: &Spanned<DeValue<'_>>, offset: usize) -> bool {
    value.span().contains(&offset)
        || match value.get_ref() {
            DeValue::Table(t) => t.iter().any(|(k, v)| k.span().contains(&offset) || contains(v, offset)),
            DeValue::Array(items) => items.iter().any(|v| contains(v, offset)),
            _ => false,
        }
}

/// The offset of the deepest part of a path that is written in the text.
fn place(text: &str, path: &[Key]) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let mut offset = 0;
    let mut here = &DeValue::Table(table.into_inner());
    for key in path {
        let next = match (here, key) {
            (DeValue::Table(t), Key::Name(name)) => {
                t.iter().find(|(k, _)| k.get_ref() == name).map(|(k, v)| (k.span().start, v))
            }
            (DeValue::Array(items), Key::Index(i)) => items.get(*i).map(|v| (v.span().start, v)),
            _ => None,
        };
        let Some((start, value)) = next else { break };
        offset = start;
        here = value.get_ref();
    }
    offset
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

fn dotted(path: &[Key]) -> String {
    let mut out = String::new();
    for key in path {
        match key {
            Key::Name(name) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(name);
            }
            Key::Index(i) => out.push_str(&format!("[{i}]")),
        }
    }
    out
}
