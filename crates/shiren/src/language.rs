//! The language in which people are spoken to.

use std::env;

/// Chinese where the locale says so, English otherwise. JSON always carries both where sentences are data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// 简体中文
    Chinese,
    /// English
    English,
}

impl Language {
    /// From the variables that decide about messages, in the order that POSIX gives them.
    pub(crate) fn of_locale() -> Self {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .filter_map(env::var_os)
            .find(|value| !value.is_empty())
            .unwrap_or_default();
        if locale.to_string_lossy().starts_with("zh") { Self::Chinese } else { Self::English }
    }

    /// The one of two that is in this language.
    pub(crate) fn of<T>(self, zh: T, en: T) -> T {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }
}
