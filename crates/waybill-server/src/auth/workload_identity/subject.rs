//! What a workload brings to be exchanged, before anybody believes a word of it.
//!
//! Whoever is refused may be anybody. As long as nothing was proven, a refusal repeats what the workload itself
//! brought and says nothing of what there is: the same for a provider that does not exist, for one that trusts
//! somebody else, and for a token that somebody made up.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};
use waybill_api::platform::{AWS4Request, ExchangeWorkloadIdentityTokenBody};

use crate::api::error::ApiError;

/// What is exchanged.
pub enum Subject {
    /// A token of an issuer.
    Token(String),
    /// A request to AWS, signed by the workload.
    Request(AWS4Request),
}

/// What a token is known by when it comes again.
pub type TokenDigest = [u8; 32];

/// Longest token, in bytes. Those of clouds and CI systems have 1 to 8 KiB.
const TOKEN_BYTES: usize = 16 << 10;

impl Subject {
    /// Takes the one thing that a request brings.
    pub fn of(body: ExchangeWorkloadIdentityTokenBody) -> Result<Self, ApiError> {
        match (body.jwt_token, body.aws_get_caller_id_token) {
            // What is read from a file may end in a line break.
            (Some(token), None) => Ok(Self::Token(token.expose().trim().to_owned())),
            (None, Some(request)) => Ok(Self::Request(request)),
            _ => Err(ApiError::invalid(
                "the body must have either `jwt_token` or `aws_get_caller_id_token`, and not both",
            )),
        }
    }

    /// The refusal of everybody who has proven nothing.
    pub fn refusal(&self, resource_name: &str) -> ApiError {
        let name = shown_long(resource_name);
        ApiError::unauthenticated(match self {
            Self::Token(token) => match claims(token) {
                Some(claims) => format!(
                    "no workload identity provider `{name}` of this registry accepts this token, which says of itself: \
                     {}. Compare the resource name and the issuer with the provider's, and see that the token arrived \
                     as the issuer signed it",
                    describe(&claims)
                ),
                None => format!(
                    "no workload identity provider `{name}` of this registry accepts this token, which is no JSON Web \
                     Token of up to {TOKEN_BYTES} bytes: send the token itself, three parts of base64url with dots \
                     between them"
                ),
            },
            Self::Request(_) => format!(
                "no workload identity provider `{name}` of this registry accepts this request to AWS: compare the \
                 resource name and the account with the provider's, and see that the credentials which signed it are \
                 still good"
            ),
        })
    }
}

/// What a token is known by: what was signed, because a signature can often be written in another way.
pub fn digest_of_token(token: &str) -> TokenDigest {
    let signed = token.rsplit_once('.').map_or(token, |(signed, _)| signed);
    digest("jwt", signed)
}

/// What a signed request is known by: its signature, the only part that nobody can vary.
pub fn digest_of_signature(signature: &str) -> TokenDigest {
    digest("aws", &signature.to_ascii_lowercase())
}

fn digest(kind: &str, text: &str) -> TokenDigest {
    Sha256::new().chain_update(kind).chain_update([0]).chain_update(text).finalize().into()
}

/// The claims of a token, believed by nobody.
fn claims(token: &str) -> Option<serde_json::Map<String, Value>> {
    if TOKEN_BYTES < token.len() {
        return None;
    }
    let mut parts = token.split('.');
    let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

/// Issuer, audience and end of a token in words.
fn describe(claims: &serde_json::Map<String, Value>) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => format!("`{}`", shown_long(text)),
        _ => "something that is no text".to_owned(),
    };
    let issuer = claims.get("iss").map_or("no issuer".to_owned(), |iss| format!("issuer {}", text(iss)));
    let audience = match claims.get("aud") {
        None => "no audience".to_owned(),
        Some(Value::Array(many)) => {
            let some: Vec<String> = many.iter().take(AUDIENCES).map(text).collect();
            format!("audiences {}", some.join(", "))
        }
        Some(one) => format!("audience {}", text(one)),
    };
    let end = claims.get("exp").and_then(Value::as_f64);
    #[expect(clippy::cast_possible_truncation, reason = "what no time can be is cut off")]
    let end = end.and_then(|end| Timestamp::from_second(end as i64).ok());
    let end = end.map_or("without an end".to_owned(), |end| format!("good until {end}"));
    format!("{issuer}, {audience}, {end}")
}

/// Audiences that a refusal repeats.
const AUDIENCES: usize = 4;

/// What a client wrote, fit for a message, for what is as long as a URL or a resource name.
pub(super) fn shown_long(text: &str) -> String {
    const LONGEST: usize = 256;
    text.chars().take(LONGEST).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &Value) -> String {
        format!("e30.{}.c2ln", BASE64_URL_SAFE_NO_PAD.encode(claims.to_string()))
    }

    fn refusal(token: &str) -> String {
        Subject::Token(token.to_owned()).refusal("iam/project/p/x").message
    }

    #[test]
    fn a_refusal_repeats_what_the_token_says_of_itself() {
        let claims =
            serde_json::json!({"iss": "https://i.test", "aud": ["a", "b"], "exp": 1_800_000_000, "sub": "s"});
        let message = refusal(&token(&claims));
        assert!(message.contains("`iam/project/p/x`"), "{message}");
        assert!(
            message.contains("issuer `https://i.test`, audiences `a`, `b`, good until 2027-01-15T08:00:00Z"),
            "{message}"
        );
        let message = refusal(&token(&serde_json::json!({"aud": "a\u{1b}[2J", "exp": 1e300, "iss": 3})));
        assert!(message.contains("something that is no text, audience `a\\u{1b}[2J`"), "{message}");
        assert!(refusal(&token(&serde_json::json!({}))).contains("no issuer, no audience, without an end"));
    }

    #[test]
    fn what_is_no_token_is_not_repeated() {
        for text in
            ["", "secret", "a.secret.c", "a.b.c.d", &token(&serde_json::json!([])), &"x".repeat(20_000)]
        {
            let message = refusal(text);
            assert!(message.contains("no JSON Web Token"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn one_thing_is_exchanged() {
        let body = |jwt: Option<&str>, aws: bool| ExchangeWorkloadIdentityTokenBody {
            jwt_token: jwt.map(Into::into),
            aws_get_caller_id_token: aws.then(AWS4Request::default),
        };
        assert!(
            matches!(Subject::of(body(Some(" e30.e30.x\n"), false)), Ok(Subject::Token(t)) if t == "e30.e30.x")
        );
        assert!(matches!(Subject::of(body(None, true)), Ok(Subject::Request(_))));
        for wrong in [body(None, false), body(Some("a"), true)] {
            assert!(Subject::of(wrong).is_err_and(|error| error.message.contains("not both")));
        }
    }

    #[test]
    fn a_token_is_known_however_its_signature_is_written() {
        assert_eq!(digest_of_token("a.b.c"), digest_of_token("a.b.d"));
        assert_ne!(digest_of_token("a.b.c"), digest_of_token("a.c.c"));
        assert_eq!(digest_of_signature("AB"), digest_of_signature("ab"));
        assert_ne!(digest_of_signature("a.b"), digest_of_token("a.b"));
    }
}
