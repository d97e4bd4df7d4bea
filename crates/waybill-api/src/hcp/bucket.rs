//! Buckets: everything that was built under one name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{AncestryStatus, Location, PaginationResponse, Version};
use crate::{
    encoding::{int64, is_default, null_as_empty},
    time::DateTime,
};

/// A bucket and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Bucket {
    pub id: String,
    pub name: String,
    /// `packer/project/<project id>/bucket/<name>`.
    pub resource_name: String,
    pub location: Location,
    #[serde(skip_serializing_if = "is_default")]
    pub description: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub labels: BTreeMap<String, String>,
    /// The platforms of the latest complete version's builds, each once.
    #[serde(deserialize_with = "null_as_empty")]
    pub platforms: Vec<String>,
    /// What channel `latest` points to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub latest_version: Option<Version>,
    /// Incomplete versions count.
    #[serde(with = "int64")]
    pub version_count: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parents: Option<BucketParents>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub children: Option<BucketChildren>,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// Where to ask for the buckets that this one was built from, and whether it is up to date with them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketParents {
    pub href: String,
    pub status: AncestryStatus,
}

/// Where to ask for the buckets that were built from this one, and whether they are up to date with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketChildren {
    pub href: String,
    pub status: AncestryStatus,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketsResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub buckets: Vec<Bucket>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateBucketBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateBucketResponse {
    pub bucket: Bucket,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetBucketResponse {
    pub bucket: Bucket,
}

/// Packer sends one at the start of every build, often with nothing in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateBucketBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platforms: Option<Vec<String>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateBucketResponse {
    pub bucket: Bucket,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteBucketResponse {}
