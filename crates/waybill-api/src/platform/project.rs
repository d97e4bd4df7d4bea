//! Projects.

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{is_default, null_as_empty},
    hcp::{Operation, PaginationResponse},
    time::DateTime,
    wire_enum::wire_enum,
};

/// A part of an organization, with a registry of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "is_default")]
    pub description: String,
    /// The organization. Clients read it without a look.
    pub parent: ResourceId,
    pub state: ProjectState,
    /// Clients without a configured project take the oldest.
    pub created_at: DateTime,
}

/// A resource by its type and id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceId {
    pub id: String,
    pub r#type: ResourceType,
}

/// Whose projects to list; a [`PageQuery`](crate::hcp::PageQuery) comes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectListQuery {
    #[serde(rename = "scope.id", skip_serializing_if = "Option::is_none")]
    pub scope_id: Option<String>,
    #[serde(rename = "scope.type", skip_serializing_if = "Option::is_none")]
    pub scope_type: Option<ResourceType>,
    /// Only projects with this in their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectListResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub projects: Vec<Project>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectGetResponse {
    pub project: Project,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectCreateRequest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<ResourceId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectCreateResponse {
    pub project: Project,
    /// Empty when the project exists already, as it does on Waybill.
    #[serde(default, skip_serializing_if = "is_default")]
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSetNameBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSetNameResponse {
    /// Empty when it is done already, as it is on Waybill.
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSetDescriptionBody {
    /// Left out: no description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectSetDescriptionResponse {
    /// Empty when it is done already, as it is on Waybill.
    pub operation_id: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectDeleteResponse {
    /// Clients read it without a look, and wait for it.
    pub operation: Operation,
}

wire_enum! {
    #[derive(Default)]
    pub enum ProjectState in "state" {
        #[default]
        Unknown = "UNKNOWN",
        Active = "ACTIVE",
        Deleting = "DELETING",
        Deleted = "DELETED",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum ResourceType in "type" {
        #[default]
        Unknown = "UNKNOWN",
        Organization = "ORGANIZATION",
        Project = "PROJECT",
    }
}
