//! Logs: structured, on stderr, without personal data.

use tracing_subscriber::EnvFilter;

use super::config::{Log, LogFormat};
use crate::exit::Failure;

/// Begins logging as configured.
pub(crate) fn begin(log: &Log) -> Result<(), Failure> {
    let filter = EnvFilter::try_new(&log.level).map_err(|e| Failure::Other(format!("log.level: {e}")))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match log.format {
        LogFormat::Text => logs.compact().init(),
        LogFormat::Json => logs.json().init(),
    }
    Ok(())
}
