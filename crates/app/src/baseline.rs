//! Baselines (rows D7, E16): of an owner's face, what a verification computed is kept as long as the shop stands, and of
//! the face of who uses a sub-account until they are unbound; each under a key of its own. Later checks tell by it whether
//! it is still the same person.
//!
//! The person agreed to this in the words about their face; withdrawn or redacted, the key goes.

use shiren_core::account::AccountKind;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::Staff;
use shiren_core::id::SessionId;
use shiren_core::see::FaceTemplate;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{ConsentTo, Session};
use shiren_vault::Purpose;

use crate::checks::template_place;
use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::seal::Place;

/// The first version of the words of consent that says that the face of who uses a sub-account is kept. Versions are a
/// year and a month, so that they sort.
const SAYS_SO: &str = "2026-12";

impl App {
    /// Keeps the faces of a verification that an owner or the user of a sub-account passed, in the order of its steps.
    pub(crate) async fn keep_baseline(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        let keeps = match session.account.kind {
            AccountKind::Shop => true,
            AccountKind::Staff => knew(session),
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => false,
        };
        if !keeps {
            return Ok(());
        }
        let mut faces = 0;
        for step in session.pictures.keys() {
            let name = format!("template/{step}");
            if let Some(plain) = self.open_sealed(tx, &template_place(session, &name)).await? {
                let kept = name_of(faces);
                self.put_sealed(tx, &place(session.mode, &session.id, &kept), &plain).await?;
                faces += 1;
            }
        }
        Ok(())
    }

    /// The faces that are kept of a verification; none when there were none, or they were shredded.
    pub(crate) async fn baseline(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        session: &SessionId,
    ) -> Result<Vec<FaceTemplate>, Error> {
        let mut faces = Vec::new();
        loop {
            let name = name_of(faces.len());
            match self.open_sealed(tx, &place(mode, session, &name)).await? {
                Some(plain) => faces.push(opened(&plain)?),
                None => return Ok(faces),
            }
        }
    }

    /// Forgets the faces of everybody who ever owned a shop: it ended.
    pub(crate) async fn forget_baselines(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<(), Error> {
        for owner in &shop.owners {
            self.shred(tx, owner.session.as_str(), &[Purpose::Baseline]).await?;
        }
        Ok(())
    }

    /// Forgets the faces of everybody who used a sub-account and is not bound to it any more.
    pub(crate) async fn forget_faces_of_staff(&self, tx: &mut dyn Tx, staff: &Staff) -> Result<(), Error> {
        for binding in staff.bindings.iter().filter(|binding| binding.ended.is_some()) {
            self.shred(tx, binding.session.as_str(), &[Purpose::Baseline]).await?;
        }
        Ok(())
    }
}

/// Whether the words that the user of a sub-account agreed to say that their face is kept.
fn knew(session: &Session) -> bool {
    session.consents.iter().any(|c| c.to == ConsentTo::Face && c.version.as_str() >= SAYS_SO)
}

/// A template as it is sealed: the set that made it, and its vectors.
pub(crate) fn sealed(face: &FaceTemplate) -> Result<Vec<u8>, Error> {
    serde_json::to_vec(&(&face.recogniser, &face.vectors)).map_err(|e| Error::Internal(e.to_string()))
}

/// A template that was sealed.
pub(crate) fn opened(plain: &[u8]) -> Result<FaceTemplate, Error> {
    let (recogniser, vectors) = serde_json::from_slice(plain).map_err(|e| Error::Internal(e.to_string()))?;
    Ok(FaceTemplate { recogniser, vectors })
}

fn name_of(n: usize) -> String {
    format!("baseline/{n}")
}

fn place<'a>(mode: Mode, session: &'a SessionId, name: &'a str) -> Place<'a> {
    Place { mode, owner: session.as_str(), purpose: Purpose::Baseline, name }
}
