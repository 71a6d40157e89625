//! Baselines (row D7): of an owner's face, what a verification computed is kept as long as the shop stands, under a key of
//! its own. Later checks tell by it whether the same person still operates.
//!
//! The person agreed to this in the words about their face; withdrawn or redacted, the key goes.

use shiren_core::account::AccountKind;
use shiren_core::account::shop::Shop;
use shiren_core::id::SessionId;
use shiren_core::see::FaceTemplate;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Session;
use shiren_vault::Purpose;

use crate::checks::template_place;
use crate::context::App;
use crate::error::Error;
use crate::port::Tx;
use crate::seal::Place;

impl App {
    /// Keeps the faces of a verification that an owner passed, in the order of its steps.
    pub(crate) async fn keep_baseline(&self, tx: &mut dyn Tx, session: &Session) -> Result<(), Error> {
        if session.account.kind != AccountKind::Shop {
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
