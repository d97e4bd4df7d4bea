//! Who a workload is, proven by an issuer's signature or by AWS.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_api::platform::AWS4Request;
use waybill_model::{
    condition::{AwsCaller, Fact, Facts},
    workload_identity::Trust,
};
use waybill_store::WorkloadIdentityProvider;

use super::{
    resource_name,
    subject::{Subject, TokenDigest, digest_of_signature, digest_of_token, shown_long},
};
use crate::{
    api::error::ApiError,
    app::App,
    auth::federation::{
        FederationError, NotAcceptable,
        aws::{AwsError, AwsIdentity, SignedRequest},
    },
};

/// What was proven.
pub(super) struct Proof {
    /// What a condition can speak about.
    pub(super) facts: Facts,
    pub(super) digest: TokenDigest,
    /// From then on it proves nothing.
    pub(super) expires_at: Timestamp,
    /// Who the workload is, for the audit trail.
    pub(super) who: Value,
}

/// Why there is no access token.
pub(super) enum Failure {
    /// Anybody could have sent this: who did learns nothing. The reason is for the log.
    Unproven(String),
    /// It is genuine, and not accepted: whoever sent it may know why.
    Unacceptable(String),
    /// It was exchanged before, too long ago.
    Repeated(String),
    /// Nobody could be asked. The reason may name addresses and is for the log.
    Unavailable { message: String, reason: String },
    /// The registry itself failed.
    Registry(ApiError),
}

impl From<waybill_store::Error> for Failure {
    fn from(error: waybill_store::Error) -> Self {
        Self::Registry(error.into())
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Registry(error)
    }
}

/// A signed request proves nothing after 15 minutes: AWS refuses it.
const REQUEST_LIFETIME: SignedDuration = SignedDuration::from_mins(15);

/// Refuses a request that AWS is not asked about, whoever is meant by the name.
pub(super) fn check_form(subject: &Subject, name: &str) -> Result<(), Failure> {
    let Subject::Request(request) = subject else { return Ok(()) };
    let request = signed(request);
    request.check(name).map_err(|error| Failure::Unacceptable(error.to_string()))?;
    let missing = "its header `authorization` must have one `Signature` of 64 digits 0-9 and a-f";
    let missing = || Failure::Unacceptable(AwsError::Request(missing.to_owned()).to_string());
    signature(&request).map(drop).ok_or_else(missing)
}

/// Asks the issuer's keys, or AWS, whether a provider may believe what a workload brings.
pub(super) async fn prove(
    app: &App,
    provider: &WorkloadIdentityProvider,
    subject: &Subject,
    now: Timestamp,
) -> Result<Proof, Failure> {
    match (&provider.provider.trust, subject) {
        (Trust::Oidc { issuer, audiences }, Subject::Token(token)) => {
            let name = resource_name(provider);
            let audiences = match audiences[..] {
                [] => vec![name.as_str()],
                _ => audiences.iter().map(String::as_str).collect(),
            };
            by_issuer(app, issuer, &audiences, token, now).await
        }
        (Trust::Aws { account }, Subject::Request(request)) => {
            by_aws(app, provider, account, request, now).await
        }
        (Trust::Oidc { .. }, Subject::Request(_)) => {
            Err(Failure::Unproven("it trusts an issuer, and a request to AWS came".to_owned()))
        }
        (Trust::Aws { .. }, Subject::Token(_)) => {
            Err(Failure::Unproven("it trusts an AWS account, and a token came".to_owned()))
        }
    }
}

async fn by_issuer(
    app: &App,
    issuer: &str,
    audiences: &[&str],
    token: &str,
    now: Timestamp,
) -> Result<Proof, Failure> {
    let claims = app.issuers.verify(issuer, token, audiences, now).await.map_err(|error| match error {
        FederationError::NotProven(fault) => Failure::Unproven(fault.to_string()),
        // Which audiences others may use is nothing that everybody with a token of the issuer learns.
        FederationError::NotAcceptable(NotAcceptable::Audience { found, .. }) => Failure::Unacceptable(format!(
            "the token is meant for {found}, which this workload identity provider does not accept: ask the issuer for \
             an audience that it allows"
        )),
        FederationError::NotAcceptable(fault) => Failure::Unacceptable(fault.to_string()),
        unavailable => Failure::Unavailable {
            message: format!(
                "the keys of the issuer `{}` cannot be had, so that its token cannot be checked: the registry's log says \
                 why; try again in a moment",
                shown_long(issuer)
            ),
            reason: unavailable.to_string(),
        },
    })?;
    let expires_at = claims.get("exp").and_then(Value::as_f64).and_then(time).unwrap_or(Timestamp::MAX);
    let who = json!({ "issuer": issuer, "subject": claims.get("sub") });
    Ok(Proof { facts: Facts::oidc(facts(claims)), digest: digest_of_token(token), expires_at, who })
}

async fn by_aws(
    app: &App,
    provider: &WorkloadIdentityProvider,
    account: &str,
    request: &AWS4Request,
    now: Timestamp,
) -> Result<Proof, Failure> {
    let request = signed(request);
    let signature =
        signature(&request).ok_or_else(|| Failure::Unproven("it has no one signature".to_owned()))?;
    let digest = digest_of_signature(signature);
    let name = resource_name(provider);
    let identity = app.sts.identify(&request, &name).await.map_err(|error| match error {
        AwsError::Request(_) | AwsError::Refused(_) => Failure::Unproven(error.to_string()),
        AwsError::Unavailable(_) => Failure::Unavailable {
            message: "AWS cannot be asked who signed this request: the registry's log says why; try again in a moment"
                .to_owned(),
            reason: error.to_string(),
        },
    })?;
    let AwsIdentity { account: found, arn, user_id } = identity;
    if found != account {
        return Err(Failure::Unacceptable(format!(
            "the request was signed by `{}` of the AWS account `{}`, which this workload identity provider does not trust",
            shown_long(&arn),
            shown_long(&found)
        )));
    }
    let who = json!({ "arn": arn });
    let facts = Facts::aws(AwsCaller { arn, account_id: found, user_id });
    let expires_at = now.checked_add(REQUEST_LIFETIME).unwrap_or(Timestamp::MAX);
    Ok(Proof { facts, digest, expires_at, who })
}

/// The request as it is sent on.
fn signed(request: &AWS4Request) -> SignedRequest {
    let AWS4Request { method, url, headers, body } = request.clone();
    SignedRequest {
        url: url.unwrap_or_default(),
        method: method.unwrap_or_default(),
        headers: headers.into_iter().map(|(name, value)| (name, value.expose().to_owned())).collect(),
        body: body.unwrap_or_default(),
    }
}

/// The one signature of a request: 64 hexadecimal digits, so that it cannot be written in two ways.
fn signature(request: &SignedRequest) -> Option<&str> {
    let mut values = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    let (Some((_, value)), None) = (values.next(), values.next()) else { return None };
    let mut found = value.split([',', ' ']).filter_map(|part| part.strip_prefix("Signature="));
    let (Some(signature), None) = (found.next(), found.next()) else { return None };
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (signature.len() == 64 && signature.bytes().all(is_digit)).then_some(signature)
}

/// The second in which a token ends, which was checked to be one.
#[expect(clippy::cast_possible_truncation, reason = "what no time can be is cut off")]
fn time(seconds: f64) -> Option<Timestamp> {
    Timestamp::from_second(seconds.ceil() as i64).ok()
}

fn fact(value: Value) -> Fact {
    match value {
        Value::Null => Fact::Null,
        Value::Bool(value) => Fact::Boolean(value),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Fact::Integer(integer.into()),
            (None, Some(integer)) => Fact::Integer(integer.into()),
            // JSON has no number that is neither.
            (None, None) => Fact::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Fact::Text(text),
        Value::Array(items) => Fact::List(items.into_iter().map(fact).collect()),
        Value::Object(members) => Fact::Map(facts(members)),
    }
}

pub(crate) fn facts(members: serde_json::Map<String, Value>) -> BTreeMap<String, Fact> {
    members.into_iter().map(|(name, value)| (name, fact(value))).collect()
}
