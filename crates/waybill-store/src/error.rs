//! What can go wrong between the registry and its database.

use std::time::Duration;

use thiserror::Error as ThisError;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of the store. None of them is the user's fault; all but `Busy` want an operator's attention.
#[derive(Debug, ThisError)]
pub enum Error {
    /// The queue of waiting transactions is full: the caller should try again shortly.
    #[error("the database is busy: more transactions are waiting than it may queue")]
    Busy,
    #[error("the database is closed")]
    Closed,
    #[error("another waybill process uses the data folder {folder}: stop it, or choose another folder")]
    Locked { folder: String },
    #[error("cannot open {what}: {reason}")]
    Open { what: String, reason: String },
    /// PostgreSQL cannot be reached. The store goes on trying; the caller may as well.
    #[error("no connection to PostgreSQL: {reason}")]
    Unavailable { reason: String },
    #[error("PostgreSQL did not answer within {} s", .0.as_secs())]
    Silent(Duration),
    /// The one case in which nobody knows what happened to a write.
    #[error("the connection to PostgreSQL broke during a commit: the change was made or not")]
    InDoubt,
    #[error("SQLite: {0}")]
    Sqlite(#[source] rusqlite::Error),
    #[error("PostgreSQL: {}", postgres_text(.0))]
    Postgres(#[source] tokio_postgres::Error),
    /// The transaction and its neighbours in the group were rolled back.
    #[error("the change was not committed: {reason}")]
    Commit { reason: String },
    /// A closure must return the error of a statement: PostgreSQL takes nothing more after it.
    #[error("a transaction went on after one of its statements had failed, and was rolled back")]
    Aborted,
    /// Serialization failures went on for too long.
    #[error("gave up after {tries} conflicts with other transactions")]
    Conflict { tries: u32 },
    #[error("column {column} holds {found}, which is not {expected}")]
    Corrupt { column: usize, expected: &'static str, found: String },
    #[error("migration {number} ({name}): {reason}")]
    Migration { number: i64, name: &'static str, reason: String },
    #[error("a transaction panicked and was rolled back")]
    Panicked,
}

/// The driver's own text is only "db error" or "error connecting to server"; its causes say what happened.
fn postgres_text(error: &tokio_postgres::Error) -> String {
    if let Some(db) = error.as_db_error() {
        return format!("{} ({})", db.message(), db.code().code());
    }
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
