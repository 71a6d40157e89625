//! Which day it is: the composition root is the one place that may look at the clock.

use clap::Args;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The day by which documents are judged.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Today {
    /// Judge as if this were today, YYYY-MM-DD [default: today in China]
    #[arg(long, value_name = "DATE")]
    today: Option<Date>,
}

impl Today {
    /// The day given, else today in China (UTC+8 without summer time since 1991).
    pub(crate) fn date(self) -> Date {
        self.today.unwrap_or_else(|| now().to_zoned(TimeZone::fixed(jiff::tz::offset(8))).date())
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the composition root")]
fn now() -> Timestamp {
    Timestamp::now()
}
