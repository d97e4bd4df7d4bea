//! One transaction, on either database.
//!
//! Four private methods carry every query: [`Tx::one`] and [`Tx::many`] ask, [`Tx::execute`] changes and counts,
//! [`Tx::send`] changes and does not wait: on PostgreSQL what was sent travels with the next question or the
//! commit, and its error surfaces there.
//!
//! Every statement is told to the log at `trace`, under the target `waybill_store::statement`.

use crate::{
    error::{Error, Result},
    postgres::PgTx,
    row::Row,
    sqlite::Statements,
    value::Value,
};

/// A transaction that reads one consistent state and, in a write, changes it.
///
/// An error of a statement ends it: whoever gets one returns it. A closure that goes on is rolled back.
pub struct Tx<'t> {
    kind: Kind<'t>,
    /// Whether a statement failed (on PostgreSQL its connection knows).
    failed: bool,
}

enum Kind<'t> {
    Sqlite(&'t dyn Statements),
    Postgres(PgTx<'t>),
}

/// A statement whose text differs between the databases.
#[derive(Clone, Copy)]
pub(crate) struct Both {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

/// Writes a statement about a set of rows from its columns and what follows `FROM` and the set, whose members are
/// `j.id`. The set is `$1`, one JSON array: SQLite has no arrays, PostgreSQL no `json_each`.
macro_rules! of_rows {
    ([$($columns:tt)*] [$($rest:tt)*]) => {
        $crate::tx::Both {
            sqlite: concat!(
                "SELECT ",
                $($columns)*,
                " FROM (SELECT e.value AS id FROM json_each($1) e) j ",
                $($rest)*
            ),
            postgres: concat!(
                "SELECT ",
                $($columns)*,
                " FROM (SELECT CAST(e.value AS BIGINT) AS id
                          FROM json_array_elements_text(CAST(CAST($1 AS TEXT) AS JSON)) e (value)) j ",
                $($rest)*
            ),
        }
    };
}
pub(crate) use of_rows;

/// A statement: one text for both databases, or one for each.
#[derive(Clone, Copy)]
pub(crate) enum Sql {
    Common(&'static str),
    Each(Both),
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Common(text)
    }
}

impl From<Both> for Sql {
    fn from(both: Both) -> Self {
        Self::Each(both)
    }
}

impl<'t> Tx<'t> {
    pub(crate) fn sqlite(connection: &'t dyn Statements) -> Self {
        Self { kind: Kind::Sqlite(connection), failed: false }
    }

    pub(crate) fn postgres(tx: PgTx<'t>) -> Self {
        Self { kind: Kind::Postgres(tx), failed: false }
    }

    pub(crate) fn into_postgres(self) -> Option<PgTx<'t>> {
        match self.kind {
            Kind::Sqlite(_) => None,
            Kind::Postgres(tx) => Some(tx),
        }
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed
    }

    /// The only row, if there is one.
    pub(crate) fn one<T>(
        &mut self,
        sql: impl Into<Sql>,
        params: &[Value],
        from_row: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        Ok(self.many(sql, params, from_row)?.into_iter().next())
    }

    /// All rows, in the statement's order.
    pub(crate) fn many<T>(
        &mut self,
        sql: impl Into<Sql>,
        params: &[Value],
        mut from_row: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        match &mut self.kind {
            Kind::Sqlite(connection) => {
                let mut answer = Vec::new();
                // What reading a row fails on is not the statement's failure.
                let mut read = Ok(());
                let asked = connection.lend(sql.into().sqlite(), &mut |statement| {
                    let mut rows = statement.query(rusqlite::params_from_iter(params))?;
                    while let (Some(row), Ok(())) = (rows.next()?, &read) {
                        match from_row(&Row::Sqlite(row)) {
                            Ok(item) => answer.push(item),
                            Err(error) => read = Err(error),
                        }
                    }
                    Ok(())
                });
                self.failed |= asked.is_err();
                read?;
                asked.map_err(Error::Sqlite)?;
                Ok(answer)
            }
            Kind::Postgres(tx) => tx
                .query(sql.into().postgres(), params)?
                .iter()
                .map(|row| from_row(&Row::Postgres(row)))
                .collect(),
        }
    }

    /// Changes rows and tells how many.
    pub(crate) fn execute(&mut self, sql: impl Into<Sql>, params: &[Value]) -> Result<u64> {
        match &mut self.kind {
            Kind::Sqlite(connection) => {
                let mut changed = 0;
                let done = connection.lend(sql.into().sqlite(), &mut |statement| {
                    changed = statement.execute(rusqlite::params_from_iter(params))?;
                    Ok(())
                });
                self.failed |= done.is_err();
                done.map_err(Error::Sqlite)?;
                Ok(u64::try_from(changed).unwrap_or(u64::MAX))
            }
            Kind::Postgres(tx) => tx.execute(sql.into().postgres(), params),
        }
    }

    /// Changes rows; nobody needs the answer.
    pub(crate) fn send(&mut self, sql: impl Into<Sql>, params: Vec<Value>) -> Result<()> {
        match &mut self.kind {
            Kind::Sqlite(_) => self.execute(sql, &params).map(drop),
            Kind::Postgres(tx) => tx.send(sql.into().postgres(), params),
        }
    }

    /// Inserts a row by a statement that ends in `RETURNING id`.
    pub(crate) fn insert(&mut self, sql: &'static str, params: &[Value]) -> Result<i64> {
        self.one(sql, params, |row| row.int(0))?.ok_or(Error::Corrupt {
            column: 0,
            expected: "the identifier of an inserted row",
            found: "no row".to_owned(),
        })
    }
}

impl Sql {
    fn sqlite(self) -> &'static str {
        let text = match self {
            Self::Common(text) => text,
            Self::Each(both) => both.sqlite,
        };
        tracing::trace!(target: "waybill_store::statement", database = "sqlite", sql = text);
        text
    }

    fn postgres(self) -> &'static str {
        let text = match self {
            Self::Common(text) => text,
            Self::Each(both) => both.postgres,
        };
        tracing::trace!(target: "waybill_store::statement", database = "postgres", sql = text);
        text
    }
}
