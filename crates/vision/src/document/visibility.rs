//! How well a document can be seen: size, blur, light, glare, what is cut off or covered.

use std::collections::BTreeMap;

use image::{GrayImage, RgbImage};
use shiren_core::see::{DocumentKind, Region};
use shiren_core::verification::{Finding, ReasonCode};

use super::layout;
use super::sheet::{Sheet, WIDTH};
use crate::picture::quality::{self, Exposure};

/// Measurements by name, units in the name.
pub type Measures = BTreeMap<&'static str, f32>;

/// Width of the view in which a card is judged, pixels. Blur is given in these pixels, so that it says what it
/// does to the print and not how large the file is.
const VIEW: u32 = 1280;
/// B1 asks for 800 px of card; below it the person is told, and what was read still counts.
const WIDTH_WANTED: f32 = 800.0;
/// Below this the print of a resident card is under 15 px high and misread now and then (drawn specimens).
const WIDTH_NEEDED: f32 = 560.0;
/// Strokes of a card's print are about 5 px wide in the view. Sharp specimens measure up to 0.5, those blurred
/// beyond reading 3.2 and more; a Gaussian of half a stroke is where characters begin to run together.
const BLUR_BAD: f32 = 2.6;
/// Worth telling: pictures taken again from here on are read better.
const BLUR_NOTABLE: f32 = 1.8;
/// A hand that moved spreads edges one way only. A shift by 10 px of the view measures 1.5 to 2.0 that way and
/// under 0.3 the other; more than that does not measure as more, because the strokes dissolve.
const MOTION_BAD: f32 = 1.5;
/// Blur from which characters that could not be read are put down to it.
pub const BLUR_TO_BLAME: f32 = 1.0;
/// A card's ground is light: when its bright parts stay below this of 255 it was taken in the dark. Specimens
/// in good light measure 232, at a quarter of it 58.
const DARK: f32 = 72.0;
/// The share of burnt-out pixels and the median from which the whole picture is over-exposed.
const WASHED_OUT: (f32, f32) = (0.5, 250.0);
/// A burnt spot of this share of the card hides something (drawn glare: .05; sharp light cards: 0).
const SPOT: f32 = 0.01;
/// A smaller one is told.
const SPOT_NOTABLE: f32 = 0.003;
/// More than this is no reflection but paper, or light everywhere.
const PAPER: f32 = 0.35;
/// Cells of the grid on which spots and covers are looked for, across the card.
const GRID: u32 = 128;
/// Something that covers at least this share of the card is a finger, not a stain.
const COVER: f32 = 0.012;

/// Judges the light of a picture in which nothing was found.
pub fn judge_light(picture: &RgbImage, measures: &mut Measures) -> Option<Finding> {
    light(&quality::luma(picture), measures)
}

/// Judges a sheet; `measures` gets what the findings rest on.
pub fn judge(sheet: &Sheet<'_>, kind: Option<DocumentKind>, measures: &mut Measures) -> Vec<Finding> {
    let view = sheet.view(VIEW);
    let grey = quality::luma(&view);
    let whole = sheet.place(&Region::rect(0.0, 0.0, WIDTH, sheet.height()));
    let mut findings = Vec::new();
    findings.extend(size(sheet, measures).map(|f| f.at(whole)));
    findings.extend(blur(&grey, measures).map(|f| f.at(whole)));
    findings.extend(light(&grey, measures).map(|f| f.at(whole)));
    findings.extend(glare(sheet, &view, measures));
    findings.extend(cut_off(sheet, kind));
    if let Some(kind) = kind.filter(|_| sheet.outline.is_some()) {
        findings.extend(covered(sheet, &view, kind, measures));
    }
    findings
}

fn size(sheet: &Sheet<'_>, measures: &mut Measures) -> Option<Finding> {
    let width = sheet.magnification() * WIDTH;
    measures.insert("card_width_px", width.round());
    match width {
        w if w < WIDTH_NEEDED => Some(Finding::fail(ReasonCode::PhotoTooSmall)),
        w if w < WIDTH_WANTED => Some(Finding::info(ReasonCode::PhotoTooSmall)),
        _ => None,
    }
}

fn blur(grey: &GrayImage, measures: &mut Measures) -> Option<Finding> {
    let blur = quality::blur(grey)?;
    measures.insert("blur_px", blur.worst());
    let one_way = blur.across_px.min(blur.down_px) < 0.4 * blur.worst();
    match blur.worst() {
        b if b >= BLUR_BAD || (one_way && b >= MOTION_BAD) => Some(Finding::fail(ReasonCode::PhotoBlurred)),
        b if b >= BLUR_NOTABLE => Some(Finding::info(ReasonCode::PhotoBlurred)),
        _ => None,
    }
}

fn light(grey: &GrayImage, measures: &mut Measures) -> Option<Finding> {
    let e = Exposure::of(grey);
    measures.insert("luma_p50", e.p50);
    measures.insert("luma_p95", e.p95);
    if e.p95 < DARK {
        Some(Finding::fail(ReasonCode::PhotoTooDark))
    } else if e.over > WASHED_OUT.0 && e.p50 >= WASHED_OUT.1 {
        // A white page with black print is burnt too, but its dark parts are dark.
        let print_is_left = e.p05 <= 200.0;
        let finding = if print_is_left { Finding::info } else { Finding::fail };
        Some(finding(ReasonCode::PhotoTooBright))
    } else {
        None
    }
}

/// Share of a view of a card that its largest burnt spot takes; 0 where the card is itself white.
pub(super) fn glare_share(view: &RgbImage) -> f32 {
    spot(view).map(|spot| spot.share).filter(|share| *share <= PAPER).unwrap_or(0.0)
}

/// Share of a view of a resident card that is covered.
pub(super) fn cover_share(view: &RgbImage, kind: DocumentKind) -> f32 {
    cover(view, kind).filter(|cover| !cover.is_strip_of_table()).map_or(0.0, |cover| cover.share)
}

/// The largest burnt spot.
fn spot(view: &RgbImage) -> Option<Patch> {
    Grid::of(view, |cell| cell.burnt > 0.6).largest()
}

/// The largest burnt spot on a card that is not itself white.
fn glare(sheet: &Sheet<'_>, view: &RgbImage, measures: &mut Measures) -> Option<Finding> {
    let spot = spot(view)?;
    measures.insert("glare_share", spot.share);
    if spot.share > PAPER || spot.share < SPOT_NOTABLE {
        return None;
    }
    let code = ReasonCode::PhotoGlare;
    let finding = if spot.share >= SPOT { Finding::fail(code) } else { Finding::info(code) };
    Some(finding.at(sheet.place(&spot.on_sheet(sheet))))
}

/// A card of which one to three sides are the picture's border. (All four: a scan cropped to the card.)
fn cut_off(sheet: &Sheet<'_>, kind: Option<DocumentKind>) -> Option<Finding> {
    let outline = sheet.outline?;
    let resident = matches!(kind, None | Some(DocumentKind::CnIdFront | DocumentKind::CnIdBack));
    let cut = (1..=3).contains(&outline.sides_on_border) && outline.support > 0.7;
    (resident && cut).then(|| Finding::fail(ReasonCode::DocumentCutOff).at(outline.region))
}

/// Something large on the card that is neither ground nor print nor picture.
fn covered(
    sheet: &Sheet<'_>,
    view: &RgbImage,
    kind: DocumentKind,
    measures: &mut Measures,
) -> Option<Finding> {
    let cover = cover(view, kind)?;
    measures.insert("cover_share", cover.share);
    (cover.share >= COVER && !cover.is_strip_of_table())
        .then(|| Finding::fail(ReasonCode::DocumentCovered).at(sheet.place(&cover.on_sheet(sheet))))
}

/// The largest patch on a resident card that is neither ground nor print nor picture.
fn cover(view: &RgbImage, kind: DocumentKind) -> Option<Patch> {
    if !matches!(kind, DocumentKind::CnIdFront | DocumentKind::CnIdBack) {
        return None;
    }
    let ground = Grid::ground(view);
    let light = ground.iter().sum::<f32>().max(30.0);
    let grid = Grid::of(view, |cell| {
        if layout::is_decoration(kind, cell.x, cell.y) || cell.burnt > 0.3 {
            return false;
        }
        let own = cell.mean.iter().sum::<f32>();
        // Colour apart from brightness: shares of the three channels.
        let tint: f32 = (0..3).map(|c| (cell.mean[c] / own.max(1.0) - ground[c] / light).abs()).sum();
        own < 0.55 * light || (tint > 0.10 && own < 0.92 * light)
    });
    grid.opened().largest()
}

/// One cell of the grid: its place in shares of the card, and what it looks like.
struct Cell {
    x: f32,
    y: f32,
    mean: [f32; 3],
    burnt: f32,
}

/// The card in coarse cells, each marked or not.
struct Grid {
    w: usize,
    h: usize,
    marked: Vec<bool>,
}

/// A connected patch of marked cells.
struct Patch {
    share: f32,
    /// Left, top, right, bottom in shares of the card.
    bounds: [f32; 4],
}

impl Patch {
    /// A long thin patch along an edge is the table beside a card whose outline was taken a little too wide.
    fn is_strip_of_table(&self) -> bool {
        let [l, t, r, b] = self.bounds;
        let lies = r - l > 0.5 && b - t < 0.15 && (t < 0.02 || b > 0.98);
        let stands = b - t > 0.5 && r - l < 0.1 && (l < 0.02 || r > 0.98);
        lies || stands
    }

    fn on_sheet(&self, sheet: &Sheet<'_>) -> Region {
        let [l, t, r, b] = self.bounds;
        Region::rect(l * WIDTH, t * sheet.height(), (r - l) * WIDTH, (b - t) * sheet.height())
    }
}

impl Grid {
    fn of(view: &RgbImage, mark: impl Fn(&Cell) -> bool) -> Self {
        let step = (view.width() / GRID).max(1) as usize;
        let (w, h) = (view.width() as usize / step, view.height() as usize / step);
        let mut marked = Vec::with_capacity(w * h);
        for gy in 0..h {
            for gx in 0..w {
                marked.push(mark(&cell(view, gx, gy, step, w, h)));
            }
        }
        Self { w, h, marked }
    }

    /// The card's own colour: the median of each channel.
    fn ground(view: &RgbImage) -> [f32; 3] {
        std::array::from_fn(|c| {
            let mut values: Vec<u8> = view.as_raw().iter().skip(c).step_by(3 * 7).copied().collect();
            let middle = values.len() / 2;
            values.sort_unstable();
            values.get(middle).copied().map_or(0.0, f32::from)
        })
    }

    /// Without what is narrower than five cells: lines of print.
    fn opened(self) -> Self {
        let eroded = self.spread(false);
        eroded.spread(true)
    }

    /// A cell becomes marked when any (`grow`) or all of the 5×5 cells around it are.
    fn spread(&self, grow: bool) -> Self {
        let at = |x: i64, y: i64| {
            let inside = x >= 0 && y >= 0 && x < self.w as i64 && y < self.h as i64;
            if inside { self.marked[y as usize * self.w + x as usize] } else { !grow }
        };
        let mut marked = Vec::with_capacity(self.marked.len());
        for y in 0..self.h as i64 {
            for x in 0..self.w as i64 {
                let mut around = (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (x + dx, y + dy)));
                marked.push(if grow { around.any(|(x, y)| at(x, y)) } else { around.all(|(x, y)| at(x, y)) });
            }
        }
        Self { w: self.w, h: self.h, marked }
    }

    fn largest(&self) -> Option<Patch> {
        let mut seen = vec![false; self.marked.len()];
        let mut best: Option<(usize, [usize; 4])> = None;
        for start in 0..self.marked.len() {
            if seen[start] || !self.marked[start] {
                continue;
            }
            let (mut n, mut bounds) = (0, [usize::MAX, usize::MAX, 0, 0]);
            let mut stack = vec![start];
            seen[start] = true;
            while let Some(i) = stack.pop() {
                let (x, y) = (i % self.w, i / self.w);
                n += 1;
                bounds = [bounds[0].min(x), bounds[1].min(y), bounds[2].max(x + 1), bounds[3].max(y + 1)];
                let near = [
                    (x > 0, i.wrapping_sub(1)),
                    (x + 1 < self.w, i + 1),
                    (y > 0, i.wrapping_sub(self.w)),
                    (y + 1 < self.h, i + self.w),
                ];
                for (_, j) in near.into_iter().filter(|(there, _)| *there) {
                    if !seen[j] && self.marked[j] {
                        seen[j] = true;
                        stack.push(j);
                    }
                }
            }
            if best.is_none_or(|(most, _)| n > most) {
                best = Some((n, bounds));
            }
        }
        best.map(|(n, [l, t, r, b])| {
            let (w, h) = (self.w as f32, self.h as f32);
            Patch {
                share: n as f32 / (w * h),
                bounds: [l as f32 / w, t as f32 / h, r as f32 / w, b as f32 / h],
            }
        })
    }
}

fn cell(view: &RgbImage, gx: usize, gy: usize, step: usize, w: usize, h: usize) -> Cell {
    let stride = view.width() as usize * 3;
    let (mut sum, mut burnt) = ([0u32; 3], 0);
    for y in gy * step..(gy + 1) * step {
        let row = &view.as_raw()[y * stride + gx * step * 3..][..step * 3];
        for c in row.chunks_exact(3) {
            for k in 0..3 {
                sum[k] += u32::from(c[k]);
            }
            burnt += u32::from(c.iter().all(|v| *v >= quality::BURNT));
        }
    }
    let n = (step * step) as f32;
    Cell {
        x: (gx as f32 + 0.5) / w as f32,
        y: (gy as f32 + 0.5) / h as f32,
        mean: sum.map(|s| s as f32 / n),
        burnt: burnt as f32 / n,
    }
}

#[cfg(test)]
mod tests {
    use image::Rgb;

    use super::*;

    /// A light card of 1280×807 with one dark rectangle, given in shares of the card.
    fn card(dark: [f32; 4]) -> RgbImage {
        let [l, t, r, b] = dark;
        RgbImage::from_fn(1280, 807, |x, y| {
            let (x, y) = (x as f32 / 1280.0, y as f32 / 807.0);
            Rgb(if x >= l && x < r && y >= t && y < b { [60, 50, 45] } else { [225, 230, 235] })
        })
    }

    fn largest(dark: [f32; 4]) -> Option<Patch> {
        Grid::of(&card(dark), |cell| cell.mean.iter().sum::<f32>() < 300.0).opened().largest()
    }

    #[test]
    fn a_finger_is_a_patch_where_it_lies() {
        let patch = largest([0.4, 0.7, 0.6, 1.0]).unwrap();
        assert!((patch.share - 0.06).abs() < 0.01, "{}", patch.share);
        assert!((patch.bounds[0] - 0.4).abs() < 0.02 && patch.bounds[3] > 0.97, "{:?}", patch.bounds);
        assert!(!patch.is_strip_of_table());
    }

    #[test]
    fn a_line_of_print_is_no_patch() {
        assert!(largest([0.2, 0.5, 0.8, 0.53]).is_none());
    }

    #[test]
    fn a_long_thin_patch_along_an_edge_is_the_table() {
        for strip in
            [[0.0, 0.0, 1.0, 0.08], [0.1, 0.92, 0.9, 1.0], [0.0, 0.0, 0.06, 1.0], [0.95, 0.2, 1.0, 0.9]]
        {
            assert!(largest(strip).unwrap().is_strip_of_table(), "{strip:?}");
        }
        assert!(!largest([0.1, 0.45, 0.9, 0.53]).unwrap().is_strip_of_table());
    }

    #[test]
    fn the_ground_is_the_colour_of_most_of_the_card() {
        assert_eq!(Grid::ground(&card([0.0, 0.0, 0.3, 1.0])), [225.0, 230.0, 235.0]);
    }

    #[test]
    fn a_dark_and_a_burnt_picture_are_told_apart_from_a_white_page_with_print() {
        let told = |p: &RgbImage| judge_light(p, &mut Measures::new()).map(|f| (f.code, f.severity));
        let plain = |v: u8| RgbImage::from_pixel(200, 200, Rgb([v; 3]));
        assert_eq!(told(&plain(20)).unwrap().0, ReasonCode::PhotoTooDark);
        assert_eq!(told(&plain(128)), None);
        use shiren_core::verification::Severity::{Fail, Info};
        assert_eq!(told(&plain(255)), Some((ReasonCode::PhotoTooBright, Fail)));
        let page = RgbImage::from_fn(200, 200, |x, _| Rgb([if x % 10 == 0 { 20 } else { 255 }; 3]));
        assert_eq!(told(&page), Some((ReasonCode::PhotoTooBright, Info)));
    }
}
