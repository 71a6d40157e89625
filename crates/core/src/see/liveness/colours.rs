//! Colours that the screen shows in an order drawn by chance, and how much of it a face gives back.
//!
//! A face before a screen is lit by it; a video that was made before, or is played into the camera's place, does not
//! know the order. How much is seen depends on the room's light, the screen's and the skin, so that the score is a
//! signal and never the reason alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the whole screen shows for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScreenColour {
    /// Red.
    Red,
    /// Green.
    Green,
    /// Blue.
    Blue,
    /// White.
    White,
}

impl ScreenColour {
    const ALL: [Self; 4] = [Self::Red, Self::Green, Self::Blue, Self::White];

    /// The name used on the channel.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::White => "white",
        }
    }

    /// Shares of red, green and blue light.
    const fn light(self) -> [f32; 3] {
        match self {
            Self::Red => [1.0, 0.0, 0.0],
            Self::Green => [0.0, 1.0, 0.0],
            Self::Blue => [0.0, 0.0, 1.0],
            Self::White => [1.0 / 3.0; 3],
        }
    }
}

/// Milliseconds for which a colour is shown: two changes in a second, where WCAG 2.2 (2.3.1) allows three flashes.
const SHOWN_MS: u64 = 500;
/// Milliseconds by which what is seen may be late: network, screen, camera and the way back.
const LATEST_MS: u64 = 800;
/// Steps in which the delay is looked for.
const DELAY_STEP_MS: u64 = 50;
/// Samples below which nothing is said.
const FEWEST: usize = 12;
/// More samples than any page sends in the time.
const MOST: usize = 512;

/// What a face and what is behind it look like in one frame: means of red, green and blue, 0–255.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lit {
    /// Of the skin of cheeks and forehead.
    pub face: [f32; 3],
    /// Of the frame's upper corners.
    pub background: [f32; 3],
}

/// The colours of one capture, and what was seen while they were shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColourCheck {
    colours: Vec<ScreenColour>,
    started_ms: Option<u64>,
    samples: Vec<(u64, Lit)>,
}

/// How the colours came out: kept with the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ColourProof {
    /// What was shown, in order.
    pub shown: Vec<ScreenColour>,
    /// Frames that were measured meanwhile.
    pub samples: u32,
    /// Correlation of the face's colour with what was shown, in thousandths; `None` when there was too little to see.
    pub score_milli: Option<i32>,
    /// How late it was seen, in milliseconds.
    pub delay_ms: u64,
}

impl ColourCheck {
    /// Draws so many colours, no two equal ones in a row. `entropy` must be unpredictable and used for nothing else.
    pub fn draw(count: u8, entropy: &[u8; 32]) -> Self {
        let mut colours: Vec<ScreenColour> = Vec::new();
        for byte in entropy.iter().take(usize::from(count)) {
            let others: Vec<ScreenColour> =
                ScreenColour::ALL.into_iter().filter(|c| colours.last() != Some(c)).collect();
            colours.push(others[usize::from(*byte) * others.len() / 256]);
        }
        Self { colours, started_ms: None, samples: Vec::new() }
    }

    /// Takes the next frame; gives what the screen should show now, or `None` when it is over.
    pub fn advance(&mut self, lit: Option<Lit>, at_ms: u64) -> Option<ScreenColour> {
        let started = *self.started_ms.get_or_insert(at_ms);
        let since = at_ms.saturating_sub(started);
        if let Some(lit) = lit.filter(|_| self.samples.len() < MOST && !self.is_over(since)) {
            self.samples.push((since, lit));
        }
        if self.is_over(since) {
            return None;
        }
        // The last one stays until the last delay is over.
        let number = usize::try_from(since / SHOWN_MS).unwrap_or(usize::MAX);
        self.colours.get(number).or(self.colours.last()).copied()
    }

    fn is_over(&self, since: u64) -> bool {
        self.colours.is_empty() || since >= SHOWN_MS * self.colours.len() as u64 + LATEST_MS
    }

    /// How it came out.
    pub fn proof(&self) -> ColourProof {
        let delays = (0..=LATEST_MS / DELAY_STEP_MS).map(|n| n * DELAY_STEP_MS);
        let best = delays
            .filter_map(|delay| Some((self.correlation(delay)?, delay)))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        ColourProof {
            shown: self.colours.clone(),
            samples: u32::try_from(self.samples.len()).unwrap_or(u32::MAX),
            score_milli: best.map(|(score, _)| (score * 1_000.0).round() as i32),
            delay_ms: best.map_or(0, |(_, delay)| delay),
        }
    }

    /// Pearson's, over all frames and the three channels, of what was shown so long before and how the face's colour
    /// differs from the background's. Shares of each channel, so that exposure does not count; against the
    /// background, so that the camera's white balance counts little.
    fn correlation(&self, delay_ms: u64) -> Option<f32> {
        let seen: Vec<([f32; 3], [f32; 3])> = self
            .samples
            .iter()
            .filter_map(|(at, lit)| {
                let number = usize::try_from(at.checked_sub(delay_ms)? / SHOWN_MS).ok()?;
                let shown = self.colours.get(number)?.light();
                let (face, behind) = (shares(lit.face)?, shares(lit.background)?);
                Some((shown, std::array::from_fn(|c| face[c] - behind[c])))
            })
            .collect();
        if seen.len() < FEWEST {
            return None;
        }
        let count = seen.len() as f32;
        let (mut both, mut shown2, mut seen2) = (0.0, 0.0, 0.0);
        for c in 0..3 {
            let shown_mean = seen.iter().map(|s| s.0[c]).sum::<f32>() / count;
            let seen_mean = seen.iter().map(|s| s.1[c]).sum::<f32>() / count;
            for (shown, lit) in &seen {
                let (a, b) = (shown[c] - shown_mean, lit[c] - seen_mean);
                (both, shown2, seen2) = (both + a * b, shown2 + a * a, seen2 + b * b);
            }
        }
        let score = both / (shown2 * seen2).sqrt();
        score.is_finite().then_some(score)
    }
}

/// Each channel's share of the light, with the screen's gamma of 2.2 taken off; `None` of black.
fn shares(rgb: [f32; 3]) -> Option<[f32; 3]> {
    let linear = rgb.map(|v| (v.clamp(0.0, 255.0) / 255.0).powf(2.2));
    let sum: f32 = linear.iter().sum();
    (sum.is_finite() && sum > 1e-4).then(|| linear.map(|v| v / sum))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SKIN: [f32; 3] = [0.30, 0.18, 0.13];

    /// Frames 100 ms apart of a face that gives back `alpha` of what `screen` showed so long before.
    fn watched(check: &mut ColourCheck, screen: &ColourCheck, alpha: f32, late_ms: u64) -> ColourProof {
        let gamma = |v: f32| 255.0 * v.clamp(0.0, 1.0).powf(1.0 / 2.2);
        let mut at = 10_000u64;
        loop {
            let since = at - 10_000;
            let number = since.saturating_sub(late_ms) / SHOWN_MS;
            let light = screen.colours.get(number as usize).map_or([0.0; 3], |c| c.light());
            // What moves by itself: a face that sways in the room's light.
            let sway = 1.0 + 0.04 * (since as f32 / 700.0).sin();
            let face = std::array::from_fn(|c| {
                gamma(SKIN[c] * (sway + alpha * light[c]) + 0.002 * jitter(at + c as u64))
            });
            let lit = Lit { face, background: [0.2, 0.2, 0.22].map(|v| gamma(v + 0.002 * jitter(at))) };
            if check.advance(Some(lit), at).is_none() {
                return check.proof();
            }
            at += 100;
        }
    }

    fn jitter(seed: u64) -> f32 {
        (seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / (1u64 << 24) as f32 - 0.5
    }

    fn drawn(n: u8) -> ColourCheck {
        ColourCheck::draw(
            8,
            &std::array::from_fn(|i| n.wrapping_mul(67).wrapping_add((i as u8).wrapping_mul(29))),
        )
    }

    #[test]
    fn a_face_that_gives_the_colours_back_scores_high_however_late() {
        for late in [0, 150, 300, 600] {
            let mut check = drawn(3);
            let screen = check.clone();
            let proof = watched(&mut check, &screen, 0.2, late);
            assert!(proof.score_milli.unwrap() > 800, "{late}: {proof:?}");
            assert!(proof.delay_ms.abs_diff(late) <= 100, "{late}: {proof:?}");
        }
    }

    #[test]
    fn a_face_lit_by_other_colours_or_none_scores_low() {
        let screen = drawn(9);
        assert_ne!(screen.colours, drawn(3).colours);
        let other = watched(&mut drawn(3), &screen, 0.2, 150);
        let none = watched(&mut drawn(3), &screen, 0.0, 150);
        assert!(other.score_milli.unwrap() < 600, "{other:?}");
        assert!(none.score_milli.unwrap() < 400, "{none:?}");
    }

    #[test]
    fn too_few_frames_say_nothing() {
        let mut check = drawn(1);
        check.advance(None, 0);
        assert_eq!(check.proof().score_milli, None);
    }

    proptest! {
        #[test]
        fn no_colour_follows_itself_and_as_many_are_shown_as_were_drawn(count in 0u8..32, entropy in any::<[u8; 32]>()) {
            let check = ColourCheck::draw(count, &entropy);
            prop_assert_eq!(check.colours.len(), usize::from(count));
            prop_assert!(check.colours.windows(2).all(|pair| pair[0] != pair[1]));
        }

        #[test]
        fn whatever_is_seen_the_score_is_a_correlation(
            samples in prop::collection::vec((any::<[f32; 3]>(), any::<[f32; 3]>(), 0u64..400), 0..80)
        ) {
            let mut check = drawn(5);
            let mut at = 0;
            for (face, background, step) in samples {
                at += step;
                check.advance(Some(Lit { face, background }), at);
            }
            let score = check.proof().score_milli.unwrap_or_default();
            prop_assert!((-1001..=1001).contains(&score));
        }
    }
}
