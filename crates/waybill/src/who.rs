//! Principals of every kind, as people name them on the command line.

use std::{collections::BTreeMap, fmt, str::FromStr};

use thiserror::Error;
use waybill_api::platform::{self, PolicyBindingMemberType, PrincipalType};
use waybill_client::{Client, Parent};
use waybill_model::{email::Email, ids::Uid, names::PrincipalName};

use crate::error::CliError;

/// Somebody who can have a role: `service:NAME`, `user:EMAIL`, `group:NAME` or an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    Service(PrincipalName),
    User(Email),
    Group(String),
    Id(Uid),
}

/// Why a text names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum WhoError {
    #[error("somebody is named service:NAME, user:EMAIL, group:NAME or by an id, not `{0}`")]
    Form(String),
    #[error("{0}")]
    Name(String),
}

/// Somebody whom the registry knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Somebody {
    pub(crate) id: String,
    pub(crate) kind: PolicyBindingMemberType,
    /// A principal's name, a person's e-mail address, a group's name.
    pub(crate) name: String,
}

impl FromStr for Who {
    type Err = WhoError;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let wrong = |error: &dyn fmt::Display| WhoError::Name(error.to_string());
        match s.split_once(':') {
            Some(("service", name)) => name.parse().map(Self::Service).map_err(|error| wrong(&error)),
            Some(("user", email)) => email.parse().map(Self::User).map_err(|error| wrong(&error)),
            Some(("group", name)) if !name.trim().is_empty() => Ok(Self::Group(name.trim().to_owned())),
            None if s.contains('@') => s.parse().map(Self::User).map_err(|error| wrong(&error)),
            _ => s.parse().map(Self::Id).map_err(|_| WhoError::Form(s.to_owned())),
        }
    }
}

impl Who {
    /// Finds out who that is. A service principal is looked for in the project, if one is meant, and then in the
    /// organization.
    pub(crate) async fn find(
        &self,
        client: &Client,
        organization: &str,
        project: Option<&str>,
    ) -> Result<Somebody, CliError> {
        match self {
            Self::Service(name) => service(client, organization, project, name).await,
            Self::User(email) => {
                let user = client.find_user(organization, email.as_str()).await?;
                let user = user.ok_or_else(|| {
                    CliError::registry(format!("there is no user `{email}`"))
                        .hint("`waybill user list` shows them all")
                })?;
                Ok(Somebody { id: user.id, kind: PolicyBindingMemberType::User, name: user.email })
            }
            Self::Group(name) => {
                let group = find_group(client, organization, name).await?;
                Ok(Somebody {
                    name: slug(&group).to_owned(),
                    id: group.resource_id,
                    kind: PolicyBindingMemberType::Group,
                })
            }
            Self::Id(id) => {
                let found = client.look_up_principals(organization, &[id.to_string()]).await?;
                found.into_iter().next().map(Somebody::from).ok_or_else(|| {
                    CliError::registry(format!("there is nobody with the id `{id}` in the organization"))
                })
            }
        }
    }
}

async fn service(
    client: &Client,
    organization: &str,
    project: Option<&str>,
    name: &PrincipalName,
) -> Result<Somebody, CliError> {
    let parents = project.map(Parent::Project).into_iter().chain([Parent::Organization(organization)]);
    let mut problem = None;
    for parent in parents {
        match client.get_service_principal(parent, name.as_str()).await {
            Ok(found) => {
                let kind = PolicyBindingMemberType::ServicePrincipal;
                return Ok(Somebody { id: found.id, kind, name: found.name });
            }
            // Who may not look into the organization is told that the project has none.
            Err(error) if error.is_not_found() || problem.is_some() => {
                problem.get_or_insert(error);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let problem = problem.map_or_else(|| CliError::internal("nowhere to look"), CliError::from);
    let problem = problem.hint("`waybill principal list` shows them all");
    Err(match project {
        None => problem.hint("one of a project is found with --project PROJECT, or by its id"),
        Some(_) => problem,
    })
}

/// The group of that name: the last part of its resource's name, or what people call it.
pub(crate) async fn find_group(
    client: &Client,
    organization: &str,
    name: &str,
) -> Result<platform::Group, CliError> {
    let not_found = match client.get_group(organization, name).await {
        Ok(group) => return Ok(group),
        Err(error) if error.is_not_found() => error,
        Err(error) => return Err(error.into()),
    };
    let mut groups = client.groups(organization);
    // Who may not list groups has to name them exactly.
    while let Ok(Some(group)) = groups.next().await {
        if group.id == name || group.display_name == name {
            return Ok(client.get_group(organization, &group.name).await?);
        }
    }
    Err(CliError::from(not_found).hint("`waybill group list` shows them all"))
}

/// The last part of a group's resource name.
pub(crate) fn slug(group: &platform::Group) -> &str {
    group.resource_name.rsplit('/').next().unwrap_or_default()
}

/// Who is behind these ids; whom the caller may not look up is left out.
pub(crate) async fn names(
    client: &Client,
    organization: &str,
    ids: &[String],
) -> Result<BTreeMap<String, Somebody>, CliError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = match client.look_up_principals(organization, ids).await {
        Ok(found) => found,
        Err(error) if error.code() == Some(waybill_api::error::Code::PermissionDenied) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    Ok(found.into_iter().map(Somebody::from).map(|somebody| (somebody.id.clone(), somebody)).collect())
}

impl From<platform::Principal> for Somebody {
    fn from(principal: platform::Principal) -> Self {
        let kind = match principal.r#type {
            PrincipalType::User => PolicyBindingMemberType::User,
            PrincipalType::Group => PolicyBindingMemberType::Group,
            _ => PolicyBindingMemberType::ServicePrincipal,
        };
        let name = principal
            .service
            .map(|service| service.name)
            .or(principal.user.map(|user| user.email))
            .or(principal.group.map(|group| slug(&group).to_owned()));
        Self { id: principal.id, kind, name: name.unwrap_or_default() }
    }
}

impl Somebody {
    /// `service`, `user` or `group`.
    pub(crate) fn kind_word(&self) -> &'static str {
        kind_word(self.kind)
    }
}

/// The word for a kind in our own output.
pub(crate) fn kind_word(kind: PolicyBindingMemberType) -> &'static str {
    match kind {
        PolicyBindingMemberType::User => "user",
        PolicyBindingMemberType::Group => "group",
        PolicyBindingMemberType::ServicePrincipal | PolicyBindingMemberType::Unset => "service",
    }
}

/// `` service principal `ci` ``.
impl fmt::Display for Somebody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let noun = match self.kind {
            PolicyBindingMemberType::User => "user",
            PolicyBindingMemberType::Group => "group",
            PolicyBindingMemberType::ServicePrincipal | PolicyBindingMemberType::Unset => "service principal",
        };
        let name = if self.name.is_empty() { &self.id } else { &self.name };
        write!(f, "{noun} `{name}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_name_somebody_by_kind_and_name_or_by_id() {
        let check = |text: &str| text.parse::<Who>().map_err(|error| error.to_string());
        let id = "01JD0000000000000000000000";
        assert_eq!(check("service:image-ci"), Ok(Who::Service("image-ci".parse().expect("a name"))));
        let ada = Who::User("ada@example.com".parse().expect("an address"));
        assert_eq!(check("user:Ada@Example.com"), Ok(ada.clone()));
        assert_eq!(check("ada@example.com"), Ok(ada));
        assert_eq!(check("group:web-team"), Ok(Who::Group("web-team".into())));
        assert_eq!(check("group:Web Team"), Ok(Who::Group("Web Team".into())));
        assert_eq!(check(id), Ok(Who::Id(id.parse().expect("an id"))));
        let form = |text: &str| {
            Err(format!("somebody is named service:NAME, user:EMAIL, group:NAME or by an id, not `{text}`"))
        };
        for wrong in ["image-ci", "", "group:", "team:web", ":"] {
            assert_eq!(check(wrong), form(wrong));
        }
        assert!(check("service:x").is_err_and(|text| text.starts_with("a principal's name has 3 to 36")));
        assert!(check("user:ada").is_err_and(|text| text.starts_with("an e-mail address is like")));
    }
}
