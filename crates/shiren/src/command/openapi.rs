//! `shiren openapi`.

use clap::Args;

use crate::cli::Setting;
use crate::exit::Failure;

/// Print the description of the API (OpenAPI 3.1)
#[derive(Debug, Args)]
pub(crate) struct Openapi {}

impl Openapi {
    pub(crate) fn run(self, _setting: &Setting) -> Result<(), Failure> {
        println!("{:#}", shiren_web::api::openapi());
        Ok(())
    }
}
