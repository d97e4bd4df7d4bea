//! What a scalar of YAML means: the types of YAML 1.1 as Packer reads them.
//!
//! `yes` and `n` are booleans, `0b11` and `1_000` are numbers, `2001-12-14` is a time, which becomes text in one form.
//! Against the letter of YAML 1.1, `0x1F`, `0o17` and `1:30` are text and `017` is seventeen. All is as measured,
//! including what tags do: `!!int 0x1F` is a number, and a quoted text stays text under most tags.

use crate::{
    function::{base64, date::Moment},
    value::{Number, Type, Value},
};

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Quoted,
    /// `|` or `>`
    Block,
}

const CORE: &str = "tag:yaml.org,2002:";

/// The value of a scalar.
pub(super) fn resolve(text: &str, style: Style, tag: Option<&str>) -> Result<Value, String> {
    let Some(tag) = tag else {
        return match style {
            Style::Plain => Ok(plain(text, true)?.unwrap_or_else(|| Value::string(text))),
            Style::Quoted => Ok(Value::string(text)),
            Style::Block => {
                Ok(plain(text, true)?.map_or_else(|| Value::string(text), |value| in_words(&value)))
            }
        };
    };
    let kind = match tag.strip_prefix(CORE) {
        Some("str") => return Ok(Value::string(text)),
        Some("binary") => return binary(text),
        Some(kind @ ("int" | "float" | "bool" | "null" | "timestamp")) => kind,
        _ => return Err(format!("the tag {tag:?} means nothing here")),
    };
    let may_have_a_type = text.is_empty()
        || text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '~'))
        || text.starts_with(['y', 'Y', 'n', 'N', 't', 'T', 'f', 'F', 'o', 'O']);
    if style == Style::Quoted && may_have_a_type {
        return Ok(Value::string(text));
    }
    let found =
        if matches!(text, ".nan" | ".NaN" | ".NAN") { None } else { plain(text, kind == "timestamp")? };
    let found = found.or_else(|| match kind {
        "int" | "float" => tagged_number(text).map(Value::Number),
        "null" => Some(Value::null()),
        _ => None,
    });
    found.ok_or_else(|| format!("{text:?} is not of type {kind:?}, as its tag says"))
}

/// What a block of text becomes that looks like something else: text again, but as that is written.
fn in_words(value: &Value) -> Value {
    match value {
        Value::Bool(true) => Value::string("true"),
        Value::Bool(false) => Value::string("false"),
        Value::Number(number) => Value::string(number.to_string()),
        Value::Null(_) => Value::Null(Type::String),
        value => value.clone(),
    }
}

/// The value of a scalar without quotes, if it is something else than text.
fn plain(text: &str, times: bool) -> Result<Option<Value>, String> {
    Ok(Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::null(),
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => {
            Value::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => {
            Value::Bool(false)
        }
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Ok(Number::parse("+inf").map(Value::Number));
        }
        "-.inf" | "-.Inf" | "-.INF" => return Ok(Number::parse("-inf").map(Value::Number)),
        ".nan" | ".NaN" | ".NAN" => return Err("a number cannot be NaN".to_owned()),
        _ if text.starts_with('.') => return Ok(Number::parse(text).map(Value::Number)),
        _ if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-')) => {
            if let Some(time) = Moment::parse_as_yaml(text).filter(|_| times) {
                return Ok(Some(Value::string(time.to_string())));
            }
            return Ok(number(text)?.map(Value::Number));
        }
        _ => return Ok(None),
    }))
}

/// A decimal or binary number; underscores do not count.
fn number(text: &str) -> Result<Option<Number>, String> {
    let digits = text.replace('_', "");
    if let Some(number) = Number::parse(&digits) {
        return Ok(Some(number));
    }
    let binary = match (digits.strip_prefix("0b"), digits.strip_prefix("-0b")) {
        (Some(bits), _) if bits.starts_with(['+', '-']) => {
            i64::from_str_radix(bits, 2).ok().map(Number::from)
        }
        (Some(bits), _) => u64::from_str_radix(bits, 2).ok().map(Number::from),
        (_, Some(bits)) => i64::from_str_radix(&format!("-{bits}"), 2).ok().map(Number::from),
        (None, None) => return Ok(None),
    };
    binary.map(Some).ok_or_else(|| format!("{text:?} is not a binary number of up to 64 bits"))
}

/// What a tag makes a number of though it does not look like one: `0x1F`, `0o17`, `Inf`.
fn tagged_number(text: &str) -> Option<Number> {
    let text = text.replace('_', "");
    based(&text).or_else(|| Number::parse(&text))
}

/// A whole number of 64 bits whose prefix tells its base; a zero alone means octal.
fn based(text: &str) -> Option<Number> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = &text[..text.len() - digits.len()];
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => return None,
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    let signed = i64::from_str_radix(&format!("{sign}{digits}"), base).ok().map(Number::from);
    signed.or_else(|| u64::from_str_radix(digits, base).ok().filter(|_| sign.is_empty()).map(Number::from))
}

/// Checked, but kept as text.
fn binary(text: &str) -> Result<Value, String> {
    match base64::decode(text) {
        Some(_) => Ok(Value::string(text)),
        None => Err(format!("{text:?} is not base64, as its tag says")),
    }
}
