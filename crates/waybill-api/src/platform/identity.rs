//! Principals: who acts.

use serde::{Deserialize, Serialize};

use super::{Group, UserPrincipal};
use crate::{
    encoding::{is_default, null_as_empty},
    secret::Secret,
    time::DateTime,
    wire_enum::wire_enum,
};

/// Anybody who can act; the member of its type is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Principal {
    pub id: String,
    pub r#type: PrincipalType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<ServicePrincipal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<UserPrincipal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    #[serde(deserialize_with = "null_as_empty")]
    pub group_ids: Vec<String>,
}

/// A machine's identity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicePrincipal {
    pub id: String,
    pub name: String,
    /// `iam/project/<project id>/service-principal/<name>` or `iam/organization/…`; clients split it.
    pub resource_name: String,
    pub organization_id: String,
    /// Empty for a principal of the organization.
    #[serde(skip_serializing_if = "is_default")]
    pub project_id: String,
    #[serde(skip_serializing_if = "is_default")]
    pub managed_by: String,
    pub created_at: DateTime,
}

/// A service principal's key, without its secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicePrincipalKey {
    pub client_id: String,
    /// The principal's, followed by `/key/<client id>`.
    pub resource_name: String,
    pub state: ServicePrincipalKeyState,
    pub created_at: DateTime,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetCallerIdentityResponse {
    pub principal: Principal,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateServicePrincipalBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateServicePrincipalResponse {
    pub service_principal: ServicePrincipal,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetServicePrincipalResponse {
    pub service_principal: ServicePrincipal,
    /// Clients find their key here and make a new one where it is missing.
    #[serde(default, deserialize_with = "null_as_empty")]
    pub keys: Vec<ServicePrincipalKey>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteServicePrincipalResponse {}

/// The only answer that carries the secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateServicePrincipalKeyResponse {
    pub key: ServicePrincipalKey,
    pub client_secret: Secret,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteServicePrincipalKeyResponse {}

wire_enum! {
    #[derive(Default)]
    pub enum PrincipalType in "type" {
        #[default]
        Unspecified = "PRINCIPAL_TYPE_UNSPECIFIED",
        User = "PRINCIPAL_TYPE_USER",
        Service = "PRINCIPAL_TYPE_SERVICE",
        Group = "PRINCIPAL_TYPE_GROUP",
        InternalOperator = "PRINCIPAL_TYPE_INTERNAL_OPERATOR",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum ServicePrincipalKeyState in "state" {
        #[default]
        Unset = "UNSET",
        Creating = "CREATING",
        Active = "ACTIVE",
        Deleting = "DELETING",
    }
}
