//! Makes a product out of the files of its package.

use std::collections::BTreeMap;

use super::Problem;
use crate::pack::convert::{self, Source};
use crate::pack::manifest::{Product, Recipe};

/// The product's bytes. `files` holds every file that the recipe needs.
pub(super) fn make(product: &Product, files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, Problem> {
    let file = |path: &String| files.get(path).map(Vec::as_slice).unwrap_or_default();
    let converted = |source| {
        convert::to_onnx(source)
            .map_err(|e| Problem::Product { name: product.name.clone(), detail: e.to_string() })
    };
    match &product.recipe {
        Recipe::Copy(path) => Ok(file(path).to_vec()),
        Recipe::Tflite(path) => converted(Source::Tflite(file(path))),
        Recipe::Tfjs { graph, weights, any_size, outputs } => {
            let shards: Vec<&[u8]> = weights.iter().map(file).collect();
            let outputs: Vec<&str> = outputs.iter().map(String::as_str).collect();
            converted(Source::Tfjs {
                model: file(graph),
                shards: &shards,
                any_size: *any_size,
                outputs: &outputs,
            })
        }
        Recipe::FaceApi { manifest, weights } => {
            converted(Source::FaceApi { manifest: file(manifest), weights: file(weights) })
        }
    }
}
