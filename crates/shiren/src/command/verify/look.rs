//! Looking at the pictures: each for what its step is for, then at both faces together.

use std::time::Instant;

use shiren_core::see::{Eyes, FaceMatch, Look, Shot};
use shiren_core::verification::Material;

use super::Request;
use super::given::Given;
use super::progress::{Progress, Stage};
use crate::exit::Failure;
use crate::picture_file::seen;

/// What was seen.
pub(super) struct Looked {
    pub(super) materials: Vec<Material>,
    pub(super) face: Option<FaceMatch>,
}

pub(super) fn look(
    eyes: &dyn Eyes,
    given: &[Given],
    request: &Request<'_>,
    progress: &Progress,
) -> Result<Looked, Failure> {
    let materials = if request.threads > 1 {
        at_once(eyes, given, request, progress)?
    } else {
        given.iter().map(|g| one(eyes, g, request, progress)).collect::<Result<_, _>>()?
    };
    progress.tell(Stage::Comparing);
    let face =
        |step: &dyn Fn(&Given) -> bool| given.iter().position(step).and_then(|i| materials[i].face.as_ref());
    let (portrait, selfie) = (face(&|g| g.step.portrait), face(&|g| g.step.shot == Shot::Selfie));
    let compared = match (portrait, selfie) {
        (Some(portrait), Some(selfie)) => {
            let compared = eyes.compare(&portrait.template, &selfie.template);
            Some(compared.map_err(|e| Failure::Other(e.to_string()))?)
        }
        _ => None,
    };
    Ok(Looked { materials, face: compared })
}

/// Every picture on a thread of its own. Networks are shared and run one at a time, but while one picture is
/// decoded, searched and warped, another is being read.
fn at_once(
    eyes: &dyn Eyes,
    given: &[Given],
    request: &Request<'_>,
    progress: &Progress,
) -> Result<Vec<Material>, Failure> {
    std::thread::scope(|scope| {
        let looking: Vec<_> =
            given.iter().map(|g| scope.spawn(move || one(eyes, g, request, progress))).collect();
        let seen = looking.into_iter().map(|thread| match thread.join() {
            Ok(material) => material,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        seen.collect()
    })
}

fn one(
    eyes: &dyn Eyes,
    given: &Given,
    request: &Request<'_>,
    progress: &Progress,
) -> Result<Material, Failure> {
    let (step, bytes) = (&given.step, &given.bytes);
    let start = Instant::now();
    progress.tell(Stage::Looking(step));
    let mut material = Material { step: step.id.clone(), ..Material::default() };
    if step.reads.is_some() {
        let look = Look { expected: step.reads, portrait: step.portrait, today: request.today };
        match seen(eyes.read_document(bytes, &look))? {
            Ok(reading) => {
                material.face = reading.portrait.clone();
                material.document = Some(reading);
            }
            Err(code) => material.refused = Some(code),
        }
    } else if step.shot == Shot::Selfie {
        match seen(eyes.read_selfie(bytes))? {
            Ok(selfie) => (material.photo, material.face) = (Some(selfie.photo), selfie.face),
            Err(code) => material.refused = Some(code),
        }
    } else {
        match seen(eyes.check_photo(bytes, step.shot, request.today))? {
            Ok(photo) => material.photo = Some(photo),
            Err(code) => material.refused = Some(code),
        }
        if step.portrait && material.refused.is_none() {
            material.face = seen(eyes.read_face(bytes))?.ok().flatten();
        }
    }
    progress.tell(Stage::Looked(step, start.elapsed()));
    Ok(material)
}
