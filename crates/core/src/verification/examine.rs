//! From what eyes reported about the pictures of one session to its checks.

use jiff::civil::Date;

use super::check::{self, Check, Declared, LiveProof};
use super::program::{CheckKind, Method, Mode, Program, Step, Thresholds};
use super::{Finding, ReasonCode, Severity};
use crate::see::{DocumentReading, FaceMatch, FaceReading, PhotoReading, Shot};

/// What eyes reported about one picture.
#[derive(Clone, Debug, Default)]
pub struct Material {
    /// The id of the step that asked for it.
    pub step: String,
    /// Why it cannot be used at all: one of the `picture_*` codes. Nothing else is then looked at.
    pub refused: Option<ReasonCode>,
    /// What judging it gave, where that was asked.
    pub photo: Option<PhotoReading>,
    /// What reading it gave, where the step reads a document.
    pub document: Option<DocumentReading>,
    /// The document in the person's hand, where the shot is of that.
    pub held: Option<DocumentReading>,
    /// Its face, or the portrait on the document, where the step has one.
    pub face: Option<FaceReading>,
    /// What the person did while it was captured live.
    pub live: Option<LiveProof>,
}

/// Everything that one session has gathered.
#[derive(Clone, Copy, Debug)]
pub struct Dossier<'a> {
    /// At most one for each step.
    pub materials: &'a [Material],
    /// What the person entered.
    pub declared: Declared<'a>,
    /// The selfie compared with the portrait, where both have a face.
    pub face: Option<FaceMatch>,
}

/// Makes every check of the method that the material allows. What it does not allow is left out, and
/// [`super::decide()`] counts it as missing.
pub fn examine(
    program: &Program,
    method: &Method,
    mode: Mode,
    dossier: &Dossier<'_>,
    today: Date,
) -> Vec<Check> {
    let asks = |kind| method.checks.contains(&kind);
    let seen: Vec<(&Step, &Material)> = method
        .steps
        .iter()
        .filter_map(|s| dossier.materials.iter().find(|m| m.step == s.id).map(|m| (s, m)))
        .collect();
    let mut checks = vec![materials(method, mode, dossier)];
    for (step, material) in &seen {
        if let Some(code) = material.refused {
            checks.push(Check::new(CheckKind::Photo, &[&step.id], vec![Finding::fail(code)]));
            continue;
        }
        if asks(CheckKind::Photo) {
            let findings = photo(step, material, &program.thresholds);
            checks.push(Check::new(CheckKind::Photo, &[&step.id], findings));
        }
        if let Some(reading) = material.document.as_ref().filter(|_| asks(CheckKind::Document)) {
            checks.push(Check::new(CheckKind::Document, &[&step.id], document(step, reading, today)));
        }
    }
    let usable = seen.into_iter().filter(|(_, m)| m.refused.is_none());
    let usable: Vec<(&Step, &Material)> = usable.collect();
    if asks(CheckKind::Together) {
        checks.extend(together(&usable, &dossier.declared));
        checks.extend(held(&usable));
    }
    if asks(CheckKind::Issuer) {
        checks.extend(issuer(&usable, method, today));
    }
    if asks(CheckKind::Face) {
        checks.extend(face(&usable, dossier.face));
    }
    if asks(CheckKind::Liveness) {
        checks.extend(usable.iter().filter_map(|(s, m)| Some(check::liveness(&s.id, m.live.as_ref()?))));
    }
    checks
}

/// What the person must enter and has not. Missing pictures are found by [`super::decide()`].
fn materials(method: &Method, mode: Mode, dossier: &Dossier<'_>) -> Check {
    let empty = |said: Option<&str>| said.is_none_or(|s| s.trim().is_empty());
    let missing: Vec<&str> = [
        ("name", method.declare.name, dossier.declared.name),
        ("id_number", method.declare.id_number, dossier.declared.id_number),
    ]
    .into_iter()
    .filter(|(_, need, said)| need.in_mode(mode) && empty(*said))
    .map(|(item, ..)| item)
    .collect();
    let findings = if missing.is_empty() { vec![] } else { vec![Finding::fail(ReasonCode::MaterialMissing)] };
    Check::new(CheckKind::Materials, &missing, findings)
}

/// Whether a finding is about the picture rather than about the document in it.
fn about_the_photo(finding: &Finding) -> bool {
    let name = finding.code.name();
    name.starts_with("photo_") || name.starts_with("picture_")
}

fn photo(step: &Step, material: &Material, limits: &Thresholds) -> Vec<Finding> {
    let mut findings: Vec<Finding> = material.photo.iter().flat_map(|p| p.findings.iter().copied()).collect();
    if let Some(document) = &material.document {
        findings.extend(document.findings.iter().filter(|f| about_the_photo(f)));
    }
    let measure = |key| {
        let of_document = material.document.as_ref().and_then(|d| d.measures.get(key));
        of_document.or_else(|| material.photo.as_ref()?.measures.get(key)).copied()
    };
    // How large is large enough is the program's to say, not the eyes'.
    let card = material.document.as_ref().and_then(|d| d.card);
    // A document in hand is never as large as one that fills the picture, and a licence is a whole sheet of small print:
    // there it is whether it can be read, which the eyes tell.
    if !matches!(step.shot, Shot::Handheld | Shot::BusinessLicence) {
        let width = measure("card_width_px");
        limit(&mut findings, ReasonCode::PhotoTooSmall, width, limits.min_card_width_px, card);
    }
    if step.shot == Shot::Selfie {
        let face = material.face.as_ref();
        let eyes = face.and_then(|f| f.measures.get("eye_distance_px").copied());
        let eyes = eyes.or_else(|| measure("eye_distance_px"));
        let place = face.map(|f| f.region);
        limit(&mut findings, ReasonCode::FaceTooSmall, eyes, limits.min_eye_distance_px, place);
    }
    findings
}

/// Replaces the eyes' opinion by the program's where the measure is known.
fn limit(
    findings: &mut Vec<Finding>,
    code: ReasonCode,
    measured: Option<f32>,
    least: f32,
    place: Option<crate::see::Region>,
) {
    let Some(measured) = measured else { return };
    findings.retain(|f| f.code != code);
    if measured < least {
        findings.push(Finding { code, severity: Severity::Fail, region: place });
    }
}

fn document(step: &Step, reading: &DocumentReading, today: Date) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        reading.findings.iter().filter(|f| !about_the_photo(f)).copied().collect();
    findings.extend(check::document(reading, today));
    // Eyes say so themselves; a reading that is of something else must not pass even if they do not.
    let told = reading.findings.iter().any(|f| f.severity == Severity::Fail);
    match reading.kind {
        None if !told => findings.push(Finding::fail(ReasonCode::DocumentNotFound)),
        Some(kind) if step.reads.is_some_and(|expected| expected != kind) => {
            let wrong = [ReasonCode::DocumentWrongSide, ReasonCode::DocumentWrongType];
            if !findings.iter().any(|f| wrong.contains(&f.code)) {
                findings.push(Finding::fail(ReasonCode::DocumentWrongType));
            }
        }
        _ => {}
    }
    findings
}

/// One check for each document that disagrees, or one for all when none does.
fn together(usable: &[(&Step, &Material)], declared: &Declared<'_>) -> Vec<Check> {
    let read: Vec<(&str, &DocumentReading)> =
        usable.iter().filter_map(|(s, m)| Some((s.id.as_str(), m.document.as_ref()?))).collect();
    if read.is_empty() {
        return Vec::new();
    }
    let documents: Vec<&DocumentReading> = read.iter().map(|(_, d)| *d).collect();
    let found = check::together(&documents, declared);
    let mut checks = Vec::new();
    for (i, (step, _)) in read.iter().enumerate() {
        let here: Vec<Finding> = found.iter().filter(|(at, _)| *at == i).map(|(_, f)| *f).collect();
        if !here.is_empty() {
            checks.push(Check::new(CheckKind::Together, &[step], here));
        }
    }
    if checks.is_empty() {
        let steps: Vec<&str> = read.iter().map(|(s, _)| *s).collect();
        checks.push(Check::new(CheckKind::Together, &steps, Vec::new()));
    }
    checks
}

/// The document in the person's hand against the one that was shown before.
fn held(usable: &[(&Step, &Material)]) -> Option<Check> {
    let (step, held) = usable.iter().find_map(|(s, m)| Some((*s, m.held.as_ref()?)))?;
    let shown = |s: &Step| matches!(s.shot, Shot::IdFront | Shot::Passport) && s.id != step.id;
    let (before, document) =
        usable.iter().find_map(|(s, m)| Some((*s, m.document.as_ref()?)).filter(|_| shown(s)))?;
    let found = check::held(document, held).into_iter().collect();
    Some(Check::new(CheckKind::Together, &[&step.id, &before.id], found))
}

fn issuer(usable: &[(&Step, &Material)], method: &Method, today: Date) -> Vec<Check> {
    usable
        .iter()
        .filter_map(|(step, m)| {
            let reading = m.document.as_ref().filter(|d| check::tells_its_issuer(d))?;
            let found = check::issuer(reading, method.document, today).into_iter().collect();
            Some(Check::new(CheckKind::Issuer, &[&step.id], found))
        })
        .collect()
}

/// The comparison, or which of the two pictures has no face.
fn face(usable: &[(&Step, &Material)], compared: Option<FaceMatch>) -> Option<Check> {
    let selfie = usable.iter().find(|(s, _)| s.shot == Shot::Selfie)?;
    let portrait = usable.iter().find(|(s, _)| s.portrait)?;
    // A face on another document, or on its other side, is nobody's portrait; what is wrong is told already.
    if portrait.0.reads.is_some() && portrait.1.document.as_ref().and_then(|d| d.kind) != portrait.0.reads {
        return None;
    }
    let faceless: Vec<&str> = [portrait, selfie]
        .into_iter()
        .filter(|(_, m)| m.face.is_none())
        .map(|(s, _)| s.id.as_str())
        .collect();
    if !faceless.is_empty() {
        return Some(Check::new(CheckKind::Face, &faceless, vec![Finding::fail(ReasonCode::FaceNotFound)]));
    }
    let steps = [portrait.0.id.as_str(), selfie.0.id.as_str()];
    Some(Check { face: compared, ..Check::new(CheckKind::Face, &steps, Vec::new()) })
}

#[cfg(test)]
mod tests;
