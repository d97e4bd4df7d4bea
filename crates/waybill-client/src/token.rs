//! Access tokens: fetched when first needed, kept in memory, dropped when the registry refuses them.
//!
//! They are never written to disk: a token costs one request, and a file of tokens that is keyed by client id
//! alone sends one server's token to another.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer};
use tokio::{sync::Mutex, time::Instant};
use url::form_urlencoded;
use waybill_api::platform::TokenError;

use crate::{
    client::{Answer, Requests},
    config::Config,
    credentials::Credentials,
    error::Error,
    http,
    retry::Repeat,
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
    credentials: Credentials,
    /// Held while a token is fetched: whoever else needs one then waits for that one instead of fetching
    /// another.
    current: Mutex<Option<Token>>,
}

pub(crate) const OPERATION: &str = "OAuth2_Token";

/// A token this close to its end is not used any more: the request has to arrive in time.
const MARGIN: Duration = Duration::from_secs(15);

const AUDIENCE: &str = "https://api.hashicorp.cloud";

impl Tokens {
    pub(crate) fn new(config: &Config) -> Result<Self, Error> {
        Ok(Self {
            requests: Requests::new(config, http::client(config, &config.auth)?, &config.auth),
            credentials: config.credentials.clone(),
            current: Mutex::new(None),
        })
    }

    /// The current token, fetched if there is none.
    pub(crate) async fn get(&self) -> Result<Token, Error> {
        let mut current = self.current.lock().await;
        if let Some(token) = current.as_ref().filter(|token| token.is_fresh()) {
            return Ok(token.clone());
        }
        *current = None;
        let token = self.fetch().await?;
        *current = Some(token.clone());
        Ok(token)
    }

    /// Forgets `refused`, unless somebody has already replaced it.
    pub(crate) async fn forget(&self, refused: &Token) {
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|token| token.text.expose_secret() == refused.text.expose_secret()) {
            *current = None;
        }
    }

    async fn fetch(&self) -> Result<Token, Error> {
        let asked_at = Instant::now();
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("audience", AUDIENCE)
            .append_pair("grant_type", "client_credentials")
            .finish();
        let basic = basic(&self.credentials)?;
        let answer = self
            .requests
            .repeat(OPERATION, Repeat::Safe, |http, base| {
                let mut url = base.clone();
                url.set_path("/oauth2/token");
                url.set_query(None);
                http.post(url)
                    .header(AUTHORIZATION, basic.clone())
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("accept", "application/json")
                    .body(form.clone())
            })
            .await?;
        self.read(&answer, asked_at)
    }

    fn read(&self, answer: &Answer, asked_at: Instant) -> Result<Token, Error> {
        if !answer.status.is_success() {
            return Err(self.refused(answer));
        }
        let granted: Granted = serde_json::from_slice(&answer.body)
            .ok()
            .filter(|granted: &Granted| !granted.access_token.is_empty())
            .ok_or_else(|| Error::Unexpected {
                operation: OPERATION,
                reason: format!("no `access_token` from {}", self.requests.server()),
            })?;
        let lifetime = granted.expires_in.map(|seconds| Duration::from_secs(seconds).saturating_sub(MARGIN));
        Ok(Token { text: granted.access_token.into(), use_until: lifetime.map(|left| asked_at + left) })
    }

    fn refused(&self, answer: &Answer) -> Error {
        let refusal: TokenError = serde_json::from_slice(&answer.body).unwrap_or_default();
        if refusal.error.is_empty() || !matches!(answer.status.as_u16(), 400..=403) {
            return answer.refusal(OPERATION);
        }
        let message = if refusal.error_description.is_empty() {
            refusal.error
        } else {
            format!("{}: {}", refusal.error, refusal.error_description)
        };
        Error::CredentialsRefused { server: self.requests.server().to_owned(), message }
    }
}

impl Token {
    fn is_fresh(&self) -> bool {
        self.use_until.is_none_or(|end| Instant::now() < end)
    }
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

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default, deserialize_with = "number_or_text")]
    expires_in: Option<u64>,
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
