use std::collections::BTreeSet;

use prost::Message;

use super::emit;
use crate::pack::convert::net::{Net, Op, Tensor};
use crate::pack::convert::onnx::{DimensionValue, GraphProto, ModelProto, ValueInfoProto};

/// A detector in small: a picture in, a map and a table of rows out.
fn detector() -> Net {
    let mut net = Net::new([1, 3, 8, 8]).unwrap();
    let slope = Op::Prelu { slope: vec![0.25, 0.5, 3.0] };
    let bent = net.push(slope, &[0]).unwrap();
    let rows = net.push(Op::Reshape { to: vec![1, 64, 3] }, &[bent]).unwrap();
    net.output("map", bent).unwrap();
    net.output("rows", rows).unwrap();
    net
}

fn graph(net: &Net) -> GraphProto {
    ModelProto::decode(emit(net).as_slice()).unwrap().graph.unwrap()
}

fn dims(value: &ValueInfoProto) -> Vec<String> {
    let tensor = value.r#type.as_ref().and_then(|kind| kind.tensor_type.as_ref()).unwrap();
    let dims = tensor.shape.iter().flat_map(|shape| &shape.dim);
    let text = |value: &DimensionValue| match value {
        DimensionValue::Fixed(length) => length.to_string(),
        DimensionValue::Named(name) => name.clone(),
    };
    dims.map(|dim| text(dim.value.as_ref().unwrap())).collect()
}

#[test]
fn every_name_is_made_before_it_is_used_and_only_once() {
    let graph = graph(&detector());
    let mut made: BTreeSet<&str> = graph.input.iter().map(|input| input.name.as_str()).collect();
    for constant in &graph.initializer {
        assert!(made.insert(&constant.name));
    }
    for node in &graph.node {
        assert!(node.input.iter().all(|input| input.is_empty() || made.contains(input.as_str())), "{node:?}");
        for output in &node.output {
            assert!(made.insert(output), "{output} is made twice");
        }
    }
    assert!(graph.output.iter().all(|output| made.contains(output.name.as_str())));
}

#[test]
fn a_fixed_input_is_stated_with_its_size() {
    let graph = graph(&detector());
    assert_eq!(dims(&graph.input[0]), ["1", "3", "8", "8"]);
    assert_eq!(dims(&graph.output[1]), ["1", "64", "3"]);
}

#[test]
fn an_open_size_leaves_open_what_follows_from_it() {
    let mut net = detector();
    net.open_size().unwrap();
    let graph = graph(&net);
    assert_eq!(dims(&graph.input[0]), ["1", "3", "height", "width"]);
    assert_eq!(dims(&graph.output[0]), ["1", "3", "height0", "width0"]);
    assert_eq!(dims(&graph.output[1]), ["1", "rows1", "3"]);
}

#[test]
fn a_step_that_counts_pixels_forbids_an_open_size() {
    let weight = Tensor { dims: vec![1, 192], data: vec![0.0; 192] };
    for op in [Op::Reshape { to: vec![1, 192] }, Op::Dense { weight, bias: vec![0.0] }] {
        let mut net = Net::new([1, 3, 8, 8]).unwrap();
        net.push(op, &[0]).unwrap();
        assert!(net.open_size().is_err());
    }
}

#[test]
fn an_output_needs_a_name_of_its_own() {
    let mut net = detector();
    for name in ["", "input", "map", "/v1"] {
        assert!(net.output(name, 0).is_err(), "{name}");
    }
}

#[test]
fn the_input_may_be_an_output_too() {
    let mut net = detector();
    net.output("same", net.input).unwrap();
    let graph = graph(&net);
    let last = graph.node.last().unwrap();
    assert_eq!((last.op_type.as_str(), last.output[0].as_str()), ("Identity", "same"));
}
