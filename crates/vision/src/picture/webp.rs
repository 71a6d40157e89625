//! WebP pixels.

use std::io::Cursor;

use image::RgbImage;
use image_webp::{DecodingError, WebPDecoder};
use shiren_core::see::SeeError;

use super::broken;
use super::container::Container;
use super::png::append_over_white;

/// Decodes a lossy or lossless still.
pub(super) fn decode(file: &Container) -> Result<RgbImage, SeeError> {
    let mut decoder = WebPDecoder::new(Cursor::new(&file.essence)).map_err(damaged)?;
    let size = decoder.output_buffer_size().ok_or_else(|| broken("dimensions that overflow"))?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(damaged)?;
    let rgb = if decoder.has_alpha() {
        let mut rgb = Vec::with_capacity(size / 4 * 3);
        append_over_white(&mut rgb, &pixels);
        rgb
    } else {
        pixels
    };
    RgbImage::from_raw(file.width, file.height, rgb).ok_or_else(|| broken("fewer pixels than announced"))
}

fn damaged(e: DecodingError) -> SeeError {
    broken(format!("WebP: {e}"))
}
