//! Who lives through it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use shiren_app::port::{EventQuery, Store, TransportError, WebhookTransport};
use shiren_app::record::{Scope, SecretHash, TakenBy};
use shiren_app::webhook::sign::Scheme;
use shiren_app::{Answer, App, CreateEndpoint, CreateSession, Declared, Error, Insists, Once};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{EvidenceId, SessionId};
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::{Session, Status};
use shiren_gateway::blobs::LocalBlobs;

use crate::eyes::{ScriptedEyes, card_back, card_front};
use crate::person;
use crate::service::TestService;

/// What one life after the other was told.
#[derive(Clone, Debug, Default)]
pub struct Acknowledged {
    /// Which session.
    pub session: Option<SessionId>,
    /// The pictures.
    pub pictures: BTreeSet<EvidenceId>,
    /// Whether it was handed in.
    pub handed_in: bool,
}

impl Acknowledged {
    /// Reads a line of the child's; others are let be.
    pub fn hear(&mut self, line: &str) {
        let mut words = line.split(' ');
        if words.next() != Some("acknowledged") {
            return;
        }
        match (words.next(), words.next()) {
            (Some("session"), Some(id)) => self.session = id.parse().ok(),
            (Some("picture"), Some(id)) => self.pictures.extend(id.parse::<EvidenceId>()),
            (Some("handed-in"), None) => self.handed_in = true,
            _ => {}
        }
    }
}

/// The marketplace's receiver: a line of a file for each webhook, written before it answers.
struct Ledger(PathBuf);

#[async_trait::async_trait]
impl WebhookTransport for Ledger {
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
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0).map_err(unreachable)?;
        let line = serde_json::json!({
            "id": headers.get("webhook-id"),
            "body": serde_json::from_slice::<serde_json::Value>(&body).unwrap_or_default(),
        });
        file.write_all(format!("{line}\n").as_bytes()).map_err(unreachable)?;
        Ok(204)
    }
}

/// The service in its `life`-th life: other chance, a later hour, so that leases of earlier lives are over.
fn service(
    store: Arc<dyn Store>,
    folder: &Path,
    life: u32,
) -> Result<TestService<LocalBlobs, Ledger>, Error> {
    let eyes = ScriptedEyes::default()
        .document(b"card", card_front())
        .document(b"back", card_back())
        .face(b"card", 0.0)
        .face(b"ann", 0.1);
    let blobs = LocalBlobs::open(folder.join("blobs")).map_err(|e| Error::Internal(e.to_string()))?;
    let service = TestService::with(
        store,
        eyes,
        Arc::new(blobs),
        Arc::new(Ledger(folder.join("webhooks"))),
        u64::from(life) + 100,
    );
    service.clock.turn(SignedDuration::from_mins(5 * i64::from(life)));
    Ok(service)
}

/// What stands before the first life: a key and an endpoint.
///
/// # Errors
/// When the store fails.
pub async fn prepare(store: Arc<dyn Store>, folder: &Path) -> Result<(), Error> {
    let service = service(store, folder, 0)?;
    service.app.create_api_key("marketplace", Mode::Test, Scope::ALL.into()).await?;
    let endpoint = CreateEndpoint {
        mode: Mode::Test,
        url: "https://marketplace.example/hook".to_owned(),
        kinds: BTreeSet::new(),
        description: String::new(),
        scheme: Scheme::default(),
    };
    service.app.run(endpoint).await.map(drop)
}

/// One life, from where the last one ended to the result; says on standard output what is acknowledged.
///
/// # Errors
/// When a step is refused that should not be.
pub async fn live(
    store: Arc<dyn Store>,
    folder: &Path,
    life: u32,
    known: Option<SessionId>,
) -> Result<(), Error> {
    let service = patiently(|| async { service(Arc::clone(&store), folder, life) }).await?;
    let app = &service.app;
    let id = match known {
        Some(id) => id,
        None => patiently(|| begin(app)).await?,
    };
    say(&format!("session {id}"));
    patiently(|| act(app, &id)).await?;
    say("handed-in");
    // A job that failed is tried again later.
    for _ in 0..20 {
        patiently(|| service.work()).await?;
        service.clock.turn(SignedDuration::from_mins(1));
    }
    Ok(())
}

/// How often somebody tries what fails because the disk is full.
const TRIES: u32 = 100;

/// Does it until there is space.
async fn patiently<T, F: Future<Output = Result<T, Error>>>(act: impl Fn() -> F) -> Result<T, Error> {
    for _ in 1..TRIES {
        match act().await {
            Err(Error::Full | Error::Busy) => {}
            done => return done,
        }
    }
    act().await
}

fn say(what: &str) {
    println!("\nacknowledged {what}");
}

/// Under an idempotency key: asked again after a death, there is one session.
async fn begin(app: &App) -> Result<SessionId, Error> {
    let caller = Arc::new(app.api_keys().await?.pop().ok_or(Error::Unauthenticated)?);
    let once = Once {
        caller,
        route: "POST /v1/verification_sessions".to_owned(),
        value: "the first try".to_owned(),
        request: SecretHash([1; 32]),
    };
    let asked = CreateSession {
        mode: Mode::Test,
        program: "shop-owner".to_owned(),
        account: Account { kind: AccountKind::Shop, id: "1".to_owned() },
        clock: None,
        return_url: None,
        action: None,
        metadata: BTreeMap::new(),
        contact: shiren_app::Contact::default(),
        account_assertion: false,
    };
    let id = |created: shiren_app::Created| created.session.id.to_string().into_bytes();
    let answered = app.run_once(&once, asked, |created| Answer { status: 201, body: id(created) }).await?;
    let id = String::from_utf8_lossy(&answered.answer.body).parse();
    id.map_err(|_| Error::Internal("no id was answered".to_owned()))
}

/// Every step that the session does not show as done.
async fn act(app: &App, id: &SessionId) -> Result<(), Error> {
    if stands(app, id).await?.consents.is_empty() {
        person::consent(app, id).await?;
    }
    if stands(app, id).await?.method.is_none() {
        app.choose_method(id, person::METHOD).await?;
    }
    if !stands(app, id).await?.declared {
        app.declare(id, Declared::default(), Insists::default()).await?;
    }
    for (step, bytes) in [("front", &b"card"[..]), ("back", b"back"), ("selfie", b"ann")] {
        if !stands(app, id).await?.pictures.contains_key(step) {
            let taken = app.take_picture(id, step, bytes.to_vec(), TakenBy::Camera).await?;
            say(&format!("picture {}", taken.evidence.id));
        }
    }
    if stands(app, id).await?.status == Status::RequiresInput {
        app.submit(id, None).await?;
    }
    Ok(())
}

async fn stands(app: &App, id: &SessionId) -> Result<Session, Error> {
    Ok(app.session(Mode::Test, id).await?.0)
}

/// What is wrong in the end.
///
/// # Errors
/// When the store or the ledger cannot be read.
pub async fn faults(store: Arc<dyn Store>, folder: &Path, told: &Acknowledged) -> Result<Vec<String>, Error> {
    let service = service(Arc::clone(&store), folder, 0)?;
    let Some(id) = &told.session else { return Ok(vec!["no session was acknowledged".to_owned()]) };
    let (session, decision) = service.app.session(Mode::Test, id).await?;
    let mut wrong = Vec::new();
    if session.status != Status::Verified || decision.is_none() {
        wrong.push(format!("it is {:?}", session.status));
    }
    let mut tx = store.snapshot().await?;
    let account = Some(session.account.clone());
    let query = EventQuery { account, limit: 100, ..EventQuery::default() };
    let events = tx.events(&query).await?;
    let mut kinds: Vec<&str> = events.iter().map(|e| e.event.kind.as_str()).collect();
    kinds.sort_unstable();
    let once = ["created", "processing", "verified"].map(|kind| format!("verification_session.{kind}"));
    if kinds != once {
        wrong.push(format!("events {kinds:?}"));
    }
    let sequence: Vec<i64> = events.iter().map(|e| e.sequence).collect();
    if sequence != [1, 2, 3] {
        wrong.push(format!("numbered {sequence:?}"));
    }
    let kept: BTreeSet<EvidenceId> = tx.evidence_of(id).await?.into_iter().map(|e| e.id).collect();
    let lost: Vec<&EvidenceId> = told.pictures.difference(&kept).collect();
    if !lost.is_empty() {
        wrong.push(format!("acknowledged pictures are lost: {lost:?}"));
    }
    drop(tx);
    for picture in session.pictures.values() {
        if service.app.open_picture(id, picture, "test", "look").await.is_err() {
            wrong.push(format!("{picture} does not open"));
        }
    }
    // Two hours later nothing is left of pictures that were kept and never recorded.
    service.clock.turn(SignedDuration::from_hours(2));
    service.work().await?;
    let bytes = std::fs::read_dir(folder.join("blobs/evidence")).map_or(0, Iterator::count);
    if bytes != kept.len() {
        wrong.push(format!("{bytes} pictures' bytes, {} records", kept.len()));
    }
    let ids: BTreeSet<String> = events.iter().map(|e| e.event.id.to_string()).collect();
    wrong.extend(mistold(&folder.join("webhooks"), &ids)?);
    Ok(wrong)
}

/// Every event came, each under its own id: at least once, as webhooks do.
fn mistold(ledger: &Path, ids: &BTreeSet<String>) -> Result<Option<String>, Error> {
    let written = std::fs::read_to_string(ledger).map_err(|e| Error::Internal(e.to_string()))?;
    let mut came = BTreeMap::<i64, BTreeSet<String>>::new();
    for line in written.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()) {
        let sequence = line["body"]["sequence"].as_i64().unwrap_or_default();
        came.entry(sequence).or_default().insert(line["id"].as_str().unwrap_or_default().to_owned());
    }
    let sound = came.len() == 3
        && came.values().all(|of| of.len() == 1)
        && came.values().flatten().collect::<BTreeSet<_>>() == ids.iter().collect();
    Ok((!sound).then(|| format!("webhooks {came:?}, events {ids:?}")))
}
