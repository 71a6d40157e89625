//! Against a server on this machine that checks signature and fields as a marketplace would.

use std::collections::BTreeMap;

use shiren_app::port::{Clock as _, DataSource as _, Question};
use shiren_app::webhook::sign::{self, Secret};
use shiren_core::account::{Account, AccountKind};
use shiren_core::verification::check::Answer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn question(name: &str) -> Question {
    Question {
        id: "q_1".into(),
        account: Account { kind: AccountKind::Shop, id: "42".into() },
        name: name.into(),
        id_number: "11010519491231002X".into(),
        phone: None,
        payment_account: None,
        bank_card: None,
    }
}

fn source(url: &str) -> HttpSource {
    let settings = SourceSettings { name: "bank".into(), url: url.into(), secret: SECRET.into() };
    HttpSource::new(&settings).unwrap()
}

/// Reads one request: its headers and its body.
async fn heard(stream: &mut tokio::net::TcpStream) -> (BTreeMap<String, String>, Vec<u8>) {
    let mut bytes = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await.unwrap();
        bytes.extend_from_slice(&buffer[..read]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let headers: BTreeMap<String, String> = head
            .lines()
            .filter_map(|l| l.split_once(": ").map(|(k, v)| (k.to_lowercase(), v.to_owned())))
            .collect();
        let length: usize = headers.get("content-length").map_or(0, |l| l.parse().unwrap());
        if bytes.len() >= end + 4 + length {
            return (headers, bytes[end + 4..].to_vec());
        }
    }
}

/// Answers one question as a marketplace does: only when it is signed, by the name in it.
async fn marketplace() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/identity", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (headers, body) = heard(&mut stream).await;
        let signed: BTreeMap<&'static str, String> =
            [sign::ID, sign::TIMESTAMP, sign::SIGNATURE].map(|n| (n, headers[n].clone())).into();
        let secret: Secret = SECRET.parse().unwrap();
        let asked: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let fits = asked["question"] == headers[sign::ID]
            && asked["account"] == serde_json::json!({ "kind": "shop", "id": "42" })
            && asked["id_number"] == "11010519491231002X";
        let (status, answer) = match sign::verify(&signed, &body, &[secret], SystemClock.now()) {
            Ok(()) if fits => match asked["name"].as_str().unwrap() {
                "王小明" => (200, r#"{"answer":"confirms"}"#),
                "李雷" => (200, r#"{"answer":"name_differs"}"#),
                "nobody" => (200, r#"{"answer":"unknown"}"#),
                "odd" => (200, r#"{"answer":"perhaps"}"#),
                _ => (500, ""),
            },
            _ => (401, ""),
        };
        let text = format!(
            "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
            answer.len()
        );
        stream.write_all(text.as_bytes()).await.unwrap();
    });
    url
}

#[tokio::test]
async fn a_signed_question_gets_the_answer_that_the_marketplace_gives() {
    for (name, answer) in [
        ("王小明", Some(Answer::Confirms)),
        ("李雷", Some(Answer::NameDiffers)),
        ("nobody", Some(Answer::Unknown)),
        ("odd", None),
        ("broken", None),
    ] {
        let got = source(&marketplace().await).ask(&question(name)).await;
        assert_eq!(got.as_ref().ok().map(|a| a.answer), answer, "{name}");
        if let Err(error) = got {
            assert!(!error.to_string().contains(name) && !error.to_string().contains("1101"), "{error}");
        }
    }
}

#[tokio::test]
async fn nobody_there_is_no_answer() {
    assert!(source("http://127.0.0.1:1/").ask(&question("王小明")).await.is_err());
}

#[test]
fn only_addresses_that_keep_a_secret_are_asked() {
    for url in ["http://bank.example/", "ftp://bank.example/", "bank", "http://10.0.0.1/"] {
        let settings = SourceSettings { name: "bank".into(), url: url.into(), secret: SECRET.into() };
        assert!(HttpSource::new(&settings).is_err(), "{url}");
    }
    let settings =
        SourceSettings { name: "bank".into(), url: "https://bank.example/".into(), secret: "x".into() };
    assert!(HttpSource::new(&settings).is_err());
}

#[tokio::test]
async fn the_sandbox_answers_by_the_name() {
    for (name, answer) in [
        ("王小明", Some(Answer::Confirms)),
        ("不符一", Some(Answer::NameDiffers)),
        ("Unknown Ann", Some(Answer::Unknown)),
        ("超时", None),
    ] {
        assert_eq!(SandboxSource.ask(&question(name)).await.ok().map(|a| a.answer), answer, "{name}");
    }
}

#[tokio::test]
async fn of_a_phone_only_what_was_asked_is_answered() {
    let asked = |phone: Option<&str>| Question { phone: phone.map(str::to_owned), ..question("王小明") };
    for (phone, equals) in [
        (None, None),
        (Some("+8613800138000"), Some(true)),
        (Some("+8613800130000"), Some(false)),
        (Some("+8613800139999"), None),
    ] {
        assert_eq!(SandboxSource.ask(&asked(phone)).await.unwrap().phone, equals, "{phone:?}");
    }
    // A marketplace's own service.
    let told = r#"{"answer":"confirms","phone_equals":false}"#;
    let got = source(&answering(told).await).ask(&asked(Some("+8613800138000"))).await.unwrap();
    assert_eq!((got.answer, got.phone), (Answer::Confirms, Some(false)));
    let got = source(&answering(told).await).ask(&asked(None)).await.unwrap();
    assert_eq!((got.answer, got.phone), (Answer::Confirms, None));
}

/// Somebody who answers so, whatever they are asked.
async fn answering(told: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        heard(&mut stream).await;
        let text =
            format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{told}", told.len());
        stream.write_all(text.as_bytes()).await.unwrap();
    });
    url
}
