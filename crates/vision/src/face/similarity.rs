//! Turn, scale and shift: the transform between a picture, a region of it and an aligned crop.

use shiren_core::see::Point;

/// `x' = a·x − b·y + dx`, `y' = b·x + a·y + dy`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Similarity {
    /// Scale × cosine of the angle.
    pub a: f32,
    /// Scale × sine of the angle (positive turns from x towards y, clockwise on a screen).
    pub b: f32,
    /// Shift to the right.
    pub dx: f32,
    /// Shift down.
    pub dy: f32,
}

impl Similarity {
    /// Leaves everything where it is.
    pub const IDENTITY: Self = Self { a: 1.0, b: 0.0, dx: 0.0, dy: 0.0 };

    /// Scales by `s`, then shifts.
    pub const fn scaled(s: f32, dx: f32, dy: f32) -> Self {
        Self { a: s, b: 0.0, dx, dy }
    }

    /// Turns by `angle` (radians) and scales by `scale` so that `from` lands on `to`.
    pub fn about(from: Point, to: Point, scale: f32, angle: f32) -> Self {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        Self { a, b, dx: to.x - a * from.x + b * from.y, dy: to.y - b * from.x - a * from.y }
    }

    /// The transform that brings `from` onto `to` with the least squared error; `None` when the points do
    /// not tell one (fewer than two, all in one place, or not finite).
    pub fn fit(from: &[Point], to: &[Point]) -> Option<Self> {
        let n = from.len();
        if n < 2 || n != to.len() {
            return None;
        }
        let mean = |p: &[Point]| {
            let sum = p.iter().fold((0.0, 0.0), |s, p| (s.0 + f64::from(p.x), s.1 + f64::from(p.y)));
            (sum.0 / n as f64, sum.1 / n as f64)
        };
        let (f, t) = (mean(from), mean(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (p, q) in from.iter().zip(to) {
            let (x, y) = (f64::from(p.x) - f.0, f64::from(p.y) - f.1);
            let (u, v) = (f64::from(q.x) - t.0, f64::from(q.y) - t.1);
            dot += x * u + y * v;
            cross += x * v - y * u;
            spread += x * x + y * y;
        }
        let (a, b) = (dot / spread, cross / spread);
        let found = Self {
            a: a as f32,
            b: b as f32,
            dx: (t.0 - a * f.0 + b * f.1) as f32,
            dy: (t.1 - b * f.0 - a * f.1) as f32,
        };
        (spread > 0.0 && found.is_usable()).then_some(found)
    }

    /// Where a point goes.
    pub fn apply(&self, p: Point) -> Point {
        Point::new(self.a * p.x - self.b * p.y + self.dx, self.b * p.x + self.a * p.y + self.dy)
    }

    /// How much longer a line becomes.
    pub fn scale(&self) -> f32 {
        self.a.hypot(self.b)
    }

    /// First this, then `next`.
    pub fn then(&self, next: &Self) -> Self {
        let shift = next.apply(Point::new(self.dx, self.dy));
        Self {
            a: next.a * self.a - next.b * self.b,
            b: next.b * self.a + next.a * self.b,
            dx: shift.x,
            dy: shift.y,
        }
    }

    /// The way back; `None` when everything falls into one point or is not finite.
    pub fn inverse(&self) -> Option<Self> {
        let square = self.a * self.a + self.b * self.b;
        let (a, b) = (self.a / square, -self.b / square);
        let back = Self { a, b, dx: b * self.dy - a * self.dx, dy: -b * self.dx - a * self.dy };
        (square > 0.0 && back.is_usable()).then_some(back)
    }

    fn is_usable(&self) -> bool {
        [self.a, self.b, self.dx, self.dy].iter().all(|v| v.is_finite()) && self.scale() > 0.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(a: Point, b: Point, tolerance: f32) -> bool {
        a.distance(b) <= tolerance
    }

    fn any_similarity() -> impl Strategy<Value = Similarity> {
        (0.05f32..20.0, -3.1f32..3.1, -2000f32..2000.0, -2000f32..2000.0)
            .prop_map(|(s, angle, dx, dy)| Similarity { a: s * angle.cos(), b: s * angle.sin(), dx, dy })
    }

    fn any_point() -> impl Strategy<Value = Point> {
        (-1000f32..1000.0, -1000f32..1000.0).prop_map(|(x, y)| Point::new(x, y))
    }

    proptest! {
        #[test]
        fn going_there_and_back_ends_where_it_began(s in any_similarity(), p in any_point()) {
            let back = s.inverse().unwrap().apply(s.apply(p));
            prop_assert!(near(back, p, 0.02 * (1.0 + 1.0 / s.scale())), "{p:?} became {back:?}");
        }

        #[test]
        fn two_in_a_row_are_one_after_the_other(
            s in any_similarity(), t in any_similarity(), p in any_point()
        ) {
            let (at_once, by_steps) = (s.then(&t).apply(p), t.apply(s.apply(p)));
            prop_assert!(near(at_once, by_steps, 1e-3 * (1000.0 + by_steps.x.hypot(by_steps.y))));
        }

        #[test]
        fn the_fit_of_moved_points_is_the_move(
            s in any_similarity(), points in prop::collection::vec(any_point(), 2..8)
        ) {
            prop_assume!(points.iter().any(|p| p.distance(points[0]) > 50.0));
            let moved: Vec<_> = points.iter().map(|p| s.apply(*p)).collect();
            let found = Similarity::fit(&points, &moved).unwrap();
            for (p, q) in points.iter().zip(&moved) {
                prop_assert!(near(found.apply(*p), *q, 0.05 * (1.0 + s.scale())));
            }
        }

        #[test]
        fn no_points_make_it_panic(
            from in prop::collection::vec((any::<f32>(), any::<f32>()), 0..7),
            to in prop::collection::vec((any::<f32>(), any::<f32>()), 0..7),
        ) {
            let points = |v: &[(f32, f32)]| v.iter().map(|p| Point::new(p.0, p.1)).collect::<Vec<_>>();
            if let Some(s) = Similarity::fit(&points(&from), &points(&to)) {
                prop_assert!(s.scale() > 0.0 && s.scale().is_finite());
            }
        }
    }

    #[test]
    fn points_in_one_place_tell_no_transform() {
        let p = Point::new(3.0, 4.0);
        assert_eq!(Similarity::fit(&[p; 5], &[p; 5]), None);
        assert_eq!(Similarity::fit(&[p], &[p]), None);
        assert_eq!(Similarity::scaled(0.0, 1.0, 1.0).inverse(), None);
    }

    #[test]
    fn turning_about_a_point_keeps_it() {
        let (centre, to) = (Point::new(10.0, 20.0), Point::new(96.0, 96.0));
        let s = Similarity::about(centre, to, 2.0, std::f32::consts::FRAC_PI_2);
        assert!(near(s.apply(centre), to, 1e-3));
        assert!(near(s.apply(Point::new(11.0, 20.0)), Point::new(96.0, 98.0), 1e-3), "right becomes down");
    }
}
