//! `shiren backup` and `shiren restore`: the embedded store's whole data folder. PostgreSQL has tools of its own.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::service::config::Config;
use crate::service::{self, BLOBS, DATABASE, KEYS, other};

/// Copy database, sealed pictures and keys to a folder, also while serving
///
/// The copy can be read by whoever has it: the keys are in it. Keep it as safe as the original.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// A folder that does not exist yet
    to: PathBuf,

    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Put a backup in the place of the data folder, which must be empty; not while serving
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// A folder made by `shiren backup`
    from: PathBuf,

    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Backup {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let config = Config::load(self.config.as_deref())?;
        embedded_only(&config, setting, "pg_dump")?;
        let folder = config.folder()?;
        if self.to.exists() {
            return Err(Failure::Usage(format!("{} exists already", self.to.display())));
        }
        fs::create_dir_all(&self.to).map_err(|e| at(&self.to, &e))?;
        private(&self.to)?;
        // The database first: every picture that it names is then there to be copied.
        service::runtime()?.block_on(async {
            service::embedded(&folder).await?.backup(&self.to.join(DATABASE)).await.map_err(other)
        })?;
        copy(&folder.join(KEYS), &self.to.join(KEYS))?;
        copy_all(&folder.join(BLOBS), &self.to.join(BLOBS))?;
        println!("{} {}", setting.language.of("已备份到", "backed up to"), self.to.display());
        Ok(())
    }
}

impl Restore {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let config = Config::load(self.config.as_deref())?;
        embedded_only(&config, setting, "pg_restore")?;
        let folder = config.folder()?;
        if !self.from.join(DATABASE).is_file() || !self.from.join(KEYS).is_file() {
            return Err(Failure::Usage(format!("{} is no backup", self.from.display())));
        }
        if folder.join(DATABASE).exists() || folder.join(KEYS).exists() {
            let told = format!("{} holds data already: move it away first", folder.display());
            return Err(Failure::Other(told));
        }
        copy_all(&self.from.join(BLOBS), &folder.join(BLOBS))?;
        copy(&self.from.join(KEYS), &folder.join(KEYS))?;
        // Last: what is not whole has no database, and is not served.
        copy(&self.from.join(DATABASE), &folder.join(DATABASE))?;
        println!("{} {}", setting.language.of("已恢复到", "restored to"), folder.display());
        Ok(())
    }
}

/// A copy of the folder alone would not be a backup.
fn embedded_only(config: &Config, setting: &Setting, tool: &str) -> Result<(), Failure> {
    if config.postgres()?.is_none() {
        return Ok(());
    }
    let folder = config.folder()?;
    let folder = folder.display();
    Err(Failure::Usage(setting.language.of(
        format!("数据库是 PostgreSQL：请用 {tool} 备份或恢复数据库，并另行复制 {folder} 中的 {BLOBS}/ 和 {KEYS}（备份时先数据库，后文件夹）。"),
        format!("the database is PostgreSQL: use {tool} for it, and copy {BLOBS}/ and {KEYS} of {folder} beside it (when backing up, the database first)"),
    )))
}

fn copy(from: &Path, to: &Path) -> Result<(), Failure> {
    // Permissions go with the bytes: keys stay their owner's alone.
    fs::copy(from, to).map_err(|e| at(from, &e))?;
    fs::File::open(to).and_then(|f| f.sync_all()).map_err(|e| at(to, &e))
}

fn copy_all(from: &Path, to: &Path) -> Result<(), Failure> {
    fs::create_dir_all(to).map_err(|e| at(to, &e))?;
    private(to)?;
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(at(from, &e)),
    };
    for entry in entries {
        let path = entry.map_err(|e| at(from, &e))?.path();
        let Some(name) = path.file_name() else { continue };
        // Being written, or left by a crash.
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if path.is_dir() {
            copy_all(&path, &to.join(name))?;
        } else {
            match copy(&path, &to.join(name)) {
                // Deleted meanwhile: its time was over.
                Err(_) if !path.exists() => {}
                done => done?,
            }
        }
    }
    Ok(())
}

fn private(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).map_err(|e| at(folder, &e))
}

fn at(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Other(format!("{}: {error}", path.display()))
}
