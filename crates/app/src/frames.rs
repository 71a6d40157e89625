//! What is kept of a live capture beside its picture, sealed under the session's face key and gone with it: the
//! templates of its best frames, for the comparison with the portrait, and their likenesses, by which frames that
//! were seen before are known.

use serde::{Deserialize, Serialize};
use shiren_core::account::Account;
use shiren_core::id::SessionId;
use shiren_core::see::FaceTemplate;
use shiren_core::see::liveness::FrameHash;
use shiren_core::verification::program::Mode;
use shiren_vault::Purpose;

use crate::context::App;
use crate::error::Error;
use crate::port::{SessionQuery, Tx};
use crate::seal::Place;

/// Bits in which two likenesses may differ and still be of one recording, encoded anew; neighbours in one video at
/// rest differ by one or two, and captures of another time by ten and more (`docs/measurements.md`, Liveness).
const NEAR: u32 = 3;
/// Earlier sessions of the account that are looked at.
const SESSIONS: u32 = 20;
/// Likenesses kept of one session: of as many captures as a person may try, and more.
const KEPT: usize = 64;
const LIKENESSES: &str = "frames";

/// The templates, as they are sealed.
#[derive(Serialize, Deserialize)]
struct Templates(Vec<(String, Vec<Vec<f32>>)>);

impl App {
    /// Seals the templates of a capture's best frames, for the picture of this SHA-256.
    pub(crate) async fn keep_templates(
        &self,
        tx: &mut dyn Tx,
        (mode, session): (Mode, &SessionId),
        sha256: &str,
        templates: Vec<FaceTemplate>,
    ) -> Result<(), Error> {
        let plain = Templates(templates.into_iter().map(|t| (t.recogniser, t.vectors)).collect());
        let plain = serde_json::to_vec(&plain).map_err(|e| Error::Internal(e.to_string()))?;
        let name = of_picture(sha256);
        self.put_sealed(tx, &place(mode, session, &name), &plain).await
    }

    /// Them again; empty when none were kept.
    pub(crate) async fn kept_templates(
        &self,
        tx: &mut dyn Tx,
        (mode, session): (Mode, &SessionId),
        sha256: &str,
    ) -> Result<Vec<FaceTemplate>, Error> {
        let name = of_picture(sha256);
        let Some(plain) = self.open_sealed(tx, &place(mode, session, &name)).await? else {
            return Ok(Vec::new());
        };
        let kept: Templates = serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string()))?;
        Ok(kept.0.into_iter().map(|(recogniser, vectors)| FaceTemplate { recogniser, vectors }).collect())
    }

    /// Whether frames like these were captured before: in this session, or in the account's earlier ones while their
    /// faces are kept. Remembers them.
    pub(crate) async fn seen_before(
        &self,
        tx: &mut dyn Tx,
        (mode, session, account): (Mode, &SessionId, &Account),
        frames: &[FrameHash],
    ) -> Result<bool, Error> {
        let query = SessionQuery {
            mode: Some(mode),
            status: None,
            account_kind: Some(account.kind),
            account_id: Some(account.id.clone()),
            after: None,
            limit: SESSIONS,
        };
        let mut own = self.likenesses(tx, mode, session).await?;
        let mut earlier = own.clone();
        for other in tx.sessions(&query).await?.iter().filter(|s| s.id != *session) {
            earlier.extend(self.likenesses(tx, mode, &other.id).await?);
        }
        let seen = are_seen(frames, &earlier);
        own.extend(frames);
        own.drain(..own.len().saturating_sub(KEPT));
        let plain = serde_json::to_vec(&own).map_err(|e| Error::Internal(e.to_string()))?;
        self.put_sealed(tx, &place(mode, session, LIKENESSES), &plain).await?;
        Ok(seen)
    }

    async fn likenesses(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
        session: &SessionId,
    ) -> Result<Vec<FrameHash>, Error> {
        match self.open_sealed(tx, &place(mode, session, LIKENESSES)).await? {
            Some(plain) => serde_json::from_slice(&plain).map_err(|e| Error::Internal(e.to_string())),
            None => Ok(Vec::new()),
        }
    }
}

/// Every one of the frames is near an earlier one: a person before the same wall may give one such frame by chance,
/// hardly all of them.
fn are_seen(frames: &[FrameHash], earlier: &[FrameHash]) -> bool {
    let near = |frame: &FrameHash| earlier.iter().any(|e| frame.distance(*e) <= NEAR);
    frames.len() >= 2 && frames.iter().all(near)
}

fn of_picture(sha256: &str) -> String {
    format!("template/live/{sha256}")
}

fn place<'a>(mode: Mode, session: &'a SessionId, name: &'a str) -> Place<'a> {
    Place { mode, owner: session.as_str(), purpose: Purpose::Face, name }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(likeness: u64) -> FrameHash {
        FrameHash { exact: likeness, likeness }
    }

    #[test]
    fn a_set_of_frames_is_known_again_though_it_was_encoded_anew_and_one_alike_frame_is_chance() {
        let earlier = [hash(0xffff_0000), hash(0x1234_5678_9abc), hash(0xf0f0_f0f0)];
        assert!(are_seen(&[hash(0xffff_0001), hash(0xf0f0_f0f6)], &earlier));
        assert!(!are_seen(&[hash(0xffff_0001), hash(0x0bad_cafe_0bad_cafe)], &earlier));
        assert!(!are_seen(&[hash(0xffff_0000)], &earlier), "one frame is no set");
        assert!(!are_seen(&[hash(0), hash(0)], &[]));
    }
}
