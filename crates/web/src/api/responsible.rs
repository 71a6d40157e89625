//! The responsible person, as shops and sub-accounts show them alike.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{KnownPerson, LookUp};
use shiren_core::account::Account;
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::Json;
use super::sessions::AccountView;
use crate::state::State;

/// What is asked for.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct AskedFor {
    /// At which moment; now without it.
    #[serde(default)]
    #[param(value_type = Option<String>, format = DateTime, example = "2026-01-01T00:00:00Z")]
    at: Option<Timestamp>,
    /// Why you need to know, for the log.
    #[param(min_length = 4, max_length = 200, example = "dispute 4711")]
    purpose: String,
}

/// Who was responsible at a moment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ResponsibleView {
    /// Always `responsible`.
    object: &'static str,
    account: AccountView,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Nobody was, when `null`.
    person: Option<PersonView>,
}

/// A person as their verification knows them; values are masked.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PersonView {
    /// The verification that bound them.
    verification_session: String,
    /// Since when they are bound.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// Until when they were.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Captured on an administrator's phone.
    assisted: bool,
    /// When the person whose identity it is took it back from this account: whoever passed with it may have been somebody
    /// else.
    #[schema(value_type = Option<String>, format = DateTime)]
    identity_reclaimed_at: Option<Timestamp>,
    /// The first character of the name; `null` once it was deleted.
    name: Option<String>,
    /// Beginning and end of the document's number.
    number: Option<String>,
    /// What the decision rests on.
    #[schema(value_type = Option<Object>)]
    assurance: Option<serde_json::Value>,
}

impl From<KnownPerson> for PersonView {
    fn from(person: KnownPerson) -> Self {
        Self {
            verification_session: person.session.to_string(),
            from: person.from,
            until: person.until,
            assisted: person.assisted,
            identity_reclaimed_at: person.reclaimed_at,
            name: person.name,
            number: person.number,
            assurance: person.assurance,
        }
    }
}

pub(super) async fn look(
    state: &State,
    caller: &Caller,
    account: Account,
    asked: AskedFor,
) -> Result<Json<ResponsibleView>, Problem> {
    caller.may(Scope::PeopleRead)?;
    let view = AccountView::from(&account);
    let by = format!("key:{}", caller.0.name);
    let AskedFor { at, purpose } = asked;
    let found = state.app.responsible(LookUp { mode: caller.0.mode, account, at, purpose, by }).await?;
    Ok(Json(ResponsibleView {
        object: "responsible",
        account: view,
        at: found.at,
        person: found.person.map(PersonView::from),
    }))
}
