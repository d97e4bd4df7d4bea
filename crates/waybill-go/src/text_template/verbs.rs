//! Verbs of `printf` that only text templates have, on top of [`Layout`].

use std::{fmt::Write as _, iter::repeat_n};

use crate::{
    printf::Layout,
    quote::{self, is_print, quote, quote_ascii},
};

/// `%q`
pub(super) fn quoted(layout: &Layout, text: &str) -> String {
    let end =
        layout.precision.and_then(|most| text.char_indices().nth(most)).map_or(text.len(), |(at, _)| at);
    let text = &text[..end];
    let is_raw = |c| c != '`' && c != '\u{7f}' && c != '\u{feff}' && (' ' <= c || c == '\t');
    layout.pad(&if layout.sharp && text.chars().all(is_raw) {
        format!("`{text}`")
    } else if layout.plus {
        quote_ascii(text)
    } else {
        quote(text)
    })
}

/// `%x` and `%X` of text.
pub(super) fn hexadecimal(layout: &Layout, text: &str, is_upper: bool) -> String {
    let prefix = if layout.sharp { "0x" } else { "" };
    let mut out = String::new();
    for (i, byte) in text.bytes().take(layout.precision.unwrap_or(usize::MAX)).enumerate() {
        if layout.space && 0 < i {
            out.push(' ');
        }
        if layout.space || i == 0 {
            out.push_str(prefix);
        }
        let _ = write!(out, "{byte:02x}");
    }
    if is_upper {
        out.make_ascii_uppercase();
    }
    layout.pad(&out)
}

/// `%c`, `%q` and `%U` of a number.
pub(super) fn character(layout: &Layout, verb: char, is_negative: bool, magnitude: u64) -> String {
    let code = u32::try_from(magnitude).ok().filter(|_| !is_negative);
    let c = code.and_then(char::from_u32);
    let shown = c.unwrap_or(char::REPLACEMENT_CHARACTER);
    match verb {
        'c' => layout.pad(shown.encode_utf8(&mut [0; 4])),
        'q' if layout.plus => layout.pad(&quote::quote_char_ascii(shown)),
        'q' => layout.pad(&quote::quote_char(shown)),
        _ => {
            let code = if is_negative { magnitude.wrapping_neg() } else { magnitude };
            let digits = layout.precision.unwrap_or(4).max(4);
            let code = format!("{code:X}");
            // Not by a width of `format!`, which has a limit.
            let mut out = format!("U+{}{code}", "0".repeat(digits.saturating_sub(code.len())));
            if let (true, Some(c)) = (layout.sharp, c.filter(|&c| is_print(c))) {
                let _ = write!(out, " '{c}'");
            }
            Layout { zero: false, ..*layout }.pad(&out)
        }
    }
}

/// A float with one of `e E f F g G b x X`.
pub(super) fn float(layout: &Layout, verb: char, value: f64) -> String {
    if value.is_nan() {
        let sign = if layout.plus {
            "+"
        } else if layout.space {
            " "
        } else {
            ""
        };
        return Layout { zero: false, ..*layout }.pad(&format!("{sign}NaN"));
    }
    if value.is_infinite() || (!layout.sharp && !matches!(verb, 'b' | 'x' | 'X')) {
        return layout.float(verb, &value);
    }
    let mut number = match verb {
        'b' => binary(value.abs()),
        'x' | 'X' => float_hexadecimal(value.abs(), layout.precision),
        _ => Layout { precision: layout.precision, ..Layout::default() }
            .float(verb.to_ascii_lowercase(), &value.abs()),
    };
    if layout.sharp && verb != 'b' {
        number = with_point(&number, verb, layout.precision);
    }
    if verb.is_ascii_uppercase() {
        number.make_ascii_uppercase();
    }
    let sign = match (value.is_sign_negative(), layout.plus, layout.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    };
    let is_filled = layout.zero && !layout.minus;
    let length = sign.len() + number.len();
    let zeros = if is_filled { layout.width.unwrap_or(0).saturating_sub(length) } else { 0 };
    let filled = format!("{sign}{}{number}", "0".repeat(zeros));
    Layout { zero: false, ..*layout }.pad(&filled)
}

/// `4503599627370496p-52`
fn binary(value: f64) -> String {
    let (mantissa, exponent) = parts(value);
    format!("{mantissa}p{exponent:+}")
}

/// Mantissa and binary exponent: the value is one times two to the other.
fn parts(value: f64) -> (u64, i32) {
    let bits = value.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) }
}

/// `0x1.8p+01`
fn float_hexadecimal(value: f64, precision: Option<usize>) -> String {
    let (mut mantissa, mut exponent) = parts(value);
    if mantissa == 0 {
        exponent = 0;
    } else {
        // The first digit is a one, with 60 bits behind it.
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i32::try_from(shift).unwrap_or(0);
    }
    if let Some(precision) = precision.filter(|&precision| precision < 15) {
        let dropped = 60 - 4 * precision;
        let half = 1u64 << (dropped - 1);
        let rest = mantissa & ((half << 1) - 1);
        mantissa >>= dropped;
        mantissa += u64::from(half < rest || (rest == half && mantissa & 1 == 1));
        mantissa <<= dropped;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digits = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => digits.trim_end_matches('0').to_owned(),
        Some(precision) => {
            let kept = &digits[..precision.min(digits.len())];
            format!("{kept}{}", "0".repeat(precision - kept.len()))
        }
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("0x{}{point}{fraction}p{sign}{:02}", mantissa >> 60, exponent.unsigned_abs())
}

/// `#` asks for a decimal point, and for `%g` keeps zeros at the end.
fn with_point(number: &str, verb: char, precision: Option<usize>) -> String {
    let mut digits = match verb {
        'g' | 'G' | 'x' | 'X' => precision.unwrap_or(6),
        _ => 0,
    };
    let is_hexadecimal = matches!(verb, 'x' | 'X');
    let exponent_at = number.find(|c| c == 'p' || (c == 'e' && !is_hexadecimal)).unwrap_or(number.len());
    let (head, tail) = number.split_at(exponent_at);
    let significant = head.chars().filter(|&c| c != '.').skip_while(|&c| c == '0').count();
    digits = digits.saturating_sub(significant);
    let mut out = head.to_owned();
    if !out.contains('.') {
        if out == "0" {
            digits = digits.saturating_sub(1);
        }
        out.push('.');
    }
    out.extend(repeat_n('0', digits));
    out + tail
}
