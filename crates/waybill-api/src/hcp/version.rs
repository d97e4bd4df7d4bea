//! Versions: one run of a template, with the builds of all its sources.

use serde::{Deserialize, Serialize};

use super::{AncestryStatus, Build, Operation, PaginationResponse};
use crate::{
    encoding::{is_default, null_as_empty},
    time::{DateTime, unset_as_none},
    wire_enum::wire_enum,
};

/// A version with its builds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    pub id: String,
    pub bucket_name: String,
    /// `v0` until complete, then `v1`, `v2` and so on; Packer takes everything but `v0` as complete.
    pub name: String,
    pub fingerprint: String,
    pub status: VersionStatus,
    #[serde(skip_serializing_if = "is_default")]
    pub template_type: TemplateType,
    pub author_id: String,
    pub has_descendants: bool,
    /// Keep their order stable: clients take the first that fits.
    #[serde(deserialize_with = "null_as_empty")]
    pub builds: Vec<Build>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parents: Option<VersionParents>,
    /// Past: revoked. Future: will be.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub revoke_at: Option<DateTime>,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_message: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_author: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_type: RevocationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_inherited_from: Option<RevokedAncestor>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// Where to ask for the versions that this one was built from, and whether it is up to date with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionParents {
    pub href: String,
    pub status: AncestryStatus,
}

/// The version whose revocation was passed down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedAncestor {
    pub bucket_name: String,
    pub version_id: String,
    pub version_name: String,
    pub version_fingerprint: String,
    #[serde(skip_serializing_if = "is_default")]
    pub href: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListVersionsResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub versions: Vec<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateVersionBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_type: Option<TemplateType>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateVersionResponse {
    pub version: Version,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetVersionResponse {
    pub version: Version,
}

/// One intent per call: complete, restore, or revoke (`revoke_at` or `revoke_in`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateVersionBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub revoke_at: Option<DateTime>,
    /// A duration in units of s, m, h and d: `30d`, `2h45m`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revoke_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_rollback_channels: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_descendants_revocation: Option<bool>,
}

/// Clients read both members without a look, whatever the intent was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateVersionResponse {
    pub version: Version,
    pub operation: Operation,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeleteVersionQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_channels: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteVersionResponse {}

wire_enum! {
    #[derive(Default)]
    pub enum VersionStatus in "status" {
        #[default]
        Unset = "VERSION_UNSET",
        Running = "VERSION_RUNNING",
        Cancelled = "VERSION_CANCELLED",
        Failed = "VERSION_FAILED",
        Revoked = "VERSION_REVOKED",
        RevocationScheduled = "VERSION_REVOCATION_SCHEDULED",
        Active = "VERSION_ACTIVE",
        Incomplete = "VERSION_INCOMPLETE",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum TemplateType in "template_type" {
        #[default]
        Unset = "TEMPLATE_TYPE_UNSET",
        Hcl2 = "HCL2",
        Json = "JSON",
    }
}

wire_enum! {
    /// Whether a revocation was asked for or came down from an ancestor.
    #[derive(Default)]
    pub enum RevocationType in "revocation_type" {
        #[default]
        Unset = "REVOCATION_TYPE_UNSET",
        Manual = "MANUAL",
        Inherited = "INHERITED",
    }
}
