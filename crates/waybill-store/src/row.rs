//! A row of either database, read by position.

use std::str::FromStr;

use jiff::Timestamp;

use crate::error::{Error, Result};

/// A row of an answer. Reading a column as what it is not is [`Error::Corrupt`]: the schema and the code disagree.
pub enum Row<'r> {
    Sqlite(&'r rusqlite::Row<'r>),
    Postgres(&'r tokio_postgres::Row),
}

impl Row<'_> {
    /// On PostgreSQL the column must be a `BIGINT`: what a statement computes is cast to it.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(Error::Sqlite),
            Self::Postgres(row) => row.try_get(column).map_err(Error::Postgres),
        }
    }

    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(Error::Sqlite),
            Self::Postgres(row) => row.try_get(column).map_err(Error::Postgres),
        }
    }

    pub fn bytes(&self, column: usize) -> Result<Vec<u8>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(Error::Sqlite),
            Self::Postgres(row) => row.try_get(column).map_err(Error::Postgres),
        }
    }

    pub fn opt_bytes(&self, column: usize) -> Result<Option<Vec<u8>>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(Error::Sqlite),
            Self::Postgres(row) => row.try_get(column).map_err(Error::Postgres),
        }
    }

    pub fn opt_bool(&self, column: usize) -> Result<Option<bool>> {
        match self {
            Self::Sqlite(row) => row.get(column).map_err(Error::Sqlite),
            Self::Postgres(row) => row.try_get(column).map_err(Error::Postgres),
        }
    }

    pub fn bool(&self, column: usize) -> Result<bool> {
        self.opt_bool(column)?.ok_or_else(|| null(column, "true or false"))
    }

    pub fn int(&self, column: usize) -> Result<i64> {
        self.opt_int(column)?.ok_or_else(|| null(column, "an integer"))
    }

    pub fn text(&self, column: usize) -> Result<String> {
        self.opt_text(column)?.ok_or_else(|| null(column, "text"))
    }

    pub fn time(&self, column: usize) -> Result<Timestamp> {
        self.opt_time(column)?.ok_or_else(|| null(column, "a time"))
    }

    pub fn opt_time(&self, column: usize) -> Result<Option<Timestamp>> {
        let Some(microseconds) = self.opt_int(column)? else { return Ok(None) };
        Timestamp::from_microsecond(microseconds).map(Some).map_err(|_| Error::Corrupt {
            column,
            expected: "a time in microseconds since 1970",
            found: microseconds.to_string(),
        })
    }

    /// Text that was checked when it was written: a name, a state, an identifier.
    pub fn parse<T: FromStr>(&self, column: usize, expected: &'static str) -> Result<T> {
        let found = self.text(column)?;
        found.parse().map_err(|_| Error::Corrupt { column, expected, found })
    }

    /// A count or number that fits 32 bits.
    pub fn count(&self, column: usize) -> Result<u32> {
        let found = self.int(column)?;
        u32::try_from(found).map_err(|_| Error::Corrupt {
            column,
            expected: "a number of 32 bits",
            found: found.to_string(),
        })
    }
}

fn null(column: usize, expected: &'static str) -> Error {
    Error::Corrupt { column, expected, found: "null".to_owned() }
}
