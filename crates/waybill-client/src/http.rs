//! One HTTP client per endpoint, with the trust that was configured for it.

use std::{sync::Arc, time::Duration};

use reqwest::Certificate;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, pem::PemObject},
};

use crate::{
    config::{Config, Endpoint, Roots, Tls},
    error::Error,
};

/// Builds the HTTP client for `endpoint`.
///
/// Proxies are taken from the process's environment, as HTTP programs commonly do, except for loopback
/// addresses.
pub(crate) fn client(config: &Config, endpoint: &Endpoint) -> Result<reqwest::Client, Error> {
    let mut builder = reqwest::Client::builder()
        .user_agent(&config.agent)
        .timeout(config.attempt_limit)
        .connect_timeout(config.attempt_limit);
    if endpoint.is_loopback() {
        builder = builder.no_proxy();
    }
    // A provider that the process chose before stays; asking twice is not an error.
    let _already_there = ring::default_provider().install_default();
    builder = match (endpoint.tls, &config.roots) {
        (Tls::Insecure, _) => builder.tls_danger_accept_invalid_certs(true),
        (Tls::Verified, Roots::System) => builder,
        (Tls::Verified, Roots::SystemAnd(pem)) => {
            builder.tls_certs_merge(Certificate::from_pem_bundle(pem).map_err(|e| wrong_roots(&e))?)
        }
        (Tls::Verified, Roots::Only(pem)) => builder.tls_backend_preconfigured(trusting_only(pem)?),
    };
    builder
        .build()
        .map_err(|error| Error::Config(format!("cannot set up HTTP for {endpoint}: {}", root_cause(&error))))
}

/// An HTTP client for servers that are no registries: the system's trust, and proxies as HTTP programs commonly take
/// them.
pub fn general_client(agent: &str, limit: Duration) -> Result<reqwest::Client, Error> {
    let _already_there = ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(agent)
        .timeout(limit)
        .build()
        .map_err(|error| Error::Config(format!("cannot set up HTTP: {}", root_cause(&error))))
}

/// A TLS configuration that trusts the certificates of `pem` alone.
///
/// Certificates that are no trust anchors by today's rules are passed over, as system bundles contain some.
fn trusting_only(pem: &[u8]) -> Result<ClientConfig, Error> {
    let certificates: Vec<CertificateDer<'_>> =
        CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|error| wrong_roots(&error))?;
    let mut roots = RootCertStore::empty();
    if roots.add_parsable_certificates(certificates).0 == 0 {
        return Err(Error::Config("the file of root certificates contains no certificate".to_owned()));
    }
    let provider =
        CryptoProvider::get_default().cloned().unwrap_or_else(|| Arc::new(ring::default_provider()));
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider supports TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(tls)
}

fn wrong_roots(error: &(dyn std::error::Error + 'static)) -> Error {
    Error::Config(format!("cannot read the root certificates: {}", root_cause(error)))
}

/// The innermost cause, which is the one that says something.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
