//! Webhooks: what one may be, what a change makes of it, and when its receiver must be asked first.
//!
//! Only an enabled webhook sends anything, and it only becomes or stays enabled with a receiver that has accepted a
//! test event: whoever enters another's address by mistake sends one request, not all that happens in a project.

use std::fmt;

use thiserror::Error;

use crate::text::shown;

/// What a webhook is besides its name. Whether the URL is one is checked by whoever connects to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    pub receiver: Receiver,
    pub description: String,
    pub enabled: bool,
    pub subscriptions: Vec<Subscription>,
}

/// Where events go, and what signs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receiver {
    /// As it was given, to the letter.
    pub url: String,
    pub hmac_key: HmacKey,
}

/// What signs events; empty when they are not signed. Does not show in `Debug`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct HmacKey(String);

/// Which events are sent. Words that the registry does not know are kept: they match nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Of what; empty for everything in the project.
    pub resource_id: String,
    pub events: Vec<EventKind>,
}

/// One kind of event, such as `complete` of `hashicorp.packer.version`; `*` stands for all actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventKind {
    pub source: String,
    pub action: String,
}

/// What changes; `None` leaves what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub url: Option<String>,
    pub hmac_key: Option<HmacKey>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    pub subscriptions: Option<Vec<Subscription>>,
}

/// Why a webhook cannot be like that.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WebhookError {
    #[error("`config.hmac_key` has up to {LONGEST_KEY} characters, this one has {0}")]
    Key(usize),
    #[error("`description` has up to {DESCRIPTION} characters, this one has {0}")]
    Description(usize),
    #[error("`{0}` cannot contain control characters")]
    Control(&'static str),
    #[error("there are at most {SUBSCRIPTIONS} `subscriptions`, found {0}")]
    Subscriptions(usize),
    #[error("there are at most {EVENTS} `events` in all subscriptions together, found {0}")]
    Events(usize),
    #[error("an event of a subscription needs `{0}`")]
    Missing(&'static str),
    #[error("`{member}` of a subscription has at most {limit} bytes, `{}` has {}", shown(text), text.len())]
    Text { member: &'static str, limit: usize, text: String },
}

/// Webhooks of one project. Each of them is looked at for every event.
pub const WEBHOOKS: usize = 100;

/// Characters of a description.
const DESCRIPTION: usize = 256;
/// Characters of a key: more protect no better. How short one may be is its receiver's business, as with HCP.
const LONGEST_KEY: usize = 512;
/// Subscriptions of one webhook, and events of all of them: every action on some dozen buckets.
const SUBSCRIPTIONS: usize = 100;
const EVENTS: usize = 500;
/// Bytes of a source or an action, and of a resource's identifier.
const WORD: usize = 128;
const RESOURCE: usize = 256;

impl HmacKey {
    /// Checks a key. A line break at its end, as files have it, would make every signature wrong for a receiver
    /// that was given the key without, so it is refused.
    pub fn new(key: String) -> Result<Self, WebhookError> {
        let length = key.chars().count();
        if LONGEST_KEY < length {
            return Err(WebhookError::Key(length));
        }
        if key.chars().any(char::is_control) {
            return Err(WebhookError::Control("config.hmac_key"));
        }
        Ok(Self(key))
    }

    /// The key, unless there is none. Who calls this answers for where it goes.
    pub fn expose(&self) -> Option<&str> {
        (!self.0.is_empty()).then_some(&self.0)
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(…)")
    }
}

impl Change {
    /// Refuses what no webhook can be.
    pub fn check(&self) -> Result<(), WebhookError> {
        if let Some(description) = &self.description {
            let length = description.chars().count();
            if DESCRIPTION < length {
                return Err(WebhookError::Description(length));
            }
            if description.chars().any(|c| c.is_control() && c != '\n') {
                return Err(WebhookError::Control("description"));
            }
        }
        check_subscriptions(self.subscriptions.as_deref().unwrap_or_default())
    }

    /// What a webhook is afterwards.
    pub fn of(&self, before: &Webhook) -> Webhook {
        let Self { url, hmac_key, description, enabled, subscriptions } = self.clone();
        let before = before.clone();
        Webhook {
            receiver: Receiver {
                url: url.unwrap_or(before.receiver.url),
                hmac_key: hmac_key.unwrap_or(before.receiver.hmac_key),
            },
            description: description.unwrap_or(before.description),
            enabled: enabled.unwrap_or(before.enabled),
            subscriptions: subscriptions.unwrap_or(before.subscriptions),
        }
    }
}

impl Webhook {
    /// The receiver that must accept a test event before this webhook may take the place of `before`.
    pub fn unverified(&self, before: Option<&Self>) -> Option<&Receiver> {
        let is_known = before.is_some_and(|before| before.enabled && before.receiver == self.receiver);
        (self.enabled && !is_known).then_some(&self.receiver)
    }
}

fn check_subscriptions(subscriptions: &[Subscription]) -> Result<(), WebhookError> {
    if SUBSCRIPTIONS < subscriptions.len() {
        return Err(WebhookError::Subscriptions(subscriptions.len()));
    }
    let events = subscriptions.iter().map(|subscription| subscription.events.len()).sum();
    if EVENTS < events {
        return Err(WebhookError::Events(events));
    }
    for subscription in subscriptions {
        check_text("resource_id", RESOURCE, &subscription.resource_id)?;
        for EventKind { source, action } in &subscription.events {
            for (member, text) in [("source", source), ("action", action)] {
                if text.is_empty() {
                    return Err(WebhookError::Missing(member));
                }
                check_text(member, WORD, text)?;
            }
        }
    }
    Ok(())
}

fn check_text(member: &'static str, limit: usize, text: &str) -> Result<(), WebhookError> {
    if limit < text.len() {
        return Err(WebhookError::Text { member, limit, text: text.to_owned() });
    }
    if text.chars().any(char::is_control) { Err(WebhookError::Control(member)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key: &str) -> HmacKey {
        HmacKey::new(key.to_owned()).expect("a key")
    }

    fn webhook(enabled: bool) -> Webhook {
        Webhook {
            receiver: Receiver { url: "https://receiver.test/".to_owned(), hmac_key: key("not-a-secret") },
            description: "d".to_owned(),
            enabled,
            subscriptions: vec![subscription("", &[("s", "*")])],
        }
    }

    fn subscription(resource_id: &str, events: &[(&str, &str)]) -> Subscription {
        let event = |&(source, action): &(&str, &str)| EventKind {
            source: source.to_owned(),
            action: action.to_owned(),
        };
        Subscription { resource_id: resource_id.to_owned(), events: events.iter().map(event).collect() }
    }

    #[test]
    fn a_key_is_short_on_one_line_and_never_shown() {
        let check =
            |key: &str| HmacKey::new(key.to_owned()).map(|key| key.0).map_err(|error| error.to_string());
        for good in ["", "x", "not-a-secret", &"é".repeat(512)] {
            assert_eq!(check(good), Ok(good.to_owned()));
        }
        assert!(check(&"x".repeat(513)).is_err_and(|message| message.ends_with("513")));
        for bad in ["not-a-secret\n", "not-a\0secret"] {
            let expected = "`config.hmac_key` cannot contain control characters";
            assert_eq!(check(bad), Err(expected.to_owned()));
        }
        assert_eq!((key("").expose(), key("not-a-secret").expose()), (None, Some("not-a-secret")));
        assert!(!format!("{:?}", webhook(true)).contains("not-a-secret"));
    }

    #[test]
    fn descriptions_and_subscriptions_are_bounded() {
        let description =
            |text: &str| Change { description: Some(text.to_owned()), ..Change::default() }.check();
        for good in ["", "two\nlines", &"é".repeat(256)] {
            assert_eq!(description(good), Ok(()));
        }
        assert_eq!(description(&"x".repeat(257)), Err(WebhookError::Description(257)));
        assert_eq!(description("a\0b"), Err(WebhookError::Control("description")));

        let check = |subscriptions: Vec<Subscription>| {
            let change = Change { subscriptions: Some(subscriptions), ..Change::default() };
            change.check().map_err(|error| error.to_string())
        };
        let refused = |subscriptions, part: &str| {
            assert!(check(subscriptions).is_err_and(|message| message.contains(part)), "{part}");
        };
        let free =
            subscription("packer/project/p/bucket/ubuntu", &[("from.the.future", "explode"), ("é", "*")]);
        assert_eq!(check(vec![]), Ok(()));
        assert_eq!(check(vec![subscription("", &[])]), Ok(()));
        assert_eq!(check(vec![free.clone(), free]), Ok(()));
        assert_eq!(check(vec![subscription("", &[("s", "a"); 5]); 100]), Ok(()));
        refused(vec![subscription("", &[]); 101], "at most 100 `subscriptions`, found 101");
        refused(vec![subscription("", &[("s", "a"); 167]); 3], "at most 500 `events`");
        refused(vec![subscription("", &[("", "a")])], "needs `source`");
        refused(vec![subscription("", &[("s", "")])], "needs `action`");
        refused(
            vec![subscription("", &[("s", &"a".repeat(129))])],
            "`action` of a subscription has at most 128",
        );
        refused(vec![subscription(&"r".repeat(257), &[])], "`resource_id` of a subscription has at most 256");
        refused(vec![subscription("", &[("s\n", "a")])], "`source` cannot contain control characters");
    }

    #[test]
    fn a_change_leaves_what_it_does_not_name() {
        assert_eq!(Change::default().of(&webhook(true)), webhook(true));
        let change = Change {
            hmac_key: Some(HmacKey::default()),
            description: Some(String::new()),
            subscriptions: Some(vec![]),
            ..Change::default()
        };
        let after = change.of(&webhook(true));
        assert_eq!(after.receiver, Receiver { hmac_key: HmacKey::default(), ..webhook(true).receiver });
        assert_eq!((after.description.as_str(), after.enabled, after.subscriptions), ("", true, vec![]));
    }

    #[test]
    fn the_receiver_is_asked_when_it_is_new_to_an_enabled_webhook() {
        let changed = |enabled, url: &str| {
            let change = Change { url: Some(url.to_owned()), ..Change::default() };
            change.of(&webhook(enabled))
        };
        let same = "https://receiver.test/";
        let check = |before: Option<bool>, after: &Webhook| {
            after.unverified(before.map(webhook).as_ref()).map(|receiver| receiver.url.clone())
        };
        let asked = |url: &str| Some(url.to_owned());
        assert_eq!(check(None, &webhook(false)), None, "made without sending");
        assert_eq!(check(None, &webhook(true)), asked(same));
        assert_eq!(check(Some(false), &webhook(true)), asked(same));
        assert_eq!(check(Some(true), &webhook(true)), None);
        assert_eq!(check(Some(true), &webhook(false)), None);
        assert_eq!(check(Some(true), &changed(true, "https://other.test/")), asked("https://other.test/"));
        assert_eq!(check(Some(true), &changed(false, "https://other.test/")), None);
        let other_key = Change { hmac_key: Some(key("another secret")), ..Change::default() };
        assert_eq!(check(Some(true), &other_key.of(&webhook(true))), asked(same));
    }
}
