//! `shiren models`: gets models, tells which there are, checks them.

mod install;
mod list;
mod progress;
mod registry;
mod verify;

use std::path::Path;

use clap::{Args, Subcommand};
use shiren_vision::pack::Manifest;
use shiren_vision::pack::inspect;

pub(crate) use registry::{NPM, PIP, Tool};

use crate::cli::Setting;
use crate::exit::Failure;

/// Get the models, tell which there are, check them
#[derive(Debug, Args)]
pub(crate) struct Models {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Install(install::Install),
    List(list::List),
    Verify(verify::Verify),
}

impl Models {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        match self.command {
            Command::Install(command) => command.run(setting),
            Command::List(command) => command.run(setting),
            Command::Verify(command) => command.run(setting),
        }
    }
}

/// Reads a manifest file.
fn read_manifest(path: &Path) -> Result<Manifest, Failure> {
    Manifest::read(path).map_err(|e| Failure::Other(format!("the manifest {}: {e}", path.display())))
}

/// A pack by its name: one that comes with the product, or one that was installed below `root` before.
pub(crate) fn named(pack: &str, root: &Path) -> Result<Manifest, Failure> {
    let mut packs = inspect::packs(root);
    let Some(at) = packs.iter().position(|there| there.pack == pack) else {
        let there: Vec<&str> = packs.iter().map(|pack| pack.pack.as_str()).collect();
        return Err(Failure::Usage(format!(
            "there is no pack {pack}; there are {}, and --manifest FILE for one of your own",
            there.join(", ")
        )));
    };
    Ok(packs.swap_remove(at))
}

/// Bytes for people: megabytes of 10^6, as registries and file managers count.
fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
