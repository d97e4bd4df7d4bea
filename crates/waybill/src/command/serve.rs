//! `waybill serve`: the registry itself.

mod login_provider;

use std::{
    fmt::Display,
    net::{SocketAddr, ToSocketAddrs},
    path::PathBuf,
    str::FromStr,
    time::Duration,
};

use clap::{Args, ValueEnum};
use url::Url;
use waybill_model::revocation::parse_revoke_in;
use waybill_server::{Config, Server, StartError};

use self::login_provider::LoginProviderArgs;
use super::env::quoted;
use crate::{
    context::Context,
    data_folder::{Certificate, DataFolder},
    error::{CliError, root_cause},
    logs::LogFormat,
    stop::Stop,
};

/// Starts a registry and answers until SIGTERM or SIGINT.
///
/// The first start makes everything: the database, a local certificate authority, an organization, the project
/// `default` with its registry, and an owner whose credentials `waybill env` prints. One line on stdout, `ready at
/// https://…`, says that it answers; logs go to stderr.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  waybill serve                                      on this machine, data in ./waybill-data
  waybill serve --listen 0.0.0.0:7080 --public-url https://registry.example:7080
  waybill serve --database postgres://waybill@db.example/waybill?sslmode=require

On a stop, requests in flight finish and everything acknowledged is on disk. A second signal stops at once,
unless it comes within half a second: then it is the same one, sent twice.")]
pub(crate) struct ServeArgs {
    /// Keep certificates, the owner's credentials and the database in this folder (default: `WAYBILL_DATA`, else
    /// `waybill-data`)
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Answer here; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7080")]
    listen: String,
    /// Keep the registry in PostgreSQL instead of a file; several servers may share it. The password may be in the
    /// URL, or in the variable `WAYBILL_DATABASE`, which other users of this machine cannot see
    #[arg(long, value_name = "URL", env = "WAYBILL_DATABASE", hide_env_values = true)]
    database: Option<String>,
    /// Tell clients to go here, if that is not the address (a proxy, a name), such as
    /// `https://registry.example:7080`; the certificate holds its host
    #[arg(long, value_name = "URL", value_parser = public_url)]
    public_url: Option<Url>,
    /// Serve this certificate (PEM, with its intermediates) instead of one of the local authority
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Answer plain HTTP from other machines too; tokens then cross the network readable
    #[arg(long)]
    allow_plain_http: bool,
    /// Believe proxies at this address or range, such as 10.1.2.3 or 10.1.2.0/24, when they say in `X-Forwarded-For`
    /// whose requests they pass on (can be repeated). Name the proxies alone: whoever else is in there can pretend to be
    /// anybody
    #[arg(long, value_name = "ADDR", env = "WAYBILL_TRUSTED_PROXY", value_delimiter = ',')]
    trusted_proxy: Vec<String>,
    /// Let the registry itself connect to this address, range or host name although it is not public, such as
    /// 10.1.2.3, 10.0.0.0/8 or vault.internal (can be repeated). Issuers of tokens and webhooks are reached at public
    /// addresses without it
    #[arg(long, value_name = "ADDR", env = "WAYBILL_EGRESS_ALLOW", value_delimiter = ',')]
    egress_allow: Vec<String>,
    /// Trust the certificate authorities in this file (PEM), in addition to the system's, where the registry itself
    /// connects
    #[arg(long, value_name = "FILE", env = "WAYBILL_EGRESS_CA")]
    egress_ca: Option<String>,
    /// Ask AWS's Security Token Service here who a workload of AWS is, instead of where its signed request says, such
    /// as `https://vpce-0123.sts.eu-central-1.vpce.amazonaws.com`; private addresses need `--egress-allow` as well
    #[arg(long, value_name = "URL", env = "WAYBILL_AWS_STS_URL")]
    aws_sts_url: Option<String>,
    /// What an acknowledged write survives (SQLite)
    #[arg(long, value_enum, default_value_t)]
    durability: Durability,
    /// Cancel a running build that has been silent for so long, such as 10m or 1h; Packer speaks every two minutes
    #[arg(long, value_name = "TIME", default_value = "10m")]
    silent_build_after: String,
    /// Exchange a workload's token again for so long after the first time, such as 10m, or 0s for once; the programs of
    /// one CI job have the same token
    #[arg(long, value_name = "TIME", default_value = "10m")]
    workload_token_reuse: String,
    /// Write the log for people or, one JSON object a line, for programs
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub(super) log_format: LogFormat,
    // Last, because its heading is that of whatever follows.
    #[command(flatten)]
    login_provider: LoginProviderArgs,
}

/// What survives what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Durability {
    /// Power loss
    #[default]
    Full,
    /// A crash of the program; after power loss the last moment may be missing, never more
    Normal,
}

/// Off only to measure what committing together is worth.
const GROUP_COMMIT: &str = "WAYBILL_GROUP_COMMIT";

pub(super) async fn run(args: ServeArgs, context: &Context) -> Result<(), CliError> {
    context.printer.refuse_json("waybill serve", "--log-format json writes the log as JSON")?;
    log_panics();
    let data = match &args.data {
        Some(path) => context.folder.join(path),
        None => DataFolder::path(&context.environment, &context.folder),
    };
    let certificate = if args.tls_cert.is_some() { Certificate::Operator } else { Certificate::Local };
    let config = config(args, data.clone(), context)?;
    let database = config.database.as_deref().map(database_address);
    let mut stop = Stop::new()?;
    let server = tokio::select! {
        started = Server::start(config) => started.map_err(|error| refused(&error, database.as_deref()))?,
        _ = stop.asked() => return Ok(()),
    };
    let public = server.public_url().to_owned();
    let elsewhere = (public != server.url()).then_some(public.as_str());
    DataFolder::write_server(&data, server.url(), elsewhere, certificate)?;
    context.printer.raw(&format!("ready at {}\n", server.url()))?;
    if let Ok(Some(_)) = DataFolder::find(data.clone()) {
        let data = quoted(&data.display().to_string());
        tracing::info!(
            "In another shell, `eval \"$(waybill env --data {data})\"` lets packer, terraform and waybill use it"
        );
    }
    stop.asked().await;
    tracing::info!("Stopping: requests in flight finish");
    tokio::select! {
        () = server.stop() => Ok(()),
        _ = stop.asked() => Err(CliError::user("stopped by a second signal, requests in flight were cut off")),
    }
}

fn config(args: ServeArgs, data: PathBuf, context: &Context) -> Result<Config, CliError> {
    let mut config = Config::new(data, address(&args.listen)?);
    let database = args.database.filter(|database| !database.is_empty());
    if let Some(database) = &database
        && !["postgres://", "postgresql://"].iter().any(|scheme| database.starts_with(scheme))
    {
        // Only the scheme is repeated: there may be a password in the rest.
        let scheme = database.split_once("://").map_or("no URL", |(scheme, _)| scheme);
        return Err(CliError::usage(format!("--database must be a postgres:// URL, not {scheme}"))
            .hint("without --database the registry is kept in a file of the data folder"));
    }
    config.database = database;
    config.public_url = args.public_url;
    config.host_name = host_name();
    config.certificate = match (args.tls_cert, args.tls_key) {
        (Some(certificate), Some(key)) => Some((context.folder.join(certificate), context.folder.join(key))),
        _ => None,
    };
    config.allow_plain_http = args.allow_plain_http;
    config.trusted_proxies = listed("--trusted-proxy", &args.trusted_proxy)?;
    config.login_provider = login_provider::options(args.login_provider, context)?;
    config.store.durability = match args.durability {
        Durability::Full => waybill_server::Durability::Full,
        Durability::Normal => waybill_server::Durability::Normal,
    };
    config.store.group_commit = context.environment.get(GROUP_COMMIT) != Some("off");
    config.silent_build_after = duration(&args.silent_build_after)?;
    config.workload_token_reuse = reuse(&args.workload_token_reuse)?;
    config.egress.allow = listed("--egress-allow", &args.egress_allow)?;
    let ca = args.egress_ca.filter(|file| !file.is_empty());
    config.egress.ca = ca.map(|file| context.folder.join(file));
    let sts = args.aws_sts_url.filter(|url| !url.is_empty());
    config.aws_sts_url = sts
        .map(|url| public_url(&url))
        .transpose()
        .map_err(|reason| CliError::usage(format!("--aws-sts-url: {reason}")))?;
    Ok(config)
}

/// The entries of a flag that can be repeated. Room around a comma is not part of one, and an empty variable holds none.
fn listed<T: FromStr<Err: Display>>(flag: &str, entries: &[String]) -> Result<Vec<T>, CliError> {
    let entries = entries.iter().map(|entry| entry.trim()).filter(|entry| !entry.is_empty());
    entries.map(|entry| entry.parse().map_err(|error| CliError::usage(format!("{flag}: {error}")))).collect()
}

/// A host name counts as its first address.
fn address(text: &str) -> Result<SocketAddr, CliError> {
    let wrong = |reason: String| {
        CliError::usage(format!("--listen must be ADDR:PORT, such as 127.0.0.1:7080, not `{text}`: {reason}"))
    };
    let mut addresses = text.to_socket_addrs().map_err(|error| wrong(error.to_string()))?;
    addresses.next().ok_or_else(|| wrong("the name has no address".to_owned()))
}

/// Scheme, host and perhaps a port: what clients add paths to.
fn public_url(text: &str) -> Result<Url, String> {
    let is_bare = |url: &Url| {
        matches!(url.scheme(), "https" | "http")
            && url.has_host()
            && url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    Url::parse(text).ok().filter(is_bare).ok_or_else(|| {
        "it is https or http with a host and nothing behind it, such as https://registry.example:7080"
            .to_owned()
    })
}

fn reuse(text: &str) -> Result<Duration, CliError> {
    let parsed = parse_revoke_in(text).ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed.ok_or_else(|| {
        CliError::usage(format!("--workload-token-reuse must be a time such as 10m, or 0s, not `{text}`"))
    })
}

fn duration(text: &str) -> Result<Duration, CliError> {
    let parsed = parse_revoke_in(text).ok().and_then(|duration| Duration::try_from(duration).ok());
    parsed.filter(|duration| Duration::from_mins(1) <= *duration).ok_or_else(|| {
        CliError::usage(format!(
            "--silent-build-after must be a time of at least a minute, such as 10m, not `{text}`"
        ))
    })
}

/// Why there is no server; `database` is the address of PostgreSQL, if the registry is kept there.
fn refused(error: &StartError, database: Option<&str>) -> CliError {
    let (said, cause) = (error.to_string(), root_cause(error));
    let wrong = CliError::user(if said.contains(&cause) { said } else { format!("{said}: {cause}") });
    match (error, database) {
        (StartError::Listen { .. }, _) => wrong.hint("`--listen 127.0.0.1:0` picks a free port"),
        (StartError::Store(_), Some(address)) => wrong.hint(format!(
            "does a PostgreSQL answer at {address}, and are database, user and password right?"
        )),
        _ => wrong,
    }
}

/// Host and port in the URL of a database, and nothing else of it: the rest may hold a password.
fn database_address(database: &str) -> String {
    let url = Url::parse(database).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let port = url.as_ref().and_then(Url::port).unwrap_or(5432);
    format!("{host}:{port}")
}

/// The machine's own name, for the certificate.
fn host_name() -> Option<String> {
    let name = fs_err::read("/etc/hostname").ok()?;
    let name = String::from_utf8(name).ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

/// A panic is logged as everything else is.
fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let text = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("no message");
        tracing::error!(place, "Panicked: {text}");
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_database_only_the_address_is_told() {
        assert_eq!(
            database_address("postgres://me:hidden@db.example:5433/waybill?sslmode=require"),
            "db.example:5433"
        );
        assert_eq!(database_address("postgres://db.example/waybill"), "db.example:5432");
        assert_eq!(database_address("postgres:///waybill"), "localhost:5432");
    }

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        let check = |text: &str| public_url(text).is_ok();
        assert!(
            check("https://registry.example:7080") && check("http://10.0.0.1/") && check("https://[::1]:1")
        );
        for wrong in [
            "registry.example:7080",
            "registry.example",
            "ftp://a",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "",
        ] {
            assert!(!check(wrong), "{wrong}");
        }
    }

    #[test]
    fn what_the_registry_may_connect_to() {
        let check = |entries: &[&str]| {
            let entries: Vec<_> = entries.iter().map(|&entry| entry.to_owned()).collect();
            let allow = listed::<waybill_server::egress::Allow>("--egress-allow", &entries);
            allow.map(|allow| allow.len()).map_err(|error| error.message)
        };
        assert_eq!(check(&[""]), Ok(0));
        assert_eq!(check(&["10.0.0.0/8", " vault.internal "]), Ok(2));
        assert!(check(&["10.0.0.0/40"]).unwrap_err().contains("--egress-allow: `10.0.0.0/40`"));
    }

    #[test]
    fn addresses_and_times() {
        let listen =
            |text: &str| address(text).map(|address| address.to_string()).map_err(|error| error.message);
        assert_eq!(listen("127.0.0.1:0"), Ok("127.0.0.1:0".to_owned()));
        assert_eq!(listen("[::1]:7080"), Ok("[::1]:7080".to_owned()));
        assert!(listen("7080").unwrap_err().contains("must be ADDR:PORT"));
        assert_eq!(duration("10m").ok(), Some(Duration::from_mins(10)));
        assert!(duration("10s").is_err() && duration("soon").is_err());
    }
}
