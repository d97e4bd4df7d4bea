//! What is given out and must come back as it was: form tokens, tickets, cookies, refresh tokens.
//!
//! All of it is signed with one key of the installation, so that any server of it can judge. What was signed for one
//! purpose is nothing for another: the purpose is part of what is signed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde::{Serialize, de::DeserializeOwned};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Signs and checks.
#[derive(Clone)]
pub struct Seals {
    key: [u8; 32],
}

/// What something was signed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The form token of a browser in which nobody is logged in yet.
    Form,
    /// The form token of a session.
    Csrf,
    /// What a person is asked on the consent page.
    Consent,
    /// What the callback of the login provider must know.
    Provider,
    /// That a refresh token is one of ours.
    Refresh,
    /// The refresh token that follows another.
    NextRefresh,
}

/// A signature.
pub type Tag = [u8; 32];

impl Seals {
    /// Derives the key from the installation's secret, which signs other things too.
    pub fn new(installation_secret: &[u8]) -> Self {
        Self { key: mac(installation_secret, &[b"waybill login\0"]) }
    }

    /// Signs bytes for a purpose.
    pub fn tag(&self, purpose: Purpose, bytes: &[u8]) -> Tag {
        mac(&self.key, &[purpose.name().as_bytes(), b"\0", bytes])
    }

    /// Compares a signature in a time that tells nothing.
    pub fn is_tag(&self, purpose: Purpose, bytes: &[u8], tag: &[u8]) -> bool {
        self.tag(purpose, bytes).as_slice().ct_eq(tag).into()
    }

    /// The signature of a text, as text.
    pub fn token(&self, purpose: Purpose, text: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.tag(purpose, text.as_bytes()))
    }

    pub fn is_token(&self, purpose: Purpose, text: &str, token: &str) -> bool {
        let tag = BASE64_URL_SAFE_NO_PAD.decode(token).unwrap_or_default();
        self.is_tag(purpose, text.as_bytes(), &tag)
    }

    /// Writes a value that only this installation can have written. Anybody can read it.
    pub fn seal(&self, purpose: Purpose, value: &impl Serialize) -> String {
        let bytes = serde_json::to_vec(value).expect("what is sealed is plain data");
        let tag = self.tag(purpose, &bytes);
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes), BASE64_URL_SAFE_NO_PAD.encode(tag))
    }

    /// Reads what [`seal`](Self::seal) wrote for the same purpose.
    pub fn open<T: DeserializeOwned>(&self, purpose: Purpose, text: &str) -> Option<T> {
        let (bytes, tag) = text.split_once('.')?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(bytes).ok()?;
        let tag = BASE64_URL_SAFE_NO_PAD.decode(tag).ok()?;
        if self.is_tag(purpose, &bytes, &tag) { serde_json::from_slice(&bytes).ok() } else { None }
    }
}

impl Purpose {
    const fn name(self) -> &'static str {
        match self {
            Self::Form => "form",
            Self::Csrf => "csrf",
            Self::Consent => "consent",
            Self::Provider => "provider",
            Self::Refresh => "refresh",
            Self::NextRefresh => "next-refresh",
        }
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Tag {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sealed_is_read_as_it_was_by_the_same_installation_only() {
        let seals = Seals::new(b"secret");
        let sealed = seals.seal(Purpose::Consent, &("a", 7));
        let open = |seals: &Seals, purpose, text: &str| seals.open::<(String, u8)>(purpose, text);
        assert_eq!(open(&seals, Purpose::Consent, &sealed), Some(("a".to_owned(), 7)));
        assert_eq!(open(&seals, Purpose::Provider, &sealed), None, "another purpose");
        assert_eq!(open(&Seals::new(b"other"), Purpose::Consent, &sealed), None, "another installation");
        let changed = format!("A{}", &sealed[1..]);
        for other in [changed.as_str(), "", ".", "a.b", sealed.trim_end_matches(|c| c != '.')] {
            assert_eq!(open(&seals, Purpose::Consent, other), None, "{other}");
        }
    }

    #[test]
    fn a_token_is_for_one_text_and_one_purpose() {
        let seals = Seals::new(b"secret");
        let token = seals.token(Purpose::Csrf, "session");
        assert!(seals.is_token(Purpose::Csrf, "session", &token));
        assert!(!seals.is_token(Purpose::Csrf, "other", &token));
        assert!(!seals.is_token(Purpose::Form, "session", &token));
        assert!(!seals.is_token(Purpose::Csrf, "session", ""));
        assert!(!seals.is_token(Purpose::Csrf, "session", "ü"));
    }
}
