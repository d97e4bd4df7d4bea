//! Bodies of the 2023 interface with every member set have exactly the described members.

use std::{cell::RefCell, collections::BTreeSet, fmt::Debug};

use serde::{Serialize, de::DeserializeOwned};
use waybill_api::hcp;

use crate::{
    description::{Description, PACKER_2023},
    samples::{
        ancestry, bucket, build, channel, found, labels, location, metadata, new_artifacts, operation, page,
        registry, sbom, text, tier, time, version,
    },
};

/// Parts of names of operations that the registry does not offer yet.
const NOT_OFFERED: [&str; 3] = ["EnforcedBlock", "Package", "Vulnerabilit"];

#[test]
fn every_body_of_2023_has_the_described_members() {
    let description = Description::read(PACKER_2023);
    let checked = Checked::new(&description);

    checked.body("CreateRegistryBody", hcp::CreateRegistryBody { feature_tier: Some(tier()) });
    checked.body(
        "CreateRegistryResponse",
        hcp::CreateRegistryResponse { registry: registry(), operation: operation() },
    );
    checked.body("GetRegistryResponse", hcp::GetRegistryResponse { registry: registry() });
    checked.body(
        "UpdateRegistryBody",
        hcp::UpdateRegistryBody {
            activated: Some(true),
            feature_tier: Some(tier()),
            update_mask: text("activated"),
        },
    );
    checked.body(
        "UpdateRegistryResponse",
        hcp::UpdateRegistryResponse { registry: registry(), operation: operation() },
    );
    checked.body(
        "DeleteRegistryResponse",
        hcp::DeleteRegistryResponse { registry: Some(registry()), operation: operation() },
    );

    checked.body(
        "ListBucketsResponse",
        hcp::ListBucketsResponse { buckets: vec![bucket()], pagination: Some(page()) },
    );
    checked.body(
        "CreateBucketBody",
        hcp::CreateBucketBody { name: text("b"), description: text("d"), labels: Some(labels()) },
    );
    checked.body("CreateBucketResponse", hcp::CreateBucketResponse { bucket: bucket() });
    checked.body("GetBucketResponse", hcp::GetBucketResponse { bucket: bucket() });
    checked.body(
        "UpdateBucketBody",
        hcp::UpdateBucketBody {
            description: text("d"),
            labels: Some(labels()),
            platforms: Some(vec!["aws".to_owned()]),
        },
    );
    checked.body("UpdateBucketResponse", hcp::UpdateBucketResponse { bucket: bucket() });
    checked.body("DeleteBucketResponse", hcp::DeleteBucketResponse {});
    checked.body("ListBucketAncestryResponse", ancestry());

    checked.body(
        "ListVersionsResponse",
        hcp::ListVersionsResponse { versions: vec![version()], pagination: Some(page()) },
    );
    checked.body(
        "CreateVersionBody",
        hcp::CreateVersionBody { fingerprint: text("f"), template_type: Some(hcp::TemplateType::Hcl2) },
    );
    checked.body("CreateVersionResponse", hcp::CreateVersionResponse { version: version() });
    checked.body("GetVersionResponse", hcp::GetVersionResponse { version: version() });
    checked.body(
        "UpdateVersionBody",
        hcp::UpdateVersionBody {
            complete: Some(true),
            restore: Some(false),
            revoke_at: Some(time()),
            revoke_in: text("30d"),
            revocation_message: text("m"),
            disable_rollback_channels: Some(true),
            skip_descendants_revocation: Some(true),
        },
    );
    checked.body(
        "UpdateVersionResponse",
        hcp::UpdateVersionResponse { version: version(), operation: operation() },
    );
    checked.body("DeleteVersionResponse", hcp::DeleteVersionResponse {});

    checked.body(
        "ListBuildsResponse",
        hcp::ListBuildsResponse { builds: vec![build()], location: location(), pagination: Some(page()) },
    );
    checked.body(
        "CreateBuildBody",
        hcp::CreateBuildBody {
            component_type: text("c"),
            status: Some(hcp::BuildStatus::Running),
            packer_run_uuid: text("u"),
            platform: text("p"),
            source_external_identifier: text("s"),
            parent_version_id: text("v"),
            parent_channel_id: text("c"),
            labels: Some(labels()),
            artifacts: Some(new_artifacts()),
        },
    );
    checked.body("CreateBuildResponse", hcp::CreateBuildResponse { build: build() });
    checked.body("GetBuildResponse", hcp::GetBuildResponse { build: build() });
    checked.body(
        "UpdateBuildBody",
        hcp::UpdateBuildBody {
            status: Some(hcp::BuildStatus::Done),
            packer_run_uuid: text("u"),
            platform: text("p"),
            source_external_identifier: text("s"),
            parent_version_id: text("v"),
            parent_channel_id: text("c"),
            labels: Some(labels()),
            metadata: Some(metadata()),
            artifacts: Some(new_artifacts()),
        },
    );
    checked.body("UpdateBuildResponse", hcp::UpdateBuildResponse { build: build() });
    checked.body("DeleteBuildResponse", hcp::DeleteBuildResponse {});

    checked.body("ListChannelsResponse", hcp::ListChannelsResponse { channels: vec![channel()] });
    checked.body(
        "CreateChannelBody",
        hcp::CreateChannelBody { name: text("n"), restricted: Some(true), version_fingerprint: text("f") },
    );
    checked.body("CreateChannelResponse", hcp::CreateChannelResponse { channel: channel() });
    checked.body("GetChannelResponse", hcp::GetChannelResponse { channel: channel() });
    checked.body(
        "UpdateChannelBody",
        hcp::UpdateChannelBody {
            restricted: Some(true),
            version_fingerprint: text("f"),
            update_mask: text("restricted"),
        },
    );
    checked.body("UpdateChannelResponse", hcp::UpdateChannelResponse { channel: channel() });
    checked.body("DeleteChannelResponse", hcp::DeleteChannelResponse {});
    checked.body(
        "ListChannelAssignmentHistoryResponse",
        hcp::ListChannelAssignmentHistoryResponse {
            history: vec![hcp::ChannelAssignment {
                version: Some(version()),
                author_id: "a".to_owned(),
                assigned_at: time(),
            }],
            count: 1,
            pagination: Some(page()),
        },
    );
    checked.body(
        "AssignChannelVersionBody",
        hcp::AssignChannelVersionBody { source_channel: text("a"), target_channel: text("b") },
    );
    checked.body(
        "AssignChannelVersionResponse",
        hcp::AssignChannelVersionResponse {
            fingerprint: "f".to_owned(),
            version: version(),
            source_channel: channel(),
            target_channel: channel(),
        },
    );

    checked.body(
        "UploadSbomBody",
        hcp::UploadSbomBody {
            name: text("n"),
            format: Some(hcp::SbomFormat::Spdx),
            compressed_sbom: text("KLUv"),
        },
    );
    checked.body("UploadSbomResponse", hcp::UploadSbomResponse { sbom: sbom() });
    checked.body("ListSbomsResponse", hcp::ListSbomsResponse { sboms: vec![sbom()] });
    checked
        .body("GetSbomResponse", hcp::GetSbomResponse { download_url: "https://waybill.test/".to_owned() });

    checked.body(
        "SearchExternalArtifactRequestBody",
        hcp::SearchExternalArtifactRequestBody {
            external_identifier: text("ami-1"),
            platform: text("aws"),
            region: text("eu-west-1"),
        },
    );
    checked.body("SearchExternalArtifactResponse", found());

    checked.body(
        "GetRegistryTFCRunTaskAPIResponse",
        hcp::GetRegistryTFCRunTaskAPIResponse {
            api_url: "https://waybill.test/".to_owned(),
            hmac_key: "h".into(),
        },
    );
    checked.body(
        "RegenerateTFCRunTaskHmacKeyBody",
        hcp::RegenerateTFCRunTaskHmacKeyBody {
            location: Some(hcp::RegenerateTFCRunTaskHmacKeyBodyLocation { region: location().region }),
        },
    );
    checked.body(
        "RegenerateTFCRunTaskHmacKeyResponse",
        hcp::RegenerateTFCRunTaskHmacKeyResponse { hmac_key: "h".into() },
    );
    let on_untracked_image = hcp::RunTaskBehaviour::Fail;
    checked.body("GetRunTaskConfigResponse", hcp::GetRunTaskConfigResponse { on_untracked_image });
    checked.body(
        "UpdateRunTaskConfigBody",
        hcp::UpdateRunTaskConfigBody { on_untracked_image: Some(on_untracked_image) },
    );
    checked.body("UpdateRunTaskConfigResponse", hcp::UpdateRunTaskConfigResponse { on_untracked_image });

    let offered = description.operations().map(|(_, _, operation)| operation).filter(|operation| {
        let id = operation["operationId"].as_str().unwrap();
        !NOT_OFFERED.iter().any(|part| id.contains(part))
    });
    let bodies = offered.flat_map(|operation| [&operation["requestBody"], &operation["responses"]["200"]]);
    let schemas = bodies.filter_map(|body| body["content"]["application/json"]["schema"]["$ref"].as_str());
    let expected: BTreeSet<_> = schemas.filter_map(|schema| schema.rsplit('/').next()).collect();
    assert_eq!(checked.schemas.into_inner(), expected);
}

/// Remembers which schemas were checked.
struct Checked<'a> {
    description: &'a Description,
    schemas: RefCell<BTreeSet<&'static str>>,
}

impl<'a> Checked<'a> {
    fn new(description: &'a Description) -> Self {
        Self { description, schemas: RefCell::default() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers make the value for this call")]
    fn body<T: Serialize + DeserializeOwned + PartialEq + Debug>(&self, schema: &'static str, value: T) {
        self.description.check(schema, &value);
        self.schemas.borrow_mut().insert(schema);
    }
}
