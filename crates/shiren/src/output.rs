//! Printing results: one JSON object per line, or text for people.

use std::io::{self, Write as _};

use serde::Serialize;

/// How results are printed. They go to standard output and nothing else does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Output {
    /// One JSON object per line.
    pub(crate) json: bool,
}

impl Output {
    /// Prints one result: as JSON, or as the text that `text` makes of it.
    pub(crate) fn result<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> String) -> io::Result<()> {
        self.text(&if self.json { serde_json::to_string(value)? } else { text(value) })
    }

    /// Prints a line as it is.
    pub(crate) fn text(self, line: &str) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(line.as_bytes())?;
        if !line.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    }
}
