//! How sure a decision is, and what that rests on. Never a score: a list of what was and was not done.

use jiff::Timestamp;
use serde::Serialize;

use super::check::Confirmation;
use super::program::{CheckKind, Mode};
use super::reason::Sentences;
use crate::see::liveness::Challenge;
use crate::see::{DocumentKind, FaceMatch};

/// What a decision rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Assurance {
    /// The highest level whose conditions are all met, whatever the decision.
    pub level: Level,
    /// In test mode nothing is proven about anybody.
    pub mode: Mode,
    /// What was done, and what was not.
    pub rests_on: RestsOn,
    /// The same in a sentence.
    pub statement: Sentences,
}

/// Each level includes those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Nothing has passed.
    None,
    /// Every document asked for was read and agrees with itself, the others, the declaration and today.
    DocumentRead,
    /// A still picture of a face matches the document's portrait at the stated false-match rate. Nothing shows
    /// that the person was there, or that the document is genuine.
    PicturesAgree,
    /// An authoritative source knows the identity too.
    SourceConfirmed,
}

/// Whether the person was shown to be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// A still picture: not shown.
    None,
    /// These actions, drawn by chance, were done before the camera. Video that is made up while it is asked for is
    /// not excluded by that.
    Actions(Vec<Challenge>),
}

/// Whether an authoritative source was asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// None was asked, or none confirmed.
    None,
    /// It confirmed the identity.
    Confirmed(Confirmation),
}

/// Whether the person was shown to have the phone that they gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhoneBasis {
    /// Nobody asked for it, or it was not shown.
    None,
    /// They told the code that was sent to it.
    Code {
        /// When.
        at: Timestamp,
    },
}

/// What was done, and what was not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RestsOn {
    /// The documents that were read and passed, by step.
    pub documents: Vec<DocumentBasis>,
    /// The kinds of checks that were made and of which all passed.
    pub passed: Vec<CheckKind>,
    /// The comparison of the faces, with the false-match rate at its score, when it was made.
    pub face: Option<FaceMatch>,
    /// Whether the person was shown to be there.
    pub liveness: Liveness,
    /// Whether an authoritative source confirmed the identity.
    pub source: Source,
    /// Whether the phone was shown to be the person's.
    pub phone: PhoneBasis,
}

/// A document that was read and passed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DocumentBasis {
    /// The step's id.
    pub step: String,
    /// What was read from it.
    pub kind: DocumentKind,
}

/// What a level means, in words that claim no more.
pub(super) const fn statement(level: Level, mode: Mode, live: bool) -> Sentences {
    match (mode, level) {
        (Mode::Test, Level::PicturesAgree) if live => Sentences {
            zh: "测试模式：证件核对通过，现场动作完成，人脸与证件照相符；没有权威数据源，不证明任何人的身份。",
            en: "Test mode: the documents agree and a live face that did what was asked matches the portrait; no authoritative source, nothing is proven about anybody.",
        },
        (Mode::Live, Level::PicturesAgree) if live => Sentences {
            zh: "依据：证件核对通过，本人现场完成随机动作，人脸与证件照相符。没有权威数据源核实身份。",
            en: "Rests on documents that agree and a live face that did what chance asked for and matches the portrait. No authoritative source has confirmed the identity.",
        },
        (Mode::Live, Level::SourceConfirmed) if live => Sentences {
            zh: "依据：证件核对通过，本人现场完成随机动作，人脸与证件照相符，权威数据源核实了身份。",
            en: "Rests on documents that agree, a live face that did what chance asked for and matches the portrait, and an authoritative source that confirmed the identity.",
        },
        (Mode::Test, Level::None) => Sentences {
            zh: "测试模式：没有一项检查全部通过，也不证明任何人的身份。",
            en: "Test mode: nothing has passed, and nothing is proven about anybody.",
        },
        (Mode::Test, Level::DocumentRead) => Sentences {
            zh: "测试模式：证件读取并核对通过，但不证明任何人的身份。",
            en: "Test mode: the documents were read and agree, which proves nothing about anybody.",
        },
        (Mode::Test, Level::PicturesAgree) => Sentences {
            zh: "测试模式：证件核对通过，静态照片与证件照相符；没有活体检测，没有权威数据源，不证明任何人的身份。",
            en: "Test mode: the documents agree and a still face matches the portrait; no liveness, no authoritative source, nothing is proven about anybody.",
        },
        (Mode::Test, Level::SourceConfirmed) => Sentences {
            zh: "测试模式：证件、人脸和数据源都通过，但不证明任何人的身份。",
            en: "Test mode: documents, face and source agree, which proves nothing about anybody.",
        },
        (Mode::Live, Level::None) => Sentences {
            zh: "没有可以依据的检查结果。",
            en: "Nothing has passed that a decision could rest on.",
        },
        (Mode::Live, Level::DocumentRead) => Sentences {
            zh: "依据：证件读取并核对通过。没有比对人脸，没有权威数据源。",
            en: "Rests on documents that were read and agree. No face was matched, no authoritative source asked.",
        },
        (Mode::Live, Level::PicturesAgree) => Sentences {
            zh: "依据：证件核对通过，静态照片与证件照相符。没有活体检测，没有权威数据源核实身份。",
            en: "Rests on documents that agree and a still face that matches the portrait. No liveness, and no authoritative source has confirmed the identity.",
        },
        (Mode::Live, Level::SourceConfirmed) => Sentences {
            zh: "依据：证件核对通过，静态照片与证件照相符，权威数据源核实了身份。没有活体检测。",
            en: "Rests on documents that agree, a still face that matches the portrait, and an authoritative source that confirmed the identity. No liveness.",
        },
    }
}
