//! Who is calling: a service principal's client id and secret.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use thiserror::Error;

/// A service principal's key. The secret is not in `Debug`.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub client_id: String,
    pub client_secret: SecretString,
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
    TwoSources,
    #[error("has the scheme `workload`; only `service_principal_creds` is supported here")]
    Workload,
}

/// A member of the credential file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member(&'static str);

impl Credentials {
    pub fn new(client_id: impl Into<String>, client_secret: impl Into<SecretString>) -> Self {
        Self { client_id: client_id.into(), client_secret: client_secret.into() }
    }

    /// True for a key that a Waybill registry has issued, which no other service should see.
    pub fn are_waybills(&self) -> bool {
        self.client_id.starts_with("wb-") || self.client_secret.expose_secret().starts_with("wbs_")
    }

    /// Reads the text of a credential file as the HCP clients write it.
    ///
    /// `project_id` is ignored, as those clients do.
    pub fn from_file_text(text: &str) -> Result<Self, CredentialFileError> {
        let file: File = serde_json::from_str(text).map_err(CredentialFileError::Json)?;
        if file.oauth.is_some() && file.workload.is_some() {
            return Err(CredentialFileError::TwoSources);
        }
        match file.scheme.as_deref() {
            Some("service_principal_creds") => {}
            Some("workload") => return Err(CredentialFileError::Workload),
            Some(other) => return Err(CredentialFileError::Scheme(other.to_owned())),
            None => return Err(CredentialFileError::Missing(Member("scheme"))),
        }
        let missing = |name| CredentialFileError::Missing(Member(name));
        let oauth = file.oauth.ok_or(missing("oauth"))?;
        let given = |value: Option<String>| value.filter(|value| !value.is_empty());
        Ok(Self {
            client_id: given(oauth.client_id).ok_or(missing("oauth.client_id"))?,
            client_secret: given(oauth.client_secret).ok_or(missing("oauth.client_secret"))?.into(),
        })
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[derive(Deserialize)]
struct File {
    scheme: Option<String>,
    oauth: Option<Oauth>,
    workload: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Oauth {
    client_id: Option<String>,
    client_secret: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waybills_own_are_known_by_their_beginning() {
        let check = |id: &str, secret: &str| Credentials::new(id, secret).are_waybills();
        assert!(check("wb-01jd", "x") && check("x", "wbs_x"));
        assert!(!check("id", "secret") && !check("WB-", "wb-"));
    }

    #[test]
    fn credential_files() {
        let check = |text: &str| {
            Credentials::from_file_text(text)
                .map(|read| format!("{} {}", read.client_id, read.client_secret.expose_secret()))
                .map_err(|error| error.to_string())
        };
        let refused = |reason: &str| Err(reason.to_owned());
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
            check(r#"{"scheme":"workload","workload":{}}"#),
            refused("has the scheme `workload`; only `service_principal_creds` is supported here")
        );
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
    fn debug_hides_the_secret() {
        assert!(!format!("{:?}", Credentials::new("id", "hunter2")).contains("hunter2"));
    }
}
