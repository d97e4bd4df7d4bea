//! `waybill publish`: what any tool has made.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use clap::{ArgGroup, Args};
use waybill_model::names::{BucketName, ChannelName, ComponentType, Fingerprint};

use crate::{
    chance,
    context::{Context, Place},
    error::CliError,
    publish::{
        artifact::Artifact,
        git::Repository,
        metadata,
        parent::ParentReference,
        plan::{Contents, Plan, build_labels, checked_labels},
        sbom::Sbom,
        session::{HEARTBEAT, Session},
    },
    stop::Stop,
};

/// Publishes one build of a version: images and the like that exist somewhere, or files on this machine. What
/// git and the CI system know is published with it.
///
/// A version is complete when all its builds are done. Without more, a version has this one build. To publish
/// several, give every invocation the same --fingerprint, a --component of its own, and name the builds of
/// the others with --expect-build.
///
/// The same fingerprint again continues an incomplete version: a build that is done is left as it is. A complete
/// version takes nothing but what it has: the same artifacts once more are no error, and --channel still counts.
#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("what").args(["artifacts", "files"]).multiple(true).required(true),
    after_help = "Examples:
  waybill publish --bucket ubuntu --artifact aws:eu-central-1:ami-0abc --channel prod
  waybill publish --bucket appliance --file disk.qcow2 --sbom bom.json
  waybill publish --bucket web --artifact docker::sha256:9f2c --parent ubuntu:prod

Two builds of one version, published by two jobs:
  waybill publish --bucket ubuntu --fingerprint $RUN --component arm64 --expect-build amd64 ...
  waybill publish --bucket ubuntu --fingerprint $RUN --component amd64 --expect-build arm64 ..."
)]
pub(crate) struct PublishArgs {
    /// Bucket to publish to; made if there is none (default: `HCP_PACKER_BUCKET_NAME`)
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<BucketName>,

    /// Publish this artifact; the region may be empty, the id may contain `:` (can be repeated)
    #[arg(long = "artifact", id = "artifacts", value_name = "PLATFORM:REGION:ID")]
    artifacts: Vec<Artifact>,

    /// Publish this file by its digest, on the platform `file` (can be repeated)
    #[arg(long = "file", id = "files", value_name = "PATH")]
    files: Vec<PathBuf>,

    /// Say where the files are (default: the folder of each)
    #[arg(long, value_name = "REGION", requires = "files")]
    region: Option<String>,

    /// Publish as part of this version, or continue it (default: `HCP_PACKER_BUILD_FINGERPRINT`, else a new
    /// ULID)
    #[arg(long, value_name = "FINGERPRINT")]
    fingerprint: Option<Fingerprint>,

    /// Call the build this, unique within the version (default: the platform)
    #[arg(long, value_name = "TYPE")]
    component: Option<ComponentType>,

    /// Let the version wait for this build, which another invocation publishes (can be repeated)
    #[arg(long = "expect-build", value_name = "TYPE")]
    expect_build: Vec<ComponentType>,

    /// Say what it was built from; without channel or fingerprint, from `latest`
    #[arg(long, value_name = "BUCKET[:CHANNEL|@FINGERPRINT]")]
    parent: Option<ParentReference>,

    /// Say what it was built from, in the platform's terms (default: the parent's artifact on the same
    /// platform)
    #[arg(long, value_name = "ID")]
    source: Option<String>,

    /// Upload this bill of materials, CycloneDX or SPDX in JSON; it is named after the fingerprint unless
    /// NAME is given (can be repeated, each with another name)
    #[arg(long = "sbom", value_name = "FILE[=NAME]")]
    sboms: Vec<String>,

    /// Describe the bucket
    #[arg(long, value_name = "TEXT", value_parser = description)]
    description: Option<String>,

    /// Label the bucket; other labels stay (can be repeated)
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = label)]
    labels: Vec<(String, String)>,

    /// Label the build (can be repeated)
    #[arg(long = "build-label", value_name = "KEY=VALUE", value_parser = label)]
    build_labels: Vec<(String, String)>,

    /// Point this channel at the version when it is complete; made if there is none (can be repeated)
    #[arg(long = "channel", value_name = "CHANNEL", value_parser = channel)]
    channels: Vec<ChannelName>,

    #[command(flatten)]
    place: Place,
}

/// The longest description that HCP takes.
const MAX_DESCRIPTION_BYTES: usize = 255;

pub(super) async fn run(args: PublishArgs, context: &Context) -> Result<(), CliError> {
    let repository = Repository::of(&context.folder).await;
    let commit =
        repository.as_ref().and_then(|repository| repository.head.as_ref()).map(|head| head.commit.as_str());
    let metadata = metadata::gather(&context.environment, repository.as_ref());
    let place = Place { project: args.place.project.clone() };
    let plan = plan(args, commit, context)?;
    context.printer.note(&format!("fingerprint \"{}\"", plan.fingerprint));

    let mut stop = Stop::new()?;
    let registry = tokio::select! {
        registry = context.registry(&place) => registry?,
        signal = stop.asked() => return Err(CliError::user(format!("stopped by {signal}"))),
    };
    let session = Session {
        registry: &registry,
        plan: &plan,
        metadata,
        run_uuid: chance::uuid(),
        printer: &context.printer,
        heartbeat: HEARTBEAT,
    };
    let publication = session.run(stop.asked()).await?;
    context.printer.show(&publication)
}

/// Turns arguments into meaning.
fn plan(args: PublishArgs, commit: Option<&str>, context: &Context) -> Result<Plan, CliError> {
    let bucket = match args.bucket {
        Some(bucket) => bucket,
        None => from_variable(context, "HCP_PACKER_BUCKET_NAME")?.ok_or_else(|| {
            CliError::usage("no bucket is given").hint("use --bucket, or set HCP_PACKER_BUCKET_NAME")
        })?,
    };
    let fingerprint = match args.fingerprint {
        Some(fingerprint) => fingerprint,
        None => from_variable(context, "HCP_PACKER_BUILD_FINGERPRINT")?
            .unwrap_or_else(|| chance::fingerprint().parse().expect("a ULID is a fingerprint")),
    };
    let contents = Contents::gather(args.artifacts, &args.files, args.region.as_deref(), &context.folder)?;
    let component = match args.component {
        Some(component) => component,
        None => contents.platform.parse().map_err(|error| CliError::usage(format!("{error}")))?,
    };
    let sboms = args
        .sboms
        .iter()
        .map(|text| Sbom::find(text, &context.folder).map_err(|error| CliError::user(error.to_string())))
        .collect::<Result<Vec<_>, _>>()?;
    different_names(&sboms, &fingerprint)?;
    Ok(Plan {
        bucket,
        description: args.description,
        bucket_labels: checked_labels(args.labels.into_iter().collect())?,
        fingerprint,
        expected: args.expect_build.into_iter().filter(|expected| *expected != component).collect(),
        component,
        labels: build_labels(
            args.build_labels.into_iter().collect::<BTreeMap<_, _>>(),
            commit,
            &contents.files,
        )?,
        contents,
        sboms,
        parent: args.parent,
        source: args.source,
        channels: args.channels,
    })
}

/// Of two bills of materials with one name, the registry would keep the second only.
fn different_names(sboms: &[Sbom], fingerprint: &Fingerprint) -> Result<(), CliError> {
    let mut names = BTreeSet::new();
    for sbom in sboms {
        let name = sbom.name.as_ref().map_or(fingerprint.as_str(), |name| name.as_str());
        if !names.insert(name) {
            let problem = match &sbom.name {
                Some(name) => format!("two bills of materials have the name `{name}`"),
                None => "two bills of materials have no name of their own".to_owned(),
            };
            return Err(CliError::usage(problem).hint("give each a name: --sbom FILE=NAME"));
        }
    }
    Ok(())
}

/// A name that a variable gives; empty is not given.
fn from_variable<T>(context: &Context, name: &str) -> Result<Option<T>, CliError>
where
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    let Some(text) = context.environment.given(name) else { return Ok(None) };
    text.parse().map(Some).map_err(|error| CliError::usage(format!("{name}: {error}")))
}

fn label(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("a label is written KEY=VALUE".to_owned()),
    }
}

fn description(text: &str) -> Result<String, String> {
    if MAX_DESCRIPTION_BYTES < text.len() {
        return Err(format!(
            "a description has at most {MAX_DESCRIPTION_BYTES} bytes, this one has {}",
            text.len()
        ));
    }
    Ok(text.to_owned())
}

fn channel(text: &str) -> Result<ChannelName, String> {
    let name: ChannelName = text.parse().map_err(|error| format!("{error}"))?;
    if name.is_managed() {
        return Err(format!("the registry moves `{name}` by itself"));
    }
    Ok(name)
}
