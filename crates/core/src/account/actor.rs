//! Who causes a change of an account.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::UserId;

/// Who caused something.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// The owner of the shop.
    Owner,
    /// The person that the account belongs to.
    Person,
    /// Somebody at the console.
    #[schemars(with = "String")]
    User(UserId),
    /// The marketplace's own system, by the name of its API key.
    Key(String),
    /// Time alone.
    Clock,
}
