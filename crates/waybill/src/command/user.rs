//! `waybill user`: the people who may use the registry.

use clap::{ArgGroup, Args, Subcommand};
use waybill_api::own;
use waybill_client::Client;
use waybill_model::{
    email::Email,
    role::{Role, Scope},
};

use super::{
    Limit,
    principal::own_role,
    role::{role_parser, roles_on},
};
use crate::{
    context::Context,
    error::CliError,
    password,
    view::{Deleted, PasswordSet, User, Users},
    who::Who,
};

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List people by e-mail address
    #[command(after_help = "Example:\n  waybill user list")]
    List(ListArgs),
    /// Show a person with roles and groups
    #[command(after_help = "Example:\n  waybill user show ada@example.com")]
    Show(ShowArgs),
    /// Create a person, who logs in with a password or at the login provider
    #[command(after_help = "Examples:
  waybill user create ada@example.com --name 'Ada Lovelace' --role contributor
  pass show registry/ada | waybill user create ada@example.com --password-stdin")]
    Create(CreateArgs),
    /// Change a person's e-mail address or name
    #[command(after_help = "Example:\n  waybill user update ada@example.com --name 'Ada King'")]
    Update(UpdateArgs),
    /// Give a person a password; without a person, change your own
    ///
    /// The password is asked for on the terminal, where it is not shown. All other sessions of the person end.
    #[command(after_help = "Examples:
  waybill user set-password
  waybill user set-password ada@example.com
  pass show registry/ada | waybill user set-password ada@example.com --password-stdin")]
    SetPassword(SetPasswordArgs),
    /// Delete a person; their sessions and tokens stop working at once
    #[command(after_help = "Example:\n  waybill user delete ada@example.com --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The person's e-mail address or id
    #[arg(value_name = "USER", value_parser = person)]
    user: Who,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// The person's e-mail address
    email: Email,
    /// What they are called
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// What they may do in the whole organization (default: nothing until a role or a group says so)
    #[arg(long, value_parser = role_parser(roles_on(Scope::Organization)))]
    role: Option<Role>,
    /// Give them the password that is the first line of stdin
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["email", "name"]).required(true).multiple(true))]
pub(crate) struct UpdateArgs {
    /// The person's e-mail address or id
    #[arg(value_name = "USER", value_parser = person)]
    user: Who,
    /// Their e-mail address from now on
    #[arg(long)]
    email: Option<Email>,
    /// What they are called from now on
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct SetPasswordArgs {
    /// The person's e-mail address or id (default: yourself)
    #[arg(value_name = "USER", value_parser = person)]
    user: Option<Who>,
    /// Read the password from the first line of stdin; for yourself, the current one from the first line and the
    /// new one from the second
    #[arg(long)]
    password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    /// The person's e-mail address or id
    #[arg(value_name = "USER", value_parser = person)]
    user: Who,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

/// Reads what names a person.
pub(super) fn person(text: &str) -> Result<Who, String> {
    match text.parse::<Who>() {
        Ok(who @ (Who::User(_) | Who::Id(_))) => Ok(who),
        Err(error) if text.contains('@') => Err(error.to_string()),
        _ => Err(format!("a person is named by an e-mail address or an id, not `{text}`")),
    }
}

pub(super) async fn run(command: UserCommand, context: &Context) -> Result<(), CliError> {
    let (client, organization) = context.organization().await?;
    match command {
        UserCommand::List(ListArgs { limit }) => {
            let users = client.users(&organization).first(limit.get()).await?;
            if users.is_empty() {
                context.printer.note("there are no people yet; `waybill user create` makes them");
            }
            context.printer.show(&Users { users: users.into_iter().map(User::from).collect() })
        }
        UserCommand::Show(ShowArgs { user }) => {
            let id = user.find(&client, &organization, None).await?.id;
            context.printer.show(&User::from(client.get_user(&organization, &id).await?))
        }
        UserCommand::Create(args) => create(args, &client, &organization, context).await,
        UserCommand::Update(UpdateArgs { user, email, name }) => {
            let id = user.find(&client, &organization, None).await?.id;
            let body = own::UpdateUserBody { email: email.map(|email| email.to_string()), full_name: name };
            let user = client.update_user(&organization, &id, &body).await?;
            context.printer.show(&User::from(user))
        }
        UserCommand::SetPassword(args) => set_password(args, &client, &organization, context).await,
        UserCommand::Delete(DeleteArgs { user, yes }) => {
            let found = user.find(&client, &organization, None).await?;
            let consequences = [
                format!("{found} ({}) is deleted with all roles and memberships", found.id),
                "their sessions and tokens are refused at once".to_owned(),
            ];
            context.printer.confirm(&consequences, yes)?;
            client.delete_user(&organization, &found.id).await?;
            context.printer.show(&Deleted { deleted: found.name })
        }
    }
}

async fn create(
    args: CreateArgs,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    let email = args.email.to_string();
    let password = if args.password_stdin { Some(password::from_stdin(["the password"])?) } else { None };
    let body =
        own::CreateUserBody { email: email.clone(), full_name: args.name, role: args.role.map(own_role) };
    let mut user = client.create_user(organization, &body).await?;
    if let Some([password]) = password {
        let body = own::SetPasswordBody { password, current_password: None };
        let hint = || format!("{email} was made without a password: `waybill user set-password {email}`");
        client
            .set_password(organization, &user.id, &body)
            .await
            .map_err(|error| CliError::from(error).hint(hint()))?;
        user = client.get_user(organization, &user.id).await?;
    } else {
        context.printer.note(&format!(
            "they log in at the login provider, if there is one, or with a password: `waybill user set-password \
             {email}`"
        ));
    }
    context.printer.show(&User::from(user))?;
    if args.role.is_none() {
        context
            .printer
            .hint(&format!("they have no role yet: `waybill role grant ROLE --to user:{email}` gives one"));
    }
    Ok(())
}

async fn set_password(
    args: SetPasswordArgs,
    client: &Client,
    organization: &str,
    context: &Context,
) -> Result<(), CliError> {
    let me = client.who_am_i().await?.principal;
    let is_me = |user: &Who| match user {
        Who::User(email) => me.kind == own::PrincipalKind::User && email.as_str() == me.name,
        Who::Id(id) => id.to_string() == me.id,
        Who::Service(_) | Who::Group(_) => false,
    };
    let (id, name) = match args.user {
        // Who may not list people can name themselves all the same.
        Some(user) if is_me(&user) => (me.id.clone(), me.name),
        Some(user) => {
            let found = user.find(client, organization, None).await?;
            (found.id, found.name)
        }
        None if me.kind == own::PrincipalKind::User => (me.id.clone(), me.name),
        None => {
            return Err(CliError::usage(format!("{} is no person and has no password", me.name))
                .hint("say whose password it is, or log in as yourself with `waybill login`"));
        }
    };
    let body = match (id == me.id, args.password_stdin) {
        (true, true) => {
            let [current, password] = password::from_stdin(["the current password", "the new password"])?;
            own::SetPasswordBody { password, current_password: Some(current) }
        }
        (true, false) => {
            let current_password = Some(password::ask("your current password", false)?);
            own::SetPasswordBody { password: password::ask("your new password", true)?, current_password }
        }
        (false, true) => {
            let [password] = password::from_stdin(["the new password"])?;
            own::SetPasswordBody { password, current_password: None }
        }
        (false, false) => own::SetPasswordBody {
            password: password::ask(&format!("new password of {name}"), true)?,
            current_password: None,
        },
    };
    client.set_password(organization, &id, &body).await?;
    context.printer.show(&PasswordSet { id, email: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_named_by_address_or_id() {
        assert!(person("ada@example.com").is_ok() && person("user:ada@example.com").is_ok());
        assert!(person("01JD0000000000000000000000").is_ok());
        let refused =
            |text: &str| Err(format!("a person is named by an e-mail address or an id, not `{text}`"));
        for wrong in ["ada", "service:image-ci", "group:crew"] {
            assert_eq!(person(wrong), refused(wrong));
        }
        assert!(person("ada@").is_err_and(|text| text.starts_with("an e-mail address is like")));
    }
}
