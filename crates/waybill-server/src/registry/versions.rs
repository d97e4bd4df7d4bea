//! Versions: made under a fingerprint, read, completed by hand, deleted.

use serde_json::json;
use waybill_api::error::Code;
use waybill_model::{
    ids::VersionId,
    names::{ChannelName, Fingerprint},
    version::{self, TemplateType, Version, VersionUses},
};
use waybill_store::{NewVersion, Page, Slice, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::Scope,
    registry::{
        change::Actor,
        channels,
        completion::refresh_latest,
        fit,
        view::{self, VersionView},
    },
};

/// How a version with children or channels may be deleted.
#[derive(Clone, Debug, Default)]
pub struct DeleteRequest {
    /// Move the channels that it serves to what they pointed at before.
    pub roll_back_channels: bool,
    /// Delete whatever serves it or was made from it; the reason goes into the audit trail.
    pub force: Option<String>,
}

/// The version of a fingerprint. Clients take code 10, and only that, for "create it".
pub fn find(tx: &mut Tx<'_>, scope: &Scope, fingerprint: &Fingerprint) -> Result<Version, ApiError> {
    tx.version(scope.bucket()?, fingerprint)?.ok_or_else(|| {
        let bucket = scope.bucket_name().map_or("", waybill_model::names::BucketName::as_str);
        ApiError::new(
            Code::Aborted,
            format!("version with fingerprint `{fingerprint}` does not exist in bucket `{bucket}`"),
        )
    })
}

pub fn get(tx: &mut Tx<'_>, scope: &Scope, fingerprint: &Fingerprint) -> Result<VersionView, ApiError> {
    let version = find(tx, scope, fingerprint)?;
    view::version(tx, scope.bucket_name()?, version)
}

pub fn list(tx: &mut Tx<'_>, scope: &Scope, slice: &Slice) -> Result<Page<VersionView>, ApiError> {
    let bucket = scope.bucket()?;
    let weigh = |tx: &mut Tx<'_>, versions: &[Version]| {
        let ids: Vec<VersionId> = versions.iter().map(|version| version.id).collect();
        let counts = tx.build_counts(&ids)?;
        Ok(ids.iter().map(|id| counts.get(id).copied().unwrap_or(0)).collect())
    };
    let page = fit::page(tx, slice, |tx, slice| tx.versions(bucket, slice), weigh)?;
    let items = view::versions(tx, scope.bucket_name()?, page.items)?;
    Ok(Page { items, next: page.next, previous: page.previous })
}

/// Makes a version, or answers with the incomplete one of the same kind: two jobs that start together both go on.
pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    template_type: TemplateType,
) -> Result<VersionView, ApiError> {
    let bucket = scope.bucket()?;
    let name = scope.bucket_name()?;
    if let Some(existing) = tx.version(bucket, fingerprint)? {
        version::create_again(&existing, template_type)?;
        return view::version(tx, name, existing);
    }
    let actor = Actor::caller(scope)?;
    let new = NewVersion {
        uid: moment.uid(),
        fingerprint: fingerprint.clone(),
        template_type,
        author: actor.author.clone(),
    };
    let id = tx.insert_version(bucket, &new, moment.now)?;
    let resource = format!("bucket/{name}/version/{fingerprint}");
    actor.record(tx, moment, "version.create", &resource, serde_json::Value::Null)?;
    let version =
        tx.version_by_id(id)?.ok_or_else(|| ApiError::internal("a version vanished while it was made"))?;
    view::version(tx, name, version)
}

pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    fingerprint: &Fingerprint,
    request: &DeleteRequest,
) -> Result<(), ApiError> {
    let version = find(tx, scope, fingerprint)?;
    let name = scope.bucket_name()?;
    let actor = Actor::caller(scope)?;
    let served = tx.channels_on(version.id)?;
    let user_channels: Vec<ChannelName> =
        served.iter().filter(|channel| !channel.managed).map(|channel| channel.name.clone()).collect();
    let uses = VersionUses {
        channels: if request.roll_back_channels { Vec::new() } else { user_channels },
        children: tx.child_buckets(version.id)?,
    };
    version::delete(&version, uses, request.force.is_some())?;
    for channel in served.iter().filter(|channel| !channel.managed) {
        channels::roll_back(tx, &actor, moment, name, channel, &[version.id])?;
    }
    tx.delete_version(version.bucket_id, version.id, moment.now)?;
    let detail = json!({ "version": version.name(), "forced": request.force });
    actor.record(tx, moment, "version.delete", &format!("bucket/{name}/version/{fingerprint}"), detail)?;
    refresh_latest(tx, &actor, moment, version.bucket_id, name)
}
