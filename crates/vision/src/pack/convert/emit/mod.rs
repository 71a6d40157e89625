//! Writes a network as an ONNX file.
//!
//! The same network gives the same bytes each time: names are numbers in order, nothing is iterated from a
//! hash map, and no time or path is written.

#[cfg(test)]
mod tests;

use prost::Message;

use super::net::{Grid, INPUT, Net, Node, Op, Tensor, Value, Window};
use super::onnx::{
    AttributeProto, DimensionValue, GraphProto, IR_VERSION, ModelProto, NodeProto, OPSET, OperatorSetIdProto,
    TensorProto, ValueInfoProto,
};

/// The file's bytes.
pub(super) fn emit(net: &Net) -> Vec<u8> {
    let mut writer = Writer { net, nodes: Vec::new(), constants: Vec::new() };
    for node in &net.nodes {
        writer.node(node);
    }
    for (name, value) in &net.outputs {
        // Most outputs bear their name from the start; a second name for one value needs a step.
        let own = writer.name(*value);
        if own != *name {
            writer.op("Identity", &[own], name, []);
        }
    }
    let graph = GraphProto {
        name: "converted".into(),
        input: vec![ValueInfoProto::floats(INPUT, input_dims(net))],
        output: net
            .outputs
            .iter()
            .enumerate()
            .map(|(at, (name, value))| ValueInfoProto::floats(name, output_dims(net, at, *value)))
            .collect(),
        node: writer.nodes,
        initializer: writer.constants,
    };
    let model = ModelProto {
        ir_version: Some(IR_VERSION),
        producer_name: "shiren".into(),
        producer_version: super::VERSION.into(),
        graph: Some(graph),
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version: Some(OPSET) }],
    };
    model.encode_to_vec()
}

fn fixed(dims: &[usize]) -> Vec<DimensionValue> {
    dims.iter().map(|&dim| DimensionValue::Fixed(dim as i64)).collect()
}

fn input_dims(net: &Net) -> Vec<DimensionValue> {
    let mut dims = fixed(net.shape(net.input));
    if net.any_size {
        dims[2] = DimensionValue::Named("height".into());
        dims[3] = DimensionValue::Named("width".into());
    }
    dims
}

/// Where the input may have any size, so may pictures, and the rows of a table.
fn output_dims(net: &Net, at: usize, value: Value) -> Vec<DimensionValue> {
    let mut dims = fixed(net.shape(value));
    if net.any_size {
        match dims.as_mut_slice() {
            [_, _, height, width] => {
                *height = DimensionValue::Named(format!("height{at}"));
                *width = DimensionValue::Named(format!("width{at}"));
            }
            [_, rows, _] => *rows = DimensionValue::Named(format!("rows{at}")),
            _ => {}
        }
    }
    dims
}

struct Writer<'net> {
    net: &'net Net,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Writer<'_> {
    fn name(&self, value: Value) -> String {
        if value == self.net.input {
            return INPUT.into();
        }
        let output = self.net.outputs.iter().find(|(_, output)| *output == value);
        output.map_or_else(|| format!("/v{value}"), |(name, _)| name.clone())
    }

    fn op<const N: usize>(
        &mut self,
        kind: &str,
        inputs: &[String],
        output: &str,
        attribute: [AttributeProto; N],
    ) {
        self.nodes.push(NodeProto {
            input: inputs.to_vec(),
            output: vec![output.into()],
            name: format!("/n{}", self.nodes.len()),
            op_type: kind.into(),
            attribute: attribute.into(),
        });
    }

    fn floats(&mut self, dims: &[usize], values: &[f32]) -> String {
        let name = format!("/c{}", self.constants.len());
        self.constants.push(TensorProto::floats(&name, dims, values));
        name
    }

    fn tensor(&mut self, tensor: &Tensor) -> String {
        self.floats(&tensor.dims, &tensor.data)
    }

    fn integers(&mut self, values: &[i64]) -> String {
        let name = format!("/c{}", self.constants.len());
        self.constants.push(TensorProto::integers(&name, values));
        name
    }

    /// One number per channel, shaped so that it meets the channels of a value of this rank.
    fn per_channel(&mut self, like: Value, values: &[f32]) -> String {
        let picture = self.net.shape(like).len() == 4;
        let dims: &[usize] = if picture { &[values.len(), 1, 1] } else { &[values.len()] };
        self.floats(dims, values)
    }

    fn node(&mut self, node: &Node) {
        let out = self.name(node.output);
        let mut inputs: Vec<String> = node.inputs.iter().map(|&input| self.name(input)).collect();
        match &node.op {
            Op::Conv { weight, bias, group, window } => {
                inputs.push(self.tensor(weight));
                inputs.push(self.floats(&[bias.len()], bias));
                let [kernel, strides, dilations, pads] = attributes(window);
                let group = AttributeProto::int("group", *group as i64);
                self.op("Conv", &inputs, &out, [kernel, strides, dilations, pads, group]);
            }
            Op::Deconv { weight, bias, window } => {
                inputs.push(self.tensor(weight));
                inputs.push(self.floats(&[bias.len()], bias));
                self.op("ConvTranspose", &inputs, &out, attributes(window));
            }
            Op::MaxPool(window) => {
                let [kernel, strides, _, pads] = attributes(window);
                self.op("MaxPool", &inputs, &out, [kernel, strides, pads]);
            }
            Op::AveragePool(window) => {
                let [kernel, strides, _, pads] = attributes(window);
                self.op("AveragePool", &inputs, &out, [kernel, strides, pads]);
            }
            Op::Mean { keep } => {
                let axes = AttributeProto::ints("axes", [2, 3]);
                let keep = AttributeProto::int("keepdims", i64::from(*keep));
                self.op("ReduceMean", &inputs, &out, [axes, keep]);
            }
            Op::Add => self.op("Add", &inputs, &out, []),
            Op::Mul => self.op("Mul", &inputs, &out, []),
            Op::Affine { scale, shift } => self.affine(node, &inputs, &out, scale, shift),
            Op::Clip { min: 0.0, max: f32::INFINITY } => self.op("Relu", &inputs, &out, []),
            Op::Clip { min, max } => {
                inputs.push(self.floats(&[], &[*min]));
                inputs.push(self.floats(&[], &[*max]));
                self.op("Clip", &inputs, &out, []);
            }
            Op::Prelu { slope } => self.prelu(node, inputs, &out, slope),
            Op::Sigmoid => self.op("Sigmoid", &inputs, &out, []),
            Op::HardSwish => {
                // x · clip(x / 6 + 1/2, 0, 1); operator set 13 has no single operator for it.
                let gate = part(&out, "gate");
                let alpha = AttributeProto::float("alpha", 1.0 / 6.0);
                self.op("HardSigmoid", &inputs, &gate, [alpha, AttributeProto::float("beta", 0.5)]);
                inputs.push(gate);
                self.op("Mul", &inputs, &out, []);
            }
            Op::Softmax => {
                let axis = if self.net.shape(node.inputs[0]).len() == 4 { 1 } else { -1 };
                self.op("Softmax", &inputs, &out, [AttributeProto::int("axis", axis)]);
            }
            Op::Pad { spatial: [top, left, bottom, right], channels } => {
                let pads = [0, 0, *top, *left, 0, *channels, *bottom, *right].map(|pad| pad as i64);
                inputs.push(self.integers(&pads));
                self.op("Pad", &inputs, &out, []);
            }
            Op::Resize { to, grid } => self.resize(node, inputs, &out, *to, *grid),
            Op::Concat { axis } => {
                self.op("Concat", &inputs, &out, [AttributeProto::int("axis", *axis as i64)]);
            }
            Op::DepthToSpace { block } => {
                let mode = AttributeProto::text("mode", "DCR");
                self.op(
                    "DepthToSpace",
                    &inputs,
                    &out,
                    [AttributeProto::int("blocksize", *block as i64), mode],
                );
            }
            Op::Reshape { to } => self.reshape(node, inputs, &out, to),
            Op::Dense { weight, bias } => {
                let flat = self.flat(node.inputs[0], inputs.remove(0), &out);
                let inputs = [flat, self.tensor(weight), self.floats(&[bias.len()], bias)];
                self.op("Gemm", &inputs, &out, [AttributeProto::int("transB", 1)]);
            }
        }
    }

    fn affine(&mut self, node: &Node, inputs: &[String], out: &str, scale: &[f32], shift: &[f32]) {
        let mut x = inputs[0].clone();
        let adds = shift.iter().any(|&shift| shift != 0.0);
        let multiplies = scale.iter().any(|&scale| scale != 1.0) || !adds;
        if multiplies {
            let scaled = if adds { part(out, "scaled") } else { out.into() };
            let factor = self.per_channel(node.inputs[0], scale);
            self.op("Mul", &[x, factor], &scaled, []);
            x = scaled;
        }
        if adds {
            let summand = self.per_channel(node.inputs[0], shift);
            self.op("Add", &[x, summand], out, []);
        }
    }

    /// ONNX Runtime computes `PRelu` element by element and outside of the layout in which its convolutions
    /// work. The same as two depthwise 1×1 convolutions, `slope · x + (1 − slope) · max(x, 0)`, stays inside:
    /// the face mesh takes 1.4 ms instead of 4.0. Large slopes would lose digits in the difference.
    fn prelu(&mut self, node: &Node, mut inputs: Vec<String>, out: &str, slope: &[f32]) {
        let picture = self.net.shape(node.inputs[0]).len() == 4;
        if !picture || slope.iter().any(|slope| slope.abs() > 4.0) {
            inputs.push(self.per_channel(node.inputs[0], slope));
            self.op("PRelu", &inputs, out, []);
            return;
        }
        let [all, positive, above] = ["all", "positive", "above"].map(|of| part(out, of));
        let rest: Vec<f32> = slope.iter().map(|slope| 1.0 - slope).collect();
        self.op("Relu", &inputs, &positive, []);
        self.each_channel(inputs.remove(0), slope, &all);
        self.each_channel(positive, &rest, &above);
        self.op("Add", &[above, all], out, []);
    }

    /// A factor per channel, as a convolution.
    fn each_channel(&mut self, x: String, factors: &[f32], out: &str) {
        let weight = self.floats(&[factors.len(), 1, 1, 1], factors);
        let kernel = AttributeProto::ints("kernel_shape", [1, 1]);
        let group = AttributeProto::int("group", factors.len() as i64);
        self.op("Conv", &[x, weight], out, [kernel, group]);
    }

    fn resize(&mut self, node: &Node, mut inputs: Vec<String>, out: &str, to: [usize; 2], grid: Grid) {
        let shape = self.net.shape(node.inputs[0]);
        let (height, width) = (shape[2], shape[3]);
        let sizes = [shape[0], shape[1], to[0], to[1]].map(|size| size as i64);
        // A whole factor stays right when the picture's size is chosen at run time.
        let whole = to[0].is_multiple_of(height) && to[1].is_multiple_of(width);
        // The region of interest is for another mode; an empty name leaves it out.
        inputs.push(String::new());
        if whole {
            let factors = [1.0, 1.0, (to[0] / height) as f32, (to[1] / width) as f32];
            inputs.push(self.floats(&[4], &factors));
        } else {
            inputs.push(String::new());
            inputs.push(self.integers(&sizes));
        }
        let grid = match grid {
            Grid::Asymmetric => "asymmetric",
            Grid::HalfPixel => "half_pixel",
            Grid::AlignCorners => "align_corners",
        };
        let grid = AttributeProto::text("coordinate_transformation_mode", grid);
        self.op("Resize", &inputs, out, [AttributeProto::text("mode", "linear"), grid]);
    }

    /// Counts of rows are left open, so that they follow the size of the input.
    fn reshape(&mut self, node: &Node, mut inputs: Vec<String>, out: &str, to: &[usize]) {
        let mut to: Vec<i64> = to.iter().map(|&dim| dim as i64).collect();
        if let [_, rows, _] = to.as_mut_slice() {
            *rows = -1;
        }
        let x = self.channels_last(node.inputs[0], inputs.remove(0), out);
        let to = self.integers(&to);
        self.op("Reshape", &[x, to], out, []);
    }

    fn flat(&mut self, value: Value, name: String, out: &str) -> String {
        let shape = self.net.shape(value);
        if shape.len() == 2 {
            return name;
        }
        let to = [shape[0] as i64, -1];
        let flat = part(out, "flat");
        let last = self.channels_last(value, name, out);
        let to = self.integers(&to);
        self.op("Reshape", &[last, to], &flat, []);
        flat
    }

    /// The source's order of a picture; free where there is but one place in it.
    fn channels_last(&mut self, value: Value, name: String, out: &str) -> String {
        match self.net.shape(value) {
            [_, _, height, width] if height * width > 1 || self.net.any_size => {
                let last = part(out, "last");
                self.op("Transpose", &[name], &last, [AttributeProto::ints("perm", [0, 2, 3, 1])]);
                last
            }
            _ => name,
        }
    }
}

/// The name of something on the way to `out`. No output's name starts with a slash, so none is met twice.
fn part(out: &str, of: &str) -> String {
    format!("/{out}/{of}")
}

fn attributes(window: &Window) -> [AttributeProto; 4] {
    [
        AttributeProto::ints("kernel_shape", window.kernel),
        AttributeProto::ints("strides", window.strides),
        AttributeProto::ints("dilations", window.dilations),
        AttributeProto::ints("pads", window.pads),
    ]
}
