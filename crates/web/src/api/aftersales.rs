//! `/v1/aftersales`.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::port::AfterSalesQuery;
use shiren_app::record::{Scope, Stored};
use shiren_app::{
    CompleteAfterSales, CreateAfterSales, CreatedAfterSales, DecideAfterSales, NewAfterSalesLink,
    SubmitAfterSales, Submitted, TakeAfterSales, WithdrawAfterSales,
};
use shiren_core::aftersales::attachment::{Attachment, Counted};
use shiren_core::aftersales::{AfterSales, Ground, Kind, State as Stands, Verdict};
use shiren_core::id::{AfterSalesId, AttachmentId};
use shiren_core::review::Reviewer;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Path, Query, unprocessable};
use super::once::Repeatable;
use super::page::{List, Window};
use crate::aftersales::stream;
use crate::state::State;

/// A photograph or video that was handed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FileView {
    #[schema(example = "att_01aryz6s410000000000000000")]
    id: String,
    /// `photo` or `video`.
    kind: &'static str,
    /// Bytes as they came.
    bytes: u64,
    /// SHA-256 of the bytes as they came, in hexadecimal.
    sha256: String,
    /// In pixels; of a photograph.
    width: Option<u32>,
    /// In pixels; of a photograph.
    height: Option<u32>,
}

impl FileView {
    fn of(file: &Attachment) -> Option<Self> {
        let (width, height) = match file.counted.as_ref().filter(|_| file.handed_in)? {
            Counted::Photo { width, height } => (Some(*width), Some(*height)),
            Counted::Video { .. } => (None, None),
        };
        let (id, sha256) = (file.id.to_string(), file.sha256.clone());
        Some(Self { id, kind: file.kind.name(), bytes: file.length, sha256, width, height })
    }
}

/// What a reviewer made of a request. Their message to the buyer is read with the words.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DecisionView {
    /// `accept`, `reject` or `more_needed`.
    verdict: &'static str,
    /// On which ground; the buyer is told in a sentence.
    #[schema(example = "not_shown")]
    ground: &'static str,
    /// Whether there is a message to the buyer besides.
    message: bool,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// Since when a request stood somewhere.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StoodView {
    /// Where.
    #[schema(example = "draft")]
    state: &'static str,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
}

/// An after-sales request of a buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct AfterSalesView {
    #[schema(example = "as_01aryz6s410000000000000000")]
    id: String,
    /// Always `aftersales`.
    object: &'static str,
    /// `test` or `live`.
    mode: &'static str,
    /// Where it stands.
    #[schema(example = "submitted")]
    state: &'static str,
    /// Your own id of the buyer.
    #[schema(example = "buyer-7")]
    buyer: String,
    /// Your own id of the order.
    #[schema(example = "order-4711")]
    order: String,
    /// What is asked for.
    #[schema(example = "return")]
    kind: &'static str,
    /// How much money it is about, in integer cents.
    #[schema(example = 25_900)]
    amount_cents: i64,
    /// ISO 4217.
    #[schema(example = "CNY")]
    currency: String,
    /// The verification of the buyer on which it was submitted.
    verification_session: Option<String>,
    /// By when it should be decided, while it is reviewed; missed, nothing is decided by itself.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<Timestamp>,
    /// From when on it is escalated.
    #[schema(value_type = Option<String>, format = DateTime)]
    escalate_at: Option<Timestamp>,
    /// When it is closed: unless the buyer goes on, while it is their turn; unless you complete it, once it is accepted.
    #[schema(value_type = Option<String>, format = DateTime)]
    close_at: Option<Timestamp>,
    /// What was handed in.
    files: Vec<FileView>,
    /// What reviewers made of it, the first first.
    decisions: Vec<DecisionView>,
    /// Where it stood since when, the first first.
    history: Vec<StoodView>,
    /// By which clock it lives, in test mode.
    test_clock: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    ended_at: Option<Timestamp>,
    /// When what the buyer wrote and showed was deleted.
    #[schema(value_type = Option<String>, format = DateTime)]
    forgotten_at: Option<Timestamp>,
}

impl From<AfterSales> for AfterSalesView {
    fn from(request: AfterSales) -> Self {
        let decided = |d: &shiren_core::aftersales::Decided| DecisionView {
            verdict: d.verdict.name(),
            ground: d.ground.name(),
            message: d.message,
            at: d.at,
        };
        Self {
            id: request.id.to_string(),
            object: "aftersales",
            mode: request.mode.name(),
            state: request.state.name(),
            kind: request.kind.name(),
            amount_cents: request.amount_cents,
            verification_session: request.verification.as_ref().map(ToString::to_string),
            due_at: request.review.as_ref().map(|r| r.due_at),
            escalate_at: request.review.as_ref().map(|r| r.escalate_at),
            close_at: request.close_at,
            files: request.attachments.iter().filter_map(FileView::of).collect(),
            decisions: request.decisions.iter().map(decided).collect(),
            history: request.history.iter().map(|s| StoodView { state: s.state.name(), at: s.at }).collect(),
            created_at: request.created_at,
            ended_at: request.ended_at,
            forgotten_at: request.forgotten_at,
            test_clock: request.clock.map(|c| c.to_string()),
            buyer: request.buyer.id,
            order: request.order,
            currency: request.currency,
        }
    }
}

/// A request as it is kept now.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct KeptView {
    #[serde(flatten)]
    request: AfterSalesView,
    /// Counts up with every change: send it with a decision, so that one on an older state is refused.
    #[schema(example = 3)]
    version: i64,
}

impl From<Stored<AfterSales>> for KeptView {
    fn from(Stored { value, version }: Stored<AfterSales>) -> Self {
        Self { request: value.into(), version }
    }
}

/// A request with a fresh link for its buyer.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LinkedView {
    #[serde(flatten)]
    request: AfterSalesView,
    /// Where the buyer writes, shows and follows; opens once, within an hour. Shown this once.
    #[schema(example = "https://verify.example/a/5f1c")]
    url: String,
}

/// A request that was handed in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SubmittedView {
    #[serde(flatten)]
    request: AfterSalesView,
    /// The program by which the buyer must be verified first: create a session of it for the same buyer, and the request
    /// is submitted as soon as it is verified. None when it is submitted.
    #[schema(example = "buyer")]
    verify_by: Option<String>,
}

impl From<Submitted> for SubmittedView {
    fn from(Submitted { request, verify_by }: Submitted) -> Self {
        Self { request: request.into(), verify_by }
    }
}

/// What was written of a request. Personal.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct WordsView {
    /// Always `aftersales_words`.
    object: &'static str,
    /// What the buyer wrote at first, and each answer.
    texts: Vec<String>,
    /// The message of each decision; empty where there is none.
    messages: Vec<String>,
}

/// A new request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequest {
    /// Your own id of the buyer.
    #[schema(example = "buyer-7", min_length = 1, max_length = 128)]
    buyer: String,
    /// Your own id of the order.
    #[schema(example = "order-4711", min_length = 1, max_length = 128)]
    order: String,
    /// `return` 退货, `exchange` 换货, `repair` 维修, `refund` 仅退款, `complaint` 投诉.
    #[schema(value_type = String, example = "return")]
    kind: Kind,
    /// How much money it is about, in integer cents.
    #[schema(example = 25_900, minimum = 0, maximum = 1_000_000_000_000_i64)]
    amount_cents: i64,
    /// ISO 4217; CNY without it.
    #[serde(default)]
    #[schema(example = "CNY", pattern = "^[A-Z]{3}$")]
    currency: Option<String>,
    /// What the buyer wrote on your own page, if they did; they can change it until they hand it in.
    #[serde(default)]
    #[schema(example = "The box arrived open.", min_length = 1, max_length = 2000)]
    text: Option<String>,
    /// By which clock it lives; test mode only. Without it, that of the buyer's last session.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "clk_01aryz6s410000000000000000")]
    test_clock: Option<shiren_core::id::ClockId>,
}

/// Which requests to list.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct WhichRequests {
    /// Only where they stand so.
    state: Option<String>,
    /// Only of this buyer.
    #[serde(default, deserialize_with = "super::page::own_id")]
    #[param(min_length = 1, max_length = 128)]
    buyer: Option<String>,
    /// Those that are to be reviewed, the soonest deadline first.
    to_review: Option<bool>,
    /// At most so many, 1 to 100.
    #[serde(default, deserialize_with = "super::page::limit")]
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// Only behind this one.
    #[serde(default, deserialize_with = "super::page::cursor")]
    after: Option<String>,
}

/// Why something personal is read.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Why {
    /// Goes into the log with your key's name: 3 to 200 characters.
    #[param(min_length = 3, max_length = 200, example = "to settle the dispute")]
    purpose: String,
}

/// A decision on a request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecideRequest {
    /// `accept`, `reject` or `more_needed`.
    #[schema(value_type = String, example = "reject")]
    verdict: Verdict,
    /// On which ground: `shown`, `not_shown`, `unclear`, `other_goods`, `too_late`, `not_covered`, `other`.
    #[schema(value_type = String, example = "not_shown")]
    ground: Ground,
    /// What the buyer is told besides; needed unless it is accepted.
    #[serde(default)]
    #[schema(
        example = "The pictures do not show the damage; a close one would.",
        min_length = 1,
        max_length = 2000
    )]
    message: Option<String>,
    /// The version that was looked at: refused when it changed meanwhile.
    #[serde(default)]
    #[schema(example = 3)]
    version: Option<i64>,
}

fn id_of(text: &str) -> Result<AfterSalesId, Problem> {
    text.parse().map_err(|_| Problem::from(shiren_app::Error::NotFound("after-sales request")))
}

/// Create an after-sales request
///
/// A draft, and the link that brings its buyer to the page where they write, show and hand it in.
#[utoipa::path(
    post, path = "/v1/aftersales", tag = "aftersales", security(("key" = [])), request_body = NewRequest,
    responses(
        (status = 201, description = "Created.", body = LinkedView),
    )
)]
pub(super) async fn create(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Json(new): Json<NewRequest>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let NewRequest { buyer, order, kind, amount_cents, currency, text, test_clock: clock } = new;
    let (mode, currency) = (caller.0.mode, currency.unwrap_or_else(|| "CNY".to_owned()));
    let command = CreateAfterSales { mode, buyer, order, kind, amount_cents, currency, text, clock };
    let linked = |created: CreatedAfterSales| link_view(&state, created.request, &created.link_secret);
    repeatable.run(&state, &caller, StatusCode::CREATED, command, linked).await
}

fn link_view(state: &State, request: AfterSales, secret: &str) -> LinkedView {
    LinkedView { request: request.into(), url: format!("{}/a/{secret}", state.site.public_url) }
}

/// List after-sales requests
///
/// Newest first; those to be reviewed, the soonest deadline first.
#[utoipa::path(
    get, path = "/v1/aftersales", tag = "aftersales", security(("key" = [])), params(WhichRequests),
    responses(
        (status = 200, description = "A page of requests.", body = List<AfterSalesView>),
    )
)]
pub(super) async fn list(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(which): Query<WhichRequests>,
) -> Result<Json<List<AfterSalesView>>, Problem> {
    caller.may(Scope::AftersalesRead)?;
    let stands = which.state.map(|name| {
        Stands::named(&name).ok_or_else(|| unprocessable("state", "this is no state of a request"))
    });
    let after =
        which.after.map(|id| id.parse().map_err(|_| unprocessable("after", "this is no request's id")));
    let window = Window::of(which.limit);
    let query = AfterSalesQuery {
        mode: Some(caller.0.mode),
        state: stands.transpose()?,
        buyer: which.buyer,
        to_review: which.to_review.unwrap_or_default(),
        after: after.transpose()?,
        limit: window.ask(),
    };
    Ok(Json(window.page(state.app.aftersales_list(&query).await?, AfterSalesView::from)))
}

/// Retrieve an after-sales request
#[utoipa::path(
    get, path = "/v1/aftersales/{id}", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "The request.", body = KeptView),
    )
)]
pub(super) async fn retrieve(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<KeptView>, Problem> {
    caller.may(Scope::AftersalesRead)?;
    Ok(Json(state.app.aftersales(caller.0.mode, &id_of(&id)?).await?.into()))
}

/// Make another link for the buyer
///
/// The first one was lost, or is used.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/link", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 201, description = "Made.", body = LinkedView),
    )
)]
pub(super) async fn link(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let command = NewAfterSalesLink { mode: caller.0.mode, id: id_of(&id)? };
    let linked = |(request, secret): (AfterSales, String)| link_view(&state, request, &secret);
    repeatable.run(&state, &caller, StatusCode::CREATED, command, linked).await
}

/// Hand an after-sales request in
///
/// For a buyer who did everything. Without a verification of the buyer that counts it waits for one.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/submit", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Handed in.", body = SubmittedView),
    )
)]
pub(super) async fn submit(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let command = SubmitAfterSales { mode: Some(caller.0.mode), id: id_of(&id)? };
    repeatable.run(&state, &caller, StatusCode::OK, command, SubmittedView::from).await
}

/// Withdraw an after-sales request
///
/// For a buyer who does not want it any more.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/withdraw", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Withdrawn.", body = AfterSalesView),
    )
)]
pub(super) async fn withdraw(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let command = WithdrawAfterSales { mode: Some(caller.0.mode), id: id_of(&id)? };
    repeatable.run(&state, &caller, StatusCode::OK, command, AfterSalesView::from).await
}

/// Take an after-sales request to review
///
/// For half an hour nobody else decides it.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/take", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Taken.", body = AfterSalesView),
    )
)]
pub(super) async fn take(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let by = Reviewer::Key(caller.0.name.clone());
    let command = TakeAfterSales { mode: Some(caller.0.mode), id: id_of(&id)?, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, AfterSalesView::from).await
}

/// Decide an after-sales request
///
/// One that waits is taken with it; one that another reviewer took is refused.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/decide", tag = "aftersales", security(("key" = [])),
    request_body = DecideRequest,
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Decided.", body = AfterSalesView),
    )
)]
pub(super) async fn decide(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
    Json(decide): Json<DecideRequest>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let DecideRequest { verdict, ground, message, version } = decide;
    let (mode, by) = (Some(caller.0.mode), Reviewer::Key(caller.0.name.clone()));
    let command = DecideAfterSales { mode, id: id_of(&id)?, verdict, ground, message, version, by };
    repeatable.run(&state, &caller, StatusCode::OK, command, AfterSalesView::from).await
}

/// Tell that what was accepted is carried out
///
/// The money is back, or the goods are on their way: the request is completed.
#[utoipa::path(
    post, path = "/v1/aftersales/{id}/complete", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000")),
    responses(
        (status = 200, description = "Completed.", body = AfterSalesView),
    )
)]
pub(super) async fn complete(
    Shared(state): Shared<State>,
    caller: Caller,
    repeatable: Repeatable,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesWrite)?;
    let command = CompleteAfterSales { mode: caller.0.mode, id: id_of(&id)? };
    repeatable.run(&state, &caller, StatusCode::OK, command, AfterSalesView::from).await
}

/// Read what was written of an after-sales request
///
/// Personal: who read it and why goes into the log.
#[utoipa::path(
    get, path = "/v1/aftersales/{id}/words", tag = "aftersales", security(("key" = [])),
    params(("id" = String, Path, example = "as_01aryz6s410000000000000000"), Why),
    responses(
        (status = 200, description = "What was written.", body = WordsView),
    )
)]
pub(super) async fn words(
    Shared(state): Shared<State>,
    caller: Caller,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Json<WordsView>, Problem> {
    caller.may(Scope::AftersalesRead)?;
    let (mode, actor) = (Some(caller.0.mode), format!("key:{}", caller.0.name));
    let file = state.app.open_aftersales(mode, &id_of(&id)?, &actor, &why.purpose).await?;
    let (texts, messages) = (file.written.texts, file.written.messages);
    Ok(Json(WordsView { object: "aftersales_words", texts, messages }))
}

/// Read a photograph or video of an after-sales request
///
/// Personal: who read it and why goes into the log. Photographs come without metadata, videos as the buyer sent them.
#[utoipa::path(
    get, path = "/v1/aftersales/{id}/files/{file}", tag = "aftersales", security(("key" = [])),
    params(
        ("id" = String, Path, example = "as_01aryz6s410000000000000000"),
        ("file" = String, Path, example = "att_01aryz6s410000000000000000"),
        Why,
    ),
    responses(
        (status = 200, description = "The file.", content(
            (String = "image/jpeg"), (String = "image/png"), (String = "image/webp"),
            (String = "video/mp4"), (String = "video/quicktime"), (String = "video/webm"),
        )),
    )
)]
pub(super) async fn file(
    Shared(state): Shared<State>,
    caller: Caller,
    Path((id, file)): Path<(String, String)>,
    Query(why): Query<Why>,
) -> Result<Response, Problem> {
    caller.may(Scope::AftersalesRead)?;
    let file: AttachmentId = file.parse().map_err(|_| Problem::from(shiren_app::Error::NotFound("file")))?;
    let (mode, actor) = (Some(caller.0.mode), format!("key:{}", caller.0.name));
    Ok(stream(state.app.open_aftersales_file(mode, &id_of(&id)?, &file, &actor, &why.purpose).await?))
}
