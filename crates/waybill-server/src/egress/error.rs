//! Why something was not fetched or sent, in sentences for whoever configured the address.
//!
//! Of a URL they name scheme, host and port, and where it helps the path: never the query, and for webhooks never
//! the path, because both may be secret.

use std::{error::Error as StdError, fmt, io, net::IpAddr, path::PathBuf, time::Duration};

use hyper::StatusCode;
use thiserror::Error;
use url::Url;

/// Why there is no answer, or none that can be used.
#[derive(Debug, Error)]
pub enum EgressError {
    #[error("`{target}` is not something that the registry connects to: {reason}")]
    Url { target: Target, reason: &'static str },
    #[error("the registry does not connect to {target}: {reason}")]
    Forbidden { target: Target, reason: Forbidden },
    #[error("{target} was not found: {reason}")]
    Name { target: Target, reason: Forbidden },
    #[error(
        "{target} shows a certificate that the registry does not trust ({reason}); an authority of your own is added \
         with `--egress-ca`"
    )]
    Untrusted { target: Target, reason: String },
    #[error("{target} could not be reached: {reason}")]
    Connect { target: Target, reason: String },
    #[error("{target} did not answer within {} s", limit.as_secs_f32())]
    Time { target: Target, limit: Duration },
    #[error("the connection to {target} broke: {reason}")]
    Broken { target: Target, reason: String },
    #[error("the {part} of {target} is larger than {limit_bytes} bytes")]
    Large { target: Target, part: &'static str, limit_bytes: usize },
    #[error(
        "{target}{path} answered {status} instead of a document{}",
        if status.is_redirection() { "; redirects are not followed, so give the address that it leads to" } else { "" }
    )]
    Status { target: Target, path: String, status: StatusCode },
    #[error("{target}{path} is not a JSON document: {reason}")]
    Json { target: Target, path: String, reason: serde_json::Error },
    #[error("the file of certificate authorities {} {problem}", path.display())]
    Authorities { path: PathBuf, problem: String },
    #[error("HTTP could not be set up: {0}")]
    Setup(String),
}

/// Scheme, host and port of a URL: what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target(String);

/// Why an address is not connected to.
#[derive(Debug, Error)]
pub enum Forbidden {
    #[error(
        "{} is {address}, {kind}; the registry's operator can allow that with `--egress-allow {}`",
        host.as_deref().map_or("it".to_owned(), |host| format!("`{host}`")),
        host.clone().unwrap_or_else(|| address.to_string())
    )]
    Special { host: Option<String>, address: IpAddr, kind: &'static str },
    #[error("{address} is another machine, and http:// would send everything readable; use https")]
    Plain { address: IpAddr },
    #[error("the name has no address; correct it, or the registry's DNS")]
    NoAddress,
    #[error("the name cannot be resolved ({0}); correct it, or the registry's DNS")]
    Unknown(io::Error),
}

impl Target {
    pub(super) fn of(url: &Url) -> Self {
        let host = url.host_str().unwrap_or("");
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        Self(format!("{}://{host}{port}", url.scheme()))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl EgressError {
    pub(super) fn url(url: &Url, reason: &'static str) -> Self {
        Self::Url { target: Target::of(url), reason }
    }

    pub(super) fn forbidden(url: &Url, reason: Forbidden) -> Self {
        Self::Forbidden { target: Target::of(url), reason }
    }

    /// What the HTTP client says, sorted by what a reader can do about it.
    pub(super) fn of(target: &Target, error: &reqwest::Error) -> Self {
        let target = target.clone();
        let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
        while let Some(error) = cause {
            if let Some(forbidden) = error.downcast_ref::<Forbidden>() {
                return forbidden.at(target);
            }
            let tls = inside(error).downcast_ref::<rustls::Error>();
            if let Some(rustls::Error::InvalidCertificate(reason)) = tls {
                return Self::Untrusted { target, reason: reason.to_string() };
            }
            cause = error.source();
        }
        let reason = root_cause(error);
        if error.is_timeout() && error.is_connect() {
            Self::Connect { target, reason: "nothing answers there".to_owned() }
        } else if error.is_connect() {
            Self::Connect { target, reason }
        } else {
            Self::Broken { target, reason }
        }
    }

    /// True when the same request may well succeed later; false when somebody has to change something first.
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Connect { .. } | Self::Time { .. } | Self::Broken { .. } | Self::Name { .. } => true,
            Self::Status { status, .. } => status.is_server_error(),
            _ => false,
        }
    }
}

impl Forbidden {
    /// The same reason for another owner: the client keeps the original.
    fn at(&self, target: Target) -> EgressError {
        match self {
            Self::Special { host, address, kind } => EgressError::Forbidden {
                target,
                reason: Self::Special { host: host.clone(), address: *address, kind },
            },
            Self::Plain { address } => {
                EgressError::Forbidden { target, reason: Self::Plain { address: *address } }
            }
            Self::NoAddress => EgressError::Name { target, reason: Self::NoAddress },
            Self::Unknown(error) => EgressError::Name {
                target,
                reason: Self::Unknown(io::Error::new(error.kind(), error.to_string())),
            },
        }
    }
}

/// What an I/O error was made of: its `source` passes that over and is the one behind it.
fn inside<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => inside(inner),
        None => error,
    }
}

/// The innermost cause, which is the one that says something.
pub(super) fn root_cause(error: &(dyn StdError + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
