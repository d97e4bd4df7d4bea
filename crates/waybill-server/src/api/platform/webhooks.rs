//! Webhooks as HCP's interface has them: known by name, changed by what a mask names.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::{
    hcp::FieldMask,
    platform::{
        CreateWebhookRequestBody, CreateWebhookResponse, DeleteWebhookResponse, GetWebhookResponse,
        UpdateWebhookNameRequestBody, UpdateWebhookNameResponse, UpdateWebhookRequestBody,
        UpdateWebhookResponse, Webhook as Wire, WebhookConfig, WebhookSubscription, WebhookSubscriptionEvent,
    },
};
use waybill_model::webhook::{Change, EventKind, HmacKey, Subscription};
use waybill_store::Webhook;

use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Route},
    },
    app::App,
    auth::{Caller, permission::shown},
    webhook::{self, Home, Named},
};

/// A webhook, by its resource name.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct WebhookPath {
    project_id: String,
    geo: String,
    webhook: String,
}

/// The one place of all webhooks: clients expect a name of this form.
const GEO: &str = "us";

/// What an update may change. A mask may name members of `config` with or without it.
const FIELDS: &[&str] = &["config", "url", "hmac_key", "description", "enabled", "subscriptions"];

impl WebhookPath {
    fn named(self) -> Result<Named, ApiError> {
        let Self { project_id, geo, webhook } = self;
        if geo != GEO {
            return Err(ApiError::not_found(format!(
                "webhook `{}` does not exist in `geo/{}`: all webhooks are in `geo/{GEO}`",
                shown(&webhook),
                shown(&geo)
            )));
        }
        Ok(Named { home: home(project_id), name: webhook })
    }
}

fn home(project: String) -> Home {
    Home { organization: None, project }
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
    Body(body): Body<CreateWebhookRequestBody>,
) -> ApiResult<CreateWebhookResponse> {
    let name = body.name.unwrap_or_default().parse()?;
    let WebhookConfig { url, hmac_key } = body.config.unwrap_or_default();
    let change = Change {
        url: Some(url),
        hmac_key: Some(HmacKey::new(hmac_key.expose().to_owned())?),
        description: body.description,
        enabled: body.enabled,
        subscriptions: body.subscriptions.map(subscriptions),
    };
    let made = webhook::create(&app, caller, home(project_id.clone()), name, change).await?;
    Ok(Json(CreateWebhookResponse { webhook: wire(made, &project_id) }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<WebhookPath>,
) -> ApiResult<GetWebhookResponse> {
    let project_id = path.project_id.clone();
    let found = webhook::get(&app, caller, path.named()?).await?;
    Ok(Json(GetWebhookResponse { webhook: wire(found, &project_id) }))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<WebhookPath>,
    Body(body): Body<UpdateWebhookRequestBody>,
) -> ApiResult<UpdateWebhookResponse> {
    let (project_id, change) = (path.project_id.clone(), change(body)?);
    let changed = webhook::update(&app, caller, path.named()?, change).await?;
    Ok(Json(UpdateWebhookResponse { webhook: wire(changed, &project_id) }))
}

pub(super) async fn rename(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<WebhookPath>,
    Body(body): Body<UpdateWebhookNameRequestBody>,
) -> ApiResult<UpdateWebhookNameResponse> {
    let project_id = path.project_id.clone();
    let name = body.name.unwrap_or_default().parse()?;
    let renamed = webhook::rename(&app, caller, path.named()?, name).await?;
    Ok(Json(UpdateWebhookNameResponse { webhook: wire(renamed, &project_id) }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<WebhookPath>,
) -> ApiResult<DeleteWebhookResponse> {
    webhook::delete(&app, caller, path.named()?).await?;
    Ok(Json(DeleteWebhookResponse {}))
}

/// What an update changes: what its mask names, and nothing of the rest of its body, which clients fill with
/// whatever they have. What is named and absent is set to nothing.
fn change(body: UpdateWebhookRequestBody) -> Result<Change, ApiError> {
    let mask = FieldMask::parse(body.update_mask.as_deref().unwrap_or_default(), FIELDS)?;
    if mask.is_empty() {
        return Err(ApiError::invalid(
            "`update_mask` is empty: it names what to change, such as `config,description,enabled,subscriptions`",
        ));
    }
    let Wire { config, description, enabled, subscriptions: wanted, .. } = body.webhook.unwrap_or_default();
    let names = |member: &str| mask.contains(member);
    let (url, key) = (names("config") || names("url"), names("config") || names("hmac_key"));
    Ok(Change {
        url: url.then_some(config.url),
        hmac_key: key.then(|| HmacKey::new(config.hmac_key.expose().to_owned())).transpose()?,
        description: names("description").then_some(description),
        enabled: names("enabled").then_some(enabled),
        subscriptions: names("subscriptions").then(|| subscriptions(wanted)),
    })
}

fn subscriptions(wanted: Vec<WebhookSubscription>) -> Vec<Subscription> {
    let event = |WebhookSubscriptionEvent { action, source }| EventKind { source, action };
    let subscription = |wanted: WebhookSubscription| Subscription {
        resource_id: wanted.resource_id,
        events: wanted.events.into_iter().map(event).collect(),
    };
    wanted.into_iter().map(subscription).collect()
}

/// A webhook as clients see it: with its config, without its key.
fn wire(webhook: Webhook, project_id: &str) -> Wire {
    let event = |EventKind { source, action }| WebhookSubscriptionEvent { action, source };
    let subscription = |stored: Subscription| WebhookSubscription {
        resource_id: stored.resource_id,
        events: stored.events.into_iter().map(event).collect(),
    };
    let content = webhook.content;
    Wire {
        resource_name: webhook::resource_name(project_id, &webhook.name),
        resource_id: webhook.uid,
        config: WebhookConfig { url: content.receiver.url, ..WebhookConfig::default() },
        description: content.description,
        enabled: content.enabled,
        subscriptions: content.subscriptions.into_iter().map(subscription).collect(),
        last_delivery: None,
        created_at: Some(webhook.created_at.into()),
        updated_at: Some(webhook.updated_at.into()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_mask_names_what_changes() {
        let whole = json!({
            "config": {"url": "https://receiver.test/", "hmac_key": "not-a-secret"}, "description": "d", "enabled": true,
            "subscriptions": [{"events": [{"source": "s", "action": "a"}]}], "created_at": "0001-01-01T00:00:00.000Z",
        });
        let check = |mask: &str, webhook: &serde_json::Value| {
            let body = json!({"update_mask": mask, "webhook": webhook});
            change(serde_json::from_value(body).expect("a body")).map_err(|error| error.message)
        };
        let url = Some("https://receiver.test/".to_owned());
        let hmac_key = Some(HmacKey::new("not-a-secret".to_owned()).expect("a key"));
        let nothing = Change::default;
        let event = EventKind { source: "s".to_owned(), action: "a".to_owned() };
        let subscriptions = Some(vec![Subscription { resource_id: String::new(), events: vec![event] }]);
        for (mask, expected) in [
            ("config", Change { url: url.clone(), hmac_key: hmac_key.clone(), ..nothing() }),
            ("config.url", Change { url: url.clone(), ..nothing() }),
            ("config.hmacKey", Change { hmac_key: hmac_key.clone(), ..nothing() }),
            ("config.hmac_key", Change { hmac_key, ..nothing() }),
            ("config.url,enabled", Change { url, enabled: Some(true), ..nothing() }),
            ("description", Change { description: Some("d".to_owned()), ..nothing() }),
            ("subscriptions, enabled", Change { subscriptions, enabled: Some(true), ..nothing() }),
        ] {
            assert_eq!(check(mask, &whole), Ok(expected), "{mask}");
        }
        // Named and absent is nothing.
        for webhook in
            [json!(null), json!({}), json!({"config": null, "description": null, "subscriptions": null})]
        {
            let emptied = Change {
                url: Some(String::new()),
                hmac_key: Some(HmacKey::default()),
                description: Some(String::new()),
                enabled: Some(false),
                subscriptions: Some(vec![]),
            };
            assert_eq!(check("config,description,enabled,subscriptions", &webhook), Ok(emptied));
        }
        for (mask, part) in [
            ("", "is empty"),
            (" , ", "is empty"),
            ("name", "cannot name `name`"),
            ("createdAt", "`createdAt`"),
            ("*", "`*`"),
        ] {
            assert!(check(mask, &whole).is_err_and(|message| message.contains(part)), "{mask}");
        }
    }
}
