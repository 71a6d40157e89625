//! What the operator must look after: jobs that were given up, endpoints that take no webhooks.

use askama::Template;

use super::Deadline;
use crate::page::ConsoleFrame;

/// Both.
#[derive(Clone, Debug, Template)]
#[template(path = "console/operations.html")]
pub struct Operations {
    /// What stands around it.
    pub frame: ConsoleFrame,
    /// Where webhooks go.
    pub endpoints: Vec<EndpointRow>,
    /// What was given up, newest first.
    pub jobs: Vec<DeadJobRow>,
    /// There are more than are shown.
    pub more: bool,
    /// Whether who looks may do something about it.
    pub may_act: bool,
}

/// An endpoint.
#[derive(Clone, Debug)]
pub struct EndpointRow {
    /// Its id.
    pub id: String,
    /// `test` or `live`.
    pub mode: &'static str,
    /// Where it is, without path and query, which may be secret.
    pub host: String,
    /// In the operator's words.
    pub description: String,
    /// Why nothing is sent any more, and since when.
    pub disabled: Option<(String, Deadline)>,
}

/// A job.
#[derive(Clone, Debug)]
pub struct DeadJobRow {
    /// Its id.
    pub id: String,
    /// When it was given up.
    pub at: Deadline,
    /// Its kind.
    pub kind: &'static str,
    /// Ids of what it is about.
    pub about: String,
    /// Why the last attempt failed.
    pub error: String,
}
