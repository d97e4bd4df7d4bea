//! What the two hot paths cost: resolving a channel, and finishing a build durably.
//!
//! One caller, or sixty-four at once; a figure is the time from one finished call to the next. What counts is the
//! ratio between figures of the same run: group commit to a commit per request, and both to SQLite by itself.
//! The PostgreSQL of the tests is not durable: its figures are what its protocol and ours cost, without a disk.

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use jiff::Timestamp;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use waybill_model::{
    build::{Build, BuildStatus, NewArtifact},
    ids::{BucketId, OrganizationId, ProjectId, Uid},
    labels::Labels,
    principal::PrincipalKind,
    role::Role,
    version::TemplateType,
};
use waybill_store::{
    AccessQuery, Audit, Database, Error, Event, Key, NewBucket, NewBuild, NewChannel, NewPrincipal,
    NewVersion, Options, PolicyScope, Result, Store, Tx,
};

criterion_group!(benches, resolve, finish, bare);
criterion_main!(benches);

const CALLERS: u64 = 64;

fn resolve(criterion: &mut Criterion) {
    let call = |place: Arc<Place>, store: Arc<Store>| async move {
        let read = move |tx: &mut Tx<'_>| {
            let access = tx.access(&place.access)?.expect("the caller is known");
            let (channel, version) =
                tx.resolve_channel(place.bucket, &parse(&place.channel))?.expect("the channel is there");
            let builds = tx.builds(version.as_ref().expect("it points somewhere").id)?;
            black_box((access, channel, version, builds));
            Ok::<_, Error>(())
        };
        store.read(read).await
    };
    let mut group = group(criterion, "resolve a channel");
    for (name, kind) in [("SQLite", Kind::Sqlite), ("PostgreSQL", Kind::Postgres)] {
        let registry = Registry::new(kind, &Options::default());
        for callers in [1, CALLERS] {
            group.bench_function(format!("{name}, {callers} callers"), |bencher| {
                bencher.iter_custom(|calls| registry.drive(callers, calls, call));
            });
        }
    }
    group.finish();
}

fn finish(criterion: &mut Criterion) {
    let mut group = group(criterion, "finish a build");
    for (name, kind, group_commit) in [
        ("SQLite, group commit", Kind::Sqlite, true),
        ("SQLite, a commit per request", Kind::Sqlite, false),
        ("PostgreSQL", Kind::Postgres, true),
    ] {
        let registry = Registry::new(kind, &Options { group_commit, ..Options::default() });
        let call = |place: Arc<Place>, store: Arc<Store>| async move {
            store.write(move |tx| place.finish(tx)).await
        };
        for callers in [1, CALLERS] {
            group.bench_function(format!("{name}, {callers} callers"), |bencher| {
                bencher.iter_custom(|calls| registry.drive(callers, calls, call));
            });
        }
    }
    group.finish();
}

/// SQLite by itself: one thread, one row, one durable commit.
fn bare(criterion: &mut Criterion) {
    let folder = folder();
    let connection = rusqlite::Connection::open(folder.path().join("bare.db")).expect("an empty folder");
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT, b TEXT)",
        )
        .expect("an empty database");
    let mut insert =
        connection.prepare("INSERT INTO t (a, b) VALUES (?1, ?2)").expect("the table was just made");
    let mut group = group(criterion, "bare SQLite");
    group.bench_function("an insert per commit", |bencher| {
        bencher.iter(|| insert.execute(["some text", "some more"]).expect("there is room"));
    });
    group.finish();
}

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

/// A store that holds a version with a running build and a channel for each caller.
struct Registry {
    store: Arc<Store>,
    runtime: Runtime,
    places: Vec<Arc<Place>>,
    _folder: TempDir,
}

/// What one caller knows of where it works.
struct Place {
    access: AccessQuery,
    organization: OrganizationId,
    project: ProjectId,
    bucket: BucketId,
    fingerprint: String,
    build: String,
    channel: String,
}

#[derive(Clone, Copy)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Registry {
    fn new(kind: Kind, options: &Options) -> Self {
        let folder = folder();
        let database = match kind {
            Kind::Sqlite => Database::Sqlite(folder.path().join("waybill.db")),
            Kind::Postgres => Database::Postgres(waybill_testkit::postgres::database().url()),
        };
        let store = Store::open(&database, options).expect("an empty database");
        let runtime = Runtime::new().expect("a runtime");
        let places = runtime.block_on(store.write(fill)).expect("an empty database");
        Self { store: Arc::new(store), runtime, places, _folder: folder }
    }

    /// Makes `calls` calls, `callers` at a time, and tells how long that took.
    fn drive<F>(&self, callers: u64, calls: u64, call: fn(Arc<Place>, Arc<Store>) -> F) -> Duration
    where
        F: Future<Output = Result<()>> + Send + 'static,
    {
        let begun = Instant::now();
        let left = Arc::new(AtomicU64::new(calls));
        self.runtime.block_on(async {
            let places = self.places.iter().zip(0..callers);
            let tasks: Vec<_> = places
                .map(|(place, _)| {
                    let (place, store, left) =
                        (Arc::clone(place), Arc::clone(&self.store), Arc::clone(&left));
                    tokio::spawn(async move {
                        let one_less = |left: u64| left.checked_sub(1);
                        while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less).is_ok() {
                            call(Arc::clone(&place), Arc::clone(&store)).await.expect("the call works");
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.expect("the caller does not panic");
            }
        });
        begun.elapsed()
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.store.close();
    }
}

impl Place {
    /// The statements of a request that says that a build is done, as the server sends them.
    fn finish(&self, tx: &mut Tx<'_>) -> Result<()> {
        let access = tx.access(&self.access)?.expect("the caller is known");
        let version = tx.version(self.bucket, &parse(&self.fingerprint))?.expect("the version is there");
        let current = tx.build(version.id, &self.build)?.expect("the build is there");
        black_box((access, &version));
        let had_some = !current.artifacts.is_empty();
        let build = Build { status: BuildStatus::Done, updated_at: now(), ..current };
        tx.update_build(&build, now())?;
        let resource = format!("packer/project/p/bucket/b/version/{}/build/{}", self.fingerprint, self.build);
        let audit = Audit {
            organization: self.organization,
            principal: "bench",
            credential: Some("wb-bench"),
            action: "build.update",
            resource: &resource,
            detail: r#"{"component_type":"null.base","status":"done"}"#,
        };
        tx.record(&audit, now())?;
        let event = Event { uid: uid(), project: self.project, kind: "build.update", payload: &resource };
        tx.emit(&event, now())?;
        let artifact = NewArtifact { external_identifier: "ami-1".to_owned(), region: "eu".to_owned() };
        tx.put_artifacts(build.id, &[(uid(), artifact)], had_some, now())
    }
}

fn fill(tx: &mut Tx<'_>) -> Result<Vec<Arc<Place>>> {
    let organization = tx.insert_organization("organization", "Acme", now())?;
    let project = tx.insert_project(organization, "project", &parse("images"), "", now())?;
    tx.insert_registry(project, &uid(), "PLUS", now())?;
    let bot = NewPrincipal {
        uid: uid(),
        kind: PrincipalKind::Service,
        organization,
        project: None,
        name: "bench".to_owned(),
    };
    let principal = tx.insert_principal(&bot, now())?;
    let client_id = "wb-bench".to_owned();
    let key = Key {
        uid: uid().to_string(),
        client_id: client_id.clone(),
        secret_digest: vec![],
        created_at: now(),
    };
    tx.insert_key(principal, &key)?;
    tx.bind(principal, PolicyScope::Organization(organization), Role::Contributor, now())?;
    let access = AccessQuery {
        principal: bot.uid.to_string(),
        credential: client_id,
        organization: "organization".to_owned(),
        project: "project".to_owned(),
        bucket: "ubuntu".to_owned(),
        group: String::new(),
    };
    let new = NewBucket {
        uid: uid(),
        name: parse("ubuntu"),
        description: String::new(),
        labels: Labels::default(),
    };
    let bucket = tx.insert_bucket(project, &new, now())?;
    let mut places = Vec::new();
    for caller in 0..CALLERS {
        let fingerprint = format!("fp-{caller}");
        let version = NewVersion {
            uid: uid(),
            fingerprint: parse(&fingerprint),
            template_type: TemplateType::Hcl2,
            author: "bench".to_owned(),
        };
        let version = tx.insert_version(bucket, &version, now())?;
        let build = NewBuild {
            uid: uid(),
            component_type: parse("null.base"),
            status: BuildStatus::Running,
            packer_run_uuid: "d6a3e1a4-5a4b-4c8e-9d67-0c0b8d9b2f11".to_owned(),
            platform: "aws".to_owned(),
            source_external_identifier: String::new(),
            parent_version_uid: String::new(),
            parent_channel_uid: String::new(),
            labels: Labels::default(),
        };
        tx.insert_build(version, &build, now())?;
        let name = format!("channel-{caller}");
        let channel = NewChannel {
            uid: uid(),
            name: parse(&name),
            managed: false,
            restricted: false,
            author: "bench".to_owned(),
        };
        let channel = tx.insert_channel(bucket, &channel, now())?;
        tx.assign_channel(channel, Some(version), "bench", now())?;
        places.push(Arc::new(Place {
            access: access.clone(),
            organization,
            project,
            bucket,
            fingerprint,
            build: build.uid.to_string(),
            channel: name,
        }));
    }
    Ok(places)
}

/// Beside the build's own files: the system's temporary folder may be in memory.
fn folder() -> TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the folder is writable")
}

fn now() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn uid() -> Uid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    parse(&format!("{:026}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

fn parse<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a bench uses good names")
}
