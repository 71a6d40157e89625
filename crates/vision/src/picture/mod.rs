//! Pictures: opened within limits, upright, in eight-bit RGB; what is kept of them carries no metadata.
//!
//! A file is untrusted. `sniff` says by its first bytes what it is, `container` walks its
//! structure without decoding (dimensions, orientation, completeness) and keeps only the parts that the
//! pixels need; a decoder sees nothing else. All limits are checked before anything of the picture's size
//! is allocated. Regions everywhere are in pixels of the upright picture that comes out of here.
//!
//! To add a format: tell it in `sniff`, walk it in a file of its own in `container`, decode
//! it in a file of its own here, and add it to [`Picture::decode`].

mod container;
mod jpeg;
mod limits;
pub mod metadata;
mod orientation;
mod png;
pub mod quality;
pub(crate) mod resample;
mod sniff;
pub mod spectrum;
pub mod warp;
mod webp;

use std::fmt;

use image::RgbImage;
use shiren_core::see::SeeError;
use shiren_core::verification::{Finding, ReasonCode};

use container::Container;
pub use limits::Limits;
use sniff::Format;

/// A still picture, decoded: upright (EXIF orientation applied), eight bits, RGB, transparency over white.
pub struct Picture {
    rgb: RgbImage,
    findings: Vec<Finding>,
}

impl fmt::Debug for Picture {
    /// A picture is personal data, and long: only its size is shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture").field("dimensions", &self.rgb.dimensions()).finish_non_exhaustive()
    }
}

impl Picture {
    /// Decodes JPEG, PNG or WebP.
    ///
    /// # Errors
    /// [`SeeError::Picture`] with a `picture_*` code: empty, too large, too many pixels, too small, broken
    /// (also when only its end is missing), moving, or some other kind of file.
    pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Self, SeeError> {
        let (format, file) = open(bytes, limits)?;
        let mut findings = Vec::new();
        let rgb = match format {
            Format::Jpeg => jpeg::decode(&file)?,
            Format::Png => png::decode(&file)?,
            Format::WebP => webp::decode(&file)?,
        };
        if file.cmyk {
            findings.push(Finding::info(ReasonCode::PictureCmyk));
        }
        if file.deep {
            findings.push(Finding::info(ReasonCode::PictureDeepColour));
        }
        Ok(Self { rgb: file.orientation.upright(rgb), findings })
    }

    /// The pixels.
    pub fn rgb(&self) -> &RgbImage {
        &self.rgb
    }

    /// The pixels, without a copy.
    pub fn into_rgb(self) -> RgbImage {
        self.rgb
    }

    /// What is worth telling about the file itself: `picture_cmyk`, `picture_deep_colour`. All of it info.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

/// Tells the format, walks the structure and holds it against the limits; decodes nothing.
fn open(bytes: &[u8], limits: &Limits) -> Result<(Format, Container), SeeError> {
    if bytes.is_empty() {
        return Err(refuse(ReasonCode::PictureEmpty, "no bytes"));
    }
    if bytes.len() > limits.bytes {
        let detail = format!("{} bytes, at most {}", bytes.len(), limits.bytes);
        return Err(refuse(ReasonCode::PictureTooLarge, detail));
    }
    let format = sniff::sniff(bytes)?;
    let file = match format {
        Format::Jpeg => container::jpeg::walk(bytes, limits)?,
        Format::Png => container::png::walk(bytes, limits)?,
        Format::WebP => container::webp::walk(bytes, limits)?,
    };
    Ok((format, file))
}

/// The error for a picture that cannot be used.
fn refuse(code: ReasonCode, detail: impl Into<String>) -> SeeError {
    SeeError::Picture { code, detail: detail.into() }
}

/// The error for a picture whose structure or data is damaged.
fn broken(detail: impl Into<String>) -> SeeError {
    refuse(ReasonCode::PictureBroken, detail)
}
