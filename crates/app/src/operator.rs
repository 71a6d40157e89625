//! Whether the same person still operates a shop (rows D7, D8), and still uses a sub-account (row E16): the face of now
//! against every past baseline.

use shiren_core::account::AccountKind;
use shiren_core::id::SessionId;
use shiren_core::recheck::tell_apart::{Compared, Operator, Traces};
use shiren_core::see::{Band, FaceTemplate};
use shiren_core::verification::check::Check;
use shiren_core::verification::program::{CheckKind, Method, Program};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode, Severity};

use crate::alike::selfie;
use crate::checks::IdentityRecord;
use crate::context::App;
use crate::error::Error;
use crate::look::Looked;
use crate::person::{Declared, IDENTITY};
use crate::staff_verification::Shown;

impl App {
    /// The check of a shop or sub-account that was verified before, and of a shop that was not: what looks forged or
    /// borrowed does so the first time too. `None` where nothing can be said. Somebody was verified, and there is nothing
    /// to compare with any more, or another recogniser made it: a person looks.
    pub(crate) async fn operator(
        &self,
        session: &Session,
        (program, method): (&Program, &Method),
        looked: &Looked,
        identity: &IdentityRecord,
        checks: &[Check],
    ) -> Result<Option<Check>, Error> {
        // Whoever asks for a copy of their data is compared with whom that is of.
        if session.export.is_some() {
            return Ok(None);
        }
        let Some((step, face)) = selfie(looked, method) else { return Ok(None) };
        let (past, same_identity) = self.past(session, identity).await?;
        let first = past.is_empty();
        // Of a sub-account's user no face is kept unless they were told so: then nothing is compared.
        let kept = past.iter().any(|(_, faces)| !faces.is_empty());
        if session.account.kind != AccountKind::Shop && !kept {
            return Ok(None);
        }
        let compared = self.most_alike(face, past).await?;
        let baselines = compared.into_iter().map(|(session, face)| Compared { session, face }).collect();
        let odd: Vec<&Finding> = checks
            .iter()
            .filter(|c| matches!(c.kind, CheckKind::Document | CheckKind::Together))
            .flat_map(|c| &c.findings)
            .filter(|f| f.severity != Severity::Info)
            .collect();
        let differs = looked.face.is_some_and(|m| m.band == Band::Different);
        let fails = differs || odd.iter().any(|f| f.severity == Severity::Fail);
        let document = odd.iter().map(|f| f.code).collect();
        let known_device = session.device.as_ref().and_then(|device| device.known);
        let traces = Traces { document, portrait: looked.face, same_identity, baselines, known_device };
        let unsure = (!first && !traces.is_familiar()).then_some(ReasonCode::FaceUncertain);
        let after = program.decision.suspect_after;
        let retaken = first && traces.is_retaken_first(fails, session.submissions.len(), after);
        let (finding, operator) = match session.account.kind {
            AccountKind::Staff => (traces.several_faces().or(unsure), Operator::of_staff(traces)),
            _ => (traces.finding().filter(|_| !retaken).or(unsure), Operator::of_shop(traces)),
        };
        if first && finding.is_none() {
            return Ok(None);
        }
        let findings = finding.map(Finding::review).into_iter().collect();
        Ok(Some(Check { operator: Some(operator), ..Check::new(CheckKind::Operator, &[&step], findings) }))
    }

    /// That another person is bound to the sub-account (row E25), whatever else was found.
    pub(crate) async fn another_user(
        &self,
        session: &Session,
        identity: &IdentityRecord,
    ) -> Result<Option<Check>, Error> {
        let of_staff = session.account.kind == AccountKind::Staff && session.export.is_none();
        if !of_staff || identity.key().is_none() {
            return Ok(None);
        }
        let who = Shown::of(identity, &Declared::default(), None);
        let staff = self.store.snapshot().await?.staff(session.mode, &session.account.id).await?;
        let Some(staff) = staff.map(|staff| staff.value).filter(|staff| staff.bound().is_some()) else {
            return Ok(None);
        };
        let another = vec![Finding::fail(ReasonCode::StaffUserImmutable)];
        let bound = self.is_bound(&staff, session.mode, &who)?;
        Ok((!bound).then(|| Check::new(CheckKind::Unique, &[], another)))
    }

    /// The baselines of everybody who ever owned the shop, or of who is bound to the sub-account, the oldest first, with
    /// none of those of whom none is kept; and whether the identity is one that the account holds. Who was evicted was
    /// nobody's owner.
    async fn past(
        &self,
        session: &Session,
        identity: &IdentityRecord,
    ) -> Result<(Vec<(SessionId, Vec<FaceTemplate>)>, Option<bool>), Error> {
        let (mut past, id) = (Vec::new(), &session.account.id);
        let mut tx = self.store.snapshot().await?;
        let (sessions, bound): (Vec<SessionId>, _) = match session.account.kind {
            AccountKind::Shop => {
                let owners = tx.shop(session.mode, id).await?.map(|shop| shop.value.owners);
                (owners.into_iter().flatten().map(|owner| owner.session).collect(), None)
            }
            AccountKind::Staff => {
                let staff = tx.staff(session.mode, id).await?.map(|staff| staff.value);
                let bound = staff.filter(|staff| staff.bound().is_some());
                let sessions = bound.iter().flat_map(|staff| &staff.bindings).map(|b| b.session.clone());
                (sessions.collect(), bound)
            }
            AccountKind::Buyer | AccountKind::Influencer | AccountKind::Platform => return Ok((past, None)),
        };
        for of in sessions {
            if tx.session(&of).await?.is_some_and(|s| s.value.reclaimed_at.is_some()) {
                continue;
            }
            let faces = self.baseline(tx.as_mut(), session.mode, &of).await?;
            past.push((of, faces));
        }
        if let Some(staff) = bound {
            let who = Shown::of(identity, &Declared::default(), None);
            let same = identity.key().map(|_| self.is_bound(&staff, session.mode, &who)).transpose()?;
            return Ok((past, same));
        }
        let held = tx.claims_of(IDENTITY, session.mode, &session.account).await?;
        let known = identity.key().filter(|_| !held.is_empty());
        let tags = known.map(|key| self.tags(IDENTITY, session.mode, &key));
        Ok((past, tags.map(|tags| tags.iter().any(|tag| held.contains(tag)))))
    }
}
