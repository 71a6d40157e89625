//! Programs: what a kind of person must show, and what is made of it, as a versioned TOML document.
//!
//! A program is data. Who must show which pictures, which checks are made, which thresholds count, how long
//! people may take and how long data is kept: all of it is written there, validated when it is loaded, and
//! described by `schemas/program.schema.json`. A verification session keeps the version it started with.
//!
//! To add a program, write a TOML document; nothing here needs to change.

mod builtin;
mod demand;
mod load;
mod validate;

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

pub use builtin::{BUILT_IN, OWN_VERSIONS, built_in, built_in_for_company, built_in_version};
pub use demand::Demand;
pub use load::ProgramError;

use super::{ReasonCode, Severity};
use crate::review::ReviewRules;
use crate::see::liveness::PlanRules;
use crate::see::{DocumentKind, Shot};

/// A program of verification.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Shiren program")]
pub struct Program {
    /// Lower-case letters, digits and hyphens; `shop-owner`.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub name: String,
    /// Counts up with every change; a session keeps the version it started with.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// What people see above it.
    pub title: Text,
    /// When whoever opens a link must be signed in at the marketplace as the session's account, which the marketplace's
    /// app asserts, signed.
    #[serde(default)]
    pub account_assertion: Demand,
    /// Whether somebody else's phone may be used, signed in as the account (row E19); that is recorded.
    #[serde(default)]
    pub assisted: bool,
    /// When the owner of a company's shop must show its business licence (row A6), before their face is looked at.
    #[serde(default)]
    pub business_licence: Demand,
    /// How findings become a decision.
    pub decision: DecisionRules,
    /// Findings that weigh more or less than they do by themselves.
    #[serde(default)]
    pub severity: SeverityRules,
    /// What pictures and faces must reach.
    pub thresholds: Thresholds,
    /// How long people may take.
    pub deadlines: Deadlines,
    /// Which reviews need two reviewers.
    #[serde(default)]
    pub review: ReviewRules,
    /// How long data is kept.
    pub retention: Retention,
    /// What a live capture asks for; needed by steps that are captured live.
    #[serde(default)]
    pub liveness: Option<PlanRules>,
    /// The ways to go through it, of which the person chooses one.
    #[serde(rename = "method")]
    #[schemars(length(min = 1, max = 32))]
    pub methods: Vec<Method>,
}

/// A sentence or a title in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Chinese.
    #[schemars(length(min = 1))]
    pub zh: String,
    /// English.
    #[schemars(length(min = 1))]
    pub en: String,
}

/// Whether this is real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Trying out: specimens are fine, nothing is proven.
    Test,
    /// Real people.
    Live,
}

impl Mode {
    /// Both, as help texts list them.
    pub const ALL: [Self; 2] = [Self::Test, Self::Live];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Live => "live",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is neither `test` nor `live`.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no mode {0:?}")]
pub struct UnknownMode(pub String);

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(s: &str) -> Result<Self, UnknownMode> {
        Self::ALL.into_iter().find(|m| m.name() == s).ok_or_else(|| UnknownMode(s.to_owned()))
    }
}

/// When something is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// Used when it is there.
    Optional,
    /// In live mode only.
    InLiveMode,
    /// In both modes.
    Always,
}

impl Need {
    /// Whether it is needed in this mode.
    pub const fn in_mode(self, mode: Mode) -> bool {
        matches!((self, mode), (Self::Always, _) | (Self::InLiveMode, Mode::Live))
    }
}

/// How findings become a decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionRules {
    /// Whether pictures alone may verify anyone (`optional`), or an authoritative source must have confirmed
    /// the identity; until then a session that passes everything else is `in_review`.
    pub authoritative_source: Need,
    /// Failing findings of these codes end the matter (`rejected`) instead of asking for other material.
    #[serde(default)]
    pub reject: Vec<ReasonCode>,
    /// From which handing in on a person looks at what may be a forged document or somebody else's, of whom nobody knows
    /// yet; before, better pictures are asked for. Of an account that was verified before always.
    #[serde(default = "twice")]
    #[schemars(range(min = 1, max = 10))]
    pub suspect_after: u32,
}

const fn twice() -> u32 {
    2
}

/// What findings weigh in this program; a rule for a mode goes before one for both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SeverityRules {
    /// In both modes.
    #[serde(default)]
    #[schemars(schema_with = "severities")]
    pub always: BTreeMap<ReasonCode, Severity>,
    /// In test mode.
    #[serde(default)]
    #[schemars(schema_with = "severities")]
    pub test: BTreeMap<ReasonCode, Severity>,
    /// In live mode.
    #[serde(default)]
    #[schemars(schema_with = "severities")]
    pub live: BTreeMap<ReasonCode, Severity>,
}

/// What `BTreeMap` alone does not tell the schema: only reason codes are keys.
fn severities(generator: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": generator.subschema_for::<ReasonCode>(),
        "additionalProperties": generator.subschema_for::<Severity>(),
    })
}

impl SeverityRules {
    /// What a finding weighs in this mode; without a rule, what it weighs by itself.
    pub fn of(&self, code: ReasonCode, mode: Mode, own: Severity) -> Severity {
        let special = match mode {
            Mode::Test => &self.test,
            Mode::Live => &self.live,
        };
        special.get(&code).or_else(|| self.always.get(&code)).copied().unwrap_or(own)
    }
}

/// What pictures and faces must reach.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Pixels that a document's longer edge must have in the picture, 200 to 10 000.
    #[schemars(range(min = 200, max = 10000))]
    pub min_card_width_px: f32,
    /// Pixels between the eyes of the selfie, 20 to 1000.
    #[schemars(range(min = 20, max = 1000))]
    pub min_eye_distance_px: f32,
    /// The false-match rate that a face comparison may have at most to count as the same person, 1e-9 to 0.01.
    /// Above it, a person decides.
    #[schemars(range(min = 1e-9, max = 0.01))]
    pub max_false_match_rate: f32,
}

/// How long people may take.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    /// Minutes from the start of a session to its end, 1 to 1440.
    #[schemars(range(min = 1, max = 1440))]
    pub session_minutes: u32,
    /// Minutes before that end at which the page warns.
    pub warn_minutes: u32,
    /// How long a review may take; missed, it never passes by itself.
    pub review: ReviewDeadline,
    /// The share of it after which it is escalated, 0 to 1.
    #[schemars(range(min = 0, max = 1))]
    pub escalate_at: f32,
    /// How often someone may submit within `attempt_hours`, 1 to 100.
    #[schemars(range(min = 1, max = 100))]
    pub attempts: u32,
    /// Hours in which attempts are counted, 1 to 720.
    #[schemars(range(min = 1, max = 720))]
    pub attempt_hours: u32,
}

/// How long a review may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReviewDeadline {
    /// So many hours on the clock.
    Hours(u32),
    /// So many working days of the Chinese calendar.
    WorkingDays(u32),
}

/// How long data is kept. The law wants the identity record kept and the face deleted soon (PIPL 19, 47;
/// 电子商务法 31): they have different keys and different lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Years after the account has closed; at least 3 for those who sell.
    pub identity_record_years_after_exit: u32,
    /// Days after the decision.
    pub document_pictures_days: u32,
    /// Hours after the decision.
    pub face_pictures_hours: u32,
}

/// One way through a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// Lower-case letters, digits and hyphens; unique in the program.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub id: String,
    /// What people choose it by.
    pub title: Text,
    /// The document that it rests on. Another one is `region_mismatch`.
    pub document: Document,
    /// An account that must vouch for the name, asked as an authoritative source in every mode.
    #[serde(default)]
    pub vouched_by: Option<Voucher>,
    /// What the person enters.
    pub declare: Declarations,
    /// What is examined.
    #[schemars(length(min = 1))]
    pub checks: Vec<CheckKind>,
    /// The pictures, in the order in which they are taken.
    #[serde(rename = "step")]
    #[schemars(length(min = 1, max = 16))]
    pub steps: Vec<Step>,
}

/// Identity documents by who issues them to whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Document {
    /// 居民身份证.
    ResidentIdCard,
    /// 港澳台居民居住证.
    ResidencePermit,
    /// 港澳居民来往内地通行证.
    HongKongMacaoTravelPermit,
    /// 台湾居民来往大陆通行证.
    TaiwanTravelPermit,
    /// 外国人永久居留身份证.
    ForeignerPermanentResidence,
    /// 护照.
    Passport,
}

/// Who vouches for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Voucher {
    /// A bank or payment account.
    PaymentAccount,
}

/// What the person enters, and when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Declarations {
    /// The name as the document has it.
    pub name: Need,
    /// The document's number.
    pub id_number: Need,
    /// A mobile number. With `optional` it is asked for where the marketplace has registered one.
    pub phone: Need,
    /// Whether the person must show that the phone is theirs, by a code that is sent to it; with `optional` none is sent.
    /// Where nothing can send one, a person decides.
    #[serde(default = "optional")]
    pub phone_code: Need,
    /// The payment account. With `optional` it is asked for where the marketplace has registered one.
    #[serde(default = "optional")]
    pub payment_account: Need,
    /// The bank card. With `optional` it is asked for where the marketplace has registered one.
    #[serde(default = "optional")]
    pub bank_card: Need,
}

impl Declarations {
    /// What may be entered, by the names of the fields, and when it is needed.
    pub const fn entries(&self) -> [(&'static str, Need); 5] {
        [
            ("name", self.name),
            ("id_number", self.id_number),
            ("phone", self.phone),
            ("payment_account", self.payment_account),
            ("bank_card", self.bank_card),
        ]
    }
}

/// A kind of examination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckKind {
    /// Everything asked for is there. Always made.
    Materials,
    /// Each picture is good enough.
    Photo,
    /// Each document read is whole, consistent with itself, and valid today.
    Document,
    /// The documents agree with one another and with what was declared.
    Together,
    /// The document is the one that the method is for.
    Issuer,
    /// The selfie is of the person on the document.
    Face,
    /// The person did before the camera what chance asked for. Made of steps that were captured live.
    Liveness,
    /// An authoritative source knows the identity. Made by asking one; see `authoritative_source`.
    Source,
    /// No other account holds the identity. Always made when everything else has passed.
    Unique,
    /// No owner of a banned shop resembles the person. Made of owners, and told when somebody was found.
    BanList,
    /// The person is the one who was verified for the shop before. Made where there is a baseline to compare with.
    Operator,
    /// The phone is the person's: they told the code that was sent to it. Made where `phone_code` asks for it.
    Phone,
    /// What was entered is what the marketplace has registered of the account, or the change is proven. Made where it
    /// differs.
    References,
    /// The business licence is that of the shop's company, and the person is whom the company said. Made of a licence.
    Company,
}

/// One picture that a method asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Lower-case letters, digits and hyphens; unique in the method.
    #[schemars(regex(pattern = "^[a-z][a-z0-9-]{0,63}$"))]
    pub id: String,
    /// What the picture shows.
    pub shot: Shot,
    /// What is read from it.
    #[serde(default)]
    pub reads: Option<DocumentKind>,
    /// Which document it must be of, where nothing is read from it.
    #[serde(default)]
    pub shows: Option<DocumentKind>,
    /// Whether the portrait that the selfie is compared with is on it.
    #[serde(default)]
    pub portrait: bool,
    /// When it is needed.
    #[serde(default = "always")]
    pub need: Need,
    /// When it must be captured live: no file and no single shot is taken then.
    #[serde(default = "optional")]
    pub live: Need,
}

/// The id of the step in which a company's business licence is shown.
pub const LICENCE: &str = "business-licence";

impl Step {
    fn licence(need: Need) -> Self {
        Self {
            id: LICENCE.to_owned(),
            shot: Shot::BusinessLicence,
            reads: Some(DocumentKind::BusinessLicence),
            shows: None,
            portrait: false,
            need,
            live: Need::Optional,
        }
    }
}

const fn always() -> Need {
    Need::Always
}

const fn optional() -> Need {
    Need::Optional
}

impl Program {
    /// The method of this id.
    pub fn method(&self, id: &str) -> Option<&Method> {
        self.methods.iter().find(|m| m.id == id)
    }

    /// It for the owner of a company's shop, in whichever modes it asks for the licence: every method has one step more,
    /// [`LICENCE`], before the face. The modes that do not ask may leave the picture out.
    #[must_use]
    pub fn for_company(&self) -> Self {
        let mut program = self.clone();
        let need = match self.business_licence {
            Demand::Never => return program,
            Demand::InLiveMode => Need::InLiveMode,
            Demand::Always => Need::Always,
        };
        for method in &mut program.methods {
            let place = method.steps.iter().position(|s| s.shot == Shot::Selfie);
            method.steps.insert(place.unwrap_or(method.steps.len()), Step::licence(need));
        }
        program
    }

    /// The JSON Schema of programs, as `schemas/program.schema.json` has it.
    pub fn schema() -> Schema {
        schemars::schema_for!(Self)
    }
}

impl Method {
    /// The step of this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == id)
    }
}

#[cfg(test)]
mod tests;
