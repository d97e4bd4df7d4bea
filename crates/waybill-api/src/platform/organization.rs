//! Organizations.

use serde::{Deserialize, Serialize};

use crate::{encoding::null_as_empty, hcp::PaginationResponse, time::DateTime, wire_enum::wire_enum};

/// Who owns projects and principals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Organization {
    pub id: String,
    pub name: String,
    pub state: OrganizationState,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<OrganizationOwner>,
    /// Whether HCP Terraform mirrors it; false on Waybill.
    pub tfc_synced: bool,
    pub created_at: DateTime,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationOwner {
    pub user: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OrganizationListResponse {
    /// Clients without a configured organization want exactly one.
    #[serde(deserialize_with = "null_as_empty")]
    pub organizations: Vec<Organization>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationGetResponse {
    pub organization: Organization,
}

wire_enum! {
    #[derive(Default)]
    pub enum OrganizationState in "state" {
        #[default]
        Unknown = "UNKNOWN",
        Active = "ACTIVE",
        PendingDelete = "PENDING_DELETE",
    }
}
