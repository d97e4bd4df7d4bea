//! HCP's Packer API of 2023-01-01. One file per resource; every function is an operation.

mod ancestry;
mod buckets;
mod builds;
mod channels;
mod convert;
mod enforced_blocks;
mod registries;
mod run_tasks;
mod sboms;
mod search;
mod versions;

use axum::routing::{MethodRouter, delete, get, patch, post, put};
use serde::Deserialize;
use waybill_api::{
    error::Code,
    hcp::{Location, PageQuery},
    operation::Api,
};
use waybill_model::names::{BucketName, Fingerprint};

pub use convert::template_type;

use crate::{
    api::{error::ApiError, extract::Pairs},
    app::App,
    auth::{Place, permission::shown},
};

/// A project's registry.
#[derive(Clone, Debug, Deserialize)]
pub struct ProjectPath {
    pub organization_id: String,
    pub project_id: String,
}

/// A bucket.
#[derive(Clone, Debug, Deserialize)]
pub struct BucketPath {
    #[serde(flatten)]
    pub project: ProjectPath,
    pub bucket_name: String,
}

/// A version.
#[derive(Clone, Debug, Deserialize)]
pub struct VersionPath {
    #[serde(flatten)]
    pub bucket: BucketPath,
    pub fingerprint: String,
}

/// A build.
#[derive(Clone, Debug, Deserialize)]
pub struct BuildPath {
    #[serde(flatten)]
    pub version: VersionPath,
    pub build_id: String,
}

impl ProjectPath {
    pub fn place(&self) -> Place {
        Place {
            organization: self.organization_id.clone(),
            project: self.project_id.clone(),
            ..Place::default()
        }
    }

    pub fn location(&self) -> Location {
        Location {
            organization_id: self.organization_id.clone(),
            project_id: self.project_id.clone(),
            region: None,
        }
    }
}

impl BucketPath {
    /// A name on a path that no bucket can have is one of a bucket that does not exist: clients take any other answer
    /// for a fault, and who goes on to create it is told there what is wrong with it.
    pub fn place(&self) -> Result<Place, ApiError> {
        let bucket: BucketName = self
            .bucket_name
            .parse()
            .map_err(|error| ApiError::not_found(format!("this bucket does not exist: {error}")))?;
        Ok(Place { bucket: Some(bucket), ..self.project.place() })
    }
}

impl VersionPath {
    pub fn place(&self) -> Result<Place, ApiError> {
        self.bucket.place()
    }

    /// A fingerprint on a path that no version can have is one that does not exist: packer then asks to create it,
    /// and is told there what is wrong with it.
    pub fn fingerprint(&self) -> Result<Fingerprint, ApiError> {
        self.fingerprint.parse().map_err(|error| {
            ApiError::new(
                Code::Aborted,
                format!(
                    "version with fingerprint `{}` does not exist in bucket `{}`: {error}",
                    shown(&self.fingerprint),
                    shown(&self.bucket.bucket_name)
                ),
            )
        })
    }
}

impl Pairs {
    /// The page that the query asks for.
    pub fn page(&self) -> Result<PageQuery, ApiError> {
        Ok(PageQuery::from_pairs(self.0.iter().map(|(name, value)| (name, value)))?)
    }
}

/// The operations that are offered, by their ids.
pub fn routes() -> Vec<(Api, &'static str, MethodRouter<App>)> {
    let operations: [(&'static str, MethodRouter<App>); 36] = [
        ("PackerService_GetRegistry", get(registries::get)),
        ("PackerService_CreateRegistry", put(registries::create)),
        ("PackerService_UpdateRegistry", patch(registries::update)),
        ("PackerService_DeleteRegistry", delete(registries::delete)),
        ("PackerService_ListBuckets", get(buckets::list)),
        ("PackerService_CreateBucket", put(buckets::create)),
        ("PackerService_GetBucket", get(buckets::get)),
        ("PackerService_UpdateBucket", patch(buckets::update)),
        ("PackerService_DeleteBucket", delete(buckets::delete)),
        ("PackerService_ListBucketAncestry", get(ancestry::list)),
        ("PackerService_ListVersions", get(versions::list)),
        ("PackerService_CreateVersion", post(versions::create)),
        ("PackerService_GetVersion", get(versions::get)),
        ("PackerService_UpdateVersion", patch(versions::update)),
        ("PackerService_DeleteVersion", delete(versions::delete)),
        ("PackerService_ListBuilds", get(builds::list)),
        ("PackerService_CreateBuild", post(builds::create)),
        ("PackerService_GetBuild", get(builds::get)),
        ("PackerService_UpdateBuild", patch(builds::update)),
        ("PackerService_DeleteBuild", delete(builds::delete)),
        ("PackerService_UploadSbom", put(sboms::upload)),
        ("PackerService_ListSboms", get(sboms::list)),
        // HCP has no operation to delete an SBOM; the method on its path is ours.
        ("PackerService_GetSbom", get(sboms::get).delete(sboms::delete)),
        ("PackerService_ListChannels", get(channels::list)),
        ("PackerService_CreateChannel", post(channels::create)),
        ("PackerService_GetChannel", get(channels::get)),
        ("PackerService_UpdateChannel", patch(channels::update)),
        ("PackerService_DeleteChannel", delete(channels::delete)),
        ("PackerService_ListChannelAssignmentHistory", get(channels::history)),
        // A channel may be called `assign`: only POST on that path is the operation.
        (
            "PackerService_AssignChannelVersion",
            post(channels::copy).get(channels::get).patch(channels::update).delete(channels::delete),
        ),
        ("PackerService_SearchExternalArtifact", post(search::artifacts)),
        ("PackerService_GetEnforcedBlocksByBucket", get(enforced_blocks::of_bucket)),
        ("PackerService_GetRegistryTFCRunTaskAPI", get(run_tasks::get)),
        ("PackerService_RegenerateTFCRunTaskHmacKey", patch(run_tasks::regenerate_key)),
        ("PackerService_GetRunTaskConfig", get(run_tasks::config)),
        ("PackerService_UpdateRunTaskConfig", patch(run_tasks::update_config)),
    ];
    operations.into_iter().map(|(id, handler)| (Api::Packer2023, id, handler)).collect()
}
