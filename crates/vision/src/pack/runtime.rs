//! ONNX Runtime: loaded once per process, from a file, when the first model is needed.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;
use ort::logging::LogLevel;

use super::{PackError, place};

/// The one environment of this process. ONNX Runtime cannot be loaded a second time, nor from elsewhere, so the
/// first library that was opened decides; it is never released, because sessions may outlive any scope.
static LOADED: Mutex<Option<Environment>> = Mutex::new(None);

/// Loads ONNX Runtime from below `root`, unless this process has loaded one already.
pub(super) fn load(root: &Path) -> Result<Environment, PackError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(environment) = loaded.as_ref() {
        return Ok(environment.clone());
    }
    let environment = load_file(&find(root)?)?;
    *loaded = Some(environment.clone());
    Ok(environment)
}

/// The installed shared library: the highest version, should there be several.
pub(super) fn find(root: &Path) -> Result<PathBuf, PackError> {
    let folder = place::runtime_folder(root);
    let missing = || PackError::RuntimeMissing(folder.clone());
    let mut found: Vec<PathBuf> = std::fs::read_dir(&folder)
        .map_err(|_| missing())?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| {
            path.file_name()
                .and_then(|name| name.to_str())
                .is_some_and(|name| name.starts_with("libonnxruntime.so"))
        })
        .collect();
    found.sort();
    found.pop().ok_or_else(missing)
}

fn load_file(path: &Path) -> Result<Environment, PackError> {
    let failed = |detail: String| PackError::Runtime { path: path.to_owned(), detail };
    // A relative path would be looked for beside the executable, not in the working folder.
    let absolute = path.canonicalize().map_err(|e| failed(e.to_string()))?;
    let environment = ort::init_from(&absolute)
        .map_err(|e| failed(e.to_string()))?
        .with_name("shiren")
        .with_telemetry(false)
        .build()
        .map_err(|e| failed(e.to_string()))?;
    // Its warnings are about graphs, for people who write models; what stops us comes back as an error.
    environment.set_log_level(LogLevel::Error);
    Ok(environment)
}
