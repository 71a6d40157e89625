use proptest::prelude::*;

use super::fold;
use crate::pack::convert::net::{Net, Op, Padding, Tensor, Value};
use crate::pack::convert::reference::evaluate;

/// Numbers that look random and are not.
fn numbers(count: usize, seed: usize) -> Vec<f32> {
    (0..count).map(|n| ((n * 37 + seed * 101) % 23) as f32 / 11.0 - 1.0).collect()
}

fn conv(net: &mut Net, x: Value, out: usize, side: usize, stride: usize) -> Value {
    let channels = net.channels(x);
    let weight = Tensor {
        dims: vec![out, channels, side, side],
        data: numbers(out * channels * side * side, net.nodes.len()),
    };
    let window = net.window(x, [side; 2], [stride; 2], [1, 1], Padding::Same).unwrap();
    net.push(Op::Conv { weight, bias: numbers(out, 3), group: 1, window }, &[x]).unwrap()
}

fn affine(net: &mut Net, x: Value) -> Value {
    let channels = net.channels(x);
    let op = Op::Affine { scale: numbers(channels, 5), shift: numbers(channels, net.nodes.len()) };
    net.push(op, &[x]).unwrap()
}

fn pad(net: &mut Net, x: Value, spatial: [usize; 4], channels: usize) -> Value {
    net.push(Op::Pad { spatial, channels }, &[x]).unwrap()
}

fn clip(net: &mut Net, x: Value, min: f32, max: f32) -> Value {
    net.push(Op::Clip { min, max }, &[x]).unwrap()
}

/// Folds, and checks that every output is what it was.
fn folded(mut net: Net) -> Net {
    let count: usize = net.shapes[net.input].iter().product();
    let input = numbers(count, 1);
    let before = evaluate(&net, &input);
    fold(&mut net);
    let after = evaluate(&net, &input);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before.dims, after.dims);
        let scale = before.data.iter().fold(1.0_f32, |most, number| most.max(number.abs()));
        for (a, b) in before.data.iter().zip(&after.data) {
            assert!((a - b).abs() <= 1e-5 * scale, "{a} {b}");
        }
    }
    net
}

fn kinds(net: &Net) -> Vec<&'static str> {
    let kind = |op: &Op| match op {
        Op::Conv { .. } => "conv",
        Op::Affine { .. } => "affine",
        Op::Clip { .. } => "clip",
        Op::Pad { .. } => "pad",
        Op::Add => "add",
        _ => "other",
    };
    net.nodes.iter().map(|node| kind(&node.op)).collect()
}

#[test]
fn factors_and_summands_go_into_the_convolution() {
    let mut net = Net::new([1, 3, 5, 4]).unwrap();
    let mut x = conv(&mut net, 0, 4, 3, 2);
    x = affine(&mut net, x);
    x = affine(&mut net, x);
    x = clip(&mut net, x, 0.0, f32::INFINITY);
    x = clip(&mut net, x, f32::NEG_INFINITY, 0.5);
    net.output("y", x).unwrap();
    let net = folded(net);
    assert_eq!(kinds(&net), ["conv", "clip"]);
    assert_eq!(net.nodes[1].op, Op::Clip { min: 0.0, max: 0.5 });
}

#[test]
fn zeros_around_the_picture_go_into_the_convolution() {
    let mut net = Net::new([1, 2, 4, 4]).unwrap();
    let x = pad(&mut net, 0, [1, 0, 2, 1], 0);
    let x = conv(&mut net, x, 2, 3, 1);
    net.output("y", x).unwrap();
    assert_eq!(kinds(&folded(net)), ["conv"]);
}

#[test]
fn what_is_used_twice_stays() {
    let mut net = Net::new([1, 2, 4, 4]).unwrap();
    let padded = pad(&mut net, 0, [1, 1, 1, 1], 0);
    let a = conv(&mut net, padded, 2, 3, 1);
    let b = affine(&mut net, a);
    let sum = net.push(Op::Add, &[a, b]).unwrap();
    let more = net.push(Op::Add, &[sum, padded]).unwrap();
    net.output("y", more).unwrap();
    assert_eq!(kinds(&folded(net)), ["pad", "conv", "affine", "add", "add"]);
}

#[test]
fn an_output_in_the_middle_stays_what_it_is() {
    let mut net = Net::new([1, 2, 4, 4]).unwrap();
    let middle = conv(&mut net, 0, 2, 1, 1);
    let end = affine(&mut net, middle);
    net.output("end", end).unwrap();
    net.output("middle", middle).unwrap();
    assert_eq!(kinds(&folded(net)), ["conv", "affine"]);
}

#[test]
fn what_no_output_needs_goes_away() {
    let mut net = Net::new([1, 2, 4, 4]).unwrap();
    let used = conv(&mut net, 0, 2, 1, 1);
    let idle = conv(&mut net, used, 5, 3, 1);
    affine(&mut net, idle);
    net.output("y", used).unwrap();
    assert_eq!(kinds(&folded(net)), ["conv"]);
}

#[test]
fn zeros_after_the_channels_become_a_convolution() {
    let mut net = Net::new([1, 2, 4, 4]).unwrap();
    let wide = pad(&mut net, 0, [0; 4], 3);
    net.output("y", wide).unwrap();
    assert_eq!(kinds(&folded(net)), ["conv"]);
}

proptest! {
    #[test]
    fn folding_never_changes_a_result(steps in proptest::collection::vec(0_usize..8, 1..12), second in any::<bool>()) {
        let mut net = Net::new([1, 2, 6, 5]).unwrap();
        let mut x = 0;
        let mut carried = 0;
        for step in steps {
            let before = x;
            x = match step {
                0 => { let channels = net.channels(x); conv(&mut net, x, channels, 3, 1) }
                1 => conv(&mut net, x, 3, 1, 1),
                2 => affine(&mut net, x),
                3 => pad(&mut net, x, [1, 0, 0, 1], 0),
                4 => pad(&mut net, x, [0; 4], 1),
                5 => clip(&mut net, x, -0.5, 0.5),
                6 => clip(&mut net, x, 0.25, f32::INFINITY),
                _ if net.shape(carried) == net.shape(x) => net.push(Op::Add, &[carried, x]).unwrap(),
                _ => x,
            };
            if step % 2 == 0 { carried = before; }
        }
        net.output("y", x).unwrap();
        if second && carried != x { net.output("z", carried).unwrap(); }
        folded(net);
    }
}
