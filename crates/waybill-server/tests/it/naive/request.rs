//! Steps as requests over HTTP.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{
    operation::{Ask, At, Deleting, Point, Revoke, Says, Step, When, Word},
    world::{Said, World},
};

/// A request: method, path below the project (or from the root, if it begins with `/`), body.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Option<Value>,
}

/// Well-formed, and the id of nothing.
const UNKNOWN: &str = "01M8643YMKB2TB3HDPZASKCPR0";
const OWN: &str = "/api/v1/organizations/{organization_id}";

impl World {
    /// The request that a step is; nothing for what happens by itself.
    pub(crate) fn request(&self, step: &Step) -> Option<Request> {
        let bucket = |name: Word| format!("buckets/{name}");
        let version = |at: At| format!("buckets/{}/versions/{}", at.bucket, at.fingerprint);
        let builds = |at: At| format!("{}/builds", version(at));
        let channel = |bucket: Word, name: Word| format!("buckets/{bucket}/channels/{name}");
        Some(match step.ask {
            Ask::CreateBucket { bucket, description } => {
                put("buckets", json!({ "name": bucket, "description": description }))
            }
            Ask::UpdateBucket { bucket: name, description, label } => {
                let body =
                    json!({ "description": description, "labels": label.map(labels), "platforms": null });
                patch(bucket(name), body)
            }
            Ask::DeleteBucket { bucket: name } => delete(bucket(name)),
            Ask::ListBuckets => get("buckets"),
            Ask::CreateVersion { at, template } => {
                let body = json!({ "fingerprint": at.fingerprint, "template_type": template });
                post(format!("{}/versions", bucket(at.bucket)), body)
            }
            Ask::ReadVersion { at } => get(version(at)),
            Ask::Complete { at } => patch(version(at), json!({ "complete": true })),
            Ask::Restore { at } => patch(version(at), json!({ "restore": true })),
            Ask::Revoke(Revoke { at, when, message, keep_channels, alone }) => {
                let mut body = json!({
                    "revocation_message": message,
                    "disable_rollback_channels": keep_channels,
                    "skip_descendants_revocation": alone,
                });
                match when {
                    When::In(seconds) => body["revoke_in"] = format!("{seconds}s").into(),
                    When::At(seconds) => body["revoke_at"] = moment(self.now + seconds).into(),
                }
                patch(version(at), body)
            }
            Ask::DeleteVersion { at, how: Deleting::Plainly } => delete(version(at)),
            Ask::DeleteVersion { at, how: Deleting::RollingBack } => {
                delete(format!("{}?rollback_channels=true", version(at)))
            }
            Ask::DeleteVersion { at, how: Deleting::ByForce } => {
                delete(format!("{OWN}/projects/{{project_id}}/{}?force=true&reason=why", version(at)))
            }
            Ask::CreateBuild { at, component, ref says } => {
                let mut body = self.build_body(says);
                body["component_type"] = component.into();
                post(builds(at), body)
            }
            Ask::UpdateBuild { at, component, ref says } => {
                patch(format!("{}/{}", builds(at), self.build_uid(at, component)), self.build_body(says))
            }
            Ask::DeleteBuild { at, component } => {
                delete(format!("{}/{}", builds(at), self.build_uid(at, component)))
            }
            Ask::CreateChannel { bucket: name, channel, restricted, fingerprint } => {
                let body =
                    json!({ "name": channel, "restricted": restricted, "version_fingerprint": fingerprint });
                post(format!("{}/channels", bucket(name)), body)
            }
            Ask::UpdateChannel { bucket, channel: name, point, restricted } => {
                let members =
                    [("versionFingerprint", point != Point::Still), ("restricted", restricted.is_some())];
                let mask: Vec<_> = members.iter().filter(|member| member.1).map(|member| member.0).collect();
                let mut body = json!({ "update_mask": mask.join(",") });
                // Clients leave out what is false or empty.
                if let Point::At(fingerprint) = point {
                    body["version_fingerprint"] = fingerprint.into();
                }
                if restricted == Some(true) {
                    body["restricted"] = true.into();
                }
                patch(channel(bucket, name), body)
            }
            Ask::CopyChannel { bucket, from, to } => {
                post(channel(bucket, "assign"), json!({ "source_channel": from, "target_channel": to }))
            }
            Ask::DeleteChannel { bucket, channel: name } => delete(channel(bucket, name)),
            Ask::ReadChannel { bucket, channel: name } => get(channel(bucket, name)),
            Ask::ListChannels { bucket: name } => get(format!("{}/channels", bucket(name))),
            Ask::SetActive(active) => {
                patch("registry", json!({ "update_mask": "activated", "activated": active }))
            }
            Ask::Admit { bucket, role, .. } => {
                let body = json!({
                    "name": self.next_guest(), "role": role, "project_id": "{project_id}", "bucket": bucket,
                });
                post(format!("{OWN}/principals"), body)
            }
            Ask::Dismiss { .. } => delete(format!("{OWN}/principals/{{guest}}")),
            Ask::Wait { .. } | Ask::RunJobs => return None,
        })
    }

    /// What the registry hears of what a client says: ids instead of names.
    pub(crate) fn heard(&self, says: &Says) -> Said {
        let parent_uid = says.parent.map(|at| {
            self.version_at(at).map_or_else(|| UNKNOWN.to_owned(), |id| self.version(id).uid.clone())
        });
        let channel_uid = says.parent.zip(says.channel).map(|(at, name)| {
            let bucket = self.find_bucket(at.bucket).map(|bucket| &self.buckets[bucket]);
            let channel = bucket.and_then(|bucket| bucket.channel(name));
            channel.map_or_else(|| UNKNOWN.to_owned(), |channel| channel.uid.clone())
        });
        Said {
            component: "",
            status: says.status.unwrap_or("BUILD_UNSET"),
            run: says.run,
            platform: says.platform.unwrap_or_default(),
            source: says.source.unwrap_or_default(),
            parent_uid: parent_uid.unwrap_or_default(),
            channel_uid: channel_uid.unwrap_or_default(),
            label: says.label.unwrap_or_default(),
        }
    }

    fn build_body(&self, says: &Says) -> Value {
        let Said { run, platform, source, parent_uid, channel_uid, label, .. } = self.heard(says);
        let artifacts = says
            .artifacts
            .iter()
            .map(|[image, region]| json!({ "external_identifier": image, "region": region }));
        let artifacts: Vec<Value> = artifacts.collect();
        let mut body = json!({
            "packer_run_uuid": run,
            "artifacts": if artifacts.is_empty() { Value::Null } else { artifacts.into() },
        });
        let texts = [
            ("status", says.status.unwrap_or_default()),
            ("platform", platform),
            ("source_external_identifier", source),
            ("parent_version_id", &parent_uid),
            ("parent_channel_id", &channel_uid),
        ];
        for (member, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
            body[member] = text.into();
        }
        if !label.is_empty() {
            body["labels"] = labels(label);
        }
        body
    }

    fn build_uid(&self, at: At, component: Word) -> String {
        let build = self.version_at(at).and_then(|id| self.version(id).build(component));
        build.map_or_else(|| UNKNOWN.to_owned(), |build| build.uid.clone())
    }
}

/// Empty stands for none.
pub(crate) fn labels(label: Word) -> Value {
    if label.is_empty() { Map::new().into() } else { json!({ "label": label }) }
}

pub(crate) fn moment(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).expect("a moment").to_string()
}

fn get(path: impl Into<String>) -> Request {
    Request { method: Method::GET, path: path.into(), body: None }
}

fn delete(path: impl Into<String>) -> Request {
    Request { method: Method::DELETE, path: path.into(), body: None }
}

fn put(path: impl Into<String>, body: Value) -> Request {
    Request { method: Method::PUT, path: path.into(), body: Some(body) }
}

fn post(path: impl Into<String>, body: Value) -> Request {
    Request { method: Method::POST, path: path.into(), body: Some(body) }
}

fn patch(path: impl Into<String>, body: Value) -> Request {
    Request { method: Method::PATCH, path: path.into(), body: Some(body) }
}
