//! The commands: one file each.

mod doctor;

use clap::Subcommand;

use crate::cli::Setting;
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Doctor(doctor::Doctor),
}

impl Command {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        match self {
            Self::Doctor(command) => command.run(setting),
        }
    }
}
