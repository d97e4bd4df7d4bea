//! What matters of a resource, once as the naive world has it and once as it is answered, in the same form.

use serde_json::{Map, Value, json};

use super::{
    operation::Word,
    request::labels,
    world::{Bucket, Build, Channel, VersionId, World},
};

impl World {
    pub(crate) fn show_bucket(&self, bucket: &Bucket) -> Value {
        let latest = bucket.latest().map(|id| self.version(id));
        let mut platforms: Vec<Word> =
            latest.iter().flat_map(|version| &version.builds).map(|build| build.says.platform).collect();
        platforms.sort_unstable();
        platforms.dedup();
        json!({
            "name": bucket.name,
            "description": bucket.description,
            "labels": labels(bucket.label),
            "version_count": bucket.versions.len().to_string(),
            "latest": latest.map(|version| self.show_version(version.id)),
            "platforms": platforms,
            "parents": bucket.latest().and_then(|id| self.parents_status(id)),
            "children": self.children_status(self.find_bucket(bucket.name).expect("it is there")),
        })
    }

    pub(crate) fn show_version(&self, id: VersionId) -> Value {
        let version = self.version(id);
        let has = |status: Word| version.builds.iter().any(|build| build.says.status == status);
        let status = match &version.revocation {
            None if version.is_complete() => "VERSION_ACTIVE",
            Some(_) if version.is_revoked(self.now) => "VERSION_REVOKED",
            Some(_) => "VERSION_REVOCATION_SCHEDULED",
            None if version.builds.is_empty() || has("BUILD_RUNNING") => "VERSION_RUNNING",
            None if has("BUILD_FAILED") => "VERSION_FAILED",
            None if has("BUILD_CANCELLED") => "VERSION_CANCELLED",
            None if has("BUILD_UNSET") => "VERSION_RUNNING",
            None => "VERSION_INCOMPLETE",
        };
        let revocation = version.revocation.as_ref().map(|revocation| {
            let from = revocation.from.map(|id| self.version(id).fingerprint);
            json!({
                "at": revocation.at,
                "message": revocation.message,
                "author": revocation.author,
                "type": if from.is_some() { "INHERITED" } else { "MANUAL" },
                "from": from,
            })
        });
        let mut builds: Vec<Value> = version.builds.iter().map(show_build).collect();
        sort(&mut builds);
        json!({
            "fingerprint": version.fingerprint,
            "name": format!("v{}", version.number.unwrap_or(0)),
            "status": status,
            "template_type": version.template,
            "author": version.author,
            "has_descendants": self.children(id).into_iter().any(|child| self.version(child).is_complete()),
            "parents": self.parents_status(id),
            "revocation": revocation,
            "builds": builds,
        })
    }

    pub(crate) fn show_channel(&self, channel: &Channel) -> Value {
        json!({
            "name": channel.name,
            "managed": channel.is_managed(),
            "restricted": channel.restricted,
            "author": channel.author,
            "version": channel.version.map(|id| self.show_version(id)),
        })
    }

    /// A version that was deleted is nothing in a history.
    pub(crate) fn show_history(&self, channel: &Channel) -> Value {
        let entry = |(id, author): &(Option<VersionId>, String)| {
            let version = id.and_then(|id| self.find(id)).map(|version| version.fingerprint);
            json!({ "version": version, "author": author })
        };
        channel.history.iter().map(entry).collect()
    }
}

pub(crate) fn show_build(build: &Build) -> Value {
    let says = &build.says;
    let is_done = says.status == "BUILD_DONE";
    let artifacts = build.artifacts.iter().filter(|_| is_done).map(|artifact| artifact.name);
    json!({
        "component_type": says.component,
        "status": says.status,
        "run": says.run,
        "platform": says.platform,
        "source": says.source,
        "labels": labels(says.label),
        "artifacts": artifacts.collect::<Vec<_>>(),
        "updated": build.updated,
    })
}

/// The same of an answer.
pub(crate) fn seen_bucket(bucket: &Value) -> Value {
    json!({
        "name": bucket["name"],
        "description": text(&bucket["description"]),
        "labels": map(&bucket["labels"]),
        "version_count": bucket["version_count"],
        "latest": optional(&bucket["latest_version"], seen_version),
        "platforms": list(&bucket["platforms"], Value::clone),
        "parents": bucket["parents"]["status"],
        "children": bucket["children"]["status"],
    })
}

pub(crate) fn seen_version(version: &Value) -> Value {
    let revocation = optional(&version["revoke_at"], |at| {
        json!({
            "at": seconds(at),
            "message": text(&version["revocation_message"]),
            "author": version["revocation_author"],
            "type": version["revocation_type"],
            "from": version["revocation_inherited_from"]["version_fingerprint"],
        })
    });
    let mut builds = list(&version["builds"], seen_build);
    sort(&mut builds);
    json!({
        "fingerprint": version["fingerprint"],
        "name": version["name"],
        "status": version["status"],
        "template_type": version["template_type"],
        "author": version["author_id"],
        "has_descendants": version["has_descendants"].as_bool().unwrap_or(false),
        "parents": version["parents"]["status"],
        "revocation": revocation,
        "builds": builds,
    })
}

pub(crate) fn seen_build(build: &Value) -> Value {
    let artifact =
        |artifact: &Value| json!([text(&artifact["external_identifier"]), text(&artifact["region"])]);
    json!({
        "component_type": build["component_type"],
        "status": build["status"],
        "run": build["packer_run_uuid"],
        "platform": text(&build["platform"]),
        "source": text(&build["source_external_identifier"]),
        "labels": map(&build["labels"]),
        "artifacts": list(&build["artifacts"], artifact),
        "updated": seconds(&build["updated_at"]),
    })
}

pub(crate) fn seen_channel(channel: &Value) -> Value {
    json!({
        "name": channel["name"],
        "managed": channel["managed"].as_bool().unwrap_or(false),
        "restricted": channel["restricted"].as_bool().unwrap_or(false),
        "author": channel["author_id"],
        "version": optional(&channel["version"], seen_version),
    })
}

pub(crate) fn seen_history(history: &Value) -> Value {
    let entry =
        |entry: &Value| json!({ "version": entry["version"]["fingerprint"], "author": entry["author_id"] });
    list(&history["history"], entry).into()
}

/// A version's builds are compared as a set: their order depends on ids where times are equal.
fn sort(builds: &mut [Value]) {
    builds.sort_by_key(|build| build["component_type"].to_string());
}

fn list(list: &Value, seen: impl Fn(&Value) -> Value) -> Vec<Value> {
    list.as_array().into_iter().flatten().map(seen).collect()
}

fn optional(value: &Value, seen: impl Fn(&Value) -> Value) -> Value {
    if value.is_null() { Value::Null } else { seen(value) }
}

/// Answers leave out what is empty.
fn text(value: &Value) -> Value {
    value.as_str().unwrap_or_default().into()
}

fn map(value: &Value) -> Value {
    value.as_object().cloned().unwrap_or_else(Map::new).into()
}

fn seconds(value: &Value) -> Value {
    let time: Option<jiff::Timestamp> = value.as_str().and_then(|text| text.parse().ok());
    time.map_or(Value::Null, |time| time.as_second().into())
}
