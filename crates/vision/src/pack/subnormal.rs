//! Weights that are all but zero, made zero.
//!
//! Training leaves weights behind that faded to subnormal numbers: a tenth of those of PP-OCRv6's text detector
//! lie below 1.2e-38. They add nothing to any sum that matters, but Intel processors take many times the cycles
//! for each product with one: the detector took 286 ms of processor time at 640×416 with them and 67 ms
//! without, and gave the very same map (ONNX Runtime 1.32, one thread, Xeon with AVX-512). On an AMD EPYC it had
//! taken 75 ms with them. ONNX Runtime's own switch (`session.set_denormal_as_zero`) acts on its own threads and on the
//! one that opened the first session, not on those that run ours later.

/// Weights nearer to zero than this become zero. Above the smallest normal number (1.2e-38), because the
/// runtime multiplies some weights with each other before it uses them.
const NOTHING: f32 = 1e-30;
/// Shorter lists are left alone: they may be what keeps a division from zero.
const WEIGHTS: usize = 64;

// Field numbers of onnx.proto3.
const MODEL_GRAPH: u64 = 7;
const GRAPH_INITIALIZER: u64 = 5;
const TENSOR_DATA_TYPE: u64 = 2;
const TENSOR_RAW_DATA: u64 = 9;
/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// Sets such weights of a model file to zero, in place. What does not look like a model is left as it is, for
/// the runtime to refuse.
pub(super) fn flush(model: &mut [u8]) {
    for_each(model, &mut |field, graph| {
        if field == MODEL_GRAPH {
            for_each(graph, &mut |field, tensor| {
                if field == GRAPH_INITIALIZER {
                    flush_tensor(tensor);
                }
            });
        }
    });
}

fn flush_tensor(tensor: &mut [u8]) {
    if number(tensor, TENSOR_DATA_TYPE) != Some(FLOAT) {
        return;
    }
    for_each(tensor, &mut |field, raw| {
        if field == TENSOR_RAW_DATA && raw.len() >= 4 * WEIGHTS {
            for bytes in raw.as_chunks_mut::<4>().0 {
                if f32::from_le_bytes(*bytes).abs() < NOTHING {
                    *bytes = [0; 4];
                }
            }
        }
    });
}

/// A field of a protobuf message.
enum Value {
    /// A number.
    Number(u64),
    /// Bytes, text or a message: so many bytes that follow.
    Bytes(usize),
    /// A number of fixed width, so many bytes.
    Fixed(usize),
}

/// Visits each field that holds bytes.
fn for_each(message: &mut [u8], visit: &mut dyn FnMut(u64, &mut [u8])) {
    let mut rest = message;
    while let Some((field, value, head)) = field(rest) {
        let (Value::Bytes(length) | Value::Fixed(length)) = value else {
            rest = &mut rest[head..];
            continue;
        };
        let Some((content, after)) = rest[head..].split_at_mut_checked(length) else { return };
        if matches!(value, Value::Bytes(_)) {
            visit(field, content);
        }
        rest = after;
    }
}

/// The first number of that field.
fn number(message: &[u8], wanted: u64) -> Option<u64> {
    let mut rest = message;
    while let Some((field, value, head)) = field(rest) {
        rest = match value {
            Value::Number(n) if field == wanted => return Some(n),
            Value::Number(_) => &rest[head..],
            Value::Bytes(length) | Value::Fixed(length) => rest[head..].get(length..)?,
        };
    }
    None
}

/// Number and value of the field that a message begins with, and where what follows it, or its bytes, begin.
fn field(message: &[u8]) -> Option<(u64, Value, usize)> {
    let (key, head) = varint(message)?;
    let (value, more) = match key & 7 {
        0 => varint(&message[head..]).map(|(n, more)| (Value::Number(n), more))?,
        1 => (Value::Fixed(8), 0),
        2 => {
            let (length, more) = varint(&message[head..])?;
            (Value::Bytes(usize::try_from(length).ok()?), more)
        }
        5 => (Value::Fixed(4), 0),
        _ => return None,
    };
    Some((key >> 3, value, head + more))
}

/// A number of seven bits a byte, the lowest first, and how many bytes it took.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        value |= u64::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, i + 1));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes(field: u8, content: &[u8]) -> Vec<u8> {
        let mut out = vec![field << 3 | 2];
        let mut length = content.len();
        while length > 0x7F {
            out.push((length & 0x7F) as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend(content);
        out
    }

    /// A model of one tensor, after a number, a name and a fixed-width field that are passed over.
    fn model(data_type: u8, weights: &[f32]) -> Vec<u8> {
        let raw: Vec<u8> = weights.iter().flat_map(|w| w.to_le_bytes()).collect();
        let tensor = [vec![2 << 3, data_type], bytes(8, b"weights"), bytes(9, &raw)].concat();
        let graph = [bytes(2, b"graph"), bytes(5, &tensor)].concat();
        [vec![1 << 3, 0xB8, 0x08], vec![6 << 3 | 5, 1, 2, 3, 4], bytes(7, &graph)].concat()
    }

    fn flushed(data_type: u8, weights: &[f32]) -> Vec<u8> {
        let mut file = model(data_type, weights);
        flush(&mut file);
        file
    }

    #[test]
    fn faded_weights_become_zero_and_the_others_stay() {
        let before: Vec<f32> = (0..80).map(|i| [0.5, -1e-40, 1e-38, -2.0, 1e-29][i % 5]).collect();
        let after: Vec<f32> = (0..80).map(|i| [0.5, 0.0, 0.0, -2.0, 1e-29][i % 5]).collect();
        assert_eq!(flushed(1, &before), model(1, &after));
    }

    #[test]
    fn short_lists_and_other_types_of_numbers_stay() {
        for (data_type, length) in [(1, 63), (6, 80), (7, 80)] {
            let weights = vec![1e-40; length];
            assert_eq!(flushed(data_type, &weights), model(data_type, &weights));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(mut file in prop::collection::vec(any::<u8>(), 0..300)) {
            flush(&mut file);
        }

        #[test]
        fn a_model_cut_off_anywhere_does_not_make_it_panic(cut in 0usize..400) {
            let mut file = model(1, &[1e-40; 80]);
            file.truncate(cut);
            flush(&mut file);
        }
    }
}
