//! One face against faces that were kept before: of people who are banned, and of who verified for the same shop.

use std::sync::Arc;

use shiren_core::see::{FaceMatch, FaceTemplate, Shot};
use shiren_core::verification::program::Method;

use crate::context::App;
use crate::error::Error;
use crate::look::Looked;

/// The selfie's step and face, by which a person is searched; `None` where the method asks for none or it has no face.
pub(crate) fn selfie(looked: &Looked, method: &Method) -> Option<(String, FaceTemplate)> {
    let step = method.steps.iter().find(|s| s.shot == Shot::Selfie)?;
    let material = looked.materials.iter().find(|m| m.step == step.id)?;
    Some((step.id.clone(), material.face.clone()?.template))
}

impl App {
    /// Compares a face with those of each of `known`, on a thread of its own. Of several pictures of one person the most
    /// alike counts. Who has none that the same recogniser made cannot be compared, and is left out: whoever asks sees to
    /// that this is not taken for *nobody*.
    pub(crate) async fn most_alike<K: Send + 'static>(
        &self,
        face: FaceTemplate,
        known: Vec<(K, Vec<FaceTemplate>)>,
    ) -> Result<Vec<(K, FaceMatch)>, Error> {
        let eyes = Arc::clone(&self.eyes);
        let comparing = tokio::task::spawn_blocking(move || {
            let mut compared = Vec::new();
            for (whose, faces) in known {
                let mut best: Option<FaceMatch> = None;
                for kept in faces.iter().filter(|kept| kept.recogniser == face.recogniser) {
                    let came = eyes.compare(&face, kept)?;
                    best = best.filter(|b| b.score >= came.score).or(Some(came));
                }
                compared.extend(best.map(|face| (whose, face)));
            }
            Ok(compared)
        });
        comparing.await.map_err(|e| Error::Internal(e.to_string()))?
    }
}
