//! `shiren demo`: a marketplace with a past, to look at.
//!
//! Everything in it happened: through the same use cases as the API's and the pages', in test mode, on a clock that is
//! turned from half a year ago until now, so that every deadline on the way fired. The documents are specimens that the
//! product draws, and its own eyes read them.

mod people;
mod story;

use std::path::{Path, PathBuf};

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use shiren_app::App;
use shiren_app::port::{AfterSalesQuery, SessionQuery, ShopQuery};
use shiren_app::record::Scope;
use shiren_core::verification::program::Mode;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::language::Language;
use crate::service::config::Config;
use crate::service::{self, other};

use people::Faces;
use story::Told;

const TEACH: &str = "\
It fills an empty data folder with shops (open, restricted, closed for now, closed for ever, closed by their owner),
sub-accounts in every state, buyers and their after-sales requests, a case that waits for its second reviewer,
deposits, bans, and the events of half a year. Everything is in test mode; nobody in it exists.

A folder that holds shops, sessions or requests already is refused, and left as it is.
It wants the models and two photographs: shiren models install --with-samples

Examples:
  SHIREN_DATA_FOLDER=demo shiren demo
  SHIREN_DATA_FOLDER=demo shiren serve
  shiren demo --first me.jpg --second friend.jpg";

/// Fill an empty data folder with a marketplace that has a past, to look at
#[derive(Debug, Args)]
#[command(after_help = TEACH)]
pub(crate) struct Demo {
    /// Settings [default: $SHIREN_CONFIG, else those that `shiren config` prints]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// A photograph of whoever plays the owners and the buyer [default: a sample]
    #[arg(long, value_name = "FILE")]
    first: Option<PathBuf>,

    /// A photograph of whoever plays the banned owner [default: a sample]
    #[arg(long, value_name = "FILE")]
    second: Option<PathBuf>,
}

/// What to open, and with what: shown this once.
#[derive(Serialize)]
struct Shown {
    console: String,
    reviewers: Vec<(String, String)>,
    api_key: String,
    clock: String,
    aftersales_page: String,
    shops: Vec<String>,
}

impl Demo {
    pub(crate) fn run(self, setting: &Setting) -> Result<(), Failure> {
        service::settle_memory();
        let config = Config::load(self.config.as_deref())?;
        let samples = setting.models_root()?.join("samples");
        let faces = Faces {
            first: photograph(self.first.as_deref(), &samples, "obama.jpg")?,
            second: photograph(self.second.as_deref(), &samples, "biden.jpg")?,
        };
        service::runtime()?.block_on(async {
            let (app, eyes) = service::app(&config, setting).await?;
            refuse_filled(&app).await?;
            tokio::task::spawn_blocking(move || eyes.open_all()).await.map_err(other)??;
            let bar = bar(setting.language);
            let told = story::tell(&app, &faces, &|step| bar.set_message(step_name(setting.language, step)))
                .await
                .map_err(other)?;
            bar.finish_and_clear();
            let shown = shown(&app, &config.public_url(), told).await?;
            Ok(setting.output.result(&shown, |shown| text(setting.language, shown))?)
        })
    }
}

/// The photograph given, or a sample.
fn photograph(given: Option<&Path>, samples: &Path, sample: &str) -> Result<Vec<u8>, Failure> {
    let path = given.map_or_else(|| samples.join(sample), Path::to_owned);
    let missing = given.is_none() && !path.exists();
    if missing {
        let hint = "no sample photographs; get them with: shiren models install --with-samples";
        return Err(Failure::ModelsMissing(hint.to_owned()));
    }
    crate::picture_file::read(&path)
}

/// A marketplace that is somebody's is not mixed with this one.
async fn refuse_filled(app: &App) -> Result<(), Failure> {
    let mut filled =
        !app.sessions(&SessionQuery { limit: 1, ..SessionQuery::default() }).await.map_err(other)?.is_empty();
    for mode in [Mode::Test, Mode::Live] {
        let shops = ShopQuery::of(mode, 1);
        filled |= !app.shops(&shops).await.map_err(other)?.is_empty();
    }
    let requests = AfterSalesQuery { limit: 1, ..AfterSalesQuery::default() };
    filled |= !app.aftersales_list(&requests).await.map_err(other)?.is_empty();
    if filled {
        return Err(Failure::Other(
            "the data folder is not empty; name another one: SHIREN_DATA_FOLDER=demo shiren demo".into(),
        ));
    }
    Ok(())
}

async fn shown(app: &App, url: &str, told: Told) -> Result<Shown, Failure> {
    let (_, api_key) = app.create_api_key("demo", Mode::Test, Scope::ALL.into()).await.map_err(other)?;
    Ok(Shown {
        console: format!("{url}/console"),
        reviewers: told.reviewers,
        api_key,
        clock: told.clock.to_string(),
        aftersales_page: format!("{url}/a/{}", told.link_secret),
        shops: story::SHOPS.map(str::to_owned).into(),
    })
}

fn bar(language: Language) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_message(language.of("准备中", "getting ready"));
    bar.enable_steady_tick(std::time::Duration::from_millis(100));
    bar
}

fn step_name(language: Language, step: story::Step) -> &'static str {
    let (zh, en) = match step {
        story::Step::Shops => ("店铺开张", "shops open"),
        story::Step::Penalties => ("处罚与封禁", "penalties and a ban"),
        story::Step::Staff => ("子账号", "sub-accounts"),
        story::Step::Buyers => ("买家与售后", "buyers and after-sales"),
        story::Step::Time => ("时间往前走", "time goes on"),
    };
    language.of(zh, en)
}

fn text(language: Language, shown: &Shown) -> String {
    let logins: Vec<String> =
        shown.reviewers.iter().map(|(login, password)| format!("  {login}  {password}")).collect();
    let logins = logins.join("\n");
    let (console, page, key, clock) = (&shown.console, &shown.aftersales_page, &shown.api_key, &shown.clock);
    let shops = shown.shops.join(", ");
    language.of(
        format!(
            "演示数据已就绪（测试模式，人物都是虚构的）。\n\n启动服务：\n  shiren serve\n\n复核台：\n  {console}\n{logins}\n\n买家的售后页面（只能打开一次）：\n  {page}\n\n接口密钥（只显示这一次）：\n  {key}\n店铺：{shops}\n时钟：{clock}（用 /v1/test/clocks 接着往前拨）"
        ),
        format!(
            "The marketplace is there (test mode; nobody in it exists).\n\nStart the service:\n  shiren serve\n\nThe console:\n  {console}\n{logins}\n\nA buyer's after-sales page (opens once, within the hour):\n  {page}\n\nThe API's key (shown this once):\n  {key}\nShops: {shops}\nClock: {clock} (turn it on with /v1/test/clocks)"
        ),
    )
}
