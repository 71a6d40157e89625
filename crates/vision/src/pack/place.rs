//! Where installed models live, and what lies where below that root.
//!
//! ```text
//! ROOT/runtime/libonnxruntime.so.VERSION   the runtime, as it came
//! ROOT/onnx/NAME.onnx                      one file per model
//! ROOT/samples/FILE                        pictures to try things with
//! ROOT/packs/PACK.toml                     the manifest of every pack that was installed
//! ROOT/installed.json                      digests of what was made here
//! ROOT/cache/ARCHIVE                       package archives; may be deleted at any time
//! ROOT/staging/                            unfinished work; empty unless an installer runs or was killed
//! ROOT/.lock                               held by the installer that runs
//! ```

use std::env;
use std::path::{Path, PathBuf};

use super::PackError;

/// Names the environment variable that overrides the default root.
pub const ROOT_VARIABLE: &str = "SHIREN_MODELS";

/// `$SHIREN_MODELS`, else `$XDG_DATA_HOME/shiren/models`, else `~/.local/share/shiren/models`. Variables that
/// are empty count as unset; a relative `XDG_DATA_HOME` is ignored, as the XDG base directory specification asks.
pub fn default_root() -> Result<PathBuf, PackError> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(root) = set(ROOT_VARIABLE) {
        return Ok(root);
    }
    let data = set("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| set("HOME").map(|home| home.join(".local/share")))
        .ok_or(PackError::NoRoot)?;
    Ok(data.join("shiren/models"))
}

/// The file of a model.
pub(super) fn model_file(root: &Path, name: &str) -> PathBuf {
    root.join("onnx").join(format!("{name}.onnx"))
}

/// The folder of the runtime.
pub(super) fn runtime_folder(root: &Path) -> PathBuf {
    root.join("runtime")
}
