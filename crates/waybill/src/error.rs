//! What the program says when something did not work, and with which exit code it ends.

use std::{error::Error, io};

use waybill_api::error::Code;
use waybill_client::{Error as ClientError, LocationError};

/// An error as a person reads it: what failed and why, and what to do next.
#[derive(Debug)]
pub(crate) struct CliError {
    pub(crate) kind: Kind,
    /// Without a full stop; may have several lines.
    pub(crate) message: String,
    /// Each one thing to try.
    pub(crate) hints: Vec<String>,
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The question was understood, and here is why it cannot be done: a file that cannot be read, and so on.
    User,
    /// The question was wrong: arguments, configuration.
    Usage,
    /// The registry said no, or cannot be reached.
    Registry,
    /// Ours.
    Internal,
    /// Whoever read our output has read enough. Not an error to anybody.
    OutputClosed,
}

impl CliError {
    pub(crate) fn user(message: impl Into<String>) -> Self {
        Self::new(Kind::User, message)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub(crate) fn registry(message: impl Into<String>) -> Self {
        Self::new(Kind::Registry, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hints: Vec::new() }
    }

    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// True when a server's certificate is not trusted, and the hints say which variables change that.
    pub(crate) fn is_about_trust(&self) -> bool {
        self.hints.iter().any(|hint| hint == TRUST_HINT)
    }

    /// 0 done, 1 the answer is no, 2 the question was wrong.
    pub(crate) fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::OutputClosed => 0,
            Kind::User | Kind::Registry | Kind::Internal => 1,
            Kind::Usage => 2,
        }
    }
}

/// Errors of writing output. Reading files has errors of its own, which name the path.
impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::new(Kind::OutputClosed, "");
        }
        Self::user(format!("cannot write the output: {error}"))
    }
}

impl From<ClientError> for CliError {
    fn from(error: ClientError) -> Self {
        match &error {
            ClientError::Refused { operation, message, code: Some(Code::Unauthenticated), .. }
                if *operation == "ServicePrincipalsService_ExchangeWorkloadIdentityToken" =>
            {
                Self::registry(message.as_str()).hint("the registry's log has the reason of each refusal")
            }
            ClientError::Refused { code, message, http_status, .. } => refused(*code, message, *http_status),
            ClientError::CredentialsRefused { .. } => Self::registry(error.to_string())
                .hint("check HCP_CLIENT_ID and HCP_CLIENT_SECRET, and that they belong to this server"),
            ClientError::LoginRefused { error: word, .. } => {
                let error = Self::registry(error.to_string());
                match word.as_str() {
                    "invalid_grant" => error.hint("`waybill login` logs in again"),
                    "expired_token" => error.hint("`waybill login --device` shows another code"),
                    _ => error,
                }
            }
            ClientError::Unreachable { server, source, .. } => unreachable(server, source),
            ClientError::TimedOut { server, after, .. } => {
                Self::registry(format!("{server} did not answer within {} s", after.as_secs()))
            }
            ClientError::Unexpected { operation, reason } => {
                Self::registry(format!("the registry's answer to {operation} cannot be read: {reason}"))
            }
            ClientError::Argument { name, value, .. } => {
                Self::usage(format!("`{value}` cannot be a {}", name.replace('_', " ")))
            }
            ClientError::Config(message) => Self::usage(message.as_str()),
        }
    }
}

impl From<LocationError> for CliError {
    fn from(error: LocationError) -> Self {
        match error {
            LocationError::Client(error) => error.into(),
            LocationError::Organizations(_) => {
                Self::registry(error.to_string()).hint("set HCP_ORGANIZATION_ID")
            }
            LocationError::ProjectScoped(_) => {
                Self::registry(error.to_string()).hint("set HCP_PROJECT_ID to the id of that project")
            }
            LocationError::NoProject(_) => {
                Self::registry(error.to_string()).hint("`waybill project create NAME` makes one")
            }
            LocationError::NoRegistry(_) => Self::registry(error.to_string()).hint("check HCP_PROJECT_ID"),
        }
    }
}

fn refused(code: Option<Code>, message: &str, http_status: u16) -> CliError {
    let error = CliError::registry(message);
    match code {
        Some(Code::Unauthenticated) => error.hint("the credentials were accepted, but not for this API"),
        Some(Code::PermissionDenied) => error.hint("`waybill whoami` shows the roles of these credentials"),
        Some(Code::Internal) => error.hint("the server's log says more"),
        None if http_status == 404 => error.hint("is this the address of a registry?"),
        _ => error,
    }
}

const TRUST_HINT: &str =
    "trust the server's authority with SSL_CERT_FILE; `waybill env` says how for a server here";

fn unreachable(server: &str, source: &(dyn Error + 'static)) -> CliError {
    let cause = root_cause(source);
    let error = CliError::registry(format!("cannot reach {server}: {cause}"));
    if cause.contains("certificate") {
        return error
            .hint(TRUST_HINT)
            .hint("HCP_API_TLS=insecure and HCP_AUTH_TLS=insecure switch the check off");
    }
    if cause.contains("refused") {
        return error.hint("is the server running? `waybill serve` starts one");
    }
    error
}

/// The innermost cause, which is the one that says something.
pub(crate) fn root_cause(error: &(dyn Error + 'static)) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes() {
        assert_eq!(CliError::user("").exit_code(), 1);
        assert_eq!(CliError::registry("").exit_code(), 1);
        assert_eq!(CliError::internal("").exit_code(), 1);
        assert_eq!(CliError::usage("").exit_code(), 2);
        assert_eq!(CliError::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit_code(), 0);
        assert_eq!(CliError::from(io::Error::from(io::ErrorKind::StorageFull)).exit_code(), 1);
    }

    #[test]
    fn what_the_registry_says_comes_through_without_decoration() {
        let error = CliError::from(ClientError::Refused {
            operation: "PackerService_GetBucket",
            code: Some(Code::PermissionDenied),
            message: "a viewer cannot do that".into(),
            http_status: 403,
        });
        assert_eq!(error.message, "a viewer cannot do that");
        assert_eq!(error.hints, ["`waybill whoami` shows the roles of these credentials"]);
    }
}
