//! Eyes that see what the test says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use shiren_core::see::{
    Band, DocumentKind, DocumentReading, Eyes, FaceMatch, FaceReading, FaceTemplate, Field, FieldKey,
    HandheldReading, Look, PhotoReading, Region, SeeError, SelfieReading, Shot,
};
use shiren_core::verification::ReasonCode;

use crate::watch::WrittenFrame;

/// Eyes whose readings are given for each picture's bytes. Any other picture is of an unknown format; a
/// picture without a face has none. A written frame is known by what stands in it.
#[derive(Default)]
pub struct ScriptedEyes {
    documents: BTreeMap<Vec<u8>, DocumentReading>,
    photos: BTreeMap<Vec<u8>, PhotoReading>,
    faces: BTreeMap<Vec<u8>, f32>,
    recognisers: BTreeMap<Vec<u8>, String>,
}

impl ScriptedEyes {
    /// This picture shows this document.
    pub fn document(mut self, picture: &[u8], reading: DocumentReading) -> Self {
        self.documents.insert(picture.to_vec(), reading);
        self
    }

    /// This picture is judged so, whatever the shot.
    pub fn photo(mut self, picture: &[u8], reading: PhotoReading) -> Self {
        self.photos.insert(picture.to_vec(), reading);
        self
    }

    /// This picture shows the person of this number; persons compare by their distance: 0 is the same.
    pub fn face(mut self, picture: &[u8], person: f32) -> Self {
        self.faces.insert(picture.to_vec(), person);
        self
    }

    /// The face of this picture is recognised by another recogniser than all others.
    pub fn recogniser(mut self, picture: &[u8], name: &str) -> Self {
        self.recognisers.insert(picture.to_vec(), name.to_owned());
        self
    }

    fn knows(&self, picture: &[u8]) -> Result<(), SeeError> {
        let known = self.documents.contains_key(picture)
            || self.photos.contains_key(picture)
            || self.faces.contains_key(picture)
            || WrittenFrame::read(picture).is_ok();
        let (code, detail) = (ReasonCode::PictureFormatUnknown, String::new());
        if known { Ok(()) } else { Err(SeeError::Picture { code, detail }) }
    }
}

impl Eyes for ScriptedEyes {
    fn read_document(&self, picture: &[u8], look: &Look) -> Result<DocumentReading, SeeError> {
        self.knows(picture)?;
        let mut reading = self.documents.get(picture).cloned().unwrap_or_else(nothing);
        reading.portrait = self.read_face(picture)?.filter(|_| look.portrait);
        Ok(reading)
    }

    fn check_photo(&self, picture: &[u8], _shot: Shot, _today: Date) -> Result<PhotoReading, SeeError> {
        self.knows(picture)?;
        Ok(self.photos.get(picture).cloned().unwrap_or_default())
    }

    fn read_face(&self, picture: &[u8]) -> Result<Option<FaceReading>, SeeError> {
        self.knows(picture)?;
        let written = WrittenFrame::read(picture).ok().map(|frame| frame.person);
        let mut read = self.faces.get(picture).copied().or(written).map(face);
        if let (Some(read), Some(name)) = (&mut read, self.recognisers.get(picture)) {
            read.template.recogniser.clone_from(name);
        }
        Ok(read)
    }

    fn read_selfie(&self, picture: &[u8]) -> Result<SelfieReading, SeeError> {
        self.knows(picture)?;
        let photo = self.photos.get(picture).cloned().unwrap_or_default();
        Ok(SelfieReading { photo, face: self.read_face(picture)? })
    }

    fn read_handheld(
        &self,
        picture: &[u8],
        _expected: Option<DocumentKind>,
        _today: Date,
    ) -> Result<HandheldReading, SeeError> {
        self.knows(picture)?;
        let photo = self.photos.get(picture).cloned().unwrap_or_default();
        Ok(HandheldReading { photo, document: self.documents.get(picture).cloned().unwrap_or_else(nothing) })
    }

    fn compare(&self, a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError> {
        let distance = (a.vectors[0][0] - b.vectors[0][0]).abs();
        let (band, fmr) = match distance {
            ..0.5 => (Band::Same, 1e-5),
            0.5..1.5 => (Band::Uncertain, 1e-3),
            _ => (Band::Different, 0.5),
        };
        Ok(FaceMatch { score: 5.0 - distance, band, fmr })
    }

    /// The middle one of them.
    fn compare_several(&self, a: &FaceTemplate, several: &[FaceTemplate]) -> Result<FaceMatch, SeeError> {
        self.compare(a, &several[several.len() / 2])
    }
}

/// The face of a person, large enough.
fn face(person: f32) -> FaceReading {
    FaceReading {
        region: Region::rect(100.0, 100.0, 300.0, 400.0),
        template: FaceTemplate { recogniser: "scripted".into(), vectors: vec![vec![person]] },
        measures: [("eye_distance_px", 120.0)].into(),
    }
}

fn nothing() -> DocumentReading {
    reading(None, &[])
}

/// A reading with values that are sure, and no findings.
pub fn reading(kind: Option<DocumentKind>, fields: &[(FieldKey, &str)]) -> DocumentReading {
    let place = |i: usize| Region::rect(190.0, 60.0 + 90.0 * i as f32, 400.0, 50.0);
    DocumentReading {
        kind,
        fields: fields
            .iter()
            .enumerate()
            .map(|(i, (k, v))| (*k, Field { value: (*v).into(), confidence: 0.98, region: Some(place(i)) }))
            .collect(),
        printed: BTreeMap::new(),
        mrz: None,
        card: Some(Region::rect(0.0, 0.0, 1280.0, 806.0)),
        portrait: None,
        findings: Vec::new(),
        measures: [("card_width_px", 1280.0)].into(),
    }
}

/// A resident card's front with the number of GB 11643's own example.
pub fn card_front() -> DocumentReading {
    reading(
        Some(DocumentKind::CnIdFront),
        &[
            (FieldKey::Name, "王芳"),
            (FieldKey::Sex, "F"),
            (FieldKey::Ethnicity, "汉"),
            (FieldKey::BirthDate, "1949-12-31"),
            (FieldKey::Address, "北京市朝阳区样本路1号"),
            (FieldKey::IdNumber, "11010519491231002X"),
        ],
    )
}

/// The business licence of a company, whose legal person is the person of [`card_front`].
pub fn licence(credit_code: &str, company: &str) -> DocumentReading {
    reading(
        Some(DocumentKind::BusinessLicence),
        &[
            (FieldKey::CreditCode, credit_code),
            (FieldKey::CompanyName, company),
            (FieldKey::LegalPerson, "王芳"),
            (FieldKey::EstablishedOn, "2015-06-01"),
            (FieldKey::BusinessTermTo, "long_term"),
        ],
    )
}

/// The back that belongs to [`card_front`].
pub fn card_back() -> DocumentReading {
    reading(
        Some(DocumentKind::CnIdBack),
        &[
            (FieldKey::Authority, "北京市公安局朝阳分局"),
            (FieldKey::ValidFrom, "2005-01-01"),
            (FieldKey::ValidTo, "long_term"),
        ],
    )
}
