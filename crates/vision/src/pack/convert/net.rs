//! A network between its source format and ONNX: few operators, channels first, shapes known.
//!
//! Every value of rank 4 is `[batch, channels, height, width]`, whatever the source file uses; values of
//! lower rank keep the order of the source. Constants live inside the operators, because that is where
//! folding needs them.

use super::ConvertError;
use super::shape;

/// Name of the one input of every converted model.
pub(super) const INPUT: &str = "input";

/// Index into [`Net::shapes`].
pub(super) type Value = usize;

/// More nodes than any model we convert has by a factor of twenty; a bound for hostile files.
pub(super) const MAX_NODES: usize = 20_000;

/// Outputs of one model, and letters in the name of one.
const MAX_OUTPUTS: usize = 64;
const MAX_NAME: usize = 256;

/// Constant numbers with their dimensions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tensor {
    pub(super) dims: Vec<usize>,
    pub(super) data: Vec<f32>,
}

/// The sliding window of a convolution or a pool: `[height, width]`, pads `[top, left, bottom, right]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Window {
    pub(super) kernel: [usize; 2],
    pub(super) strides: [usize; 2],
    pub(super) dilations: [usize; 2],
    pub(super) pads: [usize; 4],
}

/// How TensorFlow pads a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// The output has `ceil(input / stride)` places; an odd amount of padding goes bottom and right.
    Same,
    /// None.
    Valid,
}

/// Where the sample points of a resize lie; the words are those of ONNX `Resize`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grid {
    Asymmetric,
    HalfPixel,
    AlignCorners,
}

/// What a node does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Op {
    /// Weights `[out, in / group, height, width]`, one bias per output channel.
    Conv {
        weight: Tensor,
        bias: Vec<f32>,
        group: usize,
        window: Window,
    },
    /// Transposed convolution without padding; weights `[in, out, height, width]`.
    Deconv {
        weight: Tensor,
        bias: Vec<f32>,
        window: Window,
    },
    MaxPool(Window),
    /// Padding does not count in the mean.
    AveragePool(Window),
    /// Mean over height and width; `keep` leaves them as 1.
    Mean {
        keep: bool,
    },
    Add,
    Mul,
    /// `x · scale + shift` for each channel (the last dimension where the rank is not 4).
    Affine {
        scale: Vec<f32>,
        shift: Vec<f32>,
    },
    /// Rectifiers of all kinds: `clip(0, ∞)` is ReLU.
    Clip {
        min: f32,
        max: f32,
    },
    /// One slope per channel for values below 0.
    Prelu {
        slope: Vec<f32>,
    },
    Sigmoid,
    HardSwish,
    /// Over the channels.
    Softmax,
    /// Zeros around the picture `[top, left, bottom, right]` and after the channels.
    Pad {
        spatial: [usize; 4],
        channels: usize,
    },
    /// Bilinear, to `[height, width]`.
    Resize {
        to: [usize; 2],
        grid: Grid,
    },
    /// Along this dimension.
    Concat {
        axis: usize,
    },
    DepthToSpace {
        block: usize,
    },
    /// Read in the order batch, height, width, channels and given these dimensions (rank below 4).
    Reshape {
        to: Vec<usize>,
    },
    /// Flattened in the order height, width, channels; weights `[out, in]`.
    Dense {
        weight: Tensor,
        bias: Vec<f32>,
    },
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) inputs: Vec<Value>,
    pub(super) output: Value,
}

/// A whole network with one input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Net {
    pub(super) input: Value,
    /// Height and width of the input may be chosen at each run.
    pub(super) any_size: bool,
    /// Names and values, in the order in which the model gives them.
    pub(super) outputs: Vec<(String, Value)>,
    pub(super) nodes: Vec<Node>,
    /// Dimensions of each value; for an input of any size, those at the size the file states.
    pub(super) shapes: Vec<Vec<usize>>,
}

impl Net {
    /// A network whose input has these dimensions (`[1, channels, height, width]`).
    pub(super) fn new(input: [usize; 4]) -> Result<Self, ConvertError> {
        shape::check(&input)?;
        Ok(Self {
            input: 0,
            any_size: false,
            outputs: Vec::new(),
            nodes: Vec::new(),
            shapes: vec![input.to_vec()],
        })
    }

    /// Adds a step; the result's shape follows from the operator, which is checked against its inputs.
    pub(super) fn push(&mut self, op: Op, inputs: &[Value]) -> Result<Value, ConvertError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(ConvertError::TooLarge { what: "number of nodes", limit: MAX_NODES });
        }
        let shapes: Vec<&[usize]> = inputs.iter().map(|&input| self.shape(input)).collect();
        let shape = shape::after(&op, &shapes)?;
        let output = self.shapes.len();
        self.shapes.push(shape);
        self.nodes.push(Node { op, inputs: inputs.to_vec(), output });
        Ok(output)
    }

    /// Makes a value an output of the model, after those that are there.
    pub(super) fn output(&mut self, name: &str, value: Value) -> Result<(), ConvertError> {
        if self.outputs.len() >= MAX_OUTPUTS {
            return Err(ConvertError::TooLarge { what: "number of outputs", limit: MAX_OUTPUTS });
        }
        let taken = self.outputs.iter().any(|(other, _)| other == name);
        if name.is_empty() || name.len() > MAX_NAME || name.starts_with('/') || name == INPUT || taken {
            return Err(ConvertError::malformed("an output without a name of its own"));
        }
        self.outputs.push((name.to_owned(), value));
        Ok(())
    }

    /// Leaves height and width of the input open, if no step depends on them.
    pub(super) fn open_size(&mut self) -> Result<(), ConvertError> {
        let follows = |node: &Node| match (&node.op, self.shape(node.inputs[0])) {
            // Rows follow the size; what stands in one row must not.
            (Op::Reshape { to }, &[batch, channels, ..]) => {
                matches!(to.as_slice(), &[rows, _, length] if rows == batch && channels % length == 0)
            }
            (Op::Dense { .. }, &[_, _, ..]) => self.shape(node.inputs[0]).len() == 2,
            (Op::Resize { to, .. }, &[_, _, h, w]) => to[0] % h == 0 && to[1] % w == 0,
            _ => true,
        };
        if !self.nodes.iter().all(follows) {
            return Err(ConvertError::unsupported("any size for a model whose steps depend on it"));
        }
        self.any_size = true;
        Ok(())
    }

    /// Dimensions of a value.
    pub(super) fn shape(&self, value: Value) -> &[usize] {
        &self.shapes[value]
    }

    /// Channels of a value: the second of four dimensions, else the last.
    pub(super) fn channels(&self, value: Value) -> usize {
        shape::channels(self.shape(value))
    }

    /// The window that a kernel of this size, step and padding makes over `value`.
    pub(super) fn window(
        &self,
        value: Value,
        kernel: [usize; 2],
        strides: [usize; 2],
        dilations: [usize; 2],
        padding: Padding,
    ) -> Result<Window, ConvertError> {
        let &[_, _, height, width] = self.shape(value) else {
            return Err(ConvertError::malformed("a window over something that is not a picture"));
        };
        shape::window([height, width], kernel, strides, dilations, padding)
    }
}
