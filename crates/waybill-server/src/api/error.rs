//! The one error of the API: what the caller may know, and what the operator needs.
//!
//! Status codes are named here and in the wire crate, nowhere else.
//! There is no `Display`: neither text can be sent in place of the other.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use waybill_api::{
    error::{Code, Status},
    hcp::UnknownField,
};
use waybill_model::{
    build::BuildError,
    channel::AssignError,
    condition::ConditionError,
    email::EmailError,
    group::GroupNameError,
    labels::LabelsError,
    names::NameError,
    revocation::{IntentError, RevocationError},
    role::RoleError,
    version::{DeleteError, ExistsError, NotAssignable},
    webhook::WebhookError,
    workload_identity::ProviderError,
};

pub type ApiResult<T> = Result<axum::Json<T>, ApiError>;

/// An answer that is not the one asked for.
#[derive(Debug)]
pub struct ApiError {
    pub code: Code,
    /// For the caller: says what, where and what to do, and can be shown as it is.
    pub message: String,
    /// For the operator's log, once, where the answer is made.
    pub cause: Option<String>,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), cause: None }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(Code::NotFound, message)
    }

    pub fn exists(message: impl Into<String>) -> Self {
        Self::new(Code::AlreadyExists, message)
    }

    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(Code::PermissionDenied, message)
    }

    pub fn precondition(message: impl Into<String>) -> Self {
        Self::new(Code::FailedPrecondition, message)
    }

    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self::new(Code::Unauthenticated, message)
    }

    /// A fault of ours. The caller learns that it was not his.
    pub fn internal(cause: impl Into<String>) -> Self {
        Self {
            code: Code::Internal,
            message: "the registry failed to answer; its log says why".to_owned(),
            cause: Some(cause.into()),
        }
    }

    /// Puts what was asked for before the message: ``build `x`: …``.
    #[must_use]
    pub fn about(mut self, what: &str) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        if let Some(cause) = &self.cause {
            tracing::error!(error = %cause, code = self.code.number(), "A request failed");
        }
        let status =
            StatusCode::from_u16(self.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&Status::new(self.code, self.message)).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        match self.code {
            Code::Unavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Code::Unauthenticated => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            _ => {}
        }
        response
    }
}

impl From<waybill_store::Error> for ApiError {
    fn from(error: waybill_store::Error) -> Self {
        use waybill_store::Error;
        let message = match &error {
            Error::Busy | Error::Conflict { .. } => "the registry is busy: try again in a moment",
            Error::Closed => "the registry is stopping: try again in a moment",
            Error::Unavailable { .. } | Error::Silent(_) | Error::Commit { .. } => {
                "the registry's database does not answer: try again in a moment"
            }
            Error::InDoubt => {
                "the registry's database went away before it confirmed: the change may have been made, look before you \
                 try again"
            }
            _ => return Self::internal(error.to_string()),
        };
        Self { code: Code::Unavailable, message: message.to_owned(), cause: Some(error.to_string()) }
    }
}

/// What a caller wrote is not what it must be.
macro_rules! invalid {
    ($($error:ty),*) => {
        $(impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                Self::invalid(error.to_string())
            }
        })*
    };
}

invalid!(NameError, LabelsError, IntentError, RoleError, ConditionError, ProviderError, UnknownField);
invalid!(EmailError, GroupNameError);
invalid!(WebhookError);

/// The caller is right, the resource is not in the state for it.
macro_rules! precondition {
    ($($error:ty),*) => {
        $(impl From<$error> for ApiError {
            fn from(error: $error) -> Self {
                Self::precondition(error.to_string())
            }
        })*
    };
}

precondition!(DeleteError, NotAssignable);

impl From<RevocationError> for ApiError {
    fn from(error: RevocationError) -> Self {
        let code = match &error {
            RevocationError::TooFar(_) => Code::InvalidArgument,
            _ => Code::FailedPrecondition,
        };
        Self::new(code, error.to_string())
    }
}

impl From<BuildError> for ApiError {
    fn from(error: BuildError) -> Self {
        let code = match &error {
            BuildError::VersionComplete(_) | BuildError::Done { .. } => Code::FailedPrecondition,
            BuildError::NoArtifact(_)
            | BuildError::NoPlatform(_)
            | BuildError::EmptyArtifact { .. }
            | BuildError::TextTooLong { .. }
            | BuildError::Nul { .. }
            | BuildError::TooManyArtifacts(_)
            | BuildError::MetadataTooLarge(_)
            | BuildError::MetadataTooDeep => Code::InvalidArgument,
        };
        Self::new(code, error.to_string())
    }
}

impl From<AssignError> for ApiError {
    fn from(error: AssignError) -> Self {
        let code = match &error {
            AssignError::UnknownVersion(_) => Code::NotFound,
            AssignError::Managed(_) | AssignError::Unassigned(_) | AssignError::Version(_) => {
                Code::FailedPrecondition
            }
        };
        Self::new(code, error.to_string())
    }
}

impl From<ExistsError> for ApiError {
    fn from(error: ExistsError) -> Self {
        Self::exists(error.to_string())
    }
}
