//! The tree that a statement becomes.

use std::fmt;

use waybill_go::regexp::Regexp;

/// Something that is true or false. Invariant: `Or` and `And` have at least two members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expression {
    Or(Vec<Expression>),
    And(Vec<Expression>),
    Not(Box<Expression>),
    Match {
        selector: Selector,
        test: Test,
        /// `!=`, `not in`, `is not empty` and so on.
        negated: bool,
    },
    Each {
        quantifier: Quantifier,
        over: Selector,
        names: Names,
        body: Box<Expression>,
    },
}

/// What is asked about the selected fact. Values are text; what is compared with gives them their type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Equals(String),
    /// `contains`, and `in` the other way round.
    Contains(String),
    Empty,
    Nil,
    Matches(Regexp),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// What the parts of an element are called; `None` is `_`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// The element of a list, the key of a map.
    One(Option<String>),
    /// Place and element, or key and value.
    Two(Option<String>, Option<String>),
}

/// Where a fact is. Invariant: not empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Selector {
    pub(super) path: Vec<String>,
}

impl Expression {
    /// Returns the selectors that begin at the facts and not at a name of an `any` or `all` around them.
    pub(super) fn free_selectors(&self) -> Vec<&Selector> {
        let mut found = Vec::new();
        self.collect_free(&mut Vec::new(), &mut found);
        found
    }

    fn collect_free<'a>(&'a self, bound: &mut Vec<&'a str>, found: &mut Vec<&'a Selector>) {
        let mut see = |selector: &'a Selector, bound: &[&str]| {
            if !bound.contains(&selector.root()) {
                found.push(selector);
            }
        };
        match self {
            Self::Or(members) | Self::And(members) => {
                for member in members {
                    member.collect_free(bound, found);
                }
            }
            Self::Not(inner) => inner.collect_free(bound, found),
            Self::Match { selector, .. } => see(selector, bound),
            Self::Each { over, names, body, .. } => {
                see(over, bound);
                let outside = bound.len();
                bound.extend(names.iter());
                body.collect_free(bound, found);
                bound.truncate(outside);
            }
        }
    }
}

impl Names {
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::One(first) => (first, &None),
            Self::Two(first, second) => (first, second),
        };
        [first, second].into_iter().flatten().map(String::as_str)
    }
}

impl Selector {
    pub(super) fn root(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }
}

/// In the dotted form, whichever it was written in.
impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_path(&self.path, f)
    }
}

fn write_path(path: &[String], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, step) in path.iter().enumerate() {
        match place {
            0 => f.write_str(step)?,
            _ if is_identifier(step) => write!(f, ".{step}")?,
            _ => write!(f, "[{step:?}]")?,
        }
    }
    Ok(())
}

impl fmt::Display for Quantifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::All => "all",
        })
    }
}

/// True for what needs no quotes: an ASCII letter, then letters, digits and `_`.
fn is_identifier(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}
