//! What a file is, by its first bytes. Names and declared types are never believed.

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;

use super::refuse;

/// A format that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    WebP,
}

/// How far into a file text is looked at for what it is.
const TEXT_WINDOW: usize = 4096;

/// The format, or the reason why such a file is not opened.
pub(super) fn sniff(bytes: &[u8]) -> Result<Format, SeeError> {
    if bytes.starts_with(b"\xFF\xD8\xFF") {
        return Ok(Format::Jpeg);
    }
    if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
        return Ok(Format::Png);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Ok(Format::WebP);
    }
    let (code, detail) = other(bytes);
    Err(refuse(code, detail))
}

/// Names what is not opened, so that the person is told what to do with it.
fn other(bytes: &[u8]) -> (ReasonCode, &'static str) {
    const ARCHIVES: [&[u8]; 8] = [
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"Rar!\x1A\x07",
        b"7z\xBC\xAF\x27\x1C",
        b"\x1F\x8B",
        b"BZh",
        b"\xFD7zXZ\0",
        b"\x28\xB5\x2F\xFD",
    ];
    // The start of a picture that we open, cut off before it can be told apart.
    const STARTS: [&[u8]; 3] = [b"\xFF\xD8\xFF", b"\x89PNG\r\n\x1A\n", b"RIFF"];
    if bytes.len() < 8 && STARTS.iter().any(|s| s.starts_with(bytes)) {
        return (ReasonCode::PictureBroken, "cut off within its first bytes");
    }
    if ARCHIVES.iter().any(|a| bytes.starts_with(a)) {
        return (ReasonCode::PictureArchive, "an archive");
    }
    if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        return match gif_moves(bytes) {
            true => (ReasonCode::PictureAnimated, "a GIF with several frames"),
            false => (ReasonCode::PictureFormatUnknown, "a GIF"),
        };
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return iso_media(bytes.get(8..12).unwrap_or_default());
    }
    // Readers accept up to 1,024 bytes before the header of a PDF (ISO 32000-1 annex H.3.4.1 note 13).
    if bytes.windows(5).take(1024).any(|w| w == b"%PDF-") {
        return (ReasonCode::PicturePdf, "a PDF");
    }
    text(bytes).unwrap_or((ReasonCode::PictureFormatUnknown, "none of the formats that are opened"))
}

/// ISO base media files (ISO/IEC 14496-12), told apart by their major brand.
fn iso_media(brand: &[u8]) -> (ReasonCode, &'static str) {
    match brand {
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx" | b"mif1" | b"msf1" => {
            (ReasonCode::PictureHeic, "HEIF")
        }
        b"avif" | b"avis" => (ReasonCode::PictureHeic, "AVIF"),
        _ => (ReasonCode::PictureFormatUnknown, "a film or another ISO media file"),
    }
}

/// SVG or a web page; UTF-16 is read by leaving out its zero bytes.
fn text(bytes: &[u8]) -> Option<(ReasonCode, &'static str)> {
    let window = &bytes[..bytes.len().min(TEXT_WINDOW)];
    let ascii: Vec<u8> =
        window.iter().filter(|b| **b != 0 && b.is_ascii()).map(u8::to_ascii_lowercase).collect();
    let start = ascii.trim_ascii_start();
    let has = |tag: &[u8]| start.windows(tag.len()).any(|w| w == tag);
    if !start.starts_with(b"<") {
        return None;
    }
    // An HTML page may contain a drawing, and a drawing may be preceded by declarations and comments.
    if has(b"<html") || has(b"<!doctype html") || has(b"<body") || has(b"<script") && !has(b"<svg") {
        return Some((ReasonCode::PictureWebPage, "a web page"));
    }
    if has(b"<svg") || has(b"<!doctype svg") {
        return Some((ReasonCode::PictureVector, "an SVG drawing"));
    }
    Some((ReasonCode::PictureWebPage, "a text file with markup"))
}

/// Whether a GIF has more than one image (GIF89a specification, sections 18 to 26). Reads block lengths only.
fn gif_moves(bytes: &[u8]) -> bool {
    fn table(flags: u8) -> usize {
        if flags & 0x80 != 0 { 3 << ((flags & 7) + 1) } else { 0 }
    }
    fn skip_sub_blocks(bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let n = usize::from(*bytes.get(at)?);
            at += 1 + n;
            if n == 0 {
                return Some(at);
            }
        }
    }
    let mut images = 0;
    let mut walk = || -> Option<()> {
        let mut at = 13 + table(*bytes.get(10)?);
        while images < 2 {
            at = match *bytes.get(at)? {
                0x21 => skip_sub_blocks(bytes, at + 2)?,
                0x2C => {
                    images += 1;
                    skip_sub_blocks(bytes, at + 11 + table(*bytes.get(at + 9)?))?
                }
                _ => return None,
            };
        }
        Some(())
    };
    walk();
    images > 1
}
