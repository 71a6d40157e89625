//! Pictures in pieces, through the router: real store, real use cases, pieces that are cut, doubled and damaged.
#![expect(clippy::unwrap_used, reason = "what tests share fails the test that calls it")]

mod stores;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_testkit::eyes::{ScriptedEyes, card_back, card_front};
use shiren_testkit::person;
use shiren_testkit::service::TestService;
use shiren_web::{Site, State, router};
use tower::ServiceExt as _;

const PIECE: usize = 256 * 1024;

/// As large as a phone's photograph.
fn photograph() -> Vec<u8> {
    (0..1_400_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

struct World {
    service: TestService,
    router: Router,
    _folder: tempfile::TempDir,
}

/// What came back.
struct Got {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Got {
    fn offset(&self) -> Option<u64> {
        self.headers.get("upload-offset")?.to_str().ok()?.parse().ok()
    }

    fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

/// Somebody's browser, at the pictures.
struct Browser<'w> {
    world: &'w World,
    session: SessionId,
    cookie: String,
    csrf: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = stores::store(folder.path()).await;
        let eyes = ScriptedEyes::default()
            .document(&photograph(), card_front())
            .face(&photograph(), 0.0)
            .document(b"back", card_back());
        let service = TestService::new(store, eyes);
        let site = Site { name: "Test".into(), largest_request: 25_000_000, ..Site::default() };
        let router = router(State::new(Arc::clone(&service.app), site));
        Self { service, router, _folder: folder }
    }

    async fn person(&self, mode: Mode) -> Browser<'_> {
        let (session, cookie) = person::arrived(&self.service.app, mode).await.unwrap();
        let mut browser = Browser { world: self, session, cookie, csrf: String::new() };
        let page = browser.ask("GET", "/verify/step/front", &[], Body::empty()).await;
        browser.csrf = page.body.as_str().unwrap().split("data-csrf=\"").nth(1).unwrap()[..32].to_owned();
        browser
    }

    fn blobs(&self, folder: &str) -> usize {
        self.service.blobs.all().keys().filter(|key| key.starts_with(folder)).count()
    }
}

impl Browser<'_> {
    async fn ask(&self, method: &str, path: &str, headers: &[(&str, String)], body: Body) -> Got {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, format!("shiren_visit={}", self.cookie))
            .header("x-csrf", &self.csrf);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = self.world.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Got { status, headers, body }
    }

    async fn begin(&self, step: &str, length: usize, of: &[u8], taken_by: &str) -> Got {
        let sum = BASE64_STANDARD.encode(Sha256::digest(of));
        let headers = [
            ("upload-length", length.to_string()),
            ("upload-checksum", format!("sha256 {sum}")),
            ("x-taken-by", taken_by.to_owned()),
        ];
        self.ask("POST", &format!("/verify/uploads/{step}"), &headers, Body::empty()).await
    }

    /// Begun for the front; its place.
    async fn begun(&self, picture: &[u8]) -> String {
        let got = self.begin("front", picture.len(), picture, "file").await;
        assert_eq!((got.status, got.offset()), (201, Some(0)), "{}", got.body);
        got.headers[header::LOCATION].to_str().unwrap().to_owned()
    }

    async fn piece(&self, place: &str, offset: usize, bytes: &[u8]) -> Got {
        let headers = [
            ("upload-offset", offset.to_string()),
            ("content-type", "application/offset+octet-stream".to_owned()),
        ];
        self.ask("PATCH", place, &headers, Body::from(bytes.to_vec())).await
    }

    async fn stands(&self, place: &str) -> Got {
        self.ask("HEAD", place, &[], Body::empty()).await
    }

    /// All pieces from one place on; the answer to the last.
    async fn pieces(&self, place: &str, picture: &[u8], from: usize) -> Got {
        let mut last = None;
        for (n, piece) in picture[from..].chunks(PIECE).enumerate() {
            let got = self.piece(place, from + n * PIECE, piece).await;
            assert!(got.status == 204 || from + n * PIECE + piece.len() == picture.len(), "{}", got.body);
            last = Some(got);
        }
        last.unwrap()
    }
}

#[tokio::test]
async fn a_picture_comes_in_pieces_and_is_the_one_that_was_sent() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let place = browser.begun(&picture).await;
    let got = browser.pieces(&place, &picture, 0).await;
    assert_eq!((got.status, got.offset()), (200, Some(picture.len() as u64)), "{}", got.body);
    assert_eq!(got.body["usable"], true, "{}", got.body);
    let shown = browser.ask("GET", got.body["picture"].as_str().unwrap(), &[], Body::empty()).await;
    assert_eq!(shown.status, 200);
    let visitor = world.service.app.visitor(&browser.cookie).await.unwrap();
    let kept = world.service.app.pictures_of(&visitor.session).await.unwrap();
    let sum: String = Sha256::digest(&picture).iter().map(|b| format!("{b:02x}")).collect();
    assert_eq!((kept[0].bytes, &kept[0].sha256), (picture.len() as u64, &sum));
    assert_eq!(
        (world.blobs("uploads/"), world.blobs("evidence/")),
        (0, 1),
        "pieces go when the picture is kept"
    );
}

#[tokio::test]
async fn after_a_cut_it_goes_on_from_where_the_server_stands() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let place = browser.begun(&picture).await;
    assert_eq!(browser.piece(&place, 0, &picture[..PIECE]).await.status, 204);
    // The line breaks inside the next piece.
    let half = picture[PIECE..PIECE + 9_000].to_vec();
    let cut = futures_util::stream::iter([Ok(half), Err(std::io::Error::other("the line broke"))]);
    let headers = [
        ("upload-offset", PIECE.to_string()),
        ("content-type", "application/offset+octet-stream".to_owned()),
    ];
    let got = browser.ask("PATCH", &place, &headers, Body::from_stream(cut)).await;
    assert_eq!((got.status, got.code()), (400, "upload_broken_off"));
    let stands = browser.stands(&place).await;
    assert_eq!((stands.status, stands.offset()), (200, Some(PIECE as u64)));
    assert_eq!(stands.headers["upload-length"], picture.len().to_string());
    // The answer to the last piece is lost: an empty one asks for it again, and no second picture comes of it.
    let answer = browser.pieces(&place, &picture, PIECE).await;
    let again = browser.piece(&place, picture.len(), b"").await;
    assert_eq!((again.status, &again.body), (200, &answer.body));
    assert_eq!(world.blobs("evidence/"), 1);
}

#[tokio::test]
async fn a_piece_for_another_place_is_refused_and_told_the_right_one() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let place = browser.begun(&picture).await;
    browser.piece(&place, 0, &picture[..PIECE]).await;
    // Left out, and replayed.
    for offset in [2 * PIECE, 0, PIECE - 1] {
        let got = browser.piece(&place, offset, &picture[offset..offset + PIECE]).await;
        assert_eq!((got.status, got.code(), got.offset()), (409, "upload_offset", Some(PIECE as u64)));
    }
    let got = browser.pieces(&place, &picture, PIECE).await;
    assert_eq!(got.status, 200, "{}", got.body);
    let replayed = browser.piece(&place, 0, &picture[..PIECE]).await;
    assert_eq!((replayed.status, replayed.offset()), (409, Some(picture.len() as u64)));
}

#[tokio::test]
async fn what_is_too_much_or_too_little_is_refused() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let huge = browser.begin("front", 20_000_001, &picture, "file").await;
    assert_eq!((huge.status, huge.code()), (413, "picture_too_large"));
    assert_eq!(browser.begin("front", 0, b"", "file").await.code(), "picture_empty");
    assert_eq!(browser.begin("no-such-step", 9, b"", "file").await.status, 422);
    let bare = browser.ask("POST", "/verify/uploads/front", &[], Body::empty()).await;
    assert_eq!((bare.status, bare.code()), (400, "invalid"));
    let place = browser.begun(&picture[..PIECE + 10]).await;
    browser.piece(&place, 0, &picture[..PIECE]).await;
    let over = browser.piece(&place, PIECE, &picture[..11]).await;
    assert_eq!((over.status, over.code()), (413, "picture_too_large"));
    let place = browser.begun(&picture).await;
    let crumb = browser.piece(&place, 0, &picture[..1_000]).await;
    assert_eq!((crumb.status, crumb.code()), (422, "upload_piece"));
    let lump = browser.piece(&place, 0, &picture[..1_100_000]).await;
    assert_eq!((lump.status, lump.code()), (413, "upload_piece"));
    let headers = [("upload-offset", "0".to_owned()), ("content-type", "image/jpeg".to_owned())];
    let got = browser.ask("PATCH", &place, &headers, Body::from(picture[..PIECE].to_vec())).await;
    assert_eq!(got.status, 415);
    assert_eq!(browser.stands(&place).await.offset(), Some(0));
}

#[tokio::test]
async fn bytes_without_the_announced_checksum_are_a_problem_of_their_own_and_nothing_is_kept() {
    let world = World::new().await;
    let (mut picture, browser) = (photograph(), world.person(Mode::Test).await);
    let place = browser.begun(&picture).await;
    picture[700_000] ^= 1;
    let got = browser.pieces(&place, &picture, 0).await;
    assert_eq!((got.status, got.code()), (422, "upload_checksum"));
    assert_eq!(world.service.blobs.all().len(), 0);
    assert_eq!(browser.stands(&place).await.status, 404);
    // Nor is what turns out to be no picture.
    let text = vec![b'a'; PIECE + 1];
    let place = browser.begun(&text).await;
    let got = browser.pieces(&place, &text, 0).await;
    assert_eq!((got.status, got.code()), (422, "picture_format_unknown"));
    assert_eq!(world.service.blobs.all().len(), 0);
}

#[tokio::test]
async fn an_upload_is_for_its_session_alone_and_for_pages_of_ours() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let stranger = world.person(Mode::Test).await;
    assert_ne!(browser.session, stranger.session);
    let place = browser.begun(&picture).await;
    assert_eq!(stranger.stands(&place).await.status, 404);
    assert_eq!(stranger.piece(&place, 0, &picture[..PIECE]).await.status, 404);
    let nobody = Browser { cookie: "vis_nobody".into(), csrf: browser.csrf.clone(), ..browser };
    assert_eq!(nobody.stands(&place).await.status, 401);
    let forged = Browser { csrf: "0".repeat(32), cookie: stranger.cookie.clone(), ..nobody };
    assert_eq!(forged.begin("front", 9, b"", "file").await.code(), "form_expired");
    assert_eq!(forged.piece(&place, 0, b"").await.code(), "form_expired");
}

#[tokio::test]
async fn files_are_refused_before_a_byte_of_them_is_sent_where_it_must_be_live() {
    let world = World::new().await;
    let browser = world.person(Mode::Live).await;
    let got = browser.begin("selfie", 9, b"", "file").await;
    assert_eq!((got.status, got.code()), (422, "live_capture_required"));
    assert_eq!(browser.begin("selfie", 9, b"", "camera").await.status, 201);
}

#[tokio::test]
async fn a_step_has_one_upload_under_way_and_its_time_ends() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let first = browser.begun(&picture).await;
    browser.piece(&first, 0, &picture[..PIECE]).await;
    let second = browser.begun(&picture).await;
    assert_eq!((browser.stands(&first).await.status, world.blobs("uploads/")), (404, 0));
    browser.piece(&second, 0, &picture[..PIECE]).await;
    let sealed = world.service.blobs.all();
    let sealed = sealed.iter().find(|(key, _)| key.starts_with("uploads/")).unwrap().1;
    assert!(!sealed.windows(64).any(|w| w == &picture[..64]), "pieces are sealed before the disk");
    world.service.clock.turn(SignedDuration::from_mins(119));
    world.service.work().await.unwrap();
    assert_eq!(world.blobs("uploads/"), 1);
    world.service.clock.turn(SignedDuration::from_mins(1));
    assert_eq!(browser.stands(&second).await.status, 404);
    world.service.work().await.unwrap();
    assert_eq!(world.blobs("uploads/"), 0);
}

#[tokio::test]
async fn of_many_pieces_for_one_place_one_counts() {
    let world = World::new().await;
    let (picture, browser) = (photograph(), world.person(Mode::Test).await);
    let place = browser.begun(&picture).await;
    let all = (0..16).map(|_| browser.piece(&place, 0, &picture[..PIECE]));
    let got = futures_util::future::join_all(all).await;
    assert_eq!(got.iter().filter(|g| g.status == 204).count(), 1);
    assert!(got.iter().all(|g| g.status == 204 || g.status == 409));
    let got = browser.pieces(&place, &picture, PIECE).await;
    assert_eq!(StatusCode::from_u16(got.status).unwrap(), StatusCode::OK, "{}", got.body);
}
