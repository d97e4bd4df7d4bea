//! The real registry in the test's process: no socket, no jobs of its own, a clock that is moved by hand.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tower::ServiceExt;
use waybill_server::{
    api::{page::Pages, router::router},
    app::{App, Inner, SbomLimits, Settings},
    auth::{
        Tokens,
        bootstrap::bootstrap,
        federation::{Issuers, aws::Sts},
        workload_identity::Turns,
    },
    clock::{Clock, SystemIds},
    download::Downloads,
    egress::Egress,
    login::Logins,
    metrics::Metrics,
    operation_id::OperationIds,
    server::{SILENT_BUILD_AFTER, WORKLOAD_TOKEN_REUSE},
};
use waybill_store::{Database, Durability, Options, Store};

use super::{operation::Who, request::Request};
use crate::running::HandClock;

pub(crate) struct Service {
    pub(crate) app: App,
    router: Router,
    clock: Arc<HandClock>,
    organization: String,
    project: String,
    people: BTreeMap<Who, Credentials>,
    _folder: TempDir,
}

/// A principal's key, and a token that is good until the clock has moved that far.
struct Credentials {
    principal: String,
    basic: String,
    token: String,
    good_until: i64,
}

/// Status and body of an answer.
pub(crate) type Answer = (u16, Value);

impl Service {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Arc::new(HandClock::default());
        let options = Options { durability: Durability::Off, readers: 1, ..Options::default() };
        let store =
            Store::open(&Database::Sqlite(folder.path().join("waybill.db")), &options).expect("a store");
        let installation =
            bootstrap(&store, folder.path(), clock.as_ref(), &SystemIds).await.expect("an installation");
        let now = clock.now();
        let tokens = Tokens::open(&store, &installation.id, now).await.expect("keys");
        let secret = installation.page_token_secret;
        let app = App::new(Inner {
            store,
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            tokens,
            pages: Pages::new(secret.clone()),
            downloads: Downloads::new(secret.clone()),
            operations: OperationIds::new(secret),
            uploads: Arc::new(Semaphore::new(1)),
            downloading: Arc::new(Semaphore::new(1)),
            exchanges: Turns::default(),
            egress: Egress::default(),
            issuers: Issuers::new(Egress::default()),
            sts: Sts::new(Egress::default(), None),
            logins: Logins::new(b"nobody logs in"),
            metrics: Arc::new(Metrics::new(now)),
            settings: Settings {
                public_url: "http://registry".to_owned(),
                silent_build_after: SILENT_BUILD_AFTER,
                workload_token_reuse: WORKLOAD_TOKEN_REUSE,
                sbom: SbomLimits::default(),
            },
        });
        let mut service = Self {
            router: router(&app),
            app,
            clock,
            organization: installation.organization_id,
            project: installation.project_id,
            people: BTreeMap::new(),
            _folder: folder,
        };
        let owner = installation.owner.expect("a new installation has an owner");
        service.log_in(Who::Owner, "", &owner.client_id, owner.client_secret.expose());
        service
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_second()
    }

    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance(Duration::from_secs(seconds.unsigned_abs()));
    }

    pub(crate) fn organization(&self) -> &str {
        &self.organization
    }

    /// Remembers somebody's key; forgets who was there before.
    pub(crate) fn log_in(&mut self, who: Who, principal: &str, client_id: &str, client_secret: &str) {
        let basic = BASE64_STANDARD.encode(format!("{client_id}:{client_secret}"));
        let (principal, token) = (principal.to_owned(), String::new());
        self.people.insert(who, Credentials { principal, basic, token, good_until: 0 });
    }

    /// Whether somebody of that name was ever there.
    pub(crate) fn knows(&self, who: Who) -> bool {
        self.people.contains_key(&who)
    }

    /// The id of a principal.
    pub(crate) fn principal(&self, who: Who) -> &str {
        self.people.get(&who).map_or("", |credentials| &credentials.principal)
    }

    /// Sends a request with somebody's token.
    pub(crate) async fn send(&mut self, who: Who, request: &Request) -> Answer {
        let token = self.token(who).await;
        let filled = |text: &str| {
            text.replace("{organization_id}", &self.organization).replace("{project_id}", &self.project)
        };
        let path = if request.path.starts_with('/') {
            filled(&request.path)
        } else {
            let base = "/packer/2023-01-01/organizations/{organization_id}/projects/{project_id}";
            filled(&format!("{base}/{}", request.path))
        };
        let mut sent = axum::http::Request::builder()
            .method(request.method.as_str())
            .uri(path)
            .header("authorization", format!("Bearer {token}"));
        let body = match &request.body {
            Some(body) => {
                sent = sent.header("content-type", "application/json");
                Body::from(filled(&body.to_string()))
            }
            None => Body::empty(),
        };
        self.answer(sent.body(body).expect("a request")).await
    }

    /// The token that is at hand, or a new one when that ends. Who was deleted keeps the last.
    async fn token(&mut self, who: Who) -> String {
        let now = self.now();
        let known = &self.people[&who];
        if now < known.good_until {
            return known.token.clone();
        }
        let form = "grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud";
        let request = axum::http::Request::post("/oauth2/token")
            .header("authorization", format!("Basic {}", known.basic))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        let (_, answer) = self.answer(request).await;
        let known = self.people.get_mut(&who).expect("they are known");
        if let Some(token) = answer["access_token"].as_str() {
            token.clone_into(&mut known.token);
            known.good_until = now + 3000;
        }
        known.token.clone()
    }

    async fn answer(&self, request: axum::http::Request<Body>) -> Answer {
        let answer = self.router.clone().oneshot(request).await.expect("a router always answers");
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}
