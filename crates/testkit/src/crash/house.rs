//! The service in one process of a lifecycle, the world around it, and how its steps are taken.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shiren_app::port::{Store, TransportError, WebhookTransport};
use shiren_app::record::{Scope, SecretHash, TakenBy};
use shiren_app::webhook::sign::Scheme;
use shiren_app::{
    AdvanceClock, Answer, App, Command, CreateClock, CreateEndpoint, CreateSession, Created, Declared, Error,
    Insists, Once, RegisterShop, Turn,
};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{ClockId, SessionId};
use shiren_core::see::{DocumentReading, FieldKey};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};
use shiren_gateway::blobs::LocalBlobs;

use super::at::step;
use super::life::Life;
use super::told::say;
use crate::eyes::{ScriptedEyes, card_back, card_front};
use crate::person;
use crate::service::TestService;

/// How often somebody tries what fails because the disk is full.
const TRIES: u32 = 100;

/// How much later the next process begins, by the world's time.
const PAUSE: SignedDuration = SignedDuration::from_secs(15);

/// Somebody who verifies.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    /// The picture of their card.
    pub card: &'static str,
    /// That of their face.
    pub face: &'static str,
    /// Their phone.
    pub phone: &'static str,
}

/// Ann, who owns the shop, with a phone.
pub(super) const ANN: Person = Person { card: "card", face: "ann", phone: "13700137000" };
/// Bea, with a phone.
pub(super) const BEA: Person = Person { card: "bea's card", face: "bea", phone: "13800138000" };
/// Cyn, with a phone.
pub(super) const CYN: Person = Person { card: "cyn's card", face: "cyn", phone: "13900139000" };

/// Cyn, on a picture that may be somebody else's: a reviewer looks at it.
pub(super) const PERHAPS_CYN: Person = Person { face: "perhaps cyn", ..CYN };

/// The marketplace's receiver: a line of a file for each webhook, written before it answers. The first ones it refuses.
pub struct Receiver {
    folder: PathBuf,
    refusals: usize,
}

#[async_trait::async_trait]
impl WebhookTransport for Receiver {
    async fn check(&self, _url: &str) -> Result<(), TransportError> {
        Ok(())
    }

    async fn post(
        &self,
        _url: &str,
        headers: &BTreeMap<&'static str, String>,
        body: Vec<u8>,
        _timeout: Duration,
    ) -> Result<u16, TransportError> {
        let unreachable = |e: std::io::Error| TransportError::Unreachable(e.to_string());
        let append = |name: &str| OpenOptions::new().create(true).append(true).open(self.folder.join(name));
        let refused = std::fs::read_to_string(self.folder.join("refused")).unwrap_or_default();
        if refused.lines().count() < self.refusals {
            append("refused").and_then(|mut f| f.write_all(b"refused\n")).map_err(unreachable)?;
            return Ok(503);
        }
        let line = serde_json::json!({
            "id": headers.get("webhook-id"),
            "body": serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default(),
        });
        let line = format!("{line}\n");
        append("webhooks").and_then(|mut f| f.write_all(line.as_bytes())).map_err(unreachable)?;
        Ok(204)
    }
}

/// The service over a store and a folder.
pub struct House {
    /// The service.
    pub service: TestService<LocalBlobs, Receiver>,
    /// Its store.
    pub store: Arc<dyn Store>,
    /// Where its pictures are, and what left it.
    pub folder: PathBuf,
}

impl House {
    /// In the `nth` process of a life, from 0: other chance, and a later hour.
    ///
    /// # Errors
    /// When pictures cannot be kept.
    pub fn new(life: &dyn Life, store: Arc<dyn Store>, folder: &Path, nth: u32) -> Result<Self, Error> {
        let blobs = LocalBlobs::open(folder.join("blobs")).map_err(|e| Error::Internal(e.to_string()))?;
        let receiver = Receiver { folder: folder.to_owned(), refusals: life.refusals() };
        let service = TestService::with_everything(
            Arc::clone(&store),
            eyes(),
            (Arc::new(blobs), Arc::new(receiver)),
            u64::from(nth) + 100,
            |settings| life.settings(settings),
        );
        // The leases of those that died are over.
        service.clock.turn(PAUSE * i32::try_from(nth).unwrap_or(i32::MAX));
        Ok(Self { service, store, folder: folder.to_owned() })
    }

    /// What stands before every life: a key and an endpoint.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn furnish(&self) -> Result<(), Error> {
        self.service.app.create_api_key("marketplace", Mode::Test, Scope::ALL.into()).await?;
        let endpoint = CreateEndpoint {
            mode: Mode::Test,
            url: "https://marketplace.example/hook".to_owned(),
            kinds: BTreeSet::new(),
            description: String::new(),
            scheme: Scheme::default(),
        };
        self.service.app.run(endpoint).await.map(drop)
    }

    /// The application.
    pub fn app(&self) -> &App {
        &self.service.app
    }

    /// Has a command done under an idempotency key, its name: asked again after a death, it has one effect and one
    /// answer.
    ///
    /// # Errors
    /// Those of the command.
    pub async fn once<C: Command>(
        &self,
        name: &str,
        command: C,
        told: impl Fn(&C::Done) -> String + Send + Sync,
    ) -> Result<String, Error> {
        let caller = patiently(|| self.app().api_keys()).await?.pop().ok_or(Error::Unauthenticated)?;
        let once = Once {
            caller: Arc::new(caller),
            route: "POST /v1/steps".to_owned(),
            value: name.to_owned(),
            request: SecretHash([1; 32]),
        };
        let answer = |done: C::Done| Answer { status: 200, body: told(&done).into_bytes() };
        step(name);
        let answered = patiently(|| self.app().run_once(&once, command.clone(), answer)).await?;
        let answer = String::from_utf8_lossy(&answered.answer.body).into_owned();
        say(name, &answer);
        Ok(answer)
    }

    /// A clock that shows this at first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn clock(&self, now: &str) -> Result<ClockId, Error> {
        let new = CreateClock { mode: Mode::Test, name: "crash".to_owned(), now: Some(moment(now)?) };
        let id = self.once("clock", new, |clock| clock.id.to_string()).await?;
        id.parse().map_err(|_| Error::Internal("no clock was made".to_owned()))
    }

    /// Registers an individual's shop that lives by a clock.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn register(&self, name: &str, id: &str, clock: &ClockId) -> Result<(), Error> {
        let new = RegisterShop {
            mode: Mode::Test,
            id: id.to_owned(),
            shop_type: "c2c".to_owned(),
            clock: Some(clock.clone()),
            company: None,
            time_zone: None,
        };
        self.once(name, new, |shop| shop.id.clone()).await.map(drop)
    }

    /// Turns a clock until it shows this, unless it was turned so far before, and lets everything happen on the way.
    ///
    /// # Errors
    /// When it does not arrive.
    pub async fn turn(&self, clock: &ClockId, to: &str) -> Result<(), Error> {
        step(&format!("turn/{to}"));
        let to = moment(to)?;
        for _ in 0..2000 {
            let stands = patiently(|| self.app().test_clock(Mode::Test, clock)).await?;
            if !stands.is_advancing() {
                if stands.now >= to {
                    say(&format!("turned/{to}"), "");
                    return Ok(());
                }
                let advance = AdvanceClock { mode: Mode::Test, id: clock.clone(), turn: Turn::To(to) };
                patiently(|| self.app().run(advance.clone())).await?;
            }
            self.pass(1, SignedDuration::from_secs(1)).await?;
        }
        Err(Error::Internal(format!("the clock does not come to {to}")))
    }

    /// Lets the world's time go by, so often so much, and does what is due.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pass(&self, times: u32, each: SignedDuration) -> Result<(), Error> {
        for _ in 0..times {
            patiently(|| self.service.work()).await?;
            self.service.clock.turn(each);
        }
        Ok(())
    }

    /// A verification of an account by a program, gone through from wherever it stands until there is a result; by this
    /// clock, or else by that of its shop.
    ///
    /// # Errors
    /// When a step is refused that should not be.
    pub async fn verify(
        &self,
        name: &str,
        account: &Account,
        program: &str,
        person: &Person,
        clock: Option<&ClockId>,
    ) -> Result<SessionId, Error> {
        let asked = CreateSession {
            mode: Mode::Test,
            program: program.to_owned(),
            account: account.clone(),
            clock: clock.cloned(),
            return_url: None,
            action: None,
            metadata: BTreeMap::new(),
            contact: shiren_app::Contact::default(),
            account_assertion: false,
        };
        let id = self.once(name, asked, |created: &Created| created.session.id.to_string()).await?;
        let id = id.parse().map_err(|_| Error::Internal("no id was answered".to_owned()))?;
        self.go_through(name, &id, person).await?;
        Ok(id)
    }

    /// A session, gone through from wherever it stands until there is a result.
    ///
    /// # Errors
    /// When a step is refused that should not be.
    pub async fn go_through(&self, name: &str, id: &SessionId, person: &Person) -> Result<(), Error> {
        patiently(|| self.act(name, id, person)).await?;
        say(&format!("{name}/handed-in"), "");
        step(&format!("{name}/checks"));
        // A job that failed is tried again later.
        for _ in 0..100 {
            if patiently(|| self.stands(id)).await?.status != Status::Processing {
                break;
            }
            self.pass(1, SignedDuration::from_secs(30)).await?;
        }
        Ok(())
    }

    /// Every step that the session does not show as done.
    async fn act(&self, name: &str, id: &SessionId, person: &Person) -> Result<(), Error> {
        let app = self.app();
        if !self.introduced(name, id, person).await? {
            return Ok(());
        }
        for (what, bytes) in [("front", person.card), ("back", "back"), ("selfie", person.face)] {
            step(&format!("{name}/{what}"));
            if !self.stands(id).await?.pictures.contains_key(what) {
                let taken = app.take_picture(id, what, bytes.into(), TakenBy::Camera).await?;
                say(&format!("{name}/{what}/picture"), taken.evidence.id.as_str());
            }
        }
        step(&format!("{name}/submit"));
        app.submit(id, None).await.map(drop)
    }

    /// What comes before the pictures: consent, the method, a phone. False where it is not the person's turn.
    pub(super) async fn introduced(
        &self,
        name: &str,
        id: &SessionId,
        person: &Person,
    ) -> Result<bool, Error> {
        let (app, begins) = (self.app(), self.stands(id).await?);
        if begins.status != Status::RequiresInput || begins.decision.is_some() {
            return Ok(false);
        }
        step(&format!("{name}/consent"));
        if begins.consents.is_empty() {
            person::consent(app, id).await?;
        }
        step(&format!("{name}/method"));
        if begins.method.is_none() {
            app.choose_method(id, person::METHOD).await?;
        }
        step(&format!("{name}/declare"));
        if !begins.declared {
            let told = Declared { phone: Some(person.phone.to_owned()), ..Declared::default() };
            app.declare(id, told, Insists::default()).await?;
        }
        Ok(true)
    }

    async fn stands(&self, id: &SessionId) -> Result<Session, Error> {
        Ok(self.app().session(Mode::Test, id).await?.0)
    }
}

/// The account of a shop.
pub(super) fn shop(id: &str) -> Account {
    Account { kind: AccountKind::Shop, id: id.to_owned() }
}

/// Does it until there is space on the disk.
///
/// # Errors
/// Those of what is done.
pub(super) async fn patiently<T, F: Future<Output = Result<T, Error>>>(
    act: impl Fn() -> F,
) -> Result<T, Error> {
    for _ in 1..TRIES {
        match act().await {
            Err(Error::Full | Error::Busy) => {}
            done => return done,
        }
    }
    act().await
}

fn moment(text: &str) -> Result<Timestamp, Error> {
    text.parse().map_err(|_| Error::Internal(format!("{text} is no moment")))
}

fn eyes() -> ScriptedEyes {
    ScriptedEyes::default()
        .document(b"back", card_back())
        .document(b"card", card_front())
        .face(b"card", 0.0)
        .face(b"ann", 0.1)
        .document(b"bea's card", card_of("110105194912310046"))
        .face(b"bea's card", 20.0)
        .face(b"bea", 20.1)
        .document(b"cyn's card", card_of("110105194912310089"))
        .face(b"cyn's card", 40.0)
        .face(b"cyn", 40.1)
        .face(b"perhaps cyn", 41.0)
}

fn card_of(number: &str) -> DocumentReading {
    let mut card = card_front();
    if let Some(field) = card.fields.get_mut(&FieldKey::IdNumber) {
        field.value = number.to_owned();
    }
    card
}
