//! Looking at the pictures of a session: each for what its step is for, then at both faces together.
//!
//! Work of the processor and nothing else: it runs on a thread of its own, with no transaction open.

use jiff::civil::Date;
use shiren_core::see::{DocumentReading, Eyes, FaceMatch, FaceTemplate, Look, PhotoReading, SeeError, Shot};
use shiren_core::verification::program::Step;
use shiren_core::verification::{Material, ReasonCode};

/// One picture, and the step that it is for.
#[derive(Clone, Copy)]
pub struct Given<'a> {
    /// The step.
    pub step: &'a Step,
    /// The picture's bytes.
    pub bytes: &'a [u8],
    /// Templates of the face that were kept when it was captured live; the comparison rests on these, where there
    /// are any.
    pub pool: &'a [FaceTemplate],
}

/// What is being done, as it is done.
#[derive(Clone, Copy, Debug)]
pub enum Looking<'a> {
    /// A picture is begun.
    Begun(&'a Step),
    /// A picture is done.
    Done(&'a Step),
    /// The faces are compared.
    Comparing,
}

/// What was seen.
#[derive(Debug)]
pub struct Looked {
    /// What each picture gave, in the order of the pictures.
    pub materials: Vec<Material>,
    /// Portrait and selfie compared, where both have a face.
    pub face: Option<FaceMatch>,
}

/// Looks at all pictures, side by side when `threads` allows.
///
/// # Errors
/// When the eyes themselves fail. What is wrong with a picture is no error but a refused material.
pub fn look(
    eyes: &dyn Eyes,
    given: &[Given<'_>],
    today: Date,
    threads: usize,
    tell: &(dyn Fn(Looking<'_>) + Sync),
) -> Result<Looked, SeeError> {
    let materials = if threads > 1 {
        at_once(eyes, given, today, tell)?
    } else {
        given.iter().map(|g| one(eyes, *g, today, tell)).collect::<Result<_, _>>()?
    };
    tell(Looking::Comparing);
    let face = |step: &dyn Fn(&Step) -> bool| {
        given.iter().position(|g| step(g.step)).and_then(|i| materials[i].face.as_ref())
    };
    let face = match (face(&|s| s.portrait), face(&|s| s.shot == Shot::Selfie)) {
        (Some(portrait), Some(selfie)) => {
            let pool = given.iter().find(|g| g.step.shot == Shot::Selfie).map_or(&[][..], |g| g.pool);
            let usable =
                !pool.is_empty() && pool.iter().all(|t| t.recogniser == portrait.template.recogniser);
            Some(if usable {
                eyes.compare_several(&portrait.template, pool)?
            } else {
                eyes.compare(&portrait.template, &selfie.template)?
            })
        }
        _ => None,
    };
    Ok(Looked { materials, face })
}

/// Every picture on a thread of its own. Networks are shared and run one at a time, but while one picture is
/// decoded, searched and warped, another is being read.
fn at_once(
    eyes: &dyn Eyes,
    given: &[Given<'_>],
    today: Date,
    tell: &(dyn Fn(Looking<'_>) + Sync),
) -> Result<Vec<Material>, SeeError> {
    std::thread::scope(|scope| {
        let looking: Vec<_> = given.iter().map(|g| scope.spawn(move || one(eyes, *g, today, tell))).collect();
        let seen = looking.into_iter().map(|thread| match thread.join() {
            Ok(material) => material,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        seen.collect()
    })
}

/// Looks at one picture.
///
/// # Errors
/// As [`look`].
pub fn one(
    eyes: &dyn Eyes,
    given: Given<'_>,
    today: Date,
    tell: &(dyn Fn(Looking<'_>) + Sync),
) -> Result<Material, SeeError> {
    let (step, bytes) = (given.step, given.bytes);
    tell(Looking::Begun(step));
    let mut material = Material { step: step.id.clone(), ..Material::default() };
    if step.shot == Shot::Handheld {
        match seen(eyes.read_handheld(bytes, step.reads, today))? {
            Ok(reading) => {
                material.photo = Some(reading.photo);
                // What is wrong with how it is held is told of the photo; that it is small and held by fingers is no fault.
                let document = DocumentReading { findings: Vec::new(), ..reading.document.clone() };
                material.document = step.reads.map(|_| document);
                material.held = Some(reading.document);
            }
            Err(code) => material.refused = Some(code),
        }
    } else if step.reads.is_some() {
        let look = Look { expected: step.reads, portrait: step.portrait, today };
        match seen(eyes.read_document(bytes, &look))? {
            Ok(reading) => {
                material.face = reading.portrait.clone();
                material.document = Some(reading);
            }
            Err(code) => material.refused = Some(code),
        }
    } else if let Some(kind) = step.shows {
        let look = Look { expected: Some(kind), portrait: step.portrait, today };
        match seen(eyes.read_document(bytes, &look))? {
            Ok(side) => {
                material.photo = Some(PhotoReading { findings: side.findings, measures: side.measures });
                material.face = side.portrait;
            }
            Err(code) => material.refused = Some(code),
        }
    } else if step.shot == Shot::Selfie {
        match seen(eyes.read_selfie(bytes))? {
            Ok(selfie) => (material.photo, material.face) = (Some(selfie.photo), selfie.face),
            Err(code) => material.refused = Some(code),
        }
    } else {
        match seen(eyes.check_photo(bytes, step.shot, today))? {
            Ok(photo) => material.photo = Some(photo),
            Err(code) => material.refused = Some(code),
        }
    }
    tell(Looking::Done(step));
    Ok(material)
}

/// A picture that cannot be used is an answer, not an error.
fn seen<T>(result: Result<T, SeeError>) -> Result<Result<T, ReasonCode>, SeeError> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(SeeError::Picture { code, .. }) => Ok(Err(code)),
        Err(other) => Err(other),
    }
}
