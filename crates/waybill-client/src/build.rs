//! Builds and their bills of materials.

use std::time::Duration;

use waybill_api::hcp::{
    Build, CreateBuildBody, CreateBuildResponse, GetBuildResponse, GetSbomResponse, ListBuildsResponse,
    ListSbomsResponse, Sbom, UpdateBuildBody, UpdateBuildResponse, UploadSbomBody, UploadSbomResponse,
};

use crate::{
    error::Error,
    page::{Pages, page},
    registry::Registry,
};

/// An SBOM has up to 32 MiB compressed, and lines out of a data centre can be slow.
const UPLOAD_LIMIT: Duration = Duration::from_mins(5);

page!(ListBuildsResponse, builds: Build);

impl Registry {
    /// All builds of a version.
    pub fn list_builds(&self, bucket: &str, fingerprint: &str) -> Pages<ListBuildsResponse> {
        let values = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        Pages::new(self.client().clone(), self.call("PackerService_ListBuilds", &values))
    }

    pub async fn get_build(&self, bucket: &str, fingerprint: &str, build: &str) -> Result<Build, Error> {
        let call = self.call("PackerService_GetBuild", &build_path(bucket, fingerprint, build))?;
        Ok(self.client().send::<GetBuildResponse>(&call).await?.build)
    }

    /// Registers a build; a second one of the same component is an error ([`Error::is_already_exists`]).
    pub async fn create_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        body: &CreateBuildBody,
    ) -> Result<Build, Error> {
        let values = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        let call = self.call("PackerService_CreateBuild", &values)?.body(body);
        Ok(self.client().send::<CreateBuildResponse>(&call).await?.build)
    }

    /// Reports a start, a sign of life or a result. The same report twice is one report, so it is repeated
    /// when its answer gets lost.
    pub async fn update_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        build: &str,
        body: &UpdateBuildBody,
    ) -> Result<Build, Error> {
        let call = self.call("PackerService_UpdateBuild", &build_path(bucket, fingerprint, build))?;
        Ok(self.client().send::<UpdateBuildResponse>(&call.body(body).idempotent()).await?.build)
    }

    /// Stores a bill of materials. One of the same name is replaced while the version is incomplete.
    pub async fn upload_sbom(
        &self,
        bucket: &str,
        fingerprint: &str,
        build: &str,
        body: &UploadSbomBody,
    ) -> Result<Sbom, Error> {
        let call = self.call("PackerService_UploadSbom", &build_path(bucket, fingerprint, build))?;
        let call = call.body(body).idempotent().limit(UPLOAD_LIMIT);
        Ok(self.client().send::<UploadSbomResponse>(&call).await?.sbom)
    }

    pub async fn list_sboms(&self, bucket: &str, fingerprint: &str, build: &str) -> Result<Vec<Sbom>, Error> {
        let call = self.call("PackerService_ListSboms", &build_path(bucket, fingerprint, build))?;
        Ok(self.client().send::<ListSbomsResponse>(&call).await?.sboms)
    }

    /// An address that gives the document without a token for a short time.
    pub async fn sbom_address(
        &self,
        bucket: &str,
        fingerprint: &str,
        build: &str,
        name: &str,
    ) -> Result<String, Error> {
        let [bucket, fingerprint, build] = build_path(bucket, fingerprint, build);
        let call = self.call("PackerService_GetSbom", &[bucket, fingerprint, build, ("sbom_name", name)])?;
        Ok(self.client().send::<GetSbomResponse>(&call).await?.download_url)
    }
}

fn build_path<'a>(bucket: &'a str, fingerprint: &'a str, build: &'a str) -> [(&'static str, &'a str); 3] {
    [("bucket_name", bucket), ("fingerprint", fingerprint), ("build_id", build)]
}
