//! Computes a network by its definition, one number at a time: slow, plain, and apart from everything that
//! the tests check with it.

use super::net::{Grid, Net, Op, Tensor, Value, Window};

/// All outputs for one input, which is given in the network's order (batch, channels, height, width).
pub(super) fn evaluate(net: &Net, input: &[f32]) -> Vec<Tensor> {
    let mut values: Vec<Option<Tensor>> = vec![None; net.shapes.len()];
    values[net.input] = Some(Tensor { dims: net.shapes[net.input].clone(), data: input.to_vec() });
    for node in &net.nodes {
        let inputs: Vec<&Tensor> = node.inputs.iter().map(|&at| values[at].as_ref().unwrap()).collect();
        let result = compute(&node.op, &inputs, &net.shapes[node.output]);
        assert_eq!(result.dims.iter().product::<usize>(), result.data.len());
        values[node.output] = Some(result);
    }
    net.outputs.iter().map(|&(_, value): &(String, Value)| values[value].clone().unwrap()).collect()
}

fn compute(op: &Op, inputs: &[&Tensor], shape: &[usize]) -> Tensor {
    let x = inputs[0];
    let map = |f: &dyn Fn(usize, f32) -> f32| {
        let inner = if x.dims.len() == 4 { x.dims[2] * x.dims[3] } else { 1 };
        let channels = super::shape::channels(&x.dims);
        let each = x.data.iter().enumerate().map(|(at, &number)| f(at / inner % channels, number));
        Tensor { dims: shape.to_vec(), data: each.collect() }
    };
    match op {
        Op::Conv { weight, bias, group, window } => picture(shape, |[n, o, y, x_]| {
            let inside = weight.dims[1];
            let first = o / (weight.dims[0] / group) * inside;
            let mut sum = f64::from(bias[o]);
            for i in 0..inside {
                for (ky, kx, at) in taps(x, window, [y, x_]) {
                    sum += f64::from(get(weight, [o, i, ky, kx]))
                        * f64::from(get(x, [n, first + i, at[0], at[1]]));
                }
            }
            sum as f32
        }),
        Op::Deconv { weight, bias, window } => picture(shape, |[n, o, y, x_]| {
            let [sy, sx] = window.strides;
            let mut sum = bias[o];
            for i in 0..weight.dims[0] {
                for (ky, kx) in pairs(weight.dims[2], weight.dims[3]) {
                    let fits = y >= ky && x_ >= kx && (y - ky) % sy == 0 && (x_ - kx) % sx == 0;
                    let at = [n, i, (y.max(ky) - ky) / sy, (x_.max(kx) - kx) / sx];
                    if fits && at[2] < x.dims[2] && at[3] < x.dims[3] {
                        sum += get(weight, [i, o, ky, kx]) * get(x, at);
                    }
                }
            }
            sum
        }),
        Op::MaxPool(window) => picture(shape, |[n, c, y, x_]| {
            let seen = taps(x, window, [y, x_]).into_iter().map(|(_, _, at)| get(x, [n, c, at[0], at[1]]));
            seen.fold(f32::NEG_INFINITY, f32::max)
        }),
        Op::AveragePool(window) => picture(shape, |[n, c, y, x_]| {
            let seen = taps(x, window, [y, x_]);
            seen.iter().map(|(_, _, at)| get(x, [n, c, at[0], at[1]])).sum::<f32>() / seen.len() as f32
        }),
        Op::Mean { .. } => {
            let size = x.dims[2] * x.dims[3];
            let means = x.data.chunks(size).map(|plane| plane.iter().sum::<f32>() / size as f32);
            Tensor { dims: shape.to_vec(), data: means.collect() }
        }
        Op::Add => binary(x, inputs[1], shape, |a, b| a + b),
        Op::Mul => binary(x, inputs[1], shape, |a, b| a * b),
        Op::Affine { scale, shift } => map(&|c, v| v * scale[c] + shift[c]),
        Op::Clip { min, max } => map(&|_, v| v.max(*min).min(*max)),
        Op::Prelu { slope } => map(&|c, v| if v < 0.0 { v * slope[c] } else { v }),
        Op::Sigmoid => map(&|_, v| 1.0 / (1.0 + (-v).exp())),
        Op::HardSwish => map(&|_, v| v * (v / 6.0 + 0.5).clamp(0.0, 1.0)),
        Op::Softmax => {
            assert_eq!(x.dims.len(), 2);
            let sum: f32 = x.data.iter().map(|v| v.exp()).sum();
            map(&|_, v| v.exp() / sum)
        }
        Op::Pad { spatial: [top, left, ..], .. } => picture(shape, |[n, c, y, x_]| {
            let inside = c < x.dims[1] && (*top..top + x.dims[2]).contains(&y);
            let inside = inside && (*left..left + x.dims[3]).contains(&x_);
            if inside { get(x, [n, c, y - top, x_ - left]) } else { 0.0 }
        }),
        Op::Resize { to, grid } => picture(shape, |[n, c, y, x_]| {
            let (y, x_) = (sample(y, x.dims[2], to[0], *grid), sample(x_, x.dims[3], to[1], *grid));
            let mut sum = 0.0;
            for (at, share) in y {
                sum += x_.iter().map(|(x_, more)| get(x, [n, c, at, *x_]) * share * more).sum::<f32>();
            }
            sum
        }),
        Op::Concat { axis } => {
            let outer: usize = shape[..*axis].iter().product();
            let mut data = Vec::new();
            for row in 0..outer {
                for input in inputs {
                    let length = input.data.len() / outer;
                    data.extend_from_slice(&input.data[row * length..(row + 1) * length]);
                }
            }
            Tensor { dims: shape.to_vec(), data }
        }
        Op::DepthToSpace { block } => picture(shape, |[n, c, y, x_]| {
            let from = (y % block * block + x_ % block) * shape[1] + c;
            get(x, [n, from, y / block, x_ / block])
        }),
        Op::Reshape { .. } => Tensor { dims: shape.to_vec(), data: channels_last(x) },
        Op::Dense { weight, bias } => {
            let inside = weight.dims[1];
            let rows = channels_last(x);
            let product = |row: &[f32], o: usize| {
                let filter = &weight.data[o * inside..(o + 1) * inside];
                row.iter().zip(filter).map(|(a, b)| a * b).sum::<f32>() + bias[o]
            };
            let data = rows.chunks(inside).flat_map(|row| (0..bias.len()).map(move |o| product(row, o)));
            Tensor { dims: shape.to_vec(), data: data.collect() }
        }
    }
}

fn get(tensor: &Tensor, [a, b, c, d]: [usize; 4]) -> f32 {
    let [_, e, f, g] = tensor.dims[..] else { panic!("not a picture") };
    tensor.data[((a * e + b) * f + c) * g + d]
}

fn pairs(a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..a).flat_map(move |a| (0..b).map(move |b| (a, b)))
}

fn picture(shape: &[usize], number: impl Fn([usize; 4]) -> f32) -> Tensor {
    let &[n, c, h, w] = shape else { panic!("not a picture") };
    let places = pairs(n, c).flat_map(|(n, c)| pairs(h, w).map(move |(y, x)| [n, c, y, x]));
    Tensor { dims: shape.to_vec(), data: places.map(number).collect() }
}

/// Places under a window that lie in the picture, with the place in the kernel.
fn taps(x: &Tensor, window: &Window, out: [usize; 2]) -> Vec<(usize, usize, [usize; 2])> {
    let at = |axis: usize, k: usize| {
        (out[axis] * window.strides[axis] + k * window.dilations[axis])
            .checked_sub(window.pads[axis])
            .filter(|&at| at < x.dims[2 + axis])
    };
    let all = pairs(window.kernel[0], window.kernel[1]);
    all.filter_map(|(ky, kx)| Some((ky, kx, [at(0, ky)?, at(1, kx)?]))).collect()
}

fn binary(a: &Tensor, b: &Tensor, shape: &[usize], f: impl Fn(f32, f32) -> f32) -> Tensor {
    picture(shape, |at| {
        let from = |t: &Tensor| get(t, std::array::from_fn(|axis| at[axis].min(t.dims[axis] - 1)));
        f(from(a), from(b))
    })
}

/// The two source places of a bilinear sample with their shares.
fn sample(out: usize, from: usize, to: usize, grid: Grid) -> [(usize, f32); 2] {
    let (out, scale) = (out as f32, from as f32 / to as f32);
    let at = match grid {
        Grid::Asymmetric => out * scale,
        Grid::HalfPixel => (out + 0.5) * scale - 0.5,
        Grid::AlignCorners => out * (from as f32 - 1.0) / (to as f32 - 1.0),
    };
    let at = at.clamp(0.0, from as f32 - 1.0);
    let low = at.floor() as usize;
    [(low, 1.0 - at.fract()), ((low + 1).min(from - 1), at.fract())]
}

fn channels_last(x: &Tensor) -> Vec<f32> {
    let &[n, c, h, w] = x.dims.as_slice() else { return x.data.clone() };
    let places = pairs(n, h).flat_map(|(n, y)| pairs(w, c).map(move |(x, c)| [n, c, y, x]));
    places.map(|at| get(x, at)).collect()
}
