//! What anybody may fetch from a provider: where things are, and its keys.

use std::sync::{Arc, atomic::Ordering};

use axum::{
    extract,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{State, with};

pub(super) async fn discovery(extract::State(issuer): extract::State<Arc<State>>) -> Response {
    issuer.discoveries.fetch_add(1, Ordering::SeqCst);
    if let Some(refused) = trouble(&issuer).await {
        return refused;
    }
    let url = &issuer.url;
    let document = json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256", "EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    });
    axum::Json(with(document, &issuer.settings().discovery)).into_response()
}

pub(super) async fn keys(extract::State(issuer): extract::State<Arc<State>>) -> Response {
    issuer.key_fetches.fetch_add(1, Ordering::SeqCst);
    if let Some(refused) = trouble(&issuer).await {
        return refused;
    }
    let settings = issuer.settings();
    let keys: Vec<Value> = settings.keys.iter().map(|key| key.public.clone()).collect();
    let text = settings.key_set.clone().unwrap_or_else(|| json!({"keys": keys}).to_string());
    let mut answer = ([(header::CONTENT_TYPE, "application/json")], text).into_response();
    if let Some(value) = &settings.cache_control {
        let value = value.parse().expect("a test gives a header value");
        answer.headers_mut().insert(header::CACHE_CONTROL, value);
    }
    answer
}

/// Waits and fails as the test has asked for.
pub(super) async fn trouble(issuer: &State) -> Option<Response> {
    let delay = issuer.settings().delay;
    tokio::time::sleep(delay).await;
    issuer.settings().fails.then(|| StatusCode::SERVICE_UNAVAILABLE.into_response())
}
