//! Date-times as they are written on the wire.
//!
//! Answers carry RFC 3339 in UTC with `Z` and exactly six digits of fraction, so that texts sort like times.
//! Requests may have any offset and any fraction.
//! Go clients cannot leave a date-time out: an unset one arrives as year 1 (`0001-01-01T00:00:00.000Z`), which
//! [`unset_as_none`] turns into `None`, as it does `null` and `""`.

use std::{fmt, str::FromStr};

use jiff::{
    Timestamp,
    fmt::{StdFmtWrite, temporal::DateTimePrinter},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A moment, written in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub Timestamp);

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(6));

/// 0002-01-01T00:00:00Z in seconds since 1970.
const YEAR_2: i64 = -62_104_060_800;

impl DateTime {
    /// True for the moments that mean "no time": year 1 and everything before.
    pub fn is_unset(self) -> bool {
        self.0.as_second() < YEAR_2
    }
}

/// Reads an optional date-time of a request; `null`, `""` and year 1 are `None`.
pub fn unset_as_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<DateTime>, D::Error> {
    struct Optional;

    impl<'de> de::Visitor<'de> for Optional {
        type Value = Option<DateTime>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            de::Visitor::expecting(&Rfc3339, f)
        }

        fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
            deserializer.deserialize_str(self)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
            if text.is_empty() {
                return Ok(None);
            }
            de::Visitor::visit_str(Rfc3339, text).map(|time| (!time.is_unset()).then_some(time))
        }
    }

    deserializer.deserialize_option(Optional)
}

impl From<Timestamp> for DateTime {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp)
    }
}

impl From<DateTime> for Timestamp {
    fn from(time: DateTime) -> Self {
        time.0
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        PRINTER.print_timestamp(&self.0, StdFmtWrite(f)).map_err(|_| fmt::Error)
    }
}

impl FromStr for DateTime {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Rfc3339)
    }
}

struct Rfc3339;

impl de::Visitor<'_> for Rfc3339 {
    type Value = DateTime;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an RFC 3339 date-time such as `2026-02-03T04:05:06Z`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<DateTime, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }
}
