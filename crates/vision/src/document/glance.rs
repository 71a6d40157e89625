//! A quick look at one frame of a video of a document, for the hints that lead to a good shot: the outline, and what
//! can be told of the card without reading it.

use image::RgbImage;
use shiren_core::see::{CardSeen, CardView, DocumentKind};

use super::outline::{self, Outline};
use super::sheet::Sheet;
use super::visibility;
use crate::picture::quality::{self, Exposure};
use crate::picture::warp::Pyramid;

/// An outline that is supported less than this by edges is the table's.
const SUPPORT: f32 = 0.5;
/// Width at most of the view in which a card is judged, pixels; never more than the frame has, so that blur is the
/// frame's own. The finest grid has cells of 4 pixels there.
const VIEW: f32 = 512.0;
/// Shares of the portrait's and the emblem's place that are filled where there is one. Chosen by eye: not measured.
const PORTRAIT: f32 = 0.3;
const EMBLEM: f32 = 0.12;

/// What a frame shows.
pub fn at(frame: &RgbImage, expected: DocumentKind) -> CardView {
    let (width, height) = frame.dimensions();
    let pyramid = Pyramid::new(frame, 0.5);
    let found = outline::find(&pyramid).into_iter().find(|o| o.support >= SUPPORT);
    let judged = found.as_ref().and_then(|outline| judge(&pyramid, outline, expected));
    let (card, brightness_p95) = match judged {
        Some((card, p95)) => (Some(card), p95),
        None => (None, Exposure::of(&quality::luma(frame)).p95),
    };
    CardView { width, height, brightness_p95, card }
}

fn judge(frame: &Pyramid<'_>, outline: &Outline, expected: DocumentKind) -> Option<(CardSeen, f32)> {
    let sheet = Sheet::card(frame, outline)?;
    let mut view = sheet.view(outline.region.width().clamp(128.0, VIEW) as u32);
    let mut side = None;
    if matches!(expected, DocumentKind::CnIdFront | DocumentKind::CnIdBack) {
        let turned;
        (side, turned) = side_of(&view);
        if turned {
            view = image::imageops::rotate180(&view);
        }
    }
    let grey = quality::luma(&view);
    // The view may be smaller than the card is in the frame; blur is told in the frame's pixels.
    let scale = outline.region.width() / view.width().max(1) as f32;
    let card = CardSeen {
        region: outline.region,
        cut_off: (1..=3).contains(&outline.sides_on_border),
        blur_px: quality::blur(&grey).map(|b| b.worst() * scale.max(1.0)),
        glare_share: visibility::glare_share(&view),
        cover_share: side.map_or(0.0, |side| visibility::cover_share(&view, side)),
        side,
    };
    Some((card, Exposure::of(&grey).p95))
}

/// Which side of a resident card a view shows, and whether it stands on its head: the front has its portrait on the
/// right, the back its red emblem on the upper left.
fn side_of(view: &RgbImage) -> (Option<DocumentKind>, bool) {
    let ground = ground(view);
    let mut best = (0.0, None, false);
    for turned in [false, true] {
        let portrait = share(view, [0.66, 0.16, 0.90, 0.66], turned, |p| light(p) < 0.72 * light(ground));
        let emblem = share(view, [0.06, 0.08, 0.30, 0.48], turned, |p| redness(p) > redness(ground) + 18.0);
        for (score, side) in
            [(portrait / PORTRAIT, DocumentKind::CnIdFront), (emblem / EMBLEM, DocumentKind::CnIdBack)]
        {
            if score > best.0 {
                best = (score, (score >= 1.0).then_some(side), turned);
            }
        }
    }
    (best.1, best.1.is_some() && best.2)
}

fn light(p: [f32; 3]) -> f32 {
    p.iter().sum()
}

fn redness(p: [f32; 3]) -> f32 {
    p[0] - (p[1] + p[2]) / 2.0
}

/// The median of each channel.
fn ground(view: &RgbImage) -> [f32; 3] {
    std::array::from_fn(|c| {
        let mut values: Vec<u8> = view.as_raw().iter().skip(c).step_by(3 * 7).copied().collect();
        values.sort_unstable();
        values.get(values.len() / 2).copied().map_or(0.0, f32::from)
    })
}

/// Share of the pixels of a place, given in shares of the card, of which something holds.
fn share(view: &RgbImage, place: [f32; 4], turned: bool, holds: impl Fn([f32; 3]) -> bool) -> f32 {
    let [l, t, r, b] =
        if turned { [1.0 - place[2], 1.0 - place[3], 1.0 - place[0], 1.0 - place[1]] } else { place };
    let (w, h) = (view.width() as f32, view.height() as f32);
    let (mut n, mut all) = (0u32, 0u32);
    for y in ((t * h) as u32..(b * h) as u32).step_by(3) {
        for x in ((l * w) as u32..(r * w) as u32).step_by(3) {
            all += 1;
            n += u32::from(holds(view.get_pixel(x, y).0.map(f32::from)));
        }
    }
    n as f32 / all.max(1) as f32
}
