//! Access tokens: fetched when first needed, kept in memory, dropped when the registry refuses them.
//!
//! Those that are got with a key are never written to disk: a token costs one request, and a file of tokens that is
//! keyed by client id alone sends one server's token to another. Those of a login are kept by whoever uses this crate
//! ([`SessionStore`]), since a person would not like to log in for each command.

use std::{sync::Arc, time::Duration};

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::{sync::Mutex, task::spawn_blocking, time::Instant};
use tracing::debug;
use url::form_urlencoded;
use waybill_api::platform::TokenError;

use crate::{
    client::{Answer, Requests},
    config::{Config, Identity},
    credentials::Credentials,
    error::Error,
    http,
    retry::Repeat,
    session::{self, SessionStore, SessionTokens},
    workload::{self, Workload},
};

/// A token and until when to use it.
#[derive(Clone)]
pub(crate) struct Token {
    pub(crate) text: SecretString,
    /// None: until the registry refuses it.
    use_until: Option<Instant>,
}

/// The current token of a client, and the way to the next one.
pub(crate) struct Tokens {
    requests: Requests,
    /// What a workload's own token is fetched and exchanged with.
    config: Config,
    /// Held while a token is fetched: whoever else needs one then waits for that one instead of fetching
    /// another.
    current: Mutex<Current>,
}

#[derive(Default)]
struct Current {
    token: Option<Token>,
    /// The last one that the registry refused, which may still be kept somewhere.
    refused: Option<SecretString>,
}

pub(crate) const OPERATION: &str = "OAuth2_Token";

/// The type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A token this close to its end is not used any more: the request has to arrive in time.
const MARGIN: Duration = Duration::from_secs(15);

const AUDIENCE: &str = "https://api.hashicorp.cloud";

impl Tokens {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            requests: Requests::new(config, http::client(config, &config.auth)?, &config.auth),
            config: config.clone(),
            current: Mutex::default(),
        })
    }

    /// The current token, fetched if there is none.
    pub(crate) async fn get(&self) -> Result<Token, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.token.as_ref().filter(|token| token.is_fresh()) {
            return Ok(token.clone());
        }
        current.token = None;
        let token = match &self.config.identity {
            Identity::Key(credentials) => self.of_key(credentials).await?,
            Identity::Session(store) => self.of_session(store, current.refused.as_ref()).await?,
            Identity::Workload(workload) => self.of_workload(workload).await?,
        };
        current.token = Some(token.clone());
        Ok(token)
    }

    /// Forgets `refused`, unless somebody has already replaced it.
    pub(crate) async fn forget(&self, refused: &Token) {
        let mut current = self.current.lock().await;
        if current.token.as_ref().is_some_and(|token| is_same(&token.text, &refused.text)) {
            current.token = None;
        }
        current.refused = Some(refused.text.clone());
    }

    async fn of_key(&self, credentials: &Credentials) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("audience", AUDIENCE)
            .append_pair("grant_type", "client_credentials")
            .finish();
        let answer = ask(&self.requests, Repeat::Safe, Some(basic(credentials)?), form).await?;
        if !answer.status.is_success() {
            return Err(self.refused(&answer));
        }
        let granted = Granted::read(&self.requests, &answer)?;
        Ok(Token::new(granted.access_token.into(), granted.expires_in.map(Duration::from_secs), asked_at))
    }

    async fn of_workload(&self, workload: &Workload) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let api =
            Requests::new(&self.config, http::client(&self.config, &self.config.api)?, &self.config.api);
        let answer = workload.exchange(&self.config, &api).await?;
        if !answer.status.is_success() {
            return Err(answer.refusal(workload::OPERATION));
        }
        let granted = Granted::read(&api, &answer)?;
        Ok(Token::new(granted.access_token.into(), granted.expires_in.map(Duration::from_secs), asked_at))
    }

    /// The token that is kept, renewed if it is at its end or was refused. Of several programs, one renews it.
    async fn of_session(
        &self,
        store: &Arc<dyn SessionStore>,
        refused: Option<&SecretString>,
    ) -> Result<Token, Error> {
        let now = Instant::now();
        let usable = |kept: SessionTokens| {
            let token = Token::new(kept.access_token, kept.expires_in, now);
            let is_usable = token.is_fresh() && refused.is_none_or(|refused| !is_same(refused, &token.text));
            is_usable.then_some(token)
        };
        if let Some(token) = usable(store.load()?) {
            return Ok(token);
        }
        let locking = store.clone();
        let _lock = spawn_blocking(move || locking.lock())
            .await
            .map_err(|error| Error::Config(format!("cannot wait for other programs: {error}")))??;
        let kept = store.load()?;
        let refresh_token = kept.refresh_token.clone();
        if let Some(token) = usable(kept) {
            debug!("another program has renewed the login's tokens");
            return Ok(token);
        }
        let asked_at = Instant::now();
        let tokens = session::refresh(&self.requests, &refresh_token).await?;
        store.save(&tokens)?;
        Ok(Token::new(tokens.access_token, tokens.expires_in, asked_at))
    }

    fn refused(&self, answer: &Answer) -> Error {
        match oauth_error(answer) {
            Some((_, message)) => {
                Error::CredentialsRefused { server: self.requests.server().to_owned(), message }
            }
            None => answer.refusal(OPERATION),
        }
    }
}

/// Sends a form to the token endpoint.
pub(crate) async fn ask(
    requests: &Requests,
    repeat: Repeat,
    authorization: Option<HeaderValue>,
    form: String,
) -> Result<Answer, Error> {
    requests
        .repeat(OPERATION, repeat, |http, base| {
            let mut url = base.clone();
            url.set_path("/oauth2/token");
            url.set_query(None);
            let request = http.post(url).header("content-type", FORM).header("accept", "application/json");
            match &authorization {
                Some(authorization) => request.header(AUTHORIZATION, authorization.clone()),
                None => request,
            }
            .body(form.clone())
        })
        .await
}

/// Why a person is not logged in, or not any more.
pub(crate) fn login_refused(requests: &Requests, answer: &Answer) -> Error {
    match oauth_error(answer) {
        Some((error, message)) => {
            Error::LoginRefused { server: requests.server().to_owned(), error, message }
        }
        None => answer.refusal(OPERATION),
    }
}

/// The word of RFC 6749, and the same with the sentence for people.
fn oauth_error(answer: &Answer) -> Option<(String, String)> {
    let refusal: TokenError = serde_json::from_slice(&answer.body).unwrap_or_default();
    if refusal.error.is_empty() || !matches!(answer.status.as_u16(), 400..=403) {
        return None;
    }
    let message = if refusal.error_description.is_empty() {
        refusal.error.clone()
    } else {
        format!("{}: {}", refusal.error, refusal.error_description)
    };
    Some((refusal.error, message))
}

impl Token {
    fn new(text: SecretString, lifetime: Option<Duration>, since: Instant) -> Self {
        Self { text, use_until: lifetime.map(|lifetime| since + lifetime.saturating_sub(MARGIN)) }
    }

    fn is_fresh(&self) -> bool {
        self.use_until.is_none_or(|end| Instant::now() < end)
    }
}

fn is_same(one: &SecretString, other: &SecretString) -> bool {
    one.expose_secret() == other.expose_secret()
}

/// The HTTP Basic header; OAuth 2 wants both parts form-encoded first.
fn basic(credentials: &Credentials) -> Result<HeaderValue, Error> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair =
        format!("{}:{}", encode(&credentials.client_id), encode(credentials.client_secret.expose_secret()));
    let mut header = HeaderValue::from_str(&format!("Basic {}", STANDARD.encode(pair)))
        .map_err(|error| Error::Config(error.to_string()))?;
    header.set_sensitive(true);
    Ok(header)
}

/// What the token endpoint gives.
#[derive(Deserialize)]
pub(crate) struct Granted {
    pub(crate) access_token: String,
    /// Seconds.
    #[serde(default, deserialize_with = "number_or_text")]
    pub(crate) expires_in: Option<u64>,
    #[serde(default)]
    pub(crate) refresh_token: Option<String>,
}

impl Granted {
    pub(crate) fn read(requests: &Requests, answer: &Answer) -> Result<Self, Error> {
        serde_json::from_slice(&answer.body)
            .ok()
            .filter(|granted: &Self| !granted.access_token.is_empty())
            .ok_or_else(|| Error::Unexpected {
                operation: OPERATION,
                reason: format!("no `access_token` from {}", requests.server()),
            })
    }
}

/// Seconds as a number or as a numeric string; both are in use.
fn number_or_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    Ok(match Option::<Seconds>::deserialize(deserializer)? {
        Some(Seconds::Number(seconds)) => Some(seconds),
        Some(Seconds::Text(text)) => text.parse().ok(),
        None => None,
    })
}
