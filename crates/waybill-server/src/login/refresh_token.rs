//! Refresh tokens: what a program keeps to stay logged in.
//!
//! | part | what |
//! |---|---|
//! | `wbr_` | for scanners of source code and logs |
//! | 16 bytes | the session's identifier |
//! | 32 bytes | the secret |
//! | 16 bytes | a signature: the token was one of that session |
//!
//! Each is used once and answered with the next. The next is made of the one before and the installation's key, so
//! that two processes that use the same one at the same moment get the same next one, whoever of them writes it down
//! last. A token that is genuine and neither the newest nor the one before was copied: the session ends.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use waybill_model::ids::Uid;

use super::seal::{Purpose, Seals};

/// A refresh token that was one of a session of this installation.
#[derive(Clone, PartialEq, Eq)]
pub struct RefreshToken {
    session: ulid::Ulid,
    secret: [u8; SECRET],
    text: String,
}

const PREFIX: &str = "wbr_";
const SESSION: usize = 16;
const SECRET: usize = 32;
const TAG: usize = 16;

impl RefreshToken {
    /// The first one of a session.
    pub fn first(seals: &Seals, session: &Uid, secret: [u8; SECRET]) -> Self {
        let session = session.as_str().parse().expect("an identifier is a ULID");
        Self::new(seals, session, secret)
    }

    /// The one after this one.
    #[must_use]
    pub fn next(&self, seals: &Seals) -> Self {
        Self::new(seals, self.session, seals.tag(Purpose::NextRefresh, self.text.as_bytes()))
    }

    /// Reads one; `None` if it is not of this installation.
    pub fn read(seals: &Seals, text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
        let (signed, tag) = bytes.split_at_checked(SESSION + SECRET)?;
        let (session, secret) = signed.split_at_checked(SESSION)?;
        let session = u128::from_be_bytes(session.try_into().ok()?);
        let token = Self::new(seals, ulid::Ulid::from(session), secret.try_into().ok()?);
        let is_genuine: bool =
            subtle::ConstantTimeEq::ct_eq(tag, &seals.tag(Purpose::Refresh, signed)[..TAG]).into();
        (is_genuine && token.text == text).then_some(token)
    }

    fn new(seals: &Seals, session: ulid::Ulid, secret: [u8; SECRET]) -> Self {
        let mut bytes = Vec::with_capacity(SESSION + SECRET + TAG);
        bytes.extend(u128::from(session).to_be_bytes());
        bytes.extend(secret);
        let tag = seals.tag(Purpose::Refresh, &bytes);
        bytes.extend(&tag[..TAG]);
        let text = format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(&bytes));
        Self { session, secret, text }
    }

    /// The session that it is of.
    pub fn session(&self) -> String {
        self.session.to_string()
    }

    /// The token itself. Who calls this answers for where it goes.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_by_its_installation() {
        let seals = Seals::new(b"secret");
        let session: Uid = "01M8643YMKB2TB3HDPZASKCPR0".parse().unwrap();
        let first = RefreshToken::first(&seals, &session, [7; SECRET]);
        assert!(first.expose().starts_with("wbr_"));
        assert_eq!(first.session(), session.as_str());
        let read = |seals: &Seals, text: &str| RefreshToken::read(seals, text).map(|token| token.session());
        assert_eq!(read(&seals, first.expose()).as_deref(), Some(session.as_str()));
        assert_eq!(read(&Seals::new(b"other"), first.expose()), None);
        let text = first.expose();
        let changed =
            format!("{}{}{}", &text[..30], if &text[30..31] == "A" { "B" } else { "A" }, &text[31..]);
        for other in ["", "wbr_", &text[4..], &text[..text.len() - 1], &format!("{text}A"), &changed] {
            assert_eq!(read(&seals, other), None, "{other}");
        }
    }

    #[test]
    fn the_next_one_is_the_same_for_everybody_who_asks() {
        let seals = Seals::new(b"secret");
        let session: Uid = "01M8643YMKB2TB3HDPZASKCPR0".parse().unwrap();
        let first = RefreshToken::first(&seals, &session, [7; SECRET]);
        let again = RefreshToken::read(&seals, first.expose()).unwrap();
        assert_eq!(first.next(&seals).expose(), again.next(&seals).expose());
        assert_ne!(first.next(&seals).expose(), first.expose());
        assert_ne!(first.next(&seals).next(&seals).expose(), first.next(&seals).expose());
        assert!(RefreshToken::read(&seals, first.next(&seals).expose()).is_some());
        let other = RefreshToken::first(&seals, &session, [8; SECRET]);
        assert_ne!(first.next(&seals).expose(), other.next(&seals).expose());
    }
}
