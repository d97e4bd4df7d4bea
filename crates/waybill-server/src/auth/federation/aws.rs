//! Identities of AWS: a workload signs the question who it is, and the registry has AWS answer it.
//!
//! The request is `GetCallerIdentity` of AWS's Security Token Service, which needs no permission and does nothing. A
//! client signs it with the credentials that its machine has and hands it over unsent. AWS alone can check the
//! signature, so the registry sends it on. Invariants:
//!
//! - It is sent to nobody but the service whose name was signed (or to where the operator says that this is), and
//!   nothing but `GetCallerIdentity` is sent: a client cannot have the registry do anything else in its name.
//! - The signature covers the header that names the provider of the registry: a request that was signed for another
//!   one, or for another system, is worth nothing here.
//! - AWS refuses requests that were signed more than 15 minutes ago.

mod answer;
mod request;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hyper::header::{self, HeaderValue};
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use crate::{
    egress::{Egress, EgressError, EgressRequest},
    limits,
};

/// The service that says who signed a request.
#[derive(Clone, Debug)]
pub struct Sts {
    egress: Egress,
    /// Where it is instead of where the request says, for networks that reach it by another name.
    url: Option<Url>,
}

/// A request that a client signed and did not send, as it arrives.
#[derive(Clone, Debug, Default)]
pub struct SignedRequest {
    pub url: String,
    pub method: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// Whom AWS says a request is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsIdentity {
    /// Twelve digits.
    pub account: String,
    /// Such as `arn:aws:sts::123456789012:assumed-role/ci/job-1`.
    pub arn: String,
    /// Such as `AROAEXAMPLE:job-1`.
    pub user_id: String,
}

/// Why it is not known who signed a request.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AwsError {
    /// The request is not one that is sent on.
    #[error("the signed request for AWS is not as it must be: {0}")]
    Request(String),
    /// AWS does not say who it is. What AWS says about it is for whoever signed.
    #[error("AWS does not accept the signed request ({0}): sign a new one, and compare the clock")]
    Refused(String),
    /// AWS could not be asked. The reason may name addresses that only the operator should see.
    #[error("AWS cannot be asked now: {0}")]
    Unavailable(String),
}

/// The header, among the signed ones, that names the provider.
pub const PROVIDER_HEADER: &str = "x-hcp-workload-identity-provider";

impl Sts {
    pub fn new(egress: Egress, url: Option<Url>) -> Self {
        Self { egress, url }
    }

    /// Returns who signed a request for that provider (its resource name).
    pub async fn identify(&self, request: &SignedRequest, provider: &str) -> Result<AwsIdentity, AwsError> {
        let checked = request::check(request, provider)?;
        let mut url = match &self.url {
            Some(instead) => instead.clone(),
            None => format!("https://{}/", checked.host)
                .parse()
                .map_err(|_| AwsError::Request("its host is no name".to_owned()))?,
        };
        url.set_query(checked.query.as_deref());
        let mut headers = checked.headers;
        // The name was signed; where the request goes may differ.
        let host = HeaderValue::from_str(&checked.host);
        headers.insert(header::HOST, host.map_err(|_| AwsError::Request("its host is no name".to_owned()))?);
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("application/json"));
        let request = EgressRequest { method: checked.method, url, headers, body: checked.body };
        let sent =
            timeout(limits::FEDERATION_TIME, self.egress.send_within(request, limits::STS_ANSWER_BYTES));
        match sent.await {
            Ok(Ok(sent)) => answer::read(sent.status, &sent.body),
            Ok(Err(error)) => Err(AwsError::unavailable(&error)),
            Err(_) => {
                let limit = limits::FEDERATION_TIME.as_secs();
                Err(AwsError::Unavailable(format!("it did not answer within {limit} s")))
            }
        }
    }
}

impl SignedRequest {
    /// Tells whether it would be sent on for that provider, without sending it.
    pub fn check(&self, provider: &str) -> Result<(), AwsError> {
        request::check(self, provider).map(drop)
    }
}

impl AwsError {
    fn unavailable(error: &EgressError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
