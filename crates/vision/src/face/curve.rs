//! From a score to the share of impostor pairs that reach it.

/// A measured curve: points `(score, log₁₀ of the share of impostor pairs that score at least so)`, in order
/// of the score.
pub(super) struct Curve {
    pub(super) points: &'static [(f32, f32)],
    /// The smallest rate that the measurement supports: with no impostor above a score among n, the rate is
    /// below 3/n at 95 % confidence (the rule of three).
    pub(super) floor: f32,
}

impl Curve {
    /// The false-match rate at a score: between the points, straight in the logarithm; beyond the last
    /// point on the line through the last two, and never below the floor; 1 before the first.
    pub(super) fn at(&self, score: f32) -> f32 {
        let above = self.points.partition_point(|p| p.0 <= score);
        if above == 0 || self.points.len() < 2 {
            return 1.0;
        }
        let second = above.min(self.points.len() - 1);
        let ((x0, y0), (x1, y1)) = (self.points[second - 1], self.points[second]);
        let log = y0 + (y1 - y0) * (score - x0) / (x1 - x0);
        10f32.powf(log).clamp(self.floor, 1.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CURVE: Curve = Curve { points: &[(0.0, -0.5), (1.0, -1.0), (2.0, -3.0)], floor: 1e-5 };

    #[test]
    fn it_goes_through_its_points_and_straight_between_them() {
        for (score, rate) in [(0.0, 0.316_228), (1.0, 0.1), (2.0, 1e-3), (1.5, 1e-2), (2.5, 1e-4)] {
            assert!((CURVE.at(score) / rate - 1.0).abs() < 1e-4, "{score}: {}", CURVE.at(score));
        }
        assert_eq!(CURVE.at(-0.1), 1.0);
    }

    #[test]
    fn it_never_claims_more_than_was_measured() {
        assert_eq!(CURVE.at(3.5), 1e-5);
        assert_eq!(CURVE.at(f32::INFINITY), 1e-5);
    }

    proptest! {
        #[test]
        fn a_higher_score_is_never_a_higher_rate(a in -5f32..10.0, b in -5f32..10.0) {
            prop_assert!(CURVE.at(a.max(b)) <= CURVE.at(a.min(b)));
        }
    }
}
