//! Reading a document, from a picture to fields and findings.

use std::collections::BTreeMap;
use std::sync::Arc;

use image::RgbImage;
use shiren_core::see::{DocumentKind, DocumentReading, FieldKey, Look, Region};
use shiren_core::verification::{Finding, ReasonCode};

use super::machine_zone::{self, MachineZone};
use super::outline;
use super::sheet::{Sheet, TextLine};
use super::text::direction;
use super::text::recognise::Recogniser;
use super::visibility::{self, Measures};
use super::{resident_back, resident_front};
use crate::pack::{Model, ModelError};
use crate::picture::warp::Pyramid;

/// The smallest view of a picture that is taken, as a share of its size: outlines of 12 MP pictures.
const SMALLEST_VIEW: f32 = 0.1;

/// Reads documents.
pub struct DocumentReader {
    detector: Arc<dyn Model>,
    direction: Arc<dyn Model>,
    recogniser: Recogniser,
}

/// A document as it was seen, before it is reported.
struct Seen<'p> {
    sheet: Sheet<'p>,
    lines: Vec<TextLine>,
    zone: Option<MachineZone>,
    kind: Option<DocumentKind>,
}

impl DocumentReader {
    /// From a text detector, a direction classifier and one or more equal recognisers.
    pub fn new(detector: Arc<dyn Model>, direction: Arc<dyn Model>, recogniser: Recogniser) -> Self {
        Self { detector, direction, recogniser }
    }

    /// Finds, rectifies and reads the document in a picture.
    pub fn read(&self, picture: &RgbImage, look: &Look) -> Result<DocumentReading, ModelError> {
        let pyramid = Pyramid::new(picture, SMALLEST_VIEW);
        let outlines = outline::find(&pyramid);
        let seen = self.see(&pyramid, &outlines, look)?;
        let mut measures = Measures::new();
        let mut findings = Vec::new();
        let Some(seen) = seen else {
            findings.push(Finding::fail(ReasonCode::DocumentNotFound));
            return Ok(DocumentReading {
                kind: None,
                fields: BTreeMap::new(),
                printed: BTreeMap::new(),
                mrz: None,
                card: None,
                portrait: None,
                findings,
                measures,
            });
        };
        findings.extend(visibility::judge(&seen.sheet, &mut measures));
        if seen.lines.iter().any(resident_front::is_stamp) {
            let stamp = seen.lines.iter().find(|l| resident_front::is_stamp(l));
            let finding = Finding::info(ReasonCode::DocumentSpecimen);
            findings.push(stamp.map_or(finding, |l| finding.at(seen.sheet.place(&l.place))));
        }
        let fields = self.fields(&seen, look)?;
        let mrz = seen.zone.as_ref().map(|z| z.reading(&seen.sheet));
        Ok(DocumentReading {
            kind: seen.kind,
            fields,
            printed: BTreeMap::new(),
            mrz,
            card: seen.sheet.outline.map(|o| o.region),
            portrait: None,
            findings,
            measures,
        })
    }

    fn fields(
        &self,
        seen: &Seen<'_>,
        look: &Look,
    ) -> Result<BTreeMap<FieldKey, shiren_core::see::Field>, ModelError> {
        Ok(match (seen.kind, &seen.zone) {
            (Some(DocumentKind::CnIdFront), _) => {
                resident_front::read(&seen.sheet, &seen.lines, &self.recogniser, look.today)?
            }
            (Some(DocumentKind::CnIdBack), _) => {
                resident_back::read(&seen.sheet, &seen.lines, &self.recogniser)?
            }
            (_, Some(zone)) => zone.fields(&seen.sheet),
            _ => BTreeMap::new(),
        })
    }

    /// The best way to see the picture: within the outline, else as a whole.
    fn see<'p>(
        &self,
        pyramid: &'p Pyramid<'p>,
        outlines: &[outline::Outline],
        look: &Look,
    ) -> Result<Option<Seen<'p>>, ModelError> {
        let mut best = None;
        let card = outlines.first().and_then(|o| Sheet::card(pyramid, o));
        for sheet in card.into_iter().chain([Sheet::whole(pyramid)]) {
            let seen = self.see_sheet(sheet, look)?;
            if seen.kind.is_some() {
                return Ok(Some(seen));
            }
            best = best.or((!seen.lines.is_empty()).then_some(seen));
        }
        Ok(best)
    }

    fn see_sheet<'p>(&self, sheet: Sheet<'p>, look: &Look) -> Result<Seen<'p>, ModelError> {
        let mut sheet = sheet;
        let mut places = sheet.find_lines(self.detector.as_ref())?;
        if let Some(closer) = sheet.outline.is_none().then(|| sheet.closer(&places)).flatten() {
            places = closer.find_lines(self.detector.as_ref())?;
            sheet = closer;
        }
        if direction::upside_down(self.direction.as_ref(), &sheet, &places)? {
            (sheet, places) = direction::turn(&sheet, &places);
        }
        let seen = self.read_sheet(sheet, &places, look)?;
        if seen.kind.is_some() || places.is_empty() {
            return Ok(seen);
        }
        // The classifier may have been wrong.
        let (sheet, places) = direction::turn(&seen.sheet, &places);
        let turned = self.read_sheet(sheet, &places, look)?;
        Ok(if turned.kind.is_some() { turned } else { seen })
    }

    fn read_sheet<'p>(
        &self,
        sheet: Sheet<'p>,
        places: &[Region],
        look: &Look,
    ) -> Result<Seen<'p>, ModelError> {
        let lines = sheet.read(&self.recogniser, places)?;
        let zone = machine_zone::read(&sheet, &lines, &self.recogniser, look.today)?;
        let kind = recognise(&lines, zone.as_ref());
        Ok(Seen { sheet, lines, zone, kind })
    }
}

/// Which document it is, by its machine-readable zone, else by the labels that only it carries.
fn recognise(lines: &[TextLine], zone: Option<&MachineZone>) -> Option<DocumentKind> {
    let texts: Vec<String> = lines.iter().map(TextLine::text).collect();
    let carries = |labels: &[&str]| labels.iter().filter(|l| texts.iter().any(|t| t.contains(**l))).count();
    let title = |words: &[&str]| texts.iter().any(|t| words.iter().any(|w| t.contains(w)));
    if let Some(zone) = zone {
        return Some(zone.kind());
    }
    if title(&["来往内地通行证", "来往大陆通行证", "永久居留身份证", "PERMANENT RESIDENCE"])
    {
        return Some(DocumentKind::Permit);
    }
    let (front, back) = (carries(&resident_front::LABELS), carries(&resident_back::LABELS));
    let number = texts.iter().any(|t| {
        let run: usize = t.chars().rev().take_while(|c| c.is_ascii_digit() || *c == 'X').count();
        run >= 17
    });
    match (front + 2 * usize::from(number), back) {
        (f, b) if f >= 2 && f > b => Some(DocumentKind::CnIdFront),
        (_, b) if b >= 2 => Some(DocumentKind::CnIdBack),
        _ => None,
    }
}
