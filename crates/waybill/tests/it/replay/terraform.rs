//! Replays of Terraform with the unmodified `hcp` provider.
//!
//! The mock of these recordings kept state and answered as the registry should, so that here whole answers
//! are compared ([`compare`]): every member that the mock gave has the same value in ours, except where
//! [`tables`] says why not. What the mock had before the first command and what was done behind Terraform's
//! back is done through the API ([`world`]); faults that the mock put in are made to happen for real where
//! that is possible.

mod compare;
mod names;
mod tables;
mod world;

use reqwest::Method;
use serde_json::Value;
use waybill_testkit::{
    Answer, Waybill,
    openapi::Operation,
    recording::{Body, Entry, Recording, Request},
};

use self::{
    names::Names,
    tables::{DEVIATIONS, MESSAGES, NEVER_TOLD},
    world::World,
};
use super::{
    OPENAPI, ask_for_token, at,
    deviations::Deviations,
    judge::{self, Verdict},
    recordings, start,
};

/// One test per recording, so that a failure names it.
macro_rules! terraform {
    ($($name:literal $test:ident)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                replay($name).await;
            }
        )*

        #[test]
        fn every_recording_of_terraform_is_replayed() {
            let recordings = Recording::read_all(&recordings().join("terraform-hcp")).expect("recordings");
            let mut found: Vec<_> = recordings.iter().map(|recording| recording.name.as_str()).collect();
            found.sort_unstable();
            assert_eq!(&[$($name),*][..], found);
        }
    };
}

terraform! {
    "configure-all-tls" configure_all_tls
    "configure-bad-credentials" configure_bad_credentials
    "configure-geography-us-defaults" configure_geography_us_defaults
    "configure-no-project" configure_no_project
    "configure-project-not-found" configure_project_not_found
    "configure-project-set" configure_project_set
    "configure-workload-identity-plain" configure_workload_identity_plain
    "configure-workload-identity-tls" configure_workload_identity_tls
    "data-artifact" data_artifact
    "data-bucket-names" data_bucket_names
    "data-run-task" data_run_task
    "data-version" data_version
    "error-500-on-bucket-read" error_500_on_bucket_read
    "error-503-at-configure" error_503_at_configure
    "error-forbidden" error_forbidden
    "error-policy-conflict" error_policy_conflict
    "error-stale-token" error_stale_token
    "project-argument" project_argument
    "promote-latest" promote_latest
    "registry-inactive" registry_inactive
    "res-bucket" res_bucket
    "res-bucket-exists" res_bucket_exists
    "res-bucket-iam-binding" res_bucket_iam_binding
    "res-bucket-iam-policy" res_bucket_iam_policy
    "res-channel" res_channel
    "res-channel-assignment" res_channel_assignment
    "res-channel-assignment-refused" res_channel_assignment_refused
    "res-channel-exists" res_channel_exists
    "res-channel-latest" res_channel_latest
    "res-project" res_project
    "res-run-task" res_run_task
    "res-service-principal-key" res_service_principal_key
    "res-webhook" res_webhook
    "res-workload-identity-provider" res_workload_identity_provider
}

async fn replay(name: &str) {
    let recording = Recording::read(&recordings().join(format!("terraform-hcp/{name}.jsonl")));
    let recording = recording.expect("a recording");
    let waybill = start();
    let api = waybill.api().await;
    let mut names = Names::new(api.organization_id(), api.project_id());
    let world = World::before(name, &waybill, api, &mut names).await;
    let mut replay = Replay {
        recording: &recording,
        waybill: &waybill,
        token: world.token(&waybill).await,
        world,
        names,
        faults: Vec::new(),
        deviations: Deviations::of(name, DEVIATIONS),
    };
    for entry in &recording.entries {
        match entry {
            Entry::Start { run, .. } => replay.world.before_command(name, *run).await,
            Entry::Note(text) => replay.world.note(name, text, &mut replay.names).await,
            Entry::Request(request) => replay.play(request).await,
            Entry::Exit { .. } => {}
        }
    }
    replay.finish();
    waybill.stop().await;
}

/// A recording on its way through a server.
struct Replay<'a> {
    recording: &'a Recording,
    waybill: &'a Waybill,
    /// As Terraform has it in its cache.
    token: String,
    world: World,
    names: Names,
    faults: Vec<String>,
    deviations: Deviations,
}

impl Replay<'_> {
    async fn play(&mut self, request: &Request) {
        let path = self.names.text(&request.path);
        if let Some(operation) = request.path.strip_suffix("/wait").and_then(|path| path.rsplit('/').next())
            && self.names.text(operation) == operation
        {
            return; // ours has made no operation there, so that the client would not ask for it either
        }
        let name = &self.recording.name;
        self.world.around_request(name, request, true, &mut self.names).await;
        let answer = self.send(request).await;
        self.world.around_request(name, request, false, &mut self.names).await;
        let recorded = request.answer.as_ref().expect("the mock answers everything");
        let operation = OPENAPI.operation(&request.method, &path.replace("%2F", "/"));
        let deviation = self.deviations.meet(request);
        let verdict = deviation
            .map_or(Verdict::AsRecorded, |deviation| Verdict::Answer(deviation.status, deviation.code));
        let mut found = judge::judge(&OPENAPI, operation, request, &answer, verdict, true);
        if let (Some(operation), Body::Json(theirs)) = (operation, &recorded.body)
            && deviation.is_none()
            && found.is_empty()
        {
            let ours = answer.json();
            found.extend(told_too_much(operation, &ours));
            match answer.status() {
                200 => {
                    found.extend(compare::compare(&self.recording.name, &mut self.names, theirs, &ours));
                    found.extend(self.world.judge_run_task(request, &ours));
                    if let Some(token) = ours["access_token"].as_str() {
                        token.clone_into(&mut self.token);
                    }
                }
                _ => found.extend(message(theirs, &ours)),
            }
        }
        let context = format!("{}:{} {} {path}", self.recording.name, request.line, request.method);
        self.faults.extend(found.into_iter().map(|fault| format!("{context}\n    {fault}{answer:?}")));
    }

    async fn send(&self, request: &Request) -> Answer {
        let origin = if request.tls { self.waybill.url() } else { self.waybill.plain_url() };
        if let (Body::Text(form), "/oauth2/token") = (&request.body, &*request.path) {
            let refused = request.answer.as_ref().is_some_and(|answer| answer.status == 401);
            let (id, secret) = self.world.credentials();
            let secret = if refused { "wbs_wrong" } else { secret };
            return ask_for_token(self.waybill, &origin, form, id, secret).await;
        }
        let exchange = request.path.ends_with("/exchange-token");
        let path = match self.world.workload() {
            Some(workload) if exchange => workload.exchange_path().to_owned(),
            _ => self.names.text(&request.path),
        };
        let mut url = format!("{origin}{path}");
        if !request.query.is_empty() {
            url = format!("{url}?{}", self.names.text(&request.query));
        }
        let method: Method = request.method.parse().expect("the recording holds methods");
        let channel = "terraform/1.11.4 terraform-provider-hcp/dev hcp-go-sdk/0.175.0";
        let mut sent = self
            .waybill
            .client()
            .request(method, url)
            .header("accept", "application/json")
            .header("user-agent", "Go-http-client/1.1")
            .header("x-hcp-source-channel", channel);
        if !exchange {
            sent = sent.bearer_auth(&self.token);
        }
        if let Body::Json(body) = &request.body {
            sent = match self.world.workload() {
                Some(workload) if exchange => sent.json(&workload.exchange(body)),
                _ => sent.json(&self.names.value(body)),
            };
        }
        Answer::of(sent).await
    }

    fn finish(mut self) {
        self.faults.extend(self.deviations.faults());
        assert!(self.faults.is_empty(), "{} faults\n\n{}", self.faults.len(), self.faults.join("\n\n"));
    }
}

/// Secrets that an answer must not repeat.
fn told_too_much(operation: &Operation, ours: &Value) -> Vec<String> {
    let told = NEVER_TOLD.iter().filter(|(id, path)| operation.id == *id && !at(ours, path).is_null());
    told.map(|(_, path)| format!("`{path}` is a secret")).collect()
}

/// Whether a message that users of the provider know is what they know.
fn message(theirs: &Value, ours: &Value) -> Option<String> {
    let theirs = theirs["message"].as_str()?;
    let known = MESSAGES.iter().find(|known| theirs.starts_with(**known))?;
    let ours = ours["message"].as_str().unwrap_or_default();
    (!ours.starts_with(known)).then(|| format!("users know this as `{known}…`"))
}
