//! What is asked and answered, as it was in the tests of the API: `scripts/examples` keeps it.

use serde_json::Value;

/// By operation: `body` where something is sent, and `answer`.
const RECORDED: &str = include_str!("examples.json");

/// Adds the examples to the operations.
pub(super) fn show(api: &mut Value) {
    let examples: Value = serde_json::from_str(RECORDED).unwrap_or_default();
    let operations = api["paths"].as_object_mut().into_iter().flatten();
    for operation in operations.flat_map(|(_, item)| item.as_object_mut().into_iter().flatten()) {
        let (_, operation) = operation;
        let example = &examples[operation["operationId"].as_str().unwrap_or_default()];
        if let Some(body) = operation.pointer_mut("/requestBody/content/application~1json") {
            add(body, &example["body"]);
        }
        for answer in answers(operation) {
            add(answer, &example["answer"]);
        }
    }
}

/// Where the JSON of a success is described.
fn answers(operation: &mut Value) -> impl Iterator<Item = &mut Value> {
    let all = operation["responses"].as_object_mut().into_iter().flatten();
    let successes = all.filter(|(status, _)| status.starts_with('2'));
    successes.filter_map(|(_, answer)| answer.pointer_mut("/content/application~1json"))
}

fn add(media: &mut Value, example: &Value) {
    if let (Some(media), false) = (media.as_object_mut(), example.is_null()) {
        media.insert("example".to_owned(), example.clone());
    }
}
