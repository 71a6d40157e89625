//! The commands: one file each.

mod doctor;
mod models;

use clap::Subcommand;

use crate::cli::Setting;
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Models(models::Models),
    Doctor(doctor::Doctor),
}

impl Command {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        match self {
            Self::Models(command) => command.run(setting),
            Self::Doctor(command) => command.run(setting),
        }
    }
}
