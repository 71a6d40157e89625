//! The commands: one file each.

mod admin;
mod backup;
mod check_photo;
mod choice;
mod compare_faces;
mod config;
mod demo;
mod doctor;
mod import;
mod migrate;
mod models;
mod openapi;
mod read_document;
mod serve;
mod specimen;
mod verify;

use clap::Subcommand;

use crate::cli::Setting;
use crate::exit::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(serve::Serve),
    Work(serve::Work),
    Admin(admin::Admin),
    Import(import::Import),
    Migrate(migrate::Migrate),
    Backup(backup::Backup),
    Restore(backup::Restore),
    Config(config::ConfigArgs),
    Demo(demo::Demo),
    Openapi(openapi::Openapi),
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
            Self::Serve(command) => command.run(setting),
            Self::Work(command) => command.run(setting),
            Self::Admin(command) => command.run(setting),
            Self::Import(command) => command.run(setting),
            Self::Migrate(command) => command.run(setting),
            Self::Backup(command) => command.run(setting),
            Self::Restore(command) => command.run(setting),
            Self::Config(command) => command.run(setting),
            Self::Demo(command) => command.run(setting),
            Self::Openapi(command) => command.run(setting),
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
