//! The configuration: defaults that are their own manual, a file over them, the environment over both.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use shiren_gateway::certificate;
use shiren_gateway::sender::Security;
use shiren_vision::pack;
use toml::{Table, Value};

use crate::exit::Failure;

/// Every setting with its default and its meaning.
pub(crate) const MANUAL: &str = include_str!("../../config/default.toml");

/// The configuration, whole.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    pub(crate) server: Server,
    pub(crate) limits: Limits,
    pub(crate) data: Data,
    pub(crate) work: Work,
    pub(crate) session: Session,
    pub(crate) staff: Staff,
    pub(crate) deposit: Deposit,
    pub(crate) ban: Ban,
    pub(crate) phone: Phone,
    pub(crate) recheck: Recheck,
    pub(crate) programs: Programs,
    pub(crate) aftersales: AfterSales,
    pub(crate) source: Source,
    pub(crate) send: Send,
    pub(crate) webhooks: Webhooks,
    pub(crate) platform: Platform,
    pub(crate) log: Log,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Server {
    pub(crate) listen: SocketAddr,
    pub(crate) public_url: String,
    pub(crate) tls: Tls,
    pub(crate) certificate: String,
    pub(crate) private_key: String,
    pub(crate) largest_request: usize,
    pub(crate) client_address_header: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    pub(crate) per_key: u32,
    pub(crate) per_address: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Tls {
    Off,
    SelfSigned,
    Files,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Data {
    pub(crate) folder: String,
    pub(crate) database: String,
}

/// A password may stand in the address.
impl std::fmt::Debug for Data {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Data").field("folder", &self.folder).finish_non_exhaustive()
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Work {
    pub(crate) workers: usize,
    pub(crate) looking: usize,
    pub(crate) captures: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Session {
    pub(crate) link_minutes: i64,
    pub(crate) export_minutes: i64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Staff {
    pub(crate) rules: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Deposit {
    pub(crate) categories: String,
}

/// What codes for phones live by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phone {
    pub(crate) code_tries: u32,
    pub(crate) code_minutes: u32,
    pub(crate) code_pause_seconds: u32,
    pub(crate) codes_per_account_a_day: u32,
    pub(crate) codes_per_phone_a_day: u32,
    pub(crate) codes_per_address_an_hour: u32,
    pub(crate) codes_per_device_an_hour: u32,
}

/// What re-checks live by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Recheck {
    pub(crate) rules: String,
}

/// Programs of the operator's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Programs {
    pub(crate) folder: String,
}

/// What after-sales requests live by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AfterSales {
    pub(crate) rules: String,
}

/// What bans are imposed by.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ban {
    pub(crate) days: u32,
    pub(crate) legal_basis: String,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    pub(crate) payment_account_url: String,
    pub(crate) payment_account_secret: String,
    pub(crate) identity_url: String,
    pub(crate) identity_secret: String,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Send {
    pub(crate) smtp_host: String,
    pub(crate) smtp_port: u16,
    pub(crate) smtp_security: SmtpSecurity,
    pub(crate) smtp_login: String,
    pub(crate) smtp_password: String,
    pub(crate) smtp_from: String,
    pub(crate) sms_url: String,
    pub(crate) sms_secret: String,
}

impl std::fmt::Debug for Send {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Send").finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SmtpSecurity {
    Tls,
    StartTls,
    None,
}

impl From<SmtpSecurity> for Security {
    fn from(set: SmtpSecurity) -> Self {
        match set {
            SmtpSecurity::Tls => Self::Tls,
            SmtpSecurity::StartTls => Self::StartTls,
            SmtpSecurity::None => Self::None,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Webhooks {
    pub(crate) allow_private: bool,
    pub(crate) any_port: bool,
    pub(crate) overlap_hours: u32,
    pub(crate) retries: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Platform {
    pub(crate) name: String,
    pub(crate) home: String,
    pub(crate) own_apps: Vec<String>,
    pub(crate) embed_origins: Vec<String>,
    pub(crate) zone: String,
    pub(crate) working_days: String,
    pub(crate) assertion_keys: String,
    pub(crate) assertion_issuer: String,
    pub(crate) assertion_audience: String,
    pub(crate) phone: String,
    pub(crate) mail: String,
    pub(crate) hours: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    pub(crate) format: LogFormat,
    pub(crate) level: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl Config {
    /// From the file given, or from `SHIREN_CONFIG`, or from the defaults alone; the environment over all.
    pub(crate) fn load(file: Option<&Path>) -> Result<Self, Failure> {
        let file = file.map(Path::to_owned).or_else(|| env::var_os("SHIREN_CONFIG").map(PathBuf::from));
        let text = match &file {
            Some(file) => {
                let failed = |e: std::io::Error| Failure::Other(format!("{}: {e}", file.display()));
                std::fs::read_to_string(file).map_err(failed)?
            }
            None => String::new(),
        };
        let name = file.map_or_else(String::new, |f| f.display().to_string());
        Self::read(&name, &text, |variable| env::var(variable).ok())
    }

    fn read(name: &str, text: &str, environment: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let defaults = || MANUAL.parse::<Table>().map_err(|e| Failure::Other(e.to_string()));
        let own: Table = text.parse().map_err(|e: toml::de::Error| Failure::Other(format!("{name}: {e}")))?;
        let mut whole = defaults()?;
        for (section, settings) in own {
            let known = whole.get_mut(&section).and_then(Value::as_table_mut);
            let (Some(known), Value::Table(settings)) = (known, settings) else {
                return Err(Failure::Other(format!(
                    "{name}: there is no section [{section}]; see shiren config"
                )));
            };
            for (key, value) in settings {
                let (is, whole) = (value.type_str(), value.is_integer());
                let Some(before) = known.insert(key.clone(), value) else {
                    return Err(Failure::Other(format!(
                        "{name}: there is no setting {section}.{key}; see shiren config"
                    )));
                };
                let wanted = before.type_str();
                if is != wanted && !(whole && before.is_float()) {
                    return Err(Failure::Other(format!(
                        "{name}: {section}.{key} is of the type {is}, but takes {wanted}; see shiren config"
                    )));
                }
            }
        }
        for (section, settings) in &mut whole {
            for (key, value) in settings.as_table_mut().into_iter().flatten() {
                let variable = format!("SHIREN_{}_{}", section.to_uppercase(), key.to_uppercase());
                if let Some(given) = environment(&variable) {
                    *value = parsed(value, &given)
                        .ok_or_else(|| Failure::Other(format!("{variable}: {given:?} does not fit")))?;
                }
            }
        }
        whole.try_into().map_err(|e: toml::de::Error| Failure::Other(format!("{name}: {}", e.message())))
    }

    /// The folder of the data; made when it is not there.
    pub(crate) fn folder(&self) -> Result<PathBuf, Failure> {
        let folder = if self.data.folder.is_empty() {
            // Beside the models: both belong to the user who runs the product.
            pack::default_root()?.parent().map(|p| p.join("data")).unwrap_or_else(|| PathBuf::from("data"))
        } else {
            PathBuf::from(&self.data.folder)
        };
        std::fs::create_dir_all(&folder).map_err(|e| Failure::Other(format!("{}: {e}", folder.display())))?;
        Ok(folder)
    }

    /// The address of PostgreSQL; `None` for the embedded store.
    pub(crate) fn postgres(&self) -> Result<Option<&str>, Failure> {
        let address = self.data.database.as_str();
        if address.is_empty() {
            return Ok(None);
        }
        if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            return Ok(Some(address));
        }
        // What it is instead is not shown: it may hold a password.
        Err(Failure::Other(
            "data.database: an address begins with postgres://; empty is the embedded store".into(),
        ))
    }

    /// How people reach the pages.
    pub(crate) fn public_url(&self) -> String {
        if !self.server.public_url.is_empty() {
            return self.server.public_url.trim_end_matches('/').to_owned();
        }
        let scheme = if self.server.tls == Tls::Off { "http" } else { "https" };
        let address = self.server.listen;
        // Browsers give the camera to localhost without TLS; with it, a phone on the same network may come too.
        let shared = address.ip().is_unspecified() && self.server.tls != Tls::Off;
        let host = if let Some(ip) = certificate::local_addresses().first().filter(|_| shared) {
            SocketAddr::new(*ip, 0).to_string().trim_end_matches(":0").to_owned()
        } else if address.ip().is_loopback() || address.ip().is_unspecified() {
            "localhost".to_owned()
        } else {
            address.ip().to_string()
        };
        format!("{scheme}://{host}:{}", address.port())
    }
}

/// A variable's text as the kind of value that stands there.
fn parsed(like: &Value, text: &str) -> Option<Value> {
    Some(match like {
        Value::String(_) => Value::String(text.to_owned()),
        Value::Integer(_) => Value::Integer(text.replace('_', "").parse().ok()?),
        Value::Boolean(_) => Value::Boolean(text.parse().ok()?),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<Config, String> {
        let environment =
            |name: &str| variables.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
        Config::read("shiren.toml", text, environment).map_err(|e| e.to_string())
    }

    #[test]
    fn the_manual_is_a_whole_configuration() {
        let config = read("", &[]).unwrap();
        assert_eq!(config.public_url(), "http://localhost:8420");
    }

    #[test]
    fn a_file_goes_before_the_defaults_and_the_environment_before_both() {
        let text = "[server]\nlisten = \"0.0.0.0:1\"\n[work]\nworkers = 5";
        let config =
            read(text, &[("SHIREN_SERVER_LISTEN", "10.0.0.7:99"), ("SHIREN_WEBHOOKS_ANY_PORT", "true")]);
        let config = config.unwrap();
        assert_eq!(
            (config.server.listen.port(), config.work.workers, config.webhooks.any_port),
            (99, 5, true)
        );
        assert_eq!(config.public_url(), "http://10.0.0.7:99");
    }

    #[test]
    fn the_store_is_chosen_by_its_address_and_its_password_is_not_shown() {
        let embedded = read("", &[]).unwrap();
        assert_eq!(embedded.postgres().ok(), Some(None));
        let address = "postgres://shiren:hunter2@db.example/shiren";
        let server = read("", &[("SHIREN_DATA_DATABASE", address)]).unwrap();
        assert_eq!(server.postgres().ok(), Some(Some(address)));
        assert!(!format!("{server:?}").contains("hunter2"));
        let wrong =
            read("", &[("SHIREN_DATA_DATABASE", "mysql://shiren:hunter2@db.example/shiren")]).unwrap();
        let told = wrong.postgres().unwrap_err().to_string();
        assert!(told.contains("data.database") && !told.contains("hunter2"), "{told}");
    }

    #[test]
    fn what_is_not_a_setting_is_told() {
        for (text, told) in [
            ("[sever]\n", "no section [sever]"),
            ("[server]\nlisen = 1", "no setting server.lisen"),
            ("[server]\nlisten = \"here\"", "shiren.toml: "),
            ("[server", "shiren.toml: "),
        ] {
            let error = read(text, &[]).unwrap_err();
            assert!(error.contains(told), "{error}");
        }
        assert!(read("", &[("SHIREN_WORK_WORKERS", "many")]).unwrap_err().contains("SHIREN_WORK_WORKERS"));
    }
}
