//! The certificate authority of one server, in four files of a folder.
//!
//! `ca.pem` and `ca.key` are made once and never replaced; `server.pem` and `server.key` are made from them, and
//! again when they are about to expire or lack a name.
//! `ca.key` is needed only to make a server certificate, so an operator may keep it elsewhere between renewals.
//!
//! Keys are written before certificates, each file in one step. A crash in between leaves either a key without
//! a certificate (the certificate is made) or a server key that does not fit (both are made again).

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData, date_time_ymd,
};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    pki_types::{CertificateDer, UnixTime},
};
use sha2::{Digest, Sha256};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::{
    CA_FILE, TlsError,
    names::Names,
    pair::{self, Pair},
};
use crate::files::{self, Access};

const CA_KEY_FILE: &str = "ca.key";
const SERVER_FILE: &str = "server.pem";
const SERVER_KEY_FILE: &str = "server.key";

/// Clients trust the authority by hand, so it outlives the machines it is on.
const AUTHORITY_LIFE: SignedDuration = SignedDuration::from_hours(24 * 365 * 10);
/// A server certificate renews itself, so its life is what one careless copy of its key may cost.
const SERVER_LIFE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// With this much left a new one is made: a month in which a failure to do so can be seen and mended.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(24 * 30);
/// Clients whose clock is behind accept a new certificate all the same.
const BACKDATE: SignedDuration = SignedDuration::from_hours(24);

pub(super) const RESTORE: &str = "restore it from a backup, or remove the whole folder to start over with a new \
                                  authority, which every client must then trust anew";
pub(super) const START_OVER: &str =
    "remove the folder it is in to start over with a new authority, which every client must then trust";
const REMAKE: &str = "remove `server.pem` and `server.key`: they are made again from the same authority";

/// Whether a stored pair can be served.
enum Fitness {
    Fresh,
    /// Can be served, but it is time for the next.
    Ageing,
    /// Why clients would refuse it.
    Unfit(String),
}

struct Authority {
    certificate: CertificateDer<'static>,
    expires: Timestamp,
    /// `None` if the operator keeps it elsewhere.
    key: Option<KeyPair>,
}

/// Returns a pair that is good for `names` from `now` on: the one in `folder`, or a new one that then is there.
pub(super) fn server_pair(folder: &Path, names: &Names, now: Timestamp) -> Result<Pair, TlsError> {
    fs_err::create_dir_all(folder)?;
    let authority = Authority::open_or_make(folder, now)?;
    let Some(stored) = stored_pair(folder)? else { return authority.renew(folder, names, now) };
    match authority.fitness(&stored, names, now) {
        Fitness::Fresh => Ok(stored),
        Fitness::Ageing => authority.renew(folder, names, now).or_else(|error| {
            let expires = stored.expires();
            tracing::error!("The TLS certificate expires at {expires} and cannot be renewed: {error}");
            Ok(stored)
        }),
        Fitness::Unfit(reason) => {
            tracing::info!("Making a new TLS certificate, because the present one does not fit: {reason}");
            authority.renew(folder, names, now)
        }
    }
}

/// Reads the server's pair, or `None` if there is none or its two files are of two renewals.
fn stored_pair(folder: &Path) -> Result<Option<Pair>, TlsError> {
    match pair::load(&folder.join(SERVER_FILE), &folder.join(SERVER_KEY_FILE), REMAKE) {
        Ok(pair) => Ok(Some(pair)),
        Err(TlsError::Missing { .. } | TlsError::Mismatch { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

impl Authority {
    fn open_or_make(folder: &Path, now: Timestamp) -> Result<Self, TlsError> {
        let (path, key_path) = (folder.join(CA_FILE), folder.join(CA_KEY_FILE));
        if !fs_err::exists(&path)? {
            if fs_err::exists(folder.join(SERVER_FILE))? {
                return Err(TlsError::Missing { path, advice: RESTORE });
            }
            let key =
                if fs_err::exists(&key_path)? { authority_key(&key_path)? } else { make_key(&key_path)? };
            make_authority(&path, &key, now)?;
        }
        Self::open(path, key_path, now)
    }

    fn open(path: PathBuf, key_path: PathBuf, now: Timestamp) -> Result<Self, TlsError> {
        let certificate = pair::certificates(&path, RESTORE)?.swap_remove(0);
        let damaged = |problem: String| TlsError::Damaged { path: path.clone(), problem, advice: RESTORE };
        let (_, parsed) =
            X509Certificate::from_der(&certificate).map_err(|error| damaged(error.to_string()))?;
        if !parsed.is_ca() {
            return Err(damaged("it is not the certificate of an authority".to_owned()));
        }
        let key = if fs_err::exists(&key_path)? { Some(authority_key(&key_path)?) } else { None };
        if key.as_ref().is_some_and(|key| key.subject_public_key_info() != parsed.public_key().raw) {
            return Err(TlsError::Mismatch { certificate: path, key: key_path, advice: RESTORE });
        }
        let expires = pair::not_after(&certificate).map_err(damaged)?;
        if expires <= now {
            return Err(TlsError::AuthorityExpired { path, at: expires });
        }
        Ok(Self { certificate, expires, key })
    }

    /// Looks at a pair with the eyes of a client that trusts this authority.
    fn fitness(&self, pair: &Pair, names: &Names, now: Timestamp) -> Fitness {
        let mut roots = RootCertStore::empty();
        if let Err(error) = roots.add(self.certificate.clone()) {
            return Fitness::Unfit(error.to_string());
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), super::provider())
            .build()
            .expect("there is a root and there are no revocation lists");
        let [certificate, intermediates @ ..] = pair.chain() else {
            return Fitness::Unfit("it is empty".to_owned());
        };
        let time = UnixTime::since_unix_epoch(Duration::from_secs(now.as_second().try_into().unwrap_or(0)));
        for name in names.iter() {
            if let Err(error) = verifier.verify_server_cert(certificate, intermediates, name, &[], time) {
                return Fitness::Unfit(format!("for `{}`: {error}", name.to_str()));
            }
        }
        if now.duration_until(pair.expires()) <= RENEW_BEFORE && pair.expires() < self.expires {
            Fitness::Ageing
        } else {
            Fitness::Fresh
        }
    }

    /// Makes a pair, stores it and reads it back.
    fn renew(&self, folder: &Path, names: &Names, now: Timestamp) -> Result<Pair, TlsError> {
        let Some(authority_key) = &self.key else {
            return Err(TlsError::Missing { path: folder.join(CA_KEY_FILE), advice: RESTORE });
        };
        let issuer = Issuer::from_ca_cert_der(&self.certificate, authority_key).map_err(issue)?;
        let mut params = validity(now, (now + SERVER_LIFE).min(self.expires));
        params.subject_alt_names = names.subject_alternatives();
        params.distinguished_name.push(DnType::CommonName, "Waybill server");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let (path, key_path) = (folder.join(SERVER_FILE), folder.join(SERVER_KEY_FILE));
        let key = make_key(&key_path)?;
        let certificate = params.signed_by(&key, &issuer).map_err(issue)?;
        files::write(&path, &certificate.pem(), Access::Everyone)?;
        pair::load(&path, &key_path, REMAKE)
    }
}

fn make_authority(path: &Path, key: &KeyPair, now: Timestamp) -> Result<(), TlsError> {
    // The name says which key it is: a client that trusts the authorities of two servers can tell them apart,
    // and the same key always makes the same authority.
    let digest = Sha256::digest(key.subject_public_key_info());
    let [a, b, c, d, ..] = digest.as_slice() else { unreachable!("a digest has 32 bytes") };
    let name = format!("Waybill local CA {a:02x}{b:02x}{c:02x}{d:02x}");
    let mut params = validity(now, now + AUTHORITY_LIFE);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let certificate = params.self_signed(key).map_err(issue)?;
    files::write(path, &certificate.pem(), Access::Everyone)?;
    Ok(())
}

fn authority_key(path: &Path) -> Result<KeyPair, TlsError> {
    let der = pair::private_key(path, RESTORE)?;
    KeyPair::try_from(&der).map_err(|error| TlsError::Damaged {
        path: path.to_owned(),
        problem: error.to_string(),
        advice: RESTORE,
    })
}

/// A P-256 key: every TLS client has it, and signing with it is cheap.
fn make_key(path: &Path) -> Result<KeyPair, TlsError> {
    let key = KeyPair::generate().map_err(issue)?;
    files::write(path, &key.serialize_pem(), Access::Owner)?;
    Ok(key)
}

fn validity(now: Timestamp, until: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    let epoch = date_time_ymd(1970, 1, 1);
    let since_epoch = |at: Timestamp| Duration::from_secs(at.as_second().try_into().unwrap_or(0));
    params.not_before = epoch + since_epoch(now - BACKDATE);
    params.not_after = epoch + since_epoch(until);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn issue(error: rcgen::Error) -> TlsError {
    TlsError::Issue(error.to_string())
}
