//! The structure of picture files, walked without decoding them.
//!
//! A walker finds dimensions, orientation and the end of the picture, and copies what the pixels need into
//! [`Container::essence`]: a valid file of the same format without metadata, comments, previews and
//! trailing data. Decoders get the essence, so that a hostile profile or text chunk never reaches them.

pub(super) mod jpeg;
pub(super) mod png;
pub(super) mod webp;

use super::orientation::Orientation;

/// What a walk found.
pub(super) struct Container {
    /// The file again with nothing but what its pixels need.
    pub(super) essence: Vec<u8>,
    /// Width as stored, before turning.
    pub(super) width: u32,
    /// Height as stored, before turning.
    pub(super) height: u32,
    /// Which way up.
    pub(super) orientation: Orientation,
    /// Four ink channels.
    pub(super) cmyk: bool,
    /// Four ink channels whose values are stored inverted, as Adobe's marker says.
    pub(super) inverted: bool,
    /// More than eight bits a channel.
    pub(super) deep: bool,
    /// Of a JPEG: offsets in the essence where a scan ends and its decoder can be made to notice that it
    /// needs more.
    pub(super) scan_ends: Vec<usize>,
}
