//! Constants: numbers and characters, with every type that they can take.

use super::tree::Number;
use crate::{
    integer::{self, without_underscores},
    quote::{quote, unquote_char},
};

/// A character in single quotes is the number of its code point.
pub(super) fn character(text: &str) -> Result<Number, String> {
    let inner = text.strip_prefix('\'').unwrap_or(text);
    let (code, rest) = unquote_char(inner).map_err(|error| error.to_string())?;
    if rest != "'" {
        return Err(format!("malformed character constant: {text}"));
    }
    Ok(Number {
        text: text.into(),
        integer: Some(i64::from(code)),
        unsigned: Some(u64::from(code)),
        float: Some(f64::from(code)),
        complex: None,
    })
}

/// A number as Go writes them; with `is_complex` it is a sum of a real and an imaginary one.
pub(super) fn parse(text: &str, is_complex: bool) -> Result<Number, String> {
    let illegal = || format!("illegal number syntax: {}", quote(text));
    if is_complex {
        let (real, imaginary) = split_complex(text).ok_or_else(illegal)?;
        return Ok(from_complex(text, real, imaginary));
    }
    if let Some(imaginary) = text.strip_suffix('i').and_then(float) {
        return Ok(from_complex(text, 0.0, imaginary));
    }
    let mut number = Number {
        text: text.into(),
        integer: integer::signed(text),
        unsigned: None,
        float: None,
        complex: None,
    };
    number.unsigned = integer::unsigned(text);
    if number.integer == Some(0) {
        number.unsigned = Some(0);
    }
    #[expect(clippy::cast_precision_loss, reason = "a constant that is used as a float is rounded")]
    if let Some(integer) = number.integer {
        number.float = Some(integer as f64);
    } else if let Some(unsigned) = number.unsigned {
        number.float = Some(unsigned as f64);
    } else if let Some(value) = float(text) {
        if !text.contains(['.', 'e', 'E', 'p', 'P']) {
            return Err(format!("integer overflow: {}", quote(text)));
        }
        with_float(&mut number, value);
    }
    if number.integer.is_none() && number.unsigned.is_none() && number.float.is_none() {
        return Err(illegal());
    }
    Ok(number)
}

fn from_complex(text: &str, real: f64, imaginary: f64) -> Number {
    let mut number = Number {
        text: text.into(),
        integer: None,
        unsigned: None,
        float: None,
        complex: Some((real, imaginary)),
    };
    if imaginary == 0.0 {
        with_float(&mut number, real);
    }
    number
}

/// A float that is whole can be an integer, too.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    clippy::float_cmp,
    reason = "the conversions are checked by converting back, exactly"
)]
fn with_float(number: &mut Number, value: f64) {
    number.float = Some(value);
    if value.abs() < 9.3e18 && value as i64 as f64 == value {
        number.integer = Some(value as i64);
    }
    if (0.0..1.9e19).contains(&value) && value as u64 as f64 == value {
        number.unsigned = Some(value as u64);
    }
}

fn split_complex(text: &str) -> Option<(f64, f64)> {
    let text = text.strip_suffix('i')?;
    let behind_exponent = |at: usize| matches!(text.as_bytes()[at - 1], b'e' | b'E' | b'p' | b'P');
    let at = text.rmatch_indices(['+', '-']).map(|(at, _)| at).find(|&at| 0 < at && !behind_exponent(at))?;
    Some((float(&text[..at])?, float(&text[at..])?))
}

/// A float in decimal, or in hexadecimal with a binary exponent.
fn float(text: &str) -> Option<f64> {
    let (is_negative, magnitude) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let value = if let Some(digits) = magnitude.strip_prefix("0x").or_else(|| magnitude.strip_prefix("0X")) {
        hexadecimal(digits)?
    } else {
        if !magnitude.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-')) {
            return None;
        }
        magnitude.parse::<f64>().ok()?
    };
    let value = if is_negative { -value } else { value };
    value.is_finite().then_some(value)
}

/// `1.8p3` without the prefix: the exponent is required. Digits beyond what a float holds are rounded to even.
fn hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let mut exponent: i64 = exponent.parse().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.strip_prefix('_').unwrap_or(whole);
    let digits = format!("{whole}{fraction}");
    let digits = without_underscores(&digits, |c| c.is_ascii_hexdigit())?;
    let n_fraction = fraction.bytes().filter(u8::is_ascii_hexdigit).count();
    let mut bits: u128 = 0;
    for digit in digits.chars().filter_map(|c| c.to_digit(16)) {
        if bits >> 120 == 0 {
            bits = bits << 4 | u128::from(digit);
        } else {
            bits |= u128::from(digit != 0);
            exponent = exponent.saturating_add(4);
        }
    }
    exponent = exponent.saturating_sub(i64::try_from(n_fraction).ok()?.saturating_mul(4));
    Some(scale(bits, exponent))
}

/// `bits` times two to the `exponent`, rounded once.
fn scale(bits: u128, exponent: i64) -> f64 {
    if bits == 0 {
        return 0.0;
    }
    let length = 128 - i64::from(bits.leading_zeros());
    let exponent = exponent.clamp(-3000, 3000);
    // How many bits are kept: 53, fewer for what is smaller than the normal range.
    let kept = (length + exponent + 1074).clamp(0, 53).min(length);
    let dropped = length - kept;
    let mut mantissa = if dropped < 128 { bits >> dropped } else { 0 };
    if 0 < dropped {
        let half = 1u128 << (dropped - 1);
        let rest = bits & (half | (half - 1));
        if half < rest || (half == rest && mantissa & 1 == 1) {
            mantissa += 1;
        }
    }
    let exponent = i32::try_from(exponent + dropped).unwrap_or(i32::MAX);
    // In two steps, so that neither factor leaves the range of a float.
    #[expect(clippy::cast_precision_loss, reason = "at most 54 bits, and only a power of two uses the last")]
    let value = mantissa as f64;
    value * 2f64.powi(exponent / 2) * 2f64.powi(exponent - exponent / 2)
}
