//! Errors as RFC 9457 tells them: the one place where use cases' errors become HTTP.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use shiren_app::{EndpointRefusal, Error, UploadRefusal};
use shiren_core::account::ban::BanRefusal;
use shiren_core::account::shop::ShopRefusal;
use shiren_core::account::staff;
use shiren_core::aftersales::AfterSalesRefusal;
use shiren_core::aftersales::attachment::AttachmentRefusal;
use shiren_core::clock::ClockRefusal;
use shiren_core::deposit::LedgerError;
use shiren_core::recheck::RecheckRefusal;
use shiren_core::review::CaseRefusal;
use shiren_core::verification::ReasonCode;
use shiren_core::verification::session::Refusal;
use utoipa::ToSchema;

use super::codes;

/// What went wrong, and what to do about it. `application/problem+json`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` tells problems apart.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The problem, in a sentence.
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// The stable name of the problem.
    #[schema(example = "not_found")]
    pub code: String,
    /// Which part of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What to do, where there is something to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fix: Option<String>,
    /// After how many seconds trying again makes sense: the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u32>,
    /// What is missing, for `material_missing`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
}

impl Problem {
    /// A problem of its own.
    pub fn new(status: StatusCode, code: &str, title: impl Into<String>) -> Self {
        debug_assert!(codes::is_described(code), "{code} is in no list of codes");
        Self {
            kind: "about:blank",
            title: title.into(),
            status: status.as_u16(),
            code: code.to_owned(),
            field: None,
            fix: None,
            retry_after: None,
            missing: Vec::new(),
        }
    }

    pub(crate) fn fix(self, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..self }
    }

    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(crate) fn field(self, field: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..self }
    }

    fn reason(status: StatusCode, code: ReasonCode) -> Self {
        Self::new(status, code.name(), code.message().en).fix(code.fix().en)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let status = match refusal {
            Refusal::NoSuchMethod | Refusal::NoSuchStep | Refusal::Missing(_) => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Refusal::TooManyAttempts => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::CONFLICT,
        };
        let problem = Self::new(status, refusal.code(), refusal.to_string());
        match refusal {
            Refusal::Missing(missing) => Self { missing, ..problem },
            _ => problem,
        }
    }
}

impl From<staff::Refusal> for Problem {
    fn from(refusal: staff::Refusal) -> Self {
        let status = match refusal {
            staff::Refusal::NameUnsound
            | staff::Refusal::NameImmutable
            | staff::Refusal::TemporaryRole { .. }
            | staff::Refusal::RecheckHours => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        let problem = Self::new(status, refusal.code(), refusal.to_string());
        match refusal {
            staff::Refusal::NameUnsound | staff::Refusal::NameImmutable => problem.field("name"),
            staff::Refusal::TemporaryRole { .. } => problem.field("role"),
            staff::Refusal::RecheckHours => problem.field("hours"),
            staff::Refusal::UserImmutable => {
                problem.fix("Unbind the user first; another one can verify then.")
            }
            staff::Refusal::BeingReviewed(_) => problem.fix(
                "Wait for its result, at the latest at `due_at` of its case, or cancel that session: another one can be made from then on.",
            ),
            _ => problem,
        }
    }
}

impl From<ShopRefusal> for Problem {
    fn from(refusal: ShopRefusal) -> Self {
        match refusal.field() {
            Some(field) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), refusal.to_string()).field(field)
            }
            None => Self::new(StatusCode::CONFLICT, refusal.code(), refusal.to_string()),
        }
    }
}

impl From<AfterSalesRefusal> for Problem {
    fn from(refusal: AfterSalesRefusal) -> Self {
        let status = match &refusal {
            AfterSalesRefusal::Missing(_) => StatusCode::UNPROCESSABLE_ENTITY,
            AfterSalesRefusal::Attachment(refusal) => match refusal {
                AttachmentRefusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
                AttachmentRefusal::Unknown => StatusCode::NOT_FOUND,
                AttachmentRefusal::Piece | AttachmentRefusal::Checksum | AttachmentRefusal::NoVideo => {
                    StatusCode::UNPROCESSABLE_ENTITY
                }
                AttachmentRefusal::TooMany(..)
                | AttachmentRefusal::Offset(_)
                | AttachmentRefusal::HandedIn => StatusCode::CONFLICT,
            },
            refusal if refusal.field().is_some() => StatusCode::UNPROCESSABLE_ENTITY,
            _ => StatusCode::CONFLICT,
        };
        let problem = Self::new(status, refusal.code(), refusal.to_string());
        match (refusal.field(), refusal) {
            (Some(field), _) => problem.field(field),
            (None, AfterSalesRefusal::Missing(missing)) => {
                let missing = missing.into_iter().map(str::to_owned).collect();
                Self { missing, ..problem }
                    .fix("Bring the buyer to the page of the request; it says what to add.")
            }
            (None, AfterSalesRefusal::Transition(..) | AfterSalesRefusal::Firm(_)) => {
                problem.fix("Retrieve the request: its state says whose turn it is.")
            }
            _ => problem,
        }
    }
}

impl From<ClockRefusal> for Problem {
    fn from(refusal: ClockRefusal) -> Self {
        let (status, field) = match refusal {
            ClockRefusal::Advancing(_) => (StatusCode::CONFLICT, None),
            ClockRefusal::Deleted => {
                return Self::new(StatusCode::CONFLICT, refusal.code(), refusal.to_string())
                    .fix("Create another clock, and what is to live by it.");
            }
            ClockRefusal::Backwards(_) | ClockRefusal::TooFar => {
                (StatusCode::UNPROCESSABLE_ENTITY, Some("to"))
            }
            ClockRefusal::Name => (StatusCode::UNPROCESSABLE_ENTITY, Some("name")),
        };
        let problem = Self::new(status, refusal.code(), refusal.to_string());
        match field {
            Some(field) => problem.field(field),
            None => problem.fix("Retrieve the clock until its status is ready."),
        }
    }
}

impl From<EndpointRefusal> for Problem {
    fn from(refusal: EndpointRefusal) -> Self {
        let status = match refusal {
            EndpointRefusal::Address(_) => StatusCode::UNPROCESSABLE_ENTITY,
            EndpointRefusal::Enabled | EndpointRefusal::Disabled => StatusCode::CONFLICT,
        };
        let problem = Self::new(status, refusal.code(), refusal.to_string());
        match refusal {
            EndpointRefusal::Address(_) => problem.field("url").fix(
                "An https address on port 80 or 443 that anybody on the internet can reach. For development, \
                 `allow_private` and `any_port` of `[webhooks]` allow others.",
            ),
            EndpointRefusal::Enabled => problem,
            EndpointRefusal::Disabled => problem.fix("Enable it first."),
        }
    }
}

impl From<UploadRefusal> for Problem {
    fn from(refusal: UploadRefusal) -> Self {
        let text = refusal.to_string();
        match refusal {
            UploadRefusal::Offset(_) => Self::new(StatusCode::CONFLICT, "upload_offset", text)
                .fix("Ask where the upload stands, and go on from there."),
            UploadRefusal::TooLarge => {
                Self::reason(StatusCode::PAYLOAD_TOO_LARGE, ReasonCode::PictureTooLarge)
            }
            UploadRefusal::Piece => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "upload_piece", text),
            UploadRefusal::Checksum => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "upload_checksum", text)
                .fix("Send the picture again from its beginning."),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let text = error.to_string();
        match error {
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, "not_found", text),
            Error::Refused(refusal) => refusal.into(),
            Error::Invalid { field, problem } => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", problem).field(field)
            }
            Error::Entry { field, code } => Self::reason(StatusCode::UNPROCESSABLE_ENTITY, code).field(field),
            Error::Picture(code) => Self::reason(StatusCode::UNPROCESSABLE_ENTITY, code),
            Error::InUse(code) => Self::reason(StatusCode::CONFLICT, code),
            Error::Staff(refusal) => refusal.into(),
            Error::Ban(BanRefusal::Reason) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, BanRefusal::Reason.code(), text).field("reason")
            }
            Error::Ban(refusal) => Self::new(StatusCode::CONFLICT, refusal.code(), text),
            Error::Endpoint(refusal) => refusal.into(),
            Error::Recheck(RecheckRefusal::Action) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, RecheckRefusal::Action.code(), text)
                    .field("action")
            }
            Error::Recheck(refusal) => Self::new(StatusCode::CONFLICT, refusal.code(), text),
            Error::Rollout(refusal) => match refusal.field() {
                Some(field) => Self::new(StatusCode::UNPROCESSABLE_ENTITY, refusal.code(), text).field(field),
                None => Self::new(StatusCode::CONFLICT, refusal.code(), text),
            },
            Error::ShopFacts(refusal) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text).field(refusal.field())
            }
            Error::Asked(refusal) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text).field(refusal.field())
            }
            Error::GateRules(refusal) => {
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text).field(refusal.field())
            }
            Error::Stale(_) => Self::new(StatusCode::CONFLICT, "stale", text)
                .fix("Retrieve it, look at what was changed, and send yours with that version."),
            Error::Clock(refusal) => refusal.into(),
            Error::Deposit(refusal) => {
                let status = match refusal {
                    LedgerError::Amount | LedgerError::Reference => StatusCode::UNPROCESSABLE_ENTITY,
                    _ => StatusCode::CONFLICT,
                };
                Self::new(status, refusal.code(), text)
            }
            Error::Shop(refusal) => refusal.into(),
            Error::AfterSales(refusal) => refusal.into(),
            Error::Exists(_) => Self::new(StatusCode::CONFLICT, "exists", text),
            Error::NothingKept => Self::new(StatusCode::CONFLICT, "nothing_to_export", text),
            Error::TestModeOnly => Self::new(StatusCode::FORBIDDEN, "test_mode_only", text)
                .fix("Use a key of test mode, which begins with sk_test_."),
            Error::Case(refusal) => {
                let problem = Self::new(StatusCode::CONFLICT, refusal.code(), text);
                match refusal {
                    CaseRefusal::SameReviewer => {
                        problem.fix("Let somebody else decide it, with a key or a login of their own.")
                    }
                    CaseRefusal::NotChecked => problem
                        .fix("`shiren admin jobs requeue` lets the checks be made; or ask for it again."),
                    CaseRefusal::AlreadyDecided => problem,
                }
            }
            Error::Unauthenticated => Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", text)
                .fix("Send a key as `Authorization: Bearer sk_…`; `shiren admin key create` makes one."),
            Error::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "forbidden", text),
            Error::TooManyTries(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tries", text).retry_after(seconds)
            }
            Error::TooManyLinks(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_links", text).retry_after(seconds)
            }
            Error::TooManyMessages(seconds) => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_messages", text).retry_after(seconds)
            }
            Error::TooManyCodes { code, seconds } => {
                Self::reason(StatusCode::TOO_MANY_REQUESTS, code).retry_after(seconds)
            }
            Error::LinkUsed => Self::new(StatusCode::GONE, "link_used", text),
            Error::LinkExpired => Self::new(StatusCode::GONE, "link_expired", text),
            Error::LinkNumber => Self::new(StatusCode::FORBIDDEN, "link_number", text),
            Error::Assertion(fault) => Self::new(StatusCode::FORBIDDEN, fault.code(), text),
            Error::Capture(_) => Self::new(StatusCode::GONE, "capture_refused", text),
            Error::Upload(refusal) => refusal.into(),
            Error::KeyReused => Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", text)
                .fix("Use a fresh key for another request."),
            Error::TooMany(_) => Self::new(StatusCode::CONFLICT, "too_many", text),
            Error::Conflict => Self::new(StatusCode::CONFLICT, "conflict", text),
            Error::Busy => {
                let problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", text).retry_after(1);
                problem.fix("Try again in a moment.")
            }
            Error::Full => Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", text),
            Error::Internal(detail) => {
                tracing::error!(detail, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something is broken on our side")
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let headers =
            [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
        let mut response = (status, headers, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
