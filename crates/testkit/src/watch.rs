//! A video that is written down: each frame is a line of JSON that says what it shows.

use serde::{Deserialize, Serialize};
use shiren_core::see::liveness::{FaceSeen, FrameHash, FrameReading, HandSeen, HandSign, Lit, Watch};
use shiren_core::see::{Band, CardSeen, CardView, DocumentKind, FaceMatch, FaceTemplate, Region, SeeError};
use shiren_core::verification::ReasonCode;

/// What one frame shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WrittenFrame {
    /// Which frame of the video this is: no two are alike.
    pub number: u64,
    /// Whose face: equal for the same person.
    pub person: f32,
    /// Degrees; positive is the person's left.
    pub yaw: f32,
    /// Degrees; positive is down.
    pub pitch: f32,
    /// Height over width of both eyes.
    pub eyes: f32,
    /// Height over width.
    pub mouth: f32,
    /// Red, green and blue that fall on the face besides the room's light, 0–1.
    #[serde(default)]
    pub light: [f32; 3],
    /// The sign that a hand makes; without one, no hand is in the frame.
    #[serde(default)]
    pub sign: Option<HandSign>,
    /// How live a network for presentation attacks finds it, where one is installed.
    #[serde(default)]
    pub passive: Option<f32>,
}

impl WrittenFrame {
    /// A face at rest.
    pub const fn neutral(number: u64, person: f32) -> Self {
        Self {
            number,
            person,
            yaw: 0.0,
            pitch: 0.0,
            eyes: 0.3,
            mouth: 0.05,
            light: [0.0; 3],
            sign: None,
            passive: None,
        }
    }

    /// The frame's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SeeError> {
        serde_json::from_slice(bytes)
            .map_err(|e| SeeError::Picture { code: ReasonCode::PictureFormatUnknown, detail: e.to_string() })
    }
}

/// Reads written frames.
#[derive(Clone, Copy, Debug, Default)]
pub struct WrittenWatch;

impl Watch for WrittenWatch {
    fn read_frame(&self, frame: &[u8], _: Option<&Region>) -> Result<FrameReading, SeeError> {
        let written = WrittenFrame::read(frame)?;
        let scattered = written.number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Ok(FrameReading {
            width: 480,
            height: 640,
            hash: FrameHash { exact: scattered, likeness: scattered },
            faces: 1,
            face: Some(FaceSeen {
                region: Region::rect(120.0, 180.0, 240.0, 280.0),
                yaw_deg: written.yaw,
                pitch_deg: written.pitch,
                roll_deg: 0.0,
                eyes_open: [written.eyes; 2],
                mouth_open: written.mouth,
                presence: 18.0,
                burnt_out_share: 0.0,
                blur: Some(0.01),
            }),
            hand: None,
            lit: Some(Lit { face: written.light.map(|c| 120.0 + 60.0 * c), background: [90.0; 3] }),
            brightness_p95: 180.0,
        })
    }

    fn read_hand(&self, frame: &[u8], _: Option<&Region>) -> Result<Option<HandSeen>, SeeError> {
        let sign = WrittenFrame::read(frame)?.sign;
        Ok(sign.map(|sign| HandSeen { region: Region::rect(300.0, 200.0, 120.0, 120.0), sign: Some(sign) }))
    }

    fn compare_frame(
        &self,
        frame: &[u8],
        _: &Region,
        template: &FaceTemplate,
    ) -> Result<Option<FaceMatch>, SeeError> {
        let person = WrittenFrame::read(frame)?.person;
        let known = template.vectors.first().and_then(|v| v.first()).copied().unwrap_or(f32::NAN);
        let band = if (person - known).abs() < 0.5 { Band::Same } else { Band::Different };
        Ok(Some(FaceMatch { score: 1.0, band, fmr: 1e-5 }))
    }

    /// A written frame of a face shows no card; a frame that says `card` shows a good one.
    fn read_card(&self, frame: &[u8], expected: DocumentKind) -> Result<CardView, SeeError> {
        let card = (frame == b"card").then(|| CardSeen {
            region: Region::rect(100.0, 100.0, 440.0, 280.0),
            cut_off: false,
            blur_px: Some(0.8),
            glare_share: 0.0,
            cover_share: 0.0,
            side: Some(expected),
        });
        if card.is_none() {
            WrittenFrame::read(frame)?;
        }
        Ok(CardView { width: 640, height: 480, brightness_p95: 200.0, card })
    }

    fn passive_score(&self, frame: &[u8], _: &Region) -> Result<Option<f32>, SeeError> {
        Ok(WrittenFrame::read(frame)?.passive)
    }
}
