//! What is asked of a sub-account's user: to verify for the first time, or, who is bound, once more (D4, E16).

use serde::Serialize;

use super::{Staff, Standing};

/// Which verification is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Of whoever is to use it: nobody is bound.
    First,
    /// Of who is bound.
    Recheck,
}

impl Demand {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Recheck => "recheck",
        }
    }
}

impl Staff {
    /// What is asked for, also when its time ran out; `None` when nothing is.
    pub fn demand(&self) -> Option<Demand> {
        match self.standing {
            Standing::Asked(_) | Standing::Lifted(_) | Standing::Frozen { .. } => {
                Some(if self.bound().is_some() { Demand::Recheck } else { Demand::First })
            }
            _ => None,
        }
    }
}
