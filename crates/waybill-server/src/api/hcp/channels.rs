//! Channels.

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::hcp::{
    AssignChannelVersionBody, AssignChannelVersionResponse, ChannelAssignment, CreateChannelBody,
    CreateChannelResponse, DeleteChannelResponse, FieldMask, GetChannelResponse,
    ListChannelAssignmentHistoryResponse, ListChannelsResponse, UpdateChannelBody, UpdateChannelResponse,
};
use waybill_model::{
    names::{ChannelName, Fingerprint},
    role::Permission,
};

use super::{
    BucketPath,
    convert::{Answer, Metadata},
};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Route},
        page::{List, NEWEST_FIRST},
    },
    app::App,
    auth::Caller,
    registry::channels::{self, ChannelChange},
};

/// A channel. On the path of the operation `assign` the name is that word.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChannelPath {
    #[serde(flatten)]
    bucket: BucketPath,
    #[serde(default = "assign")]
    channel_name: String,
}

fn assign() -> String {
    "assign".to_owned()
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
) -> ApiResult<ListChannelsResponse> {
    let views = app
        .read(caller, path.place()?, Permission::ReadChannel, |tx, scope, _| channels::list(tx, scope))
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(ListChannelsResponse { channels: views.into_iter().map(|view| answer.channel(view)).collect() }))
}

pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Body(body): Body<CreateChannelBody>,
) -> ApiResult<CreateChannelResponse> {
    let name: ChannelName = body.name.unwrap_or_default().parse()?;
    let restricted = body.restricted.unwrap_or(false);
    let version = fingerprint(body.version_fingerprint)?;
    let view = app
        .write(caller, path.place()?, Permission::WriteChannel, move |tx, scope, moment| {
            channels::create(tx, scope, moment, &name, restricted, version.as_ref())
        })
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(CreateChannelResponse { channel: answer.channel(view) }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ChannelPath>,
) -> ApiResult<GetChannelResponse> {
    let name: ChannelName = path.channel_name.parse()?;
    let view = app
        .read(caller, path.bucket.place()?, Permission::ReadChannel, move |tx, scope, _| {
            channels::get(tx, scope, &name)
        })
        .await?;
    let location = path.bucket.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(GetChannelResponse { channel: answer.channel(view) }))
}

/// The mask decides: a masked member that is absent is set to nothing.
pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ChannelPath>,
    Body(body): Body<UpdateChannelBody>,
) -> ApiResult<UpdateChannelResponse> {
    let name: ChannelName = path.channel_name.parse()?;
    let mask = FieldMask::parse(
        body.update_mask.as_deref().unwrap_or_default(),
        &["version_fingerprint", "restricted"],
    )
    .map_err(|error| ApiError::invalid(error.to_string()))?;
    if mask.is_empty() {
        return Err(ApiError::invalid(
            "`update_mask` must name what changes: `versionFingerprint`, `restricted` or both",
        ));
    }
    let version = fingerprint(body.version_fingerprint)?;
    let change = ChannelChange {
        restricted: mask.contains("restricted").then(|| body.restricted.unwrap_or(false)),
        version: mask.contains("version_fingerprint").then_some(version),
    };
    let view = app
        .write(caller, path.bucket.place()?, Permission::WriteChannel, move |tx, scope, moment| {
            channels::update(tx, scope, moment, &name, &change)
        })
        .await?;
    let location = path.bucket.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    Ok(Json(UpdateChannelResponse { channel: answer.channel(view) }))
}

pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ChannelPath>,
) -> ApiResult<DeleteChannelResponse> {
    let name: ChannelName = path.channel_name.parse()?;
    app.write(caller, path.bucket.place()?, Permission::WriteChannel, move |tx, scope, moment| {
        channels::delete(tx, scope, moment, &name)
    })
    .await?;
    Ok(Json(DeleteChannelResponse {}))
}

pub(super) async fn history(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ChannelPath>,
    pairs: Pairs,
) -> ApiResult<ListChannelAssignmentHistoryResponse> {
    let name: ChannelName = path.channel_name.parse()?;
    let columns = [("assigned_at", NEWEST_FIRST)];
    let bucket = &path.bucket;
    let list = List {
        name: format!("history/{}/{}/{name}", bucket.project.project_id, bucket.bucket_name),
        columns: &columns,
    };
    let slice = app.pages.slice(&list, &pairs.page()?)?;
    let asked = slice.clone();
    let (page, count) = app
        .read(caller, path.bucket.place()?, Permission::ReadChannel, move |tx, scope, _| {
            channels::history(tx, scope, &name, &asked)
        })
        .await?;
    let pagination = app.pages.answer(&list, &slice, &page);
    let location = path.bucket.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let history = page.items.into_iter().map(|entry| ChannelAssignment {
        version: entry.version.map(|version| answer.version(version, Metadata::Leave)),
        author_id: entry.assignment.author,
        assigned_at: entry.assignment.assigned_at.into(),
    });
    Ok(Json(ListChannelAssignmentHistoryResponse {
        history: history.collect(),
        count: i32::try_from(count).unwrap_or(i32::MAX),
        pagination,
    }))
}

/// Points a channel at what another points at.
pub(super) async fn copy(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Body(body): Body<AssignChannelVersionBody>,
) -> ApiResult<AssignChannelVersionResponse> {
    let source: ChannelName = body.source_channel.unwrap_or_default().parse()?;
    let target: ChannelName = body.target_channel.unwrap_or_default().parse()?;
    let (source, target) = app
        .write(caller, path.place()?, Permission::WriteChannel, move |tx, scope, moment| {
            channels::copy(tx, scope, moment, &source, &target)
        })
        .await?;
    let location = path.project.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let target = answer.channel(target);
    let version = target.version.clone().unwrap_or_default();
    Ok(Json(AssignChannelVersionResponse {
        fingerprint: version.fingerprint.clone(),
        version,
        source_channel: answer.channel(source),
        target_channel: target,
    }))
}

/// An empty fingerprint is none.
fn fingerprint(text: Option<String>) -> Result<Option<Fingerprint>, ApiError> {
    match text {
        Some(text) if !text.is_empty() => Ok(Some(text.parse()?)),
        _ => Ok(None),
    }
}
