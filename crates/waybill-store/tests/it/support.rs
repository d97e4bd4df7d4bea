//! A store on either database for one test, and ordinary rows to fill it with.

use std::{
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    path::PathBuf,
    pin::pin,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::future::join_all;
use jiff::Timestamp;
use tempfile::TempDir;
use waybill_model::{
    build::{Build, BuildStatus, NewArtifact},
    ids::{BucketId, BuildId, ChannelId, OrganizationId, PrincipalId, ProjectId, Uid, VersionId},
    labels::Labels,
    principal::PrincipalKind,
    version::TemplateType,
};
use waybill_store::{
    Database, Durability, Error, Key, NewBucket, NewBuild, NewChannel, NewPrincipal, NewVersion, Options,
    Organization, Result, Store, Tx,
};
use waybill_testkit::postgres;

use crate::plans;

/// Writes two tests from each function: `name::sqlite` and `name::postgres`.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[test]
            fn sqlite() {
                crate::support::run(crate::support::Db::sqlite(), super::$name);
            }

            #[test]
            fn postgres() {
                crate::support::run(crate::support::Db::postgres(), super::$name);
            }
        }
    )*};
}

pub(crate) fn run(mut db: Db, test: impl FnOnce(&mut Db)) {
    test(&mut db);
    plans::judge(&db.place);
}

/// A store of its own, and where it is.
pub(crate) struct Db {
    pub(crate) store: Arc<Store>,
    pub(crate) place: Place,
    pub(crate) runtime: tokio::runtime::Runtime,
}

pub(crate) enum Place {
    Sqlite(TempDir),
    Postgres(postgres::Database),
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        Self::Sqlite(tempfile::tempdir().expect("the system's temporary folder is writable"))
    }

    pub(crate) fn postgres() -> Self {
        Self::Postgres(postgres::database())
    }

    pub(crate) fn database(&self) -> Database {
        match self {
            Self::Sqlite(folder) => Database::Sqlite(folder.path().join("waybill.db")),
            Self::Postgres(database) => Database::Postgres(database.url()),
        }
    }

    pub(crate) fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Runs SQL past the store.
    pub(crate) fn execute(&self, sql: &str) {
        match self {
            Self::Sqlite(folder) => {
                let path: PathBuf = folder.path().join("waybill.db");
                let connection = rusqlite::Connection::open(path).expect("the database is there");
                connection.execute_batch(sql).expect("the test's SQL is good");
            }
            Self::Postgres(database) => {
                database.query(sql);
            }
        }
    }
}

/// Few threads and no durability: every test has a store of its own.
pub(crate) fn options() -> Options {
    Options { durability: Durability::Off, group_commit: true, readers: 2, connections: 4 }
}

impl Db {
    pub(crate) fn sqlite() -> Self {
        Self::at(Place::sqlite(), &options())
    }

    pub(crate) fn postgres() -> Self {
        Self::at(Place::postgres(), &options())
    }

    pub(crate) fn at(place: Place, options: &Options) -> Self {
        plans::record();
        let store = Store::open(&place.database(), options).expect("an empty database can be opened");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime can be made");
        Self { store: Arc::new(store), place, runtime }
    }

    /// Closes the store and opens it again.
    pub(crate) fn reopen(&mut self) {
        self.reopen_with(&options());
    }

    pub(crate) fn reopen_with(&mut self, options: &Options) {
        self.store.close();
        self.store = Arc::new(Store::open(&self.place.database(), options).expect("it was closed"));
    }

    pub(crate) fn try_read<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.runtime.block_on(self.store.read(f))
    }

    pub(crate) fn try_write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        self.runtime.block_on(self.store.write(f))
    }

    pub(crate) fn read<T: Send + 'static>(&self, f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static) -> T {
        self.try_read(f).expect("reading works")
    }

    pub(crate) fn write<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> T {
        self.try_write(f).expect("writing works")
    }

    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method itself is for one lifetime of `Tx`, not for any"
    )]
    pub(crate) fn first_organization(&self) -> Option<Organization> {
        self.read(|tx| tx.first_organization())
    }

    /// Starts a write and goes on.
    pub(crate) fn start<T: Send + 'static>(
        &self,
        f: impl Fn(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> tokio::task::JoinHandle<Result<T>> {
        let store = Arc::clone(&self.store);
        self.runtime.spawn(async move { store.write(f).await })
    }

    /// Queues transactions in order, then does something, then waits for all the answers.
    pub(crate) fn queued<T>(
        &self,
        transactions: impl IntoIterator<Item = impl Future<Output = T>>,
        then: impl FnOnce(),
    ) -> Vec<T> {
        // The first poll of each puts it into its queue.
        let mut all = pin!(join_all(transactions));
        let mut then = Some(then);
        self.runtime.block_on(poll_fn(|context| {
            let answered = all.as_mut().poll(context);
            if let Some(then) = then.take() {
                then();
            }
            answered
        }))
    }

    pub(crate) fn wait<T>(&self, started: tokio::task::JoinHandle<T>) -> T {
        self.runtime.block_on(started).expect("the task does not panic")
    }

    /// An organization with one project that has a registry.
    pub(crate) fn scene(&self) -> Scene {
        self.write(scene)
    }

    pub(crate) fn bucket(&self, project: ProjectId, name: &'static str) -> BucketId {
        self.write(move |tx| tx.insert_bucket(project, &new_bucket(name), at(1)))
    }

    pub(crate) fn version(&self, bucket: BucketId, fingerprint: &'static str) -> VersionId {
        self.write(move |tx| tx.insert_version(bucket, &new_version(fingerprint), at(2)))
    }

    /// A version with one finished build, complete under `number`, made from `parents`.
    pub(crate) fn complete(&self, bucket: BucketId, number: u32, parents: &[VersionId]) -> VersionId {
        let parents = parents.to_vec();
        self.write(move |tx| {
            let fingerprint = format!("complete-{number}");
            let version = tx.insert_version(bucket, &new_version(&fingerprint), at(2))?;
            let first = [None];
            let parents = parents.iter().copied().map(Some);
            for (at_build, parent) in first.into_iter().chain(parents).enumerate() {
                let component = format!("null.{at_build}");
                let build = tx.insert_build(version, &new_build(&component, BuildStatus::Done), at(3))?;
                if parent.is_some() {
                    tx.set_parent(build, parent)?;
                    tx.set_has_parents(version)?;
                }
            }
            assert!(tx.complete_version(bucket, version, number, at(4))?);
            tx.mark_parents_of(version)?;
            Ok(version)
        })
    }

    pub(crate) fn channel(&self, bucket: BucketId, name: &'static str) -> ChannelId {
        self.write(move |tx| tx.insert_channel(bucket, &new_channel(name), at(1)))
    }
}

impl Drop for Db {
    fn drop(&mut self) {
        self.store.close();
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene {
    pub(crate) organization: OrganizationId,
    pub(crate) project: ProjectId,
}

pub(crate) fn scene(tx: &mut Tx<'_>) -> Result<Scene> {
    let organization = tx.insert_organization(&text(), "Acme", at(0))?;
    let project = tx.insert_project(organization, &text(), &parse("images"), "", at(0))?;
    tx.insert_registry(project, &uid(), "PLUS", at(0))?;
    Ok(Scene { organization, project })
}

/// A moment, in seconds of a clock that begins at 1970.
pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a test uses small numbers")
}

/// Parses a constant.
pub(crate) fn parse<T: FromStr<Err: fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a test uses good names")
}

/// An identifier that no other row has.
pub(crate) fn uid() -> Uid {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    parse(&format!("{:026}", NEXT.fetch_add(1, Ordering::Relaxed)))
}

/// A text that no other row has.
pub(crate) fn text() -> String {
    uid().to_string()
}

pub(crate) fn labels(pairs: &[(&str, &str)]) -> Labels {
    let map: BTreeMap<String, String> =
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    Labels::try_from(map).expect("a test uses good labels")
}

pub(crate) fn new_bucket(name: &str) -> NewBucket {
    NewBucket { uid: uid(), name: parse(name), description: String::new(), labels: Labels::default() }
}

pub(crate) fn new_version(fingerprint: &str) -> NewVersion {
    NewVersion {
        uid: uid(),
        fingerprint: parse(fingerprint),
        template_type: TemplateType::Hcl2,
        author: "ci".to_owned(),
    }
}

pub(crate) fn new_build(component: &str, status: BuildStatus) -> NewBuild {
    NewBuild {
        uid: uid(),
        component_type: parse(component),
        status,
        packer_run_uuid: String::new(),
        platform: "aws".to_owned(),
        source_external_identifier: String::new(),
        parent_version_uid: String::new(),
        parent_channel_uid: String::new(),
        labels: Labels::default(),
    }
}

pub(crate) fn new_channel(name: &str) -> NewChannel {
    NewChannel {
        uid: uid(),
        name: parse(name),
        managed: name == "latest",
        restricted: false,
        author: "ci".to_owned(),
    }
}

pub(crate) fn new_artifact(external_identifier: &str, region: &str) -> (Uid, NewArtifact) {
    let artifact =
        NewArtifact { external_identifier: external_identifier.to_owned(), region: region.to_owned() };
    (uid(), artifact)
}

/// The only build of a component, as it is stored.
pub(crate) fn stored_build(tx: &mut Tx<'_>, version: VersionId, component: &str) -> Result<Build> {
    let all = tx.builds(version)?;
    let found = all.into_iter().find(|build| build.component_type.as_str() == component);
    Ok(found.expect("the build is there"))
}

pub(crate) fn done_build(
    tx: &mut Tx<'_>,
    version: VersionId,
    component: &str,
    artifacts: &[(&str, &str)],
) -> Result<BuildId> {
    let build = tx.insert_build(version, &new_build(component, BuildStatus::Done), at(3))?;
    let artifacts: Vec<_> = artifacts.iter().map(|(id, region)| new_artifact(id, region)).collect();
    tx.put_artifacts(build, &artifacts, false, at(3))?;
    Ok(build)
}

/// A principal with one key, whose client id is its name.
pub(crate) fn principal(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    project: Option<ProjectId>,
    name: &str,
) -> Result<(PrincipalId, String)> {
    let new = NewPrincipal {
        uid: uid(),
        kind: PrincipalKind::Service,
        organization,
        project,
        name: name.to_owned(),
    };
    let id = tx.insert_principal(&new, at(1))?;
    let key =
        Key { uid: text(), client_id: name.to_owned(), secret_digest: vec![1, 2, 3], created_at: at(1) };
    tx.insert_key(id, &key)?;
    Ok((id, new.uid.to_string()))
}

/// Whether an error is a refusal by a constraint, whichever database it comes from.
pub(crate) fn is_constraint(error: &Error) -> bool {
    match error {
        Error::Sqlite(error) => error.sqlite_error_code() == Some(rusqlite::ErrorCode::ConstraintViolation),
        Error::Postgres(error) => error.code().is_some_and(|code| code.code().starts_with("23")),
        _ => false,
    }
}
