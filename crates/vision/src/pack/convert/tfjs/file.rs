//! The file itself: its JSON, its shards, and the attributes of its nodes.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::pack::convert::ConvertError;
use crate::pack::convert::net::{MAX_NODES, Padding, Tensor};
use crate::pack::convert::weights::{Budget, Stored, decode};

/// Bytes of `model.json`; the largest in the packages has 0.6 MB.
const MAX_JSON: usize = 16 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct File {
    model_topology: Topology,
    weights_manifest: Vec<Group>,
    signature: Option<Signature>,
    /// Where some converters put the signature.
    user_defined_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    signature: Option<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    /// A map, which keeps the outputs sorted by name: their order in the file means nothing.
    outputs: BTreeMap<String, TensorInfo>,
}

#[derive(Deserialize)]
struct TensorInfo {
    /// The node, where the output has another name.
    name: Option<String>,
}

#[derive(Deserialize)]
struct Topology {
    node: Vec<Node>,
}

#[derive(Deserialize)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) op: String,
    #[serde(default)]
    pub(super) input: Vec<String>,
    #[serde(default)]
    pub(super) attr: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: Option<f64>,
    min: Option<f64>,
}

impl File {
    /// Reads the JSON.
    pub(super) fn parse(model: &[u8]) -> Result<Self, ConvertError> {
        if model.len() > MAX_JSON {
            return Err(ConvertError::TooLarge { what: "bytes of the graph", limit: MAX_JSON });
        }
        let file: Self = serde_json::from_slice(model)
            .map_err(|error| ConvertError::malformed(format!("the graph: {error}")))?;
        if file.model_topology.node.len() > MAX_NODES {
            return Err(ConvertError::TooLarge { what: "number of nodes", limit: MAX_NODES });
        }
        Ok(file)
    }

    /// Names of the outputs and of the nodes that give them, sorted by name.
    pub(super) fn outputs(&self) -> Result<BTreeMap<&str, &str>, ConvertError> {
        let inner = self.user_defined_metadata.as_ref().and_then(|data| data.signature.as_ref());
        let signature = self.signature.as_ref().or(inner);
        let signature = signature.ok_or_else(|| ConvertError::malformed("a graph without outputs"))?;
        let both = signature.outputs.iter().map(|(name, info)| {
            let node = info.name.as_ref().unwrap_or(name);
            (plain(name), plain(node))
        });
        Ok(both.collect())
    }

    /// The nodes by name.
    pub(super) fn nodes(&self) -> BTreeMap<&str, &Node> {
        self.model_topology.node.iter().map(|node| (node.name.as_str(), node)).collect()
    }

    /// The weights by name, decoded.
    pub(super) fn weights(
        &self,
        shards: &[&[u8]],
        budget: &mut Budget,
    ) -> Result<BTreeMap<String, Tensor>, ConvertError> {
        read_weights(&self.weights_manifest, shards, budget)
    }
}

/// `name:0` is the first (and here the only) result of `name`.
pub(super) fn plain(name: &str) -> &str {
    name.strip_suffix(":0").unwrap_or(name)
}

fn read_weights(
    groups: &[Group],
    shards: &[&[u8]],
    budget: &mut Budget,
) -> Result<BTreeMap<String, Tensor>, ConvertError> {
    let mut weights = BTreeMap::new();
    let mut shards = shards.iter();
    for group in groups {
        let own: Vec<&[u8]> = shards.by_ref().take(group.paths.len()).copied().collect();
        if own.len() != group.paths.len() {
            return Err(ConvertError::malformed("fewer shards than the model names"));
        }
        let bytes = own.concat();
        let mut rest = bytes.as_slice();
        for weight in &group.weights {
            let stored = stored(weight)?;
            let length = crate::pack::convert::shape::check(&weight.shape)? * stored.width();
            let (own, after) = rest
                .split_at_checked(length)
                .ok_or_else(|| ConvertError::malformed("fewer weights than the model names"))?;
            rest = after;
            let tensor = decode(stored, weight.shape.clone(), own, budget)?;
            weights.insert(weight.name.clone(), tensor);
        }
        if !rest.is_empty() {
            return Err(ConvertError::malformed("more weights than the model names"));
        }
    }
    if shards.next().is_some() {
        return Err(ConvertError::malformed("more shards than the model names"));
    }
    Ok(weights)
}

fn stored(weight: &Weight) -> Result<Stored, ConvertError> {
    let quantized = weight.quantization.as_ref();
    match (weight.dtype.as_str(), quantized.map(|q| (q.dtype.as_str(), q.scale, q.min))) {
        ("float32", None) => Ok(Stored::F32),
        ("int32", None) => Ok(Stored::I32),
        ("float32", Some(("float16", ..))) => Ok(Stored::F16),
        ("float32", Some(("uint8", Some(scale), Some(min)))) => Ok(Stored::Bytes { scale, min }),
        _ => Err(ConvertError::unsupported(format!("the number format of {}", weight.name))),
    }
}

/// 64-bit numbers are texts in protobuf's JSON.
pub(super) fn number(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

/// Attributes are texts in base64; those that matter are few.
fn text(json: Option<&Json>) -> &str {
    json.and_then(Json::as_str).unwrap_or_default()
}

pub(super) fn only_channels_last(node: &Node) -> Result<(), ConvertError> {
    match text(node.attr.get("data_format").and_then(|attr| attr.get("s"))) {
        // NHWC, also when it is left out.
        "" | "TkhXQw==" => Ok(()),
        _ => Err(ConvertError::unsupported("channels before the picture")),
    }
}

pub(super) fn padding(node: &Node) -> Result<Padding, ConvertError> {
    match text(node.attr.get("padding").and_then(|attr| attr.get("s"))) {
        "U0FNRQ==" => Ok(Padding::Same),
        "VkFMSUQ=" => Ok(Padding::Valid),
        _ => Err(ConvertError::unsupported("a padding that is neither SAME nor VALID")),
    }
}

/// Height and width out of a list for batch, height, width, channels; 1 where it is left out.
pub(super) fn picture(node: &Node, name: &str) -> Result<[usize; 2], ConvertError> {
    let Some(list) = node.attr.get(name).and_then(|attr| attr.pointer("/list/i")) else { return Ok([1, 1]) };
    let numbers: Option<Vec<usize>> =
        list.as_array().and_then(|list| list.iter().map(|n| usize::try_from(number(n)?).ok()).collect());
    match numbers.as_deref() {
        Some(&[1, height, width, 1]) => Ok([height, width]),
        _ => Err(ConvertError::unsupported(format!("the {name} of {}", node.name))),
    }
}

/// What a `_Fused…` node does after its product.
#[derive(Default)]
pub(super) struct Fused {
    pub(super) bias: bool,
    /// The upper bound of the rectifier, if there is one.
    pub(super) max: Option<f32>,
}

pub(super) fn fused(node: &Node) -> Result<Fused, ConvertError> {
    let mut fused = Fused::default();
    let Some(list) = node.attr.get("fused_ops").and_then(|attr| attr.pointer("/list/s")) else {
        return Ok(fused);
    };
    for op in list.as_array().into_iter().flatten() {
        match text(Some(op)) {
            "Qmlhc0FkZA==" => fused.bias = true,
            "UmVsdQ==" => fused.max = Some(f32::INFINITY),
            "UmVsdTY=" => fused.max = Some(6.0),
            other => return Err(ConvertError::unsupported(format!("a fused step {other}"))),
        }
    }
    Ok(fused)
}
