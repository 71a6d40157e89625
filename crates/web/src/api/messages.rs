//! `/v1/shops/{id}/messages`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::{MessageKind, NoticeRecord, Scope};
use shiren_app::{MessageText, SendMessage};
use shiren_core::account::Account;
use shiren_core::account::staff::Role;
use utoipa::ToSchema;

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Place, Window};
use crate::state::State;

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
    /// When it came about.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

impl ShopMessageView {
    fn of(notice: NoticeRecord) -> Option<Self> {
        let message = notice.message?;
        Some(Self {
            id: notice.id.to_string(),
            object: "message",
            kind: message.kind.name(),
            account: message.account,
            verification_session: notice.session.to_string(),
            state: notice.state.name(),
            created_at: notice.created_at,
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
/// By SMS, to the phone that the person verified with; each person gets it at most once. At most 50 a day for one shop.
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
