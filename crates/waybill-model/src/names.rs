//! Names: what buckets, channels, versions and the rest may be called.
//!
//! | type | characters | length | further |
//! |---|---|---|---|
//! | [`BucketName`], [`ChannelName`], [`SbomName`] | `A-Z a-z 0-9 -` | 3 to 36 | |
//! | [`Fingerprint`] | `A-Z a-z 0-9 . _ -` | 1 to 40 | starts and ends with a letter or digit |
//! | [`ComponentType`] | all but control characters | 1 to 256 | |
//! | [`ProjectName`] | `A-Z a-z 0-9`, space and `- _ . ! " '` | 1 to 40 | |
//! | [`PrincipalName`], [`ProviderName`] | `A-Z a-z 0-9 - _ .` | 3 to 36 | starts with a letter or digit |
//! | [`WebhookName`] | `A-Z a-z 0-9 - _ .` | 1 to 64 | starts with a letter or digit |
//!
//! Upper and lower case differ.
//! The rules are those of HCP's API and of its clients; a name that arrives from a template or from the
//! environment was checked by nobody before.
//!
//! One name may break its rule: an SBOM that was uploaded without a name is called by the fingerprint of its
//! version ([`SbomName::default_for`]), which may be shorter, longer or have a dot in it.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::text::shown;

/// Why a text is not a name.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameError {
    #[error("{what} has {min} to {max} characters, `{name}` has {found}")]
    Length { what: &'static str, min: usize, max: usize, found: usize, name: String },
    #[error("{what} has only {allowed}, `{name}` has `{}`", found.escape_debug())]
    Character { what: &'static str, allowed: &'static str, found: char, name: String },
    #[error("{what} {ends} with a letter or a digit, `{name}` does not")]
    Ends { what: &'static str, ends: &'static str, name: String },
}

/// What a kind of name has to look like.
struct Rule {
    /// With its article, as a message begins.
    what: &'static str,
    min: usize,
    max: usize,
    allowed: &'static str,
    is_allowed: fn(char) -> bool,
    ends: Ends,
}

/// Where a letter or digit is wanted.
enum Ends {
    Free,
    First,
    FirstAndLast,
}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $rule:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;

            fn from_str(s: &str) -> Result<Self, Self::Err> {
                const RULE: Rule = $rule;
                RULE.check(s).map(|()| Self(s.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

names! {
    /// A bucket's name, unique in its project.
    BucketName: Rule::slug("a bucket name");

    /// A channel's name, unique in its bucket.
    ChannelName: Rule::slug("a channel name");

    /// What the client calls a version, unique in its bucket; Packer's default is a ULID, others use a
    /// commit.
    Fingerprint: Rule {
        what: "a fingerprint",
        min: 1,
        max: 40,
        allowed: "A-Z, a-z, 0-9, `.`, `_` and `-`",
        is_allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'),
        ends: Ends::FirstAndLast,
    };

    /// An SBOM's name, unique in its build.
    SbomName: Rule::slug("an SBOM name");

    /// Which part of a template a build comes from, unique in its version: `amazon-ebs.ubuntu` or, in a JSON
    /// template, the builder's name.
    ComponentType: Rule {
        what: "a component type",
        min: 1,
        max: 256,
        allowed: "characters that can be printed",
        is_allowed: |c| !c.is_control(),
        ends: Ends::Free,
    };

    /// A project's name, unique in its organization.
    ProjectName: Rule {
        what: "a project name",
        min: 1,
        max: 40,
        allowed: "A-Z, a-z, 0-9, space, `-`, `_`, `.`, `!`, `\"` and `'`",
        is_allowed: |c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '!' | '"' | '\''),
        ends: Ends::Free,
    };

    /// A service principal's name, unique among those of its organization or project.
    PrincipalName: Rule {
        what: "a principal's name",
        min: 3,
        max: 36,
        allowed: "A-Z, a-z, 0-9, `-`, `_` and `.`",
        is_allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        ends: Ends::First,
    };

    /// A workload identity provider's name, unique among those of its principal.
    ProviderName: Rule {
        what: "a workload identity provider's name",
        min: 3,
        max: 36,
        allowed: "A-Z, a-z, 0-9, `-`, `_` and `.`",
        is_allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        ends: Ends::First,
    };

    /// A webhook's name, unique in its project.
    WebhookName: Rule {
        what: "a webhook's name",
        min: 1,
        max: 64,
        allowed: "A-Z, a-z, 0-9, `-`, `_` and `.`",
        is_allowed: |c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'),
        ends: Ends::First,
    };
}

/// The channel that the registry moves by itself.
const LATEST: &str = "latest";

impl ChannelName {
    /// Returns the name of the managed channel that every bucket has.
    pub fn latest() -> Self {
        Self(LATEST.to_owned())
    }

    /// True for `latest`, which follows the newest valid version by itself and which nobody assigns or
    /// deletes.
    pub fn is_managed(&self) -> bool {
        self.0 == LATEST
    }
}

impl SbomName {
    /// Returns the name of an SBOM that was uploaded without one.
    pub fn default_for(version: &Fingerprint) -> Self {
        Self(version.0.clone())
    }

    /// Reads a name that the registry gave out: one that a client chose, or a default name.
    ///
    /// For rows and for look-ups by path; a name that a client chooses for an upload is parsed with
    /// [`str::parse`].
    pub fn known(s: &str) -> Result<Self, NameError> {
        s.parse().or_else(|error| s.parse::<Fingerprint>().map_err(|_| error).map(|name| Self(name.0)))
    }
}

impl Rule {
    /// The narrow rule that buckets, channels and SBOMs share.
    const fn slug(what: &'static str) -> Self {
        Self {
            what,
            min: 3,
            max: 36,
            allowed: "A-Z, a-z, 0-9 and `-`",
            is_allowed: |c| c.is_ascii_alphanumeric() || c == '-',
            ends: Ends::Free,
        }
    }

    fn check(&self, s: &str) -> Result<(), NameError> {
        let &Self { what, min, max, allowed, .. } = self;
        let found = s.chars().count();
        if found < min || max < found {
            return Err(NameError::Length { what, min, max, found, name: shown(s) });
        }
        if let Some(found) = s.chars().find(|&c| !(self.is_allowed)(c)) {
            return Err(NameError::Character { what, allowed, found, name: shown(s) });
        }
        let is_plain = |c: char| c.is_ascii_alphanumeric();
        let (ends, is_good) = match self.ends {
            Ends::Free => return Ok(()),
            Ends::First => ("starts", s.starts_with(is_plain)),
            Ends::FirstAndLast => ("starts and ends", s.starts_with(is_plain) && s.ends_with(is_plain)),
        };
        if is_good { Ok(()) } else { Err(NameError::Ends { what, ends, name: shown(s) }) }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check<T: FromStr<Err = NameError> + ToString>(s: &str) -> String {
        s.parse::<T>().map_or_else(|error| error.to_string(), |name| name.to_string())
    }

    #[test]
    fn buckets_channels_and_sboms_have_narrow_names() {
        let longest = "x".repeat(36);
        for good in ["abc", "ubuntu-22", "Ubuntu", "---", "123", &longest] {
            assert_eq!(check::<BucketName>(good), good);
            assert_eq!(check::<ChannelName>(good), good);
            assert_eq!(check::<SbomName>(good), good);
        }
        assert_eq!(check::<BucketName>(""), "a bucket name has 3 to 36 characters, `` has 0");
        assert_eq!(check::<BucketName>("ab"), "a bucket name has 3 to 36 characters, `ab` has 2");
        assert_eq!(
            check::<ChannelName>(&"x".repeat(37)),
            format!("a channel name has 3 to 36 characters, `{}` has 37", "x".repeat(37))
        );
        assert_eq!(
            check::<SbomName>("my_sbom"),
            "an SBOM name has only A-Z, a-z, 0-9 and `-`, `my_sbom` has `_`"
        );
        assert_eq!(check::<BucketName>("a.b"), "a bucket name has only A-Z, a-z, 0-9 and `-`, `a.b` has `.`");
        assert_eq!(check::<BucketName>("é1é"), "a bucket name has only A-Z, a-z, 0-9 and `-`, `é1é` has `é`");
        assert_eq!(
            check::<BucketName>("a\nb"),
            "a bucket name has only A-Z, a-z, 0-9 and `-`, `a\\nb` has `\\n`"
        );
    }

    #[test]
    fn only_latest_is_managed() {
        let is_managed = |s: &str| s.parse::<ChannelName>().map(|name| name.is_managed());
        assert_eq!(is_managed("latest"), Ok(true));
        assert_eq!(is_managed("Latest"), Ok(false));
        assert_eq!(is_managed("prod"), Ok(false));
        assert_eq!(Ok(ChannelName::latest()), "latest".parse());
    }

    #[test]
    fn a_fingerprint_starts_and_ends_plainly() {
        let longest = "x".repeat(40);
        for good in ["1", "01M8643YMKB2TB3HDPZASKCPR0", "release_1.2-rc", "a--b", &longest] {
            assert_eq!(check::<Fingerprint>(good), good);
        }
        assert_eq!(check::<Fingerprint>(""), "a fingerprint has 1 to 40 characters, `` has 0");
        assert_eq!(
            check::<Fingerprint>(&"x".repeat(41)),
            format!("a fingerprint has 1 to 40 characters, `{}` has 41", "x".repeat(41))
        );
        assert_eq!(
            check::<Fingerprint>("a b"),
            "a fingerprint has only A-Z, a-z, 0-9, `.`, `_` and `-`, `a b` has ` `"
        );
        for bad in ["-a", "a-", ".a", "a.", "_", "-"] {
            let expected =
                format!("a fingerprint starts and ends with a letter or a digit, `{bad}` does not");
            assert_eq!(check::<Fingerprint>(bad), expected);
        }
    }

    #[test]
    fn a_component_type_can_be_printed() {
        let longest = "é".repeat(256);
        for good in ["null.base", "amazon-ebs.ubuntu", "a name with spaces", "é", &longest] {
            assert_eq!(check::<ComponentType>(good), good);
        }
        assert_eq!(check::<ComponentType>(""), "a component type has 1 to 256 characters, `` has 0");
        assert_eq!(
            check::<ComponentType>(&"x".repeat(257)),
            format!("a component type has 1 to 256 characters, `{}…` has 257", "x".repeat(60))
        );
        assert_eq!(
            check::<ComponentType>("a\0"),
            "a component type has only characters that can be printed, `a\\0` has `\\0`"
        );
    }

    #[test]
    fn a_project_name_may_hold_spaces_and_quotes() {
        let longest = "x".repeat(40);
        for good in ["default", "x", "Bob's \"big\" project!", "a_b-c.d", &longest] {
            assert_eq!(check::<ProjectName>(good), good);
        }
        assert_eq!(check::<ProjectName>(""), "a project name has 1 to 40 characters, `` has 0");
        assert_eq!(
            check::<ProjectName>("a/b"),
            "a project name has only A-Z, a-z, 0-9, space, `-`, `_`, `.`, `!`, `\"` and `'`, `a/b` has `/`"
        );
    }

    #[test]
    fn a_principals_name_starts_plainly() {
        let longest = "x".repeat(36);
        for good in ["owner", "ci_publisher-1", "ci.bot", "a--", &longest] {
            assert_eq!(check::<PrincipalName>(good), good);
        }
        assert_eq!(check::<PrincipalName>("ci"), "a principal's name has 3 to 36 characters, `ci` has 2");
        assert_eq!(
            check::<PrincipalName>("c i"),
            "a principal's name has only A-Z, a-z, 0-9, `-`, `_` and `.`, `c i` has ` `"
        );
        assert_eq!(
            check::<PrincipalName>("..."),
            "a principal's name starts with a letter or a digit, `...` does not"
        );
        assert_eq!(
            check::<ProviderName>("gh"),
            "a workload identity provider's name has 3 to 36 characters, `gh` has 2"
        );
    }

    #[test]
    fn a_webhooks_name_starts_plainly() {
        let longest = "x".repeat(64);
        for good in ["x", "image-events", "on_call.EU", &longest] {
            assert_eq!(check::<WebhookName>(good), good);
        }
        assert_eq!(check::<WebhookName>(""), "a webhook's name has 1 to 64 characters, `` has 0");
        assert_eq!(
            check::<WebhookName>("a/b"),
            "a webhook's name has only A-Z, a-z, 0-9, `-`, `_` and `.`, `a/b` has `/`"
        );
        assert_eq!(
            check::<WebhookName>(".."),
            "a webhook's name starts with a letter or a digit, `..` does not"
        );
    }

    #[test]
    fn an_sbom_without_a_name_is_called_by_the_fingerprint() {
        for fingerprint in ["1", "release_1.2"] {
            let name = SbomName::default_for(&fingerprint.parse().expect("a fingerprint"));
            assert_eq!(name.as_str(), fingerprint);
            assert!(fingerprint.parse::<SbomName>().is_err(), "no client may choose it");
            assert_eq!(SbomName::known(fingerprint), Ok(name));
        }
        assert_eq!(SbomName::known("base-os").map(|name| name.to_string()), Ok("base-os".to_owned()));
        assert_eq!(
            SbomName::known("a/b").map_err(|error| error.to_string()),
            Err("an SBOM name has only A-Z, a-z, 0-9 and `-`, `a/b` has `/`".to_owned())
        );
    }

    fn round_trips<T: FromStr<Err = NameError> + ToString + PartialEq + fmt::Debug>(
        text: &str,
    ) -> Result<(), TestCaseError> {
        let name: T = text.parse()?;
        prop_assert_eq!(name.to_string(), text);
        prop_assert_eq!(name.to_string().parse::<T>(), Ok(name));
        Ok(())
    }

    proptest! {
        #[test]
        fn names_round_trip(
            slug in "[A-Za-z0-9-]{3,36}",
            fingerprint in "[A-Za-z0-9]([A-Za-z0-9._-]{0,38}[A-Za-z0-9])?",
            component_type in "\\PC{1,256}",
            project in "[A-Za-z0-9 _.!\"'-]{1,40}",
            principal in "[A-Za-z0-9][A-Za-z0-9_.-]{2,35}",
        ) {
            round_trips::<BucketName>(&slug)?;
            round_trips::<ChannelName>(&slug)?;
            round_trips::<SbomName>(&slug)?;
            round_trips::<Fingerprint>(&fingerprint)?;
            round_trips::<ComponentType>(&component_type)?;
            round_trips::<ProjectName>(&project)?;
            round_trips::<PrincipalName>(&principal)?;
            round_trips::<ProviderName>(&principal)?;
            let default = SbomName::default_for(&fingerprint.parse()?);
            prop_assert_eq!(SbomName::known(default.as_str()), Ok(default));
        }

        #[test]
        fn what_is_accepted_follows_the_rule(text in any::<String>()) {
            let is_slug = (3..=36).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
            prop_assert_eq!(text.parse::<BucketName>().is_ok(), is_slug);
            let plain = |at: Option<u8>| at.is_some_and(|b| b.is_ascii_alphanumeric());
            let is_fingerprint = text.len() <= 40
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
                && plain(text.bytes().next())
                && plain(text.bytes().last());
            prop_assert_eq!(text.parse::<Fingerprint>().is_ok(), is_fingerprint);
        }
    }
}
