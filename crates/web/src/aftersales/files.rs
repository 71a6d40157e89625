//! Photographs and videos of a request, in the manner of tus 1.0, as `person::uploads` has it for pictures.
//!
//! | request | answer |
//! |---|---|
//! | `POST /aftersales/uploads` with `Upload-Kind: photo\|video`, `Upload-Length`, `Upload-Checksum: sha256 BASE64` of the whole | 201, `Location` |
//! | `HEAD /aftersales/upload/{id}` | 200, `Upload-Offset`, `Upload-Length` |
//! | `PATCH /aftersales/upload/{id}` with `Upload-Offset` and `application/offset+octet-stream` | 204, `Upload-Offset`; 200 with the last piece |
//!
//! Every request but HEAD carries `X-Csrf`. Without scripts a form sends a file whole.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Multipart, Path, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};
use shiren_app::{AppendedFile, Error, NewFile};
use shiren_core::aftersales::attachment::{AttachmentKind, LARGEST_PIECE};
use shiren_core::aftersales::video::VideoType;
use shiren_core::id::AttachmentId;

use super::stand::{shown, told};
use super::stream;
use super::visit::Buyer;
use crate::api::Problem;
use crate::browser::to;
use crate::form::{Button, Sent};
use crate::page::FailureKind;
use crate::state::State;
use crate::tus;

const KIND: &str = "upload-kind";

/// Begins an upload.
pub(super) async fn begin(Shared(state): Shared<State>, buyer: Buyer, headers: HeaderMap) -> Response {
    if let Err(problem) = of_this_page(&state, &buyer, &headers) {
        return problem.into_response();
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    let Some(kind) = text(KIND).and_then(AttachmentKind::named) else {
        return tus::lacks("Upload-Kind", "photo or video");
    };
    let (length, sha256) = match tus::whole(&headers) {
        Ok(whole) => whole,
        Err(refused) => return refused,
    };
    match state.app.begin_file(&buyer.visitor.request.id, NewFile { kind, length, sha256 }).await {
        Ok(id) => {
            let place = [(header::LOCATION, format!("/aftersales/upload/{id}"))];
            (StatusCode::CREATED, place).into_response()
        }
        Err(error) => refused(&state, &buyer, error).into_response(),
    }
}

/// How an upload stands.
pub(super) async fn standing(
    Shared(state): Shared<State>,
    buyer: Buyer,
    Path(id): Path<AttachmentId>,
) -> Response {
    match state.app.file(&buyer.visitor.request.id, &id).await {
        Ok(file) => stands(&file).into_response(),
        Err(error) => refused(&state, &buyer, error).into_response(),
    }
}

/// The next piece.
pub(super) async fn append(
    Shared(state): Shared<State>,
    buyer: Buyer,
    Path(id): Path<AttachmentId>,
    headers: HeaderMap,
    piece: Result<Bytes, BytesRejection>,
) -> Response {
    if let Err(problem) = of_this_page(&state, &buyer, &headers) {
        return problem.into_response();
    }
    let (offset, piece) = match tus::piece(&headers, piece) {
        Ok(piece) => piece,
        Err(refused) => return refused,
    };
    match state.app.append_file(&buyer.visitor.request.id, &id, offset, &piece).await {
        Ok(file) => {
            let status = if file.counted.is_some() { StatusCode::OK } else { StatusCode::NO_CONTENT };
            (status, stands(&file)).into_response()
        }
        Err(error) => refused(&state, &buyer, error).into_response(),
    }
}

/// A file as a form without scripts sends it, whole.
pub(super) async fn send(Shared(state): Shared<State>, buyer: Buyer, mut form: Multipart) -> Response {
    let (mut csrf, mut files) = (String::new(), Vec::new());
    while let Ok(Some(field)) = form.next_field().await {
        match field.name() {
            Some("csrf") => csrf = field.text().await.unwrap_or_default(),
            Some("file") => files.extend(field.bytes().await.ok().filter(|bytes| !bytes.is_empty())),
            _ => {}
        }
    }
    if csrf != buyer.csrf {
        return buyer.failure(&state, FailureKind::FormTooOld);
    }
    for bytes in files {
        if let Err(error) = take(&state, &buyer, &bytes).await {
            return match told(&error, &buyer.shell(&state)) {
                Some(sentence) => shown(&state, &buyer, None, Some(sentence)),
                None => buyer.failed(&state, &error),
            };
        }
    }
    to("/aftersales")
}

async fn take(state: &State, buyer: &Buyer, bytes: &[u8]) -> Result<(), Error> {
    let id = &buyer.visitor.request.id;
    let video = VideoType::of(bytes).is_some();
    let kind = if video { AttachmentKind::Video } else { AttachmentKind::Photo };
    let new = NewFile { kind, length: bytes.len() as u64, sha256: Sha256::digest(bytes).into() };
    let file = state.app.begin_file(id, new).await?;
    let mut offset = 0;
    for piece in bytes.chunks(usize::try_from(LARGEST_PIECE).unwrap_or(usize::MAX)) {
        offset = state.app.append_file(id, &file, offset, piece).await?.offset;
    }
    Ok(())
}

/// The file itself: the buyer's own, and nobody else's.
pub(super) async fn show(
    Shared(state): Shared<State>,
    buyer: Buyer,
    Path(id): Path<AttachmentId>,
) -> Response {
    match state.app.open_own_file(&buyer.visitor.request.id, &id).await {
        Ok(reader) => stream(reader),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// Takes a file away.
pub(super) async fn remove(
    Shared(state): Shared<State>,
    Path(id): Path<AttachmentId>,
    Sent(buyer, Button {}): Sent<Buyer, Button>,
) -> Response {
    match state.app.remove_file(&buyer.visitor.request.id, &id).await {
        Ok(_) | Err(Error::NotFound(_)) => to("/aftersales"),
        Err(error) => match told(&error, &buyer.shell(&state)) {
            Some(sentence) => shown(&state, &buyer, None, Some(sentence)),
            None => to("/aftersales"),
        },
    }
}

/// Whether a script of our own page asks.
fn of_this_page(state: &State, buyer: &Buyer, headers: &HeaderMap) -> Result<(), Problem> {
    if headers.get("x-csrf").and_then(|v| v.to_str().ok()) == Some(buyer.csrf.as_str()) {
        return Ok(());
    }
    let title = buyer.shell(state).t("failure.form").to_string();
    Err(Problem::new(StatusCode::FORBIDDEN, "form_expired", title))
}

/// The problem in the buyer's language, where it is one that they can mend.
fn refused(state: &State, buyer: &Buyer, error: Error) -> Problem {
    let sentence = told(&error, &buyer.shell(state));
    let mut problem = Problem::from(error);
    if let Some(sentence) = sentence {
        (problem.title, problem.fix) = (sentence, None);
    }
    problem
}

fn stands(file: &AppendedFile) -> [(HeaderName, HeaderValue); 2] {
    tus::stands(file.offset, file.length)
}
