//! Live captures: a person before the camera, looked at frame by frame.
//!
//! A capture is begun for one step by one browser, and its token opens one channel, once. Frames are looked at in the
//! order in which they come; nothing of them is kept but the best, in memory, until the capture is finished. A channel
//! that breaks ends its capture: the person begins another one, which draws another plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use shiren_core::id::SessionId;
use shiren_core::see::liveness::{
    Challenge, ColourCheck, FrameHash, FrameReading, Hint, Plan, Progress, Pulse, ScreenColour, Watch,
};
use shiren_core::see::{Eyes, FaceTemplate, Region, SeeError, Shot};
use shiren_core::verification::ReasonCode;
use shiren_core::verification::check::LiveProof;
use shiren_core::verification::session::Refusal;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::camera::CameraSaid;
use crate::context::{App, hash};
use crate::error::Error;
use crate::person::{Visitor, own};
use crate::pictures::{Taken, hex};
use crate::record::{CaptureOpened, CaptureRecord, SecretHash};

/// How long a token can be opened.
const TOKEN: SignedDuration = SignedDuration::from_secs(120);
/// How long a capture may take altogether.
const LONGEST: SignedDuration = SignedDuration::from_secs(180);
/// Frames in a second that are more than any page of ours sends.
const FASTEST: u64 = 30;
/// Frames that cannot be read before it is over: one may be cut off by a bad line.
const UNREADABLE: u32 = 10;
/// Thousandths of correlation from which on the screen's colours were seen on the face (`docs/measurements.md`,
/// Liveness).
const SEEN_MILLI: i32 = 600;

/// How live a network must find a face, 0–1: as likely as not.
const LIVE: f32 = 0.5;

/// Every so manieth frame is searched whole.
const SEARCHED: u64 = 3;

/// A capture that was begun.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What opens its channel, once.
    pub token: String,
    /// How many actions will be asked for.
    pub actions: usize,
}

/// A capture while its channel is open.
pub struct LiveCapture {
    session: SessionId,
    step: String,
    plan: Plan,
    progress: Progress,
    started: Timestamp,
    last_ms: u64,
    frames: u64,
    unreadable: u32,
    chain: [u8; 32],
    face: Option<Region>,
    hand: Option<Region>,
    template: Option<FaceTemplate>,
    kept: BTreeMap<u64, KeptFrame>,
    camera: CameraSaid,
    pulse: Pulse,
    colours: ColourCheck,
    screen: Option<ScreenColour>,
    signals: BTreeSet<ReasonCode>,
    over: Option<ReasonCode>,
}

/// One of the best frames.
struct KeptFrame {
    bytes: Vec<u8>,
    hash: FrameHash,
    face: Option<Region>,
}

/// What looking at the best frames once more gave.
struct Looked {
    /// The picture's bytes.
    frame: Vec<u8>,
    templates: Vec<FaceTemplate>,
    passive: Option<f32>,
}

/// What the page is told after a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// What to tell the person.
    pub hint: Hint,
    /// Actions done.
    pub done: usize,
    /// Actions altogether.
    pub of: usize,
    /// What the whole screen should show now.
    pub screen: Option<ScreenColour>,
}

/// Who may be looked at now, and who waits.
#[derive(Debug)]
pub(crate) struct Stage {
    places: Arc<Semaphore>,
    waiting: Mutex<(u64, BTreeSet<u64>)>,
}

impl Stage {
    pub(crate) fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.max(1))), waiting: Mutex::default() }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, (u64, BTreeSet<u64>)> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in the queue before a live capture; given up when dropped.
pub struct Ticket {
    app: Arc<App>,
    number: u64,
}

impl Ticket {
    /// How many are before this one, and this one.
    pub fn place(&self) -> usize {
        self.app.stage.waiting().1.range(..=self.number).count()
    }

    /// Waits for a place at the camera, which is free again when the permit is dropped.
    pub async fn admitted(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.app.stage.places).acquire_owned().await.ok()
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.app.stage.waiting().1.remove(&self.number);
    }
}

impl App {
    /// Queues for a live capture: so many at once as the machine is set to.
    pub fn queue(self: &Arc<Self>) -> Ticket {
        let mut waiting = self.stage.waiting();
        waiting.0 += 1;
        let number = waiting.0;
        waiting.1.insert(number);
        Ticket { app: Arc::clone(self), number }
    }

    /// Begins a live capture for a step: draws what will be asked. Who cannot do an action names it in `without`;
    /// one only, and so many captures as attempts, or a recording could wait until it is asked for what it shows.
    ///
    /// # Errors
    /// When it is not the person's turn, there is no such step, the program asks for no live capture, or after too many.
    pub async fn begin_capture(
        &self,
        visitor: &Visitor,
        step: &str,
        without: Option<Challenge>,
    ) -> Result<Begun, Error> {
        let now = self.world_now();
        let session = &visitor.session;
        let program = self.program_of(session)?;
        let step = session.method_of(program)?.step(step).ok_or(Refusal::NoSuchStep)?;
        if step.shot != Shot::Selfie {
            return Err(Error::Forbidden("what a face does proves nothing of this step's picture"));
        }
        let probe = shiren_core::id::EvidenceId::new(now, self.ten());
        session.clone().take(program, &step.id, probe, visitor.now)?;
        let rules = program.liveness.clone();
        let mut rules = rules.ok_or(Error::Forbidden("this program asks for no live capture"))?;
        rules.challenges.retain(|c| Some(*c) != without);
        let mut entropy = [0; 32];
        self.entropy.fill(&mut entropy);
        let plan = Plan::draw(&rules, &entropy)
            .map_err(|_| Error::Forbidden("there is no other action to ask for"))?;
        let actions = plan.challenges().len();
        let (token, token_hash) = self.secret("cap_");
        let record = CaptureRecord {
            hash: token_hash,
            session: session.id.clone(),
            step: step.id.clone(),
            visit: hash(&visitor.cookie),
            plan,
            expires_at: now.saturating_add(TOKEN).unwrap_or(Timestamp::MAX),
        };
        let window = SignedDuration::from_hours(i64::from(program.deadlines.attempt_hours));
        let since = now.saturating_sub(window).unwrap_or(Timestamp::MIN);
        let mut tx = self.store.begin().await?;
        if tx.captures_since(&session.id, since).await? >= program.deadlines.attempts {
            return Err(Refusal::TooManyAttempts.into());
        }
        tx.insert_capture(&record).await?;
        tx.commit().await?;
        Ok(Begun { token, actions })
    }

    /// Opens a capture's channel: once, in time, and by the browser that began it.
    ///
    /// # Errors
    /// [`Error::Capture`] with why it is refused; when it is no longer the person's turn.
    pub async fn open_capture(
        &self,
        token: &str,
        visitor: &Visitor,
        camera: &CameraSaid,
    ) -> Result<LiveCapture, Error> {
        let now = self.world_now();
        let token_hash = hash(token);
        let mut tx = self.store.begin().await?;
        let record = match tx.open_capture(token_hash, now).await? {
            CaptureOpened::Capture(record) => *record,
            CaptureOpened::Used => return Err(Error::Capture("used")),
            CaptureOpened::Expired => return Err(Error::Capture("expired")),
            CaptureOpened::Unknown => return Err(Error::Capture("unknown")),
        };
        // A stolen token is used up by whoever tries it; the person begins another capture.
        tx.commit().await?;
        if record.visit != hash(&visitor.cookie) || record.session != visitor.session.id {
            return Err(Error::Capture("another_browser"));
        }
        let mut tx = self.store.snapshot().await?;
        let session = own(tx.as_mut(), &record.session).await?.value;
        let turn = self.on_clock(tx.as_mut(), session.clock.as_ref()).await?.now();
        drop(tx);
        let program = self.program_of(&session)?;
        let probe = shiren_core::id::EvidenceId::new(now, self.ten());
        session.clone().take(program, &record.step, probe, turn)?;
        let colours = program.liveness.as_ref().map_or(0, |rules| rules.colours);
        let mut entropy = [0; 32];
        self.entropy.fill(&mut entropy);
        let colours = ColourCheck::draw(if camera.no_flashes { 0 } else { colours }, &entropy);
        Ok(LiveCapture::new(record, token_hash, camera, colours, now))
    }

    /// Looks at the next frame, on a thread of its own. `number` counts the channel's frames from 0.
    ///
    /// # Errors
    /// When the eyes themselves fail. What is wrong with a frame is told, not an error.
    pub async fn look_live(
        &self,
        mut capture: LiveCapture,
        number: u64,
        frame: Vec<u8>,
    ) -> Result<(LiveCapture, Told), Error> {
        let (watch, eyes, now) = (Arc::clone(&self.watch), Arc::clone(&self.eyes), self.world_now());
        let looking = tokio::task::spawn_blocking(move || {
            let told = capture.take(watch.as_ref(), eyes.as_ref(), number, frame, now);
            told.map(|told| (capture, told))
        });
        Ok(looking.await.map_err(|e| Error::Internal(e.to_string()))??)
    }

    /// Takes the best frame of a finished capture as the step's picture, with what it proves.
    ///
    /// # Errors
    /// When it is not finished, or no longer the person's turn.
    pub async fn finish_capture(&self, mut capture: LiveCapture) -> Result<Taken, Error> {
        if !capture.is_finished() {
            return Err(Error::Capture("unfinished"));
        }
        let best: Vec<u64> = capture.progress.best().iter().map(|b| b.frame).collect();
        let mut frames: Vec<KeptFrame> =
            best.iter().filter_map(|number| capture.kept.remove(number)).collect();
        let hashes: Vec<FrameHash> = frames.iter().map(|f| f.hash).collect();
        if frames.is_empty() {
            return Err(Error::Capture("unfinished"));
        }
        let first = frames.remove(0);
        let (id, step) = (capture.session.clone(), capture.step.clone());
        let session = own(self.store.snapshot().await?.as_mut(), &id).await?.value;
        let mut tx = self.store.begin().await?;
        if self.seen_before(tx.as_mut(), (session.mode, &id, &session.account), &hashes).await? {
            capture.signals.insert(ReasonCode::FramesReplayed);
        }
        tx.commit().await?;
        let looked = self.look_again(first, frames).await?;
        let Looked { frame, templates, passive } = looked;
        if passive.is_some_and(|score| score < LIVE) {
            capture.signals.insert(ReasonCode::PresentationAttackSuspected);
        }
        let mut proof = capture.proof();
        proof.passive_milli = passive.map(|score| (score.clamp(0.0, 1.0) * 1_000.0).round() as u16);
        if templates.len() > 1 {
            proof.pooled = u8::try_from(templates.len()).unwrap_or(u8::MAX);
            let mut tx = self.store.begin().await?;
            let picture = hex(&Sha256::digest(&frame));
            self.keep_templates(tx.as_mut(), (session.mode, &id), &picture, templates).await?;
            tx.commit().await?;
        }
        self.take_live(&id, &step, frame, proof).await
    }

    /// Looks at the best frames once more, on a thread of its own: their faces, the picture's own first, and how live
    /// the picture is.
    async fn look_again(&self, first: KeptFrame, others: Vec<KeptFrame>) -> Result<Looked, Error> {
        let (eyes, watch) = (Arc::clone(&self.eyes), Arc::clone(&self.watch));
        let looking = tokio::task::spawn_blocking(move || {
            let frames = std::iter::once(&first).chain(&others);
            let read = frames.map(|frame| Ok(eyes.read_face(&frame.bytes)?.map(|face| face.template)));
            let templates = read.filter_map(Result::transpose).collect::<Result<Vec<_>, SeeError>>()?;
            let passive = match &first.face {
                Some(face) => watch.passive_score(&first.bytes, face)?,
                None => None,
            };
            Ok::<_, SeeError>(Looked { frame: first.bytes, templates, passive })
        });
        Ok(looking.await.map_err(|e| Error::Internal(e.to_string()))??)
    }
}

impl LiveCapture {
    fn new(
        record: CaptureRecord,
        nonce: SecretHash,
        camera: &CameraSaid,
        colours: ColourCheck,
        now: Timestamp,
    ) -> Self {
        Self {
            session: record.session,
            step: record.step,
            plan: record.plan,
            progress: Progress::new(),
            started: now,
            last_ms: 0,
            frames: 0,
            unreadable: 0,
            chain: Sha256::digest(nonce.0).into(),
            face: None,
            hand: None,
            template: None,
            kept: BTreeMap::new(),
            signals: camera.signals(),
            camera: camera.clone(),
            pulse: Pulse::default(),
            screen: None,
            colours,
            over: None,
        }
    }

    /// The page says that another camera gives the frames now.
    pub fn hear_camera(&mut self, label: &str) {
        if self.camera.is_another(label) {
            self.signals.insert(ReasonCode::CameraChanged);
        }
    }

    /// Whether no further frame changes anything.
    pub fn is_over(&self) -> bool {
        self.over.is_some() || (self.progress.is_over() && self.screen.is_none())
    }

    /// Whether everything was done as asked.
    pub fn is_finished(&self) -> bool {
        self.over.is_none() && self.progress.is_finished() && self.screen.is_none()
    }

    fn told(&self) -> Told {
        let hint = match (self.over, self.screen) {
            (Some(reason), _) => Hint::Failed { reason },
            (None, Some(_)) => Hint::LookAtScreen,
            (None, None) => self.progress.hint(),
        };
        let (done, of) = (self.progress.done(&self.plan), self.progress.asked(&self.plan).count());
        Told { hint, done, of, screen: self.screen }
    }

    fn fail(&mut self, reason: ReasonCode) -> Told {
        self.over = Some(reason);
        self.told()
    }

    /// One frame: its place in the order, its time by our own clock, what it shows, whose face it is.
    fn take(
        &mut self,
        watch: &dyn Watch,
        eyes: &dyn Eyes,
        number: u64,
        frame: Vec<u8>,
        now: Timestamp,
    ) -> Result<Told, SeeError> {
        if self.is_over() {
            return Ok(self.told());
        }
        let at_ms =
            u64::try_from(now.duration_since(self.started).as_millis()).unwrap_or(0).max(self.last_ms);
        self.last_ms = at_ms;
        if number != self.frames {
            return Ok(self.fail(ReasonCode::LivenessClock));
        }
        self.frames += 1;
        if at_ms > LONGEST.as_millis() as u64 {
            return Ok(self.fail(ReasonCode::LivenessInterrupted));
        }
        if self.frames > FASTEST * (at_ms / 1000 + 2) {
            return Ok(self.fail(ReasonCode::LivenessTooManyFrames));
        }
        self.chain = Sha256::new().chain_update(self.chain).chain_update(&frame).finalize().into();
        // Following the face is cheaper than searching for it, and does not see who else is there.
        let last = self.face.as_ref().filter(|_| !self.frames.is_multiple_of(SEARCHED));
        let mut reading = match watch.read_frame(&frame, last) {
            Ok(reading) => reading,
            Err(SeeError::Picture { code, .. }) => {
                self.unreadable += 1;
                return Ok(if self.unreadable > UNREADABLE { self.fail(code) } else { self.told() });
            }
            Err(other) => return Err(other),
        };
        if self.progress.wants_hand(&self.plan) {
            reading.hand = watch.read_hand(&frame, self.hand.as_ref())?;
            self.hand = reading.hand.as_ref().map(|hand| hand.region);
        }
        self.advance(watch, eyes, frame, &reading, at_ms)?;
        Ok(self.told())
    }

    fn advance(
        &mut self,
        watch: &dyn Watch,
        eyes: &dyn Eyes,
        frame: Vec<u8>,
        reading: &FrameReading,
        at_ms: u64,
    ) -> Result<(), SeeError> {
        self.face = reading.face.as_ref().map(|f| f.region);
        if self.progress.baseline().is_none() {
            // A page that finds its line slow sends smaller frames, before anything is asked.
            self.pulse.forget_size();
        }
        self.pulse.take(reading, at_ms);
        if self.progress.is_finished() {
            self.screen = self.colours.advance(reading.lit, at_ms);
            return Ok(());
        }
        let mut same = None;
        if let (true, Some(face), Some(template)) =
            (self.progress.wants_face(&self.plan, reading, at_ms), &reading.face, &self.template)
        {
            same = watch.compare_frame(&frame, &face.region, template)?.map(|m| m.band);
        }
        let step = self.progress.advance(&self.plan, reading, same, at_ms);
        if step.keep {
            let number = self.frames - 1 - u64::from(self.unreadable);
            let kept = KeptFrame { bytes: frame, hash: reading.hash, face: self.face };
            self.kept.insert(number, kept);
        }
        let best: BTreeSet<u64> = self.progress.best().iter().map(|k| k.frame).collect();
        self.kept.retain(|number, _| best.contains(number));
        if self.template.is_none()
            && self.progress.baseline().is_some()
            && let Some(first) = self.progress.best().first().and_then(|k| self.kept.get(&k.frame))
        {
            self.template = eyes.read_face(&first.bytes)?.map(|face| face.template);
        }
        if self.progress.is_finished() {
            self.screen = self.colours.advance(None, at_ms);
        }
        Ok(())
    }

    fn proof(&self) -> LiveProof {
        let noticed = self.progress.findings().into_iter().map(|f| f.code);
        let colours = Some(self.colours.proof()).filter(|proof| !proof.shown.is_empty());
        let unseen = colours.as_ref().is_some_and(|c| c.score_milli.is_none_or(|score| score < SEEN_MILLI));
        let unseen = unseen.then_some(ReasonCode::ScreenColoursUnseen);
        let signals: BTreeSet<ReasonCode> =
            self.signals.iter().copied().chain(self.pulse.signals()).chain(noticed).chain(unseen).collect();
        LiveProof {
            challenges: self.progress.asked(&self.plan).collect(),
            retries: self.progress.retries_used(),
            frames: self.frames,
            took_ms: self.last_ms,
            chain_sha256: hex(&self.chain),
            signals: signals.into_iter().collect(),
            pooled: 0,
            colours,
            passive_milli: None,
        }
    }
}
