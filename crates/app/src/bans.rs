//! The ban list (row A9): whose shop was closed permanently cannot open another one.
//!
//! By identity it is exact: a blind-index tag, asked before any picture is taken and again before anything is verified.
//! By face it is a search over everybody who is banned, at the check and with no transaction open; whoever is found is a
//! candidate for a person to look at, with the false-match rate of one comparison beside it. On a list of N the chance that
//! an honest person is found is about N times that (`docs/measurements.md`, Faces).

use async_trait::async_trait;
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::ban::{Ban, BanHappened, Candidate, NewBan};
use shiren_core::account::shop::Shop;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::BanId;
use shiren_core::see::{Band, FaceTemplate};
use shiren_core::verification::check::Check;
use shiren_core::verification::program::{CheckKind, Method, Mode, Program};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode};
use shiren_vault::Purpose;

use crate::alike::selfie;
use crate::baseline::{opened, sealed};
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::look::Looked;
use crate::person::{IDENTITY, identity_value, own};
use crate::port::{BanQuery, Tx};
use crate::record::{LeasedJob, Stored};
use crate::seal::Place;

/// Bans whose faces are in memory at once.
const AT_ONCE: u32 = 100;
/// Most candidates that a reviewer is shown, the most alike first.
const MOST_CANDIDATES: usize = 10;

/// Lifts a ban. Who did so and why stays known.
#[derive(Clone, Debug)]
pub struct LiftBan {
    /// In which mode it must be.
    pub mode: Mode,
    /// Which.
    pub id: BanId,
    /// Why.
    pub reason: String,
    /// The name of the API key that does so.
    pub by: String,
}

#[async_trait]
impl Command for LiftBan {
    type Done = Ban;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Ban, Error> {
        let mut ban = ban_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, ban.value.clock.as_ref()).await?;
        let happened = ban.value.lift(Actor::Key(self.by.clone()), &self.reason, app.now())?;
        let (actor, reason) = (format!("key:{}", self.by), self.reason.trim());
        app.audit(tx, &actor, "ban.lifted", self.id.as_str(), reason).await?;
        app.end_ban(tx, &ban, happened).await?;
        Ok(ban.value)
    }
}

impl App {
    /// A ban of a mode.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ban(&self, mode: Mode, id: &BanId) -> Result<Ban, Error> {
        Ok(ban_in(self.store.reader().await?.as_mut(), mode, id).await?.value)
    }

    /// Lists bans, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bans(&self, query: &BanQuery) -> Result<Vec<Ban>, Error> {
        Ok(self.store.reader().await?.bans(query).await?)
    }

    /// Puts the owner of a shop on the list; `None` when nobody ever owned it, or nothing of them is known any more.
    pub(crate) async fn ban_owner(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        penalty: &str,
    ) -> Result<Option<Ban>, Error> {
        let Some(owner) = shop.owners.last() else { return Ok(None) };
        let session = own(tx, &owner.session).await?.value;
        let tags = match self.identity(tx, &session).await?.unwrap_or_default().number() {
            Some(number) => self.tags(IDENTITY, shop.mode, &identity_value(number)),
            // Redacted: what the shop holds is its owner's and nobody else's.
            None => tx.claims_of(IDENTITY, shop.mode, &account(shop)).await?,
        };
        if tags.is_empty() {
            return Ok(None);
        }
        // Nobody claims the identity until this is committed: whoever waited for it finds the ban.
        tx.holder(IDENTITY, shop.mode, &tags).await?;
        let id = BanId::new(self.world_now(), self.ten());
        let faces = self.baseline(tx, shop.mode, &owner.session).await?;
        for (n, face) in faces.iter().enumerate() {
            let name = face_name(n);
            self.put_sealed(tx, &place(shop.mode, &id, &name), &sealed(face)?).await?;
        }
        let new = NewBan {
            id: id.clone(),
            mode: shop.mode,
            clock: shop.clock.clone(),
            shop: shop.id.clone(),
            penalty: penalty.to_owned(),
            session: owner.session.clone(),
            faces: u32::try_from(faces.len()).unwrap_or(u32::MAX),
        };
        let (ban, happened) = Ban::impose(new, &self.settings.bans, self.now());
        tx.insert_ban(&ban, &tags).await?;
        if let Some(until) = ban.until {
            self.enqueue(tx, Job::EndBan { ban: id }, until, None).await?;
        }
        self.tell_ban(tx, &ban, happened).await?;
        Ok(Some(ban))
    }

    /// Whether the owner of a banned shop stands behind this number. Of shops alone: who is banned may buy.
    pub(crate) async fn is_banned(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        number: &str,
    ) -> Result<bool, Error> {
        if session.account.kind != AccountKind::Shop {
            return Ok(false);
        }
        let tags = self.tags(IDENTITY, session.mode, &identity_value(number));
        // In a transaction that writes, a ban of this identity that is on its way is waited for.
        tx.holder(IDENTITY, session.mode, &tags).await?;
        let now = self.now();
        Ok(tx.banned(session.mode, &tags).await?.iter().any(|ban| ban.in_force(now)))
    }

    /// Banned owners whom the person of a session resembles, as a check that a person must look at; `None` when nobody is
    /// found, or there is no face to search by.
    pub(crate) async fn resembling(
        &self,
        session: &Session,
        program: &Program,
        method: &Method,
        looked: &Looked,
    ) -> Result<Option<Check>, Error> {
        if session.account.kind != AccountKind::Shop {
            return Ok(None);
        }
        let Some((step, face)) = selfie(looked, method) else { return Ok(None) };
        let most = program.thresholds.max_false_match_rate;
        let mut found = Vec::new();
        let mut query = BanQuery { mode: session.mode, in_force: Some(true), after: None, limit: AT_ONCE };
        loop {
            let page = self.banned_faces(&query).await?;
            let count = page.len();
            query.after = page.last().map(|(ban, _)| ban.clone());
            let alike = self.most_alike(face.clone(), page).await?.into_iter();
            let alike = alike.filter(|(_, face)| face.band == Band::Same && face.fmr <= most);
            found.extend(alike.map(|(ban, face)| Candidate { ban, face }));
            if count < AT_ONCE as usize {
                break;
            }
        }
        if found.is_empty() {
            return Ok(None);
        }
        found.sort_by(|a, b| b.face.score.total_cmp(&a.face.score));
        found.truncate(MOST_CANDIDATES);
        let finding = Finding::review(ReasonCode::FaceResemblesBanned);
        Ok(Some(Check { candidates: found, ..Check::new(CheckKind::BanList, &[&step], vec![finding]) }))
    }

    async fn banned_faces(&self, query: &BanQuery) -> Result<Vec<(BanId, Vec<FaceTemplate>)>, Error> {
        let mut tx = self.store.snapshot().await?;
        let mut page = Vec::new();
        for ban in tx.bans(query).await? {
            let mut faces = Vec::new();
            if ban.in_force(self.now()) {
                for n in 0..ban.faces as usize {
                    let name = face_name(n);
                    let plain = self.open_sealed(tx.as_mut(), &place(ban.mode, &ban.id, &name)).await?;
                    faces.extend(plain.map(|p| opened(&p)).transpose()?);
                }
            }
            page.push((ban.id, faces));
        }
        Ok(page)
    }

    /// Lets a ban's term end, and ends the job with it. Too early or done before, it changes nothing.
    pub(crate) async fn ban_term(&self, id: &BanId, job: &LeasedJob) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if tx.finish(job).await?.is_err() {
            return Ok(());
        }
        let mut ban = tx.ban(id).await?.ok_or(Error::NotFound("ban"))?;
        if let Some(happened) = ban.value.tick(self.now()) {
            self.end_ban(tx.as_mut(), &ban, happened).await?;
        }
        tx.commit().await?;
        self.bell.notify_one();
        Ok(())
    }

    /// A ban that ended leaves no tag and no face behind.
    async fn end_ban(&self, tx: &mut dyn Tx, ban: &Stored<Ban>, happened: BanHappened) -> Result<(), Error> {
        tx.save_ban(ban).await?;
        tx.forget_ban_tags(&ban.value.id).await?;
        self.shred(tx, ban.value.id.as_str(), &[Purpose::Face]).await?;
        self.tell_ban(tx, &ban.value, happened).await
    }

    async fn tell_ban(&self, tx: &mut dyn Tx, ban: &Ban, what: BanHappened) -> Result<(), Error> {
        let account = Account { kind: AccountKind::Shop, id: ban.shop.clone() };
        let at = ban.ended.as_ref().map_or(ban.since, |(at, _)| *at);
        let data = json!({
            "id": ban.id, "shop": ban.shop, "penalty": ban.penalty, "until": ban.until,
            "legal_basis": ban.legal_basis,
        });
        self.append_at(tx, ban.mode, what.name(), &account, (ban.id.as_str(), at), data).await
    }
}

fn account(shop: &Shop) -> Account {
    Account { kind: AccountKind::Shop, id: shop.id.clone() }
}

fn face_name(n: usize) -> String {
    format!("template/{n}")
}

fn place<'a>(mode: Mode, id: &'a BanId, name: &'a str) -> Place<'a> {
    Place { mode, owner: id.as_str(), purpose: Purpose::Face, name }
}

async fn ban_in(tx: &mut dyn Tx, mode: Mode, id: &BanId) -> Result<Stored<Ban>, Error> {
    tx.ban(id).await?.filter(|ban| ban.value.mode == mode).ok_or(Error::NotFound("ban"))
}
