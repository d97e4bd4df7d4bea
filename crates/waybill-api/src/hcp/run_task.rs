//! The run task of HCP Terraform: where it reaches the registry, and what it does.

use serde::{Deserialize, Serialize};

use super::{Region, RunTaskBehaviour};
use crate::secret::Secret;

/// What is entered in HCP Terraform. Clients read it at each refresh, so it does not change by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetRegistryTFCRunTaskAPIResponse {
    pub api_url: String,
    pub hmac_key: Secret,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegenerateTFCRunTaskHmacKeyBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<RegenerateTFCRunTaskHmacKeyBodyLocation>,
}

/// What of a location is not on the path. Nothing here depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegenerateTFCRunTaskHmacKeyBodyLocation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<Region>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegenerateTFCRunTaskHmacKeyResponse {
    pub hmac_key: Secret,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetRunTaskConfigResponse {
    pub on_untracked_image: RunTaskBehaviour,
}

/// `UNSET` changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateRunTaskConfigBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_untracked_image: Option<RunTaskBehaviour>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateRunTaskConfigResponse {
    pub on_untracked_image: RunTaskBehaviour,
}
