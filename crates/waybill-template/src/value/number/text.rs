//! Numbers from text and to text.

use std::fmt;

use dashu_int::{Sign, UBig, ops::BitTest as _};

use super::{MAX_MAGNITUDE, Number, PRECISION, Repr, arithmetic::quotient, length, round};

/// Digits that are read exactly; of further ones it only matters whether they are all zero.
const MAX_DIGITS: usize = 100_000;

impl Number {
    /// Reads decimal text: a sign, digits with a point, an exponent of ten (`e`) or of two (`p`); or `inf`. `None` if it
    /// is nothing of that, or has an exponent without measure.
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, text) = match text.as_bytes().first()? {
            b'-' => (Sign::Negative, &text[1..]),
            b'+' => (Sign::Positive, &text[1..]),
            _ => (Sign::Positive, text),
        };
        if matches!(text, "inf" | "Inf") {
            return Some(Self::infinite(sign, PRECISION));
        }
        let (digits, exponent_mark, exponent) = match text.find(['e', 'E', 'p', 'P']) {
            None => (text, 'e', 0),
            Some(at) => {
                let mark = if matches!(text.as_bytes()[at], b'p' | b'P') { 'p' } else { 'e' };
                (&text[..at], mark, exponent(&text[at + 1..])?)
            }
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() + fraction.len() == 0 || !is_digits(whole) || !is_digits(fraction) {
            return None;
        }
        if whole.len() + fraction.len() <= 18 && fraction.is_empty() && exponent == 0 {
            let number: i64 = whole.parse().ok()?;
            return Some(match sign {
                Sign::Negative if number == 0 => Self::zero(sign, PRECISION),
                Sign::Negative => Self::literal(-number),
                Sign::Positive => Self::literal(number),
            });
        }
        let (mantissa, dropped) = mantissa(whole, fraction)?;
        if mantissa.is_zero() {
            return Some(Self::zero(sign, PRECISION));
        }
        let tens = length(dropped) - length(fraction.len());
        let (fives, twos) = match exponent_mark {
            'p' => (tens, tens.checked_add(exponent)?),
            _ => (tens.checked_add(exponent)?, tens.checked_add(exponent)?),
        };
        if i64::from(i32::MAX) < twos.abs() {
            return None;
        }
        Some(scaled(sign, mantissa, fives, twos))
    }

    /// As the console shows it: whole numbers of 64 bits in full, others as the shortest 64-bit float.
    pub fn to_short(&self) -> String {
        match self.to_i64() {
            Some(number) => number.to_string(),
            None => shortest_float(self.to_f64()),
        }
    }

    /// Rounded to so many decimal digits, with an exponent below 1e-4 and where the digits do not reach the point, as
    /// Go's `%.10g` has it.
    pub(in crate::value) fn to_significant(&self, digits: usize) -> String {
        let Some((sign, mantissa, exponent)) = self.parts() else {
            return self.to_string();
        };
        if self.is_zero() {
            return self.to_string();
        }
        let sign = if sign == Sign::Negative { "-" } else { "" };
        let decimal = Decimal::exact(&mantissa, exponent);
        let decimal = if digits < decimal.digits.len() { decimal.cut_nearest(digits) } else { decimal };
        if (-3..=length(digits)).contains(&decimal.point) {
            return format!("{sign}{decimal}");
        }
        let text = str::from_utf8(&decimal.digits).unwrap_or_default();
        let (first, rest) = text.split_at_checked(1).unwrap_or((text, ""));
        let point = if rest.is_empty() { "" } else { "." };
        let exponent = decimal.point - 1;
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs())
    }
}

impl Number {
    /// The text of the nearest 64-bit float, if that is what the number was read from: the usual fraction. Its at most
    /// 17 digits are then the shortest, as no others are near enough.
    fn written_as_float(&self) -> Option<String> {
        let float = self.to_f64();
        // Others have long texts.
        if self.precision != PRECISION || !(1e-20..1e20).contains(&float.abs()) {
            return None;
        }
        let text = float.to_string();
        (Self::parse(&text)? == *self).then_some(text)
    }
}

/// The whole number after an `e`.
fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// The digits on both sides of the point as a whole number, and how many were left out at its end.
fn mantissa(whole: &str, fraction: &str) -> Option<(UBig, usize)> {
    let mut digits = String::with_capacity(whole.len() + fraction.len());
    digits.push_str(whole);
    digits.push_str(fraction);
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some((UBig::ZERO, 0));
    }
    match digits.split_at_checked(MAX_DIGITS) {
        Some((kept, rest)) if !rest.is_empty() => {
            let sticky = u8::from(rest.bytes().any(|digit| digit != b'0'));
            Some((UBig::from_str_radix(kept, 10).ok()? * 10u8 + sticky, rest.len() - 1))
        }
        _ => Some((UBig::from_str_radix(digits, 10).ok()?, 0)),
    }
}

/// `±mantissa · 5^fives · 2^twos`. The power of five is computed with 64 bits more than the result has, as Go does it,
/// so that large exponents are no work.
fn scaled(sign: Sign, mantissa: UBig, fives: i64, twos: i64) -> Number {
    if fives == 0 {
        return Number::rounded(sign, mantissa, twos, PRECISION);
    }
    if MAX_MAGNITUDE < fives.abs() {
        return match fives {
            1.. => Number::infinite(sign, PRECISION),
            _ => Number::zero(sign, PRECISION),
        };
    }
    let (power, exponent) = power_of_five(fives.unsigned_abs());
    if 0 < fives {
        Number::rounded(sign, mantissa * power, twos + exponent, PRECISION)
    } else {
        quotient(sign, (mantissa, twos), (power, exponent), PRECISION)
    }
}

fn power_of_five(mut power: u64) -> (UBig, i64) {
    // The highest power that fits 64 bits.
    let first = power.min(27);
    let mut result = (UBig::from(5u8).pow(usize::try_from(first).unwrap_or(0)), 0);
    power -= first;
    let mut factor = (UBig::from(5u8), 0);
    while power != 0 {
        if power & 1 == 1 {
            result = round(result.0 * &factor.0, result.1 + factor.1, PRECISION + 64);
        }
        factor = round(&factor.0 * &factor.0, 2 * factor.1, PRECISION + 128);
        power >>= 1;
    }
    result
}

/// The shortest decimal text, without exponent, that is this number and no other of its precision.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.repr {
            Repr::Infinite(Sign::Positive) => return f.write_str("+Inf"),
            Repr::Infinite(Sign::Negative) => return f.write_str("-Inf"),
            Repr::NegativeZero => return f.write_str("-0"),
            Repr::Small(number) if 64 <= self.precision || *number == 0 => return write!(f, "{number}"),
            Repr::Small(_) | Repr::Big(_) => {}
        }
        if let Some(text) = self.written_as_float() {
            return f.write_str(&text);
        }
        let (sign, mantissa, exponent) = self.parts().unwrap_or((Sign::Positive, UBig::ZERO, 0));
        if sign == Sign::Negative {
            f.write_str("-")?;
        }
        shortest(mantissa, exponent, self.precision).fmt(f)
    }
}

/// `0.digits · 10^point`, without zeros at either end of the digits.
pub(super) struct Decimal {
    pub(super) digits: Vec<u8>,
    pub(super) point: i64,
}

impl Decimal {
    /// `mantissa · 2^exponent`, exactly.
    pub(super) fn exact(mantissa: &UBig, exponent: i64) -> Self {
        let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        let (number, fraction) = if exponent < 0 {
            // 2^-n = 5^n / 10^n
            (mantissa * UBig::from(5u8).pow(shift), exponent)
        } else {
            (mantissa << shift, 0)
        };
        let mut digits = number.to_string().into_bytes();
        let point = length(digits.len()) + fraction;
        digits.truncate(digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1));
        Self { digits, point }
    }

    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Keeps so many digits, cutting off the others.
    pub(super) fn cut(mut self, keep: usize) -> Self {
        self.digits.truncate(keep);
        self.digits.truncate(self.digits.iter().rposition(|&digit| digit != b'0').map_or(0, |last| last + 1));
        self
    }

    /// Keeps so many digits, adding one to the last.
    fn cut_up(mut self, keep: usize) -> Self {
        self.digits.truncate(keep);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        if let Some(digit) = self.digits.last_mut() {
            *digit += 1;
        } else {
            self.digits.push(b'1');
            self.point += 1;
        }
        self
    }

    /// Keeps so many digits, to the nearest, ties to even.
    pub(super) fn cut_nearest(self, keep: usize) -> Self {
        let tie = self.at(keep) == b'5' && self.digits.len() == keep + 1;
        let up = if tie { 0 < keep && self.at(keep - 1) % 2 == 1 } else { b'5' <= self.at(keep) };
        if up { self.cut_up(keep) } else { self.cut(keep) }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = str::from_utf8(&self.digits).unwrap_or_default();
        let point = usize::try_from(self.point.unsigned_abs()).unwrap_or(usize::MAX);
        // Not with a width, which is limited to 65535.
        match digits.split_at_checked(point) {
            _ if self.point <= 0 => write!(f, "0.{}{digits}", "0".repeat(point)),
            Some((whole, "")) => f.write_str(whole),
            Some((whole, fraction)) => write!(f, "{whole}.{fraction}"),
            None => write!(f, "{digits}{}", "0".repeat(point - digits.len())),
        }
    }
}

/// The shortest digits between the middles to the two neighbours of a number that is not zero.
pub(super) fn shortest(mantissa: UBig, exponent: i64, precision: u32) -> Decimal {
    let number = Decimal::exact(&mantissa, exponent);
    let wanted = usize::try_from(precision).unwrap_or(usize::MAX);
    if 0 <= exponent && mantissa.bit_len() + usize::try_from(exponent).unwrap_or(0) <= wanted {
        // The neighbours are not more than one away: all digits of a whole number count.
        return number;
    }
    // The last bit is half a step of this precision. (A mantissa is never longer than its precision.)
    let shift = (wanted + 1).saturating_sub(mantissa.bit_len());
    let (mantissa, exponent) = (mantissa << shift, exponent - length(shift));
    let lower = Decimal::exact(&(&mantissa - UBig::ONE), exponent);
    let upper = Decimal::exact(&(&mantissa + UBig::ONE), exponent);
    // A middle itself is read as the even one of two neighbours.
    let inclusive = !mantissa.bit(1);
    for index in 0..number.digits.len() {
        let (low, digit, high) = (lower.at(index), number.at(index), upper.at(index));
        let down = low != digit || inclusive && index + 1 == lower.digits.len();
        let up = digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
        match (down, up) {
            (true, true) => return number.cut_nearest(index + 1),
            (true, false) => return number.cut(index + 1),
            (false, true) => return number.cut_up(index + 1),
            (false, false) => {}
        }
    }
    number
}

/// A 64-bit float as Go's `%g` writes it: shortest digits, with an exponent below 1e-4 and from 1e6 on.
fn shortest_float(number: f64) -> String {
    if number.is_infinite() {
        return if number < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
