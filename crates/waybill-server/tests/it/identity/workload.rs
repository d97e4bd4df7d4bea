//! The exchange of a workload's own token for an access token: what is taken, what is refused, and what a refusal
//! says to whom.

mod aws;
mod refusals;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use waybill_server::{clock::Clock, egress::EgressOptions, jobs};
use waybill_testkit::{
    Answer, Api,
    issuer::{Algorithm, Issuer},
    postgres,
};

use super::{WHOAMI, audited};
use crate::{running::Registry, trail::trail};

const BOT: &str = "/2019-12-10/iam/project/{project_id}/service-principal/bot";

/// A registry that trusts an issuer with the tokens of one branch: they stand for `bot`, a viewer of the project.
struct Stage {
    registry: Registry,
    owner: Api,
    issuer: Issuer,
    /// The provider's resource name.
    name: String,
}

impl Stage {
    async fn set() -> Self {
        Self::set_with(Duration::from_mins(10)).await
    }

    async fn set_with(reuse: Duration) -> Self {
        let registry = Registry::start_configured(|config| {
            config.egress = reaching();
            config.workload_token_reuse = reuse;
        })
        .await;
        let (owner, issuer) = (registry.api().await, Issuer::start().await);
        issuer.set_time(registry.clock.now().as_second());
        owner.create_principal("bot", "viewer", waybill_testkit::Scope::Project).await;
        let name = provider(&owner, "the-ci", oidc(&issuer, &["waybill"])).await;
        Self { registry, owner, issuer, name }
    }

    /// A token as the issuer makes it for a job on the branch, with other claims where they are given.
    fn token(&self, claims: &Value) -> String {
        self.issuer.token(&job(claims))
    }

    async fn exchange(&self, token: &str) -> Answer {
        exchange(&self.registry, &self.name, token).await
    }

    /// The caller that a token is exchanged for.
    async fn caller(&self, token: &str) -> Api {
        caller(&self.registry, &self.exchange(token).await)
    }

    fn advance(&self, duration: Duration) {
        self.registry.clock.advance(duration);
        self.issuer.set_time(self.now());
    }

    fn now(&self) -> i64 {
        self.registry.clock.now().as_second()
    }

    async fn metric(&self, outcome: &str) -> u64 {
        let text = self.registry.nobody().get("/metrics").await.text().into_owned();
        let line = format!("waybill_exchanges_total{{outcome=\"{outcome}\"}} ");
        let value = text.lines().find_map(|text| text.strip_prefix(&line)).expect("the metric is there");
        value.parse().expect("a number")
    }
}

/// Egress to this machine, where the fakes are.
fn reaching() -> EgressOptions {
    EgressOptions { allow: vec!["127.0.0.1".parse().expect("an address")], ..EgressOptions::default() }
}

/// The claims of a job, with others where they are given.
fn job(claims: &Value) -> Value {
    let mut all = json!({
        "aud": "waybill",
        "sub": "repo:example/images:ref:refs/heads/main",
        "ref": "refs/heads/main",
        "run": {"number": 7},
    });
    for (name, value) in claims.as_object().expect("claims") {
        all[name] = value.clone();
    }
    all
}

fn oidc(issuer: &Issuer, audiences: &[&str]) -> Value {
    json!({
        "conditional_access": "jwt_claims.ref == `refs/heads/main` and jwt_claims.run.number == 7",
        "oidc_config": {"issuer_uri": issuer.url(), "allowed_audiences": audiences},
    })
}

/// Makes a provider of `bot` and tells its resource name.
async fn provider(owner: &Api, name: &str, provider: Value) -> String {
    let body = json!({ "name": name, "provider": provider });
    let made = owner.post(&format!("{BOT}/workload-identity-providers"), body).await.ok();
    made["provider"]["resource_name"].as_str().expect("a name").to_owned()
}

/// As the SDK sends it: the slashes as they are, no token.
async fn exchange(registry: &Registry, name: &str, token: &str) -> Answer {
    registry.nobody().post(&format!("/2019-12-10/{name}/exchange-token"), json!({ "jwt_token": token })).await
}

fn caller(registry: &Registry, answer: &Answer) -> Api {
    registry.nobody().with_token(answer.ok()["access_token"].as_str())
}

#[tokio::test]
async fn a_job_s_token_becomes_its_principal_s() {
    let stage = Stage::set().await;
    let answer = stage.exchange(&stage.token(&json!({}))).await;
    let token = answer.ok();
    assert_eq!(token.as_object().map(serde_json::Map::len), Some(2), "{answer:?}");
    assert_eq!(token["expires_in"], 3600);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let bot = caller(&stage.registry, &answer);
    let me = bot.get(WHOAMI).await.ok();
    assert_eq!(me["principal"]["name"], "bot");
    assert_eq!(me["roles"], json!([{"role": "viewer", "project_id": stage.owner.project_id()}]));
    // Its roles, and no more.
    bot.get("buckets").await.ok();
    bot.put("buckets", json!({"name": "ubuntu"})).await.fails(403, 7);
    bot.get(&format!("/2019-12-10/{}", stage.name)).await.fails(403, 7);
    stage.owner.create_bucket("ubuntu").await;
    bot.get("buckets/ubuntu").await.ok();

    // The whole name as one segment, and a token that came out of a file.
    let encoded = format!("/2019-12-10/{}/exchange-token", stage.name.replace('/', "%2F"));
    let token = format!("{}\n", stage.token(&json!({"jti": "second"})));
    stage.registry.nobody().post(&encoded, json!({"jwt_token": token})).await.ok();
    assert_eq!(stage.metric("accepted").await, 2);
}

#[tokio::test]
async fn each_token_is_recorded_once() {
    let stage = Stage::set().await;
    let token = stage.token(&json!({}));
    stage.exchange(&token).await.ok();
    stage.exchange(&token).await.ok();
    stage.exchange("nonsense").await.fails(401, 16);
    let rows = audited(&stage.registry).await;
    let logins: Vec<_> = rows.iter().filter(|row| row.contains("principal.login")).collect();
    let who = json!({"issuer": stage.issuer.url(), "subject": "repo:example/images:ref:refs/heads/main"});
    assert_eq!(logins, [&format!("bot principal.login {} {who}", stage.name)]);
    let login = trail(&stage.registry).await.into_iter().find(|row| row.action == "principal.login");
    let found = stage.owner.get(&format!("/2019-12-10/{}", stage.name)).await.ok();
    assert_eq!(login.and_then(|row| row.credential).as_deref(), found["provider"]["resource_id"].as_str());
    let signature = token.rsplit('.').next().expect("a signature");
    assert!(rows.iter().all(|row| !row.contains(signature)), "no token is recorded");
}

#[tokio::test]
async fn without_audiences_the_name_is_the_audience() {
    let stage = Stage::set().await;
    let name = provider(&stage.owner, "own-name", oidc(&stage.issuer, &[])).await;
    let token = |audience: &str| stage.token(&json!({ "aud": audience }));
    exchange(&stage.registry, &name, &token(&name)).await.ok();
    exchange(&stage.registry, &name, &token("waybill")).await.fails(401, 16);
    stage.exchange(&token(&name)).await.fails(401, 16);
    let several = provider(&stage.owner, "several", oidc(&stage.issuer, &["one", "two"])).await;
    for good in [json!("two"), json!(["three", "one"])] {
        exchange(&stage.registry, &several, &stage.token(&json!({ "aud": good }))).await.ok();
    }
    exchange(&stage.registry, &several, &stage.token(&json!({"aud": ["three"]}))).await.fails(401, 16);
}

#[tokio::test]
async fn an_issuer_may_change_its_keys() {
    let stage = Stage::set().await;
    stage.exchange(&stage.token(&json!({}))).await.ok();
    for algorithm in [Algorithm::ES256, Algorithm::RS512, Algorithm::EdDSA] {
        stage.issuer.rotate(algorithm);
        // A registry asks for unknown keys now and then, not for everybody who sends one.
        stage.advance(Duration::from_mins(2));
        stage.exchange(&stage.token(&json!({}))).await.ok();
    }
}

#[tokio::test]
async fn what_comes_of_a_provider_ends_with_it() {
    let stage = Stage::set().await;
    let other = provider(&stage.owner, "other", oidc(&stage.issuer, &["waybill"])).await;
    let token = stage.token(&json!({}));
    let (bot, by_other) = (stage.caller(&token).await, exchange(&stage.registry, &other, &token).await);
    let by_other = caller(&stage.registry, &by_other);
    bot.get("buckets").await.ok();
    stage.owner.delete(&format!("/2019-12-10/{}", stage.name)).await.ok();
    for path in ["buckets", WHOAMI, "/iam/2019-12-10/caller-identity"] {
        let message = bot.get(path).await.fails(401, 16);
        assert!(message.contains("was deleted"), "{message}");
    }
    stage.exchange(&token).await.fails(401, 16);
    by_other.get("buckets").await.ok();

    // A new one under the old name does not bring the old tokens back.
    assert_eq!(provider(&stage.owner, "the-ci", oidc(&stage.issuer, &["waybill"])).await, stage.name);
    bot.get("buckets").await.fails(401, 16);
    let again = stage.caller(&token).await;
    again.get("buckets").await.ok();

    stage.owner.delete(BOT).await.ok();
    for caller in [&again, &by_other] {
        caller.get("buckets").await.fails(401, 16);
    }
    stage.exchange(&token).await.fails(401, 16);
}

#[tokio::test]
async fn a_workload_does_not_delete_its_own_way_in() {
    let stage = Stage::set().await;
    let path = "/resource-manager/2019-12-10/projects/{project_id}/iam-policy";
    let id = stage.caller(&stage.token(&json!({}))).await.get(WHOAMI).await.ok()["principal"]["id"].clone();
    let etag = stage.owner.get(path).await.ok()["policy"]["etag"].clone();
    let bindings = json!([{"role_id": "roles/admin", "members": [{"member_id": id, "member_type": "SERVICE_PRINCIPAL"}]}]);
    stage.owner.put(path, json!({"policy": {"bindings": bindings, "etag": etag}})).await.ok();
    let admin = stage.caller(&stage.token(&json!({"jti": "2"}))).await;
    let message = admin.delete(&format!("/2019-12-10/{}", stage.name)).await.fails(400, 9);
    assert!(message.contains("log in another way"), "{message}");
    let other = provider(&admin, "other", oidc(&stage.issuer, &["waybill"])).await;
    admin.delete(&format!("/2019-12-10/{other}")).await.ok();
}

#[tokio::test]
async fn a_token_is_exchanged_again_for_a_while() {
    let stage = Stage::set().await;
    let hour = stage.now() + 3600;
    let token = stage.token(&json!({ "exp": hour }));
    for _ in 0..3 {
        stage.caller(&token).await.get(WHOAMI).await.ok();
        stage.advance(Duration::from_secs(199));
    }
    stage.advance(Duration::from_secs(3));
    let message = stage.exchange(&token).await.fails(401, 16);
    assert!(message.contains("was exchanged at 2027-01-15T08:00:00Z already"), "{message}");
    assert!(message.contains("get a new one") && message.contains("--workload-token-reuse"), "{message}");
    assert_eq!(stage.metric("repeated").await, 1);
    stage.exchange(&stage.token(&json!({ "exp": hour }))).await.ok();

    // It counts from the first time on, over restarts too, and is forgotten when nobody takes it any more.
    let app = stage.registry.server.app();
    assert_eq!(jobs::forget_expired_tokens(app).await.expect("it works"), 0);
    stage.advance(Duration::from_hours(2));
    stage.exchange(&token).await.fails(401, 16);
    stage.advance(Duration::from_mins(1));
    assert_eq!(jobs::forget_expired_tokens(app).await.expect("it works"), 2);
    assert_eq!(jobs::forget_expired_tokens(app).await.expect("it works"), 0);
}

#[tokio::test]
async fn once_is_once() {
    let stage = Stage::set_with(Duration::ZERO).await;
    let token = stage.token(&json!({}));
    stage.exchange(&token).await.ok();
    let message = stage.exchange(&token).await.fails(401, 16);
    assert!(message.contains("takes a token once"), "{message}");
    // However its signature is written.
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    stage.exchange(&format!("{signed}.{signature}=")).await.fails(401, 16);
    stage.exchange(&stage.token(&json!({"jti": "2"}))).await.ok();
}

#[tokio::test]
async fn many_jobs_come_at_once() {
    let stage = Stage::set().await;
    let token = stage.token(&json!({}));
    let answers = futures_util::future::join_all((0..40).map(|_| stage.exchange(&token))).await;
    for answer in answers {
        answer.ok();
    }
    assert_eq!(stage.issuer.key_fetches(), 1, "the keys are fetched once");
    let logins = audited(&stage.registry).await.into_iter().filter(|row| row.contains("principal.login"));
    assert_eq!(logins.count(), 1);
}

/// Sends one token many times at once, to each of some servers of one registry; tells how many were let in.
async fn race(servers: &[Api], name: &str, token: &str) -> usize {
    let path = format!("/2019-12-10/{name}/exchange-token");
    let exchange = async |server: &Api| server.post(&path, json!({ "jwt_token": token })).await;
    let exchanges = servers.iter().flat_map(|server| (0..10).map(|_| exchange(server)));
    let answers = futures_util::future::join_all(exchanges).await;
    for answer in answers.iter().filter(|answer| answer.status() != 200) {
        answer.fails(401, 16);
    }
    answers.iter().filter(|answer| answer.status() == 200).count()
}

#[tokio::test]
async fn once_is_once_for_all_who_come_at_the_same_time() {
    let stage = Stage::set_with(Duration::ZERO).await;
    assert_eq!(race(&[stage.registry.nobody()], &stage.name, &stage.token(&json!({}))).await, 1);
}

#[tokio::test]
async fn once_is_once_on_all_servers() {
    let database = postgres::database();
    let start = || {
        Registry::start_configured(|config| {
            config.database = Some(database.url());
            config.egress = reaching();
            config.workload_token_reuse = Duration::ZERO;
        })
    };
    let one = start().await;
    let (owner, issuer) = (one.api().await, Issuer::start().await);
    issuer.set_time(one.clock.now().as_second());
    owner.create_principal("bot", "viewer", waybill_testkit::Scope::Project).await;
    let name = provider(&owner, "the-ci", oidc(&issuer, &["waybill"])).await;
    let two = start().await;
    let at_two = one.nobody().at(&format!("http://{}", two.server.address()));
    assert_eq!(race(&[one.nobody(), at_two], &name, &issuer.token(&job(&json!({})))).await, 1);
    // Where it was deleted does not matter.
    let token = issuer.token(&job(&json!({"jti": "2"})));
    let bot = caller(&one, &exchange(&one, &name, &token).await);
    let at_two = bot.at(&format!("http://{}", two.server.address()));
    at_two.get("buckets").await.ok();
    owner.delete(&format!("/2019-12-10/{name}")).await.ok();
    at_two.get("buckets").await.fails(401, 16);
}

#[tokio::test]
async fn a_provider_that_is_changed_meanwhile_does_not_let_anybody_in() {
    let stage = Stage::set().await;
    let token = stage.token(&json!({}));
    stage.issuer.slow(Duration::from_millis(300));
    let change = async {
        while stage.issuer.discoveries() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let mut closed = oidc(&stage.issuer, &["waybill"]);
        closed["conditional_access"] = json!("jwt_claims.ref == `nothing`");
        stage.owner.patch(&format!("/2019-12-10/{}", stage.name), closed).await.ok();
    };
    let (answer, ()) = tokio::join!(stage.exchange(&token), change);
    answer.fails(401, 16);
}

/// A time as a message has it.
fn shown(seconds: i64) -> String {
    Timestamp::from_second(seconds).expect("a time").to_string()
}
