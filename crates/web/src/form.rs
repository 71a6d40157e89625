//! Forms: read only when they come from a page that this very browser was shown.

use axum::extract::{Form, FromRequest, FromRequestParts, Request};
use axum::response::Response;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::state::State;

/// Somebody whose pages carry forms.
pub(crate) trait Shown: FromRequestParts<State, Rejection = Response> + Send {
    /// What their forms send back; other sites cannot know it.
    fn csrf(&self) -> &str;

    /// What they get when a form is not one of theirs, or cannot be read.
    fn form_too_old(&self, state: &State) -> Response;
}

/// Who sent a form, and what stands in it.
pub(crate) struct Sent<Who, F>(pub(crate) Who, pub(crate) F);

/// A form of nothing but a button.
#[derive(Debug, Deserialize)]
pub(crate) struct Button {}

#[derive(Deserialize)]
struct Guarded<F> {
    #[serde(default)]
    csrf: String,
    #[serde(flatten)]
    form: F,
}

impl<Who: Shown, F: DeserializeOwned> FromRequest<State> for Sent<Who, F> {
    type Rejection = Response;

    async fn from_request(request: Request, state: &State) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let who = Who::from_request_parts(&mut parts, state).await?;
        match Form::<Guarded<F>>::from_request(Request::from_parts(parts, body), state).await {
            Ok(Form(sent)) if sent.csrf == who.csrf() => Ok(Self(who, sent.form)),
            _ => Err(who.form_too_old(state)),
        }
    }
}
