//! What is sent to people.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::id::{NoticeId, SessionId};
use shiren_core::verification::program::Mode;

/// How something reaches a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By mail.
    Email,
    /// By SMS.
    Sms,
}

impl Channel {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Email, Self::Sms];

    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Email => Self::Sms,
            Self::Sms => Self::Email,
        }
    }

    /// The channel of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// How far a notice has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// To be sent.
    Waiting,
    /// Being sent: found so after a crash, nobody knows whether it was.
    Sending,
    /// The gateway took it.
    Sent,
    /// Test mode: kept in the sandbox, and sent to nobody.
    Sandbox,
    /// Nobody knows whether the gateway took it.
    Unclear,
    /// The gateway refuses it, or did not take it for too long.
    Failed,
    /// Nothing is left to go on with, or a newer one has taken its place.
    Dropped,
}

impl NoticeState {
    /// The name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Sandbox => "sandbox",
            Self::Unclear => "unclear",
            Self::Failed => "failed",
            Self::Dropped => "dropped",
        }
    }
}

/// What is sent to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A link to go on later.
    #[default]
    Link,
    /// A code, which proves that the phone is theirs that they entered.
    PhoneCode,
    /// A code, which proves that the registered phone is theirs too, of which they say that it changes.
    OldPhoneCode,
    /// Something that whoever is responsible for an account must know.
    Message,
}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageKind {
    /// A sub-account's user is asked to verify, and has so many hours.
    StaffAsked,
    /// So many sub-accounts of a shop were asked at once, and nobody is bound to them yet.
    StaffAskedMany,
    /// Its user, who is bound, is asked to verify once more, and has so many hours.
    StaffRecheckAsked,
    /// A sub-account freezes in so many hours.
    StaffReminded,
    /// A sub-account is frozen.
    StaffFrozen,
    /// A reviewer approved.
    ReviewPassed,
    /// A reviewer asks for something again.
    ReviewAgain,
    /// A reviewer refused.
    ReviewRefused,
    /// What a reviewer looked at was called off.
    ReviewCalledOff,
    /// A re-check is asked for, within so many days.
    RecheckAsked,
    /// So many days are left for it.
    RecheckReminded,
    /// It was missed.
    RecheckRestricted,
    /// A shop was warned.
    ShopWarned,
    /// A shop was closed until its owner has verified again.
    ShopClosedForNow,
    /// A shop was closed for ever.
    ShopClosedForEver,
    /// More is needed of an after-sales request, within so many days.
    AfterSalesMoreNeeded,
    /// It was accepted.
    AfterSalesAccepted,
    /// It was rejected.
    AfterSalesRejected,
    /// What was accepted is carried out.
    AfterSalesCompleted,
    /// It was closed because its buyer did not go on.
    AfterSalesLapsed,
    /// An after-sales request that was accepted is closed in so many days, unless it is carried out.
    AfterSalesReminded,
    /// It was closed for that.
    AfterSalesClosed,
    /// A shop's owner was evicted: the identity is another account's.
    ShopEvicted,
    /// The operator's own words about a penalty.
    Penalty,
    /// The operator's own words about a freeze.
    Frozen,
    /// The operator's own words that invite to something.
    Invitation,
}

impl MessageKind {
    /// Those whose words are the operator's.
    pub const OPERATORS: [Self; 3] = [Self::Penalty, Self::Frozen, Self::Invitation];

    /// The name in the API, and that of the gateway's template.
    pub const fn name(self) -> &'static str {
        match self {
            Self::StaffAsked => "staff_asked",
            Self::StaffAskedMany => "staff_asked_many",
            Self::StaffRecheckAsked => "staff_recheck_asked",
            Self::StaffReminded => "staff_reminded",
            Self::StaffFrozen => "staff_frozen",
            Self::ReviewPassed => "review_passed",
            Self::ReviewAgain => "review_again",
            Self::ReviewRefused => "review_refused",
            Self::ReviewCalledOff => "review_called_off",
            Self::RecheckAsked => "recheck_asked",
            Self::RecheckReminded => "recheck_reminded",
            Self::RecheckRestricted => "recheck_restricted",
            Self::ShopWarned => "shop_warned",
            Self::ShopClosedForNow => "shop_closed_for_now",
            Self::ShopClosedForEver => "shop_closed_for_ever",
            Self::AfterSalesMoreNeeded => "aftersales_more_needed",
            Self::AfterSalesAccepted => "aftersales_accepted",
            Self::AfterSalesRejected => "aftersales_rejected",
            Self::AfterSalesCompleted => "aftersales_completed",
            Self::AfterSalesLapsed => "aftersales_lapsed",
            Self::AfterSalesReminded => "aftersales_reminded",
            Self::AfterSalesClosed => "aftersales_closed",
            Self::ShopEvicted => "shop_evicted",
            Self::Penalty => "penalty",
            Self::Frozen => "frozen",
            Self::Invitation => "invitation",
        }
    }
}

/// What a message says, and about which account. Words of the operator's are sealed elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountMessage {
    /// What it is about.
    pub kind: MessageKind,
    /// The account that it is about; of the operator's own kinds, the one that the person is bound to.
    pub account: Account,
    /// Hours, days or sub-accounts, where the kind has some.
    pub number: Option<u32>,
}

/// Something that is sent to a person. To whom is sealed elsewhere, and so is what the sandbox keeps of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeRecord {
    /// Its id.
    pub id: NoticeId,
    /// Of which session.
    pub session: SessionId,
    /// Test or live.
    pub mode: Mode,
    /// What it is.
    #[serde(default)]
    pub kind: NoticeKind,
    /// What it says, when it is a message.
    #[serde(default)]
    pub message: Option<AccountMessage>,
    /// To the people of which shop, when it is one.
    #[serde(default)]
    pub shop: Option<String>,
    /// How it goes.
    pub channel: Channel,
    /// In which language: `zh` or `en`.
    pub language: String,
    /// Who asked for it: `person`, or `key:` and a name.
    pub asked_by: String,
    /// How far it has come.
    pub state: NoticeState,
    /// What went wrong last.
    #[serde(default)]
    pub fault: Option<SendFault>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// In place of which one it goes, which did not arrive by its own way.
    #[serde(default)]
    pub instead_of: Option<NoticeId>,
    /// When whoever it is for saw it in the marketplace's own inbox, as the marketplace says.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
}

/// What went wrong on the way through a gateway. Kept with the notice, and told at the console in the reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SendFault {
    /// Nobody configured one.
    #[error("no gateway is configured")]
    NoGateway,
    /// It is nowhere that letters could go to.
    #[error("the address is none")]
    Address,
    /// The text cannot stand in such a letter.
    #[error("the letter cannot be written")]
    Unwritable,
    /// No connection.
    #[error("it cannot be reached")]
    Unreachable,
    /// A connection, and then nothing.
    #[error("it does not answer in time")]
    Silent,
    /// No encryption that both speak, or a certificate that nothing vouches for.
    #[error("TLS cannot be agreed on")]
    Tls,
    /// The status of HTTP that it answered.
    #[error("status {0}")]
    Http(u16),
    /// The reply code of SMTP that it answered (RFC 5321, 4.2).
    #[error("smtp {0}")]
    Smtp(u16),
}
