//! AWS: the question who somebody is (`GetCallerIdentity`), signed with their credentials and not sent.
//!
//! Credentials are given, or asked of the machine's own metadata service
//! (version 2), which answers on every instance that has a role.

use std::{collections::BTreeMap, time::Duration};

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;
use waybill_api::platform::AWS4Request;

use crate::{
    aws_signature::AwsRequest,
    client::Requests,
    config::{Config, Endpoint, Tls},
    error::Error,
    http,
    retry::{Backoff, Repeat},
};

/// A machine, or a process, that AWS knows.
#[derive(Clone, Debug)]
pub struct AwsMachine {
    /// None: the metadata service is asked.
    pub credentials: Option<AwsCredentials>,
    /// Such as `eu-central-1`; none: the metadata service is asked, if it is asked for credentials.
    pub region: Option<String>,
    /// Gives the time in AWS's form, `20261124T100000Z`.
    pub date: fn() -> String,
    /// Where the metadata service is.
    pub metadata: Url,
}

/// AWS credentials.
#[derive(Clone, Debug)]
pub struct AwsCredentials {
    pub access_key_id: String,
    pub secret_access_key: SecretString,
    /// Of temporary credentials.
    pub session_token: Option<SecretString>,
}

/// Where every instance of EC2 finds its metadata service.
const METADATA: &str = "http://169.254.169.254/";
/// It answers at once or there is none.
const METADATA_LIMIT: Duration = Duration::from_secs(3);

/// The region where the service is that once was the only one.
const DEFAULT_REGION: &str = "us-east-1";

const QUERY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// Binds what is signed to the provider.
const PROVIDER_HEADER: &str = "x-hcp-workload-identity-provider";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RoleCredentials {
    access_key_id: String,
    secret_access_key: String,
    token: String,
}

impl AwsMachine {
    pub fn new(credentials: Option<AwsCredentials>, region: Option<String>, date: fn() -> String) -> Self {
        let metadata = Url::parse(METADATA).expect("a constant");
        Self { credentials, region, date, metadata }
    }

    /// Signs the question who this is, for that provider.
    pub(super) async fn sign(&self, config: &Config, provider: &str) -> Result<AWS4Request, Error> {
        let (credentials, region) = self.credentials(config).await?;
        Ok(sign(&credentials, &region, &(self.date)(), provider))
    }

    /// The credentials and the region: those that were given, or the machine's own.
    pub async fn credentials(&self, config: &Config) -> Result<(AwsCredentials, String), Error> {
        if let Some(credentials) = &self.credentials {
            return Ok((
                credentials.clone(),
                self.region.clone().unwrap_or_else(|| DEFAULT_REGION.to_owned()),
            ));
        }
        let (credentials, region) = self.ask(config).await?;
        Ok((credentials, self.region.clone().unwrap_or(region)))
    }

    /// Credentials of the machine's role, and its region.
    async fn ask(&self, config: &Config) -> Result<(AwsCredentials, String), Error> {
        let mut config = config.clone();
        config.attempt_limit = METADATA_LIMIT;
        config.backoff = Backoff::none();
        let endpoint = Endpoint::new(self.metadata.clone(), Tls::Verified);
        let requests = Requests::new(&config, http::client(&config, &endpoint)?, &endpoint);
        let token = text(&requests, "latest/api/token", None).await?;
        let get = async |path: &str| text(&requests, path, Some(&token)).await;
        let roles = get("latest/meta-data/iam/security-credentials/").await?;
        let role = roles.lines().next().unwrap_or_default();
        let answer = get(&format!("latest/meta-data/iam/security-credentials/{role}")).await?;
        let found: RoleCredentials = serde_json::from_str(&answer)
            .map_err(|_| nothing("the metadata service gives no credentials that can be read"))?;
        let credentials = AwsCredentials {
            access_key_id: found.access_key_id,
            secret_access_key: found.secret_access_key.into(),
            session_token: Some(found.token.into()),
        };
        Ok((credentials, get("latest/meta-data/placement/region").await?))
    }
}

/// Asks the metadata service; without a token for one.
async fn text(requests: &Requests, path: &str, token: Option<&str>) -> Result<String, Error> {
    let answer = requests
        .repeat("the machine's AWS credentials", Repeat::Safe, |http, base| {
            let mut url = base.clone();
            url.set_path(path);
            match token {
                None => http.put(url).header("x-aws-ec2-metadata-token-ttl-seconds", "300"),
                Some(token) => http.get(url).header("x-aws-ec2-metadata-token", token),
            }
        })
        .await
        .map_err(|error| match error {
            Error::Unreachable { .. } | Error::TimedOut { .. } => nothing(
                "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set, and no metadata service answers",
            ),
            other => other,
        })?;
    if !answer.status.is_success() {
        return Err(nothing(&format!("the metadata service answered HTTP {} to `{path}`", answer.status)));
    }
    String::from_utf8(answer.body).map_err(|_| nothing("the metadata service gives no text"))
}

fn nothing(why: &str) -> Error {
    Error::Config(format!("the machine's AWS credentials: {why}"))
}

fn sign(credentials: &AwsCredentials, region: &str, date: &str, provider: &str) -> AWS4Request {
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    let host = format!("sts.{region}.{suffix}");
    let mut headers = BTreeMap::from([("host", host.clone()), (PROVIDER_HEADER, provider.to_owned())]);
    AwsRequest { service: "sts", region, date, query: QUERY, body: b"" }.sign(credentials, &mut headers);
    AWS4Request {
        method: Some("POST".to_owned()),
        url: Some(format!("https://{host}/?{QUERY}")),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect(),
        body: None,
    }
}
