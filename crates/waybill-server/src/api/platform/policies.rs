//! Policies of organizations, projects, buckets and groups: who has which role.

use axum::{Json, extract::State};
use waybill_api::{
    error::Code,
    platform::{
        IamPolicyResponse, Policy, PolicyBinding, PolicyBindingMember, PolicyBindingMemberType,
        ResourceGetIamPolicyQuery, ResourceSetIamPolicyRequest, SetIamPolicyBody,
    },
};
use waybill_model::{
    ids::Uid,
    names::BucketName,
    principal::PrincipalKind,
    role::{Permission, Role, Scope as RoleScope},
};
use waybill_store::{PolicyScope, Tx};

use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Query, Route},
    },
    app::App,
    auth::{
        Caller, Place, Scope,
        permission::shown,
        policies::{self, NewMember, NewPolicy},
        principals::Standing,
    },
};

/// What a policy is on, as a client names it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Resource {
    Organization(String),
    Project(String),
    Bucket {
        project: String,
        bucket: BucketName,
    },
    Group {
        organization: String,
        group: String,
    },
    /// A bucket or a group by its identifier.
    Identified(Uid),
}

pub(super) async fn get_of_organization(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
) -> ApiResult<IamPolicyResponse> {
    get(app, caller, Resource::Organization(organization_id)).await
}

pub(super) async fn set_of_organization(
    State(app): State<App>,
    caller: Caller,
    Route(organization_id): Route<String>,
    Body(body): Body<SetIamPolicyBody>,
) -> ApiResult<IamPolicyResponse> {
    set(app, caller, Resource::Organization(organization_id), body.policy).await
}

pub(super) async fn get_of_project(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
) -> ApiResult<IamPolicyResponse> {
    get(app, caller, Resource::Project(project_id)).await
}

pub(super) async fn set_of_project(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
    Body(body): Body<SetIamPolicyBody>,
) -> ApiResult<IamPolicyResponse> {
    set(app, caller, Resource::Project(project_id), body.policy).await
}

pub(super) async fn get_of_resource(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ResourceGetIamPolicyQuery>,
) -> ApiResult<IamPolicyResponse> {
    get(app, caller, resource(query.resource_name, query.resource_id)?).await
}

pub(super) async fn set_of_resource(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<ResourceSetIamPolicyRequest>,
) -> ApiResult<IamPolicyResponse> {
    set(app, caller, resource(body.resource_name, body.resource_id)?, body.policy).await
}

async fn get(app: App, caller: Caller, resource: Resource) -> ApiResult<IamPolicyResponse> {
    let policy = app.store.read(move |tx| {
        let entered = enter(tx, &caller, &resource, To::Read)?;
        policies::get(tx, entered.on?)
    });
    Ok(Json(IamPolicyResponse { policy: wire(policy.await?) }))
}

async fn set(
    app: App,
    caller: Caller,
    resource: Resource,
    policy: Option<Policy>,
) -> ApiResult<IamPolicyResponse> {
    let policy = policy.ok_or_else(|| {
        ApiError::invalid("`policy` is missing: send it with `bindings`, none of which takes all roles away")
    })?;
    let new = new_policy(policy)?;
    let clock = app.clock.clone();
    let set = app.store.write(move |tx| {
        let Entered { scope, on, name } = enter(tx, &caller, &resource, To::Set)?;
        match on {
            Ok(on) => policies::set(tx, &scope, on, &name, &new, clock.now()),
            // Clients delete a policy by setting an empty one, also where its resource went before.
            Err(_) if new.is_empty() => Ok(policies::Policy::empty()),
            Err(error) => Err(error),
        }
    });
    let policy = wire(set.await?);
    app.metrics.writes.inc();
    Ok(Json(IamPolicyResponse { policy }))
}

/// What the caller wants with a policy.
#[derive(Clone, Copy)]
enum To {
    Read,
    Set,
}

/// A resource that a caller who may has come to.
struct Entered {
    scope: Scope,
    /// An error if the bucket or group is not there.
    on: Result<PolicyScope, ApiError>,
    name: String,
}

/// Lets a caller in who may.
fn enter(tx: &mut Tx<'_>, caller: &Caller, resource: &Resource, to: To) -> Result<Entered, ApiError> {
    // Most names do not say in which organization: in the caller's own, or it might as well not exist.
    let standing = Standing::of(tx, caller)?;
    let home = standing.organization.uid;
    let found;
    let (resource, asked) = match resource {
        Resource::Identified(uid) => {
            found = identify(tx, uid, &home)?;
            (&found, Some(uid))
        }
        other => (other, None),
    };
    let (place, kind) = match resource {
        Resource::Organization(organization) => {
            (Place::organization(organization.clone()), RoleScope::Organization)
        }
        Resource::Project(project) => {
            (Place { organization: home, project: project.clone(), ..Place::default() }, RoleScope::Project)
        }
        Resource::Bucket { project, bucket } => (
            Place {
                organization: home,
                project: project.clone(),
                bucket: Some(bucket.clone()),
                ..Place::default()
            },
            RoleScope::Bucket,
        ),
        Resource::Group { organization, group } => (
            Place { organization: organization.clone(), group: group.clone(), ..Place::default() },
            RoleScope::Group,
        ),
        Resource::Identified(uid) => return Err(unknown(uid)),
    };
    let need = match (kind, to) {
        (RoleScope::Organization | RoleScope::Group, To::Read) => Permission::ReadPrincipals,
        (RoleScope::Project, To::Read) => Permission::ReadProjectPrincipals,
        (RoleScope::Bucket, To::Read) => Permission::ReadBucketPolicy,
        (kind, To::Set) => kind.manage(),
    };
    let scope = Scope::enter(tx.access(&caller.query(&place))?, &place, need);
    // Whoever only knows an identifier does not learn from the refusal where that is.
    let scope = scope.map_err(|error| match asked {
        Some(uid) if error.code == Code::NotFound => unknown(uid),
        _ => error,
    })?;
    let on = match kind {
        RoleScope::Organization => Ok(PolicyScope::Organization(scope.organization)),
        RoleScope::Project => scope.project().map(PolicyScope::Project),
        RoleScope::Bucket => scope.bucket().map(PolicyScope::Bucket),
        RoleScope::Group => scope.group().map(PolicyScope::Group),
    };
    Ok(Entered { scope, on, name: resource.name() })
}

/// The bucket or group of an identifier; whether the caller may see it is asked afterwards.
fn identify(tx: &mut Tx<'_>, uid: &Uid, home: &str) -> Result<Resource, ApiError> {
    if let Some((project, bucket)) = tx.bucket_identified(uid)? {
        return Ok(Resource::Bucket { project, bucket });
    }
    match tx.principal(uid.as_str())? {
        Some(group) if group.kind == PrincipalKind::Group && group.organization_uid == home => {
            Ok(Resource::Group { organization: home.to_owned(), group: group.name })
        }
        _ => Err(unknown(uid)),
    }
}

fn unknown(uid: &Uid) -> ApiError {
    ApiError::not_found(format!("there is no bucket and no group with the identifier `{uid}`"))
}

/// Reads what a client asks about.
fn resource(name: Option<String>, id: Option<String>) -> Result<Resource, ApiError> {
    match (name.filter(|name| !name.is_empty()), id.filter(|id| !id.is_empty())) {
        (Some(name), _) => Resource::named(&name),
        (None, Some(id)) => {
            let uid = id.parse();
            uid.map(Resource::Identified).map_err(|_| {
                ApiError::not_found(format!("there is no resource with the identifier `{}`", shown(&id)))
            })
        }
        (None, None) => Err(ApiError::invalid(
            "`resource_name` is missing: it is `packer/project/PROJECT_ID/bucket/NAME` or \
             `iam/organization/ORGANIZATION_ID/group/NAME`",
        )),
    }
}

impl Resource {
    fn named(name: &str) -> Result<Self, ApiError> {
        let parts: Vec<&str> = name.split('/').collect();
        Ok(match parts[..] {
            ["organization", id] => Self::Organization(id.to_owned()),
            ["project", id] => Self::Project(id.to_owned()),
            ["packer", "project", project, "bucket", bucket] => {
                Self::Bucket { project: project.to_owned(), bucket: bucket.parse()? }
            }
            ["iam", "organization", organization, "group", group] => {
                Self::Group { organization: organization.to_owned(), group: group.to_owned() }
            }
            _ => {
                return Err(ApiError::invalid(format!(
                    "`{}` is no resource with a policy: `resource_name` is `packer/project/PROJECT_ID/bucket/NAME` \
                     or `iam/organization/ORGANIZATION_ID/group/NAME`",
                    shown(name)
                )));
            }
        })
    }

    fn name(&self) -> String {
        match self {
            Self::Organization(id) => format!("organization/{id}"),
            Self::Project(id) => format!("project/{id}"),
            Self::Bucket { project, bucket } => format!("packer/project/{project}/bucket/{bucket}"),
            Self::Group { organization, group } => format!("iam/organization/{organization}/group/{group}"),
            Self::Identified(uid) => uid.to_string(),
        }
    }
}

fn new_policy(policy: Policy) -> Result<NewPolicy, ApiError> {
    let mut bindings = Vec::new();
    for binding in policy.bindings {
        let role: Role = binding.role_id.parse()?;
        for member in binding.members {
            let kind = match member.member_type {
                PolicyBindingMemberType::Unset => None,
                PolicyBindingMemberType::User => Some(PrincipalKind::User),
                PolicyBindingMemberType::Group => Some(PrincipalKind::Group),
                PolicyBindingMemberType::ServicePrincipal => Some(PrincipalKind::Service),
            };
            bindings.push(NewMember { role, principal_uid: member.member_id, kind });
        }
    }
    Ok(NewPolicy { bindings, etag: policy.etag })
}

/// One binding for each role, with its members in the order they got it.
fn wire(policy: policies::Policy) -> Policy {
    let mut bindings: Vec<PolicyBinding> = Vec::new();
    for member in policy.members {
        let member_type = match member.kind {
            PrincipalKind::User => PolicyBindingMemberType::User,
            PrincipalKind::Group => PolicyBindingMemberType::Group,
            PrincipalKind::Service => PolicyBindingMemberType::ServicePrincipal,
        };
        let role_id = member.role.id();
        let at = bindings.iter().position(|binding| binding.role_id == role_id).unwrap_or_else(|| {
            bindings.push(PolicyBinding { role_id: role_id.to_owned(), members: Vec::new() });
            bindings.len() - 1
        });
        bindings[at].members.push(PolicyBindingMember { member_id: member.principal_uid, member_type });
    }
    Policy { bindings, etag: policy.etag }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_read_by_position() {
        let check = |name: &str| Resource::named(name).map(|resource| resource.name()).map_err(|e| e.message);
        for good in
            ["organization/o", "project/p", "packer/project/p/bucket/ubuntu", "iam/organization/o/group/crew"]
        {
            assert_eq!(check(good), Ok(good.to_owned()));
        }
        for bad in [
            "",
            "packer",
            "packer/project/p/bucket",
            "packer/project/p/bucket/ubuntu/x",
            "iam/project/p/group/g",
        ] {
            assert!(
                check(bad).is_err_and(|message| message.contains("is no resource with a policy")),
                "{bad}"
            );
        }
        assert!(check("packer/project/p/bucket/-").is_err());
    }
}
