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
    /// Whether no picture was taken yet: then camera, network and the rest are tried before.
    pub first: bool,
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

    /// Whether frames are looked at while the picture is taken.
    pub const fn is_document(&self) -> bool {
        matches!(
            self.shot,
            Shot::IdFront | Shot::IdBack | Shot::Passport | Shot::Visa | Shot::BusinessLicence
        )
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

    /// The outline in the camera: `card`, `page`, `sheet`, `face`, `both`.
    pub const fn outline(&self) -> &'static str {
        match self.shot {
            Shot::IdFront | Shot::IdBack => "card",
            Shot::Passport | Shot::Visa => "page",
            Shot::BusinessLicence => "sheet",
            Shot::Selfie => "face",
            Shot::Handheld => "both",
        }
    }

    /// Icon and sentence of each tip.
    pub fn tips(&self) -> Vec<(&'static str, Phrase)> {
        let keys: &[(&'static str, &'static str)] = match self.shot {
            Shot::IdFront | Shot::IdBack | Shot::Passport | Shot::Visa | Shot::BusinessLicence => &[
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

    /// What can be wrong with a browser and its camera, by the names that browsers and our own scripts give it: one
    /// table for taking a picture, for the live capture, and for the check before both.
    pub fn faults(&self) -> Vec<(&'static str, Phrase)> {
        // Where no file is taken, none is offered.
        let (denied, none) = match self.files {
            true => (super::word("capture.denied"), super::word("capture.no_camera")),
            false => (super::word("capture.denied_live"), super::word("capture.no_camera_live")),
        };
        let keys = [
            ("NotAllowedError SecurityError denied", denied),
            ("NotFoundError OverconstrainedError none", none),
            ("NotReadableError AbortError busy", super::word("capture.busy")),
            ("gone", super::word("capture.gone")),
            ("memory", super::word("capture.memory")),
            ("ask", super::word("preflight.ask")),
            ("browser", super::word("preflight.old_browser")),
            ("offline", super::word("preflight.offline")),
            ("slow", super::word("preflight.slow")),
            ("QuotaExceededError full", super::word("preflight.no_space")),
        ];
        keys.into_iter().map(|(names, key)| (names, self.frame.t(key))).collect()
    }

    /// The key of what a check before the first picture tries.
    pub fn check_key(&self, name: &str) -> &'static str {
        match name {
            "camera" => super::word("preflight.camera"),
            "permission" => super::word("preflight.permission"),
            "network" => super::word("preflight.network"),
            "storage" => super::word("preflight.storage"),
            _ => super::word("preflight.browser"),
        }
    }

    /// What stands above the outline.
    pub fn hint(&self) -> Phrase {
        self.frame.t(match self.shot {
            Shot::IdFront | Shot::IdBack | Shot::Passport | Shot::Visa => super::word("hint.card"),
            Shot::BusinessLicence => super::word("hint.sheet"),
            Shot::Selfie => super::word("hint.face"),
            Shot::Handheld => super::word("hint.both"),
        })
    }
}
