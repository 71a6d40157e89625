//! Tries a model file in the installed runtime.

use std::path::{Path, PathBuf};

use super::golden::GoldenError;
use super::install::Trial;
use super::manifest::Product;
use super::session::OrtModel;
use super::{golden, runtime};

/// Opens model files in the ONNX Runtime below a root, which is loaded with the first of them.
pub struct RuntimeTrial {
    root: PathBuf,
    threads: usize,
}

impl RuntimeTrial {
    /// Uses the runtime below `root` and `threads` threads.
    pub fn new(root: &Path, threads: usize) -> Self {
        Self { root: root.to_owned(), threads: threads.max(1) }
    }
}

impl Trial for RuntimeTrial {
    fn model(&self, product: &Product, file: &Path) -> Result<(), String> {
        let environment = runtime::load(&self.root).map_err(|e| match e.is_missing() {
            true => format!("{e}, so no model can be tried: install the default pack first"),
            false => e.to_string(),
        })?;
        let model = OrtModel::open(&environment, &product.name, file, self.threads).map_err(|e| e.detail)?;
        let failed = |e: GoldenError| e.to_string();
        if let Some(golden) = &product.golden {
            golden.check(&model).map_err(failed)?;
        }
        match golden::shipped(&product.name) {
            Some(golden) => golden.and_then(|golden| golden.check(&model)).map_err(failed),
            None => Ok(()),
        }
    }
}
