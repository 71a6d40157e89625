//! `shiren migrate`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::service;
use crate::service::config::Config;

/// Bring the database's schema up to date (serving does so by itself)
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Migrate {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let config = Config::load(self.config.as_deref())?;
        let (_, version) = service::runtime()?.block_on(service::store(&config))?;
        println!("{} {version}", setting.language.of("数据库结构版本", "the schema is at version"));
        Ok(())
    }
}
