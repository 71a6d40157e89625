//! Sub-accounts of a shop and time (part E): asked, reminded, frozen, lifted and frozen again, verified, unbound and the
//! person bound elsewhere; one that nobody verifies for; and a temporary one through its window.

use async_trait::async_trait;
use jiff::SignedDuration;
use shiren_app::port::NoticeQuery;
use shiren_app::{ChangeStaff, CreateStaff, Error, NewSubAccount, StaffAct, StaffFile};
use shiren_core::account::actor::Actor;
use shiren_core::account::staff::Role;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;

use crate::crash::end::Kept;
use crate::crash::house::{ANN, BEA, CYN, House, shop};
use crate::crash::life::Life;
use crate::crash::told::Told;

/// What happens to the one that freezes twice before Bea verifies.
const LATE: [&str; 13] = [
    "staff.created",
    "staff.asked",
    "staff.reminded",
    "staff.reminded",
    "staff.frozen",
    "staff.lifted",
    "staff.reminded",
    "staff.frozen",
    "verification_session.created",
    "staff.submitted",
    "verification_session.processing",
    "staff.verified",
    "verification_session.verified",
];
/// To the one that Cyn leaves, and that nobody verifies for afterwards.
const LEFT: [&str; 11] = [
    "staff.created",
    "verification_session.created",
    "staff.submitted",
    "verification_session.processing",
    "staff.verified",
    "verification_session.verified",
    "staff.unbound",
    "staff.asked",
    "staff.reminded",
    "staff.reminded",
    "staff.frozen",
];
/// To the one that takes her.
const TAKES: [&str; 6] = [
    "staff.created",
    "verification_session.created",
    "staff.submitted",
    "verification_session.processing",
    "staff.verified",
    "verification_session.verified",
];
/// To the temporary one.
const TEMPORARY: [&str; 3] = ["staff.created", "staff.opened", "staff.disabled"];
/// To the shop.
const SHOP: [&str; 6] = [
    "shop.registered",
    "verification_session.created",
    "verification_session.processing",
    "shop.opened",
    "recheck.planned",
    "verification_session.verified",
];

/// What is written to the owner, for nobody is bound: of which sub-account, what, with which number of hours.
const MESSAGES: [(&str, &str, Option<u32>); 10] = [
    ("late", "staff_asked", Some(168)),
    ("late", "staff_frozen", None),
    ("late", "staff_frozen", None),
    ("late", "staff_reminded", Some(24)),
    ("late", "staff_reminded", Some(24)),
    ("late", "staff_reminded", Some(72)),
    ("left", "staff_asked", Some(168)),
    ("left", "staff_frozen", None),
    ("left", "staff_reminded", Some(24)),
    ("left", "staff_reminded", Some(72)),
];

pub(super) struct StaffLife;

#[async_trait(?Send)]
impl Life for StaffLife {
    fn name(&self) -> &'static str {
        "staff"
    }

    fn jobs(&self) -> &'static [&'static str] {
        &[
            "advance_clock",
            "delete_pictures",
            "deliver_webhook",
            "expire_session",
            "run_checks",
            "scrub",
            "send_notice",
            "staff_deadline",
        ]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        let clock = house.clock("2026-10-27T04:00:00Z").await?;
        house.register("shop", "1", &clock).await?;
        house.verify("owner", &shop("1"), "shop-owner", &ANN, None).await?;
        for (id, temporary) in [("late", false), ("left", false), ("takes", false), ("temporary", true)] {
            create(house, id, temporary).await?;
        }
        change(house, "asked", "late", StaffAct::Ask).await?;
        // A turn for whatever time brings: then each has points of its own.
        for reminded in ["2026-10-31T04:00:00Z", "2026-11-02T04:00:00Z"] {
            house.turn(&clock, reminded).await?;
        }
        house.turn(&clock, "2026-11-03T04:00:00Z").await?;
        change(house, "lifted", "late", StaffAct::Lift { by: Actor::Owner }).await?;
        house.turn(&clock, "2026-11-06T04:00:00Z").await?;
        house.verify("bea", &staff("late"), "staff", &BEA, None).await?;
        house.verify("cyn", &staff("left"), "staff", &CYN, None).await?;
        house.turn(&clock, "2026-11-07T04:00:00Z").await?;
        change(house, "unbound", "left", StaffAct::Unbind { by: Actor::Owner }).await?;
        house.verify("cyn-again", &staff("takes"), "staff", &CYN, None).await?;
        for day in ["2026-11-11", "2026-11-13", "2026-11-14", "2026-12-01", "2026-12-31"] {
            house.turn(&clock, &format!("{day}T04:00:00Z")).await?;
        }
        house.pass(10, SignedDuration::from_mins(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let mut wrong = Vec::new();
        for (id, standing) in
            [("late", "verified"), ("left", "frozen"), ("takes", "verified"), ("temporary", "disabled")]
        {
            let StaffFile { staff, .. } = house.app().staff(Mode::Test, id).await?;
            if staff.standing.name() != standing {
                wrong.push(format!("{id} is {}", staff.standing.name()));
            }
        }
        // Who was bound when: one after the other, and Cyn nowhere twice at once.
        let session = |name| told.answer::<SessionId>(name);
        for (id, name, ends) in [("late", "bea", false), ("left", "cyn", true), ("takes", "cyn-again", false)]
        {
            let bindings = house.app().staff(Mode::Test, id).await?.staff.bindings;
            let is = |b: &shiren_core::account::staff::Binding| {
                Some(&b.session) == session(name).as_ref() && b.ended.is_some() == ends
            };
            if bindings.len() != 1 || !bindings.iter().all(is) {
                wrong.push(format!("bound to {id}: {bindings:?}"));
            }
        }
        let accounts: [(Account, &[&str]); 5] = [
            (shop("1"), &SHOP),
            (staff("late"), &LATE),
            (staff("left"), &LEFT),
            (staff("takes"), &TAKES),
            (staff("temporary"), &TEMPORARY),
        ];
        wrong.extend(house.events_amiss(told, &accounts).await?);
        let shop = NoticeQuery { shop: Some((Mode::Test, "1".to_owned())), ..NoticeQuery::default() };
        wrong.extend(house.messages_amiss(shop, &MESSAGES).await?);
        let names = ["owner", "bea", "cyn", "cyn-again"];
        let sessions: Vec<SessionId> = names.into_iter().filter_map(session).collect();
        wrong.extend(house.pictures_amiss(told, &sessions, Kept::NoMore).await?);
        Ok(wrong)
    }
}

fn staff(id: &str) -> Account {
    Account { kind: AccountKind::Staff, id: id.to_owned() }
}

async fn create(house: &House, id: &str, temporary: bool) -> Result<(), Error> {
    let new = NewSubAccount {
        id: id.to_owned(),
        name: "客服小王".to_owned(),
        role: Role::CustomerService,
        temporary,
    };
    let create = CreateStaff { mode: Mode::Test, shop: "1".to_owned(), new };
    house.once(id, create, standing).await.map(drop)
}

async fn change(house: &House, name: &str, id: &str, act: StaffAct) -> Result<(), Error> {
    house.once(name, ChangeStaff { mode: Mode::Test, id: id.to_owned(), act }, standing).await.map(drop)
}

/// Where it stands, in words that a second answer must repeat.
fn standing(file: &StaffFile) -> String {
    file.staff.standing.name().to_owned()
}
