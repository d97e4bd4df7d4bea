//! What numbers can be computed to.

use dashu_int::{IBig, Sign, UBig, ops::BitTest as _};
use thiserror::Error;

use super::{Number, PRECISION, Repr, length, round};

/// Why two numbers have no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ArithmeticError {
    #[error("infinities of opposite signs cannot be added")]
    Sum,
    #[error("infinity cannot be subtracted from itself")]
    Difference,
    #[error("zero cannot be multiplied by infinity")]
    Product,
    #[error("zero cannot be divided by zero, nor infinity by infinity")]
    Quotient,
    #[error("there is no remainder of, or by, infinity")]
    Remainder,
}

impl Number {
    pub fn plus(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision.max(other.precision);
        if let (&Repr::Small(a), &Repr::Small(b)) = (&self.repr, &other.repr)
            && 64 <= precision
            && let Some(sum) = a.checked_add(b)
        {
            return Ok(Self::small(sum, precision));
        }
        match (self.parts(), other.parts()) {
            (Some(a), Some(b)) => Ok(sum(a, b, precision)),
            (None, None) if self.sign() != other.sign() => Err(ArithmeticError::Sum),
            (None, _) => Ok(Self::infinite(self.sign(), precision)),
            (_, None) => Ok(Self::infinite(other.sign(), precision)),
        }
    }

    pub fn minus(&self, other: &Self) -> Result<Self, ArithmeticError> {
        self.plus(&other.negated()).map_err(|_| ArithmeticError::Difference)
    }

    /// The product keeps the bits it needs, up to 512, even if the factors have a lower precision.
    pub fn times(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision.max(other.precision);
        if let (&Repr::Small(a), &Repr::Small(b)) = (&self.repr, &other.repr)
            && 64 <= precision
            && a != 0
            && b != 0
            && let Some(product) = a.checked_mul(b)
        {
            return Ok(Self::small(product, precision));
        }
        let sign = self.sign() * other.sign();
        match (self.parts(), other.parts()) {
            (Some((_, a, a_exponent)), Some((_, b, b_exponent))) => {
                let (product, exponent) = round(a * b, a_exponent + b_exponent, PRECISION);
                let needed = product.bit_len() - product.trailing_zeros().unwrap_or(0);
                let precision = precision.max(u32::try_from(needed).unwrap_or(PRECISION));
                Ok(Self::rounded(sign, product, exponent, precision))
            }
            _ if self.is_zero() || other.is_zero() => Err(ArithmeticError::Product),
            _ => Ok(Self::infinite(sign, precision)),
        }
    }

    /// Division by zero gives an infinity.
    pub fn divided_by(&self, other: &Self) -> Result<Self, ArithmeticError> {
        let precision = self.precision.max(other.precision);
        if let (&Repr::Small(a), &Repr::Small(b)) = (&self.repr, &other.repr)
            && 64 <= precision
            && a != 0
            && a.checked_rem(b) == Some(0)
        {
            return Ok(Self::small(a / b, precision));
        }
        let sign = self.sign() * other.sign();
        match (self.parts(), other.parts()) {
            (None, None) => Err(ArithmeticError::Quotient),
            _ if self.is_zero() && other.is_zero() => Err(ArithmeticError::Quotient),
            (None, _) => Ok(Self::infinite(sign, precision)),
            (_, None) => Ok(Self::zero(sign, precision)),
            _ if other.is_zero() => Ok(Self::infinite(sign, precision)),
            (Some((_, a, a_exponent)), Some((_, b, b_exponent))) => {
                Ok(quotient(sign, (a, a_exponent), (b, b_exponent), precision))
            }
        }
    }

    /// What is left of this after taking away `other` a whole number of times, with the sign and the precision of this.
    /// By zero it is this itself.
    pub fn modulo(&self, other: &Self) -> Result<Self, ArithmeticError> {
        if let (&Repr::Small(a), &Repr::Small(b)) = (&self.repr, &other.repr)
            && 64 <= self.precision
            // A quotient of this precision rounds to no other whole number.
            && 128 <= self.precision.max(other.precision)
            && let Some(rest) = a.checked_rem(b)
        {
            return Ok(Self::small(rest, self.precision));
        }
        if other.is_zero() {
            return Ok(self.clone());
        }
        let times = self.divided_by(other).map_err(|_| ArithmeticError::Remainder)?.truncated();
        let parts = (self.parts(), other.parts(), times.parts());
        let (Some(own), Some((_, step, step_exponent)), Some((_, times, times_exponent))) = parts else {
            return Err(ArithmeticError::Remainder);
        };
        let (times, times_exponent) = round(times, times_exponent, self.precision);
        let taken = Self::rounded(own.0, step * times, step_exponent + times_exponent, self.precision);
        let (sign, mantissa, exponent) = taken.parts().ok_or(ArithmeticError::Remainder)?;
        Ok(sum(own, (-sign, mantissa, exponent), self.precision))
    }

    #[must_use]
    pub fn negated(&self) -> Self {
        match &self.repr {
            Repr::Small(0) => Self::zero(Sign::Negative, self.precision),
            Repr::NegativeZero => Self::small(0, self.precision),
            Repr::Infinite(sign) => Self::infinite(-*sign, self.precision),
            Repr::Small(number) if *number != i64::MIN => Self::small(-number, self.precision),
            Repr::Small(_) | Repr::Big(_) => match self.parts() {
                Some((sign, mantissa, exponent)) => Self::rounded(-sign, mantissa, exponent, self.precision),
                None => self.clone(),
            },
        }
    }

    /// Without its sign.
    #[must_use]
    pub fn abs(&self) -> Self {
        if self.is_negative() { self.negated() } else { self.clone() }
    }

    /// The next whole number towards zero; infinities stay.
    #[must_use]
    pub fn truncated(&self) -> Self {
        match &self.repr {
            Repr::Big(float) if float.exponent < 0 => {
                let shift = usize::try_from(-float.exponent).unwrap_or(usize::MAX);
                Self::from_integer(IBig::from_parts(float.sign, &float.mantissa >> shift))
            }
            _ => self.clone(),
        }
    }

    /// The next whole number downwards; infinities stay.
    #[must_use]
    pub fn floor(&self) -> Self {
        self.rounded_to_whole(-1, |number, whole| number < whole)
    }

    /// The next whole number upwards; infinities stay.
    #[must_use]
    pub fn ceil(&self) -> Self {
        self.rounded_to_whole(1, |number, whole| whole < number)
    }

    /// The whole part, or its neighbour if that is not far enough; with the precision of the number.
    fn rounded_to_whole(&self, neighbour: i64, is_short: fn(&Self, &Self) -> bool) -> Self {
        if self.is_zero() {
            // Without a sign.
            return self.abs();
        }
        let whole = self.truncated();
        let rounded = if is_short(self, &whole) { whole.plus(&Self::from(neighbour)) } else { Ok(whole) };
        Self { precision: self.precision, ..rounded.unwrap_or_else(|_| self.clone()) }
    }
}

type Parts = (Sign, UBig, i64);

fn sum((a_sign, a, a_exponent): Parts, (b_sign, b, b_exponent): Parts, precision: u32) -> Number {
    let exponent = a_exponent.min(b_exponent);
    let aligned = |sign, mantissa: UBig, at: i64| {
        IBig::from_parts(sign, mantissa << usize::try_from(at - exponent).unwrap_or(0))
    };
    let both_negative = a_sign == Sign::Negative && b_sign == Sign::Negative;
    let (sign, magnitude) = (aligned(a_sign, a, a_exponent) + aligned(b_sign, b, b_exponent)).into_parts();
    if magnitude.is_zero() {
        let sign = if both_negative { Sign::Negative } else { Sign::Positive };
        return Number::zero(sign, precision);
    }
    Number::rounded(sign, magnitude, exponent, precision)
}

/// Divides two mantissas with exponents; the second is not zero.
pub(super) fn quotient(sign: Sign, a: (UBig, i64), b: (UBig, i64), precision: u32) -> Number {
    let ((a, a_exponent), (b, b_exponent)) = (a, b);
    // Two bits more than are kept; a last one says whether anything follows.
    let wanted = usize::try_from(precision).unwrap_or(usize::MAX).saturating_add(2);
    let shift = (wanted + b.bit_len()).saturating_sub(a.bit_len());
    let dividend = a << shift;
    let quotient = &dividend / &b;
    let exact = &quotient * &b == dividend;
    let digits = (quotient << 1usize) + UBig::from(!exact);
    Number::rounded(sign, digits, a_exponent - b_exponent - length(shift) - 1, precision)
}
