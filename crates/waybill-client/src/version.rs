//! Versions.

use reqwest::Method;
use waybill_api::{
    hcp::{
        CreateVersionBody, CreateVersionResponse, GetVersionResponse, ListVersionsResponse,
        UpdateVersionBody, UpdateVersionResponse, Version,
    },
    own,
};

use crate::{
    client::Call,
    error::Error,
    page::{Pages, page},
    registry::Registry,
};

const OWN_VERSION: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}\
    /buckets/{bucket_name}/versions/{fingerprint}";

page!(ListVersionsResponse, versions: Version);

impl Registry {
    /// All versions of a bucket, newest first.
    pub fn list_versions(&self, bucket: &str) -> Pages<ListVersionsResponse> {
        let call = self.call("PackerService_ListVersions", &[("bucket_name", bucket)]);
        Pages::new(self.client().clone(), call)
    }

    /// The version of that fingerprint with its builds, artifacts and metadata.
    pub async fn get_version(&self, bucket: &str, fingerprint: &str) -> Result<Version, Error> {
        let values = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        let call = self.call("PackerService_GetVersion", &values)?;
        Ok(self.client().send::<GetVersionResponse>(&call).await?.version)
    }

    pub async fn create_version(&self, bucket: &str, body: &CreateVersionBody) -> Result<Version, Error> {
        let call = self.call("PackerService_CreateVersion", &[("bucket_name", bucket)])?.body(body);
        Ok(self.client().send::<CreateVersionResponse>(&call).await?.version)
    }

    /// Completes, revokes or restores a version: exactly one of them per call.
    pub async fn update_version(
        &self,
        bucket: &str,
        fingerprint: &str,
        body: &UpdateVersionBody,
    ) -> Result<Version, Error> {
        let values = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        let call = self.call("PackerService_UpdateVersion", &values)?.body(body);
        Ok(self.client().send::<UpdateVersionResponse>(&call).await?.version)
    }

    /// Deletes a version with its builds. One that a channel serves is an error, unless `rollback_channels`
    /// moves those channels back to what they pointed to before.
    pub async fn delete_version(
        &self,
        bucket: &str,
        fingerprint: &str,
        rollback_channels: bool,
    ) -> Result<(), Error> {
        let values = [("bucket_name", bucket), ("fingerprint", fingerprint)];
        let mut call = self.call("PackerService_DeleteVersion", &values)?;
        if rollback_channels {
            call = call.query("rollback_channels", "true");
        }
        self.client().send::<serde::de::IgnoredAny>(&call).await?;
        Ok(())
    }

    /// Deletes a version even though a channel serves it or others were built from it. Waybill only.
    pub async fn delete_version_by_force(
        &self,
        bucket: &str,
        fingerprint: &str,
        reason: &str,
    ) -> Result<(), Error> {
        let values = [
            ("organization_id", self.location().organization_id.as_str()),
            ("project_id", self.location().project_id.as_str()),
            ("bucket_name", bucket),
            ("fingerprint", fingerprint),
        ];
        let call = Call::at("DeleteVersion", Method::DELETE, OWN_VERSION, &values)?;
        let call = call.query("force", "true").query("reason", reason);
        self.client().send::<own::DeleteVersionResponse>(&call).await?;
        Ok(())
    }
}
