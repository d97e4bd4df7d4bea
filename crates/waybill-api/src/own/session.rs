//! Logging in: the ways, one's sessions, passwords.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Caller;
use crate::{secret::Secret, time::DateTime, wire_enum::wire_enum};

/// Which ways to log in there are (`GET login`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginWays {
    /// Who answers here, as `iss` of an authorization response says it.
    pub issuer: String,
    /// With a password that is kept here.
    pub password: bool,
    /// At the organization's login provider, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<LoginProvider>,
}

/// The login provider of the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LoginProvider {
    /// What people know it as.
    pub name: String,
}

/// The session that a request comes with (`GET session`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CurrentSession {
    pub id: String,
    pub kind: SessionKind,
    /// What logged in: a program's name, or what a browser calls itself.
    pub client: String,
    pub principal: Caller,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: DateTime,
    /// For the header `X-CSRF-Token` of requests that change something with the cookie; only a browser's session has
    /// one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub csrf_token: Option<Secret>,
}

/// One of somebody's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Session {
    pub id: String,
    pub kind: SessionKind,
    /// What logged in: a program's name, or what a browser calls itself.
    pub client: String,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: DateTime,
    /// Whether the request came with it.
    pub current: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListSessionsResponse {
    /// Oldest first.
    pub sessions: Vec<Session>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndSessionResponse {}

/// Gives a person a password (`PUT organizations/{organization_id}/users/{user_id}/password`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPasswordBody {
    /// 12 to 256 characters, whichever, but not the e-mail address.
    #[schema(value_type = String, format = Password)]
    pub password: Secret,
    /// The one that it replaces: needed for oneself, not wanted for others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Password)]
    pub current_password: Option<Secret>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SetPasswordResponse {}

wire_enum! {
    /// Where somebody is logged in.
    #[derive(ToSchema)]
    #[schema(rename_all = "lowercase")]
    pub enum SessionKind in "kind" {
        /// In a browser, by a cookie.
        Browser = "browser",
        /// In a program, by tokens.
        Client = "client",
    }
}
