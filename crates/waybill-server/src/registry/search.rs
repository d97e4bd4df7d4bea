//! Finding builds by what an artifact is called outside.

use waybill_store::{ArtifactHit, Page, Slice, Tx};

use crate::{api::error::ApiError, auth::Scope};

/// What is looked for: an exact identifier, and where it must be if that is given.
#[derive(Clone, Debug)]
pub struct ArtifactSearch {
    pub external_identifier: String,
    pub platform: String,
    pub region: String,
}

/// Revoked versions included: who asks for an artifact wants to know exactly that.
pub fn artifacts(
    tx: &mut Tx<'_>,
    scope: &Scope,
    search: &ArtifactSearch,
    slice: &Slice,
) -> Result<Page<ArtifactHit>, ApiError> {
    let ArtifactSearch { external_identifier, platform, region } = search;
    Ok(tx.search_artifacts(scope.project()?, external_identifier, platform, region, slice)?)
}
