//! Whole numbers as Go writes them: `42`, `-0x2A`, `0b101`, `017`, `1_000` (`strconv.ParseInt` with base 0).

/// A number that fits 64 bits with a sign.
pub fn signed(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(digits) => i64::try_from(-i128::try_from(magnitude(digits)?).ok()?).ok(),
        None => i64::try_from(magnitude(text.strip_prefix('+').unwrap_or(text))?).ok(),
    }
}

/// A number without a sign that fits 64 bits.
pub fn unsigned(text: &str) -> Option<u64> {
    if text.starts_with(['+', '-']) {
        return None;
    }
    u64::try_from(magnitude(text)?).ok()
}

/// The digits; `None` where an underscore does not stand between two of them.
pub(crate) fn without_underscores(text: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let is_good = text.split('_').all(|part| !part.is_empty() && part.chars().all(&is_digit));
    is_good.then(|| text.replace('_', ""))
}

/// Digits with a prefix for their base and underscores between them; nothing beyond 128 bits.
fn magnitude(text: &str) -> Option<u128> {
    let (radix, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    };
    let has_prefix = digits.len() < text.len();
    let digits = if has_prefix { digits.strip_prefix('_').unwrap_or(digits) } else { digits };
    let digits = without_underscores(digits, |c| c.is_digit(radix))?;
    u128::from_str_radix(&digits, radix).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_does() {
        for (text, expected) in [
            ("0", Some(0)),
            ("42", Some(42)),
            ("+42", Some(42)),
            ("-42", Some(-42)),
            ("0x2A", Some(42)),
            ("-0X2a", Some(-42)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("1_000", Some(1000)),
            ("0x_ff", Some(255)),
            ("0_7", Some(7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("", None),
            ("-", None),
            ("+-1", None),
            ("1.5", None),
            ("08", None),
            ("0x", None),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            (" 1", None),
            ("é", None),
        ] {
            assert_eq!(signed(text), expected, "{text:?}");
        }
        assert_eq!(unsigned("18446744073709551615"), Some(u64::MAX));
        assert_eq!(unsigned("+1"), None);
    }
}
