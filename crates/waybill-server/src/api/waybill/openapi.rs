//! The description of Waybill's own interface, made from the handlers and from the types they speak in.
//!
//! What all operations share is written once, here: errors, and how a caller says who they are.

use std::sync::LazyLock;

use axum::http::header;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self, Content, Ref, RefOr, Response,
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use waybill_api::error::Status;

use crate::login::cookie;

/// The document as it is served and as it lies in `docs/openapi.json`.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let mut text = Document::openapi().to_pretty_json().expect("the document is JSON");
    text.push('\n');
    text
});

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Waybill",
        description = "What a Waybill registry offers beside the interface of HCP Packer.\n\nRequests are strict: \
                       members and query parameters that are not listed here are refused.",
    ),
    paths(
        super::whoami::get,
        super::sessions::ways,
        super::sessions::current,
        super::sessions::logout,
        super::sessions::list,
        super::sessions::delete,
        super::principals::list,
        super::principals::create,
        super::principals::delete,
        super::users::list,
        super::users::create,
        super::users::get,
        super::users::update,
        super::users::delete,
        super::passwords::set,
        super::groups::list,
        super::groups::update,
        super::versions::delete,
        super::webhooks::list,
        super::webhooks::verify,
        super::downloads::sbom,
        super::workload_identity::list,
        super::workload_identity::list_of_principal,
        get,
    ),
    components(schemas(Status)),
    security(("token" = []), ("session" = [])),
    modifiers(&Shared),
)]
struct Document;

/// Describes this interface
#[utoipa::path(
    get, path = super::OPENAPI, operation_id = "GetOpenApi", tag = "description", security(()),
    responses((status = OK, description = "This document", body = Object)),
)]
pub(super) async fn get() -> ([(header::HeaderName, &'static str); 1], &'static str) {
    ([(header::CONTENT_TYPE, "application/json")], DOCUMENT.as_str())
}

/// What is true of every operation.
struct Shared;

impl Modify for Shared {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("An access token from `POST /oauth2/token`, got with a client id and secret"));
        components.add_security_scheme("token", SecurityScheme::Http(token.build()));
        let session = ApiKeyValue::with_description(
            cookie::SESSION,
            "The cookie of a login at `/login`. What changes something also needs the header `X-CSRF-Token`, with \
             `csrf_token` of `GET /api/v1/session`, and must come from a page of the registry",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let error = openapi::ResponseBuilder::new()
            .description("Any failure; `code` says which")
            .content("application/json", Content::new(Some(Ref::from_schema_name("Error"))))
            .build();
        components.responses.insert("Error".to_owned(), RefOr::T(error));
        for item in document.paths.paths.values_mut() {
            let operations =
                [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
            for operation in operations.into_iter().flatten() {
                let shared: RefOr<Response> = RefOr::Ref(Ref::from_response_name("Error"));
                operation.responses.responses.insert("default".to_owned(), shared);
            }
        }
    }
}
