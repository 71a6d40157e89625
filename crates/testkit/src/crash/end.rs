//! What must hold in the end, whatever was lived: every event once, in its order, and told; every picture there.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use shiren_app::Error;
use shiren_app::port::{EventQuery, NoticeQuery};
use shiren_app::record::{Event, NoticeState};
use shiren_core::account::{Account, AccountKind};
use shiren_core::id::{EvidenceId, SessionId};
use shiren_core::verification::program::Mode;

use super::house::House;
use super::told::Told;

/// More events than any life has.
const ALL: u32 = 1000;

/// Whether pictures are still kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// Still.
    Still,
    /// But for those of faces, whose time is over.
    WithoutFaces,
    /// Their time is over: their bytes are gone.
    NoMore,
}

impl House {
    /// Whether just these events happened to these accounts, in this order, each numbered and told once; and whether what
    /// was acknowledged is answered alike, and no job was given up.
    pub(super) async fn events_amiss(
        &self,
        told: &Told,
        expected: &[(Account, &[&str])],
    ) -> Result<Vec<String>, Error> {
        let mut wrong = told.changed().to_vec();
        let mut tx = self.store.snapshot().await?;
        for (account, kinds) in expected {
            let query = EventQuery { account: Some(account.clone()), limit: ALL, ..EventQuery::default() };
            let events = tx.events(&query).await?;
            let came: Vec<&str> = events.iter().map(|e| e.event.kind.as_str()).collect();
            if came != *kinds {
                wrong.push(format!("events of {account:?}: {came:?}"));
            }
            let sequence: Vec<i64> = events.iter().map(|e| e.sequence).collect();
            if !sequence.iter().copied().eq(1..=i64::try_from(events.len()).unwrap_or(0)) {
                wrong.push(format!("{account:?} is numbered {sequence:?}"));
            }
        }
        // The platform's own are about what stands before every life.
        let mut all = tx.events(&EventQuery { limit: ALL, ..EventQuery::default() }).await?;
        let before: BTreeSet<String> = of_the_platform(&all);
        all.retain(|e| e.event.account.kind != AccountKind::Platform);
        let known: usize = expected.iter().map(|(_, kinds)| kinds.len()).sum();
        if all.len() != known {
            let of: BTreeSet<String> = all.iter().map(|e| format!("{:?}", e.event.account)).collect();
            wrong.push(format!("{} events, of {of:?}", all.len()));
        }
        let ids = all.iter().map(|e| e.event.id.to_string()).collect();
        wrong.extend(self.mistold(&ids, &before)?);
        let jobs = self.app().job_counts().await?;
        if jobs.dead > 0 {
            wrong.push(format!("{} jobs were given up", jobs.dead));
        }
        Ok(wrong)
    }

    /// Whether just these messages were written, each once, and none is on its way still: about which account, what, and
    /// with which number.
    pub(super) async fn messages_amiss(
        &self,
        query: NoticeQuery,
        expected: &[(&str, &str, Option<u32>)],
    ) -> Result<Option<String>, Error> {
        let query = NoticeQuery { messages: true, limit: ALL, ..query };
        let notices = self.store.snapshot().await?.notices(&query).await?;
        let mut came = Vec::new();
        for notice in &notices {
            let message = notice.message.as_ref();
            let what = message.map(|m| (m.account.id.as_str(), m.kind.name(), m.number));
            came.push((what.unwrap_or_default(), notice.state.name()));
        }
        let mut expected: Vec<_> = expected.iter().map(|e| (*e, NoticeState::Sandbox.name())).collect();
        came.sort_unstable();
        expected.sort_unstable();
        Ok((came != expected).then(|| format!("messages {came:?}")))
    }

    /// Every event came, each under its own id: at least once, as webhooks do.
    fn mistold(&self, ids: &BTreeSet<String>, before: &BTreeSet<String>) -> Result<Option<String>, Error> {
        let written = std::fs::read_to_string(self.folder.join("webhooks"));
        let written = written.map_err(|e| Error::Internal(e.to_string()))?;
        let mut came = BTreeMap::<String, BTreeSet<String>>::new();
        for line in written.lines().filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()) {
            let id = line["id"].as_str().unwrap_or_default().to_owned();
            came.entry(id).or_default().insert(line["body"].to_string());
        }
        came.retain(|id, _| !before.contains(id));
        let lost: Vec<_> = ids.iter().filter(|id| !came.contains_key(*id)).collect();
        came.retain(|id, bodies| !ids.contains(id) || bodies.len() != 1);
        let sound = lost.is_empty() && came.is_empty();
        Ok((!sound).then(|| format!("webhooks did not come: {lost:?}; came otherwise: {came:?}")))
    }

    /// Whether every acknowledged picture is on record, those of `kept` sessions open, and nothing else is left two hours
    /// later of what was kept and never recorded.
    pub(super) async fn pictures_amiss(
        &self,
        told: &Told,
        sessions: &[SessionId],
        kept: Kept,
    ) -> Result<Vec<String>, Error> {
        let (mut wrong, mut records) = (Vec::new(), BTreeSet::<EvidenceId>::new());
        for id in sessions {
            records.extend(self.store.snapshot().await?.evidence_of(id).await?.into_iter().map(|e| e.id));
            for (step, picture) in &self.app().session(Mode::Test, id).await?.0.pictures {
                let opens = self.app().open_picture(id, picture, "test", "look").await.is_ok();
                let should = match kept {
                    Kept::Still => true,
                    Kept::WithoutFaces => step != "selfie",
                    Kept::NoMore => false,
                };
                if opens != should {
                    wrong.push(format!("{picture} opens: {opens}"));
                }
            }
        }
        let acknowledged = told.answers("/picture");
        let lost: Vec<_> =
            acknowledged.iter().filter(|id| !records.iter().any(|kept| kept.as_str() == **id)).collect();
        if !lost.is_empty() {
            wrong.push(format!("acknowledged pictures are lost: {lost:?}"));
        }
        self.service.clock.turn(SignedDuration::from_hours(2));
        self.service.work().await?;
        let bytes = std::fs::read_dir(self.folder.join("blobs/evidence")).map_or(0, Iterator::count);
        let should = match kept {
            Kept::Still => records.len(),
            Kept::WithoutFaces => records.len() - sessions.len(),
            Kept::NoMore => 0,
        };
        if bytes != should {
            wrong.push(format!("{bytes} pictures' bytes, {} records", records.len()));
        }
        Ok(wrong)
    }
}

fn of_the_platform(events: &[Event]) -> BTreeSet<String> {
    let of = events.iter().filter(|e| e.event.account.kind == AccountKind::Platform);
    of.map(|e| e.event.id.to_string()).collect()
}
