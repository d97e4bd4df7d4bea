//! Logins of people: what is kept of one, and how it is got with a browser or without, renewed and ended.
//!
//! OAuth 2.0 with codes and PKCE (RFC 6749, RFC 7636), and the device grant (RFC 8628). The program is a public
//! client, known by [`CLIENT_ID`].

use std::{fmt, time::Duration};

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use url::{Url, form_urlencoded};
use waybill_api::{
    own::{CurrentSession, EndSessionResponse, ListSessionsResponse, LoginWays, Session},
    platform::DeviceAuthorization,
};

use crate::{
    client::{Call, Client, Requests},
    config::Config,
    error::Error,
    http,
    retry::Repeat,
    token::{self, Granted},
};

/// What this program is called in OAuth.
pub const CLIENT_ID: &str = "waybill";

/// The tokens of a login.
#[derive(Clone, Debug)]
pub struct SessionTokens {
    pub access_token: SecretString,
    pub refresh_token: SecretString,
    /// How long the access token lasts from now on; none if nobody knows.
    pub expires_in: Option<Duration>,
}

/// Where the tokens of a login are kept, for this program and for others that run at the same time.
///
/// Calls block for as long as a disk takes, `lock` until nobody else holds it.
pub trait SessionStore: fmt::Debug + Send + Sync {
    /// What is kept now.
    fn load(&self) -> Result<SessionTokens, Error>;

    /// Waits until nobody else renews the tokens; nobody else does while the returned value lives.
    fn lock(&self) -> Result<Box<dyn Send>, Error>;

    /// Keeps other tokens. Called with the lock only.
    fn save(&self, tokens: &SessionTokens) -> Result<(), Error>;
}

/// The way to a login: everything that can be asked without one.
pub struct Login {
    requests: Requests,
}

/// Where a browser is sent for a code, but for the registry's address.
#[derive(Clone, Copy, Debug)]
pub struct Authorization<'a> {
    /// Where the browser comes back to.
    pub redirect_uri: &'a str,
    /// Comes back with the code; nobody else knows it.
    pub state: &'a str,
    /// The hash of the verifier that the code is exchanged with (RFC 7636, S256).
    pub challenge: &'a str,
}

/// What came of asking for the tokens of a device code.
#[derive(Debug)]
pub enum DeviceProgress {
    /// The person has not decided yet.
    Pending,
    /// The same, and the questions come too fast.
    SlowDown,
    Done(SessionTokens),
}

impl Login {
    /// Prepares to log in where `config.auth` points to; its identity is not used.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let requests = Requests::new(config, http::client(config, &config.auth)?, &config.auth);
        Ok(Self { requests })
    }

    /// Scheme, host and port of the registry.
    pub fn server(&self) -> &str {
        self.requests.server()
    }

    /// Which ways there are, and what the registry calls itself.
    pub async fn ways(&self) -> Result<LoginWays, Error> {
        const OPERATION: &str = "GetLoginWays";
        let answer = self
            .requests
            .repeat(OPERATION, Repeat::Safe, |http, base| http.get(at(base, "/api/v1/login")))
            .await?;
        answer.read(OPERATION)
    }

    /// The address that a person's browser has to open.
    pub fn authorization_url(&self, asked: Authorization<'_>) -> Url {
        let mut url = at(self.requests.base(), "/oauth2/auth");
        url.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", asked.redirect_uri),
            ("state", asked.state),
            ("code_challenge", asked.challenge),
            ("code_challenge_method", "S256"),
            ("scope", "openid offline_access"),
        ]);
        url
    }

    /// Exchanges the code that a browser brought. It is good once.
    pub async fn redeem(
        &self,
        code: &str,
        redirect_uri: &str,
        verifier: &str,
    ) -> Result<SessionTokens, Error> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", CLIENT_ID),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.tokens(Repeat::Unsafe, &form).await
    }

    /// Begins a login that is finished in a browser on some other device.
    pub async fn begin_on_device(&self) -> Result<DeviceAuthorization, Error> {
        const OPERATION: &str = "DeviceAuthorization";
        let form = encoded(&[("client_id", CLIENT_ID)]);
        let answer = self
            .requests
            .repeat(OPERATION, Repeat::Safe, |http, base| {
                let request = http.post(at(base, "/oauth2/device_authorization"));
                request.header("content-type", token::FORM).body(form.clone())
            })
            .await?;
        if !answer.status.is_success() {
            return Err(token::login_refused(&self.requests, &answer));
        }
        answer.read(OPERATION)
    }

    /// Asks whether the person has decided. Not more often than the registry said.
    pub async fn poll_device(&self, device_code: &str) -> Result<DeviceProgress, Error> {
        let form = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", CLIENT_ID),
            ("device_code", device_code),
        ];
        match self.tokens(Repeat::Safe, &form).await {
            Ok(tokens) => Ok(DeviceProgress::Done(tokens)),
            Err(Error::LoginRefused { error, .. }) if error == "authorization_pending" => {
                Ok(DeviceProgress::Pending)
            }
            Err(Error::LoginRefused { error, .. }) if error == "slow_down" => Ok(DeviceProgress::SlowDown),
            Err(error) => Err(error),
        }
    }

    async fn tokens(&self, repeat: Repeat, form: &[(&str, &str)]) -> Result<SessionTokens, Error> {
        tokens(&self.requests, repeat, form).await
    }
}

impl Client {
    /// The session of the caller, who is a person.
    pub async fn current_session(&self) -> Result<CurrentSession, Error> {
        self.send(&Call::at("GetSession", Method::GET, "/api/v1/session", &[])?).await
    }

    /// Ends the session of the caller: its tokens are refused from now on.
    pub async fn end_session(&self) -> Result<(), Error> {
        let call = Call::at("EndCurrentSession", Method::DELETE, "/api/v1/session", &[])?;
        self.send::<EndSessionResponse>(&call).await?;
        Ok(())
    }

    /// The caller's sessions, oldest first; a service principal has none.
    pub async fn sessions(&self) -> Result<Vec<Session>, Error> {
        let call = Call::at("ListSessions", Method::GET, "/api/v1/sessions", &[])?;
        Ok(self.send::<ListSessionsResponse>(&call).await?.sessions)
    }

    /// Ends one of the caller's sessions.
    pub async fn end_session_with_id(&self, session_id: &str) -> Result<(), Error> {
        let path = [("session_id", session_id)];
        let call = Call::at("EndSession", Method::DELETE, "/api/v1/sessions/{session_id}", &path)?;
        self.send::<EndSessionResponse>(&call).await?;
        Ok(())
    }
}

/// Gets new tokens for a refresh token, which another one takes the place of. The old one is good for a little
/// longer, so that this may be repeated when the answer is lost.
pub(crate) async fn refresh(
    requests: &Requests,
    refresh_token: &SecretString,
) -> Result<SessionTokens, Error> {
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", CLIENT_ID),
        ("refresh_token", refresh_token.expose_secret()),
    ];
    tokens(requests, Repeat::Safe, &form).await
}

async fn tokens(requests: &Requests, repeat: Repeat, form: &[(&str, &str)]) -> Result<SessionTokens, Error> {
    let answer = token::ask(requests, repeat, None, encoded(form)).await?;
    if !answer.status.is_success() {
        return Err(token::login_refused(requests, &answer));
    }
    let granted = Granted::read(requests, &answer)?;
    let refresh_token = granted.refresh_token.ok_or_else(|| Error::Unexpected {
        operation: token::OPERATION,
        reason: format!("no `refresh_token` from {}", requests.server()),
    })?;
    Ok(SessionTokens {
        access_token: granted.access_token.into(),
        refresh_token: refresh_token.into(),
        expires_in: granted.expires_in.map(Duration::from_secs),
    })
}

fn encoded(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn at(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(path);
    url.set_query(None);
    url
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("server", &self.server()).finish_non_exhaustive()
    }
}
