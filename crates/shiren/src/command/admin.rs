//! `shiren admin`: keys for the API, people for the console, jobs that were given up.

use std::io::{IsTerminal as _, Write as _, stdin};
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use shiren_app::job::Job;
use shiren_app::record::{ApiKey, DeadJob, Role, Scope};
use shiren_app::{App, RequeueJob};
use shiren_core::verification::program::Mode;

use super::choice;
use crate::cli::Setting;
use crate::exit::Failure;
use crate::service::config::Config;
use crate::service::{self, other};

/// Make, change and revoke API keys, add people who work at the console, look after jobs that were given up
#[derive(Debug, Args)]
pub(crate) struct Admin {
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Make an API key; its secret is shown once
    CreateKey {
        /// What you call it
        name: String,
        /// Test: nothing is proven. Live: real people
        #[arg(long, value_parser = choice::mode(), default_value_t = Mode::Test)]
        mode: Mode,
        /// What it may do; all without it
        #[arg(long, value_parser = choice::scope(), value_delimiter = ',')]
        scopes: Vec<Scope>,
    },
    /// List API keys and what they may do, without their secrets
    Keys,
    /// Give an API key scopes that it lacks, or take some away
    ///
    /// A key keeps the scopes that it was made with. One that was made before a part of the product existed (`gate_read`,
    /// `aftersales_write` …) lacks its scopes, and is refused with `scope_missing` there; this gives them without another
    /// secret. What changed is in the audit log, and a running service goes by it within a second.
    #[command(
        after_help = "Examples:\n  shiren admin keys\n  shiren admin change-key key_01… --add gate_read,gate_write\n  shiren admin change-key key_01… --add all --remove people_read"
    )]
    ChangeKey {
        /// key_…
        id: String,
        /// Scopes that it gets; `all` for every one that there is
        #[arg(long, value_parser = choice::scopes(), value_delimiter = ',', required_unless_present = "remove")]
        add: Vec<choice::Scopes>,
        /// Scopes that it loses
        #[arg(long, value_parser = choice::scope(), value_delimiter = ',')]
        remove: Vec<Scope>,
    },
    /// Revoke an API key
    RevokeKey {
        /// key_…
        id: String,
    },
    /// Add somebody who works at the console; the password is read from standard input
    CreateUser {
        /// What they sign in with
        login: String,
        /// What they may do
        #[arg(long, value_enum, default_value_t = RoleName::Reviewer)]
        role: RoleName,
    },
    /// List who works at the console
    Users,
    /// Jobs that were given up: list them, or let them be tried again
    Jobs {
        #[command(subcommand)]
        task: JobsTask,
    },
}

#[derive(Debug, Subcommand)]
enum JobsTask {
    /// List them, newest first, each with what it is about and its last error
    List {
        /// At most so many
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Let them be tried again, once the cause is mended
    ///
    /// Checks of a verification session that were given up have opened a case; it is withdrawn when they are tried
    /// again. A running service takes a job up within a second.
    #[command(
        after_help = "Examples:\n  shiren admin jobs list\n  shiren admin jobs requeue job_01…\n  shiren admin jobs requeue --all --kind deliver_webhook"
    )]
    Requeue {
        /// job_…
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        ids: Vec<String>,
        /// All that were given up
        #[arg(long)]
        all: bool,
        /// With --all: only of this kind
        #[arg(long, requires = "all", value_parser = clap::builder::PossibleValuesParser::new(Job::KINDS))]
        kind: Option<String>,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RoleName {
    /// Look at everything, and decide cases and after-sales requests
    Reviewer,
    /// Also penalise shops, keep deposits, lift bans, run rollouts, change the gate's rules, find who was responsible
    Admin,
}

impl Admin {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        let config = Config::load(self.config.as_deref())?;
        service::runtime()?.block_on(async {
            let (app, _) = service::app(&config, setting).await?;
            self.task.run(&app, setting).await
        })
    }
}

impl Task {
    async fn run(self, app: &App, setting: &Setting) -> Result<(), Failure> {
        let say = |zh: &'static str, en: &'static str| setting.language.of(zh, en);
        match self {
            Self::CreateKey { name, mode, scopes } => {
                let scopes = if scopes.is_empty() { Scope::ALL.into() } else { scopes };
                let (key, secret) =
                    app.create_api_key(&name, mode, scopes.into_iter().collect()).await.map_err(other)?;
                eprintln!("{} {}", key.id, say("密钥只显示这一次：", "the secret is shown only now:"));
                println!("{secret}");
            }
            Self::Keys => {
                for key in app.api_keys().await.map_err(other)? {
                    let revoked = if key.revoked_at.is_some() { say("已吊销", "revoked") } else { "" };
                    println!("{}  {}  {}  {}  {revoked}", key.id, key.mode, key.created_at, key.name);
                    println!("    {}", may(&key, setting));
                }
            }
            Self::ChangeKey { id, add, remove } => {
                let id = id.parse().map_err(|e: shiren_core::id::NotAnId| Failure::Usage(e.to_string()))?;
                let add = add.into_iter().flat_map(|scopes| scopes.0).collect();
                let remove = remove.into_iter().collect();
                let key = app.change_key_scopes(&id, &add, &remove).await.map_err(other)?;
                println!("{}", may(&key, setting));
            }
            Self::RevokeKey { id } => {
                let id = id.parse().map_err(|e: shiren_core::id::NotAnId| Failure::Usage(e.to_string()))?;
                app.revoke_api_key(&id).await.map_err(other)?;
                println!("{}", say("已吊销", "revoked"));
            }
            Self::CreateUser { login, role } => {
                let role = match role {
                    RoleName::Reviewer => Role::Reviewer,
                    RoleName::Admin => Role::Admin,
                };
                let password =
                    password(say("密码（至少 15 个字符）：", "Password (at least 15 characters): "))?;
                let user = app.create_user(&login, &password, role).await.map_err(other)?;
                println!("{}  {}", user.id, user.login);
            }
            Self::Jobs { task } => task.run(app, setting).await?,
            Self::Users => {
                for user in app.users().await.map_err(other)? {
                    println!("{}  {}  {:?}", user.id, user.login, user.role);
                }
            }
        }
        Ok(())
    }
}

/// Jobs that are looked through for those to be tried again.
const MOST_JOBS: u32 = 100_000;

impl JobsTask {
    async fn run(self, app: &App, setting: &Setting) -> Result<(), Failure> {
        match self {
            Self::List { limit } => {
                let dead = app.dead_jobs(limit).await.map_err(other)?;
                if dead.is_empty() {
                    println!("{}", setting.language.of("没有被放弃的任务", "no job was given up"));
                }
                for DeadJob { id, job, error, died_at } in dead {
                    println!("{id}  {died_at}  {}  {}\n    {error}", job.kind(), job.about());
                }
            }
            Self::Requeue { ids, all, kind } => {
                let mut jobs = Vec::new();
                for id in &ids {
                    jobs.push(
                        id.parse().map_err(|e: shiren_core::id::NotAnId| Failure::Usage(e.to_string()))?,
                    );
                }
                if all {
                    let dead = app.dead_jobs(MOST_JOBS).await.map_err(other)?.into_iter();
                    let meant = |dead: &DeadJob| kind.as_deref().is_none_or(|kind| dead.job.kind() == kind);
                    jobs.extend(dead.filter(meant).map(|dead| dead.id));
                }
                for id in jobs {
                    app.run(RequeueJob { id: id.clone(), by: "command line".to_owned() })
                        .await
                        .map_err(other)?;
                    println!("{id}");
                }
            }
        }
        Ok(())
    }
}

/// What a key may do, or what it lacks where that is shorter.
fn may(key: &ApiKey, setting: &Setting) -> String {
    let lacks: Vec<&str> =
        Scope::ALL.into_iter().filter(|s| !key.scopes.contains(s)).map(Scope::name).collect();
    let has: Vec<&str> = key.scopes.iter().map(|s| s.name()).collect();
    if lacks.is_empty() {
        return setting.language.of("全部权限", "everything").to_owned();
    }
    if has.len() <= lacks.len() {
        return has.join(" ");
    }
    format!("{} {}", setting.language.of("没有：", "lacks"), lacks.join(" "))
}

/// One line of standard input.
fn password(prompt: &str) -> Result<String, Failure> {
    if stdin().is_terminal() {
        eprint!("{prompt}");
        std::io::stderr().flush()?;
    }
    let mut line = String::new();
    stdin().read_line(&mut line).map_err(other)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
