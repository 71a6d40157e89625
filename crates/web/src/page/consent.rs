//! Agreeing: identity and face separately, never ticked beforehand.

use askama::Template;
use shiren_core::verification::session::ConsentTo;

use super::Frame;
use crate::consent::{ConsentText, current};
use crate::why::Why;

/// The page of the two consents.
#[derive(Clone, Debug, Template)]
#[template(path = "consent.html")]
pub struct Consent {
    /// What stands around it.
    pub frame: Frame,
    /// The texts, identity first.
    pub blocks: Vec<ConsentBlock>,
}

/// One text with its box to tick.
#[derive(Clone, Debug)]
pub struct ConsentBlock {
    /// The text.
    pub text: ConsentText,
    /// Whether it was sent without its tick.
    pub missing: bool,
    /// The laws that it rests on: each with where it can be read.
    pub laws: Vec<(&'static str, &'static str)>,
}

impl Consent {
    /// Today's texts for who is asked for this reason, in the page's language. `missing` are those that were sent without their tick.
    pub fn new(frame: Frame, why: Why, missing: &[ConsentTo]) -> Self {
        let blocks = ConsentTo::ALL
            .into_iter()
            .map(|to| ConsentBlock {
                text: current(to, why, frame.shell.language),
                laws: why.laws(to).iter().map(|law| (law.name(frame.shell.language), law.url)).collect(),
                missing: missing.contains(&to),
            })
            .collect();
        Self { frame, blocks }
    }
}

impl ConsentBlock {
    /// The name of its field.
    pub const fn field(&self) -> &'static str {
        match self.text.to {
            ConsentTo::Identity => "identity",
            ConsentTo::Face => "face",
        }
    }

    /// The key of the sentence beside its box.
    pub const fn key(&self) -> &'static str {
        match self.text.to {
            ConsentTo::Identity => super::word("consent.agree_identity"),
            ConsentTo::Face => super::word("consent.agree_face"),
        }
    }

    /// The icon beside its title.
    pub const fn icon(&self) -> &'static str {
        match self.text.to {
            ConsentTo::Identity => "card",
            ConsentTo::Face => "face",
        }
    }
}
