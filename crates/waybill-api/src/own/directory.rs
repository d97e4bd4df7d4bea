//! People and groups.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Role, RoleBinding};
use crate::time::DateTime;

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct User {
    pub id: String,
    /// In lower case.
    pub email: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub full_name: String,
    /// Whether they have a password here.
    pub has_password: bool,
    /// The login provider that vouches for them, once they have logged in there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: DateTime,
    /// Their own; those of their groups come in addition.
    pub roles: Vec<RoleBinding>,
    /// The identifiers of the groups that they are in.
    pub groups: Vec<String>,
}

/// Which page of `GET organizations/{organization_id}/users`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListUsersQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListUsersResponse {
    pub users: Vec<User>,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Makes a person who cannot log in yet (`POST organizations/{organization_id}/users`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUserBody {
    /// Like `ada@example.com`; upper case is made lower case.
    pub email: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// On the organization. Without one they may do nothing until a policy or a group gives them a role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Changes a person (`PATCH organizations/{organization_id}/users/{user_id}`). What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateUserBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserResponse {
    pub user: User,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeleteUserResponse {}

/// Several people under one name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Group {
    pub id: String,
    /// The last part of the resource's name.
    pub name: String,
    /// `iam/organization/<organization id>/group/<name>`.
    pub resource_name: String,
    pub display_name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    pub member_count: i64,
    /// The login provider's group whose members are this group's members; absent for one that is kept by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_name: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: DateTime,
    /// What every member has by it.
    pub roles: Vec<RoleBinding>,
}

/// Which page of `GET organizations/{organization_id}/groups`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default, deny_unknown_fields)]
pub struct ListGroupsQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_token: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListGroupsResponse {
    pub groups: Vec<Group>,
    /// Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// Changes a group (`PATCH organizations/{organization_id}/groups/{group_id}`). What is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UpdateGroupBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The login provider's group to follow: at each login, who is in that is in this. Empty: follow none, and keep the
    /// members as they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GroupResponse {
    pub group: Group,
}
