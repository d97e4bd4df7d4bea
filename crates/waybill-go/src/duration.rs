//! Durations: `1h30m`, `300ms`, `-1.5h`, read and written as Go does, and as Packer tells them to people.

use std::{fmt, str::FromStr, time};

use thiserror::Error;

/// A signed span of time in nanoseconds: 292 years at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(i64);

/// Why a text is not a duration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DurationError {
    #[error("{0:?} is not a duration such as 1h30m or 300ms")]
    Syntax(String),
    #[error("the duration {0:?} is longer than 292 years")]
    TooLong(String),
    #[error("the duration {0:?} has a number without a unit: ns, us, ms, s, m or h")]
    NoUnit(String),
    #[error("the duration {text:?} has the unit {unit:?}, which is none of ns, us, ms, s, m, h")]
    Unit { text: String, unit: String },
}

/// A second, in nanoseconds.
const SECOND: u64 = 1_000_000_000;

/// Units that people read, in nanoseconds, largest first. A year has 365 days here.
const WORDS: [(u64, &str); 8] = [
    (365 * 24 * 3600 * SECOND, "year"),
    (7 * 24 * 3600 * SECOND, "week"),
    (24 * 3600 * SECOND, "day"),
    (3600 * SECOND, "hour"),
    (60 * SECOND, "minute"),
    (SECOND, "second"),
    (SECOND / 1_000, "millisecond"),
    (SECOND / 1_000_000, "microsecond"),
];

impl Duration {
    pub const ZERO: Self = Self(0);

    pub const fn from_nanoseconds(nanoseconds: i64) -> Self {
        Self(nanoseconds)
    }

    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000_000))
    }

    pub const fn as_nanoseconds(self) -> i64 {
        self.0
    }

    /// How long to wait: nothing for a negative duration.
    pub fn unsigned(self) -> time::Duration {
        time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// Its two largest units in words, `1 minute 2 seconds`; what is smaller is left out, and nothing is left of
    /// less than a microsecond. This is how Packer tells how long a build took.
    pub fn in_words(self) -> String {
        if self.0 == 0 {
            return "0 seconds".to_owned();
        }
        let mut rest = self.0.unsigned_abs();
        let mut words = Vec::new();
        for (unit, name) in WORDS {
            let count = rest / unit;
            rest %= unit;
            if 0 < count && words.len() < 2 {
                words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
            }
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}", words.join(" "))
    }
}

/// Saturates: a longer time is as long as can be told.
impl From<time::Duration> for Duration {
    fn from(duration: time::Duration) -> Self {
        Self(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX))
    }
}

/// As `time.ParseDuration` does: an optional sign, then numbers with units, `0` alone without.
impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        let syntax = || DurationError::Syntax(text.to_owned());
        let too_long = || DurationError::TooLong(text.to_owned());
        let negative = text.starts_with('-');
        let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
        if rest == "0" {
            return Ok(Self::ZERO);
        }
        if rest.is_empty() {
            return Err(syntax());
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let (whole, after) = split_digits(rest);
            let (fraction, after) = after.strip_prefix('.').map_or(("", after), split_digits);
            if whole.is_empty() && fraction.is_empty() {
                return Err(syntax());
            }
            let whole = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_long())? };
            let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
            let (unit, next) = after.split_at(end);
            if unit.is_empty() {
                return Err(DurationError::NoUnit(text.to_owned()));
            }
            let Some(size) = unit_size(unit) else {
                return Err(DurationError::Unit { text: text.to_owned(), unit: unit.to_owned() });
            };
            let part = u64::checked_mul(whole, size)
                .and_then(|part| part.checked_add(part_of(fraction, size)))
                .filter(|&part| part <= 1 << 63)
                .ok_or_else(too_long)?;
            total = total.checked_add(part).filter(|&total| total <= 1 << 63).ok_or_else(too_long)?;
            rest = next;
        }
        match i64::try_from(total) {
            Ok(total) => Ok(Self(if negative { -total } else { total })),
            Err(_) if negative => Ok(Self(i64::MIN)),
            Err(_) => Err(too_long()),
        }
    }
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn unit_size(unit: &str) -> Option<u64> {
    Some(match unit {
        "ns" => 1,
        // the micro sign and the Greek letter
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECOND,
        "m" => 60 * SECOND,
        "h" => 3600 * SECOND,
        _ => return None,
    })
}

/// `0.digits` of a unit. Digits beyond what 63 bits hold do not count, and the product is that of 64-bit floats, so
/// that the last nanosecond is the one that Go finds.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "as Go computes it; the result is not negative and at most one hour"
)]
fn part_of(digits: &str, unit: u64) -> u64 {
    let (mut value, mut scale) = (0_u64, 1.0_f64);
    for digit in digits.bytes() {
        if ((1 << 63) - 1) / 10 < value {
            break;
        }
        let next = value * 10 + u64::from(digit - b'0');
        if 1 << 63 < next {
            break;
        }
        value = next;
        scale *= 10.0;
    }
    (value as f64 * (unit as f64 / scale)) as u64
}

/// As Go's `Duration.String`: `1h0m0s`, `1.5ms`, `0s`.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanoseconds = self.0.unsigned_abs();
        if self.0 < 0 {
            f.write_str("-")?;
        }
        match nanoseconds {
            0 => f.write_str("0s"),
            1..1_000 => write!(f, "{nanoseconds}ns"),
            1_000..1_000_000 => write!(f, "{}\u{b5}s", Decimal(nanoseconds, 3)),
            1_000_000..SECOND => write!(f, "{}ms", Decimal(nanoseconds, 6)),
            _ => {
                let (minutes, seconds) = (nanoseconds / (60 * SECOND), nanoseconds % (60 * SECOND));
                if 60 <= minutes {
                    write!(f, "{}h", minutes / 60)?;
                }
                if 0 < minutes {
                    write!(f, "{}m", minutes % 60)?;
                }
                write!(f, "{}s", Decimal(seconds, 9))
            }
        }
    }
}

/// A number with so many decimal places, without zeros at its end.
struct Decimal(u64, usize);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:0width$}", self.0, width = self.1 + 1);
        let (whole, fraction) = digits.split_at(digits.len() - self.1);
        let fraction = fraction.trim_end_matches('0');
        write!(f, "{whole}{}{fraction}", if fraction.is_empty() { "" } else { "." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_go_reads_it() {
        for (text, nanoseconds) in [
            ("0", 0),
            ("-0", 0),
            ("+0", 0),
            ("1h", 3_600_000_000_000),
            ("1.5h", 5_400_000_000_000),
            ("-1.5h", -5_400_000_000_000),
            ("+5s", 5_000_000_000),
            ("1h30m", 5_400_000_000_000),
            ("1m1h", 3_660_000_000_000),
            ("1s1s", 2_000_000_000),
            ("00001s", 1_000_000_000),
            ("1us", 1_000),
            ("1\u{b5}s", 1_000),
            ("1\u{3bc}s", 1_000),
            ("1ns", 1),
            ("0.1ns", 0),
            (".5s", 500_000_000),
            ("5.s", 5_000_000_000),
            ("0.000000000001s", 0),
            ("0.9999999999999999999999s", 1_000_000_000),
            ("0.3333333333333333333h", 1_200_000_000_000),
            ("0.100000000000000000000h", 360_000_000_000),
            ("0.830103483285477580700h", 2_988_372_539_827),
            ("9007199254740993.5ns", 9_007_199_254_740_993),
            ("39h9m14.425s", 140_954_425_000_000),
            ("2562047h47m16.854775807s", i64::MAX),
            ("-2562047h47m16.854775808s", i64::MIN),
            ("-9223372036854775808ns", i64::MIN),
        ] {
            assert_eq!(text.parse(), Ok(Duration(nanoseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_reason() {
        let text = |text: &str| text.to_owned();
        for bad in ["", "-", "+", ".s", "--1s", " 1h", "\u{ff11}s", "s"] {
            assert_eq!(bad.parse::<Duration>(), Err(DurationError::Syntax(text(bad))));
        }
        for bad in ["1", "3h2.5", "1.1.1s", "1..s", "0s0", "00"] {
            assert_eq!(bad.parse::<Duration>(), Err(DurationError::NoUnit(text(bad))));
        }
        for (bad, unit) in [
            ("1d", "d"),
            ("1hh", "hh"),
            ("1h 2m", "h "),
            ("1h-2m", "h-"),
            ("1e3s", "e"),
            ("1S", "S"),
            ("1é", "é"),
        ] {
            assert_eq!(
                bad.parse::<Duration>(),
                Err(DurationError::Unit { text: text(bad), unit: text(unit) })
            );
        }
        for bad in [
            "9223372036854775808ns",
            "-9223372036854775809ns",
            "2562047h47m16.854775808s",
            "4775807.5h",
            "100000000000000000000h",
            "9223372036854775807ns9223372036854775807ns",
        ] {
            assert_eq!(bad.parse::<Duration>(), Err(DurationError::TooLong(text(bad))));
        }
    }

    #[test]
    fn a_duration_is_written_as_go_writes_it() {
        for (nanoseconds, text) in [
            (0, "0s"),
            (999, "999ns"),
            (1_000, "1\u{b5}s"),
            (1_500, "1.5\u{b5}s"),
            (999_999, "999.999\u{b5}s"),
            (1_000_001, "1.000001ms"),
            (1_000_000_000, "1s"),
            (61_000_000_000, "1m1s"),
            (3_600_000_000_000, "1h0m0s"),
            (90_061_005_007_000, "25h1m1.005007s"),
            (3_599_999_000_000, "59m59.999s"),
            (-1, "-1ns"),
            (-61_000_000_000, "-1m1s"),
            (i64::MAX, "2562047h47m16.854775807s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(Duration(nanoseconds).to_string(), text);
        }
    }

    #[test]
    fn words_are_the_two_largest_units() {
        for (nanoseconds, text) in [
            (0, "0 seconds"),
            (999, ""),
            (1_500, "1 microsecond"),
            (12_345_678, "12 milliseconds 345 microseconds"),
            (1_000_005_000, "1 second 5 microseconds"),
            (62_000_000_000, "1 minute 2 seconds"),
            (90_061_005_007_000, "1 day 1 hour"),
            (604_803_000_000_000, "1 week 3 seconds"),
            (31_622_400_000_001_000, "1 year 1 day"),
            (-2_592_000_000_000_000, "-4 weeks 2 days"),
            (i64::MAX, "292 years 24 weeks"),
        ] {
            assert_eq!(Duration(nanoseconds).in_words(), text);
        }
    }
}
