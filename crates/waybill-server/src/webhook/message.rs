//! What a receiver is sent: an event as JSON, signed when the webhook has a key.

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use hyper::{
    HeaderMap, Method,
    header::{self, HeaderName, HeaderValue},
};
use sha2::Sha512;
use url::Url;
use waybill_api::platform::WebhookPayload;
use waybill_model::webhook::HmacKey;

use crate::{egress::EgressRequest, hex::hex};

/// Carries the signature: lower-case hexadecimal HMAC-SHA512 of the body under the webhook's key.
pub const SIGNATURE: HeaderName = HeaderName::from_static("x-hcp-webhook-signature");

/// The request that tells a receiver of an event.
pub fn request(url: Url, key: &HmacKey, payload: &WebhookPayload) -> EgressRequest {
    let body = Bytes::from(serde_json::to_vec(payload).expect("texts are JSON"));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Some(signature) = signature(key, &body) {
        let signature = HeaderValue::from_str(&signature).expect("hexadecimal digits are a header's value");
        headers.insert(SIGNATURE, signature);
    }
    EgressRequest { method: Method::POST, url, headers, body }
}

/// The signature of a body; `None` without a key.
fn signature(key: &HmacKey, body: &[u8]) -> Option<String> {
    let mut mac =
        Hmac::<Sha512>::new_from_slice(key.expose()?.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body);
    Some(hex(&mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> HmacKey {
        HmacKey::new(text.to_owned()).expect("a key")
    }

    /// `printf '{"event_action":"test"}' | openssl dgst -sha512 -hmac not-a-secret` says the same.
    #[test]
    fn a_body_is_signed_with_hmac_sha512() {
        let body = br#"{"event_action":"test"}"#;
        assert_eq!(signature(&HmacKey::default(), body), None);
        let expected = concat!(
            "e3d87d3bcdb43fdff43df9047bfaa45b15e6d57ff5bb2dc29dd98846286e44cb",
            "b8af9f2ceaf510da87ec5f624db5985b14f896788ff3bb29d8bffbf4838c7599"
        );
        assert_eq!(signature(&key("not-a-secret"), body).as_deref(), Some(expected));
    }

    #[test]
    fn an_event_without_a_key_has_no_signature() {
        let url: Url = "https://receiver.test/hook".parse().expect("a URL");
        let payload = WebhookPayload { event_action: "test".to_owned(), ..WebhookPayload::default() };
        let plain = request(url.clone(), &HmacKey::default(), &payload);
        assert_eq!(plain.headers.get(SIGNATURE), None);
        assert_eq!(plain.headers[header::CONTENT_TYPE], "application/json");
        assert_eq!(serde_json::from_slice::<WebhookPayload>(&plain.body).expect("JSON"), payload);
        let signed = request(url, &key("not-a-secret"), &payload);
        assert_eq!(signed.headers[SIGNATURE].len(), 128);
        assert_eq!(signed.body, plain.body);
    }
}
