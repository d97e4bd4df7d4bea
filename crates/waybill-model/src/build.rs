//! Builds: one source of a template, from its announcement to its artifacts.
//!
//! A client announces a build, says RUNNING and repeats that as a heartbeat, and ends with DONE, FAILED or
//! CANCELLED.
//! Failed and cancelled builds may start again; **DONE is final**.
//! An update merges: what it leaves out or sends empty keeps what is stored.
//! Once the version is complete its builds are history: nothing is added, changed or deleted.
//!
//! An artifact has an external identifier or a region, or both.
//! A done build has at least one artifact and a platform.

use std::{collections::HashSet, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use thiserror::Error;

use crate::{
    ids::{BuildId, Uid, VersionId},
    labels::Labels,
    names::{ComponentType, Fingerprint},
    text::shown,
};

/// Where a build stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BuildStatus {
    /// Announced, not started. In an update: leave the status alone.
    #[default]
    Unset,
    Running,
    /// Finished with artifacts. Final.
    Done,
    Cancelled,
    Failed,
}

/// A stored artifact: something a build made and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub uid: Uid,
    /// What the platform calls it, such as `ami-0123`; may be empty when there is a region.
    pub external_identifier: String,
    /// May be empty when there is an external identifier.
    pub region: String,
    pub created_at: Timestamp,
}

/// An artifact as a client reports it, before it has ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewArtifact {
    pub external_identifier: String,
    pub region: String,
}

/// A stored build. Empty text means that nothing was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    pub id: BuildId,
    pub uid: Uid,
    pub version_id: VersionId,
    pub component_type: ComponentType,
    pub status: BuildStatus,
    /// The run that last touched the build; another one after a resume.
    pub packer_run_uuid: String,
    pub platform: String,
    pub source_external_identifier: String,
    /// As the client gave it: it may name something unknown or deleted.
    pub parent_version_uid: String,
    /// As the client gave it: it may name something unknown or deleted.
    pub parent_channel_uid: String,
    pub labels: Labels,
    /// JSON text, verbatim.
    pub metadata: Option<String>,
    /// In the order in which they were stored.
    pub artifacts: Vec<Artifact>,
    pub created_at: Timestamp,
    /// The last word from the client, heartbeats included.
    pub updated_at: Timestamp,
}

/// What a client says about a build. `None` and empty both mean "nothing new".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildUpdate {
    pub status: Option<BuildStatus>,
    pub packer_run_uuid: Option<String>,
    pub platform: Option<String>,
    pub source_external_identifier: Option<String>,
    pub parent_version_uid: Option<String>,
    pub parent_channel_uid: Option<String>,
    /// Replaces all stored labels.
    pub labels: Option<Labels>,
    /// JSON text.
    pub metadata: Option<String>,
    pub artifacts: Option<Vec<NewArtifact>>,
}

/// Whether the builds of a version may still change; made by
/// [`Version::openness`](crate::version::Version::openness).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Openness {
    Open,
    /// The version of that fingerprint is complete.
    Complete(Fingerprint),
}

/// What an update does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "made once per request and taken apart at once; most are `Write`"
)]
pub enum BuildChange {
    /// The build is done and the update says nothing new: answer as if written, write nothing.
    Repeat,
    Write {
        /// The build with its new values. `artifacts` and `updated_at` are still the stored ones: the writer
        /// stamps the time, and replaces the artifacts if it is told to.
        build: Build,
        /// The whole new list of artifacts, or `None` to leave the stored ones.
        artifacts: Option<Vec<NewArtifact>>,
    },
}

/// Why a build could not be created, updated or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BuildError {
    // A precondition that does not hold.
    #[error(
        "version `{0}` is complete: builds cannot be added to it, changed or deleted; \
         use another fingerprint to start a new version"
    )]
    VersionComplete(Fingerprint),
    #[error("build `{component_type}` ({uid}) is done, which is final: nothing about it can be changed")]
    Done { component_type: ComponentType, uid: Uid },

    // An argument that is not allowed.
    #[error("build `{0}` cannot be done without an artifact that has an `external_identifier` or a `region`")]
    NoArtifact(ComponentType),
    #[error("build `{0}` cannot be done without a `platform`")]
    NoPlatform(ComponentType),
    #[error(
        "an artifact has an `external_identifier` or a `region`, \
         number {number} of build `{component_type}` has neither"
    )]
    EmptyArtifact { component_type: ComponentType, number: usize },
    #[error("`{member}` of a build has at most {MAX_TEXT_BYTES} bytes, found {found}")]
    TextTooLong { member: &'static str, found: usize },
    #[error("`{member}` of a build cannot contain the character NUL, found `{found}`")]
    Nul { member: &'static str, found: String },
    #[error("a build has at most {MAX_ARTIFACTS} artifacts, found {0}")]
    TooManyArtifacts(usize),
    #[error("`metadata` of a build has at most {MAX_METADATA_BYTES} bytes, found {0}")]
    MetadataTooLarge(usize),
    #[error("`metadata` of a build is nested at most {MAX_METADATA_DEPTH} levels deep")]
    MetadataTooDeep,
}

/// Why a text is not the name of a build status.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("a build status is one of `unset`, `running`, `done`, `cancelled` and `failed`, found `{found}`")]
pub struct BuildStatusError {
    /// The text, cut to a length that a message can carry.
    pub found: String,
}

/// How long a running build may be silent before it counts as cancelled, unless configured otherwise: five
/// heartbeats of Packer, which come every 120 s.
pub const SILENT_AFTER: SignedDuration = SignedDuration::from_mins(10);

/// Longest text member of a build. Artifacts are found by identifier and region, and an index entry holds at
/// most about 2700 bytes on one of the databases; paths and image names stay far below.
const MAX_TEXT_BYTES: usize = 1024;

/// A build has one artifact for each region or file; every read of a version carries them all.
const MAX_ARTIFACTS: usize = 1000;
/// Packer sends a few kilobytes: its options, the commit, the CI run.
const MAX_METADATA_BYTES: usize = 256 << 10;
/// Readers of JSON give up somewhere; a build that they cannot read could never be resumed.
const MAX_METADATA_DEPTH: usize = 64;

/// Decides what an update makes of a build.
///
/// * A done build takes no update. One that says nothing new (the answer to the first was lost) is a
///   [`BuildChange::Repeat`], also after the version was completed by it.
/// * A status of UNSET changes no status; every other one may follow every one but DONE: FAILED and CANCELLED
///   builds are resumed, and may even become DONE at once.
/// * With DONE, the artifacts of the update replace those of an earlier attempt.
///   Without, they are added to the stored ones; those that are stored already are not added again.
///
/// To create a build, call this with a build that is UNSET and otherwise empty and with what the request
/// holds.
pub fn update(
    current: &Build,
    version_is_open: Openness,
    update: &BuildUpdate,
) -> Result<BuildChange, BuildError> {
    let build = merge(current, update);
    let given = update.artifacts.as_deref().unwrap_or_default();
    if current.status == BuildStatus::Done {
        let is_repeat = build == *current && (given.is_empty() || is_same(&current.artifacts, given));
        return match version_is_open {
            _ if is_repeat => Ok(BuildChange::Repeat),
            Openness::Complete(fingerprint) => Err(BuildError::VersionComplete(fingerprint)),
            Openness::Open => {
                let Build { component_type, uid, .. } = build;
                Err(BuildError::Done { component_type, uid })
            }
        };
    }
    version_is_open.check()?;
    check_texts(update)?;
    if let Some(at) = given.iter().position(NewArtifact::is_empty) {
        return Err(BuildError::EmptyArtifact { component_type: build.component_type, number: at + 1 });
    }
    if build.status == BuildStatus::Done {
        if given.is_empty() && current.artifacts.is_empty() {
            return Err(BuildError::NoArtifact(build.component_type));
        }
        if build.platform.is_empty() {
            return Err(BuildError::NoPlatform(build.component_type));
        }
    }
    let artifacts = match build.status {
        BuildStatus::Done => (!given.is_empty()).then(|| given.to_vec()),
        _ => with_added(&current.artifacts, given),
    };
    let kept = artifacts.as_ref().map_or(0, Vec::len);
    if MAX_ARTIFACTS < kept {
        return Err(BuildError::TooManyArtifacts(kept));
    }
    Ok(BuildChange::Write { build, artifacts })
}

impl Openness {
    /// Checks that builds may be added, changed and deleted.
    pub fn check(self) -> Result<(), BuildError> {
        match self {
            Self::Open => Ok(()),
            Self::Complete(fingerprint) => Err(BuildError::VersionComplete(fingerprint)),
        }
    }
}

impl Build {
    /// Returns the artifacts that answers show: those of a done build.
    ///
    /// Packer takes a listed build with any artifact as finished, whatever its status, and would skip it when
    /// it resumes; so those of a failed attempt stay hidden.
    pub fn visible_artifacts(&self) -> &[Artifact] {
        if self.status == BuildStatus::Done { &self.artifacts } else { &[] }
    }

    /// True when the build says it is running but nothing was heard of it for `limit`: its client died, and
    /// the registry cancels it. A later heartbeat revives it.
    pub fn is_silent(&self, now: Timestamp, limit: SignedDuration) -> bool {
        self.status == BuildStatus::Running && limit <= now.duration_since(self.updated_at)
    }
}

impl NewArtifact {
    fn is_empty(&self) -> bool {
        self.external_identifier.is_empty() && self.region.is_empty()
    }
}

impl BuildStatus {
    /// Every status, in the order of declaration.
    pub const ALL: [Self; 5] = [Self::Unset, Self::Running, Self::Done, Self::Cancelled, Self::Failed];

    /// Returns the word that the store keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unset => "unset",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for BuildStatus {
    type Err = BuildStatusError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == s)
            .ok_or_else(|| BuildStatusError { found: shown(s) })
    }
}

/// Returns the build with what the update has to say, artifacts excluded.
fn merge(current: &Build, update: &BuildUpdate) -> Build {
    let text = |new: &Option<String>, old: &String| {
        new.as_ref().filter(|new| !new.is_empty()).unwrap_or(old).clone()
    };
    let has_content = |json: &&String| !matches!(json.trim(), "" | "null" | "{}");
    Build {
        status: update.status.filter(|&status| status != BuildStatus::Unset).unwrap_or(current.status),
        packer_run_uuid: text(&update.packer_run_uuid, &current.packer_run_uuid),
        platform: text(&update.platform, &current.platform),
        source_external_identifier: text(
            &update.source_external_identifier,
            &current.source_external_identifier,
        ),
        parent_version_uid: text(&update.parent_version_uid, &current.parent_version_uid),
        parent_channel_uid: text(&update.parent_channel_uid, &current.parent_channel_uid),
        labels: update.labels.as_ref().filter(|new| !new.is_empty()).unwrap_or(&current.labels).clone(),
        metadata: update.metadata.as_ref().filter(has_content).or(current.metadata.as_ref()).cloned(),
        ..current.clone()
    }
}

fn check_texts(update: &BuildUpdate) -> Result<(), BuildError> {
    let members = [
        ("packer_run_uuid", &update.packer_run_uuid),
        ("platform", &update.platform),
        ("source_external_identifier", &update.source_external_identifier),
        ("parent_version_id", &update.parent_version_uid),
        ("parent_channel_id", &update.parent_channel_uid),
    ];
    for (member, text) in members {
        check_text(member, text.as_deref().unwrap_or_default())?;
    }
    check_metadata(update.metadata.as_deref().unwrap_or_default())?;
    let given = update.artifacts.as_ref().map_or(0, Vec::len);
    if MAX_ARTIFACTS < given {
        return Err(BuildError::TooManyArtifacts(given));
    }
    for artifact in update.artifacts.iter().flatten() {
        check_text("artifacts.external_identifier", &artifact.external_identifier)?;
        check_text("artifacts.region", &artifact.region)?;
    }
    Ok(())
}

/// JSON text, so brackets outside of strings are its levels.
fn check_metadata(metadata: &str) -> Result<(), BuildError> {
    if MAX_METADATA_BYTES < metadata.len() {
        return Err(BuildError::MetadataTooLarge(metadata.len()));
    }
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in metadata.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if MAX_METADATA_DEPTH < depth {
            return Err(BuildError::MetadataTooDeep);
        }
    }
    Ok(())
}

/// NUL is refused because not every database can store it in text.
fn check_text(member: &'static str, text: &str) -> Result<(), BuildError> {
    if MAX_TEXT_BYTES < text.len() {
        return Err(BuildError::TextTooLong { member, found: text.len() });
    }
    if text.contains('\0') {
        return Err(BuildError::Nul { member, found: shown(text) });
    }
    Ok(())
}

fn is_same(stored: &[Artifact], given: &[NewArtifact]) -> bool {
    stored.iter().map(Artifact::key).eq(given.iter().map(NewArtifact::key))
}

/// Returns the stored artifacts and after them the given ones that are not among them, or `None` if that adds
/// nothing.
fn with_added(stored: &[Artifact], given: &[NewArtifact]) -> Option<Vec<NewArtifact>> {
    let known: HashSet<_> = stored.iter().map(Artifact::key).collect();
    let is_new = |new: &&NewArtifact| !known.contains(&new.key());
    let mut added = given.iter().filter(is_new).cloned().peekable();
    added.peek()?;
    let kept = stored.iter().map(|old| NewArtifact {
        external_identifier: old.external_identifier.clone(),
        region: old.region.clone(),
    });
    Some(kept.chain(added).collect())
}

impl Artifact {
    fn key(&self) -> (&str, &str) {
        (&self.external_identifier, &self.region)
    }
}

impl NewArtifact {
    fn key(&self) -> (&str, &str) {
        (&self.external_identifier, &self.region)
    }
}

#[cfg(test)]
mod tests;
