//! Mail by SMTP.

use std::time::Duration;

use async_trait::async_trait;
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use shiren_app::port::{Letter, SendError, Sender};
use shiren_app::record::SendFault;

use super::SenderSetup;

/// How long one answer of the server may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How the line to the server is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte (RFC 8314).
    Tls,
    /// TLS before anything is said; a server that cannot is refused.
    StartTls,
    /// In the clear: to a server on this machine only.
    None,
}

/// Which server, and as whom.
#[derive(Clone)]
pub struct SmtpSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the line is kept secret.
    pub security: Security,
    /// As whom to sign in; empty: not at all.
    pub login: String,
    /// The password.
    pub password: String,
    /// The sender: `Example <no-reply@example.com>`.
    pub from: String,
}

/// Sends mail by SMTP. A server does not tell mails of the same id apart.
pub struct SmtpSender {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpSender {
    /// A sender by its settings.
    ///
    /// # Errors
    /// When the sender is no mail address, TLS cannot be set up, or the line would be in the clear.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SenderSetup> {
        let told = |e: &dyn std::fmt::Display| SenderSetup(format!("smtp: {e}"));
        let host = settings.host.as_str();
        let here = matches!(host, "localhost" | "127.0.0.1" | "::1");
        let builder = match settings.security {
            Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(|e| told(&e))?,
            Security::StartTls => {
                AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(|e| told(&e))?
            }
            Security::None if here => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
            Security::None => return Err(told(&"a server elsewhere is spoken to over TLS only")),
        };
        let mut builder = builder.port(settings.port).timeout(Some(PATIENCE));
        if !settings.login.is_empty() {
            builder =
                builder.credentials(Credentials::new(settings.login.clone(), settings.password.clone()));
        }
        let from = settings.from.parse().map_err(|_| told(&"the sender is no mail address"))?;
        Ok(Self { transport: builder.build(), from })
    }

    fn message(&self, letter: &Letter) -> Result<Message, SendError> {
        let unfit = |fault| SendError::Refused(fault);
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, letter.to.parse().map_err(|_| unfit(SendFault::Address))?))
            .subject(letter.subject.clone())
            // The same at every try, so that whoever gets it twice can see that it is one.
            .message_id(Some(format!("<{}@{}>", letter.id, self.from.email.domain())))
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|_| unfit(SendFault::Unwritable))
    }
}

#[async_trait]
impl Sender for SmtpSender {
    fn sends_an_id_once(&self) -> bool {
        false
    }

    /// Connects first without saying anything: what fails then was surely not sent.
    async fn send(&self, letter: &Letter) -> Result<(), SendError> {
        let message = self.message(letter)?;
        match self.transport.test_connection().await {
            Ok(true) => {}
            Ok(false) => return Err(SendError::NotSent(SendFault::Silent)),
            Err(error) if error.is_permanent() => return Err(SendError::Refused(fault(&error))),
            Err(error) => return Err(SendError::NotSent(fault(&error))),
        }
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(SendError::Refused(fault(&error))),
            Err(error) if error.is_transient() => Err(SendError::NotSent(fault(&error))),
            Err(error) => Err(SendError::Unclear(fault(&error))),
        }
    }
}

/// The number alone: servers repeat the address in their sentences.
fn fault(error: &Error) -> SendFault {
    match error.status() {
        Some(code) => SendFault::Smtp(code.into()),
        None if error.is_timeout() => SendFault::Silent,
        None if error.is_tls() => SendFault::Tls,
        None => SendFault::Unreachable,
    }
}
