//! `waybill group`: people under one name, who have the roles that their group has.

use clap::{ArgGroup, Args, Subcommand};
use waybill_api::{error::Code, own, platform};
use waybill_client::Client;
use waybill_model::group::GroupName;

use super::{Limit, user::person};
use crate::{
    context::Context,
    error::CliError,
    view::{Deleted, Group, Groups, Member, Members},
    who::{Who, find_group, slug},
};

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List groups by name
    #[command(after_help = "Example:\n  waybill group list")]
    List(ListArgs),
    /// Show a group with its roles
    #[command(after_help = "Example:\n  waybill group show web-team")]
    Show(ShowArgs),
    /// Create a group, with members or without
    ///
    /// Its name in commands and addresses is made of what it is called: `Web team` becomes web-team.
    #[command(after_help = "Examples:
  waybill group create 'Web team' --member ada@example.com
  waybill group create Release --follow registry-release")]
    Create(CreateArgs),
    /// Change what a group is called, its description, and whom it follows
    #[command(after_help = "Examples:
  waybill group update web-team --description 'Who builds the site'
  waybill group update web-team --follow web")]
    Update(UpdateArgs),
    /// Delete a group; its members lose the roles that they have by it
    #[command(after_help = "Example:\n  waybill group delete web-team --yes")]
    Delete(DeleteArgs),
    /// See, add and remove members
    #[command(subcommand)]
    Member(MemberCommand),
}

#[derive(Debug, Subcommand)]
pub(crate) enum MemberCommand {
    /// List the people in a group
    #[command(after_help = "Example:\n  waybill group member list web-team")]
    List(ListMembersArgs),
    /// Put people into a group
    #[command(after_help = "Example:\n  waybill group member add web-team ada@example.com ben@example.com")]
    Add(ChangeMembersArgs),
    /// Take people out of a group; they lose the roles that they have by it
    #[command(after_help = "Example:\n  waybill group member remove web-team ben@example.com")]
    Remove(ChangeMembersArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The group's name
    group: String,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// What the group is called
    name: GroupName,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Put this person into it, given by e-mail address or id (can be repeated)
    #[arg(long = "member", value_name = "USER", value_parser = person)]
    members: Vec<Who>,
    /// Let its members be those of this group of the login provider, from their next login on
    #[arg(long, value_name = "NAME", conflicts_with = "members")]
    follow: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what")
    .args(["name", "description", "follow", "no_follow"]).required(true).multiple(true))]
pub(crate) struct UpdateArgs {
    /// The group's name
    group: String,
    /// What it is called from now on; its name in commands stays
    #[arg(long, value_name = "TEXT")]
    name: Option<GroupName>,
    /// Say what it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Let its members be those of this group of the login provider, from their next login on
    #[arg(long, value_name = "NAME")]
    follow: Option<String>,
    /// Follow no group of the login provider any more; who is in it stays
    #[arg(long, conflicts_with = "follow")]
    no_follow: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The group's name
    group: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListMembersArgs {
    /// The group's name
    group: String,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct ChangeMembersArgs {
    /// The group's name
    group: String,
    /// People, given by e-mail address or id
    #[arg(required = true, value_name = "USER", value_parser = person)]
    users: Vec<Who>,
}

pub(super) async fn run(command: GroupCommand, context: &Context) -> Result<(), CliError> {
    let (client, organization) = context.organization().await?;
    match command {
        GroupCommand::List(ListArgs { limit }) => {
            let groups = client.groups(&organization).first(limit.get()).await?;
            if groups.is_empty() {
                context.printer.note("there are no groups yet; `waybill group create` makes them");
            }
            context.printer.show(&Groups { groups: groups.into_iter().map(Group::from).collect() })
        }
        GroupCommand::Show(ShowArgs { group }) => {
            let group = find_group(&client, &organization, &group).await?;
            context.printer.show(&described(&client, &organization, group).await?)
        }
        GroupCommand::Create(args) => create(args, &client, &organization, context).await,
        GroupCommand::Update(args) => update(args, &client, &organization, context).await,
        GroupCommand::Delete(DeleteArgs { group, yes }) => {
            let found = find_group(&client, &organization, &group).await?;
            let name = slug(&found);
            let consequences =
                [format!("group {name} ({}) is deleted", found.display_name), lost(found.member_count)];
            context.printer.confirm(&consequences, yes)?;
            client.delete_group(&organization, name).await?;
            context.printer.show(&Deleted { deleted: name.to_owned() })
        }
        GroupCommand::Member(command) => member(command, &client, &organization, context).await,
    }
}

fn lost(n_members: i32) -> String {
    match n_members {
        1 => "its one member loses the roles that it gives".to_owned(),
        n => format!("its {n} members lose the roles that it gives"),
    }
}

async fn create(
    args: CreateArgs,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    let body = platform::CreateGroupBody {
        name: Some(args.name.as_str().to_owned()),
        description: args.description,
        member_principal_ids: ids(&args.members, client, organization).await?,
    };
    let made = client.create_group(organization, &body).await?;
    if let Some(follow) = args.follow {
        let body = own::UpdateGroupBody { external_name: Some(follow), ..own::UpdateGroupBody::default() };
        client.update_group(organization, &made.resource_id, &body).await?;
    }
    context.printer.show(&described(client, organization, made).await?)
}

async fn update(
    args: UpdateArgs,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    let UpdateArgs { group, name, description, follow, no_follow } = args;
    let found = find_group(client, organization, &group).await?;
    let name = name.map(|name| name.as_str().to_owned());
    let external_name = if no_follow { Some(String::new()) } else { follow };
    if external_name.is_some() {
        let body = own::UpdateGroupBody { display_name: name, description, external_name };
        let changed = client.update_group(organization, &found.resource_id, &body).await?;
        return context.printer.show(&Group::from(changed));
    }
    // A group's managers may do this much.
    client.describe_group(organization, slug(&found), name.as_deref(), description.as_deref()).await?;
    let changed = client.get_group(organization, slug(&found)).await?;
    context.printer.show(&described(client, organization, changed).await?)
}

async fn member(
    command: MemberCommand,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    let (group, limit) = match command {
        MemberCommand::List(ListMembersArgs { group, limit }) => {
            (find_group(client, organization, &group).await?, limit.get())
        }
        MemberCommand::Add(ChangeMembersArgs { group, users }) => {
            let group = find_group(client, organization, &group).await?;
            let member_principal_ids_to_add = ids(&users, client, organization).await?;
            let body = platform::UpdateGroupMembersBody {
                member_principal_ids_to_add,
                ..platform::UpdateGroupMembersBody::default()
            };
            client.update_group_members(organization, slug(&group), &body).await?;
            (group, usize::MAX)
        }
        MemberCommand::Remove(ChangeMembersArgs { group, users }) => {
            let group = find_group(client, organization, &group).await?;
            let member_principal_ids_to_remove = ids(&users, client, organization).await?;
            let body = platform::UpdateGroupMembersBody {
                member_principal_ids_to_remove,
                ..platform::UpdateGroupMembersBody::default()
            };
            client.update_group_members(organization, slug(&group), &body).await?;
            (group, usize::MAX)
        }
    };
    let members = client.group_members(organization, slug(&group)).first(limit).await?;
    if members.is_empty() {
        context.printer.note(&format!("group {} has no members now", slug(&group)));
    }
    context.printer.show(&Members { members: members.into_iter().map(Member::from).collect() })
}

async fn ids(users: &[Who], client: &Client, organization: &str) -> Result<Vec<String>, CliError> {
    let mut ids = Vec::with_capacity(users.len());
    for user in users {
        ids.push(user.find(client, organization, None).await?.id);
    }
    Ok(ids)
}

/// The group with its roles, if the caller may see them.
async fn described(client: &Client, organization: &str, group: platform::Group) -> Result<Group, CliError> {
    let mut groups = client.groups(organization);
    loop {
        match groups.next().await {
            Ok(Some(found)) if found.id == group.resource_id => return Ok(found.into()),
            Ok(Some(_)) => {}
            Ok(None) => return Ok(group.into()),
            Err(error) if error.code() == Some(Code::PermissionDenied) => return Ok(group.into()),
            Err(error) => return Err(error.into()),
        }
    }
}
