//! How a flat thing appears to a camera.

/// A projective map of the plane: `[x y 1]ᵀ` is multiplied by it and divided by the third component.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Projection([[f64; 3]; 3]);

/// A point in the plane.
pub(crate) type Place = (f64, f64);

impl Projection {
    /// Maps the unit square's corners (0,0) (1,0) (1,1) (0,1) to a quadrilateral (Heckbert, Fundamentals of
    /// Texture Mapping, 1989, 2.2.3).
    pub(crate) fn of_unit_square([a, b, c, d]: [Place; 4]) -> Self {
        let (dx1, dy1) = (b.0 - c.0, b.1 - c.1);
        let (dx2, dy2) = (d.0 - c.0, d.1 - c.1);
        let (sx, sy) = (a.0 - b.0 + c.0 - d.0, a.1 - b.1 + c.1 - d.1);
        let det = dx1 * dy2 - dx2 * dy1;
        let (g, h) = ((sx * dy2 - dx2 * sy) / det, (dx1 * sy - sx * dy1) / det);
        Self([
            [b.0 - a.0 + g * b.0, d.0 - a.0 + h * d.0, a.0],
            [b.1 - a.1 + g * b.1, d.1 - a.1 + h * d.1, a.1],
            [g, h, 1.0],
        ])
    }

    /// The map back, up to a factor that projective maps do not care for.
    pub(crate) fn inverse(&self) -> Self {
        let m = &self.0;
        let cofactor = |r: usize, c: usize| {
            let (r1, r2, c1, c2) = ((r + 1) % 3, (r + 2) % 3, (c + 1) % 3, (c + 2) % 3);
            m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1]
        };
        Self(std::array::from_fn(|r| std::array::from_fn(|c| cofactor(c, r))))
    }

    pub(crate) fn apply(&self, (x, y): Place) -> Place {
        let [p, q, r] = self.0.map(|row| row[0] * x + row[1] * y + row[2]);
        (p / r, q / r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_they_should_and_come_back() {
        let quad = [(10.0, 12.0), (90.0, 5.0), (99.0, 70.0), (3.0, 60.0)];
        let there = Projection::of_unit_square(quad);
        let back = there.inverse();
        for (corner, expected) in [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)].into_iter().zip(quad) {
            let (x, y) = there.apply(corner);
            assert!((x - expected.0).abs() < 1e-9 && (y - expected.1).abs() < 1e-9);
            let (u, v) = back.apply((x, y));
            assert!((u - corner.0).abs() < 1e-9 && (v - corner.1).abs() < 1e-9);
        }
    }
}
