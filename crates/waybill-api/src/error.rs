//! The error body of every interface but the token endpoint: `{"code": 5, "message": "…", "details": []}`.
//!
//! Clients branch on `code` in the body, not on the HTTP status: Packer reads 5 as "create that bucket" and
//! 10 as "create that version".

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;
use utoipa::ToSchema;

/// What went wrong (`google.rpc.Status`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = Error)]
pub struct Status {
    /// A number of `google.rpc.Code`.
    #[schema(value_type = u8, required = true)]
    pub code: Code,
    /// For whoever called: what, where and what to do.
    #[schema(required = true)]
    pub message: String,
    #[serde(deserialize_with = "crate::encoding::null_as_empty")]
    #[schema(value_type = Vec<Object>, required = true)]
    pub details: Vec<Any>,
}

/// A value with the name of its type (`google.protobuf.Any`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Any {
    #[serde(rename = "@type", default)]
    pub type_url: String,
    #[serde(flatten)]
    pub members: BTreeMap<String, serde_json::Value>,
}

/// The kinds of failure (`google.rpc.Code`), numbers on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    Ok = 0,
    Cancelled = 1,
    /// Also what an unlisted number is read as.
    #[default]
    Unknown = 2,
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// A word that is not a member of its enumeration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{member}` cannot be `{word}`, it is one of {}", known.join(", "))]
pub struct UnknownWord {
    member: &'static str,
    word: String,
    known: &'static [&'static str],
}

impl Status {
    /// A status without details.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), details: Vec::new() }
    }
}

impl Code {
    const ALL: [Self; 17] = [
        Self::Ok,
        Self::Cancelled,
        Self::Unknown,
        Self::InvalidArgument,
        Self::DeadlineExceeded,
        Self::NotFound,
        Self::AlreadyExists,
        Self::PermissionDenied,
        Self::ResourceExhausted,
        Self::FailedPrecondition,
        Self::Aborted,
        Self::OutOfRange,
        Self::Unimplemented,
        Self::Internal,
        Self::Unavailable,
        Self::DataLoss,
        Self::Unauthenticated,
    ];

    /// The number on the wire.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The HTTP status that accompanies the code. `FailedPrecondition` is 400, as HCP has it.
    pub const fn http_status(self) -> u16 {
        match self {
            Self::Ok => 200,
            Self::InvalidArgument | Self::FailedPrecondition | Self::OutOfRange => 400,
            Self::Unauthenticated => 401,
            Self::PermissionDenied => 403,
            Self::NotFound => 404,
            Self::AlreadyExists | Self::Aborted => 409,
            Self::ResourceExhausted => 429,
            Self::Cancelled => 499,
            Self::Unknown | Self::Internal | Self::DataLoss => 500,
            Self::Unimplemented => 501,
            Self::Unavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }
}

impl From<i32> for Code {
    fn from(number: i32) -> Self {
        Self::ALL.into_iter().find(|code| code.number() == number).unwrap_or(Self::Unknown)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(self.number())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i32::deserialize(deserializer).map(Self::from)
    }
}

impl UnknownWord {
    pub(crate) fn new(member: &'static str, word: &str, known: &'static [&'static str]) -> Self {
        Self { member, word: word.to_owned(), known }
    }
}
