//! The store: which database, its two doors, and the jobs that pass through them.

use std::{path::PathBuf, sync::RwLock};

use crossbeam_channel::{Sender, TrySendError};
use tokio::sync::oneshot;

use crate::{
    error::{Error, Result},
    postgres::Postgres,
    sqlite::Sqlite,
    tx::Tx,
};

/// Where the data lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file; its folder must exist. One process at a time.
    Sqlite(PathBuf),
    /// A connection string (`postgres://user:password@host/database?sslmode=…`). Several servers may share it.
    Postgres(String),
}

/// What an acknowledged write survives on SQLite (PostgreSQL has its own settings).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// Power loss.
    #[default]
    Full,
    /// A crash of the process; after power loss the database is consistent, possibly without the last moment.
    Normal,
    /// Nothing: for tests.
    Off,
}

/// How the store works.
#[derive(Clone, Debug)]
pub struct Options {
    pub durability: Durability,
    /// Commit what queued together; off only to measure what that is worth.
    pub group_commit: bool,
    /// Reader threads (SQLite).
    pub readers: usize,
    /// Connections, each owned by a thread (PostgreSQL).
    pub connections: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { durability: Durability::Full, group_commit: true, readers: 2, connections: 8 }
    }
}

/// The registry's data.
pub struct Store {
    /// `None` after [`Store::close`].
    engine: RwLock<Option<Engine>>,
}

enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// A transaction on its way to a thread that owns a connection.
///
/// `run` tells whether to keep its changes; then exactly one of `answer` and `fail` is called.
pub(crate) trait Job: Send {
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: Error);
}

struct Closure<F, T, E> {
    run: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Closure<F, T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let result = (self.run)(tx);
        let keep = result.is_ok();
        self.result = Some(result);
        keep
    }

    fn answer(self: Box<Self>) {
        let result = self.result.unwrap_or_else(|| Err(Error::Closed.into()));
        // The caller may have gone away (a closed connection); the change stays.
        drop(self.reply.send(result));
    }

    fn fail(self: Box<Self>, error: Error) {
        drop(self.reply.send(Err(error.into())));
    }
}

impl Store {
    /// Opens the database and brings its tables up to date.
    ///
    /// Blocks for as long as that takes; call it before serving or on a blocking thread.
    pub fn open(database: &Database, options: &Options) -> Result<Self> {
        let engine = match database {
            Database::Sqlite(path) => Engine::Sqlite(Sqlite::open(path, options)?),
            Database::Postgres(url) => Engine::Postgres(Postgres::open(url, options)?),
        };
        Ok(Self { engine: RwLock::new(Some(engine)) })
    }

    /// Runs `f` on one consistent state of the data.
    pub async fn read<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let queue = self.queue(|engine| match engine {
            Engine::Sqlite(sqlite) => sqlite.reads.clone(),
            Engine::Postgres(postgres) => postgres.reads.clone(),
        });
        pass(queue, f).await
    }

    /// Runs `f` and keeps its changes if it returns `Ok`; the answer comes after the commit.
    ///
    /// `f` may run more than once and must be short: its neighbours in the group wait for it.
    pub async fn write<T, E, F>(&self, f: F) -> Result<T, E>
    where
        F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let queue = self.queue(|engine| match engine {
            Engine::Sqlite(sqlite) => sqlite.writes.clone(),
            Engine::Postgres(postgres) => postgres.writes.clone(),
        });
        pass(queue, f).await
    }

    /// Lets everything queued finish, then closes the database. Blocks.
    pub fn close(&self) {
        let engine = self.engine.write().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        match engine {
            Some(Engine::Sqlite(sqlite)) => sqlite.close(),
            Some(Engine::Postgres(postgres)) => postgres.close(),
            None => {}
        }
    }

    fn queue(&self, of: impl FnOnce(&Engine) -> Sender<Box<dyn Job>>) -> Option<Sender<Box<dyn Job>>> {
        self.engine.read().unwrap_or_else(std::sync::PoisonError::into_inner).as_ref().map(of)
    }
}

async fn pass<T, E, F>(queue: Option<Sender<Box<dyn Job>>>, run: F) -> Result<T, E>
where
    F: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    let queue = queue.ok_or(Error::Closed)?;
    let (reply, answer) = oneshot::channel();
    queue.try_send(Box::new(Closure { run, result: None, reply })).map_err(|refused| match refused {
        TrySendError::Full(_) => Error::Busy,
        TrySendError::Disconnected(_) => Error::Closed,
    })?;
    drop(queue);
    answer.await.unwrap_or_else(|_| Err(Error::Closed.into()))
}
