//! The ban list (row A9): whose shop was closed permanently cannot open another one.
//!
//! A company is banned with its owner, by its 统一社会信用代码: another person of the same company opens no other shop.
//!
//! By identity it is exact: a blind-index tag, asked before any picture is taken and again before anything is verified.
//! By face it is a search over everybody who is banned, at the check and with no transaction open; whoever is found is a
//! candidate for a person to look at, with the false-match rate of one comparison beside it. On a list of N the chance that
//! an honest person is found is about N times that (`docs/measurements.md`, Faces).

use async_trait::async_trait;
use serde_json::{Value, json};
use shiren_core::account::actor::Actor;
use shiren_core::account::ban::{Ban, BanHappened, BanRules, Candidate, NewBan, Searched};
use shiren_core::account::shop::Shop;
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{BanId, CaseId};
use shiren_core::see::{Band, FaceTemplate, FieldKey};
use shiren_core::verification::check::Check;
use shiren_core::verification::program::{CheckKind, Method, Mode, Program};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode};
use shiren_vault::Purpose;

use crate::alike::selfie;
use crate::baseline::{opened, sealed};
use crate::by::logged;
use crate::cases::masked;
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::job::Job;
use crate::look::Looked;
use crate::person::{IDENTITY, own};
use crate::port::{BanQuery, Tx};
use crate::record::{AuditEntry, DecisionRecord, LeasedJob, Stored};
use crate::seal::Place;

/// What kind of value a company's credit code is.
const COMPANY: &str = "credit_code";
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
    /// Who does so.
    pub by: Actor,
}

/// A banned owner whom somebody resembles, as a reviewer sees them. Values are masked.
#[derive(Clone, Debug)]
pub struct BannedAlike {
    /// The ban.
    pub ban: Ban,
    /// Their name; `None` once it was deleted.
    pub name: Option<String>,
    /// Their document's number.
    pub number: Option<String>,
    /// How often two strangers look as alike: the false-match rate of one comparison, 0 to 1.
    pub fmr: f64,
    /// How often somebody who is on no list looks as alike to anybody on it, as long as it was then: 0 to 1.
    pub chance: f64,
    /// How many bans it was looked for among.
    pub searched: u32,
}

#[async_trait]
impl Command for LiftBan {
    type Done = Ban;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<Ban, Error> {
        let mut ban = ban_in(tx, self.mode, &self.id).await?;
        let app = app.on_clock(tx, ban.value.clock.as_ref()).await?;
        let happened = ban.value.lift(self.by.clone(), &self.reason, app.now())?;
        let (actor, reason) = (logged(&self.by), self.reason.trim());
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

    /// A ban of a mode, and who did what with it, oldest first.
    ///
    /// # Errors
    /// When there is none.
    pub async fn ban_file(&self, mode: Mode, id: &BanId) -> Result<(Ban, Vec<AuditEntry>), Error> {
        let mut tx = self.store.snapshot().await?;
        let ban = ban_in(tx.as_mut(), mode, id).await?.value;
        let log = tx.audit_of(id.as_str()).await?;
        Ok((ban, log))
    }

    /// What bans are imposed by now.
    pub fn ban_rules(&self) -> &BanRules {
        &self.settings.bans
    }

    /// Lists bans, newest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn bans(&self, query: &BanQuery) -> Result<Vec<Ban>, Error> {
        Ok(self.store.reader().await?.bans(query).await?)
    }

    /// Puts the owner of a shop on the list, and its company; `None` when nobody ever owned it, nothing of them is
    /// known any more, or the identity was not theirs.
    pub(crate) async fn ban_owner(
        &self,
        tx: &mut dyn Tx,
        shop: &Shop,
        penalty: &str,
    ) -> Result<Option<Ban>, Error> {
        let Some(owner) = shop.owners.last() else { return Ok(None) };
        let session = own(tx, &owner.session).await?.value;
        let person = match self.identity(tx, &session).await?.unwrap_or_default().key() {
            // Whose identity it is had nothing to do with the shop, and of whoever had nothing is known.
            _ if session.reclaimed_at.is_some() => None,
            Some(key) => Some(self.tags(IDENTITY, shop.mode, &key)),
            // Redacted: what the shop holds is its owner's and nobody else's.
            None => Some(tx.claims_of(IDENTITY, shop.mode, &account(shop)).await?).filter(|t| !t.is_empty()),
        };
        let mut tags = self.company_tags(shop);
        let mut faces = Vec::new();
        if let Some(person) = person {
            // Nobody claims the identity until this is committed: whoever waited for it finds the ban.
            tx.holder(IDENTITY, shop.mode, &person).await?;
            tags.extend(person);
            faces = self.baseline(tx, shop.mode, &owner.session).await?;
        }
        if tags.is_empty() {
            return Ok(None);
        }
        let id = BanId::new(self.world_now(), self.ten());
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
            faces: narrow(faces.len()),
        };
        let (ban, happened) = Ban::impose(new, &self.settings.bans, self.now());
        tx.insert_ban(&ban, &tags).await?;
        if let Some(until) = ban.until {
            self.enqueue(tx, Job::EndBan { ban: id }, until, None).await?;
        }
        self.tell_ban(tx, &ban, happened).await?;
        Ok(Some(ban))
    }

    /// Tags of the company of a shop; none of an individual's.
    fn company_tags(&self, shop: &Shop) -> Vec<(u32, Vec<u8>)> {
        let code = shop.company.as_ref().map(|company| company.credit_code());
        code.map(|code| self.tags(COMPANY, shop.mode, code)).unwrap_or_default()
    }

    /// Whether another shop of the company of this one was closed permanently.
    pub(crate) async fn is_company_banned(&self, tx: &mut dyn Tx, shop: &Shop) -> Result<bool, Error> {
        let (tags, now) = (self.company_tags(shop), self.now());
        Ok(!tags.is_empty() && tx.banned(shop.mode, &tags).await?.iter().any(|ban| ban.in_force(now)))
    }

    /// Whether the owner of a banned shop stands behind this identity, or a banned company behind the shop. Of shops alone: who is banned may buy.
    pub(crate) async fn is_banned(
        &self,
        tx: &mut dyn Tx,
        session: &Session,
        key: &str,
    ) -> Result<bool, Error> {
        if session.account.kind != AccountKind::Shop || session.export.is_some() {
            return Ok(false);
        }
        let tags = self.tags(IDENTITY, session.mode, key);
        // In a transaction that writes, a ban of this identity that is on its way is waited for.
        tx.holder(IDENTITY, session.mode, &tags).await?;
        let now = self.now();
        if tx.banned(session.mode, &tags).await?.iter().any(|ban| ban.in_force(now)) {
            return Ok(true);
        }
        match tx.shop(session.mode, &session.account.id).await? {
            Some(shop) => self.is_company_banned(tx, &shop.value).await,
            None => Ok(false),
        }
    }

    /// Banned owners whom the person of a session resembles, as a check that a person must look at; also when faces of another
    /// recogniser stand on the list, which cannot be searched. `None` when nobody is found, or there is no face to search by.
    pub(crate) async fn resembling(
        &self,
        session: &Session,
        program: &Program,
        method: &Method,
        looked: &Looked,
    ) -> Result<Option<Check>, Error> {
        if session.account.kind != AccountKind::Shop || session.export.is_some() {
            return Ok(None);
        }
        let Some((step, face)) = selfie(looked, method) else { return Ok(None) };
        let most = program.thresholds.max_false_match_rate;
        let (mut found, mut searched) = (Vec::new(), Searched::default());
        let mut query =
            BanQuery { mode: session.mode, shop: None, in_force: Some(true), after: None, limit: AT_ONCE };
        loop {
            let page = self.banned_faces(&query).await?;
            let count = page.len();
            query.after = page.last().map(|(ban, _)| ban.clone());
            let listed = page.iter().filter(|(_, faces)| !faces.is_empty()).count();
            let compared = self.most_alike(face.clone(), page).await?;
            searched.bans += narrow(compared.len());
            searched.not_comparable += narrow(listed - compared.len());
            let alike = compared.into_iter().filter(|(_, face)| face.band == Band::Same && face.fmr <= most);
            found.extend(alike.map(|(ban, face)| Candidate { ban, face }));
            if count < AT_ONCE as usize {
                break;
            }
        }
        let mut findings = Vec::new();
        if !found.is_empty() {
            findings.push(Finding::review(ReasonCode::FaceResemblesBanned));
        }
        if searched.not_comparable > 0 {
            findings.push(Finding::review(ReasonCode::BanListNotSearched));
        }
        if findings.is_empty() {
            return Ok(None);
        }
        found.sort_by(|a, b| b.face.score.total_cmp(&a.face.score));
        found.truncate(MOST_CANDIDATES);
        let check = Check::new(CheckKind::BanList, &[&step], findings);
        Ok(Some(Check { candidates: found, searched: Some(searched), ..check }))
    }

    /// Whom the person of a decision resembles, for whoever reviews it: masked, and that they were looked at is in the log.
    pub(crate) async fn candidates_of(
        &self,
        tx: &mut dyn Tx,
        decision: &DecisionRecord,
        (actor, case): (&str, &CaseId),
    ) -> Result<Vec<BannedAlike>, Error> {
        let checks = decision.body.get("checks").and_then(Value::as_array);
        let list = checks.into_iter().flatten().find(|check| check.get("candidates").is_some());
        let Some(list) = list else { return Ok(Vec::new()) };
        let bans = list.pointer("/searched/bans").and_then(Value::as_u64).unwrap_or_default();
        let searched = Searched { bans: u32::try_from(bans).unwrap_or(u32::MAX), not_comparable: 0 };
        let mut alike = Vec::new();
        for candidate in list.get("candidates").and_then(Value::as_array).into_iter().flatten() {
            let id = candidate.get("ban").and_then(Value::as_str).and_then(|id| id.parse::<BanId>().ok());
            let Some(id) = id else { continue };
            let Some(ban) = tx.ban(&id).await? else { continue };
            self.audit(tx, actor, "ban.viewed", id.as_str(), &format!("review of {case}")).await?;
            let owner = own(tx, &ban.value.session).await?.value;
            let identity = self.identity(tx, &owner).await?.unwrap_or_default();
            let fmr = candidate.pointer("/face/fmr").and_then(Value::as_f64).unwrap_or(1.0);
            alike.push(BannedAlike {
                ban: ban.value,
                name: identity.name().map(|name| masked(FieldKey::Name, &name)),
                number: identity.number().map(|number| masked(FieldKey::IdNumber, number)),
                fmr,
                chance: searched.chance(fmr),
                searched: searched.bans,
            });
        }
        Ok(alike)
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

fn narrow(many: usize) -> u32 {
    u32::try_from(many).unwrap_or(u32::MAX)
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
