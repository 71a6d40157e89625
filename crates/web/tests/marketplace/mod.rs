//! A marketplace that calls the service through its router, and people who verify: real store, real use cases, scripted
//! eyes, the world's clock turned by hand.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]
#![allow(dead_code, reason = "not every test file needs all of it")]

#[path = "../asking/mod.rs"]
pub(crate) mod asking;
pub(crate) mod browser;
pub(crate) mod console;
#[path = "../stores/mod.rs"]
mod stores;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shiren_app::port::{Clock as _, Kept, Pictures, Store};
use shiren_app::record::{Scope, TakenBy};
use shiren_app::{Declared, Error, Insists, Settings};
use shiren_core::account::staff::StaffRules;
use shiren_core::id::SessionId;
use shiren_core::see::{DocumentKind, DocumentReading, FieldKey, SeeError};
use shiren_core::verification::program::{LICENCE, Mode};
use shiren_store_postgres::PostgresStore;
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front, licence, reading};
use shiren_testkit::service::TestService;
use shiren_testkit::{person, postgres};
use shiren_vision::picture::{Limits, metadata};
use shiren_web::page::Support;
use shiren_web::{Limiting, Site, State, router};

/// The number of Ann's card.
pub(crate) const ANN: &str = "11010519491231002X";
/// The number of Bea's card.
pub(crate) const BEA: &str = "110105194912310046";

/// The number of Cyn's card.
pub(crate) const CYN: &str = "110105194912310089";

pub(crate) struct Marketplace {
    pub(crate) service: TestService,
    pub(crate) router: Router,
    pub(crate) key: String,
    pub(crate) live_key: String,
    pub(crate) store: Arc<dyn Store>,
    _folder: tempfile::TempDir,
}

fn card_of(number: &str) -> DocumentReading {
    let mut card = card_front();
    if let Some(field) = card.fields.get_mut(&FieldKey::IdNumber) {
        field.value = number.to_owned();
    }
    card
}

/// A card that ends on 2026-11-30: its front and its back.
fn short_card() -> (DocumentReading, DocumentReading) {
    let put = |mut reading: DocumentReading, values: &[(FieldKey, &str)]| {
        for (key, value) in values {
            if let Some(field) = reading.fields.get_mut(key) {
                field.value = (*value).to_owned();
            }
        }
        reading
    };
    let front = [(FieldKey::IdNumber, "11010519920307002X"), (FieldKey::BirthDate, "1992-03-07")];
    let back = [(FieldKey::ValidFrom, "2016-11-30"), (FieldKey::ValidTo, "2026-11-30")];
    (put(card_front(), &front), put(card_back(), &back))
}

fn site() -> Site {
    Site {
        public_url: "https://verify.example".into(),
        secure: true,
        name: "Test".into(),
        home: None,
        own_apps: Vec::new(),
        embed_origins: Vec::new(),
        support: Support::default(),
        largest_request: 1_000_000,
        limiting: Limiting::default(),
    }
}

/// What keeps pictures in the service.
struct Opener;

impl Pictures for Opener {
    fn keep(&self, picture: &[u8]) -> Result<Kept, SeeError> {
        let kept = metadata::keep(picture, &Limits::default())?;
        Ok(Kept { bytes: kept.bytes, media_type: kept.media_type, size: kept.size })
    }
}

/// Passports of two states with one number.
fn passport_of(state: &str) -> DocumentReading {
    reading(
        Some(DocumentKind::Passport),
        &[
            (FieldKey::Surname, "ERIKSSON"),
            (FieldKey::GivenNames, "ANNA"),
            (FieldKey::DocumentNumber, "L898902C3"),
            (FieldKey::IssuingState, state),
            (FieldKey::Nationality, state),
            (FieldKey::BirthDate, "1974-08-12"),
            (FieldKey::Sex, "F"),
            (FieldKey::ExpiryDate, "2032-04-15"),
        ],
    )
}

/// Two companies, by their credit codes: what the pictures of their licences are.
pub(crate) const COMPANY: &str = "91350100M000100Y43";
pub(crate) const OTHER_COMPANY: &str = "91330100799655058B";

/// The licence of [`COMPANY`] with another value, read so surely.
fn licence_with(key: FieldKey, value: &str, confidence: f32) -> DocumentReading {
    let mut licence = licence(COMPANY, "样本贸易（福州）有限公司");
    if let Some(field) = licence.fields.get_mut(&key) {
        (field.value, field.confidence) = (value.to_owned(), confidence);
    }
    licence
}

impl Marketplace {
    pub(crate) async fn new() -> Self {
        Self::with_rules(StaffRules::default()).await
    }

    pub(crate) async fn with_rules(rules: StaffRules) -> Self {
        Self::with_settings(|settings| settings.staff = rules).await
    }

    /// Over the store that is asked for.
    pub(crate) async fn with_settings(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        Self::over(store, folder, change).await
    }

    /// That opens pictures as the service does, where else whatever comes counts as one.
    pub(crate) async fn that_opens_pictures(change: impl FnOnce(&mut Settings)) -> Self {
        let mut market = Self::new().await;
        let (store, eyes) = (Arc::clone(&market.store), ScriptedEyes::default());
        market.service = TestService::with_pictures(store, eyes, Arc::new(Opener), change);
        market.router = router(State::new(Arc::clone(&market.service.app), site()));
        market
    }

    /// The service starts anew over its store, with other rules for sub-accounts.
    pub(crate) async fn restart(&mut self, rules: StaffRules) {
        let before = self.service.clock.now();
        let store = Arc::clone(&self.store);
        self.service = TestService::with_staff_rules(store, ScriptedEyes::default(), rules);
        // Chance is the same every time: no id twice.
        let later = before.duration_until(self.service.clock.now()).abs() + SignedDuration::from_mins(1);
        self.service.clock.turn(later);
        self.router = router(State::new(Arc::clone(&self.service.app), site()));
        self.service.app.follow_exemptions().await.unwrap();
        self.service.work().await.unwrap();
    }

    /// Over a PostgreSQL of this test's own.
    pub(crate) async fn over_postgres(rules: StaffRules) -> Self {
        Self::over_postgres_with(|settings| settings.staff = rules).await
    }

    /// The same, with other settings.
    pub(crate) async fn over_postgres_with(change: impl FnOnce(&mut Settings)) -> Self {
        let store = PostgresStore::open(&postgres::database()).await.unwrap();
        store.migrate().await.unwrap();
        Self::over(Arc::new(store), tempfile::tempdir().unwrap(), change).await
    }

    async fn over(
        store: Arc<dyn Store>,
        folder: tempfile::TempDir,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let (short_front, short_back) = short_card();
        // A hundred people of a hundred states, whose passports have one number.
        let letters: Vec<char> = ('A'..='Z').collect();
        let crowd = (0..100).fold(ScriptedEyes::default(), |eyes, n| {
            let state = format!("X{}{}", letters[n / 26], letters[n % 26]);
            let (card, selfie) = (format!("passport {n}"), format!("person {n}"));
            let face = 1000.0 + 10.0 * f32::from(u8::try_from(n).unwrap());
            eyes.document(card.as_bytes(), passport_of(&state))
                .face(card.as_bytes(), face)
                .face(selfie.as_bytes(), face + 0.1)
        });
        let mut payer = card_of(ANN);
        if let Some(name) = payer.fields.get_mut(&FieldKey::Name) {
            // The sandbox knows another name on this person's payment account.
            name.value = "不符芳".to_owned();
        }
        let eyes = crowd
            .document(b"a card that does not pay", payer)
            .face(b"a card that does not pay", 0.0)
            .document(b"a short card", short_front)
            .document(b"its back", short_back)
            .face(b"a short card", 0.0)
            .document(COMPANY.as_bytes(), licence(COMPANY, "样本贸易（福州）有限公司"))
            .document(OTHER_COMPANY.as_bytes(), licence(OTHER_COMPANY, "样本科技有限公司"))
            .document(b"a licence that ended", licence_with(FieldKey::BusinessTermTo, "2020-01-31", 0.98))
            .document(b"somebody else's licence", licence_with(FieldKey::LegalPerson, "李雷", 0.98))
            .document(b"a smudged code", licence_with(FieldKey::CreditCode, OTHER_COMPANY, 0.5))
            .document(b"ann's card", card_of(ANN))
            .document(b"bea's card", card_of(BEA))
            .document(b"back", card_back())
            .document(b"cyn's card", card_of(CYN))
            .document(b"utopia's passport", passport_of("UTO"))
            .document(b"ruritania's passport", passport_of("RUR"))
            .face(b"utopia's passport", 60.0)
            .face(b"eve", 60.1)
            .face(b"ruritania's passport", 80.0)
            .face(b"fay", 80.1)
            .document(b"ann's number, dan's portrait", card_of(ANN))
            .face(b"ann's number, dan's portrait", 40.0)
            .face(b"dan", 40.1)
            .face(b"cyn's card", 20.0)
            .face(b"cyn herself", 20.1)
            .face(b"ann's card", 0.0)
            .face(b"bea's card", 0.0)
            .face(b"herself", 0.1)
            .face(b"herself, by another model", 0.1)
            .recogniser(b"herself, by another model", "newer")
            .face(b"perhaps", 1.0)
            .face(b"somebody else", 4.0);
        let service = TestService::with_settings(Arc::clone(&store), eyes, change);
        let router = router(State::new(Arc::clone(&service.app), site()));
        let (_, key) = service.app.create_api_key("tests", Mode::Test, Scope::ALL.into()).await.unwrap();
        let (_, live_key) = service.app.create_api_key("live", Mode::Live, Scope::ALL.into()).await.unwrap();
        Self { service, router, key, live_key, store, _folder: folder }
    }

    /// A key of test mode with a name of its own: another reviewer.
    pub(crate) async fn another_key(&self, name: &str) -> String {
        self.service.app.create_api_key(name, Mode::Test, Scope::ALL.into()).await.unwrap().1
    }

    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        key: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        asking::ask(&self.router, (method, path), key, body, None).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, answer) = self.ask("GET", path, &self.key, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    /// What must be done.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("POST", path, &self.key, Some(body)).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    /// What must be put in place of what is there.
    pub(crate) async fn put(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.ask("PUT", path, &self.key, Some(body)).await;
        assert!(status.is_success(), "{path}: {answer}");
        answer
    }

    /// What must be refused: status and code.
    pub(crate) async fn refused(&self, path: &str, body: Value) -> (u16, String) {
        let (status, answer) = self.ask("POST", path, &self.key, Some(body)).await;
        assert!(status.is_client_error(), "{path}: {answer}");
        assert_eq!(answer["status"], status.as_u16(), "{answer}");
        (status.as_u16(), answer["code"].as_str().unwrap_or_default().to_owned())
    }

    /// A clock that shows this, by its id.
    pub(crate) async fn clock(&self, now: &str) -> String {
        let clock = self.post("/v1/test/clocks", json!({ "name": "tests", "now": now })).await;
        clock["id"].as_str().unwrap().to_owned()
    }

    /// Turns a clock until it shows this, and lets everything happen on the way.
    pub(crate) async fn turn(&self, clock: &str, to: &str) {
        let path = format!("/v1/test/clocks/{clock}/advance");
        let answer = self.post(&path, json!({ "to": to })).await;
        assert_eq!(answer["status"], "advancing");
        self.settle(clock).await;
        assert_eq!(self.get(&format!("/v1/test/clocks/{clock}")).await["now"], to);
    }

    /// Works until the clock is ready.
    pub(crate) async fn settle(&self, clock: &str) {
        let path = format!("/v1/test/clocks/{clock}");
        for _ in 0..100 {
            self.service.work().await.unwrap();
            if self.get(&path).await["status"] == "ready" {
                break;
            }
            self.service.clock.turn(jiff::SignedDuration::from_millis(100));
        }
        assert_eq!(self.get(&path).await["status"], "ready", "the clock does not arrive");
    }

    pub(crate) async fn shop(&self, id: &str, kind: &str, clock: Option<&str>) -> Value {
        self.post("/v1/shops", json!({ "id": id, "type": kind, "test_clock": clock })).await
    }

    pub(crate) async fn staff(&self, shop: &str, id: &str) -> Value {
        let new = json!({ "id": id, "name": "客服小王", "role": "customer_service" });
        self.post(&format!("/v1/shops/{shop}/staff"), new).await
    }

    pub(crate) async fn status(&self, id: &str) -> String {
        self.get(&format!("/v1/staff/{id}")).await["status"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn session(&self, kind: &str, program: &str, id: &str) -> SessionId {
        let new = json!({ "program": program, "account": { "kind": kind, "id": id } });
        let session = self.post("/v1/verification_sessions", new).await;
        session["id"].as_str().unwrap().parse().unwrap()
    }

    /// A session for a sub-account, with everything handed in.
    pub(crate) async fn handed_in(&self, staff: &str, card: &[u8], selfie: &[u8], phone: &str) -> SessionId {
        let id = self.session("staff", "staff", staff).await;
        self.hand_in(&id, card, selfie, phone).await;
        id
    }

    pub(crate) async fn hand_in(&self, id: &SessionId, card: &[u8], selfie: &[u8], phone: &str) {
        self.prepare(id, card, selfie, phone).await;
        self.service.app.submit(id, None).await.unwrap();
    }

    /// Everything up to handing in.
    pub(crate) async fn prepare(&self, id: &SessionId, card: &[u8], selfie: &[u8], phone: &str) {
        self.enter(id, None, phone).await.unwrap();
        let app = &self.service.app;
        for (step, bytes) in [("front", card), ("back", b"back"), ("selfie", selfie)] {
            app.take_picture(id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
        // The owner of a company's shop shows its licence too.
        let (session, _) = app.session(Mode::Test, id).await.unwrap();
        if let Some(company) = session.company {
            let licence = company.credit_code().as_bytes().to_vec();
            app.take_picture(id, LICENCE, licence, TakenBy::Camera).await.unwrap();
        }
    }

    /// What a person does before any picture.
    pub(crate) async fn enter(&self, id: &SessionId, number: Option<&str>, phone: &str) -> Result<(), Error> {
        let app = &self.service.app;
        person::agree(app, id).await?;
        let entered = Declared {
            id_number: number.map(str::to_owned),
            phone: Some(phone.to_owned()),
            ..Declared::default()
        };
        app.declare(id, entered, Insists::default()).await.map(drop)
    }

    pub(crate) async fn work(&self) {
        self.service.work().await.unwrap();
    }

    /// Types of the events of an object, in order.
    pub(crate) async fn events(&self, object: &str) -> Vec<String> {
        let events = self.get(&format!("/v1/events?object={object}&limit=100")).await;
        let kinds = events["data"].as_array().unwrap().iter();
        kinds.map(|e| e["type"].as_str().unwrap().to_owned()).collect()
    }

    /// When something happened to an object, each time.
    pub(crate) async fn moments(&self, object: &str, kind: &str) -> Vec<String> {
        let events = self.get(&format!("/v1/events?object={object}&limit=100")).await;
        let of = events["data"].as_array().unwrap().iter().filter(|e| e["type"] == kind);
        of.map(|e| e["timestamp"].as_str().unwrap().to_owned()).collect()
    }
}
