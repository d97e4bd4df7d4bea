//! Buckets.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use waybill_api::hcp::{
    CreateBucketBody, CreateBucketResponse, DeleteBucketResponse, GetBucketResponse, ListBucketsResponse,
    UpdateBucketBody, UpdateBucketResponse,
};
use waybill_model::{labels::Labels, names::BucketName, role::Permission};

use super::{BucketPath, ProjectPath, convert::Answer};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Route},
        page::{BY_CREATION, BY_NAME, BY_UPDATE, List},
    },
    app::App,
    auth::Caller,
    registry::buckets::{self, BucketRequest},
};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    pairs: Pairs,
) -> ApiResult<ListBucketsResponse> {
    let columns = [("name", BY_NAME), ("created_at", BY_CREATION), ("updated_at", BY_UPDATE)];
    let list = List { name: format!("buckets/{}", path.project_id), columns: &columns };
    let slice = app.pages.slice(&list, &pairs.page()?)?;
    let asked = slice.clone();
    let page = app
        .read(caller, path.place(), Permission::ListBuckets, move |tx, scope, _| {
            buckets::list(tx, scope, &asked)
        })
        .await?;
    let pagination = app.pages.answer(&list, &slice, &page);
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let buckets = page.items.into_iter().map(|bucket| answer.bucket(bucket)).collect();
    Ok(Json(ListBucketsResponse { buckets, pagination }))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    Body(body): Body<CreateBucketBody>,
) -> ApiResult<CreateBucketResponse> {
    let name: BucketName = body.name.unwrap_or_default().parse()?;
    let request = request(body.description, body.labels)?;
    let view = app
        .write(caller, path.place(), Permission::CreateBucket, move |tx, scope, moment| {
            buckets::create(tx, scope, moment, &name, &request)
        })
        .await?;
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(CreateBucketResponse { bucket: answer.bucket(view) }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
) -> ApiResult<GetBucketResponse> {
    let view = app
        .read(caller, path.place()?, Permission::ReadBucket, |tx, scope, _| buckets::get(tx, scope))
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(GetBucketResponse { bucket: answer.bucket(view) }))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Body(body): Body<UpdateBucketBody>,
) -> ApiResult<UpdateBucketResponse> {
    let request = request(body.description, body.labels)?;
    let view = app
        .write(caller, path.place()?, Permission::UpdateBucket, move |tx, scope, moment| {
            buckets::update(tx, scope, moment, &request)
        })
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(UpdateBucketResponse { bucket: answer.bucket(view) }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
) -> ApiResult<DeleteBucketResponse> {
    app.write(caller, path.place()?, Permission::DeleteBucket, buckets::delete).await?;
    Ok(Json(DeleteBucketResponse {}))
}

fn request(
    description: Option<String>,
    labels: Option<BTreeMap<String, String>>,
) -> Result<BucketRequest, ApiError> {
    BucketRequest { description, labels: labels.map(Labels::try_from).transpose()? }.checked()
}
