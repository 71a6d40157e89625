//! Pages of lists: a limit and a cursor.

use serde::{Deserialize, Deserializer, Serialize};
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
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    pub(super) limit: Option<u32>,
    /// Only what stands behind this one: its id, or the reference of an entry.
    #[serde(default, deserialize_with = "super::page::cursor")]
    pub(super) after: Option<String>,
}

/// How many things of a list are asked for.
pub(super) fn limit<'de, D: Deserializer<'de>>(given: D) -> Result<Option<u32>, D::Error> {
    let limit = Option::<u32>::deserialize(given)?;
    match limit {
        Some(0) | Some(101..) => Err(serde::de::Error::custom("limit: 1 to 100")),
        limit => Ok(limit),
    }
}

/// Behind which one a page begins: an id or a reference that a page before has shown, 1 to 128 printable characters.
pub(super) fn cursor<'de, D: Deserializer<'de>>(given: D) -> Result<Option<String>, D::Error> {
    printable(given, "after: what the page before ended with")
}

/// An id of the marketplace's own, to choose by: 1 to 128 printable characters.
pub(super) fn own_id<'de, D: Deserializer<'de>>(given: D) -> Result<Option<String>, D::Error> {
    printable(given, "an id has 1 to 128 printable characters")
}

fn printable<'de, D: Deserializer<'de>>(given: D, or: &str) -> Result<Option<String>, D::Error> {
    let fits = |id: &String| (1..=128).contains(&id.chars().count()) && !id.chars().any(char::is_control);
    match Option::<String>::deserialize(given)? {
        Some(id) if !fits(&id) => Err(serde::de::Error::custom(or)),
        id => Ok(id),
    }
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
