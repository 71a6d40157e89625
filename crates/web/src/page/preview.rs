//! The picture just taken, large, with its problems drawn in.

use askama::Template;

use super::{Frame, Problem, Specimen};

/// The page on which a picture is looked at before it counts.
#[derive(Clone, Debug, Template)]
#[template(path = "preview.html")]
pub struct Preview {
    /// What stands around it.
    pub frame: Frame,
    /// The step's id.
    pub step: String,
    /// What the step is called.
    pub title: String,
    /// Where the picture is.
    pub picture: String,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Whether it can be used.
    pub usable: bool,
    /// Test mode's offer, after the selfie.
    pub specimen: Option<Specimen>,
}

impl Preview {
    /// Where the picture's corners are drawn: `0 0 width height`.
    pub fn view_box(&self) -> String {
        format!("0 0 {} {}", self.width, self.height)
    }

    /// The size of the numbers in the picture, in its pixels.
    pub fn mark(&self) -> u32 {
        self.width.max(self.height) / 36
    }
}
