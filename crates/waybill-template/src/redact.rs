//! Sensitive texts are replaced wherever text is shown, because values carry no marks.

use std::borrow::Cow;

use aho_corasick::{AhoCorasick, MatchKind};

/// What is shown instead.
const MASK: &str = "<sensitive>";

/// Replaces texts by a mask, also inside of longer words. Where one contains another, the longer one is replaced.
#[derive(Clone, Debug, Default)]
pub struct Redactor(Option<AhoCorasick>);

impl Redactor {
    /// A text of several lines is replaced as a whole, and each of its lines is.
    pub fn new(secrets: &[impl AsRef<str>]) -> Self {
        let lines = secrets.iter().flat_map(|secret| {
            let secret = secret.as_ref();
            std::iter::once(secret).chain(secret.lines().map(str::trim_end))
        });
        let mut patterns: Vec<&str> = lines.filter(|text| !text.is_empty()).collect();
        patterns.sort_unstable();
        patterns.dedup();
        if patterns.is_empty() {
            return Self(None);
        }
        Self(AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(patterns).ok())
    }

    pub fn apply<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let Some(found) = &self.0 else { return Cow::Borrowed(text) };
        if !found.is_match(text) {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        found.replace_all_with(text, &mut out, |_, _, out| {
            out.push_str(MASK);
            true
        });
        Cow::Owned(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_text_is_replaced() {
        let redactor = Redactor::new(&["pass", "password", "", "two\nlines"]);
        assert_eq!(redactor.apply("a password, a pass"), "a <sensitive>, a <sensitive>");
        assert_eq!(redactor.apply("bypassed"), "by<sensitive>ed");
        assert_eq!(redactor.apply("two\nlines and lines"), "<sensitive> and <sensitive>");
        assert_eq!(redactor.apply("nothing"), "nothing");
        assert_eq!(Redactor::new(&[""]).apply("x"), "x");
    }
}
