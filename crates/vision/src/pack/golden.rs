//! Known outputs of the models that the code asks for by name.
//!
//! A hash says that a file is the one that was meant; a golden says that it still computes what it should,
//! through the conversion and the runtime that are installed here. Each file of `packs/golden` holds a
//! recipe for an input and some of the numbers that must come out; its README has the formulas.

use std::f64::consts::PI;

use ndarray::{ArrayD, IxDyn};
use serde::Deserialize;

use super::{Model, ModelError};

/// Numbers in one input; the largest of ours has 430,080.
const MAX_INPUT: usize = 1 << 23;
/// Where all expected numbers of an output are small, differences count against this.
const SMALLEST_SCALE: f32 = 0.01;

/// Shipped goldens, by the name of the model.
const SHIPPED: [(&str, &str); 12] = [
    ("body-pose", include_str!("../../packs/golden/body-pose.toml")),
    ("face-detector", include_str!("../../packs/golden/face-detector.toml")),
    ("face-features", include_str!("../../packs/golden/face-features.toml")),
    ("face-mesh", include_str!("../../packs/golden/face-mesh.toml")),
    ("face-recogniser", include_str!("../../packs/golden/face-recogniser.toml")),
    ("hand-joints", include_str!("../../packs/golden/hand-joints.toml")),
    ("line-direction", include_str!("../../packs/golden/line-direction.toml")),
    ("mobileface-v2", include_str!("../../packs/golden/mobileface-v2.toml")),
    ("palm-detector", include_str!("../../packs/golden/palm-detector.toml")),
    ("text-detector", include_str!("../../packs/golden/text-detector.toml")),
    ("text-recogniser", include_str!("../../packs/golden/text-recogniser.toml")),
    ("yunet", include_str!("../../packs/golden/yunet.toml")),
];

/// What a model must give for what it is fed. Always one that can be used: [`Golden::parse`] is the only way
/// to have one.
#[derive(Debug, Clone, PartialEq)]
pub struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldenText {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    pattern: Pattern,
    shape: [usize; 4],
    low: f32,
    high: f32,
    tolerance: f32,
    #[serde(rename = "output")]
    outputs: Vec<Expected>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Pattern {
    Waves,
    Strokes,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    shape: Vec<usize>,
    /// Place in row-major order, and the number there.
    values: Vec<(usize, f32)>,
}

/// Why a model is not what it should be, or a golden says nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GoldenError {
    /// The golden's own text is wrong.
    #[error("the golden cannot be used: {0}")]
    Unusable(String),
    /// The model did not run at all.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The model has more or fewer outputs.
    #[error("{got} outputs where {expected} belong")]
    Outputs {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        got: usize,
    },
    /// An output has another shape.
    #[error("output {output} has the shape {got:?}, not {expected:?}")]
    Shape {
        /// Which output, from 0.
        output: usize,
        /// As it should be.
        expected: Vec<usize>,
        /// As it is.
        got: Vec<usize>,
    },
    /// A number is too far from the one expected.
    #[error("output {output} has {got} at {place} where {expected} ± {allowed} belongs")]
    Differs {
        /// Which output, from 0.
        output: usize,
        /// Where in it, in row-major order.
        place: usize,
        /// As it should be.
        expected: f32,
        /// As it is.
        got: f32,
        /// How far it may be away.
        allowed: f32,
    },
}

impl Golden {
    /// Reads a golden from TOML (`packs/golden/README.md` describes it).
    ///
    /// # Errors
    /// [`GoldenError::Unusable`] when the text is not of that form, or could not fail any model.
    pub fn parse(text: &str) -> Result<Self, GoldenError> {
        let GoldenText { cases } = toml::from_str(text).map_err(|error| unusable(error.to_string()))?;
        if cases.is_empty() {
            return Err(unusable("it has no case"));
        }
        cases.iter().try_for_each(Case::validate)?;
        Ok(Self { cases })
    }

    /// Runs the model on each case and compares.
    ///
    /// # Errors
    /// With the first thing that is not as expected.
    pub fn check(&self, model: &dyn Model) -> Result<(), GoldenError> {
        self.cases.iter().try_for_each(|case| {
            let outputs = model.run(case.input().view())?;
            if outputs.len() != case.outputs.len() {
                return Err(GoldenError::Outputs { expected: case.outputs.len(), got: outputs.len() });
            }
            let mut pairs = outputs.iter().zip(&case.outputs).enumerate();
            pairs.try_for_each(|(at, (got, expected))| expected.compare(at, got, case.tolerance))
        })
    }
}

/// The golden of a model that the product knows by name. `None` for other models: what an operator adds
/// under a name of their own is nothing we can know.
pub fn shipped(model: &str) -> Option<Result<Golden, GoldenError>> {
    SHIPPED.iter().find(|(name, _)| *name == model).map(|(_, text)| Golden::parse(text))
}

fn unusable(why: impl Into<String>) -> GoldenError {
    GoldenError::Unusable(why.into())
}

impl Case {
    fn validate(&self) -> Result<(), GoldenError> {
        let count = self.shape.iter().try_fold(1_usize, |all, &dim| all.checked_mul(dim));
        if !count.is_some_and(|count| (1..=MAX_INPUT).contains(&count)) {
            return Err(unusable("its input is empty or too large"));
        }
        let finite = self.low.is_finite() && self.high.is_finite() && self.low < self.high;
        if !finite || !(0.0..=0.1).contains(&self.tolerance) {
            return Err(unusable("its range or tolerance makes no sense"));
        }
        let values = self.outputs.iter().flat_map(|output| output.values.iter());
        if !values.clone().all(|(_, value)| value.is_finite()) {
            return Err(unusable("it expects something that is no number"));
        }
        for output in &self.outputs {
            let size = output.shape.iter().try_fold(1_usize, |all, &dim| all.checked_mul(dim));
            if !output.values.iter().all(|(place, _)| size.is_some_and(|size| *place < size)) {
                return Err(unusable("it expects a number outside of its output"));
            }
        }
        let telling = self.outputs.iter().flat_map(|output| {
            let allowed = output.allowed(self.tolerance);
            output.values.iter().filter(move |(_, value)| value.abs() > allowed)
        });
        match telling.count() {
            0 => Err(unusable("a model that gives nothing but zeros would pass")),
            _ => Ok(()),
        }
    }

    fn input(&self) -> ArrayD<f32> {
        let [_, channels, height, width] = self.shape;
        let (low, high) = (f64::from(self.low), f64::from(self.high));
        ArrayD::from_shape_fn(IxDyn(&self.shape), |at| {
            let share = match self.pattern {
                Pattern::Waves => waves([at[1], at[2], at[3]], [channels, height, width]),
                Pattern::Strokes => strokes([at[1], at[2], at[3]], width),
            };
            (low + (high - low) * share) as f32
        })
    }
}

impl Expected {
    fn allowed(&self, tolerance: f32) -> f32 {
        let largest = self.values.iter().fold(SMALLEST_SCALE, |most, (_, value)| most.max(value.abs()));
        tolerance * largest
    }

    fn compare(&self, output: usize, got: &ArrayD<f32>, tolerance: f32) -> Result<(), GoldenError> {
        if got.shape() != self.shape {
            let (expected, got) = (self.shape.clone(), got.shape().to_vec());
            return Err(GoldenError::Shape { output, expected, got });
        }
        let allowed = self.allowed(tolerance);
        let got = got.as_standard_layout();
        let numbers = got.as_slice().unwrap_or_default();
        for &(place, expected) in &self.values {
            let got = numbers.get(place).copied().unwrap_or(f32::NAN);
            // NaN is never within.
            let within = (got - expected).abs() <= allowed;
            if !within {
                return Err(GoldenError::Differs { output, place, expected, got, allowed });
            }
        }
        Ok(())
    }
}

fn waves([k, y, x]: [usize; 3], [c, h, w]: [usize; 3]) -> f64 {
    let across = x as f64 / w as f64;
    let down = y as f64 / h as f64;
    let a = 2.0 * PI * (1.5 * across + 0.7 * k as f64 / c as f64) + (4.0 * PI * down).cos();
    let b = 2.0 * PI * (2.3 * down - 0.5 * across) + k as f64;
    (a.sin() * b.cos() + 1.0) / 2.0
}

fn strokes([k, y, x]: [usize; 3], w: usize) -> f64 {
    let a = (x / 16 * 7 + y / 48 * 5) % 11;
    let ink = match ((x % 16).checked_sub(2), (y % 48).checked_sub(10)) {
        (Some(i @ ..12), Some(j @ ..28)) => {
            i / 3 == a % 4 || j / 4 == a % 7 || j / 4 == (3 * a + 2) % 7 || (i / 3 == (a + 2) % 4 && j > a)
        }
        _ => false,
    };
    let ground = if ink { 0.1 } else { 0.85 };
    ground + 0.05 * (2.0 * PI * x as f64 / w as f64 + k as f64).sin()
}

#[cfg(test)]
mod tests {
    use ndarray::ArrayViewD;

    use super::*;

    const TEXT: &str = "[[case]]\npattern = 'waves'\nshape = [1, 2, 4, 4]\nlow = -1.0\nhigh = 1.0\n\
        tolerance = 1e-3\n[[case.output]]\nshape = [1, 3]\nvalues = [[0, 0.5], [2, -2.0]]\n";

    /// Gives the same numbers whatever it is fed.
    struct Stubborn(Vec<f32>);

    impl Model for Stubborn {
        fn run(&self, _: ArrayViewD<'_, f32>) -> Result<Vec<ArrayD<f32>>, ModelError> {
            Ok(vec![ArrayD::from_shape_vec(vec![1, self.0.len()], self.0.clone()).unwrap()])
        }
    }

    #[test]
    fn every_shipped_golden_can_be_used_and_knows_its_model() {
        for (name, _) in SHIPPED {
            let golden = shipped(name).unwrap().unwrap();
            let numbers = golden.cases.iter().flat_map(|case| &case.outputs).map(|out| out.values.len());
            assert!(numbers.sum::<usize>() >= 4, "{name}");
        }
        assert!(shipped("something-else").is_none());
    }

    #[test]
    fn a_model_within_the_tolerance_passes() {
        let golden = Golden::parse(TEXT).unwrap();
        golden.check(&Stubborn(vec![0.501, 7.0, -2.0019])).unwrap();
    }

    #[test]
    fn a_number_that_is_too_far_away_is_told() {
        let golden = Golden::parse(TEXT).unwrap();
        let error = golden.check(&Stubborn(vec![0.5, 7.0, -2.0021])).unwrap_err();
        assert!(matches!(error, GoldenError::Differs { output: 0, place: 2, .. }), "{error}");
        let error = golden.check(&Stubborn(vec![f32::NAN, 7.0, -2.0])).unwrap_err();
        assert!(matches!(error, GoldenError::Differs { place: 0, .. }), "{error}");
    }

    #[test]
    fn a_model_of_another_shape_is_told() {
        let golden = Golden::parse(TEXT).unwrap();
        let error = golden.check(&Stubborn(vec![0.5, -2.0])).unwrap_err();
        assert!(matches!(error, GoldenError::Shape { output: 0, .. }), "{error}");
    }

    #[test]
    fn a_golden_that_could_not_fail_is_refused() {
        for (from, to) in [
            ("[[0, 0.5], [2, -2.0]]", "[]"),
            ("[[0, 0.5], [2, -2.0]]", "[[0, 0.0]]"),
            ("[2, -2.0]", "[3, -2.0]"),
            ("[2, -2.0]", "[2, nan]"),
            ("1e-3", "0.2"),
            ("high = 1.0", "high = -1.0"),
            ("[1, 2, 4, 4]", "[1, 2, 4, 0]"),
            ("[1, 2, 4, 4]", "[1, 9223372036854775807, 4, 4]"),
            ("'waves'", "'noise'"),
        ] {
            let text = TEXT.replace(from, to);
            assert_ne!(text, TEXT);
            assert!(matches!(Golden::parse(&text), Err(GoldenError::Unusable(_))), "{to}");
        }
    }

    #[test]
    fn patterns_are_those_of_the_readme() {
        // Computed apart from this code, from the README's formulas.
        let close = |got: f64, expected: f64| assert!((got - expected).abs() < 1e-6, "{got} {expected}");
        close(waves([0, 0, 0], [3, 8, 8]), 0.920_735_5);
        close(waves([2, 5, 3], [3, 8, 8]), 0.417_146_86);
        close(strokes([0, 12, 4], 64), 0.119_134_17);
        close(strokes([1, 12, 21], 64), 0.103_991_87);
        close(strokes([2, 40, 63], 64), 0.897_285_4);
    }
}
