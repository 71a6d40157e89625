//! The service, put together: the only place that knows which store, blobs, keys and eyes there are.

pub(crate) mod config;
mod drawing;
mod keeping;
pub(crate) mod listen;
mod logs;
mod memory;
mod programs;

use std::path::Path;
use std::sync::Arc;

use shiren_app::port::{Assertions, DataSource, Entropy, Store};
use shiren_app::webhook::schedule::Schedule;
use shiren_app::webhook::{LONGEST_OVERLAP, WebhookRules};
use shiren_app::{App, AssertionRules, Parts, Senders, Settings, Sources};
use shiren_core::account::ban::BanRules;
use shiren_core::account::staff::StaffRules;
use shiren_core::account::zone::{UnknownZone, ZoneName};
use shiren_core::aftersales::AfterSalesRules;
use shiren_core::deposit::Categories;
use shiren_core::recheck::RecheckRules;
use shiren_core::review::calendar::{Office, WorkingCalendar};
use shiren_core::see::Eyes;
use shiren_core::verification::code::CodeRules;
use shiren_gateway::assertion::AccountKeys;
use shiren_gateway::blobs::LocalBlobs;
use shiren_gateway::clock::SystemClock;
use shiren_gateway::entropy::SystemEntropy;
use shiren_gateway::keyring::FileKeyring;
use shiren_gateway::sender::{SmsSender, SmsSettings, SmtpSender, SmtpSettings};
use shiren_gateway::source::{HttpSource, SandboxSource, SourceSettings};
use shiren_gateway::webhook::{HttpSettings, HttpTransport, Rules};
use shiren_store_postgres::PostgresStore;
use shiren_store_sqlite::SqliteStore;
use shiren_vision::LocalEyes;
use shiren_vision::picture::Limits;

use crate::cli::Setting;
use crate::exit::Failure;
use crate::sight;

use config::Config;

pub(crate) use logs::begin as begin_logs;
pub(crate) use memory::settle as settle_memory;

/// File names below the data folder.
pub(crate) const DATABASE: &str = "shiren.sqlite3";
pub(crate) const BLOBS: &str = "blobs";
pub(crate) const KEYS: &str = "keys.toml";

/// A runtime for the asynchronous parts.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(other)
}

/// The store that is configured, with its schema current, and the version of that.
pub(crate) async fn store(config: &Config) -> Result<(Arc<dyn Store>, i64), Failure> {
    if let Some(address) = config.postgres()? {
        let store = PostgresStore::open(address).await.map_err(other)?;
        store.migrate().await.map_err(other)?;
        let version = store.schema_version().await.map_err(other)?;
        return Ok((Arc::new(store), version));
    }
    let store = embedded(&config.folder()?).await?;
    let version = store.schema_version().await.map_err(other)?;
    Ok((Arc::new(store), version))
}

/// The embedded store of a folder, with its schema current.
pub(crate) async fn embedded(folder: &Path) -> Result<SqliteStore, Failure> {
    let store = SqliteStore::open(folder.join(DATABASE)).await.map_err(other)?;
    store.migrate().await.map_err(other)?;
    Ok(store)
}

/// The application over a folder. The eyes open their models when they are first needed, or when told to.
pub(crate) async fn app(config: &Config, setting: &Setting) -> Result<(Arc<App>, Arc<LocalEyes>), Failure> {
    // What cannot be is told before anything is opened or migrated.
    let Times { office, staff, rechecks, aftersales } = times(config)?;
    let folder = config.folder()?;
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy::new().map_err(other)?);
    let keyring = FileKeyring::open_or_create(folder.join(KEYS), entropy.as_ref()).map_err(other)?;
    let rules = Rules { allow_private: config.webhooks.allow_private, any_port: config.webhooks.any_port };
    let webhooks = HttpTransport::new(&HttpSettings { rules, ..HttpSettings::default() }).map_err(other)?;
    let eyes = Arc::new(LocalEyes::new(setting.library()?, Limits::default()));
    let seeing: Arc<dyn Eyes> = Arc::clone(&eyes) as _;
    let parts = Parts {
        store: store(config).await?.0,
        blobs: Arc::new(LocalBlobs::open(folder.join(BLOBS)).map_err(other)?),
        clock: Arc::new(SystemClock),
        entropy,
        keyring: Arc::new(keyring),
        specimens: drawing::Drawer::new(Arc::clone(&seeing)).map(|d| Arc::new(d) as _),
        eyes: seeing,
        watch: Arc::clone(&eyes) as _,
        pictures: Arc::new(keeping::Keeper),
        webhooks: Arc::new(webhooks),
        sources: sources(&config.source)?,
        senders: senders(&config.send)?,
        assertions: assertions(&config.platform)?,
        settings: Settings {
            looking: config.work.looking,
            captures: config.work.captures,
            threads: setting.threads,
            public_url: config.public_url(),
            platform: config.platform.name.clone(),
            link_minutes: config.session.link_minutes,
            export_minutes: config.session.export_minutes,
            models: sight::digests(setting)?,
            programs: programs::read(&config.programs.folder)?,
            staff,
            rechecks,
            codes: codes(&config.phone)?,
            aftersales,
            zone: office.zone.clone(),
            office,
            bans: BanRules::checked(config.ban.days, &config.ban.legal_basis)
                .map_err(|name| Failure::Other(format!("ban.{name}: out of its range")))?,
            categories: read(&config.deposit.categories, Categories::from_toml)?
                .unwrap_or_else(|| Categories::built_in().clone()),
            webhooks: webhook_rules(&config.webhooks)?,
            assertion: AssertionRules {
                issuer: config.platform.assertion_issuer.clone(),
                audience: Some(&config.platform.assertion_audience)
                    .filter(|audience| !audience.is_empty())
                    .map_or_else(|| config.public_url(), Clone::clone),
            },
        },
    };
    Ok((Arc::new(App::new(parts)), eyes))
}

/// What tells when something happens.
pub(crate) struct Times {
    office: Office,
    staff: StaffRules,
    rechecks: RecheckRules,
    aftersales: AfterSalesRules,
}

/// Reads what tells when something happens, and refuses what cannot be: zones that there are not, days that no month has,
/// promotions that overlap.
pub(crate) fn times(config: &Config) -> Result<Times, Failure> {
    let office = office(&config.platform)?;
    let zone = &config.platform.zone;
    let staff = &config.staff.rules;
    let (staff, names_zone) = rules("staff", staff, StaffRules::from_toml)?.unwrap_or_default();
    let staff = if names_zone { staff } else { StaffRules { zone: zone.clone(), ..staff } };
    let rechecks = &config.recheck.rules;
    let (rechecks, names_zone) = rules("recheck", rechecks, RecheckRules::from_toml)?.unwrap_or_default();
    let rechecks = if names_zone { rechecks } else { RecheckRules { zone: zone.clone(), ..rechecks } };
    let (aftersales, _) =
        rules("aftersales", &config.aftersales.rules, AfterSalesRules::from_toml)?.unwrap_or_default();
    Ok(Times {
        aftersales: AfterSalesRules { office: office.clone(), ..aftersales },
        office,
        staff,
        rechecks,
    })
}

/// By what working days are counted.
fn office(set: &config::Platform) -> Result<Office, Failure> {
    let unknown = |e: UnknownZone| Failure::Other(format!("platform.zone: {:?}: {e}", set.zone));
    // Names that the database gives to no place are no zones here.
    let name: ZoneName = set.zone.parse().map_err(unknown)?;
    let zone = name.time_zone().ok_or(UnknownZone).map_err(unknown)?;
    let calendar = read(&set.working_days, WorkingCalendar::updated_by)
        .map_err(|e| Failure::Other(format!("platform.working_days: {e}")))?;
    Ok(Office { calendar: calendar.unwrap_or_else(|| WorkingCalendar::built_in().clone()), zone })
}

/// The rules of a table's file, and whether they name a zone of their own.
fn rules<T, E: std::fmt::Display>(
    table: &str,
    file: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<(T, bool)>, Failure> {
    let both = |text: &str| {
        let rules = parse(text).map_err(|e| e.to_string())?;
        let table: toml::Table = text.parse().map_err(|e: toml::de::Error| e.to_string())?;
        Ok::<_, String>((rules, table.contains_key("zone")))
    };
    read(file, both).map_err(|e| Failure::Other(format!("{table}.rules: {e}")))
}

/// Who reads what the marketplace's app asserts; nobody without keys.
fn assertions(set: &config::Platform) -> Result<Option<Arc<dyn Assertions>>, Failure> {
    let keys = read(&set.assertion_keys, AccountKeys::from_text)?;
    // Whoever names nobody would believe nobody.
    if keys.is_some() && set.assertion_issuer.is_empty() {
        return Err(Failure::Other(
            "platform.assertion_issuer: with assertion_keys it must say who signs".into(),
        ));
    }
    Ok(keys.map(|keys| Arc::new(keys) as _))
}

/// What webhook endpoints live by.
fn webhook_rules(set: &config::Webhooks) -> Result<WebhookRules, Failure> {
    let overlap_hours = set.overlap_hours;
    if overlap_hours > LONGEST_OVERLAP {
        let told = format!("webhooks.overlap_hours: {overlap_hours} is not between 0 and {LONGEST_OVERLAP}");
        return Err(Failure::Other(told));
    }
    let retries =
        Schedule::read(&set.retries).map_err(|e| Failure::Other(format!("webhooks.retries: {e}")))?;
    Ok(WebhookRules { overlap_hours, retries })
}

/// What codes for phones live by.
fn codes(set: &config::Phone) -> Result<CodeRules, Failure> {
    let within = |name: &str, value: u32, from: u32, to: u32| {
        let told = || Failure::Other(format!("phone.{name}: {value} is not between {from} and {to}"));
        (from..=to).contains(&value).then_some(value).ok_or_else(told)
    };
    Ok(CodeRules {
        tries: within("code_tries", set.code_tries, 1, 10)?,
        minutes: within("code_minutes", set.code_minutes, 1, 60)?,
        pause_seconds: within("code_pause_seconds", set.code_pause_seconds, 10, 3600)?,
        per_account_a_day: within("codes_per_account_a_day", set.codes_per_account_a_day, 1, 100)?,
        per_phone_a_day: within("codes_per_phone_a_day", set.codes_per_phone_a_day, 1, 100)?,
        per_address_an_hour: within("codes_per_address_an_hour", set.codes_per_address_an_hour, 1, 100_000)?,
        per_device_an_hour: within("codes_per_device_an_hour", set.codes_per_device_an_hour, 1, 100)?,
    })
}

/// What stands in a file of the operator's; `None` when none is set.
fn read<T, E: std::fmt::Display>(
    file: &str,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<T>, Failure> {
    if file.is_empty() {
        return Ok(None);
    }
    let failed = |e: &dyn std::fmt::Display| Failure::Other(format!("{file}: {e}"));
    let text = std::fs::read_to_string(file).map_err(|e| failed(&e))?;
    parse(&text).map(Some).map_err(|e| failed(&e))
}

/// Who is asked about identities: those that are set, and the sandbox in test mode.
fn sources(set: &config::Source) -> Result<Sources, Failure> {
    let source = |name: &str, url: &str, secret: &str| -> Result<Option<Arc<dyn DataSource>>, Failure> {
        if url.is_empty() {
            return Ok(None);
        }
        let settings = SourceSettings { name: name.into(), url: url.into(), secret: secret.into() };
        Ok(Some(Arc::new(HttpSource::new(&settings).map_err(other)?)))
    };
    Ok(Sources {
        payment_account: source("payment_account", &set.payment_account_url, &set.payment_account_secret)?,
        identity: source("identity", &set.identity_url, &set.identity_secret)?,
        sandbox: Some(Arc::new(SandboxSource)),
    })
}

/// How people are reached: by what is set.
fn senders(set: &config::Send) -> Result<Senders, Failure> {
    let mut senders = Senders::default();
    if !set.smtp_host.is_empty() {
        let settings = SmtpSettings {
            host: set.smtp_host.clone(),
            port: set.smtp_port,
            security: set.smtp_security.into(),
            login: set.smtp_login.clone(),
            password: set.smtp_password.clone(),
            from: set.smtp_from.clone(),
        };
        senders.email = Some(Arc::new(SmtpSender::new(&settings).map_err(other)?));
    }
    if !set.sms_url.is_empty() {
        let settings = SmsSettings { url: set.sms_url.clone(), secret: set.sms_secret.clone() };
        senders.sms = Some(Arc::new(SmsSender::new(&settings).map_err(other)?));
    }
    Ok(senders)
}

/// Origins of the marketplace that may frame a page: they stand in a header, so that nothing else may stand there.
pub(crate) fn embed_origins(config: &Config) -> Result<Vec<String>, Failure> {
    let is_origin = |text: &String| {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        host.is_some_and(|host| !host.is_empty() && host.chars().all(plain))
    };
    match config.platform.embed_origins.iter().find(|origin| !is_origin(origin)) {
        None => Ok(config.platform.embed_origins.clone()),
        Some(odd) => Err(Failure::Other(format!(
            "platform.embed_origins: {odd:?} is no origin like https://market.example"
        ))),
    }
}

pub(crate) fn other(error: impl std::fmt::Display) -> Failure {
    Failure::Other(error.to_string())
}
