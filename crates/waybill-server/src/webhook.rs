//! Webhooks: made, changed and verified on behalf of people.
//!
//! The receiver of an enabled webhook is asked before anything is stored, and outside any transaction, because it may
//! take seconds. So a change is decided twice: on what was stored when the receiver was asked, and again on what is
//! stored when the change is made. Where the second would enable a receiver that was not asked, it begins anew.
//! A webhook that was found keeps being found by its identifier: renaming it meanwhile is no obstacle.

pub mod message;
pub mod verification;

use serde_json::json;
use url::Url;
use waybill_api::error::Code;
use waybill_model::{
    ids::ProjectId,
    names::WebhookName,
    role::Permission,
    webhook::{self as model, Change, Receiver, WEBHOOKS},
};
use waybill_store::{Tx, Webhook};

use self::verification::{Outcome, Subject};
use crate::{
    api::error::ApiError,
    app::{App, Moment},
    auth::{Caller, Place, Scope, permission::shown, principals::Standing},
};

/// The project that webhooks are in, as a path names it.
#[derive(Clone, Debug)]
pub struct Home {
    /// `None` where the path does not say: the caller's own, or it might as well not exist.
    pub organization: Option<String>,
    pub project: String,
}

/// A webhook by what clients call it, in its project.
#[derive(Clone, Debug)]
pub struct Named {
    pub home: Home,
    pub name: String,
}

/// How a change finds its webhook: by name, and from then on by identifier.
#[derive(Clone, Debug)]
enum Key {
    Name(String),
    Uid(String),
}

/// Characters of a URL: what servers and proxies commonly take.
const URL: usize = 2048;

/// How often a change is decided anew because another one came between.
const ATTEMPTS: usize = 2;

pub async fn get(app: &App, caller: Caller, named: Named) -> Result<Webhook, ApiError> {
    let Named { home, name } = named;
    app.store
        .read(move |tx| {
            let scope = home.enter(tx, &caller, Permission::ReadWebhooks)?;
            find(tx, &scope, &Key::Name(name.clone()))
        })
        .await
}

/// All webhooks of a project, by name.
pub async fn list(app: &App, caller: Caller, home: Home) -> Result<Vec<Webhook>, ApiError> {
    app.store
        .read(move |tx| {
            let scope = home.enter(tx, &caller, Permission::ReadWebhooks)?;
            Ok(tx.webhooks(scope.project()?)?)
        })
        .await
}

/// Makes a webhook; an enabled one only if its receiver accepts a test event.
pub async fn create(
    app: &App,
    caller: Caller,
    home: Home,
    name: WebhookName,
    change: Change,
) -> Result<Webhook, ApiError> {
    check(&change)?;
    let nothing = model::Webhook {
        receiver: Receiver { url: String::new(), hmac_key: model::HmacKey::default() },
        description: String::new(),
        enabled: false,
        subscriptions: Vec::new(),
    };
    let content = change.of(&nothing);
    check_url(&content.receiver.url)?;
    let uid = app.moment().uid();
    if let Some(receiver) = content.unverified(None) {
        let (home, caller, name_again) = (home.clone(), caller.clone(), name.clone());
        let scope = app.store.read(move |tx| {
            let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
            check_room(tx, &scope, &name_again)?;
            Ok::<_, ApiError>(scope)
        });
        let subject = Subject::new(&scope.await?, uid.as_str(), &name);
        verification::require(app, &subject, receiver).await?;
    }
    let service = app.clone();
    let made = app.store.write(move |tx| {
        let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
        let project = check_room(tx, &scope, &name)?;
        let moment = service.moment();
        tx.insert_webhook(project, &uid, &name, &content, moment.now)?;
        let made = find(tx, &scope, &Key::Uid(uid.to_string()))?;
        record(tx, &scope, &moment, "webhook.create", &made, detail(&content))?;
        Ok(made)
    });
    done(app, made.await)
}

/// Changes a webhook. What becomes or stays enabled with another receiver needs that receiver's consent; without it
/// nothing changes.
pub async fn update(app: &App, caller: Caller, named: Named, change: Change) -> Result<Webhook, ApiError> {
    check(&change)?;
    let Named { home, name } = named;
    let mut key = Key::Name(name);
    let mut consenting = None;
    for _ in 0..ATTEMPTS {
        let (home_again, caller_again, key_again) = (home.clone(), caller.clone(), key.clone());
        let found = app.store.read(move |tx| {
            let scope = home_again.enter(tx, &caller_again, Permission::ManageWebhooks)?;
            let stored = find(tx, &scope, &key_again)?;
            Ok::<_, ApiError>((scope, stored))
        });
        let (scope, stored) = found.await?;
        let after = change.of(&stored.content);
        if let Some(receiver) = after.unverified(Some(&stored.content)) {
            let subject = Subject::new(&scope, &stored.uid, &stored.name);
            verification::require(app, &subject, receiver).await?;
            consenting = Some(receiver.clone());
        }
        key = Key::Uid(stored.uid);
        let changed = try_update(app, &caller, &home, &key, &change, consenting.as_ref()).await?;
        if let Some(webhook) = changed {
            return done(app, Ok(webhook));
        }
    }
    Err(ApiError::new(
        Code::Aborted,
        "the webhook was changed by somebody else while its receiver was asked: look at it and try again",
    ))
}

/// Makes a change, or `None` where it would enable a receiver that did not consent.
async fn try_update(
    app: &App,
    caller: &Caller,
    home: &Home,
    key: &Key,
    change: &Change,
    consenting: Option<&Receiver>,
) -> Result<Option<Webhook>, ApiError> {
    let (caller, home, key) = (caller.clone(), home.clone(), key.clone());
    let (change, consenting, service) = (change.clone(), consenting.cloned(), app.clone());
    app.store
        .write(move |tx| {
            let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
            let stored = find(tx, &scope, &key)?;
            let after = change.of(&stored.content);
            if after
                .unverified(Some(&stored.content))
                .is_some_and(|receiver| Some(receiver) != consenting.as_ref())
            {
                return Ok(None);
            }
            if after == stored.content {
                return Ok(Some(stored));
            }
            let moment = service.moment();
            tx.update_webhook(stored.id, &after, moment.now)?;
            record(tx, &scope, &moment, "webhook.update", &stored, detail(&after))?;
            find(tx, &scope, &key).map(Some)
        })
        .await
}

/// Gives a webhook another name.
pub async fn rename(app: &App, caller: Caller, named: Named, name: WebhookName) -> Result<Webhook, ApiError> {
    let Named { home, name: before } = named;
    let service = app.clone();
    let renamed = app.store.write(move |tx| {
        let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
        let stored = find(tx, &scope, &Key::Name(before.clone()))?;
        if stored.name == name {
            return Ok(stored);
        }
        check_free(tx, &scope, &name)?;
        let moment = service.moment();
        tx.rename_webhook(stored.id, &name, moment.now)?;
        record(tx, &scope, &moment, "webhook.rename", &stored, json!({ "name": name.as_str() }))?;
        find(tx, &scope, &Key::Uid(stored.uid))
    });
    done(app, renamed.await)
}

pub async fn delete(app: &App, caller: Caller, named: Named) -> Result<(), ApiError> {
    let Named { home, name } = named;
    let service = app.clone();
    let deleted = app.store.write(move |tx| {
        let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
        let stored = find(tx, &scope, &Key::Name(name.clone()))?;
        tx.delete_webhook(stored.id)?;
        record(tx, &scope, &service.moment(), "webhook.delete", &stored, detail(&stored.content))
    });
    done(app, deleted.await)
}

/// Sends the test event to a webhook's receiver, enabled or not, and tells what came of it.
pub async fn verify(app: &App, caller: Caller, named: Named) -> Result<Outcome, ApiError> {
    let Named { home, name } = named;
    let found = app.store.read(move |tx| {
        let scope = home.enter(tx, &caller, Permission::ManageWebhooks)?;
        let stored = find(tx, &scope, &Key::Name(name.clone()))?;
        Ok::<_, ApiError>((scope, stored))
    });
    let (scope, stored) = found.await?;
    let subject = Subject::new(&scope, &stored.uid, &stored.name);
    Ok(verification::send(app, &subject, &stored.content.receiver).await)
}

/// The name of a webhook among all resources. Clients take the webhook's name from its seventh part.
pub fn resource_name(project: &str, name: &WebhookName) -> String {
    format!("webhook/project/{project}/geo/us/webhook/{name}")
}

impl Home {
    /// Lets a caller in who may.
    fn enter(&self, tx: &mut Tx<'_>, caller: &Caller, need: Permission) -> Result<Scope, ApiError> {
        let organization = match &self.organization {
            Some(organization) => organization.clone(),
            None => Standing::of(tx, caller)?.organization.uid,
        };
        let place = Place { organization, project: self.project.clone(), ..Place::default() };
        Scope::enter(tx.access(&caller.query(&place))?, &place, need)
    }
}

/// A name on a path that no webhook can have is one of a webhook that does not exist.
fn find(tx: &mut Tx<'_>, scope: &Scope, key: &Key) -> Result<Webhook, ApiError> {
    let project = scope.project()?;
    let found = match key {
        Key::Name(name) => match name.parse() {
            Ok(name) => tx.webhook(project, &name)?,
            Err(_) => None,
        },
        Key::Uid(uid) => tx.webhook_by_uid(project, uid)?,
    };
    found.ok_or_else(|| {
        let (Key::Name(called) | Key::Uid(called)) = key;
        let (called, project) = (shown(called), &scope.project_uid);
        ApiError::not_found(format!("webhook `{called}` does not exist in project `{project}`"))
    })
}

/// Refuses what no webhook can be.
fn check(change: &Change) -> Result<(), ApiError> {
    change.check()?;
    change.url.as_deref().map_or(Ok(()), |url| check_url(url).map(drop))
}

/// Reads a URL that events can be sent to. Whether the registry connects there is decided when it does.
fn check_url(text: &str) -> Result<Url, ApiError> {
    let refused = |what: &str| ApiError::invalid(format!("`config.url` {what}"));
    let length = text.chars().count();
    if length == 0 || URL < length {
        return Err(refused(&format!("has 1 to {URL} characters, this one has {length}")));
    }
    // The reader would silently leave some of them out.
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(refused("cannot contain spaces or control characters"));
    }
    let url = Url::parse(text).map_err(|error| refused(&format!("is not a URL: {error}")))?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(refused("must begin with https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("must not contain a user or a password: use `config.hmac_key`"));
    }
    if url.fragment().is_some() {
        return Err(refused("must not contain `#`: what follows it is never sent"));
    }
    Ok(url)
}

fn check_room(tx: &mut Tx<'_>, scope: &Scope, name: &WebhookName) -> Result<ProjectId, ApiError> {
    check_free(tx, scope, name)?;
    let project = scope.project()?;
    if WEBHOOKS <= tx.count_webhooks(project)? {
        return Err(ApiError::new(
            Code::ResourceExhausted,
            format!(
                "project `{}` has {WEBHOOKS} webhooks, which is the most it can have: delete one first",
                scope.project_uid
            ),
        ));
    }
    Ok(project)
}

fn check_free(tx: &mut Tx<'_>, scope: &Scope, name: &WebhookName) -> Result<(), ApiError> {
    if tx.webhook(scope.project()?, name)?.is_none() {
        return Ok(());
    }
    Err(ApiError::exists(format!("webhook `{name}` exists already in project `{}`", scope.project_uid)))
}

/// Changes of webhooks are nothing that subscribers are told: they have an audit row and no event.
fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    action: &'static str,
    webhook: &Webhook,
    mut detail: serde_json::Value,
) -> Result<(), ApiError> {
    detail["id"] = webhook.uid.as_str().into();
    let (resource, detail) = (resource_name(&scope.project_uid, &webhook.name), detail.to_string());
    scope.signature().record(tx, scope.organization, action, &resource, &detail, moment.now)
}

/// What of a webhook is kept for ever: where it sends to, without what may be secret in a URL.
fn detail(content: &model::Webhook) -> serde_json::Value {
    let receiver = Url::parse(&content.receiver.url)
        .map_or_else(|_| String::new(), |url| url.origin().ascii_serialization());
    json!({
        "enabled": content.enabled,
        "receiver": receiver,
        "signed": content.receiver.hmac_key.expose().is_some(),
        "subscriptions": content.subscriptions.len(),
    })
}

/// Counts a change that was made.
fn done<T>(app: &App, answer: Result<T, ApiError>) -> Result<T, ApiError> {
    if answer.is_ok() {
        app.metrics.writes.inc();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_one_that_events_can_be_sent_to() {
        let check = |text: &str| check_url(text).map(drop).map_err(|error| error.message);
        let longest = format!("https://receiver.test/{}", "x".repeat(2026));
        for good in [
            "https://receiver.test",
            "https://receiver.test:8443/hook?token=a%20b",
            "http://receiver.invalid/hook",
            "https://[2001:db8::1]/",
            "https://bücher.test/é",
            &longest,
        ] {
            assert_eq!(check(good), Ok(()));
        }
        let refused = |text: &str, part: &str| {
            assert!(check(text).is_err_and(|message| message.contains(part)), "{text:?}: {:?}", check(text));
        };
        refused("", "1 to 2048 characters, this one has 0");
        refused(&format!("{longest}x"), "this one has 2049");
        for bad in [
            " https://receiver.test",
            "https://receiver.test/a b",
            "https://rec\teiver.test",
            "https://a\n",
            "https://a/\0",
        ] {
            refused(bad, "spaces or control characters");
        }
        for bad in ["receiver.test", "/hook", "https://", "https://a:b:c/", "https://256.1.1.1/"] {
            refused(bad, "is not a URL");
        }
        for bad in
            ["ftp://receiver.test", "file:///etc/passwd", "javascript:alert(1)", "data:,x", "gopher://a/"]
        {
            refused(bad, "must begin with https://");
        }
        for bad in
            ["https://user@receiver.test", "https://user:pass@receiver.test", "https://:pass@receiver.test"]
        {
            refused(bad, "user or a password");
        }
        refused("https://receiver.test/#part", "`#`");
    }

    #[test]
    fn what_is_recorded_holds_nothing_secret() {
        let content = model::Webhook {
            receiver: Receiver {
                url: "https://receiver.test:8443/path-secret?query=secret".to_owned(),
                hmac_key: model::HmacKey::new("key-secret".to_owned()).expect("a key"),
            },
            description: String::new(),
            enabled: true,
            subscriptions: vec![],
        };
        assert_eq!(
            detail(&content),
            json!({"enabled": true, "receiver": "https://receiver.test:8443", "signed": true, "subscriptions": 0})
        );
    }
}
