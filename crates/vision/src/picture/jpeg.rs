//! JPEG pixels.

use image::RgbImage;
use shiren_core::see::SeeError;
use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use super::broken;
use super::container::Container;

/// 64 one-bits, stuffed. No Huffman code consists of ones alone (T.81 annex C), so a decoder that runs out
/// of a scan's data stumbles here, where it would otherwise go on with zeros and give a grey picture.
const STUMBLE: [u8; 16] = [0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0];

/// Decodes baseline and progressive files of one, three or four components.
pub(super) fn decode(file: &Container) -> Result<RgbImage, SeeError> {
    // The decoder turns ink into light as if all files were inverted, as Adobe's are; the others are ours.
    let plain_ink = file.cmyk && !file.inverted;
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(file.width as usize)
        .set_max_height(file.height as usize)
        .jpeg_set_out_colorspace(if plain_ink { ColorSpace::CMYK } else { ColorSpace::RGB });
    let guarded = guard(&file.essence, &file.scan_ends);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(&guarded), options);
    let pixels = decoder.decode().map_err(|e| broken(format!("JPEG: {e:?}")))?;
    let rgb = if plain_ink { ink_to_light(&pixels) } else { pixels };
    RgbImage::from_raw(file.width, file.height, rgb).ok_or_else(|| broken("fewer pixels than announced"))
}

/// The file with something to stumble over at the end of its scans.
fn guard(essence: &[u8], scan_ends: &[usize]) -> Vec<u8> {
    let mut guarded = Vec::with_capacity(essence.len() + scan_ends.len() * STUMBLE.len());
    let mut start = 0;
    for &end in scan_ends {
        guarded.extend(&essence[start..end]);
        guarded.extend(STUMBLE);
        start = end;
    }
    guarded.extend(&essence[start..]);
    guarded
}

/// CMYK with 255 as full ink to RGB, without a profile: what ink leaves of the light.
fn ink_to_light(cmyk: &[u8]) -> Vec<u8> {
    let light = |ink: u8, black: u8| ((u32::from(255 - ink) * u32::from(255 - black) + 127) / 255) as u8;
    cmyk.chunks_exact(4).flat_map(|p| [light(p[0], p[3]), light(p[1], p[3]), light(p[2], p[3])]).collect()
}
