//! SQLite: one writer thread with group commit, readers in parallel.
//!
//! The writer owns the write connection. It takes everything that queued while the last commit was syncing, runs
//! each closure in a savepoint of its own, commits once, and then answers all of them. So an answer leaves only
//! after its change is durable, and sixty-four clients pay for one sync instead of sixty-four.
//! A closure that fails loses its own savepoint. What ends the whole transaction (a full disk) fails the group.

mod prepared;
#[cfg(test)]
mod tests;

use std::{
    fs::{File, TryLockError},
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    thread,
    time::Duration,
};

use crossbeam_channel::{Receiver, Sender, bounded};
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use self::prepared::Prepared;
pub(crate) use self::prepared::Statements;
use crate::{
    error::{Error, Result},
    migrate,
    store::{Durability, Job, Options},
    tx::Tx,
};

/// Transactions that may wait for the writer. Past that callers are told to try again.
const WRITE_QUEUE: usize = 4096;
const READ_QUEUE: usize = 4096;
/// Bounds how long the first of a group waits for its answer.
const GROUP: usize = 256;
const LOCK_FILE: &str = "waybill.lock";

/// The threads of one database file. Dropping it lets them finish what is queued.
pub(crate) struct Sqlite {
    pub(crate) writes: Sender<Box<dyn Job>>,
    pub(crate) reads: Sender<Box<dyn Job>>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Sqlite {
    pub(crate) fn open(path: &Path, options: &Options) -> Result<Self> {
        let lock = lock(path)?;
        let mut connection = connect(path, OpenFlags::default(), options)?;
        migrate::sqlite(&mut connection)?;
        let (writes, write_queue) = bounded(WRITE_QUEUE);
        let (reads, read_queue) = bounded(READ_QUEUE);
        let group = if options.group_commit { GROUP } else { 1 };
        let held = Arc::clone(&lock);
        let mut threads =
            vec![spawn("store-writer", held, move || write_loop(&connection, &write_queue, group))?];
        for _ in 0..options.readers.max(1) {
            let reader =
                connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX, options)?;
            let queue: Receiver<Box<dyn Job>> = read_queue.clone();
            threads.push(spawn("store-reader", Arc::clone(&lock), move || read_loop(&reader, &queue))?);
        }
        Ok(Self { writes, reads, threads })
    }

    /// Waits until everything queued is done and the threads have ended.
    pub(crate) fn close(self) {
        drop(self.writes);
        drop(self.reads);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("A store thread panicked");
            }
        }
    }
}

/// The lock of a data folder, held by every thread that may touch its files.
struct Lock(File);

impl Drop for Lock {
    /// Closing the file would do, but for a child process that is just being made: it has a copy for a moment.
    fn drop(&mut self) {
        self.0.unlock().ok();
    }
}

/// One process per data folder: two writers would each think that they are alone.
fn lock(path: &Path) -> Result<Arc<Lock>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let open = |reason: std::io::Error| Error::Open {
        what: folder.join(LOCK_FILE).display().to_string(),
        reason: reason.to_string(),
    };
    let file = File::create(folder.join(LOCK_FILE)).map_err(open)?;
    match file.try_lock() {
        Ok(()) => Ok(Arc::new(Lock(file))),
        Err(TryLockError::WouldBlock) => Err(Error::Locked { folder: folder.display().to_string() }),
        Err(TryLockError::Error(reason)) => Err(open(reason)),
    }
}

fn connect(path: &Path, flags: OpenFlags, options: &Options) -> Result<Connection> {
    let failed = |reason: String| Error::Open { what: path.display().to_string(), reason };
    let open = |reason: rusqlite::Error| failed(reason.to_string());
    let connection = Connection::open_with_flags(path, flags).map_err(open)?;
    // A plan is made once: without this SQLite parses a statement anew whenever a value that a partial index
    // mentions is bound to it, which costs several times what running it does.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(open)?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(open)?;
    let synchronous = match options.durability {
        Durability::Full => "FULL",
        Durability::Normal => "NORMAL",
        Durability::Off => "OFF",
    };
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        // SQLite falls back to reading when the file's mode leaves it nothing else.
        if connection.is_readonly("main").map_err(open)? {
            return Err(failed("it cannot be written: check the owner and mode of the file".to_owned()));
        }
        let mode: String = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))
            .map_err(open)?;
        if mode != "wal" {
            return Err(failed(
                "this file system cannot hold a write-ahead log, use a local disk".to_owned(),
            ));
        }
        connection.pragma_update(None, "synchronous", synchronous).map_err(open)?;
        connection.pragma_update(None, "foreign_keys", true).map_err(open)?;
        connection.pragma_update(None, "journal_size_limit", 64 << 20).map_err(open)?;
    }
    // Negative: KiB. The cache grows only as far as the data reaches.
    connection.pragma_update(None, "cache_size", -16_384).map_err(open)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(open)?;
    Ok(connection)
}

fn spawn(name: &str, lock: Arc<Lock>, run: impl FnOnce() + Send + 'static) -> Result<thread::JoinHandle<()>> {
    let run = move || {
        run();
        drop(lock);
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .map_err(|reason| Error::Open { what: format!("thread {name}"), reason: reason.to_string() })
}

fn write_loop(connection: &Connection, queue: &Receiver<Box<dyn Job>>, group: usize) {
    let connection = &Prepared::new(connection);
    while let Ok(first) = queue.recv() {
        if let Err(error) = step(connection, "BEGIN IMMEDIATE") {
            first.fail(error);
            continue;
        }
        let mut done = Vec::new();
        let ended = run_group(connection, first, || queue.try_recv().ok(), group, &mut done)
            .and_then(|()| step(connection, "COMMIT"));
        match ended {
            Ok(()) => done.into_iter().for_each(Job::answer),
            Err(error) => {
                tracing::error!(error = %error, jobs = done.len(), "A group of writes is rolled back");
                // The transaction may be gone already; without one this is a harmless error.
                step(connection, "ROLLBACK").ok();
                for job in done {
                    job.fail(Error::Commit { reason: error.to_string() });
                }
            }
        }
    }
}

/// Runs a group, each job in its savepoint. Whoever waits for the commit is in `done`; an error ends the group.
fn run_group(
    connection: &Prepared<'_>,
    first: Box<dyn Job>,
    next: impl Fn() -> Option<Box<dyn Job>>,
    group: usize,
    done: &mut Vec<Box<dyn Job>>,
) -> Result<()> {
    let mut taken = 0;
    let mut waiting = Some(first);
    while let Some(mut job) = waiting {
        match run_in_savepoint(connection, job.as_mut()) {
            Ok(None) => done.push(job),
            Ok(Some(error)) => job.fail(error),
            Err(error) => {
                done.push(job);
                return Err(error);
            }
        }
        taken += 1;
        waiting = if taken < group { next() } else { None };
    }
    Ok(())
}

/// Runs one job; `Some` is an error for it alone. An `Err` means that the whole transaction can go no further.
fn run_in_savepoint(connection: &Prepared<'_>, job: &mut dyn Job) -> Result<Option<Error>> {
    step(connection, "SAVEPOINT job")?;
    let mut tx = Tx::sqlite(connection);
    let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut tx)));
    let has_failed = tx.has_failed();
    if connection.is_autocommit() {
        return Err(Error::Commit { reason: "SQLite gave the transaction up".to_owned() });
    }
    if matches!(ran, Ok(true)) && !has_failed {
        return step(connection, "RELEASE job").map(|()| None);
    }
    step(connection, "ROLLBACK TO job")?;
    step(connection, "RELEASE job")?;
    Ok(match ran {
        Ok(true) => Some(Error::Aborted),
        Ok(false) => None,
        Err(_) => Some(Error::Panicked),
    })
}

fn read_loop(connection: &Connection, queue: &Receiver<Box<dyn Job>>) {
    let connection = &Prepared::new(connection);
    while let Ok(mut job) = queue.recv() {
        if let Err(error) = step(connection, "BEGIN") {
            job.fail(error);
            continue;
        }
        let ran = catch_unwind(AssertUnwindSafe(|| job.run(&mut Tx::sqlite(connection))));
        // There is nothing to keep, and a transaction that is gone has nothing to end.
        let ended = if connection.is_autocommit() { Ok(()) } else { step(connection, "ROLLBACK") };
        match (ran, ended) {
            (Ok(_), Ok(())) => job.answer(),
            (Err(_), _) => job.fail(Error::Panicked),
            (_, Err(error)) => job.fail(error),
        }
    }
}

fn step(connection: &Prepared<'_>, sql: &'static str) -> Result<()> {
    connection.lend(sql, &mut |statement| statement.execute([]).map(drop)).map_err(Error::Sqlite)
}
