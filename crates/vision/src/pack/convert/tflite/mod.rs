//! Reads a tflite model: a flatbuffer with the network's steps in the order in which they run.
//!
//! Field and operator numbers are those of `schema.fbs`, version 3. Pictures are stored height, width,
//! channels; half-precision constants stand behind `DEQUANTIZE` steps. The file states the shape of every
//! tensor: each is compared with what we computed, so a misread option is noticed here and not as a wrong
//! face later.

mod schema;
#[cfg(test)]
mod tests;

use self::schema::{Step, graph, index, model, op, operator, tensor};
use super::ConvertError;
use super::flatbuffer::Table;
use super::net::{Grid, MAX_NODES, Net, Op, Padding, Tensor, Value};
use super::weights::{Budget, Stored, decode, permute, sizes};

/// Every step has a few constants.
const MAX_TENSORS: usize = 4 * MAX_NODES;

/// The network of the file's first (and only) graph.
pub(super) fn read(file: &[u8]) -> Result<Net, ConvertError> {
    let root = Table::root(file, *b"TFL3")?;
    if root.count(model::SUBGRAPHS)? != 1 {
        return Err(ConvertError::unsupported("a model of several graphs"));
    }
    let main = root.nth(model::SUBGRAPHS, 0)?;
    let (inputs, outputs) = (main.ints(graph::INPUTS)?, main.ints(graph::OUTPUTS)?);
    let mut inputs = inputs.map(index);
    let (Some(input), None) = (inputs.next(), inputs.next()) else {
        return Err(ConvertError::unsupported("a model without exactly one input"));
    };
    let mut reader = Reader::new(root, main, input?)?;
    let steps = main.count(graph::OPERATORS)?;
    if steps > MAX_NODES {
        return Err(ConvertError::TooLarge { what: "number of steps", limit: MAX_NODES });
    }
    for n in 0..steps {
        reader.step(main.nth(graph::OPERATORS, n)?)?;
    }
    for output in outputs {
        let output = index(output)?;
        let name = main.nth(graph::TENSORS, output)?.text(tensor::NAME)?;
        let value = reader.value(output)?;
        reader.net.output(name, value)?;
    }
    Ok(reader.net)
}

/// What is known of a tensor so far.
#[derive(Clone, Copy)]
enum Known {
    /// Nothing computes it: it must be a constant with a buffer of its own.
    Stored,
    /// A constant that is the same as this one, in another number format.
    Same(usize),
    Computed(Value),
}

struct Reader<'a> {
    root: Table<'a>,
    main: Table<'a>,
    known: Vec<Known>,
    net: Net,
    budget: Budget,
}

impl<'a> Reader<'a> {
    fn new(root: Table<'a>, main: Table<'a>, input: usize) -> Result<Self, ConvertError> {
        let tensors = main.count(graph::TENSORS)?;
        if tensors > MAX_TENSORS {
            return Err(ConvertError::TooLarge { what: "number of tensors", limit: MAX_TENSORS });
        }
        let mut known = vec![Known::Stored; tensors];
        let &[batch, height, width, channels] = dims(main.nth(graph::TENSORS, input)?)?.as_slice() else {
            return Err(ConvertError::unsupported("an input that is no picture"));
        };
        let net = Net::new([batch, channels, height, width])?;
        known[input] = Known::Computed(net.input);
        Ok(Self { root, main, known, net, budget: Budget::default() })
    }

    fn step(&mut self, step: Table<'a>) -> Result<(), ConvertError> {
        let step = Step::new(self.root, step)?;
        let &[output] = step.outputs.as_slice() else {
            return Err(ConvertError::unsupported("a step with several results"));
        };
        if output >= self.known.len() {
            return Err(ConvertError::malformed("a step whose result names nothing"));
        }
        self.known[output] = if step.code == op::DEQUANTIZE {
            Known::Same(step.input(0)?)
        } else {
            let mut value = self.compute(&step)?;
            value = self.activate(value, step.activation()?)?;
            self.compare_shape(value, output)?;
            Known::Computed(value)
        };
        Ok(())
    }

    /// A value that a step computed, or the input.
    fn value(&self, tensor: usize) -> Result<Value, ConvertError> {
        match self.known.get(tensor) {
            Some(Known::Computed(value)) => Ok(*value),
            Some(_) => Err(ConvertError::unsupported("a constant where a computed value is needed")),
            None => Err(ConvertError::malformed("a tensor number that names nothing")),
        }
    }

    fn is_constant(&self, tensor: usize) -> bool {
        matches!(self.known.get(tensor), Some(Known::Stored | Known::Same(_)))
    }

    /// The numbers of a constant.
    fn constant(&mut self, mut at: usize) -> Result<Tensor, ConvertError> {
        // Each hop leads to a tensor that was known earlier, but a file may also write a circle.
        for _ in 0..4 {
            match self.known.get(at) {
                Some(Known::Stored) => return self.stored(at),
                Some(Known::Same(other)) => at = *other,
                Some(Known::Computed(_)) => {
                    return Err(ConvertError::unsupported("weights that are computed"));
                }
                None => return Err(ConvertError::malformed("a tensor number that names nothing")),
            }
        }
        Err(ConvertError::malformed("a constant that is defined by itself"))
    }

    fn stored(&mut self, at: usize) -> Result<Tensor, ConvertError> {
        let table = self.main.nth(graph::TENSORS, at)?;
        let stored = match table.byte(tensor::TYPE, 0)? {
            0 => Stored::F32,
            1 => Stored::F16,
            2 => Stored::I32,
            4 => Stored::I64,
            other => return Err(ConvertError::unsupported(format!("number type {other}"))),
        };
        let buffer = self.root.nth(model::BUFFERS, index(table.int(tensor::BUFFER, 0)?)?)?;
        decode(stored, dims(table)?, buffer.bytes(0)?, &mut self.budget)
    }

    /// A constant that holds sizes.
    fn sizes(&mut self, at: usize) -> Result<Vec<usize>, ConvertError> {
        sizes(&self.constant(at)?)
    }

    fn compute(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let x = step.input(0)?;
        match step.code {
            op::CONV_2D => self.convolution(step, [0, 3, 1, 2]),
            op::DEPTHWISE_CONV_2D => self.convolution(step, [3, 0, 1, 2]),
            op::MAX_POOL_2D | op::AVERAGE_POOL_2D => self.pool(step),
            op::ADD | op::MUL => self.combine(step),
            op::CONCATENATION => self.concat(step),
            op::FULLY_CONNECTED => self.dense(step),
            op::PAD => self.pad(step),
            op::PRELU => {
                let slope = self.constant(step.input(1)?)?.data;
                self.unary(Op::Prelu { slope }, x)
            }
            op::RELU => self.unary(Op::Clip { min: 0.0, max: f32::INFINITY }, x),
            op::RELU6 => self.unary(Op::Clip { min: 0.0, max: 6.0 }, x),
            op::LOGISTIC => self.unary(Op::Sigmoid, x),
            op::HARD_SWISH => self.unary(Op::HardSwish, x),
            op::RESHAPE => {
                let to = dims(self.main.nth(graph::TENSORS, step.outputs[0])?)?;
                self.unary(Op::Reshape { to }, x)
            }
            op::MEAN => {
                if self.sizes(step.input(1)?)? != [1, 2] {
                    return Err(ConvertError::unsupported("a mean over something else than a picture"));
                }
                self.unary(Op::Mean { keep: step.option_byte(0, 0)? != 0 }, x)
            }
            op::RESIZE_BILINEAR => {
                let to = self.sizes(step.input(1)?)?;
                let to = to.try_into().map_err(|_| ConvertError::malformed("a size without two numbers"))?;
                let grid = match (step.option_byte(2, 0)?, step.option_byte(3, 0)?) {
                    (0, 0) => Grid::Asymmetric,
                    (0, _) => Grid::HalfPixel,
                    (_, 0) => Grid::AlignCorners,
                    _ => return Err(ConvertError::unsupported("a resize with two grids")),
                };
                self.unary(Op::Resize { to, grid }, x)
            }
            op::DEPTH_TO_SPACE => self.unary(Op::DepthToSpace { block: index(step.option_int(0, 0)?)? }, x),
            op::CUSTOM if step.custom == "Convolution2DTransposeBias" => self.deconvolution(step),
            op::CUSTOM => Err(ConvertError::unsupported(format!("the custom operator {}", step.custom))),
            other => Err(ConvertError::unsupported(format!("tflite operator {other}"))),
        }
    }

    fn unary(&mut self, op: Op, x: usize) -> Result<Value, ConvertError> {
        let x = self.value(x)?;
        self.net.push(op, &[x])
    }

    fn activate(&mut self, x: Value, activation: u8) -> Result<Value, ConvertError> {
        let max = match activation {
            0 => return Ok(x),
            1 => f32::INFINITY,
            3 => 6.0,
            other => return Err(ConvertError::unsupported(format!("activation {other}"))),
        };
        self.net.push(Op::Clip { min: 0.0, max }, &[x])
    }

    /// Weights come as `[out, height, width, in]`; depthwise ones as `[1, height, width, out]`.
    fn convolution(&mut self, step: &Step<'a>, order: [usize; 4]) -> Result<Value, ConvertError> {
        let x = self.value(step.input(0)?)?;
        let depthwise = step.code == op::DEPTHWISE_CONV_2D;
        let weight = permute(&self.constant(step.input(1)?)?, order)?;
        let bias = match step.inputs.get(2) {
            Some(Some(bias)) => self.constant(*bias)?.data,
            _ => vec![0.0; weight.dims[0]],
        };
        let group = if depthwise { self.net.channels(x) } else { 1 };
        let strides = [index(step.option_int(2, 1)?)?, index(step.option_int(1, 1)?)?];
        let dilation = if depthwise { 5 } else { 4 };
        let dilations = [index(step.option_int(dilation + 1, 1)?)?, index(step.option_int(dilation, 1)?)?];
        let kernel = [weight.dims[2], weight.dims[3]];
        let window = self.net.window(x, kernel, strides, dilations, step.padding()?)?;
        self.net.push(Op::Conv { weight, bias, group, window }, &[x])
    }

    /// Mediapipe's own operator; its options are three 32-bit numbers: padding (1 SAME, 2 VALID), strides.
    fn deconvolution(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let x = self.value(step.input(0)?)?;
        let weight = permute(&self.constant(step.input(1)?)?, [3, 0, 1, 2])?;
        let bias = self.constant(step.input(2)?)?.data;
        let options = step.table.bytes(operator::CUSTOM_OPTIONS)?;
        let option = |n: usize| options.get(4 * n..4 * n + 4).and_then(|bytes| bytes.try_into().ok());
        let (Some(width), Some(height)) = (option(1), option(2)) else {
            return Err(ConvertError::malformed("a transposed convolution without options"));
        };
        let strides = [u32::from_le_bytes(height) as usize, u32::from_le_bytes(width) as usize];
        let kernel = [weight.dims[2], weight.dims[3]];
        if kernel != strides {
            // Where windows overlap, padding decides what is cut off; no model of ours has that.
            return Err(ConvertError::unsupported("a transposed convolution whose windows overlap"));
        }
        let window = self.net.window(x, kernel, strides, [1, 1], Padding::Valid)?;
        self.net.push(Op::Deconv { weight, bias, window }, &[x])
    }

    fn pool(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let x = self.value(step.input(0)?)?;
        let strides = [index(step.option_int(2, 1)?)?, index(step.option_int(1, 1)?)?];
        let kernel = [index(step.option_int(4, 1)?)?, index(step.option_int(3, 1)?)?];
        let window = self.net.window(x, kernel, strides, [1, 1], step.padding()?)?;
        let op = if step.code == op::MAX_POOL_2D { Op::MaxPool(window) } else { Op::AveragePool(window) };
        self.net.push(op, &[x])
    }

    /// A sum or product of two values, or of a value and a constant.
    fn combine(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let (a, b) = (step.input(0)?, step.input(1)?);
        let (a, b) = if self.is_constant(a) { (b, a) } else { (a, b) };
        let x = self.value(a)?;
        if !self.is_constant(b) {
            let y = self.value(b)?;
            let op = if step.code == op::ADD { Op::Add } else { Op::Mul };
            return self.net.push(op, &[x, y]);
        }
        let channels = self.net.channels(x);
        self.budget.spend(2 * channels)?;
        let mut numbers = self.constant(b)?.data;
        if numbers.len() == 1 {
            numbers = vec![numbers[0]; channels];
        }
        let (scale, shift) = match step.code {
            op::ADD => (vec![1.0; channels], numbers),
            _ => (numbers, vec![0.0; channels]),
        };
        self.net.push(Op::Affine { scale, shift }, &[x])
    }

    fn concat(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let mut values = Vec::new();
        for n in 0..step.inputs.len() {
            values.push(self.value(step.input(n)?)?);
        }
        let rank = self.net.shape(values[0]).len();
        let axis = step.option_int(0, 0)?;
        let axis = if axis < 0 { axis.saturating_add(rank as i32) } else { axis };
        // Batch, height, width, channels to batch, channels, height, width.
        let axis = match (rank, index(axis)?) {
            (4, axis) => *[0, 2, 3, 1].get(axis).ok_or_else(|| ConvertError::malformed("no such axis"))?,
            (_, axis) => axis,
        };
        self.net.push(Op::Concat { axis }, &values)
    }

    fn dense(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let x = self.value(step.input(0)?)?;
        if step.option_byte(1, 0)? != 0 {
            return Err(ConvertError::unsupported("shuffled weights"));
        }
        let weight = self.constant(step.input(1)?)?;
        let bias = match step.inputs.get(2) {
            Some(Some(bias)) => self.constant(*bias)?.data,
            _ => vec![0.0; weight.dims[0]],
        };
        self.net.push(Op::Dense { weight, bias }, &[x])
    }

    fn pad(&mut self, step: &Step<'a>) -> Result<Value, ConvertError> {
        let pads = self.sizes(step.input(1)?)?;
        // Before and after, for batch, height, width, channels.
        let &[0, 0, top, bottom, left, right, 0, channels] = pads.as_slice() else {
            return Err(ConvertError::unsupported("a padding of something else than a picture"));
        };
        self.unary(Op::Pad { spatial: [top, left, bottom, right], channels }, step.input(0)?)
    }

    fn compare_shape(&self, value: Value, tensor: usize) -> Result<(), ConvertError> {
        let stated = dims(self.main.nth(graph::TENSORS, tensor)?)?;
        let ours = match self.net.shape(value) {
            &[n, c, h, w] => vec![n, h, w, c],
            other => other.to_vec(),
        };
        if stated == ours {
            return Ok(());
        }
        Err(ConvertError::malformed(format!("a step that gives {ours:?} where {stated:?} is stated")))
    }
}

fn dims(tensor: Table<'_>) -> Result<Vec<usize>, ConvertError> {
    let dims: Vec<usize> = tensor.ints(tensor::SHAPE)?.take(9).map(index).collect::<Result<_, _>>()?;
    crate::pack::convert::shape::check(&dims)?;
    Ok(dims)
}
