//! Webhooks: where events of a project are sent.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    encoding::{is_default, null_as_empty},
    secret::Secret,
    time::{DateTime, unset_as_none},
};

/// A webhook. Clients read `resource_name` and `config` without a look.
///
/// As part of a request nothing in it counts but what `update_mask` names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Webhook {
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_id: String,
    /// `webhook/project/<project id>/geo/us/webhook/<name>`; clients take the name from its seventh part.
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_name: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub config: WebhookConfig,
    #[serde(deserialize_with = "null_as_empty")]
    pub description: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub enabled: bool,
    #[serde(deserialize_with = "null_as_empty")]
    pub subscriptions: Vec<WebhookSubscription>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_delivery: Option<WebhookDelivery>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub created_at: Option<DateTime>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub updated_at: Option<DateTime>,
}

/// Where events are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookConfig {
    #[serde(deserialize_with = "null_as_empty")]
    pub url: String,
    /// Signs what is sent. Never in an answer.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub hmac_key: Secret,
}

/// Which events are sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookSubscription {
    /// Of what; empty for everything in the project.
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub resource_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub events: Vec<WebhookSubscriptionEvent>,
}

/// One kind of event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookSubscriptionEvent {
    /// `*` for all.
    #[serde(deserialize_with = "null_as_empty")]
    pub action: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub source: String,
}

/// What is sent: the body of a delivery.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookPayload {
    #[serde(deserialize_with = "null_as_empty")]
    pub event_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub event_source: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub event_action: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub event_version: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub event_description: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub event_payload: Map<String, Value>,
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub resource_name: String,
}

/// What became of an event that was sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookDelivery {
    #[serde(deserialize_with = "null_as_empty")]
    pub id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub webhook_resource_id: String,
    #[serde(deserialize_with = "null_as_empty")]
    pub retries: i32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<WebhookRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<WebhookResponse>,
}

/// What a delivery sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookRequest {
    #[serde(deserialize_with = "null_as_empty")]
    pub url: String,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payload: Option<WebhookPayload>,
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "unset_as_none")]
    pub sent_at: Option<DateTime>,
}

/// What a delivery was answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WebhookResponse {
    #[serde(deserialize_with = "null_as_empty")]
    pub status_code: i32,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub headers: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_default", deserialize_with = "null_as_empty")]
    pub body: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateWebhookRequestBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<WebhookConfig>,
    /// An enabled one is verified before it is made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriptions: Option<Vec<WebhookSubscription>>,
    /// Read and not used: the verification says the same to everybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_payload: Option<WebhookPayload>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CreateWebhookResponse {
    pub webhook: Webhook,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GetWebhookResponse {
    pub webhook: Webhook,
}

/// Changes what `update_mask` names: `config`, `config.url`, `config.hmacKey`, `description`, `enabled`,
/// `subscriptions`. Clients always send the whole `config` and an empty list of subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateWebhookRequestBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_mask: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<Webhook>,
    /// Read and not used, as in [`CreateWebhookRequestBody`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_payload: Option<WebhookPayload>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateWebhookResponse {
    pub webhook: Webhook,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateWebhookNameRequestBody {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateWebhookNameResponse {
    pub webhook: Webhook,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteWebhookResponse {}
