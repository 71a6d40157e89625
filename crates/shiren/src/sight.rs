//! Opening the eyes: only the models that a command needs, side by side.

use std::collections::BTreeMap;

use shiren_vision::LocalEyes;
use shiren_vision::pack::{self, Library};
use shiren_vision::picture::Limits;

use crate::cli::Setting;
use crate::exit::Failure;

/// What a command looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needs {
    pub(crate) documents: bool,
    pub(crate) faces: bool,
}

/// Open eyes.
pub(crate) fn open(setting: &Setting, needs: Needs) -> Result<LocalEyes, Failure> {
    opened(setting.library()?, needs)
}

/// Several pairs of eyes of one thread each: for many pictures that are looked at side by side.
pub(crate) fn several(setting: &Setting, needs: Needs, how_many: usize) -> Result<Vec<LocalEyes>, Failure> {
    let root = setting.models_root()?;
    let libraries: Vec<Library> =
        (0..how_many.max(1)).map(|_| Library::open(&root, 1)).collect::<Result<_, _>>()?;
    std::thread::scope(|scope| {
        let opening: Vec<_> = libraries.into_iter().map(|l| scope.spawn(move || opened(l, needs))).collect();
        let eyes = opening.into_iter().map(|thread| match thread.join() {
            Ok(eyes) => eyes,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        eyes.collect()
    })
}

fn opened(library: Library, needs: Needs) -> Result<LocalEyes, Failure> {
    let eyes = LocalEyes::new(library, Limits::default());
    match (needs.documents, needs.faces) {
        (true, true) => eyes.open_all()?,
        (true, false) => drop(eyes.open_documents()?),
        (false, true) => drop(eyes.open_faces()?),
        (false, false) => {}
    }
    Ok(eyes)
}

/// Names and digests of the installed models, for a decision to state.
pub(crate) fn digests(setting: &Setting) -> Result<BTreeMap<String, String>, Failure> {
    let noted = pack::noted_models(&setting.models_root()?);
    Ok(noted.into_iter().map(|(name, digest)| (name, digest.to_string())).collect())
}
