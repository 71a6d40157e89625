//! Pictures that come in pieces, over lines that break: begun with length and checksum, gone on with from where the
//! server stands, and taken as a picture when the last piece is here.
//!
//! Each piece is sealed and kept as a blob of its own, then counted; a picture is put together in memory alone. A step
//! has one upload under way: another one takes its place, so that a session has no more of them than steps.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use shiren_core::id::{EvidenceId, SessionId, UploadId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Refusal;
use shiren_core::verification::{ReasonCode, Severity};

use shiren_vault::Purpose;

use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::person::own;
use crate::pictures::{Taken, hex};
use crate::port::{StoreError, Tx};
use crate::record::{Stored, TakenBy, UploadRecord};
use crate::seal::Place;

/// Largest picture in bytes: what the eyes open (`shiren_vision::picture::Limits`).
const LARGEST: u64 = 20_000_000;
/// Most bytes of one piece.
pub const LARGEST_CHUNK: u64 = 1 << 20;
/// Fewest bytes of a piece that is not the last: each is a file, and a picture has at most 611 of them.
const SMALLEST_CHUNK: u64 = 32 * 1024;
/// How long an upload can be gone on with: 20 MB at 22 kbit/s.
const KEPT: SignedDuration = SignedDuration::from_hours(2);

/// What is going to be sent.
#[derive(Clone, Debug)]
pub struct NewUpload {
    /// For which step.
    pub step: String,
    /// Bytes altogether, 1–20,000,000.
    pub length: u64,
    /// SHA-256 of all of them.
    pub sha256: [u8; 32],
    /// How it was taken.
    pub taken_by: TakenBy,
}

/// How an upload stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Bytes that are here; the next piece begins there.
    pub offset: u64,
    /// Bytes altogether.
    pub length: u64,
    /// Until when it can be gone on with, by the world's time.
    pub expires_at: Timestamp,
}

/// What came of a piece.
#[derive(Clone, Debug)]
pub enum Appended {
    /// It is kept; more is to come.
    Part(Upload),
    /// It was the last, and the picture was taken.
    Whole(Upload, Box<Taken>),
}

/// Why an upload does not go on so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UploadRefusal {
    /// The next piece begins elsewhere.
    #[error("the upload stands at byte {0}")]
    Offset(u64),
    /// More than was announced, or than is ever taken.
    #[error("more bytes than the upload may have")]
    TooLarge,
    /// The piece is too small or too large.
    #[error("a piece has 32 KiB to 1 MiB; only the last one may be smaller")]
    Piece,
    /// What came is not what was announced; nothing of it is kept.
    #[error("the bytes do not have the checksum that was announced")]
    Checksum,
}

impl App {
    /// Begins an upload for a step; an earlier one for the same step is deleted.
    ///
    /// # Errors
    /// When it is not the person's turn, there is no such step, it must be live, or it would be too large.
    pub async fn begin_upload(&self, session: &SessionId, new: NewUpload) -> Result<Upload, Error> {
        let mode = self.may_take(session, &new.step, new.taken_by).await?;
        if new.length == 0 {
            return Err(Error::Picture(ReasonCode::PictureEmpty));
        }
        if new.length > LARGEST {
            return Err(UploadRefusal::TooLarge.into());
        }
        for old in self.store.reader().await?.uploads_of(session).await? {
            if old.step == new.step {
                self.forget_upload(&old).await?;
            }
        }
        let now = self.world_now();
        let record = UploadRecord {
            id: UploadId::new(now, self.ten()),
            session: session.clone(),
            step: new.step,
            taken_by: new.taken_by,
            length: new.length,
            sha256: hex(&new.sha256),
            pieces: Vec::new(),
            expires_at: now.saturating_add(KEPT).unwrap_or(Timestamp::MAX),
            picture: None,
        };
        let mut tx = self.store.begin().await?;
        // Pieces are sealed from here on with a key that is there.
        self.data_key(tx.as_mut(), &place(mode, &record, "")).await?;
        tx.insert_upload(&record).await?;
        let sweep = Job::SweepUpload { upload: record.id.clone() };
        self.enqueue(tx.as_mut(), sweep, record.expires_at, None).await?;
        tx.commit().await?;
        Ok(standing(&record))
    }

    /// How an upload stands.
    ///
    /// # Errors
    /// When the session has none of this id, or its time is over.
    pub async fn upload(&self, session: &SessionId, id: &UploadId) -> Result<Upload, Error> {
        let found = self.found(self.store.reader().await?.as_mut(), session, id).await?;
        Ok(standing(&found.value))
    }

    /// Takes the next piece. When it is the last one, the picture is taken for its step; an empty piece at the end
    /// asks for that again, when the answer to the last one was lost.
    ///
    /// # Errors
    /// [`UploadRefusal`], with what is here left as it is — but when the checksum is wrong, or the picture cannot be
    /// used at all: then nothing is kept. When the session has none of this id.
    pub async fn append_upload(
        &self,
        session: &SessionId,
        id: &UploadId,
        offset: u64,
        piece: &[u8],
    ) -> Result<Appended, Error> {
        let mut tx = self.store.reader().await?;
        let mut upload = self.found(tx.as_mut(), session, id).await?;
        drop(tx);
        fits(&upload.value, offset, piece.len() as u64)?;
        if !piece.is_empty() {
            self.keep_piece(&mut upload, piece).await?;
        }
        let record = &upload.value;
        if here(record) < record.length {
            return Ok(Appended::Part(standing(record)));
        }
        match self.taken_from(record).await {
            Ok(taken) => {
                self.note_picture(upload.clone(), &taken.evidence.id).await?;
                Ok(Appended::Whole(standing(record), Box::new(taken)))
            }
            Err(error) => {
                if matches!(error, Error::Picture(_) | Error::Upload(UploadRefusal::Checksum)) {
                    self.forget_upload(record).await?;
                }
                Err(error)
            }
        }
    }

    async fn found(
        &self,
        tx: &mut dyn Tx,
        session: &SessionId,
        id: &UploadId,
    ) -> Result<Stored<UploadRecord>, Error> {
        let now = self.world_now();
        let found = tx.upload(id).await?.filter(|u| u.value.session == *session && u.value.expires_at > now);
        found.ok_or(Error::NotFound("upload"))
    }

    /// Whether a picture taken so would be taken now; the session's mode.
    async fn may_take(&self, id: &SessionId, step: &str, taken_by: TakenBy) -> Result<Mode, Error> {
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), id).await?.value;
        let now = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?.now();
        drop(tx);
        let program = self.program_of(&session)?;
        let step = session.method_of(program)?.step(step).ok_or(Refusal::NoSuchStep)?;
        if step.live.in_mode(session.mode) && taken_by == TakenBy::File {
            return Err(Error::Picture(ReasonCode::LiveCaptureRequired));
        }
        let mode = session.mode;
        let probe = EvidenceId::new(self.world_now(), self.ten());
        let step = step.id.clone();
        { session }.take(program, &step, probe, now)?;
        Ok(mode)
    }

    /// Seals a piece, keeps it, and counts it. The blob is named for its place: a piece that comes twice for the same
    /// place replaces itself, and one that is not counted is found by the sweep.
    async fn keep_piece(&self, upload: &mut Stored<UploadRecord>, piece: &[u8]) -> Result<(), Error> {
        let record = &upload.value;
        let mut tx = self.store.snapshot().await?;
        let mode = own(tx.as_mut(), &record.session).await?.value.mode;
        let name = blob(&record.id, here(record));
        let place = place(mode, record, &name);
        let key = self.existing_key(tx.as_mut(), &place).await?.ok_or(Error::NotFound("upload"))?;
        drop(tx);
        self.blobs.put(&name, self.seal(&key, &place, piece).0).await?;
        upload.value.pieces.push(piece.len() as u64);
        let mut tx = self.store.begin().await?;
        match tx.save_upload(upload).await {
            Ok(()) => tx.commit().await?,
            Err(StoreError::Conflict) => {
                drop(tx);
                // Another one counted for this place, or the upload was deleted meanwhile and this piece with it.
                if self.store.reader().await?.upload(&upload.value.id).await?.is_none() {
                    self.blobs.delete(&name).await?;
                }
                return Err(Error::Conflict);
            }
            Err(error) => return Err(error.into()),
        }
        upload.version += 1;
        Ok(())
    }

    /// The picture of an upload that is whole: taken before, or now.
    async fn taken_from(&self, record: &UploadRecord) -> Result<Taken, Error> {
        if let Some(id) = &record.picture {
            let evidence =
                self.store.reader().await?.evidence(id).await?.ok_or(Error::NotFound("picture"))?;
            let usable = evidence.findings.iter().all(|f| f.severity != Severity::Fail);
            return Ok(Taken { evidence, usable });
        }
        let bytes = self.put_together(record).await?;
        if hex(&Sha256::digest(&bytes)) != record.sha256 {
            return Err(UploadRefusal::Checksum.into());
        }
        self.take_picture(&record.session, &record.step, bytes, record.taken_by).await
    }

    async fn put_together(&self, record: &UploadRecord) -> Result<Vec<u8>, Error> {
        let mut tx = self.store.snapshot().await?;
        let mode = own(tx.as_mut(), &record.session).await?.value.mode;
        let key = self.existing_key(tx.as_mut(), &place(mode, record, "")).await?;
        let key = key.ok_or(Error::NotFound("upload"))?;
        drop(tx);
        let mut bytes = Vec::new();
        let mut offset = 0;
        for length in &record.pieces {
            let name = blob(&record.id, offset);
            let sealed = shiren_vault::Sealed(self.blobs.get(&name).await?);
            bytes.extend_from_slice(&Self::unseal(&key, &place(mode, record, &name), &sealed)?);
            offset += length;
        }
        Ok(bytes)
    }

    /// Notes what became of it, and deletes the pieces: the picture is kept elsewhere. If this is not reached, the
    /// upload stands as whole, and its picture is taken once more when somebody asks: the last one counts.
    async fn note_picture(&self, mut upload: Stored<UploadRecord>, id: &EvidenceId) -> Result<(), Error> {
        if upload.value.picture.is_some() {
            return Ok(());
        }
        upload.value.picture = Some(id.clone());
        let mut tx = self.store.begin().await?;
        match tx.save_upload(&upload).await {
            Ok(()) => tx.commit().await?,
            // It was finished twice at once, or another upload took its place: the pictures are taken all the same.
            Err(StoreError::Conflict) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        self.delete_pieces(&upload.value).await
    }

    /// Deletes an upload: its pieces first, so that no blob is left without a record.
    async fn forget_upload(&self, record: &UploadRecord) -> Result<(), Error> {
        self.delete_pieces(record).await?;
        let mut tx = self.store.begin().await?;
        tx.delete_upload(&record.id).await?;
        Ok(tx.commit().await?)
    }

    /// The pieces, and one that was kept but not counted.
    async fn delete_pieces(&self, record: &UploadRecord) -> Result<(), Error> {
        let mut offset = 0;
        for length in record.pieces.iter().copied().chain([0]) {
            self.blobs.delete(&blob(&record.id, offset)).await?;
            offset += length;
        }
        Ok(())
    }

    /// Deletes what is left of an upload whose time is over. Done again, it changes nothing.
    pub(crate) async fn sweep_upload(&self, id: &UploadId) -> Result<(), Error> {
        let found = self.store.reader().await?.upload(id).await?;
        match found {
            Some(upload) => self.forget_upload(&upload.value).await,
            None => Ok(()),
        }
    }
}

/// Whether a piece of so many bytes may come next.
fn fits(record: &UploadRecord, offset: u64, bytes: u64) -> Result<(), UploadRefusal> {
    let here = here(record);
    if offset != here {
        return Err(UploadRefusal::Offset(here));
    }
    let left = record.length - here;
    if bytes > left {
        return Err(UploadRefusal::TooLarge);
    }
    let whole = bytes == left;
    if bytes > LARGEST_CHUNK || (bytes < SMALLEST_CHUNK && !whole) {
        return Err(UploadRefusal::Piece);
    }
    Ok(())
}

fn here(record: &UploadRecord) -> u64 {
    record.pieces.iter().sum()
}

fn standing(record: &UploadRecord) -> Upload {
    let offset = here(record);
    Upload { id: record.id.clone(), offset, length: record.length, expires_at: record.expires_at }
}

/// Where the piece that begins at `offset` is kept.
fn blob(id: &UploadId, offset: u64) -> String {
    format!("uploads/{id}/{offset}")
}

/// Where a piece is sealed for: under the key of the session's pictures, which goes when they go.
fn place<'a>(mode: Mode, record: &'a UploadRecord, name: &'a str) -> Place<'a> {
    Place { mode, owner: record.session.as_str(), purpose: Purpose::Evidence, name }
}
