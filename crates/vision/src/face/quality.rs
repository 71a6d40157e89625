//! Judges a photo of a person: is the face there, alone, large, frontal, awake, uncovered, sharp and lit.
//!
//! The thresholds, what they were set on and how often they are wrong stand in `docs/measurements.md`, Faces.

use std::collections::BTreeMap;

use image::{GrayImage, RgbImage};
use shiren_core::see::{PhotoReading, Region};
use shiren_core::verification::{Finding, ReasonCode, Severity};

use super::cover;
use super::mesh::Face;
use super::view::{EYE_DISTANCE, EYES, FaceView, OUTLINE};
use crate::picture::quality::{Exposure, blur, luma};

/// Fewest pixels between the eyes (row B1 of the requirements).
const FEWEST_BETWEEN_EYES: f32 = 60.0;
/// Another face whose side is at least this share of the first one's is a second person, not a passer-by.
pub(super) const SECOND_PERSON: f32 = 0.5;
/// Largest yaw and pitch of a face that looks at the camera, in degrees of the mesh, which shows about .7 of
/// the true yaw.
const FRONTAL_YAW: f32 = 22.0;
const FRONTAL_PITCH: f32 = 26.0;
/// Eyes are closed when the mesh sees neither of them open this far …
const EYES_OPEN: f32 = 0.2;
/// … and neither has an iris darker than this share of the skin. The mesh alone is not enough: narrow and
/// laughing eyes read as low as closed ones.
const IRIS: f32 = 0.48;
/// Share of the outline that may lie outside the picture.
const CUT_OFF: f32 = 0.1;
/// Largest blur, in eye distances.
const BLURRED: f32 = 0.046;
/// A face whose brightest twentieth is darker than this is too dark. Highlights and not the mean, so that dark
/// skin in good light passes.
const DARK: f32 = 60.0;
/// Largest share of burnt-out pixels on a face.
const BURNT: f32 = 0.3;
/// One half of the face this many times as light as the other: uneven light.
const UNEVEN: f32 = 2.2;

/// What the picture is judged as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scene {
    /// One person's face.
    Selfie,
    /// A person who holds a document, which lies here if it was found; the portrait on it is no second person.
    Handheld(Option<Region>),
}

/// Judges `faces`, which were found in `picture`, the most prominent first.
pub(super) fn judge(picture: &RgbImage, faces: &[Face], scene: Scene) -> PhotoReading {
    let Some(face) = faces.first() else { return without_face(picture) };
    let mut findings = Vec::new();
    let mut measures = measures(face);
    let region = face.region();
    measures.insert("faces", faces.len() as f32);
    measures.insert("face_height_share", region.height() / picture.height().max(1) as f32);
    if let Some(other) = faces[1..].iter().find(|f| is_second_person(f, face, scene)) {
        findings.push(Finding::fail(ReasonCode::SeveralFaces).at(other.region()));
    }
    if face.eye_distance() < FEWEST_BETWEEN_EYES {
        findings.push(Finding::fail(ReasonCode::FaceTooSmall).at(region));
    }
    findings.extend(posture(picture, face, &mut measures));
    if let Some(view) = FaceView::of(picture, face) {
        let light = light(&view, region, &mut measures);
        let lit = light.iter().all(|f| f.severity != Severity::Fail);
        findings.extend(light);
        findings.extend(sharpness(&view, region, lit, &mut measures));
        let turned = |f: &Finding| matches!(f.code, ReasonCode::FaceNotFrontal | ReasonCode::FaceCutOff);
        let covered = cover(&view, face, &mut measures);
        // What a turned head hides is not covered: it has its own finding.
        if !findings.iter().any(turned) {
            findings.extend(covered.map(|f| f.at(region)));
        }
    }
    PhotoReading { findings, measures }
}

/// What the mesh alone tells about a face: `eye_distance_px`, `yaw_deg`, `pitch_deg`, `roll_deg`, `eyes_open`
/// (the wider eye's opening), `mouth_open`, `face_presence` (the mesh's logit), `face_score`.
pub(super) fn measures(face: &Face) -> BTreeMap<&'static str, f32> {
    let pose = face.pose();
    let [left, right] = face.eyes_open();
    BTreeMap::from([
        ("eye_distance_px", face.eye_distance()),
        ("yaw_deg", pose.yaw),
        ("pitch_deg", pose.pitch),
        ("roll_deg", pose.roll),
        ("eyes_open", left.max(right)),
        ("mouth_open", face.mouth_open()),
        ("face_presence", face.presence_logit()),
        ("face_score", face.score),
    ])
}

/// No face: was it at least light enough to see one?
fn without_face(picture: &RgbImage) -> PhotoReading {
    let mut findings = vec![Finding::fail(ReasonCode::FaceNotFound)];
    let exposure = Exposure::of(&luma(picture));
    if exposure.p95 < DARK {
        findings.push(Finding::fail(ReasonCode::PhotoTooDark));
    } else if exposure.over > 0.5 {
        findings.push(Finding::fail(ReasonCode::PhotoTooBright));
    }
    let measures = BTreeMap::from([("faces", 0.0), ("brightness_p95", exposure.p95)]);
    PhotoReading { findings, measures }
}

fn is_second_person(other: &Face, face: &Face, scene: Scene) -> bool {
    let on_card = matches!(scene, Scene::Handheld(Some(card)) if contains(&card, other));
    other.side() >= SECOND_PERSON * face.side() && !on_card
}

fn contains(region: &Region, face: &Face) -> bool {
    let (x, y, w, h) = region.bounds();
    let c = face.region().centre();
    c.x >= x && c.y >= y && c.x <= x + w && c.y <= y + h
}

/// Towards the camera, and all of it in the picture.
fn posture(picture: &RgbImage, face: &Face, measures: &mut BTreeMap<&'static str, f32>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let region = face.region();
    let (w, h) = (picture.width() as f32, picture.height() as f32);
    let outside = OUTLINE
        .iter()
        .filter(|i| {
            let p = face.point(**i);
            !(p.x >= 0.0 && p.y >= 0.0 && p.x <= w && p.y <= h)
        })
        .count() as f32
        / OUTLINE.len() as f32;
    measures.insert("face_outside_share", outside);
    if outside > CUT_OFF {
        findings.push(Finding::fail(ReasonCode::FaceCutOff).at(region));
    }
    let pose = face.pose();
    if pose.yaw.abs() > FRONTAL_YAW || pose.pitch.abs() > FRONTAL_PITCH {
        findings.push(Finding::fail(ReasonCode::FaceNotFrontal).at(region));
    }
    findings
}

/// Whether the eyes are closed or something hides a part of the face.
fn cover(view: &FaceView, face: &Face, measures: &mut BTreeMap<&'static str, f32>) -> Option<Finding> {
    if let Some((bright, contrast)) = cover::eye_light(view) {
        measures.insert("eyes_brightness", bright);
        measures.insert("eyes_contrast", contrast);
        if cover::wears_sunglasses(bright, contrast) {
            return Some(Finding::review(ReasonCode::FaceCovered));
        }
    }
    if let Some(iris) = cover::iris_darkness(view, EYES) {
        measures.insert("iris_darkness", iris);
        if iris > IRIS && face.eyes_open().into_iter().all(|open| open < EYES_OPEN) {
            return Some(Finding::review(ReasonCode::EyesClosed));
        }
    }
    cover::is_hidden(face).then_some(Finding::review(ReasonCode::FaceCovered))
}

fn light(view: &FaceView, region: Region, measures: &mut BTreeMap<&'static str, f32>) -> Vec<Finding> {
    let [left, right] = view.halves().map(|values| {
        let n = values.len() as u32;
        (Exposure::of(&row(values)), n)
    });
    let whole = Exposure::of(&row(view.halves().concat()));
    measures.insert("brightness_p50", whole.p50);
    measures.insert("brightness_p95", whole.p95);
    measures.insert("burnt_out_share", whole.over);
    let mut findings = Vec::new();
    if whole.p95 < DARK {
        findings.push(Finding::fail(ReasonCode::PhotoTooDark).at(region));
    } else if whole.over > BURNT {
        findings.push(Finding::fail(ReasonCode::PhotoTooBright).at(region));
    }
    // A face in profile shows too little of its other half to compare.
    if left.1.min(right.1) * 4 > left.1.max(right.1) {
        let (dark, bright) = (left.0.mean.min(right.0.mean), left.0.mean.max(right.0.mean));
        let uneven = bright / dark.max(1.0);
        measures.insert("light_ratio", uneven);
        if uneven > UNEVEN {
            findings.push(Finding::info(ReasonCode::PhotoUnevenLight).at(region));
        }
    }
    findings
}

fn row(values: Vec<u8>) -> GrayImage {
    GrayImage::from_raw(values.len() as u32, 1, values).unwrap_or_default()
}

/// A face always has edges: where none are left to measure in good light, they are blurred away.
fn sharpness(
    view: &FaceView,
    region: Region,
    lit: bool,
    measures: &mut BTreeMap<&'static str, f32>,
) -> Option<Finding> {
    let blurred = match blur(&view.cropped()) {
        Some(blur) => {
            let spread = blur.worst() / EYE_DISTANCE;
            measures.insert("blur_per_eye_distance", spread);
            spread > BLURRED
        }
        None => lit,
    };
    blurred.then(|| Finding::fail(ReasonCode::PhotoBlurred).at(region))
}
