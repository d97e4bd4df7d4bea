//! Keys of a provider, and tokens that are signed with them, with other keys or not at all.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, jwk::Jwk};
use serde_json::{Value, json};

/// A key of a provider: its name, what it signs with, and what is published of it.
#[derive(Clone, Debug)]
pub struct Key {
    pub id: String,
    pub algorithm: Algorithm,
    /// The member of the key set. A test may change it before it publishes the key.
    pub public: Value,
    private: EncodingKey,
}

/// Made for these tests; RSA keys take too long to make on the way.
const RSA: [&str; 2] = [include_str!("keys/rsa-1.pem"), include_str!("keys/rsa-2.pem")];
const SHORT_RSA: &str = include_str!("keys/rsa-short.pem");

impl Key {
    /// A new key; of RSA there are two, which `n` chooses between.
    pub fn generate(algorithm: Algorithm, id: &str, n: usize) -> Self {
        use Algorithm::{ES256, ES384, EdDSA, HS256, HS384, HS512};
        let private = match algorithm {
            ES256 => ec(&rcgen::PKCS_ECDSA_P256_SHA256),
            ES384 => ec(&rcgen::PKCS_ECDSA_P384_SHA384),
            EdDSA => ed25519(),
            HS256 | HS384 | HS512 => panic!("a provider has no shared secrets"),
            _ => EncodingKey::from_rsa_pem(RSA[n % RSA.len()].as_bytes()).expect("the key is one of ours"),
        };
        Self::new(algorithm, id, private)
    }

    /// An RSA key of 1024 bits, which nobody should accept any more.
    pub fn short_rsa(id: &str) -> Self {
        let private = EncodingKey::from_rsa_pem(SHORT_RSA.as_bytes()).expect("the key is one of ours");
        Self::new(Algorithm::RS256, id, private)
    }

    /// A token with a header that names this key, if it has a name.
    pub fn sign(&self, claims: &Value) -> String {
        let mut header = json!({"alg": name(self.algorithm), "typ": "JWT", "kid": self.id});
        if self.id.is_empty() {
            header.as_object_mut().expect("it is one").remove("kid");
        }
        self.sign_with_header(&header, claims)
    }

    /// A token with any header, signed by this key with its own algorithm.
    pub fn sign_with_header(&self, header: &Value, claims: &Value) -> String {
        let text = parts(header, claims);
        let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &self.private, self.algorithm);
        format!("{text}.{}", signature.expect("the key fits its algorithm"))
    }

    fn new(algorithm: Algorithm, id: &str, private: EncodingKey) -> Self {
        let public = Jwk::from_encoding_key(&private, algorithm).expect("a private key has a public one");
        let mut public = serde_json::to_value(public).expect("a key is JSON");
        public["use"] = json!("sig");
        if !id.is_empty() {
            public["kid"] = json!(id);
        }
        Self { id: id.to_owned(), algorithm, public, private }
    }
}

/// A token that says `none` and has no signature.
pub fn unsigned(claims: &Value) -> String {
    format!("{}.", parts(&json!({"alg": "none", "typ": "JWT"}), claims))
}

/// A token under a shared secret, such as a public key that everybody knows.
pub fn with_hmac(header: &Value, claims: &Value, secret: &[u8]) -> String {
    let text = parts(header, claims);
    let key = EncodingKey::from_secret(secret);
    let signature = jsonwebtoken::crypto::sign(text.as_bytes(), &key, Algorithm::HS256);
    format!("{text}.{}", signature.expect("any secret fits"))
}

fn parts(header: &Value, claims: &Value) -> String {
    format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims.to_string()))
}

fn name(algorithm: Algorithm) -> Value {
    serde_json::to_value(algorithm).expect("an algorithm is a name")
}

fn ec(algorithm: &'static rcgen::SignatureAlgorithm) -> EncodingKey {
    let pair = rcgen::KeyPair::generate_for(algorithm).expect("keys can be made");
    EncodingKey::from_ec_der(&pair.serialize_der())
}

fn ed25519() -> EncodingKey {
    /// What stands before the 32 bytes of a private key (RFC 8410, PKCS #8 version 1).
    const HEADER: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let mut der = HEADER.to_vec();
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).expect("the system gives randomness");
    der.extend(seed);
    EncodingKey::from_ed_der(&der)
}
