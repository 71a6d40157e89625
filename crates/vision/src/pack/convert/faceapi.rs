//! The face recogniser of the npm package `@vladmandic/face-api` (dlib's ResNet-29 metric network).
//!
//! The package holds weights without a graph, so the architecture is written down here: seven rows of
//! convolutions with residual connections. Every convolution is followed by a factor and a summand per
//! channel, which are folded into it, as are the input's mean and scale. The weights are 117 tensors, back to
//! back in the order of the manifest: `uint8` with scale and minimum, or plain `f32` where the manifest names
//! no quantisation.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::ConvertError;
use super::net::{Net, Op, Padding, Tensor, Value};
use super::weights::{Budget, Stored, decode, permute, transpose};

/// Mean of the training pictures, red, green, blue, and the range of a byte: the package's own normalisation.
const MEAN: [f32; 3] = [122.782, 117.001, 104.298];
const RANGE: f32 = 255.0;
/// Bytes of the manifest, which has 20,000.
const MAX_JSON: usize = 1 << 20;
/// Side of the square input.
const SIDE: usize = 150;

#[derive(Deserialize)]
struct Group {
    weights: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

#[derive(Deserialize)]
struct Quantization {
    dtype: String,
    scale: f64,
    min: f64,
}

/// The network; input red, green, blue from 0 to 255.
pub(super) fn read(manifest: &[u8], file: &[u8]) -> Result<Net, ConvertError> {
    let mut builder = Builder { net: Net::new([1, 3, SIDE, SIDE])?, weights: read_weights(manifest, file)? };
    let input = builder.net.input;
    let mut x = builder.convolution(input, "conv32_down", 2, Padding::Valid)?;
    x = builder.relu(x)?;
    let window = builder.net.window(x, [3, 3], [2, 2], [1, 1], Padding::Valid)?;
    x = builder.net.push(Op::MaxPool(window), &[x])?;
    for block in ["conv32_1", "conv32_2", "conv32_3"] {
        x = builder.residual(x, block)?;
    }
    x = builder.down(x, "conv64_down")?;
    for block in ["conv64_1", "conv64_2", "conv64_3"] {
        x = builder.residual(x, block)?;
    }
    x = builder.down(x, "conv128_down")?;
    for block in ["conv128_1", "conv128_2"] {
        x = builder.residual(x, block)?;
    }
    x = builder.down(x, "conv256_down")?;
    for block in ["conv256_1", "conv256_2"] {
        x = builder.residual(x, block)?;
    }
    x = builder.down(x, "conv256_down_out")?;
    x = builder.net.push(Op::Mean { keep: false }, &[x])?;
    let matrix = transpose(&builder.take("fc")?)?;
    let bias = vec![0.0; matrix.dims[0]];
    x = builder.net.push(Op::Dense { weight: matrix, bias }, &[x])?;
    if let Some(name) = builder.weights.keys().next() {
        return Err(ConvertError::unsupported(format!("the weight {name}")));
    }
    builder.net.output("descriptor", x)?;
    Ok(builder.net)
}

fn read_weights(manifest: &[u8], mut file: &[u8]) -> Result<BTreeMap<String, Tensor>, ConvertError> {
    if manifest.len() > MAX_JSON {
        return Err(ConvertError::TooLarge { what: "bytes of the weight manifest", limit: MAX_JSON });
    }
    let groups: Vec<Group> = serde_json::from_slice(manifest)
        .map_err(|error| ConvertError::malformed(format!("the weight manifest: {error}")))?;
    let mut budget = Budget::default();
    let mut weights = BTreeMap::new();
    for entry in groups.into_iter().flat_map(|group| group.weights) {
        let stored = match (entry.dtype.as_str(), &entry.quantization) {
            ("float32", None) => Stored::F32,
            ("float32", Some(q)) if q.dtype == "uint8" => Stored::Bytes { scale: q.scale, min: q.min },
            _ => return Err(ConvertError::unsupported(format!("the number format of {}", entry.name))),
        };
        let length = super::shape::check(&entry.shape)? * stored.width();
        let (bytes, rest) = file
            .split_at_checked(length)
            .ok_or_else(|| ConvertError::malformed("fewer weights than the manifest names"))?;
        file = rest;
        let tensor = decode(stored, entry.shape, bytes, &mut budget)?;
        if weights.insert(entry.name, tensor).is_some() {
            return Err(ConvertError::malformed("two weights of one name"));
        }
    }
    if !file.is_empty() {
        return Err(ConvertError::malformed("more weights than the manifest names"));
    }
    Ok(weights)
}

struct Builder {
    net: Net,
    weights: BTreeMap<String, Tensor>,
}

impl Builder {
    fn take(&mut self, name: &str) -> Result<Tensor, ConvertError> {
        let tensor = self.weights.remove(name);
        tensor.ok_or_else(|| ConvertError::malformed(format!("the weights lack {name}")))
    }

    /// A convolution with its bias and its factor and summand per channel.
    fn convolution(
        &mut self,
        x: Value,
        name: &str,
        stride: usize,
        padding: Padding,
    ) -> Result<Value, ConvertError> {
        let mut weight = permute(&self.take(&format!("{name}/conv/filters"))?, [3, 2, 0, 1])?;
        let mut bias = self.take(&format!("{name}/conv/bias"))?.data;
        if x == self.net.input {
            normalise(&mut weight, &mut bias)?;
        }
        let kernel = [weight.dims[2], weight.dims[3]];
        let window = self.net.window(x, kernel, [stride; 2], [1, 1], padding)?;
        let x = self.net.push(Op::Conv { weight, bias, group: 1, window }, &[x])?;
        let scale = self.take(&format!("{name}/scale/weights"))?.data;
        let shift = self.take(&format!("{name}/scale/biases"))?.data;
        self.net.push(Op::Affine { scale, shift }, &[x])
    }

    fn relu(&mut self, x: Value) -> Result<Value, ConvertError> {
        self.net.push(Op::Clip { min: 0.0, max: f32::INFINITY }, &[x])
    }

    /// Two convolutions around which the input is carried.
    fn residual(&mut self, x: Value, name: &str) -> Result<Value, ConvertError> {
        let a = self.convolution(x, &format!("{name}/conv1"), 1, Padding::Same)?;
        let a = self.relu(a)?;
        let a = self.convolution(a, &format!("{name}/conv2"), 1, Padding::Same)?;
        let sum = self.net.push(Op::Add, &[a, x])?;
        self.relu(sum)
    }

    /// Half the size; what is carried around is a pooled copy, and whichever is smaller gets zeros.
    fn down(&mut self, x: Value, name: &str) -> Result<Value, ConvertError> {
        let a = self.convolution(x, &format!("{name}/conv1"), 2, Padding::Valid)?;
        let a = self.relu(a)?;
        let mut a = self.convolution(a, &format!("{name}/conv2"), 1, Padding::Same)?;
        let window = self.net.window(x, [2, 2], [2, 2], [1, 1], Padding::Valid)?;
        let mut b = self.net.push(Op::AveragePool(window), &[x])?;
        let gap = |axis: usize, net: &Net| net.shape(b)[axis].saturating_sub(net.shape(a)[axis]);
        let spatial = [0, 0, gap(2, &self.net), gap(3, &self.net)];
        let channels = self.net.channels(a).saturating_sub(self.net.channels(b));
        if spatial != [0; 4] {
            a = self.net.push(Op::Pad { spatial, channels: 0 }, &[a])?;
        }
        if channels > 0 {
            b = self.net.push(Op::Pad { spatial: [0; 4], channels }, &[b])?;
        }
        let sum = self.net.push(Op::Add, &[a, b])?;
        self.relu(sum)
    }
}

/// Folds `(x − mean) / range` into the first convolution, which has no padding and so sees only pixels.
fn normalise(weight: &mut Tensor, bias: &mut [f32]) -> Result<(), ConvertError> {
    let &[filters, 3, height, width] = weight.dims.as_slice() else {
        return Err(ConvertError::malformed("a first convolution that does not take three colours"));
    };
    if bias.len() != filters {
        return Err(ConvertError::malformed("a first convolution with too few biases"));
    }
    for (filter, bias) in weight.data.chunks_exact_mut(3 * height * width).zip(bias) {
        let mut mean = 0.0;
        for (plane, channel_mean) in filter.chunks_exact_mut(height * width).zip(MEAN) {
            for weight in plane {
                mean += f64::from(*weight) * f64::from(channel_mean);
                *weight /= RANGE;
            }
        }
        *bias = (f64::from(*bias) - mean / f64::from(RANGE)) as f32;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::convert::reference::evaluate;
    use crate::pack::convert::{Source, to_onnx};

    /// Name and shape of every weight, as the architecture needs them.
    fn shapes() -> Vec<(String, Vec<usize>)> {
        let mut all = Vec::new();
        let mut unit = |name: &str, side: usize, from: usize, to: usize| {
            all.push((format!("{name}/conv/filters"), vec![side, side, from, to]));
            for part in ["conv/bias", "scale/weights", "scale/biases"] {
                all.push((format!("{name}/{part}"), vec![to]));
            }
        };
        unit("conv32_down", 7, 3, 32);
        let mut before = 32;
        for (name, channels, blocks) in
            [("conv32", 32, 3), ("conv64", 64, 3), ("conv128", 128, 2), ("conv256", 256, 2)]
        {
            if channels > 32 {
                unit(&format!("{name}_down/conv1"), 3, before, channels);
                unit(&format!("{name}_down/conv2"), 3, channels, channels);
            }
            for block in 1..=blocks {
                unit(&format!("{name}_{block}/conv1"), 3, channels, channels);
                unit(&format!("{name}_{block}/conv2"), 3, channels, channels);
            }
            before = channels;
        }
        unit("conv256_down_out/conv1", 3, 256, 256);
        unit("conv256_down_out/conv2", 3, 256, 256);
        all.push(("fc".into(), vec![256, 128]));
        all
    }

    fn files() -> (Vec<u8>, Vec<u8>) {
        let quantization = serde_json::json!({"dtype": "uint8", "scale": 0.001, "min": -0.1});
        let entry = |(name, shape): &(String, Vec<usize>)| serde_json::json!({"name": name, "shape": shape, "dtype": "float32", "quantization": quantization});
        let weights: Vec<_> = shapes().iter().map(entry).collect();
        let count: usize = shapes().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum();
        let manifest = serde_json::json!([{"weights": weights, "paths": ["weights.bin"]}]);
        let bytes = (0..count).map(|n| (n % 211) as u8).collect();
        (serde_json::to_vec(&manifest).unwrap(), bytes)
    }

    #[test]
    fn the_architecture_takes_a_face_and_gives_128_numbers() {
        let (manifest, weights) = files();
        assert_eq!(shapes().len(), 117);
        let net = read(&manifest, &weights).unwrap();
        assert_eq!(net.shape(net.input), [1, 3, 150, 150]);
        let (name, value) = &net.outputs[0];
        assert_eq!((name.as_str(), net.shape(*value)), ("descriptor", &[1, 128][..]));
        assert!(to_onnx(Source::FaceApi { manifest: &manifest, weights: &weights }).is_ok());
    }

    #[test]
    fn a_byte_more_or_less_is_refused() {
        let (manifest, mut weights) = files();
        weights.push(0);
        assert!(matches!(read(&manifest, &weights), Err(ConvertError::Malformed { .. })));
        weights.truncate(weights.len() - 2);
        assert!(matches!(read(&manifest, &weights), Err(ConvertError::Malformed { .. })));
    }

    #[test]
    fn a_missing_weight_is_named() {
        let (manifest, weights) = files();
        let manifest = String::from_utf8(manifest).unwrap().replace("conv64_2/conv1/conv/bias", "other");
        let error = read(manifest.as_bytes(), &weights).unwrap_err();
        assert!(error.to_string().contains("conv64_2/conv1/conv/bias"), "{error}");
    }

    #[test]
    fn folding_the_normalisation_changes_no_result() {
        let weight = Tensor { dims: vec![2, 3, 1, 2], data: (0..12).map(|n| n as f32 / 7.0 - 0.8).collect() };
        let bias = vec![0.25, -0.5];
        let run = |weight: &Tensor, bias: &[f32], input: &[f32]| {
            let mut net = Net::new([1, 3, 1, 2]).unwrap();
            let window = net.window(0, [1, 2], [1, 1], [1, 1], Padding::Valid).unwrap();
            let op = Op::Conv { weight: weight.clone(), bias: bias.to_vec(), group: 1, window };
            let y = net.push(op, &[0]).unwrap();
            net.output("y", y).unwrap();
            evaluate(&net, input)[0].data.clone()
        };
        let raw = [0.0, 255.0, 100.0, 17.0, 250.0, 3.0];
        let normal: Vec<f32> = raw.iter().enumerate().map(|(at, x)| (x - MEAN[at / 2]) / RANGE).collect();
        let expected = run(&weight, &bias, &normal);
        let (mut weight, mut bias) = (weight, bias);
        normalise(&mut weight, &mut bias).unwrap();
        for (a, b) in run(&weight, &bias, &raw).iter().zip(expected) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
}
