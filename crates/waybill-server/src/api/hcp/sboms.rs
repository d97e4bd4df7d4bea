//! SBOMs of builds, and the links they are downloaded by.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::hcp::{GetSbomResponse, ListSbomsResponse, SbomFormat, UploadSbomBody, UploadSbomResponse};
use waybill_model::{names::SbomName, role::Permission};
use waybill_sbom::document::Format;

use super::{BuildPath, convert};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Route, SbomBody},
    },
    app::App,
    auth::Caller,
    download::Link,
    registry::sboms::{self, SbomPath},
    sbom,
};

/// An SBOM of a build.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SbomNamePath {
    #[serde(flatten)]
    build: BuildPath,
    sbom_name: String,
}

impl BuildPath {
    fn sbom_path(&self) -> Result<SbomPath, ApiError> {
        Ok(SbomPath { fingerprint: self.version.fingerprint()?, build: self.build_id.clone() })
    }
}

pub(super) async fn upload(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
    SbomBody(body): SbomBody<UploadSbomBody>,
) -> ApiResult<UploadSbomResponse> {
    let at = path.sbom_path()?;
    let place = path.version.place()?;
    let name = match body.name.filter(|name| !name.is_empty()) {
        Some(name) => Some(name.parse::<SbomName>()?),
        None => None,
    };
    let format = match body.format {
        Some(SbomFormat::CycloneDx) => Format::CycloneDx,
        Some(SbomFormat::Spdx) => Format::Spdx,
        None => return Err(ApiError::invalid("`format` must be CYCLONEDX or SPDX")),
    };
    let encoded = body
        .compressed_sbom
        .ok_or_else(|| ApiError::invalid("`compressed_sbom` holds the document: it is missing"))?;
    // Whoever may not write learns so before the registry works for them.
    app.read(caller.clone(), place.clone(), Permission::WriteSbom, |_, scope, _| scope.bucket().map(drop))
        .await?;
    let limits = app.settings.sbom;
    let _turn = app.sbom_turns.acquire().await.map_err(|_| ApiError::internal("no turn to read an SBOM"))?;
    let upload = tokio::task::spawn_blocking(move || sbom::check(&encoded, format, limits))
        .await
        .map_err(|error| ApiError::internal(error.to_string()))??;
    let stored = app
        .write(caller, place, Permission::WriteSbom, move |tx, scope, moment| {
            sboms::put(tx, scope, moment, &at, name.as_ref(), &upload)
        })
        .await?;
    Ok(Json(UploadSbomResponse { sbom: convert::sbom(stored) }))
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
) -> ApiResult<ListSbomsResponse> {
    let at = path.sbom_path()?;
    let stored = app
        .read(caller, path.version.place()?, Permission::ReadSbom, move |tx, scope, _| {
            sboms::list(tx, scope, &at)
        })
        .await?;
    Ok(Json(ListSbomsResponse { sboms: stored.into_iter().map(convert::sbom).collect() }))
}

/// Answers with a link that works for a while without a token.
pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<SbomNamePath>,
) -> ApiResult<GetSbomResponse> {
    let at = path.build.sbom_path()?;
    let name = SbomName::known(&path.sbom_name)?;
    let stored = app
        .read(caller, path.build.version.place()?, Permission::ReadSbom, move |tx, scope, _| {
            sboms::get(tx, scope, &at, &name)
        })
        .await?;
    let link = Link { digest: stored.digest, name: stored.name.to_string(), made: app.clock.now() };
    let token = app.downloads.seal(&link);
    Ok(Json(GetSbomResponse {
        download_url: format!("{}/api/v1/downloads/sboms/{token}", app.settings.public_url),
    }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<SbomNamePath>,
) -> ApiResult<serde_json::Map<String, serde_json::Value>> {
    let at = path.build.sbom_path()?;
    let name = SbomName::known(&path.sbom_name)?;
    app.write(caller, path.build.version.place()?, Permission::DeleteSbom, move |tx, scope, moment| {
        sboms::delete(tx, scope, moment, &at, &name)
    })
    .await?;
    Ok(Json(serde_json::Map::new()))
}
