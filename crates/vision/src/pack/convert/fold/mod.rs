//! Makes a network smaller without changing what it computes.
//!
//! A factor or summand per channel after a convolution goes into its weights, zeros around a picture go into
//! the padding of the convolution behind them, rectifiers in a row become one, and what no output needs
//! goes away. Arithmetic is done in `f64`, so that a folded weight is the nearest `f32`. Zeros after the
//! channels become a 1×1 convolution: that sounds like more work, but ONNX Runtime keeps convolutions and the
//! sums behind them in a layout of its own, and every other operator costs a way out and back (the detector
//! takes 4 % less).

#[cfg(test)]
mod tests;

use super::net::{Net, Node, Op, Tensor, Value, Window};

/// Weights that stand for zeros after channels, in one model; ours have 35,000. Beyond it they stay `Pad`.
const MAX_WIDENING: usize = 1 << 20;

/// Folds in place.
pub(super) fn fold(net: &mut Net) {
    drop_unused(net);
    let mut uses = count_uses(net);
    let mut done: Vec<Node> = Vec::with_capacity(net.nodes.len());
    // Which node of `done` makes each value.
    let mut maker: Vec<Option<usize>> = vec![None; net.shapes.len()];
    for mut node in std::mem::take(&mut net.nodes) {
        let before = match node.inputs.as_slice() {
            &[input] if uses[input] == 1 => maker[input],
            _ => None,
        };
        if let Some(before) = before {
            if absorb(&mut done[before].op, &node.op) {
                maker[node.output] = Some(before);
                done[before].output = node.output;
                continue;
            }
            if take_padding(&done[before], &mut node) {
                // The padding node is left without a user and dropped below.
                uses[done[before].output] -= 1;
            }
        }
        maker[node.output] = Some(done.len());
        done.push(node);
    }
    net.nodes = done;
    drop_unused(net);
    let mut spent = 0_usize;
    for node in &mut net.nodes {
        if let Op::Pad { spatial: [0, 0, 0, 0], channels } = node.op {
            let before = super::shape::channels(&net.shapes[node.inputs[0]]);
            spent = spent.saturating_add(before.saturating_mul(before.saturating_add(channels)));
            if spent <= MAX_WIDENING {
                node.op = widen(before, channels);
            }
        }
    }
}

/// Carries each channel over and adds channels of zeros.
fn widen(channels: usize, more: usize) -> Op {
    let out = channels + more;
    let data = (0..out * channels).map(|at| if at / channels == at % channels { 1.0 } else { 0.0 }).collect();
    let window = Window { kernel: [1, 1], strides: [1, 1], dilations: [1, 1], pads: [0; 4] };
    Op::Conv {
        weight: Tensor { dims: vec![out, channels, 1, 1], data },
        bias: vec![0.0; out],
        group: 1,
        window,
    }
}

fn count_uses(net: &Net) -> Vec<usize> {
    let mut uses = vec![0; net.shapes.len()];
    let inputs = net.nodes.iter().flat_map(|node| node.inputs.iter());
    for &value in inputs.chain(net.outputs.iter().map(|(_, value)| value)) {
        uses[value] += 1;
    }
    uses
}

/// Nodes come after those they need, so one look from the end finds all that is needed.
fn drop_unused(net: &mut Net) {
    let mut needed = vec![false; net.shapes.len()];
    for &(_, value) in &net.outputs {
        needed[value] = true;
    }
    let mut mark = |node: &Node| {
        let keep = needed[node.output];
        if keep {
            node.inputs.iter().for_each(|&input: &Value| needed[input] = true);
        }
        keep
    };
    let mut kept: Vec<Node> = std::mem::take(&mut net.nodes).into_iter().rev().filter(|n| mark(n)).collect();
    kept.reverse();
    net.nodes = kept;
}

/// Lets the operator before take over what the one after does.
fn absorb(before: &mut Op, after: &Op) -> bool {
    match (before, after) {
        (Op::Conv { weight, bias, .. }, Op::Affine { scale, shift }) => {
            let per_channel = weight.data.len() / bias.len();
            for (channel, filter) in weight.data.chunks_exact_mut(per_channel).enumerate() {
                filter.iter_mut().for_each(|w| *w = times(*w, scale[channel]));
                bias[channel] = times_plus(bias[channel], scale[channel], shift[channel]);
            }
            true
        }
        (Op::Affine { scale, shift }, Op::Affine { scale: scale2, shift: shift2 }) => {
            for channel in 0..scale.len() {
                scale[channel] = times(scale[channel], scale2[channel]);
                shift[channel] = times_plus(shift[channel], scale2[channel], shift2[channel]);
            }
            true
        }
        (Op::Clip { min, max }, Op::Clip { min: min2, max: max2 }) => {
            // clip(a, b) then clip(c, d) is one clip with both ends clipped by the second.
            *min = clip(*min, *min2, *max2);
            *max = clip(*max, *min2, *max2);
            true
        }
        _ => false,
    }
}

fn times(a: f32, b: f32) -> f32 {
    (f64::from(a) * f64::from(b)) as f32
}

fn times_plus(a: f32, b: f32, c: f32) -> f32 {
    (f64::from(a) * f64::from(b) + f64::from(c)) as f32
}

/// As ONNX defines it where the ends cross: the upper end wins.
fn clip(value: f32, min: f32, max: f32) -> f32 {
    value.max(min).min(max)
}

/// Moves zeros around the picture into the padding of the convolution that follows.
fn take_padding(before: &Node, node: &mut Node) -> bool {
    let Op::Pad { spatial, channels: 0 } = before.op else { return false };
    let Op::Conv { window, .. } = &mut node.op else { return false };
    for (pad, more) in window.pads.iter_mut().zip(spatial) {
        *pad += more;
    }
    node.inputs.clone_from(&before.inputs);
    true
}
