//! Reads a TensorFlow.js graph model: a GraphDef in JSON and shards of weights.
//!
//! Nodes name their inputs and stand in no promised order, so they are computed from the outputs backwards.
//! Pictures are stored batch, height, width, channels. Weights are `f32`, `f16`, `i32`, or bytes with scale
//! and minimum, back to back over all shards of a group.

mod file;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use self::file::{File, Node, fused, number, only_channels_last, padding, picture, plain};
use super::ConvertError;
use super::net::{Net, Op, Tensor, Value};
use super::weights::{Budget, permute, sizes, transpose};

/// The network with these outputs, or with all, sorted by name.
pub(super) fn read(
    model: &[u8],
    shards: &[&[u8]],
    any_size: bool,
    outputs: &[&str],
) -> Result<Net, ConvertError> {
    let file = File::parse(model)?;
    let mut budget = Budget::default();
    let weights = file.weights(shards, &mut budget)?;
    let nodes = file.nodes();
    let mut reader = Reader { net: input(&nodes)?, nodes, weights, known: BTreeMap::new(), budget };
    let all = file.outputs()?;
    let names = if outputs.is_empty() { all.keys().copied().collect() } else { outputs.to_vec() };
    for name in names {
        let node = all.get(name).ok_or_else(|| ConvertError::malformed(format!("the graph lacks {name}")))?;
        let value = reader.value(node)?;
        reader.net.output(name, value)?;
    }
    if any_size {
        reader.net.open_size()?;
    }
    Ok(reader.net)
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

struct Reader<'a> {
    net: Net,
    nodes: BTreeMap<&'a str, &'a Node>,
    weights: BTreeMap<String, Tensor>,
    known: BTreeMap<&'a str, Value>,
    budget: Budget,
}

impl<'a> Reader<'a> {
    /// Computes a node after all that it needs. A stack of our own, because a hostile graph may be deep.
    fn value(&mut self, name: &str) -> Result<Value, ConvertError> {
        let mut stack = vec![(self.node(name)?, false)];
        let mut open = BTreeSet::new();
        while let Some((node, ready)) = stack.pop() {
            if self.known.contains_key(node.name.as_str()) {
                continue;
            }
            if ready {
                let value = self.compute(node)?;
                self.known.insert(&node.name, value);
                continue;
            }
            if !open.insert(&node.name) {
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
        let value = self.known.get(plain(name)).copied();
        value.ok_or_else(|| ConvertError::malformed(format!("the graph lacks {name}")))
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

    /// A copy of a constant: several nodes may use one, so each use counts.
    fn constant(&mut self, node: &Node, n: usize) -> Result<Tensor, ConvertError> {
        let name = node.input.get(n).map(|name| plain(name));
        let tensor = name.and_then(|name| self.weights.get(name));
        let tensor = tensor
            .ok_or_else(|| ConvertError::unsupported(format!("input {n} of {} is no constant", node.name)))?;
        self.budget.spend(tensor.data.len())?;
        Ok(tensor.clone())
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
                let slope = self.constant(node, 1)?.data;
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

    fn scalar(&mut self, node: &Node, n: usize) -> Result<f32, ConvertError> {
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
            let mut weight = permute(&weight, [2, 3, 0, 1])?;
            weight.dims = vec![weight.dims[0] * weight.dims[1], 1, weight.dims[2], weight.dims[3]];
            weight
        } else {
            permute(&weight, [3, 2, 0, 1])?
        };
        let kernel = [weight.dims[2], weight.dims[3]];
        let (strides, dilations) = (picture(node, "strides")?, picture(node, "dilations")?);
        let window = self.net.window(x, kernel, strides, dilations, padding(node)?)?;
        let fused = fused(node)?;
        let bias = match fused.bias {
            true => self.constant(node, 2)?.data,
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
        let weight = transpose(&self.constant(node, 1)?)?;
        let fused = fused(node)?;
        let bias = match fused.bias {
            true => self.constant(node, 2)?.data,
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
        self.budget.spend(2 * channels)?;
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
        let pads = sizes(&self.constant(node, 1)?)?;
        // Before and after, for batch, height, width, channels.
        let &[0, 0, top, bottom, left, right, 0, channels] = pads.as_slice() else {
            return Err(ConvertError::unsupported("a padding of something else than a picture"));
        };
        self.unary(node, Op::Pad { spatial: [top, left, bottom, right], channels })
    }

    fn reshape(&mut self, node: &Node) -> Result<Value, ConvertError> {
        let x = self.input(node, 0)?;
        let stated = self.constant(node, 1)?.data;
        let whole = crate::pack::convert::shape::check(self.net.shape(x))?;
        let fixed: usize =
            stated.iter().filter(|&&n| n > 0.0).fold(1, |all, &n| all.saturating_mul(n as usize));
        // −1 stands for whatever is left.
        let to = stated.iter().map(|&n| if n > 0.0 { n as usize } else { whole / fixed });
        let to: Vec<usize> = to.collect();
        self.net.push(Op::Reshape { to }, &[x])
    }
}
