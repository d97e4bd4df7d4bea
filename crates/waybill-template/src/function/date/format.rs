//! Formats of `formatdate`: letters that stand for parts of a time, and text in single quotes.

use std::fmt::Write as _;

use waybill_go::layout::WEEKDAYS;

use super::moment::Moment;

/// The time in a format; else a sentence that says what is wrong with it.
pub(super) fn format(moment: &Moment, format: &str) -> Result<String, String> {
    let mut out = String::with_capacity(format.len() + 8);
    let mut rest = format;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '\'' => quoted(&mut out, rest)?,
            'a'..='z' | 'A'..='Z' => {
                let length = rest.len() - rest.trim_start_matches(first).len();
                verb(&mut out, moment, &rest[..length])?;
                length
            }
            _ => {
                out.push(first);
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    Ok(out)
}

/// Copies the quoted text at the start, in which two quotes are one; two quotes alone are one, too. Returns its length.
/// Behind two quotes at the very end, the last one may be missing.
fn quoted(out: &mut String, text: &str) -> Result<usize, String> {
    if text.starts_with("''") {
        out.push('\'');
        return Ok(2);
    }
    let mut at = 1;
    while let Some(end) = text[at..].find('\'') {
        out.push_str(&text[at..at + end]);
        at += end + 1;
        if !text[at..].starts_with('\'') {
            return Ok(at);
        }
        out.push('\'');
        at += 1;
        if at == text.len() {
            return Ok(at);
        }
    }
    Err("a text in single quotes does not end".to_owned())
}

fn verb(out: &mut String, moment: &Moment, verb: &str) -> Result<(), String> {
    let hour12 = (moment.hour + 11) % 12 + 1;
    let half = if moment.hour < 12 { "AM" } else { "PM" };
    let weekday = WEEKDAYS[moment.weekday()];
    let _ = match verb {
        "YYYY" => write!(out, "{}", moment.year_text()),
        "YY" => write!(out, "{:02}", moment.year.rem_euclid(100)),
        "MMMM" => write!(out, "{}", moment.month_name()),
        "MMM" => write!(out, "{}", &moment.month_name()[..3]),
        "MM" => write!(out, "{:02}", moment.month),
        "M" => write!(out, "{}", moment.month),
        "DD" => write!(out, "{:02}", moment.day),
        "D" => write!(out, "{}", moment.day),
        "EEEE" => write!(out, "{weekday}"),
        "EEE" => write!(out, "{}", &weekday[..3]),
        "hh" => write!(out, "{:02}", moment.hour),
        "h" => write!(out, "{}", moment.hour),
        "HH" => write!(out, "{hour12:02}"),
        "H" => write!(out, "{hour12}"),
        "mm" => write!(out, "{:02}", moment.minute),
        "m" => write!(out, "{}", moment.minute),
        "ss" => write!(out, "{:02}", moment.second),
        "s" => write!(out, "{}", moment.second),
        "AA" => write!(out, "{half}"),
        "aa" => write!(out, "{}", half.to_ascii_lowercase()),
        "Z" if moment.is_utc() => write!(out, "Z"),
        "ZZZ" if moment.is_utc() => write!(out, "UTC"),
        "Z" | "ZZZZZ" => write!(out, "{}", moment.offset_text(":")),
        "ZZZ" | "ZZZZ" => write!(out, "{}", moment.offset_text("")),
        _ => return Err(format!("{verb:?} stands for no part of a time{}", hint(verb))),
    };
    Ok(())
}

/// What can be written instead.
fn hint(verb: &str) -> &'static str {
    match verb.as_bytes().first() {
        Some(b'Y') => ": a year is YYYY or YY",
        Some(b'M') => ": a month is MMMM, MMM, MM or M (minutes are mm or m)",
        Some(b'D' | b'd') => ": a day is DD or D",
        Some(b'E') => ": a day of the week is EEEE or EEE",
        Some(b'h') => ": an hour of 24 is hh or h",
        Some(b'H') => ": an hour of 12 is HH or H",
        Some(b'm') => ": a minute is mm or m",
        Some(b'S' | b's') => ": a second is ss or s",
        Some(b'A' | b'a') => ": a half of the day is AA or aa",
        Some(b'Z') => ": an offset is Z, ZZZ, ZZZZ or ZZZZZ",
        _ => "; letters that stand for themselves are put in single quotes",
    }
}
