//! The registry's interface, version 2023-01-01, as HCP Packer has it.
//!
//! Names are those of the interface's schemas, without the name space and without dots:
//! `RegistryConfig.Tier` is [`RegistryConfigTier`].
//! A file per resource holds what an operation on it asks (`…Body`) and answers (`…Response`).
//!
//! There are no types for what the registry does not offer yet: enforced blocks, packages and vulnerabilities.

mod ancestry;
mod bucket;
mod build;
mod channel;
mod field_mask;
mod location;
mod metadata;
mod operation;
mod pagination;
mod registry;
mod run_task;
mod sbom;
mod search;
mod version;

pub use ancestry::{
    AncestryStatus, BucketAncestry, BucketAncestryType, ChannelVersion, Child, ListBucketAncestryQuery,
    ListBucketAncestryResponse, Parent,
};
pub use bucket::{
    Bucket, BucketChildren, BucketParents, CreateBucketBody, CreateBucketResponse, DeleteBucketResponse,
    GetBucketResponse, ListBucketsResponse, UpdateBucketBody, UpdateBucketResponse,
};
pub use build::{
    Artifact, ArtifactCreateBody, Build, BuildStatus, CreateBuildBody, CreateBuildResponse,
    DeleteBuildResponse, GetBuildResponse, ListBuildsResponse, UpdateBuildBody, UpdateBuildResponse,
};
pub use channel::{
    AssignChannelVersionBody, AssignChannelVersionResponse, Channel, ChannelAssignment, CreateChannelBody,
    CreateChannelResponse, DeleteChannelResponse, GetChannelResponse, ListChannelAssignmentHistoryResponse,
    ListChannelsResponse, UpdateChannelBody, UpdateChannelResponse,
};
pub use field_mask::{FieldMask, UnknownField};
pub use location::{Link, Location, Region};
pub use metadata::{BuildMetadata, BuildMetadataError};
pub use operation::{Operation, OperationState};
pub use pagination::{OrderBy, PageQuery, PageQueryError, PaginationResponse};
pub use registry::{
    CreateRegistryBody, CreateRegistryResponse, DeleteRegistryResponse, GetRegistryResponse, Registry,
    RegistryBillingDeprovision, RegistryBillingDeprovisionReason, RegistryConfig, RegistryConfigTier,
    RegistryTFCRunTaskConfig, RunTaskBehaviour, UpdateRegistryBody, UpdateRegistryResponse,
};
pub use run_task::{
    GetRegistryTFCRunTaskAPIResponse, GetRunTaskConfigResponse, RegenerateTFCRunTaskHmacKeyBody,
    RegenerateTFCRunTaskHmacKeyBodyLocation, RegenerateTFCRunTaskHmacKeyResponse, UpdateRunTaskConfigBody,
    UpdateRunTaskConfigResponse,
};
pub use sbom::{GetSbomResponse, ListSbomsResponse, Sbom, SbomFormat, UploadSbomBody, UploadSbomResponse};
pub use search::{
    ExternalArtifact, ExternalArtifactBucket, ExternalArtifactVersion, SearchExternalArtifactRequestBody,
    SearchExternalArtifactResponse,
};
pub use version::{
    CreateVersionBody, CreateVersionResponse, DeleteVersionQuery, DeleteVersionResponse, GetVersionResponse,
    ListVersionsResponse, RevocationType, RevokedAncestor, TemplateType, UpdateVersionBody,
    UpdateVersionResponse, Version, VersionParents, VersionStatus,
};
