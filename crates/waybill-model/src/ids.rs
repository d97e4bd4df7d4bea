//! Identifiers: row numbers inside, ULIDs outside.
//!
//! A row id is a number that the store gives; it has a type of its own per kind of row, so that one cannot be
//! passed for another, and it never leaves the server.
//! What clients see and send back is a [`Uid`]; organizations and projects are UUIDs outside, which the
//! server keeps as text.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::text::shown;

macro_rules! row_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )*};
}

row_ids! {
    /// The row of an organization.
    OrganizationId
    /// The row of a project.
    ProjectId
    /// The row of a principal: a service principal or a person.
    PrincipalId
    /// The row of a principal's key (client id and secret).
    KeyId
    /// The row of a workload identity provider.
    ProviderId
    /// The row of a bucket.
    BucketId
    /// The row of a version.
    VersionId
    /// The row of a build.
    BuildId
    /// The row of a channel.
    ChannelId
    /// The row of an SBOM.
    SbomId
    /// The row of a webhook.
    WebhookId
}

/// An identifier as clients see it.
///
/// Invariant: a ULID in its canonical text, which is 26 characters of Crockford's base 32 in upper case and
/// at most 128 bits.
/// Thus comparing the text compares the identifiers, and text order is order of creation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid(String);

/// Why a text is not an identifier.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "an identifier is a ULID of 26 characters 0-9 and A-Z without I, L, O and U, the first at most 7; \
     found `{found}`"
)]
pub struct UidError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

/// Length of a ULID in text: 128 bits, five in each character.
const UID_CHARACTERS: usize = 26;

impl Uid {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Uid {
    type Err = UidError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let is_crockford =
            |b: u8| matches!(b, b'0'..=b'9' | b'A'..=b'Z') && !matches!(b, b'I' | b'L' | b'O' | b'U');
        let bytes = s.as_bytes();
        // 26 characters could hold 130 bits: a first one above 7 would not fit in 128.
        let fits = bytes.first().is_some_and(|&first| first <= b'7');
        if bytes.len() == UID_CHARACTERS && fits && bytes.iter().copied().all(is_crockford) {
            Ok(Self(s.to_owned()))
        } else {
            Err(UidError { found: shown(s) })
        }
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_identifier_is_a_canonical_ulid() {
        for good in ["01M8643YMKB2TB3HDPZASKCPR0", "00000000000000000000000000", "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"]
        {
            assert_eq!(good.parse::<Uid>().map(|uid| uid.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "01M8643YMKB2TB3HDPZASKCPR",   // too short
            "01M8643YMKB2TB3HDPZASKCPR00", // too long
            "01m8643ymkb2tb3hdpzaskcpr0",  // lower case
            "01M8643YMKB2TB3HDPZASKCPRU",  // a letter that Crockford leaves out
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",  // 129 bits
            "01M8643YMKB2TB3HDPZASKCPé",   // 26 bytes
        ] {
            assert_eq!(bad.parse::<Uid>(), Err(UidError { found: bad.to_owned() }));
        }
        assert_eq!(
            "42".parse::<Uid>().expect_err("too short").to_string(),
            "an identifier is a ULID of 26 characters 0-9 and A-Z without I, L, O and U, \
             the first at most 7; found `42`"
        );
    }

    proptest! {
        #[test]
        fn identifiers_round_trip(text in "[0-7][0-9A-HJKMNP-TV-Z]{25}") {
            let uid: Uid = text.parse()?;
            prop_assert_eq!(uid.as_str(), &text);
            prop_assert_eq!(uid.to_string().parse::<Uid>(), Ok(uid));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = text.parse::<Uid>();
        }
    }
}
