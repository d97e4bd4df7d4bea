//! Waybill's own interface under `/api/v1`: what the compatible ones lack.
//!
//! Requests are strict: what is not known is refused.

mod principals;
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

pub fn routes() -> Router<App> {
    Router::new()
        .route(WHOAMI, get(whoami::get))
        .route(PRINCIPALS, get(principals::list).post(principals::create))
        .route(PRINCIPAL, delete(principals::delete))
}

/// Method, path and name of each operation, for logs and metrics.
pub fn operations() -> impl Iterator<Item = (Method, &'static str, &'static str)> {
    [
        (Method::GET, WHOAMI, "WhoAmI"),
        (Method::GET, PRINCIPALS, "ListPrincipals"),
        (Method::POST, PRINCIPALS, "CreatePrincipal"),
        (Method::DELETE, PRINCIPAL, "DeletePrincipal"),
    ]
    .into_iter()
}
