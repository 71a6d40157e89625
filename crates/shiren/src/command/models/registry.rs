//! Fetches archives with this machine's own pip and npm, whose mirrors, proxies and certificates are then used.
//!
//! pip checks the pinned hash itself; npm cannot, so the installer checks every archive again. No code of any
//! package is run: wheels and npm packages are only stored, and see [`source_package`] for the rest.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use shiren_vision::pack::install::{FetchError, Registries};
use shiren_vision::pack::manifest::{Archive, Package, Registry};

/// Nothing has come for so long: the tool hangs.
const PATIENCE: Duration = Duration::from_secs(300);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A program of this machine that asks a registry.
pub(crate) struct Tool {
    /// What people call it.
    pub(crate) name: &'static str,
    /// How to get it on Debian and its relatives.
    pub(crate) how: &'static str,
    /// The ways to start it, best first.
    ways: &'static [&'static [&'static str]],
}

/// Python's.
pub(crate) const PIP: Tool = Tool {
    name: "pip",
    how: "apt-get install python3-pip",
    ways: &[&["pip3"], &["pip"], &["python3", "-m", "pip"]],
};

/// Node's.
pub(crate) const NPM: Tool = Tool { name: "npm", how: "apt-get install npm", ways: &[&["npm"]] };

impl Tool {
    /// The command line to start it with, and the version it tells; none if it is not on this machine.
    pub(crate) fn find(&self) -> Option<(Vec<OsString>, String)> {
        self.ways.iter().find_map(|way| {
            let program = in_path(way[0])?;
            let mut start = vec![program.into_os_string()];
            start.extend(way[1..].iter().map(OsString::from));
            // It may be there and not work: python3 without its pip module, a broken shim.
            let told = Command::new(&start[0])
                .args(&start[1..])
                .arg("--version")
                .stdin(Stdio::null())
                .stderr(Stdio::null())
                .output()
                .ok()?;
            let version = String::from_utf8_lossy(&told.stdout).lines().next()?.trim().to_owned();
            told.status.success().then_some((start, version))
        })
    }

    fn command(&self) -> Result<Command, FetchError> {
        let (start, _) = self.find().ok_or(FetchError::ToolMissing { tool: self.name, how: self.how })?;
        let mut command = Command::new(&start[0]);
        command.args(&start[1..]);
        Ok(command)
    }
}

/// The first executable of this name on `PATH`.
fn in_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|path| is_executable(path))
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(path: &Path) -> bool {
    path.is_file()
}

/// pip and npm.
pub(super) struct MachineTools;

impl Registries for MachineTools {
    fn fetch(
        &self,
        package: &Package,
        archive: &Archive,
        folder: &Path,
        progress: &mut dyn FnMut(u64),
    ) -> Result<(), FetchError> {
        let (tool, command) = match package.registry {
            Registry::Pypi => (PIP, pip(package, archive, folder)),
            Registry::Npm => (NPM, npm(package, folder)),
            Registry::Folder => return Err(FetchError::Failed("a folder is not fetched".into())),
        };
        run(tool.name, command?, folder, progress)?;
        if folder.join(&archive.file).is_file() {
            return Ok(());
        }
        Err(FetchError::Failed(format!("{} did not bring {}", tool.name, archive.file)))
    }
}

fn pip(package: &Package, archive: &Archive, folder: &Path) -> Result<Command, FetchError> {
    let mut command = PIP.command()?;
    let work = folder.join("work");
    let requirements = folder.join("requirements.txt");
    let line = format!("{}=={} --hash=sha256:{}\n", package.name, package.version, archive.sha256);
    fs::create_dir(&work).and_then(|()| fs::write(&requirements, line)).map_err(failed)?;
    command
        .args(["download", "--no-input", "--no-cache-dir", "--disable-pip-version-check", "--no-deps"])
        // The archive is unpacked and nothing of it is run, so it need not suit the Python at hand.
        .args(["--require-hashes", "--ignore-requires-python", "--progress-bar", "off"])
        .arg("--dest")
        .arg(folder)
        .arg("--requirement")
        .arg(&requirements)
        .env("TMPDIR", &work)
        .current_dir(folder);
    if archive.file.ends_with(".whl") {
        command.arg("--only-binary=:all:");
        if let Some(platform) = &archive.platform {
            command.args(["--platform", platform, "--implementation", "cp"]).args(python(&archive.file));
        }
    } else {
        source_package(&mut command, package, &work).map_err(failed)?;
    }
    Ok(command)
}

/// The Python that a wheel's name asks for: `…-cp311-cp311-…` is version 3.11.
fn python(wheel: &str) -> Vec<String> {
    let version = wheel
        .split('-')
        .find_map(|part| part.strip_prefix("cp3"))
        .filter(|minor| !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit()));
    version.map_or_else(Vec::new, |minor| vec!["--python-version".into(), format!("3.{minor}")])
}

/// Lets pip fetch a source package without running any code of it. For a source package pip asks the build
/// backend for its name and version even when it is only to be downloaded, and the usual backend runs the
/// package's `setup.py` to answer. So the backend is one of ours, found first on `PYTHONPATH`, that answers
/// with what we know already. Tried with pip 22.0, 23.0, 23.2 and 26.3.
fn source_package(command: &mut Command, package: &Package, work: &Path) -> io::Result<()> {
    let backend = work.join("backend/setuptools");
    fs::create_dir_all(&backend)?;
    fs::write(backend.join("__init__.py"), "")?;
    fs::write(backend.join("build_meta.py"), BACKEND)?;
    command
        .args(["--no-binary=:all:", "--no-build-isolation"])
        .env("PIP_USE_PEP517", "1")
        .env("PYTHONPATH", work.join("backend"))
        .env("SHIREN_SOURCE_NAME", &package.name)
        .env("SHIREN_SOURCE_VERSION", &package.version);
    Ok(())
}

/// The hooks of PEP 517 that pip calls for metadata.
const BACKEND: &str = r#"import os


class __legacy__:
    @staticmethod
    def get_requires_for_build_wheel(config_settings=None):
        return []

    @staticmethod
    def prepare_metadata_for_build_wheel(folder, config_settings=None):
        name, version = os.environ["SHIREN_SOURCE_NAME"], os.environ["SHIREN_SOURCE_VERSION"]
        info = f"{name}-{version}.dist-info"
        os.mkdir(os.path.join(folder, info))
        with open(os.path.join(folder, info, "METADATA"), "w") as file:
            file.write(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        return info


get_requires_for_build_wheel = __legacy__.get_requires_for_build_wheel
prepare_metadata_for_build_wheel = __legacy__.prepare_metadata_for_build_wheel
"#;

fn npm(package: &Package, folder: &Path) -> Result<Command, FetchError> {
    let mut command = NPM.command()?;
    command
        .args(["pack", "--ignore-scripts", "--loglevel=error", "--no-update-notifier", "--no-fund"])
        // Three attempts within half a minute; npm's own pauses would let people wait for two.
        .args(["--fetch-retries=2", "--fetch-retry-mintimeout=2000", "--fetch-retry-maxtimeout=10000"])
        .arg("--pack-destination")
        .arg(folder)
        .arg("--cache")
        .arg(folder.join("work"))
        .arg(format!("{}@{}", package.name, package.version))
        .current_dir(folder);
    Ok(command)
}

/// Runs the tool to its end, looking at what arrives below `folder` meanwhile.
fn run(
    tool: &str,
    mut command: Command,
    folder: &Path,
    progress: &mut dyn FnMut(u64),
) -> Result<(), FetchError> {
    // Through a file: a pipe that nobody empties would stop a talkative tool.
    let words = folder.join("words.txt");
    let out = File::create(&words).map_err(failed)?;
    let err = out.try_clone().map_err(failed)?;
    let mut child = command.stdin(Stdio::null()).stdout(out).stderr(err).spawn().map_err(failed)?;
    let before = Instant::now();
    let (mut largest, mut moved) = (0, before);
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        let come = bytes_below(folder);
        if come > largest {
            (largest, moved) = (come, Instant::now());
            progress(come);
        }
        if moved.elapsed() > PATIENCE {
            stop(&mut child);
            return Err(FetchError::Failed(format!(
                "{tool} brought nothing for {} minutes",
                PATIENCE.as_secs() / 60
            )));
        }
        thread::sleep(LOOK_EVERY);
    };
    if status.success() {
        return Ok(());
    }
    let why = last_words(&words).unwrap_or_else(|| status.to_string());
    Err(FetchError::Failed(format!("{tool} failed: {why}")))
}

fn stop(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Bytes of all files below a folder; what vanishes meanwhile does not count.
fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(data) if data.is_dir() => bytes_below(&entry.path()),
            Ok(data) => data.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The end of what the tool said, in one line that helps.
fn last_words(words: &Path) -> Option<String> {
    let mut file = File::open(words).ok()?;
    let length = file.metadata().ok()?.len();
    file.seek(io::SeekFrom::Start(length.saturating_sub(16 << 10))).ok()?;
    let mut text = Vec::new();
    file.read_to_end(&mut text).ok()?;
    complaint(&String::from_utf8_lossy(&text))
}

/// The line that says best what was wrong. pip's last error is its conclusion; npm's first with words in it is,
/// after a code and before advice and the name of a log. Without any, the last line.
fn complaint(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let pip = lines.iter().rev().find_map(|line| line.strip_prefix("ERROR: "));
    let npm = lines
        .iter()
        .filter_map(|line| line.strip_prefix("npm error ").or_else(|| line.strip_prefix("npm ERR! ")))
        .find(|line| line.split_whitespace().count() > 2 && !line.starts_with("A complete log"));
    let line = pip.or(npm).or(lines.last().copied())?;
    // pip concludes that there is no such package when it could ask nobody.
    let unreached = lines.iter().any(|line| line.contains("connection broken by"));
    let line = if unreached { "the index cannot be reached" } else { line };
    Some(line.chars().filter(|c| !c.is_control()).take(300).collect())
}

fn failed(error: io::Error) -> FetchError {
    FetchError::Failed(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_much_complaining_the_line_that_helps_is_passed_on() {
        for (text, line) in [
            (
                "Collecting x\nERROR: Could not find a version\nERROR: No matching distribution found for x==1\n\n[notice] new pip",
                "No matching distribution found for x==1",
            ),
            (
                "WARNING: Retrying after connection broken by 'NewConnectionError'\nERROR: No matching distribution",
                "the index cannot be reached",
            ),
            (
                "npm error code E404\nnpm error 404 Not Found - GET x\nnpm error 404 Note that\nnpm error A complete log of this run",
                "404 Not Found - GET x",
            ),
            (
                "npm error code ECONNREFUSED\nnpm error errno ECONNREFUSED\nnpm error FetchError: request to x failed",
                "FetchError: request to x failed",
            ),
            (
                "npm error code E1\nnpm error A complete log of this run can be found in: x",
                "npm error A complete log of this run can be found in: x",
            ),
            ("something\nSegmentation fault\n", "Segmentation fault"),
        ] {
            assert_eq!(complaint(text).as_deref(), Some(line), "{text}");
        }
        assert_eq!(complaint(" \n"), None);
    }

    #[test]
    fn the_python_that_a_wheel_asks_for_is_told_to_pip() {
        assert_eq!(python("a-1-cp311-cp311-manylinux_2_28_x86_64.whl"), ["--python-version", "3.11"]);
        assert!(python("a-1-py3-none-any.whl").is_empty());
        assert!(python("cpython-1-py3-none-manylinux_2_28_x86_64.whl").is_empty());
    }
}
