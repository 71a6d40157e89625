//! The list of sub-accounts, and what the owner does with one.

use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use shiren_app::port::StaffQuery;
use shiren_app::{Error, StaffAct, StaffFile};
use shiren_core::account::staff::{Demand, Left, Refusal, Role, Standing};

use super::visit::{Manager, page, query};
use crate::api::Problem as ApiProblem;
use crate::browser::to;
use crate::form::Sent;
use crate::page::{Manage, ManageFilter, ManageNotice, ManageRow, Shell, word};
use crate::person::moment;
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    status: String,
    #[serde(default)]
    page: String,
    #[serde(default)]
    done: String,
}

/// The list.
pub(super) async fn show(
    Shared(state): Shared<State>,
    manager: Manager,
    Query(filter): Query<Filter>,
) -> Response {
    let chosen = ManageFilter::named(&filter.status);
    let notice = ManageNotice::ALL.into_iter().find(|n| n.name() == filter.done);
    listed(&state, &manager, chosen, Some(filter.page).filter(|p| !p.is_empty()), notice).await
}

async fn listed(
    state: &State,
    manager: &Manager,
    chosen: ManageFilter,
    after: Option<String>,
    notice: Option<ManageNotice>,
) -> Response {
    let asked = StaffQuery {
        mode: manager.visit.mode,
        shop: manager.visit.shop.clone(),
        standing: chosen.standing().map(str::to_owned),
        reviewed: chosen.reviewed(),
        bound: chosen.bound(),
        after,
        limit: ROWS + 1,
    };
    let mut found = match state.app.staff_of(&asked).await {
        Ok(found) => found,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let counts = match state.app.staff_counts(asked.mode, &asked.shop).await {
        Ok(counts) => counts,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = found.len() > ROWS as usize;
    found.truncate(ROWS as usize);
    let last = found.last().filter(|_| more);
    let next = last.map(|l| format!("/manage?status={}&{}", chosen.name(), query("page", &l.staff.id)));
    let frame = manager.frame(state);
    let exempt = found.first().is_some_and(|f| f.staff.is_exempt(manager.app.staff_rules(), f.now));
    let rows = found.iter().map(|file| row(state, &frame.shell, file)).collect();
    let status =
        if notice.is_some_and(ManageNotice::is_refusal) { StatusCode::CONFLICT } else { StatusCode::OK };
    page(state, status, &Manage { frame, chosen, counts, rows, next, notice, exempt })
}

/// A sub-account as the list shows it.
pub(crate) fn row(state: &State, shell: &Shell, file: &StaffFile) -> ManageRow {
    let staff = &file.staff;
    let at = |key, when: Timestamp| shell.t(key).with("time", moment(when, state, shell)).to_string();
    let again = staff.demand() == Some(Demand::Recheck);
    let either = |first, recheck| if again { recheck } else { first };
    let freezes = |left| match left {
        Left::Until(end) => {
            Some(at(either(word("manage.freezes_at"), word("manage.recheck_freezes_at")), end))
        }
        Left::Millis(_) => None,
    };
    let (key, class, when) = match &staff.standing {
        _ if staff.review.is_some() => (
            either(word("manage.in_review"), word("manage.recheck_in_review")),
            "note",
            Some(shell.t(word("manage.stands_still")).into()),
        ),
        Standing::Unasked => (word("manage.unasked"), "note", None),
        Standing::Asked(countdown) => {
            (either(word("manage.asked"), word("manage.recheck")), "warn", freezes(countdown.left))
        }
        Standing::Lifted(countdown) => {
            (either(word("manage.lifted"), word("manage.recheck_lifted")), "warn", freezes(countdown.left))
        }
        Standing::Frozen { since } => {
            let key = either(word("manage.frozen"), word("manage.recheck_frozen"));
            (key, "fail", Some(at(word("manage.since"), *since)))
        }
        Standing::Verified { since } => {
            let since = at(word("manage.since"), *since);
            let next = staff.next_check.map(|due| at(word("manage.recheck_due"), due));
            (
                word("manage.verified"),
                "ok",
                Some([Some(since), next].into_iter().flatten().collect::<Vec<_>>().join(" · ")),
            )
        }
        Standing::Waiting(window) => {
            (word("manage.waiting"), "note", Some(at(word("manage.opens_at"), window.opens_at)))
        }
        Standing::Open(window) => {
            (word("manage.open"), "note", Some(at(word("manage.closes_at"), window.closes_at)))
        }
        Standing::Disabled { since, .. } => {
            (word("manage.disabled"), "note", Some(at(word("manage.since"), *since)))
        }
    };
    ManageRow {
        id: staff.id.clone(),
        code: format!("/manage/code?{}", query("staff", &staff.id)),
        name: staff.name.clone(),
        role: shell.t(role_key(staff.role)).into(),
        status: shell.t(key).into(),
        class,
        when,
        can_verify: staff.may_verify().is_ok(),
        again,
        can_unbind: staff.bound().is_some(),
        can_lift: matches!(staff.standing, Standing::Frozen { .. }),
        temporary: matches!(staff.standing, Standing::Waiting(_) | Standing::Open(_)),
    }
}

const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Manager => word("manage.role_manager"),
        Role::CustomerService => word("manage.role_customer_service"),
        Role::Operations => word("manage.role_operations"),
        Role::Finance => word("manage.role_finance"),
        Role::Warehouse => word("manage.role_warehouse"),
        Role::Other => word("manage.role_other"),
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Which {
    #[serde(default)]
    staff: String,
}

/// The user of a sub-account is unbound (rows E3, E11).
pub(super) async fn unbind(
    Shared(state): Shared<State>,
    Sent(manager, which): Sent<Manager, Which>,
) -> Response {
    let done = state.app.manage(&manager.visit, &which.staff, |by| StaffAct::Unbind { by }).await;
    answered(&state, &manager, done, ManageNotice::Unbound).await
}

/// A freeze is lifted for a while (row E14).
pub(super) async fn lift(
    Shared(state): Shared<State>,
    Sent(manager, which): Sent<Manager, Which>,
) -> Response {
    let done = state.app.manage(&manager.visit, &which.staff, |by| StaffAct::Lift { by }).await;
    answered(&state, &manager, done, ManageNotice::Lifted).await
}

async fn answered(
    state: &State,
    manager: &Manager,
    done: Result<StaffFile, Error>,
    notice: ManageNotice,
) -> Response {
    let refused = match done {
        Ok(_) => return to(&format!("/manage?done={}", notice.name())),
        Err(Error::Staff(Refusal::NoLiftsLeft(_))) => ManageNotice::NoLiftsLeft,
        Err(Error::Staff(_) | Error::NotFound(_) | Error::Conflict) => ManageNotice::Changed,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    listed(state, manager, ManageFilter::All, None, Some(refused)).await
}
