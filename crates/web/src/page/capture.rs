//! Tips for a shot, and the camera.

use askama::Template;
use shiren_core::see::Shot;
use shiren_core::verification::program::Document;

use super::{Frame, Problem, Specimen, shot_title};
use crate::words::Phrase;

/// The page on which a picture is taken.
#[derive(Clone, Debug, Template)]
#[template(path = "capture.html")]
pub struct Capture {
    /// What stands around it.
    pub frame: Frame,
    /// The step's id.
    pub step: String,
    /// What the picture shows.
    pub shot: Shot,
    /// The document of the chosen method.
    pub document: Document,
    /// Which picture this is: 1 for the first.
    pub number: usize,
    /// How many there are.
    pub of: usize,
    /// Whether it may be skipped.
    pub optional: bool,
    /// Whether a file may be chosen instead of taking a picture.
    pub files: bool,
    /// Whether it can be captured live, and must be.
    pub live: Option<Live>,
    /// What was wrong with the last one.
    pub before: Vec<Problem>,
    /// The file that was refused: what is wrong with it and what to do, in the page's language.
    pub refused: Option<Problem>,
    /// Test mode's offer.
    pub specimen: Option<Specimen>,
}

/// A live capture's offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Live {
    /// Whether nothing less will do without a reviewer.
    pub needed: bool,
    /// Whether the screen shows colours after the actions.
    pub flashes: bool,
}

impl Capture {
    /// Whether a single picture is only for those who cannot be captured live.
    pub fn is_behind_live(&self) -> bool {
        self.live.is_some_and(|live| live.needed)
    }

    /// What the picture is called.
    pub fn title(&self) -> Phrase {
        shot_title(self.shot, self.document, &self.frame.shell)
    }

    /// Which camera: `user` or `environment`.
    pub const fn facing(&self) -> &'static str {
        match self.shot {
            Shot::Selfie | Shot::Handheld => "user",
            _ => "environment",
        }
    }

    /// The outline in the camera: `card`, `page`, `face`, `both`.
    pub const fn outline(&self) -> &'static str {
        match self.shot {
            Shot::IdFront | Shot::IdBack => "card",
            Shot::Passport | Shot::Visa => "page",
            Shot::Selfie => "face",
            Shot::Handheld => "both",
        }
    }

    /// Icon and sentence of each tip.
    pub fn tips(&self) -> Vec<(&'static str, Phrase)> {
        let keys: &[(&'static str, &'static str)] = match self.shot {
            Shot::IdFront | Shot::IdBack | Shot::Passport | Shot::Visa => &[
                ("frame", super::word("tip.frame")),
                ("glare", super::word("tip.glare")),
                ("steady", super::word("tip.steady")),
            ],
            Shot::Selfie => &[
                ("light", super::word("tip.light")),
                ("bare", super::word("tip.bare")),
                ("wall", super::word("tip.wall")),
            ],
            Shot::Handheld => &[
                ("card", super::word("tip.close")),
                ("light", super::word("tip.light")),
                ("wall", super::word("tip.wall")),
            ],
        };
        keys.iter().map(|(icon, key)| (*icon, self.frame.t(key))).collect()
    }

    /// What stands above the outline.
    pub fn hint(&self) -> Phrase {
        self.frame.t(match self.shot {
            Shot::IdFront | Shot::IdBack | Shot::Passport | Shot::Visa => super::word("hint.card"),
            Shot::Selfie => super::word("hint.face"),
            Shot::Handheld => super::word("hint.both"),
        })
    }
}
