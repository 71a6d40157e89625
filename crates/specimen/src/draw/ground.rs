//! Grounds: soft colours under fine waving lines, after the manner of guilloche.

use crate::canvas::{Canvas, Colour, mix};

/// Colours and rhythm of a ground.
pub(super) struct Ground {
    pub(super) left: Colour,
    pub(super) right: Colour,
    pub(super) lines: Colour,
    /// Millimetres between the lines.
    pub(super) spacing: f32,
    /// Centre and radius of a rosette, in millimetres.
    pub(super) rosette: (f32, f32, f32),
}

impl Ground {
    /// Paints the whole sheet.
    pub(super) fn paint(&self, canvas: &mut Canvas, width_mm: f32) {
        let (cx, cy, radius) = self.rosette;
        canvas.paint(|x, y, _| {
            let base = mix(self.left, self.right, x / width_mm + 0.08 * (y * 0.25).sin());
            let wave = y + 1.1 * (x * 0.21).sin() + 0.45 * (x * 0.57 + y * 0.1).sin();
            let cross = y - 1.3 * (x * 0.17 + 1.0).sin() + 0.3 * (x * 0.71).cos();
            let (dx, dy) = (x - cx, y - cy);
            let r = dx.hypot(dy);
            let petals = r + 0.9 * (12.0 * dy.atan2(dx)).sin();
            let inside = ((radius - r) / radius).clamp(0.0, 1.0).sqrt();
            let strength = 0.22 * line(wave, self.spacing)
                + 0.16 * line(cross, self.spacing * 1.4)
                + 0.35 * inside * line(petals, self.spacing * 0.8);
            mix(base, self.lines, strength)
        });
    }
}

/// 1 on a line, 0 between: lines a sixth of their spacing wide, with soft edges.
fn line(phase: f32, spacing: f32) -> f32 {
    let to_line = (phase / spacing).rem_euclid(1.0) - 0.5;
    (1.0 - (to_line.abs() / 0.16)).clamp(0.0, 1.0)
}
