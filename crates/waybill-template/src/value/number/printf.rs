//! Numbers as `printf` lays them out.

use waybill_go::printf::{self, Digits, Float};

use super::{
    Number, length,
    text::{Decimal, shortest},
};

impl Float for Number {
    fn is_negative(&self) -> bool {
        Self::is_negative(self)
    }

    fn is_infinite(&self) -> bool {
        Self::is_infinite(self)
    }

    fn decimal(&self, digits: Digits) -> printf::Decimal {
        let Some((_, mantissa, exponent)) = self.parts().filter(|_| !self.is_zero()) else {
            return printf::Decimal::default();
        };
        let decimal = match digits {
            Digits::Shortest => shortest(mantissa, exponent, self.precision),
            Digits::Significant(count) => Decimal::exact(&mantissa, exponent).nearest(length(count)),
            Digits::Fraction(places) => {
                let decimal = Decimal::exact(&mantissa, exponent);
                let count = decimal.point + length(places);
                decimal.nearest(count)
            }
        };
        printf::Decimal::new(str::from_utf8(&decimal.digits).unwrap_or_default(), decimal.point)
    }
}

impl Decimal {
    /// Rounds to so many digits; below zero, it is less than half of the last one.
    fn nearest(self, digits: i64) -> Self {
        match usize::try_from(digits) {
            Ok(digits) if self.digits.len() <= digits => self,
            Ok(digits) => self.cut_nearest(digits),
            Err(_) => self.cut(0),
        }
    }
}
