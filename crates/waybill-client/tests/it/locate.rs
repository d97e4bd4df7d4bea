//! Organization and project, given or found out.

use waybill_client::Location;

use crate::fake::{Answer, Fake, answer};

async fn check(
    organization: Option<&str>,
    project: Option<&str>,
    answers: impl IntoIterator<Item = Answer>,
) -> (Result<Location, String>, Vec<String>) {
    let fake = Fake::start().await;
    fake.will_answer(answers);
    let found = fake.client().locate(organization, project).await.map_err(|error| error.to_string());
    let paths = fake.asked().into_iter().filter(|line| line != "POST /oauth2/token");
    (found, paths.map(|line| line.replace(" token-1", "")).collect())
}

fn organizations(ids: &[&str]) -> Answer {
    let list: Vec<String> = ids.iter().map(|id| format!(r#"{{"id": "{id}"}}"#)).collect();
    answer(200, &format!(r#"{{"organizations": [{}]}}"#, list.join(",")))
}

fn location(organization_id: &str, project_id: &str) -> Location {
    Location { organization_id: organization_id.into(), project_id: project_id.into() }
}

const ORGANIZATIONS: &str = "GET /resource-manager/2019-12-10/organizations";
const PROJECTS: &str = "GET /resource-manager/2019-12-10/projects?scope.id=O&scope.type=ORGANIZATION";

#[tokio::test]
async fn both_given_are_taken_as_they_are() {
    assert_eq!(check(Some("O"), Some("P"), []).await, (Ok(location("O", "P")), vec![]));
}

#[tokio::test]
async fn the_oldest_project_is_taken() {
    let projects = answer(
        200,
        r#"{"projects": [
            {"id": "newer", "created_at": "2026-02-01T00:00:00Z"},
            {"id": "older", "created_at": "2025-02-01T00:00:00Z"},
            {"id": "as old", "created_at": "2025-02-01T00:00:00Z"}
        ]}"#,
    );
    let found = check(None, None, [organizations(&["O"]), projects]).await;
    assert_eq!(found, (Ok(location("O", "older")), vec![ORGANIZATIONS.into(), PROJECTS.into()]));
}

#[tokio::test]
async fn a_project_in_the_future_will_do_when_it_is_the_only_one() {
    let projects = answer(200, r#"{"projects": [{"id": "P", "created_at": "9999-01-01T00:00:00Z"}]}"#);
    assert_eq!(check(Some("O"), None, [projects]).await, (Ok(location("O", "P")), vec![PROJECTS.into()]));
}

#[tokio::test]
async fn a_given_project_must_have_a_registry() {
    let registry = answer(200, r#"{"registry": {"config": {"activated": false}}}"#);
    let asked =
        || vec![ORGANIZATIONS.into(), "GET /packer/2023-01-01/organizations/O/projects/P/registry".into()];
    let found = check(None, Some("P"), [organizations(&["O"]), registry]).await;
    assert_eq!(found, (Ok(location("O", "P")), asked()));

    let missing = answer(404, r#"{"code": 5, "message": "no registry"}"#);
    let found = check(None, Some("P"), [organizations(&["O"]), missing]).await;
    assert_eq!(found, (Err("project `P` has no registry".into()), asked()));
}

#[tokio::test]
async fn what_cannot_be_found_out_is_said() {
    let failure = |text: &str| Err(text.to_owned());
    let (found, _) = check(None, None, [organizations(&[])]).await;
    assert_eq!(found, failure("the credentials see 0 organizations, exactly one is expected"));
    let (found, _) = check(None, None, [organizations(&["A", "B"])]).await;
    assert_eq!(found, failure("the credentials see 2 organizations, exactly one is expected"));
    let (found, _) = check(Some("O"), None, [answer(200, "{}")]).await;
    assert_eq!(found, failure("organization `O` has no project"));
    let (found, _) = check(Some("O"), None, [answer(403, r#"{"code": 7, "message": "no"}"#)]).await;
    assert_eq!(
        found,
        failure("the credentials may not list projects; they belong to one project, which has to be named")
    );
    let (found, _) = check(Some("O"), None, [answer(500, r#"{"code": 13, "message": "broken"}"#)]).await;
    assert_eq!(found, failure("ProjectService_List: broken"));
}
