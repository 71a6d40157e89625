//! A shop that is closed for ever, and what people may still ask of it (rows D12, G4, B7): a copy of its owner's data, an
//! upload, a session and an attachment that nobody goes on with, all webhooks once more, a ban and its end, and years later
//! the end of what is kept.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shiren_app::port::NoticeQuery;
use shiren_app::record::TakenBy;
use shiren_app::{
    Contact, CreateAfterSales, CreateSession, Created, Error, ExportData, NewFile, NewUpload, PenaliseShop,
    Replay, ReplayEvents, Settings,
};
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{NewPenalty, PenaltyKind, ShopStatus};
use shiren_core::account::{Account, AccountKind};
use shiren_core::aftersales::Kind;
use shiren_core::aftersales::attachment::AttachmentKind;
use shiren_core::id::{AfterSalesId, SessionId};
use shiren_core::verification::program::Mode;

use crate::crash::at::step;
use crate::crash::end::Kept;
use crate::crash::house::{ANN, BEA, House, patiently, shop};
use crate::crash::life::Life;
use crate::crash::told::Told;

/// What happens to the shop, and to what its owner asks for.
const SHOP: [&str; 16] = [
    "shop.registered",
    "verification_session.created",
    "verification_session.processing",
    "shop.opened",
    "recheck.planned",
    "verification_session.verified",
    "verification_session.created",
    "verification_session.processing",
    "verification_session.verified",
    "verification_session.exported",
    "verification_session.redacted",
    "shop.permanently_closed",
    "deposit.refunded",
    "ban.imposed",
    "ban.term_over",
    "verification_session.redacted",
];
/// To the buyer who leaves in the middle of an upload, and to the one who leaves in the middle of an attachment.
const LEAVES: [&str; 2] = ["verification_session.created", "verification_session.expired"];
const SHOWS: [&str; 1] = ["aftersales.created"];

pub(super) struct EndingLife;

#[async_trait(?Send)]
impl Life for EndingLife {
    fn name(&self) -> &'static str {
        "ending"
    }

    fn settings(&self, settings: &mut Settings) {
        settings.bans.days = Some(30);
    }

    fn jobs(&self) -> &'static [&'static str] {
        &[
            "advance_clock",
            "delete_pictures",
            "deliver_webhook",
            "end_ban",
            "end_export",
            "erase_records",
            "expire_session",
            "follow_exemptions",
            "recheck_deadline",
            "replay_webhooks",
            "run_checks",
            "scrub",
            "send_notice",
            "sweep_attachment",
            "sweep_picture",
            "sweep_upload",
        ]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        let clock = house.clock("2026-09-01T04:00:00Z").await?;
        house.register("shop", "1", &clock).await?;
        house.verify("first", &shop("1"), "shop-owner", &ANN, None).await?;
        leave_an_upload(house).await?;
        leave_a_file(house).await?;
        take_a_copy(house).await?;
        let endpoint = patiently(|| house.app().endpoints(Mode::Test)).await?.pop();
        let endpoint = endpoint.ok_or_else(|| unexpected("no endpoint"))?.id;
        let replay = Replay::Since(Timestamp::UNIX_EPOCH);
        let again = ReplayEvents { mode: Mode::Test, endpoint, replay, by: marketplace() };
        house.once("replay", again, |()| String::new()).await?;
        step("exemptions");
        patiently(|| house.app().follow_exemptions()).await?;
        house.pass(3, SignedDuration::from_secs(30)).await?;
        let penalty = PenaliseShop {
            mode: Mode::Test,
            shop: "1".to_owned(),
            new: NewPenalty {
                reference: "penalty".to_owned(),
                kind: PenaltyKind::PermanentClosure,
                violation: "counterfeit".to_owned(),
                reason: "counterfeit goods".to_owned(),
            },
            deduct_cents: 0,
            refund_reference: Some("r1".to_owned()),
            by: marketplace(),
        };
        house.once("penalty", penalty, |done| done.shop.status().name().to_owned()).await?;
        // Whoever is told of it is told before the years go by, however often that was tried.
        house.pass(30, SignedDuration::from_mins(1)).await?;
        for day in ["2026-10-15", "2029-10-15"] {
            house.turn(&clock, &format!("{day}T04:00:00Z")).await?;
        }
        house.pass(5, SignedDuration::from_hours(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        let status = house.app().deposit(Mode::Test, "1").await?.shop.status();
        if status != ShopStatus::PermanentlyClosed {
            wrong.push(format!("the shop is {}", status.name()));
        }
        let accounts: [(Account, &[&str]); 3] =
            [(shop("1"), &SHOP), (buyer("leaves"), &LEAVES), (buyer("shows"), &SHOWS)];
        wrong.extend(house.events_amiss(told, &accounts).await?);
        let shop = NoticeQuery { shop: Some((Mode::Test, "1".to_owned())), ..NoticeQuery::default() };
        wrong.extend(house.messages_amiss(shop, &[("1", "shop_closed_for_ever", None)]).await?);
        let sessions: Vec<SessionId> =
            ["first", "copy"].iter().filter_map(|name| told.answer(name)).collect();
        wrong.extend(house.pictures_amiss(told, &sessions, Kept::NoMore).await?);
        Ok(wrong)
    }
}

/// Begins a session and an upload for it, and goes on with neither.
async fn leave_an_upload(house: &House) -> Result<(), Error> {
    let asked = CreateSession {
        mode: Mode::Test,
        program: "buyer".to_owned(),
        account: buyer("leaves"),
        clock: None,
        return_url: None,
        action: None,
        metadata: BTreeMap::new(),
        contact: Contact::default(),
        account_assertion: false,
    };
    let id = house.once("left", asked, |created: &Created| created.session.id.to_string()).await?;
    let id: SessionId = id.parse().map_err(|_| unexpected("no session"))?;
    if !patiently(|| house.introduced("left", &id, &BEA)).await? {
        return Ok(());
    }
    let new =
        NewUpload { step: "front".to_owned(), length: 100_000, sha256: [7; 32], taken_by: TakenBy::Camera };
    step("left/begin");
    let upload = patiently(|| house.app().begin_upload(&id, new.clone())).await?;
    step("left/append");
    patiently(|| house.app().append_upload(&id, &upload.id, 0, &[7; 40_000])).await.map(drop)
}

/// Begins an attachment, and does not go on with it.
async fn leave_a_file(house: &House) -> Result<(), Error> {
    let new = CreateAfterSales {
        mode: Mode::Test,
        buyer: "shows".to_owned(),
        order: "order-4712".to_owned(),
        kind: Kind::Return,
        amount_cents: 25_900,
        currency: "CNY".to_owned(),
        text: None,
        clock: None,
    };
    let id = house.once("request", new, |made| made.request.id.to_string()).await?;
    let id: AfterSalesId = id.parse().map_err(|_| unexpected("no request"))?;
    if patiently(|| house.app().aftersales(Mode::Test, &id)).await?.value.attachments.is_empty() {
        step("request/begin");
        let new = NewFile { kind: AttachmentKind::Photo, length: 1000, sha256: [7; 32] };
        patiently(|| house.app().begin_file(&id, new.clone())).await?;
    }
    Ok(())
}

/// The owner verifies for a copy of what is kept, and takes it.
async fn take_a_copy(house: &House) -> Result<(), Error> {
    let export = ExportData {
        mode: Mode::Test,
        account: shop("1"),
        return_url: None,
        contact: Contact::default(),
        by: "key:marketplace".to_owned(),
    };
    let id = house.once("copy", export, |created: &Created| created.session.id.to_string()).await?;
    let id: SessionId = id.parse().map_err(|_| unexpected("no session"))?;
    house.go_through("copy", &id, &ANN).await?;
    step("copy/take");
    // Where the answer was lost with the process, it was taken all the same.
    patiently(|| house.app().take_copy(&id)).await.map(drop)
}

fn buyer(id: &str) -> Account {
    Account { kind: AccountKind::Buyer, id: id.to_owned() }
}

fn marketplace() -> Actor {
    Actor::Key("marketplace".to_owned())
}

fn unexpected(what: &str) -> Error {
    Error::Internal(what.to_owned())
}
