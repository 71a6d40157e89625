//! How the frames come in: cameras have names, sizes and rhythms of their own. What is odd is a signal and nothing
//! more: who sends frames made elsewhere can imitate all of it.

use std::collections::BTreeSet;

use super::FrameReading;
use crate::verification::ReasonCode;

/// Intervals from which on a rhythm can be judged.
const FEWEST: u32 = 40;
/// A line, a browser's timer and a camera together never keep time to within this many milliseconds (standard
/// deviation); a program that sleeps between two frames of a file does so on a quiet machine.
const REGULAR_MS: f64 = 1.0;
/// Share of frames that are the one before to the last grey value. A camera at 15 frames in a second that is asked
/// 12 times gives none; in poor light half may be.
const DUPLICATES: f64 = 0.6;

/// What is remembered of a stream's rhythm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pulse {
    last: Option<(u64, u64)>,
    size: Option<(u32, u32)>,
    intervals: u32,
    sum: f64,
    squares: f64,
    duplicates: u32,
    resized: bool,
}

impl Pulse {
    /// Takes one more frame.
    pub fn take(&mut self, reading: &FrameReading, at_ms: u64) {
        let size = (reading.width, reading.height);
        // A phone that is turned swaps its sides; that is no other camera.
        let turned = |(w, h): (u32, u32)| size == (w, h) || size == (h, w);
        self.resized |= self.size.is_some_and(|before| !turned(before));
        self.size = Some(size);
        if let Some((before_ms, before)) = self.last.replace((at_ms, reading.hash.exact)) {
            let interval = at_ms.saturating_sub(before_ms) as f64;
            self.intervals = self.intervals.saturating_add(1);
            (self.sum, self.squares) = (self.sum + interval, self.squares + interval * interval);
            self.duplicates += u32::from(before == reading.hash.exact);
        }
    }

    /// Whatever comes next may have another size.
    pub fn forget_size(&mut self) {
        self.size = None;
    }

    /// What is odd about them.
    pub fn signals(&self) -> BTreeSet<ReasonCode> {
        let n = f64::from(self.intervals);
        let enough = self.intervals >= FEWEST;
        let spread = || (self.squares / n - (self.sum / n).powi(2)).max(0.0).sqrt();
        let odd = enough && (spread() < REGULAR_MS || f64::from(self.duplicates) / n > DUPLICATES);
        let signals = [(odd, ReasonCode::FrameTimingOdd), (self.resized, ReasonCode::CameraChanged)];
        signals.into_iter().filter(|(is, _)| *is).map(|(_, code)| code).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::FrameHash;
    use super::*;

    fn frame(number: u64, width: u32, height: u32) -> FrameReading {
        let hash = FrameHash { exact: number, likeness: number };
        FrameReading {
            width,
            height,
            hash,
            faces: 0,
            face: None,
            hand: None,
            lit: None,
            brightness_p95: 100.0,
        }
    }

    fn signals(frames: impl Iterator<Item = (u64, FrameReading)>) -> Vec<ReasonCode> {
        let mut pulse = Pulse::default();
        frames.for_each(|(at, reading)| pulse.take(&reading, at));
        pulse.signals().into_iter().collect()
    }

    /// As browsers send: late by a few milliseconds, now and then by more.
    fn late(n: u64) -> u64 {
        100 * n + n * 7 % 5 + if n.is_multiple_of(13) { 30 } else { 0 }
    }

    #[test]
    fn frames_of_a_camera_over_a_line_are_nothing_special() {
        assert_eq!(signals((0..90).map(|n| (late(n), frame(n, 480, 640)))), []);
        // In poor light each comes twice.
        assert_eq!(signals((0..90).map(|n| (late(n), frame(n / 2, 480, 640)))), []);
        // Held upright, then across.
        assert_eq!(
            signals((0..9).map(|n| (late(n), if n < 5 { frame(n, 480, 640) } else { frame(n, 640, 480) }))),
            []
        );
    }

    #[test]
    fn a_clockwork_and_frames_that_hardly_change_are_odd() {
        assert_eq!(signals((0..90).map(|n| (100 * n, frame(n, 480, 640)))), [ReasonCode::FrameTimingOdd]);
        assert_eq!(signals((0..90).map(|n| (late(n), frame(n / 4, 480, 640)))), [ReasonCode::FrameTimingOdd]);
        assert_eq!(signals((0..20).map(|n| (100 * n, frame(n, 480, 640)))), [], "too few to tell");
    }

    #[test]
    fn another_size_is_another_camera() {
        let other = |n| if n < 5 { frame(n, 480, 640) } else { frame(n, 360, 640) };
        assert_eq!(signals((0..9).map(|n| (late(n), other(n)))), [ReasonCode::CameraChanged]);
        // Unless it may have one.
        let mut pulse = Pulse::default();
        for n in 0..9 {
            if n == 5 {
                pulse.forget_size();
            }
            pulse.take(&other(n), late(n));
        }
        assert!(pulse.signals().is_empty());
    }
}
