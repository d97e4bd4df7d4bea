//! Which CI system runs this, and what it says about the run.
//!
//! The systems, their order and their variables are those that packer reports, so that a registry shows
//! builds from both alike. A new system is a new row of [`SYSTEMS`].

use serde_json::{Map, Value, json};

use crate::environment::Environment;

/// A CI system: how it is recognised and which of its variables are worth keeping.
struct System {
    name: &'static str,
    /// The variable that exists, with any value, where the system runs.
    detected_by: &'static str,
    /// Copied when they exist.
    variables: &'static [&'static str],
    derived: Option<Derived>,
}

/// A value that is made of others, under a name of its own.
struct Derived {
    name: &'static str,
    value: fn(&Environment) -> String,
}

/// The first one that is detected counts.
const SYSTEMS: [System; 4] = [
    System {
        name: "jenkins",
        detected_by: "JENKINS_URL",
        variables: &[
            "JENKINS_URL",
            "BUILD_URL",
            "NODE_NAME",
            "JOB_NAME",
            "JOB_URL",
            "BUILD_NUMBER",
            "BUILD_ID",
            "BUILD_TAG",
            "WORKSPACE",
            "BUILD_CAUSE",
            "GIT_COMMIT",
            "GIT_BRANCH",
            "GIT_URL",
            "GIT_AUTHOR_NAME",
            "GIT_COMMITTER_EMAIL",
            "GIT_PREVIOUS_SUCCESSFUL_COMMIT",
        ],
        derived: None,
    },
    System {
        name: "github",
        detected_by: "GITHUB_ACTIONS",
        variables: &[
            "GITHUB_REPOSITORY",
            "GITHUB_REPOSITORY_ID",
            "GITHUB_SHA",
            "GITHUB_REF",
            "GITHUB_ACTOR",
            "GITHUB_ACTOR_ID",
            "GITHUB_TRIGGERING_ACTOR",
            "GITHUB_EVENT_NAME",
            "GITHUB_JOB",
        ],
        derived: Some(Derived { name: "GITHUB_WORKFLOW_URL", value: github_workflow_url }),
    },
    System {
        name: "gitlab",
        detected_by: "GITLAB_CI",
        variables: &[
            "CI_PROJECT_NAME",
            "CI_PROJECT_ID",
            "CI_PROJECT_URL",
            "CI_COMMIT_SHA",
            "CI_COMMIT_REF_NAME",
            "GITLAB_USER_NAME",
            "GITLAB_USER_ID",
            "CI_PIPELINE_SOURCE",
            "CI_PIPELINE_URL",
            "CI_JOB_URL",
            "CI_SERVER_NAME",
            "CI_REGISTRY_IMAGE",
        ],
        derived: None,
    },
    System {
        name: "bitbucket",
        detected_by: "BITBUCKET_BUILD_NUMBER",
        variables: &[
            "BITBUCKET_REPO_FULL_NAME",
            "BITBUCKET_REPO_UUID",
            "BITBUCKET_WORKSPACE",
            "BITBUCKET_COMMIT",
            "BITBUCKET_BRANCH",
            "BITBUCKET_TAG",
            "BITBUCKET_BUILD_NUMBER",
            "BITBUCKET_PIPELINE_UUID",
            "BITBUCKET_STEP_UUID",
            "BITBUCKET_DEPLOYMENT_ENVIRONMENT",
            "BITBUCKET_PR_ID",
            "BITBUCKET_PR_DESTINATION_BRANCH",
            "BITBUCKET_PROJECT_KEY",
            "BITBUCKET_PROJECT_UUID",
        ],
        derived: None,
    },
];

/// The `cicd` member of a build's metadata; none outside of CI.
pub(crate) fn metadata(environment: &Environment) -> Option<Value> {
    let system = SYSTEMS.iter().find(|system| environment.is_set(system.detected_by))?;
    let mut details: Map<String, Value> = system
        .variables
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), environment.get(name)?.into())))
        .collect();
    if let Some(Derived { name, value }) = &system.derived {
        details.insert((*name).to_owned(), value(environment).into());
    }
    Some(json!({ "type": system.name, "details": details }))
}

fn github_workflow_url(environment: &Environment) -> String {
    let part = |name| environment.get(name).unwrap_or_default();
    format!(
        "{}/{}/actions/runs/{}",
        part("GITHUB_SERVER_URL"),
        part("GITHUB_REPOSITORY"),
        part("GITHUB_RUN_ID")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)]) -> Option<Value> {
        metadata(&Environment::from_pairs(variables))
    }

    #[test]
    fn each_system_is_recognised_by_its_variable() {
        let name = |variable| check(&[(variable, "")]).map(|found| found["type"].clone());
        assert_eq!(name("JENKINS_URL"), Some("jenkins".into()));
        assert_eq!(name("GITHUB_ACTIONS"), Some("github".into()));
        assert_eq!(name("GITLAB_CI"), Some("gitlab".into()));
        assert_eq!(name("BITBUCKET_BUILD_NUMBER"), Some("bitbucket".into()));
        assert_eq!(name("CI"), None);
    }

    #[test]
    fn the_first_system_of_the_table_wins() {
        let both = check(&[("GITLAB_CI", "true"), ("JENKINS_URL", "http://jenkins")]);
        assert_eq!(both.map(|found| found["type"].clone()), Some("jenkins".into()));
    }

    #[test]
    fn only_variables_that_exist_are_copied() {
        assert_eq!(
            check(&[
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_NAME", "images"),
                ("CI_COMMIT_SHA", ""),
                ("SECRET", "x")
            ]),
            Some(
                json!({ "type": "gitlab", "details": { "CI_PROJECT_NAME": "images", "CI_COMMIT_SHA": "" } })
            )
        );
    }

    #[test]
    fn github_always_has_the_address_of_its_run() {
        let pairs = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/images"),
            ("GITHUB_RUN_ID", "7"),
        ];
        assert_eq!(
            check(&pairs),
            Some(json!({ "type": "github", "details": {
                "GITHUB_REPOSITORY": "acme/images",
                "GITHUB_WORKFLOW_URL": "https://github.com/acme/images/actions/runs/7",
            }}))
        );
        let bare = check(&[("GITHUB_ACTIONS", "")]).expect("detected");
        assert_eq!(bare["details"], json!({ "GITHUB_WORKFLOW_URL": "//actions/runs/" }));
    }
}
