//! Buckets: made with their managed channel, changed, listed, deleted with everything in them.

use serde_json::json;
use waybill_model::{
    ids::BucketId,
    labels::Labels,
    names::{BucketName, ChannelName},
    role::Permission,
};
use waybill_store::{Bucket, BucketChanges, NewBucket, NewChannel, Page, Slice, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::Scope,
    registry::{
        change::Actor,
        fit,
        view::{self, BucketView},
    },
};

/// As HCP Packer has it.
const DESCRIPTION_CHARACTERS: usize = 255;

/// What a bucket is made of or changed to. `None` keeps what is stored.
#[derive(Clone, Debug, Default)]
pub struct BucketRequest {
    pub description: Option<String>,
    pub labels: Option<Labels>,
}

impl BucketRequest {
    /// Refuses a description that is too long.
    pub fn checked(self) -> Result<Self, ApiError> {
        let characters = self.description.as_ref().map_or(0, |text| text.chars().count());
        if characters > DESCRIPTION_CHARACTERS {
            return Err(ApiError::invalid(format!(
                "`description` has at most {DESCRIPTION_CHARACTERS} characters, this one has {characters}"
            )));
        }
        if self.description.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(ApiError::invalid("`description` cannot contain the character NUL"));
        }
        Ok(self)
    }
}

pub fn get(tx: &mut Tx<'_>, scope: &Scope) -> Result<BucketView, ApiError> {
    let bucket = stored(tx, scope)?;
    view::bucket(tx, bucket)
}

/// One page of the project's buckets; a caller with roles on some buckets only sees these, on one page.
pub fn list(tx: &mut Tx<'_>, scope: &Scope, slice: &Slice) -> Result<Page<BucketView>, ApiError> {
    let project = scope.project()?;
    let page = if scope.may(Permission::ListBuckets) {
        let weigh = |tx: &mut Tx<'_>, buckets: &[Bucket]| {
            let ids: Vec<BucketId> = buckets.iter().map(|bucket| bucket.id).collect();
            let counts = tx.latest_build_counts(&ids)?;
            Ok(ids.iter().map(|id| counts.get(id).copied().unwrap_or(0)).collect())
        };
        fit::page(tx, slice, |tx, slice| tx.buckets(project, slice), weigh)?
    } else {
        Page { items: tx.buckets_of_principal(project, scope.principal)?, next: None, previous: None }
    };
    Ok(Page { items: view::buckets(tx, page.items)?, next: page.next, previous: page.previous })
}

pub fn create(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    name: &BucketName,
    request: &BucketRequest,
) -> Result<BucketView, ApiError> {
    let actor = Actor::caller(scope)?;
    if tx.bucket(actor.project, name)?.is_some() {
        return Err(ApiError::exists(format!("bucket `{name}` exists already")));
    }
    let new = NewBucket {
        uid: moment.uid(),
        name: name.clone(),
        description: request.description.clone().unwrap_or_default(),
        labels: request.labels.clone().unwrap_or_default(),
    };
    let id = tx.insert_bucket(actor.project, &new, moment.now)?;
    let latest = NewChannel {
        uid: moment.uid(),
        name: ChannelName::latest(),
        managed: true,
        restricted: true,
        author: actor.author.clone(),
    };
    tx.insert_channel(id, &latest, moment.now)?;
    actor.record(tx, moment, "bucket.create", &format!("bucket/{name}"), serde_json::Value::Null)?;
    let bucket =
        tx.bucket_by_id(id)?.ok_or_else(|| ApiError::internal("a bucket vanished while it was made"))?;
    view::bucket(tx, bucket)
}

/// Sent by Packer 1.14 on every build, often with nothing in it: what is absent stays as it is.
pub fn update(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    request: &BucketRequest,
) -> Result<BucketView, ApiError> {
    let mut bucket = stored(tx, scope)?;
    let changes = BucketChanges {
        description: request.description.clone().unwrap_or_else(|| bucket.description.clone()),
        labels: request.labels.clone().unwrap_or_else(|| bucket.labels.clone()),
    };
    if changes.description != bucket.description || changes.labels != bucket.labels {
        let actor = Actor::caller(scope)?;
        tx.update_bucket(bucket.id, &changes, moment.now)?;
        let detail = json!({ "description": changes.description, "labels": changes.labels.iter().collect::<std::collections::BTreeMap<_, _>>() });
        actor.record(tx, moment, "bucket.update", &format!("bucket/{}", bucket.name), detail)?;
        bucket.description = changes.description;
        bucket.labels = changes.labels;
        bucket.updated_at = moment.now;
    }
    view::bucket(tx, bucket)
}

pub fn delete(tx: &mut Tx<'_>, scope: &Scope, moment: &Moment<'_>) -> Result<(), ApiError> {
    let bucket = stored(tx, scope)?;
    let actor = Actor::caller(scope)?;
    let detail = json!({ "versions": bucket.version_count });
    tx.delete_bucket(bucket.id)?;
    actor.record(tx, moment, "bucket.delete", &format!("bucket/{}", bucket.name), detail)
}

fn stored(tx: &mut Tx<'_>, scope: &Scope) -> Result<Bucket, ApiError> {
    let id = scope.bucket()?;
    tx.bucket_by_id(id)?.ok_or_else(|| ApiError::internal("a bucket vanished within a transaction"))
}
