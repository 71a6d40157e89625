//! What happened to the marketplace, day by day.

use std::time::Duration;

use jiff::SignedDuration;
use shiren_app::record::{Channel, Role};
use shiren_app::{
    AdvanceClock, App, AskRecheck, ChangeStaff, CloseShop, CompleteAfterSales, CreateAfterSales, CreateClock,
    CreateStaff, CreatedAfterSales, DecideAfterSales, Error, MoveDeposit, NewSubAccount, PenaliseShop,
    RegisterShop, SendLink, StaffAct, SubmitAfterSales, TakeAfterSales, Turn, WithdrawAfterSales,
};
use shiren_core::account::AccountKind;
use shiren_core::account::actor::Actor;
use shiren_core::account::shop::{NewPenalty, PenaltyKind};
use shiren_core::account::staff::Role as Post;
use shiren_core::aftersales::{Ground, Kind, Verdict as Answer};
use shiren_core::deposit::Movement;
use shiren_core::id::{AfterSalesId, ClockId, SessionId};
use shiren_core::review::{Reviewer, Verdict};
use shiren_core::verification::program::Mode;

use super::people::{Faces, approve, verify, work};

/// The shops, in the order in which they were registered.
pub(super) const SHOPS: [&str; 7] = [
    "harbour-tea",
    "lucky-phones",
    "bright-shoes",
    "green-books",
    "quiet-lamps",
    "new-toys",
    "lucky-mobiles",
];
const TEA: &str = SHOPS[0];
const PHONES: &str = SHOPS[1];
const SHOES: &str = SHOPS[2];
const BOOKS: &str = SHOPS[3];
const LAMPS: &str = SHOPS[4];
const TOYS: &str = SHOPS[5];
const MOBILES: &str = SHOPS[6];

/// So many days of the past are told.
const DAYS: i64 = 200;

/// What is being told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Shops,
    Penalties,
    Staff,
    Buyers,
    Time,
}

/// What can be opened now.
pub(super) struct Told {
    pub(super) clock: ClockId,
    /// Login and password of each.
    pub(super) reviewers: Vec<(String, String)>,
    /// Of a request that its buyer has not handed in.
    pub(super) link_secret: String,
}

struct Teller<'a> {
    app: &'a App,
    faces: &'a Faces,
    clock: ClockId,
    reviewers: Vec<Reviewer>,
    logins: Vec<(String, String)>,
}

/// Lets it happen.
pub(super) async fn tell(app: &App, faces: &Faces, step: &impl Fn(Step)) -> Result<Told, Error> {
    let begun = app.now().saturating_sub(SignedDuration::from_hours(24 * DAYS)).unwrap_or(app.now());
    let made = CreateClock { mode: Mode::Test, name: "shiren demo".to_owned(), now: Some(begun) };
    let clock = app.run(made).await?.id;
    let mut teller = Teller { app, faces, clock, reviewers: Vec::new(), logins: Vec::new() };
    for (login, role) in [("demo-lin", Role::Reviewer), ("demo-zhao", Role::Admin)] {
        let password = app.pass_phrase();
        let user = app.create_user(login, &password, role).await?;
        teller.reviewers.push(Reviewer::User(user.id));
        teller.logins.push((login.to_owned(), password));
    }
    step(Step::Shops);
    teller.shops().await?;
    step(Step::Penalties);
    teller.penalties().await?;
    step(Step::Staff);
    teller.staff().await?;
    step(Step::Buyers);
    let link_secret = teller.buyers().await?;
    step(Step::Time);
    teller.the_last_days().await?;
    Ok(Told { clock: teller.clock, reviewers: teller.logins, link_secret })
}

impl Teller<'_> {
    /// Day 0: shops are registered, two of them verified; deposits are paid.
    async fn shops(&self) -> Result<(), Error> {
        for shop in [TEA, PHONES, SHOES, BOOKS, LAMPS, TOYS] {
            self.register(shop).await?;
        }
        self.owner(TEA, &self.faces.first).await?;
        self.owner(PHONES, &self.faces.second).await?;
        for (shop, cents) in [(TEA, 100_000), (PHONES, 2_000_000), (LAMPS, 100_000)] {
            self.pays(shop, cents).await?;
        }
        Ok(())
    }

    /// Days 40 to 170: a warning, a ban, two more shops, a closure for now, and one that its owner closes.
    async fn penalties(&self) -> Result<(), Error> {
        self.until_day(40).await?;
        let late = ("late-delivery", "Twelve orders left after their promised day.");
        self.penalty(PHONES, PenaltyKind::Warning, late, 20_000).await?;
        let compensation = MoveDeposit {
            mode: Mode::Test,
            shop: PHONES.to_owned(),
            movement: Movement::Compensation,
            reference: "dispute-31".to_owned(),
            cents: 129_900,
            by: by(),
        };
        self.app.run(compensation).await?;
        self.until_day(60).await?;
        let fake = ("counterfeit-goods", "Three buyers proved that the goods are counterfeit.");
        self.penalty(PHONES, PenaltyKind::PermanentClosure, fake, 300_000).await?;
        self.until_day(130).await?;
        for shop in [SHOES, BOOKS] {
            self.owner(shop, &self.faces.first).await?;
        }
        self.pays(SHOES, 100_000).await?;
        self.pays(BOOKS, 2_000_000).await?;
        self.until_day(165).await?;
        let mislabelled = ("mislabelled-goods", "The size on the box is not that of the shoes.");
        self.penalty(SHOES, PenaltyKind::TemporaryClosure, mislabelled, 10_000).await?;
        let (shop, reference) = (LAMPS.to_owned(), "refund-quiet-lamps".to_owned());
        self.app.run(CloseShop { mode: Mode::Test, shop, reference, by: by() }).await?;
        Ok(())
    }

    /// Days 170 to 185: sub-accounts; those that are asked now are frozen a week later.
    async fn staff(&self) -> Result<(), Error> {
        self.until_day(170).await?;
        let posts = [
            ("books-1", "客服小满", Post::CustomerService),
            ("books-2", "运营谷雨", Post::Operations),
            ("books-3", "客服立夏", Post::CustomerService),
            ("books-4", "财务秋分", Post::Finance),
            ("books-5", "仓库冬至", Post::Warehouse),
            ("books-6", "店长白露", Post::Manager),
        ];
        for (id, name, role) in posts {
            let new = NewSubAccount { id: id.into(), name: name.into(), role, temporary: false };
            self.app.run(CreateStaff { mode: Mode::Test, shop: BOOKS.into(), new }).await?;
        }
        // In the end 1 is verified, 2 frozen, 3 lifted, 4 asked, 5 removed; 6 nobody asked.
        self.act("books-1", StaffAct::Ask).await?;
        let phone = Some("13800000001");
        let first = &self.faces.first;
        let session = verify(self.app, "staff", (AccountKind::Staff, "books-1"), first, phone).await?;
        approve(self.app, &session, &self.reviewers).await?;
        self.act("books-5", StaffAct::Remove { by: Actor::Owner }).await?;
        self.until_day(185).await?;
        self.act("books-2", StaffAct::Ask).await?;
        self.act("books-3", StaffAct::Ask).await
    }

    /// After-sales requests in every state; gives the link of one that is a draft.
    async fn buyers(&self) -> Result<String, Error> {
        self.until_day(188).await?;
        let buyer = (AccountKind::Buyer, "buyer-7");
        let session = verify(self.app, "buyer", buyer, &self.faces.first, None).await?;
        approve(self.app, &session, &self.reviewers).await?;
        let done = self.hands_in(Kind::Refund, 4_900, "order-1001").await?;
        self.answers(&done, Answer::Accept, Ground::Shown, None).await?;
        self.app.run(CompleteAfterSales { mode: Mode::Test, id: done }).await?;
        let refused = self.hands_in(Kind::Complaint, 0, "order-1002").await?;
        self.answers(&refused, Answer::Reject, Ground::NotCovered, Some("物流投诉请联系承运商。")).await?;
        // Closed a week later, because nothing comes; and one that nobody looks at in time.
        let silent = self.hands_in(Kind::Refund, 25_900, "order-1003").await?;
        self.answers(&silent, Answer::MoreNeeded, Ground::Unclear, Some("请补一张书角的近照。")).await?;
        self.hands_in(Kind::Refund, 39_900, "order-1004").await?;
        self.until_day(199).await?;
        self.act("books-3", StaffAct::Lift { by: Actor::Owner }).await?;
        self.act("books-4", StaffAct::Ask).await?;
        let asked = self.hands_in(Kind::Refund, 12_800, "order-1005").await?;
        self.answers(&asked, Answer::MoreNeeded, Ground::Unclear, Some("请写一下是哪一本。")).await?;
        let accepted = self.hands_in(Kind::Refund, 8_800, "order-1006").await?;
        self.answers(&accepted, Answer::Accept, Ground::Shown, None).await?;
        let id = self.hands_in(Kind::Complaint, 0, "order-1007").await?;
        let by = self.reviewers[0].clone();
        self.app.run(TakeAfterSales { mode: None, id, by }).await?;
        self.hands_in(Kind::Refund, 5_900, "order-1008").await?;
        let id = self.hands_in(Kind::Refund, 3_900, "order-1009").await?;
        self.app.run(WithdrawAfterSales { mode: None, id }).await?;
        // Somebody who was never verified, and somebody who has only begun.
        let id = self.asks("buyer-8", Kind::Refund, 66_600, "order-1010").await?.request.id;
        self.app.run(SubmitAfterSales { mode: None, id }).await?;
        Ok(self.asks("buyer-9", Kind::Return, 15_900, "order-1011").await?.link_secret)
    }

    /// A request of the buyer who was verified, submitted.
    async fn hands_in(&self, kind: Kind, cents: i64, order: &str) -> Result<AfterSalesId, Error> {
        let id = self.asks("buyer-7", kind, cents, order).await?.request.id;
        self.app.run(SubmitAfterSales { mode: Some(Mode::Test), id: id.clone() }).await?;
        Ok(id)
    }

    /// Until today: a re-check before an action, and somebody who looks like the banned owner.
    async fn the_last_days(&self) -> Result<(), Error> {
        self.until_day(DAYS).await?;
        self.register(MOBILES).await?;
        let session = self.verified(MOBILES, &self.faces.second).await?;
        // One reviewer has said what they make of it; it waits for the other one.
        let (session, _) = self.app.session(Mode::Test, &session).await?;
        if let Some(case) = &session.case {
            let note = "demo: another person than the banned owner, by the names";
            let by = self.reviewers[0].clone();
            self.app.decide_case(Some(Mode::Test), case, Verdict::Approve, note, by).await?;
        }
        let (shop, action) = (BOOKS.to_owned(), "live:room-7".to_owned());
        self.app.run(AskRecheck { mode: Mode::Test, shop, action, by: by() }).await?;
        self.reminder(TOYS).await?;
        work(self.app).await
    }

    /// A session that waits for its person, and the letter that brings them back to it.
    async fn reminder(&self, shop: &str) -> Result<(), Error> {
        let asked = shiren_app::CreateSession {
            action: None,
            account_assertion: false,
            mode: Mode::Test,
            program: "shop-owner".to_owned(),
            account: shiren_core::account::Account { kind: AccountKind::Shop, id: shop.to_owned() },
            clock: None,
            return_url: None,
            metadata: Default::default(),
            contact: shiren_app::Contact { email: Some(format!("{shop}@example.com")), phone: None },
        };
        let id = self.app.run(asked).await?.session.id;
        let language = "zh".to_owned();
        let by = "demo".to_owned();
        self.app.run(SendLink { mode: Some(Mode::Test), id, channel: Channel::Email, language, by }).await?;
        Ok(())
    }

    async fn register(&self, shop: &str) -> Result<(), Error> {
        let (id, shop_type, clock) = (shop.to_owned(), "c2c".to_owned(), Some(self.clock.clone()));
        self.app
            .run(RegisterShop { mode: Mode::Test, id, shop_type, clock, company: None, time_zone: None })
            .await
            .map(drop)
    }

    async fn verified(&self, shop: &str, face: &[u8]) -> Result<SessionId, Error> {
        verify(self.app, "shop-owner", (AccountKind::Shop, shop), face, None).await
    }

    /// An owner who passes, by people where the checks want people.
    async fn owner(&self, shop: &str, face: &[u8]) -> Result<(), Error> {
        let session = self.verified(shop, face).await?;
        approve(self.app, &session, &self.reviewers).await
    }

    async fn pays(&self, shop: &str, cents: i64) -> Result<(), Error> {
        let (shop, reference) = (shop.to_owned(), format!("payment-{shop}"));
        let movement = Movement::Payment;
        let paid = MoveDeposit { mode: Mode::Test, shop, movement, reference, cents, by: by() };
        self.app.run(paid).await.map(drop)
    }

    async fn penalty(
        &self,
        shop: &str,
        kind: PenaltyKind,
        (violation, reason): (&str, &str),
        deduct_cents: i64,
    ) -> Result<(), Error> {
        let new = NewPenalty {
            reference: format!("{shop}-{violation}"),
            kind,
            violation: violation.to_owned(),
            reason: reason.to_owned(),
        };
        let refund_reference = Some(format!("refund-{shop}"));
        let (mode, shop, by) = (Mode::Test, shop.to_owned(), by());
        self.app.run(PenaliseShop { mode, shop, new, deduct_cents, refund_reference, by }).await.map(drop)
    }

    async fn act(&self, id: &str, act: StaffAct) -> Result<(), Error> {
        self.app.run(ChangeStaff { mode: Mode::Test, id: id.to_owned(), act }).await.map(drop)
    }

    async fn asks(
        &self,
        buyer: &str,
        kind: Kind,
        amount_cents: i64,
        order: &str,
    ) -> Result<CreatedAfterSales, Error> {
        let new = CreateAfterSales {
            mode: Mode::Test,
            buyer: buyer.to_owned(),
            order: order.to_owned(),
            kind,
            amount_cents,
            currency: "CNY".to_owned(),
            text: Some("收到时包装是开的，里面的书角折了。".to_owned()),
            clock: Some(self.clock.clone()),
        };
        self.app.run(new).await
    }

    async fn answers(
        &self,
        id: &AfterSalesId,
        verdict: Answer,
        ground: Ground,
        message: Option<&str>,
    ) -> Result<(), Error> {
        let decide = DecideAfterSales {
            mode: Some(Mode::Test),
            id: id.clone(),
            verdict,
            ground,
            message: message.map(str::to_owned),
            version: None,
            by: self.reviewers[0].clone(),
        };
        self.app.run(decide).await.map(drop)
    }

    /// Turns the clock to a day of the story; every deadline on the way fires at its own moment.
    async fn until_day(&self, day: i64) -> Result<(), Error> {
        let now = self.app.test_clock(Mode::Test, &self.clock).await?.now;
        let begun = self.app.world_now().saturating_sub(SignedDuration::from_hours(24 * DAYS));
        let begun = begun.unwrap_or(now);
        let to = begun.saturating_add(SignedDuration::from_hours(24 * day)).unwrap_or(now).max(now);
        let turn = Turn::To(to);
        self.app.run(AdvanceClock { mode: Mode::Test, id: self.clock.clone(), turn }).await?;
        while self.app.test_clock(Mode::Test, &self.clock).await?.is_advancing() {
            work(self.app).await?;
            // The clock looks again by itself while released jobs run.
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }
}

/// Who tells the story, in the log.
fn by() -> Actor {
    Actor::Key("demo".to_owned())
}
