//! Importing sellers and staff from a file (row H3): for administrators, tried first, with a report row by row.

use axum::extract::{DefaultBodyLimit, Multipart, State as Shared};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use shiren_app::{Error, Import, ImportFormat, Imported};
use shiren_core::verification::program::Mode;

use super::session::{Operator, SignedIn};
use crate::api::Problem as ApiProblem;
use crate::browser::{page, to};
use crate::page::{ImportChangeRow, ImportPage, ImportProblemRow, ImportReport, Shell, word};
use crate::state::State;

/// Largest file in bytes: about 100,000 rows.
pub(super) const LARGEST: usize = 8 * 1024 * 1024;

/// The page, and what is sent to it.
pub(super) fn routes() -> MethodRouter<State> {
    // The form around the file is small.
    get(show).post(send).layer(DefaultBodyLimit::max(LARGEST + 64 * 1024))
}

/// What was sent.
#[derive(Default)]
struct Form {
    csrf: String,
    live: bool,
    days: String,
    keep: bool,
    file: Option<(String, Vec<u8>)>,
}

/// The form.
async fn show(Shared(state): Shared<State>, Operator(officer): Operator) -> Response {
    page(StatusCode::OK, &view(&state, &officer, &Form::default(), None, None))
}

/// Tries a file, or imports it, and shows what came of it.
async fn send(Shared(state): Shared<State>, Operator(officer): Operator, multipart: Multipart) -> Response {
    let shell = officer.frame(&state).shell;
    let said = |key| Some(shell.t(key).to_string());
    let wrong = |form: &Form, error: Option<String>| {
        page(StatusCode::UNPROCESSABLE_ENTITY, &view(&state, &officer, form, None, error))
    };
    let Some(form) = read(multipart).await else {
        return wrong(&Form::default(), said(word("import.too_large")));
    };
    if form.csrf != officer.csrf {
        return to("/console");
    }
    let Some((name, bytes)) = form.file.clone().filter(|(_, bytes)| !bytes.is_empty()) else {
        return wrong(&form, said(word("import.no_file")));
    };
    let end = name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let format = match end.as_str() {
        "csv" => ImportFormat::Csv,
        "jsonl" | "ndjson" => ImportFormat::JsonLines,
        _ => return wrong(&form, said(word("import.no_format"))),
    };
    let days = match form.days.trim() {
        "" => Ok(None),
        days => days.parse().map(Some),
    };
    let Ok(due_within_days) = days else { return wrong(&form, said(word("import.no_days"))) };
    let import = Import {
        mode: if form.live { Mode::Live } else { Mode::Test },
        clock: None,
        due_within_days,
        dry_run: !form.keep,
        bytes,
        format,
        by: officer.actor(),
    };
    match state.app.import(import).await {
        Ok(imported) => {
            let report = report(&shell, !form.keep, imported);
            page(StatusCode::OK, &view(&state, &officer, &form, Some(report), None))
        }
        Err(Error::Invalid { field: "due_within_days", .. }) => wrong(&form, said(word("import.no_days"))),
        Err(Error::Invalid { problem, .. }) => {
            let whole = shell.t(word("import.whole")).with("problem", problem);
            wrong(&form, Some(whole.to_string()))
        }
        Err(error) => ApiProblem::from(error).into_response(),
    }
}

async fn read(mut multipart: Multipart) -> Option<Form> {
    let mut form = Form::default();
    while let Some(field) = multipart.next_field().await.ok()? {
        match field.name().unwrap_or_default() {
            "csrf" => form.csrf = field.text().await.ok()?,
            "mode" => form.live = field.text().await.ok()? == Mode::Live.name(),
            "days" => form.days = field.text().await.ok()?,
            "keep" => form.keep = field.text().await.ok()? == "1",
            "file" => {
                let name = field.file_name().unwrap_or_default().to_owned();
                form.file = Some((name, field.bytes().await.ok()?.to_vec()));
            }
            _ => {}
        }
    }
    Some(form)
}

fn view(
    state: &State,
    reviewer: &SignedIn,
    form: &Form,
    report: Option<ImportReport>,
    error: Option<String>,
) -> ImportPage {
    ImportPage {
        frame: reviewer.frame(state),
        live: form.live,
        days: form.days.clone(),
        megabytes: LARGEST / 1024 / 1024,
        report,
        error,
    }
}

fn report(shell: &Shell, dry_run: bool, imported: Imported) -> ImportReport {
    let Imported { rows, created, changed, unchanged, refused, problems, changes } = imported;
    let problems = problems.into_iter().map(|p| ImportProblemRow {
        line: p.line,
        field: p.field.unwrap_or_default(),
        said: said(shell, &p.code).unwrap_or_else(|| p.code.clone()),
        detail: p.problem,
    });
    let changes = changes.into_iter().map(|c| ImportChangeRow {
        line: c.line,
        changed: c.changed.join(", "),
        ignored: c.ignored.join(", "),
    });
    ImportReport {
        dry_run,
        rows,
        created,
        changed,
        unchanged,
        refused,
        problems: problems.collect(),
        changes: changes.collect(),
    }
}

/// A problem's code in the reader's language; the detail beside it is for engineers.
fn said(shell: &Shell, code: &str) -> Option<String> {
    let key = match code {
        "invalid" => word("import.said_invalid"),
        "not_found" => word("import.said_no_shop"),
        "staff_quota_full" => word("import.said_quota"),
        "shop_closed" | "shop_permanently_closed" => word("import.said_closed"),
        "recheck_missed" => word("import.said_recheck"),
        "staff_disabled" => word("import.said_disabled"),
        "subject_banned" => word("import.said_banned"),
        _ => return None,
    };
    Some(shell.t(key).to_string())
}
