//! Values of the 2023 types with every member set.

use std::collections::BTreeMap;

use serde_json::json;
use waybill_api::{
    error::{Any, Code, Status},
    hcp,
    time::DateTime,
};

#[expect(clippy::unnecessary_wraps, reason = "members of requests are optional")]
pub(crate) fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn time() -> DateTime {
    "2026-02-03T04:05:06Z".parse().unwrap()
}

pub(crate) fn labels() -> BTreeMap<String, String> {
    [("os".to_owned(), "linux".to_owned())].into()
}

pub(crate) fn page() -> hcp::PaginationResponse {
    hcp::PaginationResponse { next_page_token: "n".to_owned(), previous_page_token: "p".to_owned() }
}

pub(crate) fn location() -> hcp::Location {
    let region = hcp::Region { provider: "aws".to_owned(), region: "eu-west-1".to_owned() };
    hcp::Location { organization_id: "o".to_owned(), project_id: "p".to_owned(), region: Some(region) }
}

pub(crate) fn operation() -> hcp::Operation {
    let any = || Any { type_url: "t".to_owned(), members: [("a".to_owned(), json!(1))].into() };
    hcp::Operation {
        id: "o".to_owned(),
        state: hcp::OperationState::Done,
        location: location(),
        link: Some(hcp::Link {
            r#type: "t".to_owned(),
            id: "i".to_owned(),
            uuid: "u".to_owned(),
            description: "d".to_owned(),
            location: Some(location()),
        }),
        created_at: time(),
        updated_at: time(),
        error: Some(Status { code: Code::Internal, message: "m".to_owned(), details: vec![any()] }),
        response: Some(any()),
    }
}

pub(crate) fn tier() -> hcp::RegistryConfigTier {
    hcp::RegistryConfigTier::Plus
}

pub(crate) fn registry() -> hcp::Registry {
    hcp::Registry {
        id: "r".to_owned(),
        location: location(),
        config: hcp::RegistryConfig {
            activated: true,
            feature_tier: tier(),
            billing_deprovision: Some(hcp::RegistryBillingDeprovision {
                at: Some(time()),
                message: "m".to_owned(),
                reason: hcp::RegistryBillingDeprovisionReason::UserRequest,
            }),
            tfc_run_task_config: Some(hcp::RegistryTFCRunTaskConfig {
                api_id: "a".to_owned(),
                hmac_key: "h".into(),
                on_untracked_image: hcp::RunTaskBehaviour::Warn,
            }),
        },
        created_at: time(),
        updated_at: time(),
    }
}

pub(crate) fn bucket() -> hcp::Bucket {
    let (href, status) = ("h".to_owned(), hcp::AncestryStatus::UpToDate);
    hcp::Bucket {
        id: "b".to_owned(),
        name: "n".to_owned(),
        resource_name: "r".to_owned(),
        location: location(),
        description: "d".to_owned(),
        labels: labels(),
        platforms: vec!["aws".to_owned()],
        latest_version: Some(version()),
        version_count: 12,
        parents: Some(hcp::BucketParents { href: href.clone(), status }),
        children: Some(hcp::BucketChildren { href, status }),
        created_at: time(),
        updated_at: time(),
    }
}

pub(crate) fn version() -> hcp::Version {
    hcp::Version {
        id: "v".to_owned(),
        bucket_name: "b".to_owned(),
        name: "v1".to_owned(),
        fingerprint: "f".to_owned(),
        status: hcp::VersionStatus::Revoked,
        template_type: hcp::TemplateType::Hcl2,
        author_id: "a".to_owned(),
        has_descendants: true,
        builds: vec![build()],
        parents: Some(hcp::VersionParents { href: "h".to_owned(), status: hcp::AncestryStatus::OutOfDate }),
        revoke_at: Some(time()),
        revocation_message: "m".to_owned(),
        revocation_author: "a".to_owned(),
        revocation_type: hcp::RevocationType::Inherited,
        revocation_inherited_from: Some(hcp::RevokedAncestor {
            bucket_name: "b".to_owned(),
            version_id: "v".to_owned(),
            version_name: "v1".to_owned(),
            version_fingerprint: "f".to_owned(),
            href: "h".to_owned(),
        }),
        created_at: time(),
        updated_at: time(),
    }
}

pub(crate) fn build() -> hcp::Build {
    hcp::Build {
        id: "b".to_owned(),
        version_id: "v".to_owned(),
        component_type: "null.base".to_owned(),
        status: hcp::BuildStatus::Done,
        packer_run_uuid: "u".to_owned(),
        platform: "aws".to_owned(),
        source_external_identifier: "s".to_owned(),
        labels: labels(),
        artifacts: vec![hcp::Artifact {
            id: "a".to_owned(),
            external_identifier: "ami-1".to_owned(),
            region: "eu-west-1".to_owned(),
            created_at: time(),
        }],
        metadata: Some(metadata()),
        created_at: time(),
        updated_at: time(),
    }
}

pub(crate) fn metadata() -> hcp::BuildMetadata {
    hcp::BuildMetadata::from_json(r#"{"packer":{"a":1},"vcs":{"b":null},"cicd":null}"#.to_owned()).unwrap()
}

pub(crate) fn new_artifacts() -> Vec<hcp::ArtifactCreateBody> {
    vec![hcp::ArtifactCreateBody { external_identifier: text("ami-1"), region: text("eu-west-1") }]
}

pub(crate) fn channel() -> hcp::Channel {
    hcp::Channel {
        id: "c".to_owned(),
        bucket_name: "b".to_owned(),
        name: "prod".to_owned(),
        managed: true,
        restricted: true,
        version: Some(version()),
        author_id: "a".to_owned(),
        created_at: time(),
        updated_at: time(),
    }
}

pub(crate) fn sbom() -> hcp::Sbom {
    hcp::Sbom { id: "s".to_owned(), name: "n".to_owned(), format: hcp::SbomFormat::Spdx }
}

pub(crate) fn ancestry() -> hcp::ListBucketAncestryResponse {
    let version =
        hcp::ChannelVersion { id: "v".to_owned(), name: "v1".to_owned(), fingerprint: "f".to_owned() };
    hcp::ListBucketAncestryResponse {
        relations: vec![hcp::BucketAncestry {
            parent: hcp::Parent {
                bucket_name: "b".to_owned(),
                version_id: "v".to_owned(),
                version_name: "v1".to_owned(),
                version_fingerprint: "f".to_owned(),
                channel_name: "prod".to_owned(),
                channel_version: Some(version),
            },
            child: hcp::Child {
                bucket_name: "b".to_owned(),
                version_id: "v".to_owned(),
                version_name: "v1".to_owned(),
                version_fingerprint: "f".to_owned(),
            },
            status: hcp::AncestryStatus::UpToDate,
        }],
        total_count: 1,
        pagination: Some(page()),
    }
}

pub(crate) fn found() -> hcp::SearchExternalArtifactResponse {
    hcp::SearchExternalArtifactResponse {
        artifacts: vec![hcp::ExternalArtifact {
            bucket: hcp::ExternalArtifactBucket {
                id: "b".to_owned(),
                name: "n".to_owned(),
                labels: labels(),
            },
            version: hcp::ExternalArtifactVersion {
                id: "v".to_owned(),
                name: "v1".to_owned(),
                fingerprint: "f".to_owned(),
                status: hcp::VersionStatus::Revoked,
                author_id: "a".to_owned(),
                revoke_at: Some(time()),
                revocation_message: "m".to_owned(),
                revocation_author: "a".to_owned(),
                revocation_type: hcp::RevocationType::Manual,
            },
            build: build(),
        }],
        pagination: Some(page()),
    }
}
