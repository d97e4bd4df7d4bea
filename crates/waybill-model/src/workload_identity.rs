//! Workload identity providers: whose tokens a service principal can be had for.
//!
//! A provider trusts either an OpenID Connect issuer or an AWS account, never both and never one after the other:
//! what was granted to the one would be the other's.
//! Which of the issuer's or account's tokens count is said by a condition.

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::text::shown;

/// Who is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// An OpenID Connect issuer.
    Oidc {
        /// As its tokens have it in `iss`, to the letter.
        issuer: String,
        /// Empty: the provider's own resource name is the only one.
        audiences: Vec<String>,
    },
    /// An AWS account.
    Aws { account: String },
}

/// What a provider is besides its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    pub description: String,
    pub trust: Trust,
    /// An expression, which was read before it was stored.
    pub condition: String,
}

/// Why a provider cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProviderError {
    #[error("a provider has either `oidc_config` or `aws_config`, this one has both")]
    Both,
    #[error("a provider has either `oidc_config` or `aws_config`, this one has neither")]
    Neither,
    #[error("`aws_config.account_id` is 12 digits, not `{}`", shown(.0))]
    Account(String),
    #[error("`oidc_config.issuer_uri` has 1 to {ISSUER} characters, this one has {0}")]
    Issuer(usize),
    #[error("`oidc_config.allowed_audiences` has up to {AUDIENCES} audiences, this one has {0}")]
    Audiences(usize),
    #[error(
        "an audience of `oidc_config.allowed_audiences` has 1 to {AUDIENCE} characters, `{}` has {}",
        shown(.0), .0.chars().count()
    )]
    Audience(String),
    #[error("`description` has up to {DESCRIPTION} characters, this one has {0}")]
    Description(usize),
    #[error("`{0}` cannot contain control characters")]
    Control(&'static str),
    #[error(
        "a provider that trusts {is} cannot trust {wanted} instead: delete it, or make another one beside it"
    )]
    OtherKind { is: &'static str, wanted: &'static str },
}

/// Providers of one service principal: some pipelines and some clusters.
pub const PROVIDERS: usize = 20;

/// Longest issuer, in characters. The longest of the well-known ones have about 120.
const ISSUER: usize = 511;
/// Audiences of one provider, and characters of each.
const AUDIENCES: usize = 10;
const AUDIENCE: usize = 255;
/// Characters of a description.
const DESCRIPTION: usize = 255;
/// Digits of an AWS account's number.
const ACCOUNT: usize = 12;

impl Trust {
    /// Checks who is trusted, as a request has it: one of the two.
    pub fn of(oidc: Option<(String, Vec<String>)>, aws: Option<String>) -> Result<Self, ProviderError> {
        match (oidc, aws) {
            (Some((issuer, audiences)), None) => Self::oidc(issuer, audiences),
            (None, Some(account)) => Self::aws(account),
            (Some(_), Some(_)) => Err(ProviderError::Both),
            (None, None) => Err(ProviderError::Neither),
        }
    }

    /// Everything but whether the issuer is a URL that the registry may connect to.
    fn oidc(issuer: String, audiences: Vec<String>) -> Result<Self, ProviderError> {
        let length = issuer.chars().count();
        if length == 0 || ISSUER < length {
            return Err(ProviderError::Issuer(length));
        }
        if AUDIENCES < audiences.len() {
            return Err(ProviderError::Audiences(audiences.len()));
        }
        if let Some(wrong) = audiences.iter().find(|it| it.is_empty() || AUDIENCE < it.chars().count()) {
            return Err(ProviderError::Audience(wrong.clone()));
        }
        if has_control(&issuer) {
            return Err(ProviderError::Control("oidc_config.issuer_uri"));
        }
        if audiences.iter().any(|audience| has_control(audience)) {
            return Err(ProviderError::Control("oidc_config.allowed_audiences"));
        }
        Ok(Self::Oidc { issuer, audiences })
    }

    fn aws(account: String) -> Result<Self, ProviderError> {
        let is_account = account.len() == ACCOUNT && account.bytes().all(|b| b.is_ascii_digit());
        if is_account { Ok(Self::Aws { account }) } else { Err(ProviderError::Account(account)) }
    }

    /// Refuses to make one kind of the other.
    pub fn check_follows(&self, before: &Self) -> Result<(), ProviderError> {
        let (is, wanted) = (before.kind(), self.kind());
        if is == wanted { Ok(()) } else { Err(ProviderError::OtherKind { is, wanted }) }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Oidc { .. } => "an OpenID Connect issuer",
            Self::Aws { .. } => "an AWS account",
        }
    }
}

impl Provider {
    /// Puts a provider together; the condition was checked by whoever read it.
    pub fn new(description: String, trust: Trust, condition: String) -> Result<Self, ProviderError> {
        let length = description.chars().count();
        if DESCRIPTION < length {
            return Err(ProviderError::Description(length));
        }
        if description.chars().any(|c| c.is_control() && c != '\n') {
            return Err(ProviderError::Control("description"));
        }
        Ok(Self { description, trust, condition })
    }
}

/// Whether a token that was first taken at `first` may be taken again at `now`.
///
/// The programs of one CI job come one after the other with the same token, because the job has only one; whoever
/// finds it in a log comes later.
pub fn may_be_taken_again(first: Timestamp, now: Timestamp, reuse: SignedDuration) -> bool {
    // A clock that was set back neither locks a job out nor makes two of once.
    now.duration_since(first).max(SignedDuration::ZERO) < reuse
}

fn has_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oidc(issuer: &str, audiences: &[&str]) -> Result<Trust, String> {
        let audiences = audiences.iter().map(|&audience| audience.to_owned()).collect();
        Trust::of(Some((issuer.to_owned(), audiences)), None).map_err(|error| error.to_string())
    }

    fn aws(account: &str) -> Result<Trust, String> {
        Trust::of(None, Some(account.to_owned())).map_err(|error| error.to_string())
    }

    #[test]
    fn one_of_two_kinds_is_trusted() {
        let issuer = || Some(("https://issuer.test".to_owned(), Vec::new()));
        let account = || Some("123456789012".to_owned());
        assert_eq!(Trust::of(issuer(), account()), Err(ProviderError::Both));
        assert_eq!(Trust::of(None, None), Err(ProviderError::Neither));
        let (oidc, aws) = (Trust::of(issuer(), None).unwrap(), Trust::of(None, account()).unwrap());
        assert_eq!(oidc.check_follows(&oidc), Ok(()));
        assert_eq!(
            oidc.check_follows(&aws).unwrap_err().to_string(),
            "a provider that trusts an AWS account cannot trust an OpenID Connect issuer instead: delete it, or make \
             another one beside it"
        );
        assert!(aws.check_follows(&oidc).is_err());
    }

    #[test]
    fn an_issuer_has_a_few_audiences() {
        let longest = "é".repeat(255);
        assert!(oidc("https://issuer.test", &[]).is_ok());
        assert!(oidc("https://issuer.test", &[longest.as_str(); 10]).is_ok());
        let message = |trust: Result<Trust, String>| trust.unwrap_err();
        assert!(message(oidc("", &[])).ends_with("this one has 0"));
        assert!(message(oidc(&"x".repeat(512), &[])).ends_with("this one has 512"));
        assert!(message(oidc("https://i.test\n", &[])).contains("control characters"));
        assert!(message(oidc("https://i.test", &["a"; 11])).ends_with("this one has 11"));
        assert!(message(oidc("https://i.test", &["a", ""])).ends_with("`` has 0"));
        assert!(message(oidc("https://i.test", &[&format!("{longest}x")])).ends_with("has 256"));
        assert!(message(oidc("https://i.test", &["a\0"])).contains("control characters"));
    }

    #[test]
    fn an_account_is_twelve_digits() {
        assert_eq!(aws("123456789012"), Ok(Trust::Aws { account: "123456789012".to_owned() }));
        for bad in ["", "12345678901", "1234567890123", "12345678901x", "１２３４５６７８９０１２"]
        {
            assert!(aws(bad).unwrap_err().contains("is 12 digits"), "{bad}");
        }
    }

    #[test]
    fn a_description_is_a_short_text() {
        let check = |text: &str| {
            let trust = Trust::Aws { account: "123456789012".to_owned() };
            Provider::new(text.to_owned(), trust, "aws.arn == `a`".to_owned()).map(|it| it.description)
        };
        for good in ["", "CI of\none repository", &"é".repeat(255)] {
            assert_eq!(check(good), Ok(good.to_owned()));
        }
        assert_eq!(check(&"x".repeat(256)), Err(ProviderError::Description(256)));
        assert_eq!(check("a\0b"), Err(ProviderError::Control("description")));
    }

    #[test]
    fn a_token_is_taken_again_for_a_while() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let check = |now, reuse| may_be_taken_again(at(100), at(now), SignedDuration::from_secs(reuse));
        assert!(check(100, 600) && check(699, 600));
        assert!(!check(700, 600) && !check(5000, 600));
        assert!(check(90, 600));
        assert!(!check(100, 0) && !check(90, 0), "once means once");
    }
}
