//! JSON bodies and queries, with problems instead of axum's plain texts.

use std::fmt;
use std::marker::PhantomData;

use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
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
        match axum::Json::<Object<T>>::from_request(request, state).await {
            Ok(axum::Json(Object(value))) => Ok(Self(value)),
            Err(rejection) => Err(refused(&rejection)),
        }
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

fn refused(rejection: &JsonRejection) -> Problem {
    let code = match rejection {
        JsonRejection::MissingJsonContentType(_) => "content_type",
        JsonRejection::JsonSyntaxError(_) => "json_syntax",
        JsonRejection::JsonDataError(_) => "invalid",
        JsonRejection::BytesRejection(rejection) => return unread(rejection),
        _ => "body",
    };
    Problem::new(rejection.status(), code, rejection.body_text())
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
