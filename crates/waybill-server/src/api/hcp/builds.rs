//! Builds.

use axum::{Json, extract::State};
use waybill_api::hcp::{
    CreateBuildBody, CreateBuildResponse, DeleteBuildResponse, GetBuildResponse, ListBuildsResponse,
    UpdateBuildBody, UpdateBuildResponse,
};
use waybill_model::{build::Build, names::ComponentType, role::Permission};
use waybill_store::{Page, PageKey};

use super::{
    BuildPath, VersionPath,
    convert::{self, Metadata, build_update},
};
use crate::{
    api::{
        error::ApiResult,
        extract::{Body, Pairs, Route},
        page::{BY_CREATION, BY_NAME, BY_UPDATE, List},
    },
    app::App,
    auth::Caller,
    registry::builds::{self, BuildOutcome},
};

/// Packer does not follow pages here, so the first one holds every build unless the caller asks for fewer.
const PAGE_SIZE: u32 = 1000;

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
    pairs: Pairs,
) -> ApiResult<ListBuildsResponse> {
    let fingerprint = path.fingerprint()?;
    let columns = [("created_at", BY_CREATION), ("updated_at", BY_UPDATE), ("component_type", BY_NAME)];
    let bucket = &path.bucket;
    let list = List {
        name: format!("builds/{}/{}/{fingerprint}", bucket.project.project_id, bucket.bucket_name),
        columns: &columns,
    };
    let mut query = pairs.page()?;
    query.page_size.get_or_insert(PAGE_SIZE);
    let slice = app.pages.slice(&list, &query)?;
    let (version_uid, builds) = app
        .read(caller, path.place()?, Permission::ReadVersion, move |tx, scope, _| {
            builds::list(tx, scope, &fingerprint)
        })
        .await?;
    let page = Page::of_all(builds, &slice, |build| key(build, slice.order.column));
    let pagination = app.pages.answer(&list, &slice, &page);
    let location = path.bucket.project.location();
    let builds = page
        .items
        .into_iter()
        .map(|build| convert::build(build, version_uid.as_str(), Metadata::Give))
        .collect();
    Ok(Json(ListBuildsResponse { builds, location, pagination }))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
    Body(body): Body<CreateBuildBody>,
) -> ApiResult<CreateBuildResponse> {
    let fingerprint = path.fingerprint()?;
    let component: ComponentType = body.component_type.clone().unwrap_or_default().parse()?;
    let request = build_update(UpdateBuildBody {
        status: body.status,
        // Every build belongs to a run; a client that does not say which gets one.
        packer_run_uuid: body
            .packer_run_uuid
            .filter(|uuid| !uuid.is_empty())
            .or_else(|| Some(app.ids.uuid())),
        platform: body.platform,
        source_external_identifier: body.source_external_identifier,
        parent_version_id: body.parent_version_id,
        parent_channel_id: body.parent_channel_id,
        labels: body.labels,
        metadata: None,
        artifacts: body.artifacts,
    })?;
    let outcome = app
        .write(caller, path.place()?, Permission::WriteBuild, move |tx, scope, moment| {
            builds::create(tx, scope, moment, &fingerprint, &component, &request)
        })
        .await?;
    count(&app, &outcome);
    let build = convert::build(outcome.build, outcome.version_uid.as_str(), Metadata::Give);
    Ok(Json(CreateBuildResponse { build }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
) -> ApiResult<GetBuildResponse> {
    let fingerprint = path.version.fingerprint()?;
    let uid = path.build_id.clone();
    let (version_uid, build) = app
        .read(caller, path.version.place()?, Permission::ReadVersion, move |tx, scope, _| {
            builds::get(tx, scope, &fingerprint, &uid)
        })
        .await?;
    Ok(Json(GetBuildResponse { build: convert::build(build, version_uid.as_str(), Metadata::Give) }))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
    Body(body): Body<UpdateBuildBody>,
) -> ApiResult<UpdateBuildResponse> {
    let fingerprint = path.version.fingerprint()?;
    let uid = path.build_id.clone();
    let request = build_update(body)?;
    let outcome = app
        .write(caller, path.version.place()?, Permission::WriteBuild, move |tx, scope, moment| {
            builds::update(tx, scope, moment, &fingerprint, &uid, &request)
        })
        .await?;
    count(&app, &outcome);
    let build = convert::build(outcome.build, outcome.version_uid.as_str(), Metadata::Give);
    Ok(Json(UpdateBuildResponse { build }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BuildPath>,
) -> ApiResult<DeleteBuildResponse> {
    let fingerprint = path.version.fingerprint()?;
    let uid = path.build_id.clone();
    app.write(caller, path.version.place()?, Permission::DeleteBuild, move |tx, scope, moment| {
        builds::delete(tx, scope, moment, &fingerprint, &uid)
    })
    .await?;
    Ok(Json(DeleteBuildResponse {}))
}

/// Counted after the commit: a write may run more than once.
fn count(app: &App, outcome: &BuildOutcome) {
    if outcome.finished {
        app.metrics.builds_completed.inc();
    }
    if outcome.completed_version {
        app.metrics.versions_completed.inc();
    }
}

fn key(build: &Build, column: waybill_store::Column) -> PageKey {
    match column {
        waybill_store::Column::Name => PageKey::Text(build.component_type.to_string(), build.id.0),
        waybill_store::Column::CreatedAt => PageKey::Int(build.created_at.as_microsecond(), build.id.0),
        waybill_store::Column::UpdatedAt => PageKey::Int(build.updated_at.as_microsecond(), build.id.0),
    }
}
