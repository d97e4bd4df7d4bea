//! Webhooks and the run task.

use serde::Serialize;
use waybill_api::{own, time::DateTime};

use super::given;
use crate::{
    printer::View,
    table::{Table, moment},
};

/// `webhook list`.
#[derive(Serialize)]
pub(crate) struct Webhooks {
    pub(crate) webhooks: Vec<Webhook>,
}

/// `webhook show`, `create`, `update`, `rename`.
#[derive(Serialize)]
pub(crate) struct Webhook {
    id: String,
    name: String,
    resource_name: String,
    description: Option<String>,
    enabled: bool,
    url: String,
    signed: bool,
    /// Set where a key was just generated.
    pub(crate) hmac_key: Option<String>,
    subscriptions: Vec<Subscription>,
    created_at: DateTime,
    updated_at: DateTime,
}

#[derive(Serialize)]
struct Subscription {
    resource_id: Option<String>,
    events: Vec<Event>,
}

#[derive(Serialize)]
struct Event {
    source: String,
    action: String,
}

/// `webhook verify`.
#[derive(Serialize)]
pub(crate) struct Verification {
    webhook: String,
    accepted: bool,
    status: Option<u16>,
    problem: Option<String>,
}

/// `run-task show`, `set`, `regenerate-key`.
#[derive(Serialize)]
pub(crate) struct RunTask {
    pub(crate) url: String,
    /// Set where it was asked for.
    pub(crate) hmac_key: Option<String>,
    pub(crate) on_untracked: String,
}

impl From<own::Webhook> for Webhook {
    fn from(webhook: own::Webhook) -> Self {
        let event = |event: own::WebhookEvent| Event { source: event.source, action: event.action };
        let subscription = |subscription: own::WebhookSubscription| Subscription {
            resource_id: subscription.resource_id,
            events: subscription.events.into_iter().map(event).collect(),
        };
        Self {
            id: webhook.id,
            name: webhook.name,
            resource_name: webhook.resource_name,
            description: given(webhook.description),
            enabled: webhook.enabled,
            url: webhook.url,
            signed: webhook.signed,
            hmac_key: None,
            subscriptions: webhook.subscriptions.into_iter().map(subscription).collect(),
            created_at: webhook.created_at,
            updated_at: webhook.updated_at,
        }
    }
}

impl Verification {
    pub(crate) fn new(webhook: String, came: own::VerifyWebhookResponse) -> Self {
        Self { webhook, accepted: came.accepted, status: came.status, problem: came.problem }
    }
}

impl Webhook {
    /// `hashicorp.packer.version complete, …`.
    fn events(&self) -> String {
        let events = self.subscriptions.iter().flat_map(|subscription| {
            let of = subscription.resource_id.as_ref().map(|id| format!(" of {id}")).unwrap_or_default();
            subscription.events.iter().map(move |event| format!("{} {}{of}", event.source, event.action))
        });
        events.collect::<Vec<_>>().join(", ")
    }

    fn state(&self) -> &'static str {
        if self.enabled { "enabled" } else { "disabled" }
    }
}

impl View for Webhooks {
    fn text(&self) -> String {
        let mut table = Table::new(["NAME", "STATE", "SIGNED", "URL", "EVENTS"]);
        for webhook in &self.webhooks {
            let signed = if webhook.signed { "yes" } else { "no" };
            table.row([&webhook.name, webhook.state(), signed, &webhook.url, &webhook.events()]);
        }
        table.text()
    }
}

impl View for Webhook {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("name", &self.name);
        fields.field("state", self.state());
        fields.field("url", &self.url);
        fields.field("description", self.description.as_deref().unwrap_or_default());
        fields.field("events", &self.events());
        fields.field("signed", if self.signed { "yes" } else { "no" });
        fields.field("key", self.hmac_key.as_deref().unwrap_or_default());
        fields.field("id", &self.id);
        fields.field("resource name", &self.resource_name);
        fields.field("created", &moment(self.created_at));
        fields.text()
    }
}

impl View for Verification {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("webhook", &self.webhook);
        fields.field("accepted", if self.accepted { "yes" } else { "no" });
        fields.field("status", &self.status.map(|status| status.to_string()).unwrap_or_default());
        fields.text()
    }
}

impl View for RunTask {
    fn text(&self) -> String {
        let mut fields = Table::fields();
        fields.field("url", &self.url);
        fields.field("key", self.hmac_key.as_deref().unwrap_or_default());
        fields.field("on untracked", &self.on_untracked);
        fields.text()
    }
}
