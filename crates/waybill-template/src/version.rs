//! Versions of programs as Packer reads and compares them.

use std::{cmp::Ordering, fmt, str::FromStr};

use thiserror::Error;

/// `1.14.3`, `v2`, `1.15.0-beta1+build`: numbers, a prerelease part, and metadata that says nothing about the order.
///
/// Versions that differ only in zeros at the end or in metadata are equal.
#[derive(Clone, Debug)]
pub struct Version {
    /// As it is written.
    text: String,
    numbers: Vec<u64>,
    prerelease: String,
}

/// Why a text is not a version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0:?} is not a version such as 1.14.3")]
pub struct VersionError(pub String);

impl Version {
    /// The numbers, three at least.
    pub fn numbers(&self) -> &[u64] {
        &self.numbers
    }

    /// What follows the dash; nothing for a release.
    pub fn prerelease(&self) -> &str {
        &self.prerelease
    }

    /// The version without its prerelease part and metadata.
    #[must_use]
    pub fn core(&self) -> Self {
        let numbers: Vec<String> = self.numbers.iter().map(ToString::to_string).collect();
        Self { text: numbers.join("."), numbers: self.numbers.clone(), prerelease: String::new() }
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let error = || VersionError(text.to_owned());
        let rest = text.strip_prefix('v').unwrap_or(text);
        let (rest, metadata) = rest.split_once('+').map_or((rest, None), |(a, b)| (a, Some(b)));
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (release, prerelease) = rest.split_at(end);
        // `1.0beta` needs no dash, `1.0-1` does.
        let prerelease = match prerelease.strip_prefix('-') {
            Some("") => return Err(error()),
            Some(prerelease) => prerelease,
            None => prerelease,
        };
        let mut numbers = Vec::new();
        for part in release.split('.') {
            numbers.push(part.parse().map_err(|_| error())?);
        }
        let are_good = |parts: &str| {
            parts.split('.').all(|part| {
                !part.is_empty()
                    && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'~'))
            })
        };
        if !(prerelease.is_empty() || are_good(prerelease)) || !metadata.is_none_or(are_good) {
            return Err(error());
        }
        numbers.resize(numbers.len().max(3), 0);
        Ok(Self { text: text.to_owned(), numbers, prerelease: prerelease.to_owned() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let at = |numbers: &[u64], i: usize| numbers.get(i).copied().unwrap_or(0);
        let numbers =
            (0..length).map(|i| at(&self.numbers, i).cmp(&at(&other.numbers, i))).find(|order| order.is_ne());
        numbers.unwrap_or_else(|| compare_prereleases(&self.prerelease, &other.prerelease))
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

/// A release is newer than its prereleases; of those, parts are compared as numbers where both are.
fn compare_prereleases(a: &str, b: &str) -> Ordering {
    match (a, b) {
        ("", "") => return Ordering::Equal,
        ("", _) => return Ordering::Greater,
        (_, "") => return Ordering::Less,
        _ => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            // A number that is missing is smaller, a word that is missing is larger.
            (None, Some(part)) => {
                if part.parse::<u64>().is_ok() {
                    Ordering::Less
                } else {
                    Ordering::Greater
                }
            }
            (Some(part), None) => {
                if part.parse::<u64>().is_ok() {
                    Ordering::Greater
                } else {
                    Ordering::Less
                }
            }
            (Some(a), Some(b)) => match (a.parse::<u64>(), b.parse::<u64>()) {
                (Ok(a), Ok(b)) => a.cmp(&b),
                (Ok(_), Err(_)) => Ordering::Less,
                (Err(_), Ok(_)) => Ordering::Greater,
                (Err(_), Err(_)) => a.cmp(b),
            },
        };
        if order.is_ne() {
            return order;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        for (text, expected) in [
            ("1", Some(("1.0.0", ""))),
            ("1.14.3", Some(("1.14.3", ""))),
            ("v1.2", Some(("1.2.0", ""))),
            ("1.2.3.4", Some(("1.2.3.4", ""))),
            ("1.15.0-beta1+x.y", Some(("1.15.0", "beta1"))),
            ("1.15.0beta1", Some(("1.15.0", "beta1"))),
            ("", None),
            ("abc", None),
            (">= 1.0", None),
            ("1.", None),
            ("1.2-", None),
            ("1.2-a_b", None),
            ("1.2+", None),
            ("99999999999999999999", None),
        ] {
            let version = text.parse::<Version>().ok();
            let got = version.map(|it| (it.core().to_string(), it.prerelease().to_owned()));
            assert_eq!(got.as_ref().map(|(a, b)| (&**a, &**b)), expected, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "0.9",
            "1.0.0-alpha.1",
            "1.0.0-alpha.2",
            "1.0.0-alpha",
            "1.0.0-beta",
            "1",
            "1.0.0.1",
            "1.2",
            "1.14.3",
            "1.14.4-dev",
            "1.14.4",
            "2",
        ];
        for (i, a) in ordered.iter().enumerate() {
            for (j, b) in ordered.iter().enumerate() {
                let [a_version, b_version] = [a, b].map(|it| it.parse::<Version>().expect("a version"));
                assert_eq!(a_version.cmp(&b_version), i.cmp(&j), "{a} {b}");
            }
        }
        assert_eq!("1.0+a".parse::<Version>(), "v1+b".parse::<Version>());
    }
}
