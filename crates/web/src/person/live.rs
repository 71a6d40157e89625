//! The live channel: frames up, hints down.
//!
//! | from the page | |
//! |---|---|
//! | `POST /verify/live/{step}` | begins a capture: `{"token", "actions"}`; `?without=nod` for who cannot nod |
//! | `GET /verify/live` | the channel, a WebSocket |
//! | first message | text: `{"token", "camera", "driven", "replaced", "no_device", "no_flashes"}`; what it says of the camera is a signal and nothing more |
//! | text later | `{"camera"}`: another camera gives the frames now |
//! | every other one | binary: the frame's number from 0 (4 bytes, most significant first), then a JPEG |
//!
//! Every frame is answered before the next one is read, so that who sends faster than we look waits in the line and
//! not in our memory: `{"hint", "challenge"?, "screen"?, "say", "done", "of"}`; before that `{"place"}` while others go first; in
//! the end `{"next"}` or `{"failed", "say", "fix"}`, and the channel is closed.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, Query, State as Shared};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use shiren_app::{CameraSaid, Error, LiveCapture, Told};
use shiren_core::see::liveness::Hint;
use shiren_core::verification::ReasonCode;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::visit::Person;
use crate::api::Problem;
use crate::state::State;
use crate::words::Language;

/// Largest message: a frame of 640 pixels has a tenth of it.
const LARGEST: usize = 512 * 1024;
/// How long the page may take to say who it is.
const HELLO: Duration = Duration::from_secs(10);
/// How long no frame may come: a little longer than the domain forgives.
const SILENCE: Duration = Duration::from_secs(25);
/// How often somebody who waits is told their place.
const TOLD: Duration = Duration::from_secs(1);
/// How long a message may take to be taken from us.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    without: Option<String>,
}

/// Begins a capture.
pub(super) async fn begin(
    Shared(state): Shared<State>,
    person: Person,
    Path(step): Path<String>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Response {
    if headers.get("x-csrf").and_then(|v| v.to_str().ok()) != Some(person.csrf.as_str()) {
        let title = person.shell(&state).t("failure.form").to_string();
        return Problem::new(StatusCode::FORBIDDEN, "form_expired", title).into_response();
    }
    let without = asked.without.and_then(|name| name.parse().ok());
    match state.app.begin_capture(&person.visitor, &step, without).await {
        Ok(begun) => axum::Json(json!({ "token": begun.token, "actions": begun.actions })).into_response(),
        Err(error) => Problem::from(error).into_response(),
    }
}

/// The channel.
pub(super) async fn channel(
    Shared(state): Shared<State>,
    person: Person,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .max_message_size(LARGEST)
        .max_frame_size(LARGEST)
        .on_upgrade(move |socket| Channel { socket, state, person }.run())
}

#[derive(Deserialize)]
struct Hello {
    token: String,
    #[serde(default)]
    camera: String,
    #[serde(default)]
    driven: bool,
    #[serde(default)]
    replaced: bool,
    #[serde(default)]
    no_device: bool,
    #[serde(default)]
    no_flashes: bool,
}

impl Hello {
    fn camera(&self) -> CameraSaid {
        // A name is some dozen letters; what is longer is none.
        let label = self.camera.chars().take(200).collect();
        let Self { driven, replaced, no_device, no_flashes, .. } = *self;
        CameraSaid { label, driven, replaced, no_device, no_flashes }
    }
}

/// What the page says between two frames.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    camera: String,
}

/// What comes next.
enum Came {
    Frame(u64, Vec<u8>),
    Said(Said),
}

/// Why a channel ends before its capture does.
enum Ended {
    /// The page went away, or does not take what it is told.
    Gone,
    /// The page is told why.
    Refused(Error),
    /// The page does not speak as it should.
    Garbled,
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

struct Channel {
    socket: WebSocket,
    state: State,
    person: Person,
}

impl Channel {
    async fn run(mut self) {
        let told = match self.capture().await {
            Ok(last) => Some(last),
            Err(Ended::Gone) => None,
            Err(Ended::Garbled) => Some(self.failed(ReasonCode::LivenessClock)),
            Err(Ended::Refused(error)) => Some(self.refused(error)),
        };
        if let Some(told) = told {
            let _ = self.tell(&told).await;
        }
        let _ = timeout(PATIENCE, self.socket.send(Message::Close(None))).await;
        // Frames are still on their way. A connection that is closed on them is reset, and the page may never read what
        // it was told last.
        let rest = async { while let Some(Ok(_)) = self.socket.recv().await {} };
        let _ = timeout(PATIENCE, rest).await;
    }

    /// From the first message to the last but one; gives the last.
    async fn capture(&mut self) -> Result<Value, Ended> {
        let hello = self.hello().await?;
        let _place = self.admitted().await?;
        let camera = hello.camera();
        let mut capture = self.state.app.open_capture(&hello.token, &self.person.visitor, &camera).await?;
        while !capture.is_over() {
            let (number, frame) = match self.next().await? {
                Came::Frame(number, frame) => (number, frame),
                Came::Said(said) => {
                    capture.hear_camera(&said.camera);
                    continue;
                }
            };
            let told;
            (capture, told) = self.state.app.look_live(capture, number, frame).await?;
            if !capture.is_over() {
                self.tell(&hint(told, self.person.language)).await?;
            } else if let Hint::Failed { reason } = told.hint {
                return Ok(self.failed(reason));
            }
        }
        self.finish(capture).await
    }

    async fn finish(&mut self, capture: LiveCapture) -> Result<Value, Ended> {
        let taken = self.state.app.finish_capture(capture).await?;
        Ok(json!({ "next": format!("/verify/step/{}/preview", taken.evidence.step) }))
    }

    async fn hello(&mut self) -> Result<Hello, Ended> {
        match timeout(HELLO, self.socket.recv()).await {
            Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(&text).map_err(|_| Ended::Garbled),
            Ok(Some(Ok(_))) => Err(Ended::Garbled),
            _ => Err(Ended::Gone),
        }
    }

    /// Waits for a place before the camera, and says how many go first.
    async fn admitted(&mut self) -> Result<OwnedSemaphorePermit, Ended> {
        let ticket = Arc::clone(&self.state.app).queue();
        // One wait, however often the place is told meanwhile: who began to wait anew would be the last again.
        let mut admitted = std::pin::pin!(ticket.admitted());
        loop {
            match timeout(TOLD, admitted.as_mut()).await {
                Ok(Some(permit)) => return Ok(permit),
                Ok(None) => return Err(Ended::Refused(Error::Busy)),
                Err(_) => self.tell(&json!({ "place": ticket.place() })).await?,
            }
        }
    }

    /// The next frame and its number, or what is said between.
    async fn next(&mut self) -> Result<Came, Ended> {
        loop {
            match timeout(SILENCE, self.socket.recv()).await {
                Ok(Some(Ok(Message::Binary(bytes)))) => {
                    let Some((number, frame)) = bytes.split_first_chunk::<4>() else {
                        return Err(Ended::Garbled);
                    };
                    return Ok(Came::Frame(u64::from(u32::from_be_bytes(*number)), frame.to_vec()));
                }
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                Ok(Some(Ok(Message::Text(text)))) => {
                    let said = serde_json::from_str(&text).map_err(|_| Ended::Garbled)?;
                    return Ok(Came::Said(said));
                }
                _ => return Err(Ended::Gone),
            }
        }
    }

    async fn tell(&mut self, what: &Value) -> Result<(), Ended> {
        let sent = timeout(PATIENCE, self.socket.send(Message::Text(what.to_string().into()))).await;
        if matches!(sent, Ok(Ok(()))) { Ok(()) } else { Err(Ended::Gone) }
    }

    fn failed(&self, reason: ReasonCode) -> Value {
        let of = |s| self.person.language.of(s);
        json!({ "failed": reason.name(), "say": of(reason.message()), "fix": of(reason.fix()) })
    }

    fn refused(&self, error: Error) -> Value {
        let shell = self.person.shell(&self.state);
        let (code, say) = match error {
            Error::Picture(code) => return self.failed(code),
            Error::Capture(_) => ("capture_refused".to_owned(), shell.t("live.refused")),
            Error::Busy => ("busy".to_owned(), shell.t("failure.busy")),
            other => (Problem::from(other).code, shell.t("live.broken")),
        };
        json!({ "failed": code, "say": say.to_string(), "fix": shell.t("live.again").to_string() })
    }
}

/// What the page is told after a frame: the hint's own names, and its sentence.
fn hint(told: Told, language: Language) -> Value {
    let mut value = serde_json::to_value(told.hint).unwrap_or_default();
    value["say"] = language.of(told.hint.say()).into();
    if let Some(screen) = told.screen {
        value["screen"] = screen.name().into();
    }
    value["done"] = told.done.into();
    value["of"] = told.of.into();
    value
}
