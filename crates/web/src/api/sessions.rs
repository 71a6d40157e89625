//! `/v1/verification_sessions`.

use std::collections::BTreeMap;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::port::SessionQuery;
use shiren_app::record::{Channel, DecisionRecord, NoticeRecord, Scope};
use shiren_app::{CancelSession, Contact, CreateSession, Created, NewLink, RedactSession, SendLink};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::session::{CalledOff, Session, Status};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use super::reason::ReasonView;
use crate::state::State;

/// Whose account, as the marketplace knows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountView {
    /// `shop`, `buyer`, `staff` or `influencer`; `platform` in events that are no account's.
    #[schema(example = "shop")]
    kind: String,
    /// The marketplace's own id: never a name, phone or number of a person.
    #[schema(example = "shop-42", min_length = 1, max_length = 128)]
    id: String,
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        Self { kind: account.kind.name().to_owned(), id: account.id.clone() }
    }
}

impl AccountView {
    pub(super) fn read(self) -> Result<Account, Problem> {
        Ok(Account { kind: account_kind(&self.kind, "account.kind")?, id: self.id })
    }
}

/// The kind of account that a query or a body names.
pub(super) fn account_kind(name: &str, field: &str) -> Result<AccountKind, Problem> {
    let verifies = AccountKind::named(name).filter(|kind| AccountKind::ALL.contains(kind));
    verifies.ok_or_else(|| unprocessable(field, "shop, buyer, staff or influencer"))
}

/// What a new session is made of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSession {
    /// Name of the program.
    #[schema(example = "shop-owner")]
    program: String,
    #[serde(deserialize_with = "super::body::object")]
    account: AccountView,
    /// In test mode: by which clock it lives. A buyer or influencer for whom none is given goes on with that of their last
    /// session; a registered shop and its sub-accounts live by the clock that the shop was registered with.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    test_clock: Option<shiren_core::id::ClockId>,
    /// Where the person goes afterwards; https.
    #[serde(default)]
    return_url: Option<String>,
    /// Your own name and id of the action that it is for alone, as the gate was asked about it.
    #[serde(default)]
    #[schema(example = "live:room-7", min_length = 1, max_length = 128)]
    action: Option<String>,
    /// Your own remarks, up to 20; nothing personal.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    /// Where a link to go on later may be sent. Sealed, and never given back.
    #[serde(default, deserialize_with = "super::body::object")]
    contact: ContactView,
    /// Whether whoever opens the link must be signed in as the account in your app, which asserts that, signed
    /// (`docs/guides/handoff.md`). A program may ask for it anyway.
    #[serde(default)]
    account_assertion: bool,
}

/// Where the person is reached.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ContactView {
    /// A mail address.
    #[serde(default)]
    #[schema(example = "person@example.com")]
    email: Option<String>,
    /// `+` with country code and number, or a mobile number of mainland China.
    #[serde(default)]
    #[schema(example = "+8613800138000")]
    phone: Option<String>,
}

impl From<ContactView> for Contact {
    fn from(ContactView { email, phone }: ContactView) -> Self {
        Self { email, phone }
    }
}

impl std::fmt::Debug for ContactView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ContactView").finish_non_exhaustive()
    }
}

/// How a link is to reach the person.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LinkAsked {
    /// `email` or `sms`: sent to the session's contact. Without it the link is given back, for you to pass on.
    #[serde(default)]
    #[schema(example = "email")]
    deliver: Option<String>,
    /// `zh` (the default) or `en`: in which language it is written.
    #[serde(default)]
    language: Option<String>,
}

/// A link on its way to the person.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct NoticeView {
    /// `ntc_…`
    id: String,
    /// `email` or `sms`.
    channel: &'static str,
    /// `waiting`, `sending`, `sent`, `sandbox` (test mode: shown in the console, sent to nobody), `unclear`, `failed` or
    /// `dropped`.
    state: &'static str,
}

/// Which program, in which version.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProgramView {
    name: String,
    version: u32,
}

/// A link that opens once and brings the person to the session.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct LinkView {
    /// Give it to the person and to nobody else.
    url: String,
}

/// A verification session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SessionView {
    /// `vs_…`
    id: String,
    /// Always `verification_session`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// `requires_input`, `processing`, `in_review`, `verified`, `rejected`, `expired` or `canceled`.
    #[schema(example = "requires_input")]
    status: &'static str,
    account: AccountView,
    program: ProgramView,
    /// The method that the person chose.
    method: Option<String>,
    /// Only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<LinkView>,
    /// Only when a link was just sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    notice: Option<NoticeView>,
    /// Why it is not verified, the worst first.
    reasons: Vec<ReasonView>,
    /// The decision that counts, with its assurance level and what it rests on; only when a single session is
    /// retrieved.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    decision: Option<serde_json::Value>,
    /// The review.
    case: Option<String>,
    return_url: Option<String>,
    /// The action that it is for alone.
    action: Option<String>,
    metadata: BTreeMap<String, String>,
    /// Whether whoever opens a link must be signed in as the account in your app.
    account_assertion: bool,
    /// The account of who helped, when somebody else's phone was used.
    assisted_by: Option<String>,
    /// `export` when it is for the person's own copy of their data alone: it says nothing about the account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "export")]
    purpose: Option<&'static str>,
    /// When the person took that copy.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    exported_at: Option<Timestamp>,
    /// By which clock it lives, in test mode: that of its shop, or the one that it was made with.
    test_clock: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Until when the person may go on.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// Why it was called off: `by_platform`, `user_unbound`, `account_removed` or `shop_ended`.
    #[schema(example = "user_unbound")]
    called_off: Option<&'static str>,
    #[schema(value_type = Option<String>, format = DateTime)]
    redacted_at: Option<Timestamp>,
}

impl From<Session> for SessionView {
    fn from(s: Session) -> Self {
        Self {
            id: s.id.to_string(),
            object: "verification_session",
            mode: s.mode.name(),
            status: s.status.name(),
            account: (&s.account).into(),
            program: ProgramView { name: s.program.name, version: s.program.version },
            method: s.method,
            link: None,
            notice: None,
            reasons: s.reasons.iter().map(ReasonView::from).collect(),
            decision: None,
            case: s.case.map(|c| c.to_string()),
            return_url: s.return_url,
            action: s.action,
            metadata: s.metadata,
            account_assertion: s.account_assertion,
            assisted_by: s.assisted.map(|a| a.by),
            purpose: s.export.map(|_| "export"),
            exported_at: s.export.and_then(|export| export.taken_at),
            test_clock: s.clock.map(|c| c.to_string()),
            created_at: s.created_at,
            expires_at: s.expires_at,
            ended_at: s.ended_at,
            called_off: s.called_off.map(CalledOff::name),
            redacted_at: s.redacted_at,
        }
    }
}

impl SessionView {
    pub(super) fn created(state: &State, created: Created) -> Self {
        let url = format!("{}/v/{}", state.site.public_url, created.link_secret);
        Self { link: Some(LinkView { url }), ..created.session.into() }
    }

    fn sent((session, notice): (Session, NoticeRecord)) -> Self {
        let view = NoticeView {
            id: notice.id.to_string(),
            channel: notice.channel.name(),
            state: notice.state.name(),
        };
        Self { notice: Some(view), ..session.into() }
    }

    fn whole(session: Session, decision: Option<DecisionRecord>) -> Self {
        let decision = decision.map(|d| {
            let mut body = d.body;
            if let Some(object) = body.as_object_mut() {
                object.insert("id".to_owned(), d.id.to_string().into());
                object.insert("at".to_owned(), d.at.to_string().into());
            }
            body
        });
        Self { decision, ..session.into() }
    }
}

/// Create a session
///
/// Gives a single-use link for the person.
#[utoipa::path(
    post, path = "/v1/verification_sessions", tag = "verification sessions", security(("key" = [])),
    request_body = NewSession,
    responses(
        (status = 201, description = "Created.", body = SessionView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(asked): Json<NewSession>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let command = CreateSession {
        mode: caller.0.mode,
        program: asked.program,
        account: asked.account.read()?,
        clock: asked.test_clock,
        return_url: asked.return_url,
        action: asked.action,
        metadata: asked.metadata,
        contact: asked.contact.into(),
        account_assertion: asked.account_assertion,
    };
    let view = |created| SessionView::created(&state, created);
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}

/// Retrieve a session
///
/// With the decision that counts.
#[utoipa::path(
    get, path = "/v1/verification_sessions/{id}", tag = "verification sessions", security(("key" = [])),
    params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The session.", body = SessionView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Result<Json<SessionView>, Problem> {
    caller.may(Scope::SessionsRead)?;
    let (session, decision) = state.app.session(caller.0.mode, &id).await?;
    Ok(Json(SessionView::whole(session, decision)))
}

/// Which sessions.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    /// Only in this status.
    status: Option<String>,
    /// Only of accounts of this kind.
    account_kind: Option<String>,
    /// Only of the account of this id.
    account_id: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only older than this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// List sessions
///
/// Newest first.
#[utoipa::path(
    get, path = "/v1/verification_sessions", tag = "verification sessions", security(("key" = [])), params(Which),
    responses(
        (status = 200, description = "A page of sessions.", body = List<SessionView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<Which>,
) -> Result<Json<List<SessionView>>, Problem> {
    caller.may(Scope::SessionsRead)?;
    let status = which
        .status
        .as_deref()
        .map(|name| Status::named(name).ok_or_else(|| unprocessable("status", "there is no such status")));
    let kind = which.account_kind.as_deref().map(|kind| account_kind(kind, "account_kind"));
    let after = which
        .after
        .as_deref()
        .map(|id| id.parse().map_err(|_| unprocessable("after", "this is no session's id")));
    let window = Window::of(which.limit);
    let query = SessionQuery {
        mode: Some(caller.0.mode),
        status: status.transpose()?,
        account_kind: kind.transpose()?,
        account_id: which.account_id,
        after: after.transpose()?,
        limit: window.ask(),
    };
    Ok(Json(window.page(state.app.sessions(&query).await?, SessionView::from)))
}

/// Cancel a session
#[utoipa::path(
    post, path = "/v1/verification_sessions/{id}/cancel", tag = "verification sessions", security(("key" = [])),
    params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Canceled.", body = SessionView),
    )
)]
pub(super) async fn cancel(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<SessionId>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let command = CancelSession { mode: caller.0.mode, id, by: caller.0.name.clone() };
    repeatable.run(&state, &caller, StatusCode::OK, command, SessionView::from).await
}

/// Redact a session
///
/// Deletes what it holds of the person: the keys at once, the sealed pictures a little later. The outcome stays.
#[utoipa::path(
    post, path = "/v1/verification_sessions/{id}/redact", tag = "verification sessions", security(("key" = [])),
    params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Redacted.", body = SessionView),
    )
)]
pub(super) async fn redact(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<SessionId>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let command = RedactSession { mode: caller.0.mode, id };
    repeatable.run(&state, &caller, StatusCode::OK, command, SessionView::from).await
}

/// Make another link
///
/// When the first one was lost, or was opened in the wrong browser.
#[utoipa::path(
    post, path = "/v1/verification_sessions/{id}/link", tag = "verification sessions", security(("key" = [])),
    params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    responses(
        (status = 201, description = "A fresh link.", body = SessionView),
    )
)]
pub(super) async fn link(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<SessionId>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let view = |created| SessionView::created(&state, created);
    let command = NewLink { mode: caller.0.mode, id };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}

/// Make another link, or send one
///
/// With `deliver` the link goes to the session's contact and to nobody else, at most once a minute and five times a
/// day. It is made when it is sent: in test mode the console shows it.
#[utoipa::path(
    post, path = "/v1/verification_sessions/{id}/links", tag = "verification sessions", security(("key" = [])),
    params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    request_body = LinkAsked,
    responses(
        (status = 201, description = "A fresh link, or a notice that brings one.", body = SessionView),
    )
)]
pub(super) async fn links(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<SessionId>,
    Json(asked): Json<LinkAsked>,
) -> Result<Response, Problem> {
    caller.may(Scope::SessionsWrite)?;
    let mode = caller.0.mode;
    let Some(deliver) = asked.deliver else {
        let view = |created| SessionView::created(&state, created);
        return repeatable.run(&state, &caller, StatusCode::CREATED, NewLink { mode, id }, view).await;
    };
    let channel = Channel::named(&deliver).ok_or_else(|| unprocessable("deliver", "email or sms"))?;
    let language = asked.language.unwrap_or_else(|| "zh".to_owned());
    if !matches!(language.as_str(), "zh" | "en") {
        return Err(unprocessable("language", "zh or en"));
    }
    let command = SendLink { mode: Some(mode), id, channel, language, by: format!("key:{}", caller.0.name) };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, SessionView::sent).await
}

/// What the person of a session wrote.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MessageView {
    /// `vs_…`
    verification_session: String,
    /// Always `message`.
    object: &'static str,
    /// In the person's words: personal data.
    message: String,
}

/// Read a person's message
///
/// The latest that the person left for a human; `verification_session.message_left` tells that there is one.
#[utoipa::path(
    get, path = "/v1/verification_sessions/{id}/message", tag = "verification sessions",
    security(("key" = [])), params(("id" = String, Path, example = "vs_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The message.", body = MessageView),
        (status = "4XX", description = "Refused.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn message(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<SessionId>,
) -> Result<Json<MessageView>, Problem> {
    caller.may(Scope::CasesRead)?;
    let message = state.app.message(caller.0.mode, &id, &format!("key:{}", caller.0.name)).await?;
    Ok(Json(MessageView { verification_session: id.to_string(), object: "message", message }))
}
