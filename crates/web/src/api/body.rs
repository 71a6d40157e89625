//! JSON bodies and queries, with problems instead of axum's plain texts.

use std::fmt;
use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use shiren_app::Error;

use super::Problem;
use crate::state::State;

/// A JSON body; unknown fields are refused by the types themselves.
pub(super) struct Json<T>(pub(super) T);

/// Most answers fit into so many bytes; axum's own begins with 128 and grows step by step.
const ANSWER: usize = 1024;

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(ANSWER);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            Err(e) => Problem::from(Error::Internal(e.to_string())).into_response(),
        }
    }
}

impl<T: DeserializeOwned> FromRequest<State> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &State) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let title = "the body must be sent as `Content-Type: application/json`";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", title));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| unread(&rejection))?;
        read(&body).map(Self)
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let mut given = serde_json::Deserializer::from_slice(body);
    let found = serde_path_to_error::deserialize(&mut given).map_err(|error| {
        // Where a name of a list must stand and something else does, the reader takes that for bad syntax.
        let syntax = error.inner().is_syntax() || error.inner().is_eof();
        match syntax && serde_json::from_slice::<IgnoredAny>(body).is_err() {
            true => not_json(error.inner()),
            false => misfit(&error),
        }
    });
    let Object(value) = found?;
    given.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

fn not_json(error: &serde_json::Error) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "json_syntax", format!("the body is no JSON: {error}"))
}

/// What does not fit, with its field, `account.id` say; for one that is missing or unknown with its own name, which
/// serde only tells in words.
fn misfit(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = error.inner().to_string();
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", text.clone());
    let named = ["missing field `", "unknown field `"].iter().find_map(|told| {
        let name = text.split_once(told)?.1.split('`').next()?;
        Some(name.to_owned())
    });
    let path = Some(error.path().to_string()).filter(|path| path != "." && path != "?");
    match (path, named) {
        (Some(path), Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => {
            problem.field(format!("{path}.{name}"))
        }
        (Some(path), _) => problem.field(path),
        (None, Some(name)) => problem.field(name),
        (None, None) => problem,
    }
}

/// What is read from an object alone. The types that serde derives would also take an array of their fields in order,
/// which no description says.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = T;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, fields: A) -> Result<T, A::Error> {
                T::deserialize(MapAccessDeserializer::new(fields))
            }
        }

        given.deserialize_map(Fields(PhantomData)).map(Self)
    }
}

/// An object within another one.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(given: D) -> Result<T, D::Error> {
    Object::deserialize(given).map(|Object(value)| value)
}

/// A body that could not be read to its end.
pub(super) fn unread(rejection: &BytesRejection) -> Problem {
    let too_large = rejection.status() == StatusCode::PAYLOAD_TOO_LARGE;
    Problem::new(rejection.status(), if too_large { "too_large" } else { "body" }, rejection.body_text())
}

/// A field that is not as it must be.
pub(super) fn unprocessable(field: &str, problem: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", problem).field(field)
}

/// A query string.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequestParts<State> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        let refused =
            |r: QueryRejection| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", r.body_text());
        query.map(|q| Self(q.0)).map_err(refused)
    }
}

/// An id in the path; what is none does not exist.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send> FromRequestParts<State> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        let refused =
            |_: PathRejection| Problem::new(StatusCode::NOT_FOUND, "not_found", "there is no such thing");
        path.map(|p| Self(p.0)).map_err(refused)
    }
}
