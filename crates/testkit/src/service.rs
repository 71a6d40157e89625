//! The application over a real store, with a clock that is turned by hand, chance from a seed, scripted eyes, and
//! a receiver of webhooks that answers as it is told.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shiren_app::port::{
    BlobError, Blobs, Clock, Entropy, Kept, Keyring, Letter, Pictures, SendError, Sender, Store,
    TransportError, WebhookTransport,
};
use shiren_app::{App, AssertionRules, Parts, Senders, Settings, Sources};
use shiren_core::account::staff::StaffRules;
use shiren_core::see::{Eyes, SeeError};

use crate::assertion::{AUDIENCE, ISSUER, MarketApp};
use crate::watch::WrittenWatch;
use shiren_gateway::assertion::AccountKeys;
use shiren_gateway::source::SandboxSource;
use shiren_gateway::webhook::{HttpSettings, HttpTransport, Rules};
use shiren_vault::MasterKey;

/// A clock that stands still until it is turned.
pub struct HandClock(Mutex<Timestamp>);

impl HandClock {
    /// Turns it on.
    pub fn turn(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.saturating_add(by).unwrap_or(Timestamp::MAX);
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Chance that is the same every time.
struct Seeded(Mutex<fastrand::Rng>);

impl Entropy for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes);
    }
}

/// One master key.
struct OneKey;

impl Keyring for OneKey {
    fn current(&self) -> (u32, MasterKey) {
        (1, MasterKey::from_bytes([7; 32]))
    }

    fn version(&self, version: u32) -> Option<MasterKey> {
        (version == 1).then(|| MasterKey::from_bytes([7; 32]))
    }
}

/// Blobs in memory.
#[derive(Default)]
pub struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Memory {
    /// All that is kept.
    pub fn all(&self) -> BTreeMap<String, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl Blobs for Memory {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Vec<u8>, BlobError> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned();
        kept.ok_or_else(|| BlobError::Missing(key.to_owned()))
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        Ok(())
    }
}

/// Keeps every picture as it is.
struct AsItIs;

impl Pictures for AsItIs {
    fn keep(&self, picture: &[u8]) -> Result<Kept, SeeError> {
        Ok(Kept { bytes: picture.to_vec(), media_type: "image/jpeg", size: (1280, 806) })
    }
}

/// A webhook that came in.
#[derive(Clone, Debug)]
pub struct Received {
    /// Its headers.
    pub headers: BTreeMap<&'static str, String>,
    /// Its body.
    pub body: Vec<u8>,
}

/// Takes webhooks and answers with a status; 0 stands for no answer.
pub struct Receiver {
    status: AtomicU16,
    received: Mutex<Vec<Received>>,
}

impl Receiver {
    /// Answers so from now on.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// What came in, in order.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl WebhookTransport for Receiver {
    /// By the rules of the real one, but looks no name up.
    async fn check(&self, url: &str) -> Result<(), TransportError> {
        let checked = shiren_gateway::webhook::guard::check(url, Rules::default());
        checked.map(drop).map_err(|refusal| TransportError::Forbidden(refusal.to_string()))
    }

    async fn post(
        &self,
        _url: &str,
        headers: &BTreeMap<&'static str, String>,
        body: Vec<u8>,
        _timeout: Duration,
    ) -> Result<u16, TransportError> {
        let received = Received { headers: headers.clone(), body };
        self.received.lock().unwrap_or_else(PoisonError::into_inner).push(received);
        match self.status.load(Ordering::SeqCst) {
            0 => Err(TransportError::Timeout),
            status => Ok(status),
        }
    }
}

/// Takes mail, and answers as it is told. It may get the same letter twice.
#[derive(Default)]
pub struct Letters {
    refusal: Mutex<Option<SendError>>,
    taken: Mutex<Vec<Letter>>,
}

impl Letters {
    /// Answers so from now on; `None` takes everything.
    pub fn answer(&self, refusal: Option<SendError>) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = refusal;
    }

    /// What was taken, in order.
    pub fn taken(&self) -> Vec<Letter> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait::async_trait]
impl Sender for Letters {
    fn sends_an_id_once(&self) -> bool {
        false
    }

    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        if let Some(refusal) = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone() {
            return Err(refusal);
        }
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).push(letter.clone());
        Ok(())
    }
}

/// The application, and the ends of its ports that a test holds.
pub struct TestService<B = Memory, R = Receiver> {
    /// The application.
    pub app: Arc<App>,
    /// Its clock.
    pub clock: Arc<HandClock>,
    /// Its blobs.
    pub blobs: Arc<B>,
    /// Who takes its webhooks.
    pub receiver: Arc<R>,
    /// Who takes its mail.
    pub letters: Arc<Letters>,
    /// Who takes its SMS, where it sends any.
    pub texts: Arc<Letters>,
}

impl TestService {
    /// Over a store, with eyes; it is noon in Shanghai on 2026-11-23.
    pub fn new(store: Arc<dyn Store>, eyes: impl Eyes + 'static) -> TestService<Memory, Receiver> {
        Self::with_staff_rules(store, eyes, StaffRules::default())
    }

    /// With other settings.
    pub fn with_settings(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        change: impl FnOnce(&mut Settings),
    ) -> TestService<Memory, Receiver> {
        let receiver = Receiver { status: AtomicU16::new(200), received: Mutex::default() };
        let mut settings = settings();
        change(&mut settings);
        TestService::set_up(
            store,
            eyes,
            (Arc::default(), Arc::new(receiver)),
            11,
            (settings, false, Arc::new(AsItIs)),
        )
    }

    /// With what keeps pictures, and other settings.
    pub fn with_pictures(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        pictures: Arc<dyn Pictures>,
        change: impl FnOnce(&mut Settings),
    ) -> TestService<Memory, Receiver> {
        let receiver = Receiver { status: AtomicU16::new(200), received: Mutex::default() };
        let mut settings = settings();
        change(&mut settings);
        TestService::set_up(
            store,
            eyes,
            (Arc::default(), Arc::new(receiver)),
            11,
            (settings, false, pictures),
        )
    }

    /// That reaches people by SMS, with other settings.
    pub fn with_texts(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        change: impl FnOnce(&mut Settings),
    ) -> TestService<Memory, Receiver> {
        let receiver = Receiver { status: AtomicU16::new(200), received: Mutex::default() };
        let mut settings = settings();
        change(&mut settings);
        TestService::set_up(
            store,
            eyes,
            (Arc::default(), Arc::new(receiver)),
            11,
            (settings, true, Arc::new(AsItIs)),
        )
    }

    /// With other rules for sub-accounts.
    pub fn with_staff_rules(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        staff: StaffRules,
    ) -> TestService<Memory, Receiver> {
        Self::with_settings(store, eyes, |settings| settings.staff = staff)
    }
}

impl TestService<Memory, HttpTransport> {
    /// That sends webhooks over HTTP, to receivers on this machine.
    ///
    /// # Errors
    /// When the sender cannot be set up.
    pub fn over_http(store: Arc<dyn Store>, eyes: impl Eyes + 'static) -> Result<Self, String> {
        let rules = Rules { allow_private: true, any_port: true };
        let settings = HttpSettings { rules, ..HttpSettings::default() };
        let sender = HttpTransport::new(&settings).map_err(|e| e.to_string())?;
        Ok(Self::with(store, eyes, Arc::default(), Arc::new(sender), 11))
    }
}

impl<B: Blobs + 'static, R: WebhookTransport + 'static> TestService<B, R> {
    /// With other blobs, another receiver, and chance of its own seed.
    pub fn with(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        blobs: Arc<B>,
        receiver: Arc<R>,
        seed: u64,
    ) -> Self {
        Self::set_up(store, eyes, (blobs, receiver), seed, (settings(), false, Arc::new(AsItIs)))
    }

    /// With all of them, SMS, and other settings.
    pub fn with_everything(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        ports: (Arc<B>, Arc<R>),
        seed: u64,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let mut settings = settings();
        change(&mut settings);
        Self::set_up(store, eyes, ports, seed, (settings, true, Arc::new(AsItIs)))
    }

    fn set_up(
        store: Arc<dyn Store>,
        eyes: impl Eyes + 'static,
        (blobs, receiver): (Arc<B>, Arc<R>),
        seed: u64,
        (settings, by_sms, pictures): (Settings, bool, Arc<dyn Pictures>),
    ) -> Self {
        let noon = "2026-11-23T04:00:00Z".parse().unwrap_or(Timestamp::UNIX_EPOCH);
        let clock = Arc::new(HandClock(Mutex::new(noon)));
        let (letters, texts) = (Arc::new(Letters::default()), Arc::new(Letters::default()));
        let sms = by_sms.then(|| Arc::clone(&texts) as _);
        let app = App::new(Parts {
            store,
            blobs: Arc::clone(&blobs) as _,
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(Seeded(Mutex::new(fastrand::Rng::with_seed(seed)))),
            keyring: Arc::new(OneKey),
            eyes: Arc::new(eyes),
            watch: Arc::new(WrittenWatch),
            pictures,
            specimens: None,
            webhooks: Arc::clone(&receiver) as _,
            sources: Sources { sandbox: Some(Arc::new(SandboxSource)), ..Sources::default() },
            senders: Senders { email: Some(Arc::clone(&letters) as _), sms },
            assertions: MarketApp::known()
                .and_then(|app| AccountKeys::from_jwks(&app.jwks()).ok())
                .map(|keys| Arc::new(keys) as _),
            settings,
        });
        Self { app: Arc::new(app), clock, blobs, receiver, letters, texts }
    }

    /// Does every job that is due, and those that these cause.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn work(&self) -> Result<(), shiren_app::Error> {
        while self.app.work_once("test").await? {}
        Ok(())
    }
}

fn settings() -> Settings {
    let assertion = AssertionRules { issuer: ISSUER.to_owned(), audience: AUDIENCE.to_owned() };
    Settings { looking: 8, public_url: AUDIENCE.to_owned(), assertion, ..Settings::default() }
}
