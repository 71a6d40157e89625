//! The page of a request, wherever it stands, and the buyer's forms on it.

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use shiren_app::{Error, StartVerification, SubmitAfterSales, WithdrawAfterSales, WriteAfterSales};
use shiren_core::aftersales::attachment::{AttachmentKind, AttachmentRefusal};
use shiren_core::aftersales::{AfterSalesRefusal, Kind, State as Stands};

use super::visit::Buyer;
use crate::browser::{page, to};
use crate::form::{Button, Sent};
use crate::page::{AfterSalesPage, Said, Shell, ShownFile, word};
use crate::state::State;

/// The page.
pub(super) async fn show(Shared(state): Shared<State>, buyer: Buyer) -> Response {
    shown(&state, &buyer, None, None)
}

/// The page, with what is wrong about what was sent.
pub(super) fn shown(state: &State, buyer: &Buyer, wrote: Option<String>, error: Option<String>) -> Response {
    let status = if error.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    told_as(state, buyer, status, wrote, error)
}

/// The page, with a status of its own.
pub(super) fn told_as(
    state: &State,
    buyer: &Buyer,
    status: StatusCode,
    wrote: Option<String>,
    error: Option<String>,
) -> Response {
    let (request, written) = (&buyer.visitor.request, &buyer.visitor.written);
    let frame = buyer.frame(state);
    let shell = &frame.shell;
    let moment = |at: jiff::Timestamp| crate::person::moment(at, state, shell);
    let decided = request.decisions.iter().zip(&written.messages).rev().map(|(d, message)| Said {
        ground: shell.language.of(d.ground.sentence()).to_owned(),
        message: message.clone(),
        at: moment(d.at),
    });
    let rules = state.app.aftersales_rules();
    let files = request.attachments.iter().filter(|a| a.counted.is_some()).map(|a| ShownFile {
        id: a.id.to_string(),
        video: a.kind == AttachmentKind::Video,
        handed_in: a.handed_in,
    });
    let view = AfterSalesPage {
        id: request.id.to_string(),
        kind: shell.t(kind_key(request.kind)).into(),
        order: request.order.clone(),
        amount: amount(request.amount_cents, &request.currency),
        state: request.state,
        may_change: request.may_change(buyer.visitor.now).is_ok(),
        due: request.review.as_ref().map(|r| moment(r.due_at)),
        late: request.review.as_ref().is_some_and(|r| buyer.visitor.now >= r.due_at),
        uncompleted: request.closed_uncompleted(),
        close_at: request.close_at.map(moment),
        decided: decided.collect(),
        texts: written.texts.clone(),
        draft: wrote.or_else(|| written.draft.clone()).unwrap_or_default(),
        files: files.collect(),
        shown: rules.shown.contains(&request.kind),
        photos: rules.photos,
        videos: rules.videos,
        video_megabytes: rules.video_bytes / 1_000_000,
        history: request.history.iter().map(|s| (shell.t(state_key(s.state)).into(), moment(s.at))).collect(),
        return_url: state.site.home.clone(),
        error,
        frame,
    };
    page(status, &view)
}

#[derive(Debug, Deserialize)]
pub(super) struct Words {
    #[serde(default)]
    text: String,
    /// `keep` or `submit`.
    #[serde(default)]
    then: String,
}

/// Keeps what was written, and hands it in if that was asked.
pub(super) async fn hand_in(Shared(state): Shared<State>, Sent(buyer, form): Sent<Buyer, Words>) -> Response {
    let id = buyer.visitor.request.id.clone();
    let new = Some(form.text.trim()) != buyer.visitor.written.draft.as_deref();
    let written = match new && !form.text.trim().is_empty() {
        true => state.app.run(WriteAfterSales { id: id.clone(), text: form.text.clone() }).await.map(drop),
        false => Ok(()),
    };
    let done = match (written, form.then.as_str()) {
        (Ok(()), "submit") => state.app.run(SubmitAfterSales { mode: None, id }).await.map(drop),
        (written, _) => written,
    };
    match done {
        Ok(()) if form.then == "submit" => to("/aftersales"),
        Ok(()) => to("/aftersales?kept=1"),
        Err(error) => match told(&error, &buyer.shell(&state)) {
            Some(sentence) => shown(&state, &buyer, Some(form.text), Some(sentence)),
            None => buyer.failed(&state, &error),
        },
    }
}

/// On to a verification.
pub(super) async fn verify(
    Shared(state): Shared<State>,
    Sent(buyer, Button {}): Sent<Buyer, Button>,
) -> Response {
    match state.app.run(StartVerification { id: buyer.visitor.request.id.clone() }).await {
        Ok(secret) => to(&format!("/v/{secret}")),
        // Verified meanwhile.
        Err(Error::AfterSales(_)) => to("/aftersales"),
        Err(error) => buyer.failed(&state, &error),
    }
}

/// Not wanted any more. Withdrawn before, it just shows: a second tap is no mistake.
pub(super) async fn withdraw(
    Shared(state): Shared<State>,
    Sent(buyer, Button {}): Sent<Buyer, Button>,
) -> Response {
    let id = buyer.visitor.request.id.clone();
    match state.app.run(WithdrawAfterSales { mode: None, id }).await {
        Ok(_) | Err(Error::AfterSales(_)) => to("/aftersales"),
        Err(error) => buyer.failed(&state, &error),
    }
}

/// What the buyer can mend, in a sentence.
pub(super) fn told(error: &Error, shell: &Shell) -> Option<String> {
    let key = match error {
        Error::Picture(code) => return Some(shell.language.advice(*code)),
        Error::Invalid { field: "text", .. } => word("after.error_text"),
        Error::AfterSales(AfterSalesRefusal::Missing(what)) => match what.first() {
            Some(&"photo") => word("after.error_photo"),
            Some(&"answer") => word("after.error_answer"),
            _ => word("after.error_text"),
        },
        Error::AfterSales(AfterSalesRefusal::Attachment(refusal)) => match refusal {
            AttachmentRefusal::TooMany(AttachmentKind::Photo, most) => {
                return Some(shell.t(word("after.error_photos")).with("n", most).into());
            }
            AttachmentRefusal::TooMany(AttachmentKind::Video, most) => {
                return Some(shell.t(word("after.error_videos")).with("n", most).into());
            }
            AttachmentRefusal::TooLarge(most) => {
                let megabytes = most / 1_000_000;
                return Some(shell.t(word("after.error_large")).with("n", megabytes).into());
            }
            AttachmentRefusal::NoVideo => word("after.error_no_video"),
            AttachmentRefusal::Checksum | AttachmentRefusal::Piece | AttachmentRefusal::Offset(_) => {
                word("after.error_broken")
            }
            AttachmentRefusal::HandedIn => word("after.error_firm"),
            AttachmentRefusal::Unknown => return None,
        },
        Error::AfterSales(AfterSalesRefusal::Firm(_) | AfterSalesRefusal::Transition(..)) => {
            word("after.error_firm")
        }
        _ => return None,
    };
    Some(shell.t(key).into())
}

/// The key of what is asked for.
pub(crate) const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Return => word("after.kind_return"),
        Kind::Exchange => word("after.kind_exchange"),
        Kind::Repair => word("after.kind_repair"),
        Kind::Refund => word("after.kind_refund"),
        Kind::Complaint => word("after.kind_complaint"),
    }
}

/// The key of where it stands.
pub(crate) const fn state_key(state: Stands) -> &'static str {
    match state {
        Stands::Draft => word("after.draft"),
        Stands::VerificationRequired => word("after.verification_required"),
        Stands::Submitted => word("after.submitted"),
        Stands::InReview => word("after.in_review"),
        Stands::MoreNeeded => word("after.more_needed"),
        Stands::Accepted => word("after.accepted"),
        Stands::Rejected => word("after.rejected"),
        Stands::Completed => word("after.completed"),
        Stands::Withdrawn => word("after.withdrawn"),
        Stands::Closed => word("after.closed"),
    }
}

/// An amount as people read it: `CNY 259.00`.
pub(crate) fn amount(cents: i64, currency: &str) -> String {
    format!("{currency} {}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_two_places() {
        assert_eq!(amount(0, "CNY"), "CNY 0.00");
        assert_eq!(amount(25_905, "USD"), "USD 259.05");
    }
}
