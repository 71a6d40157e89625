//! One verification, from the session to its result.

use async_trait::async_trait;
use jiff::SignedDuration;
use shiren_app::Error;
use shiren_core::id::SessionId;
use shiren_core::verification::program::Mode;
use shiren_core::verification::session::Status;

use crate::crash::end::Kept;
use crate::crash::house::{ANN, House, shop};
use crate::crash::life::Life;
use crate::crash::told::Told;

pub(super) struct Verification;

#[async_trait(?Send)]
impl Life for Verification {
    fn name(&self) -> &'static str {
        "verification"
    }

    fn jobs(&self) -> &'static [&'static str] {
        &["deliver_webhook", "run_checks"]
    }

    async fn live(&self, house: &House) -> Result<(), Error> {
        house.verify("session", &shop("1"), "shop-owner", &ANN, None).await?;
        house.pass(20, SignedDuration::from_mins(1)).await
    }

    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error> {
        let Some(id) = told.answer::<SessionId>("session") else {
            return Ok(vec!["no session was acknowledged".to_owned()]);
        };
        let (session, decision) = house.app().session(Mode::Test, &id).await?;
        let mut wrong = Vec::new();
        if session.status != Status::Verified || decision.is_none() {
            wrong.push(format!("it is {:?}", session.status));
        }
        let kinds = [
            "verification_session.created",
            "verification_session.processing",
            "verification_session.verified",
        ];
        wrong.extend(house.events_amiss(told, &[(shop("1"), &kinds)]).await?);
        wrong.extend(house.pictures_amiss(told, &[id], Kept::Still).await?);
        Ok(wrong)
    }
}
