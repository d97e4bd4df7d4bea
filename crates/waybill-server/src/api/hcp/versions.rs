//! Versions.

use axum::{Json, extract::State};
use waybill_api::hcp::{
    CreateVersionBody, CreateVersionResponse, DeleteVersionQuery, DeleteVersionResponse, GetVersionResponse,
    ListVersionsResponse, UpdateVersionBody, UpdateVersionResponse,
};
use waybill_model::{
    names::Fingerprint,
    revocation::{VersionIntent, VersionRequest},
    role::Permission,
};

use super::{
    BucketPath, VersionPath,
    convert::{Answer, Metadata, template_type_asked},
};
use crate::{
    api::{
        error::ApiResult,
        extract::{Body, Pairs, Query, Route},
        page::{BY_CREATION, BY_NAME, BY_UPDATE, List, NEWEST_FIRST},
    },
    app::App,
    auth::Caller,
    registry::{
        revocation,
        versions::{self, DeleteRequest},
    },
};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    pairs: Pairs,
) -> ApiResult<ListVersionsResponse> {
    // The first is the default order, the rest are what may be asked for.
    let columns =
        [("", NEWEST_FIRST), ("created_at", BY_CREATION), ("updated_at", BY_UPDATE), ("name", BY_NAME)];
    let list = List {
        name: format!("versions/{}/{}", path.project.project_id, path.bucket_name),
        columns: &columns,
    };
    let slice = app.pages.slice(&list, &pairs.page()?)?;
    let asked = slice.clone();
    let page = app
        .read(caller, path.place()?, Permission::ReadVersion, move |tx, scope, _| {
            versions::list(tx, scope, &asked)
        })
        .await?;
    let pagination = app.pages.answer(&list, &slice, &page);
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let versions = page.items.into_iter().map(|view| answer.version(view, Metadata::Leave)).collect();
    Ok(Json(ListVersionsResponse { versions, pagination }))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Body(body): Body<CreateVersionBody>,
) -> ApiResult<CreateVersionResponse> {
    let fingerprint: Fingerprint = body.fingerprint.unwrap_or_default().parse()?;
    let template_type = template_type_asked(body.template_type.unwrap_or_default());
    let view = app
        .write(caller, path.place()?, Permission::WriteVersion, move |tx, scope, moment| {
            versions::create(tx, scope, moment, &fingerprint, template_type)
        })
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(CreateVersionResponse { version: answer.version(view, Metadata::Leave) }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
) -> ApiResult<GetVersionResponse> {
    let fingerprint = path.fingerprint()?;
    let view = app
        .read(caller, path.place()?, Permission::ReadVersion, move |tx, scope, _| {
            versions::get(tx, scope, &fingerprint)
        })
        .await?;
    let location = path.bucket.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(GetVersionResponse { version: answer.version(view, Metadata::Give) }))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
    Body(body): Body<UpdateVersionBody>,
) -> ApiResult<UpdateVersionResponse> {
    let fingerprint = path.fingerprint()?;
    let intent = VersionIntent::try_from(VersionRequest {
        complete: body.complete.unwrap_or(false),
        restore: body.restore.unwrap_or(false),
        revoke_at: body.revoke_at.map(Into::into),
        revoke_in: body.revoke_in,
        message: body.revocation_message.unwrap_or_default(),
        disable_rollback_channels: body.disable_rollback_channels.unwrap_or(false),
        skip_descendants: body.skip_descendants_revocation.unwrap_or(false),
    })?;
    let need = match intent {
        VersionIntent::Complete => Permission::WriteVersion,
        VersionIntent::Restore | VersionIntent::Revoke(_) => Permission::RevokeVersion,
    };
    let view = app
        .write(caller, path.place()?, need, move |tx, scope, moment| {
            revocation::update(tx, scope, moment, &fingerprint, &intent)
        })
        .await?;
    let location = path.bucket.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let operation = answer.operation(&app);
    Ok(Json(UpdateVersionResponse { version: answer.version(view, Metadata::Leave), operation }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
    Query(query): Query<DeleteVersionQuery>,
) -> ApiResult<DeleteVersionResponse> {
    let fingerprint = path.fingerprint()?;
    let request = DeleteRequest { roll_back_channels: query.rollback_channels.unwrap_or(false), force: None };
    app.write(caller, path.place()?, Permission::DeleteVersion, move |tx, scope, moment| {
        versions::delete(tx, scope, moment, &fingerprint, &request)
    })
    .await?;
    Ok(Json(DeleteVersionResponse {}))
}
