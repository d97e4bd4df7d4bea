//! The registry against a naive one: random requests, the same answers, the same state.
//!
//! The naive registry ([`world`], [`rules`]) is written from the specification with plain vectors and loops.
//! The real one is asked over its router. After each step the answers are compared, then everything there is;
//! and what must always hold is looked for in the answers alone ([`invariants`]).
//!
//! `PROPTEST_CASES=5000 cargo test -p waybill-server naive` looks longer.

mod aim;
mod ancestry;
mod invariants;
mod operation;
mod request;
mod revocation;
mod rules;
mod service;
mod show;
mod world;

use proptest::{
    strategy::Strategy,
    test_runner::{Config, TestCaseError, TestError, TestRunner},
};
use serde_json::{Value, json};
use waybill_server::jobs;

use self::{
    invariants::Seen,
    operation::{Ask, Step, Who, beginning, generations, steps},
    request::Request,
    rules::Shown,
    service::Service,
    show::{seen_bucket, seen_build, seen_channel, seen_history, seen_version, show_build},
    world::World,
};

/// Enough to find what is wrong now and then, and soon over. Asking for more is a matter of the environment.
const CASES: u32 = 96;
const GROUPS: usize = 50;

#[test]
fn the_registry_does_what_a_naive_one_does() {
    compare_on(&steps(GROUPS));
}

/// Where most of the rules are, looked at more closely.
#[test]
fn revocations_go_down_the_generations_as_in_a_naive_registry() {
    compare_on(&generations(GROUPS));
}

fn compare_on(steps: &impl Strategy<Value = Vec<Step>>) {
    let asked = Config::default();
    let cases = if asked.cases == 256 { CASES } else { asked.cases };
    let config = Config { cases, max_shrink_time: 120_000, failure_persistence: None, ..asked };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let result = TestRunner::new(config).run(steps, |steps| {
        let mut trace = Vec::new();
        runtime.block_on(run(&steps, &mut trace)).map_err(|difference| {
            TestCaseError::fail(format!("{difference}\nafter:\n  {}\n", trace.join("\n  ")))
        })
    });
    match result {
        Ok(()) => {}
        // The trace tells the steps better than they tell themselves.
        Err(TestError::Fail(reason, _)) => panic!("{reason}"),
        Err(error) => panic!("{error}"),
    }
}

/// Does the steps in both registries. The trace is for whoever has to find out.
async fn run(steps: &[Step], trace: &mut Vec<String>) -> Result<(), String> {
    let mut service = Service::new().await;
    let mut world = World::new(service.now());
    let mut seen = Seen::default();
    admit_all(&mut service).await;
    for step in beginning().iter().chain(steps) {
        if !service.knows(step.who) {
            continue;
        }
        let step = world.aimed(step);
        take(&mut service, &mut world, &step, trace).await?;
        if world.active {
            compare(&mut service, &mut world, &mut seen).await?;
        }
    }
    if world.active {
        compare_histories(&mut service, &world).await?;
    }
    service.app.store.close();
    Ok(())
}

/// One step in both registries, with the same outcome.
async fn take(
    service: &mut Service,
    world: &mut World,
    step: &Step,
    trace: &mut Vec<String>,
) -> Result<(), String> {
    let Some(mut request) = world.request(step) else {
        trace.push(format!("{:?}", step.ask));
        if let Ask::Wait { seconds } = step.ask {
            service.wait(seconds);
        } else {
            jobs::fire_revocations(&service.app).await.map_err(|error| format!("{error:?}"))?;
            jobs::cancel_silent_builds(&service.app).await.map_err(|error| format!("{error:?}"))?;
        }
        return world.apply(step).map(drop).map_err(|code| format!("code {code} for {step:?}"));
    };
    let mut who = step.who;
    if let Ask::Dismiss { guest } = step.ask {
        who = Who::Owner;
        let principal = service.principal(Who::Guest(guest));
        if principal.is_empty() {
            return Ok(());
        }
        request.path = request.path.replace("{guest}", principal);
    }
    let expected = world.apply(step);
    let (status, answer) = service.send(who, &request).await;
    let Request { method, path, body } = &request;
    let body = body.as_ref().map(Value::to_string).unwrap_or_default();
    trace.push(format!("{who:?}: {method} {path} {body} -> {status} {}", answer["message"]));
    match (&expected, status) {
        (Ok(shown), 200) => check_answer(service, world, step, shown, &answer),
        (Err(code), _) if status != 200 && answer["code"] == *code => Ok(()),
        _ => Err(format!("expected {expected:?}, found {status} {answer}")),
    }
}

/// Compares what a success shows, and remembers the ids that it tells.
fn check_answer(
    service: &mut Service,
    world: &mut World,
    step: &Step,
    shown: &Shown,
    answer: &Value,
) -> Result<(), String> {
    match shown {
        Shown::Nothing => {
            if let Ask::Admit { guest, .. } = step.ask {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let (id, secret) = (text(&answer["client_id"]), text(&answer["client_secret"]));
                service.log_in(Who::Guest(guest), &text(&answer["principal"]["id"]), &id, &secret);
            }
            Ok(())
        }
        Shown::Bucket(name) => {
            let bucket = &world.buckets[world.find_bucket(name).expect("it is there")];
            same("the bucket", &world.show_bucket(bucket), &seen_bucket(&answer["bucket"]))
        }
        Shown::Buckets(names) => same("the names", &json!(names), &names_of(&answer["buckets"])),
        Shown::Version(id) => {
            learn(&mut world.version_mut(*id).uid, &answer["version"])?;
            same("the version", &world.show_version(*id), &seen_version(&answer["version"]))
        }
        Shown::Build(id, component) => {
            let mut builds = world.version_mut(*id).builds.iter_mut();
            let build = builds.find(|build| build.says.component == *component).expect("it is there");
            learn(&mut build.uid, &answer["build"])?;
            same("the build", &show_build(build), &seen_build(&answer["build"]))
        }
        Shown::Channel(bucket, name) => {
            let answer =
                if answer["channel"].is_null() { &answer["target_channel"] } else { &answer["channel"] };
            let bucket = world.find_bucket(bucket).expect("it is there");
            learn(&mut world.buckets[bucket].channel_mut(name).expect("it is there").uid, answer)?;
            let channel = world.buckets[bucket].channel(name).expect("it is there");
            same("the channel", &world.show_channel(channel), &seen_channel(answer))
        }
        Shown::Channels(names) => {
            let mut names = names.clone();
            names.sort_unstable();
            same("the names", &json!(names), &names_of(&answer["channels"]))
        }
    }
}

/// Compares everything there is, as the owner sees it.
async fn compare(service: &mut Service, world: &mut World, seen: &mut Seen) -> Result<(), String> {
    let listed = read(service, "buckets?pagination.page_size=1000").await?;
    let mut expected: Vec<Value> = world.buckets.iter().map(|bucket| world.show_bucket(bucket)).collect();
    expected.sort_by_key(|bucket| bucket["name"].to_string());
    let found: Vec<Value> = listed["buckets"].as_array().into_iter().flatten().map(seen_bucket).collect();
    same("all buckets", &expected.into(), &found.into())?;
    for index in 0..world.buckets.len() {
        let name = world.buckets[index].name;
        let versions = read(service, &format!("buckets/{name}/versions")).await?;
        let newest_first = world.buckets[index].versions.iter().rev();
        let expected: Vec<Value> = newest_first.map(|version| world.show_version(version.id)).collect();
        let found: Vec<Value> =
            versions["versions"].as_array().into_iter().flatten().map(seen_version).collect();
        same(&format!("versions of {name}"), &expected.into(), &found.into())?;
        let channels = read(service, &format!("buckets/{name}/channels")).await?;
        for channel in channels["channels"].as_array().into_iter().flatten() {
            let known = world.buckets[index].channel_mut(channel["name"].as_str().unwrap_or_default());
            learn(
                &mut known.ok_or_else(|| format!("{name} has too many channels: {channel}"))?.uid,
                channel,
            )?;
        }
        let mut expected: Vec<Value> =
            world.buckets[index].channels.iter().map(|channel| world.show_channel(channel)).collect();
        expected.sort_by_key(|channel| channel["name"].to_string());
        let found: Vec<Value> =
            channels["channels"].as_array().into_iter().flatten().map(seen_channel).collect();
        same(&format!("channels of {name}"), &expected.into(), &found.into())?;
        let bucket = listed["buckets"].as_array().into_iter().flatten().find(|bucket| bucket["name"] == name);
        seen.check(bucket.unwrap_or(&Value::Null), &versions["versions"], &channels["channels"])?;
    }
    Ok(())
}

async fn compare_histories(service: &mut Service, world: &World) -> Result<(), String> {
    for bucket in &world.buckets {
        for channel in &bucket.channels {
            let path = format!("buckets/{}/channels/{}/history", bucket.name, channel.name);
            let found = read(service, &path).await?;
            let what = format!("the history of {}/{}", bucket.name, channel.name);
            same(&what, &world.show_history(channel), &seen_history(&found))?;
            same(&what, &json!(channel.history.len()), &found["count"].as_u64().unwrap_or(0).into())?;
        }
    }
    Ok(())
}

/// The people of the naive world who are not the owner.
async fn admit_all(service: &mut Service) {
    let project = Request {
        method: reqwest::Method::POST,
        path: "/resource-manager/2019-12-10/projects".to_owned(),
        body: Some(
            json!({ "name": "other", "parent": { "type": "ORGANIZATION", "id": service.organization() } }),
        ),
    };
    let (_, answer) = service.send(Who::Owner, &project).await;
    let other = answer["project"]["id"].as_str().expect("a project").to_owned();
    for (who, name, role, project) in [
        (Who::Admin, "admin", "admin", "{project_id}"),
        (Who::Contributor, "contributor", "contributor", "{project_id}"),
        (Who::Viewer, "viewer", "viewer", "{project_id}"),
        (Who::Stranger, "stranger", "owner", &other),
    ] {
        let request = Request {
            method: reqwest::Method::POST,
            path: "/api/v1/organizations/{organization_id}/principals".to_owned(),
            body: Some(json!({ "name": name, "role": role, "project_id": project })),
        };
        let (_, answer) = service.send(Who::Owner, &request).await;
        let text = |member: &str| answer[member].as_str().expect("a text").to_owned();
        service.log_in(who, "", &text("client_id"), &text("client_secret"));
    }
}

async fn read(service: &mut Service, path: &str) -> Result<Value, String> {
    let request = Request { method: reqwest::Method::GET, path: path.to_owned(), body: None };
    match service.send(Who::Owner, &request).await {
        (200, answer) => Ok(answer),
        (status, answer) => Err(format!("GET {path}: {status} {answer}")),
    }
}

fn names_of(list: &Value) -> Value {
    list.as_array().into_iter().flatten().map(|item| item["name"].clone()).collect()
}

/// An id never changes.
fn learn(known: &mut String, resource: &Value) -> Result<(), String> {
    let id = resource["id"].as_str().unwrap_or_default();
    if known.is_empty() {
        id.clone_into(known);
    }
    if *known == id && !id.is_empty() { Ok(()) } else { Err(format!("the id was {known}, found {resource}")) }
}

fn same(what: &str, expected: &Value, found: &Value) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    Err(format!("{what} should be\n  {expected}\nbut it is\n  {found}"))
}
