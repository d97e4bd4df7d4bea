//! What a build was built from: a version of a bucket in the same registry.

use std::str::FromStr;

use waybill_api::hcp::{Version, VersionStatus};
use waybill_client::Registry;
use waybill_model::names::{BucketName, ChannelName, Fingerprint, NameError};

use crate::error::CliError;

/// `BUCKET`, `BUCKET:CHANNEL` or `BUCKET@FINGERPRINT`. Without more, the channel `latest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParentReference {
    bucket: BucketName,
    version: ParentVersion,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ParentVersion {
    Channel(ChannelName),
    Fingerprint(Fingerprint),
}

/// The parent in the registry's terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) version_id: String,
    /// Set when it was found by a channel.
    pub(crate) channel_id: Option<String>,
    /// The parent's artifact that is nearest to ours.
    pub(crate) source_external_identifier: Option<String>,
}

impl FromStr for ParentReference {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A bucket's name has neither character, so the first one decides.
        let (bucket, version) = match text.find([':', '@']) {
            Some(at) if text[at..].starts_with(':') => {
                (&text[..at], ParentVersion::Channel(text[at + 1..].parse()?))
            }
            Some(at) => (&text[..at], ParentVersion::Fingerprint(text[at + 1..].parse()?)),
            None => (text, ParentVersion::Channel(ChannelName::latest())),
        };
        Ok(Self { bucket: bucket.parse()?, version })
    }
}

impl ParentReference {
    /// Asks the registry for it. A revoked version is no parent any more.
    pub(crate) async fn resolve(
        &self,
        registry: &Registry,
        platform: &str,
        regions: &[String],
    ) -> Result<Parent, CliError> {
        let bucket = self.bucket.as_str();
        let (version, channel_id) = match &self.version {
            ParentVersion::Channel(name) => {
                let channel = registry.get_channel(bucket, name.as_str()).await?;
                let assigned =
                    channel.version.filter(|version| !version.fingerprint.is_empty()).ok_or_else(|| {
                        CliError::registry(format!(
                            "the parent's channel `{name}` of `{bucket}` points to no version"
                        ))
                    })?;
                (assigned, Some(channel.id))
            }
            ParentVersion::Fingerprint(fingerprint) => {
                (registry.get_version(bucket, fingerprint.as_str()).await?, None)
            }
        };
        if version.status == VersionStatus::Revoked {
            let Version { name, fingerprint, .. } = &version;
            return Err(CliError::registry(format!(
                "the parent {name} ({fingerprint}) of `{bucket}` is revoked"
            ))
            .hint("build from a version that is not, and name that one"));
        }
        let source_external_identifier = nearest_artifact(&version, platform, regions);
        Ok(Parent { version_id: version.id, channel_id, source_external_identifier })
    }
}

/// The parent's artifact on our platform in one of our regions, else in any region; none on other platforms,
/// where nothing of ours can come from.
fn nearest_artifact(parent: &Version, platform: &str, regions: &[String]) -> Option<String> {
    let builds = || parent.builds.iter().filter(|build| build.platform == platform);
    let artifacts =
        || builds().flat_map(|build| &build.artifacts).filter(|a| !a.external_identifier.is_empty());
    let near = artifacts().find(|artifact| regions.contains(&artifact.region));
    near.or_else(|| artifacts().next()).map(|artifact| artifact.external_identifier.clone())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references() {
        let check = |text: &str| {
            text.parse::<ParentReference>()
                .map(|parsed| match parsed.version {
                    ParentVersion::Channel(name) => format!("{} channel {name}", parsed.bucket),
                    ParentVersion::Fingerprint(name) => format!("{} fingerprint {name}", parsed.bucket),
                })
                .map_err(|error| error.to_string())
        };
        assert_eq!(check("ubuntu"), Ok("ubuntu channel latest".into()));
        assert_eq!(check("ubuntu:prod"), Ok("ubuntu channel prod".into()));
        assert_eq!(check("ubuntu@01J.a"), Ok("ubuntu fingerprint 01J.a".into()));
        assert_eq!(check("ubuntu:"), Err("a channel name has 3 to 36 characters, `` has 0".into()));
        assert_eq!(check("@f"), Err("a bucket name has 3 to 36 characters, `` has 0".into()));
        assert!(check("ubuntu:prod@f").is_err());
    }

    #[test]
    fn the_nearest_artifact() {
        let parent: Version = serde_json::from_value(json!({ "builds": [
            { "platform": "gcp", "artifacts": [{ "external_identifier": "image", "region": "eu" }] },
            { "platform": "aws", "artifacts": [
                { "external_identifier": "", "region": "eu" },
                { "external_identifier": "ami-us", "region": "us" },
                { "external_identifier": "ami-eu", "region": "eu" },
            ]},
        ]}))
        .expect("a version");
        let check = |platform: &str, region: &str| nearest_artifact(&parent, platform, &[region.to_owned()]);
        assert_eq!(check("aws", "eu"), Some("ami-eu".into()));
        assert_eq!(check("aws", "ap"), Some("ami-us".into()));
        assert_eq!(check("azure", "eu"), None);
    }
}
