//! Guiding a person to a good shot of a document: what a frame shows, and what to tell.
//!
//! [`CardGuide`] is a pure function of frames and time. What is told changes only when the frames agree on it, so that
//! a hint can be read before it is gone; and a shot is asked for when all has been well for a while.

use serde::{Deserialize, Serialize};

use super::{DocumentKind, Region};
use crate::verification::Sentences;

/// How long all must be well before the shot is taken, milliseconds: a hand that passes does not stay so long.
const STEADY_MS: u64 = 600;
/// How long a hint stands at least before another one takes its place, milliseconds.
const READABLE_MS: u64 = 350;
/// Sides of the card in sides of the frame, the larger share of the two. Of a picture of 5 MP (2592 × 1944) half is
/// 1,296 pixels: more than the 800 that reading wants, also after a camera that gives less.
const SMALLEST: f32 = 0.5;
const LARGEST: f32 = 0.95;
/// How far the card's centre may be from the frame's, in shares of its width and height.
const OFF_CENTRE: f32 = 0.14;
/// What was well stays well until it is worse by this share: a hand never is quite still.
const SLACK: f32 = 0.06;
/// How far the centre moves between two frames of a hand that is not still, in shares of the frame's width a second.
const MOVING: f32 = 0.25;
/// A card whose bright parts stay below this of 255 is taken in the dark, as for photographs
/// (`docs/measurements.md`, Documents); without a card the same holds for the frame.
const DARK: f32 = 72.0;
/// Standard deviation of the blur in pixels of the frame from which print dissolves. Chosen by eye: not measured.
const BLURRED: f32 = 1.7;
/// A burnt spot, or something that covers, of this share of the card hides something: as for photographs.
const GLARE: f32 = 0.01;
const COVERED: f32 = 0.012;

/// One frame of a video in which a document is looked for.
#[derive(Clone, Debug, PartialEq)]
pub struct CardView {
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
    /// 95th percentile of the luminance of the card or, without one, of the whole frame, 0–255.
    pub brightness_p95: f32,
    /// The document, where an outline was found.
    pub card: Option<CardSeen>,
}

/// A document in a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct CardSeen {
    /// Its outline in pixels of the frame.
    pub region: Region,
    /// Whether one to three of its sides are the frame's border.
    pub cut_off: bool,
    /// Standard deviation of the blur in pixels of the frame, the worse direction; `None` with too few edges to tell.
    pub blur_px: Option<f32>,
    /// Largest burnt spot, as a share of the card, 0–1; 0 for a page that is white itself.
    pub glare_share: f32,
    /// Largest thing that is neither ground nor print nor picture, as a share of the card, 0–1.
    pub cover_share: f32,
    /// Which side of a resident card it looks like by where its picture stands; `None` when that does not tell.
    pub side: Option<DocumentKind>,
}

/// What to tell who holds a document before the camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardHint {
    /// There is no card.
    Place,
    /// It is too small.
    Closer,
    /// It is too large, or cut off.
    Farther,
    /// It is at the edge.
    Centre,
    /// It, or the camera, moves.
    HoldStill,
    /// It is too dark.
    MoreLight,
    /// A lamp is reflected on it.
    Glare,
    /// Something lies on it.
    RemoveCover,
    /// It is the other side.
    WrongSide,
    /// All is well: a moment more.
    Good,
    /// Take the shot now.
    Take,
}

impl CardHint {
    /// What the person reads and hears.
    pub const fn say(self) -> Sentences {
        let (zh, en) = match self {
            Self::Place => ("把证件放进框里。", "Place the document inside the frame."),
            Self::Closer => ("再近一点。", "Move closer."),
            Self::Farther => ("再远一点，整张都要拍到。", "Move back a little: all of it must show."),
            Self::Centre => ("把证件移到画面中间。", "Move the document to the middle."),
            Self::HoldStill => ("手机拿稳。", "Hold still."),
            Self::MoreLight => ("光线太暗，换个亮一点的地方。", "Too dark: find more light."),
            Self::Glare => ("有反光，稍微斜一点拍。", "Glare: tilt the card a little."),
            Self::RemoveCover => {
                ("有东西挡住了证件，请移开手指。", "Something covers it: move your fingers away.")
            }
            Self::WrongSide => ("这是另一面，请翻过来。", "This is the other side: turn it over."),
            Self::Good => ("很好，保持不动。", "Good, hold still."),
            Self::Take => ("拍好了。", "Got it."),
        };
        Sentences { zh, en }
    }

    const fn is_good(self) -> bool {
        matches!(self, Self::Good | Self::Take)
    }
}

/// Follows a video of a document.
#[derive(Clone, Debug)]
pub struct CardGuide {
    expected: DocumentKind,
    told: CardHint,
    told_at: u64,
    /// What the latest frames say, when it is not what is told.
    next: Option<CardHint>,
    good_since: Option<u64>,
    last: Option<(u64, f32, f32)>,
}

impl CardGuide {
    /// For a shot of this document.
    pub const fn new(expected: DocumentKind) -> Self {
        let told = CardHint::Place;
        Self { expected, told, told_at: 0, next: None, good_since: None, last: None }
    }

    /// One more frame, and when it came: milliseconds since any fixed moment, never less than the one before.
    pub fn advance(&mut self, view: &CardView, at_ms: u64) -> CardHint {
        let moving = self.is_moving(view, at_ms);
        let seen = match self.problem(view) {
            None if moving => CardHint::HoldStill,
            None => CardHint::Good,
            Some(problem) => problem,
        };
        if seen == CardHint::Good {
            let since = *self.good_since.get_or_insert(at_ms);
            if at_ms.saturating_sub(since) >= STEADY_MS {
                self.tell(CardHint::Take, at_ms);
                return self.told;
            }
        } else {
            self.good_since = None;
            // What asks for the shot counts for its own frame only.
            if self.told == CardHint::Take {
                self.tell(seen, at_ms);
            }
        }
        self.settle(seen, at_ms);
        self.told
    }

    /// Tells what is seen once two frames agree and what is told could be read.
    fn settle(&mut self, seen: CardHint, at_ms: u64) {
        if seen == self.told {
            self.next = None;
        } else if self.next == Some(seen) && at_ms.saturating_sub(self.told_at) >= READABLE_MS {
            self.tell(seen, at_ms);
        } else {
            self.next = Some(seen);
        }
    }

    const fn tell(&mut self, hint: CardHint, at_ms: u64) {
        (self.told, self.told_at, self.next) = (hint, at_ms, None);
    }

    fn is_moving(&mut self, view: &CardView, at_ms: u64) -> bool {
        let now = view.card.as_ref().map(|card| {
            let c = card.region.centre();
            let width = view.width.max(1) as f32;
            (at_ms, c.x / width, c.y / width)
        });
        let before = std::mem::replace(&mut self.last, now);
        let (Some((t0, x0, y0)), Some((t1, x1, y1))) = (before, now) else { return false };
        let seconds = (t1.saturating_sub(t0)).max(50) as f32 / 1000.0;
        (x1 - x0).hypot(y1 - y0) / seconds > MOVING
    }

    /// The first thing that is wrong, in the order in which it is put right.
    fn problem(&self, view: &CardView) -> Option<CardHint> {
        // Bounds are wider once all is well.
        let slack = if self.told.is_good() { 1.0 + SLACK } else { 1.0 };
        let Some(card) = &view.card else {
            return Some(if view.brightness_p95 < DARK { CardHint::MoreLight } else { CardHint::Place });
        };
        let (w, h) = (view.width.max(1) as f32, view.height.max(1) as f32);
        let (_, _, cw, ch) = card.region.bounds();
        let fill = (cw / w).max(ch / h);
        let c = card.region.centre();
        let off = (c.x / w - 0.5).abs().max((c.y / h - 0.5).abs());
        let resident = matches!(self.expected, DocumentKind::CnIdFront | DocumentKind::CnIdBack);
        let other = resident && card.side.is_some_and(|side| side != self.expected);
        let wrong = [
            (card.cut_off && fill >= 0.8, CardHint::Farther),
            (card.cut_off, CardHint::Centre),
            (fill * slack < SMALLEST || fill.is_nan(), CardHint::Closer),
            (fill > LARGEST * slack, CardHint::Farther),
            (off > OFF_CENTRE * slack, CardHint::Centre),
            (view.brightness_p95 * slack < DARK, CardHint::MoreLight),
            (card.blur_px.is_some_and(|b| b > BLURRED * slack), CardHint::HoldStill),
            (card.glare_share > GLARE * slack, CardHint::Glare),
            (other, CardHint::WrongSide),
            (card.cover_share > COVERED * slack, CardHint::RemoveCover),
        ];
        wrong.into_iter().find(|(is, _)| *is).map(|(_, hint)| hint)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn card() -> CardSeen {
        CardSeen {
            region: Region::rect(100.0, 100.0, 440.0, 280.0),
            cut_off: false,
            blur_px: Some(0.8),
            glare_share: 0.0,
            cover_share: 0.0,
            side: Some(DocumentKind::CnIdFront),
        }
    }

    fn view(card: Option<CardSeen>) -> CardView {
        CardView { width: 640, height: 480, brightness_p95: 200.0, card }
    }

    fn after(frames: &[CardView]) -> CardHint {
        let mut guide = CardGuide::new(DocumentKind::CnIdFront);
        let told = frames.iter().zip(0..).map(|(frame, i)| guide.advance(frame, 200 * i));
        told.last().unwrap_or(CardHint::Place)
    }

    #[test]
    fn each_fault_has_its_hint() {
        let region = |x, y, w, h| CardSeen { region: Region::rect(x, y, w, h), ..card() };
        let table = [
            (view(None), CardHint::Place),
            (CardView { brightness_p95: 30.0, ..view(None) }, CardHint::MoreLight),
            (view(Some(region(220.0, 180.0, 190.0, 120.0))), CardHint::Closer),
            (view(Some(region(5.0, 20.0, 630.0, 400.0))), CardHint::Farther),
            (view(Some(region(0.0, 20.0, 400.0, 250.0))), CardHint::Centre),
            (view(Some(CardSeen { cut_off: true, ..region(0.0, 20.0, 400.0, 250.0) })), CardHint::Centre),
            (CardView { brightness_p95: 40.0, ..view(Some(card())) }, CardHint::MoreLight),
            (view(Some(CardSeen { blur_px: Some(3.0), ..card() })), CardHint::HoldStill),
            (view(Some(CardSeen { glare_share: 0.05, ..card() })), CardHint::Glare),
            (view(Some(CardSeen { cover_share: 0.05, ..card() })), CardHint::RemoveCover),
            (view(Some(CardSeen { side: Some(DocumentKind::CnIdBack), ..card() })), CardHint::WrongSide),
            (view(Some(CardSeen { side: None, ..card() })), CardHint::Good),
        ];
        for (frame, hint) in table {
            assert_eq!(after(&[frame.clone(), frame.clone(), frame.clone()]), hint, "{frame:?}");
        }
    }

    #[test]
    fn a_shot_is_taken_after_a_steady_while_and_not_of_a_card_that_passes() {
        let good = view(Some(card()));
        assert_eq!(after(&vec![good.clone(); 3]), CardHint::Good);
        assert_eq!(after(&vec![good.clone(); 4]), CardHint::Take);
        let at = |x| view(Some(CardSeen { region: Region::rect(x, 100.0, 440.0, 280.0), ..card() }));
        let passing: Vec<CardView> = (0..8).map(|i| at(40.0 + 60.0 * (i % 2) as f32)).collect();
        assert_eq!(after(&passing), CardHint::HoldStill);
    }

    #[test]
    fn one_odd_frame_changes_no_hint() {
        let good = view(Some(card()));
        assert_eq!(after(&[good.clone(), good.clone(), good.clone(), view(None)]), CardHint::Good);
    }

    proptest! {
        /// Whatever frames come, a shot is asked for only after all was well for the whole while before.
        #[test]
        fn no_shot_is_asked_for_while_something_is_wrong(glare in prop::collection::vec(any::<bool>(), 1..60)) {
            let mut guide = CardGuide::new(DocumentKind::CnIdFront);
            let mut good_for = 0u64;
            for (bad, i) in glare.into_iter().zip(0u64..) {
                let share = if bad { 0.1 } else { 0.0 };
                let told = guide.advance(&view(Some(CardSeen { glare_share: share, ..card() })), 200 * i);
                good_for = if bad { 0 } else { good_for + 1 };
                prop_assert_eq!(told == CardHint::Take && good_for < 4, false);
            }
        }
    }
}
