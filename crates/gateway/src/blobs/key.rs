//! Names of blobs, and where they are.

use std::fmt;
use std::path::{Path, PathBuf};

/// What every file's name ends with. No key contains a full stop, so that `a` can be kept beside `a/b`, and nothing
/// that a key names can be confused with what we name.
const ENDING: &str = ".blob";
/// File systems allow names of 255 bytes; ours end with [`ENDING`].
const LONGEST_PART: usize = 200;
/// Far below what systems allow for a path, and far above what we need.
const LONGEST: usize = 1000;

/// A sound key: parts of `[a-z0-9_]` between single slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Key(String);

/// The key is of another form. Not repeated: it may be an attack, or anything.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a blob's key is made of a-z, 0-9, _ and single slashes between")]
pub(super) struct NotAKey;

impl Key {
    pub(super) fn parse(text: &str) -> Result<Self, NotAKey> {
        let sound = text.len() <= LONGEST && text.split('/').all(is_part);
        if sound { Ok(Self(text.to_owned())) } else { Err(NotAKey) }
    }

    /// Where it is below a folder.
    pub(super) fn path(&self, root: &Path) -> PathBuf {
        root.join(format!("{}{ENDING}", self.0))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_part(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=LONGEST_PART).contains(&part.len()) && part.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_the_right_form_are_below_the_root() {
        for key in ["a", "evidence/vs_01/ev_02", "0", "_", &"a".repeat(LONGEST_PART)] {
            let path = Key::parse(key).unwrap().path(Path::new("/blobs"));
            assert_eq!(path, PathBuf::from(format!("/blobs/{key}.blob")));
        }
    }

    #[test]
    fn keys_that_would_leave_the_folder_or_are_of_another_form_are_refused() {
        let long_part = "a".repeat(LONGEST_PART + 1);
        let long = "a/".repeat(LONGEST / 2) + "ab";
        let hostile = [
            "",
            "/",
            "/etc/passwd",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "./a",
            "a/./b",
            "a//b",
            "a/",
            "a\\b",
            "a.b",
            "a\0",
            "a\n",
            "A",
            "é",
            "a b",
            "%2e%2e",
            "~",
            "a:b",
            ".incoming",
            ".incoming/a",
            "a/.hidden",
            "-a",
            "．．",
            &long_part,
            &long,
        ];
        for key in hostile {
            assert_eq!(Key::parse(key), Err(NotAKey), "{key:?}");
        }
    }
}
