//! Replays: what the unmodified client once sent is sent to a real server, in order, and every answer is
//! judged by what that client needs.
//!
//! Credentials, organization and project ids are replaced by the server's own; ids that the mock of the
//! recording had made (of versions, builds, channels) by those our server gave at the same place.
//! Each recording has a server of its own.
//!
//! Every answer must be JSON, fit the `OpenAPI` document and carry what the client reads. Beyond that an answer
//! must have the status and code that the mock gave, unless the recording put a fault in at that place or
//! before it in the same version ([`taint`]), or [`tables`] lists and explains a deviation.

mod deviations;
mod judge;
mod substitute;
mod tables;
mod taint;
mod terraform;
mod workload;

use std::{path::Path, sync::LazyLock};

use reqwest::Method;
use serde_json::Value;
use waybill_testkit::{
    Answer, Api, Options, Waybill,
    openapi::OpenApi,
    recording::{Body, Entry, Recording, Request},
};

use self::{
    deviations::Deviations,
    judge::Verdict,
    substitute::Substitutes,
    tables::{DEVIATIONS, LENIENT, SETUP},
    taint::{Place, Taints},
    workload::Workload,
};

/// One test per recording, so that a failure names it and the tests share the processors.
macro_rules! recordings {
    ($($folder:literal: $($name:literal $test:ident)*;)*) => {
        $($(
            #[tokio::test]
            async fn $test() {
                replay(concat!($folder, "/", $name)).await;
            }
        )*)*

        #[test]
        fn every_recording_is_replayed() {
            let named: &[(&str, &[&str])] = &[$(($folder, &[$($name),*])),*];
            for (folder, names) in named {
                let recordings = Recording::read_all(&recordings().join(folder)).expect("recordings");
                let found: Vec<_> = recordings.iter().map(|recording| recording.name.as_str()).collect();
                assert_eq!(&found, names, "{folder}");
            }
        }
    };
}

recordings! {
    "packer-1.14.3":
        "a-first-build" a_first_build
        "c-env-only" c_env_only
        "d-block-and-env" d_block_and_env
        "e-json-template" e_json_template
        "f-incomplete-resume" f_incomplete_resume
        "h-registry-off" h_registry_off
        "i-auth-errors" i_auth_errors
        "i-endpoint-config" i_endpoint_config
        "i-timeouts" i_timeouts
        "j-org-project" j_org_project
        "k-cred-file" k_cred_file
        "l-cancel" l_cancel
        "l-heartbeat" l_heartbeat
        "m-sbom" m_sbom
        "n-data-sources" n_data_sources
        "o-output" o_output
        "p-git-empty" p_git_empty
        "p-git-places" p_git_places
        "p-metadata" p_metadata
        "q-late-errors" q_late_errors
        "q-local-checks" q_local_checks
        "s-step-failures" s_step_failures
        "t-response-shapes" t_response_shapes
        "u-artifacts" u_artifacts;
    "packer-1.16.0":
        "a-enforced-hcl" a_enforced_hcl
        "b-enforced-failures" b_enforced_failures
        "c-enforced-json" c_enforced_json
        "d-channels-bucket" d_channels_bucket
        "e-sbom" e_sbom;
}

fn recordings() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recordings"))
}

static OPENAPI: LazyLock<OpenApi> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../waybill-api/tests/openapi");
    OpenApi::read(Path::new(folder)).expect("the OpenAPI documents of waybill-api")
});

async fn replay(name: &str) {
    let path = recordings().join(format!("{name}.jsonl"));
    let recording = Recording::read(&path).expect("a recording");
    let waybill = start();
    let mut replay = Replay::new(&recording, &waybill).await;
    for entry in &recording.entries {
        match entry {
            Entry::Start { run, .. } => replay.set_up(*run).await,
            Entry::Request(request) => replay.play(request).await,
            Entry::Exit { .. } | Entry::Note(_) => {}
        }
    }
    replay.finish();
    waybill.stop().await;
}

/// A server that connects to what the tests run on this machine.
fn start() -> Waybill {
    Options::new(env!("CARGO_BIN_EXE_waybill")).argument("--egress-allow").argument("127.0.0.1").start()
}

/// A recording on its way through a server.
struct Replay<'a> {
    recording: &'a Recording,
    waybill: &'a Waybill,
    api: Api,
    /// Where the token of the recording's client comes from; the owner's at first, as if it were cached.
    token: String,
    /// Who a credential file without a secret stands for.
    workload: Option<Workload>,
    ids: Substitutes,
    taints: Taints,
    faults: Vec<String>,
    lenient: Vec<String>,
    deviations: Deviations,
}

impl<'a> Replay<'a> {
    async fn new(recording: &'a Recording, waybill: &'a Waybill) -> Self {
        let api = waybill.api().await;
        let workload = match recording.name.as_str() {
            "k-cred-file" => Some(Workload::trusted(&api).await),
            _ => None,
        };
        Self {
            recording,
            waybill,
            workload,
            token: api.token().to_owned(),
            ids: Substitutes::new(api.clone()),
            api,
            taints: Taints::default(),
            faults: Vec::new(),
            lenient: Vec::new(),
            deviations: Deviations::of(&recording.name, DEVIATIONS),
        }
    }

    /// Does what the mock was told to do between two runs of the client.
    async fn set_up(&self, run: u32) {
        for step in SETUP.iter().filter(|step| step.recording == self.recording.name && step.before == run) {
            let path = self.ids.text(step.path);
            let body = serde_json::from_str(step.body).expect("the table holds JSON");
            let method = step.method.parse().expect("the table holds methods");
            self.api.send(method, &path, Some(&body)).await.ok();
        }
    }

    async fn play(&mut self, request: &Request) {
        let place = Place::of(request);
        let answer = self.send(request).await;
        let recorded = request.answer.as_ref();
        let succeeded = answer.status() == 200;
        if succeeded && let Some(Body::Json(theirs)) = recorded.map(|recorded| &recorded.body) {
            self.ids.learn(theirs, &answer.json());
        }
        let lenient = request.injected || recorded.is_none() || self.taints.touch(&place);
        let verdict = match self.deviations.meet(request) {
            Some(deviation) => Verdict::Answer(deviation.status, deviation.code),
            None if lenient => Verdict::AnyDocumented,
            None => Verdict::AsRecorded,
        };
        if lenient {
            self.lenient.push(describe(request));
        }
        let operation = OPENAPI.operation(&request.method, &self.ids.path(&request.path));
        let found = judge::judge(&OPENAPI, operation, request, &answer, verdict, !self.taints.any());
        let context = format!("{}:{} {}", self.recording.name, request.line, describe(request));
        self.faults.extend(found.into_iter().map(|fault| format!("{context}\n    {fault}{answer:?}")));
        self.taints.observe(&place, request, succeeded);
        if succeeded && recorded.is_some_and(|recorded| recorded.status == 200) {
            self.ids.offer_build(&place, request, &answer.json());
        }
    }

    async fn send(&mut self, request: &Request) -> Answer {
        let origin = if request.tls { self.waybill.url() } else { self.waybill.plain_url() };
        if request.path == "/oauth2/token" {
            return self.send_token_request(request, &origin).await;
        }
        self.ids.prepare(request).await;
        let exchange = request.path.ends_with("/exchange-token");
        let path = match &self.workload {
            Some(workload) if exchange => workload.exchange_path().to_owned(),
            _ => self.ids.path(&request.path),
        };
        let query = self.ids.text(&request.query);
        let url =
            if query.is_empty() { format!("{origin}{path}") } else { format!("{origin}{path}?{query}") };
        let method: Method = request.method.parse().expect("the recording holds methods");
        let channel = format!("{} hcp-go-sdk/0.23.0", self.recording.client.replace(' ', "/"));
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
            sent = match &self.workload {
                Some(workload) if exchange && !request.injected => sent.json(&workload.exchange(body)),
                _ => sent.json(&self.ids.value(body)),
            };
        }
        let answer = Answer::of(sent).await;
        if exchange {
            self.keep_token(&answer);
        }
        answer
    }

    fn keep_token(&mut self, answer: &Answer) {
        if answer.status() == 200
            && let Some(token) = answer.json()["access_token"].as_str()
        {
            token.clone_into(&mut self.token);
        }
    }

    /// Asks for a token with real credentials, or with a wrong secret where the recording's were refused.
    async fn send_token_request(&mut self, request: &Request, origin: &str) -> Answer {
        let owner = self.waybill.credentials();
        let refused = !request.injected && request.answer.as_ref().is_some_and(|answer| answer.status == 401);
        let secret = if refused { "wbs_wrong" } else { &owner.client_secret };
        let Body::Text(form) = &request.body else { panic!("a token request is a form: {request:?}") };
        let answer = ask_for_token(self.waybill, origin, form, &owner.client_id, secret).await;
        self.keep_token(&answer);
        answer
    }

    fn finish(mut self) {
        self.faults.extend(self.deviations.faults());
        let name = &self.recording.name;
        let allowed = LENIENT.iter().find(|(known, _)| known == name).map_or(0, |(_, count)| *count);
        if self.lenient.len() != allowed {
            let judged = self.lenient.join("\n    ");
            let count = self.lenient.len();
            self.faults.push(format!(
                "{count} answers were judged leniently, the table says {allowed}\n    {judged}"
            ));
        }
        assert!(self.faults.is_empty(), "{} faults\n\n{}", self.faults.len(), self.faults.join("\n\n"));
    }
}

/// Asks for a token with a recorded form and other credentials, which stand where they stood.
async fn ask_for_token(waybill: &Waybill, origin: &str, form: &str, id: &str, secret: &str) -> Answer {
    let mut sent = waybill
        .client()
        .post(format!("{origin}/oauth2/token"))
        .header("content-type", "application/x-www-form-urlencoded");
    if !form.contains("client_id=") {
        sent = sent.basic_auth(id, Some(secret));
    }
    let form = form
        .split('&')
        .map(|field| match field.split_once('=') {
            Some(("client_id", _)) => format!("client_id={id}"),
            Some(("client_secret", _)) => format!("client_secret={secret}"),
            _ => field.to_owned(),
        })
        .collect::<Vec<_>>()
        .join("&");
    Answer::of(sent.body(form)).await
}

/// A request in few words.
fn describe(request: &Request) -> String {
    let said = match &request.body {
        Body::Json(body) => body["status"].as_str().or(body["component_type"].as_str()).unwrap_or_default(),
        _ => "",
    };
    let path = request.path.rsplit_once("/projects/").map_or(&*request.path, |(_, path)| path);
    let path = path.split_once('/').map_or(path, |(_, path)| path);
    format!("run {}: {} {path} {said}", request.run, request.method).trim_end().to_owned()
}

/// The value at `a/b/c`.
fn at<'v>(value: &'v Value, path: &str) -> &'v Value {
    path.split('/').fold(value, |value, member| &value[member])
}
