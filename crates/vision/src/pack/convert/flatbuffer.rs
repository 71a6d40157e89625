//! Reads FlatBuffers tables without trusting one offset in them.
//!
//! The wire format (flatbuffers.dev, "FlatBuffer Internals"): a table starts with a signed offset back to its
//! vtable; the vtable holds its own length, the table's length and one 16-bit offset per field, 0 for absent.
//! Strings, vectors and tables are reached by unsigned 32-bit offsets relative to where they stand.
//! Nothing here allocates; what is read is bounded by the file.

use super::ConvertError;

fn outside() -> ConvertError {
    ConvertError::malformed("an offset that leads out of the file")
}

/// One table in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    file: &'a [u8],
    start: usize,
    vtable: &'a [u8],
}

/// The bytes `at..at + N`.
fn bytes<const N: usize>(file: &[u8], at: usize) -> Result<[u8; N], ConvertError> {
    let end = at.checked_add(N).ok_or_else(outside)?;
    file.get(at..end).and_then(|bytes| bytes.try_into().ok()).ok_or_else(outside)
}

fn follow(file: &[u8], at: usize) -> Result<usize, ConvertError> {
    let offset = u32::from_le_bytes(bytes(file, at)?) as usize;
    at.checked_add(offset).filter(|&target| target < file.len()).ok_or_else(outside)
}

impl<'a> Table<'a> {
    /// The root of a file with this identifier in bytes 4 to 8.
    pub(super) fn root(file: &'a [u8], identifier: [u8; 4]) -> Result<Self, ConvertError> {
        if bytes::<4>(file, 4)? != identifier {
            return Err(ConvertError::malformed("not the kind of file that it should be"));
        }
        Self::at(file, follow(file, 0)?)
    }

    fn at(file: &'a [u8], start: usize) -> Result<Self, ConvertError> {
        let back = i32::from_le_bytes(bytes(file, start)?);
        let vtable = i64::try_from(start).ok().map(|start| start - i64::from(back));
        let vtable = vtable.and_then(|at| usize::try_from(at).ok()).ok_or_else(outside)?;
        let length = usize::from(u16::from_le_bytes(bytes(file, vtable)?));
        let vtable = vtable.checked_add(length).and_then(|end| file.get(vtable..end)).ok_or_else(outside)?;
        Ok(Self { file, start, vtable })
    }

    /// Where the field stands in the file; `None` when it was left out.
    fn field(&self, index: usize) -> Result<Option<usize>, ConvertError> {
        let Ok(offset) = bytes(self.vtable, 4 + 2 * index) else { return Ok(None) };
        match usize::from(u16::from_le_bytes(offset)) {
            0 => Ok(None),
            offset => self.start.checked_add(offset).map(Some).ok_or_else(outside),
        }
    }

    /// A byte, or the schema's default.
    pub(super) fn byte(&self, index: usize, default: u8) -> Result<u8, ConvertError> {
        match self.field(index)? {
            Some(at) => Ok(bytes::<1>(self.file, at)?[0]),
            None => Ok(default),
        }
    }

    /// A 32-bit number, or the schema's default.
    pub(super) fn int(&self, index: usize, default: i32) -> Result<i32, ConvertError> {
        match self.field(index)? {
            Some(at) => Ok(i32::from_le_bytes(bytes(self.file, at)?)),
            None => Ok(default),
        }
    }

    /// A table; `None` when it was left out.
    pub(super) fn table(&self, index: usize) -> Result<Option<Self>, ConvertError> {
        match self.field(index)? {
            Some(at) => Self::at(self.file, follow(self.file, at)?).map(Some),
            None => Ok(None),
        }
    }

    /// The place of a vector's elements of `width` bytes, all of which are in the file.
    fn vector(&self, index: usize, width: usize) -> Result<(usize, &'a [u8]), ConvertError> {
        let Some(at) = self.field(index)? else { return Ok((0, &[])) };
        let at = follow(self.file, at)?;
        let count = u32::from_le_bytes(bytes(self.file, at)?) as usize;
        let start = at + 4;
        let end = count.checked_mul(width).and_then(|length| start.checked_add(length));
        let elements = end.and_then(|end| self.file.get(start..end)).ok_or_else(outside)?;
        Ok((start, elements))
    }

    /// A vector of bytes; empty when it was left out.
    pub(super) fn bytes(&self, index: usize) -> Result<&'a [u8], ConvertError> {
        Ok(self.vector(index, 1)?.1)
    }

    /// A text; empty when it was left out.
    pub(super) fn text(&self, index: usize) -> Result<&'a str, ConvertError> {
        std::str::from_utf8(self.bytes(index)?)
            .map_err(|_| ConvertError::malformed("a text that is no UTF-8"))
    }

    /// A vector of 32-bit numbers; empty when it was left out.
    pub(super) fn ints(&self, index: usize) -> Result<impl ExactSizeIterator<Item = i32> + 'a, ConvertError> {
        let (_, elements) = self.vector(index, 4)?;
        Ok(elements.chunks_exact(4).map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])))
    }

    /// How many tables a vector holds.
    pub(super) fn count(&self, index: usize) -> Result<usize, ConvertError> {
        Ok(self.vector(index, 4)?.1.len() / 4)
    }

    /// One table of a vector of tables.
    pub(super) fn nth(&self, index: usize, n: usize) -> Result<Self, ConvertError> {
        let (start, elements) = self.vector(index, 4)?;
        if n >= elements.len() / 4 {
            return Err(ConvertError::malformed("a number that names nothing"));
        }
        Self::at(self.file, follow(self.file, start + 4 * n)?)
    }
}
