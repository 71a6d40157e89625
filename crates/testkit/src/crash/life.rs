//! What a lifecycle is to those who kill it.

use async_trait::async_trait;
use jiff::SignedDuration;
use shiren_app::{Error, Settings};

use super::house::House;
use super::told::Told;

/// A lifecycle. It is lived by one process, or by a second one where the first one died, from the beginning to the end:
/// every step of it must bear being done again.
#[async_trait(?Send)]
pub trait Life: Sync {
    /// Its name, a word.
    fn name(&self) -> &'static str;

    /// What the service is set to.
    fn settings(&self, _settings: &mut Settings) {}

    /// How much later the second process begins, by the world's time: leases of the first one are over by then.
    fn pause(&self) -> SignedDuration {
        SignedDuration::from_hours(2)
    }

    /// How many webhooks the receiver refuses before it takes any.
    fn refusals(&self) -> usize {
        0
    }

    /// At how many points a blow falls by default, spread evenly over all of them.
    fn blows(&self) -> u64 {
        80
    }

    /// What stands before it, besides an API key and an endpoint.
    async fn prepare(&self, _house: &House) -> Result<(), Error> {
        Ok(())
    }

    /// Lives it, from the beginning; what was done before is found done.
    async fn live(&self, house: &House) -> Result<(), Error>;

    /// What is wrong in the end.
    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error>;
}
