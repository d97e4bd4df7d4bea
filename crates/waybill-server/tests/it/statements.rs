//! What a list costs: a number of statements that does not grow with the page.
//!
//! The registry of these tests has one reader thread, where a subscriber of its own counts what the store tells the
//! log of.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tracing::{Event, Metadata, Subscriber, span, subscriber::set_default};
use waybill_store::{Error, Tx};
use waybill_testkit::Api;

use crate::running::Registry;

const MANY: usize = 30;

/// Every statement that one thread sends.
#[derive(Clone, Default)]
struct Statements(Arc<Mutex<Vec<String>>>);

impl Statements {
    /// Listens to the only reader of a registry, for as long as that lives.
    async fn of(registry: &Registry) -> Self {
        let statements = Self::default();
        let listener = statements.clone();
        registry.server.app().store.read(move |tx| listener.listen(tx)).await.expect("reading works");
        statements
    }

    /// Listens to the only writer of a registry, for as long as that lives.
    async fn of_writer(registry: &Registry) -> Self {
        let statements = Self::default();
        let listener = statements.clone();
        registry.server.app().store.write(move |tx| listener.listen(tx)).await.expect("writing works");
        statements
    }

    /// Listens to this thread.
    fn listen(&self, tx: &mut Tx<'_>) -> Result<(), Error> {
        // The listener belongs to the thread and ends with it.
        std::mem::forget(set_default(self.clone()));
        // Whether anybody listens is remembered per log statement, and the first thread that comes by decides,
        // which may be one where nobody does.
        while self.take().is_empty() {
            tracing::callsite::rebuild_interest_cache();
            tx.first_organization()?;
        }
        Ok(())
    }

    /// How many statements a request needs.
    async fn count(&self, api: &Api, ask: &Ask, items: usize) -> usize {
        self.take();
        let answer = match ask {
            Ask::Get(path, _) => api.get(path).await.ok(),
            Ask::Search(path, identifier) => {
                api.post(path, json!({ "external_identifier": identifier })).await.ok()
            }
        };
        let statements = self.take();
        assert_eq!(answer[ask.member()].as_array().map(Vec::len), Some(items), "{ask:?}: {answer}");
        assert!(!statements.is_empty(), "nobody listens");
        statements.len()
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "waybill_store::statement"
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = String::new();
        event.record(&mut |_: &tracing::field::Field, value: &dyn std::fmt::Debug| {
            text = format!("{value:?}");
        });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// A list that is asked for: its path, and the member of the answer that it is in, or what is searched for.
#[derive(Clone, Debug)]
enum Ask {
    Get(String, &'static str),
    Search(String, &'static str),
}

impl Ask {
    fn get(path: &str, member: &'static str) -> Self {
        Self::Get(path.to_owned(), member)
    }

    fn member(&self) -> &'static str {
        match self {
            Self::Get(_, member) => member,
            Self::Search(..) => "artifacts",
        }
    }
}

/// A version with two builds, made from others, which shares an artifact's identifier with all others.
async fn made_from(api: &Api, bucket: &str, fingerprint: &str, parents: &[&Value]) -> Value {
    api.create_version(bucket, fingerprint).await;
    let path = format!("buckets/{bucket}/versions/{fingerprint}");
    for (number, parent) in parents.iter().enumerate() {
        // The version is complete when all its builds are done: the first one waits for the others.
        let status = if number == 0 && parents.len() > 1 { "BUILD_RUNNING" } else { "BUILD_DONE" };
        let body = json!({
            "component_type": format!("null.{number}"), "status": status, "platform": "null",
            "parent_version_id": parent, "artifacts": [{"external_identifier": "shared", "region": "here"}],
        });
        let build = api.post(&format!("{path}/builds"), body).await.ok();
        if number + 1 == parents.len() && number > 0 {
            let first = api.get(&format!("{path}/builds")).await.ok()["builds"][0]["id"].clone();
            let first = first.as_str().unwrap_or_else(|| panic!("no id: {build}")).to_owned();
            api.patch(&format!("{path}/builds/{first}"), json!({ "status": "BUILD_DONE" })).await.ok();
        }
    }
    let version = api.get(&path).await.ok()["version"].clone();
    assert_eq!(version["parents"]["status"], "UP_TO_DATE", "{version}");
    version["id"].clone()
}

/// `base` with one version; a line of buckets `kid-…`, each made from the one before and from `base`; and buckets with
/// a few or many versions, channels and assignments.
async fn populate(api: &Api) {
    api.create_bucket("base").await;
    let base = api.publish("base", "base", &["null.base"]).await["id"].clone();
    let mut before = base.clone();
    for number in 0..MANY {
        let kid = format!("kid-{number:02}");
        api.create_bucket(&kid).await;
        before = made_from(api, &kid, &kid, &[&before, &base]).await;
    }
    api.create_bucket("last").await;
    made_from(api, "last", "last", &[&before]).await;
    for (bucket, size) in [("few", 2), ("many", MANY - 1)] {
        api.create_bucket(bucket).await;
        api.post(&format!("buckets/{bucket}/channels"), json!({ "name": "moving" })).await.ok();
        for number in 0..=size {
            let fingerprint = format!("{bucket}-{number:02}");
            made_from(api, bucket, &fingerprint, &[&base]).await;
            let points = json!({ "version_fingerprint": fingerprint, "update_mask": "versionFingerprint" });
            api.patch(&format!("buckets/{bucket}/channels/moving"), points).await.ok();
            if number + 1 < size {
                let channel = json!({ "name": fingerprint, "version_fingerprint": fingerprint });
                api.post(&format!("buckets/{bucket}/channels"), channel).await.ok();
            }
        }
    }
    // All but the parents inherit this one, and stay valid for the time being.
    let schedule = json!({ "revoke_in": "3600s" });
    api.patch("buckets/base/versions/base", schedule).await.ok();
}

#[tokio::test]
async fn a_list_needs_as_many_statements_for_a_large_page_as_for_a_small_one() {
    let registry = Registry::start_configured(|config| config.store.readers = 1).await;
    let api = registry.api().await;
    populate(&api).await;
    let statements = Statements::of(&registry).await;
    let page = |path: &str, member: &'static str| {
        [3, MANY].map(|size| Ask::get(&format!("{path}pagination.page_size={size}"), member))
    };
    let search = [3, MANY]
        .map(|size| Ask::Search(format!("_search/external_artifact?pagination.page_size={size}"), "shared"));
    let lists = [
        (page("buckets?sorting.order_by=name%20desc&", "buckets"), [3, MANY]),
        (page("buckets/many/versions?", "versions"), [3, MANY]),
        (page("buckets/many/channels/moving/history?", "history"), [3, MANY]),
        (["few", "many"].map(|name| Ask::get(&format!("buckets/{name}/channels"), "channels")), [3, MANY]),
        (
            ["kid-00", "base"].map(|name| {
                Ask::get(&format!("buckets/{name}/ancestry?type=ANCESTRY_TYPE_CHILDREN"), "relations")
            }),
            [1, MANY + 2],
        ),
        (search, [3, MANY]),
    ];
    let mut different = Vec::new();
    for ([small, large], [few, many]) in lists {
        let counts = [statements.count(&api, &small, few).await, statements.count(&api, &large, many).await];
        if counts[0] != counts[1] {
            different.push(format!("{counts:?} statements for {large:?}"));
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[tokio::test]
async fn a_policy_looks_each_principal_up_once() {
    let registry = Registry::start().await;
    let owner = registry.api().await;
    let statements = Statements::of_writer(&registry).await;
    let me = owner.get("/api/v1/whoami").await.ok()["principal"]["id"].clone();
    let mut counts = Vec::new();
    for n_times in [1, 500] {
        let member = json!({ "member_id": me, "member_type": "SERVICE_PRINCIPAL" });
        let binding = json!({ "role_id": "roles/owner", "members": vec![member; n_times] });
        statements.take();
        let path = "/resource-manager/2019-12-10/organizations/{organization_id}/iam-policy";
        owner.put(path, json!({ "policy": { "bindings": [binding] } })).await.ok();
        counts.push(statements.take().len());
    }
    assert!(0 < counts[0] && counts[0] == counts[1], "{counts:?}");
}

/// What is asked most often: who asks, the channel with its version, the builds with their artifacts.
#[tokio::test]
async fn a_channel_is_resolved_by_three_statements() {
    let registry = Registry::start_configured(|config| config.store.readers = 1).await;
    let api = registry.api().await;
    api.create_bucket("ubuntu").await;
    api.publish("ubuntu", "fp-1", &["null.a", "null.b"]).await;
    let statements = Statements::of(&registry).await;
    let answer = api.get("buckets/ubuntu/channels/latest").await.ok();
    assert_eq!(answer["channel"]["version"]["fingerprint"], "fp-1");
    assert_eq!(statements.take().len(), 3);
}
