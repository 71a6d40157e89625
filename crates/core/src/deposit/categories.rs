//! Which category asks for how much.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::MOST_CENTS;
use crate::verification::program::Text;

/// A category of goods.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Category {
    /// What it is known by.
    pub id: String,
    /// What people read.
    pub name: Text,
    /// What must be held before its goods are listed, in cents; 0 for nothing.
    pub cents: i64,
}

/// The table of categories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Categories {
    #[serde(rename = "category", default)]
    all: Vec<Category>,
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CategoriesError {
    /// It is not of the form.
    #[error("the table is not of the form: {0}")]
    Form(String),
    /// A category stands twice.
    #[error("the category {0:?} stands twice")]
    Twice(String),
    /// An amount that no deposit can have.
    #[error("the deposit of {0:?} is not between 0 and {MOST_CENTS} cents")]
    Amount(String),
}

impl Categories {
    /// The table that comes with the product.
    pub fn built_in() -> &'static Self {
        // The embedded text is validated by a test.
        static TABLE: LazyLock<Categories> = LazyLock::new(|| {
            Categories::from_toml(include_str!("../../data/deposit-categories.toml")).unwrap_or_default()
        });
        &TABLE
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When it is not of the form, names a category twice, or an amount is out of range.
    pub fn from_toml(text: &str) -> Result<Self, CategoriesError> {
        let table: Self = toml::from_str(text).map_err(|e| CategoriesError::Form(e.message().to_owned()))?;
        for (n, category) in table.all.iter().enumerate() {
            if table.all[..n].iter().any(|other| other.id == category.id) {
                return Err(CategoriesError::Twice(category.id.clone()));
            }
            if !(0..=MOST_CENTS).contains(&category.cents) {
                return Err(CategoriesError::Amount(category.id.clone()));
            }
        }
        Ok(table)
    }

    /// All, in the order of the table.
    pub fn all(&self) -> &[Category] {
        &self.all
    }

    /// The category of this id; `None`: it is unknown, and nothing may be listed in it.
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.all.iter().find(|c| c.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_table_is_sound_and_broken_ones_are_refused() {
        let text = include_str!("../../data/deposit-categories.toml");
        assert_eq!(Categories::from_toml(text).as_ref(), Ok(Categories::built_in()));
        assert_eq!(
            Categories::from_toml(&text.replace("general", "laptops")),
            Err(CategoriesError::Twice("laptops".into()))
        );
        assert_eq!(
            Categories::from_toml(&text.replace("2_000_000", "-1")),
            Err(CategoriesError::Amount("laptops".into()))
        );
        assert!(matches!(Categories::from_toml("[[category]]"), Err(CategoriesError::Form(_))));
    }
}
