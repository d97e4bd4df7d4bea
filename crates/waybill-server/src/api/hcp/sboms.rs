//! SBOMs of builds, and the links they are downloaded by.

use axum::{
    Json,
    extract::{Request, State},
};
use bytes::Bytes;
use serde::Deserialize;
use waybill_api::hcp::{GetSbomResponse, ListSbomsResponse, SbomFormat, UploadSbomBody, UploadSbomResponse};
use waybill_model::{names::SbomName, role::Permission};
use waybill_sbom::document::Format;

use super::{BuildPath, convert};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Route, check_type, collect_or, json},
    },
    app::{App, SbomLimits},
    auth::Caller,
    download::Link,
    limits::sbom_body_bytes,
    registry::sboms::{self, SbomPath},
    sbom::{self, Upload},
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

/// The body is only read for callers who may write, and by one after the other: it is big.
pub(super) async fn upload(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
    request: Request,
) -> ApiResult<UploadSbomResponse> {
    let at = path.sbom_path()?;
    let place = path.version.place()?;
    app.read(caller.clone(), place.clone(), Permission::WriteSbom, |_, scope, _| scope.bucket().map(drop))
        .await?;
    check_type(request.headers())?;
    let limits = app.settings.sbom;
    let turn = sbom::turn(&app.uploads).await?;
    let too_large = |_| sbom::too_large("compressed", limits.compressed_bytes);
    let body = collect_or(request, sbom_body_bytes(limits.compressed_bytes), too_large).await?;
    let (name, upload) = tokio::task::spawn_blocking(move || {
        // Ends with the work, even if the client went away meanwhile.
        let _turn = turn;
        read(body, limits)
    })
    .await
    .map_err(|error| ApiError::internal(error.to_string()))??;
    let stored = app
        .write(caller, place, Permission::WriteSbom, move |tx, scope, moment| {
            sboms::put(tx, scope, moment, &at, name.as_ref(), &upload)
        })
        .await?;
    Ok(Json(UploadSbomResponse { sbom: convert::sbom(stored) }))
}

/// The name, if one was given, and the checked document. CPU work in proportion to the body.
fn read(body: Bytes, limits: SbomLimits) -> Result<(Option<SbomName>, Upload), ApiError> {
    let request: UploadSbomBody = json(&body)?;
    drop(body);
    let name = match request.name.filter(|name| !name.is_empty()) {
        Some(name) => Some(name.parse::<SbomName>()?),
        None => None,
    };
    let format = match request.format {
        Some(SbomFormat::CycloneDx) => Format::CycloneDx,
        Some(SbomFormat::Spdx) => Format::Spdx,
        None => return Err(ApiError::invalid("`format` must be CYCLONEDX or SPDX")),
    };
    let encoded = request
        .compressed_sbom
        .ok_or_else(|| ApiError::invalid("`compressed_sbom` holds the document: it is missing"))?;
    Ok((name, sbom::check(&encoded, format, limits)?))
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
    let link = Link {
        digest: stored.digest,
        size_bytes: u64::try_from(stored.size_bytes).unwrap_or_default(),
        name: stored.name.to_string(),
        made: app.clock.now(),
    };
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
