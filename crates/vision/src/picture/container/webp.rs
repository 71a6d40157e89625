//! WebP (RFC 9649): RIFF chunks, of which the pixels need few.

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;

use super::Container;
use crate::picture::orientation::Orientation;
use crate::picture::{Limits, broken, refuse};

/// Flags of the VP8X chunk (RFC 9649, 2.7.1.1).
const ANIMATION: u8 = 0x02;
const ALPHA: u8 = 0x10;

/// Walks the chunks of one RIFF file; what follows it is not looked at.
pub(in crate::picture) fn walk(bytes: &[u8], limits: &Limits) -> Result<Container, SeeError> {
    let size = bytes.get(4..8).and_then(|s| s.first_chunk()).map_or(0, |s| u32::from_le_bytes(*s) as usize);
    let file = size.checked_add(8).and_then(|end| bytes.get(12..end)).ok_or_else(cut_off)?;
    let mut essence = b"RIFF\0\0\0\0WEBP".to_vec();
    let (mut dimensions, mut exif, mut rest) = (None, None, file);
    while !rest.is_empty() {
        let Chunk { kind, data, after } = chunk(rest)?;
        rest = after;
        match kind {
            b"VP8X" if dimensions.is_none() => {
                let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = *data else {
                    return Err(broken("a header of the wrong length"));
                };
                if flags & ANIMATION != 0 {
                    return Err(refuse(ReasonCode::PictureAnimated, "an animated WebP"));
                }
                let (w, h) =
                    (u32::from_le_bytes([w0, w1, w2, 0]) + 1, u32::from_le_bytes([h0, h1, h2, 0]) + 1);
                dimensions = Some((w, h));
                push(&mut essence, kind, &[flags & ALPHA, 0, 0, 0, w0, w1, w2, h0, h1, h2]);
            }
            b"VP8 " | b"VP8L" => {
                let own = if kind == b"VP8 " { lossy_size(data) } else { lossless_size(data) };
                let own = own.ok_or_else(|| broken("a picture header that is too short"))?;
                if *dimensions.get_or_insert(own) != own {
                    return Err(broken("two sizes that disagree"));
                }
                push(&mut essence, kind, data);
                // A still picture has one; anything after it is metadata.
                exif = exif.or_else(|| find_exif(rest));
                rest = &[];
            }
            b"ALPH" => push(&mut essence, kind, data),
            b"EXIF" => exif = Some(data),
            _ => {}
        }
    }
    let Some((width, height)) = dimensions else { return Err(broken("has no picture")) };
    // Output with alpha, output, and the decoder's own planes.
    limits.admit(width, height, 16 * (4 + 3 + 4))?;
    finish(&mut essence);
    let orientation = exif.map_or_else(Orientation::default, |e| {
        Orientation::from_exif(e.strip_prefix(b"Exif\0\0").unwrap_or(e))
    });
    Ok(Container {
        essence,
        width,
        height,
        orientation,
        cmyk: false,
        inverted: false,
        deep: false,
        scan_ends: Vec::new(),
    })
}

/// Appends a chunk, padded to an even length.
pub(in crate::picture) fn push(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(kind);
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file.extend(&[0][..data.len() % 2]);
}

/// Writes the size of the file into its header.
pub(in crate::picture) fn finish(file: &mut [u8]) {
    let size = (file.len() as u32 - 8).to_le_bytes();
    file[4..8].copy_from_slice(&size);
}

struct Chunk<'a> {
    kind: &'a [u8; 4],
    data: &'a [u8],
    after: &'a [u8],
}

fn chunk(rest: &[u8]) -> Result<Chunk<'_>, SeeError> {
    let (kind, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    let (size, rest) = rest.split_first_chunk::<4>().ok_or_else(cut_off)?;
    let size = u32::from_le_bytes(*size) as usize;
    let data = rest.get(..size).ok_or_else(cut_off)?;
    // The last chunk's padding byte is sometimes forgotten.
    let after = size.checked_add(size % 2).and_then(|n| rest.get(n..)).unwrap_or_default();
    Ok(Chunk { kind, data, after })
}

/// The first EXIF chunk; damage behind the picture is no reason to refuse it.
fn find_exif(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let Chunk { kind, data, after } = chunk(rest).ok()?;
        if kind == b"EXIF" {
            return Some(data);
        }
        rest = after;
    }
}

fn cut_off() -> SeeError {
    broken("the end of the picture is missing")
}

/// Frame header of a key frame (RFC 6386, 9.1).
fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    let [_, _, _, 0x9D, 0x01, 0x2A, w0, w1, h0, h1, ..] = *data else { return None };
    let side = |lo, hi| u32::from(u16::from_le_bytes([lo, hi]) & 0x3FFF);
    Some((side(w0, w1), side(h0, h1)))
}

/// Header of a lossless picture (RFC 9649, 3.4).
fn lossless_size(data: &[u8]) -> Option<(u32, u32)> {
    let [0x2F, b0, b1, b2, b3, ..] = *data else { return None };
    let bits = u32::from_le_bytes([b0, b1, b2, b3]);
    Some(((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}
