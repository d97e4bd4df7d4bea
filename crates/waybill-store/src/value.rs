//! The five kinds of value that cross into a statement.

use bytes::BytesMut;
use jiff::Timestamp;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// A parameter. Times are microseconds since 1970 (see [`From<Timestamp>`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
    Bool(bool),
}

/// A set of row identifiers as one JSON array: SQLite has no arrays.
pub(crate) fn id_list(rows: impl IntoIterator<Item = i64>) -> Value {
    let ids: Vec<i64> = rows.into_iter().collect();
    serde_json::to_string(&ids).expect("integers are JSON").into()
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}

impl From<u32> for Value {
    fn from(value: u32) -> Self {
        Self::Int(value.into())
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Bytes(value)
    }
}

impl From<&[u8]> for Value {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl From<Timestamp> for Value {
    fn from(value: Timestamp) -> Self {
        Self::Int(value.as_microsecond())
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// Row identifiers of the model are integers here.
macro_rules! ids {
    ($($id:ident),*) => {
        $(impl From<waybill_model::ids::$id> for Value {
            fn from(value: waybill_model::ids::$id) -> Self {
                Self::Int(value.0)
            }
        })*
    };
}

ids!(
    OrganizationId,
    ProjectId,
    PrincipalId,
    KeyId,
    ProviderId,
    BucketId,
    VersionId,
    BuildId,
    ChannelId,
    SbomId,
    WebhookId
);

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Int(value) => ToSqlOutput::Owned(Owned::Integer(*value)),
            Self::Bool(value) => ToSqlOutput::Owned(Owned::Integer((*value).into())),
            Self::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
            Self::Bytes(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        })
    }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(value) => value.to_sql(kind, out),
            Self::Bool(value) => value.to_sql(kind, out),
            // PostgreSQL's text cannot hold NUL. What is stored was checked, so this is somebody asking for a name
            // that nothing has; the stand-in is in no name either.
            Self::Text(value) if value.contains('\0') => value.replace('\0', "\u{FFFD}").to_sql(kind, out),
            Self::Text(value) => value.to_sql(kind, out),
            Self::Bytes(value) => value.to_sql(kind, out),
        }
    }

    /// The statement's own types decide; a mismatch is a bug that the store's tests meet on both databases.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
