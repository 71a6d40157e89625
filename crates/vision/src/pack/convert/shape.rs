//! The shape of what each operator gives, and the checks that make the operator's numbers fit.

use super::ConvertError;
use super::net::{Op, Padding, Tensor, Window};

/// Numbers in one tensor: 2^26 (256 MB) is a 4,096² picture with four channels.
pub(super) const MAX_ELEMENTS: usize = 1 << 26;
/// Dimensions of one tensor; pictures have four.
const MAX_RANK: usize = 8;
/// Kernel sides, strides and dilations beyond this do not occur in picture networks.
const MAX_WINDOW: usize = 1 << 12;

/// Number of elements, or an error where a dimension is 0 or the product is beyond [`MAX_ELEMENTS`].
pub(super) fn check(dims: &[usize]) -> Result<usize, ConvertError> {
    if dims.len() > MAX_RANK {
        return Err(ConvertError::malformed("a tensor of very many dimensions"));
    }
    let mut count = 1_usize;
    for &dim in dims {
        if dim == 0 {
            return Err(ConvertError::malformed("a tensor with a dimension of 0"));
        }
        count = count
            .checked_mul(dim)
            .filter(|&count| count <= MAX_ELEMENTS)
            .ok_or(ConvertError::TooLarge { what: "elements of a tensor", limit: MAX_ELEMENTS })?;
    }
    Ok(count)
}

/// The second of four dimensions, else the last (1 for a scalar).
pub(super) fn channels(dims: &[usize]) -> usize {
    match dims {
        &[_, channels, _, _] => channels,
        other => other.last().copied().unwrap_or(1),
    }
}

/// Puts a kernel on a picture; for [`Padding::Same`] as TensorFlow does it.
pub(super) fn window(
    size: [usize; 2],
    kernel: [usize; 2],
    strides: [usize; 2],
    dilations: [usize; 2],
    padding: Padding,
) -> Result<Window, ConvertError> {
    let mut pads = [0; 4];
    for axis in 0..2 {
        if [kernel[axis], strides[axis], dilations[axis]].iter().any(|&n| n == 0 || n > MAX_WINDOW) {
            return Err(ConvertError::malformed("a window with an impossible size"));
        }
        if padding == Padding::Same {
            let places = size[axis].div_ceil(strides[axis]);
            let reach = (kernel[axis] - 1) * dilations[axis] + 1;
            let total = ((places - 1) * strides[axis] + reach).saturating_sub(size[axis]);
            pads[axis] = total / 2;
            pads[axis + 2] = total - total / 2;
        }
    }
    Ok(Window { kernel, strides, dilations, pads })
}

/// The shape of the result.
pub(super) fn after(op: &Op, inputs: &[&[usize]]) -> Result<Vec<usize>, ConvertError> {
    let arity = match op {
        Op::Add | Op::Mul => 2,
        Op::Concat { .. } => inputs.len().max(1),
        _ => 1,
    };
    if inputs.len() != arity {
        return Err(ConvertError::malformed("an operator with the wrong number of inputs"));
    }
    let first = inputs[0];
    let shape = match op {
        Op::Conv { weight, bias, group, window } => conv(first, weight, bias, *group, window)?,
        Op::Deconv { weight, bias, window } => deconv(first, weight, bias, window)?,
        Op::MaxPool(window) | Op::AveragePool(window) => {
            let [n, c, h, w] = picture(first)?;
            let [h, w] = slide([h, w], window)?;
            vec![n, c, h, w]
        }
        Op::Mean { keep } => match (picture(first)?, keep) {
            ([n, c, ..], true) => vec![n, c, 1, 1],
            ([n, c, ..], false) => vec![n, c],
        },
        Op::Add | Op::Mul => broadcast(first, inputs[1])?,
        Op::Affine { scale, shift } => {
            fits(scale.len(), channels(first))?;
            fits(shift.len(), channels(first))?;
            first.to_vec()
        }
        Op::Prelu { slope } => {
            fits(slope.len(), channels(first))?;
            first.to_vec()
        }
        Op::Clip { .. } | Op::Sigmoid | Op::HardSwish | Op::Softmax => first.to_vec(),
        Op::Pad { spatial, channels } => {
            let [n, c, h, w] = picture(first)?;
            let [top, left, bottom, right] = *spatial;
            if [top, left, bottom, right, *channels].iter().any(|&pad| pad > MAX_ELEMENTS) {
                return Err(ConvertError::malformed("a padding beyond reason"));
            }
            vec![n, c + channels, h + top + bottom, w + left + right]
        }
        Op::Resize { to: [height, width], .. } => {
            let [n, c, ..] = picture(first)?;
            vec![n, c, *height, *width]
        }
        Op::Concat { axis } => concat(*axis, inputs)?,
        Op::DepthToSpace { block } => depth_to_space(first, *block)?,
        Op::Reshape { to } => {
            if to.len() > 3 || check(to)? != check(first)? {
                return Err(ConvertError::malformed("a reshape to something of another size"));
            }
            to.clone()
        }
        Op::Dense { weight, bias } => {
            let &[out, inside] = weight.dims.as_slice() else {
                return Err(ConvertError::malformed("dense weights that are not a matrix"));
            };
            let &[rows, ..] = first else {
                return Err(ConvertError::malformed("a dense layer on a scalar"));
            };
            fits(check(first)? / rows, inside)?;
            fits(bias.len(), out)?;
            vec![rows, out]
        }
    };
    check(&shape)?;
    Ok(shape)
}

fn fits(got: usize, wanted: usize) -> Result<(), ConvertError> {
    if got == wanted {
        return Ok(());
    }
    Err(ConvertError::malformed(format!("{got} numbers where {wanted} belong")))
}

fn picture(dims: &[usize]) -> Result<[usize; 4], ConvertError> {
    dims.try_into().map_err(|_| ConvertError::malformed("a picture operator on something that is no picture"))
}

fn slide(size: [usize; 2], window: &Window) -> Result<[usize; 2], ConvertError> {
    let mut out = [0; 2];
    for axis in 0..2 {
        let reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1;
        let padded = size[axis] + window.pads[axis] + window.pads[axis + 2];
        let room = padded
            .checked_sub(reach)
            .ok_or_else(|| ConvertError::malformed("a window larger than its picture"))?;
        out[axis] = room / window.strides[axis] + 1;
    }
    Ok(out)
}

fn conv(
    input: &[usize],
    weight: &Tensor,
    bias: &[f32],
    group: usize,
    window: &Window,
) -> Result<Vec<usize>, ConvertError> {
    let [n, c, h, w] = picture(input)?;
    let [out, inside, kh, kw] = picture(&weight.dims)?;
    fits(check(&weight.dims)?, weight.data.len())?;
    fits(bias.len(), out)?;
    if group == 0 || out % group != 0 || inside.checked_mul(group) != Some(c) || [kh, kw] != window.kernel {
        return Err(ConvertError::malformed("a convolution whose weights do not fit its input"));
    }
    let [h, w] = slide([h, w], window)?;
    Ok(vec![n, out, h, w])
}

fn deconv(
    input: &[usize],
    weight: &Tensor,
    bias: &[f32],
    window: &Window,
) -> Result<Vec<usize>, ConvertError> {
    let [n, c, h, w] = picture(input)?;
    let [inside, out, kh, kw] = picture(&weight.dims)?;
    fits(check(&weight.dims)?, weight.data.len())?;
    fits(bias.len(), out)?;
    if inside != c || [kh, kw] != window.kernel || window.pads != [0; 4] || window.dilations != [1, 1] {
        return Err(ConvertError::malformed("a transposed convolution whose weights do not fit its input"));
    }
    Ok(vec![n, out, (h - 1) * window.strides[0] + kh, (w - 1) * window.strides[1] + kw])
}

fn broadcast(a: &[usize], b: &[usize]) -> Result<Vec<usize>, ConvertError> {
    let same_rank = a.len() == b.len();
    let fits = |(&a, &b): (&usize, &usize)| a == b || a == 1 || b == 1;
    if !same_rank || !a.iter().zip(b).all(fits) {
        return Err(ConvertError::malformed("two tensors that do not fit each other"));
    }
    Ok(a.iter().zip(b).map(|(&a, &b)| a.max(b)).collect())
}

fn concat(axis: usize, inputs: &[&[usize]]) -> Result<Vec<usize>, ConvertError> {
    let bad = || ConvertError::malformed("tensors that cannot be put one after another");
    let mut shape = inputs[0].to_vec();
    for other in &inputs[1..] {
        let rest_agrees = other.len() == shape.len()
            && other.iter().zip(&shape).enumerate().all(|(at, (a, b))| at == axis || a == b);
        if !rest_agrees || axis >= shape.len() {
            return Err(bad());
        }
        shape[axis] = shape[axis].checked_add(other[axis]).ok_or_else(bad)?;
    }
    if axis < shape.len() { Ok(shape) } else { Err(bad()) }
}

fn depth_to_space(input: &[usize], block: usize) -> Result<Vec<usize>, ConvertError> {
    let [n, c, h, w] = picture(input)?;
    let area = block.checked_mul(block).filter(|&area| area > 0 && c % area == 0);
    let area = area.ok_or_else(|| ConvertError::malformed("channels that do not divide into blocks"))?;
    Ok(vec![n, c / area, h.saturating_mul(block), w.saturating_mul(block)])
}
