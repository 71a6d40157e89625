//! Pictures in pieces, in the manner of tus 1.0 (<https://tus.io/protocols/resumable-upload>), for the page's script.
//!
//! | request | answer |
//! |---|---|
//! | `POST /verify/uploads/{step}` with `Upload-Length`, `Upload-Checksum: sha256 BASE64` of the whole, `X-Taken-By` | 201, `Location` |
//! | `HEAD /verify/upload/{id}` | 200, `Upload-Offset`, `Upload-Length` |
//! | `PATCH /verify/upload/{id}` with `Upload-Offset` and `application/offset+octet-stream` | 204, `Upload-Offset`; with the last piece 200 and what came of the picture |
//!
//! Two things differ from tus: the checksum is of the whole and given beforehand, and the last piece is answered with
//! the picture's findings. A piece that did not come whole does not count. Every request but HEAD carries `X-Csrf`.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State as Shared};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use shiren_app::{Appended, Error, NewUpload, Upload, UploadRefusal};
use shiren_core::id::UploadId;

use super::pictures::{answer, of_this_page, refused, taken_by};
use super::visit::Person;
use crate::api::Problem;
use crate::state::State;
use crate::tus;

/// Begins an upload.
pub(super) async fn begin(
    Shared(state): Shared<State>,
    person: Person,
    Path(step): Path<String>,
    headers: HeaderMap,
) -> Response {
    if let Err(problem) = of_this_page(&state, &person, &headers) {
        return problem.into_response();
    }
    let (length, sha256) = match tus::whole(&headers) {
        Ok(whole) => whole,
        Err(refused) => return refused,
    };
    let new = NewUpload { step, length, sha256, taken_by: taken_by(&headers) };
    match state.app.begin_upload(&person.session().id, new).await {
        Ok(upload) => {
            let place = [(header::LOCATION, format!("/verify/upload/{}", upload.id))];
            (StatusCode::CREATED, place, stands(&upload)).into_response()
        }
        Err(error) => refused(&person, error).into_response(),
    }
}

/// How an upload stands.
pub(super) async fn standing(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<UploadId>,
) -> Response {
    match state.app.upload(&person.session().id, &id).await {
        Ok(upload) => stands(&upload).into_response(),
        Err(error) => refused(&person, error).into_response(),
    }
}

/// The next piece.
pub(super) async fn append(
    Shared(state): Shared<State>,
    person: Person,
    Path(id): Path<UploadId>,
    headers: HeaderMap,
    piece: Result<Bytes, BytesRejection>,
) -> Response {
    if let Err(problem) = of_this_page(&state, &person, &headers) {
        return problem.into_response();
    }
    let (offset, piece) = match tus::piece(&headers, piece) {
        Ok(piece) => piece,
        Err(refused) => return refused,
    };
    match state.app.append_upload(&person.session().id, &id, offset, &piece).await {
        Ok(Appended::Part(upload)) => (StatusCode::NO_CONTENT, stands(&upload)).into_response(),
        Ok(Appended::Whole(upload, taken)) => {
            (stands(&upload), axum::Json(answer(&person, &taken))).into_response()
        }
        Err(Error::Upload(UploadRefusal::Offset(here))) => {
            let at = [(tus::OFFSET, HeaderValue::from(here))];
            (at, Problem::from(UploadRefusal::Offset(here))).into_response()
        }
        Err(error) => refused(&person, error).into_response(),
    }
}

fn stands(upload: &Upload) -> [(HeaderName, HeaderValue); 2] {
    tus::stands(upload.offset, upload.length)
}
