//! Sends operations: addresses, tokens, repeats, deadlines, and what an answer means.

use std::{fmt, sync::Arc, time::Duration};

use reqwest::{
    Method, RequestBuilder, StatusCode,
    header::{ACCEPT, AUTHORIZATION, HeaderMap, HeaderValue},
};
use secrecy::ExposeSecret;
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::{Instant, sleep};
use tracing::debug;
use url::Url;
use waybill_api::{
    error::Status,
    operation::{self, Api},
};

use crate::{
    config::{Config, Endpoint},
    error::Error,
    http,
    location::Location,
    registry::Registry,
    retry::{self, Backoff, Failure, Repeat},
    token::Tokens,
};

/// A connection to a registry, on behalf of one service principal or person. Cheap to clone; clones share the token.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    requests: Requests,
    tokens: Tokens,
    source_channel: HeaderValue,
}

/// An operation with its arguments, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    operation: &'static str,
    method: Method,
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    repeat: Repeat,
    /// How long one attempt may take, if not as long as configured.
    limit: Option<Duration>,
}

impl Client {
    /// Prepares a client; nothing is sent before the first operation.
    pub fn new(config: &Config) -> Result<Self, Error> {
        let source_channel = HeaderValue::from_str(&config.agent)
            .map_err(|_| Error::Config(format!("`{}` cannot be the name of a program", config.agent)))?;
        let requests = Requests::new(config, http::client(config, &config.api)?, &config.api);
        Ok(Self { shared: Arc::new(Shared { requests, tokens: Tokens::new(config)?, source_channel }) })
    }

    /// The registry of the project at `location`.
    pub fn registry(&self, location: Location) -> Registry {
        Registry::new(self.clone(), location)
    }

    /// Scheme, host and port of the API.
    pub fn server(&self) -> &str {
        self.shared.requests.server()
    }

    pub(crate) fn backoff(&self) -> Backoff {
        self.shared.requests.backoff
    }

    /// Sends `call`. A token that the registry refuses is replaced once.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        let mut token = self.shared.tokens.get().await?;
        let mut answer = self.attempt(call, token.text.expose_secret()).await?;
        if answer.status == StatusCode::UNAUTHORIZED {
            debug!("{}: token refused, fetching another", call.operation);
            self.shared.tokens.forget(&token).await;
            token = self.shared.tokens.get().await?;
            answer = self.attempt(call, token.text.expose_secret()).await?;
        }
        answer.read(call.operation)
    }

    async fn attempt(&self, call: &Call, token: &str) -> Result<Answer, Error> {
        let mut bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| Error::Unexpected {
                operation: crate::token::OPERATION,
                reason: "a token that cannot be a header".to_owned(),
            })?;
        bearer.set_sensitive(true);
        self.shared
            .requests
            .repeat(call.operation, call.repeat, |http, base| {
                let request = call
                    .request(http, base)
                    .header(AUTHORIZATION, bearer.clone())
                    .header("x-hcp-source-channel", self.shared.source_channel.clone());
                match call.limit {
                    Some(limit) => request.timeout(limit),
                    None => request,
                }
            })
            .await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("server", &self.server()).finish_non_exhaustive()
    }
}

impl Call {
    /// A call of an operation that the table of the wire crate knows. Reading calls are safe to repeat.
    ///
    /// # Errors
    /// A path value that is empty, `.` or `..`: it would address something else.
    pub(crate) fn new(api: Api, id: &'static str, values: &[(&'static str, &str)]) -> Result<Self, Error> {
        let known = operation::operation(api, id).expect("operations are named as in the table");
        let method = match known.method {
            operation::Method::Get => Method::GET,
            operation::Method::Put => Method::PUT,
            operation::Method::Post => Method::POST,
            operation::Method::Patch => Method::PATCH,
            operation::Method::Delete => Method::DELETE,
        };
        Self::at(id, method, known.path, values)
    }

    /// A call of one of Waybill's own operations.
    pub(crate) fn at(
        operation: &'static str,
        method: Method,
        template: &str,
        values: &[(&'static str, &str)],
    ) -> Result<Self, Error> {
        let mut path = Vec::new();
        for segment in template.split('/').skip(1) {
            let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
                path.push(segment.to_owned());
                continue;
            };
            let &(name, value) = values
                .iter()
                .find(|(given, _)| *given == name)
                .unwrap_or_else(|| panic!("{operation} is called without {name}"));
            if matches!(value, "" | "." | "..") {
                return Err(Error::Argument { operation, name, value: value.to_owned() });
            }
            path.push(value.to_owned());
        }
        let repeat = if method == Method::GET { Repeat::Safe } else { Repeat::Unsafe };
        Ok(Self { operation, method, path, query: Vec::new(), body: None, repeat, limit: None })
    }

    pub(crate) fn operation(&self) -> &'static str {
        self.operation
    }

    /// The value of a query parameter.
    pub(crate) fn value(&self, name: &str) -> Option<&String> {
        self.query.iter().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    pub(crate) fn body(mut self, body: &impl Serialize) -> Self {
        self.body = Some(serde_json::to_vec(body).expect("wire types have string keys only"));
        self
    }

    /// Sets or replaces a query parameter; an empty value removes it.
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        self.query.retain(|(given, _)| *given != name);
        if !value.is_empty() {
            self.query.push((name, value));
        }
        self
    }

    /// Adds a query parameter once for each value.
    pub(crate) fn queries(mut self, name: &'static str, values: &[String]) -> Self {
        self.query.extend(values.iter().map(|value| (name, value.clone())));
        self
    }

    /// Says that sending it twice does no more than sending it once.
    pub(crate) fn idempotent(mut self) -> Self {
        self.repeat = Repeat::Safe;
        self
    }

    pub(crate) fn limit(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// The request without a token.
    pub(crate) fn request(&self, http: &reqwest::Client, base: &Url) -> RequestBuilder {
        let request = http
            .request(self.method.clone(), self.url(base))
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        match &self.body {
            Some(body) => request.header("content-type", "application/json").body(body.clone()),
            None => request,
        }
    }

    fn url(&self, base: &Url) -> Url {
        let mut url = base.clone();
        url.path_segments_mut().expect("HTTP addresses have a path").clear().extend(&self.path);
        url.set_query(None);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        url
    }
}

/// Sends requests to one endpoint, again if that may help.
pub(crate) struct Requests {
    http: reqwest::Client,
    base: Url,
    server: String,
    backoff: Backoff,
    attempt_limit: Duration,
    operation_limit: Duration,
}

impl Requests {
    pub(crate) fn new(config: &Config, http: reqwest::Client, endpoint: &Endpoint) -> Self {
        Self {
            http,
            base: endpoint.url.clone(),
            server: endpoint.to_string(),
            backoff: config.backoff,
            attempt_limit: config.attempt_limit,
            operation_limit: config.operation_limit,
        }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    pub(crate) fn base(&self) -> &Url {
        &self.base
    }

    /// Sends what `request` makes until there is an answer that repeating would not change.
    pub(crate) async fn repeat(
        &self,
        operation: &'static str,
        repeat: Repeat,
        request: impl Fn(&reqwest::Client, &Url) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let begun = Instant::now();
        for failed in 1.. {
            let outcome = receive(request(&self.http, &self.base)).await;
            let (failure, wait) = match &outcome {
                Ok(answer) if answer.status.is_success() => {
                    return outcome.map_err(|e| self.lost(operation, e));
                }
                Ok(answer) => (Failure::Status(answer.status), retry::retry_after(&answer.headers)),
                Err(error) if error.is_connect() => (Failure::NotSent, None),
                Err(_) => (Failure::NoAnswer, None),
            };
            let pause = match self.backoff.pause(failed, wait) {
                Some(pause)
                    if failure.may_be_repeated(repeat) && begun.elapsed() + pause < self.operation_limit =>
                {
                    pause
                }
                _ => return outcome.map_err(|error| self.lost(operation, error)),
            };
            debug!("{operation}: attempt {failed} failed ({failure:?}), next in {} ms", pause.as_millis());
            sleep(pause).await;
        }
        unreachable!("attempts end")
    }

    fn lost(&self, operation: &'static str, source: reqwest::Error) -> Error {
        let server = self.server.clone();
        if source.is_timeout() {
            return Error::TimedOut { operation, server, after: self.attempt_limit };
        }
        Error::Unreachable { operation, server, source: source.without_url() }
    }
}

async fn receive(request: RequestBuilder) -> Result<Answer, reqwest::Error> {
    let response = request.send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    Ok(Answer { status, headers, body: response.bytes().await?.into() })
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The answer's content; an empty body is an empty object.
    pub(crate) fn read<T: DeserializeOwned>(&self, operation: &'static str) -> Result<T, Error> {
        if !self.status.is_success() {
            return Err(self.refusal(operation));
        }
        let body: &[u8] = if self.body.is_empty() { b"{}" } else { &self.body };
        serde_json::from_slice(body)
            .map_err(|error| Error::Unexpected { operation, reason: error.to_string() })
    }

    /// The error in a non-2xx answer. Without a readable body, the HTTP status has to do.
    pub(crate) fn refusal(&self, operation: &'static str) -> Error {
        let http_status = self.status.as_u16();
        match serde_json::from_slice::<Status>(&self.body) {
            Ok(status) if !status.message.is_empty() => {
                Error::Refused { operation, code: Some(status.code), message: status.message, http_status }
            }
            _ => Error::Refused {
                operation,
                code: None,
                message: format!("HTTP {}, and no reason that can be read", self.status),
                http_status,
            },
        }
    }
}
