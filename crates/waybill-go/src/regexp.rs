//! Go's regular expressions, run by the `regex` crate.
//!
//! Both take linear time, prefer the same of several matches and read nearly the same language. Where they differ,
//! an expression means here what it means in Go, or is refused:
//!
//! * `\d`, `\w`, `\s` and `\b` know ASCII only;
//! * in a class there are no operations (`&&`, `--`) and no classes but named ones;
//! * a brace that is no repetition is a brace;
//! * nothing is repeated more than 1000 times, not even by repetitions inside of others.
//!
//! What Go calls an error may be read here. A match can be anywhere in the text, unless `^` and `$` hold it.

mod expand;
mod translate;

use std::{fmt, sync::Arc};

use regex::{Regex, RegexBuilder};
use thiserror::Error;

/// A compiled expression. Two are equal if they were written the same.
#[derive(Clone)]
pub struct Regexp {
    source: Box<str>,
    regex: Regex,
    groups: translate::Groups,
}

/// What an expression may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a compiled expression.
    pub compiled: usize,
    /// Bytes that matching remembers; beyond it, it is slower but not wrong.
    pub cache: usize,
    /// How deep groups nest.
    pub nesting: u32,
}

impl Default for Limits {
    /// For expressions of people who pay for them themselves. `\pL{100}`, a generous one, takes half.
    fn default() -> Self {
        Self { compiled: 32 << 20, cache: 2 << 20, nesting: 250 }
    }
}

/// Why a text is no expression. Each reads as the reason behind `this is no regular expression: `.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum RegexpError {
    #[error("it ends with a backslash")]
    TrailingBackslash,
    #[error("`\\{0}` is no escape")]
    Escape(String),
    #[error("`\\x` takes the number of a character, as in `\\x7F` or `\\x{{10FFFF}}`")]
    CharacterNumber,
    #[error("there is no `]` for the `[`")]
    UnclosedClass,
    #[error("`{0}` is no class of characters")]
    UnknownClass(String),
    #[error("a range in a class ends with a character")]
    RangeEnd,
    #[error("it looks around, which takes more than linear time")]
    LookAround,
    #[error("`{0}` is no flag of a group, only `i`, `m`, `s` and `U` are")]
    Flag(String),
    #[error("`{0}` is no name of a group: that is letters, digits and `_`, and `>` behind them")]
    GroupName(String),
    #[error("unclosed group")]
    UnclosedGroup,
    #[error("unopened group")]
    UnopenedGroup,
    #[error("there is nothing that `*`, `+`, `?` or `{{…}}` could repeat")]
    NothingRepeated,
    #[error("`{0}` repeats a repetition")]
    RepeatedRepetition(String),
    #[error("it repeats more than {MAX_REPETITION} times")]
    RepeatsTooOften,
    #[error("it is too large when compiled; repeat less in it")]
    TooLarge,
    #[error("{0}")]
    Syntax(String),
}

/// How often something can be repeated, repetitions around it included.
const MAX_REPETITION: u32 = 1000;

impl Regexp {
    /// Compiles an expression within the usual limits.
    pub fn new(source: &str) -> Result<Self, RegexpError> {
        Self::within(source, Limits::default())
    }

    pub fn within(source: &str, limits: Limits) -> Result<Self, RegexpError> {
        let translated = translate::translate(source)?;
        let regex = RegexBuilder::new(&translated.pattern)
            .size_limit(limits.compiled)
            .dfa_size_limit(limits.cache)
            .nest_limit(limits.nesting)
            .build()
            .map_err(|error| reason(&error))?;
        Ok(Self { source: source.into(), regex, groups: translated.groups })
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The groups in order of their parentheses, with their names. Several can have the same.
    pub fn groups(&self) -> &[Option<Arc<str>>] {
        &self.groups.names
    }

    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// The first match: the whole of it, then what each group took.
    pub fn captures<'t>(&self, text: &'t str) -> Option<Vec<Option<&'t str>>> {
        self.captures_all(text).next()
    }

    /// All matches that do not overlap, each as in [`Self::captures`].
    pub fn captures_all<'t>(&self, text: &'t str) -> impl Iterator<Item = Vec<Option<&'t str>>> {
        self.regex.captures_iter(text).map(|captures| {
            let numbers = self.groups.numbers.iter().copied();
            let all = std::iter::once(Some(0)).chain(numbers);
            all.map(|number| captures.get(number?).map(|group| group.as_str())).collect()
        })
    }

    /// The text with every match replaced by the template, in which `$1`, `$name` and `${name}` stand for groups
    /// and `$$` for a dollar. None if the result would have more than `limit` bytes.
    pub fn replace_all(&self, text: &str, template: &str, limit: usize) -> Option<String> {
        let template = expand::Template::new(template, &self.groups);
        let mut replaced = String::new();
        let mut done = 0;
        for captures in self.regex.captures_iter(text) {
            let whole = captures.get_match();
            replaced.push_str(&text[done..whole.start()]);
            for piece in template.pieces() {
                replaced.push_str(piece.of(&captures));
                if limit < replaced.len() {
                    return None;
                }
            }
            done = whole.end();
        }
        replaced.push_str(&text[done..]);
        (replaced.len() <= limit).then_some(replaced)
    }
}

impl PartialEq for Regexp {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Regexp {}

impl fmt::Debug for Regexp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Regexp").field(&self.source).finish()
    }
}

/// One line of what the compiler says.
fn reason(error: &regex::Error) -> RegexpError {
    match error {
        regex::Error::CompiledTooBig(_) => RegexpError::TooLarge,
        regex::Error::Syntax(text) => {
            let line = text.lines().rev().find_map(|line| line.strip_prefix("error: "));
            RegexpError::Syntax(line.unwrap_or("syntax error").to_owned())
        }
        _ => RegexpError::Syntax("it cannot be compiled".to_owned()),
    }
}
