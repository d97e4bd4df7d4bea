//! What programs that log people in may want to know beforehand (RFC 8414).

use axum::{Json, extract::State, response::IntoResponse};
use serde_json::json;

use crate::{api::platform::oauth::GRANTS, app::App};

pub(super) async fn get(State(app): State<App>) -> impl IntoResponse {
    let url = &app.settings.public_url;
    Json(json!({
        "issuer": url,
        "authorization_endpoint": format!("{url}/oauth2/auth"),
        "token_endpoint": format!("{url}/oauth2/token"),
        "device_authorization_endpoint": format!("{url}{}", super::DEVICE_AUTHORIZATION),
        "response_types_supported": ["code"],
        "grant_types_supported": GRANTS,
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
        "scopes_supported": ["openid", "offline_access"],
        "authorization_response_iss_parameter_supported": true,
    }))
}
