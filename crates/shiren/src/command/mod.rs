//! The commands: one file each.

mod check_photo;
mod compare_faces;
mod doctor;
mod models;
mod read_document;
mod specimen;
mod verify;

use clap::Subcommand;

use crate::cli::Setting;
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Verify(verify::Verify),
    ReadDocument(read_document::ReadDocument),
    CheckPhoto(check_photo::CheckPhoto),
    CompareFaces(compare_faces::CompareFaces),
    Specimen(specimen::SpecimenArgs),
    Models(models::Models),
    Doctor(doctor::Doctor),
}

impl Command {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        match self {
            Self::Verify(command) => command.run(setting),
            Self::ReadDocument(command) => command.run(setting),
            Self::CheckPhoto(command) => command.run(setting),
            Self::CompareFaces(command) => command.run(setting),
            Self::Specimen(command) => command.run(setting),
            Self::Models(command) => command.run(setting),
            Self::Doctor(command) => command.run(setting),
        }
    }
}
