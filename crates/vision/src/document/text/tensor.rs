//! Pictures as the text models want them.

use image::RgbImage;
use ndarray::ArrayD;

/// `1×3×H×W`, channels in the order blue, green, red, values −1 to 1: both PP-OCR models were trained on
/// pictures loaded by OpenCV and normalised by mean and deviation .5 (rapidocr 3.10 `config.yaml`).
pub(super) fn bgr(p: &RgbImage) -> ArrayD<f32> {
    let (w, h) = (p.width() as usize, p.height() as usize);
    let mut out = vec![0.0f32; 3 * w * h];
    let (blue, rest) = out.split_at_mut(w * h);
    let (green, red) = rest.split_at_mut(w * h);
    for (i, c) in p.as_raw().chunks_exact(3).enumerate() {
        blue[i] = f32::from(c[2]) / 127.5 - 1.0;
        green[i] = f32::from(c[1]) / 127.5 - 1.0;
        red[i] = f32::from(c[0]) / 127.5 - 1.0;
    }
    ArrayD::from_shape_vec(vec![1, 3, h, w], out).unwrap_or_else(|_| ArrayD::zeros(vec![1, 3, 0, 0]))
}
