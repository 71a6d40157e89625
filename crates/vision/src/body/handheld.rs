//! Judges a person with a document in hand (rows B6 and B7 of the requirements): is the document there, in the middle
//! and readable, the person large, and one whole arm to be seen.
//!
//! The thresholds and how often they are right stand in `docs/measurements.md`, A document in hand.

use shiren_core::see::{DocumentKind, DocumentReading, FieldKey, PhotoReading, Region};
use shiren_core::verification::{Finding, ReasonCode, Severity};

use super::Pose;

/// Height of the face's box in heights of the picture from which on the person is large enough. A card in hand has
/// about a third of the width that it needs to be read when the face is smaller.
const SMALLEST_PERSON: f32 = 0.12;
/// How far from the middle the document's centre may lie, in shares of the picture's width and height. Hands hold it
/// below the chin, hence the height.
const OFF_CENTRE: (f32, f32) = (0.28, 0.38);
/// How sure the network must be that there is a body at all.
const BODY: f32 = 0.5;
/// An arm is hidden when its least visible joint is less sure than the first, and seen from the second on: drawn arms
/// measure .91 and more, and .9 is what an arm reaches that the network makes up between a shoulder and a hand. In between
/// a person decides: the network was tried on drawn arms alone, and nobody is to be turned away for that.
const HIDDEN: f32 = 0.5;
const SEEN: f32 = 0.9;

/// Adds to what the face gave: `photo` becomes the judgement of the whole picture, whose `size` is given in pixels.
pub fn judge(
    mut photo: PhotoReading,
    size: (u32, u32),
    face: Option<Region>,
    pose: Option<&Pose>,
    document: &DocumentReading,
) -> PhotoReading {
    let size = (size.0.max(1) as f32, size.1.max(1) as f32);
    photo.findings.extend(of_document(document, size));
    photo.measures.extend(document.measures.get_key_value("card_width_px"));
    if let Some(face) = face {
        if face.height() < SMALLEST_PERSON * size.1 {
            photo.findings.push(Finding::fail(ReasonCode::PersonTooSmall).at(face));
        }
        let arm = pose.map_or(0.0, |pose| arm(pose, &face, size));
        photo.measures.insert("arm_visible", arm);
        if arm < HIDDEN {
            photo.findings.push(Finding::fail(ReasonCode::ArmNotVisible));
        } else if arm < SEEN {
            photo.findings.push(Finding::review(ReasonCode::ArmNotVisible));
        }
    }
    photo
}

/// How well the better arm is seen from shoulder to wrist, 0–1.
fn arm(pose: &Pose, face: &Region, (w, h): (f32, f32)) -> f32 {
    // A body whose nose is not in the face is somebody else, or something else.
    let (x, y, width, height) = face.bounds();
    let belongs =
        pose.nose.x >= x && pose.nose.x <= x + width && pose.nose.y >= y && pose.nose.y <= y + height;
    if pose.present < BODY || !belongs {
        return 0.0;
    }
    let whole = pose.arms.iter().filter(|arm| {
        let joints = [arm.shoulder, arm.elbow, arm.wrist];
        joints.iter().all(|j| j.at.x >= 0.0 && j.at.y >= 0.0 && j.at.x <= w && j.at.y <= h)
    });
    whole.map(super::Arm::visible).fold(0.0, f32::max)
}

/// Fingers hold it, so that what they cover is nobody's fault as long as it can be told whose document it is.
fn of_document(document: &DocumentReading, (w, h): (f32, f32)) -> Vec<Finding> {
    let keep = |code| {
        matches!(
            code,
            ReasonCode::DocumentNotFound
                | ReasonCode::DocumentWrongSide
                | ReasonCode::DocumentWrongType
                | ReasonCode::DocumentSpecimen
        )
    };
    let light = |code| {
        matches!(
            code,
            ReasonCode::PhotoBlurred
                | ReasonCode::PhotoGlare
                | ReasonCode::PhotoTooDark
                | ReasonCode::PhotoTooBright
                | ReasonCode::DocumentCovered
        )
    };
    let mut findings: Vec<Finding> = document.findings.iter().filter(|f| keep(f.code)).copied().collect();
    let Some(kind) = document.kind else { return findings };
    if !tells_whose(kind, document) {
        // Why, where that was seen.
        let why = document.findings.iter().filter(|f| f.severity == Severity::Fail && light(f.code));
        findings.extend(why);
        findings.push(placed(Finding::fail(ReasonCode::HeldDocumentUnreadable), document.card));
    }
    if let Some(card) = document.card.or_else(|| print(document)) {
        let c = card.centre();
        if (c.x / w - 0.5).abs() > OFF_CENTRE.0 || (c.y / h - 0.5).abs() > OFF_CENTRE.1 {
            findings.push(Finding::fail(ReasonCode::DocumentOffCentre).at(card));
        }
    }
    findings
}

/// The part of a picture in which the document in a person's hand is looked for first, as left and upper edge, width and
/// height in pixels: below the chin, as wide as arms hold it. `None` where the face leaves no room for one.
pub fn reach(face: &Region, size: (u32, u32)) -> Option<(u32, u32, u32, u32)> {
    let (x, y, w, h) = face.bounds();
    let (left, right) = (x + w / 2.0 - 2.2 * h, x + w / 2.0 + 2.2 * h);
    let (top, bottom) = (y + 0.9 * h, y + 3.6 * h);
    let span = |from: f32, to: f32, length: u32| {
        let (from, to) = (from.clamp(0.0, length as f32) as u32, to.clamp(0.0, length as f32) as u32);
        (to >= from + 64).then_some((from, to - from))
    };
    let ((x, w), (y, h)) = (span(left, right, size.0)?, span(top, bottom, size.1)?);
    Some((x, y, w, h))
}

/// Whether a document was read so far that it says whose it is.
pub fn is_readable(document: &DocumentReading) -> bool {
    document.kind.is_some_and(|kind| tells_whose(kind, document))
}

/// Where the print of a document lies whose edges were not found.
fn print(document: &DocumentReading) -> Option<Region> {
    let places = document.fields.values().filter_map(|f| f.region).map(|r| r.bounds());
    let all = places.reduce(|a, b| {
        let (x, y) = (a.0.min(b.0), a.1.min(b.1));
        (x, y, (a.0 + a.2).max(b.0 + b.2) - x, (a.1 + a.3).max(b.1 + b.3) - y)
    });
    all.map(|(x, y, w, h)| Region::rect(x, y, w, h))
}

fn tells_whose(kind: DocumentKind, document: &DocumentReading) -> bool {
    let key = match kind {
        DocumentKind::CnIdFront => FieldKey::IdNumber,
        DocumentKind::Passport | DocumentKind::Permit | DocumentKind::Visa => FieldKey::DocumentNumber,
        // The side without a number has a finding of its own.
        DocumentKind::CnIdBack => return true,
        DocumentKind::BusinessLicence => FieldKey::CreditCode,
    };
    document.fields.get(&key).is_some_and(|f| !f.value.is_empty())
}

fn placed(finding: Finding, region: Option<Region>) -> Finding {
    region.map_or(finding, |r| finding.at(r))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use shiren_core::see::{Field, Point};

    use super::super::{Arm, Joint};
    use super::*;

    const SIZE: (u32, u32) = (1944, 2592);

    fn joint(x: f32, y: f32, visible: f32) -> Joint {
        Joint { at: Point::new(x, y), visible, inside: 0.95 }
    }

    /// A person in the middle, whose arm at the image's right holds the card.
    fn pose() -> Pose {
        let arm = Arm {
            shoulder: joint(1400.0, 1200.0, 0.99),
            elbow: joint(1600.0, 1900.0, 0.95),
            wrist: joint(1200.0, 1700.0, 0.92),
        };
        let hidden = Arm { wrist: joint(500.0, 2500.0, 0.1), ..arm };
        Pose { present: 0.99, nose: Point::new(970.0, 800.0), arms: [arm, hidden] }
    }

    fn face() -> Region {
        Region::rect(720.0, 500.0, 500.0, 600.0)
    }

    fn card(x: f32, y: f32) -> DocumentReading {
        let number = Field { value: "11010519491231002X".into(), confidence: 0.9, region: None };
        DocumentReading {
            kind: Some(DocumentKind::CnIdFront),
            fields: [(FieldKey::IdNumber, number)].into(),
            printed: BTreeMap::new(),
            mrz: None,
            card: Some(Region::rect(x, y, 560.0, 350.0)),
            portrait: None,
            findings: vec![],
            measures: [("card_width_px", 560.0)].into(),
        }
    }

    fn told(face: Region, pose: Option<&Pose>, document: &DocumentReading) -> Vec<ReasonCode> {
        let judged = judge(PhotoReading::default(), SIZE, Some(face), pose, document);
        judged.findings.iter().map(|f| f.code).collect()
    }

    #[test]
    fn a_person_who_holds_the_card_before_the_chest_with_one_arm_seen_is_right() {
        assert_eq!(told(face(), Some(&pose()), &card(700.0, 1500.0)), []);
    }

    #[test]
    fn each_fault_has_its_own_reason() {
        let small = Region::rect(900.0, 700.0, 140.0, 170.0);
        let mut near = pose();
        near.nose = small.centre();
        assert_eq!(told(small, Some(&near), &card(700.0, 1500.0)), [ReasonCode::PersonTooSmall]);
        assert_eq!(told(face(), Some(&pose()), &card(0.0, 1500.0)), [ReasonCode::DocumentOffCentre]);
        assert_eq!(told(face(), Some(&pose()), &card(700.0, 2240.0)), [ReasonCode::DocumentOffCentre]);
        let mut unread = card(700.0, 1500.0);
        unread.fields.clear();
        unread.findings.push(Finding::fail(ReasonCode::PhotoGlare));
        let reasons = [ReasonCode::PhotoGlare, ReasonCode::HeldDocumentUnreadable];
        assert_eq!(told(face(), Some(&pose()), &unread), reasons);
        assert_eq!(told(face(), None, &card(700.0, 1500.0)), [ReasonCode::ArmNotVisible]);
    }

    #[test]
    fn an_arm_counts_when_every_joint_of_it_is_seen_inside_the_picture() {
        let hidden = |change: &dyn Fn(&mut Pose)| {
            let mut pose = pose();
            change(&mut pose);
            told(face(), Some(&pose), &card(700.0, 1500.0)) == [ReasonCode::ArmNotVisible]
        };
        assert!(!hidden(&|_| ()));
        assert!(hidden(&|p| p.arms[0].shoulder.visible = 0.4));
        assert!(hidden(&|p| p.arms[0].elbow.inside = 0.3));
        assert!(hidden(&|p| p.arms[0].wrist.at.x = 1950.0));
        assert!(hidden(&|p| p.present = 0.2));
        assert!(hidden(&|p| p.nose = Point::new(300.0, 1600.0)), "the portrait on the card is nobody's body");
    }

    #[test]
    fn an_arm_of_which_the_network_is_not_sure_goes_to_a_person() {
        let mut pose = pose();
        pose.arms[0].wrist.visible = 0.7;
        let judged = judge(PhotoReading::default(), SIZE, Some(face()), Some(&pose), &card(700.0, 1500.0));
        assert_eq!(judged.findings, [Finding::review(ReasonCode::ArmNotVisible)]);
    }

    #[test]
    fn what_holding_it_covers_is_no_fault_while_it_can_be_read() {
        let mut held = card(700.0, 1500.0);
        held.findings.push(Finding::fail(ReasonCode::DocumentCovered));
        held.findings.push(Finding::fail(ReasonCode::PhotoTooSmall));
        assert_eq!(told(face(), Some(&pose()), &held), []);
    }
}
