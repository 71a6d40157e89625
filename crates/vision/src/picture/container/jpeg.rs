//! JPEG (ITU-T T.81 annex B): marker segments, of which the pixels need few.

use shiren_core::see::SeeError;
use shiren_core::verification::ReasonCode;

use super::Container;
use crate::picture::orientation::Orientation;
use crate::picture::{Limits, broken, refuse};

const SOI: u8 = 0xD8;
const EOI: u8 = 0xD9;
const SOS: u8 = 0xDA;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const ADOBE: u8 = 0xEE;
const COM: u8 = 0xFE;

/// Tables may be redefined between scans: some ten segments a scan at most. A file with more wants to
/// keep somebody busy.
const MAX_TABLES: usize = 1000;

/// Sampling factors of the first plane: 4:4:4, 4:2:2, 4:4:0, 4:2:0, 4:1:1. Cameras write no others, and the
/// decoder (zune-jpeg 0.5.15) shows baseline files with others as noise.
const SAMPLINGS: [(u64, u64); 5] = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1)];

/// A JFIF header (version 1.01, no density, no thumbnail) in place of any that may carry a thumbnail.
const JFIF: [u8; 18] = *b"\xFF\xE0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0";

/// The frame header (T.81 B.2.2).
struct Frame {
    width: u32,
    height: u32,
    progressive: bool,
    /// Horizontal and vertical sampling factors of each component.
    sampling: Vec<(u64, u64)>,
}

/// Walks from SOI to EOI.
pub(in crate::picture) fn walk(bytes: &[u8], limits: &Limits) -> Result<Container, SeeError> {
    let mut essence = vec![0xFF, SOI];
    let (mut frame, mut exif, mut adobe) = (None, None, false);
    let (mut scan_ends, mut tables, mut at) = (Vec::new(), 0, 2);
    loop {
        let (marker, start) = next_marker(bytes, at)?;
        if marker == EOI {
            break;
        }
        let (payload, end) = segment(bytes, start)?;
        at = end;
        match marker {
            APP0 if payload.starts_with(b"JFIF\0") => {
                essence.extend(JFIF);
                continue;
            }
            APP1 if payload.starts_with(b"Exif\0\0") => {
                exif.get_or_insert(&payload[6..]);
                continue;
            }
            ADOBE if payload.starts_with(b"Adobe") => adobe = true,
            APP0..=0xEF | COM => continue,
            // Not a frame: DHT C4, JPG C8, DAC CC.
            0xC0..=0xCF if ![0xC4, 0xC8, 0xCC].contains(&marker) && frame.is_none() => {
                let f = read_frame(marker, payload)?;
                limits.admit(f.width, f.height, memory(&f, false))?;
                frame = Some(f);
            }
            _ => {}
        }
        tables += 1;
        essence.extend([0xFF, marker]);
        essence.extend(&bytes[start..end]);
        if marker == SOS {
            at = skip_entropy(bytes, end)?;
            essence.extend(&bytes[end..at]);
            scan_ends.push(essence.len());
        }
        if scan_ends.len() > limits.scans || tables > MAX_TABLES {
            return Err(broken(format!("more than {} scans or {MAX_TABLES} tables", limits.scans)));
        }
    }
    essence.extend([0xFF, EOI]);
    let Some(frame) = frame.filter(|_| !scan_ends.is_empty()) else {
        return Err(broken("ends before its picture begins"));
    };
    limits.admit(frame.width, frame.height, memory(&frame, scan_ends.len() > 1))?;
    let cmyk = frame.sampling.len() == 4;
    Ok(Container {
        essence,
        width: frame.width,
        height: frame.height,
        orientation: exif.map_or_else(Orientation::default, Orientation::from_exif),
        cmyk,
        inverted: cmyk && adobe,
        deep: false,
        // The decoder wants the next marker at once after a progressive file's first scan, and after every
        // scan but the last of another.
        scan_ends: scan_ends.split_off(if frame.progressive { 1 } else { scan_ends.len() - 1 }),
    })
}

/// The next marker at or after `at`, and where its segment starts. Fill bytes (B.1.1.2) are skipped, and so
/// are stray bytes between segments, which some editors leave.
fn next_marker(bytes: &[u8], at: usize) -> Result<(u8, usize), SeeError> {
    let mut at = at;
    loop {
        at = find_ff(bytes, at)?;
        match bytes.get(at + 1) {
            None => return Err(cut_off()),
            Some(0xFF) => at += 1,
            // Stuffing, restart markers and TEM stand alone.
            Some(0x00 | 0x01 | 0xD0..=0xD7) => at += 2,
            Some(&marker) => return Ok((marker, at + 2)),
        }
    }
}

/// A segment's payload and where it ends.
fn segment(bytes: &[u8], start: usize) -> Result<(&[u8], usize), SeeError> {
    let length = bytes.get(start..start + 2).map(|l| usize::from(u16::from_be_bytes([l[0], l[1]])));
    match length {
        Some(n @ 2..) => bytes.get(start + 2..start + n).map(|p| (p, start + n)).ok_or_else(cut_off),
        Some(_) => Err(broken("a segment shorter than its own length")),
        None => Err(cut_off()),
    }
}

/// Where the entropy-coded data that begins at `at` ends: at a marker that is no restart marker. Those count
/// from 0 to 7 and over again; where one is missing, so is a part of the picture.
fn skip_entropy(bytes: &[u8], mut at: usize) -> Result<usize, SeeError> {
    let mut restarts = 0;
    loop {
        at = find_ff(bytes, at)?;
        match bytes.get(at + 1) {
            None => return Err(cut_off()),
            Some(0x00) => at += 2,
            Some(0xFF) => at += 1,
            Some(rst @ 0xD0..=0xD7) if rst & 7 == restarts => {
                restarts = (restarts + 1) & 7;
                at += 2;
            }
            Some(0xD0..=0xD7) => return Err(broken("a part of the picture is missing")),
            Some(_) => return Ok(at),
        }
    }
}

/// The first 0xFF at or after `at`. Blocks of 32 bytes at once: the whole file passes through here.
fn find_ff(bytes: &[u8], at: usize) -> Result<usize, SeeError> {
    let rest = bytes.get(at..).unwrap_or_default();
    let clean = rest
        .chunks_exact(32)
        .take_while(|block| !block.iter().fold(false, |found, b| found | (*b == 0xFF)))
        .count()
        * 32;
    rest[clean..].iter().position(|b| *b == 0xFF).map(|i| at + clean + i).ok_or_else(cut_off)
}

fn cut_off() -> SeeError {
    broken("the end of the picture is missing")
}

fn read_frame(marker: u8, p: &[u8]) -> Result<Frame, SeeError> {
    if !(0xC0..=0xC2).contains(&marker) {
        return Err(refuse(
            ReasonCode::PictureFormatUnknown,
            "a JPEG with lossless, hierarchical or arithmetic coding",
        ));
    }
    let [precision, h1, h0, w1, w0, n, components @ ..] = p else {
        return Err(broken("a frame header that is too short"));
    };
    if *precision != 8 {
        return Err(refuse(ReasonCode::PictureFormatUnknown, format!("a JPEG of {precision} bits")));
    }
    if ![1, 3, 4].contains(n) || components.len() != usize::from(*n) * 3 {
        return Err(broken(format!("a frame of {n} components")));
    }
    let sampling: Vec<_> =
        components.chunks_exact(3).map(|c| (u64::from(c[1] >> 4), u64::from(c[1] & 15))).collect();
    if sampling.iter().any(|(h, v)| !(1..=4).contains(h) || !(1..=4).contains(v)) {
        return Err(broken("sampling factors out of range"));
    }
    let finest = sampling[0];
    let first_is_finest = sampling.iter().all(|s| s.0 <= finest.0 && s.1 <= finest.1);
    if !first_is_finest || !SAMPLINGS.contains(&finest) {
        return Err(refuse(ReasonCode::PictureFormatUnknown, format!("a JPEG with sampling {sampling:?}")));
    }
    Ok(Frame {
        width: u32::from(u16::from_be_bytes([*w1, *w0])),
        height: u32::from(u16::from_be_bytes([*h1, *h0])),
        progressive: marker == 0xC2,
        sampling,
    })
}

/// Sixteenths of a byte that decoding holds for each pixel: the output, and all coefficients at once (two
/// bytes each) where several scans refine them.
fn memory(frame: &Frame, several_scans: bool) -> u64 {
    let h = frame.sampling.iter().map(|s| s.0).max().unwrap_or(1);
    let v = frame.sampling.iter().map(|s| s.1).max().unwrap_or(1);
    let samples: u64 = frame.sampling.iter().map(|s| (16 * s.0 * s.1).div_ceil(h * v)).sum();
    let output = if frame.sampling.len() == 4 { 7 } else { 3 };
    16 * output + if frame.progressive || several_scans { 2 * samples } else { 0 }
}
