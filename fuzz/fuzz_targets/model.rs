//! Model files of the three formats that are converted, and pack manifests.
#![no_main]

use libfuzzer_sys::fuzz_target;
use shiren_vision::pack::Manifest;
use shiren_vision::pack::convert::{Source, to_onnx};

fuzz_target!(|input: (u8, &[u8], &[u8])| {
    let (kind, a, b) = input;
    let _ = match kind % 4 {
        0 => to_onnx(Source::Tflite(a)),
        1 => to_onnx(Source::Tfjs { model: a, shards: &[b], any_size: kind & 4 != 0, outputs: &[] }),
        2 => to_onnx(Source::FaceApi { manifest: a, weights: b }),
        _ => {
            if let Ok(text) = std::str::from_utf8(a) {
                let _ = Manifest::parse(text, "x86_64");
            }
            return;
        }
    };
});
