//! What uploads in pieces have in common, in the manner of tus 1.0 (<https://tus.io/protocols/resumable-upload>): what a
//! request must say, and what is answered.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use shiren_app::UploadRefusal;

use crate::api::Problem;

pub(crate) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(crate) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const CHECKSUM: &str = "upload-checksum";
/// What tus calls a piece.
const PIECE: &str = "application/offset+octet-stream";

/// How an upload stands, in headers.
pub(crate) fn stands(offset: u64, length: u64) -> [(HeaderName, HeaderValue); 2] {
    [(OFFSET, HeaderValue::from(offset)), (LENGTH, HeaderValue::from(length))]
}

/// Length and SHA-256 of the whole, which begin an upload; what is missing otherwise.
pub(crate) fn whole(headers: &HeaderMap) -> Result<(u64, [u8; 32]), Response> {
    let length =
        number(headers, &LENGTH).ok_or_else(|| lacks("Upload-Length", "the file's bytes, as a number"))?;
    let told = || lacks("Upload-Checksum", "sha256, a space, and the file's SHA-256 in base64");
    Ok((length, checksum(headers).ok_or_else(told)?))
}

/// A piece and where it begins; what is wrong with it otherwise.
pub(crate) fn piece(
    headers: &HeaderMap,
    piece: Result<Bytes, BytesRejection>,
) -> Result<(u64, Bytes), Response> {
    if headers.get(header::CONTENT_TYPE).is_none_or(|of| of != PIECE) {
        let title = format!("a piece has the content type {PIECE}");
        return Err(refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "upload_content_type", title));
    }
    let Some(offset) = number(headers, &OFFSET) else {
        return Err(lacks("Upload-Offset", "where the piece begins, as a number"));
    };
    match piece {
        Ok(piece) => Ok((offset, piece)),
        Err(rejection) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let title = UploadRefusal::Piece.to_string();
            Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, "upload_piece", title))
        }
        Err(_) => {
            let title = "the piece did not come whole".to_owned();
            Err(refusal(StatusCode::BAD_REQUEST, "upload_broken_off", title))
        }
    }
}

/// What is said of a header that is missing or makes no sense.
pub(crate) fn lacks(name: &str, what: &str) -> Response {
    let title = format!("{name} is missing or no such thing: {what}");
    Problem::new(StatusCode::BAD_REQUEST, "invalid", title).field(name).into_response()
}

fn refusal(status: StatusCode, code: &'static str, title: String) -> Response {
    Problem::new(status, code, title).into_response()
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn checksum(headers: &HeaderMap) -> Option<[u8; 32]> {
    let encoded = headers.get(CHECKSUM)?.to_str().ok()?.strip_prefix("sha256 ")?;
    BASE64_STANDARD.decode(encoded).ok()?.try_into().ok()
}
