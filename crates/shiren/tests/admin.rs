//! `shiren admin` from outside: what an API key may do.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

use std::path::Path;
use std::process::{Command, Output};

fn admin(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_shiren"))
        .arg("admin")
        .args(arguments)
        .env("SHIREN_DATA_FOLDER", folder)
        .env("LANG", "en_GB.UTF-8")
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn a_key_gets_the_scopes_that_it_lacks_and_help_says_how() {
    let folder = tempfile::tempdir().unwrap();
    let made = admin(folder.path(), &["create-key", "old", "--scopes", "sessions_read,people_read"]);
    let id = String::from_utf8_lossy(&made.stderr).split(' ').next().unwrap().to_owned();
    assert!(id.starts_with("key_"), "{id}");
    let secret = said(&made);
    assert!(said(&admin(folder.path(), &["keys"])).contains("sessions_read people_read"));
    let more = admin(folder.path(), &["change-key", &id, "--add", "gate_read", "--remove", "people_read"]);
    assert_eq!(said(&more).trim(), "sessions_read gate_read");
    let all = admin(folder.path(), &["change-key", &id, "--add", "all"]);
    assert_eq!(said(&all).trim(), "everything");
    assert!(!said(&admin(folder.path(), &["keys"])).contains(secret.trim()));
    let help = said(&admin(folder.path(), &["change-key", "--help"]));
    for taught in ["scope_missing", "--add gate_read,gate_write", "audit log", "aftersales_read"] {
        assert!(help.contains(taught), "{taught}: {help}");
    }
    for (arguments, status) in [
        (&["change-key", &id][..], 2),
        (&["change-key", &id, "--add", "everything"], 2),
        (&["change-key", "nonsense", "--add", "all"], 2),
        (&["change-key", "key_01aryz6s410000000000000000", "--add", "all"], 1),
        (&["change-key", &id, "--remove", "sessions_read,all"], 2),
    ] {
        assert_eq!(admin(folder.path(), arguments).status.code(), Some(status), "{arguments:?}");
    }
}
