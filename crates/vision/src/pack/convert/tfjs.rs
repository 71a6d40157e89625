//! Reads a TensorFlow.js graph model: a GraphDef in JSON and shards of weights.
//!
//! Nodes name their inputs and stand in no promised order, so they are computed from the outputs backwards.
//! Pictures are stored batch, height, width, channels. Weights are `f32`, `f16`, `i32`, or bytes with scale
//! and minimum, back to back over all shards of a group.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;

use super::ConvertError;
use super::net::{MAX_NODES, Net, Op, Padding, Tensor, Value};
use super::weights::{Budget, Stored, decode, permute, transpose};

/// Bytes of `model.json`; the largest in the packages has 0.6 MB.
const MAX_JSON: usize = 16 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    model_topology: Topology,
    weights_manifest: Vec<Group>,
    signature: Option<Signature>,
    user_defined_metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    signature: Option<Signature>,
}

#[derive(Deserialize)]
struct Signature {
    /// A map, which keeps the outputs sorted by name: their order in the file means nothing.
    outputs: BTreeMap<String, Json>,
}

#[derive(Deserialize)]
struct Topology {
    node: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    name: String,
    op: String,
    #[serde(default)]
    input: Vec<String>,
    #[serde(default)]
    attr: BTreeMap<String, Json>,
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

/// The network with these outputs, or with all, sorted by name.
pub(super) fn read(
    model: &[u8],
    shards: &[&[u8]],
    any_size: bool,
    outputs: &[&str],
) -> Result<Net, ConvertError> {
    if model.len() > MAX_JSON {
        return Err(ConvertError::TooLarge { what: "bytes of the graph", limit: MAX_JSON });
    }
    let file: File = serde_json::from_slice(model)
        .map_err(|error| ConvertError::malformed(format!("the graph: {error}")))?;
    let signature = file.signature.or(file.user_defined_metadata.and_then(|data| data.signature));
    let signature = signature.ok_or_else(|| ConvertError::malformed("a graph without outputs"))?;
    if file.model_topology.node.len() > MAX_NODES {
        return Err(ConvertError::TooLarge { what: "number of nodes", limit: MAX_NODES });
    }
    let weights = read_weights(file.weights_manifest, shards)?;
    let nodes: BTreeMap<&str, &Node> =
        file.model_topology.node.iter().map(|node| (node.name.as_str(), node)).collect();
    let mut reader = Reader { net: input(&nodes)?, nodes, weights, known: BTreeMap::new() };
    reader.net.any_size = any_size;
    let all: Vec<&str> = signature.outputs.keys().map(|name| plain(name)).collect();
    if outputs.iter().any(|name| !all.contains(name)) {
        return Err(ConvertError::malformed("an output that the graph lacks"));
    }
    for &name in if outputs.is_empty() { &all } else { outputs } {
        let value = reader.value(name)?;
        reader.net.outputs.push((name.to_owned(), value));
    }
    Ok(reader.net)
}

/// `name:0` is the first (and here the only) result of `name`.
fn plain(name: &str) -> &str {
    name.strip_suffix(":0").unwrap_or(name)
}

fn read_weights(groups: Vec<Group>, shards: &[&[u8]]) -> Result<BTreeMap<String, Tensor>, ConvertError> {
    let mut budget = Budget::default();
    let mut weights = BTreeMap::new();
    let mut shards = shards.iter();
    for group in groups {
        let own: Vec<&[u8]> = shards.by_ref().take(group.paths.len()).copied().collect();
        if own.len() != group.paths.len() {
            return Err(ConvertError::malformed("fewer shards than the model names"));
        }
        let bytes = own.concat();
        let mut rest = bytes.as_slice();
        for weight in group.weights {
            let stored = stored(&weight)?;
            let length = super::shape::check(&weight.shape)? * stored.width();
            let (own, after) = rest
                .split_at_checked(length)
                .ok_or_else(|| ConvertError::malformed("fewer weights than the model names"))?;
            rest = after;
            weights.insert(weight.name, decode(stored, weight.shape, own, &mut budget)?);
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

/// Finds the one placeholder and starts the network with it.
fn input(nodes: &BTreeMap<&str, &Node>) -> Result<Net, ConvertError> {
    let mut inputs = nodes.values().filter(|node| node.op == "Placeholder");
    let (Some(node), None) = (inputs.next(), inputs.next()) else {
        return Err(ConvertError::unsupported("a model without exactly one input"));
    };
    let dims = node.attr.get("shape").and_then(|attr| attr.pointer("/shape/dim")).and_then(Json::as_array);
    let dims: Option<Vec<i64>> =
        dims.and_then(|dims| dims.iter().map(|dim| number(dim.get("size")?)).collect());
    // The batch may be left open in the file; here it is always one picture.
    match dims.as_deref() {
        Some(&[-1 | 1, height, width, channels]) => {
            let size =
                |n: i64| usize::try_from(n).map_err(|_| ConvertError::malformed("an input without size"));
            Net::new([1, size(channels)?, size(height)?, size(width)?])
        }
        _ => Err(ConvertError::unsupported("an input that is not one picture")),
    }
}

/// 64-bit numbers are texts in protobuf's JSON.
fn number(json: &Json) -> Option<i64> {
    json.as_i64().or_else(|| json.as_str()?.parse().ok())
}

struct Reader<'a> {
    net: Net,
    nodes: BTreeMap<&'a str, &'a Node>,
    weights: BTreeMap<String, Tensor>,
    known: BTreeMap<&'a str, Value>,
}

impl<'a> Reader<'a> {
    /// Computes a node after all that it needs. A stack of our own, because a hostile graph may be deep.
    fn value(&mut self, name: &str) -> Result<Value, ConvertError> {
        let mut stack = vec![(self.node(name)?, false)];
        let mut open = BTreeMap::new();
        while let Some((node, ready)) = stack.pop() {
            if self.known.contains_key(node.name.as_str()) {
                continue;
            }
            if ready {
                let value = self.compute(node)?;
                self.known.insert(&node.name, value);
                continue;
            }
            if open.insert(&node.name, ()).is_some() {
                return Err(ConvertError::malformed("a graph that runs in a circle"));
            }
            stack.push((node, true));
            for input in &node.input {
                let input = self.node(input)?;
                if input.op != "Const" && !self.known.contains_key(input.name.as_str()) {
                    stack.push((input, false));
                }
            }
        }
        Ok(self.known[self.node(name)?.name.as_str()])
    }

    fn node(&self, name: &str) -> Result<&'a Node, ConvertError> {
        let node = self.nodes.get(plain(name)).copied();
        node.ok_or_else(|| ConvertError::malformed(format!("the graph lacks {name}")))
    }

    fn input(&self, node: &Node, n: usize) -> Result<Value, ConvertError> {
        let name = node.input.get(n).map(|name| plain(name));
        let value = name.and_then(|name| self.known.get(name)).copied();
        value.ok_or_else(|| ConvertError::unsupported(format!("input {n} of {}", node.name)))
    }

    fn constant(&self, node: &Node, n: usize) -> Result<&Tensor, ConvertError> {
        let name = node.input.get(n).map(|name| plain(name));
        let tensor = name.and_then(|name| self.weights.get(name));
        tensor.ok_or_else(|| ConvertError::unsupported(format!("input {n} of {} is no constant", node.name)))
    }

    fn is_constant(&self, node: &Node, n: usize) -> bool {
        node.input.get(n).is_some_and(|name| self.weights.contains_key(plain(name)))
    }

    fn compute(&mut self, node: &Node) -> Result<Value, ConvertError> {
        match node.op.as_str() {
            "Placeholder" => Ok(self.net.input),
            "Identity" => self.input(node, 0),
            "Conv2D" | "_FusedConv2D" => self.convolution(node, false),
            "DepthwiseConv2dNative" | "FusedDepthwiseConv2dNative" => self.convolution(node, true),
            "MatMul" | "_FusedMatMul" => self.dense(node),
            "MaxPool" | "AvgPool" => self.pool(node),
            "Add" | "AddV2" | "BiasAdd" | "Mul" => self.combine(node),
            "Relu" => self.unary(node, Op::Clip { min: 0.0, max: f32::INFINITY }),
            "Relu6" => self.unary(node, Op::Clip { min: 0.0, max: 6.0 }),
            "Minimum" => {
                let max = self.scalar(node, 1)?;
                self.unary(node, Op::Clip { min: f32::NEG_INFINITY, max })
            }
            "Maximum" => {
                let min = self.scalar(node, 1)?;
                self.unary(node, Op::Clip { min, max: f32::INFINITY })
            }
            "Prelu" => {
                let slope = self.constant(node, 1)?.data.clone();
                self.unary(node, Op::Prelu { slope })
            }
            "Sigmoid" => self.unary(node, Op::Sigmoid),
            "Softmax" => self.unary(node, Op::Softmax),
            "Mean" => self.mean(node),
            "Pad" => self.pad(node),
            "Reshape" => self.reshape(node),
            other => Err(ConvertError::unsupported(format!("the TensorFlow operator {other}"))),
        }
    }

    fn unary(&mut self, node: &Node, op: Op) -> Result<Value, ConvertError> {
        let x = self.input(node, 0)?;
        self.net.push(op, &[x])
    }

    fn scalar(&self, node: &Node, n: usize) -> Result<f32, ConvertError> {
        match self.constant(node, n)?.data.as_slice() {
            &[number] => Ok(number),
            _ => Err(ConvertError::unsupported("a bound per element")),
        }
    }

    fn convolution(&mut self, node: &Node, depthwise: bool) -> Result<Value, ConvertError> {
        only_channels_last(node)?;
        let x = self.input(node, 0)?;
        let weight = self.constant(node, 1)?;
        let group = if depthwise { self.net.channels(x) } else { 1 };
        let weight = if depthwise {
            // [height, width, in, multiplier]: the outputs of one input stand together, as in ONNX.
            let mut weight = permute(weight, [2, 3, 0, 1])?;
            weight.dims = vec![weight.dims[0] * weight.dims[1], 1, weight.dims[2], weight.dims[3]];
            weight
        } else {
            permute(weight, [3, 2, 0, 1])?
        };
        let kernel = [weight.dims[2], weight.dims[3]];
        let (strides, dilations) = (picture(node, "strides")?, picture(node, "dilations")?);
        let window = self.net.window(x, kernel, strides, dilations, padding(node)?)?;
        let fused = fused(node)?;
        let bias = match fused.bias {
            true => self.constant(node, 2)?.data.clone(),
            false => vec![0.0; weight.dims[0]],
        };
        let x = self.net.push(Op::Conv { weight, bias, group, window }, &[x])?;
        self.activate(x, fused.max)
    }

    fn dense(&mut self, node: &Node) -> Result<Value, ConvertError> {
        let flag = |name: &str| node.attr.get(name).and_then(|attr| attr.get("b")?.as_bool()) == Some(true);
        if flag("transpose_a") || flag("transpose_b") {
            return Err(ConvertError::unsupported("a transposed product"));
        }
        let x = self.input(node, 0)?;
        let weight = transpose(self.constant(node, 1)?)?;
        let fused = fused(node)?;
        let bias = match fused.bias {
            true => self.constant(node, 2)?.data.clone(),
            false => vec![0.0; weight.dims[0]],
        };
        let x = self.net.push(Op::Dense { weight, bias }, &[x])?;
        self.activate(x, fused.max)
    }

    fn activate(&mut self, x: Value, max: Option<f32>) -> Result<Value, ConvertError> {
        match max {
            Some(max) => self.net.push(Op::Clip { min: 0.0, max }, &[x]),
            None => Ok(x),
        }
    }

    fn pool(&mut self, node: &Node) -> Result<Value, ConvertError> {
        only_channels_last(node)?;
        let x = self.input(node, 0)?;
        let (kernel, strides) = (picture(node, "ksize")?, picture(node, "strides")?);
        let window = self.net.window(x, kernel, strides, [1, 1], padding(node)?)?;
        let op = if node.op == "MaxPool" { Op::MaxPool(window) } else { Op::AveragePool(window) };
        self.net.push(op, &[x])
    }

    /// A sum or product of two values, or of a value and a constant.
    fn combine(&mut self, node: &Node) -> Result<Value, ConvertError> {
        let product = node.op == "Mul";
        let (a, b) = if self.is_constant(node, 0) { (1, 0) } else { (0, 1) };
        let x = self.input(node, a)?;
        if !self.is_constant(node, b) {
            let y = self.input(node, b)?;
            return self.net.push(if product { Op::Mul } else { Op::Add }, &[x, y]);
        }
        let channels = self.net.channels(x);
        let numbers = match self.constant(node, b)?.data.as_slice() {
            &[number] => vec![number; channels],
            numbers => numbers.to_vec(),
        };
        let (scale, shift) =
            if product { (numbers, vec![0.0; channels]) } else { (vec![1.0; channels], numbers) };
        self.net.push(Op::Affine { scale, shift }, &[x])
    }

    fn mean(&mut self, node: &Node) -> Result<Value, ConvertError> {
        if self.constant(node, 1)?.data != [1.0, 2.0] {
            return Err(ConvertError::unsupported("a mean over something else than a picture"));
        }
        let keep = node.attr.get("keep_dims").and_then(|attr| attr.get("b")?.as_bool()) == Some(true);
        self.unary(node, Op::Mean { keep })
    }

    fn pad(&mut self, node: &Node) -> Result<Value, ConvertError> {
        let pads: Vec<usize> = self.constant(node, 1)?.data.iter().map(|&pad| pad as usize).collect();
        // Before and after, for batch, height, width, channels.
        let &[0, 0, top, bottom, left, right, 0, channels] = pads.as_slice() else {
            return Err(ConvertError::unsupported("a padding of something else than a picture"));
        };
        self.unary(node, Op::Pad { spatial: [top, left, bottom, right], channels })
    }

    fn reshape(&mut self, node: &Node) -> Result<Value, ConvertError> {
        let x = self.input(node, 0)?;
        let stated = &self.constant(node, 1)?.data;
        let whole = super::shape::check(self.net.shape(x))?;
        let fixed: usize =
            stated.iter().filter(|&&n| n > 0.0).fold(1, |all, &n| all.saturating_mul(n as usize));
        // −1 stands for whatever is left.
        let to = stated.iter().map(|&n| if n > 0.0 { n as usize } else { whole / fixed });
        let to: Vec<usize> = to.collect();
        self.net.push(Op::Reshape { to }, &[x])
    }
}

/// Attributes are texts in base64; those that matter are few.
fn text(json: Option<&Json>) -> &str {
    json.and_then(Json::as_str).unwrap_or_default()
}

fn only_channels_last(node: &Node) -> Result<(), ConvertError> {
    match text(node.attr.get("data_format").and_then(|attr| attr.get("s"))) {
        // NHWC, also when it is left out.
        "" | "TkhXQw==" => Ok(()),
        _ => Err(ConvertError::unsupported("channels before the picture")),
    }
}

fn padding(node: &Node) -> Result<Padding, ConvertError> {
    match text(node.attr.get("padding").and_then(|attr| attr.get("s"))) {
        "U0FNRQ==" => Ok(Padding::Same),
        "VkFMSUQ=" => Ok(Padding::Valid),
        _ => Err(ConvertError::unsupported("a padding that is neither SAME nor VALID")),
    }
}

/// Height and width out of a list for batch, height, width, channels; 1 where it is left out.
fn picture(node: &Node, name: &str) -> Result<[usize; 2], ConvertError> {
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
struct Fused {
    bias: bool,
    /// The upper bound of the rectifier, if there is one.
    max: Option<f32>,
}

fn fused(node: &Node) -> Result<Fused, ConvertError> {
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
