//! What can go wrong between a caller and the registry.
//!
//! An error says which operation failed, and when the registry itself said no, with which code and message.
//! Codes, not HTTP statuses, are what callers branch on: the registry answers 409 both for "exists already"
//! and for "no such version".

use std::time::Duration;

use thiserror::Error;
use waybill_api::error::Code;

/// Why an operation did not succeed.
#[derive(Debug, Error)]
pub enum Error {
    /// The registry answered, and the answer is no.
    #[error("{operation}: {message}")]
    Refused {
        operation: &'static str,
        /// The google.rpc code of the body; none when something other than the registry answered.
        code: Option<Code>,
        message: String,
        http_status: u16,
    },

    /// The token endpoint did not accept the credentials.
    #[error("{server} refused the client id and secret: {message}")]
    CredentialsRefused { server: String, message: String },

    /// A person is not logged in, or not any more.
    #[error("{server} refused the login: {message}")]
    LoginRefused {
        server: String,
        /// A word of RFC 6749 or RFC 8628, such as `invalid_grant`.
        error: String,
        message: String,
    },

    #[error("{operation}: cannot reach {server}")]
    Unreachable {
        operation: &'static str,
        server: String,
        #[source]
        source: reqwest::Error,
    },

    #[error("{operation}: {server} did not answer within {} s", after.as_secs())]
    TimedOut { operation: &'static str, server: String, after: Duration },

    /// An answer that is not what the operation promises.
    #[error("{operation}: unexpected answer: {reason}")]
    Unexpected { operation: &'static str, reason: String },

    /// A path value that cannot be part of an address.
    #[error("{operation}: `{value}` cannot be a {name}")]
    Argument { operation: &'static str, name: &'static str, value: String },

    #[error("{0}")]
    Config(String),
}

impl Error {
    /// The registry's code, if the registry answered with one.
    pub fn code(&self) -> Option<Code> {
        match self {
            Error::Refused { code, .. } => *code,
            _ => None,
        }
    }

    /// True for a bucket, channel, version or other thing that does not exist.
    ///
    /// A version that does not exist is answered with code 10 rather than 5.
    pub fn is_not_found(&self) -> bool {
        let version = self.operation() == Some("PackerService_GetVersion");
        match self.code() {
            Some(Code::NotFound) => true,
            Some(Code::Aborted) => version,
            _ => false,
        }
    }

    pub fn is_already_exists(&self) -> bool {
        self.code() == Some(Code::AlreadyExists)
    }

    /// The operation that failed; none before there was one.
    pub fn operation(&self) -> Option<&'static str> {
        match self {
            Error::Refused { operation, .. }
            | Error::Unreachable { operation, .. }
            | Error::TimedOut { operation, .. }
            | Error::Unexpected { operation, .. }
            | Error::Argument { operation, .. } => Some(operation),
            Error::CredentialsRefused { .. } | Error::LoginRefused { .. } | Error::Config(_) => None,
        }
    }
}
