//! Reading a document, from a picture to fields and findings.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;

use image::RgbImage;
use shiren_core::see::{DocumentKind, DocumentReading, Field, FieldKey, Look, Point, Region};
use shiren_core::verification::{Finding, ReasonCode, Severity};

use super::business_licence;
use super::layout;
use super::machine_zone::{self, MachineZone};
use super::outline::{self, Outline};
use super::printed_zone;
use super::recapture;
use super::sheet::{Sheet, TextLine, WIDTH};
use super::stamp;
use super::text::direction;
use super::text::recognise::Recogniser;
use super::visibility::{self, Measures};
use super::{resident_back, resident_front};
use crate::pack::{Library, Model, ModelError, PackError};
use crate::picture::warp::{Homography, Pyramid};

/// The smallest view of a picture that is taken, as a share of its size: outlines of 12 MP pictures.
const SMALLEST_VIEW: f32 = 0.1;

impl Seen<'_> {
    /// The printed zone above the machine-readable one.
    fn printed(&self) -> BTreeMap<FieldKey, Field> {
        let Some(zone) = &self.zone else { return BTreeMap::new() };
        let visa = self.kind == Some(DocumentKind::Visa);
        printed_zone::read(&self.sheet, &self.lines, zone.top(), visa)
    }
}

/// A second outline with fewer lines of print is a table mat.
const FEWEST_LINES: usize = 3;
/// A field with a character less likely than this is shown to a person. On drawn specimens every right value
/// reaches .68, and half of the wrong ones stay below .6.
const SURE: f32 = 0.6;

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
    /// With the installed models, opened side by side.
    ///
    /// # Errors
    /// When one is missing or cannot be opened.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        let (others, recognisers) = thread::scope(|scope| {
            let others = scope.spawn(|| library.open_all(&["text-detector", "line-direction"]));
            let recognisers = library.abreast("text-recogniser");
            (others.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)), recognisers)
        });
        others?;
        let recogniser = Recogniser::new(recognisers?)?;
        Ok(Self::new(library.model("text-detector")?, library.model("line-direction")?, recogniser))
    }

    /// A card laid straight, [`WIDTH`](super::sheet::WIDTH) pixels wide, and where its places are in the
    /// picture.
    pub fn straight(&self, picture: &RgbImage, card: &Region) -> (RgbImage, Homography) {
        let pyramid = Pyramid::new(picture, SMALLEST_VIEW);
        let outline = Outline { region: *card, support: 1.0, sides_on_border: 0 };
        let sheet = Sheet::card(&pyramid, &outline).unwrap_or_else(|| Sheet::whole(&pyramid));
        (sheet.view(WIDTH as u32), *sheet.to_picture())
    }

    /// From a text detector, a direction classifier and one or more equal recognisers.
    pub fn new(detector: Arc<dyn Model>, direction: Arc<dyn Model>, recogniser: Recogniser) -> Self {
        Self { detector, direction, recogniser }
    }

    /// Finds, rectifies and reads the document in a picture.
    pub fn read(&self, picture: &RgbImage, look: &Look) -> Result<DocumentReading, ModelError> {
        self.read_beside(picture, look, |_| ()).map(|(reading, ())| reading)
    }

    /// Reads the document in a part of a picture, given as left and upper edge, width and height; places are those of the
    /// whole picture.
    pub fn read_part(
        &self,
        picture: &RgbImage,
        (x, y, w, h): (u32, u32, u32, u32),
        look: &Look,
    ) -> Result<DocumentReading, ModelError> {
        let part = image::imageops::crop_imm(picture, x, y, w, h).to_image();
        let mut reading = self.read(&part, look)?;
        let moved = |region: Region| Region(region.0.map(|p| Point::new(p.x + x as f32, p.y + y as f32)));
        let fields = reading.fields.values_mut().chain(reading.printed.values_mut()).map(|f| &mut f.region);
        let others = [&mut reading.card].into_iter().chain(reading.mrz.as_mut().map(|m| &mut m.region));
        let findings = reading.findings.iter_mut().map(|f| &mut f.region);
        for region in fields.chain(others).chain(findings) {
            *region = region.map(moved);
        }
        Ok(reading)
    }

    /// The same; as soon as it is known where the card lies, `beside` is done with its place while the picture
    /// is being judged.
    pub fn read_beside<T: Send>(
        &self,
        picture: &RgbImage,
        look: &Look,
        beside: impl FnOnce(Option<Region>) -> T + Send,
    ) -> Result<(DocumentReading, T), ModelError> {
        let pyramid = Pyramid::new(picture, SMALLEST_VIEW);
        let outlines = outline::find(&pyramid);
        let Some(seen) = self.see(&pyramid, &outlines, look)? else {
            return Ok((nothing(picture), beside(None)));
        };
        let card = seen.sheet.outline.map(|o| o.region);
        let report = || self.report(&pyramid, &outlines, &seen, look);
        if self.recogniser.abreast() == 1 {
            return Ok((report()?, beside(card)));
        }
        thread::scope(|scope| {
            let beside = scope.spawn(move || beside(card));
            let reading = report();
            let beside = beside.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok((reading?, beside))
        })
    }

    fn report(
        &self,
        pyramid: &Pyramid<'_>,
        outlines: &[Outline],
        seen: &Seen<'_>,
        look: &Look,
    ) -> Result<DocumentReading, ModelError> {
        let mut measures = Measures::new();
        let mut findings = visibility::judge(&seen.sheet, seen.kind, &mut measures);
        findings.extend(recapture::judge(&seen.sheet, &mut measures));
        findings.extend(specimen(seen));
        findings.extend(other_than_expected(seen, look.expected));
        findings.extend(self.second_document(pyramid, outlines)?);
        let fields = self.fields(seen, look)?;
        let blurred = measures.get("blur_px").is_some_and(|b| *b >= visibility::BLUR_TO_BLAME);
        let code = if blurred { ReasonCode::PhotoBlurred } else { ReasonCode::PhotoUnreadable };
        findings.extend(unreadable(seen, &fields, &findings, code));
        Ok(DocumentReading {
            kind: seen.kind,
            fields,
            printed: seen.printed(),
            mrz: seen.zone.as_ref().map(|z| z.reading(&seen.sheet)),
            card: seen.sheet.outline.map(|o| o.region),
            portrait: None,
            findings,
            measures,
        })
    }

    /// A second outline counts when print is found in it too.
    fn second_document(
        &self,
        pyramid: &Pyramid<'_>,
        outlines: &[Outline],
    ) -> Result<Option<Finding>, ModelError> {
        let Some(sheet) = outlines.get(1).and_then(|o| Sheet::card(pyramid, o)) else { return Ok(None) };
        let lines = sheet.find_lines(self.detector.as_ref())?;
        let several = lines.len() >= FEWEST_LINES;
        Ok(several.then(|| Finding::fail(ReasonCode::DocumentSeveral).at(outlines[1].region)))
    }

    fn fields(&self, seen: &Seen<'_>, look: &Look) -> Result<BTreeMap<FieldKey, Field>, ModelError> {
        Ok(match (seen.kind, &seen.zone) {
            (Some(DocumentKind::CnIdFront), _) => {
                resident_front::read(&seen.sheet, &seen.lines, &self.recogniser, look.today)?
            }
            (Some(DocumentKind::CnIdBack), _) => {
                resident_back::read(&seen.sheet, &seen.lines, &self.recogniser)?
            }
            (Some(DocumentKind::BusinessLicence), _) => {
                business_licence::read(&seen.sheet, &seen.lines, &self.recogniser)?
            }
            (_, Some(zone)) => zone.fields(&seen.sheet),
            (Some(DocumentKind::Permit), None) => {
                printed_zone::read(&seen.sheet, &seen.lines, f32::MAX, false)
            }
            _ => BTreeMap::new(),
        })
    }

    /// The best way to see the picture: within the outline, else as a whole.
    fn see<'p>(
        &self,
        pyramid: &'p Pyramid<'p>,
        outlines: &[Outline],
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
            return self.nearer(seen, look);
        }
        // The classifier may have been wrong.
        let (sheet, places) = direction::turn(&seen.sheet, &places);
        let turned = self.read_sheet(sheet, &places, look)?;
        if turned.kind.is_some() { self.nearer(turned, look) } else { Ok(seen) }
    }

    /// A licence's title is seen from afar; the rest of the sheet is small print, in which lines are looked for anew.
    fn nearer<'p>(&self, seen: Seen<'p>, look: &Look) -> Result<Seen<'p>, ModelError> {
        if seen.kind != Some(DocumentKind::BusinessLicence) {
            return Ok(seen);
        }
        let places = seen.sheet.find_small_lines(self.detector.as_ref())?;
        let nearer = self.read_sheet(seen.sheet, &places, look)?;
        // The title itself may be too big for that view.
        Ok(Seen { kind: seen.kind, zone: None, ..nearer })
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

/// A picture without a document; it may be the light.
fn nothing(picture: &RgbImage) -> DocumentReading {
    let mut measures = Measures::new();
    let light = visibility::judge_light(picture, &mut measures);
    let findings = [Finding::fail(ReasonCode::DocumentNotFound)].into_iter().chain(light).collect();
    DocumentReading {
        kind: None,
        fields: BTreeMap::new(),
        printed: BTreeMap::new(),
        mrz: None,
        card: None,
        portrait: None,
        findings,
        measures,
    }
}

/// The stamp that marks a specimen.
fn specimen(seen: &Seen<'_>) -> Option<Finding> {
    let line = seen.lines.iter().find(|l| stamp::is_stamp(l))?;
    Some(Finding::info(ReasonCode::DocumentSpecimen).at(seen.sheet.place(&line.place)))
}

fn other_than_expected(seen: &Seen<'_>, expected: Option<DocumentKind>) -> Option<Finding> {
    use DocumentKind::{CnIdBack, CnIdFront};
    match (seen.kind, expected) {
        (None, _) => Some(Finding::fail(ReasonCode::DocumentNotFound)),
        (Some(is), Some(wanted)) if is != wanted => Some(Finding::fail(match (is, wanted) {
            (CnIdFront, CnIdBack) | (CnIdBack, CnIdFront) => ReasonCode::DocumentWrongSide,
            _ => ReasonCode::DocumentWrongType,
        })),
        _ => None,
    }
}

/// Fields that should be there and are not, unless something already said explains it; and fields that the
/// reader is not sure of; `code` says why.
fn unreadable(
    seen: &Seen<'_>,
    fields: &BTreeMap<FieldKey, Field>,
    said: &[Finding],
    code: ReasonCode,
) -> Vec<Finding> {
    let Some(kind) = seen.kind else { return Vec::new() };
    let required: &[FieldKey] = match kind {
        DocumentKind::CnIdFront => &resident_front::REQUIRED,
        DocumentKind::CnIdBack => &resident_back::REQUIRED,
        DocumentKind::BusinessLicence => &business_licence::REQUIRED,
        _ => &[],
    };
    let explained = said.iter().any(|f| f.severity == Severity::Fail);
    let missing = required.iter().filter(|k| !explained && !fields.contains_key(k)).map(|key| {
        let zone = layout::zone(kind, *key, seen.sheet.height());
        let finding = Finding::fail(code);
        zone.map_or(finding, |z| finding.at(seen.sheet.place(&z)))
    });
    let doubtful = fields.values().filter(|f| f.confidence < SURE).map(|f| {
        let finding = Finding::review(code);
        f.region.map_or(finding, |r| finding.at(r))
    });
    missing.chain(doubtful).collect()
}

/// Which document it is, by its machine-readable zone, else by the labels that only it carries.
fn recognise(lines: &[TextLine], zone: Option<&MachineZone>) -> Option<DocumentKind> {
    let texts: Vec<String> = lines.iter().map(TextLine::text).collect();
    // Before anything else: a scope of business may name whatever it likes.
    if texts.iter().any(|t| t.contains(business_licence::TITLE)) {
        return Some(DocumentKind::BusinessLicence);
    }
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
