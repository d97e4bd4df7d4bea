//! An OpenID provider on this machine: the documents, keys and tokens of a real one, and its strictness.
//!
//! It serves a discovery document and its keys, signs whatever tokens a test asks for, right and wrong, and logs a
//! preset user in by the authorization code flow. What a real provider refuses, it refuses: an unknown client, a
//! redirect to elsewhere, a code that was used, a wrong verifier.
//!
//! ```no_run
//! # async fn example() {
//! use serde_json::json;
//! use waybill_testkit::issuer::{Algorithm, Issuer};
//!
//! let issuer = Issuer::start().await; // http://127.0.0.1:PORT: start the registry with --egress-allow 127.0.0.1
//! let token = issuer.token(&json!({"sub": "repo:a/b", "aud": "registry"})); // iss, iat, nbf and exp are added
//! issuer.rotate(Algorithm::ES256); // what was signed before is now signed by a key that is not published any more
//! assert_eq!(issuer.key_fetches(), 0);
//! # }
//! ```

mod documents;
mod key;
mod login;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicI64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, routing};
pub use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};

pub use self::{
    key::{Key, unsigned, with_hmac},
    login::{Client, User},
};
use crate::serve::{self, Serving};

/// A running provider. Dropping it ends it.
#[derive(Debug)]
pub struct Issuer {
    state: Arc<State>,
    _serving: Serving,
}

#[derive(Debug)]
struct State {
    url: String,
    discoveries: AtomicUsize,
    key_fetches: AtomicUsize,
    /// Seconds since 1970 that tokens of logins are made at; 0: the machine's.
    now: AtomicI64,
    settings: Mutex<Settings>,
}

#[derive(Debug, Default)]
struct Settings {
    /// The last one signs.
    keys: Vec<Key>,
    n_keys: usize,
    fails: bool,
    delay: Duration,
    cache_control: Option<String>,
    /// Members that the discovery document has instead of its own; null removes one.
    discovery: Map<String, Value>,
    /// Sent instead of the key set, as it is.
    key_set: Option<String>,
    clients: Vec<Client>,
    user: Option<User>,
    /// Members that the next id tokens have instead of their own; null removes one.
    id_token: Map<String, Value>,
    grants: HashMap<String, login::Grant>,
    n_grants: usize,
}

impl Issuer {
    /// Starts a provider on `http://127.0.0.1:PORT` with an RS256 key.
    pub async fn start() -> Self {
        let (listener, address) = serve::listen().await;
        let issuer = State::new(format!("http://{address}"));
        let serving = serve::plain(listener, issuer.router());
        Self { state: issuer, _serving: serving }
    }

    /// Starts one on `https://HOST:PORT` that shows that certificate (PEM, with its key).
    pub async fn start_tls(host: &str, certificate_pem: &str, key_pem: &str) -> Self {
        let (listener, address): (_, SocketAddr) = serve::listen().await;
        let issuer = State::new(format!("https://{host}:{}", address.port()));
        let serving = serve::tls(listener, issuer.router(), certificate_pem, key_pem);
        Self { state: issuer, _serving: serving }
    }

    /// What its tokens have as `iss`.
    pub fn url(&self) -> &str {
        &self.state.url
    }

    /// A token with these claims, signed by the current key. `iss`, `iat`, `nbf` and `exp` (five minutes) are added
    /// where they are absent; a claim that is null is left out.
    pub fn token(&self, claims: &Value) -> String {
        self.token_signed_by(&self.key(), claims)
    }

    /// Like [`token`](Self::token), signed by that key, whether it is published or not.
    pub fn token_signed_by(&self, key: &Key, claims: &Value) -> String {
        key.sign(&self.claims(claims))
    }

    /// The claims that [`token`](Self::token) signs.
    pub fn claims(&self, claims: &Value) -> Value {
        let now = self.state.now();
        let own = json!({"iss": self.url(), "iat": now, "nbf": now, "exp": now + 300});
        with(own, claims.as_object().expect("claims are an object"))
    }

    /// The key that signs.
    pub fn key(&self) -> Key {
        self.state.settings().keys.last().expect("there is always a key").clone()
    }

    /// A key that nobody publishes, under the name of the current one: what a forger has.
    pub fn forged_key(&self) -> Key {
        let key = self.key();
        let forged = Key::generate(key.algorithm, &key.id, 0);
        if forged.public == key.public { Key::generate(key.algorithm, &key.id, 1) } else { forged }
    }

    /// Replaces all keys by a new one.
    pub fn rotate(&self, algorithm: Algorithm) -> Key {
        self.state.settings().keys.clear();
        self.add_key(algorithm)
    }

    /// Publishes a new key beside the others; it signs from now on.
    pub fn add_key(&self, algorithm: Algorithm) -> Key {
        let mut settings = self.state.settings();
        let n = settings.n_keys;
        settings.n_keys += 1;
        let key = Key::generate(algorithm, &format!("key-{n}"), n);
        settings.keys.push(key.clone());
        key
    }

    /// Publishes that key; it signs from now on.
    pub fn publish(&self, key: Key) {
        self.state.settings().keys.push(key);
    }

    /// How often the discovery document was asked for.
    pub fn discoveries(&self) -> usize {
        self.state.discoveries.load(Ordering::SeqCst)
    }

    /// How often the keys were asked for.
    pub fn key_fetches(&self) -> usize {
        self.state.key_fetches.load(Ordering::SeqCst)
    }

    /// Answers 503 to everything, or stops doing so.
    pub fn fail(&self, fails: bool) {
        self.state.settings().fails = fails;
    }

    /// Lets everybody wait for each answer.
    pub fn slow(&self, delay: Duration) {
        self.state.settings().delay = delay;
    }

    /// Sends that `Cache-Control` with the keys.
    pub fn cache_control(&self, value: &str) {
        self.state.settings().cache_control = Some(value.to_owned());
    }

    /// Replaces members of the discovery document, such as a wrong `issuer`; null removes one, `{}` undoes it.
    pub fn discovery(&self, members: Value) {
        self.state.settings().discovery = object(members);
    }

    /// Sends that text instead of the keys; `None`: the keys again.
    pub fn key_set(&self, text: Option<String>) {
        self.state.settings().key_set = text;
    }

    /// Makes tokens as if it were so late (seconds since 1970).
    pub fn set_time(&self, seconds: i64) {
        self.state.now.store(seconds, Ordering::SeqCst);
    }

    /// Registers an application that may log people in.
    pub fn register(&self, client: Client) {
        self.state.settings().clients.push(client);
    }

    /// Whoever comes to `/authorize` is this user; `None`: nobody, and access is denied.
    pub fn sign_in(&self, user: Option<User>) {
        self.state.settings().user = user;
    }

    /// Replaces claims of the id tokens that logins get, such as a wrong `nonce`; null removes one, `{}` undoes it.
    pub fn id_token(&self, claims: Value) {
        self.state.settings().id_token = object(claims);
    }
}

impl State {
    fn new(url: String) -> Arc<Self> {
        let settings = Settings {
            keys: vec![Key::generate(Algorithm::RS256, "key-0", 0)],
            n_keys: 1,
            ..Settings::default()
        };
        Arc::new(Self {
            url,
            discoveries: AtomicUsize::new(0),
            key_fetches: AtomicUsize::new(0),
            now: AtomicI64::new(0),
            settings: Mutex::new(settings),
        })
    }

    fn router(self: &Arc<Self>) -> Router {
        Router::new()
            .route("/.well-known/openid-configuration", routing::get(documents::discovery))
            .route("/keys", routing::get(documents::keys))
            .route("/authorize", routing::get(login::authorize))
            .route("/token", routing::post(login::token))
            .with_state(self.clone())
    }

    fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().expect("nothing panics while it holds the settings")
    }

    fn now(&self) -> i64 {
        match self.now.load(Ordering::SeqCst) {
            0 => serve::now(),
            fixed => fixed,
        }
    }
}

/// The members of `own`, replaced by those of `others`; null removes one.
fn with(own: Value, others: &Map<String, Value>) -> Value {
    let mut members = object(own);
    for (name, value) in others {
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.clone(), value.clone());
        }
    }
    Value::Object(members)
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("an object is expected, not {other}"),
    }
}
