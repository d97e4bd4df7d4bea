//! The file that clients are told to trust: the system's roots and the local authority.
//!
//! Programs that take `SSL_CERT_FILE` trust it instead of the system's roots, not in addition.
//! With the authority alone, a plugin that talks to a public cloud would no longer reach it.

use std::{fmt::Write, path::Path};

use base64::{Engine, engine::general_purpose::STANDARD};
use rustls::pki_types::{CertificateDer, pem::PemObject};

use super::{BUNDLE_FILE, CA_FILE, TlsError, authority, pair};
use crate::files;

/// Writes the bundle of the authority in `folder`, if it is not already what it should be.
pub(super) fn write(folder: &Path) -> Result<(), TlsError> {
    let authority = pair::certificates(&folder.join(CA_FILE), authority::RESTORE)?;
    let path = folder.join(BUNDLE_FILE);
    let text = text(&authority, &system_roots());
    if files::read(&path)?.as_deref() != Some(text.as_bytes()) {
        files::write(&path, &text, files::Access::Everyone)?;
    }
    Ok(())
}

/// Returns the text of a bundle of this machine's roots and the authority in `pem`; `None` if that is no PEM of
/// certificates.
pub fn with_system_roots(pem: &[u8]) -> Option<String> {
    let authority = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>().ok()?;
    Some(text(&authority, &system_roots())).filter(|_| !authority.is_empty())
}

/// Reads the roots this machine trusts. That `SSL_CERT_FILE` may name them, and may name an earlier bundle of ours,
/// is fine: the authority is written once, whatever is in there.
fn system_roots() -> Vec<CertificateDer<'static>> {
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!("A part of the system's root certificates could not be read: {error}");
    }
    if found.certs.is_empty() {
        tracing::warn!(
            "No root certificates found on this system, so `{BUNDLE_FILE}` holds the local authority only and clients \
             that use it reach no public service; install the ca-certificates package, or correct SSL_CERT_FILE, \
             and start again"
        );
    }
    found.certs
}

fn text(authority: &[CertificateDer<'static>], roots: &[CertificateDer<'static>]) -> String {
    let mut text = String::from("# Waybill's local certificate authority\n");
    for certificate in authority {
        push_pem(&mut text, certificate);
    }
    text.push_str("# The root certificates of this system\n");
    for root in roots.iter().filter(|root| !authority.contains(root)) {
        push_pem(&mut text, root);
    }
    text
}

fn push_pem(text: &mut String, certificate: &CertificateDer<'_>) {
    const LINE: usize = 64;
    text.push_str("-----BEGIN CERTIFICATE-----\n");
    let encoded = STANDARD.encode(certificate);
    for line in encoded.as_bytes().chunks(LINE) {
        let line = str::from_utf8(line).expect("base64 is ASCII");
        writeln!(text, "{line}").expect("writing to a string does not fail");
    }
    text.push_str("-----END CERTIFICATE-----\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_comes_first_and_once() {
        let certificate = |byte: u8| CertificateDer::from(vec![byte; 100]);
        let text = text(&[certificate(1)], &[certificate(2), certificate(1), certificate(3)]);
        let read =
            CertificateDer::pem_slice_iter(text.as_bytes()).collect::<Result<Vec<_>, _>>().expect("PEM");
        assert_eq!(read, [certificate(1), certificate(2), certificate(3)]);
    }
}
