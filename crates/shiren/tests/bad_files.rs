//! What people and attackers send instead of a card, from outside: each its own code, at once.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

use std::fs;
use std::process::Command;

use serde_json::Value;
use shiren_testkit::bad_files::{self, Opens};

/// One line for every file.
fn told(arguments: &[&str]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_shiren"));
    command.args(arguments).args(["--json", "--threads=2"]);
    for file in bad_files::corpus() {
        let path = folder.path().join(file.name);
        fs::write(&path, &file.bytes).unwrap();
        command.arg(path);
    }
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn codes(line: &Value) -> Vec<&str> {
    line["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

fn check(lines: &[Value], where_nothing_is_found: &[&str]) {
    let corpus = bad_files::corpus();
    assert_eq!(lines.len(), corpus.len());
    for (line, file) in lines.iter().zip(corpus) {
        let codes = codes(line);
        match file.opens {
            Opens::No(code) => {
                assert_eq!(codes, [code.name()], "{}", file.name);
                assert!(line["ms"].as_u64().unwrap() < 100, "{}: {line}", file.name);
            }
            Opens::Telling(code) => assert!(codes.contains(&code.name()), "{}: {codes:?}", file.name),
            Opens::Yes => {
                assert!(codes.iter().any(|c| where_nothing_is_found.contains(c)), "{}: {codes:?}", file.name);
            }
        }
        assert!(line["ms"].as_u64().unwrap() < 10_000, "{}: {line}", file.name);
    }
}

#[test]
fn each_gets_its_own_answer_where_a_document_should_be() {
    check(&told(&["read-document"]), &["document_not_found"]);
}

#[test]
fn each_gets_its_own_answer_where_a_face_should_be() {
    // The drawn cat looks straight at the camera, and much of a human face is missing in its.
    check(&told(&["check-photo", "--as", "selfie"]), &["face_not_found", "face_covered"]);
}
