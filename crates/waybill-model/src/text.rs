//! How text from a request appears in an error message: short, on one line, without control characters.

use std::fmt;

/// Longest piece of found text that a message repeats, in characters.
const SHOWN: usize = 60;

/// Returns `text` escaped and cut, fit to stand between backticks in a message.
pub(crate) fn shown(text: &str) -> String {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(SHOWN).flat_map(escape).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// Returns names in backticks, separated by commas.
pub(crate) fn list<T: fmt::Display>(names: &[T]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// Escapes what would break a line or hide in it; quotes stay as they are, since backticks surround the text.
fn escape(c: char) -> impl Iterator<Item = char> {
    let as_is = matches!(c, '"' | '\'' | '\\');
    as_is.then_some(c).into_iter().chain((!as_is).then(|| c.escape_debug()).into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_text_is_short_and_on_one_line() {
        assert_eq!(shown("ubuntu"), "ubuntu");
        assert_eq!(shown("it's \"é\""), "it's \"é\"");
        assert_eq!(shown("a\nb\0"), "a\\nb\\0");
        assert_eq!(shown(&"x".repeat(60)), "x".repeat(60));
        assert_eq!(shown(&"x".repeat(61)), format!("{}…", "x".repeat(60)));
    }

    #[test]
    fn names_are_listed_in_backticks() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["prod", "dev"]), "`prod`, `dev`");
    }
}
