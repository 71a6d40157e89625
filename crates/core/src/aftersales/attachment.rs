//! Photographs and the video of a request: announced with length and checksum, come in pieces, and count once they were
//! looked at.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::video::VideoType;
use crate::id::AttachmentId;

/// Most bytes of one piece.
pub const LARGEST_PIECE: u64 = 1 << 20;
/// Fewest bytes of a piece that is not the last: each is a blob.
pub const SMALLEST_PIECE: u64 = 64 * 1024;

/// What is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentKind {
    /// A photograph.
    Photo,
    /// A video. It is kept as it came, and never decoded.
    Video,
}

impl AttachmentKind {
    /// The name used everywhere.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Video => "video",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Photo, Self::Video].into_iter().find(|k| k.name() == name)
    }
}

/// What an attachment turned out to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Counted {
    /// A picture, kept whole and without metadata.
    Photo {
        /// Width in pixels, upright.
        width: u32,
        /// Height in pixels, upright.
        height: u32,
    },
    /// A video, kept in the pieces in which it came.
    Video {
        /// Its container.
        media: VideoType,
    },
}

/// One photograph or video.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its id.
    pub id: AttachmentId,
    /// What it was announced as.
    pub kind: AttachmentKind,
    /// Bytes altogether, as announced.
    pub length: u64,
    /// SHA-256 of all of them, in hexadecimal, as announced.
    pub sha256: String,
    /// Bytes of each piece that is here, in their order.
    pub pieces: Vec<u64>,
    /// What it is; `None` until it is whole and was looked at.
    pub counted: Option<Counted>,
    /// Whether it was handed in: then it stays.
    pub handed_in: bool,
    /// When it was announced, by the world's time.
    pub begun_at: Timestamp,
}

/// Why a photograph or video is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AttachmentRefusal {
    /// There are as many as there may be.
    #[error("at most {most} of the kind {}", .0.name(), most = .1)]
    TooMany(AttachmentKind, u32),
    /// It has no bytes, or too many.
    #[error("1 to {0} bytes")]
    TooLarge(u64),
    /// There is none of this id.
    #[error("there is no such file")]
    Unknown,
    /// The next piece begins elsewhere.
    #[error("the file stands at byte {0}")]
    Offset(u64),
    /// The piece has too few or too many bytes.
    #[error("a piece has 64 KiB to 1 MiB; only the last one may be smaller")]
    Piece,
    /// What came is not what was announced.
    #[error("the bytes do not have the checksum that was announced")]
    Checksum,
    /// It is no video that is taken.
    #[error("only MP4, QuickTime and WebM videos are taken")]
    NoVideo,
    /// It was handed in.
    #[error("what was handed in stays")]
    HandedIn,
}

impl AttachmentRefusal {
    /// The stable name, for problems.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooMany(..) => "aftersales_too_many_files",
            Self::TooLarge(_) => "upload_too_large",
            Self::Unknown => "not_found",
            Self::Offset(_) => "upload_offset",
            Self::Piece => "upload_piece",
            Self::Checksum => "upload_checksum",
            Self::NoVideo => "aftersales_no_video",
            Self::HandedIn => "aftersales_firm",
        }
    }
}

impl Attachment {
    /// How many bytes are here.
    pub fn here(&self) -> u64 {
        self.pieces.iter().sum()
    }

    /// Whether all of it is here.
    pub fn is_whole(&self) -> bool {
        self.here() == self.length
    }

    /// A piece came; says whether it was the last. One without bytes at the end of a whole one is no mistake: the answer
    /// to the last one was lost.
    ///
    /// # Errors
    /// When it begins elsewhere, or has too few or too many bytes.
    pub fn piece(&mut self, offset: u64, bytes: u64) -> Result<bool, AttachmentRefusal> {
        let here = self.here();
        if offset != here {
            return Err(AttachmentRefusal::Offset(here));
        }
        let left = self.length - here;
        if bytes > left {
            return Err(AttachmentRefusal::TooLarge(self.length));
        }
        let last = bytes == left;
        if bytes > LARGEST_PIECE || (bytes < SMALLEST_PIECE && !last) {
            return Err(AttachmentRefusal::Piece);
        }
        if bytes > 0 {
            self.pieces.push(bytes);
        }
        Ok(last)
    }
}
