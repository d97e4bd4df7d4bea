//! Links that stand for permission for a short while: what they lead to, and until when, signed.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;

use crate::api::error::ApiError;

/// As long as HCP's pre-signed links are good for.
const LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Signs download links.
#[derive(Clone)]
pub struct Downloads {
    key: Vec<u8>,
}

/// What a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Of the blob.
    pub digest: String,
    /// Of the document before compression.
    pub size_bytes: u64,
    /// What to call the file.
    pub name: String,
    pub made: Timestamp,
}

impl Downloads {
    pub fn new(key: Vec<u8>) -> Self {
        Self { key }
    }

    pub fn seal(&self, link: &Link) -> String {
        let Link { digest, size_bytes, name, made } = link;
        let text = format!("{}/{digest}/{size_bytes}/{name}", made.as_microsecond());
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(&text), BASE64_URL_SAFE_NO_PAD.encode(self.tag(&text)))
    }

    /// Refuses a link that is not ours or has ended.
    pub fn open(&self, token: &str, now: Timestamp) -> Result<Link, ApiError> {
        let refused = || ApiError::denied("this download link is not valid: ask for a new one");
        let (text, tag) = token.split_once('.').ok_or_else(refused)?;
        let text = BASE64_URL_SAFE_NO_PAD.decode(text).ok().and_then(|text| String::from_utf8(text).ok());
        let (Some(text), Ok(tag)) = (text, BASE64_URL_SAFE_NO_PAD.decode(tag)) else { return Err(refused()) };
        let genuine: bool = subtle::ConstantTimeEq::ct_eq(self.tag(&text).as_slice(), tag.as_slice()).into();
        if !genuine {
            return Err(refused());
        }
        let mut parts = text.splitn(4, '/');
        let [Some(made), Some(digest), Some(size), Some(name)] = std::array::from_fn(|_| parts.next()) else {
            return Err(refused());
        };
        let size_bytes = size.parse().map_err(|_| refused())?;
        let made =
            made.parse().ok().and_then(|made| Timestamp::from_microsecond(made).ok()).ok_or_else(refused)?;
        if now.duration_since(made) > LIFETIME {
            return Err(ApiError::denied("this download link has ended: ask for a new one"));
        }
        Ok(Link { digest: digest.to_owned(), size_bytes, name: name.to_owned(), made })
    }

    fn tag(&self, text: &str) -> Vec<u8> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(b"download\0");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_works_for_a_while_and_only_as_it_was_made() {
        let downloads = Downloads::new(vec![1; 32]);
        let made = Timestamp::from_second(1000).unwrap();
        let link = Link { digest: "ab12".into(), size_bytes: 45, name: "01J/x".into(), made };
        let token = downloads.seal(&link);
        let after = |minutes| made + SignedDuration::from_mins(minutes);
        assert_eq!(downloads.open(&token, after(14)).unwrap(), link);
        assert!(downloads.open(&token, after(16)).unwrap_err().message.contains("has ended"));
        let altered = token.replacen('M', "N", 1);
        for other in [altered.as_str(), "", ".", "a.b"] {
            assert!(downloads.open(other, made).unwrap_err().message.contains("not valid"));
        }
        assert!(Downloads::new(vec![2; 32]).open(&token, made).is_err());
    }
}
