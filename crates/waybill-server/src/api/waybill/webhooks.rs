//! Webhooks of a project at a glance, and asking a receiver again. Making and changing them is the compatible
//! interface's.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::own;
use waybill_model::webhook::{EventKind, Subscription};
use waybill_store::Webhook;

use crate::{
    api::{error::ApiResult, extract::Route, hcp::ProjectPath},
    app::App,
    auth::Caller,
    webhook::{self, Home, Named},
};

#[derive(Clone, Debug, Deserialize)]
pub(super) struct WebhookPath {
    #[serde(flatten)]
    project: ProjectPath,
    webhook: String,
}

/// Lists the webhooks of a project by name
///
/// Their keys are never shown.
#[utoipa::path(
    get, path = super::WEBHOOKS, operation_id = "ListWebhooks", tag = "webhooks",
    params(("organization_id" = String, Path), ("project_id" = String, Path)),
    responses((status = OK, description = "All of them", body = own::ListWebhooksResponse)),
)]
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
) -> ApiResult<own::ListWebhooksResponse> {
    let project_id = path.project_id.clone();
    let found = webhook::list(&app, caller, home(path)).await?;
    let webhooks = found.into_iter().map(|webhook| own(webhook, &project_id)).collect();
    Ok(Json(own::ListWebhooksResponse { webhooks }))
}

/// Sends the test event to a webhook's receiver
///
/// The same event is sent when the webhook is enabled. Here nothing changes, whatever the receiver answers.
#[utoipa::path(
    post, path = super::WEBHOOK_VERIFICATION, operation_id = "VerifyWebhook", tag = "webhooks",
    params(("organization_id" = String, Path), ("project_id" = String, Path), ("webhook" = String, Path)),
    responses((status = OK, description = "What came of it", body = own::VerifyWebhookResponse)),
)]
pub(super) async fn verify(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<WebhookPath>,
) -> ApiResult<own::VerifyWebhookResponse> {
    let named = Named { home: home(path.project), name: path.webhook };
    Ok(Json(match webhook::verify(&app, caller, named).await? {
        Ok(status) => {
            own::VerifyWebhookResponse { accepted: true, status: Some(status.as_u16()), problem: None }
        }
        Err(refusal) => own::VerifyWebhookResponse {
            accepted: false,
            status: refusal.status().map(|status| status.as_u16()),
            problem: Some(refusal.to_string()),
        },
    }))
}

fn home(path: ProjectPath) -> Home {
    Home { organization: Some(path.organization_id), project: path.project_id }
}

fn own(webhook: Webhook, project_id: &str) -> own::Webhook {
    let event = |EventKind { source, action }| own::WebhookEvent { source, action };
    let subscription = |stored: Subscription| own::WebhookSubscription {
        resource_id: Some(stored.resource_id).filter(|id| !id.is_empty()),
        events: stored.events.into_iter().map(event).collect(),
    };
    let content = webhook.content;
    own::Webhook {
        resource_name: webhook::resource_name(project_id, &webhook.name),
        id: webhook.uid,
        name: webhook.name.to_string(),
        description: content.description,
        enabled: content.enabled,
        signed: content.receiver.hmac_key.expose().is_some(),
        url: content.receiver.url,
        subscriptions: content.subscriptions.into_iter().map(subscription).collect(),
        created_at: webhook.created_at.into(),
        updated_at: webhook.updated_at.into(),
    }
}
