//! A service principal with a key of its own for whoever gets the variables.

use waybill_api::own;
use waybill_client::Client;
use waybill_model::{names::PrincipalName, role::Role};

use crate::{
    command::principal::{make_key, own_role, parent},
    error::CliError,
    printer::Printer,
    view::roles_of,
};

/// A service principal that somebody wants to use.
pub(super) struct Wanted<'a> {
    pub(super) name: &'a PrincipalName,
    pub(super) project: Option<&'a str>,
    /// Of one that is to be made, or that it must have.
    pub(super) role: Option<Role>,
    /// Deletes the older of two keys.
    pub(super) replace_oldest: bool,
}

/// A key that was just made.
pub(super) struct NewKey {
    pub(super) client_id: String,
    pub(super) client_secret: String,
    /// The principal's, if it is one of a project.
    pub(super) project_id: Option<String>,
}

/// As many as a principal has at most.
const MOST_KEYS: usize = 2;

impl Wanted<'_> {
    /// Makes a key of the principal, and the principal itself if that is wanted and there is none.
    pub(super) async fn key(
        &self,
        client: &Client,
        organization: &str,
        printer: &Printer,
    ) -> Result<NewKey, CliError> {
        let name = self.name;
        let key = match (self.find(client, organization).await?, self.role) {
            (Some(principal), role) => {
                if let Some(role) = role {
                    check_role(&principal, role)?;
                }
                if self.replace_oldest {
                    make_room(client, &principal, organization, printer).await?;
                }
                let made = make_key(client, &principal, organization).await.map_err(|error| {
                    let is_full = !self.replace_oldest && MOST_KEYS <= principal.keys.len();
                    if is_full { error.hint("--replace-oldest deletes the older one first") } else { error }
                })?;
                printer.note(&format!("made a key of {name}: {}", made.key.client_id));
                NewKey {
                    client_id: made.key.client_id,
                    client_secret: made.client_secret.expose().to_owned(),
                    project_id: principal.project_id,
                }
            }
            (None, Some(role)) => {
                let body = own::CreatePrincipalBody {
                    name: name.to_string(),
                    role: own_role(role),
                    project_id: self.project.map(str::to_owned),
                    bucket: None,
                    without_key: false,
                };
                let made = client.create_principal(organization, &body).await?;
                let (Some(client_id), Some(secret)) = (made.client_id, made.client_secret) else {
                    return Err(CliError::registry(format!("the registry made {name} without a key")));
                };
                printer.note(&format!("made {name} with the role {role} and a key: {client_id}"));
                NewKey {
                    client_id,
                    client_secret: secret.expose().to_owned(),
                    project_id: made.principal.project_id,
                }
            }
            (None, None) => {
                return Err(CliError::registry(format!("there is no principal `{name}`"))
                    .hint("with --role ROLE it is made")
                    .hint("`waybill principal list` shows them all"));
            }
        };
        printer.hint(&format!(
            "when it is not needed any more, `waybill principal key delete {name} {}` deletes the key",
            key.client_id
        ));
        Ok(key)
    }

    /// The principal of that name: of the project if one is given, else of the organization, else the only one.
    async fn find(&self, client: &Client, organization: &str) -> Result<Option<own::Principal>, CliError> {
        let mut found = Vec::new();
        let mut principals = client.principals(organization);
        while let Some(principal) = principals.next().await? {
            if principal.name == self.name.as_str() {
                found.push(principal);
            }
        }
        match self.project {
            Some(project) => found.retain(|it| it.project_id.as_deref().is_none_or(|home| home == project)),
            None if found.iter().any(|it| it.project_id.is_none()) => {
                found.retain(|it| it.project_id.is_none());
            }
            None => {}
        }
        if 1 < found.len() && self.project.is_none() {
            return Err(CliError::user(format!("several projects have a principal `{}`", self.name))
                .hint("say of which with --project PROJECT"));
        }
        // The project's own before the organization's.
        found.sort_by_key(|principal| principal.project_id.is_none());
        Ok(found.into_iter().next())
    }
}

/// `--role` makes a principal; one that is there keeps its own roles, and must not be taken for another one.
fn check_role(principal: &own::Principal, role: Role) -> Result<(), CliError> {
    let is_wide = |binding: &&own::RoleBinding| binding.bucket.is_none() && binding.group.is_none();
    if principal.roles.iter().filter(is_wide).any(|binding| binding.role == own_role(role)) {
        return Ok(());
    }
    let name = &principal.name;
    let place = if principal.project_id.is_some() { " --project PROJECT" } else { "" };
    let has = match principal.roles.as_slice() {
        [] => "it has none".to_owned(),
        roles => roles_of(roles),
    };
    Err(CliError::user(format!("{name} is there already, and its role is another one than {role} on its project or the organization: {has}"))
        .hint("leave --role out to take it as it is")
        .hint(format!("`waybill role grant {role} --to service:{name}{place}` gives it the role")))
}

/// Deletes the older of two keys; there are two at most.
async fn make_room(
    client: &Client,
    principal: &own::Principal,
    organization: &str,
    printer: &Printer,
) -> Result<(), CliError> {
    let oldest = principal.keys.iter().min_by_key(|key| key.created_at);
    let Some(oldest) = oldest.filter(|_| MOST_KEYS <= principal.keys.len()) else { return Ok(()) };
    client.delete_key(parent(principal, organization), &principal.name, &oldest.client_id).await?;
    printer.note(&format!("deleted the older key of {}: {}", principal.name, oldest.client_id));
    Ok(())
}
