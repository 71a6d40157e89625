//! `/v1/shops/{id}/messages` and `/v1/messages`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::{MessageKind, NoticeRecord, Scope};
use shiren_app::{InboxOf, MessageText, ReadMessage, SendMessage, said};
use shiren_core::account::staff::Role;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::NoticeId;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Place, Window};
use crate::state::State;

/// What a message says.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct MessageSaid {
    #[schema(example = "你的认证已经通过人工审核。")]
    zh: String,
    #[schema(example = "A person reviewed your verification: it has passed.")]
    en: String,
}

/// A message to whoever was responsible. Nothing of the person, and nothing of the text.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ShopMessageView {
    #[schema(example = "ntc_01aryz6s410000000000000000")]
    id: String,
    /// Always `message`.
    object: &'static str,
    /// What it is about: yours (`penalty`, `frozen`, `invitation`), or what the service says by itself
    /// (`staff_reminded`, `review_passed`, `recheck_asked`, …).
    #[schema(example = "invitation")]
    kind: &'static str,
    /// Which account it is about; the operator's own messages: of whoever gets it.
    #[schema(value_type = Object, example = json!({ "kind": "staff", "id": "shop-42:7" }))]
    account: Account,
    /// The verification of the person whose phone it goes to: the sub-account's user, or else the shop's owner.
    verification_session: String,
    /// `waiting`, `sending`, `sent`, `sandbox` (in test mode), `unclear`, `failed`, or `dropped` when no phone is known.
    #[schema(example = "sent")]
    state: &'static str,
    /// `sms` or `email`.
    #[schema(example = "sms")]
    channel: &'static str,
    /// In place of which message it goes, which did not arrive by its own way.
    instead_of: Option<String>,
    /// What it says in both languages; `null` where the words are yours (`penalty`, `frozen`, `invitation`).
    text: Option<MessageSaid>,
    /// When it came about.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When you said that it was seen.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_at: Option<Timestamp>,
}

impl ShopMessageView {
    fn of(notice: NoticeRecord) -> Option<Self> {
        let message = notice.message?;
        let ours = !MessageKind::OPERATORS.contains(&message.kind);
        Some(Self {
            id: notice.id.to_string(),
            object: "message",
            kind: message.kind.name(),
            text: ours.then(|| said(&message)).map(|MessageText { zh, en }| MessageSaid { zh, en }),
            account: message.account,
            verification_session: notice.session.to_string(),
            state: notice.state.name(),
            channel: notice.channel.name(),
            instead_of: notice.instead_of.map(|id| id.to_string()),
            created_at: notice.created_at,
            read_at: notice.read_at,
        })
    }
}

/// What is sent.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewShopMessage {
    /// To whoever has this role in the shop now; to its owner where nobody is bound to it, and without a role.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "operations")]
    role: Option<Role>,
    /// `penalty`, `frozen` or `invitation`.
    #[schema(example = "invitation")]
    kind: String,
    /// What it says. It is sent in the language in which the person agreed to be verified.
    text: ShopMessageText,
}

/// A text in both languages.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopMessageText {
    #[schema(example = "双十二活动开始报名，截止 11 月 30 日。", min_length = 1, max_length = 280)]
    zh: String,
    #[schema(example = "Sign up for the sale until 30 November.", min_length = 1, max_length = 280)]
    en: String,
}

/// Send a message to who is responsible in a shop
///
/// By SMS, to the phone that the person verified with, or by mail where no phone is known or the gateway refuses; each person gets it at most once. At most 50 a day for one shop.
/// In test mode the console shows what would have been sent.
#[utoipa::path(
    post, path = "/v1/shops/{id}/messages", tag = "messages", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42")),
    request_body = NewShopMessage,
    responses(
        (status = 201, description = "On its way, one for each person.", body = List<ShopMessageView>),
    )
)]
pub(super) async fn send(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(shop): Path<String>,
    Json(new): Json<NewShopMessage>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let kind = MessageKind::OPERATORS.into_iter().find(|k| k.name() == new.kind);
    let kind = kind.ok_or_else(|| unprocessable("kind", "penalty, frozen or invitation"))?;
    let command = SendMessage {
        mode: caller.0.mode,
        shop,
        role: new.role,
        kind,
        text: MessageText { zh: new.text.zh, en: new.text.en },
        by: format!("key:{}", caller.0.name),
    };
    let view = |sent: Vec<NoticeRecord>| {
        let data: Vec<ShopMessageView> = sent.into_iter().filter_map(ShopMessageView::of).collect();
        List { object: "list", data, has_more: false }
    };
    repeatable.run(&state, &caller, StatusCode::CREATED, command, view).await
}

/// List the messages of a shop
///
/// Newest first: what was sent to its owner and to the users of its sub-accounts, and how far it has come.
#[utoipa::path(
    get, path = "/v1/shops/{id}/messages", tag = "messages", security(("key" = [])),
    params(("id" = String, Path, example = "shop-42"), Place),
    responses(
        (status = 200, description = "A page of messages.", body = List<ShopMessageView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(shop): Path<String>,
    Query(place): Query<Place>,
) -> Result<Json<List<ShopMessageView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let window = Window::of(place.limit);
    let after =
        place.after.map(|id| id.parse().map_err(|_| Problem::from(shiren_app::Error::NotFound("message"))));
    let found = state.app.messages(caller.0.mode, &shop, after.transpose()?, window.ask()).await?;
    let views: Vec<ShopMessageView> = found.into_iter().filter_map(ShopMessageView::of).collect();
    Ok(Json(window.page(views, |view| view)))
}

/// Whose messages: of an account, or of the person of a verification session.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Inbox {
    /// About the account of this kind.
    #[param(value_type = Option<String>)]
    account_kind: Option<String>,
    /// And of this id.
    account_id: Option<String>,
    /// Or to the person of this session.
    verification_session: Option<String>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only behind this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

impl Inbox {
    fn whose(&self) -> Result<InboxOf, Problem> {
        match (&self.account_kind, &self.account_id, &self.verification_session) {
            (Some(kind), Some(id), None) => {
                let kind = AccountKind::named(kind).filter(|kind| AccountKind::ALL.contains(kind));
                let kind =
                    kind.ok_or_else(|| unprocessable("account_kind", "shop, buyer, staff or influencer"))?;
                Ok(InboxOf::Account(Account { kind, id: id.clone() }))
            }
            (None, None, Some(session)) => session
                .parse()
                .map(InboxOf::Session)
                .map_err(|_| unprocessable("verification_session", "this is no session's id")),
            _ => Err(unprocessable(
                "account_kind",
                "either account_kind with account_id, or verification_session",
            )),
        }
    }
}

/// List messages
///
/// Newest first, with what they say: for an inbox of your own. Either those about an account, or those to the person of a
/// verification session.
#[utoipa::path(
    get, path = "/v1/messages", tag = "messages", security(("key" = [])), params(Inbox),
    responses(
        (status = 200, description = "A page of messages.", body = List<ShopMessageView>),
        (status = 404, description = "There is no such session in the key's mode.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn inbox(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(asked): Query<Inbox>,
) -> Result<Json<List<ShopMessageView>>, Problem> {
    caller.may(Scope::ShopsRead)?;
    let whose = asked.whose()?;
    let window = Window::of(asked.limit);
    let after =
        asked.after.map(|id| id.parse().map_err(|_| unprocessable("after", "this is no message's id")));
    let found = state.app.inbox(caller.0.mode, whose, after.transpose()?, window.ask()).await?;
    let views: Vec<ShopMessageView> = found.into_iter().filter_map(ShopMessageView::of).collect();
    Ok(Json(window.page(views, |view| view)))
}

/// Say that a message was seen
///
/// By whoever it is for, in your own inbox. Said again, the first time stays.
#[utoipa::path(
    post, path = "/v1/messages/{id}/read", tag = "messages", security(("key" = [])),
    params(("id" = String, Path, example = "ntc_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The message.", body = ShopMessageView),
    )
)]
pub(super) async fn read(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<NoticeId>,
) -> Result<Response, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let command = ReadMessage { mode: caller.0.mode, id };
    repeatable.run(&state, &caller, StatusCode::OK, command, ShopMessageView::of).await
}
