//! Credential files as the HCP clients write and read them: a key, or where a workload finds a token of its own.

use std::{collections::BTreeMap, fmt};

use secrecy::SecretString;
use serde::Deserialize;
use thiserror::Error;
use url::Url;

use crate::{credentials::Credentials, identity_provider::ProviderPath};

/// What a credential file holds. `project_id` in it is ignored, as those clients do.
#[derive(Clone, Debug)]
pub enum CredentialFile {
    Key(Credentials),
    Workload(WorkloadFile),
}

/// Who vouches for a workload, and where its token is.
#[derive(Clone, Debug)]
pub struct WorkloadFile {
    pub provider: ProviderPath,
    pub source: TokenSource,
    /// Where in a JSON document the token is; none if it is all there is.
    pub pointer: Option<String>,
}

/// Where a workload's own token is found.
#[derive(Clone, Debug)]
pub enum TokenSource {
    File(String),
    /// The variable of that name.
    Env(String),
    Url {
        url: Url,
        headers: BTreeMap<String, String>,
    },
    Token(SecretString),
    /// No token: a request that is signed with the machine's AWS credentials.
    Aws,
}

/// Why a credential file cannot be used.
#[derive(Debug, Error)]
pub enum CredentialFileError {
    #[error("is not JSON of a credential file: {0}")]
    Json(#[source] serde_json::Error),
    #[error("has the scheme `{0}`, which is none of `service_principal_creds` and `workload`")]
    Scheme(String),
    #[error("has no `{0}`")]
    Missing(Member),
    #[error("has both `oauth` and `workload`; exactly one is allowed")]
    TwoKinds,
    #[error("has {0} of `file`, `env`, `url`, `token` and `aws` in `workload`; exactly one is needed")]
    Sources(usize),
    #[error(
        "has the `workload.provider_resource_name` `{0}`, which is not like \
         `iam/project/…/service-principal/…/workload-identity-provider/…`"
    )]
    ResourceName(String),
    #[error("has the `format_type` `{0}`, which is none of `value` and `json`")]
    Format(String),
    #[error("has a `subject_cred_pointer`, which goes with the `format_type` `json`, and is needed there")]
    Pointer,
    #[error("has the `workload.url.url` `{0}`, which is no address")]
    Url(String),
}

/// A member of the credential file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member(&'static str);

impl CredentialFile {
    /// Reads the text of a credential file.
    pub fn from_text(text: &str) -> Result<Self, CredentialFileError> {
        let file: File = serde_json::from_str(text).map_err(CredentialFileError::Json)?;
        if file.oauth.is_some() && file.workload.is_some() {
            return Err(CredentialFileError::TwoKinds);
        }
        match file.scheme.as_deref() {
            Some("service_principal_creds") => file.oauth.ok_or(missing("oauth"))?.read().map(Self::Key),
            Some("workload") => file.workload.ok_or(missing("workload"))?.read().map(Self::Workload),
            Some(other) => Err(CredentialFileError::Scheme(other.to_owned())),
            None => Err(missing("scheme")),
        }
    }
}

fn missing(name: &'static str) -> CredentialFileError {
    CredentialFileError::Missing(Member(name))
}

fn given(value: Option<String>, name: &'static str) -> Result<String, CredentialFileError> {
    value.filter(|value| !value.is_empty()).ok_or(missing(name))
}

#[derive(Deserialize)]
struct File {
    scheme: Option<String>,
    oauth: Option<Oauth>,
    workload: Option<Workload>,
}

#[derive(Deserialize)]
struct Oauth {
    client_id: Option<String>,
    client_secret: Option<String>,
}

#[derive(Deserialize)]
struct Workload {
    provider_resource_name: Option<String>,
    file: Option<Source>,
    env: Option<Source>,
    url: Option<Source>,
    token: Option<Token>,
    aws: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

/// A source with a text in it that may be JSON.
#[derive(Deserialize)]
struct Source {
    path: Option<String>,
    var: Option<String>,
    url: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    format_type: Option<String>,
    subject_cred_pointer: Option<String>,
}

impl Oauth {
    fn read(self) -> Result<Credentials, CredentialFileError> {
        let client_id = given(self.client_id, "oauth.client_id")?;
        Ok(Credentials::new(client_id, given(self.client_secret, "oauth.client_secret")?))
    }
}

impl Workload {
    fn read(self) -> Result<WorkloadFile, CredentialFileError> {
        let name = given(self.provider_resource_name, "workload.provider_resource_name")?;
        let provider = ProviderPath::from_resource_name(&name)
            .ok_or_else(|| CredentialFileError::ResourceName(name.clone()))?;
        let n_sources = [
            self.file.is_some(),
            self.env.is_some(),
            self.url.is_some(),
            self.token.is_some(),
            self.aws.is_some(),
        ];
        let n_sources = n_sources.into_iter().filter(|there| *there).count();
        if n_sources != 1 {
            return Err(CredentialFileError::Sources(n_sources));
        }
        let (source, pointer) = if let Some(file) = self.file {
            let pointer = file.pointer()?;
            (TokenSource::File(given(file.path, "workload.file.path")?), pointer)
        } else if let Some(env) = self.env {
            let pointer = env.pointer()?;
            (TokenSource::Env(given(env.var, "workload.env.var")?), pointer)
        } else if let Some(source) = self.url {
            let pointer = source.pointer()?;
            let text = given(source.url, "workload.url.url")?;
            let url = Url::parse(&text).ok().filter(|url| url.has_host() && url.scheme().starts_with("http"));
            let url = url.ok_or(CredentialFileError::Url(text))?;
            (TokenSource::Url { url, headers: source.headers }, pointer)
        } else if let Some(token) = self.token {
            (TokenSource::Token(given(token.token, "workload.token.token")?.into()), None)
        } else {
            (TokenSource::Aws, None)
        };
        Ok(WorkloadFile { provider, source, pointer })
    }
}

impl Source {
    fn pointer(&self) -> Result<Option<String>, CredentialFileError> {
        let pointer = self.subject_cred_pointer.clone().filter(|pointer| !pointer.is_empty());
        match (self.format_type.as_deref(), pointer) {
            (None | Some("" | "value"), None) => Ok(None),
            (Some("json"), Some(pointer)) => Ok(Some(pointer)),
            (None | Some("" | "value" | "json"), _) => Err(CredentialFileError::Pointer),
            (Some(other), _) => Err(CredentialFileError::Format(other.to_owned())),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn check(text: &str) -> Result<String, String> {
        let file = CredentialFile::from_text(text).map_err(|error| error.to_string())?;
        Ok(match file {
            CredentialFile::Key(key) => format!("{} {}", key.client_id, key.client_secret.expose_secret()),
            CredentialFile::Workload(WorkloadFile { provider, source, pointer }) => {
                let source = match source {
                    TokenSource::File(path) => format!("file {path}"),
                    TokenSource::Env(name) => format!("env {name}"),
                    TokenSource::Url { url, headers } => format!("url {url} {headers:?}"),
                    TokenSource::Token(token) => format!("token {}", token.expose_secret()),
                    TokenSource::Aws => "aws".to_owned(),
                };
                format!("{} {source} {}", provider.name, pointer.unwrap_or_default())
            }
        })
    }

    fn refused(reason: &str) -> Result<String, String> {
        Err(reason.to_owned())
    }

    #[test]
    fn files_with_a_key() {
        assert_eq!(
            check(
                r#"{"scheme":"service_principal_creds","project_id":"p","oauth":{"client_id":"a","client_secret":"b"}}"#
            ),
            Ok("a b".into())
        );
        assert_eq!(
            check(r#"{"scheme":"service_principal_creds","oauth":{"client_id":"a","client_secret":""}}"#),
            refused("has no `oauth.client_secret`")
        );
        assert_eq!(check(r#"{"scheme":"service_principal_creds"}"#), refused("has no `oauth`"));
        assert_eq!(
            check(r#"{"scheme":"workload","workload":{},"oauth":{}}"#),
            refused("has both `oauth` and `workload`; exactly one is allowed")
        );
        assert_eq!(
            check(r#"{"scheme":"x"}"#),
            refused("has the scheme `x`, which is none of `service_principal_creds` and `workload`")
        );
        assert_eq!(check("{}"), refused("has no `scheme`"));
        assert!(check("nonsense").is_err_and(|text| text.starts_with("is not JSON of a credential file")));
    }

    #[test]
    fn files_of_workloads() {
        let check = |source: &str| {
            let name = "iam/project/p/service-principal/ci-bot/workload-identity-provider/github";
            let workload = format!(r#""workload": {{"provider_resource_name": "{name}", {source}}}"#);
            check(&format!(r#"{{"scheme": "workload", {workload}}}"#))
        };
        assert_eq!(check(r#""file": {"path": "/a"}"#), Ok("github file /a ".into()));
        assert_eq!(
            check(r#""env": {"var": "A", "format_type": "json", "subject_cred_pointer": "/x"}"#),
            Ok("github env A /x".into())
        );
        assert_eq!(
            check(r#""url": {"url": "http://a/b", "headers": {"Metadata": "True"}, "format_type": "value"}"#),
            Ok("github url http://a/b {\"Metadata\": \"True\"} ".into())
        );
        assert_eq!(check(r#""token": {"token": "t"}"#), Ok("github token t ".into()));
        assert_eq!(check(r#""aws": {"imds_v2": true}"#), Ok("github aws ".into()));
        assert_eq!(check(r#""file": {}"#), refused("has no `workload.file.path`"));
        let sources = |n: usize| {
            Err(format!(
                "has {n} of `file`, `env`, `url`, `token` and `aws` in `workload`; exactly one is needed"
            ))
        };
        assert_eq!(check(r#""aws": {}, "env": {"var": "A"}"#), sources(2));
        assert_eq!(check(r#""other": 1"#), sources(0));
        let pointer =
            "has a `subject_cred_pointer`, which goes with the `format_type` `json`, and is needed there";
        assert_eq!(check(r#""env": {"var": "A", "format_type": "json"}"#), refused(pointer));
        assert_eq!(check(r#""env": {"var": "A", "subject_cred_pointer": "/x"}"#), refused(pointer));
        assert!(
            check(r#""env": {"var": "A", "format_type": "xml"}"#).is_err_and(|text| text.contains("`xml`"))
        );
        assert!(check(r#""url": {"url": "nowhere"}"#).is_err_and(|text| text.contains("`nowhere`")));
    }

    #[test]
    fn a_provider_has_its_whole_name() {
        let named =
            check(r#"{"scheme": "workload", "workload": {"provider_resource_name": "github", "aws": {}}}"#);
        assert!(named.is_err_and(|text| text.contains("`github`, which is not like `iam/project/")));
        let unnamed = check(r#"{"scheme": "workload", "workload": {"aws": {}}}"#);
        assert_eq!(unnamed, refused("has no `workload.provider_resource_name`"));
    }
}
