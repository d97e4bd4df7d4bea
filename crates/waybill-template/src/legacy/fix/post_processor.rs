//! What is done to post-processors.

use std::collections::HashSet;

use serde_json::Value;

use super::{Error, Object, kind, wrong};

pub(super) fn vagrant_override(post_processor: &mut Object) {
    if kind(post_processor) != "vagrant" {
        return;
    }
    let moved: Object = ["aws", "digitalocean", "virtualbox", "vmware"]
        .into_iter()
        .filter_map(|provider| Some((provider.to_owned(), post_processor.remove(provider)?)))
        .collect();
    if !moved.is_empty() {
        post_processor.insert("override".to_owned(), Value::Object(moved));
    }
}

/// Whatever the type is.
pub(super) fn login_email(post_processor: &mut Object) {
    post_processor.remove("login_email");
}

/// First what was in `tag`, then what was in `tags`, each once.
pub(super) fn docker_tags(post_processor: &mut Object) -> Result<(), Error> {
    if kind(post_processor) != "docker-tag" {
        return Ok(());
    }
    let mut seen = HashSet::new();
    let mut tags = Vec::new();
    for key in ["tag", "tags"] {
        for tag in texts(key, post_processor.remove(key))? {
            if seen.insert(tag.clone()) {
                tags.push(Value::String(tag));
            }
        }
    }
    post_processor.insert("tags".to_owned(), Value::Array(tags));
    Ok(())
}

/// The texts of a list, or of a text with commas.
fn texts(key: &str, value: Option<Value>) -> Result<Vec<String>, Error> {
    match value {
        Some(Value::String(text)) => Ok(text.split(',').map(|part| part.trim().to_owned()).collect()),
        Some(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Ok(text),
                other => Err(wrong(format!("an item of {key}"), "a string", &other)),
            })
            .collect(),
        _ => Ok(Vec::new()),
    }
}
