//! Projects: a caller sees those that it has a role in, be it on the organization, the project or a bucket.

use std::cmp::Ordering;

use axum::{Json, extract::State};
use waybill_api::{
    hcp::PageQuery,
    platform::{
        ProjectCreateRequest, ProjectCreateResponse, ProjectGetResponse, ProjectListQuery,
        ProjectListResponse, ProjectState, ResourceId, ResourceType,
    },
};
use waybill_model::{names::ProjectName, role::Permission};
use waybill_store::{Audit, Project, Tx};

use super::organizations;
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
    },
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
        let place = Place { organization: organization.uid.clone(), ..Place::default() };
        let scope = Scope::enter(tx.access(&caller.query(&place))?, &place, Permission::ManageProjects)?;
        if tx.project_named(organization.id, &name)?.is_some() {
            return Err(ApiError::exists(format!("project `{name}` exists already in this organization")));
        }
        let new = NewProject {
            organization: organization.id,
            uid: moment.ids().uuid(),
            name: name.clone(),
            description: description.clone(),
            registry: moment.uid(),
        };
        make_project(tx, &new, moment.now)?;
        let audit = Audit {
            organization: organization.id,
            principal: &scope.author,
            action: "project.create",
            resource: &format!("resource-manager/project/{}", new.uid),
            detail: &serde_json::json!({ "name": name.as_str() }).to_string(),
        };
        tx.record(&audit, moment.now)?;
        tx.project(organization.id, &new.uid)?
            .ok_or_else(|| ApiError::internal("a project that was just inserted is not there"))
    });
    let project = project.await?;
    app.metrics.writes.inc();
    Ok(Json(ProjectCreateResponse { project: wire(project), operation_id: String::new() }))
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
    if projects.is_empty() {
        return Err(ApiError::denied(format!(
            "{who} has no role on any such project: ask an administrator for one"
        )));
    }
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
    let found = text.chars().count();
    if DESCRIPTION < found {
        return Err(ApiError::invalid(format!(
            "`description` has up to {DESCRIPTION} characters, this one has {found}"
        )));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return Err(ApiError::invalid("`description` cannot contain control characters"));
    }
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
