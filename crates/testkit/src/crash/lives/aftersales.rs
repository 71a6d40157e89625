//! A buyer's after-sales request with a picture, and a reviewer who comes too late (rows F12, F7): the case of the buyer's
//! verification escalates and is overdue before it is decided, the request is decided and carried out, each with its
//! message, which is read; and all of it is told to a receiver that is down at first.

use async_trait::async_trait;
use jiff::SignedDuration;
use shiren_app::port::{CaseQuery, NoticeQuery};
use shiren_app::{
    CompleteAfterSales, CreateAfterSales, DecideAfterSales, DecideCase, Error, NewFile, ReadMessage,
    SubmitAfterSales,
};
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::attachment::AttachmentKind;
use shiren_core::aftersales::{AfterSales, Ground, Kind, State, Verdict};
use shiren_core::id::{AfterSalesId, AttachmentId, SessionId};
use shiren_core::review::{self, Reviewer};
use shiren_core::verification::program::Mode;

use crate::crash::at::step;
use crate::crash::end::Kept;
use crate::crash::house::{House, PERHAPS_CYN, patiently};
use crate::crash::life::Life;
use crate::crash::told::{Told, say};

/// What the buyer shows.
const PICTURE: &[u8] = b"a broken cup";

const EVENTS: [&str; 17] = [
    "aftersales.created",
    "aftersales.verification_required",
    "verification_session.created",
    "verification_session.processing",
    "verification_session.in_review",
    "case.opened",
    "case.escalated",
    "case.overdue",
    "case.decided",
    "aftersales.submitted",
    "verification_session.verified",
    "aftersales.escalated",
    "aftersales.overdue",
    "aftersales.in_review",
    "aftersales.accepted",
    "aftersales.completed",
    "message.read",
];

/// What is written to the buyer.
const MESSAGES: [(&str, &str, Option<u32>); 3] =
    [("7", "review_passed", None), ("7", "aftersales_accepted", None), ("7", "aftersales_completed", None)];

pub(super) struct AfterSalesLife;

#[async_trait(?Send)]
impl Life for AfterSalesLife {
    fn name(&self) -> &'static str {
        "aftersales"
    }

    fn refusals(&self) -> usize {
        12
    }

    fn jobs(&self) -> &'static [&'static str] {
        &[
            "advance_clock",
            "aftersales_deadline",
            "case_deadline",
            "delete_pictures",
            "deliver_webhook",
            "expire_session",
            "run_checks",
            "scrub",
            "send_notice",
            "sweep_attachment",
            "sweep_picture",
        ]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        // A Monday; both reviews may take two working days.
        let clock = house.clock("2026-11-23T04:00:00Z").await?;
        let new = CreateAfterSales {
            mode: Mode::Test,
            buyer: "7".to_owned(),
            order: "order-4711".to_owned(),
            kind: Kind::Return,
            amount_cents: 25_900,
            currency: "CNY".to_owned(),
            text: Some("收到时杯子碎了。".to_owned()),
            clock: Some(clock.clone()),
        };
        let id = house.once("request", new, |made| made.request.id.to_string()).await?;
        let id: AfterSalesId = id.parse().map_err(|_| unexpected("no request"))?;
        let file = patiently(|| show(house, &id)).await?;
        say("shown", file.as_str());
        let submit = SubmitAfterSales { mode: None, id: id.clone() };
        house.once("submitted", submit, |done| state(&done.request)).await?;
        house.verify("session", &buyer(), "buyer", &PERHAPS_CYN, Some(&clock)).await?;
        for day in ["2026-11-24", "2026-11-25", "2026-11-26"] {
            house.turn(&clock, &format!("{day}T04:00:00Z")).await?;
        }
        let query = CaseQuery {
            mode: Some(Mode::Test),
            account_id: Some("7".to_owned()),
            limit: 10,
            ..CaseQuery::default()
        };
        let case =
            patiently(|| house.app().cases(&query)).await?.pop().ok_or_else(|| unexpected("no case"))?;
        let decide = DecideCase {
            mode: None,
            id: case.id,
            verdict: review::Verdict::Approve,
            note: "looked at it".to_owned(),
            by: reviewer(),
        };
        house.once("case", decide, |case| case.id.to_string()).await?;
        for day in ["2026-11-28", "2026-11-30", "2026-12-01"] {
            house.turn(&clock, &format!("{day}T04:00:00Z")).await?;
        }
        let decide = DecideAfterSales {
            mode: None,
            id: id.clone(),
            verdict: Verdict::Accept,
            ground: Ground::Shown,
            message: Some("请寄回。".to_owned()),
            version: None,
            by: reviewer(),
        };
        house.once("accepted", decide, state).await?;
        house.once("completed", CompleteAfterSales { mode: Mode::Test, id }, state).await?;
        let messages = NoticeQuery { messages: true, limit: 10, ..of_buyer() };
        let oldest = patiently(|| async { Ok(house.store.snapshot().await?.notices(&messages).await?) });
        let oldest = oldest.await?.pop().ok_or_else(|| unexpected("no message"))?;
        let read = ReadMessage { mode: Mode::Test, id: oldest.id };
        house.once("read", read, |notice| notice.id.to_string()).await?;
        // The receiver is back, and was given up by nobody: the longest wait between two attempts is over.
        house.pass(20, SignedDuration::from_mins(1)).await?;
        house.pass(48, SignedDuration::from_hours(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let Some(id) = told.answer::<AfterSalesId>("request") else {
            return Ok(vec!["no request was acknowledged".to_owned()]);
        };
        let mut wrong = Vec::new();
        let request = house.app().aftersales(Mode::Test, &id).await?.value;
        if request.state != State::Completed || request.decisions.len() != 1 || request.texts != 1 {
            wrong.push(format!("the request is {request:?}"));
        }
        let shown: Vec<&AttachmentId> = request
            .attachments
            .iter()
            .filter(|a| a.handed_in && a.counted.is_some())
            .map(|a| &a.id)
            .collect();
        if told.answer::<AttachmentId>("shown").as_ref().into_iter().ne(shown.iter().copied()) {
            wrong.push(format!("shown was {shown:?}"));
        }
        for file in shown {
            let mut reader = house.app().open_aftersales_file(None, &id, file, "test", "look").await?;
            if reader.next().await?.as_deref() != Some(PICTURE) {
                wrong.push(format!("{file} is another picture"));
            }
        }
        wrong.extend(house.events_amiss(told, &[(buyer(), &EVENTS)]).await?);
        wrong.extend(house.messages_amiss(of_buyer(), &MESSAGES).await?);
        let sessions: Vec<SessionId> = told.answer("session").into_iter().collect();
        wrong.extend(house.pictures_amiss(told, &sessions, Kept::WithoutFaces).await?);
        Ok(wrong)
    }
}

/// Shows the picture, from wherever that stands.
async fn show(house: &House, id: &AfterSalesId) -> Result<AttachmentId, Error> {
    let app = house.app();
    step("show/begin");
    let begun = app.aftersales(Mode::Test, id).await?.value.attachments.pop().map(|a| a.id);
    let file = match begun {
        Some(file) => file,
        None => {
            let sha256 = ring::digest::digest(&ring::digest::SHA256, PICTURE);
            let sha256 = sha256.as_ref().try_into().map_err(|_| unexpected("no checksum"))?;
            let new = NewFile { kind: AttachmentKind::Photo, length: PICTURE.len() as u64, sha256 };
            app.begin_file(id, new).await?
        }
    };
    step("show/append");
    let stands = app.file(id, &file).await?;
    if stands.counted.is_none() {
        let rest =
            usize::try_from(stands.offset).ok().and_then(|here| PICTURE.get(here..)).unwrap_or_default();
        app.append_file(id, &file, stands.offset, rest).await?;
    }
    Ok(file)
}

fn buyer() -> Account {
    Account { kind: AccountKind::Buyer, id: "7".to_owned() }
}

fn of_buyer() -> NoticeQuery {
    NoticeQuery { account: Some((Mode::Test, buyer())), ..NoticeQuery::default() }
}

fn reviewer() -> Reviewer {
    Reviewer::Key("marketplace".to_owned())
}

/// Where it stands, in a word that a second answer must repeat.
fn state(request: &AfterSales) -> String {
    request.state.name().to_owned()
}

fn unexpected(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
