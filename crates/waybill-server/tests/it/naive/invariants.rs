//! What must always hold, told from answers alone: the naive registry might be wrong in the same way as the real one.

use std::collections::BTreeMap;

use serde_json::Value;

/// What was seen of complete versions: it never changes.
#[derive(Default)]
pub(crate) struct Seen {
    /// By id.
    complete: BTreeMap<String, Value>,
    /// The numbers given in a bucket, by the bucket's id.
    numbers: BTreeMap<String, Vec<String>>,
}

/// What a revocation or a descendant may change about a complete version.
const MAY_CHANGE: [&str; 10] = [
    "status",
    "has_descendants",
    "parents",
    "updated_at",
    "revoke_at",
    "revocation_message",
    "revocation_author",
    "revocation_type",
    "revocation_inherited_from",
    "builds",
];

impl Seen {
    /// Checks a bucket with all its versions and channels.
    pub(crate) fn check(&mut self, bucket: &Value, versions: &Value, channels: &Value) -> Result<(), String> {
        let versions: Vec<&Value> = versions.as_array().into_iter().flatten().collect();
        if bucket["version_count"].as_str() != Some(&versions.len().to_string()) {
            return Err(format!("version_count is not {}: {bucket}", versions.len()));
        }
        let id = bucket["id"].to_string();
        for version in &versions {
            self.check_version(&id, version)?;
        }
        for channel in channels.as_array().into_iter().flatten() {
            if channel["version"]["name"] == "v0" {
                return Err(format!("a channel points at an incomplete version: {channel}"));
            }
            if channel["name"] == "latest" && channel["version"]["id"] != bucket["latest_version"]["id"] {
                return Err(format!("latest_version is not what latest points at: {bucket} {channel}"));
            }
        }
        Ok(())
    }

    fn check_version(&mut self, bucket: &str, version: &Value) -> Result<(), String> {
        let (id, name) = (version["id"].to_string(), version["name"].as_str().unwrap_or_default());
        let builds: Vec<&Value> = version["builds"].as_array().into_iter().flatten().collect();
        if !builds.is_sorted_by(|a, b| b["updated_at"].as_str() <= a["updated_at"].as_str()) {
            return Err(format!("builds are not in the order of their last change: {version}"));
        }
        if name == "v0" {
            return match self.complete.get(&id) {
                None => Ok(()),
                Some(before) => Err(format!("a complete version is incomplete: {before}, now {version}")),
            };
        }
        if builds.is_empty() || builds.iter().any(|build| build["status"] != "BUILD_DONE") {
            return Err(format!("a complete version's builds are done: {version}"));
        }
        let mut lasting = version.clone();
        lasting
            .as_object_mut()
            .ok_or("no version")?
            .retain(|member, _| !MAY_CHANGE.contains(&member.as_str()));
        // Builds in an order of their own: that of equal times is by id.
        lasting["builds"] = version["builds"].clone();
        let before = self.complete.entry(id).or_insert_with(|| lasting.clone());
        if *before != lasting {
            return Err(format!("a complete version has changed: {before}, now {lasting}"));
        }
        // A version is seen when it is complete, and one at a time becomes complete.
        let numbers = self.numbers.entry(bucket.to_owned()).or_default();
        if !numbers.iter().any(|number| number == name) {
            numbers.push(name.to_owned());
            if name != format!("v{}", numbers.len()) {
                return Err(format!("a version was numbered {name} after {numbers:?}"));
            }
        }
        Ok(())
    }
}
