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
