//! Numbers: binary floats that carry their precision, and the two infinities; never NaN.
//!
//! A number that is written in a template, or read from text, has 512 bits; what functions count has 64, what they
//! compute with 64-bit floats has 53, and a whole number that is read from digits of a base has as many as it needs.
//! An operation rounds to the larger precision of its operands, to nearest, ties to even. The precision is not part of
//! equality or order, but decides how many digits a number is written with. All this is as in Packer; unlike there,
//! magnitudes end at 2^±262144, so that no number is longer than some 79000 digits.
//!
//! Whole numbers that fit 64 bits, which nearly all are, take no memory and a fast path.

mod arithmetic;
#[cfg(test)]
mod tests;
mod text;

use std::{
    cmp::Ordering,
    hash::{Hash, Hasher},
    sync::Arc,
};

use dashu_int::{IBig, Sign, UBig, ops::BitTest as _};

pub use self::arithmetic::ArithmeticError;

/// A number; never NaN. Zero has a sign that only its text shows.
#[derive(Clone, Debug)]
pub struct Number {
    repr: Repr,
    /// Bits of mantissa that an exact result would be rounded to.
    precision: u32,
}

/// Canonical: a number has one form.
#[derive(Clone, Debug)]
enum Repr {
    /// Any whole number that fits, but not negative zero.
    Small(i64),
    NegativeZero,
    Big(Arc<Float>),
    Infinite(Sign),
}

/// `±mantissa · 2^exponent`, the mantissa odd.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Float {
    sign: Sign,
    mantissa: UBig,
    exponent: i64,
}

/// Bits of numbers that are written in a template.
const PRECISION: u32 = 512;
/// Bits of numbers that are counted.
const COUNT_PRECISION: u32 = 64;
/// Bits of numbers that were 64-bit floats.
const FLOAT_PRECISION: u32 = 53;
/// A number at or above two to this is infinite, one below two to its negative is zero.
const MAX_MAGNITUDE: i64 = 1 << 18;

impl Number {
    /// A whole number with the precision of a literal.
    pub fn literal(number: i64) -> Self {
        Self::small(number, PRECISION)
    }

    /// A whole number of any size, exactly (or infinite, past the limit of magnitudes).
    pub fn from_integer(number: IBig) -> Self {
        let bits = u32::try_from(number.bit_len()).unwrap_or(u32::MAX);
        let (sign, magnitude) = number.into_parts();
        Self::rounded(sign, magnitude, 0, bits.max(COUNT_PRECISION))
    }

    /// The same number, if it is one.
    pub fn from_f64(number: f64) -> Option<Self> {
        if number.is_nan() {
            return None;
        }
        let sign = if number.is_sign_negative() { Sign::Negative } else { Sign::Positive };
        if number.is_infinite() {
            return Some(Self::infinite(sign, FLOAT_PRECISION));
        }
        let bits = number.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match (bits >> 52) & 0x7ff {
            0 => (fraction, -1074),
            biased => (fraction | 1 << 52, i64::try_from(biased).unwrap_or(0) - 1075),
        };
        Some(Self::rounded(sign, UBig::from(mantissa), exponent, FLOAT_PRECISION))
    }

    /// The number as a whole number of 64 bits, if it is one. Negative zero is zero.
    pub fn to_i64(&self) -> Option<i64> {
        match self.repr {
            Repr::Small(number) => Some(number),
            Repr::NegativeZero => Some(0),
            Repr::Big(_) | Repr::Infinite(_) => None,
        }
    }

    /// The number as a whole number without sign, if it is one and fits the machine: for counts and indexes.
    pub fn to_usize(&self) -> Option<usize> {
        self.to_i64().and_then(|number| usize::try_from(number).ok())
    }

    /// The number as a whole number of any size, if it is one.
    pub fn to_integer(&self) -> Option<IBig> {
        match &self.repr {
            Repr::Small(number) => Some(IBig::from(*number)),
            Repr::NegativeZero => Some(IBig::ZERO),
            Repr::Big(float) if 0 <= float.exponent => {
                let shift = usize::try_from(float.exponent).ok()?;
                Some(IBig::from_parts(float.sign, &float.mantissa << shift))
            }
            Repr::Big(_) | Repr::Infinite(_) => None,
        }
    }

    /// The nearest 64-bit float, ties to even.
    pub fn to_f64(&self) -> f64 {
        match &self.repr {
            #[expect(clippy::cast_precision_loss, reason = "rounds to nearest, ties to even, as is wanted")]
            Repr::Small(number) => *number as f64,
            Repr::NegativeZero => -0.0,
            Repr::Infinite(Sign::Positive) => f64::INFINITY,
            Repr::Infinite(Sign::Negative) => f64::NEG_INFINITY,
            Repr::Big(float) => float.to_f64(),
        }
    }

    pub fn is_integer(&self) -> bool {
        match &self.repr {
            Repr::Small(_) | Repr::NegativeZero => true,
            Repr::Big(float) => 0 <= float.exponent,
            Repr::Infinite(_) => false,
        }
    }

    pub fn is_infinite(&self) -> bool {
        matches!(self.repr, Repr::Infinite(_))
    }

    pub fn is_zero(&self) -> bool {
        matches!(self.repr, Repr::Small(0) | Repr::NegativeZero)
    }

    /// True below zero, and for negative zero.
    pub fn is_negative(&self) -> bool {
        self.sign() == Sign::Negative
    }

    fn sign(&self) -> Sign {
        match &self.repr {
            Repr::Small(number) if *number < 0 => Sign::Negative,
            Repr::Small(_) => Sign::Positive,
            Repr::NegativeZero => Sign::Negative,
            Repr::Big(float) => float.sign,
            Repr::Infinite(sign) => *sign,
        }
    }

    fn small(number: i64, precision: u32) -> Self {
        Self { repr: Repr::Small(number), precision }
    }

    fn zero(sign: Sign, precision: u32) -> Self {
        let repr = if sign == Sign::Negative { Repr::NegativeZero } else { Repr::Small(0) };
        Self { repr, precision }
    }

    fn infinite(sign: Sign, precision: u32) -> Self {
        Self { repr: Repr::Infinite(sign), precision }
    }

    /// `±mantissa · 2^exponent`, rounded.
    fn rounded(sign: Sign, mantissa: UBig, exponent: i64, precision: u32) -> Self {
        let (mut mantissa, mut exponent) = round(mantissa, exponent, precision);
        let Some(zeros) = mantissa.trailing_zeros() else {
            return Self::zero(sign, precision);
        };
        mantissa >>= zeros;
        exponent += length(zeros);
        let bits = length(mantissa.bit_len());
        match bits + exponent {
            magnitude if MAX_MAGNITUDE < magnitude => return Self::infinite(sign, precision),
            magnitude if magnitude < -MAX_MAGNITUDE => return Self::zero(sign, precision),
            _ => {}
        }
        if 0 <= exponent
            && bits + exponent <= 64
            && let Ok(shift) = usize::try_from(exponent)
            && let Ok(number) = i64::try_from(IBig::from_parts(sign, &mantissa << shift))
        {
            return Self::small(number, precision);
        }
        Self { repr: Repr::Big(Arc::new(Float { sign, mantissa, exponent })), precision }
    }

    /// Sign, mantissa and exponent of a number that is finite; the mantissa is odd, or zero.
    fn parts(&self) -> Option<(Sign, UBig, i64)> {
        match &self.repr {
            Repr::Small(0) => Some((Sign::Positive, UBig::ZERO, 0)),
            Repr::Small(number) => {
                let zeros = number.trailing_zeros();
                Some((self.sign(), UBig::from(number.unsigned_abs() >> zeros), zeros.into()))
            }
            Repr::NegativeZero => Some((Sign::Negative, UBig::ZERO, 0)),
            Repr::Big(float) => Some((float.sign, float.mantissa.clone(), float.exponent)),
            Repr::Infinite(_) => None,
        }
    }
}

impl Float {
    fn to_f64(&self) -> f64 {
        // The place of the highest bit says how many bits a 64-bit float has there.
        let top = length(self.mantissa.bit_len()) + self.exponent - 1;
        let precision = if top < -1022 { 53 - (-1022 - top) } else { 53 };
        let magnitude = match u32::try_from(precision) {
            _ if 1023 < top => f64::INFINITY,
            Err(_) => 0.0,
            Ok(0) if self.mantissa.is_one() => 0.0,
            Ok(0) => f64::from_bits(1),
            Ok(precision) => {
                let (mantissa, exponent) = round(self.mantissa.clone(), self.exponent, precision);
                let mantissa = u64::try_from(&mantissa).unwrap_or(u64::MAX);
                #[expect(clippy::cast_precision_loss, reason = "has at most 53 bits, or is a power of two")]
                let mantissa = mantissa as f64;
                mantissa * power_of_two(exponent)
            }
        };
        if self.sign == Sign::Negative { -magnitude } else { magnitude }
    }

    fn cmp_magnitude(&self, other: &Self) -> Ordering {
        let top = |float: &Self| length(float.mantissa.bit_len()) + float.exponent;
        top(self).cmp(&top(other)).then_with(|| {
            // With equal tops the difference of exponents is at most that of the mantissas' lengths.
            match usize::try_from(self.exponent - other.exponent) {
                Ok(shift) => (&self.mantissa << shift).cmp(&other.mantissa),
                Err(_) => {
                    let shift = usize::try_from(other.exponent - self.exponent).unwrap_or(0);
                    self.mantissa.cmp(&(&other.mantissa << shift))
                }
            }
        })
    }
}

/// Rounds a mantissa to at most `precision` bits (or one more, a power of two), to nearest, ties to even.
fn round(mantissa: UBig, exponent: i64, precision: u32) -> (UBig, i64) {
    let precision = usize::try_from(precision).unwrap_or(usize::MAX);
    let excess = mantissa.bit_len().saturating_sub(precision);
    if excess == 0 {
        return (mantissa, exponent);
    }
    let half = mantissa.bit(excess - 1);
    let exact_half = half && mantissa.trailing_zeros() == Some(excess - 1);
    let mut kept = mantissa >> excess;
    if half && (!exact_half || kept.bit(0)) {
        kept += 1u8;
    }
    (kept, exponent + length(excess))
}

/// Two to an exponent from -1074 to 1023.
fn power_of_two(exponent: i64) -> f64 {
    let bits =
        if exponent < -1022 { 1 << (exponent + 1074).max(0) } else { (exponent.min(1023) + 1023) << 52 };
    f64::from_bits(bits.unsigned_abs())
}

/// A count of bits as an exponent.
fn length(bits: usize) -> i64 {
    i64::try_from(bits).unwrap_or(i64::MAX)
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self::small(number, COUNT_PRECISION)
    }
}

impl From<u64> for Number {
    fn from(number: u64) -> Self {
        Self::from_integer(IBig::from(number))
    }
}

impl From<usize> for Number {
    fn from(number: usize) -> Self {
        Self::from_integer(IBig::from(number))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (&self.repr, &other.repr) {
            (Repr::Big(a), Repr::Big(b)) => a == b,
            (Repr::Infinite(a), Repr::Infinite(b)) => a == b,
            (Repr::Small(_) | Repr::NegativeZero, _) => self.to_i64() == other.to_i64(),
            _ => false,
        }
    }
}

impl Eq for Number {}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        /// Where a number is on the line, as far as its form tells: bigger than all small ones, for example.
        fn zone(number: &Number) -> i8 {
            let magnitude = match number.repr {
                Repr::Small(_) | Repr::NegativeZero => return 0,
                Repr::Big(_) => 1,
                Repr::Infinite(_) => 2,
            };
            if number.is_negative() { -magnitude } else { magnitude }
        }
        match (&self.repr, &other.repr) {
            (Repr::Big(a), Repr::Big(b)) if a.sign == b.sign => {
                let order = a.cmp_magnitude(b);
                if a.sign == Sign::Negative { order.reverse() } else { order }
            }
            // A fraction among whole numbers.
            (Repr::Big(a), _) if a.exponent < 0 && zone(other) == 0 => compare_with_small(a, other),
            (_, Repr::Big(b)) if b.exponent < 0 && zone(self) == 0 => compare_with_small(b, self).reverse(),
            _ => zone(self).cmp(&zone(other)).then_with(|| self.to_i64().cmp(&other.to_i64())),
        }
    }
}

/// Compares a float with a whole number of 64 bits.
fn compare_with_small(float: &Float, number: &Number) -> Ordering {
    let number = number.to_i64().unwrap_or(0);
    let sign = if number < 0 { Sign::Negative } else { Sign::Positive };
    if number == 0 || sign != float.sign {
        return if float.sign == Sign::Negative { Ordering::Less } else { Ordering::Greater };
    }
    let whole = Float { sign, mantissa: UBig::from(number.unsigned_abs()), exponent: 0 };
    let order = float.cmp_magnitude(&whole);
    if sign == Sign::Negative { order.reverse() } else { order }
}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.repr {
            Repr::Small(_) | Repr::NegativeZero => self.to_i64().hash(state),
            Repr::Big(float) => float.hash(state),
            Repr::Infinite(sign) => sign.hash(state),
        }
    }
}
