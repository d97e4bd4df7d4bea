//! A registry in the test's own process, with a clock that is moved by hand.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tempfile::TempDir;
use waybill_server::{Config, Server, StartError, clock::Clock, egress::EgressOptions};
use waybill_store::{Durability, Options};
use waybill_testkit::{Answer, Api};

/// A server with its data folder. Spoken to without TLS, which has tests of its own.
pub(crate) struct Registry {
    pub(crate) server: Server,
    pub(crate) clock: Arc<HandClock>,
    folder: Arc<TempDir>,
    /// `owner.json` of the server that made the owner.
    owner: Value,
}

/// A clock that stands still until it is moved.
pub(crate) struct HandClock(Mutex<Timestamp>);

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole seconds, so that what is compared with a token's times is exact.
impl Default for HandClock {
    fn default() -> Self {
        Self(Mutex::new(Timestamp::from_second(1_800_000_000).expect("a time")))
    }
}

impl HandClock {
    pub(crate) fn advance(&self, duration: Duration) {
        let duration = SignedDuration::try_from(duration).expect("a test's duration");
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += duration;
    }
}

impl Registry {
    /// A registry of its own, on SQLite.
    pub(crate) async fn start() -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::start_with(folder, Arc::new(HandClock::default()), None).await.expect("a registry")
    }

    /// A registry of its own that may connect to some addresses that are not public.
    pub(crate) async fn start_reaching(egress: EgressOptions) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let configure = |config: &mut Config| config.egress = egress;
        let started = Self::start_as(folder, Arc::new(HandClock::default()), None, configure).await;
        started.expect("a registry")
    }

    /// A registry of its own that was told something else than others.
    pub(crate) async fn start_configured(configure: impl FnOnce(&mut Config)) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let started = Self::start_as(folder, Arc::new(HandClock::default()), None, configure).await;
        started.expect("a registry")
    }

    /// Another server on the same PostgreSQL, or the first.
    pub(crate) async fn start_on(database: &str, clock: Option<&Arc<HandClock>>) -> Result<Self, StartError> {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        Self::start_with(folder, clock.cloned().unwrap_or_default(), Some(database.to_owned())).await
    }

    async fn start_with(
        folder: Arc<TempDir>,
        clock: Arc<HandClock>,
        database: Option<String>,
    ) -> Result<Self, StartError> {
        Self::start_as(folder, clock, database, |_| {}).await
    }

    async fn start_as(
        folder: Arc<TempDir>,
        clock: Arc<HandClock>,
        database: Option<String>,
        configure: impl FnOnce(&mut Config),
    ) -> Result<Self, StartError> {
        // Fails only when another test was faster, which serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = Config::new(folder.path().to_owned(), "127.0.0.1:0".parse().expect("an address"));
        config.database = database;
        config.store = Options { durability: Durability::Off, ..Options::default() };
        config.clock = clock.clone();
        configure(&mut config);
        let server = Server::start(config).await?;
        let owner = fs_err::read(folder.path().join("owner.json")).unwrap_or_else(|_| b"{}".to_vec());
        let owner = serde_json::from_slice(&owner).expect("owner.json is JSON");
        Ok(Self { server, clock, folder, owner })
    }

    /// The same registry after its process ended and started again.
    pub(crate) async fn restart(self) -> Self {
        let Self { server, clock, folder, .. } = self;
        server.stop().await;
        Self::start_with(folder, clock, None).await.expect("a registry")
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A member of `owner.json`.
    pub(crate) fn owner(&self, member: &str) -> &str {
        self.owner[member].as_str().unwrap_or_else(|| panic!("owner.json has no `{member}`"))
    }

    fn origin(&self) -> String {
        format!("http://{}", self.server.address())
    }

    fn client() -> reqwest::Client {
        reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build().expect("a client")
    }

    /// A caller without a token, in the owner's organization and project.
    pub(crate) fn nobody(&self) -> Api {
        let (organization, project) = (self.owner("organization_id"), self.owner("project_id"));
        Api::new(Self::client(), self.origin(), None, organization, project)
    }

    /// The owner.
    pub(crate) async fn api(&self) -> Api {
        self.api_of(self.owner("client_id"), self.owner("client_secret")).await
    }

    /// Another principal, in the owner's project.
    pub(crate) async fn api_of(&self, client_id: &str, client_secret: &str) -> Api {
        let answer = self.token(client_id, client_secret).await.ok();
        self.nobody().with_token(Some(answer["access_token"].as_str().expect("a token")))
    }

    /// Asks for a token as clients of HCP do.
    pub(crate) async fn token(&self, client_id: &str, client_secret: &str) -> Answer {
        let form = "audience=https%3A%2F%2Fapi.hashicorp.cloud&grant_type=client_credentials";
        self.token_request(Some((client_id, client_secret)), form).await
    }

    /// Sends a form to the token endpoint.
    pub(crate) async fn token_request(&self, basic: Option<(&str, &str)>, form: &str) -> Answer {
        let mut request = Self::client()
            .post(format!("{}/oauth2/token", self.origin()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form.to_owned());
        if let Some((client_id, client_secret)) = basic {
            request = request.basic_auth(client_id, Some(client_secret));
        }
        Answer::of(request).await
    }

    /// A request of another method to the same server, without a token.
    pub(crate) fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.nobody().request(method, path)
    }
}
