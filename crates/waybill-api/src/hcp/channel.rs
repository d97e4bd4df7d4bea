//! Channels: names that point to versions.

use serde::{Deserialize, Serialize};

use super::{PaginationResponse, Version};
use crate::{encoding::null_as_empty, time::DateTime};

/// A channel with the whole version that it points to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Channel {
    /// Clients read it without a look.
    pub id: String,
    pub bucket_name: String,
    pub name: String,
    /// True for `latest`, which the registry moves by itself.
    pub managed: bool,
    pub restricted: bool,
    /// Without one the channel is unassigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    pub author_id: String,
    pub created_at: DateTime,
    pub updated_at: DateTime,
}

/// What a channel pointed to from a moment on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelAssignment {
    /// `None` where the channel was unassigned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<Version>,
    pub author_id: String,
    pub assigned_at: DateTime,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListChannelsResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub channels: Vec<Channel>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateChannelBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_fingerprint: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateChannelResponse {
    pub channel: Channel,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetChannelResponse {
    pub channel: Channel,
}

/// Changes what `update_mask` names: `versionFingerprint`, `restricted`.
///
/// A fingerprint in the mask and none in the body unassigns, since clients cannot send an empty one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateChannelBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restricted: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_mask: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateChannelResponse {
    pub channel: Channel,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteChannelResponse {}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListChannelAssignmentHistoryResponse {
    /// Newest first.
    #[serde(deserialize_with = "null_as_empty")]
    pub history: Vec<ChannelAssignment>,
    /// Entries on all pages.
    pub count: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

/// Points the target at what the source points to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssignChannelVersionBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_channel: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AssignChannelVersionResponse {
    pub fingerprint: String,
    pub version: Version,
    pub source_channel: Channel,
    pub target_channel: Channel,
}
