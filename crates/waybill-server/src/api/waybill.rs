//! Waybill's own interface under `/api/v1`: what the compatible ones lack.
//!
//! Requests are strict: what is not known is refused.
//! What is served here is described in `openapi`, which `docs/openapi.json` is made from.

mod downloads;
mod groups;
mod lists;
mod openapi;
mod passwords;
mod principals;
mod sessions;
mod users;
mod versions;
mod webhooks;
mod whoami;
mod workload_identity;

use axum::{
    Router,
    http::Method,
    routing::{delete, get, patch, post, put},
};

use crate::app::App;

const WHOAMI: &str = "/api/v1/whoami";
const LOGIN: &str = "/api/v1/login";
const SESSION: &str = "/api/v1/session";
const SESSIONS: &str = "/api/v1/sessions";
const SESSION_OF: &str = "/api/v1/sessions/{session_id}";
const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const PRINCIPAL: &str = "/api/v1/organizations/{organization_id}/principals/{principal_id}";
const USERS: &str = "/api/v1/organizations/{organization_id}/users";
const USER: &str = "/api/v1/organizations/{organization_id}/users/{user_id}";
const PASSWORD: &str = "/api/v1/organizations/{organization_id}/users/{user_id}/password";
const GROUPS: &str = "/api/v1/organizations/{organization_id}/groups";
const GROUP: &str = "/api/v1/organizations/{organization_id}/groups/{group_id}";
const VERSION: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/buckets/{bucket_name}/versions/{fingerprint}";
const SBOM_DOWNLOAD: &str = "/api/v1/downloads/sboms/{token}";
const WORKLOAD_IDENTITY_PROVIDERS: &str =
    "/api/v1/organizations/{organization_id}/projects/{project_id}/workload-identity-providers";
const WORKLOAD_IDENTITY_PROVIDERS_OF: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/service-principals/{service_principal}/workload-identity-providers";
const WEBHOOKS: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks";
const WEBHOOK_VERIFICATION: &str =
    "/api/v1/organizations/{organization_id}/projects/{project_id}/webhooks/{webhook}/verify";
const OPENAPI: &str = "/api/v1/openapi.json";

pub fn routes() -> Router<App> {
    Router::new()
        .route(WHOAMI, get(whoami::get))
        .route(LOGIN, get(sessions::ways))
        .route(SESSION, get(sessions::current).delete(sessions::logout))
        .route(SESSIONS, get(sessions::list))
        .route(SESSION_OF, delete(sessions::delete))
        .route(PRINCIPALS, get(principals::list).post(principals::create))
        .route(PRINCIPAL, delete(principals::delete))
        .route(USERS, get(users::list).post(users::create))
        .route(USER, get(users::get).patch(users::update).delete(users::delete))
        .route(PASSWORD, put(passwords::set))
        .route(GROUPS, get(groups::list))
        .route(GROUP, patch(groups::update))
        .route(VERSION, delete(versions::delete))
        .route(SBOM_DOWNLOAD, get(downloads::sbom))
        .route(WORKLOAD_IDENTITY_PROVIDERS, get(workload_identity::list))
        .route(WORKLOAD_IDENTITY_PROVIDERS_OF, get(workload_identity::list_of_principal))
        .route(WEBHOOKS, get(webhooks::list))
        .route(WEBHOOK_VERIFICATION, post(webhooks::verify))
        .route(OPENAPI, get(openapi::get))
}

/// Method, path and name of each operation, for logs and metrics.
pub fn operations() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    [
        (Method::GET, WHOAMI, "WhoAmI"),
        (Method::GET, LOGIN, "GetLoginWays"),
        (Method::GET, SESSION, "GetSession"),
        (Method::DELETE, SESSION, "EndCurrentSession"),
        (Method::GET, SESSIONS, "ListSessions"),
        (Method::DELETE, SESSION_OF, "EndSession"),
        (Method::GET, PRINCIPALS, "ListPrincipals"),
        (Method::POST, PRINCIPALS, "CreatePrincipal"),
        (Method::DELETE, PRINCIPAL, "DeletePrincipal"),
        (Method::GET, USERS, "ListUsers"),
        (Method::POST, USERS, "CreateUser"),
        (Method::GET, USER, "GetUser"),
        (Method::PATCH, USER, "UpdateUser"),
        (Method::DELETE, USER, "DeleteUser"),
        (Method::PUT, PASSWORD, "SetPassword"),
        (Method::GET, GROUPS, "ListGroups"),
        (Method::PATCH, GROUP, "UpdateGroup"),
        (Method::DELETE, VERSION, "DeleteVersion"),
        (Method::GET, SBOM_DOWNLOAD, "DownloadSbom"),
        (Method::GET, WORKLOAD_IDENTITY_PROVIDERS, "ListWorkloadIdentityProviders"),
        (Method::GET, WORKLOAD_IDENTITY_PROVIDERS_OF, "ListWorkloadIdentityProvidersOfPrincipal"),
        (Method::GET, WEBHOOKS, "ListWebhooks"),
        (Method::POST, WEBHOOK_VERIFICATION, "VerifyWebhook"),
        (Method::GET, OPENAPI, "GetOpenApi"),
    ]
    .into_iter()
}
