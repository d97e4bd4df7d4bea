//! Which buckets were built from which.

use serde::{Deserialize, Serialize};

use super::PaginationResponse;
use crate::{
    encoding::{is_default, null_as_empty},
    wire_enum::wire_enum,
};

/// A relation of two buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketAncestry {
    pub parent: Parent,
    pub child: Child,
    pub status: AncestryStatus,
}

/// The version that something was built from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parent {
    pub bucket_name: String,
    pub version_id: String,
    pub version_name: String,
    pub version_fingerprint: String,
    /// The channel it was taken from, if one was used.
    #[serde(skip_serializing_if = "is_default")]
    pub channel_name: String,
    /// What that channel points to now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_version: Option<ChannelVersion>,
}

/// The version that was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Child {
    pub bucket_name: String,
    pub version_id: String,
    pub version_name: String,
    pub version_fingerprint: String,
}

/// A version in few words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelVersion {
    pub id: String,
    pub name: String,
    pub fingerprint: String,
}

/// Which relations to list; a [`PageQuery`](super::PageQuery) comes with it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketAncestryQuery {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<BucketAncestryType>,
    /// Only children that used this channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_name: Option<String>,
    /// Whose parents; the latest version's without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_fingerprint: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketAncestryResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub relations: Vec<BucketAncestry>,
    /// Relations on all pages.
    pub total_count: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

wire_enum! {
    #[derive(Default)]
    pub enum AncestryStatus in "status" {
        #[default]
        Undetermined = "UNDETERMINED",
        UpToDate = "UP_TO_DATE",
        OutOfDate = "OUT_OF_DATE",
    }
}

wire_enum! {
    #[derive(Default)]
    pub enum BucketAncestryType in "type" {
        /// Both directions.
        #[default]
        Unset = "ANCESTRY_TYPE_UNSET",
        Parents = "ANCESTRY_TYPE_PARENTS",
        Children = "ANCESTRY_TYPE_CHILDREN",
    }
}
