//! PNG (ISO/IEC 15948, W3C third edition): chunks, of which the pixels need few.

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;

use super::Container;
use crate::picture::orientation::Orientation;
use crate::picture::{Limits, broken, refuse};

/// The eight bytes that every PNG starts with.
const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1A\n";

/// Walks from the signature to IEND.
pub(in crate::picture) fn walk(bytes: &[u8], limits: &Limits) -> Result<Container, SeeError> {
    let mut essence = SIGNATURE.to_vec();
    let mut header = None;
    let mut exif = None;
    let mut at = SIGNATURE.len();
    loop {
        let Chunk { kind, data, whole } = chunk(bytes, at)?;
        at += whole.len();
        match (kind, &header) {
            (b"IHDR", None) => header = Some(read_header(data, limits)?),
            (_, None) => return Err(broken("does not start with its header")),
            (b"acTL", _) if frames(data) > 1 => {
                return Err(refuse(ReasonCode::PictureAnimated, "a PNG with several frames"));
            }
            (b"eXIf", _) => {
                exif.get_or_insert(data);
                continue;
            }
            // What changes the pixels; everything else, known or not, is left out.
            (b"PLTE" | b"tRNS" | b"IDAT" | b"IEND" | b"gAMA" | b"cHRM" | b"sRGB", _) => {}
            _ => continue,
        }
        essence.extend(whole);
        if kind == b"IEND" {
            break;
        }
    }
    let Some((width, height, depth)) = header else { return Err(broken("has no header")) };
    Ok(Container {
        essence,
        width,
        height,
        orientation: exif.map_or_else(Orientation::default, Orientation::from_exif),
        cmyk: false,
        inverted: false,
        deep: depth == 16,
        scan_ends: Vec::new(),
    })
}

struct Chunk<'a> {
    kind: &'a [u8; 4],
    data: &'a [u8],
    whole: &'a [u8],
}

fn chunk(bytes: &[u8], at: usize) -> Result<Chunk<'_>, SeeError> {
    let rest = bytes.get(at..).unwrap_or_default();
    let whole = rest
        .first_chunk::<4>()
        .and_then(|n| rest.get(..(u32::from_be_bytes(*n) as usize).checked_add(12)?))
        .ok_or_else(|| broken("the end of the picture is missing"))?;
    let (Some(kind), Some(data)) = (whole[4..].first_chunk(), whole.get(8..whole.len() - 4)) else {
        return Err(broken("a chunk that is too short"));
    };
    Ok(Chunk { kind, data, whole })
}

/// Width, height, bits a channel; held against the limits at once.
fn read_header(data: &[u8], limits: &Limits) -> Result<(u32, u32, u8), SeeError> {
    let [w3, w2, w1, w0, h3, h2, h1, h0, depth, _, _, _, interlaced] = *data else {
        return Err(broken("a header of the wrong length"));
    };
    let (w, h) = (u32::from_be_bytes([w3, w2, w1, w0]), u32::from_be_bytes([h3, h2, h1, h0]));
    // Output, and for interlaced pictures the whole of it with alpha once more.
    let bytes_per_pixel = if interlaced == 0 { 3 } else { 3 + 4 };
    limits.admit(w, h, 16 * bytes_per_pixel)?;
    Ok((w, h, depth))
}

/// Number of frames in an animation control chunk.
fn frames(data: &[u8]) -> u32 {
    data.first_chunk().map_or(0, |n| u32::from_be_bytes(*n))
}
