//! What is wrong with a picture, and the card that says how to mend it.

use shiren_core::see::{Region, Shot};
use shiren_core::verification::program::Document;
use shiren_core::verification::{ReasonCode, Severity};

use super::Shell;
use crate::words::Phrase;

/// One thing that is wrong, in the page's language.
#[derive(Clone, Debug)]
pub struct Problem {
    /// 1 for the first; it stands in the picture at the place.
    pub number: usize,
    /// The stable code, for support.
    pub code: ReasonCode,
    /// How bad.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Where in the picture.
    pub region: Option<Region>,
}

impl Problem {
    /// The table's sentences for a code.
    pub fn new(
        number: usize,
        code: ReasonCode,
        severity: Severity,
        region: Option<Region>,
        shell: &Shell,
    ) -> Self {
        let say = |sentences| shell.language.of(sentences).to_owned();
        Self { number, code, severity, message: say(code.message()), fix: say(code.fix()), region }
    }

    /// Its class: `fail`, `warn`, `note`.
    pub const fn class(&self) -> &'static str {
        match self.severity {
            Severity::Fail => "fail",
            Severity::Review => "warn",
            Severity::Info => "note",
        }
    }

    /// Its icon.
    pub const fn icon(&self) -> &'static str {
        match self.severity {
            Severity::Fail => "cross",
            Severity::Review => "warn",
            Severity::Info => "info",
        }
    }

    /// The corners for an SVG polygon.
    pub fn points(&self) -> String {
        let corners = self.region.map(|r| r.0).into_iter().flatten();
        corners.map(|p| format!("{:.0},{:.0}", p.x, p.y)).collect::<Vec<_>>().join(" ")
    }

    /// The first corner of its region, for its number: in the middle it would hide what is shown.
    pub fn corner(&self) -> (i32, i32) {
        self.region.map_or((0, 0), |r| (r.0[0].x as i32, r.0[0].y as i32))
    }
}

/// A picture of a step with what is wrong with it: one button takes that shot again.
#[derive(Clone, Debug)]
pub struct Card {
    /// The step's id; for what is no picture, the page to open (`details`, `method`).
    pub step: String,
    /// What the step is called.
    pub title: String,
    /// Where the picture is, if there is one.
    pub picture: Option<String>,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Card {
    /// Where the button leads.
    pub fn href(&self) -> String {
        match self.step.as_str() {
            page @ ("details" | "method") => format!("/verify?show={page}"),
            step => format!("/verify/step/{step}"),
        }
    }

    /// Whether the button takes a picture.
    pub fn is_shot(&self) -> bool {
        !matches!(self.step.as_str(), "details" | "method")
    }

    /// Whether no reason has a place of its own in the picture: then all of it is shown, once.
    pub fn is_whole(&self) -> bool {
        self.problems.iter().all(|p| p.region.is_none())
    }

    /// `x y width height` of what to show of the picture for a reason: its region with room around it, or all of it.
    pub fn view_box(&self, problem: &Problem) -> String {
        let (width, height) = (self.width as f32, self.height as f32);
        let Some(region) = problem.region else {
            return format!("0 0 {width} {height}");
        };
        let (x, y, w, h) = region.bounds();
        // At least a third of the picture, in the card's 16:9, so that people recognise the place.
        let wide = (w * 1.6).max(h * 1.6 * 16.0 / 9.0).max(width / 3.0).min(width);
        let high = (wide * 9.0 / 16.0).min(height);
        let left = (x + w / 2.0 - wide / 2.0).clamp(0.0, width - wide);
        let top = (y + h / 2.0 - high / 2.0).clamp(0.0, height - high);
        format!("{left:.0} {top:.0} {wide:.0} {high:.0}")
    }
}

/// What a shot of a document is called.
pub fn shot_title(shot: Shot, document: Document, shell: &Shell) -> Phrase {
    let emblem = document == Document::ResidentIdCard;
    shell.t(match shot {
        Shot::IdFront if emblem => super::word("shot.id_front"),
        Shot::IdBack if emblem => super::word("shot.id_back"),
        Shot::IdFront => super::word("shot.front"),
        Shot::IdBack => super::word("shot.back"),
        Shot::Selfie => super::word("shot.selfie"),
        Shot::Handheld => super::word("shot.handheld"),
        Shot::Passport => super::word("shot.passport"),
        Shot::Visa => super::word("shot.visa"),
        Shot::BusinessLicence => super::word("shot.business_licence"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::sample;
    use crate::words::Language;

    #[test]
    fn a_crop_lies_inside_the_picture() {
        let shell = sample::shell(Language::Zh);
        for (x, y, w, h) in [(0.0, 0.0, 10.0, 10.0), (1180.0, 750.0, 20.0, 6.0), (100.0, 0.0, 1000.0, 756.0)]
        {
            let region = Some(Region::rect(x, y, w, h));
            let problem = Problem::new(1, ReasonCode::PhotoGlare, Severity::Fail, region, &shell);
            let card = Card {
                step: "front".to_owned(),
                title: String::new(),
                picture: None,
                width: 1200,
                height: 756,
                problems: vec![problem],
            };
            let view = card
                .view_box(&card.problems[0])
                .split(' ')
                .map(|n| n.parse::<f32>().unwrap())
                .collect::<Vec<_>>();
            assert!(view[0] >= 0.0 && view[1] >= 0.0, "{view:?}");
            assert!(view[0] + view[2] <= 1201.0 && view[1] + view[3] <= 757.0, "{view:?}");
        }
    }
}
