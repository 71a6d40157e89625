//! The models that are installed below one root.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use ort::environment::Environment;

use super::session::OrtModel;
use super::{Model, PackError, place, runtime};

/// Each session holds its own copy of the weights.
const MOST_ABREAST: usize = 4;

/// Opens models by name, each once, when it is first asked for.
pub struct Library {
    root: PathBuf,
    threads: usize,
    environment: Environment,
    open: Mutex<BTreeMap<String, Arc<Slot>>>,
}

/// One model's place: its own lock, so that different models open at the same time and the same one only once.
type Slot = Mutex<Option<Arc<dyn Model>>>;

impl Library {
    /// Loads ONNX Runtime from below `root`. Every model will use `threads` threads inside its operators
    /// (at least 1). Opens no model yet.
    ///
    /// A process holds one ONNX Runtime: a second library, whatever its root, uses the one that is loaded.
    pub fn open(root: &Path, threads: usize) -> Result<Self, PackError> {
        let environment = runtime::load(root)?;
        Ok(Self { root: root.to_owned(), threads: threads.max(1), environment, open: Mutex::default() })
    }

    /// Whether a model of this name is installed.
    pub fn has(&self, name: &str) -> bool {
        is_name(name) && place::model_file(&self.root, name).is_file()
    }

    /// The model of this name, opened now unless it is open already.
    pub fn model(&self, name: &str) -> Result<Arc<dyn Model>, PackError> {
        let slot = {
            let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(open.entry(name.to_owned()).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = slot.as_ref() {
            return Ok(Arc::clone(model));
        }
        if !self.has(name) {
            return Err(PackError::ModelMissing { name: name.to_owned(), root: self.root.clone() });
        }
        let file = place::model_file(&self.root, name);
        let model: Arc<dyn Model> = Arc::new(OrtModel::open(&self.environment, name, &file, self.threads)?);
        *slot = Some(Arc::clone(&model));
        Ok(model)
    }

    /// Equal sessions of one model, each with a single thread, as many as the library has threads (at most
    /// [`MOST_ABREAST`]): for many small runs, which gain more from running side by side than from threads
    /// inside. Opened anew at each call.
    pub fn abreast(&self, name: &str) -> Result<Vec<Arc<dyn Model>>, PackError> {
        if !self.has(name) {
            return Err(PackError::ModelMissing { name: name.to_owned(), root: self.root.clone() });
        }
        let file = place::model_file(&self.root, name);
        let open = || -> Result<Arc<dyn Model>, PackError> {
            Ok(Arc::new(OrtModel::open(&self.environment, name, &file, 1)?))
        };
        thread::scope(|scope| {
            let opening: Vec<_> = (0..self.threads.min(MOST_ABREAST)).map(|_| scope.spawn(open)).collect();
            opening
                .into_iter()
                .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    /// Opens these models side by side, which takes as long as the slowest instead of the sum. The first
    /// failure is given.
    pub fn open_all(&self, names: &[&str]) -> Result<(), PackError> {
        thread::scope(|scope| {
            let opening: Vec<_> =
                names.iter().map(|name| scope.spawn(move || self.model(name).map(drop))).collect();
            opening.into_iter().try_for_each(|thread| match thread.join() {
                Ok(opened) => opened,
                Err(panic) => std::panic::resume_unwind(panic),
            })
        })
    }
}

/// Lower-case letters, digits and hyphens: a name that can be a file name and nothing else.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_root_says_that_the_runtime_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let error = runtime::find(root.path()).unwrap_err();
        assert!(error.is_missing(), "{error}");
    }

    #[test]
    fn a_model_name_is_never_a_path() {
        for good in ["yunet", "mobileface-v2", "face-mesh", "a"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "-a", "..", "a/b", "a.b", "A", "../../etc/passwd", "a\0", &"a".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
