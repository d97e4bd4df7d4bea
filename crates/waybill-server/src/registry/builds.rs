//! Builds: registered, kept alive, finished; the last one done completes its version.

use serde_json::json;
use waybill_model::{
    build::{self, Artifact, Build, BuildChange, BuildStatus, BuildUpdate, NewArtifact},
    ids::{BuildId, Uid},
    names::{ComponentType, Fingerprint},
    version::{Version, completes},
};
use waybill_store::{NewBuild, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::{Scope, permission::shown},
    registry::{change::Actor, completion::complete, versions::find},
};

/// More than any template has; a version's builds are always answered together.
const BUILDS_PER_VERSION: u32 = 1000;

/// A build as it is now, and whether this change completed its version.
#[derive(Clone, Debug)]
pub struct BuildOutcome {
    pub version_uid: Uid,
    pub build: Build,
    /// It was not done before and is now.
    pub finished: bool,
    pub completed_version: bool,
}

/// A version's identifier and all its builds, in order of creation.
pub fn list(
    tx: &mut Tx<'_>,
    scope: &Scope,
    fingerprint: &Fingerprint,
) -> Result<(Uid, Vec<Build>), ApiError> {
    let version = find(tx, scope, fingerprint)?;
    Ok((version.uid, tx.builds(version.id)?))
}

/// A version's identifier and one of its builds.
pub fn get(
    tx: &mut Tx<'_>,
    scope: &Scope,
    fingerprint: &Fingerprint,
    uid: &str,
) -> Result<(Uid, Build), ApiError> {
    let version = find(tx, scope, fingerprint)?;
    let build = find_build(tx, &version, uid)?;
    Ok((version.uid, build))
}

pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    component: &ComponentType,
    request: &BuildUpdate,
) -> Result<BuildOutcome, ApiError> {
    let version = find(tx, scope, fingerprint)?;
    version.openness().check()?;
    if tx.build_of_component(version.id, component)?.is_some() {
        return Err(ApiError::exists(format!(
            "build `{component}` exists already in version `{fingerprint}`"
        )));
    }
    if version.tally.total() >= BUILDS_PER_VERSION {
        return Err(ApiError::precondition(format!(
            "version `{fingerprint}` has {BUILDS_PER_VERSION} builds, which is the most it can have"
        )));
    }
    let empty = unregistered(&version, component, moment);
    let BuildChange::Write { build, artifacts } = build::update(&empty, version.openness(), request)? else {
        return Err(ApiError::internal("a new build cannot be a repeat"));
    };
    let new = NewBuild {
        uid: build.uid.clone(),
        component_type: build.component_type.clone(),
        status: build.status,
        packer_run_uuid: build.packer_run_uuid.clone(),
        platform: build.platform.clone(),
        source_external_identifier: build.source_external_identifier.clone(),
        parent_version_uid: build.parent_version_uid.clone(),
        parent_channel_uid: build.parent_channel_uid.clone(),
        labels: build.labels.clone(),
    };
    let id = tx.insert_build(version.id, &new, moment.now)?;
    let resource = resource(scope, &version, &build)?;
    let actor = Actor::caller(scope)?;
    let detail = json!({ "component_type": component.as_str() });
    actor.record(tx, moment, "build.create", &resource, detail)?;
    let tally = version.tally.with(build.status);
    let build = Build { id, ..build };
    settle(tx, scope, moment, &actor, Settling { version, tally, before: None, build, artifacts })
}

pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    uid: &str,
    request: &BuildUpdate,
) -> Result<BuildOutcome, ApiError> {
    let version = find(tx, scope, fingerprint)?;
    let current = find_build(tx, &version, uid)?;
    let (mut build, artifacts) = match build::update(&current, version.openness(), request)? {
        BuildChange::Repeat => {
            let version_uid = version.uid;
            return Ok(BuildOutcome {
                version_uid,
                build: current,
                finished: false,
                completed_version: false,
            });
        }
        BuildChange::Write { build, artifacts } => (build, artifacts),
    };
    build.updated_at = moment.now;
    tx.update_build(&build, moment.now)?;
    let actor = Actor::caller(scope)?;
    // A heartbeat is a sign of life, not a change: it moves the time and leaves no trace of its own.
    let quiet = Build {
        updated_at: current.updated_at,
        packer_run_uuid: current.packer_run_uuid.clone(),
        ..build.clone()
    };
    if artifacts.is_some() || quiet != current {
        let resource = resource(scope, &version, &build)?;
        let detail =
            json!({ "component_type": build.component_type.as_str(), "status": build.status.as_str() });
        actor.record(tx, moment, "build.update", &resource, detail)?;
    }
    let tally = version.tally.moved(current.status, build.status);
    settle(tx, scope, moment, &actor, Settling { version, tally, before: Some(current), build, artifacts })
}

/// Not from a complete version. Deleting the last open build does not complete the version by itself.
pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    uid: &str,
) -> Result<(), ApiError> {
    let version = find(tx, scope, fingerprint)?;
    let build = find_build(tx, &version, uid)?;
    version.openness().check()?;
    tx.delete_build(build.id)?;
    let detail = json!({ "component_type": build.component_type.as_str() });
    Actor::caller(scope)?.record(tx, moment, "build.delete", &resource(scope, &version, &build)?, detail)
}

pub fn find_build(tx: &mut Tx<'_>, version: &Version, uid: &str) -> Result<Build, ApiError> {
    tx.build(version.id, uid)?.ok_or_else(|| {
        let uid = shown(uid);
        ApiError::not_found(format!("build `{uid}` does not exist in version `{}`", version.fingerprint))
    })
}

/// A build that was just written, with what is left to do about it.
struct Settling {
    version: Version,
    tally: waybill_model::version::Tally,
    before: Option<Build>,
    build: Build,
    artifacts: Option<Vec<NewArtifact>>,
}

/// Writes the artifacts, finds the parent, completes the version if this was the last build.
fn settle(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    actor: &Actor,
    settling: Settling,
) -> Result<BuildOutcome, ApiError> {
    let Settling { mut version, tally, before, mut build, artifacts } = settling;
    if let Some(artifacts) = artifacts {
        let had_some = before.as_ref().is_some_and(|before| !before.artifacts.is_empty());
        build.artifacts = put_artifacts(tx, moment, &build, artifacts, had_some)?;
    }
    let finished = build.status == BuildStatus::Done;
    if finished {
        version.has_parents |= note_parent(tx, actor, &version, &build)?;
    }
    let version_uid = version.uid.clone();
    let mut completed_version = false;
    if finished && completes(&tally) {
        version.tally = tally;
        completed_version = complete(tx, actor, moment, scope.bucket_name()?, version)?.is_complete();
    }
    Ok(BuildOutcome { version_uid, build, finished, completed_version })
}

fn put_artifacts(
    tx: &mut Tx<'_>,
    moment: &Moment<'_>,
    build: &Build,
    artifacts: Vec<NewArtifact>,
    replace: bool,
) -> Result<Vec<Artifact>, ApiError> {
    let named: Vec<(Uid, NewArtifact)> =
        artifacts.into_iter().map(|artifact| (moment.uid(), artifact)).collect();
    tx.put_artifacts(build.id, &named, replace, moment.now)?;
    let stored = |(uid, artifact): (Uid, NewArtifact)| Artifact {
        uid,
        external_identifier: artifact.external_identifier,
        region: artifact.region,
        created_at: moment.now,
    };
    Ok(named.into_iter().map(stored).collect())
}

/// Finds the version that a finished build was made from: the one it names, or the one its source belongs to.
/// True when it names one at all, known or not.
fn note_parent(tx: &mut Tx<'_>, actor: &Actor, version: &Version, build: &Build) -> Result<bool, ApiError> {
    let source = &build.source_external_identifier;
    let parent = if !build.parent_version_uid.is_empty() {
        tx.version_by_uid(actor.project, &build.parent_version_uid)?.map(|parent| parent.id)
    } else if !source.is_empty() {
        tx.version_of_artifact(actor.project, source, &build.platform, version.id)?
    } else {
        return Ok(false);
    };
    let parent = parent.filter(|parent| *parent != version.id);
    if parent.is_none() && build.parent_version_uid.is_empty() {
        return Ok(false);
    }
    tx.set_parent(build.id, parent)?;
    if !version.has_parents {
        tx.set_has_parents(version.id)?;
    }
    Ok(true)
}

fn unregistered(version: &Version, component: &ComponentType, moment: &Moment<'_>) -> Build {
    Build {
        id: BuildId(0),
        uid: moment.uid(),
        version_id: version.id,
        component_type: component.clone(),
        status: BuildStatus::Unset,
        packer_run_uuid: String::new(),
        platform: String::new(),
        source_external_identifier: String::new(),
        parent_version_uid: String::new(),
        parent_channel_uid: String::new(),
        labels: waybill_model::labels::Labels::default(),
        metadata: None,
        artifacts: Vec::new(),
        created_at: moment.now,
        updated_at: moment.now,
    }
}

fn resource(scope: &Scope, version: &Version, build: &Build) -> Result<String, ApiError> {
    Ok(format!("bucket/{}/version/{}/build/{}", scope.bucket_name()?, version.fingerprint, build.uid))
}
