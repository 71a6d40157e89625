//! Pictures at another size.
//!
//! The resizer is compiled anew for every type of pixel that it may meet, also for those that never come: asked for by
//! a type that is known only when it runs, it was two thirds of all code of this crate. So it is named here.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{InnerPixel, U8, U8x3};
use fast_image_resize::{PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use image::{GrayImage, RgbImage};

/// A part `(x, y, width, height)` of a picture, in its pixels.
pub(crate) type Part = (f64, f64, f64, f64);

/// A part of a picture at a size `(width, height)`. `None` for an empty picture or a part that is not in it.
pub(crate) fn rgb(picture: &RgbImage, part: Part, size: (u32, u32), way: ResizeAlg) -> Option<RgbImage> {
    let mut small = RgbImage::new(size.0, size.1);
    resize::<U8x3>(picture.as_raw(), picture.dimensions(), part, &mut small, size, way)?;
    Some(small)
}

/// A whole picture at a size `(width, height)`. `None` for an empty one.
pub(crate) fn grey(picture: &GrayImage, size: (u32, u32), way: ResizeAlg) -> Option<GrayImage> {
    let mut small = GrayImage::new(size.0, size.1);
    let whole = (0.0, 0.0, f64::from(picture.width()), f64::from(picture.height()));
    resize::<U8>(picture.as_raw(), picture.dimensions(), whole, &mut small, size, way)?;
    Some(small)
}

fn resize<P: PixelTrait + InnerPixel>(
    source: &[u8],
    (width, height): (u32, u32),
    (x, y, w, h): Part,
    target: &mut [u8],
    (new_width, new_height): (u32, u32),
    way: ResizeAlg,
) -> Option<()> {
    let source = TypedImageRef::<P>::from_buffer(width, height, source).ok()?;
    let mut target = TypedImage::<P>::from_buffer(new_width, new_height, target).ok()?;
    let options = ResizeOptions::new().resize_alg(way).crop(x, y, w, h);
    Resizer::new().resize_typed(&source, &mut target, &options).ok()
}
