//! The credential file of a workload: which provider, and where its token is found.

use std::str::FromStr;

use serde_json::{Value, json};
use url::Url;

use crate::error::CliError;

/// Where a workload finds its token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Env(String),
    File(String),
    Url(String),
    Aws,
}

impl FromStr for Source {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        match s.split_once(':') {
            None if s == "aws" => Ok(Self::Aws),
            Some(("env", name)) if !name.is_empty() => Ok(Self::Env(name.to_owned())),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.to_owned())),
            Some(("url", url)) if Url::parse(url).is_ok_and(|url| url.has_host()) => {
                Ok(Self::Url(url.to_owned()))
            }
            _ => Err(format!("a source is env:NAME, file:PATH, url:URL or aws, not `{s}`")),
        }
    }
}

impl Source {
    /// The file's content, as HCP's clients read it.
    pub(super) fn credential_file(
        &self,
        resource_name: &str,
        headers: Vec<(String, String)>,
        pointer: Option<String>,
    ) -> Result<Value, CliError> {
        if !headers.is_empty() && !matches!(self, Self::Url(_)) {
            return Err(CliError::usage("--header goes with --source url:URL only"));
        }
        let (name, mut source) = match self {
            Self::Env(variable) => ("env", json!({ "var": variable })),
            Self::File(path) => ("file", json!({ "path": path })),
            Self::Url(url) => ("url", json!({ "url": url })),
            Self::Aws => ("aws", json!({})),
        };
        if !headers.is_empty() {
            source["headers"] = headers.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        }
        match pointer {
            Some(_) if *self == Self::Aws => {
                return Err(CliError::usage("--pointer is for tokens in JSON, and AWS credentials are none"));
            }
            Some(pointer) if !pointer.starts_with('/') => {
                return Err(CliError::usage(format!("`{pointer}` is no JSON pointer: it begins with /")));
            }
            Some(pointer) => {
                source["format_type"] = "json".into();
                source["subject_cred_pointer"] = pointer.into();
            }
            None => {}
        }
        Ok(json!({
            "scheme": "workload",
            "workload": { "provider_resource_name": resource_name, name: source },
        }))
    }
}

/// Reads `NAME=VALUE`.
pub(super) fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a header is written NAME=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, headers: &[(&str, &str)], pointer: Option<&str>) -> Result<Value, String> {
        let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
        let file = source.parse::<Source>()?.credential_file("iam/x", headers, pointer.map(str::to_owned));
        file.map_err(|error| error.message)
    }

    #[test]
    fn each_source_has_its_member() {
        let workload = |name: &str, source: Value| {
            Ok(json!({"scheme": "workload", "workload": {"provider_resource_name": "iam/x", name: source}}))
        };
        assert_eq!(check("env:TOKEN", &[], None), workload("env", json!({"var": "TOKEN"})));
        assert_eq!(check("file:/a:b", &[], None), workload("file", json!({"path": "/a:b"})));
        assert_eq!(check("aws", &[], None), workload("aws", json!({})));
        assert_eq!(
            check("url:http://169.254.169.254/x", &[("Metadata", "True")], Some("/access_token")),
            workload(
                "url",
                json!({
                    "url": "http://169.254.169.254/x",
                    "headers": {"Metadata": "True"},
                    "format_type": "json",
                    "subject_cred_pointer": "/access_token",
                })
            )
        );
    }

    #[test]
    fn what_clients_would_refuse_is_not_written() {
        for source in ["", "env:", "file:", "url:", "url:x", "token:x", "aws:"] {
            let refusal = format!("a source is env:NAME, file:PATH, url:URL or aws, not `{source}`");
            assert_eq!(check(source, &[], None), Err(refusal));
        }
        assert!(check("env:A", &[("a", "b")], None).is_err_and(|text| text.starts_with("--header")));
        assert!(check("aws", &[], Some("/a")).is_err_and(|text| text.starts_with("--pointer")));
        assert!(check("env:A", &[], Some("a")).is_err_and(|text| text.contains("no JSON pointer")));
        assert!(header("a").is_err() && header("=b").is_err());
    }
}
