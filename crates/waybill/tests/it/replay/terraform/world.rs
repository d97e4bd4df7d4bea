//! What the mock of a recording had before the first command, and what was done behind Terraform's back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use waybill_testkit::{Api, Scope, Waybill, recording::Request};

use super::{names::Names, tables::FILLER};
use crate::replay::workload::Workload;

/// The registry as the recording found it, and the principal that Terraform is.
pub(super) struct World {
    /// The owner's, for what Terraform does not do itself.
    api: Api,
    client_id: String,
    client_secret: String,
    /// Who Terraform is when it has no secret.
    workload: Option<Workload>,
    /// The key of the run task that was last told.
    run_task_key: Option<String>,
}

/// The bucket that most recordings have.
const BUCKET: &str = "ubuntu-base";
/// Buckets of a page of ours.
const PAGE: usize = 100;
const RUN: &str = "33333333-3333-4333-8333-333333333333";
/// When the mock's version was revoked.
const REVOKED_AT: &str = "2024-01-02T03:04:05.678Z";
/// Late enough to be a schedule.
const SOON: &str = "6s";
const LIMIT: Duration = Duration::from_mins(1);

impl World {
    /// Makes what was there before the first command of a recording.
    pub(super) async fn before(name: &str, waybill: &Waybill, api: Api, names: &mut Names) -> Self {
        let owner = waybill.credentials();
        let mut world = Self {
            api,
            client_id: owner.client_id.clone(),
            client_secret: owner.client_secret.clone(),
            workload: None,
            run_task_key: None,
        };
        match name {
            "configure-all-tls" | "configure-no-project" | "configure-project-set" | "data-bucket-names" => {
                world.two_pages().await;
            }
            "configure-workload-identity-plain" | "configure-workload-identity-tls" => {
                world.workload = Some(Workload::trusted(&world.api).await);
            }
            "data-version" => world.two_versions().await,
            "data-artifact" => {
                world.two_versions().await;
                world.revoke(names).await;
            }
            "error-forbidden" => {
                world.bucket().await;
                world.become_principal("viewer").await;
            }
            "error-stale-token" => world.become_principal("contributor").await,
            "project-argument" => {
                let other = world.api.create_project("other").await;
                names.know("55555555-5555-4555-8555-555555555555", &other);
            }
            "registry-inactive" => {
                let other = world.api.create_project("noreg").await;
                names.know("44444444-4444-4444-8444-444444444444", &other);
                let api = world.api.in_project(&other);
                api.patch("registry", json!({"update_mask": "activated", "activated": false})).await.ok();
                api.delete("registry").await.ok();
            }
            "res-bucket-exists" => world.bucket().await,
            "promote-latest" | "res-channel" | "res-channel-latest" => {
                world.bucket().await;
                world.publish("fp-one", &Published::default()).await;
            }
            "res-channel-assignment" | "res-channel-assignment-refused" => {
                world.bucket().await;
                world.publish("fp-one", &Published::default()).await;
                world.publish("fp-two", &Published::default()).await;
                if name.ends_with("refused") {
                    world.channel("busy", Some("fp-one")).await;
                }
            }
            "res-channel-exists" => {
                world.bucket().await;
                world.channel("production", None).await;
            }
            _ => {}
        }
        world
    }

    /// The client id and secret that Terraform was given.
    pub(super) fn credentials(&self) -> (&str, &str) {
        (&self.client_id, &self.client_secret)
    }

    pub(super) fn workload(&self) -> Option<&Workload> {
        self.workload.as_ref()
    }

    /// A token of Terraform's, as if it were in its cache.
    pub(super) async fn token(&self, waybill: &Waybill) -> String {
        waybill.token(&self.client_id, &self.client_secret).await
    }

    /// What happens before a command without a note in the recording.
    pub(super) async fn before_command(&self, name: &str, run: u32) {
        if (name, run) == ("error-stale-token", 2) {
            let path = format!("{PRINCIPALS}/terraform");
            self.api.delete(&path).await.ok();
        }
    }

    /// What happens in the middle of a command: somebody else was quicker, and takes it back afterwards.
    pub(super) async fn around_request(
        &self,
        name: &str,
        request: &Request,
        before: bool,
        names: &mut Names,
    ) {
        if name != "error-policy-conflict" || !request.injected {
            return;
        }
        let path = "/2019-12-10/resource-manager/resources/iam-policy";
        let bucket = format!("packer/project/{}/bucket/tf-iam-conflict", self.api.project_id());
        let mut policy = self.api.get(&format!("{path}?resource_name={bucket}")).await.ok()["policy"].clone();
        policy["bindings"] = if before {
            let member = json!({"member_id": self.owner().await, "member_type": "SERVICE_PRINCIPAL"});
            json!([{"role_id": "roles/viewer", "members": [member]}])
        } else {
            names.forget_tags();
            json!([])
        };
        self.api.put(path, json!({"resource_name": bucket, "policy": policy})).await.ok();
    }

    async fn owner(&self) -> Value {
        self.api.get("/iam/2019-12-10/caller-identity").await.ok()["principal"]["id"].clone()
    }

    /// Does what a note of a recording says.
    pub(super) async fn note(&mut self, name: &str, text: &str, names: &mut Names) {
        let version = format!("buckets/{BUCKET}/versions/fp-one");
        let production = format!("buckets/{BUCKET}/channels/production");
        let api = &self.api;
        match (name, text) {
            ("data-version", text) if text.contains("revoke_at in the future") => {
                let body = json!({"revoke_at": "2099-01-02T03:04:05.678Z"});
                api.patch(&version, body).await.ok();
            }
            ("data-version", text) if text.contains("revoked now") => {
                api.patch(&version, json!({"restore": true})).await.ok();
                self.revoke(names).await;
            }
            ("promote-latest", "version fp-two published: latest moves") => {
                self.publish("fp-two", &Published::default()).await;
            }
            ("res-bucket", "bucket deleted out of band") => {
                api.delete("buckets/tf-bucket-two").await.ok();
            }
            ("res-channel-assignment", "fp-one assigned out of band") => {
                self.assign("production", "fp-one").await;
            }
            ("res-channel", "restricted=false set out of band") => {
                api.patch(&production, json!({"update_mask": "restricted"})).await.ok();
            }
            ("res-channel", "channel deleted out of band") => {
                api.delete(&production).await.ok();
            }
            ("data-run-task", "HMAC key regenerated out of band") => {
                let answer = api.patch("runtasks/hmac", json!({})).await.ok();
                self.run_task_key = answer["hmac_key"].as_str().map(str::to_owned);
            }
            _ => panic!("{name}: nobody has said what to do for `{text}`"),
        }
    }

    /// The key of the run task stays until somebody asks for another one.
    pub(super) fn judge_run_task(&mut self, request: &Request, ours: &Value) -> Option<String> {
        if !request.path.contains("/runtasks/") {
            return None;
        }
        let told = ours["hmac_key"].as_str().unwrap_or_default().to_owned();
        let regenerated = request.method == "PATCH";
        let before = self.run_task_key.replace(told.clone());
        let wrong = before.is_some_and(|before| (before == told) == regenerated);
        wrong.then(|| format!("`hmac_key` after {}: the same or another one", request.method))
    }

    /// A bucket whose managed channel everybody sees, as the mock's; ours is restricted at first.
    async fn bucket(&self) {
        self.api.create_bucket(BUCKET).await;
        let latest = format!("buckets/{BUCKET}/channels/latest");
        self.api.patch(&latest, json!({"update_mask": "restricted"})).await.ok();
    }

    /// As many buckets that the mock's first page of two is our first page too.
    async fn two_pages(&self) {
        for name in ["alpine-base", "debian-base", "windows-base"] {
            self.api.create_bucket(name).await;
        }
        for number in 2..PAGE {
            self.api.create_bucket(&format!("{FILLER}{number:02}")).await;
        }
        self.bucket().await;
        self.aws_versions().await;
    }

    async fn two_versions(&self) {
        self.bucket().await;
        self.aws_versions().await;
        self.channel("production", Some("fp-one")).await;
        self.channel("empty", None).await;
    }

    async fn aws_versions(&self) {
        let one = Published {
            labels: json!({"nomad_version": "1.8.10"}),
            artifacts: &[("ami-0001", "us-east-1"), ("ami-0002", "us-west-1")],
        };
        self.publish("fp-one", &one).await;
        let two =
            Published { labels: json!({"nomad_version": "1.9.0"}), artifacts: &[("ami-0003", "us-east-1")] };
        self.publish("fp-two", &two).await;
    }

    /// A complete version with one build.
    async fn publish(&self, fingerprint: &str, published: &Published) {
        self.api.create_version(BUCKET, fingerprint).await;
        let version = format!("buckets/{BUCKET}/versions/{fingerprint}");
        let build = self.api.create_build(BUCKET, fingerprint, "amazon-ebs.example").await;
        let artifact = |(id, region): &(&str, &str)| json!({"external_identifier": id, "region": region});
        let artifacts: Vec<_> = published.artifacts.iter().map(artifact).collect();
        let body = json!({
            "packer_run_uuid": RUN,
            "status": "BUILD_DONE",
            "platform": "aws",
            "labels": published.labels,
            "artifacts": artifacts,
        });
        self.api.patch(&format!("{version}/builds/{build}"), body).await.ok();
    }

    async fn channel(&self, name: &str, fingerprint: Option<&str>) {
        self.api.post(&format!("buckets/{BUCKET}/channels"), json!({"name": name})).await.ok();
        if let Some(fingerprint) = fingerprint {
            self.assign(name, fingerprint).await;
        }
    }

    async fn assign(&self, channel: &str, fingerprint: &str) {
        let body = json!({"update_mask": "versionFingerprint", "version_fingerprint": fingerprint});
        self.api.patch(&format!("buckets/{BUCKET}/channels/{channel}"), body).await.ok();
    }

    /// Revokes the version that a channel points at, and the channel stays there: that is what happens when
    /// the time of a scheduled revocation comes.
    async fn revoke(&self, names: &mut Names) {
        let version = format!("buckets/{BUCKET}/versions/fp-one");
        let body = json!({"revoke_in": SOON, "revocation_message": "CVE"});
        self.api.patch(&version, body).await.ok();
        let deadline = Instant::now() + LIMIT;
        let revoked = loop {
            let version = self.api.get(&version).await.ok()["version"].clone();
            if version["status"] == "VERSION_REVOKED" {
                break version;
            }
            assert!(Instant::now() < deadline, "still not revoked: {version}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        names.know(REVOKED_AT, revoked["revoke_at"].as_str().expect("a revoked version says since when"));
    }

    /// Lets Terraform be somebody else than the owner.
    async fn become_principal(&mut self, role: &str) {
        (self.client_id, self.client_secret) =
            self.api.create_principal("terraform", role, Scope::Project).await;
    }
}

const PRINCIPALS: &str = "/2019-12-10/iam/project/{project_id}/service-principal";

/// What a version's one build has made.
struct Published {
    labels: Value,
    artifacts: &'static [(&'static str, &'static str)],
}

impl Default for Published {
    fn default() -> Self {
        Self { labels: json!({}), artifacts: &[("ami-1234", "us-east-1")] }
    }
}
