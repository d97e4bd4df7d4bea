//! Tokens, and how programs ask for a person's. Errors have the form of RFC 6749, not that of the other operations.

use serde::{Deserialize, Serialize};

use crate::{encoding::is_default, secret::Secret};

/// The form of a token request, whichever grant it is for. The client's id and secret may come in the
/// `Authorization` header instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grant_type: Option<String>,
    /// Clients of HCP send the address of HCP's API here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<Secret>,
    /// What the browser brought (`authorization_code`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Secret>,
    /// Where the browser brought it to, as in the authorization request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// What the challenge of the authorization request was made of (RFC 7636).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_verifier: Option<Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    /// Of a [`DeviceAuthorization`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_code: Option<Secret>,
}

/// What a program without a browser shows to a person, and what it asks with meanwhile (RFC 8628).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAuthorization {
    pub device_code: Secret,
    /// What the person types.
    pub user_code: String,
    /// Where the person types it.
    pub verification_uri: String,
    /// The same with the code in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_uri_complete: Option<String>,
    /// Seconds.
    pub expires_in: i32,
    /// Seconds between two questions; 5 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<i32>,
}

/// A token and how long it lasts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub access_token: Secret,
    /// `bearer`.
    pub token_type: String,
    /// Seconds. Without it a client asks for a token before each call.
    pub expires_in: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<Secret>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id_token: Option<Secret>,
}

/// Why there is no token (`oauth2.Error`). Packer shows both texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenError {
    /// A word of RFC 6749, such as `invalid_client`.
    pub error: String,
    #[serde(skip_serializing_if = "is_default")]
    pub error_description: String,
    #[serde(skip_serializing_if = "is_default")]
    pub error_uri: String,
}
