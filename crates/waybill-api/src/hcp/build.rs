//! Builds: what one source of a template made, and the artifacts that came out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{BuildMetadata, Location, PaginationResponse};
use crate::{
    encoding::{is_default, null_as_empty},
    time::DateTime,
    wire_enum::wire_enum,
};

/// A build with its artifacts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    pub id: String,
    pub version_id: String,
    /// `source.name` of the template, such as `amazon-ebs.base`.
    pub component_type: String,
    /// Packer reads it without a look.
    pub status: BuildStatus,
    #[serde(skip_serializing_if = "is_default")]
    pub packer_run_uuid: String,
    /// For instance `aws`. Packer aborts on a build that has artifacts and no platform.
    #[serde(skip_serializing_if = "is_default")]
    pub platform: String,
    /// Text of any kind that tells what the build started from.
    #[serde(skip_serializing_if = "is_default")]
    pub source_external_identifier: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub labels: BTreeMap<String, String>,
    /// Packer takes a build with artifacts as finished whatever its status: show them on `DONE` ones only.
    #[serde(deserialize_with = "null_as_empty")]
    pub artifacts: Vec<Artifact>,
    /// Part of the answers of build operations and of `GetVersion`, not of others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BuildMetadata>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// An image or the like, in one region.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Artifact {
    pub id: String,
    /// May be empty, as may the region; not both.
    pub external_identifier: String,
    #[serde(skip_serializing_if = "is_default")]
    pub region: String,
    pub created_at: DateTime,
}

/// An artifact to be stored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ArtifactCreateBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBuildsResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub builds: Vec<Build>,
    pub location: Location,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateBuildBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub component_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BuildStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packer_run_uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_external_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_channel_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Vec<ArtifactCreateBody>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBuildResponse {
    pub build: Build,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetBuildResponse {
    pub build: Build,
}

/// A start, a heartbeat, a result: Packer says them all with this body. Absent members keep what is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateBuildBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<BuildStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packer_run_uuid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_external_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_channel_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BuildMetadata>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifacts: Option<Vec<ArtifactCreateBody>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateBuildResponse {
    pub build: Build,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBuildResponse {}

wire_enum! {
    #[derive(Default)]
    pub enum BuildStatus in "status" {
        #[default]
        Unset = "BUILD_UNSET",
        Running = "BUILD_RUNNING",
        Done = "BUILD_DONE",
        Cancelled = "BUILD_CANCELLED",
        Failed = "BUILD_FAILED",
    }
}
