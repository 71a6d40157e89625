//! The application: its ports and settings, from which every use case is a method.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use shiren_core::account::ban::BanRules;
use shiren_core::account::shop::Shop;
use shiren_core::account::staff::StaffRules;
use shiren_core::aftersales::AfterSalesRules;
use shiren_core::deposit::Categories;
use shiren_core::id::ClockId;
use shiren_core::recheck::RecheckRules;
use shiren_core::review::calendar::{Office, default_zone};
use shiren_core::see::Eyes;
use shiren_core::see::liveness::Watch;
use shiren_core::verification::code::CodeRules;
use shiren_core::verification::program::{Program, built_in, built_in_for_company, built_in_version};
use shiren_core::verification::session::{ProgramRef, Session};
use tokio::sync::{Notify, Semaphore};

use crate::assertion::AssertionRules;
use crate::attempts::Attempts;
use crate::captures::Stage;
use crate::error::Error;
use crate::gate_log::GateLog;
use crate::gate_rules::GateRules;
use crate::known_keys::KnownKeys;
use crate::port::{
    Assertions, Blobs, Clock, DataSource, Entropy, Keyring, Pictures, Sender, Specimens, Store, Tx,
    WebhookTransport,
};
use crate::progress::ProgressBoard;
use crate::record::SecretHash;
use crate::webhook::WebhookRules;
use crate::zones::Local;

/// What the application is made of.
pub struct Parts {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Where pictures are kept.
    pub blobs: Arc<dyn Blobs>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// What cannot be guessed.
    pub entropy: Arc<dyn Entropy>,
    /// The master keys.
    pub keyring: Arc<dyn Keyring>,
    /// What sees.
    pub eyes: Arc<dyn Eyes>,
    /// What looks at live video.
    pub watch: Arc<dyn Watch>,
    /// What is kept of a picture.
    pub pictures: Arc<dyn Pictures>,
    /// What draws specimens, where that is offered.
    pub specimens: Option<Arc<dyn Specimens>>,
    /// What sends webhooks.
    pub webhooks: Arc<dyn WebhookTransport>,
    /// Who knows identities.
    pub sources: Sources,
    /// What reaches people.
    pub senders: Senders,
    /// Who reads what the marketplace's app asserts; nobody without keys.
    pub assertions: Option<Arc<dyn Assertions>>,
    /// Settings.
    pub settings: Settings,
}

/// How people are reached in live mode. In test mode nobody is: the console shows what would have been sent.
#[derive(Clone, Default)]
pub struct Senders {
    /// By mail.
    pub email: Option<Arc<dyn Sender>>,
    /// By SMS.
    pub sms: Option<Arc<dyn Sender>>,
}

/// Who is asked whether an identity is as declared. In test mode nobody real is asked.
#[derive(Clone, Default)]
pub struct Sources {
    /// Who knows the name on an account's bank or payment account.
    pub payment_account: Option<Arc<dyn DataSource>>,
    /// Who knows identities by name and number.
    pub identity: Option<Arc<dyn DataSource>>,
    /// Who answers in test mode.
    pub sandbox: Option<Arc<dyn DataSource>>,
}

/// What an operator sets.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The day's time zone: documents are valid or not by it.
    pub zone: TimeZone,
    /// By what the working days of reviews are counted.
    pub office: Office,
    /// How many sets of pictures are looked at at once.
    pub looking: usize,
    /// How many live captures may run at once; others queue.
    pub captures: usize,
    /// How many threads one look may use.
    pub threads: usize,
    /// Where people reach the pages, without a slash at the end.
    pub public_url: String,
    /// What the platform is called.
    pub platform: String,
    /// Minutes for which a client link can be opened.
    pub link_minutes: i64,
    /// Minutes for which a person who verified for it can take the copy of their data.
    pub export_minutes: i64,
    /// Names and digests of the models, which every decision states.
    pub models: BTreeMap<String, String>,
    /// What sub-accounts live by.
    pub staff: StaffRules,
    /// What re-checks live by.
    pub rechecks: RecheckRules,
    /// What codes for phones live by.
    pub codes: CodeRules,
    /// What bans are imposed by.
    pub bans: BanRules,
    /// What after-sales requests live by.
    pub aftersales: AfterSalesRules,
    /// Which deposit each category of goods asks for.
    pub categories: Categories,
    /// What webhook endpoints live by.
    pub webhooks: WebhookRules,
    /// What assertions of the account that is signed in must say.
    pub assertion: AssertionRules,
    /// Programs of the operator's own, besides the built-in ones; the same name and version goes before.
    pub programs: Vec<Program>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: default_zone(),
            office: Office::default(),
            looking: 1,
            captures: 4,
            threads: 2,
            public_url: "http://localhost:8420".to_owned(),
            platform: "Shiren 实人".to_owned(),
            link_minutes: 60,
            export_minutes: 30,
            models: BTreeMap::new(),
            staff: StaffRules::default(),
            rechecks: RecheckRules::default(),
            codes: CodeRules::default(),
            bans: BanRules::default(),
            aftersales: AfterSalesRules::default(),
            categories: Categories::built_in().clone(),
            webhooks: WebhookRules::default(),
            assertion: AssertionRules::default(),
            programs: Vec::new(),
        }
    }
}

/// The application, as it is seen at a time: the world's, or that of a clock that is turned by hand.
///
/// Every use case takes its time from [`App::now`]. One that is about something which belongs to a clock goes on with
/// the view of that clock ([`App::on_clock`]). Secrets that browsers and machines hold (links, visits, captures, keys,
/// leases, signatures) live by the world's time, [`App::world_now`], whatever they are for.
#[derive(Clone)]
pub struct App {
    world: Arc<World>,
    turned: Option<Turned>,
    /// By what the shop counts that this view is of; the platform's rules without one.
    local: Option<Arc<Local>>,
}

/// What a clock that is turned by hand shows.
#[derive(Clone, Debug)]
pub(crate) struct Turned {
    pub(crate) clock: ClockId,
    pub(crate) now: Timestamp,
}

impl std::ops::Deref for App {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

/// What the application is made of, whatever the time.
pub struct World {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) blobs: Arc<dyn Blobs>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) keyring: Arc<dyn Keyring>,
    pub(crate) eyes: Arc<dyn Eyes>,
    pub(crate) watch: Arc<dyn Watch>,
    pub(crate) pictures: Arc<dyn Pictures>,
    pub(crate) specimens: Option<Arc<dyn Specimens>>,
    pub(crate) webhooks: Arc<dyn WebhookTransport>,
    pub(crate) sources: Sources,
    pub(crate) senders: Senders,
    pub(crate) assertions: Option<Arc<dyn Assertions>>,
    pub(crate) settings: Settings,
    /// The operator's own programs, for the owners of companies' shops.
    pub(crate) for_companies: Vec<Program>,
    /// Lets so many before the camera at once.
    pub(crate) stage: Stage,
    /// Lets so many look at once.
    pub(crate) gaze: Arc<Semaphore>,
    /// Rung when there is work.
    pub(crate) bell: Notify,
    pub(crate) progress: Arc<ProgressBoard>,
    pub(crate) attempts: Attempts,
    pub(crate) known_keys: KnownKeys,
    pub(crate) gate_rules: GateRules,
    pub(crate) gate_log: GateLog,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        let world = World {
            store: parts.store,
            blobs: parts.blobs,
            clock: parts.clock,
            entropy: parts.entropy,
            keyring: parts.keyring,
            eyes: parts.eyes,
            watch: parts.watch,
            pictures: parts.pictures,
            specimens: parts.specimens,
            webhooks: parts.webhooks,
            sources: parts.sources,
            senders: parts.senders,
            assertions: parts.assertions,
            gaze: Arc::new(Semaphore::new(parts.settings.looking.max(1))),
            stage: Stage::new(parts.settings.captures),
            for_companies: parts.settings.programs.iter().map(Program::for_company).collect(),
            settings: parts.settings,
            bell: Notify::new(),
            progress: Arc::default(),
            attempts: Attempts::default(),
            known_keys: KnownKeys::default(),
            gate_rules: GateRules::default(),
            gate_log: GateLog::default(),
        };
        Self { world: Arc::new(world), turned: None, local: None }
    }

    /// Now: what the clock of this view shows, or the world's time.
    pub fn now(&self) -> Timestamp {
        self.turned.as_ref().map_or_else(|| self.world_now(), |turned| turned.now)
    }

    /// The world's time.
    pub fn world_now(&self) -> Timestamp {
        self.clock.now()
    }

    /// By which clock this view lives.
    pub(crate) fn turned(&self) -> Option<&Turned> {
        self.turned.as_ref()
    }

    /// The view of the clock that something belongs to, as it stands in this transaction; of the world without one.
    pub(crate) async fn on_clock(&self, tx: &mut dyn Tx, clock: Option<&ClockId>) -> Result<Self, Error> {
        let turned = match clock {
            Some(id) => {
                let clock = tx.clock(id).await?.ok_or(Error::NotFound("clock"))?.value;
                Some(Turned { clock: clock.id, now: clock.now })
            }
            None => None,
        };
        Ok(Self { world: Arc::clone(&self.world), turned, local: None })
    }

    /// This view, in the zone of a shop.
    pub fn in_zone_of(&self, shop: &Shop) -> Self {
        let local = shop.time_zone.as_ref().and_then(|name| {
            let (zone, name) = (name.time_zone()?, name.as_str());
            let staff = StaffRules { zone: name.to_owned(), ..self.settings.staff.clone() };
            let rechecks = RecheckRules { zone: name.to_owned(), ..self.settings.rechecks.clone() };
            Some(Arc::new(Local { zone, staff, rechecks }))
        });
        Self { world: Arc::clone(&self.world), turned: self.turned.clone(), local }
    }

    pub(crate) fn local(&self) -> Option<&Local> {
        self.local.as_deref()
    }

    /// Today, where the platform is; in a shop's view where the shop is.
    pub fn today(&self) -> Date {
        self.now().to_zoned(self.zone()).date()
    }

    /// Whether a specimen can be drawn here.
    pub fn draws_specimens(&self) -> bool {
        self.specimens.is_some()
    }

    /// Randomness for an id.
    pub(crate) fn ten(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.entropy.fill(&mut bytes);
        bytes
    }

    /// A secret that is shown once, with a prefix that tells what it is: 256 bits in hexadecimal.
    pub(crate) fn secret(&self, prefix: &str) -> (String, SecretHash) {
        let mut bytes = [0; 32];
        self.entropy.fill(&mut bytes);
        let mut text = prefix.to_owned();
        for byte in bytes {
            let _ = write!(text, "{byte:02x}");
        }
        let hash = hash(&text);
        (text, hash)
    }

    /// The program of a name, in its newest version.
    pub fn program_named(&self, name: &str) -> Option<&Program> {
        let own = self.settings.programs.iter().filter(|p| p.name == name).max_by_key(|p| p.version);
        own.or_else(|| built_in(name))
    }

    /// The program with which a session started, as it is for its account: the owner of a company's shop is asked for
    /// more.
    ///
    /// # Errors
    /// When the operator has taken it away.
    pub fn program_of(&self, session: &Session) -> Result<&Program, Error> {
        let ProgramRef { name, version } = &session.program;
        let fits = |p: &&Program| p.name == *name && p.version == *version;
        let (own, built_in) = match session.company {
            Some(_) => (&self.for_companies, built_in_for_company(name, *version)),
            None => (&self.settings.programs, built_in_version(name, *version)),
        };
        let gone = || Error::Internal(format!("program {name} version {version} is gone"));
        own.iter().find(fits).or(built_in).ok_or_else(gone)
    }

    /// Whether the store answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ready(&self) -> Result<(), Error> {
        Ok(self.store.ready().await?)
    }

    /// How jobs stand.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn job_counts(&self) -> Result<crate::record::JobCounts, Error> {
        Ok(self.store.snapshot().await?.job_counts().await?)
    }

    /// The stages of the checks that are being made.
    pub fn progress(&self) -> &ProgressBoard {
        &self.progress
    }
}

/// The hash under which a secret, or a request, is kept.
pub fn hash(secret: &str) -> SecretHash {
    SecretHash(Sha256::digest(secret.as_bytes()).into())
}
