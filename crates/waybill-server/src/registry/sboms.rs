//! SBOMs: checked before the transaction, stored in it, handed out by a signed link.

use serde_json::json;
use waybill_model::{
    build::BuildError,
    names::{Fingerprint, SbomName},
};
use waybill_store::{NewSbom, Sbom, Tx};

use crate::{
    api::error::ApiError,
    app::Moment,
    auth::Scope,
    registry::{builds::find_build, change::Actor, versions::find},
    sbom::Upload,
};

/// Each with a name of its own; more than any build has.
const SBOMS_PER_BUILD: usize = 64;

/// Where an SBOM is: the path after the bucket.
#[derive(Clone, Debug)]
pub struct SbomPath {
    pub fingerprint: Fingerprint,
    pub build: String,
}

pub fn list(tx: &mut Tx<'_>, scope: &Scope, path: &SbomPath) -> Result<Vec<Sbom>, ApiError> {
    let version = find(tx, scope, &path.fingerprint)?;
    let build = find_build(tx, &version, &path.build)?;
    Ok(tx.sboms(build.id)?)
}

pub fn get(tx: &mut Tx<'_>, scope: &Scope, path: &SbomPath, name: &SbomName) -> Result<Sbom, ApiError> {
    let version = find(tx, scope, &path.fingerprint)?;
    let build = find_build(tx, &version, &path.build)?;
    tx.sbom(build.id, name)?.ok_or_else(|| unknown(name, &path.build))
}

/// Stores a document that was checked. The same name again replaces, until the build is done.
pub fn put(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    path: &SbomPath,
    name: Option<&SbomName>,
    upload: &Upload,
) -> Result<Sbom, ApiError> {
    let version = find(tx, scope, &path.fingerprint)?;
    version.openness().check()?;
    let build = find_build(tx, &version, &path.build)?;
    if build.status == waybill_model::build::BuildStatus::Done {
        return Err(BuildError::Done { component_type: build.component_type, uid: build.uid }.into());
    }
    let name = name.cloned().unwrap_or_else(|| SbomName::default_for(&version.fingerprint));
    let present = tx.sboms(build.id)?;
    if present.len() >= SBOMS_PER_BUILD && present.iter().all(|sbom| sbom.name != name) {
        return Err(ApiError::precondition(format!(
            "build `{}` has {SBOMS_PER_BUILD} SBOMs, which is the most it can have",
            build.component_type
        )));
    }
    let new = NewSbom {
        uid: moment.uid(),
        name: name.clone(),
        format: upload.format_word(),
        digest: upload.digest.clone(),
        size_bytes: i64::try_from(upload.size_bytes).unwrap_or(i64::MAX),
    };
    tx.insert_blob(&upload.digest, &upload.compressed)?;
    tx.put_sbom(build.id, &new, moment.now)?;
    let detail = json!({ "name": name.as_str(), "format": new.format, "digest": new.digest });
    Actor::caller(scope)?.record(tx, moment, "sbom.upload", &resource(scope, path, &name)?, detail)?;
    tx.sbom(build.id, &name)?.ok_or_else(|| ApiError::internal("an SBOM vanished while it was stored"))
}

/// A complete version's SBOMs are part of what it is: they stay.
pub fn delete(
    tx: &mut Tx<'_>,
    scope: &Scope,
    moment: &Moment<'_>,
    path: &SbomPath,
    name: &SbomName,
) -> Result<(), ApiError> {
    let version = find(tx, scope, &path.fingerprint)?;
    version.openness().check()?;
    let build = find_build(tx, &version, &path.build)?;
    let sbom = tx.sbom(build.id, name)?.ok_or_else(|| unknown(name, &path.build))?;
    tx.delete_sbom(sbom.id)?;
    let detail = json!({ "digest": sbom.digest });
    Actor::caller(scope)?.record(tx, moment, "sbom.delete", &resource(scope, path, name)?, detail)
}

fn unknown(name: &SbomName, build: &str) -> ApiError {
    ApiError::not_found(format!("build `{build}` has no SBOM `{name}`"))
}

fn resource(scope: &Scope, path: &SbomPath, name: &SbomName) -> Result<String, ApiError> {
    let bucket = scope.bucket_name()?;
    Ok(format!("bucket/{bucket}/version/{}/build/{}/sbom/{name}", path.fingerprint, path.build))
}
