//! Photographs and videos of a request: they come in pieces, over lines that break.
//!
//! Each piece is sealed and kept as a blob of its own, then counted. When the last one is here the checksum is held
//! against all of them, one piece in memory at a time. A photograph is then put together, and kept whole without its
//! metadata; a video stays in its pieces, and nothing ever decodes it.

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use shiren_core::aftersales::attachment::{Attachment, AttachmentKind, AttachmentRefusal, Counted};
use shiren_core::aftersales::video::VideoType;
use shiren_core::aftersales::{AfterSales, AfterSalesRefusal};
use shiren_core::id::{AfterSalesId, AttachmentId};
use shiren_core::verification::program::Mode;
use shiren_vault::{DataKey, Purpose, Sealed};

use super::aftersales_in;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::pictures::{hex, media_number, media_of};
use crate::port::Tx;
use crate::seal::Place;

/// How long a file can be gone on with: 100 MB at 110 kbit/s.
const KEPT: SignedDuration = SignedDuration::from_hours(2);

/// What is going to be sent.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// A photograph or a video.
    pub kind: AttachmentKind,
    /// Bytes altogether.
    pub length: u64,
    /// SHA-256 of all of them.
    pub sha256: [u8; 32],
}

/// What came of a piece.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppendedFile {
    /// Bytes that are here; the next piece begins there.
    pub offset: u64,
    /// Bytes altogether.
    pub length: u64,
    /// What it is, once it is whole and counts.
    pub counted: Option<Counted>,
}

/// A file that is opened, piece by piece.
pub struct FileReader {
    /// As HTTP names it.
    pub media_type: &'static str,
    app: App,
    key: DataKey,
    mode: Mode,
    id: AfterSalesId,
    blobs: std::vec::IntoIter<String>,
    /// The first piece of a photograph begins with a byte that names its format.
    first: Option<Vec<u8>>,
}

impl FileReader {
    /// The next piece; `None` behind the last.
    ///
    /// # Errors
    /// When it is gone, or does not open.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        match self.blobs.next() {
            Some(blob) => self.app.piece(&self.key, self.mode, &self.id, &blob).await.map(Some),
            None => Ok(None),
        }
    }
}

/// Announces a file.
#[derive(Clone, Debug)]
struct Announce {
    id: AfterSalesId,
    attachment: Attachment,
}

#[async_trait]
impl Command for Announce {
    type Done = ();

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<(), Error> {
        let mut request = aftersales_in(tx, None, &self.id).await?;
        let now = app.on_clock(tx, request.value.clock.as_ref()).await?.now();
        request.value.announce(self.attachment.clone(), &app.settings.aftersales, now)?;
        // Pieces are sealed from here on with a key that is there.
        app.data_key(tx, &place(request.value.mode, &self.id, "")).await?;
        tx.save_aftersales(&request).await?;
        let over = self.attachment.begun_at.saturating_add(KEPT).unwrap_or(Timestamp::MAX);
        let job = Job::SweepAttachment { aftersales: self.id, attachment: self.attachment.id };
        app.enqueue(tx, job, over, None).await
    }
}

/// Notes something about a file.
#[derive(Clone, Debug)]
struct Note {
    id: AfterSalesId,
    file: AttachmentId,
    what: Noted,
}

#[derive(Clone, Debug)]
enum Noted {
    Piece(u64, u64),
    Counts(Counted),
    Removed,
    Dropped,
}

#[async_trait]
impl Command for Note {
    type Done = AfterSales;

    const RINGS: bool = false;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<AfterSales, Error> {
        let mut request = aftersales_in(tx, None, &self.id).await?;
        let now = app.on_clock(tx, request.value.clock.as_ref()).await?.now();
        match self.what {
            Noted::Piece(offset, bytes) => drop(request.value.piece(&self.file, offset, bytes, now)?),
            Noted::Counts(counted) => request.value.counted(&self.file, counted, now)?,
            Noted::Removed => {
                request.value.remove(&self.file, now)?;
                let job = Job::SweepAttachment { aftersales: self.id, attachment: self.file };
                app.enqueue(tx, job, app.world_now(), None).await?;
            }
            Noted::Dropped => drop(request.value.drop_attachment(&self.file)?),
        }
        tx.save_aftersales(&request).await?;
        Ok(request.value)
    }
}

impl App {
    /// Begins a file of a request; gives its id.
    ///
    /// # Errors
    /// When it is not the buyer's turn, there are as many as there may be, or it would be too large.
    pub async fn begin_file(&self, id: &AfterSalesId, new: NewFile) -> Result<AttachmentId, Error> {
        let now = self.world_now();
        let file = AttachmentId::new(now, self.ten());
        let attachment = Attachment {
            id: file.clone(),
            kind: new.kind,
            length: new.length,
            sha256: hex(&new.sha256),
            pieces: Vec::new(),
            counted: None,
            handed_in: false,
            begun_at: now,
        };
        self.run(Announce { id: id.clone(), attachment }).await?;
        Ok(file)
    }

    /// How a file stands.
    ///
    /// # Errors
    /// When the request has none of this id.
    pub async fn file(&self, id: &AfterSalesId, file: &AttachmentId) -> Result<AppendedFile, Error> {
        let request = aftersales_in(self.store.reader().await?.as_mut(), None, id).await?.value;
        standing(&request, file)
    }

    /// Takes the next piece. With the last one the file is looked at and counts; an empty piece at the end asks for that
    /// again, when the answer to the last one was lost.
    ///
    /// # Errors
    /// When it is not the buyer's turn or the piece does not fit, with what is here left as it is. When the checksum is
    /// wrong or it is no file that is taken: then nothing of it is kept.
    pub async fn append_file(
        &self,
        id: &AfterSalesId,
        file: &AttachmentId,
        offset: u64,
        bytes: &[u8],
    ) -> Result<AppendedFile, Error> {
        let mut tx = self.store.reader().await?;
        let mut request = aftersales_in(tx.as_mut(), None, id).await?.value;
        let now = self.on_clock(tx.as_mut(), request.clock.as_ref()).await?.now();
        let key = self.existing_key(tx.as_mut(), &place(request.mode, id, "")).await?;
        drop(tx);
        // Asked before anything is kept, and again when it is counted.
        request.clone().piece(file, offset, bytes.len() as u64, now)?;
        let attachment = found(&request, file)?.clone();
        let key = key.ok_or(Error::NotFound("file"))?;
        if offset == 0 && attachment.kind == AttachmentKind::Video && VideoType::of(bytes).is_none() {
            return self.refuse_file(id, &attachment, refused(AttachmentRefusal::NoVideo)).await;
        }
        if !bytes.is_empty() {
            let name = blob(id, file, offset);
            let sealed = self.seal(&key, &place(request.mode, id, &name), bytes);
            self.blobs.put(&name, sealed.0).await?;
            let what = Noted::Piece(offset, bytes.len() as u64);
            request = self.run(Note { id: id.clone(), file: file.clone(), what }).await?;
        }
        let attachment = found(&request, file)?.clone();
        if !attachment.is_whole() || attachment.counted.is_some() {
            return standing(&request, file);
        }
        match self.looked_at(&request, &attachment, &key).await {
            Ok(counted) => {
                let photo = matches!(counted, Counted::Photo { .. });
                let what = Noted::Counts(counted);
                let request = self.run(Note { id: id.clone(), file: file.clone(), what }).await?;
                if photo {
                    // Kept as a whole from now on.
                    self.delete_pieces_of(id, &attachment).await?;
                }
                standing(&request, file)
            }
            Err(error @ (Error::Picture(_) | Error::AfterSales(AfterSalesRefusal::Attachment(_)))) => {
                self.refuse_file(id, &attachment, error).await
            }
            Err(error) => Err(error),
        }
    }

    /// Takes a file away; what was handed in stays.
    ///
    /// # Errors
    /// When it is not the buyer's turn, there is none, or it was handed in.
    pub async fn remove_file(&self, id: &AfterSalesId, file: &AttachmentId) -> Result<AfterSales, Error> {
        // Noted first: what is handed in meanwhile, by a verification that ends, keeps its bytes. A job sweeps them if
        // this process does not live to do it.
        let request = self.run(Note { id: id.clone(), file: file.clone(), what: Noted::Removed }).await?;
        self.sweep_attachment(id, file).await?;
        Ok(request)
    }

    /// Deletes what is left of a file that was taken away, or did not come whole in its time. Done again, it changes nothing.
    pub(crate) async fn sweep_attachment(&self, id: &AfterSalesId, file: &AttachmentId) -> Result<(), Error> {
        let Some(request) = self.store.reader().await?.aftersales(id).await? else { return Ok(()) };
        match request.value.attachment(file) {
            Some(attachment) if attachment.counted.is_none() => {
                self.delete_file(id, attachment).await?;
                let what = Noted::Dropped;
                self.run(Note { id: id.clone(), file: file.clone(), what }).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    async fn refuse_file(
        &self,
        id: &AfterSalesId,
        attachment: &Attachment,
        why: Error,
    ) -> Result<AppendedFile, Error> {
        self.delete_file(id, attachment).await?;
        self.run(Note { id: id.clone(), file: attachment.id.clone(), what: Noted::Dropped }).await?;
        Err(why)
    }

    /// What a whole file is. The pieces of a photograph become one blob.
    async fn looked_at(
        &self,
        request: &AfterSales,
        attachment: &Attachment,
        key: &DataKey,
    ) -> Result<Counted, Error> {
        let (mut sum, mut whole, mut first) = (Sha256::new(), Vec::new(), Vec::new());
        for name in pieces(&request.id, attachment) {
            let piece = self.piece(key, request.mode, &request.id, &name).await?;
            sum.update(&piece);
            match attachment.kind {
                AttachmentKind::Photo => whole.extend(piece),
                AttachmentKind::Video if first.is_empty() => first = piece,
                AttachmentKind::Video => {}
            }
        }
        if hex(&sum.finalize()) != attachment.sha256 {
            return Err(refused(AttachmentRefusal::Checksum));
        }
        if attachment.kind == AttachmentKind::Video {
            let media = VideoType::of(&first).ok_or_else(|| refused(AttachmentRefusal::NoVideo))?;
            return Ok(Counted::Video { media });
        }
        let kept = self.pictures.keep(&whole)?;
        let mut plain = vec![media_number(kept.media_type)];
        plain.extend(kept.bytes);
        let name = whole_blob(&request.id, &attachment.id);
        let sealed = self.seal(key, &place(request.mode, &request.id, &name), &plain);
        self.blobs.put(&name, sealed.0).await?;
        let (width, height) = kept.size;
        Ok(Counted::Photo { width, height })
    }

    pub(super) async fn file_reader(
        &self,
        tx: &mut dyn Tx,
        request: &AfterSales,
        file: &AttachmentId,
    ) -> Result<FileReader, Error> {
        let attachment = found(request, file)?;
        let key = self.existing_key(tx, &place(request.mode, &request.id, "")).await?;
        let key = key.ok_or(Error::NotFound("file"))?;
        let (media_type, blobs, first) = match &attachment.counted {
            None => return Err(Error::NotFound("file")),
            Some(Counted::Video { media }) => (media.media_type(), pieces(&request.id, attachment), None),
            Some(Counted::Photo { .. }) => {
                let name = whole_blob(&request.id, file);
                let plain = self.piece(&key, request.mode, &request.id, &name).await?;
                let (media, bytes) =
                    plain.split_first().ok_or_else(|| Error::Internal("an empty picture".into()))?;
                (media_of(*media), Vec::new(), Some(bytes.to_vec()))
            }
        };
        let (app, mode, id, blobs) = (self.clone(), request.mode, request.id.clone(), blobs.into_iter());
        Ok(FileReader { media_type, app, key, mode, id, blobs, first })
    }

    async fn piece(
        &self,
        key: &DataKey,
        mode: Mode,
        id: &AfterSalesId,
        name: &str,
    ) -> Result<Vec<u8>, Error> {
        let sealed = Sealed(self.blobs.get(name).await?);
        Ok(Self::unseal(key, &place(mode, id, name), &sealed)?.to_vec())
    }

    /// All bytes of a file.
    pub(super) async fn delete_file(&self, id: &AfterSalesId, attachment: &Attachment) -> Result<(), Error> {
        self.blobs.delete(&whole_blob(id, &attachment.id)).await?;
        self.delete_pieces_of(id, attachment).await
    }

    /// The pieces, and one that was kept but not counted.
    async fn delete_pieces_of(&self, id: &AfterSalesId, attachment: &Attachment) -> Result<(), Error> {
        let uncounted = blob(id, &attachment.id, attachment.here());
        for name in pieces(id, attachment).into_iter().chain([uncounted]) {
            self.blobs.delete(&name).await?;
        }
        Ok(())
    }
}

fn refused(refusal: AttachmentRefusal) -> Error {
    AfterSalesRefusal::from(refusal).into()
}

fn found<'a>(request: &'a AfterSales, file: &AttachmentId) -> Result<&'a Attachment, Error> {
    request.attachment(file).ok_or(Error::NotFound("file"))
}

fn standing(request: &AfterSales, file: &AttachmentId) -> Result<AppendedFile, Error> {
    let file = found(request, file)?;
    Ok(AppendedFile { offset: file.here(), length: file.length, counted: file.counted.clone() })
}

/// Where the piece that begins at `offset` is kept.
fn blob(id: &AfterSalesId, file: &AttachmentId, offset: u64) -> String {
    format!("aftersales/{id}/{file}/{offset}")
}

/// Where a photograph is kept.
fn whole_blob(id: &AfterSalesId, file: &AttachmentId) -> String {
    format!("aftersales/{id}/{file}/whole")
}

/// Where the pieces are kept, in their order.
fn pieces(id: &AfterSalesId, attachment: &Attachment) -> Vec<String> {
    let begins = attachment.pieces.iter().scan(0, |end, length| {
        *end += length;
        Some(*end - length)
    });
    begins.map(|begin| blob(id, &attachment.id, begin)).collect()
}

/// Where a piece is sealed for: under a key of the request, which goes when everything personal of it goes.
fn place<'a>(mode: Mode, id: &'a AfterSalesId, name: &'a str) -> Place<'a> {
    Place { mode, owner: id.as_str(), purpose: Purpose::Evidence, name }
}
