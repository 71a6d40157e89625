//! Who calls.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use shiren_app::record::{ApiKey, Scope};
use shiren_core::account::actor::Actor;

use super::Problem;
use crate::limit::Client;
use crate::state::State;

/// The key of a request.
pub(super) struct Caller(pub(super) Arc<ApiKey>);

impl Caller {
    /// As whom it makes changes.
    pub(super) fn actor(&self) -> Actor {
        Actor::Key(self.0.name.clone())
    }

    /// Whether it may do this.
    pub(super) fn may(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.scopes.contains(&scope) {
            return Ok(());
        }
        let name = scope.name();
        Err(Problem::new(StatusCode::FORBIDDEN, "scope_missing", format!("the key lacks the scope {name}")))
    }
}

impl FromRequestParts<State> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Problem> {
        let secret = parts.headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok());
        let secret = secret.and_then(|v| v.strip_prefix("Bearer ")).unwrap_or_default();
        match state.app.authenticate(secret.trim()).await {
            Ok(key) => {
                state.limits.key(&key)?;
                Ok(Self(key))
            }
            Err(refused) => {
                state.limits.address(Client::of(&parts.headers, &parts.extensions, &state.site))?;
                Err(refused.into())
            }
        }
    }
}
