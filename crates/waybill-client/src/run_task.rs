//! The run task of a registry: what HCP Terraform is set up with, and how strict it is.

use waybill_api::hcp::{
    GetRegistryTFCRunTaskAPIResponse, GetRunTaskConfigResponse, RegenerateTFCRunTaskHmacKeyBody,
    RegenerateTFCRunTaskHmacKeyResponse, RunTaskBehaviour, UpdateRunTaskConfigBody,
    UpdateRunTaskConfigResponse,
};

use crate::{error::Error, registry::Registry};

impl Registry {
    /// The address and the key that HCP Terraform needs.
    pub async fn get_run_task(&self) -> Result<GetRegistryTFCRunTaskAPIResponse, Error> {
        let call = self.call("PackerService_GetRegistryTFCRunTaskAPI", &[("task_type", "validation")])?;
        self.client().send(&call).await
    }

    /// Makes another key; what is signed with the one before is refused from now on.
    pub async fn regenerate_run_task_key(&self) -> Result<RegenerateTFCRunTaskHmacKeyResponse, Error> {
        let call = self.call("PackerService_RegenerateTFCRunTaskHmacKey", &[])?;
        self.client().send(&call.body(&RegenerateTFCRunTaskHmacKeyBody::default())).await
    }

    /// What becomes of a plan with images that the registry does not know.
    pub async fn get_run_task_config(&self) -> Result<RunTaskBehaviour, Error> {
        let call = self.call("PackerService_GetRunTaskConfig", &[])?;
        Ok(self.client().send::<GetRunTaskConfigResponse>(&call).await?.on_untracked_image)
    }

    pub async fn update_run_task_config(
        &self,
        on_untracked_image: RunTaskBehaviour,
    ) -> Result<RunTaskBehaviour, Error> {
        let body = UpdateRunTaskConfigBody { on_untracked_image: Some(on_untracked_image) };
        let call = self.call("PackerService_UpdateRunTaskConfig", &[])?.body(&body).idempotent();
        Ok(self.client().send::<UpdateRunTaskConfigResponse>(&call).await?.on_untracked_image)
    }
}
