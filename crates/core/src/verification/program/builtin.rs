//! The programs that come with the product.
//!
//! A version of one means one content for ever: a session keeps the version that it began with, and goes on by it after
//! an upgrade. So whoever changes a program gives it the next version and keeps the document as it was in
//! `programs/older` (a test holds the contents of all versions fast). Version 1 alone meant several contents in turn,
//! before there was a rule; what is kept of it is the last one.

use std::sync::LazyLock;

use super::Program;

/// Name and text of each program that comes with the product, in its newest version. Operators copy and change them.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("shop-owner", include_str!("../../../programs/shop-owner.toml")),
    ("staff", include_str!("../../../programs/staff.toml")),
    ("buyer", include_str!("../../../programs/buyer.toml")),
    ("influencer", include_str!("../../../programs/influencer.toml")),
];

/// Texts of earlier versions, for the sessions that began with them.
pub(super) const OLDER: [&str; 5] = [
    include_str!("../../../programs/older/shop-owner-1.toml"),
    include_str!("../../../programs/older/shop-owner-2.toml"),
    include_str!("../../../programs/older/staff-1.toml"),
    include_str!("../../../programs/older/buyer-1.toml"),
    include_str!("../../../programs/older/influencer-1.toml"),
];

/// The lowest version of an operator's own program that has the name of a built-in one: those below are the product's.
pub const OWN_VERSIONS: u32 = 1000;

/// The newest first of each name.
static PROGRAMS: LazyLock<Vec<Program>> = LazyLock::new(|| {
    // Embedded texts are validated by a test, so none is ever left out here.
    let texts = BUILT_IN.iter().map(|(_, text)| *text).chain(OLDER);
    texts.filter_map(|text| Program::from_toml(text).ok()).collect()
});

/// Each of them for the owner of a company's shop.
static FOR_COMPANIES: LazyLock<Vec<Program>> =
    LazyLock::new(|| PROGRAMS.iter().map(Program::for_company).collect());

/// The built-in program of this name, in its newest version.
pub fn built_in(name: &str) -> Option<&'static Program> {
    PROGRAMS.iter().find(|p| p.name == name)
}

/// The built-in program of this name, in this version.
pub fn built_in_version(name: &str, version: u32) -> Option<&'static Program> {
    PROGRAMS.iter().find(|p| p.name == name && p.version == version)
}

/// The built-in program of this name, in this version, for the owner of a company's shop.
pub fn built_in_for_company(name: &str, version: u32) -> Option<&'static Program> {
    FOR_COMPANIES.iter().find(|p| p.name == name && p.version == version)
}
