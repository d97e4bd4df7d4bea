//! Signature Version 4, as AWS documents it: who sends a request, and that nobody changed it.

use std::{collections::BTreeMap, fmt::Write as _};

use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::AwsCredentials;

/// A request to be signed. Its path is `/`.
#[derive(Debug)]
pub struct AwsRequest<'a> {
    /// Such as `sts`.
    pub service: &'a str,
    pub region: &'a str,
    /// The time in AWS's form, `20261124T100000Z`.
    pub date: &'a str,
    pub query: &'a str,
    pub body: &'a [u8],
}

impl AwsRequest<'_> {
    /// Signs a POST with these headers, in lower case and with the host among them. Adds what the signature needs, and
    /// the signature.
    pub fn sign(&self, credentials: &AwsCredentials, headers: &mut BTreeMap<&'static str, String>) {
        let Self { service, region, date, query, body } = self;
        headers.insert("x-amz-date", (*date).to_owned());
        if let Some(token) = &credentials.session_token {
            headers.insert("x-amz-security-token", token.expose_secret().to_owned());
        }
        let signed: Vec<&str> = headers.keys().copied().collect();
        let signed = signed.join(";");
        let lines = headers.iter().fold(String::new(), |mut text, (name, value)| {
            writeln!(text, "{name}:{value}").expect("strings take every write");
            text
        });
        let digest = hex(&Sha256::digest(body));
        let request = format!("POST\n/\n{query}\n{lines}\n{signed}\n{digest}");
        let day = date.split('T').next().unwrap_or_default();
        let scope = format!("{day}/{region}/{service}/aws4_request");
        let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hex(&Sha256::digest(request)));
        let secret = format!("AWS4{}", credentials.secret_access_key.expose_secret());
        let key = [day, *region, *service, "aws4_request"]
            .into_iter()
            .fold(secret.into_bytes(), |key, part| mac(&key, part.as_bytes()));
        let signature = hex(&mac(&key, text.as_bytes()));
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={signed}, Signature={signature}",
            credentials.access_key_id
        );
        headers.insert("authorization", authorization);
    }
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("keys of any length will do");
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("strings take every write");
        text
    })
}
