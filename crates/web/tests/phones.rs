//! Codes that prove phones (row F5), through the pages: real store, an SMS gateway that takes what comes.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod stores;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use jiff::SignedDuration;
use shiren_app::port::{NoticeQuery, SendError};
use shiren_app::record::{NoticeState, SendFault, TakenBy};
use shiren_app::{CreateSession, Error, Settings, TryCode};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::code::Tried;
use shiren_core::verification::program::{Mode, Need, built_in};
use shiren_core::verification::session::{PhoneProof, Refusal, Session, Status};
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front};
use shiren_testkit::person;
use shiren_testkit::service::TestService;
use shiren_web::{Limiting, Site, State, router};
use tower::ServiceExt as _;

const PHONE: &str = "13800138000";
const OTHER: &str = "13900139000";
const CODE_PAGE: &str = "autocomplete=\"one-time-code\"";

struct World {
    service: TestService,
    router: Router,
    folder: tempfile::TempDir,
}

/// Somebody before the page.
struct Buyer {
    id: SessionId,
    cookie: String,
    address: &'static str,
}

impl World {
    async fn new() -> Self {
        Self::with(true, |_| {}).await
    }

    async fn with(by_sms: bool, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        let eyes = ScriptedEyes::default()
            .document(b"card", card_front())
            .document(b"back", card_back())
            .face(b"card", 0.0)
            .face(b"herself", 0.1);
        let service = match by_sms {
            true => TestService::with_texts(store, eyes, change),
            false => TestService::with_settings(store, eyes, change),
        };
        let site = Site {
            public_url: "https://verify.example".into(),
            name: "Test".into(),
            largest_request: 1_000_000,
            limiting: Limiting { client_address_header: "x-client".into(), ..Limiting::default() },
            ..Site::default()
        };
        let router = router(State::new(Arc::clone(&service.app), site));
        Self { service, router, folder }
    }

    /// A buyer who has agreed and chosen.
    async fn buyer(&self, account: &str, mode: Mode, address: &'static str) -> Buyer {
        let asked = CreateSession {
            mode,
            program: "buyer".into(),
            account: Account { kind: AccountKind::Buyer, id: account.into() },
            clock: None,
            return_url: None,
            metadata: Default::default(),
            contact: Default::default(),
            action: None,
            account_assertion: false,
        };
        let app = &self.service.app;
        let created = app.run(asked).await.unwrap();
        let (id, cookie) = app.open_link(&created.link_secret, None, None).await.unwrap();
        person::agree(app, &id).await.unwrap();
        Buyer { id, cookie, address }
    }

    async fn browse(&self, who: &Buyer, method: &str, path: &str, form: &str) -> (StatusCode, String) {
        let csrf: String = shiren_app::hash(&format!("csrf\n{}", who.cookie)).0[..16]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ACCEPT_LANGUAGE, "en")
            .header(header::COOKIE, format!("shiren_visit={}", who.cookie))
            .header("x-client", who.address)
            .body(Body::from(format!("csrf={csrf}&{form}")))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1_000_000).await.unwrap();
        (status, String::from_utf8(bytes.into()).unwrap())
    }

    /// The details form; what came of it.
    async fn enter(&self, who: &Buyer, phone: &str) -> (StatusCode, String) {
        let form = format!("name=%E7%8E%8B%E8%8A%B3&id_number=11010519491231002X&phone={phone}");
        let answer = self.browse(who, "POST", "/verify/details", &form).await;
        self.service.work().await.unwrap();
        answer
    }

    async fn send(&self, who: &Buyer) -> (StatusCode, String) {
        let answer = self.browse(who, "POST", "/verify/code/send", "").await;
        self.service.work().await.unwrap();
        answer
    }

    async fn tell(&self, who: &Buyer, code: &str) -> (StatusCode, String) {
        self.browse(who, "POST", "/verify/code", &format!("code={code}")).await
    }

    /// The digits of the last message.
    fn code(&self) -> String {
        self.service.texts.taken().last().unwrap().parameters["code"].clone()
    }

    /// Six digits that were not sent.
    fn wrong(&self) -> String {
        let right: u32 = self.code().parse().unwrap();
        format!("{:06}", (right + 1) % 1_000_000)
    }

    async fn session(&self, who: &Buyer, mode: Mode) -> Session {
        self.service.app.session(mode, &who.id).await.unwrap().0
    }

    async fn photograph(&self, who: &Buyer) {
        for (step, bytes) in [("front", &b"card"[..]), ("back", b"back"), ("selfie", b"herself")] {
            self.service.app.take_picture(&who.id, step, bytes.to_vec(), TakenBy::Camera).await.unwrap();
        }
    }

    fn pass(&self, seconds: i64) {
        self.service.clock.turn(SignedDuration::from_secs(seconds));
    }
}

#[tokio::test]
async fn a_buyer_tells_the_code_that_came_to_their_phone_and_the_decision_says_so() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    assert_eq!(world.enter(&buyer, PHONE).await.0, StatusCode::SEE_OTHER);
    let texts = world.service.texts.taken();
    assert_eq!(
        (texts.len(), texts[0].to.as_str(), texts[0].template.as_str()),
        (1, "+8613800138000", "phone_code")
    );
    let code = world.code();
    assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()), "{code}");
    assert!(texts[0].text.contains(&code) && texts[0].text.ends_with(&format!("@verify.example #{code}")));

    let (_, page) = world.browse(&buyer, "GET", "/verify", "").await;
    assert!(page.contains(CODE_PAGE) && page.contains("inputmode=\"numeric\""), "{page}");
    assert!(page.contains("+861******8000") && !page.contains("13800138000") && !page.contains(&code));
    let (status, page) = world.tell(&buyer, &world.wrong()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("That is not the code."), "{page}");
    assert_eq!(world.tell(&buyer, &code).await.0, StatusCode::SEE_OTHER);
    let (_, page) = world.browse(&buyer, "GET", "/verify", "").await;
    assert!(!page.contains(CODE_PAGE), "{page}");

    world.photograph(&buyer).await;
    world.service.app.submit(&buyer.id, None).await.unwrap();
    world.service.work().await.unwrap();
    let (session, decision) = world.service.app.session(Mode::Live, &buyer.id).await.unwrap();
    assert_eq!(session.status, Status::Verified, "{:?}", session.reasons);
    let phone = &decision.unwrap().body["assurance"]["rests_on"]["phone"];
    assert_eq!(phone["code"]["at"], "2026-11-23T04:00:00Z", "{phone}");
}

#[tokio::test]
async fn without_the_code_nothing_is_handed_in_whatever_the_page_shows() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    world.photograph(&buyer).await;
    let refused = world.service.app.submit(&buyer.id, None).await.unwrap_err();
    assert!(matches!(refused, Error::Refused(Refusal::PhoneUnverified)), "{refused}");
    assert_eq!(world.browse(&buyer, "POST", "/verify/submit", "").await.0, StatusCode::SEE_OTHER);
    assert_eq!(world.session(&buyer, Mode::Live).await.status, Status::RequiresInput);
}

#[tokio::test]
async fn a_code_is_tried_five_times_and_a_new_one_begins_anew() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    let (right, wrong) = (world.code(), world.wrong());
    for _ in 0..4 {
        assert!(world.tell(&buyer, &wrong).await.1.contains("That is not the code."));
    }
    assert!(world.tell(&buyer, &wrong).await.1.contains("tried too often"));
    assert!(world.tell(&buyer, &right).await.1.contains("tried too often"), "the right one comes too late");
    assert_eq!(world.session(&buyer, Mode::Live).await.phone_proof, PhoneProof::Open);
    world.pass(60);
    assert_eq!(world.send(&buyer).await.0, StatusCode::SEE_OTHER);
    assert_eq!(world.service.texts.taken().len(), 2);
    assert!(world.code() == right || world.tell(&buyer, &right).await.0 == StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.tell(&buyer, &world.code()).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn of_many_who_guess_at_once_five_are_looked_at() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    let wrong = world.wrong();
    let tries = (0..40).map(|_| {
        let (app, session, code) = (Arc::clone(&world.service.app), buyer.id.clone(), wrong.clone());
        tokio::spawn(async move { app.run(TryCode { session, code }).await })
    });
    let mut told = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        told.push(one.await.unwrap());
    }
    let count = |of| told.iter().filter(|t| t.as_ref().is_ok_and(|t| *t == of)).count();
    assert_eq!((count(Tried::Wrong), count(Tried::Right)), (4, 0), "{told:?}");
    assert!(world.tell(&buyer, &world.code()).await.1.contains("tried too often"));
}

#[tokio::test]
async fn a_code_counts_for_ten_minutes_and_once() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    world.pass(600);
    let (status, page) = world.tell(&buyer, &world.code()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("This code&#39;s time is over"), "{page}");
    world.send(&buyer).await;
    assert_eq!(world.tell(&buyer, &world.code()).await.0, StatusCode::SEE_OTHER);
    assert!(world.tell(&buyer, &world.code()).await.1.contains("used before"));
}

#[tokio::test]
async fn codes_are_limited_by_phone_by_browser_and_by_network_each_with_its_reason() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    let (status, page) = world.send(&buyer).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("A code was sent a moment ago.") && page.contains("data-seconds=\"60\""), "{page}");
    for _ in 0..4 {
        world.pass(60);
        assert_eq!(world.send(&buyer).await.0, StatusCode::SEE_OTHER);
    }
    world.pass(60);
    assert!(world.send(&buyer).await.1.contains("This account had too many codes sent to this phone today."));
    // Another phone in the same browser.
    let (status, page) = world.enter(&buyer, OTHER).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("You asked for too many codes.") && page.contains("id=\"contact\" open"), "{page}");
    // The phone's owner, with an account of their own, still gets one; the third account uses up the rest.
    let owner = world.buyer("2", Mode::Live, "198.51.100.8").await;
    assert_eq!(world.enter(&owner, PHONE).await.0, StatusCode::SEE_OTHER);
    assert_eq!(world.tell(&owner, &world.code()).await.0, StatusCode::SEE_OTHER);
    assert_eq!(world.service.texts.taken().len(), 6);
    for (account, address, codes) in [("3", "198.51.100.9", 5), ("4", "198.51.100.10", 4)] {
        let stranger = world.buyer(account, Mode::Live, address).await;
        for n in 0..codes {
            world.pass(60);
            let got = if n == 0 { world.enter(&stranger, PHONE).await } else { world.send(&stranger).await };
            assert_eq!(got.0, StatusCode::SEE_OTHER, "{account} {n}");
        }
    }
    world.pass(60);
    let fifth = world.buyer("5", Mode::Live, "198.51.100.11").await;
    let (status, page) = world.enter(&fifth, PHONE).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("Too many codes went to this phone today."), "{page}");
    assert_eq!(world.service.texts.taken().len(), 15);
    // Other phones in other browsers behind one address: as many as an office may have.
    for n in 0..30 {
        let colleague = world.buyer(&format!("c{n}"), Mode::Live, "203.0.113.5").await;
        assert_eq!(
            world.enter(&colleague, &format!("137001370{n:02}")).await.0,
            StatusCode::SEE_OTHER,
            "{n}"
        );
    }
    let one_more = world.buyer("more", Mode::Live, "203.0.113.5").await;
    let (status, page) = world.enter(&one_more, "13600136000").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert!(page.contains("Too many codes were asked for from this network."), "{page}");
    world.pass(3600);
    let later = world.buyer("later", Mode::Live, "203.0.113.5").await;
    assert_eq!(world.enter(&later, "13600136000").await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn another_phone_must_be_proven_anew_and_the_same_one_not() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    world.tell(&buyer, &world.code()).await;
    world.enter(&buyer, "+86 138-0013-8000").await;
    assert!(matches!(world.session(&buyer, Mode::Live).await.phone_proof, PhoneProof::Code { .. }));
    assert_eq!(world.service.texts.taken().len(), 1);
    let first = world.code();
    world.enter(&buyer, OTHER).await;
    assert_eq!(world.session(&buyer, Mode::Live).await.phone_proof, PhoneProof::Open);
    let second = world.service.texts.taken().pop().unwrap();
    assert_eq!(second.to, "+8613900139000");
    assert!(
        second.parameters["code"] == first || world.tell(&buyer, &first).await.0 != StatusCode::SEE_OTHER
    );
    // Back to the first phone: its code was for another time.
    world.pass(60);
    world.enter(&buyer, PHONE).await;
    assert_ne!(world.tell(&buyer, &second.parameters["code"]).await.0, StatusCode::SEE_OTHER);
    assert_eq!(world.tell(&buyer, &world.code()).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_code_that_was_not_taken_goes_again_and_one_that_perhaps_was_does_not() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    let state = async || {
        let query = NoticeQuery { limit: 1, ..NoticeQuery::default() };
        world.service.app.notices(&query).await.unwrap()[0].notice.state
    };
    world.service.texts.answer(Some(SendError::NotSent(SendFault::Unreachable)));
    world.enter(&buyer, PHONE).await;
    assert_eq!(state().await, NoticeState::Waiting);
    world.service.texts.answer(None);
    world.pass(10);
    world.service.work().await.unwrap();
    assert_eq!((state().await, world.service.texts.taken().len()), (NoticeState::Sent, 1));
    world.service.texts.answer(Some(SendError::Unclear(SendFault::Silent)));
    world.pass(60);
    world.send(&buyer).await;
    world.service.texts.answer(None);
    world.pass(59);
    world.service.work().await.unwrap();
    assert_eq!((state().await, world.service.texts.taken().len()), (NoticeState::Unclear, 1));
}

#[tokio::test]
async fn where_nothing_can_send_a_code_a_person_decides() {
    let world = World::with(false, |_| {}).await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    assert_eq!(world.enter(&buyer, PHONE).await.0, StatusCode::SEE_OTHER);
    assert!(!world.browse(&buyer, "GET", "/verify", "").await.1.contains(CODE_PAGE));
    world.photograph(&buyer).await;
    world.service.app.submit(&buyer.id, None).await.unwrap();
    world.service.work().await.unwrap();
    let session = world.session(&buyer, Mode::Live).await;
    let codes: Vec<&str> = session.reasons.iter().map(|r| r.code.name()).collect();
    assert_eq!((session.status, codes), (Status::InReview, vec!["phone_unverified"]));
}

#[tokio::test]
async fn in_test_mode_the_console_shows_the_code_to_who_says_why() {
    let world = World::with(false, |settings| {
        let mut program = built_in("buyer").unwrap().clone();
        program.version += 1;
        for method in &mut program.methods {
            (method.declare.phone, method.declare.phone_code) = (Need::Always, Need::Always);
        }
        settings.programs.push(program);
    })
    .await;
    let buyer = world.buyer("1", Mode::Test, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    let app = &world.service.app;
    let listed = app.notices(&NoticeQuery { limit: 1, ..NoticeQuery::default() }).await.unwrap().remove(0);
    assert_eq!((listed.notice.state, listed.to.as_deref()), (NoticeState::Sandbox, Some("+861******8000")));
    assert!(app.reveal_letter(&listed.notice.id, "", "user:tests").await.is_err());
    let letter = app.reveal_letter(&listed.notice.id, "trying it out", "user:tests").await.unwrap();
    assert_eq!(world.tell(&buyer, &letter.parameters["code"]).await.0, StatusCode::SEE_OTHER);
    assert!(matches!(world.session(&buyer, Mode::Test).await.phone_proof, PhoneProof::Code { .. }));
}

#[tokio::test]
async fn no_file_of_the_store_holds_the_phone_the_code_or_the_address() {
    let world = World::new().await;
    let buyer = world.buyer("1", Mode::Live, "198.51.100.7").await;
    world.enter(&buyer, PHONE).await;
    let code = world.code();
    world.tell(&buyer, &code).await;
    for file in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for secret in ["13800138000", "198.51.100.7", &format!("\"{code}\""), &format!(" {code}")] {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{secret}");
        }
    }
}
