//! The commands, one file each.

mod bucket;
mod channel;
mod completions;
mod env;
mod group;
mod identity_provider;
mod login;
mod principal;
mod project;
mod publish;
mod role;
mod run_task;
mod serve;
mod session;
pub(crate) mod template;
mod user;
mod version;
mod webhook;
mod whoami;

use clap::{Args, Subcommand};
use waybill_api::hcp;
use waybill_client::Registry;
use waybill_model::names::BucketName;

use crate::{context::Context, error::CliError, logs::Logger};

/// What `waybill` can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    Template(template::TemplateCommand),
    /// Run a registry
    Serve(Box<serve::ServeArgs>),
    /// Print what packer, terraform and waybill need to use a registry on this machine
    Env(env::EnvArgs),
    /// Publish what any tool has made
    Publish(Box<publish::PublishArgs>),
    /// See what is in the registry
    #[command(subcommand)]
    Bucket(bucket::BucketCommand),
    /// See, revoke and restore versions; alone, print the version of this program
    #[command(args_conflicts_with_subcommands = true)]
    Version(version::VersionArgs),
    /// See channels and point them at versions
    #[command(subcommand)]
    Channel(channel::ChannelCommand),
    /// Log in as yourself, with a browser
    Login(login::LoginArgs),
    /// Log out
    Logout(login::LogoutArgs),
    /// See where you are logged in, and end that
    #[command(subcommand)]
    Session(session::SessionCommand),
    /// Show who the registry takes you for
    Whoami,
    /// Say which machines may use the registry: service principals and their keys
    #[command(subcommand)]
    Principal(principal::PrincipalCommand),
    /// Say which people may use the registry
    #[command(subcommand)]
    User(user::UserCommand),
    /// Put people into groups, which can have roles like they do
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Say who may do what: roles on the organization, projects, buckets and groups
    #[command(subcommand)]
    Role(role::RoleCommand),
    /// Let workloads in with tokens of their own platforms, without a secret
    #[command(subcommand)]
    IdentityProvider(identity_provider::IdentityProviderCommand),
    /// See, make and change projects, each with a registry of its own
    #[command(subcommand)]
    Project(project::ProjectCommand),
    /// Set up where a project's events are sent; only the test event is sent yet
    #[command(subcommand)]
    Webhook(webhook::WebhookCommand),
    /// Set up what HCP Terraform asks before it applies a plan
    #[command(subcommand)]
    RunTask(run_task::RunTaskCommand),
    /// Print a script that completes commands in a shell
    Completions(completions::CompletionsArgs),
}

/// How much of a list.
#[derive(Debug, Args)]
pub(crate) struct Limit {
    /// Stop after so many (default: all)
    #[arg(long, value_name = "NUMBER", value_parser = limit)]
    limit: Option<usize>,
}

fn limit(text: &str) -> Result<usize, String> {
    let number: Option<usize> = text.parse().ok();
    number.filter(|&number| 0 < number).ok_or_else(|| "a limit is a whole number from 1 on".to_owned())
}

impl Limit {
    fn get(&self) -> usize {
        self.limit.unwrap_or(usize::MAX)
    }
}

impl Command {
    /// How it logs.
    pub(crate) fn logger(&self) -> Logger {
        match self {
            Self::Serve(args) => Logger::Service(args.log_format),
            _ => Logger::Command,
        }
    }

    pub(crate) async fn run(self, context: &Context) -> Result<(), CliError> {
        self.execute(context).await.map_err(|error| context.explain(error))
    }

    async fn execute(self, context: &Context) -> Result<(), CliError> {
        match self {
            // They need no runtime: `main` runs them.
            Self::Template(command) => command.run(context).map(|_| ()),
            Self::Serve(args) => serve::run(*args, context).await,
            Self::Env(args) => env::run(&args, context).await,
            Self::Publish(args) => publish::run(*args, context).await,
            Self::Bucket(command) => bucket::run(command, context).await,
            Self::Version(args) => version::run(args, context).await,
            Self::Channel(command) => channel::run(command, context).await,
            Self::Login(args) => login::run(args, context).await,
            Self::Logout(args) => login::log_out(args, context).await,
            Self::Session(command) => session::run(command, context).await,
            Self::Whoami => whoami::run(context).await,
            Self::Principal(command) => principal::run(command, context).await,
            Self::User(command) => user::run(command, context).await,
            Self::Group(command) => group::run(command, context).await,
            Self::Role(command) => role::run(command, context).await,
            Self::IdentityProvider(command) => identity_provider::run(command, context).await,
            Self::Project(command) => project::run(command, context).await,
            Self::Webhook(command) => webhook::run(command, context).await,
            Self::RunTask(command) => run_task::run(command, context).await,
            Self::Completions(args) => completions::run(&args, context),
        }
    }
}

/// The version that a person means by its fingerprint or by its name (`v3`).
async fn find_version(
    registry: &Registry,
    bucket: &BucketName,
    wanted: &str,
) -> Result<hcp::Version, CliError> {
    let not_found = match registry.get_version(bucket.as_str(), wanted).await {
        Ok(version) => return Ok(version),
        Err(error) if error.is_not_found() => error,
        Err(error) => return Err(error.into()),
    };
    let is_name =
        wanted.strip_prefix('v').is_some_and(|number| number != "0" && number.parse::<u32>().is_ok());
    if is_name {
        let mut versions = registry.list_versions(bucket.as_str());
        while let Some(version) = versions.next().await? {
            if version.name == wanted {
                return Ok(version);
            }
        }
    }
    let error = CliError::from(not_found);
    let error = if wanted == "v0" {
        error.hint("every incomplete version is called v0: name one by its fingerprint")
    } else {
        error
    };
    Err(error.hint(format!("`waybill version list {bucket}` shows them all")))
}
