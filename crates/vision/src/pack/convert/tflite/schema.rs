//! What the tables of `schema.fbs` (version 3) hold, and where.

use crate::pack::convert::ConvertError;
use crate::pack::convert::flatbuffer::Table;
use crate::pack::convert::net::Padding;

/// Field numbers of the tables.
pub(super) mod model {
    pub(crate) const OPERATOR_CODES: usize = 1;
    pub(crate) const SUBGRAPHS: usize = 2;
    pub(crate) const BUFFERS: usize = 4;
}
mod code {
    pub(super) const OLD: usize = 0;
    pub(super) const CUSTOM: usize = 1;
    pub(super) const NEW: usize = 3;
}
pub(super) mod graph {
    pub(crate) const TENSORS: usize = 0;
    pub(crate) const INPUTS: usize = 1;
    pub(crate) const OUTPUTS: usize = 2;
    pub(crate) const OPERATORS: usize = 3;
}
pub(super) mod tensor {
    pub(crate) const SHAPE: usize = 0;
    pub(crate) const TYPE: usize = 1;
    pub(crate) const BUFFER: usize = 2;
    pub(crate) const NAME: usize = 3;
}
pub(super) mod operator {
    pub(super) const CODE: usize = 0;
    pub(super) const INPUTS: usize = 1;
    pub(super) const OUTPUTS: usize = 2;
    pub(super) const OPTIONS: usize = 4;
    pub(crate) const CUSTOM_OPTIONS: usize = 5;
}

/// `BuiltinOperator` numbers.
pub(super) mod op {
    pub(crate) const ADD: i32 = 0;
    pub(crate) const AVERAGE_POOL_2D: i32 = 1;
    pub(crate) const CONCATENATION: i32 = 2;
    pub(crate) const CONV_2D: i32 = 3;
    pub(crate) const DEPTHWISE_CONV_2D: i32 = 4;
    pub(crate) const DEPTH_TO_SPACE: i32 = 5;
    pub(crate) const DEQUANTIZE: i32 = 6;
    pub(crate) const FULLY_CONNECTED: i32 = 9;
    pub(crate) const LOGISTIC: i32 = 14;
    pub(crate) const MAX_POOL_2D: i32 = 17;
    pub(crate) const MUL: i32 = 18;
    pub(crate) const RELU: i32 = 19;
    pub(crate) const RELU6: i32 = 21;
    pub(crate) const RESHAPE: i32 = 22;
    pub(crate) const RESIZE_BILINEAR: i32 = 23;
    pub(crate) const CUSTOM: i32 = 32;
    pub(crate) const PAD: i32 = 34;
    pub(crate) const MEAN: i32 = 40;
    pub(crate) const PRELU: i32 = 54;
    pub(crate) const HARD_SWISH: i32 = 117;
}

/// A number that counts or names something.
pub(super) fn index(number: i32) -> Result<usize, ConvertError> {
    usize::try_from(number).map_err(|_| ConvertError::malformed("a negative index"))
}

/// One operator of the file.
pub(super) struct Step<'a> {
    pub(super) code: i32,
    pub(super) custom: &'a str,
    /// `None` for an optional input that was left out.
    pub(super) inputs: Vec<Option<usize>>,
    pub(super) outputs: Vec<usize>,
    pub(super) table: Table<'a>,
    options: Option<Table<'a>>,
}

impl<'a> Step<'a> {
    pub(super) fn new(root: Table<'a>, table: Table<'a>) -> Result<Self, ConvertError> {
        let kind = root.nth(model::OPERATOR_CODES, index(table.int(operator::CODE, 0)?)?)?;
        // Numbers above 127 did not fit the old field; readers take the larger of the two.
        let old = i32::from(kind.byte(code::OLD, 0)?.cast_signed());
        let (inputs, outputs) = (table.ints(operator::INPUTS)?, table.ints(operator::OUTPUTS)?);
        if inputs.len().max(outputs.len()) > 64 {
            return Err(ConvertError::TooLarge { what: "inputs of a step", limit: 64 });
        }
        Ok(Self {
            code: old.max(kind.int(code::NEW, 0)?),
            custom: kind.text(code::CUSTOM)?,
            inputs: inputs.map(|input| usize::try_from(input).ok()).collect(),
            outputs: outputs.map(index).collect::<Result<_, _>>()?,
            table,
            options: table.table(operator::OPTIONS)?,
        })
    }

    pub(super) fn input(&self, n: usize) -> Result<usize, ConvertError> {
        let input = self.inputs.get(n).copied().flatten();
        input.ok_or_else(|| ConvertError::malformed("a step that lacks an input"))
    }

    pub(super) fn option_byte(&self, field: usize, default: u8) -> Result<u8, ConvertError> {
        self.options.map_or(Ok(default), |options| options.byte(field, default))
    }

    pub(super) fn option_int(&self, field: usize, default: i32) -> Result<i32, ConvertError> {
        self.options.map_or(Ok(default), |options| options.int(field, default))
    }

    pub(super) fn padding(&self) -> Result<Padding, ConvertError> {
        match self.option_byte(0, 0)? {
            0 => Ok(Padding::Same),
            1 => Ok(Padding::Valid),
            other => Err(ConvertError::unsupported(format!("padding {other}"))),
        }
    }

    pub(super) fn activation(&self) -> Result<u8, ConvertError> {
        let field = match self.code {
            op::ADD | op::MUL | op::FULLY_CONNECTED => 0,
            op::CONCATENATION => 1,
            op::CONV_2D => 3,
            op::DEPTHWISE_CONV_2D => 4,
            op::MAX_POOL_2D | op::AVERAGE_POOL_2D => 5,
            _ => return Ok(0),
        };
        self.option_byte(field, 0)
    }
}
