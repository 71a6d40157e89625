//! Two templates → a score, a band, a false-match rate.

use shiren_core::see::{Band, FaceMatch, FaceTemplate, SeeError};

use super::curve::Curve;

/// Which recognisers made a template. A set's name is part of every template and stands in stored baselines:
/// a changed network, alignment or averaging is a new set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecogniserSet {
    /// The recogniser of face-api and faceres: the default, from package registries alone.
    Default,
    /// The recogniser of face-api and MobileFace V2, where that pack is installed.
    WithMobileFace,
}

/// How one network's cosine counts: `weight × (cosine − mean) / spread`. Mean and spread are those of
/// impostor pairs.
struct Part {
    weight: f32,
    mean: f32,
    spread: f32,
}

impl RecogniserSet {
    /// The name that templates carry.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Default => "face-api+faceres/1",
            Self::WithMobileFace => "face-api+mobileface-v2/1",
        }
    }

    /// The set of that name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Default, Self::WithMobileFace].into_iter().find(|s| s.name() == name)
    }

    const fn parts(self) -> [Part; 2] {
        const FACE_API: Part = Part { weight: 0.0, mean: 0.8452, spread: 0.0333 };
        match self {
            Self::Default => {
                [Part { weight: 0.75, ..FACE_API }, Part { weight: 0.25, mean: 0.5552, spread: 0.0605 }]
            }
            // Portraits of photographed cards and selfies are held apart best by these (`examples/measure_cards`).
            Self::WithMobileFace => {
                [Part { weight: 0.45, ..FACE_API }, Part { weight: 0.55, mean: 0.0170, spread: 0.0962 }]
            }
        }
    }

    /// From this score on, two faces are taken for the same person's.
    const fn same_from(self) -> f32 {
        match self {
            Self::Default => 2.95,
            Self::WithMobileFace => 3.66,
        }
    }

    /// Below this score, two faces are taken for different people's.
    const fn different_below(self) -> f32 {
        match self {
            Self::Default => 1.6,
            Self::WithMobileFace => 1.8,
        }
    }

    /// Measured over 324,290 impostor pairs (`docs/measurements.md`, Faces); a point rests on ten or more.
    const fn curve(self) -> Curve {
        const FLOOR: f32 = 1e-5;
        let points: &[(f32, f32)] = match self {
            Self::Default => &[
                (-2.0, -0.008),
                (-1.5, -0.026),
                (-1.0, -0.064),
                (-0.5, -0.140),
                (0.0, -0.272),
                (0.5, -0.477),
                (1.0, -0.789),
                (1.5, -1.259),
                (2.0, -1.964),
                (2.5, -3.021),
                (3.0, -4.335),
            ],
            Self::WithMobileFace => &[
                (-2.0, -0.001),
                (-1.5, -0.011),
                (-1.0, -0.049),
                (-0.5, -0.147),
                (0.0, -0.324),
                (0.5, -0.569),
                (1.0, -0.878),
                (1.5, -1.249),
                (2.0, -1.703),
                (2.5, -2.241),
                (3.0, -2.887),
                (3.5, -3.733),
            ],
        };
        Curve { points, floor: FLOOR }
    }

    /// Compares two templates of this set.
    fn compare(self, a: &FaceTemplate, b: &FaceTemplate) -> Option<FaceMatch> {
        let parts = self.parts();
        if a.vectors.len() != parts.len() || b.vectors.len() != parts.len() {
            return None;
        }
        let mut score = 0.0;
        for ((part, a), b) in parts.iter().zip(&a.vectors).zip(&b.vectors) {
            score += part.weight * (cosine(a, b)? - part.mean) / part.spread;
        }
        Some(self.judged(score))
    }

    fn judged(self, score: f32) -> FaceMatch {
        let band = if score >= self.same_from() {
            Band::Same
        } else if score < self.different_below() {
            Band::Different
        } else {
            Band::Uncertain
        };
        FaceMatch { score, band, fmr: self.curve().at(score) }
    }
}

/// Compares two templates; both must carry the name of one set.
pub(super) fn compare(a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError> {
    RecogniserSet::named(&a.recogniser)
        .filter(|_| a.recogniser == b.recogniser)
        .and_then(|set| set.compare(a, b))
        .ok_or_else(|| SeeError::Incomparable(a.recogniser.clone(), b.recogniser.clone()))
}

/// Compares a template with several of one face. The false-match rate stated for the mean of scores is that of a
/// single one, which is an upper bound.
pub(super) fn compare_several(a: &FaceTemplate, several: &[FaceTemplate]) -> Result<FaceMatch, SeeError> {
    let scores = several.iter().map(|b| Ok(compare(a, b)?.score)).collect::<Result<Vec<f32>, SeeError>>()?;
    let set = RecogniserSet::named(&a.recogniser).filter(|_| !scores.is_empty());
    let set = set.ok_or_else(|| SeeError::Incomparable(a.recogniser.clone(), String::new()))?;
    Ok(set.judged(scores.iter().sum::<f32>() / scores.len() as f32))
}

/// Cosine of the angle between two vectors of equal length; `None` when one has no direction.
fn cosine(a: &[f32], b: &[f32]) -> Option<f32> {
    let dot = |x: &[f32], y: &[f32]| x.iter().zip(y).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum::<f64>();
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    let cosine = dot(a, b) / lengths;
    (a.len() == b.len() && cosine.is_finite()).then_some(cosine as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETS: [RecogniserSet; 2] = [RecogniserSet::Default, RecogniserSet::WithMobileFace];

    fn template(set: RecogniserSet, cosine: f32) -> FaceTemplate {
        let vector = vec![cosine, (1.0 - cosine * cosine).sqrt()];
        FaceTemplate { recogniser: set.name().to_owned(), vectors: vec![vector.clone(), vector] }
    }

    #[test]
    fn a_set_is_known_by_the_name_in_its_templates() {
        for set in SETS {
            assert_eq!(RecogniserSet::named(set.name()), Some(set));
        }
        assert_eq!(RecogniserSet::named("dlib/1"), None);
    }

    #[test]
    fn the_more_alike_the_higher_the_score_and_the_rarer_by_chance() {
        for set in SETS {
            let one = template(set, 1.0);
            let matches: Vec<FaceMatch> = [0.0, 0.5, 0.9, 0.95, 0.99, 1.0]
                .map(|cosine| compare(&one, &template(set, cosine)).unwrap())
                .into();
            assert!(matches.is_sorted_by(|a, b| a.score < b.score && a.fmr >= b.fmr), "{matches:?}");
            assert_eq!(matches[0].band, Band::Different);
            assert_eq!(matches[5].band, Band::Same);
        }
    }

    #[test]
    fn several_templates_count_by_the_mean_of_their_scores() {
        let set = RecogniserSet::Default;
        let (one, near, far) = (template(set, 1.0), template(set, 0.97), template(set, 0.7));
        let alone = |t: &FaceTemplate| compare(&one, t).unwrap();
        let both = compare_several(&one, &[near.clone(), far.clone()]).unwrap();
        assert!((both.score - (alone(&near).score + alone(&far).score) / 2.0).abs() < 1e-4);
        assert_eq!(compare_several(&one, std::slice::from_ref(&near)).unwrap(), alone(&near));
        assert!(compare_several(&one, &[]).is_err());
    }

    #[test]
    fn the_band_same_begins_below_one_false_match_in_ten_thousand() {
        for set in SETS {
            assert!(set.different_below() < set.same_from());
            assert!(set.curve().at(set.same_from()) <= 1e-4, "{set:?}");
        }
    }

    #[test]
    fn templates_that_do_not_belong_together_are_refused() {
        let [a, b] = SETS.map(|set| template(set, 1.0));
        assert!(matches!(compare(&a, &b), Err(SeeError::Incomparable(..))));
        let short = FaceTemplate { vectors: a.vectors[..1].to_vec(), ..a.clone() };
        assert!(compare(&a, &short).is_err());
        for bad in [vec![0.0, 0.0], vec![f32::NAN, 1.0], vec![1.0]] {
            let spoiled = FaceTemplate { vectors: vec![bad, vec![1.0, 0.0]], ..a.clone() };
            assert!(compare(&a, &spoiled).is_err(), "{:?}", spoiled.vectors);
        }
    }
}
