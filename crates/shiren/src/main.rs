//! The binary: reads the command line, wires what a command needs, says in one line what went wrong.
//!
//! One file per command under `command/`; each has a struct of arguments and `run(self, &Setting)`. To add one:
//! write the file, add a variant to [`command::Command`]. Nothing here decides anything about documents, faces or
//! programs, it only passes on.

mod cli;
mod command;
mod exit;
mod language;
mod output;
mod picture_file;
mod service;
mod sight;
mod speech;
mod today;

use std::process::ExitCode;

use clap::Parser as _;

/// Of the time that answering the API takes, an eighth was spent in glibc's allocator (`docs/measurements.md`,
/// The service).
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // clap prints help and usage errors itself, and ends with 0 or 2.
    let cli = cli::Cli::parse();
    let setting = cli.setting();
    match cli.command.run(&setting) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
