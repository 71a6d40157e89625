//! The programs that come with the product.

use std::sync::LazyLock;

use super::Program;

/// Name and text of each program that comes with the product. Operators copy and change them.
pub const BUILT_IN: [(&str, &str); 4] = [
    ("shop-owner", include_str!("../../../programs/shop-owner.toml")),
    ("staff", include_str!("../../../programs/staff.toml")),
    ("buyer", include_str!("../../../programs/buyer.toml")),
    ("influencer", include_str!("../../../programs/influencer.toml")),
];

/// The built-in program of this name.
pub fn built_in(name: &str) -> Option<&'static Program> {
    // Embedded texts are validated by a test, so none is ever left out here.
    static PROGRAMS: LazyLock<Vec<Program>> =
        LazyLock::new(|| BUILT_IN.iter().filter_map(|(_, text)| Program::from_toml(text).ok()).collect());
    PROGRAMS.iter().find(|p| p.name == name)
}
