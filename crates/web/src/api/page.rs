//! Pages of lists: a limit and a cursor.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most that one page gives.
const MOST: u32 = 100;
const USUAL: u32 = 20;

/// Which part of a list, where nothing else is asked.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::body::limit")]
    #[param(minimum = 1, maximum = 100)]
    pub(super) limit: Option<u32>,
    /// Only what stands behind this one: its id, or the reference of an entry.
    #[serde(default, deserialize_with = "super::body::cursor")]
    pub(super) after: Option<String>,
}

/// How much of a list is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    shown: u32,
}

impl Window {
    /// As many as asked for, within bounds.
    pub(super) fn of(limit: Option<u32>) -> Self {
        Self { shown: limit.unwrap_or(USUAL).clamp(1, MOST) }
    }

    /// One more than is shown, to know whether there is more.
    pub(super) fn ask(self) -> u32 {
        self.shown + 1
    }

    pub(super) fn page<T, U>(self, items: Vec<T>, view: impl Fn(T) -> U) -> List<U> {
        let shown = self.shown as usize;
        let has_more = items.len() > shown;
        List { object: "list", data: items.into_iter().take(shown).map(view).collect(), has_more }
    }
}

/// A page of a list. `after` with the last id gives the next one.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct List<T> {
    /// Always `list`.
    pub(super) object: &'static str,
    /// The things.
    pub(super) data: Vec<T>,
    /// Whether there are more behind.
    pub(super) has_more: bool,
}
