//! Webhooks of a project, and asking a receiver again.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::time::DateTime;

/// All webhooks of a project, by name. There are at most 100.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListWebhooksResponse {
    pub webhooks: Vec<Webhook>,
}

/// A webhook, without its key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Webhook {
    pub id: String,
    pub name: String,
    /// What the compatible interface calls it.
    pub resource_name: String,
    pub description: String,
    /// Only an enabled one is sent anything.
    pub enabled: bool,
    pub url: String,
    /// Whether what is sent is signed with a key.
    pub signed: bool,
    pub subscriptions: Vec<WebhookSubscription>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: DateTime,
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: DateTime,
}

/// Which events are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookSubscription {
    /// Of what; absent for everything in the project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource_id: Option<String>,
    pub events: Vec<WebhookEvent>,
}

/// One kind of event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookEvent {
    /// Such as `hashicorp.packer.version`.
    pub source: String,
    /// Such as `complete`; `*` for all.
    pub action: String,
}

/// What came of the test event (`POST …/webhooks/{webhook}/verify`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VerifyWebhookResponse {
    /// Whether the receiver answered with a status of 200 to 299.
    pub accepted: bool,
    /// The status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was not accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
}
