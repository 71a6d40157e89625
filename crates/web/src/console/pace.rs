//! How long people take (row D6).

use axum::extract::{Query, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use shiren_app::record::Paced;
use shiren_core::see::Shot;
use shiren_core::verification::program::{Document, Mode};
use shiren_core::verification::session::pace::{CONSENT, ENTRIES, SENDING, WHOLE};

use super::session::SignedIn;
use crate::api::Problem as ApiProblem;
use crate::browser::page;
use crate::page::{Pace, PaceRow, Shell, shot_title, word};
use crate::state::State;

/// Days that the page looks back.
const DAYS: u32 = 30;
/// A prepared person finishes within this (row D6).
const GOAL: SignedDuration = SignedDuration::from_mins(5);

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    mode: String,
}

/// The table.
pub(super) async fn show(
    Shared(state): Shared<State>,
    reviewer: SignedIn,
    Query(asked): Query<Asked>,
) -> Response {
    let mode = if asked.mode == Mode::Test.name() { Mode::Test } else { Mode::Live };
    let paced = match state.app.paces(mode, DAYS).await {
        Ok(paced) => paced,
        Err(error) => return ApiProblem::from(error).into_response(),
    };
    let frame = reviewer.frame(&state);
    let mut rows: Vec<_> = paced.iter().map(|one| row(&state, &frame.shell, one)).collect();
    rows.sort_by(|a, b| a.order.cmp(&b.order));
    page(StatusCode::OK, &Pace { frame, mode, days: DAYS, rows })
}

fn row(state: &State, shell: &Shell, paced: &Paced) -> PaceRow {
    let program = state.app.program_named(&paced.program);
    // In the order in which people come to them, the whole first.
    let step = program.and_then(|p| {
        let of_methods = p.methods.iter().flat_map(|m| m.steps.iter().enumerate().map(move |s| (m, s)));
        of_methods.into_iter().find(|(_, (_, s))| s.id == paced.part)
    });
    let (place, part) = match (paced.part.as_str(), step) {
        (WHOLE, _) => (0, shell.t(word("pace.whole")).into()),
        (CONSENT, _) => (1, shell.t(word("pace.consent")).into()),
        (ENTRIES, _) => (2, shell.t(word("pace.entries")).into()),
        (SENDING, _) => (1000, shell.t(word("pace.sending")).into()),
        (_, Some((method, (n, step)))) => (3 + n, title(step.shot, method.document, shell)),
        (other, None) => (999, other.to_owned()),
    };
    let whole = paced.part == WHOLE;
    PaceRow {
        order: (paced.program.clone(), paced.recheck, place, part.clone()),
        program: {
            let title = program.map_or(paced.program.as_str(), |p| shell.language.of_text(&p.title));
            let of = if paced.recheck { word("pace.recheck") } else { word("pace.first") };
            format!("{title} · {}", shell.t(of))
        },
        part,
        whole,
        count: paced.count,
        median: clock(paced.median),
        p95: clock(paced.p95),
        late: whole && paced.p95 > GOAL,
    }
}

fn title(shot: Shot, document: Document, shell: &Shell) -> String {
    shot_title(shot, document, shell).into()
}

/// Minutes and seconds, seconds rounded up: `1:05`.
fn clock(took: SignedDuration) -> String {
    let seconds = took.as_millis().max(0).div_euclid(1000) + i128::from(took.as_millis() % 1000 > 0);
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_minutes_and_seconds() {
        for (millis, told) in
            [(0, "0:00"), (1, "0:01"), (59_000, "0:59"), (59_001, "1:00"), (3_600_000, "60:00")]
        {
            assert_eq!(clock(SignedDuration::from_millis(millis)), told);
        }
    }
}
