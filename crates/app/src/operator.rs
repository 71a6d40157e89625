//! Whether the same person still operates a shop (rows D7, D8): the face of now against every past baseline.

use shiren_core::account::AccountKind;
use shiren_core::id::SessionId;
use shiren_core::recheck::tell_apart::{Compared, Operator, Traces};
use shiren_core::see::{Band, FaceTemplate};
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
    /// The check of a shop that was verified before; `None` where there is no baseline, or no face to compare.
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
        let familiar = traces.baselines.iter().any(|b| b.face.band == Band::Same);
        let finding = traces.finding().or((!familiar).then_some(ReasonCode::FaceUncertain));
        let findings = finding.map(Finding::review).into_iter().collect();
        Ok(Some(Check {
            operator: Some(Operator::of_shop(traces)),
            ..Check::new(CheckKind::Operator, &[&step], findings)
        }))
    }

    /// The baselines of everybody who ever owned the shop, the oldest first; and whether the identity is one that the shop
    /// holds.
    async fn past(
        &self,
        session: &Session,
        identity: &IdentityRecord,
    ) -> Result<(Vec<(SessionId, Vec<FaceTemplate>)>, Option<bool>), Error> {
        let mut past = Vec::new();
        if session.account.kind != AccountKind::Shop {
            return Ok((past, None));
        }
        let mut tx = self.store.snapshot().await?;
        let Some(shop) = tx.shop(session.mode, &session.account.id).await? else { return Ok((past, None)) };
        for owner in &shop.value.owners {
            past.push((
                owner.session.clone(),
                self.baseline(tx.as_mut(), session.mode, &owner.session).await?,
            ));
        }
        let held = tx.claims_of(IDENTITY, session.mode, &session.account).await?;
        let known = identity.number().filter(|_| !held.is_empty());
        let tags = known.map(|number| self.tags(IDENTITY, session.mode, &identity_value(number)));
        Ok((past, tags.map(|tags| tags.iter().any(|tag| held.contains(tag)))))
    }
}
