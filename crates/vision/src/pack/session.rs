//! A model that runs in ONNX Runtime.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, ArrayViewD};
use ort::environment::Environment;
use ort::ep;
use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::TensorRef;

use super::{Model, ModelError, subnormal};

/// One open session. Runs are serialised: the runtime's own state is not safe to share, and its threads would
/// fight over the same cores anyway. Whoever wants two runs at once opens two libraries.
pub(super) struct OrtModel {
    name: String,
    session: Mutex<Session>,
}

impl OrtModel {
    /// Opens a model file with `threads` threads inside each operator.
    pub(super) fn open(
        environment: &Environment,
        name: &str,
        file: &Path,
        threads: usize,
    ) -> Result<Self, ModelError> {
        let mut model = std::fs::read(file)
            .map_err(|e| ModelError { model: name.to_owned(), detail: format!("{}: {e}", file.display()) })?;
        subnormal::flush(&mut model);
        let session = builder(environment, threads)
            .and_then(|mut builder| builder.commit_from_memory(&model))
            .map_err(|e| failed(name, &e))?;
        Ok(Self { name: name.to_owned(), session: Mutex::new(session) })
    }
}

fn builder(environment: &Environment, threads: usize) -> ort::Result<SessionBuilder> {
    Ok(Session::builder(environment)?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(threads)?
        // Threads that spin after a run steal the cores that the next step, or another model, needs.
        .with_intra_op_spinning(false)?
        // Text lines and detector inputs come in many sizes; a pattern for each would pile up. Measured on the two
        // OCR networks with 15 shapes, 2 threads, medians of 6 rounds: arena without pattern 181 MB at its highest,
        // with pattern 219 MB, no arena 193 MB and a detector 1.3 times slower (pages are given back and faulted
        // in again on every run).
        .with_memory_pattern(false)?
        .with_execution_providers([ep::CPU::default().with_arena_allocator(true).build()])?)
}

impl Model for OrtModel {
    fn run(&self, input: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
        let input = input.as_standard_layout();
        let tensor = TensorRef::from_array_view(&input).map_err(|e| failed(&self.name, &e))?;
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let outputs = session.run(ort::inputs![tensor]).map_err(|e| failed(&self.name, &e))?;
        outputs
            .values()
            .map(|value| value.try_extract_array::<f32>().map(|array| array.to_owned()))
            .collect::<ort::Result<Vec<_>>>()
            .map_err(|e| failed(&self.name, &e))
    }

    fn metadata(&self, key: &str) -> Option<String> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        session.metadata().ok()?.custom(key)
    }
}

fn failed(name: &str, error: &ort::Error) -> ModelError {
    ModelError { model: name.to_owned(), detail: error.to_string() }
}
