//! Layouts of times by example: `2006-01-02 15:04:05`, as Go's `Time.Format` reads them, for times in UTC.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// One part of a layout that stands for a part of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    UnderDay,
    ZeroDay,
    UnderYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    ZoneName,
    /// `Z07:00`: the offset, which in UTC is `Z`.
    Zulu,
    /// `-07:00`: the offset as a number; the text is that of UTC.
    Offset(&'static str),
    /// `.000` or `,999`, this many digits; with nines zeros at the end are left out.
    Fraction {
        separator: char,
        digits: usize,
        trim: bool,
    },
}

pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Sunday first.
pub const WEEKDAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// Texts that are a field wherever they stand; of two that fit the longer one, which comes first.
const FIXED: &[(&str, Field)] = &[
    ("January", Field::LongMonth),
    ("Monday", Field::LongWeekday),
    ("MST", Field::ZoneName),
    ("01", Field::ZeroMonth),
    ("02", Field::ZeroDay),
    ("03", Field::ZeroHour12),
    ("04", Field::ZeroMinute),
    ("05", Field::ZeroSecond),
    ("06", Field::Year),
    ("002", Field::ZeroYearDay),
    ("15", Field::Hour),
    ("1", Field::NumMonth),
    ("2006", Field::LongYear),
    ("2", Field::Day),
    ("__2", Field::UnderYearDay),
    ("_2", Field::UnderDay),
    ("3", Field::Hour12),
    ("4", Field::Minute),
    ("5", Field::Second),
    ("PM", Field::UpperHalf),
    ("pm", Field::LowerHalf),
    ("-070000", Field::Offset("+000000")),
    ("-07:00:00", Field::Offset("+00:00:00")),
    ("-0700", Field::Offset("+0000")),
    ("-07:00", Field::Offset("+00:00")),
    ("-07", Field::Offset("+00")),
    ("Z070000", Field::Zulu),
    ("Z07:00:00", Field::Zulu),
    ("Z0700", Field::Zulu),
    ("Z07:00", Field::Zulu),
    ("Z07", Field::Zulu),
];

/// The short names: fields unless a lower case letter follows.
const SHORT: [(&str, Field); 2] = [("Jan", Field::Month), ("Mon", Field::Weekday)];

/// Formats a time in UTC; what is no field is copied.
pub fn format(time: Timestamp, layout: &str) -> String {
    let time = Offset::UTC.to_datetime(time);
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        // `_2006` is an underscore before a year, not a padded day
        let field = if rest.starts_with("_2006") { None } else { field_at(rest) };
        if let Some((length, field)) = field {
            append(&mut out, time, field);
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out
}

/// The field that the text starts with, and its length.
fn field_at(text: &str) -> Option<(usize, Field)> {
    let fixed = FIXED.iter().find(|(example, _)| text.starts_with(example));
    if let Some(&(example, field)) = fixed {
        return Some((example.len(), field));
    }
    let followed_by_lower = |length: usize| text[length..].starts_with(|c: char| c.is_ascii_lowercase());
    for (example, field) in SHORT {
        if text.starts_with(example) && !followed_by_lower(example.len()) {
            return Some((example.len(), field));
        }
    }
    fraction(text)
}

/// A point or comma with zeros or nines behind it, which no other digit follows.
fn fraction(text: &str) -> Option<(usize, Field)> {
    let separator = text.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let digit = text[1..].chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let after = text[1..].trim_start_matches(digit);
    if after.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = text.len() - 1 - after.len();
    Some((1 + digits, Field::Fraction { separator, digits, trim: digit == '9' }))
}

fn append(out: &mut String, time: DateTime, field: Field) {
    let month = MONTHS[usize::from(time.month().unsigned_abs() - 1)];
    let weekday = WEEKDAYS[usize::from(time.weekday().to_sunday_zero_offset().unsigned_abs())];
    let hour12 = (time.hour() + 11) % 12 + 1;
    let _ = match field {
        Field::LongMonth => write!(out, "{month}"),
        Field::Month => write!(out, "{}", &month[..3]),
        Field::NumMonth => write!(out, "{}", time.month()),
        Field::ZeroMonth => write!(out, "{:02}", time.month()),
        Field::LongWeekday => write!(out, "{weekday}"),
        Field::Weekday => write!(out, "{}", &weekday[..3]),
        Field::Day => write!(out, "{}", time.day()),
        Field::UnderDay => write!(out, "{:2}", time.day()),
        Field::ZeroDay => write!(out, "{:02}", time.day()),
        Field::UnderYearDay => write!(out, "{:3}", time.day_of_year()),
        Field::ZeroYearDay => write!(out, "{:03}", time.day_of_year()),
        Field::Hour => write!(out, "{:02}", time.hour()),
        Field::Hour12 => write!(out, "{hour12}"),
        Field::ZeroHour12 => write!(out, "{hour12:02}"),
        Field::Minute => write!(out, "{}", time.minute()),
        Field::ZeroMinute => write!(out, "{:02}", time.minute()),
        Field::Second => write!(out, "{}", time.second()),
        Field::ZeroSecond => write!(out, "{:02}", time.second()),
        Field::LongYear if time.year() < 0 => write!(out, "-{:04}", time.year().unsigned_abs()),
        Field::LongYear => write!(out, "{:04}", time.year()),
        Field::Year => write!(out, "{:02}", time.year().max(0) % 100),
        Field::UpperHalf => write!(out, "{}", half(time)),
        Field::LowerHalf => write!(out, "{}", half(time).to_ascii_lowercase()),
        Field::ZoneName => write!(out, "UTC"),
        Field::Zulu => write!(out, "Z"),
        Field::Offset(utc) => write!(out, "{utc}"),
        Field::Fraction { separator, digits, trim } => {
            let nanoseconds = format!("{:09}", time.subsec_nanosecond());
            let shown = &nanoseconds[..digits.min(9)];
            let shown = if trim { shown.trim_end_matches('0') } else { shown };
            if shown.is_empty() { Ok(()) } else { write!(out, "{separator}{shown}") }
        }
    };
}

pub(crate) fn half(time: DateTime) -> &'static str {
    if time.hour() < 12 { "AM" } else { "PM" }
}
