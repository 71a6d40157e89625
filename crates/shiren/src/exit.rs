//! How a command ends when it could not do its job.

use std::io;
use std::process::ExitCode;

use shiren_vision::pack::PackError;

use crate::language::Language;

/// Why the command could not do its job. Each ends the process with its own status and one line on stderr.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The arguments make no sense: status 2.
    #[error("{0}; see the command with --help")]
    Usage(String),
    /// Models, or the runtime that runs them, are not installed: status 3.
    #[error("{0}; get the models with: shiren models install")]
    ModelsMissing(String),
    /// Whoever read our output has gone: nothing is left to say.
    #[error("the output was closed")]
    OutputClosed,
    /// Anything else: status 1.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// Says it and gives the status.
    pub(crate) fn report(self) -> ExitCode {
        let status = match self {
            Self::OutputClosed => return ExitCode::SUCCESS,
            Self::Usage(_) => 2,
            Self::ModelsMissing(_) => 3,
            Self::Other(_) => 1,
        };
        match (&self, Language::of_locale()) {
            (Self::ModelsMissing(what), Language::Chinese) => {
                eprintln!("shiren: 缺少模型：{what}；获取模型：shiren models install");
            }
            _ => eprintln!("shiren: {self}"),
        }
        ExitCode::from(status)
    }
}

impl From<PackError> for Failure {
    fn from(error: PackError) -> Self {
        if error.is_missing() {
            Self::ModelsMissing(error.to_string())
        } else {
            Self::Other(error.to_string())
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::OutputClosed,
            _ => Self::Other(format!("writing the output: {error}")),
        }
    }
}
