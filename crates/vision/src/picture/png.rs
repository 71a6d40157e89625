//! PNG pixels.

use std::io::Cursor;

use image::RgbImage;
use png::{ColorType, Decoder, DecodingError, Transformations};
use shiren_core::see::SeeError;

use super::broken;
use super::container::Container;

/// Decodes to eight bits; row by row, so that a picture is held once, unless it is interlaced.
pub(super) fn decode(file: &Container) -> Result<RgbImage, SeeError> {
    let mut decoder = Decoder::new(Cursor::new(&file.essence));
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    let mut reader = decoder.read_info().map_err(damaged)?;
    let (kind, _) = reader.output_color_type();
    let mut rgb = Vec::with_capacity(file.width as usize * file.height as usize * 3);
    if reader.info().interlaced {
        let size = reader.output_buffer_size().ok_or_else(|| broken("dimensions that overflow"))?;
        let mut all = vec![0; size];
        reader.next_frame(&mut all).map_err(damaged)?;
        append(&mut rgb, kind, &all);
    } else {
        while let Some(row) = reader.next_row().map_err(damaged)? {
            append(&mut rgb, kind, row.data());
        }
    }
    RgbImage::from_raw(file.width, file.height, rgb).ok_or_else(|| broken("fewer pixels than announced"))
}

fn damaged(e: DecodingError) -> SeeError {
    broken(format!("PNG: {e}"))
}

/// Appends pixels as RGB, transparent ones over white.
fn append(rgb: &mut Vec<u8>, kind: ColorType, pixels: &[u8]) {
    match kind {
        ColorType::Grayscale => rgb.extend(pixels.iter().flat_map(|&g| [g; 3])),
        ColorType::GrayscaleAlpha => {
            rgb.extend(pixels.chunks_exact(2).flat_map(|p| [over_white(p[0], p[1]); 3]));
        }
        ColorType::Rgba => append_over_white(rgb, pixels),
        // Palettes have been expanded.
        ColorType::Rgb | ColorType::Indexed => rgb.extend_from_slice(pixels),
    }
}

/// Appends RGBA pixels as they look on white.
pub(super) fn append_over_white(rgb: &mut Vec<u8>, rgba: &[u8]) {
    rgb.extend(rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]].map(|c| over_white(c, p[3]))));
}

fn over_white(value: u8, alpha: u8) -> u8 {
    let (v, a) = (u32::from(value), u32::from(alpha));
    ((v * a + 255 * (255 - a) + 127) / 255) as u8
}
