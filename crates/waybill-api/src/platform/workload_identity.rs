//! Workload identity: whose tokens a service principal can be had for, and the exchange of one for an access token.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{is_default, null_as_empty},
    secret::Secret,
    time::{DateTime, unset_as_none},
};

/// Whose tokens stand for a service principal: one of the two configurations is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WorkloadIdentityProvider {
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_id: String,
    /// The principal's, followed by `/workload-identity-provider/<name>`; clients split it.
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_name: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub description: String,
    /// What must be true of a token, as an expression over what it says.
    #[serde(deserialize_with = "null_as_empty")]
    pub conditional_access: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_config: Option<OIDCWorkloadIdentityProviderConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_config: Option<AWSWorkloadIdentityProviderConfig>,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub system_managed: bool,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub created_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub updated_at: Option<DateTime>,
}

/// Tokens of an OpenID Connect issuer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OIDCWorkloadIdentityProviderConfig {
    #[serde(deserialize_with = "null_as_empty")]
    pub issuer_uri: String,
    /// Empty: the provider's resource name is the only one.
    #[serde(deserialize_with = "null_as_empty")]
    pub allowed_audiences: Vec<String>,
}

/// Signed requests of the roles and users of an AWS account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AWSWorkloadIdentityProviderConfig {
    #[serde(deserialize_with = "null_as_empty")]
    pub account_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateWorkloadIdentityProviderBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<WorkloadIdentityProvider>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateWorkloadIdentityProviderResponse {
    pub provider: WorkloadIdentityProvider,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetWorkloadIdentityProviderResponse {
    pub provider: WorkloadIdentityProvider,
}

/// The provider itself, without its name. What is absent counts as empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateWorkloadIdentityProviderBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditional_access: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc_config: Option<OIDCWorkloadIdentityProviderConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_config: Option<AWSWorkloadIdentityProviderConfig>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_managed: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub created_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub updated_at: Option<DateTime>,
}

/// Which members of [`UpdateWorkloadIdentityProviderBody`] are meant: all of them without a mask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateWorkloadIdentityProviderQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_mask: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateWorkloadIdentityProviderResponse {
    pub provider: WorkloadIdentityProvider,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteWorkloadIdentityProviderResponse {
    pub resource_id: String,
    pub resource_name: String,
}

/// What a workload has of its own to show: one of the two is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExchangeWorkloadIdentityTokenBody {
    /// A token of the provider's issuer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwt_token: Option<Secret>,
    /// A request to AWS that the workload signed and did not send.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aws_get_caller_id_token: Option<AWS4Request>,
}

/// A request to AWS in whose headers the signature is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AWS4Request {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(deserialize_with = "null_as_empty")]
    pub headers: BTreeMap<String, Secret>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeWorkloadIdentityTokenResponse {
    pub access_token: Secret,
    /// Seconds.
    pub expires_in: i32,
}
