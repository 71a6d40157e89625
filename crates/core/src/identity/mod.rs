//! What identity documents promise about themselves: numbers with check digits, machine-readable zones,
//! names, and how long a card may be valid.
//!
//! Every parser takes arbitrary text, never panics, and says in a typed error what is wrong and where.
//! "Today" is an argument. Nothing here knows pictures: what OCR confuses is repaired by the rules of the
//! format alone ([`mrz::repair`], [`cn_id::repair`]), and every repair is counted.
//!
//! To extend it: one file for each numbering standard; its published vectors become a table test, its check
//! digit a property test; the rule that weighs it goes to [`crate::verification::check`].

pub mod bank_card;
pub mod cn_id;
pub mod confusion;
pub mod credit_code;
pub mod date;
pub mod ethnicity;
pub mod mrz;
pub mod name;
pub mod passport_number;
pub mod permit;
pub mod region;
pub mod text;
pub mod validity;

/// The sex that a document states.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
pub enum Sex {
    /// Male, 男.
    #[serde(rename = "M")]
    Male,
    /// Female, 女.
    #[serde(rename = "F")]
    Female,
    /// Not stated (`<` or `X` in a machine-readable zone).
    #[serde(rename = "X")]
    Unstated,
}

impl Sex {
    /// `M`, `F` or `X`, as ICAO 9303 writes it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Male => "M",
            Self::Female => "F",
            Self::Unstated => "X",
        }
    }
}
