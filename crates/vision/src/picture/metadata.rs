//! What is kept of a picture carries no metadata.

use flate2::Crc;
use shiren_core::see::SeeError;

use super::container::webp::{finish, push};
use super::orientation::Orientation;
use super::sniff::Format;
use super::{Limits, open};

/// The same picture without anything that its pixels do not need: no EXIF (place, time, device, maker
/// notes), XMP, IPTC, colour profile, comment, preview or trailing data. Lossless: the coded pixels are
/// copied as they are. A picture that needs turning keeps its orientation as the only EXIF entry. A wide
/// colour profile is lost too, so a colour-managed viewer may show such a picture a little paler.
///
/// # Errors
/// The structural ones of [`super::Picture::decode`]; pixels are not decoded.
pub fn strip(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>, SeeError> {
    Ok(keep(bytes, limits)?.bytes)
}

/// What may be kept of a picture.
pub struct Kept {
    /// The same picture without metadata.
    pub bytes: Vec<u8>,
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub media_type: &'static str,
    /// Width and height in pixels, upright.
    pub size: (u32, u32),
}

/// As [`strip`], and what it is.
///
/// # Errors
/// As [`strip`].
pub fn keep(bytes: &[u8], limits: &Limits) -> Result<Kept, SeeError> {
    let (format, file) = open(bytes, limits)?;
    let size = file.orientation.upright_size((file.width, file.height));
    let media_type = match format {
        Format::Jpeg => "image/jpeg",
        Format::Png => "image/png",
        Format::WebP => "image/webp",
    };
    let mut out = file.essence;
    if !file.orientation.is_upright() {
        match format {
            Format::Jpeg => keep_in_jpeg(&mut out, file.orientation),
            Format::Png => keep_in_png(&mut out, file.orientation),
            Format::WebP => out = kept_in_webp(&out, file.orientation, file.width, file.height),
        }
    }
    Ok(Kept { bytes: out, media_type, size })
}

/// An APP1 segment after SOI, or after the JFIF header where there is one (JFIF 1.02 wants to be first).
fn keep_in_jpeg(file: &mut Vec<u8>, orientation: Orientation) {
    let at = if file.get(2..4) == Some(b"\xFF\xE0") { 20 } else { 2 };
    let tiff = orientation.to_exif();
    let mut segment = vec![0xFF, 0xE1, 0, (2 + 6 + tiff.len()) as u8];
    segment.extend(b"Exif\0\0");
    segment.extend(tiff);
    file.splice(at..at, segment);
}

/// An eXIf chunk right after the header: 8 bytes of signature and 25 of IHDR.
fn keep_in_png(file: &mut Vec<u8>, orientation: Orientation) {
    let tiff = orientation.to_exif();
    let mut chunk = (tiff.len() as u32).to_be_bytes().to_vec();
    chunk.extend(b"eXIf");
    chunk.extend(tiff);
    let mut crc = Crc::new();
    crc.update(&chunk[4..]);
    chunk.extend(crc.sum().to_be_bytes());
    file.splice(33..33, chunk);
}

/// An EXIF chunk at the end, announced in an extended header, which is added where there is none.
fn kept_in_webp(file: &[u8], orientation: Orientation, width: u32, height: u32) -> Vec<u8> {
    const EXIF_FLAG: u8 = 0x08;
    let mut out = file[..12].to_vec();
    let (flags, rest) = match &file[12..] {
        [b'V', b'P', b'8', b'X', _, _, _, _, flags, ..] => (*flags, &file[12 + 18..]),
        rest => (0, rest),
    };
    let (w, h) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    push(&mut out, b"VP8X", &[flags | EXIF_FLAG, 0, 0, 0, w[0], w[1], w[2], h[0], h[1], h[2]]);
    out.extend(rest);
    push(&mut out, b"EXIF", &orientation.to_exif());
    finish(&mut out);
    out
}
