//! Migrations: numbered files, one folder per dialect, the same numbers in both, never edited after they land.
//!
//! A row of `schema_migrations` remembers each with its checksum, so that a database made by another edition of a
//! file is refused instead of guessed at. A database that is newer than the program is refused as well.

use sha2::{Digest, Sha256};
use tokio_postgres::IsolationLevel;

use crate::error::{Error, Result};

struct Migration {
    number: i64,
    name: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        name: "registry",
        sqlite: include_str!("migrate/sqlite/0001_registry.sql"),
        postgres: include_str!("migrate/postgres/0001_registry.sql"),
    },
    Migration {
        number: 2,
        name: "identities",
        sqlite: include_str!("migrate/sqlite/0002_identities.sql"),
        postgres: include_str!("migrate/postgres/0002_identities.sql"),
    },
    Migration {
        number: 3,
        name: "children",
        sqlite: include_str!("migrate/sqlite/0003_children.sql"),
        postgres: include_str!("migrate/postgres/0003_children.sql"),
    },
    Migration {
        number: 4,
        name: "credentials",
        sqlite: include_str!("migrate/sqlite/0004_credentials.sql"),
        postgres: include_str!("migrate/postgres/0004_credentials.sql"),
    },
];

const TABLE: &str = "
    CREATE TABLE IF NOT EXISTS schema_migrations (
        number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)";
const APPLIED: &str = "SELECT number, checksum FROM schema_migrations ORDER BY number";

/// Any number will do, as long as every server takes the same one.
const POSTGRES_LOCK: &str = "SELECT pg_advisory_xact_lock(7080196800)";

pub(crate) fn sqlite(connection: &mut rusqlite::Connection) -> Result<()> {
    connection.execute_batch(TABLE).map_err(Error::Sqlite)?;
    let tx = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(Error::Sqlite)?;
    let applied: Vec<(i64, String)> = tx
        .prepare(APPLIED)
        .and_then(|mut statement| {
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()
        })
        .map_err(Error::Sqlite)?;
    for migration in outstanding(&applied, |migration| migration.sqlite)? {
        tx.execute_batch(migration.sqlite).map_err(|error| failed(migration, &error.to_string()))?;
        tx.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES (?1, ?2, ?3)",
            rusqlite::params![migration.number, migration.name, checksum(migration.sqlite)],
        )
        .map_err(Error::Sqlite)?;
    }
    tx.commit().map_err(Error::Sqlite)
}

pub(crate) async fn postgres(client: &mut tokio_postgres::Client) -> Result<()> {
    // Read committed, whatever the database's default: what the lock was waited for must be visible after it.
    let tx = client
        .build_transaction()
        .isolation_level(IsolationLevel::ReadCommitted)
        .read_only(false)
        .start()
        .await
        .map_err(Error::Postgres)?;
    tx.batch_execute(POSTGRES_LOCK).await.map_err(Error::Postgres)?;
    tx.batch_execute(TABLE).await.map_err(Error::Postgres)?;
    let rows = tx.query(APPLIED, &[]).await.map_err(Error::Postgres)?;
    let applied: Vec<(i64, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    for migration in outstanding(&applied, |migration| migration.postgres)? {
        tx.batch_execute(migration.postgres)
            .await
            .map_err(|error| failed(migration, &Error::Postgres(error).to_string()))?;
        tx.execute(
            "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)",
            &[&migration.number, &migration.name, &checksum(migration.postgres)],
        )
        .await
        .map_err(Error::Postgres)?;
    }
    tx.commit().await.map_err(Error::Postgres)
}

/// What still has to run, after checking what did.
fn outstanding(
    applied: &[(i64, String)],
    text: impl Fn(&Migration) -> &'static str,
) -> Result<&'static [Migration]> {
    for (at, (number, stored)) in applied.iter().enumerate() {
        let Some(migration) = MIGRATIONS.get(at) else {
            return Err(Error::Migration {
                number: *number,
                name: "unknown",
                reason: "the database was made by a newer waybill: use that version or a newer one"
                    .to_owned(),
            });
        };
        if migration.number != *number || checksum(text(migration)) != *stored {
            return Err(failed(migration, "the database was made by another edition of this migration"));
        }
    }
    Ok(&MIGRATIONS[applied.len()..])
}

fn checksum(text: &str) -> String {
    use std::fmt::Write as _;
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        write!(hex, "{byte:02x}").ok();
        hex
    })
}

fn failed(migration: &Migration, reason: &str) -> Error {
    Error::Migration { number: migration.number, name: migration.name, reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_or_altered_database_is_refused() {
        let check = |applied: &[(i64, String)]| {
            outstanding(applied, |m| m.sqlite).map(<[_]>::len).map_err(|e| e.to_string())
        };
        let first = (1, checksum(MIGRATIONS[0].sqlite));
        assert_eq!(check(&[]), Ok(MIGRATIONS.len()));
        assert_eq!(check(std::slice::from_ref(&first)), Ok(MIGRATIONS.len() - 1));
        assert!(check(&[(1, "other".to_owned())]).unwrap_err().contains("another edition"));
        let mut all: Vec<_> = MIGRATIONS.iter().map(|m| (m.number, checksum(m.sqlite))).collect();
        all.push((99, String::new()));
        assert!(check(&all).unwrap_err().contains("newer waybill"));
    }
}
