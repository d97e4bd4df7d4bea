//! `rsadecrypt`: what was encrypted with a public RSA key (PKCS #1 v1.5), with the private one.

use ::rsa::{Pkcs1v15Encrypt, RsaPrivateKey, pkcs1::DecodeRsaPrivateKey as _, traits::PublicKeyParts as _};

use super::{Arguments, Function, FunctionError, base64, string};
use crate::value::{Type, Value};

/// Keys of fewer bits are refused.
const LEAST_BITS: usize = 1024;

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("rsadecrypt", [string("ciphertext"), string("privatekey")], Type::String, decrypt)]
}

fn decrypt(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let secret =
        base64::decode(call.text(0)).ok_or_else(|| FunctionError::new("what is encrypted must be base64"))?;
    let key = key(call.text(1)).map_err(FunctionError::new)?;
    let text = key
        .decrypt(Pkcs1v15Encrypt, &secret)
        .map_err(|_| FunctionError::new("this key does not decrypt it"))?;
    let text = String::from_utf8(text)
        .map_err(|_| FunctionError::new("what was encrypted is not UTF-8, so that it is no text"))?;
    Ok(Value::string(text))
}

/// The first block between `-----BEGIN …` and `-----END …` is the key, whatever it calls itself.
fn key(pem: &str) -> Result<RsaPrivateKey, String> {
    let block = pem_block(pem).ok_or("there is no key in PEM form")?;
    if block.headers.iter().any(|header| header.starts_with("Proc-Type:") && header.contains("ENCRYPTED")) {
        return Err("a key that a password protects cannot be used: decrypt it before".to_owned());
    }
    let key = RsaPrivateKey::from_pkcs1_der(&block.bytes)
        .map_err(|_| "the key is not a private RSA key in PKCS #1 form (BEGIN RSA PRIVATE KEY)")?;
    if key.size() * 8 < LEAST_BITS {
        return Err(format!("a key of less than {LEAST_BITS} bits is not safe"));
    }
    Ok(key)
}

struct Block<'a> {
    headers: Vec<&'a str>,
    bytes: Vec<u8>,
}

fn pem_block(text: &str) -> Option<Block<'_>> {
    let mut lines = text.lines();
    loop {
        let label = loop {
            let begin = lines.next()?.trim_end().strip_prefix("-----BEGIN ");
            if let Some(label) = begin.and_then(|rest| rest.strip_suffix("-----")) {
                break label;
            }
        };
        let end = format!("-----END {label}-----");
        let mut inner = lines.clone();
        let mut body = Vec::new();
        let is_complete = loop {
            match inner.next().map(str::trim_end) {
                None => break false,
                Some(line) if line == end => break true,
                Some(line) => body.push(line),
            }
        };
        if is_complete {
            let headers: Vec<&str> = body.iter().copied().take_while(|line| line.contains(':')).collect();
            let packed: String = body[headers.len()..].concat().split_whitespace().collect();
            if let Some(bytes) = base64::decode(&packed) {
                return Some(Block { headers, bytes });
            }
        }
    }
}
