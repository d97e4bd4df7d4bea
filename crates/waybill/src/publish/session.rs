//! The calls of a publication, in their order, whatever happens in between.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    task::{JoinError, spawn_blocking},
    time::{sleep, timeout},
};
use tracing::info;
use waybill_api::hcp::{
    self, ArtifactCreateBody, Build, BuildMetadata, BuildStatus, CreateBucketBody, CreateBuildBody,
    CreateChannelBody, CreateVersionBody, UpdateBucketBody, UpdateBuildBody,
};
use waybill_client::Registry;
use waybill_model::names::ComponentType;

use super::{artifact::Artifact, parent::Parent, plan::Plan};
use crate::{
    error::CliError,
    printer::Printer,
    table::size,
    view::{Assignment, Publication, PublishedArtifact, PublishedSbom, VersionReference, WaitingFor},
};

/// One publication on its way.
pub(crate) struct Session<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) plan: &'a Plan,
    pub(crate) metadata: BuildMetadata,
    /// Identifies this run among several that work on the same build.
    pub(crate) run_uuid: String,
    pub(crate) printer: &'a Printer,
    /// Time between signs of life; the registry gives a silent build up after several of them.
    pub(crate) heartbeat: Duration,
}

/// What a build turned out to be, when it is done.
struct Done {
    build: Build,
    artifacts: Vec<Artifact>,
    sboms: Vec<PublishedSbom>,
}

/// As packer does it.
pub(crate) const HEARTBEAT: Duration = Duration::from_mins(2);

/// The last word must not keep a person waiting who has pressed Ctrl-C.
const FAREWELL_LIMIT: Duration = Duration::from_secs(10);

impl Session<'_> {
    /// Publishes the plan. When `stop` answers before the build is done, with the reason, the build is
    /// cancelled.
    pub(crate) async fn run(
        &self,
        stop: impl Future<Output = &'static str>,
    ) -> Result<Publication, CliError> {
        let mut stop = std::pin::pin!(stop);
        let (build, parent) = tokio::select! {
            prepared = self.prepare() => prepared?,
            signal = &mut stop => {
                return Err(CliError::user(format!("stopped by {signal} before the build started")));
            }
        };
        let already_published = build.status == BuildStatus::Done;
        let done = if already_published {
            self.printer.note(&format!("build {} is done already, and left as it is", build.component_type));
            Done { build, artifacts: Vec::new(), sboms: Vec::new() }
        } else {
            let end = Arc::new(AtomicBool::new(false));
            tokio::select! {
                done = self.publish(&build, parent, &end) => done?,
                signal = &mut stop => {
                    end.store(true, Ordering::Relaxed);
                    self.say_farewell(&build.id, BuildStatus::Cancelled).await;
                    return Err(CliError::user(format!("stopped by {signal}; the build is cancelled"))
                        .hint(self.resume_hint()));
                }
            }
        };
        tokio::select! {
            publication = self.conclude(done, already_published) => publication,
            signal = &mut stop => Err(CliError::user(format!("stopped by {signal}; the build is published"))),
        }
    }

    /// Bucket, version, builds: afterwards the registry knows what to wait for. Returns our build.
    async fn prepare(&self) -> Result<(Build, Parent), CliError> {
        let parent = match &self.plan.parent {
            Some(parent) => {
                let contents = &self.plan.contents;
                parent.resolve(self.registry, &contents.platform, &contents.regions()).await?
            }
            None => Parent::default(),
        };
        self.prepare_bucket().await?;
        let version = self.prepare_version().await?;
        let build = if is_complete(&version) {
            self.same_build(&version).await?
        } else {
            self.prepare_builds().await?
        };
        Ok((build, parent))
    }

    async fn prepare_bucket(&self) -> Result<(), CliError> {
        let Plan { bucket, description, bucket_labels, .. } = self.plan;
        let existing = match self.registry.get_bucket(bucket.as_str()).await {
            Ok(existing) => existing,
            Err(error) if error.is_not_found() => {
                let body = CreateBucketBody {
                    name: Some(bucket.to_string()),
                    description: description.clone(),
                    labels: Some(bucket_labels.clone()).filter(|labels| !labels.is_empty()),
                };
                match self.registry.create_bucket(&body).await {
                    Ok(_) => {
                        self.printer.note(&format!("created bucket {bucket}"));
                        return Ok(());
                    }
                    // Somebody else was faster.
                    Err(error) if error.is_already_exists() => {
                        self.registry.get_bucket(bucket.as_str()).await?
                    }
                    Err(error) => return Err(error.into()),
                }
            }
            Err(error) => return Err(error.into()),
        };
        let mut labels: BTreeMap<String, String> = existing.labels.clone();
        labels.extend(bucket_labels.clone());
        let body = UpdateBucketBody {
            description: description.clone().filter(|wanted| *wanted != existing.description),
            labels: Some(labels).filter(|wanted| *wanted != existing.labels),
            platforms: None,
        };
        if body != UpdateBucketBody::default() {
            self.registry.update_bucket(bucket.as_str(), &body).await?;
        }
        Ok(())
    }

    async fn prepare_version(&self) -> Result<hcp::Version, CliError> {
        let Plan { bucket, fingerprint, .. } = self.plan;
        match self.registry.get_version(bucket.as_str(), fingerprint.as_str()).await {
            Ok(version) => Ok(version),
            Err(error) if error.is_not_found() => {
                let body =
                    CreateVersionBody { fingerprint: Some(fingerprint.to_string()), template_type: None };
                match self.registry.create_version(bucket.as_str(), &body).await {
                    Ok(version) => Ok(version),
                    Err(error) if error.is_already_exists() => {
                        Ok(self.registry.get_version(bucket.as_str(), fingerprint.as_str()).await?)
                    }
                    Err(error) => Err(error.into()),
                }
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Our build of a complete version, if it holds what we would publish: then this is a repetition.
    async fn same_build(&self, version: &hcp::Version) -> Result<Build, CliError> {
        let Plan { fingerprint, component, contents, .. } = self.plan;
        let builds = self.builds().await?;
        let ours = builds.into_iter().find(|build| build.component_type == component.as_str());
        let refused = |reason: &str| {
            let name = &version.name;
            CliError::registry(format!(
                "version {name} with the fingerprint `{fingerprint}` is complete and cannot be changed: {reason}"
            ))
            .hint("publish under another fingerprint; without --fingerprint a new one is made")
        };
        let build = ours.ok_or_else(|| refused(&format!("it has no build {component}")))?;
        let stored: BTreeSet<(&str, &str)> = build
            .artifacts
            .iter()
            .map(|artifact| (artifact.region.as_str(), artifact.external_identifier.as_str()))
            .collect();
        let differs = || refused(&format!("its build {component} has other artifacts"));
        if build.platform != contents.platform {
            return Err(differs());
        }
        // Nobody can ask for an early end here: whoever is stopped does not wait for the disk.
        let artifacts = self.hash(&Arc::default()).await?;
        let ours: BTreeSet<(&str, &str)> = artifacts
            .iter()
            .map(|artifact| (artifact.region.as_str(), artifact.external_identifier.as_str()))
            .collect();
        if ours == stored { Ok(build) } else { Err(differs()) }
    }

    /// Registers the builds that the version does not have yet, before any of them is done: otherwise an
    /// early one would complete the version.
    async fn prepare_builds(&self) -> Result<Build, CliError> {
        let Plan { component, expected, .. } = self.plan;
        let mut builds = self.builds().await?;
        let known = |builds: &[Build], wanted: &ComponentType| {
            builds.iter().find(|build| build.component_type == wanted.as_str()).cloned()
        };
        for wanted in [component].into_iter().chain(expected) {
            if known(&builds, wanted).is_some() {
                continue;
            }
            let body = CreateBuildBody {
                component_type: Some(wanted.to_string()),
                packer_run_uuid: Some(self.run_uuid.clone()),
                status: Some(BuildStatus::Unset),
                ..CreateBuildBody::default()
            };
            let Plan { bucket, fingerprint, .. } = self.plan;
            match self.registry.create_build(bucket.as_str(), fingerprint.as_str(), &body).await {
                Ok(build) => builds.push(build),
                Err(error) if error.is_already_exists() => builds = self.builds().await?,
                Err(error) => return Err(error.into()),
            }
        }
        known(&builds, component)
            .ok_or_else(|| CliError::registry(format!("the registry does not list the build {component}")))
    }

    /// From RUNNING to DONE. What fails on the way is reported as FAILED.
    async fn publish(&self, build: &Build, parent: Parent, end: &Arc<AtomicBool>) -> Result<Done, CliError> {
        // Refused: then it is not ours to report on.
        self.report(&build.id, &self.status(BuildStatus::Running)).await?;
        let outcome = self.finish(build, parent, end).await;
        if outcome.is_err() {
            self.say_farewell(&build.id, BuildStatus::Failed).await;
        }
        outcome.map_err(|error| error.hint(self.resume_hint()))
    }

    async fn finish(&self, build: &Build, parent: Parent, end: &Arc<AtomicBool>) -> Result<Done, CliError> {
        let (artifacts, sboms) = tokio::select! {
            contents = self.upload(build, end) => contents?,
            never = self.signs_of_life(&build.id) => match never {},
        };
        let mut labels = build.labels.clone();
        labels.extend(self.plan.labels.clone());
        let body = UpdateBuildBody {
            platform: Some(self.plan.contents.platform.clone()),
            artifacts: Some(artifacts.iter().map(body).collect()),
            labels: Some(labels).filter(|labels| !labels.is_empty()),
            metadata: Some(self.metadata.clone()),
            source_external_identifier: self.plan.source.clone().or(parent.source_external_identifier),
            parent_version_id: Some(parent.version_id).filter(|id| !id.is_empty()),
            parent_channel_id: parent.channel_id,
            ..self.status(BuildStatus::Done)
        };
        let build = self.report(&build.id, &body).await?;
        Ok(Done { build, artifacts, sboms })
    }

    /// Hashes files and sends bills of materials.
    async fn upload(
        &self,
        build: &Build,
        end: &Arc<AtomicBool>,
    ) -> Result<(Vec<Artifact>, Vec<PublishedSbom>), CliError> {
        let artifacts = self.hash(end).await?;
        let mut sboms = Vec::new();
        for sbom in &self.plan.sboms {
            let document = sbom.clone();
            let body = in_background(move || document.upload()).await?;
            let Plan { bucket, fingerprint, .. } = self.plan;
            let stored =
                self.registry.upload_sbom(bucket.as_str(), fingerprint.as_str(), &build.id, &body).await?;
            let format = sbom.format.as_str().to_ascii_lowercase();
            sboms.push(PublishedSbom { name: stored.name, format });
        }
        Ok((artifacts, sboms))
    }

    /// The artifacts, those that are files among them.
    async fn hash(&self, end: &Arc<AtomicBool>) -> Result<Vec<Artifact>, CliError> {
        let mut artifacts = self.plan.contents.artifacts.clone();
        for file in &self.plan.contents.files {
            self.printer.note(&format!("hashing {} ({})", file.name, size(file.size_bytes)));
            let (file, end) = (file.clone(), Arc::clone(end));
            let artifact = in_background(move || file.digest(&end)).await?;
            if !artifacts.contains(&artifact) {
                artifacts.push(artifact);
            }
        }
        Ok(artifacts)
    }

    /// Tells the registry that the build is still alive. A sign that gets lost is followed by the next.
    async fn signs_of_life(&self, build_id: &str) -> std::convert::Infallible {
        loop {
            sleep(self.heartbeat).await;
            if let Err(error) = self.report(build_id, &self.status(BuildStatus::Running)).await {
                info!("a sign of life was not taken: {}", error.message);
            }
        }
    }

    /// Looks at what became of the version, and points channels at it.
    async fn conclude(&self, done: Done, already_published: bool) -> Result<Publication, CliError> {
        let Plan { bucket, fingerprint, channels, .. } = self.plan;
        let version = self.registry.get_version(bucket.as_str(), fingerprint.as_str()).await?;
        let complete = is_complete(&version);
        let mut waiting_for = Vec::new();
        if !complete {
            let builds = self.builds().await?;
            waiting_for =
                builds.iter().filter(|build| build.status != BuildStatus::Done).map(WaitingFor::of).collect();
            self.printer.note(&format!("version `{fingerprint}` is not complete yet"));
            self.printer.hint(&format!("publish the other builds with --fingerprint {fingerprint}"));
        }
        let mut assignments = Vec::new();
        for channel in channels {
            if complete {
                self.assign(channel.as_str()).await.map_err(|error| {
                    error.hint(format!(
                        "the version is published; \
                         `waybill channel assign {bucket} {channel} --version {fingerprint}` \
                         tries that again"
                    ))
                })?;
            }
            assignments.push(Assignment { channel: channel.to_string(), assigned: complete });
        }
        let published = |artifact: &Artifact| PublishedArtifact {
            platform: artifact.platform.clone(),
            region: Some(artifact.region.clone()).filter(|region| !region.is_empty()),
            external_identifier: artifact.external_identifier.clone(),
        };
        let stored = |artifact: &hcp::Artifact| PublishedArtifact {
            platform: done.build.platform.clone(),
            region: Some(artifact.region.clone()).filter(|region| !region.is_empty()),
            external_identifier: artifact.external_identifier.clone(),
        };
        Ok(Publication {
            bucket: bucket.to_string(),
            fingerprint: fingerprint.to_string(),
            version: VersionReference::of(&version),
            complete,
            component: done.build.component_type.clone(),
            build_id: done.build.id.clone(),
            already_published,
            artifacts: if already_published {
                done.build.artifacts.iter().map(stored).collect()
            } else {
                done.artifacts.iter().map(published).collect()
            },
            sboms: done.sboms,
            waiting_for,
            channels: assignments,
        })
    }

    /// Points the channel at the version; a channel that is not there is made.
    async fn assign(&self, channel: &str) -> Result<(), CliError> {
        let Plan { bucket, fingerprint, .. } = self.plan;
        match self.registry.assign_channel(bucket.as_str(), channel, fingerprint.as_str()).await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
        let body = CreateChannelBody {
            name: Some(channel.to_owned()),
            restricted: None,
            version_fingerprint: Some(fingerprint.to_string()),
        };
        match self.registry.create_channel(bucket.as_str(), &body).await {
            Ok(_) => self.printer.note(&format!("created channel {channel}")),
            // Made meanwhile by whoever finished the version at the same moment.
            Err(error) if error.is_already_exists() => {
                self.registry.assign_channel(bucket.as_str(), channel, fingerprint.as_str()).await?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    async fn builds(&self) -> Result<Vec<Build>, CliError> {
        let Plan { bucket, fingerprint, .. } = self.plan;
        Ok(self.registry.list_builds(bucket.as_str(), fingerprint.as_str()).all().await?)
    }

    async fn report(&self, build_id: &str, body: &UpdateBuildBody) -> Result<Build, CliError> {
        let Plan { bucket, fingerprint, .. } = self.plan;
        Ok(self.registry.update_build(bucket.as_str(), fingerprint.as_str(), build_id, body).await?)
    }

    /// The last report on a build that did not succeed. If it does not arrive either, the registry finds out
    /// when there are no more signs of life.
    async fn say_farewell(&self, build_id: &str, status: BuildStatus) {
        let reason = match timeout(FAREWELL_LIMIT, self.report(build_id, &self.status(status))).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => error.message,
            Err(_) => "it does not answer".to_owned(),
        };
        self.printer.warn(&format!("the registry could not be told that the build has ended: {reason}"));
    }

    fn status(&self, status: BuildStatus) -> UpdateBuildBody {
        UpdateBuildBody {
            status: Some(status),
            packer_run_uuid: Some(self.run_uuid.clone()),
            ..UpdateBuildBody::default()
        }
    }

    fn resume_hint(&self) -> String {
        format!("go on with --fingerprint {}", self.plan.fingerprint)
    }
}

/// A version is complete when it has a number.
fn is_complete(version: &hcp::Version) -> bool {
    version.name != "v0"
}

fn body(artifact: &Artifact) -> ArtifactCreateBody {
    ArtifactCreateBody {
        external_identifier: Some(artifact.external_identifier.clone()),
        region: Some(artifact.region.clone()).filter(|region| !region.is_empty()),
    }
}

/// Runs what reads disks on a thread of its own.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, CliError> {
    match spawn_blocking(work).await {
        Ok(outcome) => outcome.map_err(|error| CliError::user(error.to_string())),
        Err(error) => Err(panicked(&error)),
    }
}

fn panicked(error: &JoinError) -> CliError {
    CliError::internal(format!("a task ended early: {error}"))
}

#[cfg(test)]
mod tests;
