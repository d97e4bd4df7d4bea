//! Client ids and client secrets: the two halves of a service principal's key.
//!
//! | | form | example |
//! |---|---|---|
//! | client id | `wb-` and a ULID in lower case | `wb-01m8643ymkb2tb3hdpzaskcpr0` |
//! | client secret | `wbs_`, 256 random bits in 43 characters of base 62, their CRC-32 in 6 | `wbs_0Kq…` |
//!
//! Prefix and checksum are for scanners of source code and logs: they find a leaked secret without asking anybody,
//! and a random text is not taken for one.
//! They also tell a mangled secret from a wrong one ([`check_form`]).
//!
//! The registry keeps a secret's SHA-256 only. A slow hash would gain nothing: nobody guesses 256 random bits.

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;
use waybill_model::ids::Uid;

use crate::clock::Ids;

/// A secret as it was made. It is shown once and cannot be had again.
#[derive(Clone)]
pub struct ClientSecret(SecretString);

/// Why a text cannot be a client secret of any Waybill. Says nothing about the text itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FormError {
    #[error("a client secret begins with `{PREFIX}`")]
    Prefix,
    #[error("a client secret has {LENGTH} characters, this one has {0}")]
    Length(usize),
    #[error("a client secret has only letters and digits after `{PREFIX}`")]
    Character,
    #[error("the checksum at the end does not fit: a character was changed")]
    Checksum,
}

/// What a secret is known by.
pub type SecretDigest = [u8; 32];

const ID_PREFIX: &str = "wb-";
const PREFIX: &str = "wbs_";

/// 62^43 is just above 2^256.
const RANDOM_CHARACTERS: usize = 43;
/// 62^6 is above 2^32.
const CHECKSUM_CHARACTERS: usize = 6;
const LENGTH: usize = PREFIX.len() + RANDOM_CHARACTERS + CHECKSUM_CHARACTERS;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Returns the client id for an identifier. It never looks like one of HCP's, because clients cache tokens by it.
pub fn client_id(uid: &Uid) -> String {
    format!("{ID_PREFIX}{}", uid.as_str().to_ascii_lowercase())
}

/// True for a text that could be a client id of this or another Waybill.
pub fn is_client_id(text: &str) -> bool {
    let Some(ulid) = text.strip_prefix(ID_PREFIX) else { return false };
    !ulid.bytes().any(|byte| byte.is_ascii_uppercase()) && ulid.to_ascii_uppercase().parse::<Uid>().is_ok()
}

/// Checks prefix, length, characters and checksum; whose secret it is, only the store knows.
pub fn check_form(text: &str) -> Result<(), FormError> {
    let rest = text.strip_prefix(PREFIX).ok_or(FormError::Prefix)?;
    if text.len() != LENGTH {
        return Err(FormError::Length(text.chars().count()));
    }
    if !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(FormError::Character);
    }
    let (signed, found) = text.split_at(LENGTH - CHECKSUM_CHARACTERS);
    if checksum(signed) == found { Ok(()) } else { Err(FormError::Checksum) }
}

/// Returns what the store keeps of a secret.
pub fn digest(secret: &str) -> SecretDigest {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares a secret with a stored digest in a time that depends on neither.
///
/// Without a digest (an unknown client id) the work is the same and the answer is no.
pub fn matches(secret: &str, stored: Option<&[u8]>) -> bool {
    const NOBODY: &[u8] = &[0; 32];
    let is_equal = digest(secret).ct_eq(stored.unwrap_or(NOBODY));
    bool::from(is_equal) & stored.is_some()
}

impl ClientSecret {
    pub fn generate(ids: &dyn Ids) -> Self {
        let mut random = [0; 32];
        ids.random(&mut random);
        let mut text = format!("{PREFIX}{}", base62(&mut random, RANDOM_CHARACTERS));
        text.push_str(&checksum(&text));
        Self(text.into())
    }

    pub fn digest(&self) -> SecretDigest {
        digest(self.expose())
    }

    /// The text itself. Who calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn checksum(text: &str) -> String {
    base62(&mut crc32fast::hash(text.as_bytes()).to_be_bytes(), CHECKSUM_CHARACTERS)
}

/// Writes a big-endian number with that many digits, which must be enough. Leaves the number at zero.
fn base62(number: &mut [u8], digits: usize) -> String {
    let mut text = vec![0; digits];
    for digit in text.iter_mut().rev() {
        let mut remainder = 0u16;
        for byte in number.iter_mut() {
            let value = remainder << 8 | u16::from(*byte);
            // A remainder is at most 61, so the quotient fits a byte.
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        *digit = ALPHABET[usize::from(remainder)];
    }
    String::from_utf8(text).expect("the alphabet is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fill(u8);

    impl Ids for Fill {
        fn random(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn secret(fill: u8) -> String {
        ClientSecret::generate(&Fill(fill)).expose().to_owned()
    }

    #[test]
    fn numbers_in_base_62() {
        let check = |number: u32, digits| base62(&mut number.to_be_bytes(), digits);
        assert_eq!(check(0, 1), "0");
        assert_eq!(check(61, 1), "z");
        assert_eq!(check(62, 2), "10");
        assert_eq!(check(62 * 62 - 1, 3), "0zz");
        assert_eq!(check(u32::MAX, 6), "4gfFC3");
    }

    #[test]
    fn the_highest_secret_fits() {
        let mut number = [0xff; 32];
        base62(&mut number, RANDOM_CHARACTERS);
        assert_eq!(number, [0; 32], "nothing is left over");
    }

    #[test]
    fn secrets_have_their_form() {
        for fill in [0, 1, 0x80, 0xff] {
            let secret = secret(fill);
            assert_eq!(secret.len(), 53);
            assert_eq!(check_form(&secret), Ok(()));
        }
        assert_ne!(secret(1), secret(2));
    }

    #[test]
    fn a_mangled_secret_is_recognized() {
        let good = secret(7);
        assert_eq!(check_form(""), Err(FormError::Prefix));
        assert_eq!(check_form(&good[1..]), Err(FormError::Prefix));
        assert_eq!(check_form(&good[..52]), Err(FormError::Length(52)));
        assert_eq!(check_form(&format!("{good}\n")), Err(FormError::Length(54)));
        assert_eq!(
            check_form(&good.replacen(|c: char| c.is_ascii_digit(), "-", 1)),
            Err(FormError::Character)
        );
        let swapped = if good.as_bytes()[10] == b'x' { "y" } else { "x" };
        let mut changed = good.clone();
        changed.replace_range(10..11, swapped);
        assert_eq!(check_form(&changed), Err(FormError::Checksum));
    }

    #[test]
    fn only_the_secret_itself_matches_its_digest() {
        let stored = digest(&secret(7));
        assert!(matches(&secret(7), Some(&stored)));
        assert!(!matches(&secret(8), Some(&stored)));
        assert!(!matches(&secret(7), Some(&stored[..31])));
        assert!(!matches(&secret(7), Some(&[])));
        assert!(!matches(&secret(7), None));
    }

    #[test]
    fn client_ids_are_not_those_of_hcp() {
        let uid: Uid = "01M8643YMKB2TB3HDPZASKCPR0".parse().expect("an identifier");
        let id = client_id(&uid);
        assert_eq!(id, "wb-01m8643ymkb2tb3hdpzaskcpr0");
        assert!(is_client_id(&id));
        for other in ["", "wb-", "wb-01M8643YMKB2TB3HDPZASKCPR0", "xHhYQbcGzLqLBNdZ4oDnl3kHNfZaYgUB", "wb-\0"]
        {
            assert!(!is_client_id(other), "{other:?}");
        }
    }
}
