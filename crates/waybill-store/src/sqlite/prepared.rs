//! A connection with its statements, each prepared once.
//!
//! The statements of a program are constants, so the address of a text finds its statement: hashing the text itself
//! on every use costs as much as a small statement takes to run.

use std::{
    cell::RefCell,
    collections::{HashMap, hash_map::Entry},
};

use rusqlite::{Connection, Result, Statement};

/// The statements of a connection, whatever it lives for.
pub(crate) trait Statements {
    /// Lends the statement of a text; what was bound to it is let go afterwards.
    fn lend(&self, sql: &'static str, run: &mut dyn FnMut(&mut Statement<'_>) -> Result<()>) -> Result<()>;
}

/// A connection of one thread.
pub(crate) struct Prepared<'c> {
    connection: &'c Connection,
    /// By address and length. There are as many as the program has constants.
    statements: RefCell<HashMap<(usize, usize), Statement<'c>>>,
}

impl<'c> Prepared<'c> {
    pub(crate) fn new(connection: &'c Connection) -> Self {
        Self { connection, statements: RefCell::default() }
    }

    /// Whether no transaction is open: SQLite gives one up by itself when it must.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.connection.is_autocommit()
    }
}

impl Statements for Prepared<'_> {
    /// In SQLite `$2` is a name, numbered by first appearance; `?2` is the second parameter.
    fn lend(&self, sql: &'static str, run: &mut dyn FnMut(&mut Statement<'_>) -> Result<()>) -> Result<()> {
        let key = (sql.as_ptr().addr(), sql.len());
        let mut statements = self.statements.borrow_mut();
        let statement = match statements.entry(key) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(self.connection.prepare(&sql.replace('$', "?"))?),
        };
        let answer = run(statement);
        statement.clear_bindings();
        answer
    }
}
