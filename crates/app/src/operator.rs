//! Whether the same person still operates a shop (rows D7, D8), and still uses a sub-account (row E16): the face of now
//! against every past baseline.

use shiren_core::account::AccountKind;
use shiren_core::id::SessionId;
use shiren_core::recheck::tell_apart::{Compared, Operator, Traces};
use shiren_core::see::FaceTemplate;
use shiren_core::verification::check::Check;
use shiren_core::verification::program::{CheckKind, Method};
use shiren_core::verification::session::Session;
use shiren_core::verification::{Finding, ReasonCode, Severity};

use crate::alike::selfie;
use crate::checks::IdentityRecord;
use crate::context::App;
use crate::error::Error;
use crate::look::Looked;
use crate::person::{IDENTITY, identity_value};

impl App {
    /// The check of a shop or sub-account that was verified before; `None` where there is no baseline, or no face to compare.
    pub(crate) async fn operator(
        &self,
        session: &Session,
        method: &Method,
        looked: &Looked,
        identity: &IdentityRecord,
        checks: &[Check],
    ) -> Result<Option<Check>, Error> {
        let Some((step, face)) = selfie(looked, method) else { return Ok(None) };
        let (baselines, same_identity) = self.past(session, identity).await?;
        let compared = self.most_alike(face, baselines).await?;
        let baselines: Vec<Compared> =
            compared.into_iter().map(|(session, face)| Compared { session, face }).collect();
        if baselines.is_empty() {
            return Ok(None);
        }
        let odd = checks
            .iter()
            .filter(|c| matches!(c.kind, CheckKind::Document | CheckKind::Together))
            .flat_map(|c| &c.findings)
            .filter(|f| f.severity != Severity::Info);
        let document = odd.map(|f| f.code).collect();
        let known_device = session.device.as_ref().and_then(|device| device.known);
        let traces = Traces { document, portrait: looked.face, same_identity, baselines, known_device };
        let unsure = (!traces.is_familiar()).then_some(ReasonCode::FaceUncertain);
        let (finding, operator) = match session.account.kind {
            AccountKind::Staff => (traces.several_faces().or(unsure), Operator::of_staff(traces)),
            _ => (traces.finding().or(unsure), Operator::of_shop(traces)),
        };
        let findings = finding.map(Finding::review).into_iter().collect();
        Ok(Some(Check { operator: Some(operator), ..Check::new(CheckKind::Operator, &[&step], findings) }))
    }

    /// That another person is bound to the sub-account (row E25), whatever else was found.
    pub(crate) async fn another_user(
        &self,
        session: &Session,
        identity: &IdentityRecord,
    ) -> Result<Option<Check>, Error> {
        let Some(number) = identity.number().filter(|_| session.account.kind == AccountKind::Staff) else {
            return Ok(None);
        };
        let staff = self.store.snapshot().await?.staff(session.mode, &session.account.id).await?;
        let Some(staff) = staff.map(|staff| staff.value).filter(|staff| staff.bound().is_some()) else {
            return Ok(None);
        };
        let another = vec![Finding::fail(ReasonCode::StaffUserImmutable)];
        let bound = self.is_bound(&staff, session.mode, number)?;
        Ok((!bound).then(|| Check::new(CheckKind::Unique, &[], another)))
    }

    /// The baselines of everybody who ever owned the shop, or of who is bound to the sub-account, the oldest first; and
    /// whether the identity is one that the account holds.
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
            let faces = self.baseline(tx.as_mut(), session.mode, &of).await?;
            past.push((of, faces));
        }
        if let Some(staff) = bound {
            let same =
                identity.number().map(|number| self.is_bound(&staff, session.mode, number)).transpose()?;
            return Ok((past, same));
        }
        let held = tx.claims_of(IDENTITY, session.mode, &session.account).await?;
        let known = identity.number().filter(|_| !held.is_empty());
        let tags = known.map(|number| self.tags(IDENTITY, session.mode, &identity_value(number)));
        Ok((past, tags.map(|tags| tags.iter().any(|tag| held.contains(tag)))))
    }
}
