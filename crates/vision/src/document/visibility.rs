//! How well a document can be seen: size, blur, light, glare, what is cut off or covered.

use std::collections::BTreeMap;

use image::{GrayImage, RgbImage};
use shiren_core::see::Region;
use shiren_core::verification::{Finding, ReasonCode, Severity};

use super::sheet::{Sheet, WIDTH};
use crate::picture::quality::{self, Exposure};

/// Measurements by name, units in the name.
pub type Measures = BTreeMap<&'static str, f32>;

/// Width of the view in which a card is judged, pixels.
const VIEW: u32 = 1280;

/// Judges a sheet; `Measures` gets what the findings rest on.
pub fn judge(sheet: &Sheet<'_>, measures: &mut Measures) -> Vec<Finding> {
    let view = sheet.view(VIEW);
    let grey = quality::luma(&view);
    let mut findings = Vec::new();
    size(sheet, measures, &mut findings);
    blur(sheet, &grey, measures, &mut findings);
    light(sheet, &grey, measures, &mut findings);
    glare(sheet, &view, measures, &mut findings);
    findings
}

fn whole(sheet: &Sheet<'_>) -> Region {
    sheet.place(&Region::rect(0.0, 0.0, WIDTH, sheet.height()))
}

fn size(sheet: &Sheet<'_>, measures: &mut Measures, findings: &mut Vec<Finding>) {
    let width = sheet.magnification() * WIDTH;
    measures.insert("card_width_px", width.round());
    let _ = findings;
}

fn blur(sheet: &Sheet<'_>, grey: &GrayImage, measures: &mut Measures, findings: &mut Vec<Finding>) {
    if let Some(b) = quality::blur(grey) {
        measures.insert("blur_px", b.worst());
        measures.insert("blur_across_px", b.across_px);
        measures.insert("blur_down_px", b.down_px);
    }
    let _ = (sheet, findings, Severity::Fail, ReasonCode::PhotoBlurred);
}

fn light(sheet: &Sheet<'_>, grey: &GrayImage, measures: &mut Measures, findings: &mut Vec<Finding>) {
    let e = Exposure::of(grey);
    measures.insert("luma_p05", e.p05);
    measures.insert("luma_p50", e.p50);
    measures.insert("luma_p95", e.p95);
    measures.insert("over_share", e.over);
    let _ = (sheet, findings, whole(sheet));
}

fn glare(sheet: &Sheet<'_>, view: &RgbImage, measures: &mut Measures, findings: &mut Vec<Finding>) {
    measures.insert("burnt_share", quality::burnt_out(view));
    let _ = (sheet, findings);
}
