//! The eyes of this machine: documents, faces and live video behind the ports that the domain sees through.

use std::sync::OnceLock;
use std::thread;

use image::RgbImage;
use jiff::civil::Date;
use shiren_core::see::liveness::{FrameReading, HandSeen, Watch};
use shiren_core::see::{
    CardView, DocumentKind, DocumentReading, Eyes, FaceMatch, FaceReading, FaceTemplate, HandheldReading,
    Look, PhotoReading, Region, SeeError, SelfieReading, Shot,
};

use crate::body::{PoseModel, handheld};
use crate::document::glance;
use crate::document::reader::DocumentReader;
use crate::face::{Face, FaceReader};
use crate::hand::HandFinder;
use crate::liveness::Watcher;
use crate::pack::{Library, ModelError, PackError};
use crate::picture::{Limits, Picture};

/// Sees with installed models. What a call needs is opened when it is first needed, or ahead of time with
/// [`LocalEyes::open_documents`], [`LocalEyes::open_faces`] and [`LocalEyes::open_watcher`].
pub struct LocalEyes {
    library: Library,
    limits: Limits,
    documents: OnceLock<DocumentReader>,
    faces: OnceLock<FaceReader>,
    watcher: OnceLock<Watcher>,
    poses: OnceLock<PoseModel>,
    hands: OnceLock<HandFinder>,
}

impl LocalEyes {
    /// Eyes with the models of a library, opening pictures within limits.
    pub fn new(library: Library, limits: Limits) -> Self {
        Self {
            library,
            limits,
            documents: OnceLock::new(),
            faces: OnceLock::new(),
            watcher: OnceLock::new(),
            poses: OnceLock::new(),
            hands: OnceLock::new(),
        }
    }

    /// Opens what reading documents needs.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_documents(&self) -> Result<&DocumentReader, PackError> {
        if let Some(open) = self.documents.get() {
            return Ok(open);
        }
        let opened = DocumentReader::open(&self.library)?;
        Ok(self.documents.get_or_init(|| opened))
    }

    /// Opens what reading faces needs.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_faces(&self) -> Result<&FaceReader, PackError> {
        if let Some(open) = self.faces.get() {
            return Ok(open);
        }
        let opened = FaceReader::open(&self.library)?;
        Ok(self.faces.get_or_init(|| opened))
    }

    /// Opens what watching a video needs.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_watcher(&self) -> Result<&Watcher, PackError> {
        if let Some(open) = self.watcher.get() {
            return Ok(open);
        }
        let opened = Watcher::open(&self.library)?;
        Ok(self.watcher.get_or_init(|| opened))
    }

    /// Opens what finding arms needs.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_poses(&self) -> Result<&PoseModel, PackError> {
        if let Some(open) = self.poses.get() {
            return Ok(open);
        }
        let opened = PoseModel::open(&self.library)?;
        Ok(self.poses.get_or_init(|| opened))
    }

    /// Opens what finding hands needs.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_hands(&self) -> Result<&HandFinder, PackError> {
        if let Some(open) = self.hands.get() {
            return Ok(open);
        }
        let opened = HandFinder::open(&self.library)?;
        Ok(self.hands.get_or_init(|| opened))
    }

    /// Opens everything, documents and faces side by side.
    ///
    /// # Errors
    /// When a model is missing or cannot be opened.
    pub fn open_all(&self) -> Result<(), PackError> {
        thread::scope(|scope| {
            let faces = scope.spawn(|| {
                self.open_faces()?;
                self.open_watcher()?;
                self.open_poses()?;
                self.open_hands().map(drop)
            });
            self.open_documents()?;
            faces.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }

    fn documents(&self) -> Result<&DocumentReader, SeeError> {
        self.open_documents().map_err(unopened)
    }

    fn faces(&self) -> Result<&FaceReader, SeeError> {
        self.open_faces().map_err(unopened)
    }

    fn watcher(&self) -> Result<&Watcher, SeeError> {
        self.open_watcher().map_err(unopened)
    }

    fn hands(&self) -> Result<&HandFinder, SeeError> {
        self.open_hands().map_err(unopened)
    }

    fn poses(&self) -> Result<&PoseModel, SeeError> {
        self.open_poses().map_err(unopened)
    }

    fn picture(&self, bytes: &[u8]) -> Result<Picture, SeeError> {
        Picture::decode(bytes, &self.limits)
    }

    fn document(&self, picture: &Picture, look: &Look) -> Result<DocumentReading, SeeError> {
        let documents = self.documents()?;
        let portrait = |card| if look.portrait { self.portrait(picture, card) } else { Ok(None) };
        let (mut reading, portrait) = documents.read_beside(picture.rgb(), look, portrait).map_err(failed)?;
        reading.findings.extend(picture.findings());
        reading.portrait = portrait?;
        Ok(reading)
    }

    /// The portrait on a card: in the straight view of it, or anywhere in the picture.
    fn portrait(&self, picture: &Picture, card: Option<Region>) -> Result<Option<FaceReading>, SeeError> {
        let faces = self.faces()?;
        let Some(card) = card else {
            let rgb = picture.rgb();
            return match faces.find_portrait(rgb).map_err(failed)? {
                Some(face) => faces.read(rgb, &face).map_err(failed),
                None => Ok(None),
            };
        };
        let (view, to_picture) = self.documents()?.straight(picture.rgb(), &card);
        let Some(face) = faces.find(&view).map_err(failed)?.into_iter().next() else { return Ok(None) };
        let read = faces.read(&view, &face).map_err(failed)?;
        Ok(read.map(|r| FaceReading { region: to_picture.apply_region(&r.region), ..r }))
    }
}

impl LocalEyes {
    /// The document in the hand of the person whose face this is: looked for where hands hold it, where it fills more of
    /// what is looked at, then in the whole picture.
    fn held_document(
        &self,
        picture: &RgbImage,
        face: Option<&Face>,
        look: &Look,
    ) -> Result<DocumentReading, SeeError> {
        let documents = self.documents()?;
        let part = face.and_then(|face| handheld::reach(&face.region(), picture.dimensions()));
        let near = part.map(|part| documents.read_part(picture, part, look)).transpose().map_err(failed)?;
        if let Some(near) = near.filter(handheld::is_readable) {
            return Ok(near);
        }
        documents.read(picture, look).map_err(failed)
    }
}

impl Eyes for LocalEyes {
    fn read_document(&self, picture: &[u8], look: &Look) -> Result<DocumentReading, SeeError> {
        self.document(&self.picture(picture)?, look)
    }

    fn check_photo(&self, picture: &[u8], shot: Shot, today: Date) -> Result<PhotoReading, SeeError> {
        let expected = match shot {
            Shot::IdFront => DocumentKind::CnIdFront,
            Shot::IdBack => DocumentKind::CnIdBack,
            Shot::Passport => DocumentKind::Passport,
            Shot::Visa => DocumentKind::Visa,
            Shot::BusinessLicence => DocumentKind::BusinessLicence,
            Shot::Selfie => return Ok(self.read_selfie(picture)?.photo),
            Shot::Handheld => return Ok(self.read_handheld(picture, None, today)?.photo),
        };
        let look = Look { expected: Some(expected), portrait: false, today };
        let reading = self.read_document(picture, &look)?;
        Ok(PhotoReading { findings: reading.findings, measures: reading.measures })
    }

    fn read_face(&self, picture: &[u8]) -> Result<Option<FaceReading>, SeeError> {
        let picture = self.picture(picture)?;
        let faces = self.faces()?;
        let Some(face) = faces.find(picture.rgb()).map_err(failed)?.into_iter().next() else {
            return Ok(None);
        };
        faces.read(picture.rgb(), &face).map_err(failed)
    }

    fn read_selfie(&self, picture: &[u8]) -> Result<SelfieReading, SeeError> {
        let picture = self.picture(picture)?;
        let mut selfie = self.faces()?.read_selfie(picture.rgb()).map_err(failed)?;
        selfie.photo.findings.extend(picture.findings());
        Ok(selfie)
    }

    fn read_handheld(
        &self,
        picture: &[u8],
        expected: Option<DocumentKind>,
        today: Date,
    ) -> Result<HandheldReading, SeeError> {
        let picture = self.picture(picture)?;
        let look = Look { expected, portrait: false, today };
        let faces = self.faces()?.find(picture.rgb()).map_err(failed)?;
        let document = self.held_document(picture.rgb(), faces.first(), &look)?;
        let mut photo = FaceReader::check_handheld(picture.rgb(), &faces, document.card);
        let face = faces.first();
        let pose = match face {
            Some(face) => self.poses()?.lay(picture.rgb(), face).map_err(failed)?,
            None => None,
        };
        photo.findings.extend(picture.findings());
        let size = picture.rgb().dimensions();
        let photo = handheld::judge(photo, size, face.map(Face::region), pose.as_ref(), &document);
        Ok(HandheldReading { photo, document })
    }

    fn compare(&self, a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError> {
        self.faces()?.compare(a, b)
    }

    fn compare_several(&self, a: &FaceTemplate, several: &[FaceTemplate]) -> Result<FaceMatch, SeeError> {
        self.faces()?.compare_several(a, several)
    }
}

impl Watch for LocalEyes {
    fn read_frame(&self, frame: &[u8], last: Option<&Region>) -> Result<FrameReading, SeeError> {
        self.watcher()?.read(&Watcher::decode(frame)?, last).map_err(failed)
    }

    fn read_hand(&self, frame: &[u8], last: Option<&Region>) -> Result<Option<HandSeen>, SeeError> {
        self.hands()?.seen(&Watcher::decode(frame)?, last).map_err(failed)
    }

    fn compare_frame(
        &self,
        frame: &[u8],
        face: &Region,
        template: &FaceTemplate,
    ) -> Result<Option<FaceMatch>, SeeError> {
        let frame = Watcher::decode(frame)?;
        let Some(face) = self.watcher()?.face(&frame, face).map_err(failed)? else { return Ok(None) };
        let Some(read) = self.faces()?.read(&frame, &face).map_err(failed)? else { return Ok(None) };
        self.compare(&read.template, template).map(Some)
    }

    fn read_card(&self, frame: &[u8], expected: DocumentKind) -> Result<CardView, SeeError> {
        Ok(glance::at(&Watcher::decode(frame)?, expected))
    }

    fn passive_score(&self, frame: &[u8], face: &Region) -> Result<Option<f32>, SeeError> {
        self.watcher()?.passive_score(&Watcher::decode(frame)?, face).map_err(failed)
    }
}

fn failed(e: ModelError) -> SeeError {
    SeeError::Model { model: e.model, detail: e.detail }
}

fn unopened(e: PackError) -> SeeError {
    SeeError::Model { model: "library".into(), detail: e.to_string() }
}
