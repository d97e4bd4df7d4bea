//! One transaction: `BEGIN` travels with the first question, everything given to [`PgTx::send`] with the next
//! question or the commit.

use std::{
    future::poll_fn,
    pin::{Pin, pin},
    task::Poll,
    time::Duration,
};

use futures_util::future::{MaybeDone, maybe_done};
use tokio::time::timeout;
use tokio_postgres::{Client, Statement, types::ToSql};

use crate::{
    error::{Error, Result},
    postgres::connection::{Connection, Trouble, trouble},
    value::Value,
};

/// Longer than any statement takes, unless its answer will never come.
const ANSWER_TIME: Duration = Duration::from_mins(2);

type Answer<T> = Result<T, tokio_postgres::Error>;

/// A transaction of one connection.
pub(crate) struct PgTx<'t> {
    connection: &'t mut Connection,
    /// The `BEGIN` that has not been sent yet.
    begin: Option<&'static str>,
    pending: Vec<(Statement, Vec<Value>)>,
    /// A statement failed: the server takes nothing more but the end of the transaction.
    has_failed: bool,
    /// Why the closure should run again: what the first failure means.
    trouble: Option<Trouble>,
}

impl<'t> PgTx<'t> {
    pub(super) fn new(connection: &'t mut Connection, begin: &'static str) -> Self {
        Self { connection, begin: Some(begin), pending: Vec::new(), has_failed: false, trouble: None }
    }

    pub(crate) fn query(&mut self, sql: &'static str, params: &[Value]) -> Result<Vec<tokio_postgres::Row>> {
        let statement = self.prepare(sql)?;
        self.exchange(async |client: &Client| client.query(&statement, &references(params)).await)
    }

    pub(crate) fn execute(&mut self, sql: &'static str, params: &[Value]) -> Result<u64> {
        let statement = self.prepare(sql)?;
        self.exchange(async |client: &Client| client.execute(&statement, &references(params)).await)
    }

    pub(crate) fn send(&mut self, sql: &'static str, params: Vec<Value>) -> Result<()> {
        let statement = self.prepare(sql)?;
        self.pending.push((statement, params));
        Ok(())
    }

    /// Why the closure should run again, if it should.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.trouble
    }

    /// Keeps the changes, if this returns `Ok`.
    pub(super) fn commit(&mut self) -> Result<()> {
        if self.has_failed {
            self.roll_back();
            return Err(Error::Aborted);
        }
        if self.begin.is_some() && self.pending.is_empty() {
            return Ok(());
        }
        let is_open = !self.connection.client.is_closed();
        let committed = self.exchange(async |client: &Client| client.batch_execute("COMMIT").await);
        let is_lost = self.connection.is_broken() || self.trouble == Some(Trouble::Loss);
        if committed.is_err() && is_lost && is_open {
            // The server may have heard the commit, or not: it must not be tried again.
            self.trouble = None;
            self.connection.is_broken = true;
            return Err(Error::InDoubt);
        }
        committed
    }

    /// Forgets the changes. If that fails the connection goes, and they with it.
    pub(super) fn roll_back(&mut self) {
        self.pending.clear();
        if self.begin.is_none() && !self.connection.is_broken() {
            let trouble = self.trouble;
            let rolled_back = self.exchange(async |client: &Client| client.batch_execute("ROLLBACK").await);
            self.connection.is_broken |= rolled_back.is_err();
            self.trouble = trouble;
        }
    }

    fn prepare(&mut self, sql: &'static str) -> Result<Statement> {
        let key = (sql.as_ptr().addr(), sql.len());
        if let Some(known) = self.connection.statements.get(&key) {
            return Ok(known.clone());
        }
        let Connection { runtime, client, .. } = &*self.connection;
        let answer = runtime.block_on(async { timeout(ANSWER_TIME, client.prepare(sql)).await });
        let prepared = self.judge(answer)?;
        self.connection.statements.insert(key, prepared.clone());
        Ok(prepared)
    }

    /// Sends `BEGIN`, what waits and `last`, then waits for their answers.
    fn exchange<T>(&mut self, last: impl AsyncFnOnce(&Client) -> Answer<T>) -> Result<T> {
        let begin = self.begin.take();
        let pending = std::mem::take(&mut self.pending);
        let Connection { runtime, client, .. } = &*self.connection;
        let answer = runtime
            .block_on(async { timeout(ANSWER_TIME, pipeline(client, begin, &pending, last(client))).await });
        self.judge(answer)
    }

    /// Remembers what the first failure means.
    fn judge<T>(&mut self, answer: Result<Answer<T>, tokio::time::error::Elapsed>) -> Result<T> {
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                if !self.has_failed {
                    self.trouble = trouble(&error);
                }
                self.has_failed = true;
                Err(Error::Postgres(error))
            }
            Err(_) => {
                self.has_failed = true;
                self.connection.is_broken = true;
                Err(Error::Silent(ANSWER_TIME))
            }
        }
    }
}

/// Sends `begin`, the pending changes and `last`, in this order, before it waits for the first answer.
/// The first error counts: after it the server does nothing more in this transaction.
async fn pipeline<T>(
    client: &Client,
    begin: Option<&'static str>,
    pending: &[(Statement, Vec<Value>)],
    last: impl Future<Output = Answer<T>>,
) -> Answer<T> {
    let begin = async {
        match begin {
            Some(begin) => client.batch_execute(begin).await,
            None => Ok(()),
        }
    };
    let mut begin = pin!(maybe_done(begin));
    send(begin.as_mut()).await?;
    let mut changes: Vec<_> = pending
        .iter()
        .map(|(statement, params)| Box::pin(maybe_done(change(client, statement, params))))
        .collect();
    for change in &mut changes {
        send(change.as_mut()).await?;
    }
    let mut last = pin!(maybe_done(last));
    send(last.as_mut()).await?;
    let mut ended = receive(begin.as_mut()).await;
    for change in &mut changes {
        ended = ended.and(receive(change.as_mut()).await);
    }
    // Waited for even after an error, so that the next transaction starts on a quiet connection.
    let last = receive(last).await;
    ended.and(last)
}

async fn change(client: &Client, statement: &Statement, params: &[Value]) -> Answer<()> {
    client.execute(statement, &references(params)).await.map(drop)
}

/// Polls a request once: the driver queues it then. An error at once means that it went nowhere.
async fn send<T, F>(mut request: Pin<&mut MaybeDone<F>>) -> Answer<()>
where
    F: Future<Output = Answer<T>>,
{
    // Done or not makes no difference here: the answer stays where it is.
    poll_fn(|context| {
        let _is_done = request.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
    if let Some(Err(_)) = request.as_mut().output_mut() {
        return receive(request).await.map(drop);
    }
    Ok(())
}

async fn receive<T, F>(mut request: Pin<&mut MaybeDone<F>>) -> Answer<T>
where
    F: Future<Output = Answer<T>>,
{
    request.as_mut().await;
    request.take_output().expect("an answer is taken once")
}

fn references(params: &[Value]) -> Vec<&(dyn ToSql + Sync)> {
    params.iter().map(|value| value as &(dyn ToSql + Sync)).collect()
}
