//! `shiren serve` and `shiren work`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use shiren_app::record::Role;
use shiren_app::{App, CreateSession};
use shiren_core::account::{Account, AccountKind};
use shiren_core::verification::program::Mode;
use shiren_web::page::Support;
use shiren_web::{Limiting, Site, State};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::language::Language;
use crate::service::config::{Config, Platform};
use crate::service::{self, listen, other};

/// How often what is over is swept away.
const SWEEP: Duration = Duration::from_secs(600);

/// How the try-out is started for a phone.
const PHONE: &str = "SHIREN_SERVER_LISTEN=0.0.0.0:8420 SHIREN_SERVER_TLS=self-signed shiren serve --try";

/// Serve the pages, the console and the API, and do the work behind them
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Also create a test session and a reviewer, and print what to open
    #[arg(long = "try")]
    try_out: bool,
}

/// Do the work behind the pages, without serving them
#[derive(Debug, Args)]
pub(crate) struct Work {
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Serve {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        service::settle_memory();
        let config = Config::load(self.config.as_deref())?;
        service::begin_logs(&config.log)?;
        service::runtime()?.block_on(async {
            let (app, eyes) = service::app(&config, setting).await?;
            // The models are opened while the first person reads the first page.
            let opening = tokio::task::spawn_blocking(move || eyes.open_all().map_err(Failure::from));
            let workers = Workers::begin(&app, config.work.workers);
            let site = Site {
                public_url: config.public_url(),
                secure: config.public_url().starts_with("https://"),
                name: config.platform.name.clone(),
                home: Some(config.platform.home.clone()).filter(|home| !home.is_empty()),
                own_apps: config.platform.own_apps.clone(),
                embed_origins: service::embed_origins(&config)?,
                support: support(&config.platform),
                largest_request: config.server.largest_request,
                limiting: Limiting {
                    per_key: config.limits.per_key,
                    per_address: config.limits.per_address,
                    client_address_header: config.server.client_address_header.clone(),
                },
            };
            if self.try_out {
                println!("{}", tried(&app, &site, setting.language).await?);
            }
            let router = shiren_web::router(State::new(app, site));
            tracing::info!(address = %config.server.listen, url = config.public_url(), "serving");
            let served = tokio::select! {
                served = listen::serve(&config, router) => served,
                failed = failed(opening) => Err(failed),
            };
            workers.end().await;
            served
        })
    }
}

fn support(platform: &Platform) -> Support {
    let there = |text: &String| (!text.is_empty()).then(|| text.clone());
    Support { phone: there(&platform.phone), mail: there(&platform.mail), hours: there(&platform.hours) }
}

/// Ends only when the models cannot be opened: without them nothing can be decided.
async fn failed(opening: tokio::task::JoinHandle<Result<(), Failure>>) -> Failure {
    match opening.await {
        Ok(Ok(())) => {
            tracing::info!("the models are open");
            std::future::pending().await
        }
        Ok(Err(failure)) => failure,
        Err(panic) => other(panic),
    }
}

impl Work {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        service::settle_memory();
        let config = Config::load(self.config.as_deref())?;
        service::begin_logs(&config.log)?;
        service::runtime()?.block_on(async {
            let (app, eyes) = service::app(&config, setting).await?;
            tokio::task::spawn_blocking(move || eyes.open_all()).await.map_err(other)??;
            let workers = Workers::begin(&app, config.work.workers.max(1));
            tracing::info!(workers = config.work.workers.max(1), "working");
            listen::stopped().await;
            workers.end().await;
            Ok(())
        })
    }
}

/// The workers of this process.
struct Workers {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Workers {
    fn begin(app: &Arc<App>, how_many: usize) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for n in 0..how_many {
            let name = format!("{}-{n}", std::process::id());
            tasks.spawn(Arc::clone(app).work(name, stopped.clone()));
        }
        let (asked, until) = (Arc::clone(app), stopped.clone());
        tasks.spawn(async move { asked.keep_gate_log(until).await });
        let follows = Arc::clone(app);
        tasks.spawn(async move {
            if let Err(error) = follows.follow_exemptions().await {
                tracing::warn!(%error, "the exemptions of shop types could not be followed");
            }
        });
        tasks.spawn(sweep(Arc::clone(app), stopped));
        Self { stop, tasks }
    }

    /// Lets them finish what they are doing.
    async fn end(self) {
        let _ = self.stop.send(true);
        self.tasks.join_all().await;
    }
}

async fn sweep(app: Arc<App>, mut stopped: watch::Receiver<bool>) {
    while !*stopped.borrow() {
        if let Err(error) = app.sweep().await {
            tracing::warn!(%error, "what is over could not be swept away");
        }
        tokio::select! {
            () = tokio::time::sleep(SWEEP) => {}
            _ = stopped.changed() => {}
        }
    }
}

/// A test session and a reviewer, and what to open.
async fn tried(app: &App, site: &Site, language: Language) -> Result<String, Failure> {
    let asked = CreateSession {
        mode: Mode::Test,
        program: "shop-owner".to_owned(),
        account: Account { kind: AccountKind::Shop, id: "demo-shop".to_owned() },
        clock: None,
        return_url: None,
        action: None,
        metadata: Default::default(),
        contact: shiren_app::Contact::default(),
        account_assertion: false,
    };
    let created = app.run(asked).await.map_err(other)?;
    let password = app.pass_phrase();
    match app.create_user("reviewer", &password, Role::Admin).await {
        Ok(_) => {}
        // Left from an earlier try: it gets a password that can be shown.
        Err(shiren_app::Error::Conflict) => app.set_password("reviewer", &password).await.map_err(other)?,
        Err(e) => return Err(other(e)),
    }
    let url = &site.public_url;
    let (link, secret) = (format!("{url}/v/{}", created.link_secret), &password);
    // A phone reaches only what listens beyond this machine, and gives its camera only to what comes over TLS.
    let phone = if url.contains("://localhost") {
        language.of(
            format!("\n\n用同一网络里的手机试（证书是自签的，手机会提醒一次）：\n  {PHONE}"),
            format!(
                "\n\nWith a phone on the same network (the certificate is our own: it warns once):\n  {PHONE}"
            ),
        )
    } else {
        String::new()
    };
    Ok(language.of(
        format!("\n店主的页面（只能打开一次）：\n  {link}\n\n审核员的控制台：\n  {url}/console\n  用户名 reviewer，密码 {secret}\n\n接口文档：\n  {url}/docs{phone}\n\n按 Ctrl+C 停止。"),
        format!("\nThe shop owner's page (opens once):\n  {link}\n\nThe reviewer's console:\n  {url}/console\n  sign in as reviewer with {secret}\n\nFor engineers, the API:\n  {url}/docs{phone}\n\nCtrl+C stops it."),
    ))
}
