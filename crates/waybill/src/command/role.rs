//! `waybill role`: who may do what on the organization, a project, a bucket or a group.
//!
//! A role is given on one of these and counts there and on everything below. What is listed is what was given on
//! that very thing.

use clap::{Args, Subcommand, builder::PossibleValuesParser, builder::TypedValueParser};
use waybill_api::platform::{Policy, PolicyBinding, PolicyBindingMember};
use waybill_client::{Client, PolicyOf};
use waybill_model::{
    names::BucketName,
    role::{self, Role},
};

use crate::{
    context::{Context, Place, project_id},
    error::CliError,
    view::{ChangedRole, GivenRole, RoleScope, Roles},
    who::{self, Somebody, Who, find_group, slug},
};

#[derive(Debug, Subcommand)]
pub(crate) enum RoleCommand {
    /// List the roles that were given on the organization, a project, a bucket or a group
    ///
    /// Roles count on everything below too: those on the organization are not repeated for its projects.
    #[command(after_help = "Examples:
  waybill role list
  waybill role list --project web
  waybill role list --bucket ubuntu --json")]
    List(ListArgs),
    /// Give somebody a role
    ///
    /// Nobody gives more than they have.
    #[command(after_help = "Examples:
  waybill role grant contributor --to user:ada@example.com
  waybill role grant publisher --to service:image-ci --project web
  waybill role grant promoter --to group:release-team --bucket ubuntu
  waybill role grant group-manager --to user:ada@example.com --group web-team")]
    Grant(GrantArgs),
    /// Take a role away from somebody; it stops working at once
    #[command(after_help = "Example:\n  waybill role revoke contributor --from user:ada@example.com --yes")]
    Revoke(RevokeArgs),
}

/// What roles are on. Nothing: the organization.
#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// On this project, given by name or id; with --bucket, the project that the bucket is in
    #[arg(long, value_name = "PROJECT")]
    project: Option<String>,
    /// On this bucket of the project (default project: `HCP_PROJECT_ID`, else the oldest)
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<BucketName>,
    /// On this group, given by its name
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["project", "bucket"])]
    group: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    scope: ScopeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct GrantArgs {
    /// The role
    #[arg(value_parser = role_parser(Role::ALL))]
    role: Role,
    /// Who gets it: service:NAME, user:EMAIL, group:NAME or an id
    #[arg(long, value_name = "WHO")]
    to: Who,
    #[command(flatten)]
    scope: ScopeArgs,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeArgs {
    /// The role
    #[arg(value_parser = role_parser(Role::ALL))]
    role: Role,
    /// Who loses it: service:NAME, user:EMAIL, group:NAME or an id
    #[arg(long, value_name = "WHO")]
    from: Who,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// What roles are on, found at the registry.
struct Scope {
    of: PolicyOf,
    organization: String,
    project: Option<String>,
    view: RoleScope,
}

/// The roles that can be given on a kind of thing.
pub(super) fn roles_on(scope: role::Scope) -> impl Iterator<Item = Role> {
    Role::ALL.into_iter().filter(move |role| role.fits(scope))
}

/// Reads one of these roles, and explains them in the help.
pub(super) fn role_parser(roles: impl IntoIterator<Item = Role>) -> impl TypedValueParser<Value = Role> {
    let value = |role: Role| clap::builder::PossibleValue::new(role.as_str()).help(explained(role));
    PossibleValuesParser::new(roles.into_iter().map(value))
        .map(|word| word.parse::<Role>().expect("the possible values are roles"))
}

fn explained(role: Role) -> &'static str {
    match role {
        Role::Viewer => "Read",
        Role::Contributor => "Also publish, move channels, revoke",
        Role::Admin => "Also delete, change settings, manage principals of projects",
        Role::Owner => "Also make projects, principals, people and groups",
        Role::Publisher => "Read and publish; move no channel",
        Role::Promoter => "Read and move channels; publish nothing",
        Role::Revoker => "Read, revoke and restore",
        Role::Auditor => "See everything, also who may do what; change nothing",
        Role::GroupManager => "Keep the members of a group; on groups only",
    }
}

pub(super) async fn run(command: RoleCommand, context: &Context) -> Result<(), CliError> {
    let (client, organization) = context.organization().await?;
    match command {
        RoleCommand::List(ListArgs { scope }) => {
            let scope = scope.find(context, &client, organization).await?;
            list(&client, scope, context).await
        }
        RoleCommand::Grant(GrantArgs { role, to, scope }) => {
            check_fits(role, &scope)?;
            let scope = scope.find(context, &client, organization).await?;
            let to = to.find(&client, &scope.organization, scope.project.as_deref()).await?;
            let changed = client.change_policy(&scope.of, |policy| give(policy, role, &to)).await;
            let changed = changed.map_err(|error| {
                let is_missing = error.is_not_found() && scope.view.bucket.is_some();
                let error = CliError::from(error);
                if !is_missing {
                    return error;
                }
                error.hint("publishing makes a bucket: `waybill publish --bucket NAME`").hint(
                    "a role on the project counts for buckets that are still to come: --project PROJECT",
                )
            })?;
            context.printer.show(&ChangedRole::given(role, to, scope.view, changed))
        }
        RoleCommand::Revoke(RevokeArgs { role, from, scope, yes }) => {
            let scope = scope.find(context, &client, organization).await?;
            let from = from.find(&client, &scope.organization, scope.project.as_deref()).await?;
            let consequence = format!("{from} loses the role {role} on {}", scope.view);
            context.printer.confirm(&[consequence], yes)?;
            let changed = client.change_policy(&scope.of, |policy| take(policy, role, &from)).await?;
            context.printer.show(&ChangedRole::taken(role, from, scope.view, changed))
        }
    }
}

/// The registry would say so too, in words of policies.
fn check_fits(role: Role, scope: &ScopeArgs) -> Result<(), CliError> {
    match (role == Role::GroupManager, scope.group.is_some()) {
        (true, false) => {
            Err(CliError::usage(format!("the role {role} is one on a group"))
                .hint("say on which: --group GROUP"))
        }
        (false, true) => Err(CliError::usage(format!("the role {role} cannot be given on a group"))
            .hint(format!("only {} can; roles for its members: --to group:NAME", Role::GroupManager))),
        _ => Ok(()),
    }
}

async fn list(client: &Client, scope: Scope, context: &Context) -> Result<(), CliError> {
    let policy = client.get_policy(&scope.of).await?;
    let members =
        || policy.bindings.iter().flat_map(|binding| binding.members.iter().map(move |it| (binding, it)));
    let mut ids: Vec<String> = members().map(|(_, member)| member.member_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let names = who::names(client, &scope.organization, &ids).await?;
    let given = |(binding, member): (&PolicyBinding, &PolicyBindingMember)| GivenRole {
        role: role_word(&binding.role_id),
        kind: who::kind_word(member.member_type),
        name: names.get(&member.member_id).map(|somebody| somebody.name.clone()),
        id: member.member_id.clone(),
    };
    let roles: Vec<GivenRole> = members().map(given).collect();
    if roles.is_empty() {
        context.printer.note(&format!("nobody was given a role on {} itself", scope.view));
    }
    context.printer.show(&Roles { scope: scope.view, roles })
}

/// `roles/iam.group-manager` is `group-manager`; what is not known here stays as it is.
fn role_word(id: &str) -> String {
    id.parse::<Role>().map_or_else(|_| id.to_owned(), |role| role.to_string())
}

/// Adds a role; false when it is there already.
fn give(policy: &mut Policy, role: Role, to: &Somebody) -> bool {
    let role_id = role.id();
    let at = policy.bindings.iter().position(|binding| binding.role_id == role_id).unwrap_or_else(|| {
        policy.bindings.push(PolicyBinding { role_id: role_id.to_owned(), members: Vec::new() });
        policy.bindings.len() - 1
    });
    let members = &mut policy.bindings[at].members;
    if members.iter().any(|member| member.member_id == to.id) {
        return false;
    }
    members.push(PolicyBindingMember { member_id: to.id.clone(), member_type: to.kind });
    true
}

/// Removes a role; false when it is not there.
fn take(policy: &mut Policy, role: Role, from: &Somebody) -> bool {
    let mut found = false;
    for binding in policy.bindings.iter_mut().filter(|binding| binding.role_id == role.id()) {
        let before = binding.members.len();
        binding.members.retain(|member| member.member_id != from.id);
        found |= binding.members.len() < before;
    }
    policy.bindings.retain(|binding| !binding.members.is_empty());
    found
}

impl ScopeArgs {
    async fn find(self, context: &Context, client: &Client, organization: String) -> Result<Scope, CliError> {
        let Self { project, bucket, group } = self;
        let mut view = RoleScope { organization_id: organization.clone(), ..RoleScope::default() };
        if let Some(name) = group {
            let group = find_group(client, &organization, &name).await?;
            view.group = Some(slug(&group).to_owned());
            let of = PolicyOf::Resource(group.resource_name);
            return Ok(Scope { of, organization, project: None, view });
        }
        let project_id = match (&project, &bucket) {
            (Some(name), _) => project_id(client, &organization, name).await?,
            (None, Some(_)) => {
                let registry = context.registry(&Place { project: None }).await?;
                registry.location().project_id.clone()
            }
            (None, None) => {
                let of = PolicyOf::Organization(organization.clone());
                return Ok(Scope { of, organization, project: None, view });
            }
        };
        view.project_id = Some(project_id.clone());
        view.project_name = project;
        let of = match bucket {
            Some(bucket) => {
                view.bucket = Some(bucket.to_string());
                PolicyOf::Resource(format!("packer/project/{project_id}/bucket/{bucket}"))
            }
            None => PolicyOf::Project(project_id.clone()),
        };
        Ok(Scope { of, organization, project: Some(project_id), view })
    }
}

#[cfg(test)]
mod tests {
    use waybill_api::platform::PolicyBindingMemberType;

    use super::*;

    fn somebody(id: &str) -> Somebody {
        Somebody { id: id.into(), kind: PolicyBindingMemberType::User, name: String::new() }
    }

    fn text(policy: &Policy) -> String {
        let member = |member: &PolicyBindingMember| format!("{} {}", member.member_type, member.member_id);
        let binding = |binding: &PolicyBinding| {
            let members: Vec<String> = binding.members.iter().map(member).collect();
            format!("{}: {}", binding.role_id, members.join(", "))
        };
        policy.bindings.iter().map(binding).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn roles_are_given_and_taken_one_by_one() {
        let mut policy = Policy::default();
        let (ada, ben) = (somebody("ada"), somebody("ben"));
        assert!(give(&mut policy, Role::Viewer, &ada));
        assert!(give(&mut policy, Role::Viewer, &ben));
        assert!(give(&mut policy, Role::Admin, &ada));
        assert!(!give(&mut policy, Role::Viewer, &ada), "she has it already");
        assert_eq!(text(&policy), "roles/viewer: USER ada, USER ben; roles/admin: USER ada");
        assert!(!take(&mut policy, Role::Admin, &ben), "he never had it");
        assert!(take(&mut policy, Role::Admin, &ada));
        assert_eq!(text(&policy), "roles/viewer: USER ada, USER ben");
    }

    #[test]
    fn roles_have_short_words() {
        assert_eq!(role_word("roles/contributor"), "contributor");
        assert_eq!(role_word("roles/iam.group-manager"), "group-manager");
        assert_eq!(role_word("roles/vault.reader"), "roles/vault.reader");
    }
}
