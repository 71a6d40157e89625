//! After-sales requests (row F12) through the API, the buyer's page and the console: real store, real use cases.
#![expect(clippy::unwrap_used, reason = "a test fails where what it asks for is not there")]

mod marketplace;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::SignedDuration;
use marketplace::Marketplace;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use shiren_app::port::NoticeQuery;
use shiren_app::record::Role;
use shiren_core::account::staff::StaffRules;
use shiren_testkit::bad_files::{Opens, corpus};
use shiren_testkit::pictures::{Jpeg, scene, telling_exif};
use shiren_vault::Purpose;
use tower::ServiceExt as _;

const STORY: &str = "收到时箱子是开的，杯子碎了。";

/// A browser: its cookies, and what its last page's forms send back.
struct Browser<'m> {
    market: &'m Marketplace,
    cookies: Vec<String>,
    csrf: String,
}

struct Got {
    status: StatusCode,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

impl Got {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    fn to(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    fn code(&self) -> String {
        let body: Value = serde_json::from_slice(&self.bytes).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl<'m> Browser<'m> {
    fn new(market: &'m Marketplace) -> Self {
        Self { market, cookies: Vec::new(), csrf: String::new() }
    }

    async fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Got {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::COOKIE, self.cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response =
            self.market.router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap().to_owned();
            let name = pair.split('=').next().unwrap().to_owned() + "=";
            self.cookies.retain(|c| !c.starts_with(&name));
            self.cookies.push(pair);
        }
        let bytes = to_bytes(response.into_body(), 10_000_000).await.unwrap().to_vec();
        let got = Got { status, headers, bytes };
        if let Some(csrf) = got.text().split("name=\"csrf\" value=\"").nth(1) {
            self.csrf = csrf.split('"').next().unwrap().to_owned();
        }
        got
    }

    async fn get(&mut self, path: &str) -> Got {
        self.ask("GET", path, &[], Vec::new()).await
    }

    async fn form(&mut self, path: &str, fields: &[(&str, &str)]) -> Got {
        let csrf = self.csrf.clone();
        let all = fields.iter().copied().chain([("csrf", csrf.as_str())]);
        let body: Vec<String> = all.map(|(k, v)| format!("{k}={}", encoded(v))).collect();
        let kind = [("content-type", "application/x-www-form-urlencoded")];
        self.ask("POST", path, &kind, body.join("&").into_bytes()).await
    }

    /// A link that the API gave.
    async fn open(&mut self, made: &Value) -> Got {
        let path = made["url"].as_str().unwrap().strip_prefix("https://verify.example").unwrap().to_owned();
        let got = self.get(&path).await;
        if got.status == StatusCode::SEE_OTHER {
            self.get("/aftersales").await;
        }
        got
    }

    async fn begin(&mut self, kind: &str, whole: &[u8]) -> Got {
        let sum = format!("sha256 {}", BASE64_STANDARD.encode(Sha256::digest(whole)));
        let (length, csrf) = (whole.len().to_string(), self.csrf.clone());
        let headers = [
            ("x-csrf", csrf.as_str()),
            ("upload-kind", kind),
            ("upload-length", length.as_str()),
            ("upload-checksum", sum.as_str()),
        ];
        self.ask("POST", "/aftersales/uploads", &headers, Vec::new()).await
    }

    async fn patch(&mut self, place: &str, offset: usize, piece: &[u8]) -> Got {
        let (offset, csrf) = (offset.to_string(), self.csrf.clone());
        let headers = [
            ("x-csrf", csrf.as_str()),
            ("upload-offset", offset.as_str()),
            ("content-type", "application/offset+octet-stream"),
        ];
        self.ask("PATCH", place, &headers, piece.to_vec()).await
    }

    /// A whole file in pieces; gives its id.
    async fn upload(&mut self, kind: &str, whole: &[u8]) -> String {
        let begun = self.begin(kind, whole).await;
        assert_eq!(begun.status, StatusCode::CREATED, "{}", begun.text());
        let place = begun.to().to_owned();
        let mut offset = 0;
        for piece in whole.chunks(1 << 20) {
            let got = self.patch(&place, offset, piece).await;
            offset += piece.len();
            let whole = offset == whole.len();
            let status = if whole { StatusCode::OK } else { StatusCode::NO_CONTENT };
            assert_eq!(got.status, status, "{}", got.text());
        }
        place.rsplit('/').next().unwrap().to_owned()
    }
}

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// Something with a video's beginning.
fn video(bytes: usize) -> Vec<u8> {
    let mut video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".to_vec();
    video.extend((video.len()..bytes).map(|i| (i * 7) as u8));
    video
}

async fn create(market: &Marketplace, more: Value) -> Value {
    let mut new = json!({
        "buyer": "7", "order": "order-4711", "kind": "return", "amount_cents": 25_900, "text": STORY,
    });
    new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    market.post("/v1/aftersales", new).await
}

fn id_of(made: &Value) -> String {
    made["id"].as_str().unwrap().to_owned()
}

async fn verify_buyer(market: &Marketplace, buyer: &str) {
    let session = market.session("buyer", "buyer", buyer).await;
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    let session = market.get(&format!("/v1/verification_sessions/{session}")).await;
    assert_eq!(session["status"], "verified", "{session}");
}

async fn state(market: &Marketplace, id: &str) -> String {
    let request = market.get(&format!("/v1/aftersales/{id}")).await;
    request["state"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_goes_its_whole_way_on_both_stores() {
    whole_way(Marketplace::new().await).await;
    whole_way(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn whole_way(market: Marketplace) {
    let made = create(&market, json!({})).await;
    let id = id_of(&made);
    assert_eq!((&made["state"], &made["currency"]), (&json!("draft"), &json!("CNY")));
    assert!(!made.to_string().contains(STORY), "what was written is not given back");
    // The buyer, on the phone.
    let mut buyer = Browser::new(&market);
    assert_eq!(buyer.open(&made).await.status, StatusCode::SEE_OTHER);
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("还没有提交") && page.contains(STORY) && page.contains("CNY 259.00"), "{page}");
    // Nothing to see yet.
    let refused = buyer.form("/aftersales", &[("text", STORY), ("then", "submit")]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("至少加一张照片"), "{}", refused.text());
    let photo = buyer.upload("photo", b"a broken cup").await;
    let film = video(2_500_000);
    let clip = buyer.upload("video", &film).await;
    let shown = buyer.get(&format!("/aftersales/file/{clip}")).await;
    assert_eq!((shown.headers["content-type"].to_str().unwrap(), shown.bytes == film), ("video/mp4", true));
    let handed_in = buyer.form("/aftersales", &[("text", STORY), ("then", "submit")]).await;
    assert_eq!((handed_in.status, handed_in.to()), (StatusCode::SEE_OTHER, "/aftersales"));
    // Not verified yet.
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("先确认是你本人") && page.contains("去认证"), "{page}");
    let way = buyer.form("/aftersales/verify", &[]).await;
    assert!(way.to().starts_with("/v/"), "{}", way.to());
    let again = buyer.form("/aftersales/verify", &[]).await;
    assert!(again.to().starts_with("/v/") && again.to() != way.to());
    let begun = market.get("/v1/verification_sessions?account_kind=buyer&account_id=7").await;
    assert_eq!(begun["data"].as_array().unwrap().len(), 1, "the one that was begun goes on");
    assert_eq!(begun["data"][0]["return_url"], "https://verify.example/aftersales");
    let session = begun["data"][0]["id"].as_str().unwrap().parse().unwrap();
    market.hand_in(&session, b"ann's card", b"herself", "13800138000").await;
    market.work().await;
    // Submitted by itself.
    let kept = market.get(&format!("/v1/aftersales/{id}")).await;
    assert_eq!(
        (&kept["state"], &kept["verification_session"]),
        (&json!("submitted"), &json!(session.to_string()))
    );
    assert_eq!(kept["due_at"], "2026-11-25T04:00:00Z", "two working days");
    let files: Vec<&str> =
        kept["files"].as_array().unwrap().iter().map(|f| f["id"].as_str().unwrap()).collect();
    assert_eq!(files, [photo.as_str(), clip.as_str()]);
    assert_eq!(market.get("/v1/aftersales?to_review=true").await["data"][0]["id"], json!(id));
    // Reviewed by people, over the API.
    let words = market.get(&format!("/v1/aftersales/{id}/words?purpose=to%20decide")).await;
    assert_eq!((&words["texts"], &words["messages"]), (&json!([STORY]), &json!([])));
    let decide = format!("/v1/aftersales/{id}/decide");
    let silent = json!({ "verdict": "more_needed", "ground": "unclear" });
    assert_eq!(market.refused(&decide, silent).await, (422, "aftersales_message".into()));
    assert_eq!(state(&market, &id).await, "submitted", "what was refused changed nothing");
    let more = json!({ "verdict": "more_needed", "ground": "unclear", "message": "请拍一张杯底的近照" });
    assert_eq!(market.post(&decide, more).await["state"], "more_needed");
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("请拍一张杯底的近照") && page.contains("照片或视频看不清"), "{page}");
    assert!(!page.contains(&format!("remove-{photo}")), "what was handed in stays");
    let empty = buyer.form("/aftersales", &[("text", ""), ("then", "submit")]).await;
    assert!(empty.text().contains("补上说明"), "{}", empty.text());
    buyer.form("/aftersales", &[("text", "杯底也裂了"), ("then", "submit")]).await;
    assert_eq!(state(&market, &id).await, "submitted", "verified before, it counts still");
    let accept = json!({ "verdict": "accept", "ground": "shown", "version": 1 });
    assert_eq!(market.refused(&decide, accept).await, (409, "stale".into()), "it changed since");
    let version = market.get(&format!("/v1/aftersales/{id}")).await["version"].clone();
    let accept = json!({ "verdict": "accept", "ground": "shown", "version": version });
    assert_eq!(market.post(&decide, accept).await["state"], "accepted");
    let done = market.post(&format!("/v1/aftersales/{id}/complete"), json!({})).await;
    assert_eq!((&done["state"], done["ended_at"].is_string()), (&json!("completed"), true));
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("已办完"), "{page}");
    // What happened, each in its transaction; nothing of what was written.
    assert_eq!(
        market.events(&id).await,
        [
            "aftersales.created",
            "aftersales.verification_required",
            "aftersales.submitted",
            "aftersales.in_review",
            "aftersales.more_needed",
            "aftersales.submitted",
            "aftersales.in_review",
            "aftersales.accepted",
            "aftersales.completed",
        ]
    );
    let events = market.get(&format!("/v1/events?object={id}")).await.to_string();
    assert!(!events.contains("杯") && !events.contains("箱"), "{events}");
    let log = market.store.snapshot().await.unwrap().audit_of(&id).await.unwrap();
    let reads: Vec<(&str, &str)> = log.iter().map(|e| (e.action.as_str(), e.purpose.as_str())).collect();
    assert!(reads.contains(&("aftersales.viewed", "to decide")), "{reads:?}");
}

#[tokio::test]
async fn what_is_taken_away_while_a_verification_is_awaited_is_waited_for_and_the_buyer_is_verified() {
    let market = Marketplace::new().await;
    let made = create(&market, json!({})).await;
    let id = id_of(&made);
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let photo = buyer.upload("photo", b"a broken cup").await;
    buyer.form("/aftersales", &[("text", STORY), ("then", "submit")]).await;
    assert_eq!(state(&market, &id).await, "verification_required");
    let gone = buyer.form(&format!("/aftersales/file/{photo}/remove"), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER, "{}", gone.text());
    let blobs = market.service.blobs.all();
    assert!(!blobs.keys().any(|key| key.starts_with(&format!("aftersales/{id}/"))), "its bytes are gone");
    assert_eq!(market.get(&format!("/v1/aftersales/{id}")).await["files"], json!([]));
    verify_buyer(&market, "7").await;
    assert_eq!(state(&market, &id).await, "verification_required", "a return must be shown");
    // With another photograph it goes on; no second verification is asked for.
    let another = buyer.upload("photo", b"a broken cup, nearer").await;
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("data-test=\"submit\""), "{page}");
    buyer.form("/aftersales", &[("text", STORY), ("then", "submit")]).await;
    assert_eq!(state(&market, &id).await, "submitted");
    // What was handed in stays, and so do its bytes.
    let refused = buyer.form(&format!("/aftersales/file/{another}/remove"), &[]).await;
    assert!(!refused.status.is_success(), "{}", refused.text());
    let shown = buyer.get(&format!("/aftersales/file/{another}")).await;
    assert_eq!(shown.bytes, b"a broken cup, nearer");
}

#[tokio::test]
async fn only_a_fresh_verification_of_the_buyers_own_counts() {
    let market = Marketplace::with_settings(|settings| settings.aftersales.verified_days = 30).await;
    let submit = async |buyer: &str| {
        let made = create(&market, json!({ "buyer": buyer, "kind": "refund" })).await;
        let path = format!("/v1/aftersales/{}/submit", id_of(&made));
        let answer = market.post(&path, json!({})).await;
        (answer["state"].as_str().unwrap().to_owned(), answer["verify_by"].clone())
    };
    verify_buyer(&market, "7").await;
    assert_eq!(submit("7").await, ("submitted".into(), Value::Null));
    assert_eq!(submit("8").await, ("verification_required".into(), json!("buyer")), "somebody else");
    // A shop of the same id and person is another account.
    market.shop("9", "c2c", None).await;
    let shop = market.session("shop", "shop-owner", "9").await;
    market.hand_in(&shop, b"bea's card", b"herself", "13800138000").await;
    market.work().await;
    assert_eq!(submit("9").await.0, "verification_required");
    market.service.clock.turn(SignedDuration::from_hours(24 * 30));
    assert_eq!(submit("7").await.0, "verification_required", "a month ago");
}

#[tokio::test]
async fn deadlines_fire_once_at_their_own_moments_and_everything_personal_goes_in_the_end() {
    let market = Marketplace::new().await;
    verify_buyer(&market, "7").await;
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let made = create(&market, json!({ "test_clock": clock })).await;
    let id = id_of(&made);
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    buyer.upload("photo", b"a broken cup").await;
    buyer.upload("video", &video(100_000)).await;
    buyer.form("/aftersales", &[("text", STORY), ("then", "submit")]).await;
    assert_eq!(state(&market, &id).await, "submitted");
    market.turn(&clock, "2026-12-01T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.escalated").await, ["2026-11-24T16:00:00Z"]);
    assert_eq!(market.moments(&id, "aftersales.overdue").await, ["2026-11-25T04:00:00Z"]);
    assert_eq!(state(&market, &id).await, "submitted", "nothing is decided by time");
    assert!(buyer.get("/aftersales").await.text().contains("比说好的时间晚了"));
    let decision = json!({ "verdict": "more_needed", "ground": "unclear", "message": "再拍一张" });
    market.post(&format!("/v1/aftersales/{id}/decide"), decision).await;
    market.turn(&clock, "2026-12-08T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.closed").await, ["2026-12-08T04:00:00Z"]);
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("申请已关闭") && page.contains("id=\"contact\" open"), "{page}");
    let mine = |key: &String| key.starts_with(&format!("aftersales/{id}/"));
    assert_eq!(
        market.service.blobs.all().keys().filter(|k| mine(k)).count(),
        2,
        "a picture, and a film in one piece"
    );
    market.turn(&clock, "2027-06-20T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.forgotten").await, ["2027-06-06T04:00:00Z"]);
    assert_eq!(market.service.blobs.all().keys().filter(|k| mine(k)).count(), 0);
    let mut tx = market.store.snapshot().await.unwrap();
    for purpose in [Purpose::Evidence, Purpose::Identity] {
        assert_eq!(tx.data_key(&id, purpose).await.unwrap(), None, "it opens for nobody any more");
    }
    let kept = market.get(&format!("/v1/aftersales/{id}")).await;
    assert_eq!((&kept["state"], &kept["files"]), (&json!("closed"), &json!([])));
    let words = market.get(&format!("/v1/aftersales/{id}/words?purpose=to%20see")).await;
    assert_eq!(words["texts"], json!([]));
}

#[tokio::test]
async fn a_draft_that_nobody_hands_in_is_closed() {
    let market = Marketplace::new().await;
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let made = create(&market, json!({ "test_clock": clock })).await;
    market.turn(&clock, "2026-12-24T04:00:00Z").await;
    assert_eq!(market.moments(&id_of(&made), "aftersales.closed").await, ["2026-12-23T04:00:00Z"]);
    let live =
        json!({ "buyer": "7", "order": "o", "kind": "refund", "amount_cents": 1, "test_clock": clock });
    let (status, answer) = market.ask("POST", "/v1/aftersales", &market.live_key, Some(live)).await;
    assert_eq!((status.as_u16(), &answer["code"]), (403, &json!("test_mode_only")));
}

#[tokio::test]
async fn files_go_on_after_a_broken_line_and_only_what_was_announced_is_kept() {
    let market = Marketplace::new().await;
    let made = create(&market, json!({})).await;
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let film = video(1_500_000);
    let place = buyer.begin("video", &film).await.to().to_owned();
    assert_eq!(buyer.patch(&place, 0, &film[..1 << 20]).await.status, StatusCode::NO_CONTENT);
    // The answer was lost: the same piece again is told where it stands.
    let lost = buyer.patch(&place, 0, &film[..1 << 20]).await;
    assert_eq!((lost.status, lost.code()), (StatusCode::CONFLICT, "upload_offset".into()));
    let stands = buyer.ask("HEAD", &place, &[], Vec::new()).await;
    assert_eq!(stands.headers["upload-offset"].to_str().unwrap(), "1048576");
    assert_eq!(buyer.patch(&place, 1 << 20, &film[1 << 20..]).await.status, StatusCode::OK);
    assert_eq!(buyer.patch(&place, film.len(), &[]).await.status, StatusCode::OK, "asked again");
    // What is none, is too large, is damaged, or comes from elsewhere.
    let page = b"<html><script>alert(1)</script></html>";
    let place = buyer.begin("video", page).await;
    assert_eq!((place.status, place.code()), (StatusCode::CONFLICT, "aftersales_too_many_files".into()));
    let removed = place_id(&market, &made).await;
    let gone = buyer.form(&format!("/aftersales/file/{removed}/remove"), &[]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    let id = id_of(&made);
    let left = |market: &Marketplace| {
        let mine = format!("aftersales/{id}/");
        market.service.blobs.all().keys().filter(|k| k.starts_with(&mine)).count()
    };
    assert_eq!(left(&market), 0, "its bytes are gone with it");
    let place = buyer.begin("video", page).await.to().to_owned();
    let refused = buyer.patch(&place, 0, page).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "aftersales_no_video".into())
    );
    assert!(refused.text().contains("MP4"), "in the buyer's words: {}", refused.text());
    let place = buyer.begin("photo", b"a broken cup").await.to().to_owned();
    let damaged = buyer.patch(&place, 0, b"a brokem cup").await;
    assert_eq!(
        (damaged.status, damaged.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "upload_checksum".into())
    );
    assert_eq!(buyer.ask("HEAD", &place, &[], Vec::new()).await.status, StatusCode::NOT_FOUND);
    let csrf = std::mem::replace(&mut buyer.csrf, "elsewhere".into());
    assert_eq!(buyer.begin("photo", b"x").await.code(), "form_expired");
    buyer.csrf = csrf;
    assert_eq!(left(&market), 0);
    // Begun and left: swept.
    buyer.begin("video", &film).await;
    let place = buyer.begin("photo", &film).await.to().to_owned();
    buyer.patch(&place, 0, &film[..1 << 20]).await;
    assert_eq!(left(&market), 1);
    market.service.clock.turn(SignedDuration::from_hours(2));
    market.work().await;
    assert_eq!(left(&market), 0);
    assert_eq!(buyer.ask("HEAD", &place, &[], Vec::new()).await.status, StatusCode::NOT_FOUND);
}

/// The file of a request that counts.
async fn place_id(market: &Marketplace, made: &Value) -> String {
    let id = id_of(made).parse().unwrap();
    let mut tx = market.store.snapshot().await.unwrap();
    tx.aftersales(&id).await.unwrap().unwrap().value.attachments[0].id.to_string()
}

#[tokio::test]
async fn a_photograph_that_is_none_is_refused_and_nothing_has_changed() {
    let market = Marketplace::that_opens_pictures(|settings| settings.aftersales.photos = 2).await;
    let made = create(&market, json!({})).await;
    let id = id_of(&made).parse().unwrap();
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let photo = Jpeg { exif: Some(telling_exif(1)), ..Jpeg::default() }.write(&scene(320, 240, 7));
    let kept = buyer.upload("photo", &photo).await;
    let shown = buyer.get(&format!("/aftersales/file/{kept}")).await;
    assert!(shown.bytes.len() < photo.len(), "without its metadata");
    let stands = async || {
        let request = market.store.snapshot().await.unwrap().aftersales(&id).await.unwrap().unwrap().value;
        let blobs: Vec<String> = market.service.blobs.all().keys().cloned().collect();
        (request.state, request.attachments, request.texts, request.has_draft, blobs)
    };
    let before = stands().await;
    for file in corpus() {
        let Opens::No(code) = file.opens else { continue };
        let begun = buyer.begin("photo", &file.bytes).await;
        if file.bytes.is_empty() || file.bytes.len() > 20_000_000 {
            assert!(begun.status.is_client_error(), "{}", file.name);
            assert!(["upload_too_large", "invalid"].contains(&begun.code().as_str()), "{}", begun.text());
        } else {
            let (place, mut offset, mut last) = (begun.to().to_owned(), 0, None);
            for piece in file.bytes.chunks(1 << 20) {
                last = Some(buyer.patch(&place, offset, piece).await);
                offset += piece.len();
            }
            let refused = last.unwrap();
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", file.name);
            assert_eq!(refused.code(), code.name(), "{}", file.name);
            assert_eq!(buyer.ask("HEAD", &place, &[], Vec::new()).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(stands().await, before, "{}", file.name);
    }
    // A film by another name, a kind that there is not, and one too many.
    let film = buyer.begin("photo", &video(70_000)).await.to().to_owned();
    assert_eq!(buyer.patch(&film, 0, &video(70_000)).await.code(), "picture_format_unknown");
    assert!(buyer.begin("audio", &photo).await.status.is_client_error());
    assert_eq!(stands().await, before);
    buyer.upload("photo", &photo).await;
    let before = stands().await;
    let many = buyer.begin("photo", &photo).await;
    assert_eq!((many.status, many.code()), (StatusCode::CONFLICT, "aftersales_too_many_files".into()));
    assert!(many.text().contains("最多"), "in the buyer's words: {}", many.text());
    assert_eq!(stands().await, before);
}

#[tokio::test]
async fn without_scripts_a_form_is_told_what_is_wrong_with_a_photograph() {
    let market = Marketplace::that_opens_pictures(|settings| settings.aftersales.photo_bytes = 50_000).await;
    let made = create(&market, json!({})).await;
    let id = id_of(&made).parse().unwrap();
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    for (bytes, says) in [
        (b"<!DOCTYPE html><html><body onload=alert(1)></body></html>".to_vec(), "网页"),
        (b"%PDF-1.7\n1 0 obj\n".to_vec(), "PDF"),
        (vec![0x55; 50_001], "MB"),
    ] {
        let mut body =
            format!("--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n", buyer.csrf)
                .into_bytes();
        body.extend(b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f.jpg\"\r\n\r\n");
        body.extend(bytes);
        body.extend(b"\r\n--x--\r\n");
        let kind = [("content-type", "multipart/form-data; boundary=x")];
        let sent = buyer.ask("POST", "/aftersales/files", &kind, body).await;
        assert_eq!(sent.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(sent.text().contains("data-test=\"error\"") && sent.text().contains(says), "{}", sent.text());
        let request = market.store.snapshot().await.unwrap().aftersales(&id).await.unwrap().unwrap().value;
        assert!(request.attachments.is_empty() && market.service.blobs.all().is_empty());
    }
}

#[tokio::test]
async fn what_was_accepted_and_never_completed_is_closed_with_a_word_before() {
    never_completed(Marketplace::new().await).await;
    never_completed(Marketplace::over_postgres(StaffRules::default()).await).await;
}

async fn never_completed(market: Marketplace) {
    verify_buyer(&market, "7").await;
    let clock = market.clock("2026-11-23T04:00:00Z").await;
    let made = create(&market, json!({ "test_clock": clock, "kind": "refund" })).await;
    let id = id_of(&made);
    market.post(&format!("/v1/aftersales/{id}/submit"), json!({})).await;
    let accept = json!({ "verdict": "accept", "ground": "shown" });
    let accepted = market.post(&format!("/v1/aftersales/{id}/decide"), accept).await;
    assert_eq!(accepted["close_at"], "2026-12-23T04:00:00Z");
    let sent = async || {
        let all = NoticeQuery { limit: 100, ..NoticeQuery::default() };
        let listed = market.service.app.notices(&all).await.unwrap();
        let messages = listed.into_iter().filter_map(|l| Some((l.to?, l.notice.message?)));
        let mut sent: Vec<_> = messages.map(|(to, m)| (to, m.kind.name(), m.number)).collect();
        // The world's clock stood still between them.
        sent.sort();
        sent
    };
    market.turn(&clock, "2026-12-16T03:59:59Z").await;
    let to = || "+861******8000".to_owned();
    let accepted = || (to(), "aftersales_accepted", None);
    assert_eq!(sent().await, [accepted()]);
    market.turn(&clock, "2026-12-16T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.reminded").await, ["2026-12-16T04:00:00Z"]);
    assert_eq!(sent().await, [accepted(), (to(), "aftersales_reminded", Some(7))]);
    assert_eq!(state(&market, &id).await, "accepted");
    market.turn(&clock, "2027-01-20T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.closed").await, ["2026-12-23T04:00:00Z"]);
    let closed = (to(), "aftersales_closed", None);
    assert_eq!(sent().await, [accepted(), closed, (to(), "aftersales_reminded", Some(7))]);
    let late = format!("/v1/aftersales/{id}/complete");
    assert_eq!(market.refused(&late, json!({})).await, (409, "aftersales_state".into()));
    let mut buyer = Browser::new(&market);
    let again = market.post(&format!("/v1/aftersales/{id}/link"), json!({})).await;
    buyer.open(&again).await;
    assert!(buyer.get("/aftersales").await.text().contains("一直没有标记办完"));
    market.turn(&clock, "2027-07-01T04:00:00Z").await;
    assert_eq!(market.moments(&id, "aftersales.forgotten").await, ["2027-06-21T04:00:00Z"]);
}

#[tokio::test]
async fn without_scripts_a_form_sends_files_whole() {
    let market = Marketplace::new().await;
    let made = create(&market, json!({})).await;
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let mut body = format!("--x\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n", buyer.csrf)
        .into_bytes();
    for bytes in [b"a broken cup".to_vec(), video(70_000)] {
        body.extend(b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n");
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(b"--x--\r\n");
    let kind = [("content-type", "multipart/form-data; boundary=x")];
    let sent = buyer.ask("POST", "/aftersales/files", &kind, body).await;
    assert_eq!((sent.status, sent.to()), (StatusCode::SEE_OTHER, "/aftersales"), "{}", sent.text());
    let page = buyer.get("/aftersales").await.text();
    assert_eq!(
        (page.matches("<img src=\"/aftersales/file/").count(), page.matches("<video").count()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_link_opens_once_and_nobody_else_gets_in() {
    let market = Marketplace::new().await;
    let (one, two) = (create(&market, json!({})).await, create(&market, json!({ "buyer": "8" })).await);
    let (mut ann, mut bea) = (Browser::new(&market), Browser::new(&market));
    ann.open(&one).await;
    bea.open(&two).await;
    let photo = ann.upload("photo", b"a broken cup").await;
    assert_eq!(ann.get(&format!("/aftersales/file/{photo}")).await.status, StatusCode::OK);
    assert_eq!(bea.get(&format!("/aftersales/file/{photo}")).await.status, StatusCode::NOT_FOUND);
    assert_eq!(ann.open(&one).await.to(), "/aftersales", "reloading it is no mistake");
    let mut stranger = Browser::new(&market);
    let used = stranger.open(&one).await;
    assert_eq!(used.status, StatusCode::GONE);
    assert!(used.text().contains("id=\"contact\" open"));
    assert_eq!(stranger.get("/aftersales").await.status, StatusCode::UNAUTHORIZED);
    let again = market.post(&format!("/v1/aftersales/{}/link", id_of(&one)), json!({})).await;
    market.service.clock.turn(SignedDuration::from_mins(60));
    assert_eq!(stranger.open(&again).await.status, StatusCode::GONE, "too late");
    // A visit ends too.
    market.service.clock.turn(SignedDuration::from_hours(48));
    assert_eq!(ann.get("/aftersales").await.status, StatusCode::UNAUTHORIZED);
    // Another mode is another world.
    let (status, _) =
        market.ask("GET", &format!("/v1/aftersales/{}", id_of(&one)), &market.live_key, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let withdraw = format!("/v1/aftersales/{}/withdraw", id_of(&one));
    assert_eq!(market.post(&withdraw, json!({})).await["state"], "withdrawn");
    assert_eq!(market.refused(&withdraw, json!({})).await, (409, "aftersales_state".into()));
}

#[tokio::test]
async fn what_is_not_handed_in_is_the_buyers_alone_and_reads_need_a_purpose() {
    let market = Marketplace::new().await;
    let made = create(&market, json!({})).await;
    let id = id_of(&made);
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let photo = buyer.upload("photo", b"a broken cup").await;
    let words = market.get(&format!("/v1/aftersales/{id}/words?purpose=to%20see")).await;
    assert_eq!(words["texts"], json!([]), "a draft is nobody else's");
    let file = format!("/v1/aftersales/{id}/files/{photo}?purpose=to%20see");
    let ask = async |path: &str| market.ask("GET", path, &market.key, None).await.0.as_u16();
    assert_eq!(ask(&file).await, 404);
    verify_buyer(&market, "7").await;
    market.post(&format!("/v1/aftersales/{id}/submit"), json!({})).await;
    assert_eq!(ask(&file).await, 200);
    assert_eq!(ask(&format!("/v1/aftersales/{id}/files/{photo}")).await, 422);
    assert_eq!(ask(&format!("/v1/aftersales/{id}/files/{photo}?purpose=%20%20a")).await, 422);
    let log = market.store.snapshot().await.unwrap().audit_of(&id).await.unwrap();
    let reads: Vec<_> = log.iter().filter(|e| e.action == "aftersales.file_read").collect();
    assert_eq!(reads.len(), 1, "{log:?}");
    assert_eq!(
        (reads[0].actor.as_str(), reads[0].purpose.clone()),
        ("key:tests", format!("{photo}: to see"))
    );
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_its_field() {
    let market = Marketplace::new().await;
    let with = async |more: Value| {
        let mut new = json!({ "buyer": "7", "order": "o", "kind": "refund", "amount_cents": 1 });
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let (status, answer) = market.ask("POST", "/v1/aftersales", &market.key, Some(new)).await;
        (status.as_u16(), answer["field"].as_str().unwrap_or_default().to_owned())
    };
    for (more, field) in [
        (json!({ "buyer": "" }), "buyer"),
        (json!({ "order": "a\nb" }), "order"),
        (json!({ "amount_cents": -1 }), "amount_cents"),
        (json!({ "currency": "yuan" }), "currency"),
        (json!({ "text": " " }), "text"),
        (json!({ "test_clock": "clk_01aryz6s410000000000000000" }), "test_clock"),
        (json!({ "kind": "gift" }), "kind"),
        (json!({ "surprise": 1 }), "surprise"),
    ] {
        assert_eq!(with(more.clone()).await, (422, field.to_owned()), "{more}");
    }
    let (status, _) = market.ask("GET", "/v1/aftersales?state=lost", &market.key, None).await;
    assert_eq!(status.as_u16(), 422);
}

#[tokio::test]
async fn at_the_console_one_reviewer_takes_it_and_no_other_decides_it() {
    let market = Marketplace::new().await;
    verify_buyer(&market, "7").await;
    let made = create(&market, json!({ "kind": "complaint" })).await;
    let id = id_of(&made);
    market.post(&format!("/v1/aftersales/{id}/submit"), json!({})).await;
    let (mut ann, mut bea) = (signed_in(&market, "ann").await, signed_in(&market, "bea").await);
    let list = ann.get("/console/aftersales").await.text();
    assert!(list.contains("投诉") && list.contains("buyer:7"), "{list}");
    let path = format!("/console/aftersales/{id}");
    let page = ann.get(&path).await.text();
    assert!(page.contains(STORY) && page.contains("我来处理"), "{page}");
    assert_eq!(ann.form(&format!("{path}/take"), &[]).await.to(), path);
    bea.get(&path).await;
    let taken = bea.form(&format!("{path}/take"), &[]).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = ann.get(&path).await.text();
    let version =
        page.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let reject = |message: &str, version: &str| {
        [("verdict", "reject"), ("ground", "not_covered")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into_iter()
            .chain([("message".to_owned(), message.to_owned()), ("version".to_owned(), version.to_owned())])
            .collect::<Vec<_>>()
    };
    let send = async |who: &mut Browser<'_>, fields: Vec<(String, String)>| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        who.form(&format!("{path}/decide"), &fields).await
    };
    let others = send(&mut bea, reject("不归我们管", &version)).await;
    assert_eq!(others.status, StatusCode::UNPROCESSABLE_ENTITY, "it is ann's");
    let stale = send(&mut ann, reject("不归我们管", "1")).await;
    assert!(stale.text().contains("再看一遍"), "{}", stale.text());
    let silent = send(&mut ann, reject(" ", &version)).await;
    assert!(silent.text().contains("要写给买家的留言"), "{}", silent.text());
    assert_eq!(state(&market, &id).await, "in_review");
    assert_eq!(send(&mut ann, reject("不归我们管", &version)).await.to(), "/console/aftersales");
    assert_eq!(state(&market, &id).await, "rejected");
    let mut buyer = Browser::new(&market);
    buyer.open(&made).await;
    let page = buyer.get("/aftersales").await.text();
    assert!(page.contains("不归我们管") && page.contains("id=\"contact\" open"), "{page}");
    let all = bea.get("/console/aftersales?view=all").await.text();
    assert!(all.contains("申请没有通过"), "{all}");
}

async fn signed_in<'m>(market: &'m Marketplace, login: &str) -> Browser<'m> {
    let password = "fifteen letters and more";
    market.service.app.create_user(login, password, Role::Reviewer).await.unwrap();
    let mut browser = Browser::new(market);
    let got = browser.form("/console/sign-in", &[("login", login), ("password", password)]).await;
    assert_eq!(got.to(), "/console/cases");
    browser
}
