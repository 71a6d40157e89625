//! The actions that can be asked for, and how far a face, or a hand, has done them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Baseline, FaceSeen, HandSign};
use crate::verification::Sentences;

/// What a person can be asked to do. Left and right are the person's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Challenge {
    /// Turn the head to the left.
    TurnLeft,
    /// Turn the head to the right.
    TurnRight,
    /// Lower the head and lift it again.
    Nod,
    /// Close both eyes for a moment: longer than the blinks that come by themselves.
    Blink,
    /// Open the mouth wide.
    OpenMouth,
    /// Show two fingers, spread: ✌.
    Victory,
    /// Show an open hand, its palm to the camera.
    OpenPalm,
    /// Show a fist with its thumb up.
    ThumbUp,
    /// Make a ring of thumb and forefinger, the other fingers stretched: 👌.
    Okay,
    /// Point up with the forefinger: ☝.
    PointUp,
}

/// What one frame shows of the person: the face, and the sign that a hand makes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen<'a> {
    pub(super) face: &'a FaceSeen,
    pub(super) sign: Option<HandSign>,
}

/// Degrees of the mesh that a turned head shows at least (about 21 true ones; `docs/measurements.md`).
const TURNED: f32 = 15.0;
/// Degrees of the mesh that a lowered head shows at least; up to 6 leak from a turn into the pitch.
const NODDED: f32 = 10.0;
/// A head turned further than this shows its pitch, its eyes and its mouth askew.
const STRAIGHT: f32 = 10.0;
/// Eyes are closed when both are open no further than this share of how far they were. The mesh reads .17 of a
/// closed eye and .28 of an open one, a ratio of .6, and up to .7 under heavy lids (`docs/measurements.md`).
const CLOSED: f32 = 0.75;
/// A mouth is open from this height over its width on: talking stays below .27, wide open is above .55.
const MOUTH_OPEN: f32 = 0.45;
/// … and this much further than the person's neutral mouth, which may show teeth.
const MOUTH_OPENED_BY: f32 = 0.25;
/// Milliseconds for which an action must be seen. Eyes that blink by themselves are shut for 100 to 150 ms
/// and not open for 300 (Schiffman, Sensation and Perception); the others need two frames.
const HELD_MS: u64 = 150;
const EYES_HELD_MS: u64 = 350;
/// An action that was not asked for counts from this extent on, and for this long. Who is asked to nod does not turn by
/// 12°; a clip of someone who moves about does.
const UNASKED_EXTENT: f32 = 0.8;
const UNASKED_MS: u64 = 300;
/// Eyes that are shut for this long are not blinking by themselves.
const EYES_UNASKED_MS: u64 = 500;
/// A hand is held as it was asked for so long: on its way it shows other signs, but none for long.
const SIGN_HELD_MS: u64 = 400;
/// … and a sign that was not asked for is one from here on.
const SIGN_UNASKED_MS: u64 = 900;

impl Challenge {
    /// Every one, in the order in which help texts list them.
    pub const ALL: [Self; 10] = [
        Self::TurnLeft,
        Self::TurnRight,
        Self::Nod,
        Self::Blink,
        Self::OpenMouth,
        Self::Victory,
        Self::OpenPalm,
        Self::ThumbUp,
        Self::Okay,
        Self::PointUp,
    ];

    /// Those that a face does. Hand signs are asked for only where a program names them
    /// (`docs/measurements.md`, Hand signs).
    pub const OF_FACES: [Self; 5] =
        [Self::TurnLeft, Self::TurnRight, Self::Nod, Self::Blink, Self::OpenMouth];

    /// The sign that a hand makes for it; `None` for what a face does.
    pub const fn sign(self) -> Option<HandSign> {
        match self {
            Self::Victory => Some(HandSign::Victory),
            Self::OpenPalm => Some(HandSign::OpenPalm),
            Self::ThumbUp => Some(HandSign::ThumbUp),
            Self::Okay => Some(HandSign::Okay),
            Self::PointUp => Some(HandSign::PointUp),
            Self::TurnLeft | Self::TurnRight | Self::Nod | Self::Blink | Self::OpenMouth => None,
        }
    }

    /// The name used in programs, in the API and on pages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TurnLeft => "turn_left",
            Self::TurnRight => "turn_right",
            Self::Nod => "nod",
            Self::Blink => "blink",
            Self::OpenMouth => "open_mouth",
            Self::Victory => "victory",
            Self::OpenPalm => "open_palm",
            Self::ThumbUp => "thumb_up",
            Self::Okay => "okay",
            Self::PointUp => "point_up",
        }
    }

    /// What the person is asked, spoken.
    pub const fn ask(self) -> Sentences {
        match self {
            Self::TurnLeft => {
                Sentences { zh: "请慢慢向左转头。", en: "Turn your head slowly to your left." }
            }
            Self::TurnRight => {
                Sentences { zh: "请慢慢向右转头。", en: "Turn your head slowly to your right." }
            }
            Self::Nod => Sentences { zh: "请慢慢点一下头。", en: "Nod slowly, once." },
            Self::Blink => Sentences {
                zh: "请闭上眼睛，数到一，再睁开。",
                en: "Close your eyes, count to one, and open them.",
            },
            Self::OpenMouth => Sentences { zh: "请张大嘴。", en: "Open your mouth wide." },
            Self::Victory => Sentences {
                zh: "请把手举到脸旁，比“耶”：伸出食指和中指，分开。",
                en: "Hold a hand beside your face and spread two fingers.",
            },
            Self::OpenPalm => Sentences {
                zh: "请把手举到脸旁，五指张开，手心朝向镜头。",
                en: "Hold an open hand beside your face, its palm to the camera.",
            },
            Self::ThumbUp => Sentences {
                zh: "请在脸旁竖起大拇指，其余手指握拳。",
                en: "Hold a fist beside your face, its thumb up.",
            },
            Self::Okay => Sentences {
                zh: "请在脸旁做“OK”手势：拇指和食指捏成圈，其余手指伸直。",
                en: "Beside your face, make a ring of thumb and forefinger, the other fingers straight.",
            },
            Self::PointUp => Sentences {
                zh: "请在脸旁竖起食指，其余手指握拢。",
                en: "Beside your face, point up with your forefinger, the other fingers closed.",
            },
        }
    }

    /// How far it was done: 0 as it was in the baseline, 1 and more when it is done.
    pub(super) fn extent(self, seen: Seen<'_>, baseline: &Baseline) -> f32 {
        match self.sign() {
            // A sign is shown or not.
            Some(sign) => f32::from(u8::from(seen.sign == Some(sign))),
            None => self.of_face(seen.face, baseline),
        }
    }

    /// How far the face has done it.
    fn of_face(self, face: &FaceSeen, baseline: &Baseline) -> f32 {
        let yaw = face.yaw_deg - baseline.yaw_deg;
        let pitch = face.pitch_deg - baseline.pitch_deg;
        let mouth = face.mouth_open - baseline.mouth_open;
        let straight = yaw.abs() < STRAIGHT;
        let extent = match self {
            Self::TurnLeft => yaw / TURNED,
            Self::TurnRight => -yaw / TURNED,
            // A falling jaw pulls the chin down, which looks like a lowered head.
            Self::Nod if straight && mouth < MOUTH_OPENED_BY => pitch / NODDED,
            // Who looks down lowers the lids.
            Self::Blink if straight && pitch < NODDED => (1.0 - baseline.openness(face)) / (1.0 - CLOSED),
            Self::OpenMouth => (face.mouth_open / MOUTH_OPEN).min(mouth / MOUTH_OPENED_BY),
            _ => 0.0,
        };
        if extent.is_finite() { extent } else { 0.0 }
    }

    /// Whether the action can begin, or has ended, with the person like this.
    pub(super) fn starts_from(self, seen: Seen<'_>, baseline: &Baseline) -> bool {
        let face =
            if self == Self::Blink { baseline.is_neutral(seen.face) } else { baseline.is_at_rest(seen.face) };
        face && seen.sign.is_none()
    }

    /// Milliseconds for which it must be seen.
    pub(super) const fn held_ms(self) -> u64 {
        match self {
            Self::Blink => EYES_HELD_MS,
            Self::TurnLeft | Self::TurnRight | Self::Nod | Self::OpenMouth => HELD_MS,
            _ => SIGN_HELD_MS,
        }
    }

    /// Whether it is clearly done, in a way that is no part of another action.
    pub(super) fn is_done_unasked(self, seen: Seen<'_>, baseline: &Baseline) -> bool {
        let extent = self.extent(seen, baseline);
        match self {
            // Lids sink a little with everything that a head does.
            Self::Blink => extent >= 1.0 && baseline.is_at_rest(seen.face),
            _ => extent >= UNASKED_EXTENT,
        }
    }

    /// Milliseconds from which on it is a wrong answer where it was not asked for.
    pub(super) const fn unasked_ms(self) -> u64 {
        match self {
            Self::Blink => EYES_UNASKED_MS,
            Self::TurnLeft | Self::TurnRight | Self::Nod | Self::OpenMouth => UNASKED_MS,
            _ => SIGN_UNASKED_MS,
        }
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of [`Challenge::ALL`].
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no challenge {0:?}")]
pub struct UnknownChallenge(pub String);

impl FromStr for Challenge {
    type Err = UnknownChallenge;

    fn from_str(s: &str) -> Result<Self, UnknownChallenge> {
        Self::ALL.into_iter().find(|c| c.name() == s).ok_or_else(|| UnknownChallenge(s.to_owned()))
    }
}
