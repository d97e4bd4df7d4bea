//! All routes: what is offered, and a clear refusal for the rest of the table and for everything else.

use std::{collections::BTreeMap, future::ready};

use axum::{
    Router,
    extract::State,
    http::{Method as HttpMethod, header},
    response::{IntoResponse, Response},
    routing::{MethodFilter, MethodRouter, get, on},
};
use waybill_api::{
    error::Code,
    operation::{Api, Method, OPERATIONS, Operation},
};

use crate::{
    api::{error::ApiError, hcp, hcp21, platform, waybill},
    app::App,
    login, metrics,
    request_log::RequestLogLayer,
};

/// Builds the router of a server.
pub fn router(app: &App) -> Router {
    let mut offered: BTreeMap<(&'static str, &'static str), MethodRouter<App>> = BTreeMap::new();
    for (api, id, handler) in hcp::routes().into_iter().chain(hcp21::routes()).chain(platform::routes()) {
        let known = waybill_api::operation::operation(api, id).is_some();
        assert!(known, "{id} is an operation of the table");
        offered.insert((api_key(api), id), handler);
    }
    let mut by_path: BTreeMap<&'static str, MethodRouter<App>> = BTreeMap::new();
    for operation in OPERATIONS {
        let handler = offered
            .remove(&(api_key(operation.api), operation.id))
            .unwrap_or_else(|| on(filter(operation.method), move || ready(refuse(operation))));
        let routes = by_path.remove(operation.path).unwrap_or_default();
        by_path.insert(operation.path, routes.merge(handler));
    }
    let mut router = Router::new();
    for (path, handlers) in by_path {
        router = router.route(path, handlers);
    }
    let logged = OPERATIONS.iter().map(|operation| (http(operation.method), operation.path, operation.id));
    router
        .merge(waybill::routes())
        .merge(login::routes())
        .merge(platform::refusals())
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .fallback(unknown)
        .method_not_allowed_fallback(unknown)
        .layer(RequestLogLayer::new(
            app.metrics.clone(),
            logged.chain(waybill::operations()).chain(login::operations()),
        ))
        .with_state(app.clone())
}

/// An operation of the table that is not offered: JSON with code 12, which clients understand.
fn refuse(operation: &'static Operation) -> ApiError {
    ApiError::new(Code::Unimplemented, format!("{} is not offered by this registry yet", operation.id))
}

/// Whatever is in no table. Clients take HTML or an empty answer for a fault.
async fn unknown(method: HttpMethod) -> ApiError {
    ApiError::new(
        Code::Unimplemented,
        format!(
            "there is no such operation: check the path and the method {method}; /api/v1/openapi.json lists Waybill's own"
        ),
    )
}

/// The process is there.
async fn healthz() -> &'static str {
    "ok\n"
}

/// The database answers.
async fn readyz(State(app): State<App>) -> Result<&'static str, ApiError> {
    app.store.read(|tx| tx.first_organization().map_err(ApiError::from)).await?;
    Ok("ok\n")
}

async fn metrics_text(State(app): State<App>) -> Response {
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], app.metrics.encode()).into_response()
}

fn api_key(api: Api) -> &'static str {
    match api {
        Api::Packer2023 => "2023",
        Api::Packer2021 => "2021",
        Api::Platform => "platform",
    }
}

fn filter(method: Method) -> MethodFilter {
    match method {
        Method::Get => MethodFilter::GET,
        Method::Put => MethodFilter::PUT,
        Method::Post => MethodFilter::POST,
        Method::Patch => MethodFilter::PATCH,
        Method::Delete => MethodFilter::DELETE,
    }
}

fn http(method: Method) -> HttpMethod {
    match method {
        Method::Get => HttpMethod::GET,
        Method::Put => HttpMethod::PUT,
        Method::Post => HttpMethod::POST,
        Method::Patch => HttpMethod::PATCH,
        Method::Delete => HttpMethod::DELETE,
    }
}
