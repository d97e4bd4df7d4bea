//! What will be published. Everything in a plan is checked; the registry has not been asked yet.

use std::{collections::BTreeMap, path::Path};

use waybill_model::{
    labels::Labels,
    names::{BucketName, ChannelName, ComponentType, Fingerprint},
};

use super::{
    artifact::{Artifact, FILE_PLATFORM, LocalFile, file_labels},
    parent::ParentReference,
    sbom::Sbom,
};
use crate::error::CliError;

/// One build of one version.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) bucket: BucketName,
    pub(crate) description: Option<String>,
    /// Added to the bucket's own.
    pub(crate) bucket_labels: BTreeMap<String, String>,
    pub(crate) fingerprint: Fingerprint,
    pub(crate) component: ComponentType,
    /// Builds of the same version that others will publish.
    pub(crate) expected: Vec<ComponentType>,
    pub(crate) contents: Contents,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) sboms: Vec<Sbom>,
    pub(crate) parent: Option<ParentReference>,
    /// What it was built from, in the platform's terms; wins over what the parent says.
    pub(crate) source: Option<String>,
    /// Pointed at the version once that is complete.
    pub(crate) channels: Vec<ChannelName>,
}

/// The artifacts of a build, all on one platform.
#[derive(Debug, Default)]
pub(crate) struct Contents {
    pub(crate) platform: String,
    /// In the order in which they were given, each once.
    pub(crate) artifacts: Vec<Artifact>,
    /// Become artifacts when they have been hashed.
    pub(crate) files: Vec<LocalFile>,
}

/// With labels for each, more would not fit among the labels that a build may have.
const MAX_FILES: usize = 25;

impl Contents {
    /// Brings together what was given, and looks at the files.
    pub(crate) fn gather(
        artifacts: Vec<Artifact>,
        files: &[impl AsRef<Path>],
        region: Option<&str>,
        folder: &Path,
    ) -> Result<Self, CliError> {
        let mut contents = Self::default();
        for artifact in artifacts {
            if !contents.artifacts.contains(&artifact) {
                contents.artifacts.push(artifact);
            }
        }
        if MAX_FILES < files.len() {
            let n_files = files.len();
            return Err(CliError::usage(format!(
                "a build has at most {MAX_FILES} files, these are {n_files}"
            ))
            .hint("publish them as several builds of one version: --component and --expect-build"));
        }
        for file in files {
            let found =
                LocalFile::find(&folder.join(file), region).map_err(|e| CliError::user(e.to_string()))?;
            if contents.files.iter().all(|other| other.path != found.path) {
                contents.files.push(found);
            }
        }
        let mut platforms: Vec<&str> = contents.artifacts.iter().map(|a| a.platform.as_str()).collect();
        if !contents.files.is_empty() {
            platforms.push(FILE_PLATFORM);
        }
        contents.platform = one_platform(&platforms)?;
        Ok(contents)
    }

    /// The regions that are known without hashing anything.
    pub(crate) fn regions(&self) -> Vec<String> {
        let of_artifacts = self.artifacts.iter().map(|artifact| artifact.region.clone());
        of_artifacts.chain(self.files.iter().map(|file| file.region.clone())).collect()
    }
}

fn one_platform(platforms: &[&str]) -> Result<String, CliError> {
    let Some(first) = platforms.first() else {
        return Err(CliError::usage("there is nothing to publish").hint("give --artifact or --file"));
    };
    match platforms.iter().find(|platform| *platform != first) {
        None => Ok((*first).to_owned()),
        Some(other) => {
            Err(CliError::usage(format!("a build has one platform, and these have `{first}` and `{other}`"))
                .hint("publish them as several builds of one version: --component and --expect-build"))
        }
    }
}

/// The labels of the build: what was asked for, then the commit, then what the files say; the later wins.
pub(crate) fn build_labels(
    asked: BTreeMap<String, String>,
    commit: Option<&str>,
    files: &[LocalFile],
) -> Result<BTreeMap<String, String>, CliError> {
    let mut labels = asked;
    labels.extend(commit.map(|commit| ("git_sha".to_owned(), commit.to_owned())));
    labels.extend(file_labels(files));
    checked_labels(labels)
}

/// Labels within the registry's limits.
pub(crate) fn checked_labels(labels: BTreeMap<String, String>) -> Result<BTreeMap<String, String>, CliError> {
    Labels::try_from(labels).map(Labels::into_inner).map_err(|error| CliError::usage(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_FILES: [&str; 0] = [];

    fn artifacts(texts: &[&str]) -> Vec<Artifact> {
        texts.iter().map(|text| text.parse().expect("an artifact")).collect()
    }

    #[test]
    fn an_artifact_counts_once() {
        let given = artifacts(&["aws:eu:ami-2", "aws:us:ami-1", "aws:eu:ami-2"]);
        let contents = Contents::gather(given, &NO_FILES, None, Path::new("/")).expect("contents");
        let texts: Vec<String> = contents.artifacts.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["aws:eu:ami-2", "aws:us:ami-1"]);
        assert_eq!(contents.platform, "aws");
    }

    #[test]
    fn a_build_has_one_platform() {
        let check = |texts: &[&str], files: &[&str]| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            fs_err::write(folder.path().join("disk"), "").expect("written");
            Contents::gather(artifacts(texts), files, None, folder.path())
                .map(|contents| contents.platform)
                .map_err(|error| error.message)
        };
        assert_eq!(check(&["aws::1"], &[]), Ok("aws".into()));
        assert_eq!(check(&[], &["disk"]), Ok("file".into()));
        assert_eq!(check(&["file::sha256:1"], &["disk"]), Ok("file".into()));
        assert_eq!(
            check(&["aws::1", "gcp::2"], &[]),
            Err("a build has one platform, and these have `aws` and `gcp`".into())
        );
        assert_eq!(
            check(&["aws::1"], &["disk"]),
            Err("a build has one platform, and these have `aws` and `file`".into())
        );
        assert_eq!(check(&[], &[]), Err("there is nothing to publish".into()));
    }

    #[test]
    fn the_commit_wins_over_a_label_of_the_same_name() {
        let asked =
            BTreeMap::from([("git_sha", "mine"), ("team", "os")].map(|(k, v)| (k.to_owned(), v.to_owned())));
        let labels = build_labels(asked, Some("c0ffee"), &[]).expect("labels");
        assert_eq!(labels["git_sha"], "c0ffee");
        assert_eq!(labels["team"], "os");
    }

    #[test]
    fn labels_have_limits() {
        let many = (0..65).map(|n| (n.to_string(), String::new())).collect();
        assert_eq!(checked_labels(many).expect_err("too many").exit_code(), 2);
    }
}
