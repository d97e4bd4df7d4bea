//! The one way out: every connection that the registry opens itself, other than to its database.
//!
//! Where it goes is something that people have configured in the registry (an issuer of tokens, a webhook), so the
//! addresses are not trusted: someone who may add a webhook must not thereby reach the machine's metadata service or
//! a database beside it. Invariants:
//!
//! - The addresses that are checked are the ones that are connected to: names are resolved here, once per
//!   connection, and what is not allowed is left out (see `Guard`).
//! - Addresses that are not public are refused unless the operator allows them (see [`Allow`]).
//! - `https` with a certificate of the system's roots or of the operator's own authorities. `http` only to this very
//!   machine, and only where that is allowed.
//! - No redirects, no proxies of the environment, no retries; time, header fields and body are limited.

mod address;
mod allow;
mod error;
mod guard;
#[cfg(test)]
mod tests;
mod tls;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use bytes::{Bytes, BytesMut};
use hyper::{HeaderMap, Method, StatusCode, header};
use reqwest::{Client, redirect};
use rustls::pki_types::CertificateDer;
use serde_json::Value;
use tokio::{sync::OnceCell, task::spawn_blocking, time::timeout};
use url::Url;

pub use self::{
    allow::{Allow, AllowError},
    error::EgressError,
};
use self::{error::Target, guard::Guard};
use crate::limits;

/// What the registry may connect to, and how long that may take. The default allows public addresses only.
#[derive(Clone, Debug)]
pub struct EgressOptions {
    /// What may be connected to besides public addresses.
    pub allow: Vec<Allow>,
    /// PEM file of authorities that are trusted in addition to the system's.
    pub ca: Option<PathBuf>,
    /// From the name's resolution to the end of the answer.
    pub time_limit: Duration,
    /// Of an answer, where a caller does not say otherwise.
    pub answer_bytes: usize,
}

/// A client for the registry's own connections. Cloning it is cheap.
#[derive(Clone, Debug)]
pub struct Egress {
    inner: Arc<Inner>,
}

/// A request of the registry's own.
///
/// `Host` may be among the headers; what frames the body (`Content-Length` and the like) is set here.
#[derive(Clone, Debug)]
pub struct EgressRequest {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What came back, whatever its status; redirects too.
#[derive(Clone, Debug)]
pub struct EgressAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// False when the body was longer than wanted and is only its beginning. Only [`Egress::deliver`] makes those.
    pub is_whole: bool,
}

/// A document, with the header fields that say how long it is good for.
#[derive(Clone, Debug)]
pub struct Document {
    pub headers: HeaderMap,
    pub value: Value,
}

#[derive(Debug)]
struct Inner {
    options: EgressOptions,
    authorities: Vec<CertificateDer<'static>>,
    clients: OnceCell<Clients>,
}

/// Two clients, because the rule for addresses depends on the scheme and a resolver does not know it.
#[derive(Debug)]
struct Clients {
    https: Client,
    http: Client,
}

/// What to do with an answer that is longer than wanted.
#[derive(Clone, Copy)]
enum Longer {
    Refuse,
    Cut,
}

impl Default for EgressOptions {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            ca: None,
            time_limit: limits::EGRESS_TIME,
            answer_bytes: limits::EGRESS_ANSWER_BYTES,
        }
    }
}

impl EgressRequest {
    /// A GET without header fields of its own.
    pub fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: Bytes::new() }
    }
}

/// To public addresses only, with the system's roots.
impl Default for Egress {
    fn default() -> Self {
        Self::new(EgressOptions::default(), Vec::new())
    }
}

impl Egress {
    /// Reads the operator's authorities; an unreadable file is an error that names it. Blocks for that moment.
    pub fn open(options: EgressOptions) -> Result<Self, EgressError> {
        let authorities = options.ca.as_deref().map(tls::authorities).transpose()?.unwrap_or_default();
        Ok(Self::new(options, authorities))
    }

    fn new(options: EgressOptions, authorities: Vec<CertificateDer<'static>>) -> Self {
        Self { inner: Arc::new(Inner { options, authorities, clients: OnceCell::new() }) }
    }

    /// Sends a request and returns the answer, whatever its status.
    pub async fn send(&self, request: EgressRequest) -> Result<EgressAnswer, EgressError> {
        self.send_within(request, self.inner.options.answer_bytes).await
    }

    /// Like [`send`](Self::send) with another limit of the answer's body.
    pub async fn send_within(
        &self,
        request: EgressRequest,
        limit_bytes: usize,
    ) -> Result<EgressAnswer, EgressError> {
        self.exchange(request, limit_bytes, Longer::Refuse).await
    }

    /// Sends to somebody whose answer matters by its status alone: of the body, no more than `keep_bytes` are read.
    pub async fn deliver(
        &self,
        request: EgressRequest,
        keep_bytes: usize,
    ) -> Result<EgressAnswer, EgressError> {
        self.exchange(request, keep_bytes, Longer::Cut).await
    }

    /// Fetches a JSON document.
    pub async fn get_json(&self, url: &Url, limit_bytes: usize) -> Result<Value, EgressError> {
        Ok(self.document(url, limit_bytes).await?.value)
    }

    /// Fetches a JSON document with the header fields that came with it. Any status but success is an error.
    pub async fn document(&self, url: &Url, limit_bytes: usize) -> Result<Document, EgressError> {
        let mut request = EgressRequest::get(url.clone());
        request.headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
        let EgressAnswer { status, headers, body, .. } = self.send_within(request, limit_bytes).await?;
        if !status.is_success() {
            return Err(EgressError::Status { target: Target::of(url), path: url.path().into(), status });
        }
        let value = serde_json::from_slice(&body).map_err(|reason| EgressError::Json {
            target: Target::of(url),
            path: url.path().into(),
            reason,
        })?;
        Ok(Document { headers, value })
    }

    /// Tells whether the registry would connect there, as far as that can be told without resolving a name.
    ///
    /// For configuration that arrives: whoever sets an address hears at once what is wrong with it.
    pub fn check(&self, url: &Url) -> Result<(), EgressError> {
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(EgressError::url(url, "it must begin with https://")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressError::url(url, "it must not contain a user or a password"));
        }
        self.guard(is_plain).check(url)
    }

    async fn exchange(
        &self,
        request: EgressRequest,
        limit_bytes: usize,
        longer: Longer,
    ) -> Result<EgressAnswer, EgressError> {
        self.check(&request.url)?;
        let target = Target::of(&request.url);
        let clients = self.inner.clients.get_or_try_init(|| self.clients()).await?;
        let client = if request.url.scheme() == "http" { &clients.http } else { &clients.https };
        let limit = self.inner.options.time_limit;
        let Ok(answer) = timeout(limit, answer(client, request, &target, limit_bytes, longer)).await else {
            return Err(EgressError::Time { target, limit });
        };
        answer
    }

    /// Made when first needed: reading the system's roots takes some milliseconds.
    async fn clients(&self) -> Result<Clients, EgressError> {
        let authorities = self.inner.authorities.clone();
        let tls =
            spawn_blocking(move || tls::config(authorities)).await.expect("reading roots does not panic");
        let client = |is_plain| {
            Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .dns_resolver(Arc::new(self.guard(is_plain)))
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .no_gzip()
                .no_brotli()
                .no_zstd()
                .no_deflate()
                .referer(false)
                .https_only(!is_plain)
                .http1_only()
                .http1_max_headers(limits::EGRESS_HEADERS)
                .connect_timeout(limits::EGRESS_CONNECT_TIME.min(self.inner.options.time_limit))
                .pool_idle_timeout(limits::EGRESS_IDLE_TIME)
                .pool_max_idle_per_host(2)
                .user_agent(concat!("waybill/", env!("CARGO_PKG_VERSION")))
                .build()
                .map_err(|error| EgressError::Setup(error::root_cause(&error)))
        };
        Ok(Clients { https: client(false)?, http: client(true)? })
    }

    fn guard(&self, is_plain: bool) -> Guard {
        Guard::new(self.inner.options.allow.clone(), is_plain)
    }
}

async fn answer(
    client: &Client,
    request: EgressRequest,
    target: &Target,
    limit_bytes: usize,
    longer: Longer,
) -> Result<EgressAnswer, EgressError> {
    let EgressRequest { method, url, mut headers, body } = request;
    for framing in [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::CONNECTION, header::UPGRADE] {
        headers.remove(framing);
    }
    let sent = client.request(method, url).headers(headers).body(body).send().await;
    let mut answer = sent.map_err(|error| EgressError::of(target, &error))?;
    let (status, headers) = (answer.status(), std::mem::take(answer.headers_mut()));
    let header_bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if limits::EGRESS_HEADER_BYTES < header_bytes {
        return Err(EgressError::Large {
            target: target.clone(),
            part: "header",
            limit_bytes: limits::EGRESS_HEADER_BYTES,
        });
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| EgressError::of(target, &error))? {
        let room = limit_bytes - body.len();
        if room < chunk.len() {
            if let Longer::Refuse = longer {
                return Err(EgressError::Large { target: target.clone(), part: "answer", limit_bytes });
            }
            body.extend_from_slice(&chunk[..room]);
            return Ok(EgressAnswer { status, headers, body: body.freeze(), is_whole: false });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(EgressAnswer { status, headers, body: body.freeze(), is_whole: true })
}

/// The addresses of a name, as the system resolves it.
async fn lookup(host: &str) -> io::Result<Vec<std::net::SocketAddr>> {
    Ok(tokio::net::lookup_host((host, 0)).await?.collect())
}
