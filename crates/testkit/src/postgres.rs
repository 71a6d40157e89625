//! A PostgreSQL of the tests' own: a throw-away cluster from the machine's packages, one for each test process, and an
//! empty database for whoever asks. Many small test processes share one: `scripts/with-postgres` starts it, and says
//! where it is in `SHIREN_TEST_CLUSTER`.
//!
//! A process's own listens on a socket in its own folder alone. A shell keeps watch over it and reads from a pipe that this process
//! holds: when the process ends, however it ends, the shell stops the server and deletes the folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// What to do without it.
const MISSING: &str = "PostgreSQL is not installed: run scripts/setup, or apt-get install postgresql";

/// Who runs the server when the tests run as root, which PostgreSQL refuses to.
const USER: &str = "postgres";

const GUARD: &str = r#"
trap '' INT TERM HUP
folder=$1
shift
"$@" >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$folder"
"#;

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static DATABASES: AtomicU32 = AtomicU32::new(1);

/// Where the server is that is shared with other processes.
const SHARED: &str = "SHIREN_TEST_CLUSTER";

struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    /// Its end of the pipe is what keeps the server alive; `None` where somebody else does.
    _guard: Option<Child>,
}

/// The address of a new, empty database.
///
/// # Panics
/// When PostgreSQL is not installed or does not start; the message says what to do.
pub fn database() -> String {
    let cluster = CLUSTER.get_or_init(|| Cluster::get().expect("tests need a PostgreSQL of their own"));
    let name = format!("test_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    cluster.create(&name).expect("the server makes a database");
    format!("postgres://{USER}@localhost/{name}?host={}", cluster.folder.display())
}

/// The address of a new database with all that another one holds, to which nobody may be connected.
///
/// # Errors
/// With what the server said.
pub fn copy_of(url: &str) -> Result<String, String> {
    let name = format!("copy_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::Relaxed));
    let (template, rest) = parts(url)?;
    let done = maintain(url, &format!("CREATE DATABASE {name} TEMPLATE {template}"));
    done.map(|_| format!("postgres://{USER}@localhost/{name}{rest}"))
}

/// Deletes a database, whoever is connected.
///
/// # Errors
/// With what the server said.
pub fn delete(url: &str) -> Result<(), String> {
    let (name, _) = parts(url)?;
    maintain(url, &format!("DROP DATABASE {name} WITH (FORCE)")).map(drop)
}

/// Name of the database in an address of [`database`], and what follows it.
fn parts(url: &str) -> Result<(&str, &str), String> {
    let start = url.find("@localhost/").ok_or("an address of this server")? + "@localhost/".len();
    let end = url[start..].find('?').map_or(url.len(), |at| start + at);
    Ok((&url[start..end], &url[end..]))
}

/// Runs a statement beside all databases of the tests.
fn maintain(url: &str, statement: &str) -> Result<String, String> {
    let programs = programs().ok_or(MISSING)?;
    let (_, rest) = parts(url)?;
    let server = format!("postgres://{USER}@localhost/postgres{rest}");
    said(Command::new(programs.join("psql")).args(["-X", "-q", "-c", statement]).arg(server))
}

impl Cluster {
    /// The shared one, or one of this process.
    fn get() -> Result<Self, String> {
        match std::env::var_os(SHARED) {
            Some(folder) => {
                Ok(Self { programs: programs().ok_or(MISSING)?, folder: folder.into(), _guard: None })
            }
            None => Self::start(),
        }
    }

    fn start() -> Result<Self, String> {
        let programs = programs().ok_or(MISSING)?;
        let folder = std::env::temp_dir().join(format!("shiren-postgres-{}", std::process::id()));
        let root = said(Command::new("id").arg("-u"))?.trim() == "0";
        let mut make = Command::new("install");
        make.args(["-d", "-m", "700"]);
        if root {
            make.args(["-o", USER, "-g", USER]);
        }
        said(make.arg(&folder))?;
        let data = folder.join("data");
        let mut initdb = as_user(root, &programs.join("initdb"));
        initdb.args(["-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "-N", "-D"]);
        said(initdb.arg(&data).current_dir("/"))?;
        let server = as_user(root, &programs.join("postgres"));
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .arg(server.get_program())
            .args(server.get_args())
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=200", "-k"])
            .arg(&folder)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let cluster = Self { programs, folder, _guard: Some(guard) };
        cluster.wait()?;
        Ok(cluster)
    }

    fn wait(&self) -> Result<(), String> {
        for _ in 0..600 {
            let ready = Command::new(self.programs.join("pg_isready"))
                .args(["-q", "-U", USER, "-h"])
                .arg(&self.folder)
                .status();
            if ready.is_ok_and(|status| status.success()) {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not start: {log}"))
    }

    fn create(&self, name: &str) -> Result<(), String> {
        let mut createdb = Command::new(self.programs.join("createdb"));
        said(createdb.args(["-U", USER, "-h"]).arg(&self.folder).arg(name)).map(drop)
    }
}

/// A program of the server, run by whom it allows.
fn as_user(root: bool, program: &Path) -> Command {
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args([&format!("--reuid={USER}"), &format!("--regid={USER}"), "--init-groups", "--"])
        .arg(program);
    command
}

/// Where Debian keeps the newest version, or what is in the path.
fn programs() -> Option<PathBuf> {
    let version = |folder: &PathBuf| folder.file_name()?.to_str()?.parse::<u32>().ok();
    let installed = std::fs::read_dir("/usr/lib/postgresql").ok();
    let mut versions: Vec<_> = installed.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    versions.sort_by_key(version);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let debians = versions.into_iter().rev().map(|folder| folder.join("bin"));
    debians.chain(std::env::split_paths(&path)).find(|folder| folder.join("initdb").is_file())
}

/// What a program said; its complaint when it failed.
fn said(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().display().to_string();
    let Output { status, stdout, stderr } = command.output().map_err(|e| format!("{name}: {e}"))?;
    if status.success() {
        Ok(String::from_utf8_lossy(&stdout).into_owned())
    } else {
        Err(format!("{name}: {}", String::from_utf8_lossy(&stderr)))
    }
}
