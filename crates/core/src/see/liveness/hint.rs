//! What the person is told.

use serde::{Deserialize, Serialize};

use super::Challenge;
use crate::verification::{ReasonCode, Sentences};

/// What to tell the person now. Written as `{"hint":"do","challenge":"nod"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "hint", rename_all = "snake_case")]
pub enum Hint {
    /// There is no face.
    NoFace,
    /// There is more than one.
    SeveralFaces,
    /// The face is too small.
    Closer,
    /// The face is too large.
    Farther,
    /// The face is at the edge.
    Centre,
    /// It is too dark.
    MoreLight,
    /// The face is burnt out.
    TooBright,
    /// Something hides part of the face.
    RemoveCover,
    /// The face is turned away, or has to come back.
    LookAtCamera,
    /// The eyes are closed or the mouth is open.
    Relax,
    /// A hand has to go down again.
    LowerHand,
    /// The face, or the camera, moves; or all is well, and a moment more is needed.
    HoldStill,
    /// Do this now.
    Do {
        /// Which action.
        challenge: Challenge,
    },
    /// Something else was done.
    WrongAction {
        /// What was asked for, and will be again.
        asked: Challenge,
        /// What was seen.
        seen: Challenge,
    },
    /// The time for an action is over; it is asked for again.
    TooSlow {
        /// What was asked for.
        asked: Challenge,
    },
    /// An action is done.
    WellDone {
        /// Which.
        challenge: Challenge,
    },
    /// The screen shows colours: keep looking.
    LookAtScreen,
    /// All of them are.
    Finished,
    /// It is over; why.
    Failed {
        /// Why.
        reason: ReasonCode,
    },
}

impl Hint {
    /// What the person reads and hears.
    pub const fn say(self) -> Sentences {
        let (zh, en) = match self {
            Self::NoFace => {
                ("没有看到脸，请对准镜头。", "No face to be seen: get your face into the picture.")
            }
            Self::SeveralFaces => ("画面里只能有你一个人。", "Only you may be in the picture."),
            Self::Closer => ("再靠近一点。", "Move closer."),
            Self::Farther => ("再远一点。", "Move back a little."),
            Self::Centre => ("请把脸移到画面中间。", "Move your face to the middle."),
            Self::MoreLight => ("太暗了，换个亮一点的地方。", "It is too dark: find more light."),
            Self::TooBright => ("太亮了，避开直射的光。", "It is too bright: avoid direct light."),
            Self::RemoveCover => {
                ("请摘下口罩、墨镜，露出整张脸。", "Take off mask or sunglasses: show all of your face.")
            }
            Self::LookAtCamera => ("请看镜头。", "Look at the camera."),
            Self::Relax => ("请睁开眼睛，合上嘴。", "Eyes open, mouth closed."),
            Self::LowerHand => ("请把手放下。", "Lower your hand."),
            Self::HoldStill => ("很好，保持不动。", "Good, hold still."),
            Self::Do { challenge } => return challenge.ask(),
            Self::WrongAction { .. } => {
                ("动作不对，看镜头，再来一次。", "That was something else: look at the camera and try again.")
            }
            Self::TooSlow { .. } => {
                ("时间到了，看镜头，再来一次。", "Time is up: look at the camera and try again.")
            }
            Self::WellDone { .. } => ("很好。", "Well done."),
            Self::LookAtScreen => (
                "动作做完了。屏幕会变几次颜色，请看着它，不要动。",
                "That was all. The screen changes colour a few times: keep looking, hold still.",
            ),
            Self::Finished => ("完成了。", "All done."),
            Self::Failed { reason } => return reason.message(),
        };
        Sentences { zh, en }
    }

    /// Why it fails when nothing gets better than this.
    pub(super) const fn reason(self) -> ReasonCode {
        match self {
            Self::NoFace => ReasonCode::FaceNotFound,
            Self::SeveralFaces => ReasonCode::SeveralFaces,
            Self::Closer => ReasonCode::FaceTooSmall,
            Self::Farther | Self::Centre => ReasonCode::FaceCutOff,
            Self::MoreLight => ReasonCode::PhotoTooDark,
            Self::TooBright => ReasonCode::PhotoTooBright,
            Self::RemoveCover => ReasonCode::FaceCovered,
            Self::LookAtCamera => ReasonCode::FaceNotFrontal,
            Self::WrongAction { .. } => ReasonCode::LivenessWrongAction,
            Self::Failed { reason } => reason,
            _ => ReasonCode::LivenessActionMissed,
        }
    }
}

/// What one frame led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to tell the person.
    pub hint: Hint,
    /// This frame is one of the best so far: keep its bytes, and forget those of frames that
    /// [`super::Progress::best`] no longer names.
    pub keep: bool,
}
