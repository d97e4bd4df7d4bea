//! Whom the registry trusts when it connects: the system's roots, and the operator's own authorities.

use std::{path::Path, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::EgressError;

/// Reads the certificates of a PEM file, of which there must be one at least.
pub(super) fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, EgressError> {
    let wrong = |problem: String| EgressError::Authorities { path: path.to_owned(), problem };
    let pem = std::fs::read(path).map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let found: Vec<_> = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<_, _>>()
        .map_err(|error| wrong(format!("is not PEM: {error}")))?;
    let mut roots = RootCertStore::empty();
    for certificate in &found {
        roots
            .add(certificate.clone())
            .map_err(|error| wrong(format!("holds a certificate that cannot be used: {error}")))?;
    }
    if found.is_empty() {
        return Err(wrong("holds no certificate; PEM is expected".to_owned()));
    }
    Ok(found)
}

/// Reads the system's roots and adds `authorities`. Blocks.
///
/// Roots that are none by today's rules are passed over, as systems' bundles contain some.
pub(super) fn config(authorities: Vec<CertificateDer<'static>>) -> ClientConfig {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!("A part of the system's root certificates could not be read: {error}");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    roots.add_parsable_certificates(authorities);
    if roots.is_empty() {
        tracing::warn!(
            "No root certificates found on this system, so the registry trusts no issuer and no webhook; install the \
             ca-certificates package or use --egress-ca"
        );
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has cipher suites for both versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
