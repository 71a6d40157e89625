//! Re-checks of shops (rows D2, D4–D7): a rollout asks two; one is passed in time, of the other reminders go out,
//! it is missed, restricts the shop, and is passed late. That one is of a shop in Los Angeles: it has its turn in the evening
//! there, and is asked in the morning after.

use async_trait::async_trait;
use jiff::SignedDuration;
use jiff::civil::date;
use shiren_app::port::NoticeQuery;
use shiren_app::{ChangeRollout, CreateRollout, Error, PutShopZone, RolloutAct};
use shiren_core::account::actor::Actor;
use shiren_core::id::{RolloutId, SessionId};
use shiren_core::recheck::RecheckStatus;
use shiren_core::rollout::{Audience, Plan, RolloutStatus, Step};
use shiren_core::verification::program::Mode;

use crate::crash::end::Kept;
use crate::crash::house::{ANN, BEA, House, shop};
use crate::crash::life::Life;
use crate::crash::told::Told;

/// What happens to the one whose owner passes in time.
const PROMPT: [&str; 15] = [
    "shop.registered",
    "verification_session.created",
    "verification_session.processing",
    "shop.opened",
    "recheck.planned",
    "verification_session.verified",
    "recheck.asked",
    "recheck.reminded",
    "verification_session.created",
    "recheck.submitted",
    "verification_session.processing",
    "shop.recertified",
    "recheck.passed",
    "recheck.planned",
    "verification_session.verified",
];
/// To the other one.
const LATE: [&str; 18] = [
    "shop.registered",
    "verification_session.created",
    "verification_session.processing",
    "shop.opened",
    "recheck.planned",
    "verification_session.verified",
    "shop.time_zone_changed",
    "recheck.asked",
    "recheck.reminded",
    "recheck.reminded",
    "recheck.reminded",
    "recheck.restricted",
    "verification_session.created",
    "verification_session.processing",
    "shop.recertified",
    "recheck.passed",
    "recheck.planned",
    "verification_session.verified",
];
/// What is written to their owners: about which shop, what, with which number of days.
const MESSAGES: [(&str, &str, Option<u32>); 7] = [
    ("prompt", "recheck_asked", Some(10)),
    ("prompt", "recheck_reminded", Some(7)),
    ("late", "recheck_asked", Some(10)),
    ("late", "recheck_reminded", Some(1)),
    ("late", "recheck_reminded", Some(3)),
    ("late", "recheck_reminded", Some(7)),
    ("late", "recheck_restricted", None),
];

pub(super) struct RecheckLife;

#[async_trait(?Send)]
impl Life for RecheckLife {
    fn name(&self) -> &'static str {
        "recheck"
    }

    fn jobs(&self) -> &'static [&'static str] {
        &[
            "advance_clock",
            "delete_pictures",
            "deliver_webhook",
            "enrol_rollout",
            "expire_session",
            "recheck_deadline",
            "run_checks",
            "run_rollout",
            "scrub",
            "send_notice",
        ]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        let clock = house.clock("2026-03-01T04:00:00Z").await?;
        for (id, owner) in [("prompt", &ANN), ("late", &BEA)] {
            house.register(&format!("{id}/shop"), id, &clock).await?;
            house.verify(&format!("{id}/first"), &shop(id), "shop-owner", owner, None).await?;
        }
        let away = PutShopZone {
            mode: Mode::Test,
            shop: "late".to_owned(),
            time_zone: Some(
                "America/Los_Angeles".parse().map_err(|_| Error::Internal("no zone".to_owned()))?,
            ),
        };
        house.once("late/zone", away, |shop| shop.id.clone()).await?;
        let new = CreateRollout {
            mode: Mode::Test,
            clock: Some(clock.clone()),
            name: "spring".to_owned(),
            audience: Audience::Shops,
            when: "true".to_owned(),
            plan: Plan {
                steps: vec![Step { from: date(2026, 3, 6), percent: 100 }],
                capacity: 10,
                blackout: vec![(date(2026, 3, 7), date(2026, 3, 8))],
                days: 10,
            },
            by: Actor::Key("marketplace".to_owned()),
        };
        let id = house.once("rollout", new, |file| file.rollout.id.to_string()).await?;
        let id = id.parse().map_err(|_| Error::Internal("no rollout was made".to_owned()))?;
        let start = ChangeRollout {
            mode: Mode::Test,
            id,
            act: RolloutAct::Start,
            by: Actor::Key("marketplace".to_owned()),
        };
        house.once("started", start, |file| file.rollout.id.to_string()).await?;
        house.turn(&clock, "2026-03-07T04:00:00Z").await?;
        house.turn(&clock, "2026-03-10T04:00:00Z").await?;
        house.verify("prompt/again", &shop("prompt"), "shop-owner", &ANN, None).await?;
        for day in ["2026-03-14", "2026-03-17", "2026-03-20", "2026-03-25"] {
            house.turn(&clock, &format!("{day}T04:00:00Z")).await?;
        }
        house.verify("late/again", &shop("late"), "shop-owner", &BEA, None).await?;
        // Two days later no face is kept of anybody.
        house.turn(&clock, "2026-03-27T04:00:00Z").await?;
        house.pass(10, SignedDuration::from_mins(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        for id in ["prompt", "late"] {
            let status = house.app().recheck(Mode::Test, id).await?.rechecks.status();
            if status != RecheckStatus::Resting {
                wrong.push(format!("the re-check of {id} is {}", status.name()));
            }
        }
        if let Some(id) = told.answer::<RolloutId>("rollout") {
            let file = house.app().rollout(Mode::Test, &id).await?;
            if file.rollout.status != RolloutStatus::Done || file.counts.asked != 2 {
                wrong.push(format!("the rollout is {:?}, {:?}", file.rollout.status, file.counts));
            }
        }
        let accounts: [(_, &[&str]); 2] = [(shop("prompt"), &PROMPT), (shop("late"), &LATE)];
        wrong.extend(house.events_amiss(told, &accounts).await?);
        for id in ["prompt", "late"] {
            let of = NoticeQuery { shop: Some((Mode::Test, id.to_owned())), ..NoticeQuery::default() };
            let expected: Vec<_> = MESSAGES.into_iter().filter(|(shop, ..)| *shop == id).collect();
            wrong.extend(house.messages_amiss(of, &expected).await?);
        }
        let names = ["prompt/first", "late/first", "prompt/again", "late/again"];
        let sessions: Vec<SessionId> = names.iter().filter_map(|name| told.answer(name)).collect();
        wrong.extend(house.pictures_amiss(told, &sessions, Kept::WithoutFaces).await?);
        Ok(wrong)
    }
}
