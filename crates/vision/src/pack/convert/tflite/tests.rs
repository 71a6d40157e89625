use proptest::prelude::*;

use super::read;
use crate::pack::convert::reference::evaluate;
use crate::pack::convert::{ConvertError, Source, to_onnx};

/// A field of a table to be written.
#[derive(Clone)]
enum Field {
    Absent,
    Byte(u8),
    Int(i32),
    Ints(Vec<i32>),
    Bytes(Vec<u8>),
    Tables(Vec<Vec<Field>>),
    Table(Vec<Field>),
}
use Field::{Absent, Byte, Bytes, Int, Ints, Table, Tables};

/// Writes a table with its vtable before it and everything it refers to after it.
fn write(out: &mut Vec<u8>, fields: &[Field]) -> u32 {
    out.resize(out.len().next_multiple_of(4), 0);
    let vtable = out.len();
    let length = 4 + 2 * fields.len();
    out.extend((length as u16).to_le_bytes());
    out.extend((4 + 4 * fields.len() as u16).to_le_bytes());
    let present = |(n, field): (usize, &Field)| if matches!(field, Absent) { 0 } else { 4 + 4 * n as u16 };
    fields.iter().enumerate().map(present).for_each(|offset| out.extend(offset.to_le_bytes()));
    let table = out.len();
    out.extend(((table - vtable) as i32).to_le_bytes());
    out.resize(table + 4 + 4 * fields.len(), 0);
    for (n, field) in fields.iter().enumerate() {
        let at = table + 4 + 4 * n;
        let put = |out: &mut Vec<u8>, number: u32| out[at..at + 4].copy_from_slice(&number.to_le_bytes());
        match field {
            Absent => {}
            Byte(byte) => out[at] = *byte,
            Int(number) => put(out, number.cast_unsigned()),
            Table(fields) => {
                let target = write(out, fields);
                put(out, target - at as u32);
            }
            Bytes(bytes) => {
                let target = out.len() as u32;
                out.extend((bytes.len() as u32).to_le_bytes());
                out.extend(bytes);
                put(out, target - at as u32);
            }
            Ints(numbers) => {
                let target = out.len() as u32;
                out.extend((numbers.len() as u32).to_le_bytes());
                numbers.iter().for_each(|number| out.extend(number.to_le_bytes()));
                put(out, target - at as u32);
            }
            Tables(tables) => {
                let target = out.len();
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(out.len() + 4 * tables.len(), 0);
                for (n, fields) in tables.iter().enumerate() {
                    let at = target + 4 + 4 * n;
                    let child = write(out, fields) - at as u32;
                    out[at..at + 4].copy_from_slice(&child.to_le_bytes());
                }
                put(out, (target - at) as u32);
            }
        }
    }
    table as u32
}

/// A model in the making: tensors, their buffers, operators.
#[derive(Default, Clone)]
struct Model {
    tensors: Vec<Vec<Field>>,
    buffers: Vec<Vec<Field>>,
    operators: Vec<Vec<Field>>,
    codes: Vec<Vec<Field>>,
}

impl Model {
    fn new(input: &[i32]) -> Self {
        let mut model = Self { buffers: vec![vec![Absent]], ..Self::default() };
        model.tensor(input);
        model
    }

    fn tensor(&mut self, shape: &[i32]) -> i32 {
        let name = Bytes(format!("t{}", self.tensors.len()).into_bytes());
        self.tensors.push(vec![Ints(shape.to_vec()), Byte(0), Int(0), name]);
        self.tensors.len() as i32 - 1
    }

    fn constant(&mut self, kind: u8, shape: &[i32], bytes: Vec<u8>) -> i32 {
        let at = self.tensor(shape);
        self.tensors[at as usize][1] = Byte(kind);
        self.tensors[at as usize][2] = Int(self.buffers.len() as i32);
        self.buffers.push(vec![Bytes(bytes)]);
        at
    }

    fn floats(&mut self, shape: &[i32], numbers: &[f32]) -> i32 {
        self.constant(0, shape, numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
    }

    fn sizes(&mut self, shape: &[i32], numbers: &[i32]) -> i32 {
        self.constant(2, shape, numbers.iter().flat_map(|number| number.to_le_bytes()).collect())
    }

    fn step(&mut self, code: i32, inputs: &[i32], output: &[i32], options: &[Field]) -> i32 {
        let output = self.tensor(output);
        let number = self.codes.len() as i32;
        self.codes.push(vec![Byte(code.min(127) as u8), Absent, Absent, Int(code)]);
        let (inputs, outputs) = (Ints(inputs.to_vec()), Ints(vec![output]));
        self.operators.push(vec![Int(number), inputs, outputs, Absent, Table(options.to_vec())]);
        output
    }

    fn file(&self, outputs: &[i32]) -> Vec<u8> {
        let graph = vec![
            Tables(self.tensors.clone()),
            Ints(vec![0]),
            Ints(outputs.to_vec()),
            Tables(self.operators.clone()),
        ];
        let root =
            [Int(3), Tables(self.codes.clone()), Tables(vec![graph]), Absent, Tables(self.buffers.clone())];
        let mut out = vec![0; 8];
        out[4..8].copy_from_slice(b"TFL3");
        let root = write(&mut out, &root);
        out[..4].copy_from_slice(&root.to_le_bytes());
        out
    }

    /// What the model gives for 1, 2, 3 … in the order of the source (height, width, channels).
    fn run(&self, output: i32) -> (Vec<usize>, Vec<f32>) {
        let net = read(&self.file(&[output])).unwrap();
        let &[_, channels, height, width] = net.shape(net.input) else { panic!("not a picture") };
        let mut input = Vec::new();
        for c in 0..channels {
            input.extend((0..height * width).map(|place| (place * channels + c + 1) as f32));
        }
        let mut results = evaluate(&net, &input);
        let result = results.remove(0);
        (result.dims, result.data)
    }
}

const ADD: i32 = 0;
const CONCATENATION: i32 = 2;
const CONV: i32 = 3;
const DEPTHWISE: i32 = 4;
const DEQUANTIZE: i32 = 6;
const FULLY_CONNECTED: i32 = 9;
const MAX_POOL: i32 = 17;
const RESHAPE: i32 = 22;
const RESIZE: i32 = 23;
const PAD: i32 = 34;
const PRELU: i32 = 54;

#[test]
fn same_padding_with_a_stride_falls_below_and_right() {
    let mut model = Model::new(&[1, 4, 4, 1]);
    let weight = model.floats(&[1, 3, 3, 1], &[1.0; 9]);
    let bias = model.floats(&[1], &[0.5]);
    let out = model.step(CONV, &[0, weight, bias], &[1, 2, 2, 1], &[Byte(0), Int(2), Int(2), Byte(0)]);
    // The sums of the numbers 1 to 16 under a 3 × 3 window at (0, 0), (0, 2), (2, 0), (2, 2).
    assert_eq!(model.run(out), (vec![1, 1, 2, 2], vec![54.5, 45.5, 72.5, 54.5]));
}

#[test]
fn half_precision_weights_are_found_behind_their_step() {
    let mut model = Model::new(&[1, 1, 1, 2]);
    // 2, −1 as IEEE 754 binary16.
    let half = model.constant(1, &[1, 1, 1, 2], vec![0x00, 0x40, 0x00, 0xbc]);
    let weight = model.step(DEQUANTIZE, &[half], &[1, 1, 1, 2], &[]);
    let out = model.step(CONV, &[0, weight], &[1, 1, 1, 1], &[Byte(1), Int(1), Int(1), Byte(0)]);
    // 2·1 − 1·2
    assert_eq!(model.run(out).1, [0.0]);
}

#[test]
fn a_depthwise_step_keeps_its_channels_apart() {
    let mut model = Model::new(&[1, 2, 1, 2]);
    // Height, width, channels: channel 0 gets 1, 10, channel 1 gets 100, 1000.
    let weight = model.floats(&[1, 2, 1, 2], &[1.0, 100.0, 10.0, 1000.0]);
    let options = [Byte(1), Int(1), Int(1), Int(1), Byte(0)];
    let out = model.step(DEPTHWISE, &[0, weight], &[1, 1, 1, 2], &options);
    assert_eq!(model.run(out), (vec![1, 2, 1, 1], vec![1.0 + 30.0, 200.0 + 4000.0]));
}

#[test]
fn a_reshape_reads_the_channels_of_each_place_together() {
    let mut model = Model::new(&[1, 2, 2, 3]);
    let to = model.sizes(&[3], &[1, 4, 3]);
    let out = model.step(RESHAPE, &[0, to], &[1, 4, 3], &[]);
    let numbers: Vec<f32> = (1..=12).map(|n| n as f32).collect();
    assert_eq!(model.run(out), (vec![1, 4, 3], numbers));
}

#[test]
fn a_dense_layer_reads_the_channels_of_each_place_together() {
    let mut model = Model::new(&[1, 1, 2, 2]);
    let weight = model.floats(&[1, 4], &[1.0, 10.0, 100.0, 1000.0]);
    let out = model.step(FULLY_CONNECTED, &[0, weight, -1], &[1, 1], &[Byte(0)]);
    assert_eq!(model.run(out).1, [4321.0]);
}

#[test]
fn zeros_are_added_where_the_file_says() {
    let mut model = Model::new(&[1, 1, 1, 1]);
    let pads = model.sizes(&[4, 2], &[0, 0, 1, 0, 0, 1, 0, 1]);
    let out = model.step(PAD, &[0, pads], &[1, 2, 2, 2], &[]);
    assert_eq!(model.run(out), (vec![1, 2, 2, 2], vec![0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]));
}

#[test]
fn branches_meet_again() {
    let mut model = Model::new(&[1, 2, 2, 2]);
    let small =
        model.step(MAX_POOL, &[0], &[1, 1, 1, 2], &[Byte(0), Int(2), Int(2), Int(2), Int(2), Byte(0)]);
    let size = model.sizes(&[2], &[2, 2]);
    let large = model.step(RESIZE, &[small, size], &[1, 2, 2, 2], &[Absent, Absent, Byte(0), Byte(1)]);
    let minus = model.floats(&[2], &[-8.0, -8.0]);
    let sum = model.step(ADD, &[0, minus], &[1, 2, 2, 2], &[Byte(0)]);
    let slope = model.floats(&[1, 1, 2], &[0.5, 2.0]);
    let bent = model.step(PRELU, &[sum, slope], &[1, 2, 2, 2], &[]);
    let both = model.step(ADD, &[large, bent], &[1, 2, 2, 2], &[Byte(1)]);
    let out = model.step(CONCATENATION, &[both, 0], &[1, 2, 2, 4], &[Int(3), Byte(0)]);
    let (shape, numbers) = model.run(out);
    assert_eq!(shape, [1, 4, 2, 2]);
    // Largest 7 and 8; (1, 3, 5, 7) − 8 halved and (2, 4, 6, 8) − 8 doubled.
    assert_eq!(numbers[..8], [3.5, 4.5, 5.5, 6.5, 0.0, 0.0, 4.0, 8.0]);
    assert_eq!(numbers[8..], [1.0, 3.0, 5.0, 7.0, 2.0, 4.0, 6.0, 8.0]);
}

/// A small model with most kinds of steps in it.
fn mixed() -> Vec<u8> {
    let mut model = Model::new(&[1, 4, 4, 2]);
    let half = model.constant(1, &[3, 1, 1, 2], [0x00, 0x3c].repeat(6));
    let weight = model.step(DEQUANTIZE, &[half], &[3, 1, 1, 2], &[]);
    let options = [Byte(0), Int(2), Int(2), Byte(1), Int(1), Int(1)];
    let x = model.step(CONV, &[0, weight], &[1, 2, 2, 3], &options);
    let pads = model.sizes(&[4, 2], &[0, 0, 1, 1, 1, 1, 0, 0]);
    let x = model.step(PAD, &[x, pads], &[1, 4, 4, 3], &[]);
    let weight = model.floats(&[1, 3, 3, 3], &[0.5; 27]);
    let options = [Byte(1), Int(1), Int(1), Int(1), Byte(0)];
    let x = model.step(DEPTHWISE, &[x, weight], &[1, 2, 2, 3], &options);
    let slope = model.floats(&[1, 1, 3], &[0.5; 3]);
    let x = model.step(PRELU, &[x, slope], &[1, 2, 2, 3], &[]);
    let to = model.sizes(&[3], &[1, 4, 3]);
    let rows = model.step(RESHAPE, &[x, to], &[1, 4, 3], &[]);
    let weight = model.floats(&[2, 12], &[0.25; 24]);
    let dense = model.step(FULLY_CONNECTED, &[x, weight], &[1, 2], &[Byte(3)]);
    model.file(&[rows, dense])
}

#[test]
fn a_sound_model_converts_to_the_same_bytes_each_time() {
    let file = mixed();
    let first = to_onnx(Source::Tflite(&file)).unwrap();
    assert_eq!(first, to_onnx(Source::Tflite(&file)).unwrap());
}

#[test]
fn a_shape_that_contradicts_the_steps_is_noticed() {
    let mut model = Model::new(&[1, 4, 4, 1]);
    let weight = model.floats(&[1, 3, 3, 1], &[1.0; 9]);
    let out = model.step(CONV, &[0, weight], &[1, 3, 3, 1], &[Byte(0), Int(2), Int(2), Byte(0)]);
    assert!(matches!(read(&model.file(&[out])), Err(ConvertError::Malformed { .. })));
}

#[test]
fn what_is_not_known_is_named() {
    let mut model = Model::new(&[1, 4, 4, 1]);
    let out = model.step(124, &[0], &[1, 4, 4, 1], &[]);
    let error = read(&model.file(&[out])).unwrap_err();
    assert!(matches!(&error, ConvertError::Unsupported { what } if what.contains("124")), "{error}");
}

#[test]
fn constants_that_define_each_other_are_refused() {
    let mut model = Model::new(&[1, 1, 1, 1]);
    let (a, b) = (1, 2);
    model.step(DEQUANTIZE, &[b], &[1, 1, 1, 1], &[]);
    model.step(DEQUANTIZE, &[a], &[1, 1, 1, 1], &[]);
    let out = model.step(CONV, &[0, a], &[1, 1, 1, 1], &[Byte(1), Int(1), Int(1), Byte(0)]);
    assert!(matches!(read(&model.file(&[out])), Err(ConvertError::Malformed { .. })));
}

#[test]
fn a_model_that_stops_early_is_refused() {
    let file = mixed();
    for length in 0..file.len() {
        // What is missing at the end may be a constant nobody reads in full; nothing else may be accepted.
        if to_onnx(Source::Tflite(&file[..length])).is_ok() {
            assert!(file.len() - length < 4, "cut to {length} of {}", file.len());
        }
    }
}

#[test]
fn no_single_changed_byte_makes_it_panic() {
    let sound = mixed();
    let mut file = sound.clone();
    for at in 0..file.len() {
        for value in [0, 1, 0x7f, 0x80, 0xff, sound[at] ^ 1, sound[at].wrapping_add(4)] {
            file[at] = value;
            let _ = to_onnx(Source::Tflite(&file));
        }
        file[at] = sound[at];
    }
}

proptest! {
    #[test]
    fn noise_behind_a_sound_head_never_panics(noise in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = vec![8, 0, 0, 0];
        file.extend(b"TFL3");
        file.extend(noise);
        let _ = to_onnx(Source::Tflite(&file));
    }

    #[test]
    fn several_changed_bytes_never_panic(changes in proptest::collection::vec((any::<usize>(), any::<u8>()), 1..12)) {
        let mut file = mixed();
        for (at, value) in changes {
            let at = at % file.len();
            file[at] = value;
        }
        let _ = to_onnx(Source::Tflite(&file));
    }
}
