//! The arrows between the rooms go down only (see ARCHITECTURE.md): held against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// Every room, with the rooms that it may use.
const ROOMS: [(&str, &[&str]); 11] = [
    ("shiren-core", &[]),
    ("shiren-vision", &["shiren-core"]),
    ("shiren-specimen", &["shiren-core"]),
    ("shiren-vault", &["shiren-core"]),
    ("shiren-app", &["shiren-core", "shiren-vault"]),
    ("shiren-store-sqlite", &["shiren-core", "shiren-vault", "shiren-app"]),
    ("shiren-store-postgres", &["shiren-core", "shiren-vault", "shiren-app"]),
    ("shiren-gateway", &["shiren-core", "shiren-vault", "shiren-app"]),
    ("shiren-web", &["shiren-core", "shiren-app"]),
    (
        "shiren",
        &[
            "shiren-core",
            "shiren-vision",
            "shiren-specimen",
            "shiren-vault",
            "shiren-app",
            "shiren-store-sqlite",
            "shiren-store-postgres",
            "shiren-gateway",
            "shiren-web",
        ],
    ),
    (
        "shiren-testkit",
        // The gateway for its sandboxes, which no fake could stand in for as well.
        &["shiren-core", "shiren-vision", "shiren-specimen", "shiren-vault", "shiren-app", "shiren-gateway"],
    ),
];

/// For tests alone: no room may need it to be built.
const FOR_TESTS: &str = "shiren-testkit";

/// All that the pure domain may use: days, text, formats of text, and conditions.
const PURE: [&str; 8] =
    ["cel", "jiff", "schemars", "serde", "serde_json", "thiserror", "toml", "unicode-normalization"];

/// What only some rooms may know: the network, the database, the web, async, the command line.
const WORLDLY: [(&str, &[&str]); 12] = [
    ("async-std", &[]),
    ("axum", &["shiren-web"]),
    ("axum-server", &[]),
    ("clap", &[]),
    ("hyper", &[]),
    ("object_store", &["shiren-gateway"]),
    ("reqwest", &["shiren-gateway"]),
    ("rusqlite", &["shiren-store-sqlite"]),
    ("sqlx", &["shiren-store-postgres"]),
    ("ureq", &[]),
    ("ort", &["shiren-vision"]),
    (
        "tokio",
        &["shiren-app", "shiren-store-sqlite", "shiren-store-postgres", "shiren-gateway", "shiren-web"],
    ),
];

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
fn each_room_below_the_binary_knows_only_its_part_of_the_world() {
    for room in rooms().iter().filter(|r| !["shiren", FOR_TESTS].contains(&r.name.as_str())) {
        for used in needs(room) {
            let known = WORLDLY.iter().find(|(what, _)| *what == used);
            let may = known.is_none_or(|(_, rooms)| rooms.contains(&room.name.as_str()));
            assert!(may, "{} may not use {used}", room.name);
        }
    }
}
