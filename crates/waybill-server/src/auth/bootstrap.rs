//! The first start: an organization, a project with its registry, and the owner who may do everything.
//!
//! Everything is made in one transaction and only once per database: a second server on the same PostgreSQL finds
//! what there is. What an older version did not make is added.
//!
//! The owner's secret is in no database. It is written to `owner.json` in the data folder of the server that made
//! it, before the transaction commits: a crash in between costs a useless file, never the only secret.

mod owner_file;

use std::path::Path;

use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;
use waybill_model::{
    ids::{OrganizationId, ProjectId, Uid},
    names::ProjectName,
    role::Role,
};
use waybill_store::{Organization, Project, Store, Tx};

pub use owner_file::{OwnerFile, write_owner};

use super::{
    Signature,
    principals::{self, Admission, FreshKey, Target},
    secret::ClientSecret,
    token::NewKey,
};
use crate::{
    api::error::ApiError,
    clock::{Clock, Ids},
};

/// What every server of an installation knows about it.
pub struct Installation {
    /// Names the installation: the issuer of its tokens.
    pub id: String,
    pub organization_id: String,
    /// The oldest project.
    pub project_id: String,
    /// Signs page tokens.
    pub page_token_secret: Vec<u8>,
    /// Set by the start that made the owner.
    pub owner: Option<Owner>,
}

/// The owner's key, when it was made.
pub struct Owner {
    pub client_id: String,
    pub client_secret: ClientSecret,
}

/// Why an installation could not be set up or found.
#[derive(Debug, Error)]
pub enum BootstrapError {
    #[error("{0}")]
    Store(#[from] waybill_store::Error),
    #[error("writing the owner's credentials: {0}")]
    OwnerFile(#[source] std::io::Error),
    #[error("setting up the registry: {0}")]
    Setup(String),
}

const INSTALLATION: &str = "installation";
const PAGE_TOKEN: &str = "page-token";

const ORGANIZATION_NAME: &str = "waybill";
const PROJECT_NAME: &str = "default";
const OWNER_NAME: &str = "owner";

/// Of a registry that nobody chose a tier for: nothing is held back here.
pub const FEATURE_TIER: &str = "PLUS";

/// A project to be made, with its registry.
#[derive(Clone, Debug)]
pub struct NewProject {
    pub organization: OrganizationId,
    pub uid: String,
    pub name: ProjectName,
    pub description: String,
    pub registry: Uid,
}

/// Everything that chance contributes, so that a transaction may run twice.
#[derive(Clone)]
struct Chance {
    installation: Uid,
    page_token: Uid,
    page_token_secret: [u8; 32],
    signing_key: NewKey,
    organization: String,
    project: String,
    registry: Uid,
    owner: Uid,
    owner_key: FreshKey,
}

/// Finds the installation in the database, or makes it.
///
/// `folder` is where `owner.json` goes; it must exist.
pub async fn bootstrap(
    store: &Store,
    folder: &Path,
    clock: &dyn Clock,
    ids: &dyn Ids,
) -> Result<Installation, BootstrapError> {
    let now = clock.now();
    let (owner_key, client_secret) = FreshKey::generate(ids, now);
    let mut page_token_secret = [0; 32];
    ids.random(&mut page_token_secret);
    let chance = Chance {
        installation: ids.uid(now),
        page_token: ids.uid(now),
        page_token_secret,
        signing_key: NewKey::generate(ids, now),
        organization: ids.uuid(),
        project: ids.uuid(),
        registry: ids.uid(now),
        owner: ids.uid(now),
        owner_key,
    };
    let file = OwnerFile {
        client_id: chance.owner_key.client_id.clone(),
        client_secret: client_secret.expose().into(),
        organization_id: chance.organization.clone(),
        project_id: chance.project.clone(),
    };
    let is_new = store.read(|tx| Ok::<_, waybill_store::Error>(tx.first_organization()?.is_none())).await?;
    if is_new {
        write_owner(folder, &file).map_err(BootstrapError::OwnerFile)?;
    }
    let (mut installation, is_ours) = store.write(move |tx| set_up(tx, &chance, is_new, now)).await?;
    if is_ours {
        installation.owner = Some(Owner { client_id: file.client_id, client_secret });
        tracing::info!("Set up the registry; the owner's credentials are in owner.json of the data folder");
        return Ok(installation);
    }
    if is_new {
        // Another server on this database was faster by a moment.
        owner_file::take_back(folder, &file.client_id).map_err(BootstrapError::OwnerFile)?;
    }
    owner_file::compare(folder, &installation.organization_id);
    Ok(installation)
}

/// Makes what is missing. Tells whether the owner is the one made here.
fn set_up(
    tx: &mut Tx<'_>,
    chance: &Chance,
    may_make_owner: bool,
    now: Timestamp,
) -> Result<(Installation, bool), BootstrapError> {
    chance.signing_key.insert_first(tx, now)?;
    let id = secret(tx, INSTALLATION, &chance.installation, chance.installation.as_str().as_bytes(), now)?;
    let id = String::from_utf8(id).map_err(|_| BootstrapError::Setup("its name is damaged".to_owned()))?;
    let page_token_secret = secret(tx, PAGE_TOKEN, &chance.page_token, &chance.page_token_secret, now)?;
    let (organization, project, is_ours) = match tx.first_organization()? {
        Some(organization) => {
            let project = tx.projects(organization.id)?.into_iter().next();
            (organization, project, false)
        }
        // The file with the secret was not written, because there was an organization a moment ago.
        None if !may_make_owner => {
            return Err(BootstrapError::Setup("its organization was deleted during the start".to_owned()));
        }
        None => {
            let (organization, project) = make_owned_project(tx, chance, now)
                .map_err(|error| BootstrapError::Setup(error.cause.unwrap_or(error.message)))?;
            (organization, Some(project), true)
        }
    };
    let installation = Installation {
        id,
        organization_id: organization.uid,
        project_id: project.map(|project| project.uid).unwrap_or_default(),
        page_token_secret,
        owner: None,
    };
    Ok((installation, is_ours))
}

fn make_owned_project(
    tx: &mut Tx<'_>,
    chance: &Chance,
    now: Timestamp,
) -> Result<(Organization, Project), ApiError> {
    let id = tx.insert_organization(&chance.organization, ORGANIZATION_NAME, now)?;
    let project = NewProject {
        organization: id,
        uid: chance.project.clone(),
        name: PROJECT_NAME.parse()?,
        description: String::new(),
        registry: chance.registry.clone(),
    };
    make_project(tx, &project, now)?;
    let owner = Admission {
        uid: chance.owner.clone(),
        name: OWNER_NAME.parse()?,
        target: Target::Organization,
        role: Some(Role::Owner),
        key: Some(chance.owner_key.clone()),
    };
    let owner = principals::insert(tx, id, &owner, now)?;
    let resource = principals::resource_name(&owner);
    let (client_id, role) = (&chance.owner_key.client_id, Role::Owner.as_str());
    let detail = json!({ "id": owner.uid, "client_id": client_id, "role": role }).to_string();
    Signature::of_registry().record(tx, id, "principal.create", &resource, &detail, now)?;
    let missing = || ApiError::internal("what was just inserted is not there");
    let organization = tx.organization(id)?.ok_or_else(missing)?;
    let project = tx.project(id, &project.uid)?.ok_or_else(missing)?;
    Ok((organization, project))
}

/// Makes a project with an active registry. The name must be free.
pub fn make_project(
    tx: &mut Tx<'_>,
    new: &NewProject,
    now: Timestamp,
) -> Result<ProjectId, waybill_store::Error> {
    let project = tx.insert_project(new.organization, &new.uid, &new.name, &new.description, now)?;
    tx.insert_registry(project, &new.registry, FEATURE_TIER, now)?;
    Ok(project)
}

/// The newest secret for a purpose; stores this one if there is none.
fn secret(
    tx: &mut Tx<'_>,
    purpose: &'static str,
    uid: &Uid,
    value: &[u8],
    now: Timestamp,
) -> Result<Vec<u8>, waybill_store::Error> {
    if let Some(found) = tx.secrets(purpose)?.into_iter().next() {
        return Ok(found.value);
    }
    tx.insert_secret(purpose, uid, value, now)?;
    Ok(value.to_vec())
}

#[cfg(test)]
mod tests {
    use waybill_store::{Database, Durability, Options};

    use super::*;
    use crate::{
        auth::secret::{check_form, is_client_id, matches},
        clock::{SystemClock, SystemIds},
    };

    fn store(folder: &Path) -> Store {
        let options = Options { durability: Durability::Off, ..Options::default() };
        Store::open(&Database::Sqlite(folder.join("waybill.db")), &options).expect("a store")
    }

    async fn start(store: &Store, folder: &Path) -> Installation {
        bootstrap(store, folder, &SystemClock, &SystemIds).await.expect("an installation")
    }

    fn file(folder: &Path) -> Option<serde_json::Value> {
        let text = fs_err::read(folder.join("owner.json")).ok()?;
        Some(serde_json::from_slice(&text).expect("JSON"))
    }

    #[tokio::test]
    async fn the_first_start_makes_an_owner() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let installation = start(&store, folder.path()).await;
        let owner = installation.owner.expect("an owner");
        assert!(is_client_id(&owner.client_id));
        assert_eq!(check_form(owner.client_secret.expose()), Ok(()));
        assert_eq!(installation.page_token_secret.len(), 32);
        let expected = serde_json::json!({
            "client_id": owner.client_id,
            "client_secret": owner.client_secret.expose(),
            "organization_id": installation.organization_id,
            "project_id": installation.project_id,
        });
        assert_eq!(file(folder.path()), Some(expected));

        let (client_id, organization_id) = (owner.client_id, installation.organization_id);
        let (digest, bindings, registry) = store
            .read(move |tx| {
                let (digest, principal) = tx.credential(&client_id)?.expect("the key");
                let principal = tx.principal(&principal)?.expect("the owner");
                let organization = tx.first_organization()?.expect("an organization");
                let project = tx.projects(organization.id)?.remove(0);
                Ok::<_, waybill_store::Error>((
                    digest,
                    tx.role_bindings(principal.id)?,
                    tx.registry(project.id)?,
                ))
            })
            .await
            .expect("all there");
        assert!(matches(owner.client_secret.expose(), Some(&digest)));
        assert_eq!(bindings.len(), 1);
        assert_eq!(bindings[0].role, Role::Owner);
        assert_eq!(bindings[0].organization, Some(organization_id));
        assert!(registry.is_some_and(|registry| registry.activated));
    }

    #[tokio::test]
    async fn later_starts_find_what_there_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path());
        let first = start(&store, folder.path()).await;
        let written = file(folder.path());
        let second = start(&store, folder.path()).await;
        assert!(second.owner.is_none());
        assert_eq!(
            (second.id, second.organization_id, second.project_id, second.page_token_secret),
            (first.id, first.organization_id, first.project_id, first.page_token_secret)
        );
        assert_eq!(file(folder.path()), written);
    }

    #[tokio::test]
    async fn a_second_server_writes_no_credentials() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let store = store(one.path());
        start(&store, one.path()).await;
        assert!(start(&store, two.path()).await.owner.is_none());
        assert_eq!(file(two.path()), None);
    }

    #[tokio::test]
    async fn the_slower_of_two_first_servers_takes_its_credentials_back() {
        let (one, two) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
        let store = store(one.path());
        let (first, second) = tokio::join!(start(&store, one.path()), start(&store, two.path()));
        assert_eq!(first.organization_id, second.organization_id);
        assert_ne!(first.owner.is_some(), second.owner.is_some(), "exactly one made the owner");
        assert_eq!(file(one.path()).is_some(), first.owner.is_some());
        assert_eq!(file(two.path()).is_some(), second.owner.is_some());
    }
}
