//! Webhooks of projects: who wants to be told of what.

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use waybill_model::{
    ids::{ProjectId, Uid, WebhookId},
    names::WebhookName,
    webhook::{self, EventKind, HmacKey, Receiver, Subscription},
};

use crate::{
    error::{Error, Result},
    row::Row,
    tx::Tx,
};

/// A stored webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub id: WebhookId,
    /// Stays when the name changes.
    pub uid: String,
    pub name: WebhookName,
    pub content: webhook::Webhook,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

macro_rules! webhooks {
    ($where:literal) => {
        concat!(
            "SELECT w.id, w.uid, w.name, w.description, w.enabled, w.url, w.hmac_key, w.subscriptions, w.created_at,
                    w.updated_at
               FROM webhooks w
              WHERE w.project_id = $1",
            $where
        )
    };
}

const NAMED: &str = webhooks!(" AND w.name = $2");
const BY_UID: &str = webhooks!(" AND w.uid = $2");
const ALL: &str = webhooks!(" ORDER BY w.name");
const COUNT: &str = "SELECT COUNT(*) FROM webhooks WHERE project_id = $1";
const INSERT: &str = "
    INSERT INTO webhooks (uid, project_id, name, description, enabled, url, hmac_key, subscriptions, created_at,
                          updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)";
const UPDATE: &str = "
    UPDATE webhooks
       SET description = $2, enabled = $3, url = $4, hmac_key = $5, subscriptions = $6, updated_at = $7
     WHERE id = $1";
const RENAME: &str = "UPDATE webhooks SET name = $2, updated_at = $3 WHERE id = $1";
const DELETE: &str = "DELETE FROM webhooks WHERE id = $1";

impl Tx<'_> {
    pub fn webhook(&mut self, project: ProjectId, name: &WebhookName) -> Result<Option<Webhook>> {
        self.one(NAMED, &[project.into(), name.as_str().into()], Webhook::from_row)
    }

    /// The webhook that was found before, whatever it is called by now.
    pub fn webhook_by_uid(&mut self, project: ProjectId, uid: &str) -> Result<Option<Webhook>> {
        self.one(BY_UID, &[project.into(), uid.into()], Webhook::from_row)
    }

    /// All webhooks of a project, by name. They are few.
    pub fn webhooks(&mut self, project: ProjectId) -> Result<Vec<Webhook>> {
        self.many(ALL, &[project.into()], Webhook::from_row)
    }

    pub fn count_webhooks(&mut self, project: ProjectId) -> Result<usize> {
        let count = self.one(COUNT, &[project.into()], |row| row.count(0))?;
        Ok(count.unwrap_or(0) as usize)
    }

    pub fn insert_webhook(
        &mut self,
        project: ProjectId,
        uid: &Uid,
        name: &WebhookName,
        content: &webhook::Webhook,
        now: Timestamp,
    ) -> Result<()> {
        let params = vec![
            uid.as_str().into(),
            project.into(),
            name.as_str().into(),
            (&content.description).into(),
            content.enabled.into(),
            (&content.receiver.url).into(),
            content.receiver.hmac_key.expose().unwrap_or_default().into(),
            subscriptions_text(&content.subscriptions).into(),
            now.into(),
        ];
        self.send(INSERT, params)
    }

    pub fn update_webhook(
        &mut self,
        id: WebhookId,
        content: &webhook::Webhook,
        now: Timestamp,
    ) -> Result<()> {
        let params = vec![
            id.into(),
            (&content.description).into(),
            content.enabled.into(),
            (&content.receiver.url).into(),
            content.receiver.hmac_key.expose().unwrap_or_default().into(),
            subscriptions_text(&content.subscriptions).into(),
            now.into(),
        ];
        self.send(UPDATE, params)
    }

    pub fn rename_webhook(&mut self, id: WebhookId, name: &WebhookName, now: Timestamp) -> Result<()> {
        self.send(RENAME, vec![id.into(), name.as_str().into(), now.into()])
    }

    pub fn delete_webhook(&mut self, id: WebhookId) -> Result<()> {
        self.send(DELETE, vec![id.into()])
    }
}

impl Webhook {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        // What is wrong with a key is not for an error that is logged.
        let hmac_key = HmacKey::new(row.text(6)?).map_err(|_| Error::Corrupt {
            column: 6,
            expected: "a webhook's key",
            found: "another text".to_owned(),
        })?;
        Ok(Self {
            id: WebhookId(row.int(0)?),
            uid: row.text(1)?,
            name: row.parse(2, "a webhook's name")?,
            content: webhook::Webhook {
                description: row.text(3)?,
                enabled: row.bool(4)?,
                receiver: Receiver { url: row.text(5)?, hmac_key },
                subscriptions: subscriptions(row, 7)?,
            },
            created_at: row.time(8)?,
            updated_at: row.time(9)?,
        })
    }
}

fn subscriptions_text(subscriptions: &[Subscription]) -> String {
    let event = |event: &EventKind| json!({ "source": event.source, "action": event.action });
    let subscription = |subscription: &Subscription| {
        let events: Vec<_> = subscription.events.iter().map(event).collect();
        json!({ "resource_id": subscription.resource_id, "events": events })
    };
    Json::Array(subscriptions.iter().map(subscription).collect()).to_string()
}

fn subscriptions(row: &Row<'_>, column: usize) -> Result<Vec<Subscription>> {
    let text = row.text(column)?;
    let list: Option<Json> = serde_json::from_str(&text).ok();
    let read = list.as_ref().and_then(|list| list.as_array()?.iter().map(subscription).collect());
    read.ok_or(Error::Corrupt { column, expected: "subscriptions", found: text })
}

fn subscription(json: &Json) -> Option<Subscription> {
    let word = |json: &Json, member| json.get(member)?.as_str().map(str::to_owned);
    let event =
        |event: &Json| Some(EventKind { source: word(event, "source")?, action: word(event, "action")? });
    let events = json.get("events")?.as_array()?.iter().map(event).collect::<Option<_>>()?;
    Some(Subscription { resource_id: word(json, "resource_id")?, events })
}
