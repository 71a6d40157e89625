//! Where in a picture a card or a page lies: its outline as a quadrilateral.
//!
//! Straight edges are voted for (Hough transform with the gradient's direction), and the four lines that
//! best frame a card are kept: long support along every side, the same step from table to card all around,
//! a plausible shape. A picture without such a frame, a scan for instance, has no outline; the reader then
//! looks at all of it.

use image::{Rgb, RgbImage};
use shiren_core::see::{Point, Region};

use crate::picture::warp::{Homography, Pyramid};

/// Long side, in pixels, of the reduced picture in which outlines are looked for: a card of a third of the
/// picture's width still has 160 px there.
const WORKING_SIDE: u32 = 480;
/// Lines kept after voting. Text rows and the portrait give lines too, so four would not do.
const MOST_LINES: usize = 36;
/// Of these, at most so many nearly parallel ones: the grain of a table must not crowd out the card.
const MOST_PARALLEL: usize = 16;
/// A card smaller than this share of the picture is too far away to read.
const SMALLEST_SHARE: f32 = 0.03;
/// Length to height of the documents we know: ID-1 1.585, TD3 1.42, MRV-A 1.5, ID-2 1.42 (ISO/IEC 7810,
/// ICAO 9303-4 and -7), with room for perspective.
const SHAPES: std::ops::RangeInclusive<f32> = 1.15..=2.1;

/// A card's outline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outline {
    /// Corners in the full picture: long side first, clockwise, starting where "up" is nearest to the
    /// picture's own. Whether the card stands on its head is not known yet.
    pub region: Region,
    /// 0 to 1: how well all four sides are supported by edges.
    pub support: f32,
    /// How many of the four sides are the picture's own border: 1 to 3 say that the card is cut off.
    pub sides_on_border: usize,
}

/// The outlines found, best first; a second one is returned only where it lies beside the first and is of
/// similar size.
pub fn find(picture: &Pyramid<'_>) -> Vec<Outline> {
    let (w, h) = picture.full().dimensions();
    if w < 64 || h < 64 {
        return Vec::new();
    }
    let scale = WORKING_SIDE as f32 / w.max(h) as f32;
    let (sw, sh) = (((w as f32 * scale) as u32).max(16), ((h as f32 * scale) as u32).max(16));
    let to_full = Homography::similarity(f64::from(1.0 / scale), 0.0, 0.0, 0.0);
    let small = picture.view(&to_full, sw, sh, Rgb([0, 0, 0]));
    let edges = Edges::of(&small);
    let lines = edges.lines();
    let mut found = quads(&lines, &edges);
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    let mut kept: Vec<Scored> = Vec::new();
    for candidate in found {
        let beside = kept.iter().all(|k| disjoint(&k.quad, &candidate.quad));
        let comparable = kept.first().is_none_or(|first| {
            let ratio = candidate.quad.area() / first.quad.area();
            candidate.support > 0.9 * first.support && candidate.borders == 0 && (0.5..2.0).contains(&ratio)
        });
        if beside && comparable {
            kept.push(candidate);
        }
        if kept.len() == 2 {
            break;
        }
    }
    kept.into_iter()
        .map(|s| Outline {
            region: upright(Region(
                edges.sharpened(&s.quad).0.map(|p| Point::new((p.x + 0.5) / scale, (p.y + 0.5) / scale)),
            )),
            support: s.support,
            sides_on_border: s.borders,
        })
        .collect()
}

/// Gradients of the reduced picture: strength and direction at every pixel.
struct Edges {
    w: usize,
    h: usize,
    strength: Vec<f32>,
    /// Direction of the steepest ascent, radians.
    direction: Vec<f32>,
    /// What counts as an edge here.
    threshold: f32,
}

/// A straight line `x cos θ + y sin θ = ρ`.
#[derive(Clone, Copy, Debug)]
struct Line {
    theta: f32,
    rho: f32,
    border: bool,
}

impl Edges {
    /// Sobel's operator on each colour; the colour with the steepest step counts, because card and table may
    /// share a luminance.
    fn of(p: &RgbImage) -> Self {
        let (w, h) = (p.width() as usize, p.height() as usize);
        let (mut strength, mut direction) = (vec![0.0f32; w * h], vec![0.0f32; w * h]);
        let raw = p.as_raw();
        let mut histogram = vec![0usize; 2048];
        for y in 1..h - 1 {
            let row = |y: usize| &raw[y * w * 3..][..w * 3];
            let (up, here, down) = (row(y - 1), row(y), row(y + 1));
            for x in 1..w - 1 {
                let (mut best, mut gx, mut gy) = (0i32, 0i32, 0i32);
                for c in 3 * x..3 * x + 3 {
                    let v = |r: &[u8], at: usize| i32::from(r[at]);
                    let dx =
                        v(up, c + 3) - v(up, c - 3) + 2 * (v(here, c + 3) - v(here, c - 3)) + v(down, c + 3)
                            - v(down, c - 3);
                    let dy = v(down, c - 3) - v(up, c - 3) + 2 * (v(down, c) - v(up, c)) + v(down, c + 3)
                        - v(up, c + 3);
                    let square = dx * dx + dy * dy;
                    if square > best {
                        (best, gx, gy) = (square, dx, dy);
                    }
                }
                let g = (best as f32).sqrt() / 4.0;
                strength[y * w + x] = g;
                direction[y * w + x] = (gy as f32).atan2(gx as f32);
                histogram[(g * 4.0) as usize] += 1;
            }
        }
        // Dense print must not raise the bar above the card's own edge.
        let threshold = top_share(&histogram, 0.12).min(top_share(&histogram, 0.01) / 4) as f32 / 4.0;
        Self { w, h, strength, direction, threshold: threshold.max(1.0) }
    }

    /// A pixel that is stronger than its neighbours along its gradient.
    fn is_crest(&self, x: usize, y: usize) -> bool {
        let i = y * self.w + x;
        let g = self.strength[i];
        if g < self.threshold || x == 0 || y == 0 || x + 1 >= self.w || y + 1 >= self.h {
            return false;
        }
        let (s, c) = self.direction[i].sin_cos();
        let step = if c.abs() > s.abs() { 1 } else { self.w };
        g >= self.strength[i - step] && g >= self.strength[i + step]
    }

    /// The lines that most crests lie on, strongest first, and the picture's four borders.
    fn lines(&self) -> Vec<Line> {
        const ANGLES: usize = 180;
        const SPREAD: i32 = 3;
        let diagonal = (self.w as f32).hypot(self.h as f32);
        let rhos = 2 * diagonal as usize + 3;
        let mut votes = vec![0.0f32; ANGLES * rhos];
        let table: Vec<(f32, f32)> =
            (0..ANGLES).map(|a| (a as f32).to_radians().sin_cos()).map(|(s, c)| (c, s)).collect();
        for y in 2..self.h - 2 {
            for x in 2..self.w - 2 {
                if !self.is_crest(x, y) {
                    continue;
                }
                // A strong edge counts more than a weak one, but texture must not outvote it.
                let weight = (self.strength[y * self.w + x] / self.threshold).min(3.0);
                let degrees = self.direction[y * self.w + x].to_degrees().round() as i32;
                for d in -SPREAD..=SPREAD {
                    let a = (degrees + d).rem_euclid(180) as usize;
                    let rho = x as f32 * table[a].0 + y as f32 * table[a].1;
                    votes[a * rhos + (rho + diagonal + 1.0).round() as usize] += weight;
                }
            }
        }
        let mut lines = peaks(&mut votes, ANGLES, rhos, diagonal, 0.12 * self.w.min(self.h) as f32);
        let (w, h) = (self.w as f32 - 1.0, self.h as f32 - 1.0);
        let quarter = std::f32::consts::FRAC_PI_2;
        for (theta, rho) in [(0.0, 0.0), (0.0, w), (quarter, 0.0), (quarter, h)] {
            lines.push(Line { theta, rho, border: true });
        }
        lines
    }

    /// The edges along a whole line, summed up from its beginning.
    fn profile(&self, line: &Line) -> Profile {
        let reach = (self.w as f32).hypot(self.h as f32);
        let (ny, nx) = line.theta.sin_cos();
        let foot = Point::new(line.rho * nx, line.rho * ny);
        let n = 2 * reach as usize + 1;
        let (mut hits, mut rising) = (Vec::with_capacity(n + 1), Vec::with_capacity(n + 1));
        let (mut hit_sum, mut rising_sum) = (0u32, 0u32);
        hits.push(0);
        rising.push(0);
        for k in 0..n {
            let t = k as f32 - reach;
            let at = Point::new(foot.x - ny * t, foot.y + nx * t);
            if let Some((along, _)) = self.strongest_across(at, nx, ny, line.theta, 2) {
                hit_sum += 1;
                rising_sum += u32::from(along > 0.0);
            }
            hits.push(hit_sum);
            rising.push(rising_sum);
        }
        Profile { foot, reach, hits, rising }
    }

    /// The strongest edge that runs along a line, looked for up to `reach` pixels to either side of `at`: how
    /// well its direction agrees with the line's normal (−1 to 1), and its place.
    fn strongest_across(&self, at: Point, nx: f32, ny: f32, normal: f32, reach: i32) -> Option<(f32, Point)> {
        let mut best: Option<(f32, f32, Point)> = None;
        for off in -reach..=reach {
            let (x, y) = ((at.x + off as f32 * nx).round(), (at.y + off as f32 * ny).round());
            if x < 1.0 || y < 1.0 || x >= self.w as f32 - 1.0 || y >= self.h as f32 - 1.0 {
                continue;
            }
            let i = y as usize * self.w + x as usize;
            let g = self.strength[i];
            if g < self.threshold || best.is_some_and(|(s, ..)| g <= s) {
                continue;
            }
            let along = (self.direction[i] - normal).cos();
            if along.abs() > 0.9 {
                best = Some((g, along, Point::new(x, y)));
            }
        }
        best.map(|(_, along, p)| (along, p))
    }

    /// The line that the edges near a side really lie on.
    fn refined(&self, a: Point, b: Point) -> Option<Line> {
        let points = self.along(a, b, 4);
        let mut line = fit(&points)?;
        // Once more without what does not belong to it.
        let near: Vec<Point> = points.into_iter().filter(|p| line.distance(*p) < 1.2).collect();
        line = fit(&near).unwrap_or(line);
        Some(line)
    }

    /// The quadrilateral whose sides are refined; sides that cannot be stay.
    fn sharpened(&self, quad: &Region) -> Region {
        let corner = |i: usize| quad.0[i % 4];
        let sides: [Option<Line>; 4] = std::array::from_fn(|i| {
            let (a, b) = (corner(i), corner(i + 1));
            self.refined(a, b).or_else(|| {
                fit(&std::array::from_fn::<Point, 8, _>(|k| {
                    let t = k as f32 / 7.0;
                    Point::new(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y))
                }))
            })
        });
        Region(std::array::from_fn(|i| {
            let found = sides[(i + 3) % 4].as_ref().zip(sides[i].as_ref()).and_then(|(a, b)| cross(a, b));
            found.filter(|p| p.distance(corner(i)) < 12.0).unwrap_or(corner(i))
        }))
    }

    /// Edge points within `reach` pixels of a side.
    fn along(&self, a: Point, b: Point, reach: i32) -> Vec<Point> {
        let n = (a.distance(b) / 2.0).max(8.0) as usize;
        let normal = (b.x - a.x).atan2(-(b.y - a.y));
        let (ny, nx) = normal.sin_cos();
        (0..n)
            .filter_map(|k| {
                let t = (k as f32 + 0.5) / n as f32;
                let at = Point::new(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y));
                self.strongest_across(at, nx, ny, normal, reach).map(|(_, p)| p)
            })
            .collect()
    }
}

/// How many edges lie along a line, and how many of them rise along its normal, up to each place on it.
struct Profile {
    foot: Point,
    reach: f32,
    hits: Vec<u32>,
    rising: Vec<u32>,
}

impl Profile {
    /// Between two points of the line: the share of places with an edge, and the share of those that rise.
    fn between(&self, a: Point, b: Point, line: &Line) -> (f32, f32) {
        let (s, c) = line.theta.sin_cos();
        let place = |p: Point| {
            let t = -(p.x - self.foot.x) * s + (p.y - self.foot.y) * c;
            ((t + self.reach).max(0.0) as usize).min(self.hits.len() - 1)
        };
        let (from, to) = (place(a).min(place(b)), place(a).max(place(b)));
        let hits = (self.hits[to] - self.hits[from]) as f32;
        let rising = (self.rising[to] - self.rising[from]) as f32;
        (hits / ((to - from).max(1)) as f32, if hits > 0.0 { rising / hits } else { 0.5 })
    }
}

impl Line {
    fn distance(&self, p: Point) -> f32 {
        (p.x * self.theta.cos() + p.y * self.theta.sin() - self.rho).abs()
    }
}

/// Total least squares: the line through the mean along the direction of the largest spread.
fn fit(points: &[Point]) -> Option<Line> {
    if points.len() < 6 {
        return None;
    }
    let n = points.len() as f32;
    let (mx, my) = (points.iter().map(|p| p.x).sum::<f32>() / n, points.iter().map(|p| p.y).sum::<f32>() / n);
    let (mut xx, mut xy, mut yy) = (0.0f32, 0.0, 0.0);
    for p in points {
        let (dx, dy) = (p.x - mx, p.y - my);
        (xx, xy, yy) = (xx + dx * dx, xy + dx * dy, yy + dy * dy);
    }
    let theta = 0.5 * (2.0 * xy).atan2(xx - yy) + std::f32::consts::FRAC_PI_2;
    Some(Line { theta, rho: mx * theta.cos() + my * theta.sin(), border: false })
}

/// The bin above which `share` of all counts lie.
fn top_share(histogram: &[usize], share: f32) -> usize {
    let wanted = (histogram.iter().sum::<usize>() as f32 * share) as usize;
    let mut seen = 0;
    for (bin, n) in histogram.iter().enumerate().rev() {
        seen += n;
        if seen > wanted {
            return bin;
        }
    }
    0
}

/// Takes the highest peaks one by one and clears what lies around each.
fn peaks(votes: &mut [f32], angles: usize, rhos: usize, diagonal: f32, least: f32) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for _ in 0..3 * MOST_LINES {
        if lines.len() == MOST_LINES {
            break;
        }
        let Some((at, &best)) = votes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)) else { break };
        if best < least {
            break;
        }
        let (a, r) = (at / rhos, at % rhos);
        let line = Line { theta: (a as f32).to_radians(), rho: r as f32 - diagonal - 1.0, border: false };
        let parallel = |l: &&Line| turn(l.theta, line.theta) < 12f32.to_radians();
        if lines.iter().filter(parallel).count() < MOST_PARALLEL {
            lines.push(line);
        }
        for da in -5i32..=5 {
            let turned = a as i32 + da;
            let aa = turned.rem_euclid(angles as i32) as usize;
            // Past 180° the same line has the opposite sign of ρ.
            let centre = if turned == aa as i32 {
                r
            } else {
                2 * (diagonal as usize + 1) - r.min(2 * (diagonal as usize + 1))
            };
            let (from, to) = (centre.saturating_sub(5), (centre + 6).min(rhos));
            votes[aa * rhos + from..aa * rhos + to].fill(0.0);
        }
    }
    lines
}

struct Scored {
    quad: Region,
    support: f32,
    score: f32,
    borders: usize,
}

/// A line with what lies along it.
type Seen = (Line, Profile);

fn quads(lines: &[Line], edges: &Edges) -> Vec<Scored> {
    let seen: Vec<Seen> = lines.iter().map(|l| (*l, edges.profile(l))).collect();
    let pairs = opposite_pairs(&seen, edges);
    let mut out = Vec::new();
    for (i, p) in pairs.iter().enumerate() {
        for q in &pairs[i + 1..] {
            let across = 60f32.to_radians();
            if turn(p.0.0.theta, q.0.0.theta) >= across && turn(p.1.0.theta, q.1.0.theta) >= across {
                out.extend(judge(p, q, edges));
            }
        }
    }
    out
}

/// Pairs of lines that could be opposite sides: nearly parallel, and apart.
fn opposite_pairs<'s>(lines: &'s [Seen], edges: &Edges) -> Vec<(&'s Seen, &'s Seen)> {
    let apart = 0.12 * edges.w.min(edges.h) as f32;
    let middle = Point::new(edges.w as f32 / 2.0, edges.h as f32 / 2.0);
    let mut pairs = Vec::new();
    for (i, a) in lines.iter().enumerate() {
        for b in &lines[i + 1..] {
            let from_middle = |l: &Line| l.rho - middle.x * l.theta.cos() - middle.y * l.theta.sin();
            let same_way = (a.0.theta - b.0.theta).cos() > 0.0;
            let gap = from_middle(&a.0) - if same_way { from_middle(&b.0) } else { -from_middle(&b.0) };
            if turn(a.0.theta, b.0.theta) < 22f32.to_radians() && gap.abs() > apart {
                pairs.push((a, b));
            }
        }
    }
    pairs
}

/// The angle between two lines, 0 to 90°.
fn turn(a: f32, b: f32) -> f32 {
    let d = (a - b).rem_euclid(std::f32::consts::PI);
    d.min(std::f32::consts::PI - d)
}

fn cross(a: &Line, b: &Line) -> Option<Point> {
    let det = a.theta.cos() * b.theta.sin() - a.theta.sin() * b.theta.cos();
    (det.abs() > 0.2).then(|| {
        Point::new(
            (a.rho * b.theta.sin() - b.rho * a.theta.sin()) / det,
            (b.rho * a.theta.cos() - a.rho * b.theta.cos()) / det,
        )
    })
}

fn judge(p: &(&Seen, &Seen), q: &(&Seen, &Seen), edges: &Edges) -> Option<Scored> {
    let (a, b, c, d) = (&p.0.0, &q.0.0, &p.1.0, &q.1.0);
    let corners = [cross(a, d)?, cross(a, b)?, cross(b, c)?, cross(c, d)?];
    let quad = Region(corners).clockwise();
    let (w, h) = (edges.w as f32, edges.h as f32);
    let slack = 0.02 * w.max(h);
    let outside = |c: &Point| c.x < -slack || c.y < -slack || c.x > w - 1.0 + slack || c.y > h - 1.0 + slack;
    if corners.iter().any(outside) {
        return None;
    }
    let (long, short) = (quad.width().max(quad.height()), quad.width().min(quad.height()));
    let share = quad.area() / (w * h);
    if share < SMALLEST_SHARE || !SHAPES.contains(&(long / short.max(1.0))) {
        return None;
    }
    let centre = quad.centre();
    let (mut mean, mut weakest, mut brighter, mut counted) = (0.0, 1.0f32, 0.0, 0.0);
    let mut borders = 0;
    for (k, (line, profile)) in [p.0, q.0, p.1, q.1].into_iter().enumerate() {
        let (from, to) = (corners[k], corners[(k + 1) % 4]);
        if line.border || on_border(from, to, w, h) {
            borders += 1;
            continue;
        }
        let (hits, rising) = profile.between(from, to, line);
        let inside_up = centre.x * line.theta.cos() + centre.y * line.theta.sin() > line.rho;
        mean += hits;
        brighter += if inside_up { rising } else { 1.0 - rising };
        weakest = weakest.min(hits);
        counted += 1.0;
    }
    if counted < 2.0 || weakest < 0.35 {
        return None;
    }
    // All around a card the step goes the same way.
    let agreement = (2.0 * brighter / counted - 1.0f32).abs();
    let support = (mean / counted * 0.6 + weakest * 0.4) * (0.6 + 0.4 * agreement);
    // Sides that nothing supports are believed less than seen ones.
    let doubt = 1.0 - 0.3 * borders as f32;
    // Of two frames the larger one is the card and the smaller its portrait, unless it is much worse.
    let score = support.powi(2) * share.powf(0.2) * doubt;
    (support > 0.5).then_some(Scored { quad, support, score, borders })
}

fn on_border(a: Point, b: Point, w: f32, h: f32) -> bool {
    let near = 3.0;
    (a.x < near && b.x < near)
        || (a.y < near && b.y < near)
        || (a.x > w - 1.0 - near && b.x > w - 1.0 - near)
        || (a.y > h - 1.0 - near && b.y > h - 1.0 - near)
}

fn disjoint(a: &Region, b: &Region) -> bool {
    let ((ax, ay, aw, ah), (bx, by, bw, bh)) = (a.bounds(), b.bounds());
    let w = (ax + aw).min(bx + bw) - ax.max(bx);
    let h = (ay + ah).min(by + bh) - ay.max(by);
    w <= 0.0 || h <= 0.0 || w * h < 0.1 * (aw * ah).min(bw * bh)
}

/// Turns the corners so that the long side comes first and points as nearly to the right as it can.
fn upright(r: Region) -> Region {
    let c = r.0;
    let turned = |k: usize| Region(std::array::from_fn(|i| c[(i + k) % 4]));
    let mut best = turned(0);
    let mut best_value = f32::MIN;
    for k in 0..4 {
        let q = turned(k);
        let along = q.0[1].x - q.0[0].x + q.0[2].x - q.0[3].x;
        let value = if q.width() >= q.height() { 1e6 + along } else { along };
        if value > best_value {
            (best, best_value) = (q, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A light card with some print on a darker table.
    fn scene(quad: &Region, card: u8, table: u8) -> RgbImage {
        let back = Homography::between(quad, &Region::rect(0.0, 0.0, 1280.0, 806.0)).unwrap();
        RgbImage::from_fn(1296, 972, |x, y| {
            let p = back.apply(Point::new(x as f32, y as f32));
            let on_card = (0.0..1280.0).contains(&p.x) && (0.0..806.0).contains(&p.y);
            let print =
                on_card && p.y as i32 % 90 > 50 && (80.0..700.0).contains(&p.x) && p.x as i32 % 23 < 9;
            Rgb([if print {
                card / 5
            } else if on_card {
                card
            } else {
                table
            }; 3])
        })
    }

    fn find_in(picture: &RgbImage) -> Vec<Outline> {
        find(&Pyramid::new(picture, 0.2))
    }

    fn quad(points: [[f32; 2]; 4]) -> Region {
        Region(points.map(Point::from))
    }

    fn worst_corner(found: &Region, truth: &Region) -> f32 {
        (0..4)
            .map(|k| (0..4).map(|i| found.0[(i + k) % 4].distance(truth.0[i])).fold(0.0f32, f32::max))
            .fold(f32::MAX, f32::min)
    }

    #[test]
    fn a_card_is_found_whichever_way_it_lies() {
        let lying = [
            quad([[200.0, 200.0], [1000.0, 200.0], [1000.0, 704.0], [200.0, 704.0]]),
            quad([[300.0, 120.0], [1050.0, 330.0], [920.0, 800.0], [170.0, 590.0]]),
            quad([[400.0, 60.0], [880.0, 60.0], [880.0, 900.0], [400.0, 900.0]]),
            quad([[250.0, 250.0], [1000.0, 180.0], [1100.0, 800.0], [180.0, 700.0]]),
        ];
        for truth in lying {
            for (card, table) in [(230, 120), (30, 12)] {
                let found = find_in(&scene(&truth, card, table));
                assert_eq!(found.len(), 1, "{truth:?}");
                assert!(worst_corner(&found[0].region, &truth) < 8.0, "{found:?} is not {truth:?}");
                assert_eq!(found[0].sides_on_border, 0);
            }
        }
    }

    #[test]
    fn a_card_that_runs_out_of_the_picture_has_a_side_on_its_border() {
        let truth = quad([[500.0, 200.0], [1500.0, 200.0], [1500.0, 830.0], [500.0, 830.0]]);
        let found = find_in(&scene(&truth, 230, 120));
        assert_eq!(found[0].sides_on_border, 1, "{found:?}");
    }

    #[test]
    fn nothing_is_found_where_nothing_lies() {
        assert!(find_in(&RgbImage::from_pixel(800, 600, Rgb([120; 3]))).is_empty());
        assert!(find_in(&RgbImage::new(1, 1)).is_empty());
        assert!(find_in(&RgbImage::new(4000, 64)).is_empty());
    }
}
