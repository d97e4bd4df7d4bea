//! PostgreSQL: threads that each own a connection and share a queue.
//!
//! Half of the threads serve writes and half reads, so a burst of writes cannot starve the readers.
//! Writes are serializable; a serialization failure runs the closure again (as CockroachDB asks for as well), and
//! so does a connection that broke before the commit.
//!
//! A thread takes a transaction from its queue only when it has a connection to run it on. Threads that cannot
//! connect leave the queue to those that can; when none can, whoever waits is told so at once, and the threads
//! try again with growing pauses.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crossbeam_channel::{Receiver, RecvTimeoutError, Select, Sender, TryRecvError, bounded};

use crate::{
    error::{Error, Result},
    postgres::{
        connection::{Connection, Connector, Ended, Trouble},
        pauses::Pauses,
    },
    store::{Job, Options},
};

mod connection;
mod pauses;
mod transaction;

pub(crate) use transaction::PgTx;

const QUEUE: usize = 4096;
/// Tries of a write that meets others; the pauses between them add up to about two seconds.
const CONFLICTS: u32 = 24;
const CONFLICT_PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(128));
/// A row that another transaction inserted or deleted in between is seen by the next run. A closure that
/// violates a constraint by itself does so every time.
const RACES: u32 = 4;
/// Connections that one transaction may lose.
const LOSSES: u32 = 2;
const CONNECT_PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(3));
/// How often a thread that rests looks whether the others still have a connection.
const LOOK: Duration = Duration::from_millis(100);

const BEGIN_WRITE: &str = "BEGIN ISOLATION LEVEL SERIALIZABLE READ WRITE";
const BEGIN_READ: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// The threads of one database. Dropping it lets them finish what is queued.
pub(crate) struct Postgres {
    pub(crate) writes: Sender<Box<dyn Job>>,
    pub(crate) reads: Sender<Box<dyn Job>>,
    /// Nothing is sent through it: its end wakes the threads that rest.
    closing: Sender<Infallible>,
    threads: Vec<thread::JoinHandle<()>>,
}

impl Postgres {
    pub(crate) fn open(url: &str, options: &Options) -> Result<Self> {
        let connector = Arc::new(Connector::new(url)?);
        // On a thread of its own, as all connections: a caller inside a runtime may not drive another one.
        let mut first = thread::scope(|scope| {
            let opened = scope.spawn(|| {
                let mut connection = connector.connect()?;
                connection.migrate()?;
                Ok(connection)
            });
            opened.join().unwrap_or(Err(Error::Panicked)).map(Some)
        })?;
        let (writes, write_queue) = bounded::<Box<dyn Job>>(QUEUE);
        let (reads, read_queue) = bounded::<Box<dyn Job>>(QUEUE);
        let (closing, closed) = bounded(0);
        let (write_lane, read_lane) = (Arc::default(), Arc::default());
        let mut threads = Vec::new();
        for at in 0..options.connections.max(2) {
            let (name, queue, begin, lane) = if at % 2 == 0 {
                ("store-write", &write_queue, BEGIN_WRITE, &write_lane)
            } else {
                ("store-read", &read_queue, BEGIN_READ, &read_lane)
            };
            let mut worker = Worker {
                connector: Arc::clone(&connector),
                queue: queue.clone(),
                begin,
                closed: closed.clone(),
                lane: Arc::clone(lane),
                connection: None,
                pauses: Pauses::between(CONNECT_PAUSES),
            };
            worker.connection = first.take().map(|first| Connected::new(first, &worker.lane));
            let thread = thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || worker.work())
                .map_err(|reason| Error::Open { what: "a thread".to_owned(), reason: reason.to_string() })?;
            threads.push(thread);
        }
        Ok(Self { writes, reads, closing, threads })
    }

    pub(crate) fn close(self) {
        drop(self.closing);
        drop(self.writes);
        drop(self.reads);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("A store thread panicked");
            }
        }
    }
}

/// How many threads of one queue have a connection.
type Lane = AtomicUsize;

/// A connection that is counted in its lane for as long as it lives.
struct Connected {
    connection: Connection,
    lane: Arc<Lane>,
}

impl Connected {
    fn new(connection: Connection, lane: &Arc<Lane>) -> Self {
        lane.fetch_add(1, Ordering::SeqCst);
        Self { connection, lane: Arc::clone(lane) }
    }
}

impl Drop for Connected {
    fn drop(&mut self) {
        self.lane.fetch_sub(1, Ordering::SeqCst);
    }
}

struct Worker {
    connector: Arc<Connector>,
    queue: Receiver<Box<dyn Job>>,
    begin: &'static str,
    closed: Receiver<Infallible>,
    lane: Arc<Lane>,
    connection: Option<Connected>,
    pauses: Pauses,
}

impl Worker {
    fn work(mut self) {
        while let Some(job) = self.next() {
            self.run(job);
        }
    }

    /// The next job, when there is a connection for it. `None`: the store is closed and nothing is left.
    fn next(&mut self) -> Option<Box<dyn Job>> {
        loop {
            if self.connection.is_some() {
                return self.queue.recv().ok();
            }
            let mut work = Select::new();
            work.recv(&self.queue);
            work.ready();
            // What is left is for the others, if there are any who can do it.
            if self.is_closed() && (self.queue.is_empty() || self.lane.load(Ordering::SeqCst) > 0) {
                return None;
            }
            if let Err(error) = self.connect() {
                tracing::error!(error = %error, "No connection to PostgreSQL");
                self.rest(&error);
            } else if let Ok(job) = self.queue.try_recv() {
                return Some(job);
            }
        }
    }

    fn is_closed(&self) -> bool {
        self.closed.try_recv() == Err(TryRecvError::Disconnected)
    }

    fn connect(&mut self) -> Result<()> {
        let connection = self.connector.connect()?;
        self.connection = Some(Connected::new(connection, &self.lane));
        self.pauses.reset();
        Ok(())
    }

    /// Waits before the next attempt to connect. While nobody has a connection, nobody is kept waiting for one.
    fn rest(&mut self, error: &Error) {
        let until = Instant::now() + self.pauses.next();
        loop {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            if self.lane.load(Ordering::SeqCst) > 0 {
                if self.closed.recv_timeout(left.min(LOOK)) == Err(RecvTimeoutError::Disconnected) {
                    return;
                }
                continue;
            }
            match self.queue.recv_timeout(left.min(LOOK)) {
                Ok(job) => job.fail(unavailable(error)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Runs the job until its transaction commits, fails for good, or meets trouble too often.
    fn run(&mut self, mut job: Box<dyn Job>) {
        let (mut conflicts, mut races, mut losses) = (0, 0, 0);
        let mut pauses = Pauses::between(CONFLICT_PAUSES);
        loop {
            if self.connection.is_none()
                && let Err(error) = self.connect()
            {
                return job.fail(unavailable(&error));
            }
            let Some(Connected { connection, .. }) = &mut self.connection else {
                return job.fail(Error::Closed);
            };
            // A panic may have left anything behind, so the connection goes with it.
            let ended = catch_unwind(AssertUnwindSafe(|| connection.attempt(job.as_mut(), self.begin)));
            if ended.is_err() || connection.is_broken() {
                self.connection = None;
            }
            let (trouble, error) = match ended {
                Ok(Ended::Final) => return job.answer(),
                Ok(Ended::Failed(error)) => return job.fail(error),
                Ok(Ended::Again { trouble, error }) => (trouble, error),
                Err(_) => return job.fail(Error::Panicked),
            };
            let (count, most) = match trouble {
                Trouble::Conflict => (&mut conflicts, CONFLICTS),
                Trouble::Race => (&mut races, RACES),
                Trouble::Loss | Trouble::Stale => (&mut losses, LOSSES),
            };
            *count += 1;
            if *count >= most {
                return match (trouble, error) {
                    (Trouble::Conflict, _) => job.fail(Error::Conflict { tries: CONFLICTS }),
                    (_, Some(error)) => job.fail(error),
                    // The closure returned the error by itself.
                    (_, None) => job.answer(),
                };
            }
            match trouble {
                Trouble::Conflict => thread::sleep(pauses.next()),
                Trouble::Race => {}
                Trouble::Loss | Trouble::Stale => self.connection = None,
            }
        }
    }
}

fn unavailable(error: &Error) -> Error {
    Error::Unavailable { reason: error.to_string() }
}
