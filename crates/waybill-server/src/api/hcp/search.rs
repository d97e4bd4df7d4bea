//! Finding artifacts by their identifier outside.

use axum::{Json, extract::State};
use waybill_api::hcp::{
    ExternalArtifact, ExternalArtifactBucket, ExternalArtifactVersion, SearchExternalArtifactRequestBody,
    SearchExternalArtifactResponse,
};
use waybill_model::role::Permission;
use waybill_store::ArtifactHit;

use super::{
    ProjectPath,
    convert::{self, Answer, Metadata},
};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Route},
        page::{List, NEWEST_FIRST},
    },
    app::App,
    auth::Caller,
    registry::{
        search::{self, ArtifactSearch},
        view::VersionView,
    },
};

pub(super) async fn artifacts(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<ProjectPath>,
    pairs: Pairs,
    Body(body): Body<SearchExternalArtifactRequestBody>,
) -> ApiResult<SearchExternalArtifactResponse> {
    let asked = ArtifactSearch {
        external_identifier: body.external_identifier.unwrap_or_default(),
        platform: body.platform.unwrap_or_default(),
        region: body.region.unwrap_or_default(),
    };
    if asked.external_identifier.is_empty() {
        return Err(ApiError::invalid("`external_identifier` must say what to look for, exactly"));
    }
    let columns = [("created_at", NEWEST_FIRST)];
    let list = List { name: format!("artifacts/{}/{asked:?}", path.project_id), columns: &columns };
    let slice = app.pages.slice(&list, &pairs.page()?)?;
    let part = slice.clone();
    let page = app
        .read(caller, path.place(), Permission::SearchArtifacts, move |tx, scope, _| {
            search::artifacts(tx, scope, &asked, &part)
        })
        .await?;
    let pagination = app.pages.answer(&list, &slice, &page);
    let location = path.location();
    let answer = Answer { location: &location, now: app.clock.now() };
    let artifacts = page.items.into_iter().map(|hit| wire(&answer, hit)).collect();
    Ok(Json(SearchExternalArtifactResponse { artifacts, pagination }))
}

fn wire(answer: &Answer<'_>, hit: ArtifactHit) -> ExternalArtifact {
    let build = convert::build(hit.build, hit.version.uid.as_str(), Metadata::Leave);
    let version = answer.version(
        VersionView {
            bucket: hit.bucket_name.clone(),
            version: hit.version,
            builds: Vec::new(),
            parents: None,
            inherited_from: None,
        },
        Metadata::Leave,
    );
    ExternalArtifact {
        bucket: ExternalArtifactBucket {
            id: hit.bucket_uid,
            name: hit.bucket_name.to_string(),
            labels: hit.bucket_labels.into_inner(),
        },
        version: ExternalArtifactVersion {
            id: version.id,
            name: version.name,
            fingerprint: version.fingerprint,
            status: version.status,
            author_id: version.author_id,
            revoke_at: version.revoke_at,
            revocation_message: version.revocation_message,
            revocation_author: version.revocation_author,
            revocation_type: version.revocation_type,
        },
        build,
    }
}
