//! Characters as people take them: grapheme clusters, as they were before Unicode 15.1.
//!
//! Since then, consonants of Indic scripts that a virama connects are one; here, as in Packer, each begins its own.

use std::sync::LazyLock;

use regex::Regex;
use unicode_segmentation::UnicodeSegmentation as _;

pub(super) fn characters(text: &str) -> impl Iterator<Item = &str> {
    text.graphemes(true).flat_map(separated)
}

/// How many there are.
pub(super) fn count_characters(text: &str) -> usize {
    let is_plain = text.is_ascii() && !text.contains("\r\n");
    if is_plain { text.len() } else { characters(text).count() }
}

/// At most so many from the start.
pub(super) fn first_characters(text: &str, count: usize) -> &str {
    let length = characters(text).take(count).map(str::len).sum();
    &text[..length]
}

/// The parts of a cluster: letters behind marks begin one, unless they are vowels that go with what is before them.
fn separated(cluster: &str) -> impl Iterator<Item = &str> {
    static CONNECTED: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = r"[\p{M}\x{200C}\x{200D}][\p{Lo}--[\x{E33}\x{EB3}]]";
        Regex::new(pattern).expect("the pattern is a constant")
    });
    // The shortest such cluster has two letters and a virama of three bytes each.
    let is_short = cluster.len() < 9;
    let mut rest = cluster;
    std::iter::from_fn(move || {
        let connected = if is_short { None } else { CONNECTED.find(rest) };
        let length = connected.and_then(|found| {
            let mark = found.as_str().chars().next()?;
            Some(found.start() + mark.len_utf8())
        });
        let (part, behind) = rest.split_at(length.unwrap_or(rest.len()));
        rest = behind;
        (!part.is_empty()).then_some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_as_in_unicode_13() {
        for (text, expected) in [
            ("", 0),
            ("abc", 3),
            ("a\r\nb", 3),
            ("é", 1),
            ("क्ष", 2),
            ("क्षत्रिय", 5),
            ("ক্ষ", 2),
            ("क्‍ष", 2),
            ("ച്ച", 2),
            ("กำ", 1),
            ("ก้ำ", 1),
            ("👩🏽‍🚀👨‍👩‍👧‍👦", 2),
            ("🇩🇪🇫", 2),
            ("\u{1112}\u{1161}\u{11ab}", 1),
            ("a\u{200d}ℹ", 2),
        ] {
            assert_eq!(count_characters(text), expected, "{text}");
            assert_eq!(characters(text).collect::<String>(), text);
        }
        assert_eq!(first_characters("क्षa", 1), "क्");
    }
}
