//! The list of shops, and how one is found.

use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Deserialize;
use shiren_app::ShopListed;
use shiren_app::port::ShopQuery;
use shiren_core::account::shop::ShopStatus;
use shiren_core::identity::credit_code::CreditCode;
use shiren_core::recheck::RecheckStatus;
use shiren_core::verification::program::Mode;

use super::cases::deadline;
use super::session::SignedIn;
use crate::api::Problem as ApiProblem;
use crate::browser::{page, segment, to};
use crate::page::{Choice, Shell, ShopRow, Shops, Signal, word};
use crate::state::State;

/// Rows of a page.
const ROWS: u32 = 50;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    mode: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    recheck: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    find: String,
    #[serde(default)]
    page: String,
}

/// The mode of this name; live without one.
pub(super) fn mode_named(name: &str) -> Mode {
    if name == Mode::Test.name() { Mode::Test } else { Mode::Live }
}

/// Where a shop is.
pub(super) fn shop_path(mode: Mode, id: &str) -> String {
    format!("/console/shops/{}?mode={}", segment(id), mode.name())
}

/// The list; what is looked for leads to its shop.
pub(super) async fn list(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(filter): Query<Filter>,
) -> Response {
    let mode = mode_named(&filter.mode);
    let find = filter.find.trim().to_owned();
    let mut query = ShopQuery {
        status: ShopStatus::ALL.into_iter().find(|s| s.name() == filter.status),
        rechecks: RecheckStatus::ALL.into_iter().find(|s| s.name() == filter.recheck),
        company: match filter.kind.as_str() {
            "company" => Some(true),
            "individual" => Some(false),
            _ => None,
        },
        after: Some(filter.page.clone()).filter(|page| !page.is_empty()),
        ..ShopQuery::of(mode, ROWS + 1)
    };
    let mut unknown = false;
    if !find.is_empty() {
        if let Some(path) = found(&state, mode, &find).await {
            return to(&path);
        }
        query.credit_code = CreditCode::parse(&find).ok().map(|code| code.as_str().to_owned());
        unknown = query.credit_code.is_none();
    }
    let mut listed = match state.app.shops_listed(&query).await {
        Ok(listed) => listed,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let more = listed.len() > ROWS as usize;
    listed.truncate(ROWS as usize);
    let next = listed.last().filter(|_| more).map(|last| filter.behind(mode, &last.shop.id));
    let frame = reviewer.frame(&state);
    let shell = &frame.shell;
    let rows = listed.iter().map(|one| row(&state, shell, one)).collect();
    let any =
        || Choice { value: String::new(), label: shell.t(word("cases.mode_any")).into(), chosen: false };
    let choice = |value: &str, key, chosen: &str| Choice {
        value: value.to_owned(),
        label: shell.t(key).into(),
        chosen: value == chosen,
    };
    let all = |of: Vec<Choice>| [any()].into_iter().chain(of).collect();
    let statuses = ShopStatus::ALL.map(|s| choice(s.name(), status_key(s), &filter.status));
    let rechecks = RecheckStatus::ALL.map(|s| choice(s.name(), recheck_key(s), &filter.recheck));
    let kinds = [("company", word("shops.of_company")), ("individual", word("shops.individual"))];
    let kinds = kinds.map(|(value, key)| choice(value, key, &filter.kind));
    let (statuses, rechecks, kinds) = (all(statuses.into()), all(rechecks.into()), all(kinds.into()));
    page(StatusCode::OK, &Shops { mode, statuses, rechecks, kinds, find, unknown, rows, next, frame })
}

impl Filter {
    /// Where the shops are behind this one.
    fn behind(&self, mode: Mode, last: &str) -> String {
        let query = [
            ("mode", mode.name()),
            ("status", &self.status),
            ("recheck", &self.recheck),
            ("kind", &self.kind),
            ("find", &self.find),
            ("page", last),
        ];
        let query = query.into_iter().filter(|(_, value)| !value.is_empty()).collect::<Vec<_>>();
        format!("/console/shops?{}", serde_urlencoded::to_string(query).unwrap_or_default())
    }
}

/// Where the shop of this id is, or that of the sub-account of this id: in the mode that was asked for, else in the other.
async fn found(state: &State, mode: Mode, find: &str) -> Option<String> {
    let other = if mode == Mode::Live { Mode::Test } else { Mode::Live };
    let shop = find.strip_prefix("shop:").unwrap_or(find);
    let staff = find.strip_prefix("staff:").unwrap_or(find);
    for mode in [mode, other] {
        if state.app.shop(mode, shop).await.is_ok() {
            return Some(shop_path(mode, shop));
        }
        if let Ok(file) = state.app.staff(mode, staff).await {
            return Some(shop_path(mode, &file.staff.shop));
        }
    }
    None
}

fn row(state: &State, shell: &Shell, ShopListed { shop, rechecks }: &ShopListed) -> ShopRow {
    let shell = &Shell { zone: Some(state.app.zone_of_shop(shop)), ..shell.clone() };
    let there = rechecks.as_ref().filter(|_| shop.still_there().is_ok());
    // A moment that was drawn is told to nobody: the next one is that which is asked for, or the scheduled one.
    let due = there.map(|r| r.asked.as_ref().map_or(r.due, |asked| asked.due));
    let pressing = there.is_some_and(|r| r.status() != RecheckStatus::Resting);
    let at = |when: Timestamp, is_due| deadline(state, shell, when, is_due);
    ShopRow {
        path: shop_path(shop.mode, &shop.id),
        id: shop.id.clone(),
        shop_type: shop.shop_type.clone(),
        company: shop.company.as_ref().map(|c| c.credit_code().to_owned()),
        status: status(shell, shop.status()),
        recheck: there.map(|r| recheck(shell, r.status())),
        due: due.map(|due| at(due, pressing)),
        penalties: shop.penalties.len(),
        since: at(shop.created_at, false),
    }
}

/// Where a shop stands, in a word.
pub(super) fn status(shell: &Shell, status: ShopStatus) -> Signal {
    let class = match status {
        ShopStatus::Open => "ok",
        ShopStatus::TemporarilyClosed => "warn",
        ShopStatus::PermanentlyClosed => "fail",
        ShopStatus::Registered | ShopStatus::Closed => "",
    };
    Signal { text: shell.t(status_key(status)).into(), class }
}

/// How re-checks stand, in a word.
pub(super) fn recheck(shell: &Shell, status: RecheckStatus) -> Signal {
    let class = match status {
        RecheckStatus::Resting => "ok",
        RecheckStatus::Asked => "warn",
        RecheckStatus::Restricted => "fail",
    };
    Signal { text: shell.t(recheck_key(status)).into(), class }
}

const fn status_key(status: ShopStatus) -> &'static str {
    match status {
        ShopStatus::Registered => word("shops.registered"),
        ShopStatus::Open => word("shops.open"),
        ShopStatus::TemporarilyClosed => word("shops.temporarily_closed"),
        ShopStatus::PermanentlyClosed => word("shops.permanently_closed"),
        ShopStatus::Closed => word("shops.closed"),
    }
}

const fn recheck_key(status: RecheckStatus) -> &'static str {
    match status {
        RecheckStatus::Resting => word("shops.resting"),
        RecheckStatus::Asked => word("shops.asked"),
        RecheckStatus::Restricted => word("shops.restricted"),
    }
}
