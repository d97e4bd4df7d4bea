//! A strict registry in a few lines: it answers what a test tells it to, and records what it was asked.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    Router,
    body::{Bytes, to_bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::net::TcpListener;
use url::Url;
use waybill_client::{Backoff, Client, Config, Credentials, Endpoint, Identity, Location, Registry, Tls};

/// A running fake. It stops with the test's runtime.
#[derive(Clone)]
pub(crate) struct Fake {
    shared: Arc<Mutex<Shared>>,
    url: Url,
}

#[derive(Default)]
struct Shared {
    asked: Vec<String>,
    answers: VecDeque<Answer>,
    token_answers: VecDeque<Answer>,
    tokens_given: u32,
    /// Tokens up to this one are refused.
    revoked_up_to: u32,
}

/// What to answer.
#[derive(Clone)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
    after: Duration,
}

/// The secret is what a form-encoding must not mangle.
pub(crate) const CLIENT_ID: &str = "wb-test";
pub(crate) const CLIENT_SECRET: &str = "se:cret/+ö";

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status: StatusCode::from_u16(status).expect("a status"),
        headers: HeaderMap::new(),
        body: body.to_owned(),
        after: Duration::ZERO,
    }
}

impl Answer {
    pub(crate) fn header(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.insert(name, value.parse().expect("a header"));
        self
    }

    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.after = delay;
        self
    }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let url = Url::parse(&format!("http://{address}")).expect("an address");
        let fake = Self { shared: Arc::default(), url };
        let router = Router::new().fallback(handle).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        fake
    }

    /// Queues the next answers to operations.
    pub(crate) fn will_answer(&self, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.lock().answers.extend(answers);
        self
    }

    /// Queues answers to token requests; without any, tokens `token-1`, `token-2` and so on are given.
    pub(crate) fn will_answer_tokens(&self, answers: impl IntoIterator<Item = Answer>) -> &Self {
        self.lock().token_answers.extend(answers);
        self
    }

    /// Refuses all tokens given so far.
    pub(crate) fn revoke_tokens(&self) {
        let mut shared = self.lock();
        shared.revoked_up_to = shared.tokens_given;
    }

    /// What was asked since the last time, a line each: method, path and query, token, body.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.lock().asked)
    }

    pub(crate) fn config(&self) -> Config {
        self.config_as(Credentials::new(CLIENT_ID, CLIENT_SECRET))
    }

    pub(crate) fn config_as(&self, identity: impl Into<Identity>) -> Config {
        let endpoint = Endpoint::new(self.url.clone(), Tls::Verified);
        let mut config = Config::new(endpoint.clone(), endpoint, identity);
        "waybill-test/1".clone_into(&mut config.agent);
        config.backoff = Backoff { attempts: 3, first: Duration::from_millis(1), ..Backoff::default() };
        config
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.config()).expect("a client")
    }

    pub(crate) fn registry(&self) -> Registry {
        self.client().registry(Location { organization_id: "O".into(), project_id: "P".into() })
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().expect("no test panics with the lock")
    }

    fn decide(&self, head: &Head, body: &str) -> Answer {
        let mut shared = self.lock();
        if head.path == "/oauth2/token" && head.authorization.is_empty() {
            shared.asked.push(format!("{} {} {body}", head.method, head.path));
            return shared.next_token();
        }
        if head.path == "/oauth2/token" {
            shared.asked.push(format!("{} {}", head.method, head.path));
            return head
                .token_problem(body)
                .map_or_else(|| shared.next_token(), |problem| answer(400, &problem));
        }
        let token = head.authorization.strip_prefix("Bearer ").unwrap_or_default();
        let mut line = format!("{} {} {token}", head.method, head.path);
        if !body.is_empty() {
            write!(line, " {body}").expect("strings take every write");
        }
        shared.asked.push(line);
        if let Some(problem) = head.problem(body) {
            return answer(400, &format!(r#"{{"code": 3, "message": "{problem}"}}"#));
        }
        let number: u32 = token.strip_prefix("token-").and_then(|n| n.parse().ok()).unwrap_or_default();
        if number <= shared.revoked_up_to {
            return answer(401, r#"{"code": 16, "message": "the token was revoked"}"#);
        }
        shared
            .answers
            .pop_front()
            .unwrap_or_else(|| answer(500, r#"{"code": 13, "message": "nothing queued"}"#))
    }
}

impl Shared {
    fn next_token(&mut self) -> Answer {
        self.token_answers.pop_front().unwrap_or_else(|| {
            self.tokens_given += 1;
            let token = self.tokens_given;
            answer(
                200,
                &format!(r#"{{"access_token":"token-{token}","token_type":"bearer","expires_in":3600}}"#),
            )
        })
    }
}

/// What the fake looks at, apart from the body.
struct Head {
    method: String,
    path: String,
    authorization: String,
    headers: HeaderMap,
}

impl Head {
    /// What is wrong with a token request.
    fn token_problem(&self, body: &str) -> Option<String> {
        let basic = self.authorization.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok());
        let expected = format!("{CLIENT_ID}:se%3Acret%2F%2B%C3%B6");
        if basic != Some(expected.into_bytes()) {
            return Some("wrong Basic".to_owned());
        }
        let wanted = "audience=https%3A%2F%2Fapi.hashicorp.cloud&grant_type=client_credentials";
        (self.method != "POST" || body != wanted).then(|| format!("wrong form: {body}"))
    }

    /// What is wrong with a request to the API.
    fn problem(&self, body: &str) -> Option<&'static str> {
        let is = |name: &str, value: &str| self.headers.get(name).is_some_and(|found| found == value);
        if !is("accept", "application/json") || !is("x-hcp-source-channel", "waybill-test/1") {
            return Some("wrong headers");
        }
        (!body.is_empty() && !is("content-type", "application/json")).then_some("a body without its type")
    }
}

async fn handle(State(fake): State<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap_or_else(|_| Bytes::new());
    let head = Head {
        method: parts.method.to_string(),
        path: parts.uri.to_string(),
        authorization: text(&parts.headers, "authorization"),
        headers: parts.headers,
    };
    let answer = fake.decide(&head, &String::from_utf8_lossy(&body));
    tokio::time::sleep(answer.after).await;
    let json = [(header::CONTENT_TYPE, "application/json")];
    (answer.status, json, answer.headers, answer.body).into_response()
}

fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}
