//! Files behind signed links.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::Response,
};

use crate::{
    api::{error::ApiError, extract::Route},
    app::App,
    limits,
    sbom::{self, Stored},
};

/// The document behind the `download_url` of an SBOM
///
/// The link is the permission, so it ends soon: ask for a new one then.
#[utoipa::path(
    get, path = super::SBOM_DOWNLOAD, operation_id = "DownloadSbom", tag = "downloads", security(()),
    params(("token" = String, Path, description = "What the link holds")),
    responses((status = OK, description = "The SBOM as it was uploaded, not compressed", body = Object)),
)]
pub(super) async fn sbom(State(app): State<App>, Route(token): Route<String>) -> Result<Response, ApiError> {
    let link = app.downloads.open(&token, app.clock.now())?;
    // A turn first: what waits for one holds no document.
    let turn = sbom::turn(&app.downloading).await?;
    let digest = link.digest.clone();
    let compressed = app
        .store
        .read(move |tx| tx.blob(&digest).map_err(ApiError::from))
        .await?
        .ok_or_else(|| ApiError::not_found("the SBOM behind this link was deleted"))?;
    let stored = Stored { digest: link.digest, compressed, size_bytes: link.size_bytes };
    let document = sbom::document(stored, limits::DOWNLOAD_TIME, turn);
    let mut response = Response::new(Body::from_stream(document));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(link.size_bytes));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let file = format!("attachment; filename=\"{}.json\"", link.name);
    if let Ok(value) = HeaderValue::from_str(&file) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}
