//! Picture files: told by their first bytes, walked, held against limits, decoded; metadata stripped.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shiren_vision::picture::{Limits, Picture, metadata};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    let _ = metadata::strip(bytes, &limits);
    if let Ok(picture) = Picture::decode(bytes, &limits) {
        assert!(picture.rgb().width() > 0);
    }
});
