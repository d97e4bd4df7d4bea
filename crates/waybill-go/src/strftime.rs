//! The few `strftime` directives that Packer knows, for times in UTC.

use std::fmt::Write as _;

use jiff::{Timestamp, tz::Offset};

use crate::layout::{MONTHS, WEEKDAYS, half};

/// Formats a time in UTC. What is no directive is copied, its `%` included.
pub fn format(time: Timestamp, format: &str) -> String {
    let time = Offset::UTC.to_datetime(time);
    let month = MONTHS[usize::from(time.month().unsigned_abs() - 1)];
    let weekday = WEEKDAYS[usize::from(time.weekday().to_sunday_zero_offset().unsigned_abs())];
    let hour12 = (time.hour() + 11) % 12 + 1;
    let mut out = String::with_capacity(format.len() + 8);
    let mut characters = format.chars();
    while let Some(c) = characters.next() {
        let directive = if c == '%' { characters.next() } else { None };
        let _ = match directive {
            Some('a') => write!(out, "{}", &weekday[..3]),
            Some('A') => write!(out, "{weekday}"),
            Some('b') => write!(out, "{}", &month[..3]),
            Some('B') => write!(out, "{month}"),
            Some('d') => write!(out, "{:02}", time.day()),
            Some('H') => write!(out, "{:02}", time.hour()),
            Some('I') => write!(out, "{hour12:02}"),
            Some('L') => write!(out, ".{:03}", time.millisecond()),
            Some('m') => write!(out, "{:02}", time.month()),
            Some('M') => write!(out, "{:02}", time.minute()),
            Some('p') => write!(out, "{}", half(time)),
            Some('S') => write!(out, "{:02}", time.second()),
            Some('y') => write!(out, "{:02}", time.year().max(0) % 100),
            Some('Y') => write!(out, "{:04}", time.year()),
            Some('z') => write!(out, "+0000"),
            Some('Z') => write!(out, "UTC"),
            Some('%') => write!(out, "%"),
            Some(other) => write!(out, "%{other}"),
            None => write!(out, "{c}"),
        };
    }
    out
}
