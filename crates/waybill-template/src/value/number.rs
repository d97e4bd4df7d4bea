//! Numbers: binary floats with 512 bits of mantissa, and the two infinities.

/// A number; never NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Number(pub(crate) f64);
