//! The committed description of the API is the one that the code gives.

use std::path::Path;

#[test]
fn the_committed_description_is_the_one_that_the_code_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let now = format!("{:#}\n", shiren_web::api::openapi());
    if std::env::var_os("SHIREN_WRITE_OPENAPI").is_some() {
        std::fs::write(&file, &now).expect("it can be kept");
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == now,
        "write it anew: SHIREN_WRITE_OPENAPI=1 cargo nextest run -p shiren-web openapi"
    );
}

#[test]
fn every_operation_shows_what_is_sent_and_answered_and_it_fits_its_schema() {
    let api = shiren_web::api::openapi();
    let mut without = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let body = operation.pointer("/requestBody/content/application~1json");
            let answers = operation["responses"].as_object().unwrap().iter();
            let answers = answers
                .filter(|(status, _)| status.starts_with('2'))
                .filter_map(|(_, answer)| answer.pointer("/content/application~1json"));
            for media in body.into_iter().chain(answers) {
                if media["example"].is_null() {
                    without.push(format!("{method} {path}"));
                    continue;
                }
                let mut schema = media["schema"].clone();
                schema["components"] = api["components"].clone();
                let schema = jsonschema::draft202012::new(&schema).unwrap();
                let faults: Vec<String> = schema
                    .iter_errors(&media["example"])
                    .map(|e| format!("{}: {e}", e.instance_path()))
                    .collect();
                assert!(faults.is_empty(), "{method} {path}: {faults:?}");
            }
        }
    }
    assert!(without.is_empty(), "no example (scripts/examples takes them from the tests): {without:?}");
}
