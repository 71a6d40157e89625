//! What the frame of a video shows of a face: few measures, all of them cheap.

use image::{GrayImage, RgbImage};
use shiren_core::see::liveness::FaceSeen;

use super::mesh::Face;
use super::view::{EYE_DISTANCE, FaceView};
use crate::picture::quality::{Exposure, blur, luma};

/// The face, and the 95th percentile of its luminance, 0–255.
pub(crate) fn seen(frame: &RgbImage, face: &Face) -> (FaceSeen, f32) {
    let pose = face.pose();
    let view = FaceView::of(frame, face);
    let light = view.as_ref().map(|view| Exposure::of(&view.cropped()));
    let seen = FaceSeen {
        region: face.region(),
        yaw_deg: pose.yaw,
        pitch_deg: pose.pitch,
        roll_deg: pose.roll,
        eyes_open: face.eyes_open(),
        mouth_open: face.mouth_open(),
        presence: face.presence_logit(),
        burnt_out_share: light.map_or(0.0, |l| l.over),
        blur: view.and_then(|view| blur(&view.cropped())).map(|b| b.worst() / EYE_DISTANCE),
    };
    (seen, light.map_or_else(|| brightness(&luma(frame)), |l| l.p95))
}

/// The 95th percentile of a picture's luminance, 0–255.
pub(crate) fn brightness(grey: &GrayImage) -> f32 {
    Exposure::of(grey).p95
}
