//! What is being done to a session right now, for the page that waits. Kept in memory only: after a restart, or on
//! another machine, the page learns the outcome from the session itself.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use shiren_core::id::SessionId;

/// A stage of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "stage")]
pub enum Stage {
    /// Waiting for its turn.
    Waiting,
    /// Pictures are being read; these steps are done.
    Reading {
        /// Ids of steps.
        done: Vec<String>,
    },
    /// The faces are compared.
    Comparing,
    /// The decision is made.
    Deciding,
}

/// The stages of all sessions that are being processed on this machine.
#[derive(Default)]
pub struct ProgressBoard {
    stages: Mutex<BTreeMap<SessionId, Stage>>,
}

impl ProgressBoard {
    /// The stage of a session; `None` when nothing is known of it.
    pub fn of(&self, session: &SessionId) -> Option<Stage> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).get(session).cloned()
    }

    pub(crate) fn set(&self, session: &SessionId, stage: Stage) {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).insert(session.clone(), stage);
    }

    /// Another picture is done.
    pub(crate) fn read(&self, session: &SessionId, step: &str) {
        let mut stages = self.stages.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Stage::Reading { done }) = stages.get_mut(session) {
            done.push(step.to_owned());
        }
    }

    pub(crate) fn clear(&self, session: &SessionId) {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).remove(session);
    }
}
