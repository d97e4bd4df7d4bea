//! Looking up who is behind identifiers and e-mail addresses, as whoever writes policies must.

use std::collections::{BTreeMap, BTreeSet};

use axum::{Json, extract::State};
use serde::Deserialize;
use waybill_api::platform::{
    self, BatchGetPrincipalsQuery, BatchGetPrincipalsResponse, ListUserPrincipalsForOrganizationByEmailBody,
    ListUserPrincipalsForOrganizationByEmailResponse, PrincipalType, PrincipalView, UserIdentityType,
    UserPrincipalResponse,
};
use waybill_model::{
    email::Email,
    ids::{OrganizationId, PrincipalId, Uid},
    role::{Permission, allows},
};
use waybill_store::{Entry, Group, Tx, User};

use super::{identity, organizations};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Query, Route},
    },
    app::App,
    auth::{Caller, groups, people, permission::shown, principals::Standing},
};

/// Principals that one request may look up; as many as a policy of HCP may name.
const PRINCIPALS: usize = 1000;

#[derive(Deserialize)]
pub(super) struct UserPath {
    organization_id: String,
    user_principal_id: String,
}

/// Tells who is behind identifiers. All of them must be known: clients crash at an answer without one that they
/// asked for.
pub(super) async fn batch(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Query(query): Query<BatchGetPrincipalsQuery>,
    Pairs(pairs): Pairs,
) -> ApiResult<BatchGetPrincipalsResponse> {
    let asked: Vec<String> =
        pairs.into_iter().filter(|(name, _)| name == "principal_ids").map(|(_, value)| value).collect();
    if PRINCIPALS < asked.len() {
        return Err(ApiError::invalid(format!(
            "up to {PRINCIPALS} principals can be looked up at once, these are {}",
            asked.len()
        )));
    }
    let view = query.view.unwrap_or_default();
    let principals = app.store.read(move |tx| {
        let standing = reader(tx, &caller, &organization_id)?;
        look_up(tx, &standing, &asked, view)
    });
    Ok(Json(BatchGetPrincipalsResponse { principals: principals.await? }))
}

pub(super) async fn user(
    State(app): State<App>,
    caller: Caller,
    Route(path): Route<UserPath>,
) -> ApiResult<UserPrincipalResponse> {
    let user = app.store.read(move |tx| {
        let UserPath { organization_id, user_principal_id } = &path;
        let standing = reader(tx, &caller, organization_id)?;
        let found = match user_principal_id.parse::<Uid>() {
            Ok(uid) => tx.user(uid.as_str())?,
            Err(_) => None,
        };
        found
            .filter(|user| user.organization == standing.organization.id)
            .ok_or_else(|| people::unknown(user_principal_id, organization_id))
    });
    Ok(Json(UserPrincipalResponse { user_principal: wire_user(user.await?) }))
}

/// Lists the one person of that address, or nobody.
pub(super) async fn by_email(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Body(body): Body<ListUserPrincipalsForOrganizationByEmailBody>,
) -> ApiResult<ListUserPrincipalsForOrganizationByEmailResponse> {
    let email: Email = body.email.unwrap_or_default().parse()?;
    let user = app.store.read(move |tx| {
        let standing = reader(tx, &caller, &organization_id)?;
        Ok::<_, ApiError>(tx.user_named(standing.organization.id, &email)?)
    });
    let user_principals = user.await?.into_iter().map(wire_user).collect();
    Ok(Json(ListUserPrincipalsForOrganizationByEmailResponse { user_principals }))
}

/// Lets a caller in who may look up who is who in the organization, wherever their role is on.
pub(super) fn reader(tx: &mut Tx<'_>, caller: &Caller, organization_id: &str) -> Result<Standing, ApiError> {
    let standing = Standing::of(tx, caller)?;
    if standing.organization.uid != organization_id {
        return Err(organizations::unknown(&shown(organization_id)));
    }
    if !allows(standing.roles(), Permission::ReadDirectory) {
        return Err(ApiError::denied(format!(
            "{} may not look up people and groups ({:?}): ask an administrator for a role on the organization, or for \
             one that gives roles to others",
            standing.who(),
            Permission::ReadDirectory
        )));
    }
    Ok(standing)
}

/// Everybody behind these identifiers, in their order and each once.
fn look_up(
    tx: &mut Tx<'_>,
    standing: &Standing,
    asked: &[String],
    view: PrincipalView,
) -> Result<Vec<platform::Principal>, ApiError> {
    let known: Vec<Uid> = asked.iter().filter_map(|uid| uid.parse().ok()).collect();
    let (mut found, groups) = entries(tx, standing.organization.id, &known)?;
    let mut seen = BTreeSet::new();
    let mut principals = Vec::new();
    for uid in asked {
        if !seen.insert(uid) {
            continue;
        }
        let entry = found.remove(uid.as_str()).ok_or_else(|| {
            ApiError::not_found(format!(
                "principal `{}` does not exist in organization `{}`",
                shown(uid),
                standing.organization.uid
            ))
        })?;
        principals.push(match view {
            PrincipalView::Basic => basic(&entry),
            PrincipalView::Full | PrincipalView::Unspecified => wire(entry, &groups),
        });
    }
    Ok(principals)
}

/// The caller, in the words of a look-up.
pub(super) fn oneself(tx: &mut Tx<'_>, caller: &Caller) -> Result<platform::Principal, ApiError> {
    let standing = Standing::of(tx, caller)?;
    let uid = standing.principal.uid.parse::<Uid>();
    let uid = uid.map_err(|error| ApiError::internal(format!("a principal's identifier: {error}")))?;
    let (mut found, groups) = entries(tx, standing.organization.id, std::slice::from_ref(&uid))?;
    let entry = found.remove(uid.as_str());
    entry.map(|entry| wire(entry, &groups)).ok_or_else(|| ApiError::internal("a caller who is nobody"))
}

type Entries = (BTreeMap<String, Entry>, BTreeMap<PrincipalId, Vec<String>>);

/// Everybody by identifier, and the groups of the people among them.
fn entries(tx: &mut Tx<'_>, organization: OrganizationId, uids: &[Uid]) -> Result<Entries, ApiError> {
    let found = tx.entries(organization, uids)?;
    let people: Vec<PrincipalId> =
        found.iter().filter(|entry| matches!(entry, Entry::User(_))).map(Entry::id).collect();
    let groups = tx.memberships(&people)?;
    Ok((found.into_iter().map(|entry| (entry.uid().to_owned(), entry)).collect(), groups))
}

fn basic(entry: &Entry) -> platform::Principal {
    let r#type = match entry {
        Entry::Service(_) => PrincipalType::Service,
        Entry::User(_) => PrincipalType::User,
        Entry::Group(_) => PrincipalType::Group,
    };
    platform::Principal { id: entry.uid().to_owned(), r#type, ..platform::Principal::default() }
}

fn wire(entry: Entry, groups: &BTreeMap<PrincipalId, Vec<String>>) -> platform::Principal {
    let basic = basic(&entry);
    match entry {
        Entry::Service(principal) => {
            platform::Principal { service: Some(identity::wire(principal)), ..basic }
        }
        Entry::User(user) => {
            let group_ids = groups.get(&user.id).cloned().unwrap_or_default();
            platform::Principal { user: Some(wire_user(user)), group_ids, ..basic }
        }
        Entry::Group(group) => platform::Principal { group: Some(wire_group(&group)), ..basic },
    }
}

fn wire_user(user: User) -> platform::UserPrincipal {
    let provider = (!user.subject.is_empty()).then_some(UserIdentityType::HashicorpSso);
    let password = user.has_password.then_some(UserIdentityType::EmailPassword);
    let identity_types: Vec<_> = provider.into_iter().chain(password).collect();
    platform::UserPrincipal {
        id: user.uid,
        email: user.email.to_string(),
        full_name: user.full_name,
        subject: user.subject,
        identity_type: identity_types.first().copied().unwrap_or_default(),
        identity_types,
        scim_synchronized: false,
        tfc_synchronized_at: None,
    }
}

pub(super) fn wire_group(group: &Group) -> platform::Group {
    platform::Group {
        resource_id: group.uid.clone(),
        resource_name: groups::resource_name(group),
        display_name: group.display_name.clone(),
        description: group.description.clone(),
        member_count: i32::try_from(group.member_count).unwrap_or(i32::MAX),
        scim_synchronized: group.external_name.is_some(),
        created_at: Some(group.created_at.into()),
        updated_at: Some(group.updated_at.into()),
    }
}
