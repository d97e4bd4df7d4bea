//! Webhooks: the described members, and what Terraform sends.

use serde_json::{from_str, json, to_value};
use waybill_api::platform::{
    CreateWebhookRequestBody, CreateWebhookResponse, DeleteWebhookResponse, GetWebhookResponse,
    UpdateWebhookNameRequestBody, UpdateWebhookNameResponse, UpdateWebhookRequestBody, UpdateWebhookResponse,
    Webhook, WebhookConfig, WebhookDelivery, WebhookPayload, WebhookRequest, WebhookResponse,
    WebhookSubscription, WebhookSubscriptionEvent,
};

use crate::{
    description::{Description, PLATFORM},
    samples::{labels, text, time},
};

fn config() -> WebhookConfig {
    WebhookConfig { url: "https://receiver.test/".to_owned(), hmac_key: "key".into() }
}

fn subscription() -> WebhookSubscription {
    WebhookSubscription {
        resource_id: "r".to_owned(),
        events: vec![WebhookSubscriptionEvent { action: "*".to_owned(), source: "s".to_owned() }],
    }
}

fn payload() -> WebhookPayload {
    WebhookPayload {
        event_id: "i".to_owned(),
        event_source: "s".to_owned(),
        event_action: "a".to_owned(),
        event_version: "1".to_owned(),
        event_description: "d".to_owned(),
        event_payload: [("a".to_owned(), json!(1))].into_iter().collect(),
        resource_id: "r".to_owned(),
        resource_name: "n".to_owned(),
    }
}

fn webhook() -> Webhook {
    Webhook {
        resource_id: "r".to_owned(),
        resource_name: "n".to_owned(),
        config: config(),
        description: "d".to_owned(),
        enabled: true,
        subscriptions: vec![subscription()],
        last_delivery: Some(WebhookDelivery {
            id: "i".to_owned(),
            webhook_resource_id: "r".to_owned(),
            retries: 1,
            request: Some(WebhookRequest {
                url: "u".to_owned(),
                headers: labels(),
                payload: Some(payload()),
                sent_at: Some(time()),
            }),
            response: Some(WebhookResponse { status_code: 204, headers: labels(), body: "b".to_owned() }),
        }),
        created_at: Some(time()),
        updated_at: Some(time()),
    }
}

#[test]
fn webhooks_have_the_described_members() {
    let description = Description::read(PLATFORM);
    description.check(
        "webhook.CreateWebhookRequestBody",
        &CreateWebhookRequestBody {
            name: text("n"),
            description: text("d"),
            config: Some(config()),
            enabled: Some(true),
            subscriptions: Some(vec![subscription()]),
            test_payload: Some(payload()),
        },
    );
    description.check(
        "webhook.UpdateWebhookRequestBody",
        &UpdateWebhookRequestBody {
            update_mask: text("enabled"),
            webhook: Some(webhook()),
            test_payload: Some(payload()),
        },
    );
    description
        .check("webhook.UpdateWebhookNameRequestBody", &UpdateWebhookNameRequestBody { name: text("n") });
    description.check("webhook.CreateWebhookResponse", &CreateWebhookResponse { webhook: webhook() });
    description.check("webhook.GetWebhookResponse", &GetWebhookResponse { webhook: webhook() });
    description.check("webhook.UpdateWebhookResponse", &UpdateWebhookResponse { webhook: webhook() });
    description.check("webhook.UpdateWebhookNameResponse", &UpdateWebhookNameResponse { webhook: webhook() });
    description.check("webhook.DeleteWebhookResponse", &DeleteWebhookResponse {});
}

#[test]
fn what_terraform_sends_is_read() {
    let body: UpdateWebhookRequestBody = from_str(
        r#"{"update_mask": "enabled", "webhook": {
            "config": {"hmac_key": "not-a-secret", "url": "https://receiver.test/"},
            "created_at": "0001-01-01T00:00:00.000Z", "enabled": true, "subscriptions": [],
            "updated_at": "0001-01-01T00:00:00.000Z"}}"#,
    )
    .unwrap();
    let sent = body.webhook.unwrap();
    assert_eq!((sent.created_at, sent.updated_at, sent.enabled), (None, None, true));
    assert_eq!(sent.config.hmac_key.expose(), "not-a-secret");
    assert!(!format!("{sent:?}").contains("not-a-secret"));

    let body: CreateWebhookRequestBody = from_str(
        r#"{"name": "n", "config": {"url": null, "hmac_key": null}, "subscriptions": [{"events": null}],
            "enabled": null, "test_payload": {"event_payload": null, "event_id": null}}"#,
    )
    .unwrap();
    assert_eq!(body.config, Some(WebhookConfig::default()));
    assert_eq!(body.subscriptions, Some(vec![WebhookSubscription::default()]));
    let body: UpdateWebhookRequestBody =
        from_str(r#"{"webhook": {"config": null, "description": null, "subscriptions": null}}"#).unwrap();
    assert_eq!(body.webhook, Some(Webhook::default()));
}

#[test]
fn an_answer_always_has_a_config_and_never_an_empty_key() {
    let answer =
        Webhook { config: WebhookConfig { url: "u".to_owned(), ..<_>::default() }, ..<_>::default() };
    assert_eq!(
        to_value(answer).unwrap(),
        json!({
            "resource_id": "", "resource_name": "", "config": {"url": "u"}, "description": "", "enabled": false,
            "subscriptions": [],
        })
    );
}
