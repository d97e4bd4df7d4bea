//! AWS Secrets Manager on this machine: `GetSecretValue`, for requests whose signature is really checked.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::{
    serve::{self, Serving},
    sts::{
        Identity,
        signature::{self, Request},
    },
};

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub struct SecretsManager {
    url: String,
    _serving: Serving,
}

#[derive(Debug)]
struct State {
    region: String,
    identity: Identity,
    secrets: BTreeMap<String, String>,
}

/// Headers that must be signed when they are there, and of which the last two must be there.
const SIGNED: [&str; 5] = ["content-type", "x-amz-security-token", "host", "x-amz-date", "x-amz-target"];

impl SecretsManager {
    /// Keeps secrets in a region, for one who may read them.
    pub async fn start(region: &str, identity: &Identity, secrets: &[(&str, &str)]) -> Self {
        let (listener, address) = serve::listen().await;
        let secrets = secrets.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect();
        let state = Arc::new(State { region: region.to_owned(), identity: identity.clone(), secrets });
        let router = Router::new().fallback(answer).with_state(state);
        Self { url: format!("http://{address}"), _serving: serve::plain(listener, router) }
    }

    /// Where it answers: what `AWS_ENDPOINT_URL_SECRETS_MANAGER` is set to.
    pub fn url(&self) -> &str {
        &self.url
    }
}

async fn answer(
    extract::State(state): extract::State<Arc<State>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (status, body) = match state.judge(&method, &uri, &headers, &body) {
        Ok(answer) => (StatusCode::OK, answer),
        Err(kind) => (StatusCode::BAD_REQUEST, json!({"__type": kind, "Message": "no"})),
    };
    (status, [(header::CONTENT_TYPE, "application/x-amz-json-1.1")], body.to_string()).into_response()
}

impl State {
    fn judge(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Value, &'static str> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
        if method != Method::POST
            || uri != "/"
            || header("content-type") != "application/x-amz-json-1.1"
            || header("x-amz-target") != "secretsmanager.GetSecretValue"
        {
            return Err("UnknownOperationException");
        }
        let authorization =
            header("authorization").strip_prefix("AWS4-HMAC-SHA256 ").ok_or("MissingAuthenticationToken")?;
        let part = |name: &str| {
            let mut parts = authorization.split(',').map(str::trim);
            parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or("")
        };
        let (key, scope) = part("Credential").split_once('/').ok_or("IncompleteSignatureException")?;
        if key != self.identity.access_key
            || self.identity.session_token.as_deref().unwrap_or("") != header("x-amz-security-token")
        {
            return Err("UnrecognizedClientException");
        }
        let names: Vec<&str> = part("SignedHeaders").split(';').collect();
        if SIGNED.iter().any(|name| headers.contains_key(*name) && !names.contains(name)) {
            return Err("InvalidSignatureException");
        }
        let time = header("x-amz-date");
        let date = time.get(..8).ok_or("IncompleteSignatureException")?;
        if scope != format!("{date}/{}/secretsmanager/aws4_request", self.region) {
            return Err("InvalidSignatureException");
        }
        let signed = names.iter().map(|name| ((*name).to_owned(), header(name).to_owned())).collect();
        let request = Request { method: "POST", path: "/", query: "", headers: &signed, body };
        if signature::of(&request, time, scope, &self.identity.secret) != part("Signature") {
            return Err("InvalidSignatureException");
        }
        let asked: Value = serde_json::from_slice(body).map_err(|_| "SerializationException")?;
        let name = asked["SecretId"].as_str().ok_or("ValidationException")?;
        let text = self.secrets.get(name).ok_or("ResourceNotFoundException")?;
        Ok(json!({"Name": name, "SecretString": text, "VersionStages": ["AWSCURRENT"]}))
    }
}
