//! Looking at the pictures, with progress.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

pub(super) use shiren_app::look::Looked;
use shiren_app::look::{self, Looking};
use shiren_core::see::Eyes;

use super::Request;
use super::given::Given;
use super::progress::{Progress, Stage};
use crate::exit::Failure;

pub(super) fn look(
    eyes: &dyn Eyes,
    given: &[Given],
    request: &Request<'_>,
    progress: &Progress,
) -> Result<Looked, Failure> {
    let begun = Mutex::new(BTreeMap::new());
    let tell = |what: Looking<'_>| match what {
        Looking::Begun(step) => {
            begun.lock().unwrap_or_else(PoisonError::into_inner).insert(step.id.clone(), Instant::now());
            progress.tell(Stage::Looking(step));
        }
        Looking::Done(step) => {
            let begun = begun.lock().unwrap_or_else(PoisonError::into_inner).get(&step.id).copied();
            progress.tell(Stage::Looked(step, begun.map(|b| b.elapsed()).unwrap_or_default()));
        }
        Looking::Comparing => progress.tell(Stage::Comparing),
    };
    let given: Vec<look::Given<'_>> =
        given.iter().map(|g| look::Given { step: &g.step, bytes: &g.bytes, pool: &[] }).collect();
    look::look(eyes, &given, request.today, request.threads, &tell).map_err(|e| Failure::Other(e.to_string()))
}
