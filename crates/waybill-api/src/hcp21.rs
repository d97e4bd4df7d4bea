//! The registry's interface, version 2021-04-30: what Packer's deprecated data sources still ask.
//!
//! The same registry under older names: a bucket's name is a slug, a version an iteration, an artifact an
//! image, a platform a cloud provider. There are types for `GetChannel` and `GetIteration` only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    encoding::{is_default, null_as_empty},
    hcp::TemplateType,
    time::{DateTime, unset_as_none},
    wire_enum::wire_enum,
};

/// Which iteration is asked for: exactly one member is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetIterationQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub incremental_version: Option<i32>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetIterationResponse {
    pub iteration: Iteration,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetChannelResponse {
    pub channel: Channel,
}

/// A channel with the whole iteration that it points to, twice: Packer reads `iteration`, others `pointer`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    pub id: String,
    pub slug: String,
    pub bucket_slug: String,
    pub managed: bool,
    pub restricted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iteration: Option<Iteration>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<ChannelIterationPointer>,
    pub author_id: String,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// Who pointed a channel at an iteration, and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelIterationPointer {
    pub iteration: Iteration,
    pub author_id: String,
    pub created_at: DateTime,
}

/// A version, as it was called.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Iteration {
    pub id: String,
    pub bucket_slug: String,
    /// 0 until complete.
    pub incremental_version: i32,
    pub complete: bool,
    pub fingerprint: String,
    #[serde(skip_serializing_if = "is_default")]
    pub template_type: TemplateType,
    pub author_id: String,
    pub has_descendants: bool,
    /// Has no successor in the newer interface; Waybill never sets it.
    #[serde(skip_serializing_if = "is_default")]
    pub iteration_ancestor_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub builds: Vec<Build>,
    /// Packer takes a moment in the past as revoked.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub revoke_at: Option<DateTime>,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_message: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_author: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_type: IterationRevocationType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revocation_inherited_from: Option<RevokedAncestor>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// The iteration whose revocation was passed down.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RevokedAncestor {
    pub bucket_slug: String,
    pub iteration_id: String,
    pub iteration_fingerprint: String,
    pub iteration_incremental_version: i32,
    #[serde(skip_serializing_if = "is_default")]
    pub href: String,
}

/// A build with its images.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    pub id: String,
    pub iteration_id: String,
    pub component_type: String,
    pub status: BuildStatus,
    #[serde(skip_serializing_if = "is_default")]
    pub packer_run_uuid: String,
    #[serde(skip_serializing_if = "is_default")]
    pub cloud_provider: String,
    #[serde(skip_serializing_if = "is_default")]
    pub source_image_id: String,
    /// Has no successor in the newer interface; Waybill never sets it.
    #[serde(skip_serializing_if = "is_default")]
    pub source_build_ulid: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub labels: BTreeMap<String, String>,
    #[serde(deserialize_with = "null_as_empty")]
    pub images: Vec<Image>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// An artifact, as it was called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    pub id: String,
    pub image_id: String,
    #[serde(skip_serializing_if = "is_default")]
    pub region: String,
    pub created_at: DateTime,
}

wire_enum! {
    #[derive(Default)]
    pub enum BuildStatus in "status" {
        #[default]
        Unset = "UNSET",
        Running = "RUNNING",
        Done = "DONE",
        Cancelled = "CANCELLED",
        Failed = "FAILED",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum IterationRevocationType in "revocation_type" {
        #[default]
        Unset = "UNSET",
        Manual = "MANUAL",
        Inherited = "INHERITED",
    }
}
