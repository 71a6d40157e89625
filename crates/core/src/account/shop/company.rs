//! The company behind a shop (row A6).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::identity::credit_code::{CreditCode, CreditCodeError};

/// As whom a company's person verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CompanyRole {
    /// Its legal person (法定代表人).
    LegalPerson,
    /// Who runs the shop for it (经办人).
    Operator,
}

impl CompanyRole {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LegalPerson => "legal_person",
            Self::Operator => "operator",
        }
    }
}

/// A company, by its business licence. Public, as the register of companies is; nothing of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// 统一社会信用代码, in its normal form, both check digits right.
    credit_code: String,
    /// As the marketplace knows it, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// As whom the shop's owner verifies.
    role: CompanyRole,
}

/// Characters of a company's name, at most.
const LONGEST_NAME: usize = 100;

/// Why this is no company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompanyError {
    /// The code.
    #[error(transparent)]
    CreditCode(#[from] CreditCodeError),
    /// The name.
    #[error("a company's name has 1 to 100 characters, none of them a control character")]
    Name,
}

impl Company {
    /// With a credit code as somebody wrote it.
    ///
    /// # Errors
    /// Where the code is wrong.
    pub fn new(credit_code: &str, role: CompanyRole) -> Result<Self, CreditCodeError> {
        Ok(Self { credit_code: CreditCode::parse(credit_code)?.as_str().to_owned(), name: None, role })
    }

    /// The same, by the name that the marketplace knows it by.
    ///
    /// # Errors
    /// Where the name is empty or too long, or has control characters.
    pub fn named(self, name: &str) -> Result<Self, CompanyError> {
        let name = name.trim();
        let sound = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
        sound.then(|| Self { name: Some(name.to_owned()), ..self }).ok_or(CompanyError::Name)
    }

    /// As the marketplace knows it, if it does.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its 统一社会信用代码.
    pub fn credit_code(&self) -> &str {
        &self.credit_code
    }

    /// As whom the shop's owner verifies.
    pub const fn role(&self) -> CompanyRole {
        self.role
    }
}
