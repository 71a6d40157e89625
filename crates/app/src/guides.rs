//! Guiding a person to a good shot of a document, frame by frame.
//!
//! Nothing of a frame is kept and nothing is proven: the picture that counts is sent afterwards like any other. A guide
//! therefore needs no token; who holds the visit may be guided.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use shiren_core::id::EvidenceId;
use shiren_core::see::{CardGuide, CardHint, DocumentKind, SeeError};
use shiren_core::verification::session::Refusal;

use crate::context::App;
use crate::error::Error;
use crate::person::Visitor;

/// How long a guide may take: a place before the camera is not for ever.
const LONGEST: SignedDuration = SignedDuration::from_secs(180);
/// Frames in a second that are more than any page of ours sends.
const FASTEST: u64 = 15;
/// Frames that cannot be read before it is over.
const UNREADABLE: u32 = 10;

/// A guide while its channel is open.
pub struct DocumentGuide {
    guide: CardGuide,
    expected: DocumentKind,
    started: Timestamp,
    frames: u64,
    unreadable: u32,
    told: CardHint,
}

impl App {
    /// Begins to guide a visitor to a step's picture of a document.
    ///
    /// # Errors
    /// When it is not the person's turn, there is no such step, or it shows no document.
    pub fn begin_guide(&self, visitor: &Visitor, step: &str) -> Result<DocumentGuide, Error> {
        let now = self.world_now();
        let session = &visitor.session;
        let program = self.program_of(session)?;
        let step = session.method_of(program)?.step(step).ok_or(Refusal::NoSuchStep)?;
        let shown = step.reads.or(step.shows).filter(|_| step.shot.document().is_some());
        let expected = shown.ok_or(Error::Forbidden("this step's picture shows no document"))?;
        session.clone().take(program, &step.id, EvidenceId::new(now, self.ten()), visitor.now)?;
        let guide = CardGuide::new(expected);
        let told = CardHint::Place;
        Ok(DocumentGuide { guide, expected, started: now, frames: 0, unreadable: 0, told })
    }

    /// Looks at the next frame, on a thread of its own.
    ///
    /// # Errors
    /// When frames come too fast, for too long or cannot be read; when the eyes themselves fail.
    pub async fn look_guided(
        &self,
        mut guide: DocumentGuide,
        frame: Vec<u8>,
    ) -> Result<(DocumentGuide, CardHint), Error> {
        let took = self.world_now().duration_since(guide.started);
        let at_ms = u64::try_from(took.as_millis()).unwrap_or(0);
        guide.frames += 1;
        if took > LONGEST {
            return Err(Error::Capture("expired"));
        }
        if guide.frames > FASTEST * (at_ms / 1000 + 2) {
            return Err(Error::Capture("too_fast"));
        }
        let (watch, expected) = (Arc::clone(&self.watch), guide.expected);
        let looking = tokio::task::spawn_blocking(move || watch.read_card(&frame, expected));
        match looking.await.map_err(|e| Error::Internal(e.to_string()))? {
            Ok(view) => guide.told = guide.guide.advance(&view, at_ms),
            Err(SeeError::Picture { code, .. }) => {
                guide.unreadable += 1;
                if guide.unreadable > UNREADABLE {
                    return Err(Error::Picture(code));
                }
            }
            Err(other) => return Err(other.into()),
        }
        let told = guide.told;
        Ok((guide, told))
    }
}
