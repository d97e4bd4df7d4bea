//! The two operations of HCP's Packer API of 2021-04-30 that Packer still calls: its deprecated data sources.
//!
//! The same data under older names: a version is an iteration, an artifact an image, a platform a cloud provider.

use axum::{
    Json,
    extract::State,
    routing::{MethodRouter, get},
};
use serde::Deserialize;
use waybill_api::{
    hcp21::{
        Build, BuildStatus, Channel, ChannelIterationPointer, GetChannelResponse, GetIterationQuery,
        GetIterationResponse, Image, Iteration, IterationRevocationType, RevokedAncestor,
    },
    operation::Api,
};
use waybill_model::{
    build,
    names::{ChannelName, Fingerprint},
    role::Permission,
    version::RevocationKind,
};
use waybill_store::Tx;

use super::hcp::BucketPath;
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Query, Route},
    },
    app::App,
    auth::{Caller, Scope},
    registry::{
        channels, versions,
        view::{self, VersionView},
    },
};

pub fn routes() -> Vec<(Api, &'static str, MethodRouter<App>)> {
    vec![
        (Api::Packer2021, "PackerService_GetChannel", get(channel)),
        (Api::Packer2021, "PackerService_GetIteration", get(iteration)),
    ]
}

#[derive(Clone, Debug, Deserialize)]
struct ChannelPath {
    #[serde(flatten)]
    bucket: BucketPath,
    channel_name: String,
}

/// How an iteration is asked for.
#[derive(Clone, Debug)]
enum Asked {
    Id(String),
    Fingerprint(Fingerprint),
    Number(u32),
}

async fn channel(
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
    let iteration = view.version.map(wire_iteration);
    let channel = view.channel;
    let pointer = iteration.clone().map(|iteration| ChannelIterationPointer {
        iteration,
        author_id: channel.author.clone(),
        created_at: channel.updated_at.into(),
    });
    Ok(Json(GetChannelResponse {
        channel: Channel {
            id: channel.uid.as_str().to_owned(),
            slug: channel.name.to_string(),
            bucket_slug: view.bucket.to_string(),
            managed: channel.managed,
            restricted: channel.restricted,
            iteration,
            pointer,
            author_id: channel.author,
            created_at: channel.created_at.into(),
            updated_at: channel.updated_at.into(),
        },
    }))
}

async fn iteration(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Query(query): Query<GetIterationQuery>,
) -> ApiResult<GetIterationResponse> {
    let asked = match (query.iteration_id, query.fingerprint, query.incremental_version) {
        (Some(id), None, None) => Asked::Id(id),
        (None, Some(fingerprint), None) => Asked::Fingerprint(fingerprint.parse()?),
        (None, None, Some(number)) => Asked::Number(u32::try_from(number).unwrap_or(0)),
        _ => {
            return Err(ApiError::invalid(
                "exactly one of `iteration_id`, `fingerprint` and `incremental_version` says which iteration",
            ));
        }
    };
    let view = app
        .read(caller, path.place()?, Permission::ReadVersion, move |tx, scope, _| find(tx, scope, &asked))
        .await?;
    Ok(Json(GetIterationResponse { iteration: wire_iteration(view) }))
}

/// An unknown fingerprint is code 10, as in the newer API; an unknown id or number is code 5.
fn find(tx: &mut Tx<'_>, scope: &Scope, asked: &Asked) -> Result<VersionView, ApiError> {
    let bucket = scope.bucket()?;
    let (version, what) = match asked {
        Asked::Fingerprint(fingerprint) => return versions::get(tx, scope, fingerprint),
        Asked::Id(id) => {
            let found = tx.version_by_uid(scope.project()?, id)?;
            (found.filter(|version| version.bucket_id == bucket), format!("id `{id}`"))
        }
        Asked::Number(number) => (tx.version_by_number(bucket, *number)?, format!("number {number}")),
    };
    let name = scope.bucket_name()?;
    let version = version.ok_or_else(|| {
        ApiError::not_found(format!("iteration with {what} does not exist in bucket `{name}`"))
    })?;
    view::version(tx, name, version)
}

fn wire_iteration(view: VersionView) -> Iteration {
    let VersionView { bucket, version, builds, inherited_from, .. } = view;
    let id = version.uid.as_str().to_owned();
    let mut iteration = Iteration {
        builds: builds.into_iter().map(|build| wire_build(build, &id)).collect(),
        id,
        bucket_slug: bucket.to_string(),
        incremental_version: version.number.and_then(|number| i32::try_from(number).ok()).unwrap_or(0),
        complete: version.is_complete(),
        fingerprint: version.fingerprint.to_string(),
        template_type: super::hcp::template_type(version.template_type),
        author_id: version.author,
        has_descendants: version.has_descendants,
        created_at: version.created_at.into(),
        updated_at: version.updated_at.into(),
        ..Iteration::default()
    };
    if let Some(revocation) = version.revocation {
        iteration.revoke_at = Some(revocation.at.into());
        iteration.revocation_message = revocation.message;
        iteration.revocation_author = revocation.author;
        iteration.revocation_type = match revocation.kind {
            RevocationKind::Manual => IterationRevocationType::Manual,
            RevocationKind::Inherited { .. } => IterationRevocationType::Inherited,
        };
        iteration.revocation_inherited_from = inherited_from.map(|ancestor| RevokedAncestor {
            bucket_slug: ancestor.bucket.to_string(),
            iteration_id: ancestor.uid,
            iteration_fingerprint: ancestor.fingerprint.to_string(),
            iteration_incremental_version: ancestor
                .name
                .strip_prefix('v')
                .and_then(|number| number.parse().ok())
                .unwrap_or(0),
            href: String::new(),
        });
    }
    iteration
}

fn wire_build(build: build::Build, iteration: &str) -> Build {
    let images = build.visible_artifacts().iter().map(|artifact| Image {
        id: artifact.uid.as_str().to_owned(),
        image_id: artifact.external_identifier.clone(),
        region: artifact.region.clone(),
        created_at: artifact.created_at.into(),
    });
    Build {
        images: images.collect(),
        id: build.uid.as_str().to_owned(),
        iteration_id: iteration.to_owned(),
        component_type: build.component_type.to_string(),
        status: match build.status {
            build::BuildStatus::Unset => BuildStatus::Unset,
            build::BuildStatus::Running => BuildStatus::Running,
            build::BuildStatus::Done => BuildStatus::Done,
            build::BuildStatus::Cancelled => BuildStatus::Cancelled,
            build::BuildStatus::Failed => BuildStatus::Failed,
        },
        packer_run_uuid: build.packer_run_uuid,
        cloud_provider: build.platform,
        source_image_id: build.source_external_identifier,
        labels: build.labels.into_inner(),
        created_at: build.created_at.into(),
        updated_at: build.updated_at.into(),
        ..Build::default()
    }
}
