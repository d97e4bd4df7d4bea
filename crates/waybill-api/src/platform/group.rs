//! Groups of people and their members.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{is_default, null_as_empty},
    hcp::PaginationResponse,
    time::{DateTime, unset_as_none},
    wire_enum::wire_enum,
};

/// Several people under one name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    pub resource_id: String,
    /// `iam/organization/<organization id>/group/<slug>`; clients split it.
    pub resource_name: String,
    pub display_name: String,
    #[serde(skip_serializing_if = "is_default")]
    pub description: String,
    pub member_count: i32,
    /// Whether somebody else than its managers decides who is in it.
    pub scim_synchronized: bool,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub created_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub updated_at: Option<DateTime>,
}

/// A person in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupMember {
    pub id: String,
    #[serde(skip_serializing_if = "is_default")]
    pub name: String,
    pub email: String,
    pub principal_type: GroupMemberPrincipalType,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateGroupBody {
    /// What it is called; the resource's name is made of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(deserialize_with = "null_as_empty")]
    pub member_principal_ids: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateGroupResponse {
    pub group: Group,
    /// Empty when the group exists already, as it does on Waybill. So it is in the other answers.
    #[serde(default, skip_serializing_if = "is_default")]
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetGroupResponse {
    pub group: Group,
}

/// The mask comes in the query, with the body's members in `snake_case`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateGroupQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_mask: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateGroupResponse {
    #[serde(skip_serializing_if = "is_default")]
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteGroupResponse {
    #[serde(skip_serializing_if = "is_default")]
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListGroupMembersResponse {
    pub group: Group,
    #[serde(deserialize_with = "null_as_empty")]
    pub members: Vec<GroupMember>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateGroupMembersBody {
    #[serde(deserialize_with = "null_as_empty")]
    pub member_principal_ids_to_add: Vec<String>,
    #[serde(deserialize_with = "null_as_empty")]
    pub member_principal_ids_to_remove: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateGroupMembersResponse {
    #[serde(skip_serializing_if = "is_default")]
    pub operation_id: String,
}

wire_enum! {
    #[derive(Default)]
    pub enum GroupMemberPrincipalType in "principal_type" {
        #[default]
        Unspecified = "GROUP_MEMBER_PRINCIPAL_TYPE_UNSPECIFIED",
        User = "GROUP_MEMBER_PRINCIPAL_TYPE_USER",
    }
}
