//! Everything before it is sent.

use askama::Template;

use super::{Card, Frame};

/// The page on which everything is looked over.
#[derive(Clone, Debug, Template)]
#[template(path = "overview.html")]
pub struct Overview {
    /// What stands around it.
    pub frame: Frame,
    /// The document's title.
    pub document: String,
    /// The name, masked; `None` when it was not entered.
    pub name: Option<String>,
    /// The number, masked; `None` when it was not entered.
    pub number: Option<String>,
    /// Each picture, in the order of the steps.
    pub items: Vec<Item>,
    /// What is missing besides pictures, in the page's language: name, number.
    pub missing: Vec<String>,
    /// How many attempts are left.
    pub attempts_left: u32,
}

/// One picture, or its empty place.
#[derive(Clone, Debug)]
pub struct Item {
    /// The picture with what is wrong with it.
    pub card: Card,
    /// Whether it must be there.
    pub required: bool,
    /// Whether it can be used.
    pub usable: bool,
}

impl Item {
    /// Whether something must be done about it.
    pub const fn is_open(&self) -> bool {
        match self.card.picture {
            Some(_) => !self.usable,
            None => self.required,
        }
    }
}

impl Overview {
    /// Whether it can be sent.
    pub fn is_ready(&self) -> bool {
        self.missing.is_empty() && !self.items.iter().any(Item::is_open)
    }
}
