//! Groups of people: what they are called, and by what name a path knows them.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::{ids::Uid, text::shown};

/// What people call a group: as it was given, without spaces around it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupName(String);

/// The last part of a group's resource name, unique in its organization: words of `a-z 0-9` with single hyphens
/// between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupSlug(String);

/// Why a text is not a group's name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum GroupNameError {
    #[error("a group's name has 1 to {LONGEST} characters, `{name}` has {found}")]
    Length { found: usize, name: String },
    #[error("a group's name cannot contain control characters, `{name}` does")]
    Control { name: String },
    #[error("a group's name has a letter or a digit in it, `{name}` does not")]
    Unspeakable { name: String },
}

/// Longest name, in characters.
const LONGEST: usize = 128;
/// Characters of an identifier that stand for what a slug cannot spell.
const TAIL: usize = 6;

impl GroupName {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the slug of a new group of this name: `Site Reliability (EU)` is `site-reliability-eu`.
    ///
    /// Clients take resource names apart and expect ASCII there. Where other letters are lost, the end of the
    /// group's identifier keeps apart what would look the same.
    /// The slug stays when the group is called something else later, because policies and paths name it.
    pub fn slug(&self, uid: &Uid) -> GroupSlug {
        let lower = self.0.to_ascii_lowercase();
        let mut words: Vec<&str> =
            lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
        let uid = uid.as_str().to_ascii_lowercase();
        if lower.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()) {
            words.push(&uid[uid.len().saturating_sub(TAIL)..]);
        }
        GroupSlug(words.join("-"))
    }
}

impl GroupSlug {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads the slug of a path; `None` for what no group can have.
    pub fn known(s: &str) -> Option<Self> {
        let is_letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let is_slug = s.len() <= LONGEST + 1 + TAIL
            && s.split('-').all(|word| !word.is_empty() && word.bytes().all(is_letter));
        is_slug.then(|| Self(s.to_owned()))
    }
}

impl FromStr for GroupName {
    type Err = GroupNameError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let name = s.trim();
        let found = name.chars().count();
        if found == 0 || LONGEST < found {
            return Err(GroupNameError::Length { found, name: shown(name) });
        }
        if name.chars().any(char::is_control) {
            return Err(GroupNameError::Control { name: shown(name) });
        }
        if !name.chars().any(char::is_alphanumeric) {
            return Err(GroupNameError::Unspeakable { name: shown(name) });
        }
        Ok(Self(name.to_owned()))
    }
}

impl fmt::Display for GroupName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for GroupSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn uid() -> Uid {
        "01M8643YMKB2TB3HDPZASKCPR0".parse().expect("a ULID")
    }

    #[test]
    fn a_group_is_known_by_a_slug_of_its_name() {
        let check = |s: &str| {
            let name: GroupName = s.parse().map_err(|error: GroupNameError| error.to_string())?;
            Ok::<_, String>((name.to_string(), name.slug(&uid()).to_string()))
        };
        for (given, name, slug) in [
            ("developers", "developers", "developers"),
            ("Site Reliability (EU)", "Site Reliability (EU)", "site-reliability-eu"),
            ("  Web  Team ", "Web  Team", "web-team"),
            ("--a__b--", "--a__b--", "a-b"),
            ("iam/organization/x/group/y", "iam/organization/x/group/y", "iam-organization-x-group-y"),
            ("Größe", "Größe", "gr-e-skcpr0"),
            ("开发", "开发", "skcpr0"),
            ("7", "7", "7"),
        ] {
            assert_eq!(check(given), Ok((name.to_owned(), slug.to_owned())));
        }
        let longest = "x".repeat(128);
        assert_eq!(check(&longest), Ok((longest.clone(), longest)));
        assert_eq!(check(" ").unwrap_err(), "a group's name has 1 to 128 characters, `` has 0");
        assert!(check(&"x".repeat(129)).unwrap_err().ends_with("has 129"));
        assert_eq!(
            check("a\0b").unwrap_err(),
            "a group's name cannot contain control characters, `a\\0b` does"
        );
        assert_eq!(check("(-)").unwrap_err(), "a group's name has a letter or a digit in it, `(-)` does not");
    }

    #[test]
    fn a_path_names_what_can_be_a_slug() {
        for bad in ["", "-", "a--b", "-a", "a-", "a b", "a/b", "a\0b", "a.b", "A", "é", &"x".repeat(1000)] {
            assert_eq!(GroupSlug::known(bad), None, "{bad:?}");
        }
        assert_eq!(GroupSlug::known("web-team").map(|slug| slug.to_string()), Some("web-team".to_owned()));
    }

    proptest! {
        #[test]
        fn every_name_has_a_slug_that_a_path_can_name(text in ".{1,128}") {
            if let Ok(name) = text.parse::<GroupName>() {
                let slug = name.slug(&uid());
                prop_assert_eq!(GroupSlug::known(slug.as_str()), Some(slug));
            }
        }
    }
}
