//! Where a resource is.

use serde::{Deserialize, Serialize};

use crate::encoding::is_default;

/// The organization and project that own a resource.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Location {
    pub organization_id: String,
    pub project_id: String,
    /// Never set by Waybill: a registry has no region.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

/// A region of a cloud provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    pub provider: String,
    pub region: String,
}

/// Names a resource of any type.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// For instance `hashicorp.packer.registry`.
    pub r#type: String,
    pub id: String,
    #[serde(skip_serializing_if = "is_default")]
    pub uuid: String,
    #[serde(skip_serializing_if = "is_default")]
    pub description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}
