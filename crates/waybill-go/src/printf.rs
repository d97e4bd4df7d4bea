//! The pieces of Go's `printf`: how a number or a text is laid out by flags, width and precision.
//!
//! Reading the verbs is left to who has them: `format` of the template language and `printf` of `text/template`
//! differ in that, not in these.

use std::{borrow::Cow, iter::repeat_n};

/// What stands between `%` and the letter.
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own, as it is written")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// `-`: blanks go to the right.
    pub minus: bool,
    /// `+`: a sign also for what is not negative.
    pub plus: bool,
    /// `#`: the other form.
    pub sharp: bool,
    /// A blank where the sign would be.
    pub space: bool,
    /// `0`: zeros instead of blanks on the left.
    pub zero: bool,
    pub width: Option<usize>,
    pub precision: Option<usize>,
}

impl Layout {
    /// The largest width and the largest precision.
    pub const MAX: usize = 1_000_000;

    /// Blanks (or zeros) on the side that is filled.
    pub fn pad(&self, text: &str) -> String {
        let missing = self.missing(text.chars().count());
        if self.minus {
            return format!("{text}{}", " ".repeat(missing));
        }
        format!("{}{text}", if self.zero { "0" } else { " " }.repeat(missing))
    }

    /// `%s`: at most as many characters as the precision says.
    pub fn text(&self, text: &str) -> String {
        let end =
            self.precision.and_then(|most| text.char_indices().nth(most)).map_or(text.len(), |(at, _)| at);
        self.pad(&text[..end])
    }

    /// An integer of the machine with `verb` `b`, `o`, `O`, `d`, `x` or `X`; the digits are lower case and in that
    /// base, without a sign.
    pub fn integer(&self, verb: char, is_negative: bool, digits: &str) -> String {
        let sign = self.sign(is_negative);
        // Zeros fill the width before there is a prefix, which then goes beyond it.
        let filled =
            self.width.filter(|_| self.zero && !self.minus).map(|width| width.saturating_sub(sign.len()));
        let least = self.precision.or(filled).unwrap_or(0);
        if digits == "0" && self.precision == Some(0) {
            return Self { zero: false, ..*self }.pad("");
        }
        let zeros = "0".repeat(least.saturating_sub(digits.len()));
        let is_octal_already = verb == 'o' && (digits == "0" || !zeros.is_empty());
        let prefix = if is_octal_already { "" } else { self.prefix(verb) };
        let text = format!("{sign}{prefix}{zeros}{}", cased(verb, digits));
        Self { zero: false, ..*self }.pad(&text)
    }

    /// The same for an integer of any size, for which the prefix counts, and nothing is left of a zero without digits.
    pub fn big_integer(&self, verb: char, is_negative: bool, digits: &str) -> String {
        if digits == "0" && self.precision == Some(0) {
            return String::new();
        }
        let (sign, prefix) = (self.sign(is_negative), self.prefix(verb));
        let used = sign.len() + prefix.len();
        let least = match self.precision {
            None if self.zero && !self.minus => self.width.unwrap_or(0).saturating_sub(used),
            precision => precision.unwrap_or(0),
        };
        let zeros = "0".repeat(least.saturating_sub(digits.len()));
        let text = format!("{sign}{prefix}{zeros}{}", cased(verb, digits));
        Self { zero: false, ..*self }.pad(&text)
    }

    /// A float with `verb` `e`, `E`, `f`, `F`, `g` or `G`; of `#`, nothing is known here.
    pub fn float(&self, verb: char, number: &impl Float) -> String {
        let is_infinite = number.is_infinite();
        let sign = match self.sign(number.is_negative()) {
            "" if is_infinite => "+",
            sign => sign,
        };
        let magnitude = if is_infinite { "Inf".to_owned() } else { magnitude(verb, self.precision, number) };
        let is_filled = self.zero && !self.minus && !is_infinite;
        let zeros = if is_filled { self.missing(sign.len() + magnitude.len()) } else { 0 };
        let text = format!("{sign}{}{magnitude}", "0".repeat(zeros));
        Self { zero: false, ..*self }.pad(&text)
    }

    /// The same for a float of any size, for which `0` goes before `-`.
    pub fn big_float(&self, verb: char, number: &impl Float) -> String {
        let minus = self.minus && (!self.zero || number.is_infinite());
        Self { minus, ..*self }.float(verb, number)
    }

    /// How many characters the width asks for besides these.
    fn missing(&self, length: usize) -> usize {
        self.width.unwrap_or(0).saturating_sub(length)
    }

    fn sign(&self, is_negative: bool) -> &'static str {
        match (is_negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        }
    }

    fn prefix(&self, verb: char) -> &'static str {
        match verb {
            'O' => "0o",
            'b' if self.sharp => "0b",
            'o' if self.sharp => "0",
            'x' if self.sharp => "0x",
            'X' if self.sharp => "0X",
            _ => "",
        }
    }
}

/// A number of which decimal digits can be had; never NaN.
pub trait Float {
    fn is_negative(&self) -> bool;
    fn is_infinite(&self) -> bool;
    /// Digits of the magnitude, rounded to nearest, ties to even.
    fn decimal(&self, digits: Digits) -> Decimal;
}

/// How many digits are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Digits {
    /// As many as tell the number from others of its kind.
    Shortest,
    /// Of the whole number.
    Significant(usize),
    /// Behind the point.
    Fraction(usize),
}

/// `0.digits · 10^point`; no digits are zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decimal {
    /// Without zeros on either side.
    digits: String,
    point: i64,
}

impl Decimal {
    /// Removes zeros on either side.
    pub fn new(digits: &str, point: i64) -> Self {
        let significant = digits.trim_start_matches('0');
        let zeros = digits.len() - significant.len();
        match significant.trim_end_matches('0') {
            "" => Self::default(),
            digits => {
                Self { digits: digits.to_owned(), point: point - i64::try_from(zeros).unwrap_or(i64::MAX) }
            }
        }
    }

    fn exponential(&self, letter: char, places: usize) -> String {
        let mut digits = self.digits.chars().chain(repeat_n('0', usize::MAX));
        let mut text = String::with_capacity(places + 8);
        text.extend(digits.next());
        if 0 < places {
            text.push('.');
            text.extend(digits.take(places));
        }
        let exponent = if self.digits.is_empty() { 0 } else { self.point - 1 };
        let sign = if exponent < 0 { '-' } else { '+' };
        text + &format!("{letter}{sign}{:02}", exponent.unsigned_abs())
    }

    fn positional(&self, places: usize) -> String {
        let point = usize::try_from(self.point).unwrap_or(0);
        let leading = usize::try_from(-self.point).unwrap_or(0);
        let mut digits = self.digits.chars().chain(repeat_n('0', usize::MAX));
        let mut text: String = digits.by_ref().take(point).collect();
        if text.is_empty() {
            text.push('0');
        }
        if 0 < places {
            text.push('.');
            text.extend(repeat_n('0', leading).chain(digits).take(places));
        }
        text
    }
}

fn magnitude(verb: char, precision: Option<usize>, number: &impl Float) -> String {
    let letter = if verb.is_ascii_uppercase() { 'E' } else { 'e' };
    match verb.to_ascii_lowercase() {
        'e' => {
            let places = precision.unwrap_or(6);
            number.decimal(Digits::Significant(places + 1)).exponential(letter, places)
        }
        'f' => {
            let places = precision.unwrap_or(6);
            number.decimal(Digits::Fraction(places)).positional(places)
        }
        _ => {
            let digits = precision.map_or(Digits::Shortest, |places| Digits::Significant(places.max(1)));
            let decimal = number.decimal(digits);
            let count = i64::try_from(decimal.digits.len()).unwrap_or(i64::MAX);
            // From where on zeros would be shown that are no digits.
            let limit = match digits {
                Digits::Significant(places) if decimal.digits.len() < places && decimal.point <= count => {
                    count
                }
                Digits::Significant(places) => i64::try_from(places).unwrap_or(i64::MAX),
                Digits::Shortest | Digits::Fraction(_) => 6,
            };
            let exponent = decimal.point - 1;
            if !decimal.digits.is_empty() && !(-4..limit).contains(&exponent) {
                decimal.exponential(letter, decimal.digits.len().saturating_sub(1))
            } else {
                let places = usize::try_from(count - decimal.point).unwrap_or(0);
                decimal.positional(places)
            }
        }
    }
}

fn cased(verb: char, digits: &str) -> Cow<'_, str> {
    if verb == 'X' { digits.to_ascii_uppercase().into() } else { digits.into() }
}

impl Float for f64 {
    fn is_negative(&self) -> bool {
        self.is_sign_negative()
    }

    fn is_infinite(&self) -> bool {
        Self::is_infinite(*self)
    }

    fn decimal(&self, digits: Digits) -> Decimal {
        /// No float has more digits; beyond them there are only zeros.
        const MOST: usize = 1100;
        let number = self.abs();
        let text = match digits {
            Digits::Shortest => format!("{number:e}"),
            Digits::Significant(digits) => format!("{number:.*e}", digits.clamp(1, MOST) - 1),
            Digits::Fraction(digits) => format!("{number:.*}", digits.min(MOST)),
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let point = i64::try_from(whole.len()).unwrap_or(0) + exponent.parse().unwrap_or(0);
        Decimal::new(&format!("{whole}{fraction}"), point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads `%+5.2f|` as far as these tests have it.
    fn layout(format: &str) -> (Layout, char, &str) {
        let rest = format.strip_prefix('%').expect("a verb");
        let digits = rest.trim_start_matches(['-', '+', '#', ' ', '0']);
        let flags = &rest[..rest.len() - digits.len()];
        let at = digits.find(|c: char| c.is_ascii_alphabetic()).expect("a letter");
        let (width, precision) =
            digits[..at].split_once('.').map_or((&digits[..at], None), |(a, b)| (a, Some(b)));
        let layout = Layout {
            minus: flags.contains('-'),
            plus: flags.contains('+'),
            sharp: flags.contains('#'),
            space: flags.contains(' '),
            zero: flags.contains('0'),
            width: width.parse().ok(),
            precision: precision.map(|it| it.parse().unwrap_or(0)),
        };
        let verb = char::from(digits.as_bytes()[at]);
        (layout, verb, &digits[at + 1..])
    }

    #[test]
    fn texts_are_cut_and_padded_by_characters() {
        for (format, text, expected) in [
            ("%s", "é", "é"),
            ("%3s|", "é", "  é|"),
            ("%-3s|", "é", "é  |"),
            ("%03s|", "é", "00é|"),
            ("%.2s", "éüö", "éü"),
            ("%.0s", "é", ""),
            ("%4.1s|", "éü", "   é|"),
            ("%1s", "éü", "éü"),
        ] {
            let (layout, _, rest) = layout(format);
            assert_eq!(layout.text(text) + rest, expected, "{format} {text}");
        }
    }

    /// Lines of fields, as Go 1.26 wrote them.
    fn rows(table: &str) -> impl Iterator<Item = Vec<&str>> {
        table.lines().map(|line| line.split('\t').collect())
    }

    #[test]
    fn precision_can_be_large() {
        let layout = Layout { precision: Some(100_000), ..Layout::default() };
        assert_eq!(layout.float('f', &0.5), format!("0.5{}", "0".repeat(99_999)));
        assert_eq!(layout.float('e', &5e-324).len(), "4.e-324".len() + 100_000);
        assert_eq!(layout.float('g', &0.5), "0.5");
    }

    #[test]
    fn zeros_are_before_big_floats_even_to_the_left() {
        let layout = Layout { minus: true, zero: true, width: Some(6), ..Layout::default() };
        assert_eq!(layout.float('g', &2.5), "2.5   ");
        assert_eq!(layout.big_float('g', &2.5), "0002.5");
        assert_eq!(layout.big_float('g', &f64::INFINITY), "+Inf  ");
    }

    #[test]
    fn integers_are_laid_out_as_in_go() {
        for row in rows(include_str!("../tests/data/printf_integers.tsv")) {
            let [format, number, machine, big] = row[..] else { panic!("four fields: {row:?}") };
            let (layout, verb, rest) = layout(format);
            let number: i64 = number.parse().expect("a number");
            let n = number.unsigned_abs();
            let digits = match verb {
                'b' => format!("{n:b}"),
                'o' | 'O' => format!("{n:o}"),
                'x' | 'X' => format!("{n:x}"),
                _ => n.to_string(),
            };
            assert_eq!(layout.integer(verb, number < 0, &digits) + rest, machine, "{format} {number}");
            assert_eq!(layout.big_integer(verb, number < 0, &digits) + rest, big, "{format} {number} as big");
        }
    }

    #[test]
    fn floats_are_laid_out_as_in_go() {
        for row in rows(include_str!("../tests/data/printf_floats.tsv")) {
            let [format, number, expected] = row[..] else { panic!("three fields: {row:?}") };
            let (layout, verb, rest) = layout(format);
            let value: f64 = number.replace("Inf", "inf").parse().expect("a number");
            assert_eq!(layout.float(verb, &value) + rest, expected, "{format} {number}");
        }
    }
}
