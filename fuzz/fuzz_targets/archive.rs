//! Package archives: wheels and npm packages.
#![no_main]

use std::io::Write as _;

use libfuzzer_sys::fuzz_target;
use shiren_vision::pack::{Digest, Format, Wanted, extract};

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
    file.write_all(bytes).expect("room for it");
    let wanted = Wanted { path: "a".into(), bytes: 1, sha256: Digest::of(b"a") };
    for format in [Format::Zip, Format::Tgz] {
        if let Ok(found) = extract(file.path(), format, &[&wanted]) {
            assert_eq!(found["a"], b"a");
        }
    }
});
