//! Waybill's own interface under `/api/v1`: what the compatible ones lack.
//!
//! Requests are strict: what is not known is refused.
//! What is served here is described in `openapi`, which `docs/openapi.json` is made from.

mod downloads;
mod openapi;
mod principals;
mod versions;
mod whoami;

use axum::{
    Router,
    http::Method,
    routing::{delete, get},
};

use crate::app::App;

const WHOAMI: &str = "/api/v1/whoami";
const PRINCIPALS: &str = "/api/v1/organizations/{organization_id}/principals";
const PRINCIPAL: &str = "/api/v1/organizations/{organization_id}/principals/{principal_id}";
const VERSION: &str = "/api/v1/organizations/{organization_id}/projects/{project_id}/buckets/{bucket_name}/versions/{fingerprint}";
const SBOM_DOWNLOAD: &str = "/api/v1/downloads/sboms/{token}";
const OPENAPI: &str = "/api/v1/openapi.json";

pub fn routes() -> Router<App> {
    Router::new()
        .route(WHOAMI, get(whoami::get))
        .route(PRINCIPALS, get(principals::list).post(principals::create))
        .route(PRINCIPAL, delete(principals::delete))
        .route(VERSION, delete(versions::delete))
        .route(SBOM_DOWNLOAD, get(downloads::sbom))
        .route(OPENAPI, get(openapi::get))
}

/// Method, path and name of each operation, for logs and metrics.
pub fn operations() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    [
        (Method::GET, WHOAMI, "WhoAmI"),
        (Method::GET, PRINCIPALS, "ListPrincipals"),
        (Method::POST, PRINCIPALS, "CreatePrincipal"),
        (Method::DELETE, PRINCIPAL, "DeletePrincipal"),
        (Method::DELETE, VERSION, "DeleteVersion"),
        (Method::GET, SBOM_DOWNLOAD, "DownloadSbom"),
        (Method::GET, OPENAPI, "GetOpenApi"),
    ]
    .into_iter()
}
