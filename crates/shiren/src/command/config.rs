//! `shiren config`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::service::config::{Config, MANUAL};

/// Print every setting with its default and its meaning, or check a file
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Only tell whether this file, with the environment over it, is a sound configuration
    #[arg(long, value_name = "FILE")]
    check: Option<PathBuf>,
}

impl ConfigArgs {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        match self.check {
            None => print!("{MANUAL}"),
            Some(file) => {
                let config = Config::load(Some(&file))?;
                crate::service::times(&config)?;
                println!("{}: {}", setting.language.of("可以使用", "sound"), config.public_url());
            }
        }
        Ok(())
    }
}
