//! `/v1/import`: sellers and staff that you had before.

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use shiren_app::record::Scope;
use shiren_app::{Import, ImportChange, ImportFormat, ImportProblem, Imported};
use utoipa::{IntoParams, ToSchema};

use super::Problem;
use super::auth::Caller;
use super::body::{Json, Query, unprocessable, unread};
use crate::state::State;

/// How it is imported.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct HowToImport {
    /// Nothing is kept: it is only said what would be.
    #[serde(default)]
    dry_run: bool,
    /// Within how many days the first checks of owners come due, spread by the planner; without it none does by time, and a
    /// rollout asks them.
    #[serde(default)]
    #[param(minimum = 1, maximum = 184, example = 90)]
    due_within_days: Option<u32>,
    /// In test mode: by which clock imported shops live.
    #[serde(default)]
    test_clock: Option<String>,
}

/// Why a row was refused.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RowProblem {
    /// Which, from 1; the first line of CSV is not counted.
    #[schema(minimum = 1)]
    row: u32,
    /// On which line of the file it begins, from 1.
    #[schema(minimum = 1)]
    line: u32,
    /// Which field of it.
    field: Option<String>,
    /// The stable name of the problem.
    #[schema(example = "invalid")]
    code: String,
    /// What is wrong.
    problem: String,
}

impl From<ImportProblem> for RowProblem {
    fn from(p: ImportProblem) -> Self {
        Self { row: p.row, line: p.line, field: p.field, code: p.code, problem: p.problem }
    }
}

/// What a row changed of an account that was there already.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RowChange {
    /// Which, from 1; the first line of CSV is not counted.
    #[schema(minimum = 1)]
    row: u32,
    /// On which line of the file it begins, from 1.
    #[schema(minimum = 1)]
    line: u32,
    /// Which fields follow the row from now on.
    #[schema(value_type = Vec<String>, example = json!(["category"]))]
    changed: Vec<&'static str>,
    /// Which fields do not, although the row gives them.
    #[schema(value_type = Vec<String>, example = json!([]))]
    ignored: Vec<&'static str>,
}

impl From<ImportChange> for RowChange {
    fn from(c: ImportChange) -> Self {
        Self { row: c.row, line: c.line, changed: c.changed, ignored: c.ignored }
    }
}

/// What came of an import.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct ImportReport {
    /// Always `import`.
    object: &'static str,
    dry_run: bool,
    /// Rows that there were.
    rows: u32,
    /// Accounts that were made; of a dry run, that would be.
    created: u32,
    /// Accounts that were there already and were changed; of a dry run, that would be.
    changed: u32,
    /// Accounts that were there already, as the row has them.
    unchanged: u32,
    /// Rows that were refused; nothing of them was kept.
    refused: u32,
    /// Why, for the first thousand.
    problems: Vec<RowProblem>,
    /// What was changed of accounts that were there already, and what was left, for the first thousand.
    changes: Vec<RowChange>,
}

impl ImportReport {
    fn of(dry_run: bool, imported: Imported) -> Self {
        Self {
            object: "import",
            dry_run,
            rows: imported.rows,
            created: imported.created,
            changed: imported.changed,
            unchanged: imported.unchanged,
            refused: imported.refused,
            problems: imported.problems.into_iter().map(RowProblem::from).collect(),
            changes: imported.changes.into_iter().map(RowChange::from).collect(),
        }
    }
}

/// Import sellers and staff
///
/// Row by row, as JSON lines or CSV with a head: `kind` (`shop` or `staff`) and `id`; of a shop its `type`, and what is known
/// of `registered_on`, `category` and `leak_severity`, `status` (`open`: it trades already), `credit_code` with `verifies_as`
/// of a company's, `staff_quota` and `time_zone`; of a sub-account its `shop`, `name` and `role`, and if it is known the
/// `security_phone`, of which only a tag is kept; of both the `phone` and `person_name` that are registered. Each row is done whole or refused.
/// Sent again, what is there follows the row where it may change, and it is told what did. `docs/guides/import.md` tells more.
#[utoipa::path(
    post, path = "/v1/import", tag = "shops", security(("key" = [])), params(HowToImport),
    request_body(
        description = "The rows, 256 kB at most; `shiren import FILE` takes more.",
        content((String = "application/x-ndjson"), (String = "text/csv"))
    ),
    responses(
        (status = 200, description = "What came of it, row by row.", body = ImportReport),
        (status = 415, description = "The body is sent neither as `application/x-ndjson` nor as `text/csv`.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn import(
    Shared(state): Shared<State>,
    caller: Caller,
    Query(how): Query<HowToImport>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ImportReport>, Problem> {
    caller.may(Scope::ShopsWrite)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let format = match kind.split(';').next().unwrap_or_default().trim() {
        "application/x-ndjson" => ImportFormat::JsonLines,
        "text/csv" => ImportFormat::Csv,
        _ => {
            let title = "rows are sent as application/x-ndjson or text/csv";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "content_type", title));
        }
    };
    let clock =
        how.test_clock.map(|id| id.parse().map_err(|_| unprocessable("test_clock", "this is no clock's id")));
    let import = Import {
        mode: caller.0.mode,
        clock: clock.transpose()?,
        due_within_days: how.due_within_days,
        dry_run: how.dry_run,
        bytes: body.map_err(|refused| unread(&refused))?.to_vec(),
        format,
        by: format!("key:{}", caller.0.name),
    };
    Ok(Json(ImportReport::of(how.dry_run, state.app.import(import).await?)))
}
