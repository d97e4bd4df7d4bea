//! `waybill version`: what was built, and what must not be used any more.

use clap::{Args, Subcommand};
use waybill_api::{hcp, time::DateTime};
use waybill_client::Registry;
use waybill_model::{names::BucketName, revocation::parse_revoke_in};

use super::{Limit, find_version};
use crate::{
    context::{Context, Place},
    error::CliError,
    view::{Deleted, Program, Version, Versions},
};

#[derive(Debug, Args)]
pub(crate) struct VersionArgs {
    #[command(subcommand)]
    command: Option<VersionCommand>,
}

#[derive(Debug, Subcommand)]
enum VersionCommand {
    /// List the versions of a bucket, newest first
    #[command(after_help = "Example:\n  waybill version list ubuntu --limit 10")]
    List(ListArgs),
    /// Show a version with its builds and artifacts
    #[command(after_help = "Examples:
  waybill version show ubuntu v3
  waybill version show ubuntu 01JD6Z… --json")]
    Show(ShowArgs),
    /// Revoke a version, so that nobody uses it any more
    ///
    /// Channels that point to it go back to the newest valid version that they had before, and versions that
    /// were built from it are revoked too. A revocation in the future leaves channels as they are.
    #[command(after_help = "Examples:
  waybill version revoke ubuntu v3 --message 'CVE-2026-1234' --yes
  waybill version revoke ubuntu v3 --in 30d --yes
  waybill version revoke ubuntu v3 --at 2026-12-31T00:00:00Z --yes")]
    Revoke(RevokeArgs),
    /// Restore a revoked version, or cancel a revocation that is still to come
    ///
    /// What inherited the revocation is restored too. Channels stay where they are now.
    #[command(after_help = "Example:\n  waybill version restore ubuntu v3")]
    Restore(ShowArgs),
    /// Delete a version with its builds
    ///
    /// That is refused while a channel points to it or another version was built from it; with --rollback
    /// channels are no obstacle, with --force nothing is. Its name is never used again.
    #[command(after_help = "Examples:
  waybill version delete ubuntu v3 --yes
  waybill version delete ubuntu v3 --rollback --yes
  waybill version delete ubuntu v3 --force --reason 'it holds a password' --yes")]
    Delete(DeleteArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// The bucket's name
    bucket: BucketName,
    #[command(flatten)]
    limit: Limit,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct ShowArgs {
    /// The bucket's name
    bucket: BucketName,
    /// The version's fingerprint, or its name such as v3
    version: String,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct RevokeArgs {
    /// The bucket's name
    bucket: BucketName,
    /// The version's fingerprint, or its name such as v3
    version: String,
    /// Revoke it at this time, in RFC 3339 (default: now)
    #[arg(long, value_name = "TIME", value_parser = time, conflicts_with = "within")]
    at: Option<DateTime>,
    /// Revoke it after this time has passed, such as 30d or 2h45m (default: now)
    #[arg(long = "in", id = "within", value_name = "DURATION", value_parser = checked_duration)]
    within: Option<String>,
    /// Say why
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Leave channels where they are; refused while one of them points to the version
    #[arg(long)]
    no_rollback: bool,
    /// Leave versions alone that were built from it
    #[arg(long)]
    skip_descendants: bool,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
struct DeleteArgs {
    /// The bucket's name
    bucket: BucketName,
    /// The version's fingerprint, or its name such as v3
    version: String,
    /// Move channels that point to it back to the newest valid version that they had before
    #[arg(long, conflicts_with = "force")]
    rollback: bool,
    /// Delete it whoever relies on it; channels move back as with --rollback
    #[arg(long, requires = "reason")]
    force: bool,
    /// Say why force is needed: it is kept with the record of who did it
    #[arg(long, value_name = "TEXT", requires = "force")]
    reason: Option<String>,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(args: VersionArgs, context: &Context) -> Result<(), CliError> {
    match args.command {
        None => context.printer.show(&Program { version: env!("CARGO_PKG_VERSION") }),
        Some(VersionCommand::List(ListArgs { bucket, limit, place })) => {
            let registry = context.registry(&place).await?;
            let versions = registry.list_versions(bucket.as_str()).first(limit.get()).await?;
            if versions.is_empty() {
                context.printer.note(&format!("{bucket} has no versions yet"));
            }
            context.printer.show(&Versions { versions: versions.into_iter().map(Version::from).collect() })
        }
        Some(VersionCommand::Show(ShowArgs { bucket, version, place })) => {
            let registry = context.registry(&place).await?;
            let found = find_version(&registry, &bucket, &version).await?;
            // Only this operation answers with the metadata of builds.
            let version = registry.get_version(bucket.as_str(), &found.fingerprint).await?;
            context.printer.show(&Version::from(version))
        }
        Some(VersionCommand::Revoke(args)) => revoke(args, context).await,
        Some(VersionCommand::Restore(ShowArgs { bucket, version, place })) => {
            let registry = context.registry(&place).await?;
            let version = find_version(&registry, &bucket, &version).await?;
            let body = hcp::UpdateVersionBody { restore: Some(true), ..hcp::UpdateVersionBody::default() };
            let version = registry.update_version(bucket.as_str(), &version.fingerprint, &body).await?;
            context.printer.show(&Version::from(version))
        }
        Some(VersionCommand::Delete(args)) => delete(args, context).await,
    }
}

async fn revoke(args: RevokeArgs, context: &Context) -> Result<(), CliError> {
    let registry = context.registry(&args.place).await?;
    let version = find_version(&registry, &args.bucket, &args.version).await?;
    if !args.yes {
        context.printer.confirm(&consequences(&args, &registry, &version).await?, false)?;
    }
    let body = hcp::UpdateVersionBody {
        revoke_in: if args.at.is_some() {
            None
        } else {
            Some(args.within.unwrap_or_else(|| "0s".to_owned()))
        },
        revoke_at: args.at,
        revocation_message: args.message,
        disable_rollback_channels: args.no_rollback.then_some(true),
        skip_descendants_revocation: args.skip_descendants.then_some(true),
        ..hcp::UpdateVersionBody::default()
    };
    let version = registry.update_version(args.bucket.as_str(), &version.fingerprint, &body).await?;
    context.printer.show(&Version::from(version))
}

/// What revoking will do, a sentence each.
async fn consequences(
    args: &RevokeArgs,
    registry: &Registry,
    version: &hcp::Version,
) -> Result<Vec<String>, CliError> {
    let when = match (&args.at, &args.within) {
        (Some(at), _) => format!("at {at}"),
        (None, Some(within)) => format!("in {within}"),
        (None, None) => "now".to_owned(),
    };
    let hcp::Version { name, fingerprint, .. } = version;
    let mut consequences =
        vec![format!("version {name} ({fingerprint}) of {} is revoked {when}", args.bucket)];
    for channel in serving(registry, &args.bucket, fingerprint).await? {
        consequences.push(match (when.as_str(), args.no_rollback) {
            ("now", false) => {
                format!("channel {} goes back to the newest valid version that it had before", channel.name)
            }
            ("now", true) => {
                format!("nothing, as channel {} points to it and --no-rollback is given", channel.name)
            }
            _ => format!("channel {} keeps pointing to it", channel.name),
        });
    }
    if version.has_descendants && !args.skip_descendants {
        consequences.push("versions that were built from it are revoked too".to_owned());
    }
    Ok(consequences)
}

async fn delete(args: DeleteArgs, context: &Context) -> Result<(), CliError> {
    let DeleteArgs { bucket, version, rollback, reason, yes, place, .. } = args;
    let registry = context.registry(&place).await?;
    let version = find_version(&registry, &bucket, &version).await?;
    let hcp::Version { name, fingerprint, has_descendants, .. } = version;
    if !yes {
        let mut consequences =
            vec![format!("version {name} ({fingerprint}) of {bucket} is deleted with its builds")];
        for channel in serving(&registry, &bucket, &fingerprint).await? {
            let channel = channel.name;
            consequences.push(if rollback || reason.is_some() {
                format!("channel {channel} goes back to the newest valid version that it had before")
            } else {
                format!(
                    "nothing, as channel {channel} points to it and neither --rollback nor --force is given"
                )
            });
        }
        if has_descendants {
            consequences.push(if reason.is_some() {
                "versions that were built from it do not know their parent any more".to_owned()
            } else {
                "nothing, as versions were built from it and --force is not given".to_owned()
            });
        }
        context.printer.confirm(&consequences, false)?;
    }
    match reason {
        Some(reason) => {
            registry.delete_version_by_force(bucket.as_str(), &fingerprint, &reason).await?;
        }
        None => registry.delete_version(bucket.as_str(), &fingerprint, rollback).await?,
    }
    context.printer.show(&Deleted { deleted: fingerprint })
}

/// The channels that people pointed at a version.
async fn serving(
    registry: &Registry,
    bucket: &BucketName,
    fingerprint: &str,
) -> Result<Vec<hcp::Channel>, CliError> {
    let mut channels = registry.list_channels(bucket.as_str()).await?;
    channels.retain(|channel| {
        !channel.managed
            && channel.version.as_ref().is_some_and(|assigned| assigned.fingerprint == fingerprint)
    });
    Ok(channels)
}

/// Takes the text of a duration if it is one.
fn checked_duration(text: &str) -> Result<String, String> {
    let wrong = "a duration is whole numbers with units d, h, m and s, such as 30d or 2h45m";
    parse_revoke_in(text).map(|_| text.to_owned()).map_err(|_| wrong.to_owned())
}

fn time(text: &str) -> Result<DateTime, String> {
    text.parse().map_err(|_| "a time is written in RFC 3339, such as 2026-12-31T00:00:00Z".to_owned())
}
