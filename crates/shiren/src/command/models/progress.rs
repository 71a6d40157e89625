//! Shows how an installation goes, on stderr: a bar in a terminal, plain lines elsewhere.

use std::cell::Cell;
use std::io::{IsTerminal as _, stderr};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use shiren_vision::pack::install::Event;

use super::megabytes;
use crate::cli::Setting;
use crate::language::Language;

/// Counts archives by bytes, because fetching is what takes time.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    language: Language,
    /// Bytes of the archives that are at hand.
    before: Cell<u64>,
    /// Whether the package in hand was announced on a line of its own.
    announced: Cell<bool>,
}

impl Progress {
    pub(super) fn new(setting: &Setting) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template(
                "{bar:20} {decimal_bytes:>9}/{decimal_total_bytes} {elapsed:>3} {wide_msg}",
            );
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, language: setting.language, before: Cell::new(0), announced: Cell::new(false) }
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        let say = |zh: String, en: String| self.language.of(zh, en);
        match event {
            Event::Waiting => {
                self.line(say(
                    "另一个安装正在进行，等它结束".into(),
                    "another installation runs; waiting for it".into(),
                ));
            }
            Event::Planned { products: 0, .. } => {}
            Event::Planned { bytes, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_length(*bytes);
                    bar.enable_steady_tick(Duration::from_millis(200));
                }
            }
            Event::Fetching { package, bytes } => {
                let total = package.archive.as_ref().map_or(0, |archive| archive.bytes);
                let text = say(format!("下载 {package}"), format!("fetching {package}"));
                match &self.bar {
                    Some(bar) => {
                        bar.set_message(text);
                        bar.set_position(self.before.get() + bytes.min(&total));
                    }
                    None if !self.announced.replace(true) => {
                        self.line(format!("{text} ({})", megabytes(total)));
                    }
                    None => {}
                }
            }
            Event::Ready { package } => {
                self.announced.set(false);
                self.before
                    .update(|bytes| bytes + package.archive.as_ref().map_or(0, |archive| archive.bytes));
                if let Some(bar) = &self.bar {
                    bar.set_position(self.before.get());
                }
            }
            Event::Making(product) => {
                if let Some(bar) = &self.bar {
                    let name = &product.name;
                    bar.set_message(say(format!("转换并试运行 {name}"), format!("making and trying {name}")));
                }
            }
            Event::Placed(product) => {
                self.line(say(format!("已就位 {}", product.path()), format!("placed {}", product.path())));
            }
        }
    }

    pub(super) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: String) {
        match &self.bar {
            Some(bar) => bar.println(text),
            None => eprintln!("{text}"),
        }
    }
}
