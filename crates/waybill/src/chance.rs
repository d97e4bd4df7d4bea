//! The program's only sources of time and randomness.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use ulid::Ulid;

/// The time of this machine.
#[expect(clippy::disallowed_methods, reason = "this is where the program takes the time from")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// The time as AWS writes it in requests.
pub(crate) fn aws_date() -> String {
    now().strftime("%Y%m%dT%H%M%SZ").to_string()
}

/// A number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    let [a, b, ..] = bytes::<4>();
    f64::from(u16::from_le_bytes([a, b])) / f64::from(u16::MAX)
}

/// A new fingerprint: a ULID, so that fingerprints sort by the time of their versions.
pub(crate) fn fingerprint() -> String {
    let millisecond = u64::try_from(now().as_millisecond()).unwrap_or_default();
    Ulid::from_parts(millisecond, u128::from_le_bytes(bytes())).to_string()
}

/// A new UUID, version 4.
pub(crate) fn uuid() -> String {
    let mut bytes = bytes::<16>();
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let text = crate::publish::hex(&bytes);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}

/// A text that nobody can guess.
pub(crate) fn secret() -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes::<32>())
}

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    fill(&mut bytes);
    bytes
}

/// Fills with random bytes.
pub(crate) fn fill(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("every supported system has a source of randomness");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_its_form() {
        let uuid = uuid();
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
    }

    #[test]
    fn a_fingerprint_is_a_ulid() {
        let fingerprint = fingerprint();
        assert_eq!(fingerprint.len(), 26);
        assert!(fingerprint.parse::<Ulid>().is_ok());
        assert_ne!(fingerprint, super::fingerprint());
    }

    #[test]
    fn a_fraction_is_one() {
        assert!((0..100).all(|_| (0.0..=1.0).contains(&fraction())));
    }
}
