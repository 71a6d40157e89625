//! The gate's rules: changed in versions, kept ready in memory, and tried on what was asked before.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::json;
use shiren_core::account::actor::Actor;
use shiren_core::account::{Account, AccountKind};
use shiren_core::gate::dry_run::{DryRun, dry_run};
use shiren_core::gate::{Draft, RuleSet};
use shiren_core::verification::program::Mode;

use crate::by::{logged, way};
use crate::command::Command;
use crate::context::App;
use crate::error::Error;
use crate::event::GATE_RULES_CHANGED;
use crate::port::Tx;
use crate::record::GateRulesRecord;
use crate::sessions::invalid;

/// For so long rules are believed unasked. What another process changes is asked here after it; what this one changes, at
/// once.
const BELIEVED: SignedDuration = SignedDuration::from_secs(1);
/// Most requests that a draft is tried on: the newest.
const MOST_TRIED: u32 = 10_000;
/// For so many days it is kept what was asked.
pub const GATE_REQUEST_DAYS: u32 = 30;

/// Rules that are asked, and their version.
#[derive(Debug)]
pub(crate) struct InForce {
    pub(crate) version: i64,
    pub(crate) rules: RuleSet,
}

/// The rules of each mode, and when that was read.
#[derive(Default)]
pub(crate) struct GateRules(RwLock<HashMap<Mode, (Arc<InForce>, Timestamp)>>);

impl GateRules {
    fn find(&self, mode: Mode) -> Option<(Arc<InForce>, Timestamp)> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&mode).cloned()
    }

    fn keep(&self, mode: Mode, rules: &Arc<InForce>, read: Timestamp) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(mode, (Arc::clone(rules), read));
    }

    fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Changes the gate's rules. They are asked from then on; by other processes a second later.
#[derive(Clone, Debug)]
pub struct PutGateRules {
    /// Test or live.
    pub mode: Mode,
    /// The version that was looked at; 0 for the rules that come with the product.
    pub version: i64,
    /// The rules.
    pub rules: Arc<RuleSet>,
    /// Who does so.
    pub by: Actor,
}

/// A version of the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateRulesFile {
    /// From 1; 0 for those that come with the product.
    pub version: i64,
    /// The rules.
    pub draft: Draft,
    /// Since when, and by the API key of which name, or `user:` and the id of who works at the console; `None` for those
    /// that come with the product.
    pub changed: Option<(Timestamp, String)>,
}

/// What a draft would have meant, and for how many requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTried {
    /// What it would have meant.
    pub run: DryRun,
    /// There were more requests: the oldest were left out.
    pub more: bool,
    /// When the oldest of them was asked.
    pub since: Option<Timestamp>,
    /// With which version of the rules it was compared.
    pub version: i64,
}

#[async_trait]
impl Command for PutGateRules {
    type Done = GateRulesFile;

    async fn perform(self, app: &App, tx: &mut dyn Tx) -> Result<GateRulesFile, Error> {
        app.programs_exist(&self.rules)?;
        let newest = tx.gate_rules(self.mode, None).await?.map_or(0, |rules| rules.version);
        if newest != self.version {
            return Err(Error::Stale(newest));
        }
        let record = GateRulesRecord {
            mode: self.mode,
            version: newest + 1,
            at: app.world_now(),
            by: match &self.by {
                Actor::Key(name) => name.clone(),
                other => logged(other),
            },
            draft: self.rules.draft().clone(),
        };
        tx.insert_gate_rules(&record).await?;
        let object = format!("gate_rules:{}:{}", self.mode, record.version);
        app.audit(tx, &logged(&self.by), "gate_rules.changed", &object, way(&self.by)).await?;
        let account = Account { kind: AccountKind::Platform, id: "gate".to_owned() };
        let data = json!({ "version": record.version, "by": record.by });
        app.append(tx, self.mode, GATE_RULES_CHANGED, &account, &object, data).await?;
        Ok(record.into())
    }
}

impl From<GateRulesRecord> for GateRulesFile {
    fn from(record: GateRulesRecord) -> Self {
        Self { version: record.version, draft: record.draft, changed: Some((record.at, record.by)) }
    }
}

impl App {
    /// Makes draft rules ready; nothing is kept.
    ///
    /// # Errors
    /// What is wrong with them.
    pub async fn ready_gate_rules(&self, draft: Draft) -> Result<Arc<RuleSet>, Error> {
        // Reading conditions takes milliseconds and a deep stack.
        let rules = tokio::task::spawn_blocking(move || RuleSet::new(draft)).await;
        let rules = rules.map_err(|e| Error::Internal(e.to_string()))??;
        self.programs_exist(&rules)?;
        Ok(Arc::new(rules))
    }

    fn programs_exist(&self, rules: &RuleSet) -> Result<(), Error> {
        for rule in &rules.draft().rules {
            if let Some(program) = rule.program.as_deref().filter(|p| self.program_named(p).is_none()) {
                let problem = format!("rule {:?}: there is no program {program:?}", rule.name);
                return Err(invalid("rules", problem));
            }
        }
        Ok(())
    }

    /// The rules were changed here: they are read anew when they are asked next.
    pub fn forget_gate_rules(&self) {
        self.gate_rules.forget();
    }

    /// The gate's rules: those in force, or an earlier version.
    ///
    /// # Errors
    /// When there is no such version.
    pub async fn gate_rules(&self, mode: Mode, version: Option<i64>) -> Result<GateRulesFile, Error> {
        let built_in =
            || GateRulesFile { version: 0, draft: RuleSet::built_in().draft().clone(), changed: None };
        if version == Some(0) {
            return Ok(built_in());
        }
        match self.store.reader().await?.gate_rules(mode, version).await? {
            Some(record) => Ok(record.into()),
            None if version.is_none() => Ok(built_in()),
            None => Err(Error::NotFound("version of the rules")),
        }
    }

    /// The newest versions of the gate's rules, the newest first; last those that come with the product.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn gate_versions(&self, mode: Mode, limit: u32) -> Result<Vec<GateRulesFile>, Error> {
        let mut tx = self.store.snapshot().await?;
        let mut versions: Vec<GateRulesFile> = Vec::new();
        let mut next = tx.gate_rules(mode, None).await?;
        while let Some(record) = next {
            let before = record.version - 1;
            versions.push(record.into());
            let wanted = before > 0 && versions.len() < limit as usize;
            next = if wanted { tx.gate_rules(mode, Some(before)).await? } else { None };
        }
        if versions.last().is_none_or(|oldest| oldest.version == 1) {
            let draft = RuleSet::built_in().draft().clone();
            versions.push(GateRulesFile { version: 0, draft, changed: None });
        }
        Ok(versions)
    }

    /// The rules that are asked now.
    pub(crate) async fn gate_rules_in_force(
        &self,
        tx: &mut dyn Tx,
        mode: Mode,
    ) -> Result<Arc<InForce>, Error> {
        let now = self.world_now();
        let known = self.gate_rules.find(mode);
        if let Some((rules, read)) = &known {
            let age = now.duration_since(*read);
            if !age.is_negative() && age < BELIEVED {
                return Ok(Arc::clone(rules));
            }
        }
        let record = tx.gate_rules(mode, None).await?;
        let version = record.as_ref().map_or(0, |record| record.version);
        let rules = match (known, record) {
            (Some((rules, _)), _) if rules.version == version => rules,
            (_, None) => Arc::new(InForce { version, rules: RuleSet::built_in().clone() }),
            (_, Some(record)) => {
                let rules = tokio::task::spawn_blocking(move || RuleSet::new(record.draft)).await;
                let rules = rules.map_err(|e| Error::Internal(e.to_string()))?;
                // They were checked when they were kept: another version of the program wrote them.
                let rules = rules.map_err(|e| Error::Internal(format!("the gate's rules: {e}")))?;
                Arc::new(InForce { version, rules })
            }
        };
        self.gate_rules.keep(mode, &rules, now);
        Ok(rules)
    }

    /// Tries draft rules on what was asked in the last `days` days.
    ///
    /// # Errors
    /// When the days are none; when the store fails.
    pub async fn try_gate_rules(
        &self,
        mode: Mode,
        draft: Arc<RuleSet>,
        days: u32,
    ) -> Result<GateTried, Error> {
        if !(1..=GATE_REQUEST_DAYS).contains(&days) {
            return Err(invalid(
                "days",
                format!("1 to {GATE_REQUEST_DAYS}: for so long it is kept what was asked"),
            ));
        }
        self.keep_gate_requests().await?;
        let since = self.world_now().saturating_sub((24 * i64::from(days)).hours()).unwrap_or(Timestamp::MIN);
        let mut tx = self.store.snapshot().await?;
        let today = self.gate_rules_in_force(tx.as_mut(), mode).await?;
        let mut requests = tx.gate_requests(mode, since, MOST_TRIED + 1).await?;
        drop(tx);
        let more = requests.len() > MOST_TRIED as usize;
        requests.truncate(MOST_TRIED as usize);
        let (version, since) = (today.version, requests.last().map(|r| r.at));
        let run = tokio::task::spawn_blocking(move || {
            dry_run(&today.rules, &draft, requests.iter().map(|r| (&r.past, r.stands_for)))
        });
        Ok(GateTried { run: run.await.map_err(|e| Error::Internal(e.to_string()))?, more, since, version })
    }
}
