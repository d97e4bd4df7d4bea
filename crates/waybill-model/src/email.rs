//! E-mail addresses: what people are called.

use std::{fmt, str::FromStr};

use thiserror::Error;

use crate::text::shown;

/// An e-mail address in lower case, by which a person is known in an organization.
///
/// Stricter than what mail allows: nothing quoted, no comments, no address literal. Letters of any script are
/// fine. What mail servers make of upper and lower case differs; here the two are the same person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// Why a text is not an e-mail address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("an e-mail address is like `ada@example.com`, with up to {LONGEST} bytes; found `{found}`")]
pub struct EmailError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

/// Longest address and longest part before the `@`, as RFC 5321 has them, in bytes.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
/// Longest part of a host's name between dots, as DNS has it.
const LONGEST_LABEL: usize = 63;

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        // A text of any length is not turned into lower case to find that it is too long.
        let is_possible = s.len() <= LONGEST && s.chars().all(is_told_apart);
        let lower = if is_possible { s.to_lowercase() } else { String::new() };
        let parts = lower.rsplit_once('@').filter(|_| lower.len() <= LONGEST);
        match parts {
            Some((local, host)) if is_local(local) && is_host(host) => Ok(Self(lower)),
            _ => Err(EmailError { found: shown(s) }),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// False for what becomes another letter in lower case, as the Kelvin sign becomes `k`: nobody gets by such a letter
/// for somebody else.
fn is_told_apart(c: char) -> bool {
    c.to_lowercase().eq([c]) || c.to_lowercase().flat_map(char::to_uppercase).eq([c])
}

/// Words between single dots.
fn is_local(local: &str) -> bool {
    let is_good = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    local.len() <= LONGEST_LOCAL && local.split('.').all(|word| !word.is_empty() && word.chars().all(is_good))
}

/// Labels between single dots; one is enough, because there are networks with hosts like that.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_is_in_lower_case() {
        let check = |s: &str| s.parse::<Email>().map(|email| email.to_string());
        let longest_local = format!("{}@example.com", "x".repeat(64));
        for good in [
            "ada@example.com",
            "a@b",
            "ada.lovelace+test@mail.example.com",
            "o'hara_1@ex-ample.co",
            "jürgen@müller.example",
            "世界@例え.jp",
            &longest_local,
        ] {
            assert_eq!(check(good), Ok(good.to_owned()));
        }
        assert_eq!(check("Ada@Example.COM").as_deref(), Ok("ada@example.com"));
        assert_eq!(check("JÜRGEN@MÜLLER.example").as_deref(), Ok("jürgen@müller.example"));
        let too_long = format!("{}@{}", "x".repeat(64), ["y".repeat(63).as_str(); 3].join("."));
        assert_eq!(too_long.len(), 256);
        let long_label = format!("a@{}.com", "y".repeat(64));
        let long_local = format!("{}@example.com", "x".repeat(65));
        for bad in [
            "",
            "@",
            "ada",
            "ada@",
            "@example.com",
            "a@b@c",
            "ada @example.com",
            "ada@exa mple.com",
            " ada@example.com",
            "ada@example.com ",
            "ada@example.com\n",
            "a\0da@example.com",
            "a\u{202e}da@example.com",
            // The Kelvin sign, and a capital that no letter has for its own.
            "mar\u{212a}@example.com",
            "ada@example.\u{212a}om",
            "\u{130}da@example.com",
            "ada..l@example.com",
            ".ada@example.com",
            "ada.@example.com",
            "ada@example..com",
            "ada@.com",
            "ada@-example.com",
            "ada@example-.com",
            "ada@[127.0.0.1]",
            "\"ada\"@example.com",
            "Ada <ada@example.com>",
            "a,b@example.com",
            &too_long,
            &long_label,
            &long_local,
        ] {
            assert!(bad.parse::<Email>().is_err(), "{bad:?}");
        }
        assert_eq!(
            check("a\nb").map_err(|error| error.to_string()),
            Err("an e-mail address is like `ada@example.com`, with up to 254 bytes; found `a\\nb`".to_owned())
        );
    }

    proptest! {
        #[test]
        fn an_address_reads_as_itself(text in any::<String>(), plain in "[A-Za-zÄß.+-]{1,9}@[A-Za-zİ.-]{1,9}") {
            for text in [text, plain] {
                if let Ok(email) = text.parse::<Email>() {
                    prop_assert_eq!(email.as_str().parse::<Email>(), Ok(email.clone()));
                    prop_assert!(email.as_str().len() <= 254 && !email.as_str().contains(char::is_control));
                }
            }
        }
    }
}
