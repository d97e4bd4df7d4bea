//! Logarithms and powers to the last bit as Go computes them, which is not the nearest float in all cases.
//!
//! Templates show such numbers with all digits. Where Go computes differently from one processor to another, this is
//! what it does on a common one of `amd64`.

use std::f64::consts::{FRAC_1_SQRT_2, LOG2_E};

/// The natural logarithm; not a number below zero.
///
/// As in FreeBSD's `e_log.c`: with `x = 2^k · (1 + f)`, by a polynomial in `s = f / (2 + f)`.
pub fn log(x: f64) -> f64 {
    const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const COEFFICIENTS: [f64; 7] = [
        f64::from_bits(0x3fe5_5555_5555_5593),
        f64::from_bits(0x3fd9_9999_9997_fa04),
        f64::from_bits(0x3fd2_4924_9422_9359),
        f64::from_bits(0x3fcc_71c5_1d8e_78af),
        f64::from_bits(0x3fc7_4664_96cb_03de),
        f64::from_bits(0x3fc3_9a09_d078_c69f),
        f64::from_bits(0x3fc2_f112_df3e_5244),
    ];
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x < 0.0 {
        return f64::NAN;
    }
    let (mut fraction, mut exponent) = parts(x);
    if fraction < FRAC_1_SQRT_2 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let (f, k) = (fraction - 1.0, f64::from(exponent));
    let [c1, c2, c3, c4, c5, c6, c7] = COEFFICIENTS;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let odd = s2 * (c1 + s4 * (c3 + s4 * (c5 + s4 * c7)));
    let even = s4 * (c2 + s4 * (c4 + s4 * c6));
    let half_square = 0.5 * f * f;
    k * LN_2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * LN_2_LOW)) - f)
}

/// `x` to the power of `y`; not a number for a negative number to the power of a fraction.
#[expect(clippy::float_cmp, reason = "the special cases are exact")]
pub fn pow(x: f64, y: f64) -> f64 {
    let is_odd = |y: f64| y.abs() < 9_007_199_254_740_992.0 && y % 2.0 != 0.0 && y.fract() == 0.0;
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 || x.is_nan() {
        return x;
    }
    if y.is_nan() {
        return y;
    }
    if x == 0.0 || x.is_infinite() {
        let magnitude = if (x == 0.0) == (y < 0.0) { f64::INFINITY } else { 0.0 };
        return if x.is_sign_negative() && is_odd(y) { -magnitude } else { magnitude };
    }
    if y.is_infinite() || 9_223_372_036_854_775_808.0 <= y.abs() {
        return match x {
            -1.0 => 1.0,
            _ if (x.abs() < 1.0) == (0.0 < y) => 0.0,
            _ => f64::INFINITY,
        };
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = (y.abs().trunc(), y.abs().fract());
    if fraction != 0.0 && x < 0.0 {
        return f64::NAN;
    }
    let mut result = 1.0;
    if fraction != 0.0 {
        if 0.5 < fraction {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exp(fraction * log(x));
    }
    // By squaring, with the exponents of two apart.
    let (mut square, mut square_exponent) = parts(x);
    let mut exponent = 0;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "is from 0 to 2^63")]
    let mut power = whole as u64;
    while power != 0 {
        if !(-4096..=4096).contains(&square_exponent) {
            // Far above or below what there is, whatever follows.
            exponent += square_exponent;
            break;
        }
        if power & 1 == 1 {
            result *= square;
            exponent += square_exponent;
        }
        square *= square;
        square_exponent *= 2;
        if square < 0.5 {
            square += square;
            square_exponent -= 1;
        }
        power >>= 1;
    }
    if y < 0.0 { scaled(1.0 / result, -exponent) } else { scaled(result, exponent) }
}

/// Euler's number to a power that is far from any limit, as Go has it from the SLEEF library: `x` is reduced by
/// multiples of `ln 2` and to a sixteenth, of which a Taylor series gives `e^x - 1`, which is squared four times.
fn exp(x: f64) -> f64 {
    const LN_2_HIGH: f64 = 0.693_147_180_559_662_956_511_601_805_686_950_683_593_75;
    const LN_2_LOW: f64 = 0.282_352_905_630_315_771_225_884_481_750_134_360_255_254_120_68e-12;
    const COEFFICIENTS: [f64; 7] = [1.0 / 5040.0, 1.0 / 720.0, 1.0 / 120.0, 1.0 / 24.0, 1.0 / 6.0, 0.5, 1.0];
    let twos = (x * LOG2_E).round_ties_even();
    let rest = (-twos).mul_add(LN_2_LOW, (-twos).mul_add(LN_2_HIGH, x)) / 16.0;
    let series = COEFFICIENTS.iter().fold(1.0 / 40320.0, |sum: f64, &c| sum.mul_add(rest, c));
    let mut result = rest * series;
    for _ in 0..3 {
        result *= result + 2.0;
    }
    result = result.mul_add(result + 2.0, 1.0);
    #[expect(clippy::cast_possible_truncation, reason = "is a small whole number")]
    let twos = twos as i32;
    scaled(result, twos)
}

/// A finite number but zero as `fraction · 2^exponent`, the fraction from 0.5 to 1.
fn parts(x: f64) -> (f64, i32) {
    let (x, shift) = if x.is_subnormal() { (x * 2f64.powi(52), 52) } else { (x, 0) };
    let bits = x.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52);
    (fraction, biased - 1022 - shift)
}

/// `x · 2^exponent`, rounded once.
fn scaled(x: f64, exponent: i32) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let (fraction, own) = parts(x);
    match own + exponent {
        total @ ..-1074 => {
            // Less than half of the smallest, or just that.
            if total == -1074 { fraction * f64::from_bits(1) } else { 0f64.copysign(x) }
        }
        total @ -1074..-1021 => fraction * 2f64.powi(total + 60) * 2f64.powi(-60),
        total @ -1021..=1024 => fraction * 2.0 * 2f64.powi(total - 1),
        _ => f64::INFINITY.copysign(x),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_same(a: f64, b: f64) -> bool {
        a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
    }

    /// Lines of `x`, `y`, the logarithm of `x` and the power, as Go 1.26 has them on `amd64`.
    #[test]
    fn results_are_those_of_go() {
        for line in include_str!("../tests/data/floats.tsv").lines() {
            let numbers = line.split('\t').map(|number| number.parse().expect("a number"));
            let [x, y, logarithm, power] = numbers.collect::<Vec<f64>>()[..] else { panic!("four: {line}") };
            assert!(is_same(log(x), logarithm), "log({x}) is {}, not {logarithm}", log(x));
            assert!(is_same(pow(x, y), power), "pow({x}, {y}) is {}, not {power}", pow(x, y));
        }
    }

    #[test]
    fn limits_have_their_own_results() {
        const INFINITY: f64 = f64::INFINITY;
        for (x, y, expected) in [
            (0.0, 0.0, 1.0),
            (f64::NAN, 0.0, 1.0),
            (1.0, INFINITY, 1.0),
            (-1.0, INFINITY, 1.0),
            (-1.0, 1e300, 1.0),
            (0.5, INFINITY, 0.0),
            (0.5, -1e300, INFINITY),
            (2.0, INFINITY, INFINITY),
            (2.0, -INFINITY, 0.0),
            (0.0, -1.0, INFINITY),
            (-0.0, -3.0, -INFINITY),
            (-0.0, 3.0, -0.0),
            (-0.0, 2.0, 0.0),
            (INFINITY, -1.0, 0.0),
            (-INFINITY, 3.0, -INFINITY),
            (-INFINITY, 2.0, INFINITY),
            (-INFINITY, -3.0, -0.0),
            (-8.0, 1.0 / 3.0, f64::NAN),
            (2.0, 0.5, std::f64::consts::SQRT_2),
            (4.0, -0.5, 0.5),
            (2.0, 1023.0, 8.988_465_674_311_58e307),
            (2.0, 1024.0, INFINITY),
            (2.0, -1074.0, 5e-324),
            (2.0, -1075.0, 0.0),
            (3.0, -678.0, 5e-324),
            (7.0, -380.0, 7.3e-322),
            (1.5, 1e9, INFINITY),
        ] {
            assert!(is_same(pow(x, y), expected), "pow({x}, {y}) is {}", pow(x, y));
        }
        assert!(log(-1.0).is_nan() && log(f64::NAN).is_nan());
        assert!(is_same(log(0.0), -INFINITY) && is_same(log(INFINITY), INFINITY));
        assert!((log(5e-324) + 744.440_071_921_381_2).abs() < 1e-12);
    }
}
