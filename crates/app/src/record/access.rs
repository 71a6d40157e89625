//! Who may come in: keys of the API, people at the console, persons with a link.

use std::collections::BTreeSet;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shiren_core::id::{AfterSalesId, ApiKeyId, SessionId, SignInId, UserId};
use shiren_core::verification::program::Mode;

use super::SecretHash;

/// What an API key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Create, cancel and redact sessions; hand in pictures.
    SessionsWrite,
    /// Retrieve and list sessions.
    SessionsRead,
    /// Retrieve and list cases.
    CasesRead,
    /// Decide cases.
    CasesWrite,
    /// Read events.
    EventsRead,
    /// Manage webhook endpoints.
    WebhooksWrite,
    /// Register shops and sub-accounts, and change them.
    ShopsWrite,
    /// Retrieve and list shops and sub-accounts.
    ShopsRead,
    /// Move money of deposits.
    DepositsWrite,
    /// Retrieve deposits, and ask what may be listed.
    DepositsRead,
    /// Find the responsible person of a shop or a sub-account; every look is in the log.
    PeopleRead,
    /// Make clocks and turn them, in test mode.
    ClocksWrite,
    /// Ask the gate, read its rules, and try drafts of them.
    GateRead,
    /// Change the gate's rules.
    GateWrite,
    /// Make after-sales requests, change and decide them.
    AftersalesWrite,
    /// Retrieve and list after-sales requests; read what buyers wrote and showed, which is in the log.
    AftersalesRead,
    /// Ask who was verified for an account, and whether that still counts, as payments need it; every look is in the log.
    ClaimsRead,
}

impl Scope {
    /// All.
    pub const ALL: [Self; 17] = [
        Self::SessionsWrite,
        Self::SessionsRead,
        Self::CasesRead,
        Self::CasesWrite,
        Self::EventsRead,
        Self::WebhooksWrite,
        Self::ShopsWrite,
        Self::ShopsRead,
        Self::DepositsWrite,
        Self::DepositsRead,
        Self::PeopleRead,
        Self::ClocksWrite,
        Self::GateRead,
        Self::GateWrite,
        Self::AftersalesWrite,
        Self::AftersalesRead,
        Self::ClaimsRead,
    ];

    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SessionsWrite => "sessions_write",
            Self::SessionsRead => "sessions_read",
            Self::CasesRead => "cases_read",
            Self::CasesWrite => "cases_write",
            Self::EventsRead => "events_read",
            Self::WebhooksWrite => "webhooks_write",
            Self::ShopsWrite => "shops_write",
            Self::ShopsRead => "shops_read",
            Self::DepositsWrite => "deposits_write",
            Self::DepositsRead => "deposits_read",
            Self::PeopleRead => "people_read",
            Self::ClocksWrite => "clocks_write",
            Self::GateRead => "gate_read",
            Self::GateWrite => "gate_write",
            Self::AftersalesWrite => "aftersales_write",
            Self::AftersalesRead => "aftersales_read",
            Self::ClaimsRead => "claims_read",
        }
    }

    /// The scope of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// An API key. The secret is shown once; its hash is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// What its owner calls it.
    pub name: String,
    /// Which of the two worlds it opens.
    pub mode: Mode,
    /// What it may do.
    pub scopes: BTreeSet<Scope>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl ApiKey {
    /// With other scopes; what is both added and removed is removed.
    #[must_use]
    pub fn with_scopes(self, add: &BTreeSet<Scope>, remove: &BTreeSet<Scope>) -> Self {
        let scopes = self.scopes.union(add).filter(|scope| !remove.contains(scope)).copied().collect();
        Self { scopes, ..self }
    }
}

/// What somebody at the console may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Look at cases and decide them.
    Reviewer,
    /// Also change how the marketplace is run, look for responsible persons, manage users, keys and endpoints.
    Admin,
}

impl Role {
    /// Whether they may change how the marketplace is run (penalties, deposits, bans, rollouts, the gate's rules) and look
    /// for the person who is responsible. Everybody at the console sees how these stand.
    pub const fn operates(self) -> bool {
        matches!(self, Self::Admin)
    }
}

/// Somebody who works at the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they sign in with; unique.
    pub login: String,
    /// Argon2id, in PHC form.
    pub password: String,
    /// What they may do.
    pub role: Role,
    /// When they were created.
    pub created_at: Timestamp,
    /// Since when they may not sign in.
    pub disabled_at: Option<Timestamp>,
}

/// Somebody signed in at the console.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// Its id.
    pub id: SignInId,
    /// Who.
    pub user: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
}

/// The link that brings a person to their session: opened once, it becomes a visit.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientLink {
    /// Of the secret in the link.
    pub hash: SecretHash,
    /// Which session it opens.
    pub session: SessionId,
    /// Until when it can be opened.
    pub expires_at: Timestamp,
    /// The number, 10 to 99, that stands beside it on the screen that it was made for, and that whoever opens it must
    /// tell.
    pub number: Option<u8>,
    /// When it was opened.
    pub opened_at: Option<Timestamp>,
}

/// What came of opening a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkOpened {
    /// It was fresh, and is used now.
    Session(SessionId),
    /// It was used before.
    Used(SessionId),
    /// Its time is over.
    Expired(SessionId),
    /// There is no such link.
    Unknown,
}

/// What lets a browser manage the sub-accounts of a shop: a link, and then the visit that came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagementPass {
    /// Of the secret in the link or the cookie.
    pub hash: SecretHash,
    /// Test or live.
    pub mode: Mode,
    /// Which shop's, by the marketplace's own id.
    pub shop: String,
    /// The sub-account that it leads to.
    pub staff: Option<String>,
    /// Until when.
    pub expires_at: Timestamp,
}

/// A browser that has opened a link, known by a cookie.
#[derive(Clone, Debug, PartialEq)]
pub struct Visit {
    /// Of the secret in the cookie.
    pub hash: SecretHash,
    /// Which session it may act for.
    pub session: SessionId,
    /// Until when.
    pub expires_at: Timestamp,
}

/// What lets a browser act for an after-sales request: a link that opens once, or the visit that came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AfterSalesPass {
    /// Of its secret.
    pub hash: SecretHash,
    /// For which request.
    pub aftersales: AfterSalesId,
    /// Whether it is a link, which is used up when it is opened.
    pub is_link: bool,
    /// Until when it lets anybody in.
    pub expires_at: Timestamp,
    /// When it was used up.
    pub used_at: Option<Timestamp>,
}
