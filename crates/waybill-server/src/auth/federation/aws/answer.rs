//! What AWS says: who it is, or why not. JSON was asked for; XML is what the service speaks by nature.

use hyper::StatusCode;
use serde_json::Value;

use super::{AwsError, AwsIdentity};

const ACCOUNT_DIGITS: usize = 12;
/// Longest ARN, as AWS documents it.
const ARN: usize = 2048;
const USER_ID: usize = 256;

pub(super) fn read(status: StatusCode, body: &[u8]) -> Result<AwsIdentity, AwsError> {
    let text = std::str::from_utf8(body).unwrap_or("");
    let json: Option<Value> = serde_json::from_str(text).ok();
    if !status.is_success() {
        let code = code(json.as_ref(), text);
        return Err(if status.is_client_error() {
            AwsError::Refused(code)
        } else {
            AwsError::Unavailable(format!("it answered {status} ({code})"))
        });
    }
    let member = |name: &str| match &json {
        Some(json) => {
            let found = &json["GetCallerIdentityResponse"]["GetCallerIdentityResult"][name];
            found.as_str().map(str::to_owned)
        }
        None => element(text, name),
    };
    let (account, arn, user_id) = (member("Account"), member("Arn"), member("UserId"));
    let (Some(account), Some(arn), Some(user_id)) = (account, arn, user_id) else { return Err(unreadable()) };
    let is_account = account.len() == ACCOUNT_DIGITS && account.bytes().all(|b| b.is_ascii_digit());
    let is_arn = arn.len() <= ARN && arn.starts_with("arn:") && arn.split(':').nth(4) == Some(&account);
    let is_user_id = !user_id.is_empty() && user_id.len() <= USER_ID;
    if is_account && is_arn && is_user_id {
        Ok(AwsIdentity { account, arn, user_id })
    } else {
        Err(unreadable())
    }
}

fn unreadable() -> AwsError {
    AwsError::Unavailable("its answer is not one of GetCallerIdentity".to_owned())
}

/// The content of the only element of that name. Names of AWS have no characters that XML would write otherwise.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (content, rest) = rest.split_once(&format!("</{name}>"))?;
    let is_only = !rest.contains(&format!("<{name}>"));
    (is_only && !content.contains(['<', '&'])).then(|| content.to_owned())
}

/// Why AWS refuses, such as `SignatureDoesNotMatch`: a word of letters.
fn code(json: Option<&Value>, text: &str) -> String {
    let found = match json {
        Some(json) => json["Error"]["Code"].as_str().map(str::to_owned),
        None => element(text, "Code"),
    };
    let is_word =
        |word: &String| word.len() <= 64 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
    found.filter(is_word).unwrap_or_else(|| "it gives no reason".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::123456789012:user/Alice</Arn>
    <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>";

    fn ok(body: &str) -> Result<AwsIdentity, AwsError> {
        read(StatusCode::OK, body.as_bytes())
    }

    #[test]
    fn who_it_is() {
        let alice = AwsIdentity {
            account: "123456789012".to_owned(),
            arn: "arn:aws:iam::123456789012:user/Alice".to_owned(),
            user_id: "AIDACKCEVSQ6C2EXAMPLE".to_owned(),
        };
        assert_eq!(ok(ALICE).unwrap(), alice);
        let json = serde_json::json!({"GetCallerIdentityResponse": {"GetCallerIdentityResult": {
            "Account": alice.account, "Arn": alice.arn, "UserId": alice.user_id,
        }}});
        assert_eq!(ok(&json.to_string()).unwrap(), alice);
    }

    #[test]
    fn what_cannot_be_an_answer() {
        for wrong in [
            String::new(),
            "{}".to_owned(),
            "<html>".to_owned(),
            ALICE.replace("123456789012<", "12345678901<"),
            ALICE.replace("::123456789012:", "::210987654321:"),
            ALICE.replace("arn:aws", "urn:aws"),
            ALICE.replace("AIDACKCEVSQ6C2EXAMPLE", ""),
            ALICE.replace("</Account>", "</Account><Account>123456789012</Account>"),
            ALICE.replace("user/Alice", "user/A&amp;e"),
        ] {
            assert!(matches!(ok(&wrong), Err(AwsError::Unavailable(_))), "{wrong}");
        }
    }

    #[test]
    fn why_not() {
        let xml = "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>";
        let refused = read(StatusCode::FORBIDDEN, xml.as_bytes());
        assert_eq!(refused, Err(AwsError::Refused("SignatureDoesNotMatch".to_owned())));
        let refused = read(StatusCode::FORBIDDEN, br#"{"Error": {"Code": "ExpiredToken"}}"#);
        assert_eq!(refused, Err(AwsError::Refused("ExpiredToken".to_owned())));
        let refused = read(StatusCode::FORBIDDEN, b"<Code>a secret</Code>");
        assert_eq!(refused, Err(AwsError::Refused("it gives no reason".to_owned())));
        let down = read(StatusCode::SERVICE_UNAVAILABLE, b"");
        assert!(matches!(down, Err(AwsError::Unavailable(_))));
    }
}
