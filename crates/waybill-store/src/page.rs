//! Keyset pages: the rows after (or before) the last key that a client has seen, never an offset.

use crate::{error::Result, row::Row, tx::Tx, value::Value};

/// What a list is sorted by. Ties are broken by the row's identifier, in the same direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Order {
    pub column: Column,
    pub descending: bool,
}

/// The columns that lists may be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    CreatedAt,
    UpdatedAt,
}

/// Where a page starts: the sort column of a row, and the row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Text(String, i64),
    Int(i64, i64),
}

/// Which part of a list is asked for.
#[derive(Clone, Debug)]
pub struct Slice {
    pub order: Order,
    /// The last row seen; `None` starts at the list's beginning.
    pub from: Option<Key>,
    /// Go towards the beginning instead of the end.
    pub backwards: bool,
    pub limit: u32,
}

/// Part of a list, in the list's order whichever way it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The keys to go on from, where there is more.
    pub next: Option<Key>,
    pub previous: Option<Key>,
}

/// One list's statements, one for each column and direction: `$1` is the parent, `$2` and `$3` the key.
pub(crate) struct ListSql {
    pub(crate) name: [&'static str; 2],
    /// Whether the name that it sorts by is a number.
    pub(crate) name_is_number: bool,
    pub(crate) created_at: [&'static str; 2],
    pub(crate) updated_at: [&'static str; 2],
}

/// Writes the statements of a list from its `SELECT … WHERE …` and the columns it sorts by.
macro_rules! list_sql {
    ($select:literal, name: $name:literal, created_at: $created:literal, updated_at: $updated:literal, id: $id:literal) => {
        $crate::page::ListSql {
            name: $crate::page::list_sql!(@both $select, $name, $id),
            name_is_number: false,
            created_at: $crate::page::list_sql!(@both $select, $created, $id),
            updated_at: $crate::page::list_sql!(@both $select, $updated, $id),
        }
    };
    (@both $select:literal, $column:literal, $id:literal) => {
        [
            concat!($select, " AND (", $column, ", ", $id, ") > ($2, $3) ORDER BY ", $column, ", ", $id, " LIMIT $4"),
            concat!(
                $select, " AND (", $column, ", ", $id, ") < ($2, $3) ORDER BY ", $column, " DESC, ", $id,
                " DESC LIMIT $4"
            ),
        ]
    };
}
pub(crate) use list_sql;

/// Sorts after every text a name can be.
const LAST_TEXT: &str = "\u{10FFFF}";

impl Key {
    fn values(&self) -> [Value; 2] {
        match self {
            Self::Text(value, id) => [value.into(), (*id).into()],
            Self::Int(value, id) => [(*value).into(), (*id).into()],
        }
    }
}

impl Tx<'_> {
    /// Reads one page. `key` tells the key of an item for the list's order.
    pub(crate) fn page<T>(
        &mut self,
        sql: &ListSql,
        parent: Value,
        slice: &Slice,
        from_row: impl FnMut(&Row<'_>) -> Result<T>,
        key: impl Fn(&T) -> Key,
    ) -> Result<Page<T>> {
        let descending = slice.order.descending != slice.backwards;
        let texts = match slice.order.column {
            Column::Name => sql.name,
            Column::CreatedAt => sql.created_at,
            Column::UpdatedAt => sql.updated_at,
        };
        let text = texts[usize::from(descending)];
        let is_text = slice.order.column == Column::Name && !sql.name_is_number;
        let start = slice.from.clone().unwrap_or_else(|| edge(is_text, descending));
        let [value, id] = start.values();
        let rows = self.many(text, &[parent, value, id, slice.rows().into()], from_row)?;
        Ok(slice.cut(rows, key))
    }
}

impl Slice {
    /// How many rows to ask for: one more than the page has tells whether there are more.
    pub(crate) fn rows(&self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// The row to go on from in a list that is sorted by its rows alone, newest first.
    pub(crate) fn start_row(&self) -> i64 {
        match self.from {
            Some(Key::Int(_, row) | Key::Text(_, row)) => row,
            None if self.backwards => i64::MIN,
            None => i64::MAX,
        }
    }

    /// Makes a page of the rows that were read, in whichever direction: one more than it has, if there are more.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> Key) -> Page<T> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        if self.backwards {
            rows.reverse();
        }
        let (first, last) = (rows.first().map(&key), rows.last().map(&key));
        let came_from = self.from.is_some();
        let (next, previous) = if self.backwards {
            (last.filter(|_| came_from), first.filter(|_| more))
        } else {
            (last.filter(|_| more), first.filter(|_| came_from))
        };
        Page { items: rows, next, previous }
    }
}

impl<T> Page<T> {
    /// A page of a list that was read whole because it is short.
    pub fn of_all(mut all: Vec<T>, slice: &Slice, key: impl Fn(&T) -> Key) -> Self {
        let descending = slice.order.descending != slice.backwards;
        all.sort_by(|a, b| {
            let order = key(a).cmp(&key(b));
            if descending { order.reverse() } else { order }
        });
        if let Some(from) = &slice.from {
            all.retain(|item| if descending { key(item) < *from } else { key(item) > *from });
        }
        slice.cut(all, key)
    }

    /// The same page of other items.
    pub fn map<U>(self, change: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(change).collect(), next: self.next, previous: self.previous }
    }
}

/// The key before the first row.
fn edge(is_text: bool, descending: bool) -> Key {
    match (is_text, descending) {
        (true, false) => Key::Text(String::new(), i64::MIN),
        (true, true) => Key::Text(LAST_TEXT.to_owned(), i64::MAX),
        (false, false) => Key::Int(i64::MIN, i64::MIN),
        (false, true) => Key::Int(i64::MAX, i64::MAX),
    }
}
