//! AWS's Security Token Service on this machine: `GetCallerIdentity`, for requests whose signature is really checked.
//!
//! It knows a few identities with their secrets, computes the signature of each request again (Signature Version 4,
//! as AWS documents it) and answers what AWS answers, in XML or, when `Accept` asks for it, in JSON. [`sign`] makes
//! the requests that clients send.
//!
//! A request names the real service in its `Host`, which is signed; it only arrives here.

pub(crate) mod signature;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use self::signature::Request;
use crate::serve::{self, Serving};

/// A running service. Dropping it ends it.
#[derive(Debug)]
pub struct Sts {
    url: String,
    state: Arc<State>,
    _serving: Serving,
}

/// Somebody whom AWS knows.
#[derive(Clone, Debug)]
pub struct Identity {
    pub access_key: String,
    pub secret: String,
    /// Of temporary credentials, which roles have.
    pub session_token: Option<String>,
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

/// A request that was signed and not sent: what a client gives to somebody who shall ask AWS who it is.
#[derive(Clone, Debug)]
pub struct Signed {
    pub method: String,
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

/// How to sign; [`Signing::new`] is what clients usually do.
#[derive(Clone, Debug)]
pub struct Signing {
    pub method: String,
    pub region: String,
    pub host: String,
    /// Raw, as it stands in the URL.
    pub query: String,
    pub body: String,
    /// Headers that are signed besides `host`, the date and the session token.
    pub signed: BTreeMap<String, String>,
    /// Seconds since 1970.
    pub at: i64,
}

#[derive(Debug)]
struct State {
    calls: AtomicUsize,
    now: AtomicI64,
    settings: Mutex<Settings>,
}

#[derive(Debug, Default)]
struct Settings {
    identities: Vec<Identity>,
    fails: bool,
    answer: Option<String>,
}

/// The header that binds a signed request to the provider of workload identities it was made for.
pub const PROVIDER_HEADER: &str = "x-hcp-workload-identity-provider";

const GET_CALLER_IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";
/// How far the date of a request may be from now.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

impl Sts {
    pub async fn start() -> Self {
        let (listener, address) = serve::listen().await;
        let state = Arc::new(State {
            calls: AtomicUsize::new(0),
            now: AtomicI64::new(0),
            settings: Mutex::new(Settings::default()),
        });
        let router = Router::new().fallback(answer).with_state(state.clone());
        Self { url: format!("http://{address}"), state, _serving: serve::plain(listener, router) }
    }

    /// Where it answers: what `--aws-sts-url` is given.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes somebody known.
    pub fn add(&self, identity: &Identity) {
        self.state.settings().identities.push(identity.clone());
    }

    /// How many requests have arrived.
    pub fn calls(&self) -> usize {
        self.state.calls.load(Ordering::SeqCst)
    }

    /// Answers 503 to everything, or stops doing so.
    pub fn fail(&self, fails: bool) {
        self.state.settings().fails = fails;
    }

    /// Answers that text to every request that is right; `None`: who it is, again.
    pub fn answer(&self, text: Option<&str>) {
        self.state.settings().answer = text.map(str::to_owned);
    }

    /// Judges requests as if it were so late (seconds since 1970).
    pub fn set_time(&self, seconds: i64) {
        self.state.now.store(seconds, Ordering::SeqCst);
    }
}

impl Identity {
    /// A user of that account with a key of his own.
    pub fn user(account: &str, name: &str) -> Self {
        Self {
            access_key: format!("AKIA{}", name.to_uppercase()),
            secret: format!("secret-of-{name}"),
            session_token: None,
            account: account.to_owned(),
            arn: format!("arn:aws:iam::{account}:user/{name}"),
            user_id: format!("AIDA{}", name.to_uppercase()),
        }
    }

    /// A session of a role of that account, with temporary credentials.
    pub fn role(account: &str, role: &str, session: &str) -> Self {
        Self {
            access_key: format!("ASIA{}", role.to_uppercase()),
            secret: format!("secret-of-{role}"),
            session_token: Some(format!("session-token/of+{role}==")),
            account: account.to_owned(),
            arn: format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"),
            user_id: format!("AROA{}:{session}", role.to_uppercase()),
        }
    }
}

impl Signing {
    /// As the SDKs of HCP sign: a POST with everything in the URL, and the provider's name among the headers.
    pub fn new(region: &str, provider: &str) -> Self {
        Self {
            method: "POST".to_owned(),
            region: region.to_owned(),
            host: format!("sts.{region}.amazonaws.com"),
            query: GET_CALLER_IDENTITY.to_owned(),
            body: String::new(),
            signed: [(PROVIDER_HEADER.to_owned(), provider.to_owned())].into(),
            at: serve::now(),
        }
    }

    /// Puts action and version into the body instead, as a form.
    #[must_use]
    pub fn in_body(mut self) -> Self {
        self.body = std::mem::take(&mut self.query);
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        self.signed.insert("content-type".to_owned(), form.to_owned());
        self
    }
}

impl Signed {
    /// The member `aws_get_caller_id_token` of a request for a token.
    pub fn json(&self) -> Value {
        json!({"method": self.method, "url": self.url, "headers": self.headers, "body": self.body})
    }
}

/// Signs a request with somebody's credentials.
pub fn sign(identity: &Identity, signing: &Signing) -> Signed {
    let at = Timestamp::from_second(signing.at).expect("a time that can be");
    let time = at.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut headers = signing.signed.clone();
    headers.insert("x-amz-date".to_owned(), time.clone());
    if let Some(token) = &identity.session_token {
        headers.insert("x-amz-security-token".to_owned(), token.clone());
    }
    let mut signed = headers.clone();
    signed.insert("host".to_owned(), signing.host.clone());
    let scope = format!("{}/{}/sts/aws4_request", &time[..8], signing.region);
    let request = Request {
        method: &signing.method,
        path: "/",
        query: &signing.query,
        headers: &signed,
        body: signing.body.as_bytes(),
    };
    let signature = signature::of(&request, &time, &scope, &identity.secret);
    let names: Vec<&str> = signed.keys().map(String::as_str).collect();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
        identity.access_key,
        names.join(";")
    );
    headers.insert("Authorization".to_owned(), authorization);
    let separator = if signing.query.is_empty() { "" } else { "?" };
    Signed {
        method: signing.method.clone(),
        url: format!("https://{}{separator}{}", signing.host, signing.query),
        headers,
        body: signing.body.clone(),
    }
}

impl State {
    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().expect("nothing panics while it holds the settings")
    }

    fn now(&self) -> Timestamp {
        let seconds = match self.now.load(Ordering::SeqCst) {
            0 => serve::now(),
            fixed => fixed,
        };
        Timestamp::from_second(seconds).expect("a time that can be")
    }
}

async fn answer(
    extract::State(sts): extract::State<Arc<State>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    sts.calls.fetch_add(1, Ordering::SeqCst);
    let now = sts.now();
    let settings = sts.settings();
    if settings.fails {
        return refusal(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", "try again");
    }
    let identity = match judge(&settings.identities, now, &method, &uri, &headers, &body) {
        Ok(identity) => identity,
        Err((status, code, message)) => return refusal(status, code, &message),
    };
    let wants_json = headers.get(header::ACCEPT).is_some_and(|accept| accept == "application/json");
    let Identity { account, arn, user_id, .. } = identity;
    let (kind, text) = if wants_json {
        let answer = json!({"GetCallerIdentityResponse": {
            "GetCallerIdentityResult": {"Account": account, "Arn": arn, "UserId": user_id},
            "ResponseMetadata": {"RequestId": "01234567-89ab-cdef-0123-456789abcdef"},
        }});
        ("application/json", answer.to_string())
    } else {
        let answer = format!(
            "<GetCallerIdentityResponse xmlns=\"{NAMESPACE}\">\n  <GetCallerIdentityResult>\n    <Arn>{arn}</Arn>\n    \
             <UserId>{user_id}</UserId>\n    <Account>{account}</Account>\n  </GetCallerIdentityResult>\n  \
             <ResponseMetadata>\n    <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>\n  \
             </ResponseMetadata>\n</GetCallerIdentityResponse>\n"
        );
        ("text/xml", answer)
    };
    ([(header::CONTENT_TYPE, kind)], settings.answer.clone().unwrap_or(text)).into_response()
}

type Refused = (StatusCode, &'static str, String);

fn judge<'a>(
    identities: &'a [Identity],
    now: Timestamp,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<&'a Identity, Refused> {
    let bad = |code, message: &str| Err((StatusCode::BAD_REQUEST, code, message.to_owned()));
    let denied = |code, message: &str| Err((StatusCode::FORBIDDEN, code, message.to_owned()));
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let Some(authorization) = header("authorization").strip_prefix("AWS4-HMAC-SHA256 ") else {
        return denied("MissingAuthenticationToken", "Request is missing Authentication Token");
    };
    let part = |name: &str| {
        let mut parts = authorization.split(',').map(str::trim);
        parts.find_map(|part| part.strip_prefix(name)?.strip_prefix('=')).unwrap_or("")
    };
    let Some((access_key, scope)) = part("Credential").split_once('/') else {
        return bad("IncompleteSignature", "Credential must have a scope");
    };
    let [date, region, "sts", "aws4_request"] = scope.split('/').collect::<Vec<_>>()[..] else {
        return denied("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sts'.");
    };
    if !is_host_of(header("host"), region) {
        return denied("SignatureDoesNotMatch", "Credential should be scoped to a valid region.");
    }
    let names: Vec<&str> = part("SignedHeaders").split(';').collect();
    let must_be_signed = |name: &str| name == "host" || name.starts_with("x-amz-");
    if !names.contains(&"host")
        || headers.keys().any(|name| must_be_signed(name.as_str()) && !names.contains(&name.as_str()))
    {
        return denied("SignatureDoesNotMatch", "'Host' and all 'X-Amz-' headers must be 'SignedHeaders'.");
    }
    let time = header("x-amz-date");
    let Some(stamp) = time.parse::<Timestamp>().ok().filter(|_| time.len() == 16 && time.ends_with('Z'))
    else {
        return bad("IncompleteSignature", "Date must be in ISO-8601 'basic format'.");
    };
    if !time.starts_with(date) || WINDOW < stamp.duration_since(now).abs() {
        return denied("SignatureDoesNotMatch", &format!("Signature expired: {time} is too far from {now}"));
    }
    let Some(identity) = identities.iter().find(|identity| identity.access_key == access_key) else {
        return denied("InvalidClientTokenId", "The security token included in the request is invalid.");
    };
    if header("x-amz-security-token") != identity.session_token.as_deref().unwrap_or("") {
        return denied("InvalidClientTokenId", "The security token included in the request is invalid.");
    }
    let signed = names.iter().map(|&name| (name.to_owned(), header(name).to_owned())).collect();
    let query = uri.query().unwrap_or("");
    let request = Request { method: method.as_str(), path: uri.path(), query, headers: &signed, body };
    if part("Signature") != signature::of(&request, time, scope, &identity.secret) {
        return denied(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    let parameters =
        if body.is_empty() { query.to_owned() } else { String::from_utf8_lossy(body).into_owned() };
    let mut parameters: Vec<&str> = parameters.split('&').collect();
    parameters.sort_unstable();
    if parameters.join("&") != GET_CALLER_IDENTITY {
        return bad("InvalidAction", "Could not find operation for version 2011-06-15");
    }
    Ok(identity)
}

/// The global host is that of us-east-1.
fn is_host_of(host: &str, region: &str) -> bool {
    match host {
        "sts.amazonaws.com" => region == "us-east-1",
        host => ["sts", "sts-fips"].iter().any(|service| {
            let base = format!("{service}.{region}.amazonaws.com");
            host == base || host == format!("{base}.cn")
        }),
    }
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let text = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  <Error>\n    <Type>Sender</Type>\n    <Code>{code}</Code>\n    \
         <Message>{message}</Message>\n  </Error>\n  <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId>\n\
         </ErrorResponse>\n"
    );
    (status, [(header::CONTENT_TYPE, "text/xml")], text).into_response()
}
