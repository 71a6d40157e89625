//! Name and number, checked while they are entered.

use askama::Template;
use shiren_core::identity::cn_id::CnIdError;
use shiren_core::verification::program::Document;

use super::{Frame, Shell};

/// The page on which name and number are entered.
#[derive(Clone, Debug, Template)]
#[template(path = "details.html")]
pub struct Details {
    /// What stands around it.
    pub frame: Frame,
    /// The document's title.
    pub document: String,
    /// The name.
    pub name: Field,
    /// The number.
    pub number: Field,
    /// The phone, where the program asks for one.
    pub phone: Option<Field>,
    /// The payment account, where it is asked for.
    pub payment_account: Option<Field>,
    /// The bank card, where it is asked for.
    pub bank_card: Option<Field>,
    /// Whether it was said before that the identity is theirs.
    pub reclaim: bool,
    /// What was said before to be another one than registered.
    pub change: String,
    /// The key of what the phone is for.
    pub phone_hint: &'static str,
    /// What the number looks like.
    pub kind: NumberKind,
    /// The group of an 18-digit number that is odd.
    pub odd: Option<NumberGroup>,
    /// What was known before and contradicts what was entered.
    pub drift: Option<Drift>,
}

impl Details {
    fn is_odd(&self, group: &NumberGroup) -> bool {
        self.odd == Some(*group)
    }
}

/// One field.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What stands in it.
    pub value: String,
    /// Whether it must be filled.
    pub required: bool,
    /// What is wrong with it, in the page's language.
    pub error: Option<String>,
}

/// What a document's number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// The 18 digits of a resident's number.
    Resident,
    /// Letters and digits.
    Other,
}

/// A group of digits of a resident's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberGroup {
    /// Digits 1 to 6.
    Place,
    /// Digits 7 to 14.
    Birth,
    /// Digits 15 to 17.
    Order,
    /// Character 18.
    Check,
}

impl NumberKind {
    /// What the number of a document looks like. Foreigners' cards have two forms, so neither is asked for.
    pub const fn of(document: Document) -> Self {
        match document {
            Document::ResidentIdCard | Document::ResidencePermit => Self::Resident,
            _ => Self::Other,
        }
    }
}

impl NumberGroup {
    /// All, in their order.
    pub const ALL: [Self; 4] = [Self::Place, Self::Birth, Self::Order, Self::Check];

    /// How many characters it has.
    pub const fn length(self) -> usize {
        match self {
            Self::Place => 6,
            Self::Birth => 8,
            Self::Order => 3,
            Self::Check => 1,
        }
    }

    /// The key of its name.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Place => super::word("number.place"),
            Self::Birth => super::word("number.birth"),
            Self::Order => super::word("number.order"),
            Self::Check => super::word("number.check"),
        }
    }

    const fn of_character(at: usize) -> Self {
        match at {
            0..=6 => Self::Place,
            7..=14 => Self::Birth,
            15..=17 => Self::Order,
            _ => Self::Check,
        }
    }
}

/// The drift guard's answer: said before anything is sent.
#[derive(Clone, Debug)]
pub struct Drift {
    /// What is wrong and what can be done, in the page's language.
    pub sentence: String,
    /// The key of what follows when the person insists.
    pub lead: &'static str,
    /// Name and value of the button by which they insist, and the key of its words.
    pub name: &'static str,
    /// See above.
    pub value: String,
    /// See above.
    pub label: &'static str,
}

/// What to say about a number that is none, and the group in which it is odd.
pub fn number_error(error: CnIdError, shell: &Shell) -> (Option<NumberGroup>, String) {
    let (group, phrase) = match error {
        CnIdError::Length(n) => (None, shell.t("number.error_length").with("n", n)),
        CnIdError::Character(at) => {
            (Some(NumberGroup::of_character(at)), shell.t("number.error_character").with("at", at))
        }
        CnIdError::Region => (Some(NumberGroup::Place), shell.t("number.error_place")),
        CnIdError::BirthDate => (Some(NumberGroup::Birth), shell.t("number.error_birth")),
        CnIdError::BornInFuture => (Some(NumberGroup::Birth), shell.t("number.error_future")),
        // A wrong digit anywhere shows here: the person must look at all of them.
        CnIdError::CheckDigit => (Some(NumberGroup::Check), shell.t("number.error_check")),
    };
    (group, phrase.into())
}
