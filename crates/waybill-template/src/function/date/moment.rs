//! A time with its offset from UTC, read from text and written as RFC 3339 has it.
//!
//! Years are not limited to four digits: adding to the last of them leads on, as it does in Go.

use std::fmt;

use waybill_go::{duration::Duration, layout::MONTHS};

/// A date and a time of day at an offset. Invariant: such a date and time exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::function) struct Moment {
    pub(super) year: i64,
    /// From 1.
    pub(super) month: u8,
    pub(super) day: u8,
    pub(super) hour: u8,
    pub(super) minute: u8,
    pub(super) second: u8,
    nanosecond: u32,
    /// Minutes that the clock is ahead of UTC.
    offset: i16,
}

const DAY: i128 = 24 * 3600;
const NANOSECONDS: i128 = 1_000_000_000;

/// How strictly a text is read.
#[derive(Clone, Copy)]
struct Form {
    /// The least number of digits of months and days; the most is two.
    date: usize,
    hour: usize,
    minute: usize,
    /// What begins a fraction of a second.
    points: &'static [char],
    /// The largest numbers of hours and minutes in an offset.
    offset: (u32, u32),
}

/// RFC 3339 to the letter, but for lower case and leap seconds.
const STRICT: Form = Form { date: 2, hour: 2, minute: 2, points: &['.'], offset: (23, 59) };
/// What Go's `time.Parse` takes for RFC 3339.
const GO: Form = Form { date: 2, hour: 1, minute: 2, points: &['.', ','], offset: (24, 60) };
/// What YAML has for times.
const YAML: Form = Form { date: 1, minute: 1, ..GO };

impl Moment {
    /// A time of RFC 3339; else a sentence that says what is wrong.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let fault = |what: &str| format!("{text:?} is not a time in the form of RFC 3339: {what}");
        let mut rest = text;
        let (year, month, day) = date(&mut rest, STRICT)
            .ok_or_else(|| fault("it does not begin with a date such as 2006-01-02"))?;
        rest = rest.strip_prefix('T').ok_or_else(|| fault("behind the date there is no T"))?;
        let time =
            time(&mut rest, STRICT).ok_or_else(|| fault("behind the T there is no time such as 15:04:05"))?;
        let offset = offset(rest, STRICT)
            .ok_or_else(|| fault("behind the time there is no offset, which is Z or such as +01:00"))?;
        Ok(Self::new((year, month, day), time, offset))
    }

    /// A time of RFC 3339 as Go reads it, with a `T` or blanks between date and time.
    pub(super) fn parse_as_go(text: &str) -> Option<Self> {
        let mut rest = text;
        let date = date(&mut rest, GO)?;
        let after = rest.trim_start_matches(' ');
        rest = if after.len() < rest.len() { after } else { rest.strip_prefix('T')? };
        let time = time(&mut rest, GO)?;
        Some(Self::new(date, time, offset(rest, GO)?))
    }

    /// A time of YAML: a date alone, with a time in UTC behind blanks, or with a time and an offset behind `T` or `t`.
    pub(in crate::function) fn parse_as_yaml(text: &str) -> Option<Self> {
        let mut rest = text;
        let date = date(&mut rest, YAML)?;
        if rest.is_empty() {
            return Some(Self::new(date, (0, 0, 0, 0), 0));
        }
        if let Some(after) = rest.strip_prefix(['T', 't']) {
            rest = after;
            let time = time(&mut rest, YAML)?;
            return Some(Self::new(date, time, offset(rest, YAML)?));
        }
        rest = rest.strip_prefix(' ')?.trim_start_matches(' ');
        let time = time(&mut rest, YAML)?;
        rest.is_empty().then(|| Self::new(date, time, 0))
    }

    fn new(
        (year, month, day): (i64, u8, u8),
        (hour, minute, second, nanosecond): (u8, u8, u8, u32),
        offset: i16,
    ) -> Self {
        Self { year, month, day, hour, minute, second, nanosecond, offset }
    }

    /// So many seconds after 1970 began in UTC.
    pub(super) fn from_unix(seconds: i128, nanosecond: u32, offset: i16) -> Self {
        let local = seconds + i128::from(offset) * 60;
        let (year, month, day) = date_of(i64::try_from(local.div_euclid(DAY)).unwrap_or(i64::MAX / 2));
        let within = local.rem_euclid(DAY);
        let part = |seconds: i128| u8::try_from(seconds).unwrap_or(0);
        Self {
            year,
            month,
            day,
            hour: part(within / 3600),
            minute: part(within / 60 % 60),
            second: part(within % 60),
            nanosecond,
            offset,
        }
    }

    fn days(&self) -> i64 {
        days_to(self.year, self.month.into()) + i64::from(self.day) - 1
    }

    pub(super) fn unix_seconds(&self) -> i64 {
        let local = i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        self.days() * 24 * 3600 + local - i64::from(self.offset) * 60
    }

    #[must_use]
    pub(super) fn plus(&self, duration: Duration) -> Self {
        let nanoseconds = i128::from(self.unix_seconds()) * NANOSECONDS
            + i128::from(self.nanosecond)
            + i128::from(duration.as_nanoseconds());
        let nanosecond = u32::try_from(nanoseconds.rem_euclid(NANOSECONDS)).unwrap_or(0);
        Self::from_unix(nanoseconds.div_euclid(NANOSECONDS), nanosecond, self.offset)
    }

    pub(super) fn month_name(&self) -> &'static str {
        MONTHS[usize::from(self.month) - 1]
    }

    /// From 0, which is Sunday.
    pub(super) fn weekday(&self) -> usize {
        // 1970 began on a Thursday
        usize::try_from((self.days() + 4).rem_euclid(7)).unwrap_or(0)
    }

    /// From 1.
    pub(super) fn year_day(&self) -> i64 {
        self.days() - days_to(self.year, 1) + 1
    }

    /// The year and the number of the week, which begins on a Monday and belongs to the year of its Thursday.
    pub(super) fn iso_week(&self) -> (i64, i64) {
        let since_monday = (self.days() + 3).rem_euclid(7);
        let thursday = self.days() - since_monday + 3;
        let (year, _, _) = date_of(thursday);
        (year, (thursday - days_to(year, 1)) / 7 + 1)
    }

    /// `+hh:mm` with this separator.
    pub(super) fn offset_text(&self, separator: &str) -> String {
        let (sign, minutes) = (if self.offset < 0 { '-' } else { '+' }, self.offset.unsigned_abs());
        format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
    }

    pub(super) fn is_utc(&self) -> bool {
        self.offset == 0
    }

    pub(super) fn year_text(&self) -> String {
        format!("{}{:04}", if self.year < 0 { "-" } else { "" }, self.year.unsigned_abs())
    }
}

/// RFC 3339 without fractions of seconds.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:02}-{:02}", self.year_text(), self.month, self.day)?;
        write!(f, "T{:02}:{:02}:{:02}", self.hour, self.minute, self.second)?;
        if self.is_utc() { f.write_str("Z") } else { f.write_str(&self.offset_text(":")) }
    }
}

fn date(rest: &mut &str, form: Form) -> Option<(i64, u8, u8)> {
    let year = digits(rest, 4, 4)?;
    *rest = rest.strip_prefix('-')?;
    let month = digits(rest, form.date, 2).filter(|month| (1..=12).contains(month))?;
    *rest = rest.strip_prefix('-')?;
    let day = digits(rest, form.date, 2)?;
    let year = i64::from(year);
    let in_month = days_to(year, i64::from(month) + 1) - days_to(year, month.into());
    let exists = (1..=in_month).contains(&i64::from(day));
    exists.then_some((year, u8::try_from(month).ok()?, u8::try_from(day).ok()?))
}

fn time(rest: &mut &str, form: Form) -> Option<(u8, u8, u8, u32)> {
    let hour = digits(rest, form.hour, 2).filter(|&hour| hour < 24)?;
    *rest = rest.strip_prefix(':')?;
    let minute = digits(rest, form.minute, 2).filter(|&minute| minute < 60)?;
    *rest = rest.strip_prefix(':')?;
    let second = digits(rest, form.minute, 2).filter(|&second| second < 60)?;
    let mut nanosecond = 0;
    if let Some(fraction) = rest.strip_prefix(form.points) {
        let after = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
        let shown = &fraction[..fraction.len() - after.len()];
        if shown.is_empty() {
            return None;
        }
        nanosecond = format!("{:0<9}", &shown[..shown.len().min(9)]).parse().ok()?;
        *rest = after;
    }
    Some((u8::try_from(hour).ok()?, u8::try_from(minute).ok()?, u8::try_from(second).ok()?, nanosecond))
}

/// All of the text as an offset, in minutes.
fn offset(text: &str, form: Form) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let mut rest = text.strip_prefix(['+', '-'])?;
    let hours = digits(&mut rest, 2, 2).filter(|&hours| hours <= form.offset.0)?;
    rest = rest.strip_prefix(':')?;
    let minutes = digits(&mut rest, 2, 2).filter(|&minutes| minutes <= form.offset.1)?;
    let minutes = i16::try_from(hours * 60 + minutes).ok().filter(|_| rest.is_empty())?;
    Some(if text.starts_with('-') { -minutes } else { minutes })
}

/// Takes so many digits off the front.
fn digits(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let count = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, after) = rest.split_at(count);
    *rest = after;
    if count < least { None } else { number.parse().ok() }
}

/// Days from 1970 to the first of a month, counted from 1, of a year; months beyond the twelfth are those of the next.
fn days_to(year: i64, month: i64) -> i64 {
    // counted in years that begin with March, so that the day which not all years have is the last
    let months = year * 12 + month - 3;
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12));
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

/// The date of a day counted from 1970.
fn date_of(days: i64) -> (i64, u8, u8) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = (era * 400 + year + i64::from(9 < month), (month + 2) % 12 + 1);
    (year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
}
