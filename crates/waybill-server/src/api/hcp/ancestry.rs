//! What a bucket was made from and what was made from it.

use axum::{Json, extract::State};
use waybill_api::hcp::{
    BucketAncestry, BucketAncestryType, ChannelVersion, Child, ListBucketAncestryQuery,
    ListBucketAncestryResponse, Parent,
};
use waybill_model::role::Permission;
use waybill_store::{Page, PageKey};

use super::{BucketPath, convert::ancestry_status};
use crate::{
    api::{
        error::ApiResult,
        extract::{Pairs, Query, Route},
        page::{BY_NAME, List},
    },
    app::App,
    auth::Caller,
    registry::ancestry::{self, AncestryQuery, Relation},
};

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
    Query(query): Query<ListBucketAncestryQuery>,
    pairs: Pairs,
) -> ApiResult<ListBucketAncestryResponse> {
    let kind = query.r#type.unwrap_or_default();
    let channel = query.channel_name.filter(|name| !name.is_empty());
    let fingerprint = query.version_fingerprint.filter(|text| !text.is_empty());
    let columns = [("position", BY_NAME)];
    let list = List {
        name: format!(
            "ancestry/{}/{}/{kind}/{channel:?}/{fingerprint:?}",
            path.project.project_id, path.bucket_name
        ),
        columns: &columns,
    };
    let slice = app.pages.slice(&list, &pairs.page()?)?;
    let asked = AncestryQuery {
        parents: kind != BucketAncestryType::Children,
        children: kind != BucketAncestryType::Parents,
        channel: channel.map(|name| name.parse()).transpose()?,
        fingerprint: fingerprint.map(|text| text.parse()).transpose()?,
    };
    let relations = app
        .read(caller, path.place()?, Permission::ReadBucket, move |tx, scope, _| {
            ancestry::list(tx, scope, &asked)
        })
        .await?;
    let total_count = i32::try_from(relations.len()).unwrap_or(i32::MAX);
    let numbered: Vec<(i64, Relation)> = (0..).zip(relations).collect();
    let page = Page::of_all(numbered, &slice, |relation| PageKey::Int(relation.0, relation.0));
    let pagination = app.pages.answer(&list, &slice, &page);
    let relations = page.items.into_iter().map(|relation| wire(relation.1)).collect();
    Ok(Json(ListBucketAncestryResponse { relations, total_count, pagination }))
}

fn wire(relation: Relation) -> BucketAncestry {
    let Relation { child, parent, status } = relation;
    BucketAncestry {
        parent: Parent {
            bucket_name: parent.bucket.to_string(),
            version_id: parent.version_uid,
            version_name: format!("v{}", parent.version_number),
            version_fingerprint: parent.fingerprint.to_string(),
            channel_name: parent.channel.map(|(_, name)| name.to_string()).unwrap_or_default(),
            channel_version: parent.current.map(|current| ChannelVersion {
                id: current.uid,
                name: format!("v{}", current.number),
                fingerprint: current.fingerprint.to_string(),
            }),
        },
        child: Child {
            bucket_name: child.bucket,
            version_id: child.version_uid,
            version_name: child.version_name,
            version_fingerprint: child.fingerprint,
        },
        status: ancestry_status(status),
    }
}
