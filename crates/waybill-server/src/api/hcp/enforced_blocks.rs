//! Enforced blocks, as far as a build asks for them: none can be made yet, so no bucket has any.

use axum::{Json, extract::State};
use serde::Serialize;
use waybill_model::role::Permission;

use super::BucketPath;
use crate::{
    api::{error::ApiResult, extract::Route},
    app::App,
    auth::Caller,
};

/// No block: Packer goes on without one.
#[derive(Serialize)]
pub(super) struct NoBlocks {}

pub(super) async fn of_bucket(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<BucketPath>,
) -> ApiResult<NoBlocks> {
    app.read(caller, path.place()?, Permission::ReadBucket, |_, scope, _| scope.bucket().map(drop)).await?;
    Ok(Json(NoBlocks {}))
}
