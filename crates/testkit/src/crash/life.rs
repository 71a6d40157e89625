//! What a lifecycle is to those who kill it.

use async_trait::async_trait;
use shiren_app::{Error, Settings};

use super::house::House;
use super::told::Told;

/// A lifecycle. It is lived by one process, or by another one where that died, from the beginning to the end: every step of it must bear being done again.
#[async_trait(?Send)]
pub trait Life: Sync {
    /// Its name, a word.
    fn name(&self) -> &'static str;

    /// What the service is set to.
    fn settings(&self, _settings: &mut Settings) {}

    /// How many webhooks the receiver refuses before it takes any.
    fn refusals(&self) -> usize {
        0
    }

    /// The kinds of jobs that are done in it: with those of the other lives, all that there are.
    fn jobs(&self) -> &'static [&'static str];

    /// Lives it, from the beginning; what was done before is found done.
    async fn live(&self, house: &House) -> Result<(), Error>;

    /// What is wrong in the end.
    async fn faults(&self, house: &House, told: &Told) -> Result<Vec<String>, Error>;
}
