//! `waybill channel`: names that point to versions.

use clap::{ArgAction, ArgGroup, Args, Subcommand};
use waybill_api::hcp;
use waybill_model::names::{BucketName, ChannelName};

use super::{Limit, find_version};
use crate::{
    context::{Context, Place},
    error::CliError,
    view::{Channel, Channels, Deleted, History},
};

#[derive(Debug, Subcommand)]
pub(crate) enum ChannelCommand {
    /// List the channels of a bucket
    #[command(after_help = "Example:\n  waybill channel list ubuntu")]
    List(ListArgs),
    /// Show a channel with the version it points to
    #[command(after_help = "Example:\n  waybill channel show ubuntu prod --json")]
    Show(ChannelArgs),
    /// Create a channel, pointing to a version or to none
    #[command(after_help = "Examples:
  waybill channel create ubuntu prod
  waybill channel create ubuntu prod --version v3")]
    Create(CreateArgs),
    /// Hide a channel from those who may only read, or show it to them
    #[command(after_help = "Example:\n  waybill channel update ubuntu latest --restricted false")]
    Update(UpdateArgs),
    /// Point a channel at a version
    #[command(after_help = "Examples:
  waybill channel assign ubuntu prod --version v3
  waybill channel assign ubuntu prod --from staging")]
    Assign(AssignArgs),
    /// Point a channel at nothing
    #[command(after_help = "Example:\n  waybill channel unassign ubuntu prod")]
    Unassign(ChannelArgs),
    /// Show what a channel pointed to over time, newest first
    #[command(after_help = "Example:\n  waybill channel history ubuntu prod --limit 5")]
    History(HistoryArgs),
    /// Delete a channel with its history
    #[command(after_help = "Example:\n  waybill channel delete ubuntu old --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// The bucket's name
    bucket: BucketName,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct ChannelArgs {
    /// The bucket's name
    bucket: BucketName,
    /// The channel's name
    channel: ChannelName,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    #[command(flatten)]
    channel: ChannelArgs,
    /// Point it at this version, given by its fingerprint or by its name such as v3
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Hide it from those who may only read
    #[arg(long)]
    restricted: bool,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["version", "from"]).required(true))]
pub(crate) struct AssignArgs {
    #[command(flatten)]
    channel: ChannelArgs,
    /// Point it at this version, given by its fingerprint or by its name such as v3
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Point it at what this channel points to now
    #[arg(long, value_name = "CHANNEL")]
    from: Option<ChannelName>,
}

#[derive(Debug, Args)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    channel: ChannelArgs,
    /// Hide it from those who may only read, or show it to them
    #[arg(long, value_name = "true|false", action = ArgAction::Set)]
    restricted: bool,
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    #[command(flatten)]
    channel: ChannelArgs,
    #[command(flatten)]
    limit: Limit,
}

#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    channel: ChannelArgs,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
}

pub(super) async fn run(command: ChannelCommand, context: &Context) -> Result<(), CliError> {
    match command {
        ChannelCommand::List(ListArgs { bucket, place }) => {
            let registry = context.registry(&place).await?;
            let channels = registry.list_channels(bucket.as_str()).await?;
            context.printer.show(&Channels { channels: channels.into_iter().map(Channel::from).collect() })
        }
        ChannelCommand::Show(ChannelArgs { bucket, channel, place }) => {
            let registry = context.registry(&place).await?;
            let channel = registry.get_channel(bucket.as_str(), channel.as_str()).await?;
            context.printer.show(&Channel::from(channel))
        }
        ChannelCommand::Create(args) => create(args, context).await,
        ChannelCommand::Update(UpdateArgs { channel, restricted }) => {
            let ChannelArgs { bucket, channel, place } = channel;
            let registry = context.registry(&place).await?;
            let channel = registry.restrict_channel(bucket.as_str(), channel.as_str(), restricted).await?;
            context.printer.show(&Channel::from(channel))
        }
        ChannelCommand::Assign(args) => assign(args, context).await,
        ChannelCommand::Unassign(ChannelArgs { bucket, channel, place }) => {
            let registry = context.registry(&place).await?;
            let channel = registry.unassign_channel(bucket.as_str(), channel.as_str()).await?;
            context.printer.show(&Channel::from(channel))
        }
        ChannelCommand::History(HistoryArgs { channel, limit }) => {
            let ChannelArgs { bucket, channel, place } = channel;
            let registry = context.registry(&place).await?;
            let history =
                registry.channel_history(bucket.as_str(), channel.as_str()).first(limit.get()).await?;
            if history.is_empty() {
                context.printer.note(&format!("{channel} has never pointed to a version"));
            }
            context.printer.show(&History { history: history.into_iter().map(Into::into).collect() })
        }
        ChannelCommand::Delete(args) => delete(args, context).await,
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), CliError> {
    let ChannelArgs { bucket, channel, place } = args.channel;
    let registry = context.registry(&place).await?;
    let version = match args.version {
        Some(version) => Some(find_version(&registry, &bucket, &version).await?.fingerprint),
        None => None,
    };
    let body = hcp::CreateChannelBody {
        name: Some(channel.to_string()),
        restricted: args.restricted.then_some(true),
        version_fingerprint: version,
    };
    let channel = registry.create_channel(bucket.as_str(), &body).await?;
    context.printer.show(&Channel::from(channel))
}

async fn assign(args: AssignArgs, context: &Context) -> Result<(), CliError> {
    let ChannelArgs { bucket, channel, place } = args.channel;
    let registry = context.registry(&place).await?;
    let assigned = match (args.version, args.from) {
        (_, Some(source)) => {
            registry.promote_channel(bucket.as_str(), source.as_str(), channel.as_str()).await?
        }
        (version, None) => {
            let version = find_version(&registry, &bucket, &version.unwrap_or_default()).await?;
            registry.assign_channel(bucket.as_str(), channel.as_str(), &version.fingerprint).await?
        }
    };
    context.printer.show(&Channel::from(assigned))
}

async fn delete(args: DeleteArgs, context: &Context) -> Result<(), CliError> {
    let ChannelArgs { bucket, channel, place } = args.channel;
    let registry = context.registry(&place).await?;
    if !args.yes {
        let found = registry.get_channel(bucket.as_str(), channel.as_str()).await?;
        let mut consequences = vec![format!("channel {channel} of {bucket} is deleted with its history")];
        if let Some(version) = found.version.filter(|version| !version.fingerprint.is_empty()) {
            let hcp::Version { name, fingerprint, .. } = version;
            consequences
                .push(format!("whoever asks for it does not get version {name} ({fingerprint}) any more"));
        }
        context.printer.confirm(&consequences, false)?;
    }
    registry.delete_channel(bucket.as_str(), channel.as_str()).await?;
    context.printer.show(&Deleted { deleted: channel.to_string() })
}
