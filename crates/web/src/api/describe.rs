//! What holds for every operation of the description: its problems, and the `Idempotency-Key` of its commands. Said
//! once here, so that no handler forgets it.

use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{HttpMethod, Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder};

use super::once::LONGEST;

/// Adds it.
pub(super) fn complete(api: &mut OpenApi) {
    for (path, item) in &mut api.paths.paths {
        for (method, operation) in operations(item) {
            name(operation);
            for (status, when) in problems(path, &method, operation) {
                let problem = RefOr::T(problem(status, when));
                operation.responses.responses.entry(status.to_string()).or_insert(problem);
            }
            if changes(&method) && !repeats_by_itself(path) {
                operation.parameters.get_or_insert_default().push(idempotency_key().into());
            }
        }
    }
}

/// Handlers of several resources have one name; an operation's must be its own.
fn name(operation: &mut Operation) {
    let resource =
        operation.tags.iter().flatten().next().map(|tag| tag.replace(' ', "_")).unwrap_or_default();
    operation.operation_id = operation.operation_id.take().map(|id| format!("{id}_{resource}"));
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation?)))
}

/// Whether a command is sent by it.
fn changes(method: &HttpMethod) -> bool {
    matches!(method, HttpMethod::Post | HttpMethod::Put | HttpMethod::Delete)
}

/// Whether it is sent like a command and needs no key: it changes nothing, or sent again it changes nothing more.
fn repeats_by_itself(path: &str) -> bool {
    matches!(path, "/v1/gate/dry-run" | "/v1/import")
}

/// Statuses as they occur, and when.
fn problems(path: &str, method: &HttpMethod, operation: &Operation) -> Vec<(u16, &'static str)> {
    let queried = |p: &RefOr<Parameter>| matches!(p, RefOr::T(p) if p.parameter_in == ParameterIn::Query);
    let queries = operation.parameters.iter().flatten().any(queried);
    let changes = changes(method);
    let mut problems = vec![
        (401, "No key, or one that is not known or revoked."),
        (403, "The key lacks the scope."),
        (408, "The request was sent too slowly."),
        (429, "Too many requests: again after `Retry-After` seconds."),
        (500, "Something is broken on our side."),
        (503, "Busy: again after `Retry-After` seconds."),
    ];
    if path.contains('{') {
        problems.push((404, "There is no such thing in the key's mode."));
    }
    if operation.request_body.is_some() {
        problems.push((400, "The body is no JSON."));
        problems.push((415, "The body is not sent as `application/json`."));
    }
    if changes || queries {
        problems.push((422, "Something given is wrong; `field` says what. Or the idempotency key was used for another request."));
    }
    if changes {
        problems.push((409, "As it stands now, it cannot be done."));
        problems.push((413, "The body is too large."));
        problems.push((507, "No space is left."));
    }
    problems
}

fn problem(status: u16, when: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let response = ResponseBuilder::new().description(when).content("application/problem+json", content);
    if !matches!(status, 429 | 503) {
        return response.build();
    }
    let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1)).build();
    let header = HeaderBuilder::new().schema(Some(seconds)).description(Some("Seconds.")).build();
    response.header("Retry-After", header).build()
}

fn idempotency_key() -> Parameter {
    let text = ObjectBuilder::new()
        .schema_type(Type::String)
        .min_length(Some(1))
        .max_length(Some(LONGEST))
        .pattern(Some("^[ -~]+$"))
        .build();
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "Sent again within 24 hours, the same request under the same key has no second effect and gets the \
             first answer, byte by byte, with `Idempotent-Replayed: true`.",
        ))
        .schema(Some(text))
        .build()
}
