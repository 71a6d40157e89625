//! Against servers on this machine that behave as receivers do, and as they should not.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use shiren_app::port::{TransportError, WebhookTransport};
use shiren_app::webhook::sign;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::addresses::tests::forbidden;
use super::resolve::{Found, Lookup};
use super::*;
use crate::certificate::{CertifiedPem, Names, self_signed};

const SOON: Duration = Duration::from_secs(10);
const DEVELOPMENT: Rules = Rules { allow_private: true, any_port: false };

fn transport(rules: Rules) -> HttpTransport {
    HttpTransport::new(&HttpSettings { rules, ..HttpSettings::default() }).unwrap()
}

async fn post(url: &str) -> Result<u16, TransportError> {
    transport(DEVELOPMENT).post(url, &BTreeMap::new(), b"{}".to_vec(), SOON).await
}

/// Reads a request to the end of its body, by its declared length.
async fn request(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
        if read == 0 || body.len() >= length.parse().unwrap() {
            return text;
        }
    }
}

/// A server that answers one request, and gives what it was asked.
async fn server(answer: impl Into<String>) -> (String, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let answer = answer.into();
    let asked = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let asked = request(&mut stream).await;
        // Who hears enough hangs up.
        let _ = stream.write_all(answer.as_bytes()).await;
        asked
    });
    (url, asked)
}

#[tokio::test]
async fn the_status_comes_back_whatever_it_is() {
    for status in [200, 204, 400, 410, 429, 500, 503] {
        let (url, _asked) = server(format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n")).await;
        assert_eq!(post(&url).await, Ok(status));
    }
}

#[test]
fn a_proxy_in_the_environment_is_not_asked() {
    let nobody = "http://127.0.0.1:1";
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "webhook::tests::the_status_comes_back_whatever_it_is"])
        .envs(
            ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, nobody)),
        )
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(child.status.success() && said.contains("1 passed"), "{said}");
}

#[tokio::test]
async fn body_and_headers_arrive_as_they_were_signed() {
    let (url, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let secret: sign::Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
    let at = Timestamp::from_second(1_614_265_330).unwrap();
    let body = br#"{"test": 2432232314}"#;
    let headers = sign::headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, body, &[secret.into()]);
    transport(DEVELOPMENT).post(&url, &headers, body.to_vec(), SOON).await.unwrap();
    let asked = asked.await.unwrap();
    assert!(asked.starts_with("POST /hook HTTP/1.1\r\n"), "{asked}");
    assert!(asked.ends_with("\r\n\r\n{\"test\": 2432232314}"));
    for line in [
        "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp: 1614265330",
        "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        "content-type: application/json",
        concat!("user-agent: Shiren/", env!("CARGO_PKG_VERSION")),
    ] {
        assert!(asked.lines().any(|other| other == line), "{line} is not in {asked}");
    }
}

#[tokio::test]
async fn redirects_are_told_and_not_followed() {
    let elsewhere = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let location = format!("http://{}/", elsewhere.local_addr().unwrap());
    for status in [301, 302, 303, 307, 308] {
        let answer = format!("HTTP/1.1 {status} X\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let (url, _asked) = server(answer).await;
        assert_eq!(post(&url).await, Ok(status));
    }
    let called = tokio::time::timeout(Duration::from_millis(50), elsewhere.accept()).await;
    assert!(called.is_err(), "the redirect was followed");
}

#[tokio::test]
async fn who_takes_the_call_and_says_nothing_runs_into_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let started = Instant::now();
    let short = Duration::from_millis(200);
    let result = transport(DEVELOPMENT).post(&url, &BTreeMap::new(), vec![], short).await;
    assert_eq!(result, Err(TransportError::Timeout));
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn who_sends_headers_drop_by_drop_runs_into_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        for byte in b"HTTP/1.1 200 OK\r\nx: ".iter().chain(std::iter::repeat(&b'x')) {
            if stream.write_all(&[*byte]).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let short = Duration::from_millis(600);
    let result = transport(DEVELOPMENT).post(&url, &BTreeMap::new(), vec![], short).await;
    assert_eq!(result, Err(TransportError::Timeout));
}

#[tokio::test]
async fn a_body_that_never_ends_takes_no_longer_than_the_timeout_and_the_status_counts() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let held = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nbegin").await.unwrap();
        tokio::time::sleep(SOON).await;
    });
    let started = Instant::now();
    let short = Duration::from_millis(300);
    assert_eq!(transport(DEVELOPMENT).post(&url, &BTreeMap::new(), vec![], short).await, Ok(200));
    assert!(started.elapsed() < Duration::from_secs(2));
    held.abort();
}

#[tokio::test]
async fn a_huge_answer_is_hung_up_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let sent = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        request(&mut stream).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n").await.unwrap();
        let mut sent = 0;
        while stream.write_all(&[b'x'; 65536]).await.is_ok() {
            sent += 65536;
        }
        sent
    });
    assert_eq!(post(&url).await, Ok(200));
    // What the system holds between the two ends comes on top of the 64 kB.
    assert!(sent.await.unwrap() < 100_000_000);
}

#[tokio::test]
async fn who_hangs_up_without_an_answer_or_answers_nonsense_was_not_reached() {
    for answer in ["", "HTTP/1.1 200", "hello\r\n\r\n"] {
        let (url, _asked) = server(answer).await;
        let result = post(&url).await;
        assert!(matches!(result, Err(TransportError::Unreachable(_))), "{answer:?}: {result:?}");
    }
}

#[tokio::test]
async fn who_hangs_up_within_the_body_has_answered() {
    let (url, _asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nhalf").await;
    assert_eq!(post(&url).await, Ok(200));
}

#[tokio::test]
async fn where_nobody_listens_nobody_is_reached_and_the_url_is_not_in_the_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let Err(TransportError::Unreachable(text)) = post(&format!("http://{address}/secret-path")).await else {
        panic!("it was reached")
    };
    assert!(!text.contains("secret-path") && !text.is_empty(), "{text}");
}

#[tokio::test]
async fn headers_that_would_break_the_request_are_not_sent() {
    let headers = BTreeMap::from([(sign::ID, "evil\r\nx-injected: 1".to_owned())]);
    let result = transport(DEVELOPMENT).post("http://127.0.0.1:9/", &headers, vec![], SOON).await;
    assert!(matches!(result, Err(TransportError::Forbidden(_))), "{result:?}");
}

/// A name server that gives another answer each time, beginning anew after the last.
struct Answers(Vec<Vec<IpAddr>>, AtomicUsize);

impl Answers {
    fn new(answers: &[&[&str]]) -> Arc<Self> {
        let parsed = |texts: &&[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        Arc::new(Self(answers.iter().map(parsed).collect(), AtomicUsize::new(0)))
    }
}

impl Lookup for Answers {
    fn lookup(&self, _name: String) -> Found {
        let turn = self.1.fetch_add(1, Ordering::Relaxed);
        let answer = self.0[turn % self.0.len()].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn resolving(rules: Rules, lookup: Arc<Answers>) -> HttpTransport {
    HttpTransport::with_lookup(&HttpSettings { rules, ..HttpSettings::default() }, lookup).unwrap()
}

#[tokio::test]
async fn an_address_is_looked_at_before_it_is_kept_by_what_its_name_stands_for() {
    let inner = resolving(Rules::default(), Answers::new(&[&["169.254.169.254", "10.0.0.1"]]));
    let refused = inner.check("https://metadata.example/").await.unwrap_err();
    assert!(matches!(&refused, TransportError::Forbidden(why) if !why.contains("10.0.0.1")), "{refused}");
    assert!(matches!(inner.check("https://127.0.0.1/").await, Err(TransportError::Forbidden(_))));
    let outer = resolving(Rules::default(), Answers::new(&[&["1.1.1.1", "10.0.0.1"]]));
    assert_eq!(outer.check("https://shop.example/").await, Ok(()));
    assert_eq!(inner.check("https://1.1.1.1/").await, Ok(()));
    assert_eq!(
        resolving(DEVELOPMENT, Answers::new(&[&["127.0.0.1"]])).check("http://localhost/").await,
        Ok(())
    );
    let system = HttpTransport::new(&HttpSettings::default()).unwrap();
    assert!(matches!(system.check("https://localhost/").await, Err(TransportError::Forbidden(_))));
}

#[tokio::test]
async fn a_name_that_stands_for_an_inner_address_is_not_called() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let rules = Rules { any_port: true, ..Rules::default() };
    let inner: [&[&str]; 5] =
        [&["127.0.0.1"], &["::1"], &["::ffff:127.0.0.1"], &["10.0.0.1", "fe80::1"], &["169.254.169.254"]];
    let transport = resolving(rules, Answers::new(&inner));
    for _ in inner {
        let url = format!("https://rebound.example:{port}/");
        let result = transport.post(&url, &BTreeMap::new(), vec![], SOON).await;
        assert_eq!(result, Err(TransportError::Forbidden("rebound.example has no public address".into())));
    }
    let called = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(called.is_err(), "it was called");
}

#[tokio::test]
async fn none_of_all_addresses_that_are_not_public_is_called_by_name_or_by_number() {
    let all = forbidden();
    assert!(all.len() >= 200);
    let answers = Answers(all.iter().map(|address| vec![*address]).collect(), AtomicUsize::new(0));
    let transport = resolving(Rules::default(), Arc::new(answers));
    for address in all {
        let host = if address.is_ipv6() { format!("[{address}]") } else { address.to_string() };
        for host in [host.as_str(), "rebound.example"] {
            let result = transport.post(&format!("https://{host}/"), &BTreeMap::new(), vec![], SOON).await;
            assert!(matches!(result, Err(TransportError::Forbidden(_))), "{host} ({address}): {result:?}");
        }
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_for_looking_and_connecting() {
    let (url, _asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let answers = Answers::new(&[&["127.0.0.1"]]);
    let transport = resolving(DEVELOPMENT, Arc::clone(&answers));
    let url = url.replace("127.0.0.1", "receiver.example");
    assert_eq!(transport.post(&url, &BTreeMap::new(), vec![], SOON).await, Ok(200));
    assert_eq!(answers.1.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn inner_addresses_in_urls_are_not_called() {
    let transport = transport(Rules::default());
    for url in [
        "https://127.0.0.1/",
        "https://0x7f.1/",
        "https://[::1]/",
        "http://example.com/",
        "https://localhost/",
    ] {
        let result = transport.post(url, &BTreeMap::new(), vec![], SOON).await;
        assert!(matches!(result, Err(TransportError::Forbidden(_))), "{url}: {result:?}");
    }
}

/// A server with TLS that answers one request with 200, if the caller believes who it is.
fn tls_server(pem: &CertifiedPem) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(pem.server_config().unwrap());
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = rustls::ServerConnection::new(config).unwrap();
        let mut stream = rustls::StreamOwned::new(connection, stream);
        if stream.read(&mut [0; 4096]).is_ok() {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        }
    });
    format!("https://localhost:{port}/")
}

/// Certificates are judged by the system's clock, so this one must be valid today.
fn certificate() -> (tempfile::TempDir, CertifiedPem) {
    use shiren_app::port::Clock;
    let folder = tempfile::tempdir().unwrap();
    let names = Names::new(["localhost"]).unwrap();
    let pem = self_signed(folder.path(), &names, crate::clock::SystemClock.now()).unwrap();
    (folder, pem)
}

#[tokio::test]
async fn a_receiver_whose_certificate_nobody_vouches_for_is_not_called() {
    let (_folder, pem) = certificate();
    let result = post(&tls_server(&pem)).await;
    assert!(matches!(result, Err(TransportError::Unreachable(_))), "{result:?}");
}

#[tokio::test]
async fn an_authority_of_the_operators_own_can_be_trusted() {
    let (_folder, pem) = certificate();
    let settings = HttpSettings { rules: DEVELOPMENT, authorities: pem.chain.clone() };
    let transport = HttpTransport::new(&settings).unwrap();
    assert_eq!(transport.post(&tls_server(&pem), &BTreeMap::new(), vec![], SOON).await, Ok(200));
}

#[test]
fn authorities_that_are_no_certificates_are_refused() {
    let authorities = b"-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n".to_vec();
    let settings = HttpSettings { authorities, ..HttpSettings::default() };
    assert!(HttpTransport::new(&settings).is_err());
}
