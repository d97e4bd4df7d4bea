//! What nearly every test needs to have in a registry before it begins.

use serde_json::{Value, json};

use crate::{Api, encode};

/// Where a new principal's role applies.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    Organization,
    /// The caller's project.
    Project,
    /// One bucket of the caller's project.
    Bucket(&'a str),
}

impl Api {
    /// Creates a bucket.
    pub async fn create_bucket(&self, name: &str) -> Value {
        self.put("buckets", json!({"name": name})).await.ok()["bucket"].clone()
    }

    /// Creates a version of an HCL2 template.
    pub async fn create_version(&self, bucket: &str, fingerprint: &str) -> Value {
        let body = json!({"fingerprint": fingerprint, "template_type": "HCL2"});
        self.post(&format!("buckets/{bucket}/versions"), body).await.ok()["version"].clone()
    }

    /// Registers a build as the client does, and returns its id.
    pub async fn create_build(&self, bucket: &str, fingerprint: &str, component: &str) -> String {
        let body = json!({
            "component_type": component,
            "packer_run_uuid": RUN,
            "status": "BUILD_UNSET",
            "artifacts": null,
        });
        let path = format!("{}/builds", version(bucket, fingerprint));
        let answer = self.post(&path, body).await;
        answer.ok()["build"]["id"].as_str().unwrap_or_else(|| panic!("no id: {answer:?}")).to_owned()
    }

    /// Sends the request that ends a build well; its artifact is `artifact` in region `here`.
    pub async fn finish_build(
        &self,
        bucket: &str,
        fingerprint: &str,
        build: &str,
        artifact: &str,
    ) -> crate::Answer {
        let path = format!("{}/builds/{build}", version(bucket, fingerprint));
        self.patch(&path, done(artifact)).await
    }

    /// Creates a version with one build per component, finishes all of them and returns the version.
    ///
    /// The artifact of component `x` is `FINGERPRINT-x`. The bucket must exist.
    pub async fn publish(&self, bucket: &str, fingerprint: &str, components: &[&str]) -> Value {
        self.create_version(bucket, fingerprint).await;
        let mut builds = Vec::new();
        for component in components {
            builds.push(self.create_build(bucket, fingerprint, component).await);
        }
        for (build, component) in builds.iter().zip(components) {
            let artifact = format!("{fingerprint}-{component}");
            self.finish_build(bucket, fingerprint, build, &artifact).await.ok();
        }
        self.get(&version(bucket, fingerprint)).await.ok()["version"].clone()
    }

    /// Creates a project in the caller's organization and returns its id; its registry is active.
    pub async fn create_project(&self, name: &str) -> String {
        let parent = json!({"type": "ORGANIZATION", "id": self.organization_id()});
        let body = json!({"name": name, "parent": parent});
        let answer = self.post("/resource-manager/2019-12-10/projects", body).await;
        let id =
            answer.ok()["project"]["id"].as_str().unwrap_or_else(|| panic!("no id: {answer:?}")).to_owned();
        let registry = self.in_project(&id).get("registry").await;
        if registry.status() != 200 {
            let tier = json!({"feature_tier": "STANDARD"});
            self.in_project(&id).put("registry", tier).await.ok();
        }
        id
    }

    /// Creates a service principal; returns its client id and secret.
    pub async fn create_principal(&self, name: &str, role: &str, scope: Scope<'_>) -> (String, String) {
        let body = match scope {
            Scope::Organization => json!({"name": name, "role": role}),
            Scope::Project => json!({"name": name, "role": role, "project_id": self.project_id()}),
            Scope::Bucket(bucket) => {
                json!({"name": name, "role": role, "project_id": self.project_id(), "bucket": bucket})
            }
        };
        let answer = self.post("/api/v1/organizations/{organization_id}/principals", body).await;
        let created = answer.ok();
        let member =
            |name: &str| created[name].as_str().unwrap_or_else(|| panic!("no {name}: {answer:?}")).to_owned();
        (member("client_id"), member("client_secret"))
    }
}

/// A run of the client; which one does not matter.
const RUN: &str = "a6b3dd51-9944-21a2-32fa-3f0ad21f7e4e";

fn version(bucket: &str, fingerprint: &str) -> String {
    format!("buckets/{}/versions/{}", encode(bucket), encode(fingerprint))
}

fn done(artifact: &str) -> Value {
    json!({
        "packer_run_uuid": RUN,
        "status": "BUILD_DONE",
        "platform": "test",
        "artifacts": [{"external_identifier": artifact, "region": "here"}],
    })
}
