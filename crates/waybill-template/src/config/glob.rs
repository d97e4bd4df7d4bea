//! Patterns of `-only` and `-except`: `*` also crosses dots, `?`, `[abc]`, `[!a-c]`, `{one,two}` and `\` before any of
//! these.

use thiserror::Error;

/// A pattern for whole names.
#[derive(Clone, Debug)]
pub struct Glob(Vec<Piece>);

#[derive(Clone, Debug)]
enum Piece {
    Character(char),
    /// `?`
    One,
    /// `*`
    Many,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Either(Vec<Vec<Piece>>),
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the pattern `{pattern}` {fault}")]
pub struct GlobError {
    pattern: String,
    fault: &'static str,
}

/// Longer patterns are refused: matching is bounded by the product of the pattern's and the name's length.
const MAX_PATTERN: usize = 1024;
const MAX_DEPTH: usize = 8;

impl Glob {
    pub fn new(pattern: &str) -> Result<Self, GlobError> {
        let fault = |fault| GlobError { pattern: pattern.chars().take(80).collect(), fault };
        if pattern.len() > MAX_PATTERN {
            return Err(fault("is too long"));
        }
        let characters: Vec<char> = pattern.chars().collect();
        let mut reader = Reader { characters: &characters, at: 0 };
        let pieces = reader.pieces(0).map_err(fault)?;
        if reader.at < characters.len() {
            return Err(fault("has a `}` without a `{`"));
        }
        Ok(Self(pieces))
    }

    /// True if the pattern covers the whole name.
    pub fn matches(&self, name: &str) -> bool {
        let name: Vec<char> = name.chars().collect();
        let mut from = vec![false; name.len() + 1];
        from[0] = true;
        ends(&self.0, &name, from)[name.len()]
    }
}

/// From the set of places where matching stands, where it can stand behind `pieces`.
fn ends(pieces: &[Piece], name: &[char], mut at: Vec<bool>) -> Vec<bool> {
    let step = |at: &[bool], fits: &dyn Fn(char) -> bool| {
        let mut next = vec![false; at.len()];
        for (place, &c) in name.iter().enumerate() {
            next[place + 1] = at[place] && fits(c);
        }
        next
    };
    for piece in pieces {
        at = match piece {
            Piece::Character(wanted) => step(&at, &|c| c == *wanted),
            Piece::One => step(&at, &|_| true),
            Piece::Many => {
                let first = at.iter().position(|&reached| reached).unwrap_or(at.len());
                (0..at.len()).map(|place| place >= first).collect()
            }
            Piece::Class { negated, ranges } => {
                step(&at, &|c| ranges.iter().any(|&(low, high)| (low..=high).contains(&c)) != *negated)
            }
            Piece::Either(choices) => {
                let reached = choices.iter().map(|choice| ends(choice, name, at.clone()));
                reached.fold(vec![false; at.len()], |sum, one| {
                    sum.iter().zip(&one).map(|(a, b)| *a || *b).collect()
                })
            }
        };
    }
    at
}

struct Reader<'a> {
    characters: &'a [char],
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.characters.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    /// Up to the end, or inside of braces to the `,` or `}`.
    fn pieces(&mut self, depth: usize) -> Result<Vec<Piece>, &'static str> {
        let mut pieces = Vec::new();
        while let Some(c) = self.peek() {
            if c == '}' || (c == ',' && depth > 0) {
                break;
            }
            self.at += 1;
            pieces.push(match c {
                '*' => Piece::Many,
                '?' => Piece::One,
                '\\' => Piece::Character(self.next().ok_or("ends with a `\\`")?),
                '[' => self.class()?,
                '{' => self.either(depth + 1)?,
                c => Piece::Character(c),
            });
        }
        Ok(pieces)
    }

    fn either(&mut self, depth: usize) -> Result<Piece, &'static str> {
        if depth > MAX_DEPTH {
            return Err("has braces nested too deeply");
        }
        let mut choices = Vec::new();
        loop {
            choices.push(self.pieces(depth)?);
            match self.next() {
                Some(',') => {}
                Some(_) => return Ok(Piece::Either(choices)),
                None => return Err("has a `{` without a `}`"),
            }
        }
    }

    fn class(&mut self) -> Result<Piece, &'static str> {
        const UNCLOSED: &str = "has a `[` without a `]`";
        let negated = self.peek() == Some('!');
        self.at += usize::from(negated);
        let mut ranges = Vec::new();
        loop {
            let low = match self.next().ok_or(UNCLOSED)? {
                ']' if ranges.is_empty() => return Err("has an empty `[]`"),
                ']' => return Ok(Piece::Class { negated, ranges }),
                '\\' => self.next().ok_or(UNCLOSED)?,
                c => c,
            };
            let is_range =
                self.peek() == Some('-') && self.characters.get(self.at + 1).is_some_and(|&c| c != ']');
            let high = if is_range {
                self.at += 1;
                self.next().ok_or(UNCLOSED)?
            } else {
                low
            };
            if high < low {
                return Err("has a range in `[]` that ends before it starts");
            }
            ranges.push((low, high));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_whole_names() {
        for (pattern, name, matches) in [
            ("*", "", true),
            ("*.null.*", "app.null.x", true),
            ("null.*", "null.a.b", true),
            ("null.?", "null.ab", false),
            ("null.[ab]", "null.b", true),
            ("null.[!ab]", "null.b", false),
            ("null.[a-c]", "null.c", true),
            ("{a,b*}.x", "bcd.x", true),
            ("{a,b*}.x", "cd.x", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("null", "null.a", false),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(name), matches, "{pattern} {name}");
        }
    }

    #[test]
    fn broken_patterns_are_refused() {
        for pattern in ["[a", "{a", "a}", "[]", "a\\", "[c-a]"] {
            assert!(Glob::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn many_stars_take_no_longer_than_their_product() {
        let pattern = "*a".repeat(500);
        assert!(!Glob::new(&pattern).unwrap().matches(&"b".repeat(5000)));
    }
}
