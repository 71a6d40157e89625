//! When something is demanded of whoever verifies.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mode;

/// When something is demanded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Demand {
    /// Not at all.
    #[default]
    Never,
    /// In live mode only.
    InLiveMode,
    /// In both modes.
    Always,
}

impl Demand {
    /// Whether it is demanded in this mode.
    pub const fn in_mode(self, mode: Mode) -> bool {
        matches!((self, mode), (Self::Always, _) | (Self::InLiveMode, Mode::Live))
    }
}
