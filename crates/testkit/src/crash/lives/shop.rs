//! A shop with a deposit: registered, verified, paid for under idempotency keys, penalised, verified again, a buyer
//! compensated, and closed with what is left given back (rows A7, A8, D11).

use async_trait::async_trait;
use jiff::SignedDuration;
use shiren_app::port::NoticeQuery;
use shiren_app::{CloseShop, Deposit, Error, MoveDeposit, PenaliseShop, Settings};
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{NewPenalty, PenaltyKind, ShopStatus};
use shiren_core::deposit::{LedgerAccount, Movement};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;

use crate::crash::end::Kept;
use crate::crash::house::{ANN, House, shop};
use crate::crash::life::Life;
use crate::crash::told::Told;

/// What moves money by itself, in order: reference and cents.
const MOVED: [(Movement, &str, i64); 3] = [
    (Movement::Payment, "p1", 10_000),
    (Movement::Payment, "p2", 2_345),
    (Movement::Compensation, "dispute", 2_500),
];

const EVENTS: [&str; 19] = [
    "shop.registered",
    "verification_session.created",
    "verification_session.processing",
    "shop.opened",
    "recheck.planned",
    "verification_session.verified",
    "deposit.paid",
    "deposit.paid",
    "deposit.compensated",
    "shop.temporarily_closed",
    "deposit.deducted",
    "verification_session.created",
    "verification_session.processing",
    "shop.restored",
    "recheck.passed",
    "recheck.planned",
    "verification_session.verified",
    "deposit.refunded",
    "shop.closed",
];

pub(super) struct ShopLife;

#[async_trait(?Send)]
impl Life for ShopLife {
    fn name(&self) -> &'static str {
        "shop"
    }

    /// No check is drawn after a penalty: on which day is chance.
    fn settings(&self, settings: &mut Settings) {
        settings.rechecks.threshold = u32::MAX;
    }

    fn jobs(&self) -> &'static [&'static str] {
        &["advance_clock", "deliver_webhook", "expire_session", "run_checks", "scrub", "send_notice"]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        let clock = house.clock("2026-09-01T04:00:00Z").await?;
        house.register("shop", "1", &clock).await?;
        house.verify("first", &shop("1"), "shop-owner", &ANN, None).await?;
        for (movement, reference, cents) in MOVED {
            // The second one knows the first one by its reference, whatever its key.
            for key in ["", "/again"] {
                let to = MoveDeposit {
                    mode: Mode::Test,
                    shop: "1".to_owned(),
                    movement,
                    reference: reference.to_owned(),
                    cents,
                    by: Actor::Key("marketplace".to_owned()),
                };
                house.once(&format!("{reference}{key}"), to, held).await?;
            }
        }
        let penalty = PenaliseShop {
            mode: Mode::Test,
            shop: "1".to_owned(),
            new: NewPenalty {
                reference: "penalty".to_owned(),
                kind: PenaltyKind::TemporaryClosure,
                violation: "counterfeit".to_owned(),
                reason: "counterfeit goods".to_owned(),
            },
            deduct_cents: 1_000,
            refund_reference: None,
            by: Actor::Key("marketplace".to_owned()),
        };
        house.once("penalty", penalty, |done| done.shop.status().name().to_owned()).await?;
        house.turn(&clock, "2026-09-02T00:00:00Z").await?;
        house.verify("second", &shop("1"), "shop-owner", &ANN, None).await?;
        let close = CloseShop {
            mode: Mode::Test,
            shop: "1".to_owned(),
            reference: "r1".to_owned(),
            by: Actor::Owner,
        };
        house.once("closed", close, held).await?;
        house.pass(10, SignedDuration::from_mins(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        let Deposit { shop: kept, ledger } = house.app().deposit(Mode::Test, "1").await?;
        if kept.status() != ShopStatus::Closed {
            wrong.push(format!("the shop is {}", kept.status().name()));
        }
        if let Err(error) = ledger.reconcile() {
            wrong.push(error.to_string());
        }
        let entries: Vec<_> =
            ledger.entries().iter().map(|e| (e.movement, e.reference.as_str(), e.cents)).collect();
        let last = [(Movement::Deduction, "penalty", 1_000), (Movement::Refund, "r1", 8_845)];
        if !entries.iter().eq(MOVED.iter().chain(&last)) || ledger.balance(LedgerAccount::Held) != 0 {
            wrong.push(format!("the ledger has {entries:?}"));
        }
        wrong.extend(house.events_amiss(told, &[(shop("1"), &EVENTS)]).await?);
        let shop = NoticeQuery { shop: Some((Mode::Test, "1".to_owned())), ..NoticeQuery::default() };
        wrong.extend(house.messages_amiss(shop, &[("1", "shop_closed_for_now", None)]).await?);
        let sessions: Vec<SessionId> = ["first", "second"].iter().filter_map(|s| told.answer(s)).collect();
        wrong.extend(house.pictures_amiss(told, &sessions, Kept::Still).await?);
        Ok(wrong)
    }
}

/// What is held, in words that a second answer must repeat.
fn held(done: &Deposit) -> String {
    done.ledger.balance(LedgerAccount::Held).to_string()
}
