//! Webhooks of a project.

use reqwest::Method;
use waybill_api::{
    operation::Api,
    own::{self, VerifyWebhookResponse},
    platform::{
        CreateWebhookRequestBody, CreateWebhookResponse, DeleteWebhookResponse, GetWebhookResponse,
        UpdateWebhookNameRequestBody, UpdateWebhookNameResponse, UpdateWebhookRequestBody,
        UpdateWebhookResponse, Webhook,
    },
};

use crate::{
    client::{Call, Client},
    error::Error,
    location::Location,
};

const WEBHOOKS: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks";
const VERIFICATION: &str =
    "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks/{webhook}/verify";

/// The one place of all webhooks, which is part of their names.
const GEO: &str = "us";

impl Client {
    /// All webhooks of a project, by name.
    pub async fn webhooks(&self, location: &Location) -> Result<Vec<own::Webhook>, Error> {
        let Location { organization_id, project_id } = location;
        let values = [("organization_id", organization_id.as_str()), ("project_id", project_id.as_str())];
        let call = Call::at("ListWebhooks", Method::GET, WEBHOOKS, &values)?;
        Ok(self.send::<own::ListWebhooksResponse>(&call).await?.webhooks)
    }

    pub async fn get_webhook(&self, project_id: &str, webhook: &str) -> Result<Webhook, Error> {
        let call = call("WebhookService_GetWebhook", project_id, webhook)?;
        Ok(self.send::<GetWebhookResponse>(&call).await?.webhook)
    }

    /// Makes a webhook. An enabled one must accept a test event first.
    pub async fn create_webhook(
        &self,
        project_id: &str,
        body: &CreateWebhookRequestBody,
    ) -> Result<Webhook, Error> {
        let values = [("project_id", project_id)];
        let call = Call::new(Api::Platform, "WebhookService_CreateWebhook", &values)?.body(body);
        Ok(self.send::<CreateWebhookResponse>(&call).await?.webhook)
    }

    /// Changes what `body.update_mask` names.
    pub async fn update_webhook(
        &self,
        project_id: &str,
        webhook: &str,
        body: &UpdateWebhookRequestBody,
    ) -> Result<Webhook, Error> {
        let call = call("WebhookService_UpdateWebhook", project_id, webhook)?.body(body);
        Ok(self.send::<UpdateWebhookResponse>(&call).await?.webhook)
    }

    pub async fn rename_webhook(
        &self,
        project_id: &str,
        webhook: &str,
        name: &str,
    ) -> Result<Webhook, Error> {
        let body = UpdateWebhookNameRequestBody { name: Some(name.to_owned()) };
        let call = call("WebhookService_UpdateWebhookName", project_id, webhook)?.body(&body);
        Ok(self.send::<UpdateWebhookNameResponse>(&call).await?.webhook)
    }

    pub async fn delete_webhook(&self, project_id: &str, webhook: &str) -> Result<(), Error> {
        let call = call("WebhookService_DeleteWebhook", project_id, webhook)?;
        self.send::<DeleteWebhookResponse>(&call).await?;
        Ok(())
    }

    /// Sends the test event to a webhook's receiver, and tells what came of it.
    pub async fn verify_webhook(
        &self,
        location: &Location,
        webhook: &str,
    ) -> Result<VerifyWebhookResponse, Error> {
        let Location { organization_id, project_id } = location;
        let values = [
            ("organization_id", organization_id.as_str()),
            ("project_id", project_id.as_str()),
            ("webhook", webhook),
        ];
        self.send(&Call::at("VerifyWebhook", Method::POST, VERIFICATION, &values)?).await
    }
}

fn call(id: &'static str, project_id: &str, webhook: &str) -> Result<Call, Error> {
    let values = [("project_id", project_id), ("geo", GEO), ("webhook", webhook)];
    Call::new(Api::Platform, id, &values)
}
