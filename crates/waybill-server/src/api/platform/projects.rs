//! Projects: a caller sees those that it has a role in, be it on the organization, the project or a bucket.

use std::cmp::Ordering;

use axum::{Json, extract::State};
use jiff::Timestamp;
use serde_json::json;
use waybill_api::{
    hcp::{Location, PageQuery},
    platform::{
        ProjectCreateRequest, ProjectCreateResponse, ProjectDeleteResponse, ProjectGetResponse,
        ProjectListQuery, ProjectListResponse, ProjectSetDescriptionBody, ProjectSetDescriptionResponse,
        ProjectSetNameBody, ProjectSetNameResponse, ProjectState, ResourceId, ResourceType,
    },
};
use waybill_model::{ids::PrincipalId, names::ProjectName, role::Permission};
use waybill_store::{Project, Tx};

use super::{operations, organizations};
use crate::{
    api::{
        error::{ApiError, ApiResult},
        extract::{Body, Pairs, Query, Route},
    },
    app::App,
    auth::{
        Caller, Place, Scope,
        bootstrap::{NewProject, make_project},
        principals::Standing,
        signature::identified,
    },
    text,
};

/// Longest description, in characters.
const DESCRIPTION: usize = 256;

/// Lists the projects that the caller sees, all on one page; the oldest first, as clients take the first.
///
/// Packer explains status 403 and crashes at every other error, so whatever can be wrong with what it asks is 403.
pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    Query(query): Query<ProjectListQuery>,
    Pairs(pairs): Pairs,
) -> ApiResult<ProjectListResponse> {
    let page = PageQuery::from_pairs(pairs)?;
    let mut projects = app.store.read(move |tx| seen(tx, &caller, &query)).await?;
    sort(&mut projects, &page)?;
    let projects = projects.into_iter().map(wire).collect();
    Ok(Json(ProjectListResponse { projects, pagination: None }))
}

pub(super) async fn get(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
) -> ApiResult<ProjectGetResponse> {
    let project = app.store.read(move |tx| {
        let standing = Standing::of(tx, &caller)?;
        // By comparing, not by asking the database for a text that anybody may have written.
        let mut projects = tx.projects(standing.organization.id)?.into_iter();
        projects.find(|project| project.uid == project_id && standing.sees(&project.uid)).ok_or_else(|| {
            ApiError::not_found(format!(
                "project `{project_id}` does not exist, or {} has no role on it",
                standing.who()
            ))
        })
    });
    Ok(Json(ProjectGetResponse { project: wire(project.await?) }))
}

/// Makes a project with an active registry.
pub(super) async fn create(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<ProjectCreateRequest>,
) -> ApiResult<ProjectCreateResponse> {
    let name: ProjectName = body.name.unwrap_or_default().parse()?;
    let description = description(body.description.unwrap_or_default())?;
    let parent = body.parent.unwrap_or_default();
    if parent.r#type == ResourceType::Project {
        return Err(ApiError::invalid(
            "a project's `parent` is an organization: `parent.type` must be `ORGANIZATION`",
        ));
    }
    let app_again = app.clone();
    let project = app.store.write(move |tx| {
        let moment = app_again.moment();
        let standing = Standing::of(tx, &caller)?;
        let organization = &standing.organization;
        if !parent.id.is_empty() && parent.id != organization.uid {
            return Err(organizations::unknown(&parent.id));
        }
        let place = Place::organization(organization.uid.clone());
        let scope = Scope::enter(tx.access(&caller.query(&place))?, &place, Permission::ManageProjects)?;
        if tx.project_named(organization.id, &name)?.is_some() {
            return Err(taken(&name));
        }
        let new = NewProject {
            organization: organization.id,
            uid: moment.ids().uuid(),
            name: name.clone(),
            description: description.clone(),
            registry: moment.uid(),
        };
        make_project(tx, &new, moment.now)?;
        record(tx, &scope, "project.create", &new.uid, &json!({ "name": name.as_str() }), moment.now)?;
        tx.project(organization.id, &new.uid)?
            .ok_or_else(|| ApiError::internal("a project that was just inserted is not there"))
    });
    let project = project.await?;
    app.metrics.writes.inc();
    Ok(Json(ProjectCreateResponse { project: wire(project), operation_id: String::new() }))
}

/// Gives a project another name.
pub(super) async fn set_name(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
    Body(body): Body<ProjectSetNameBody>,
) -> ApiResult<ProjectSetNameResponse> {
    let name: ProjectName = body.name.unwrap_or_default().parse()?;
    let service = app.clone();
    let done = app.store.write(move |tx| {
        let scope = enter(tx, &caller, &project_id, Permission::UpdateProject)?;
        let project = scope.project()?;
        match tx.project_named(scope.organization, &name)? {
            Some(other) if other.id != project => return Err(taken(&name)),
            // Nothing changes, so nothing is recorded.
            Some(_) => return Ok(()),
            None => {}
        }
        tx.rename_project(project, &name)?;
        let detail = json!({ "name": name.as_str() });
        record(tx, &scope, "project.update", &project_id, &detail, service.clock.now())
    });
    done.await?;
    app.metrics.writes.inc();
    Ok(Json(ProjectSetNameResponse::default()))
}

/// Describes a project, or takes the description away.
pub(super) async fn set_description(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
    Body(body): Body<ProjectSetDescriptionBody>,
) -> ApiResult<ProjectSetDescriptionResponse> {
    let description = description(body.description.unwrap_or_default())?;
    let service = app.clone();
    let done = app.store.write(move |tx| {
        let scope = enter(tx, &caller, &project_id, Permission::UpdateProject)?;
        tx.describe_project(scope.project()?, &description)?;
        let detail = json!({ "description": description });
        record(tx, &scope, "project.update", &project_id, &detail, service.clock.now())
    });
    done.await?;
    app.metrics.writes.inc();
    Ok(Json(ProjectSetDescriptionResponse::default()))
}

/// Deletes a project without buckets, with its registry, its principals, its webhooks and the roles on it.
///
/// An organization keeps one project: clients that were told of none take the first, and crash without.
pub(super) async fn delete(
    State(app): State<App>,
    caller: Caller,
    Route(project_id): Route<String>,
) -> ApiResult<ProjectDeleteResponse> {
    let service = app.clone();
    let id = app.operations.new_id(app.ids.as_ref());
    let deleted = app.store.write(move |tx| {
        let scope = enter(tx, &caller, &project_id, Permission::ReadProject)?;
        scope.require(Permission::ManageProjects)?;
        let project = tx
            .project(scope.organization, &project_id)?
            .ok_or_else(|| ApiError::internal("a project that was just entered is not there"))?;
        let name = &project.name;
        let n_buckets = tx.count_buckets(project.id)?;
        if 0 < n_buckets {
            let buckets = if n_buckets == 1 { "bucket" } else { "buckets" };
            return Err(ApiError::precondition(format!(
                "project `{name}` is not empty: delete its {n_buckets} {buckets} first, or its registry with all of them"
            )));
        }
        if tx.projects(scope.organization)?.len() < 2 {
            return Err(ApiError::precondition(format!(
                "project `{name}` is the only one of the organization, which clients cannot do without: create another \
                 one first"
            )));
        }
        // Who and what goes with it, because nothing else tells of them any more.
        let principals = tx.project_principals(scope.organization, project.id, PrincipalId(0), u32::MAX)?;
        let principals = principals.iter().map(|principal| identified(&principal.name, &principal.uid));
        let webhooks = tx.webhooks(project.id)?;
        let webhooks = webhooks.iter().map(|webhook| identified(webhook.name.as_str(), &webhook.uid));
        let detail = json!({
            "name": name,
            "principals": principals.collect::<Vec<_>>(),
            "webhooks": webhooks.collect::<Vec<_>>(),
        });
        tx.delete_project(project.id)?;
        let now = service.clock.now();
        record(tx, &scope, "project.delete", &project_id, &detail, now)?;
        Ok((scope.organization_uid, project_id.clone()))
    });
    let (organization_id, project_id) = deleted.await?;
    app.metrics.writes.inc();
    let location = Location { organization_id, project_id, region: None };
    Ok(Json(ProjectDeleteResponse { operation: operations::done(id, location, app.clock.now()) }))
}

/// Lets a caller in who may do that with a project.
///
/// The path does not say in which organization it is: in the caller's own, or it might as well not exist.
fn enter(tx: &mut Tx<'_>, caller: &Caller, project_id: &str, need: Permission) -> Result<Scope, ApiError> {
    let organization = Standing::of(tx, caller)?.organization.uid;
    let place = Place { organization, project: project_id.to_owned(), ..Place::default() };
    Scope::enter(tx.access(&caller.query(&place))?, &place, need)
}

fn taken(name: &ProjectName) -> ApiError {
    ApiError::exists(format!("project `{name}` exists already in this organization"))
}

/// Changes of projects are nothing that a project's subscribers are told: they have an audit row and no event.
fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    action: &'static str,
    project_id: &str,
    detail: &serde_json::Value,
    now: Timestamp,
) -> Result<(), ApiError> {
    let (resource, detail) = (format!("resource-manager/project/{project_id}"), detail.to_string());
    scope.signature().record(tx, scope.organization, action, &resource, &detail, now)
}

/// The projects that a query asks for and the caller sees.
fn seen(tx: &mut Tx<'_>, caller: &Caller, query: &ProjectListQuery) -> Result<Vec<Project>, ApiError> {
    let standing = Standing::of(tx, caller)?;
    let who = standing.who();
    let scope_id = query.scope_id.as_deref().unwrap_or_default();
    let is_project = query.scope_type == Some(ResourceType::Project);
    if !is_project && !scope_id.is_empty() && scope_id != standing.organization.uid {
        return Err(ApiError::denied(format!(
            "organization `{scope_id}` does not exist, or {who} does not belong to it: check \
             HCP_ORGANIZATION_ID, or leave it out"
        )));
    }
    let is_asked_for = |project: &Project| !is_project || project.uid == scope_id;
    let mut projects = tx.projects(standing.organization.id)?;
    projects.retain(|project| is_asked_for(project) && standing.sees(&project.uid));
    // Nothing that fits a search is no error; nothing to search in is.
    if projects.is_empty() {
        return Err(ApiError::denied(format!(
            "{who} has no role on any such project: ask an administrator for one"
        )));
    }
    let wanted = query.query.as_deref().unwrap_or_default().to_lowercase();
    projects.retain(|project| project.name.to_lowercase().contains(&wanted));
    Ok(projects)
}

fn sort(projects: &mut [Project], page: &PageQuery) -> Result<(), ApiError> {
    // The last column first: sorting is stable, so the first column decides.
    for order in page.order_by.iter().rev() {
        let compare: fn(&Project, &Project) -> Ordering = match order.column.as_str() {
            "name" => |a, b| a.name.cmp(&b.name),
            "created_at" => |a, b| a.created_at.cmp(&b.created_at),
            other => {
                return Err(ApiError::invalid(format!(
                    "projects cannot be sorted by `{other}`, only by `name` and `created_at`"
                )));
            }
        };
        if order.descending {
            projects.sort_by(|a, b| compare(b, a));
        } else {
            projects.sort_by(compare);
        }
    }
    Ok(())
}

/// A description is one short text of what can be printed.
fn description(text: String) -> Result<String, ApiError> {
    text::check_lines("description", DESCRIPTION, &text)?;
    Ok(text)
}

fn wire(project: Project) -> waybill_api::platform::Project {
    waybill_api::platform::Project {
        id: project.uid,
        name: project.name,
        description: project.description,
        parent: ResourceId { id: project.organization_uid, r#type: ResourceType::Organization },
        state: ProjectState::Active,
        created_at: project.created_at.into(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use waybill_model::ids::ProjectId;

    use super::*;

    fn project(name: &str, created_at: i64) -> Project {
        Project {
            id: ProjectId(1),
            uid: String::new(),
            organization_uid: String::new(),
            name: name.to_owned(),
            description: String::new(),
            created_at: Timestamp::from_second(created_at).expect("a time"),
        }
    }

    #[test]
    fn projects_are_sorted_as_asked() {
        let check = |order_by: &str| {
            let page = PageQuery::from_pairs([("sorting.order_by", order_by)]).expect("a query");
            let mut projects = vec![project("b", 1), project("c", 1), project("a", 2)];
            sort(&mut projects, &page).map_err(|error| error.message)?;
            Ok::<_, String>(projects.iter().map(|project| project.name.as_str()).collect::<String>())
        };
        assert_eq!(check(""), Ok("bca".to_owned()));
        assert_eq!(check("name"), Ok("abc".to_owned()));
        assert_eq!(check("name desc"), Ok("cba".to_owned()));
        assert_eq!(check("created_at desc,name"), Ok("abc".to_owned()));
        assert_eq!(check("created_at,name desc"), Ok("cba".to_owned()));
        assert!(check("colour").is_err_and(|message| message.contains("`colour`")));
    }

    #[test]
    fn descriptions_are_short_texts() {
        let check = |text: &str| description(text.to_owned()).map_err(|error| error.message);
        for good in ["", "All of it", "two\nlines", &"é".repeat(256)] {
            assert_eq!(check(good), Ok(good.to_owned()));
        }
        assert!(check(&"x".repeat(257)).is_err_and(|message| message.ends_with("257")));
        assert!(check("a\0b").is_err());
    }
}
