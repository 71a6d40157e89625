//! Constant numbers out of their stored forms, and into the order that ONNX wants.

use super::ConvertError;
use super::net::Tensor;
use super::shape;

/// Numbers that one model may hold once decoded (128 MB as `f32`; the largest we convert has 5.6 million).
/// Without it, tensors that share one stored block would make a small file grow without bound.
const MAX_NUMBERS: usize = 1 << 25;

/// Counts what was decoded for one model.
#[derive(Debug, Default)]
pub(super) struct Budget {
    spent: usize,
}

impl Budget {
    /// Must be asked before `count` numbers are allocated.
    pub(super) fn spend(&mut self, count: usize) -> Result<(), ConvertError> {
        self.spent = self.spent.saturating_add(count);
        if self.spent > MAX_NUMBERS {
            return Err(ConvertError::TooLarge { what: "numbers in all weights", limit: MAX_NUMBERS });
        }
        Ok(())
    }
}

/// How numbers are stored, always little-endian.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Stored {
    F32,
    F16,
    I32,
    I64,
    /// One byte each: `scale · byte + min`.
    Bytes {
        scale: f64,
        min: f64,
    },
}

impl Stored {
    /// Bytes per number.
    pub(super) fn width(self) -> usize {
        match self {
            Self::F32 | Self::I32 => 4,
            Self::F16 => 2,
            Self::I64 => 8,
            Self::Bytes { .. } => 1,
        }
    }
}

/// Reads exactly as many numbers as `dims` say.
pub(super) fn decode(
    stored: Stored,
    dims: Vec<usize>,
    bytes: &[u8],
    budget: &mut Budget,
) -> Result<Tensor, ConvertError> {
    let count = shape::check(&dims)?;
    if bytes.len() != count * stored.width() {
        return Err(ConvertError::malformed(format!("{} bytes for a tensor of {dims:?}", bytes.len())));
    }
    budget.spend(count)?;
    let each = bytes.chunks_exact(stored.width());
    let data: Vec<f32> = match stored {
        Stored::F32 => each.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        Stored::F16 => each.map(|b| half(u16::from_le_bytes([b[0], b[1]]))).collect(),
        Stored::I32 => each.map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]) as f32).collect(),
        Stored::I64 => {
            let wide = |b: &[u8]| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]);
            each.map(|b| wide(b) as f32).collect()
        }
        Stored::Bytes { scale, min } => bytes.iter().map(|&b| (f64::from(b) * scale + min) as f32).collect(),
    };
    if data.iter().any(|number| !number.is_finite()) {
        return Err(ConvertError::malformed("a weight that is not a finite number"));
    }
    Ok(Tensor { dims, data })
}

/// IEEE 754 binary16 to binary32, exactly.
fn half(bits: u16) -> f32 {
    let sign = u32::from(bits >> 15) << 31;
    let exponent = u32::from(bits >> 10) & 0x1f;
    let fraction = u32::from(bits) & 0x3ff;
    let magnitude = match exponent {
        // Subnormal: fraction · 2^-24.
        0 => (fraction as f32 * f32::from_bits((127 - 24) << 23)).to_bits(),
        31 => 0xff << 23 | fraction << 13,
        _ => (exponent + 127 - 15) << 23 | fraction << 13,
    };
    f32::from_bits(sign | magnitude)
}

/// Reorders the dimensions: the result's dimension `i` is the source's dimension `order[i]`.
///
/// `order` must be a permutation of the tensor's dimensions; it comes from our own code, never from a file.
pub(super) fn permute(tensor: &Tensor, order: [usize; 4]) -> Result<Tensor, ConvertError> {
    let dims: [usize; 4] = tensor
        .dims
        .as_slice()
        .try_into()
        .map_err(|_| ConvertError::malformed("convolution weights without four dimensions"))?;
    let steps = [dims[1] * dims[2] * dims[3], dims[2] * dims[3], dims[3], 1];
    let to = order.map(|axis| dims[axis]);
    let step = order.map(|axis| steps[axis]);
    let mut data = Vec::with_capacity(tensor.data.len());
    for a in 0..to[0] {
        for b in 0..to[1] {
            for c in 0..to[2] {
                let start = a * step[0] + b * step[1] + c * step[2];
                data.extend((0..to[3]).map(|d| tensor.data[start + d * step[3]]));
            }
        }
    }
    Ok(Tensor { dims: to.to_vec(), data })
}

/// A matrix turned on its side.
pub(super) fn transpose(tensor: &Tensor) -> Result<Tensor, ConvertError> {
    let &[rows, columns] = tensor.dims.as_slice() else {
        return Err(ConvertError::malformed("a matrix without two dimensions"));
    };
    let at = |column: usize| (0..rows).map(move |row| tensor.data[row * columns + column]);
    Ok(Tensor { dims: vec![columns, rows], data: (0..columns).flat_map(at).collect() })
}

/// The numbers of a constant that holds sizes: whole, from 0 to 65,535.
pub(super) fn sizes(tensor: &Tensor) -> Result<Vec<usize>, ConvertError> {
    let size = |&number: &f32| {
        let whole = number.fract() == 0.0 && (0.0..=f32::from(u16::MAX)).contains(&number);
        whole.then_some(number as usize)
    };
    let all: Option<Vec<usize>> = tensor.data.iter().map(size).collect();
    all.ok_or_else(|| ConvertError::unsupported("a size below 0 or above 65535"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_read_exactly() {
        // Values from IEEE 754-2019, table 3.5 and the definition.
        for (bits, value) in [
            (0x0000, 0.0),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0400, 6.103_515_6e-5),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x3555, 0.333_251_95),
        ] {
            assert_eq!(half(bits), value, "{bits:#06x}");
        }
        assert_eq!(half(0x7c00), f32::INFINITY);
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn a_permutation_moves_every_number_to_its_place() {
        let tensor = Tensor { dims: vec![2, 3, 1, 2], data: (0..12).map(|n| n as f32).collect() };
        let moved = permute(&tensor, [3, 2, 0, 1]).unwrap();
        assert_eq!(moved.dims, [2, 1, 2, 3]);
        assert_eq!(moved.data, [0., 2., 4., 6., 8., 10., 1., 3., 5., 7., 9., 11.]);
    }

    #[test]
    fn shared_blocks_cannot_make_a_small_file_large() {
        let mut budget = Budget::default();
        assert!(budget.spend(MAX_NUMBERS).is_ok());
        assert!(matches!(budget.spend(1), Err(ConvertError::TooLarge { .. })));
    }
}
