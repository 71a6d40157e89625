//! Pictures on disk.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;
use shiren_vision::picture::Limits;

use crate::exit::Failure;

/// Reads a file, but no more of it than shows that it is too large: the eyes then say so.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure::Other(format!("{}: {}", path.display(), reason(&e)));
    let most = Limits::default().bytes as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(most).read_to_end(&mut bytes)).map_err(failed)?;
    Ok(bytes)
}

/// What the system said, without its error number.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

/// What eyes say of a picture: what they saw, or the code for which they refused to look.
pub(crate) fn seen<T>(result: Result<T, SeeError>) -> Result<Result<T, ReasonCode>, Failure> {
    match result {
        Ok(seen) => Ok(Ok(seen)),
        Err(SeeError::Picture { code, .. }) => Ok(Err(code)),
        Err(other) => Err(Failure::Other(other.to_string())),
    }
}

/// Goes through files; one that cannot be read is told on stderr and does not stop the others. Fails in the
/// end when there was one.
pub(crate) fn each(
    files: &[std::path::PathBuf],
    mut work: impl FnMut(&Path, &[u8]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let mut unread = Vec::new();
    for file in files {
        match read(file) {
            Ok(bytes) => work(file, &bytes)?,
            Err(failure) => unread.push(failure),
        }
    }
    let last = unread.pop();
    for failure in unread {
        eprintln!("shiren: {failure}");
    }
    last.map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_not_there_is_one_clear_line() {
        let error = read(Path::new("/nowhere/card.jpg")).unwrap_err().to_string();
        assert_eq!(error, "/nowhere/card.jpg: No such file or directory");
    }

    #[test]
    fn an_enormous_file_is_read_only_until_it_is_known_to_be_too_large() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(10 << 30).unwrap();
        assert_eq!(read(file.path()).unwrap().len(), Limits::default().bytes + 1);
    }
}
