use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::read;
use crate::pack::convert::reference::evaluate;
use crate::pack::convert::{ConvertError, Source, to_onnx};

const SAME: &str = "U0FNRQ==";
const VALID: &str = "VkFMSUQ=";

fn node(op: &str, name: &str, inputs: &[&str], attr: Json) -> Json {
    json!({"op": op, "name": name, "input": inputs, "attr": attr})
}

fn window(padding: &str, stride: u8) -> Json {
    json!({"padding": {"s": padding}, "strides": {"list": {"i": ["1", stride.to_string(), stride.to_string(), "1"]}}})
}

/// A 4 × 4 picture of one channel through a quantised convolution, a clip and a reshape.
fn model() -> Json {
    let shape =
        json!({"shape": {"shape": {"dim": [{"size": "-1"}, {"size": "4"}, {"size": "4"}, {"size": "1"}]}}});
    let mut fused = window(SAME, 2);
    fused["fused_ops"] = json!({"list": {"s": ["Qmlhc0FkZA==", "UmVsdQ=="]}});
    let weight = |name: &str, shape: &[usize], dtype: &str, quantization: Json| json!({"name": name, "shape": shape, "dtype": dtype, "quantization": quantization});
    json!({
        "format": "graph-model",
        "signature": {"outputs": {"rows:0": {"name": "rows:0"}, "nice": {"name": "clipped:0"}}},
        "modelTopology": {"node": [
            // On purpose not in the order in which they run.
            node("Reshape", "rows", &["clipped", "to"], json!({})),
            node("Minimum", "clipped", &["conv:0", "six"], json!({})),
            node("_FusedConv2D", "conv", &["x", "filter", "bias"], fused),
            node("Placeholder", "x", &[], shape),
            node("Const", "filter", &[], json!({})),
            node("Const", "bias", &[], json!({})),
            node("Const", "six", &[], json!({})),
            node("Const", "to", &[], json!({})),
        ]},
        "weightsManifest": [{"paths": ["a.bin", "b.bin"], "weights": [
            weight("filter", &[1, 1, 1, 2], "float32", json!({"dtype": "uint8", "scale": 0.5, "min": -1.0})),
            weight("bias", &[2], "float32", json!({"dtype": "float16"})),
            weight("six", &[], "float32", Json::Null),
            weight("to", &[3], "int32", Json::Null),
        ]}],
    })
}

/// Filter (4 · 0.5 − 1, 1 · 0.5 − 1) = (1, −0.5); biases 1, 2; 6; (1, −1, 2); cut in the middle of a number.
fn shards() -> (Vec<u8>, Vec<u8>) {
    let mut bytes = vec![4, 1, 0x00, 0x3c, 0x00, 0x40];
    bytes.extend(6.0_f32.to_le_bytes());
    [1_i32, -1, 2].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    let rest = bytes.split_off(11);
    (bytes, rest)
}

fn converted(model: &Json) -> Result<Vec<u8>, ConvertError> {
    let (a, b) = shards();
    let model = serde_json::to_vec(model).unwrap();
    to_onnx(Source::Tfjs { model: &model, shards: &[&a, &b], any_size: false, outputs: &[] })
}

#[test]
fn a_quantised_model_is_read_across_its_shards() {
    let (a, b) = shards();
    let net = read(&serde_json::to_vec(&model()).unwrap(), &[&a, &b], false, &[]).unwrap();
    let names: Vec<&str> = net.outputs.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["nice", "rows"]);
    let input: Vec<f32> = (1..=16).map(|n| n as f32).collect();
    let results = evaluate(&net, &input);
    // Places 1, 3, 9, 11: n + 1 and 2 − n / 2, at least 0, at most 6.
    assert_eq!(results[0].dims, [1, 2, 2, 2]);
    assert_eq!(results[0].data, [2.0, 4.0, 6.0, 6.0, 1.5, 0.5, 0.0, 0.0]);
    assert_eq!(results[1].dims, [1, 4, 2]);
    assert_eq!(results[1].data, [2.0, 1.5, 4.0, 0.5, 6.0, 0.0, 6.0, 0.0]);
}

#[test]
fn only_the_outputs_asked_for_are_kept() {
    let (a, b) = shards();
    let model = serde_json::to_vec(&model()).unwrap();
    let net = read(&model, &[&a, &b], true, &["rows"]).unwrap();
    assert_eq!(net.outputs.len(), 1);
    assert!(net.any_size);
    let error = read(&model, &[&a, &b], false, &["age"]).unwrap_err();
    assert!(error.to_string().contains("age"), "{error}");
}

#[test]
fn shards_must_hold_what_the_model_names() {
    let model = serde_json::to_vec(&model()).unwrap();
    let (a, b) = shards();
    let mut longer = b.clone();
    longer.push(0);
    for shards in [&[a.as_slice()][..], &[&a, &b[1..]], &[&a, &longer], &[&a, &b, &[]]] {
        let result = read(&model, shards, false, &[]);
        assert!(matches!(result, Err(ConvertError::Malformed { .. })), "{result:?}");
    }
}

#[test]
fn a_graph_in_a_circle_is_refused() {
    let mut model = model();
    model["modelTopology"]["node"][2]["input"][0] = json!("rows");
    assert!(matches!(converted(&model), Err(ConvertError::Malformed { .. })));
}

#[test]
fn a_very_deep_graph_is_no_danger() {
    let mut model = model();
    let nodes = model["modelTopology"]["node"].as_array_mut().unwrap();
    for n in 0..15_000 {
        let before = if n == 0 { "conv".to_owned() } else { format!("deep{}", n - 1) };
        nodes.push(node("Identity", &format!("deep{n}"), &[&before], json!({})));
    }
    nodes[1]["input"][0] = json!("deep14999");
    assert!(converted(&model).is_ok());
}

#[test]
fn what_is_not_known_is_named() {
    for (at, op) in [(2, "Conv3D"), (1, "TopKV2"), (0, "Where")] {
        let mut model = model();
        model["modelTopology"]["node"][at]["op"] = json!(op);
        let error = converted(&model).unwrap_err();
        assert!(matches!(error, ConvertError::Unsupported { .. }), "{error}");
        assert!(error.to_string().contains(op), "{error}");
    }
    let mut model = model();
    model["modelTopology"]["node"][2]["attr"]["padding"]["s"] = json!("RVhQTElDSVQ=");
    assert!(matches!(converted(&model), Err(ConvertError::Unsupported { .. })));
    model["modelTopology"]["node"][2]["attr"]["padding"]["s"] = json!(VALID);
    assert!(converted(&model).is_ok());
}

#[test]
fn one_weight_used_a_thousand_times_is_counted_a_thousand_times() {
    // 2^20 numbers of 1 byte each, copied by every node that uses them.
    let mut model = model();
    let size = 1 << 10;
    model["weightsManifest"] = json!([{"paths": ["a"], "weights": [
        {"name": "big", "shape": [1, 1, size, size], "dtype": "float32",
         "quantization": {"dtype": "uint8", "scale": 1.0, "min": 0.0}},
    ]}]);
    let dims = json!([{"size": "1"}, {"size": "1"}, {"size": "1"}, {"size": size.to_string()}]);
    let nodes = model["modelTopology"]["node"].as_array_mut().unwrap();
    nodes[3]["attr"]["shape"]["shape"]["dim"] = dims;
    nodes.push(node("Const", "big", &[], json!({})));
    for n in 0..1000 {
        let before = if n == 0 { "x".to_owned() } else { format!("c{}", n - 1) };
        nodes.push(node("Conv2D", &format!("c{n}"), &[&before, "big"], window(VALID, 1)));
    }
    model["signature"]["outputs"] = json!({"c999": {}});
    let file = serde_json::to_vec(&model).unwrap();
    let shard = vec![1; size * size];
    let result = read(&file, &[&shard], false, &[]);
    assert!(matches!(result, Err(ConvertError::TooLarge { .. })), "{:?}", result.map(|net| net.nodes.len()));
}

#[test]
fn a_model_that_stops_early_is_refused() {
    let model = serde_json::to_vec(&model()).unwrap();
    let (a, b) = shards();
    for length in 0..model.len() {
        let result = read(&model[..length], &[&a, &b], false, &[]);
        assert!(matches!(result, Err(ConvertError::Malformed { .. })));
    }
}

proptest! {
    #[test]
    fn changed_bytes_never_panic(changes in proptest::collection::vec((any::<usize>(), 32_u8..127), 1..6)) {
        let mut file = serde_json::to_vec(&model()).unwrap();
        for (at, value) in changes {
            let at = at % file.len();
            file[at] = value;
        }
        let (a, b) = shards();
        let _ = to_onnx(Source::Tfjs { model: &file, shards: &[&a, &b], any_size: true, outputs: &[] });
    }

    #[test]
    fn changed_numbers_never_panic(at in 0_usize..4, dims in proptest::collection::vec(any::<i64>(), 0..5)) {
        let mut model = model();
        let dims: Vec<Json> = dims.iter().map(|dim| json!({"size": dim.to_string()})).collect();
        let shape: Vec<u64> = dims.iter().map(|dim| dim["size"].as_str().unwrap().len() as u64).collect();
        model["weightsManifest"][0]["weights"][at]["shape"] = json!(shape);
        let _ = converted(&model);
        model["modelTopology"]["node"][3]["attr"]["shape"]["shape"]["dim"] = json!(dims);
        let _ = converted(&model);
    }
}
