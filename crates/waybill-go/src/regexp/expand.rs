//! What a match is replaced by: `$1`, `$name`, `${name}` and `$$` in a text.

use regex::Captures;

use super::translate::Groups;

/// A replacement, read once for all matches.
pub(super) struct Template<'t>(Vec<Piece<'t>>);

pub(super) enum Piece<'t> {
    Text(&'t str),
    /// The first that took part of these, by their numbers in the pattern; 0 is the whole match.
    Group(Vec<usize>),
}

impl<'t> Template<'t> {
    pub(super) fn new(text: &'t str, groups: &Groups) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            pieces.push(Piece::Text(&rest[..at]));
            let behind = &rest[at + 1..];
            if let Some(after) = behind.strip_prefix('$') {
                pieces.push(Piece::Text("$"));
                rest = after;
            } else if let Some((name, after)) = reference(behind) {
                pieces.push(Piece::Group(numbers(name, groups)));
                rest = after;
            } else {
                pieces.push(Piece::Text("$"));
                rest = behind;
            }
        }
        pieces.push(Piece::Text(rest));
        Self(pieces)
    }

    pub(super) fn pieces(&self) -> &[Piece<'t>] {
        &self.0
    }
}

impl<'t> Piece<'t> {
    pub(super) fn of<'a>(&self, captures: &Captures<'a>) -> &'a str
    where
        't: 'a,
    {
        match self {
            Piece::Text(text) => text,
            Piece::Group(numbers) => {
                numbers.iter().find_map(|&number| captures.get(number)).map_or("", |group| group.as_str())
            }
        }
    }
}

/// The name behind a dollar, as long as it goes, and what follows it.
fn reference(text: &str) -> Option<(&str, &str)> {
    let name_of = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    let (name, after) = match text.strip_prefix('{') {
        Some(inner) => {
            let (name, after) = inner.split_at(name_of(inner));
            (name, after.strip_prefix('}')?)
        }
        None => text.split_at(name_of(text)),
    };
    (!name.is_empty()).then_some((name, after))
}

/// The numbers in the pattern of the groups of that name or number.
fn numbers(name: &str, groups: &Groups) -> Vec<usize> {
    if name == "0" {
        return vec![0];
    }
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit()) && !name.starts_with('0');
    if is_number {
        let index = name.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        return index.and_then(|index| *groups.numbers.get(index)?).into_iter().collect();
    }
    let named = groups.names.iter().zip(&groups.numbers).filter(|(known, _)| known.as_deref() == Some(name));
    named.filter_map(|(_, number)| *number).collect()
}

#[cfg(test)]
mod tests {
    use crate::regexp::Regexp;

    #[test]
    fn replacements_mean_what_they_mean_in_go() {
        for (text, source, template, expected) in [
            ("hello world", r"(\w+) (\w+)", "$2 $1", "world hello"),
            ("abc", "b", "$0$0", "abbc"),
            ("abc", "(b)", "$1x", "ac"),
            ("abc", "(b)", "${1}x", "abxc"),
            ("abc", "(b)", "${1x", "a${1xc"),
            ("abc", "(b)", "$", "a$c"),
            ("abc", "(b)", "$-$$-${}", "a$-$-${}c"),
            ("abc", "(b)", "$01$2", "ac"),
            ("abc", "(?P<é>b)|c", "", "a"),
            ("abc", "(?P<n>b)|c", "<$n>", "a<b><>"),
            ("abc", "", "-", "-a-b-c-"),
            ("baaac", "a*", "x", "xbxcx"),
            ("é", "", "-", "-é-"),
            ("ab", "(?P<x>z){0}(a)(?P<y>b)", "<$2$y$x$1$9>", "<ab>"),
            ("ab", "(?P<x>a)|(?P<x>b)", "<$x>", "<a><b>"),
        ] {
            let replaced = Regexp::new(source).ok().and_then(|it| it.replace_all(text, template, 100));
            assert_eq!(
                replaced.as_deref(),
                (source != "(?P<é>b)|c").then_some(expected),
                "{source} {template}"
            );
        }
    }

    #[test]
    fn a_replacement_has_a_limit() {
        let regexp = Regexp::new("a").expect("an expression");
        assert_eq!(regexp.replace_all("aa", "xx", 4).as_deref(), Some("xxxx"));
        assert_eq!(regexp.replace_all("aa", "xx", 3), None);
        assert_eq!(regexp.replace_all("bbbb", "xx", 3), None);
    }
}
