//! The exchange of a workload's own token for an access token: the one operation besides the token endpoint that
//! needs no access token.
//!
//! Clients send its slashes as they are, where all other resource names arrive encoded; both are understood.

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
};
use secrecy::ExposeSecret;
use serde::Deserialize;
use waybill_api::platform::ExchangeWorkloadIdentityTokenResponse;

use crate::{
    api::{
        error::ApiError,
        extract::{Route, check_type, collect, json},
    },
    app::App,
    auth::workload_identity::{
        exchange::{Named, exchange},
        subject::Subject,
    },
    limits,
    request_log::RequestLog,
};

/// A provider of a principal of a project.
#[derive(Deserialize)]
pub(super) struct ProviderPath {
    project_id: String,
    service_principal: String,
    workload_identity_provider: String,
}

/// An answer that nobody may keep.
type Fresh = ([(HeaderName, HeaderValue); 1], Json<ExchangeWorkloadIdentityTokenResponse>);

/// Where clients come with the name of a provider of an organization's principal, which does not exist.
pub(super) const OF_ORGANIZATION: &str = "/2019-12-10/iam/organization/{organization_id}/service-principal/{service_principal}/workload-identity-provider/{workload_identity_provider}/exchange-token";

pub(super) async fn token(
    State(app): State<App>,
    Route(path): Route<ProviderPath>,
    request: Request,
) -> Result<Fresh, ApiError> {
    let log = request.extensions().get::<RequestLog>().cloned();
    let subject = subject(request).await?;
    let named = Named {
        project: path.project_id,
        principal: path.service_principal,
        provider: path.workload_identity_provider,
    };
    let exchanged = exchange(&app, named, subject).await?;
    if let Some(log) = log {
        log.set_principal(exchanged.principal);
    }
    let answer = ExchangeWorkloadIdentityTokenResponse {
        access_token: exchanged.access_token.expose_secret().into(),
        expires_in: i32::try_from(exchanged.lifetime.as_secs()).unwrap_or(i32::MAX),
    };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], Json(answer)))
}

/// Principals of an organization have no providers.
pub(super) async fn refuse(
    Route((organization, principal, provider)): Route<(String, String, String)>,
    request: Request,
) -> ApiError {
    let name = format!(
        "iam/organization/{organization}/service-principal/{principal}/workload-identity-provider/{provider}"
    );
    match subject(request).await {
        Ok(subject) => subject.refusal(&name),
        Err(error) => error,
    }
}

/// Reads what is to be exchanged.
async fn subject(request: Request) -> Result<Subject, ApiError> {
    check_type(request.headers())?;
    Subject::of(json(&collect(request, limits::EXCHANGE_BODY_BYTES).await?)?)
}
