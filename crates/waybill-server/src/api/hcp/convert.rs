//! The registry's resources as HCP's API spells them.

use waybill_api::hcp::{self as wire, Location, Operation, OperationState};
use waybill_model::{
    ancestry::AncestryStatus,
    build::{Build, BuildStatus, BuildUpdate, NewArtifact},
    labels::Labels,
    run_task::OnUntracked,
    version::{RevocationKind, TemplateType, VersionStatus},
};
use waybill_store::{Registry, Sbom};

use crate::{
    api::error::ApiError,
    app::App,
    registry::view::{BucketView, ChannelView, VersionView},
};

/// Where an answer's resources are, and when it is given: a version's status depends on the time.
pub(super) struct Answer<'a> {
    pub(super) location: &'a Location,
    pub(super) now: jiff::Timestamp,
}

impl Answer<'_> {
    pub(super) fn bucket(&self, view: BucketView) -> wire::Bucket {
        let name = view.bucket.name.as_str();
        let ancestry = |kind: &str| {
            format!(
                "/packer/2023-01-01/organizations/{}/projects/{}/buckets/{name}/ancestry?type=ANCESTRY_TYPE_{kind}",
                self.location.organization_id, self.location.project_id
            )
        };
        let mut platforms: Vec<String> = view
            .latest
            .iter()
            .flat_map(|latest| &latest.builds)
            .map(|build| build.platform.clone())
            .collect();
        platforms.sort_unstable();
        platforms.dedup();
        wire::Bucket {
            parents: view.parents.map(|status| wire::BucketParents {
                href: ancestry("PARENTS"),
                status: ancestry_status(status),
            }),
            children: view.children.map(|status| wire::BucketChildren {
                href: ancestry("CHILDREN"),
                status: ancestry_status(status),
            }),
            resource_name: format!("packer/project/{}/bucket/{name}", self.location.project_id),
            platforms,
            latest_version: view.latest.map(|latest| self.version(latest, Metadata::Leave)),
            id: view.bucket.uid,
            name: view.bucket.name.to_string(),
            location: self.location.clone(),
            description: view.bucket.description,
            labels: view.bucket.labels.into_inner(),
            version_count: view.bucket.version_count,
            created_at: view.bucket.created_at.into(),
            updated_at: view.bucket.updated_at.into(),
        }
    }

    pub(super) fn version(&self, view: VersionView, metadata: Metadata) -> wire::Version {
        let VersionView { bucket, version, builds, parents, inherited_from } = view;
        let status = version_status(version.status(self.now));
        let name = version.name();
        let href = |bucket: &str, fingerprint: &str| {
            format!(
                "/packer/2023-01-01/organizations/{}/projects/{}/buckets/{bucket}/ancestry?type=ANCESTRY_TYPE_PARENTS&version_fingerprint={fingerprint}",
                self.location.organization_id, self.location.project_id
            )
        };
        let version_uid = version.uid.as_str();
        let mut answer = wire::Version {
            builds: builds.into_iter().map(|build| self::build(build, version_uid, metadata)).collect(),
            parents: parents.map(|status| wire::VersionParents {
                href: href(bucket.as_str(), version.fingerprint.as_str()),
                status: ancestry_status(status),
            }),
            id: version_uid.to_owned(),
            bucket_name: bucket.to_string(),
            name,
            fingerprint: version.fingerprint.to_string(),
            status,
            template_type: template_type(version.template_type),
            author_id: version.author,
            has_descendants: version.has_descendants,
            created_at: version.created_at.into(),
            updated_at: version.updated_at.into(),
            ..wire::Version::default()
        };
        if let Some(revocation) = version.revocation {
            answer.revoke_at = Some(revocation.at.into());
            answer.revocation_message = revocation.message;
            answer.revocation_author = revocation.author;
            answer.revocation_type = match revocation.kind {
                RevocationKind::Manual => wire::RevocationType::Manual,
                RevocationKind::Inherited { .. } => wire::RevocationType::Inherited,
            };
            answer.revocation_inherited_from = inherited_from.map(|ancestor| wire::RevokedAncestor {
                href: href(ancestor.bucket.as_str(), ancestor.fingerprint.as_str()),
                bucket_name: ancestor.bucket.to_string(),
                version_id: ancestor.uid,
                version_name: ancestor.name,
                version_fingerprint: ancestor.fingerprint.to_string(),
            });
        }
        answer
    }

    pub(super) fn channel(&self, view: ChannelView) -> wire::Channel {
        wire::Channel {
            id: view.channel.uid.as_str().to_owned(),
            bucket_name: view.bucket.to_string(),
            name: view.channel.name.to_string(),
            managed: view.channel.managed,
            restricted: view.channel.restricted,
            version: view.version.map(|version| self.version(version, Metadata::Leave)),
            author_id: view.channel.author,
            created_at: view.channel.created_at.into(),
            updated_at: view.channel.updated_at.into(),
        }
    }

    pub(super) fn registry(&self, registry: Registry) -> wire::Registry {
        wire::Registry {
            id: registry.uid,
            location: self.location.clone(),
            config: wire::RegistryConfig {
                activated: registry.activated,
                feature_tier: registry.feature_tier.parse().unwrap_or(wire::RegistryConfigTier::Plus),
                // Without the key: whoever may read the registry sees this.
                tfc_run_task_config: Some(wire::RegistryTFCRunTaskConfig {
                    api_id: registry.run_task_uid,
                    on_untracked_image: on_untracked(registry.on_untracked),
                    ..wire::RegistryTFCRunTaskConfig::default()
                }),
                ..wire::RegistryConfig::default()
            },
            created_at: registry.created_at.into(),
            updated_at: registry.updated_at.into(),
        }
    }

    /// Everything is finished before it is answered, so every operation is done.
    pub(super) fn operation(&self, app: &App) -> Operation {
        Operation {
            id: app.operations.new_id(app.ids.as_ref()),
            state: OperationState::Done,
            location: self.location.clone(),
            created_at: self.now.into(),
            updated_at: self.now.into(),
            ..Operation::default()
        }
    }
}

pub(super) fn build(build: Build, version_uid: &str, metadata: Metadata) -> wire::Build {
    let artifacts = build.visible_artifacts().iter().map(|artifact| wire::Artifact {
        id: artifact.uid.as_str().to_owned(),
        external_identifier: artifact.external_identifier.clone(),
        region: artifact.region.clone(),
        created_at: artifact.created_at.into(),
    });
    wire::Build {
        artifacts: artifacts.collect(),
        id: build.uid.as_str().to_owned(),
        version_id: version_uid.to_owned(),
        component_type: build.component_type.to_string(),
        status: build_status(build.status),
        packer_run_uuid: build.packer_run_uuid,
        platform: build.platform,
        source_external_identifier: build.source_external_identifier,
        labels: build.labels.into_inner(),
        metadata: match metadata {
            // What cannot be read was not written by this program.
            Metadata::Give => build.metadata.and_then(|text| wire::BuildMetadata::from_json(text).ok()),
            Metadata::Leave => None,
        },
        created_at: build.created_at.into(),
        updated_at: build.updated_at.into(),
    }
}

/// Whether builds carry their metadata: build operations and a version's own do, lists do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metadata {
    Give,
    Leave,
}

pub(super) fn sbom(sbom: Sbom) -> wire::Sbom {
    wire::Sbom {
        id: sbom.uid,
        name: sbom.name.to_string(),
        format: if sbom.format == "spdx" { wire::SbomFormat::Spdx } else { wire::SbomFormat::CycloneDx },
    }
}

/// What a client says about a build, from the members that creating and updating share.
pub(super) fn build_update(body: wire::UpdateBuildBody) -> Result<BuildUpdate, ApiError> {
    let artifact = |artifact: wire::ArtifactCreateBody| NewArtifact {
        external_identifier: artifact.external_identifier.unwrap_or_default(),
        region: artifact.region.unwrap_or_default(),
    };
    Ok(BuildUpdate {
        status: body.status.map(|status| match status {
            wire::BuildStatus::Unset => BuildStatus::Unset,
            wire::BuildStatus::Running => BuildStatus::Running,
            wire::BuildStatus::Done => BuildStatus::Done,
            wire::BuildStatus::Cancelled => BuildStatus::Cancelled,
            wire::BuildStatus::Failed => BuildStatus::Failed,
        }),
        packer_run_uuid: body.packer_run_uuid,
        platform: body.platform,
        source_external_identifier: body.source_external_identifier,
        parent_version_uid: body.parent_version_id,
        parent_channel_uid: body.parent_channel_id,
        labels: body.labels.map(Labels::try_from).transpose()?,
        metadata: body.metadata.map(|metadata| metadata.as_str().to_owned()),
        artifacts: body.artifacts.map(|artifacts| artifacts.into_iter().map(artifact).collect()),
    })
}

pub(super) fn build_status(status: BuildStatus) -> wire::BuildStatus {
    match status {
        BuildStatus::Unset => wire::BuildStatus::Unset,
        BuildStatus::Running => wire::BuildStatus::Running,
        BuildStatus::Done => wire::BuildStatus::Done,
        BuildStatus::Cancelled => wire::BuildStatus::Cancelled,
        BuildStatus::Failed => wire::BuildStatus::Failed,
    }
}

pub(super) fn version_status(status: VersionStatus) -> wire::VersionStatus {
    match status {
        VersionStatus::Running => wire::VersionStatus::Running,
        VersionStatus::Incomplete => wire::VersionStatus::Incomplete,
        VersionStatus::Failed => wire::VersionStatus::Failed,
        VersionStatus::Cancelled => wire::VersionStatus::Cancelled,
        VersionStatus::Active => wire::VersionStatus::Active,
        VersionStatus::RevocationScheduled => wire::VersionStatus::RevocationScheduled,
        VersionStatus::Revoked => wire::VersionStatus::Revoked,
    }
}

pub(super) fn ancestry_status(status: AncestryStatus) -> wire::AncestryStatus {
    match status {
        AncestryStatus::Undetermined => wire::AncestryStatus::Undetermined,
        AncestryStatus::UpToDate => wire::AncestryStatus::UpToDate,
        AncestryStatus::OutOfDate => wire::AncestryStatus::OutOfDate,
    }
}

pub(super) fn on_untracked(behaviour: OnUntracked) -> wire::RunTaskBehaviour {
    match behaviour {
        OnUntracked::Warn => wire::RunTaskBehaviour::Warn,
        OnUntracked::Fail => wire::RunTaskBehaviour::Fail,
    }
}

pub fn template_type(kind: TemplateType) -> wire::TemplateType {
    match kind {
        TemplateType::Unset => wire::TemplateType::Unset,
        TemplateType::Hcl2 => wire::TemplateType::Hcl2,
        TemplateType::Json => wire::TemplateType::Json,
    }
}

pub(super) fn template_type_asked(kind: wire::TemplateType) -> TemplateType {
    match kind {
        wire::TemplateType::Unset => TemplateType::Unset,
        wire::TemplateType::Hcl2 => TemplateType::Hcl2,
        wire::TemplateType::Json => TemplateType::Json,
    }
}
