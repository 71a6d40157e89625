//! What a video is, by its first bytes. Names and declared types are never believed, and nothing is decoded.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A container that is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VideoType {
    /// MP4 and 3GP (ISO 14496-12).
    Mp4,
    /// QuickTime, as iPhones record it.
    QuickTime,
    /// WebM.
    WebM,
}

/// Major brands of files with `ftyp` that are videos. Pictures (HEIC, AVIF) and sounds (M4A) have others.
const BRANDS: [&[u8]; 10] =
    [b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"MSNV"];
/// How far into a file WebM names itself.
const HEAD: usize = 64;

impl VideoType {
    /// Of a file's first bytes; `None` when it is none that is taken.
    pub fn of(first: &[u8]) -> Option<Self> {
        if first.get(4..8) == Some(b"ftyp") {
            let brand = first.get(8..12)?;
            return match brand {
                b"qt  " => Some(Self::QuickTime),
                _ if BRANDS.contains(&brand) || brand.starts_with(b"3gp") => Some(Self::Mp4),
                _ => None,
            };
        }
        let head = &first[..first.len().min(HEAD)];
        let names_itself = head.windows(4).any(|w| w == b"webm");
        (head.starts_with(b"\x1A\x45\xDF\xA3") && names_itself).then_some(Self::WebM)
    }

    /// As HTTP names it.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Mp4 => "video/mp4",
            Self::QuickTime => "video/quicktime",
            Self::WebM => "video/webm",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_video_is_known_by_its_first_bytes() {
        for (first, is) in [
            (&b"\0\0\0\x20ftypisom\0\0\x02\0"[..], Some(VideoType::Mp4)),
            (b"\0\0\0\x18ftypmp42", Some(VideoType::Mp4)),
            (b"\0\0\0\x18ftyp3gp5", Some(VideoType::Mp4)),
            (b"\0\0\0\x14ftypqt  ", Some(VideoType::QuickTime)),
            (b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x84webm\x42\x87", Some(VideoType::WebM)),
            (b"\x1A\x45\xDF\xA3\x9F\x42\x86\x81\x01\x42\x82\x88matroska", None),
            (b"\0\0\0\x18ftypheic", None),
            (b"\0\0\0\x18ftypM4A ", None),
            (b"\0\0\0\x18ftyp", None),
            (b"<html><video>webm", None),
            (b"MZ\x90\0", None),
            (b"", None),
        ] {
            assert_eq!(VideoType::of(first), is, "{first:?}");
        }
    }
}
