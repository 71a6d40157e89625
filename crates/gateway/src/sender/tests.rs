//! Against servers on this machine: one that speaks SMTP, one that checks signature and fields of an SMS.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use shiren_app::port::{Clock as _, Letter, SendError, Sender as _};
use shiren_app::record::SendFault;
use shiren_app::webhook::sign::{self, Secret};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;
use crate::clock::SystemClock;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn letter(to: &str) -> Letter {
    Letter {
        id: "ntc_01aryz6s410000000000000000".into(),
        to: to.into(),
        language: "zh".into(),
        subject: "继续你的认证".into(),
        text: "点链接继续：https://verify.example/v/abc".into(),
        template: "resume_link".into(),
        parameters: [("link".to_owned(), "https://verify.example/v/abc".to_owned())].into(),
    }
}

/// A mail server that answers the end of a mail, or of the recipient's line, as it is told. Gives its port, and what
/// it was handed.
async fn mail_server(recipient: &'static str, end: &'static str) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let handed = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&handed);
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (read, mut write) = stream.into_split();
            let mut lines = BufReader::new(read).lines();
            let (mut data, mut mail) = (false, String::new());
            write.write_all(b"220 mail.example ESMTP\r\n").await.unwrap();
            while let Ok(Some(line)) = lines.next_line().await {
                let answer = match line.as_str() {
                    "." if data => {
                        data = false;
                        if end.starts_with('2') {
                            kept.lock().unwrap().push(std::mem::take(&mut mail));
                        }
                        if end.is_empty() {
                            break;
                        }
                        end
                    }
                    line if data => {
                        mail.push_str(line);
                        mail.push('\n');
                        continue;
                    }
                    line if line.starts_with("EHLO") => "250-mail.example\r\n250 8BITMIME",
                    line if line.starts_with("RCPT") => recipient,
                    "DATA" => {
                        data = true;
                        "354 go on"
                    }
                    "QUIT" => "221 bye",
                    _ => "250 ok",
                };
                write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            }
        }
    });
    (port, handed)
}

fn smtp(port: u16) -> SmtpSender {
    SmtpSender::new(&SmtpSettings {
        host: "127.0.0.1".into(),
        port,
        security: Security::None,
        login: String::new(),
        password: String::new(),
        from: "Market <no-reply@market.example>".into(),
    })
    .unwrap()
}

#[tokio::test]
async fn a_mail_reaches_its_server_with_its_own_id() {
    let (port, handed) = mail_server("250 ok", "250 queued").await;
    assert_eq!(smtp(port).send(&letter("ann@example.com")).await, Ok(()));
    let mails = handed.lock().unwrap().clone();
    assert_eq!(mails.len(), 1);
    assert!(mails[0].contains("To: ann@example.com"), "{}", mails[0]);
    assert!(mails[0].contains("no-reply@market.example"));
    assert!(mails[0].contains("Message-ID: <ntc_01aryz6s410000000000000000@market.example>"));
}

#[tokio::test]
async fn what_the_mail_server_says_tells_whether_to_try_again() {
    let refused = |r: &Result<(), SendError>| matches!(r, Err(SendError::Refused(_)));
    let not_sent = |r: &Result<(), SendError>| matches!(r, Err(SendError::NotSent(_)));
    let unclear = |r: &Result<(), SendError>| matches!(r, Err(SendError::Unclear(_)));
    let ask = async |recipient, end| {
        let (port, _) = mail_server(recipient, end).await;
        smtp(port).send(&letter("ann@example.com")).await
    };
    let never = ask("550 no such ann@example.com", "250 queued").await;
    assert!(refused(&never), "{never:?}");
    assert!(!format!("{never:?}").contains("ann"), "what the server repeats is not passed on");
    assert!(not_sent(&ask("451 later", "250 queued").await));
    assert!(not_sent(&ask("250 ok", "452 full").await));
    let broken = ask("250 ok", "").await;
    assert!(unclear(&broken), "the line broke after the whole mail was handed over: {broken:?}");
    assert!(not_sent(&smtp(1).send(&letter("ann@example.com")).await), "nobody listens");
}

#[test]
fn mail_crosses_networks_under_tls_only() {
    let with = |host: &str, security, from: &str| {
        SmtpSender::new(&SmtpSettings {
            host: host.into(),
            port: 25,
            security,
            login: String::new(),
            password: String::new(),
            from: from.into(),
        })
        .is_ok()
    };
    assert!(!with("mail.example", Security::None, "a@b.example"));
    assert!(with("localhost", Security::None, "a@b.example"));
    assert!(with("mail.example", Security::Tls, "a@b.example"));
    assert!(with("mail.example", Security::StartTls, "a@b.example"));
    assert!(!with("mail.example", Security::Tls, "nobody"));
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

/// A gateway that takes what is signed and whole, and answers with a status.
async fn sms_gateway(status: u16) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/sms", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (headers, body) = heard(&mut stream).await;
        let signed: BTreeMap<&'static str, String> =
            [sign::ID, sign::TIMESTAMP, sign::SIGNATURE].map(|n| (n, headers[n].clone())).into();
        let secret: Secret = SECRET.parse().unwrap();
        let sent: serde_json::Value = serde_json::from_slice(&body).unwrap();
        let wanted = serde_json::json!({
            "id": headers[sign::ID], "to": "+8613800138000", "language": "zh",
            "text": "点链接继续：https://verify.example/v/abc", "template": "resume_link",
            "parameters": { "link": "https://verify.example/v/abc" },
        });
        let fits = sign::verify(&signed, &body, &[secret], SystemClock.now()).is_ok() && sent == wanted;
        let status = if fits { status } else { 401 };
        let text = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(text.as_bytes()).await.unwrap();
    });
    url
}

fn sms(url: &str, secret: &str) -> SmsSender {
    SmsSender::new(&SmsSettings { url: url.into(), secret: secret.into() }).unwrap()
}

#[tokio::test]
async fn a_signed_sms_is_taken_and_the_answer_tells_whether_to_try_again() {
    let said = SendFault::Http;
    for (status, result) in [
        (204, Ok(())),
        (400, Err(SendError::Refused(said(400)))),
        (429, Err(SendError::NotSent(said(429)))),
        (503, Err(SendError::Unclear(said(503)))),
    ] {
        let url = sms_gateway(status).await;
        assert_eq!(sms(&url, SECRET).send(&letter("+8613800138000")).await, result);
    }
    let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let forged = sms(&sms_gateway(204).await, other).send(&letter("+8613800138000")).await;
    assert_eq!(forged, Err(SendError::Refused(said(401))));
    let nobody = sms("http://127.0.0.1:1/", SECRET).send(&letter("+8613800138000")).await;
    assert!(matches!(nobody, Err(SendError::NotSent(_))), "{nobody:?}");
}

#[test]
fn sms_go_to_addresses_that_keep_a_secret_only() {
    for url in ["http://sms.example/", "ftp://sms.example/", "sms", "http://10.0.0.1/"] {
        assert!(SmsSender::new(&SmsSettings { url: url.into(), secret: SECRET.into() }).is_err(), "{url}");
    }
}
