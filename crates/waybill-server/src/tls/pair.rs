//! A certificate with its key, read from two PEM files and checked to belong together.

use std::{path::Path, sync::Arc};

use jiff::Timestamp;
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    sign::CertifiedKey,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::TlsError;
use crate::files;

/// A certificate chain, its key, and when the first certificate expires. Invariant: the key fits.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    certified: Arc<CertifiedKey>,
    expires: Timestamp,
}

/// Reads a pair. `advice` says what the reader of an error can do about it.
pub(super) fn load(certificate: &Path, key: &Path, advice: &'static str) -> Result<Pair, TlsError> {
    let chain = certificates(certificate, advice)?;
    let private_key = private_key(key, advice)?;
    let damaged = |path: &Path, problem: String| TlsError::Damaged { path: path.to_owned(), problem, advice };
    let expires = not_after(&chain[0]).map_err(|problem| damaged(certificate, problem))?;
    match CertifiedKey::from_der(chain, private_key, &super::provider()) {
        Ok(certified) => Ok(Pair { certified: Arc::new(certified), expires }),
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(TlsError::Mismatch { certificate: certificate.to_owned(), key: key.to_owned(), advice })
        }
        Err(error) => Err(damaged(key, error.to_string())),
    }
}

impl Pair {
    pub(super) fn certified(&self) -> &Arc<CertifiedKey> {
        &self.certified
    }

    pub(super) fn expires(&self) -> Timestamp {
        self.expires
    }

    /// The certificate itself, then its intermediates.
    pub(super) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.certified.cert
    }
}

/// Reads the certificates of a PEM file, at least one.
pub(super) fn certificates(
    path: &Path,
    advice: &'static str,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = required(path, advice)?;
    let damaged = |problem: String| TlsError::Damaged { path: path.to_owned(), problem, advice };
    let chain = CertificateDer::pem_slice_iter(&pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| damaged(error.to_string()))?;
    if chain.is_empty() { Err(damaged("it contains no PEM certificate".to_owned())) } else { Ok(chain) }
}

/// Reads the first private key of a PEM file.
pub(super) fn private_key(path: &Path, advice: &'static str) -> Result<PrivateKeyDer<'static>, TlsError> {
    let pem = required(path, advice)?;
    warn_if_readable_by_others(path);
    PrivateKeyDer::from_pem_slice(&pem).map_err(|error| {
        let encrypted = pem.windows(9).any(|window| window == b"ENCRYPTED");
        let problem = if encrypted { "the key is encrypted".to_owned() } else { error.to_string() };
        TlsError::Damaged { path: path.to_owned(), problem, advice }
    })
}

/// Reads when a certificate expires.
pub(super) fn not_after(certificate: &CertificateDer<'_>) -> Result<Timestamp, String> {
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|error| error.to_string())?;
    Timestamp::from_second(parsed.validity().not_after.timestamp()).map_err(|error| error.to_string())
}

fn required(path: &Path, advice: &'static str) -> Result<Vec<u8>, TlsError> {
    files::read(path)?.ok_or_else(|| TlsError::Missing { path: path.to_owned(), advice })
}

#[cfg(unix)]
fn warn_if_readable_by_others(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    if fs_err::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o007 != 0) {
        let path = path.display();
        tracing::warn!("The private key `{path}` can be read by every user of this machine; `chmod 600` it");
    }
}

#[cfg(not(unix))]
fn warn_if_readable_by_others(_path: &Path) {}
