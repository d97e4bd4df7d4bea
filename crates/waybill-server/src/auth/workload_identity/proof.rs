//! Who a workload is, proven by an issuer's signature or by AWS.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use waybill_model::{
    condition::{AwsCaller, Fact, Facts},
    workload_identity::Trust,
};
use waybill_store::WorkloadIdentityProvider;

use super::{
    resource_name,
    subject::{Subject, TokenDigest, digest_of_signature, digest_of_token, shown_long},
};
use crate::{api::error::ApiError, app::App};

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

/// Asks the issuer's keys, or AWS, whether a provider may believe what a workload brings.
pub(super) async fn prove(
    app: &App,
    provider: &WorkloadIdentityProvider,
    subject: &Subject,
    now: Timestamp,
) -> Result<Proof, Failure> {
    let _ = (app, provider, subject, now);
    Err(Failure::Unavailable { message: "not yet".to_owned(), reason: "not yet".to_owned() })
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
