//! Deleting a version by force, which the compatible interface does not offer.

use axum::{Json, extract::State};
use waybill_api::own;
use waybill_model::role::Permission;

use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Query, Route},
        hcp::VersionPath,
    },
    app::App,
    auth::Caller,
    registry::versions::{self, DeleteRequest},
};

/// Some sentences, which the audit trail keeps for ever.
const REASON_CHARACTERS: usize = 1000;

/// Deletes a version with its builds
///
/// Without `force` that is refused while a channel serves the version or another one was built from it.
/// With it these channels go back to the newest valid version that they had before, and what was built from the
/// version does not know its parent any more.
#[utoipa::path(
    delete, path = super::VERSION, operation_id = "DeleteVersion", tag = "versions",
    params(
        ("organization_id" = String, Path),
        ("project_id" = String, Path),
        ("bucket_name" = String, Path),
        ("fingerprint" = String, Path),
        own::DeleteVersionQuery,
    ),
    responses((status = OK, description = "It is gone", body = own::DeleteVersionResponse)),
)]
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<VersionPath>,
    Query(query): Query<own::DeleteVersionQuery>,
) -> ApiResult<own::DeleteVersionResponse> {
    let fingerprint = path.fingerprint()?;
    let request = DeleteRequest { roll_back_channels: false, force: forced(query)? };
    app.write(caller, path.place()?, Permission::DeleteVersion, move |tx, scope, moment| {
        versions::delete(tx, scope, moment, &fingerprint, &request)
    })
    .await?;
    Ok(Json(own::DeleteVersionResponse {}))
}

/// The reason for force, if force is asked for.
fn forced(query: own::DeleteVersionQuery) -> Result<Option<String>, ApiError> {
    let reason = query.reason.map(|reason| reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    match (query.force, reason) {
        (false, None) => Ok(None),
        (false, Some(_)) => {
            Err(ApiError::invalid("`reason` goes with `force`: without it nothing is recorded"))
        }
        (true, None) => Err(ApiError::invalid("`force` needs a `reason`: it is recorded with who did it")),
        (true, Some(reason)) => {
            let characters = reason.chars().count();
            if REASON_CHARACTERS < characters {
                return Err(ApiError::invalid(format!(
                    "`reason` has at most {REASON_CHARACTERS} characters, this one has {characters}"
                )));
            }
            Ok(Some(reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn force_has_a_reason_and_a_reason_has_force() {
        let check = |force: bool, reason: Option<&str>| {
            let reason = reason.map(str::to_owned);
            forced(own::DeleteVersionQuery { force, reason }).map_err(|error| error.message)
        };
        assert_eq!(check(false, None), Ok(None));
        assert_eq!(check(true, Some(" leaked a key ")), Ok(Some("leaked a key".to_owned())));
        assert_eq!(check(true, Some(&"é".repeat(1000))), Ok(Some("é".repeat(1000))));
        for (force, reason) in
            [(true, None), (true, Some(" ")), (false, Some("why")), (true, Some(&"x".repeat(1001)))]
        {
            assert!(
                check(force, reason).is_err_and(|message| message.contains("`reason`")),
                "{force} {reason:?}"
            );
        }
    }
}
