//! Quoted text as Go writes and reads it (`strconv.Quote`, `strconv.Unquote`, `%q`, `%#U`).

use std::{fmt::Write as _, sync::LazyLock};

use regex::Regex;
use thiserror::Error;

/// Why a text is not a Go string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("invalid syntax")]
pub struct UnquoteError;

/// The text in double quotes, with escapes for what cannot be printed.
pub fn quote(text: &str) -> String {
    quote_with(text, '"', is_print)
}

/// The same with ASCII only (`%+q`).
pub fn quote_ascii(text: &str) -> String {
    quote_with(text, '"', |c| matches!(c, ' '..='~'))
}

/// The character in single quotes.
pub fn quote_char(c: char) -> String {
    quote_with(c.encode_utf8(&mut [0; 4]), '\'', is_print)
}

/// The same with ASCII only.
pub fn quote_char_ascii(c: char) -> String {
    quote_with(c.encode_utf8(&mut [0; 4]), '\'', |c| matches!(c, ' '..='~'))
}

/// `U+0041 'A'`; without the character where it cannot be printed.
pub fn code_point(c: char) -> String {
    let code = u32::from(c);
    if is_print(c) { format!("U+{code:04X} '{c}'") } else { format!("U+{code:04X}") }
}

/// Letters, marks, numbers, punctuation, symbols and the blank.
pub fn is_print(c: char) -> bool {
    static PRINTABLE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").expect("the pattern is a constant"));
    if c.is_ascii() {
        return matches!(c, ' '..='~');
    }
    PRINTABLE.is_match(c.encode_utf8(&mut [0; 4]))
}

fn quote_with(text: &str, mark: char, is_plain: fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(mark);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            c if c == mark => out.extend(['\\', c]),
            c if is_plain(c) => out.push(c),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            c => {
                let code = u32::from(c);
                let _ = match code {
                    0..0x20 | 0x7f => write!(out, "\\x{code:02x}"),
                    0..0x1_0000 => write!(out, "\\u{code:04x}"),
                    _ => write!(out, "\\U{code:08x}"),
                };
            }
        }
    }
    out.push(mark);
    out
}

/// The text of a string literal: `"…"` with escapes or `` `…` `` without.
///
/// Bytes written as `\xff` that are not UTF-8 become U+FFFD.
pub fn unquote(literal: &str) -> Result<String, UnquoteError> {
    if let Some(raw) = literal.strip_prefix('`') {
        let raw = raw.strip_suffix('`').ok_or(UnquoteError)?;
        return if raw.contains('`') { Err(UnquoteError) } else { Ok(raw.replace('\r', "")) };
    }
    let inner = literal.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or(UnquoteError)?;
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while !rest.is_empty() {
        let (unit, behind) = unquote_unit(rest, '"')?;
        match unit {
            Unit::Char(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Unit::Byte(byte) => bytes.push(byte),
        }
        rest = behind;
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

/// The first character of what stands in single quotes, and the text behind it.
pub fn unquote_char(text: &str) -> Result<(u32, &str), UnquoteError> {
    let (unit, rest) = unquote_unit(text, '\'')?;
    Ok((
        match unit {
            Unit::Char(c) => u32::from(c),
            Unit::Byte(byte) => u32::from(byte),
        },
        rest,
    ))
}

enum Unit {
    Char(char),
    Byte(u8),
}

fn unquote_unit(text: &str, mark: char) -> Result<(Unit, &str), UnquoteError> {
    let mut chars = text.chars();
    let first = chars.next().ok_or(UnquoteError)?;
    if first == mark || first == '\n' {
        return Err(UnquoteError);
    }
    if first != '\\' {
        return Ok((Unit::Char(first), chars.as_str()));
    }
    let escape = chars.next().ok_or(UnquoteError)?;
    let rest = chars.as_str();
    let digits = |from: &'_ str, count: usize, radix: u32| -> Result<u32, UnquoteError> {
        let digits = from.get(..count).ok_or(UnquoteError)?;
        if !digits.chars().all(|c| c.is_digit(radix)) {
            return Err(UnquoteError);
        }
        u32::from_str_radix(digits, radix).map_err(|_| UnquoteError)
    };
    let unit = match escape {
        'a' => Unit::Char('\u{7}'),
        'b' => Unit::Char('\u{8}'),
        'f' => Unit::Char('\u{c}'),
        'n' => Unit::Char('\n'),
        'r' => Unit::Char('\r'),
        't' => Unit::Char('\t'),
        'v' => Unit::Char('\u{b}'),
        '\\' => Unit::Char('\\'),
        '\'' | '"' if escape == mark => Unit::Char(escape),
        'x' => {
            let byte = digits(rest, 2, 16)?;
            return Ok((Unit::Byte(u8::try_from(byte).map_err(|_| UnquoteError)?), &rest[2..]));
        }
        'u' | 'U' => {
            let count = if escape == 'u' { 4 } else { 8 };
            let c = char::from_u32(digits(rest, count, 16)?).ok_or(UnquoteError)?;
            return Ok((Unit::Char(c), &rest[count..]));
        }
        '0'..='7' => {
            let from = &text[1..];
            let byte = u8::try_from(digits(from, 3, 8)?).map_err(|_| UnquoteError)?;
            return Ok((Unit::Byte(byte), &from[3..]));
        }
        _ => return Err(UnquoteError),
    };
    Ok((unit, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_quoted_as_go_does() {
        for (text, expected) in [
            ("", r#""""#),
            ("a\"b'c\\", r#""a\"b'c\\""#),
            ("\u{7}\u{8}\t\n\u{b}\u{c}\r\0\u{7f}", r#""\a\b\t\n\v\f\r\x00\x7f""#),
            ("é\u{a0}\u{200b}\u{10ffff}😀", "\"é\\u00a0\\u200b\\U0010ffff😀\""),
        ] {
            assert_eq!(quote(text), expected);
        }
        assert_eq!(quote_ascii("é😀"), r#""\u00e9\U0001f600""#);
        assert_eq!(quote_char('\''), r"'\''");
        assert_eq!(quote_char('"'), "'\"'");
        assert_eq!(code_point('A'), "U+0041 'A'");
        assert_eq!(code_point('\u{7}'), "U+0007");
    }

    #[test]
    fn literals_are_read_as_go_does() {
        for (literal, expected) in [
            (r#""""#, Some("")),
            (r#""a\tb\"\x41\101\u00e9\U0001F600""#, Some("a\tb\"AAé😀")),
            (r#""\xc3\xa9""#, Some("é")),
            (r#""\xff""#, Some("\u{fffd}")),
            (r#""\'""#, None),
            (r#""\400""#, None),
            (r#""\ud800""#, None),
            (r#""\xé""#, None),
            (r#""a"b""#, None),
            ("\"a\nb\"", None),
            ("`a\\n\r\nb`", Some("a\\n\nb")),
            ("`", None),
            ("\"", None),
        ] {
            assert_eq!(unquote(literal).ok().as_deref(), expected, "{literal}");
        }
        assert_eq!(unquote_char("\\'x"), Ok((39, "x")));
    }
}
