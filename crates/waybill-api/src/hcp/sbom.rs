//! Software bills of materials of a build.

use serde::{Deserialize, Serialize};

use crate::{encoding::null_as_empty, wire_enum::wire_enum};

/// A stored document, without its content.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sbom {
    pub id: String,
    pub name: String,
    pub format: SbomFormat,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadSbomBody {
    /// Packer leaves it out unless the template names the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<SbomFormat>,
    /// A zstd frame, most often without its content's size, in padded standard base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compressed_sbom: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadSbomResponse {
    pub sbom: Sbom,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSbomsResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub sboms: Vec<Sbom>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetSbomResponse {
    /// Works without a token for a short time.
    pub download_url: String,
}

wire_enum! {
    #[derive(Default)]
    pub enum SbomFormat in "format" {
        #[default]
        CycloneDx = "CYCLONEDX",
        Spdx = "SPDX",
    }
}
