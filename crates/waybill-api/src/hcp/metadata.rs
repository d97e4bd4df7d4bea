//! What Packer says about the circumstances of a build, kept to the byte.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use thiserror::Error;

/// `{"packer": …, "vcs": …, "cicd": …}`, each a JSON object, `null` or absent, returned as it was sent.
///
/// The text is never taken apart: an explicit `null` stays one, the order of members stays, and members of a
/// newer client survive. Equality is equality of the texts.
/// Invariant: the text is an object whose three members have the shapes above.
#[derive(Clone)]
pub struct BuildMetadata(Box<RawValue>);

/// Why a text is not a build's metadata.
#[derive(Debug, Error)]
pub enum BuildMetadataError {
    #[error("`metadata` is not JSON")]
    Json(#[source] serde_json::Error),
    #[error("`metadata` is a JSON object")]
    NotAnObject,
    #[error("`metadata.{0}` is a JSON object or null")]
    Member(&'static str),
}

impl BuildMetadata {
    /// Takes a JSON text, for instance one that [`as_str`](Self::as_str) gave earlier.
    pub fn from_json(text: String) -> Result<Self, BuildMetadataError> {
        RawValue::from_string(text).map_err(BuildMetadataError::Json).and_then(Self::checked)
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    fn checked(raw: Box<RawValue>) -> Result<Self, BuildMetadataError> {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw.get()) else {
            return Err(BuildMetadataError::NotAnObject);
        };
        for name in ["packer", "vcs", "cicd"] {
            let text = members.get(name).map_or("null", |member| member.get());
            if text != "null" && !text.starts_with('{') {
                return Err(BuildMetadataError::Member(name));
            }
        }
        Ok(Self(raw))
    }
}

impl PartialEq for BuildMetadata {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for BuildMetadata {}

impl fmt::Debug for BuildMetadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BuildMetadata").field(&self.as_str()).finish()
    }
}

impl Serialize for BuildMetadata {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BuildMetadata {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::checked(raw).map_err(de::Error::custom)
    }
}
