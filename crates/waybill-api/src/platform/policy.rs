//! Policies: who has which role on the organization, a project, a bucket or a group.

use serde::{Deserialize, Serialize};

use crate::{encoding::null_as_empty, wire_enum::wire_enum};

/// All roles on one resource (`resourcemanager.Policy`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    #[serde(deserialize_with = "null_as_empty")]
    pub bindings: Vec<PolicyBinding>,
    /// Tells two states of a policy apart: a write with that of an older state is refused.
    pub etag: String,
}

/// A role and who has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyBinding {
    /// `roles/viewer` and the like.
    pub role_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub members: Vec<PolicyBindingMember>,
}

/// A principal in a policy; clients need its type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PolicyBindingMember {
    pub member_id: String,
    pub member_type: PolicyBindingMemberType,
}

/// The policy of an organization or a project to be (`resourcemanager.ProjectService.SetIamPolicyBody`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SetIamPolicyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

/// The policy of a bucket or a group to be; either member says of which.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceSetIamPolicyRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
}

/// Whose policy is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceGetIamPolicyQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resource_name: Option<String>,
}

/// A policy as it is stored; the answer of every operation that reads or sets one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamPolicyResponse {
    pub policy: Policy,
}

wire_enum! {
    #[derive(Default)]
    pub enum PolicyBindingMemberType in "member_type" {
        #[default]
        Unset = "UNSET",
        User = "USER",
        Group = "GROUP",
        ServicePrincipal = "SERVICE_PRINCIPAL",
    }
}
