//! Signature Version 4, as AWS documents it.

use std::{collections::BTreeMap, fmt::Write};

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// What a signature covers. All headers in here are signed; their names are in lower case.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a BTreeMap<String, String>,
    pub(crate) body: &'a [u8],
}

/// The signature of a request at `time` (`20150830T123600Z`) in that scope (`20150830/us-east-1/sts/aws4_request`).
pub(crate) fn of(request: &Request<'_>, time: &str, scope: &str, secret: &str) -> String {
    let canonical = canonical(request);
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/') {
        key = mac(&key, part);
    }
    hex(&mac(&key, &text))
}

fn canonical(request: &Request<'_>) -> String {
    let mut query: Vec<String> = request.query.split('&').filter(|pair| !pair.is_empty()).map(pair).collect();
    query.sort_unstable();
    let mut text = format!("{}\n{}\n{}\n", request.method, request.path, query.join("&"));
    for (name, value) in request.headers {
        let value: Vec<&str> = value.split_whitespace().collect();
        writeln!(text, "{name}:{}", value.join(" ")).expect("writing to a text does not fail");
    }
    let names: Vec<&str> = request.headers.keys().map(String::as_str).collect();
    write!(text, "\n{}\n{}", names.join(";"), hex(&Sha256::digest(request.body)))
        .expect("writing to a text does not fail");
    text
}

/// A pair of the query; what is not percent-encoded yet is the caller's fault.
fn pair(pair: &str) -> String {
    if pair.contains('=') { pair.to_owned() } else { format!("{pair}=") }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key may have any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a text does not fail");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of AWS's documentation.
    #[test]
    fn the_documented_request_has_the_documented_signature() {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = [
            header("content-type", "application/x-www-form-urlencoded; charset=utf-8"),
            header("host", "iam.amazonaws.com"),
            header("x-amz-date", "20150830T123600Z"),
        ];
        let request = Request {
            method: "GET",
            path: "/",
            query: "Version=2010-05-08&Action=ListUsers",
            headers: &headers.into(),
            body: b"",
        };
        let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        assert_eq!(
            hex(&Sha256::digest(canonical(&request))),
            "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59"
        );
        assert_eq!(
            of(&request, "20150830T123600Z", "20150830/us-east-1/iam/aws4_request", secret),
            "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"
        );
    }
}
