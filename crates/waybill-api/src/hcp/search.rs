//! From an artifact's identifier back to its build.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Build, PaginationResponse, RevocationType, VersionStatus};
use crate::{
    encoding::{is_default, null_as_empty},
    time::{DateTime, unset_as_none},
};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchExternalArtifactRequestBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SearchExternalArtifactResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub artifacts: Vec<ExternalArtifact>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pagination: Option<PaginationResponse>,
}

/// A build that made the artifact.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifact {
    pub bucket: ExternalArtifactBucket,
    pub version: ExternalArtifactVersion,
    pub build: Build,
}

/// A bucket in few words.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactBucket {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub labels: BTreeMap<String, String>,
}

/// A version without its builds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ExternalArtifactVersion {
    pub id: String,
    pub name: String,
    pub fingerprint: String,
    pub status: VersionStatus,
    pub author_id: String,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub revoke_at: Option<DateTime>,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_message: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_author: String,
    #[serde(skip_serializing_if = "is_default")]
    pub revocation_type: RevocationType,
}
