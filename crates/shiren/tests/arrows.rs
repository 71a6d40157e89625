//! The arrows between the rooms go down only (see ARCHITECTURE.md): held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Every room, with the rooms that it may use.
const ROOMS: [(&str, &[&str]); 5] = [
    ("shiren-core", &[]),
    ("shiren-vision", &["shiren-core"]),
    ("shiren-specimen", &["shiren-core"]),
    ("shiren", &["shiren-core", "shiren-vision", "shiren-specimen"]),
    ("shiren-testkit", &["shiren-core", "shiren-vision", "shiren-specimen"]),
];

/// For tests alone: no room may need it to be built.
const FOR_TESTS: &str = "shiren-testkit";

/// All that the pure domain may use: days, text, and formats of text.
const PURE: [&str; 7] =
    ["jiff", "schemars", "serde", "serde_json", "thiserror", "toml", "unicode-normalization"];

/// Network, database, async, command line: nothing below the binary may know them.
const NOT_BELOW_THE_BINARY: [&str; 10] =
    ["async-std", "axum", "clap", "hyper", "object_store", "reqwest", "rusqlite", "sqlx", "tokio", "ureq"];

fn rooms() -> Vec<Package> {
    let metadata = MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
        .no_deps()
        .exec()
        .expect("cargo knows its own workspace");
    metadata.packages
}

/// What a room needs to be built; tests may use more.
fn needs(room: &Package) -> BTreeSet<&str> {
    let built = room.dependencies.iter().filter(|d| d.kind != DependencyKind::Development);
    built.map(|d| d.name.as_str()).collect()
}

#[test]
fn every_room_uses_only_the_rooms_below_it() {
    let allowed: BTreeMap<&str, &[&str]> = ROOMS.into_iter().collect();
    for room in rooms() {
        let name = room.name.as_str();
        let below = allowed
            .get(name)
            .unwrap_or_else(|| panic!("say where {name} stands: here and in ARCHITECTURE.md"));
        for used in needs(&room).into_iter().filter(|n| allowed.contains_key(n)) {
            assert!(below.contains(&used), "{name} may not use {used}");
        }
    }
}

#[test]
fn what_is_for_tests_stays_in_tests() {
    for room in rooms() {
        assert!(!needs(&room).contains(FOR_TESTS), "{} needs {FOR_TESTS} to be built", room.name);
    }
}

#[test]
fn the_domain_is_pure() {
    let rooms = rooms();
    let core = rooms.iter().find(|r| r.name.as_str() == "shiren-core").expect("there is a core");
    for used in needs(core) {
        assert!(PURE.contains(&used), "the domain may not use {used}");
    }
}

#[test]
fn nothing_below_the_binary_knows_network_or_database() {
    for room in rooms().iter().filter(|r| r.name.as_str() != "shiren") {
        for used in needs(room) {
            assert!(!NOT_BELOW_THE_BINARY.contains(&used), "{} may not use {used}", room.name);
        }
    }
}
