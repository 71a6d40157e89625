//! What reading a document gives.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FaceReading, Region};
use crate::verification::Finding;

/// Which document, and which side of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentKind {
    /// 居民身份证, the side with the portrait. 港澳台居民居住证 has the same layout and is told by its number.
    CnIdFront,
    /// 居民身份证 or 港澳台居民居住证, the side with the authority and the validity.
    CnIdBack,
    /// Data page of a passport (ICAO 9303 TD3).
    Passport,
    /// A visa with a machine-readable zone (MRV-A or MRV-B).
    Visa,
    /// 港澳居民来往内地通行证, 台湾居民来往大陆通行证, 外国人永久居留身份证 and other cards with a
    /// machine-readable zone (TD1, TD2).
    Permit,
    /// 营业执照: a company's, not a person's (the standard form of 2019, sheets of A3 or A4, landscape).
    BusinessLicence,
}

impl DocumentKind {
    /// Every kind, in the order in which help texts list them.
    pub const ALL: [Self; 6] =
        [Self::CnIdFront, Self::CnIdBack, Self::Passport, Self::Visa, Self::Permit, Self::BusinessLicence];

    /// The name used on the command line, in programs and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CnIdFront => "cn-id-front",
            Self::CnIdBack => "cn-id-back",
            Self::Passport => "passport",
            Self::Visa => "visa",
            Self::Permit => "permit",
            Self::BusinessLicence => "business-licence",
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of [`DocumentKind::ALL`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no document kind {0:?}")]
pub struct UnknownKind(pub String);

impl FromStr for DocumentKind {
    type Err = UnknownKind;

    fn from_str(s: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|k| k.name() == s).ok_or_else(|| UnknownKind(s.to_owned()))
    }
}

/// The fields that documents carry. Values are normalised: dates ISO 8601, sex `M`/`F`/`X`, numbers upper
/// case without spaces, states in the three letters of ICAO 9303; `valid_to` and `business_term_to` may be
/// `long_term` (长期).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is what it is called")]
pub enum FieldKey {
    Name,
    Sex,
    Ethnicity,
    BirthDate,
    Address,
    IdNumber,
    Authority,
    ValidFrom,
    ValidTo,
    Surname,
    GivenNames,
    DocumentNumber,
    Nationality,
    IssuingState,
    ExpiryDate,
    PersonalNumber,
    CreditCode,
    CompanyName,
    LegalPerson,
    EstablishedOn,
    BusinessTermTo,
}

impl FieldKey {
    /// Every key, in the order in which people are shown them.
    pub const ALL: [Self; 21] = [
        Self::Name,
        Self::Surname,
        Self::GivenNames,
        Self::Sex,
        Self::Ethnicity,
        Self::BirthDate,
        Self::Address,
        Self::IdNumber,
        Self::DocumentNumber,
        Self::PersonalNumber,
        Self::Nationality,
        Self::IssuingState,
        Self::Authority,
        Self::ValidFrom,
        Self::ValidTo,
        Self::ExpiryDate,
        Self::CompanyName,
        Self::CreditCode,
        Self::LegalPerson,
        Self::EstablishedOn,
        Self::BusinessTermTo,
    ];

    /// The key as JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Sex => "sex",
            Self::Ethnicity => "ethnicity",
            Self::BirthDate => "birth_date",
            Self::Address => "address",
            Self::IdNumber => "id_number",
            Self::Authority => "authority",
            Self::ValidFrom => "valid_from",
            Self::ValidTo => "valid_to",
            Self::Surname => "surname",
            Self::GivenNames => "given_names",
            Self::DocumentNumber => "document_number",
            Self::Nationality => "nationality",
            Self::IssuingState => "issuing_state",
            Self::ExpiryDate => "expiry_date",
            Self::PersonalNumber => "personal_number",
            Self::CreditCode => "credit_code",
            Self::CompanyName => "company_name",
            Self::LegalPerson => "legal_person",
            Self::EstablishedOn => "established_on",
            Self::BusinessTermTo => "business_term_to",
        }
    }
}

/// One value read from a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// The normalised value.
    pub value: String,
    /// 0 to 1: the weakest character's probability as the reader gives it.
    pub confidence: f32,
    /// Where it stands in the picture.
    pub region: Option<Region>,
}

/// A machine-readable zone as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MrzReading {
    /// Its two or three lines, full length.
    pub lines: Vec<String>,
    /// Whether every check digit that the format has is right.
    pub valid: bool,
    /// Where it stands in the picture.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub region: Option<Region>,
}

/// What reading one picture as a document gave.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentReading {
    /// What it was recognised as; `None` when no document that we know was found.
    pub kind: Option<DocumentKind>,
    /// The values read, normalised.
    pub fields: BTreeMap<FieldKey, Field>,
    /// What the same fields say in the printed zone of a document whose `fields` came from its
    /// machine-readable zone; empty otherwise. For cross-checks.
    pub printed: BTreeMap<FieldKey, Field>,
    /// The machine-readable zone, where there is one.
    pub mrz: Option<MrzReading>,
    /// The document's outline in the picture.
    pub card: Option<Region>,
    /// The portrait printed on it, where one was looked for and found.
    pub portrait: Option<FaceReading>,
    /// What the picture itself shows to be wrong. Cross-checks of the values come from
    /// [`crate::verification::check`].
    pub findings: Vec<Finding>,
    /// Named measurements (`card_width_px`, `blur_px`, …) with units in the name.
    pub measures: BTreeMap<&'static str, f32>,
}
