//! Workloads that have no secret: a token of their own platform, or a request signed with their AWS credentials, is
//! exchanged for an access token.

mod aws;

use std::{collections::BTreeMap, fmt, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;
use waybill_api::platform::ExchangeWorkloadIdentityTokenBody;

pub use self::aws::{AwsCredentials, AwsMachine};
use crate::{
    client::{Answer, Requests},
    config::{Config, Endpoint, Tls},
    error::Error,
    http,
    identity_provider::ProviderPath,
    retry::Repeat,
};

/// A workload and what it has to show.
#[derive(Clone, Debug)]
pub struct Workload {
    /// The provider that vouches for it.
    pub provider: ProviderPath,
    pub proof: Proof,
    /// Where in a JSON document the token is; none if it is all there is.
    pub pointer: Option<String>,
}

/// What a workload shows; looked up each time that it is needed, because it does not last.
#[derive(Clone)]
pub enum Proof {
    /// A token that whoever uses this crate finds, or why not.
    Token(Arc<dyn Fn() -> Result<SecretString, String> + Send + Sync>),
    /// A token that an address gives.
    Url { url: Url, headers: BTreeMap<String, String> },
    /// The credentials of the machine.
    Aws(AwsMachine),
}

pub(crate) const OPERATION: &str = "ServicePrincipalsService_ExchangeWorkloadIdentityToken";

/// Longest document that a token is in.
const DOCUMENT_BYTES: usize = 1 << 20;

impl Workload {
    /// Exchanges what the workload has now.
    pub(crate) async fn exchange(&self, config: &Config, api: &Requests) -> Result<Answer, Error> {
        let body = match &self.proof {
            Proof::Token(find) => self.token(&find().map_err(|why| unusable(&why))?)?,
            Proof::Url { url, headers } => self.token(&fetch(config, url, headers).await?)?,
            Proof::Aws(machine) => {
                let request = machine.sign(config, &self.provider.resource_name()).await?;
                ExchangeWorkloadIdentityTokenBody { aws_get_caller_id_token: Some(request), jwt_token: None }
            }
        };
        let call = self.provider.call(OPERATION)?.body(&body);
        api.repeat(OPERATION, Repeat::Safe, |http, base| call.request(http, base)).await
    }

    /// The workload's own token, in the text that was found.
    fn token(&self, text: &SecretString) -> Result<ExchangeWorkloadIdentityTokenBody, Error> {
        let text = text.expose_secret().trim();
        if DOCUMENT_BYTES < text.len() {
            return Err(unusable(&format!("it has more than {DOCUMENT_BYTES} bytes")));
        }
        let token = match &self.pointer {
            None => text.to_owned(),
            Some(pointer) => {
                // The position only: an error of the JSON reader could quote the token.
                let document: Value = serde_json::from_str(text).map_err(|error| {
                    unusable(&format!(
                        "it should be in JSON (line {} column {})",
                        error.line(),
                        error.column()
                    ))
                })?;
                let found = document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
                found.ok_or_else(|| unusable(&format!("there is no text at `{pointer}` of the JSON")))?
            }
        };
        if token.is_empty() {
            return Err(unusable("it is empty"));
        }
        Ok(ExchangeWorkloadIdentityTokenBody { jwt_token: Some(token.into()), aws_get_caller_id_token: None })
    }
}

fn unusable(why: &str) -> Error {
    Error::Config(format!("the workload's own token: {why}"))
}

async fn fetch(
    config: &Config,
    url: &Url,
    headers: &BTreeMap<String, String>,
) -> Result<SecretString, Error> {
    const OPERATION: &str = "the workload's own token";
    let endpoint = Endpoint::new(url.clone(), Tls::Verified);
    let requests = Requests::new(config, http::client(config, &endpoint)?, &endpoint);
    let answer = requests
        .repeat(OPERATION, Repeat::Safe, |http, _| {
            headers.iter().fold(http.get(url.clone()), |request, (name, value)| request.header(name, value))
        })
        .await?;
    if !answer.status.is_success() {
        return Err(unusable(&format!("{} answered HTTP {}", requests.server(), answer.status)));
    }
    String::from_utf8(answer.body)
        .map(SecretString::from)
        .map_err(|_| unusable(&format!("{} gives no text", requests.server())))
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token(…)",
            Self::Url { .. } => "Url(…)",
            Self::Aws(_) => "Aws(…)",
        })
    }
}
