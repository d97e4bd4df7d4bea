//! Which registry to talk to, and how.
//!
//! The values that people know from the HCP clients (`HCP_API_ADDRESS`, `HCP_API_TLS`, `HCP_AUTH_URL`,
//! `HCP_AUTH_TLS`) are given meaning here, so that every program that uses this crate understands them alike.
//! Nothing here reads the environment: callers hand the values in.

use std::{fmt, sync::Arc, time::Duration};

use url::{Host, Url};

use crate::{
    credentials::Credentials, error::Error, retry::Backoff, session::SessionStore, workload::Workload,
};

/// Everything a [`Client`](crate::Client) needs to know.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the registry's operations are.
    pub api: Endpoint,
    /// Where `/oauth2/token` is; the path of the address is not looked at.
    pub auth: Endpoint,
    pub identity: Identity,
    pub roots: Roots,
    /// Name and version of the program, for the server's log, such as `waybill/0.1.0`.
    pub agent: String,
    pub backoff: Backoff,
    /// The longest a single attempt may take.
    pub attempt_limit: Duration,
    /// The longest an operation may take with all its attempts.
    pub operation_limit: Duration,
}

/// On whose behalf a client speaks.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A service principal, by a key of it.
    Key(Credentials),
    /// A person who has logged in.
    Session(Arc<dyn SessionStore>),
    /// A service principal, by what its workload has to show.
    Workload(Box<Workload>),
}

/// An address and how far to trust what answers there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// `https`, or `http` for a registry that is spoken to in plain text.
    pub url: Url,
    pub tls: Tls,
}

/// Whether the certificate of a TLS server is checked. Without meaning for plain HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tls {
    #[default]
    Verified,
    /// Anybody in between can read and change everything.
    Insecure,
}

/// Whose signatures on server certificates count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Roots {
    /// Those the operating system trusts.
    #[default]
    System,
    /// Those, and the certificates in this PEM text.
    SystemAnd(Vec<u8>),
    /// Only the certificates in this PEM text, as `SSL_CERT_FILE` means it.
    Only(Vec<u8>),
}

impl Config {
    pub fn new(api: Endpoint, auth: Endpoint, identity: impl Into<Identity>) -> Self {
        Self {
            api,
            auth,
            identity: identity.into(),
            roots: Roots::System,
            agent: concat!("waybill-client/", env!("CARGO_PKG_VERSION")).to_owned(),
            backoff: Backoff::default(),
            attempt_limit: Duration::from_secs(30),
            operation_limit: Duration::from_mins(2),
        }
    }
}

impl From<Credentials> for Identity {
    fn from(credentials: Credentials) -> Self {
        Self::Key(credentials)
    }
}

impl Endpoint {
    pub fn new(url: Url, tls: Tls) -> Self {
        Self { url, tls }
    }

    /// The API's endpoint from the values of `HCP_API_ADDRESS` (`host` or `host:port`) and `HCP_API_TLS`.
    ///
    /// `insecure` is TLS without a check, `disabled` is plain HTTP; every other value is an error.
    pub fn api(address: &str, tls: Option<&str>) -> Result<Self, Error> {
        let (scheme, tls) = match tls {
            None => ("https", Tls::Verified),
            Some("insecure") => ("https", Tls::Insecure),
            Some("disabled") => ("http", Tls::Verified),
            Some(other) => return Err(wrong_tls("HCP_API_TLS", other)),
        };
        if address.contains("://") {
            return Err(Error::Config(format!(
                "HCP_API_ADDRESS is `{address}`: it takes HOST or HOST:PORT, without a scheme"
            )));
        }
        let url = Url::parse(&format!("{scheme}://{address}"))
            .ok()
            .filter(|url| url.has_host() && url.path() == "/" && url.username().is_empty())
            .ok_or_else(|| {
                Error::Config(format!("HCP_API_ADDRESS is `{address}`: it takes HOST or HOST:PORT"))
            })?;
        Ok(Self { url, tls })
    }

    /// The token service's endpoint from the values of `HCP_AUTH_URL` and `HCP_AUTH_TLS`.
    ///
    /// Secrets go there, so the scheme must be `https`; `disabled` is accepted and, as in the HCP clients,
    /// does not switch TLS off.
    pub fn auth(url: &str, tls: Option<&str>) -> Result<Self, Error> {
        let tls = match tls {
            None | Some("disabled") => Tls::Verified,
            Some("insecure") => Tls::Insecure,
            Some(other) => return Err(wrong_tls("HCP_AUTH_TLS", other)),
        };
        let parsed = Url::parse(url)
            .ok()
            .filter(Url::has_host)
            .ok_or_else(|| Error::Config(format!("HCP_AUTH_URL is `{url}`: it takes https://HOST:PORT")))?;
        if parsed.scheme() != "https" {
            return Err(Error::Config(format!("HCP_AUTH_URL is `{url}`: its scheme must be https")));
        }
        Ok(Self { url: parsed, tls })
    }

    /// True when the address is this machine's own, which no proxy can reach.
    pub(crate) fn is_loopback(&self) -> bool {
        match self.url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        }
    }
}

/// Scheme, host and port.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url.origin().ascii_serialization())
    }
}

fn wrong_tls(variable: &str, value: &str) -> Error {
    Error::Config(format!("{variable} is `{value}`: it is `insecure`, `disabled` or not set"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_addresses() {
        let check = |address: &str, tls: Option<&str>| {
            Endpoint::api(address, tls)
                .map(|endpoint| format!("{endpoint} {:?}", endpoint.tls))
                .map_err(|error| error.to_string())
        };
        assert_eq!(check("127.0.0.1:7080", None), Ok("https://127.0.0.1:7080 Verified".into()));
        assert_eq!(
            check("registry.example", Some("insecure")),
            Ok("https://registry.example Insecure".into())
        );
        assert_eq!(check("[::1]:7080", Some("disabled")), Ok("http://[::1]:7080 Verified".into()));
        assert_eq!(
            check("https://127.0.0.1", None),
            Err("HCP_API_ADDRESS is `https://127.0.0.1`: it takes HOST or HOST:PORT, without a scheme".into())
        );
        let wrong =
            |address: &str| Err(format!("HCP_API_ADDRESS is `{address}`: it takes HOST or HOST:PORT"));
        assert_eq!(check("", None), wrong(""));
        assert_eq!(check("a/b", None), wrong("a/b"));
        assert_eq!(check("user@host", None), wrong("user@host"));
        assert_eq!(
            check("host", Some("")),
            Err("HCP_API_TLS is ``: it is `insecure`, `disabled` or not set".into())
        );
    }

    #[test]
    fn auth_addresses() {
        let check = |url: &str, tls: Option<&str>| {
            Endpoint::auth(url, tls)
                .map(|endpoint| format!("{endpoint} {:?}", endpoint.tls))
                .map_err(|error| error.to_string())
        };
        assert_eq!(check("https://auth.example/x", None), Ok("https://auth.example Verified".into()));
        assert_eq!(check("https://a:1", Some("disabled")), Ok("https://a:1 Verified".into()));
        assert_eq!(check("https://a:1", Some("insecure")), Ok("https://a:1 Insecure".into()));
        assert_eq!(
            check("http://a", None),
            Err("HCP_AUTH_URL is `http://a`: its scheme must be https".into())
        );
        assert_eq!(check("a:443", None), Err("HCP_AUTH_URL is `a:443`: it takes https://HOST:PORT".into()));
    }

    #[test]
    fn loopback() {
        let check = |address: &str| Endpoint::api(address, None).expect("an address").is_loopback();
        assert!(check("127.0.0.1:1") && check("[::1]") && check("localhost:7080"));
        assert!(!check("10.0.0.1") && !check("example.com"));
    }
}
