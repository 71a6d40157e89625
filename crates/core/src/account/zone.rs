//! The time zone of an account: in it its days begin and its working days are counted. Moments are kept in UTC all the same.

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The IANA name of a time zone that there is, as `America/New_York`, in the spelling of the database.
///
/// What was kept is not looked up again when it is read: a database without a zone that was there before must not make a
/// shop unreadable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct ZoneName(String);

/// No zone that there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no such time zone: its IANA name, as Asia/Shanghai or America/New_York")]
pub struct UnknownZone;

impl ZoneName {
    /// Its name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its rules; `None` when the database knows it no longer.
    pub fn time_zone(&self) -> Option<TimeZone> {
        TimeZone::get(&self.0).ok()
    }
}

impl FromStr for ZoneName {
    type Err = UnknownZone;

    fn from_str(text: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(text).map_err(|_| UnknownZone)?;
        // The database has entries for "none was chosen", which are nowhere.
        let name = zone.iana_name().filter(|name| !matches!(*name, "Factory" | "Etc/Unknown"));
        name.map(|name| Self(name.to_owned())).ok_or(UnknownZone)
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod days;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_that_there_are_get_the_spelling_of_the_database() {
        for (given, name) in [
            ("Asia/Shanghai", "Asia/Shanghai"),
            ("america/new_york", "America/New_York"),
            ("Pacific/Auckland", "Pacific/Auckland"),
            ("UTC", "UTC"),
        ] {
            assert_eq!(given.parse::<ZoneName>().map(|zone| zone.to_string()), Ok(name.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for given in
            ["", "Mars/Olympus", "+08:00", "EST5EDT,M3.2.0,M11.1.0", "Factory", "Etc/Unknown", "北京"]
        {
            assert_eq!(given.parse::<ZoneName>(), Err(UnknownZone), "{given:?}");
        }
    }

    #[test]
    fn a_zone_that_is_known_no_longer_is_read_all_the_same() {
        let kept: ZoneName = serde_json::from_str("\"Mars/Olympus\"").unwrap();
        assert_eq!((kept.as_str(), kept.time_zone()), ("Mars/Olympus", None));
    }
}
