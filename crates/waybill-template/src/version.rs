//! Versions and constraints, with the rules of `required_version` and `required_plugins`.
//!
//! A version has any number of numeric parts (`1`, `1.2`, `1.2.3.4`), a prerelease behind `-` and build metadata behind
//! `+`; missing parts are zero. A constraint is a comma-separated list of an operator and a version, all of which
//! must hold. These are not the rules of semantic versioning: `1.0` equals `1.0.0`, `~> 1.2` allows `1.9`, and a
//! prerelease satisfies only a constraint that names a prerelease of the same numbers.

use std::{cmp::Ordering, fmt, str::FromStr};

use thiserror::Error;

/// A version such as `1.14.3` or `1.0.0-beta.2+linux`.
#[derive(Clone, Debug)]
pub struct Version {
    /// At least three.
    parts: Vec<u64>,
    /// How many parts were written.
    written: usize,
    prerelease: String,
    metadata: String,
}

/// What a version must be: all of the parts hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraints(Vec<Constraint>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Constraint {
    operator: Operator,
    version: Version,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    /// `~>`: at least this, and only the last written part may grow.
    Pessimistic,
}

#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VersionError {
    #[error("`{0}` is not a version: write numbers with dots, as in 1.2.3, 1.2.3-beta1 or 1.2.3+build")]
    Version(String),
    #[error(
        "`{0}` is not a version constraint: write an operator (=, !=, >, <, >=, <=, ~>) and a version, as in \
         `>= 1.2.0`; several are separated by commas"
    )]
    Constraint(String),
}

/// Longer texts are refused unread.
const MAX_LENGTH: usize = 256;

impl Version {
    /// The version without prerelease and metadata.
    #[must_use]
    pub fn core(&self) -> Self {
        Self { prerelease: String::new(), metadata: String::new(), ..self.clone() }
    }

    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    pub fn metadata(&self) -> &str {
        &self.metadata
    }

    pub fn parts(&self) -> &[u64] {
        &self.parts
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        read_version(text).ok_or_else(|| VersionError::Version(shortened(text)))
    }
}

fn read_version(text: &str) -> Option<Version> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let rest = text.strip_prefix('v').unwrap_or(text);
    let (rest, metadata) = match rest.split_once('+') {
        Some((rest, metadata)) => (rest, Some(metadata)),
        None => (rest, None),
    };
    let numbers_end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let (numbers, behind) = rest.split_at(numbers_end);
    // `1.0beta` is read like `1.0-beta`.
    let prerelease = match behind.strip_prefix('-') {
        Some("") => return None,
        Some(prerelease) => prerelease,
        None => behind,
    };
    let mut parts = numbers.split('.').map(|part| part.parse().ok()).collect::<Option<Vec<u64>>>()?;
    let written = parts.len();
    parts.resize(written.max(3), 0);
    if !is_suffix(prerelease) || metadata.is_some_and(|text| text.is_empty() || !is_suffix(text)) {
        return None;
    }
    let owned = |text: &str| text.to_owned();
    Some(Version {
        parts,
        written,
        prerelease: owned(prerelease),
        metadata: metadata.map(owned).unwrap_or_default(),
    })
}

/// Identifiers of letters, digits, `-` and `~`, with dots between.
fn is_suffix(text: &str) -> bool {
    let identifier = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'~'))
    };
    text.is_empty() || text.split('.').all(identifier)
}

fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let width = self.parts.len().max(other.parts.len());
        let part = |version: &Self, at: usize| version.parts.get(at).copied().unwrap_or(0);
        (0..width)
            .map(|at| part(self, at).cmp(&part(other, at)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| compare_prereleases(&self.prerelease, &other.prerelease))
    }
}

/// No prerelease comes last; otherwise identifier by identifier, numbers before words.
fn compare_prereleases(left: &str, right: &str) -> Ordering {
    match (left.is_empty(), right.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let identifier = |part: &str| part.parse::<u64>().map_err(|_| part.to_owned());
    let (mut left, mut right) = (left.split('.'), right.split('.'));
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(left), Some(right)) => match (identifier(left), identifier(right)) {
                (Ok(left), Ok(right)) => left.cmp(&right),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(left), Err(right)) => left.cmp(&right),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts.iter().map(u64::to_string).collect();
        f.write_str(&parts.join("."))?;
        if !self.prerelease.is_empty() {
            write!(f, "-{}", self.prerelease)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Constraints {
    /// True if every part of the constraint holds.
    pub fn allow(&self, version: &Version) -> bool {
        self.0.iter().all(|constraint| constraint.allows(version))
    }

    /// True if a part names a prerelease.
    pub fn name_prerelease(&self) -> bool {
        self.0.iter().any(|constraint| !constraint.version.prerelease.is_empty())
    }
}

impl FromStr for Constraints {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let wrong = || VersionError::Constraint(shortened(text));
        if text.len() > MAX_LENGTH {
            return Err(wrong());
        }
        text.split(',')
            .map(|part| read_constraint(part.trim()).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

fn read_constraint(text: &str) -> Option<Constraint> {
    const OPERATORS: [(&str, Operator); 8] = [
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::NotEqual),
        ("~>", Operator::Pessimistic),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("=", Operator::Equal),
        ("", Operator::Equal),
    ];
    let (symbol, operator) = OPERATORS.into_iter().find(|(symbol, _)| text.starts_with(symbol))?;
    Some(Constraint { operator, version: text[symbol.len()..].trim().parse().ok()? })
}

impl Constraint {
    fn allows(&self, version: &Version) -> bool {
        let wanted = &self.version;
        match self.operator {
            Operator::Equal => version == wanted,
            Operator::NotEqual => version != wanted,
            Operator::Greater => self.same_kind(version) && version > wanted,
            Operator::Less => self.same_kind(version) && version < wanted,
            Operator::GreaterOrEqual => self.same_kind(version) && version >= wanted,
            Operator::LessOrEqual => self.same_kind(version) && version <= wanted,
            Operator::Pessimistic => self.same_kind(version) && self.allows_pessimistically(version),
        }
    }

    /// A prerelease is compared only with a prerelease of the same numbers.
    fn same_kind(&self, version: &Version) -> bool {
        match (version.prerelease.is_empty(), self.version.prerelease.is_empty()) {
            (true, _) => true,
            (false, true) => false,
            (false, false) => version.core() == self.version.core(),
        }
    }

    fn allows_pessimistically(&self, version: &Version) -> bool {
        let wanted = &self.version;
        // `~> 1` pins nothing: its only part may grow.
        let pinned = wanted.written.saturating_sub(1);
        version >= wanted
            && version.parts.len() >= wanted.written
            && version.parts[..pinned] == wanted.parts[..pinned]
    }
}

impl fmt::Display for Constraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self
            .0
            .iter()
            .map(|Constraint { operator, version }| {
                let symbol = match operator {
                    Operator::Equal => "=",
                    Operator::NotEqual => "!=",
                    Operator::Greater => ">",
                    Operator::Less => "<",
                    Operator::GreaterOrEqual => ">=",
                    Operator::LessOrEqual => "<=",
                    Operator::Pessimistic => "~>",
                };
                format!("{symbol} {version}")
            })
            .collect();
        f.write_str(&parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_by_numbers_then_prereleases() {
        let sorted =
            ["0.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta", "1.0-rc1", "1", "1.0.1", "1.0.1.2", "1.10"];
        for pair in sorted.windows(2) {
            let [left, right] = [pair[0], pair[1]].map(|text| text.parse::<Version>().unwrap());
            assert!(left < right, "{left} {right}");
        }
        assert_eq!("1.0".parse::<Version>(), "v1.0.0+linux".parse());
    }

    #[test]
    fn constraints_allow() {
        let check = |constraint: &str, version: &str| {
            constraint.parse::<Constraints>().unwrap().allow(&version.parse().unwrap())
        };
        for (constraint, version, allowed) in [
            (">= 1.2, < 2", "1.14.3", true),
            (">= 1.2, < 2", "2.0.0", false),
            ("1.2", "1.2.0", true),
            ("!= 1.2", "1.2.0", false),
            ("~> 1", "9.0.0", true),
            ("~> 1.2", "1.9.0", true),
            ("~> 1.2", "2.0.0", false),
            ("~> 1.2.3", "1.2.9", true),
            ("~> 1.2.3", "1.3.0", false),
            (">= 1.0", "1.1.0-beta", false),
            (">= 1.1.0-alpha", "1.1.0-beta", true),
            ("= 1.1.0-beta", "1.1.0-beta", true),
        ] {
            assert_eq!(check(constraint, version), allowed, "{constraint} {version}");
        }
    }

    #[test]
    fn what_is_no_constraint_is_refused() {
        for text in ["", "x", "=> 1", ">= ", "1.2.x", "1.2,", "1.2-", "1..2", "1.0.0+"] {
            assert!(text.parse::<Constraints>().is_err(), "{text}");
        }
    }
}
