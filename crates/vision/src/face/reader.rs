//! The face side of the eyes: all networks together.

use std::sync::Arc;

use image::RgbImage;
use shiren_core::see::{
    FaceMatch, FaceReading, FaceTemplate, PhotoReading, Point, Region, SeeError, SelfieReading,
};

use super::chip::{Chip, Letterbox};
use super::compare::{self, RecogniserSet};
use super::detect::{Candidate, Detector};
use super::embed::Embedder;
use super::mesh::{Face, MeshModel};
use super::quality::{self, SECOND_PERSON, Scene};
use crate::pack::{Library, Model, ModelError, PackError};

/// The networks that faces need.
pub struct FaceModels {
    /// BlazeFace of npm `human`.
    pub detector: Arc<dyn Model>,
    /// MediaPipe `face_landmark`.
    pub mesh: Arc<dyn Model>,
    /// The recogniser of npm `@vladmandic/face-api`.
    pub recogniser: Arc<dyn Model>,
    /// The recogniser beside it.
    pub second: SecondRecogniser,
}

/// The recogniser that is fused with the one of face-api.
pub enum SecondRecogniser {
    /// `faceres` of npm `human`: what the default pack has.
    Features(Arc<dyn Model>),
    /// The optional pack MobileFace V2: better, and faster.
    MobileFace(Arc<dyn Model>),
}

impl FaceModels {
    /// The installed ones: MobileFace V2 when there is one.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        let second = if library.has(MOBILEFACE) { MOBILEFACE } else { FEATURES };
        library.open_all(&[DETECTOR, MESH, RECOGNISER, second])?;
        let model = library.model(second)?;
        Ok(Self {
            detector: library.model(DETECTOR)?,
            mesh: library.model(MESH)?,
            recogniser: library.model(RECOGNISER)?,
            second: if second == MOBILEFACE {
                SecondRecogniser::MobileFace(model)
            } else {
                SecondRecogniser::Features(model)
            },
        })
    }
}

/// Names under which the models are installed; they also name the model in errors.
pub(super) const DETECTOR: &str = "face-detector";
pub(super) const MESH: &str = "face-mesh";
pub(super) const RECOGNISER: &str = "face-recogniser";
pub(super) const FEATURES: &str = "face-features";
pub(super) const MOBILEFACE: &str = "mobileface-v2";

/// Finds faces in pictures, makes templates of them, compares these, and judges selfies.
pub struct FaceReader {
    detector: Detector,
    mesh: MeshModel,
    embedders: [Embedder; 2],
    set: RecogniserSet,
}

/// Sides to which a photo is shrunk for the detector, until a face shows: large faces first, which it sees
/// best small, then smaller ones.
const SIDES: [u32; 2] = [256, 512];
/// Ways to turn it afterwards, because people hold phones badly: quarter turns clockwise.
const TURNS: [u8; 3] = [3, 1, 2];
/// How sure the mesh must be (logit) of a face in a turned photo: 1 in 100 upright faces has less than 10, and
/// what is no face is seldom above 6.
const SURE_WHEN_TURNED: f32 = 8.0;
/// Detector's score below which the mesh must be surer (logit) than even odds: a rocket's tip scored .45 and
/// 1.7, faces with 16 pixels between the eyes .3 and 14.
const CLEAR_SCORE: f32 = 0.5;
pub(super) const SURE_OF_FAINT: f32 = 4.0;
/// For the photo of a card that was not found as a card: its portrait is small, and may lie any way. All ways
/// are looked at, and the surest face counts.
const CARD_SIDE: u32 = 384;
/// No more candidates of one look than this get a mesh: each costs milliseconds.
const MOST_MESHES: usize = 6;

impl FaceReader {
    /// With the installed networks.
    pub fn open(library: &Library) -> Result<Self, PackError> {
        Ok(Self::new(FaceModels::open(library)?))
    }

    /// With these networks.
    pub fn new(models: FaceModels) -> Self {
        let recogniser = Embedder::recogniser(models.recogniser);
        let (second, set) = match models.second {
            SecondRecogniser::MobileFace(m) => (Embedder::mobileface(m), RecogniserSet::WithMobileFace),
            SecondRecogniser::Features(m) => (Embedder::features(m), RecogniserSet::Default),
        };
        Self {
            detector: Detector::new(models.detector),
            mesh: MeshModel::new(models.mesh),
            embedders: [recogniser, second],
            set,
        }
    }

    /// Which recognisers it uses.
    pub fn set(&self) -> RecogniserSet {
        self.set
    }

    /// The faces of a photo, the most prominent first; others only if they are of comparable size.
    pub fn find(&self, picture: &RgbImage) -> Result<Vec<Face>, ModelError> {
        let mut squares = Vec::new();
        for side in SIDES {
            let Some(square) = Letterbox::new(picture, side) else { return Ok(Vec::new()) };
            let faces = self.confirmed(picture, &square, 0)?;
            if !faces.is_empty() {
                return self.or_upside_down(picture, &square, faces);
            }
            squares.push(square);
        }
        for square in &squares {
            for quarters in TURNS {
                let mut faces = self.confirmed(picture, square, quarters)?;
                faces.retain(|f| f.presence_logit() >= SURE_WHEN_TURNED);
                if !faces.is_empty() {
                    return Ok(faces);
                }
            }
        }
        Ok(Vec::new())
    }

    /// These faces, unless all are doubtful and the picture shows a surer one the other way up: detector and
    /// mesh see a faint face in one that stands on its head (logits of 1.3 to 6 on sample photographs, where the
    /// same faces upright have 22 to 32).
    fn or_upside_down(
        &self,
        picture: &RgbImage,
        square: &Letterbox,
        faces: Vec<Face>,
    ) -> Result<Vec<Face>, ModelError> {
        let sure = |f: &Face| f.presence_logit() >= SURE_WHEN_TURNED;
        if faces.iter().any(sure) {
            return Ok(faces);
        }
        let mut turned = self.confirmed(picture, square, 2)?;
        turned.retain(sure);
        Ok(if turned.is_empty() { faces } else { turned })
    }

    /// The portrait in a photo of a card, whichever way it lies.
    pub fn find_portrait(&self, photo: &RgbImage) -> Result<Option<Face>, ModelError> {
        let Some(square) = Letterbox::new(photo, CARD_SIDE) else { return Ok(None) };
        let mut best: Option<Face> = None;
        for quarters in 0..4 {
            for face in self.confirmed(photo, &square, quarters)? {
                if best.as_ref().is_none_or(|b| face.presence_logit() > b.presence_logit()) {
                    best = Some(face);
                }
            }
        }
        Ok(best)
    }

    /// Makes the template of a face that was found in this picture, and measures the face. `None` when it
    /// cannot be aligned.
    pub fn read(&self, picture: &RgbImage, face: &Face) -> Result<Option<FaceReading>, ModelError> {
        let region = face.region();
        let chip = Chip::around(picture, region.centre(), face.side());
        let mut vectors = Vec::new();
        for embedder in &self.embedders {
            match embedder.embed(&chip, face)? {
                Some(vector) => vectors.push(vector),
                None => return Ok(None),
            }
        }
        let template = FaceTemplate { recogniser: self.set.name().to_owned(), vectors };
        Ok(Some(FaceReading { region, template, measures: quality::measures(face) }))
    }

    /// Judges a selfie and reads its face.
    pub fn read_selfie(&self, picture: &RgbImage) -> Result<SelfieReading, ModelError> {
        let faces = self.find(picture)?;
        let face = match faces.first() {
            Some(face) => self.read(picture, face)?,
            None => None,
        };
        Ok(SelfieReading { photo: quality::judge(picture, &faces, Scene::Selfie), face })
    }

    /// Judges a selfie alone: `face_not_found`, `several_faces`, `face_too_small`, `face_cut_off`,
    /// `face_not_frontal`, `eyes_closed`, `face_covered`, `photo_blurred`, `photo_too_dark`,
    /// `photo_too_bright`, `photo_uneven_light`.
    pub fn check_selfie(&self, picture: &RgbImage) -> Result<PhotoReading, ModelError> {
        Ok(quality::judge(picture, &self.find(picture)?, Scene::Selfie))
    }

    /// Judges the person in a handheld shot like a selfie; `card` is where the document was found, whose
    /// portrait is no second person. `faces`: those that [`FaceReader::find`] found in it.
    pub fn check_handheld(picture: &RgbImage, faces: &[Face], card: Option<Region>) -> PhotoReading {
        quality::judge(picture, faces, Scene::Handheld(card))
    }

    /// Compares two templates that this reader, or one with the same set, has made.
    pub fn compare(&self, a: &FaceTemplate, b: &FaceTemplate) -> Result<FaceMatch, SeeError> {
        compare::compare(a, b)
    }

    /// Compares a template with several of one face, by the mean of the scores.
    pub fn compare_several(&self, a: &FaceTemplate, several: &[FaceTemplate]) -> Result<FaceMatch, SeeError> {
        compare::compare_several(a, several)
    }

    /// [`confirmed`] with this reader's networks.
    fn confirmed(
        &self,
        picture: &RgbImage,
        square: &Letterbox,
        quarters: u8,
    ) -> Result<Vec<Face>, ModelError> {
        confirmed(&self.detector, &self.mesh, picture, square, quarters)
    }
}

/// The candidates of one look that the mesh confirms, the most prominent first.
pub(super) fn confirmed(
    detector: &Detector,
    mesh: &MeshModel,
    picture: &RgbImage,
    square: &Letterbox,
    quarters: u8,
) -> Result<Vec<Face>, ModelError> {
    let mut candidates = detector.look(square, quarters)?;
    let size = (picture.width() as f32, picture.height() as f32);
    candidates.sort_by(|a, b| prominence(b, size).total_cmp(&prominence(a, size)));
    let mut faces: Vec<Face> = Vec::new();
    for candidate in candidates.iter().take(MOST_MESHES) {
        // Boxes and meshes differ a little in size, hence the reserve.
        let small = faces.first().is_some_and(|f| candidate.side < 0.8 * SECOND_PERSON * f.side());
        if small {
            continue;
        }
        let chip = Chip::around(picture, candidate.centre, candidate.side);
        if let Some(face) = mesh.lay(&chip, candidate)? {
            // Only the first face is measured and compared; the others need no second look.
            let face = if faces.is_empty() { mesh.refine(&chip, face)? } else { face };
            if face.score >= CLEAR_SCORE || face.presence_logit() >= SURE_OF_FAINT {
                faces.push(face);
            }
        }
    }
    Ok(faces)
}

/// How much a face looks like the one that the photo is of: large, and near the middle.
fn prominence(c: &Candidate, (w, h): (f32, f32)) -> f32 {
    let away = c.centre.distance(Point::new(w / 2.0, h / 2.0)) / (w.hypot(h) / 2.0).max(1.0);
    c.side * (1.0 - away.min(1.0)) * c.score
}
