//! The guide's channel: frames of a document up, hints down.
//!
//! `GET /verify/guide/{step}` is a WebSocket. First the page sends text: `{"csrf"}`, which a page of another origin
//! does not know; then binary messages, each a JPEG. Every frame is answered before the next one is read:
//! `{"hint", "say"}`, before that `{"place"}` while others go first; when it is over `{"over"}`, and the page goes on
//! with its own eyes and the shutter.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State as Shared};
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use shiren_app::Error;
use tokio::time::timeout;

use super::visit::Person;
use crate::state::State;

/// Largest message: a frame of 640 pixels has a tenth of it.
const LARGEST: usize = 512 * 1024;
/// How long the page may take to say who it is, and between two frames.
const SILENCE: Duration = Duration::from_secs(15);
/// How long a message may take to be taken from us.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Hello {
    csrf: String,
}

/// The channel.
pub(super) async fn channel(
    Shared(state): Shared<State>,
    person: Person,
    Path(step): Path<String>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.max_message_size(LARGEST).max_frame_size(LARGEST);
    upgrade.on_upgrade(move |mut socket| async move {
        if let Some(why) = guided(&mut socket, &state, &person, &step).await {
            let _ = tell(&mut socket, &json!({ "over": why })).await;
        }
        let _ = timeout(PATIENCE, socket.send(Message::Close(None))).await;
    })
}

/// Guides until it is over; why, or nothing when the page went away.
async fn guided(socket: &mut WebSocket, state: &State, person: &Person, step: &str) -> Option<&'static str> {
    let Message::Text(text) = next(socket).await? else { return Some("garbled") };
    let known = serde_json::from_str::<Hello>(&text).is_ok_and(|hello| hello.csrf == person.csrf);
    if !known {
        return Some("form_expired");
    }
    let ticket = Arc::clone(&state.app).queue();
    let _permit = loop {
        match timeout(Duration::from_secs(1), ticket.admitted()).await {
            Ok(permit) => break permit?,
            Err(_) => tell(socket, &json!({ "place": ticket.place() })).await?,
        }
    };
    let mut guide = match state.app.begin_guide(&person.visitor, step) {
        Ok(guide) => guide,
        Err(error) => return Some(why(&error)),
    };
    loop {
        let Message::Binary(frame) = next(socket).await? else { return Some("garbled") };
        let hint;
        (guide, hint) = match state.app.look_guided(guide, frame.to_vec()).await {
            Ok(told) => told,
            Err(error) => return Some(why(&error)),
        };
        tell(socket, &json!({ "hint": hint, "say": person.language.of(hint.say()) })).await?;
    }
}

const fn why(error: &Error) -> &'static str {
    match error {
        Error::Capture(why) => why,
        Error::Picture(_) => "unreadable",
        _ => "refused",
    }
}

async fn next(socket: &mut WebSocket) -> Option<Message> {
    loop {
        match timeout(SILENCE, socket.recv()).await {
            Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
            Ok(Some(Ok(Message::Close(_)))) => return None,
            Ok(Some(Ok(message))) => return Some(message),
            _ => return None,
        }
    }
}

async fn tell(socket: &mut WebSocket, what: &Value) -> Option<()> {
    let sent = timeout(PATIENCE, socket.send(Message::Text(what.to_string().into()))).await;
    matches!(sent, Ok(Ok(()))).then_some(())
}
