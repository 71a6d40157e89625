//! Converts one model file: `convert tflite IN OUT`, `convert tfjs MODEL SHARD OUT [--any-size] [OUTPUT…]`,
//! `convert face-api MANIFEST WEIGHTS OUT`.

use shiren_vision::pack::convert::{Source, to_onnx};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let any_size = args.iter().any(|arg| arg == "--any-size");
    args.retain(|arg| arg != "--any-size");
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let started = std::time::Instant::now();
    let (onnx, out) = match args.as_slice() {
        ["tflite", file, out] => (to_onnx(Source::Tflite(&std::fs::read(file)?))?, out),
        ["tfjs", model, shard, out, outputs @ ..] => {
            let (model, shard) = (std::fs::read(model)?, std::fs::read(shard)?);
            (to_onnx(Source::Tfjs { model: &model, shards: &[&shard], any_size, outputs })?, out)
        }
        ["face-api", manifest, weights, out] => {
            let (manifest, weights) = (std::fs::read(manifest)?, std::fs::read(weights)?);
            (to_onnx(Source::FaceApi { manifest: &manifest, weights: &weights })?, out)
        }
        _ => return Err("convert tflite|tfjs|face-api FILES… OUT".into()),
    };
    println!("{out}: {} bytes in {:?}", onnx.len(), started.elapsed());
    Ok(std::fs::write(out, onnx)?)
}
