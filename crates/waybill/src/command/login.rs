//! `waybill login`, `waybill logout`: a person's own session, instead of a key.

mod browser;
mod device;

use std::path::PathBuf;

use clap::Args;
use url::{Host, Url};
use waybill_api::error::Code;
use waybill_client::{Client, Config, Endpoint, Error as ClientError, Login, SessionTokens, Tls};

use crate::{
    connection::{Connection, Source, is_hcps, login_config},
    context::Context,
    data_folder::DataFolder,
    error::CliError,
    profiles::{Profile, ProfileFile},
    view::{LoggedIn, LoggedOut},
};

/// The login happens in a browser, which is opened if there is one: here, or with --device on any other machine.
/// Its session is kept in `waybill/profiles.json` of the folder `XDG_CONFIG_HOME`, or else `~/.config`, for 30
/// days. Credentials in variables and a data folder that `WAYBILL_DATA` names come before it.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  waybill login --url https://registry.example
  waybill login --device               on a machine without a browser
  waybill login --url https://10.0.0.5:7080 --ca ca.pem")]
pub(crate) struct LoginArgs {
    /// Address of the registry (default: of `HCP_AUTH_URL` or `HCP_API_ADDRESS`, of the registry on this machine,
    /// or the one of the last login)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Show a code to enter in a browser on another machine
    #[arg(long)]
    device: bool,
    /// Trust this certificate authority too, a PEM file (default: the authority of the registry on this machine,
    /// else the file that `SSL_CERT_FILE` names)
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    ca: Option<PathBuf>,
    /// Do not check the server's certificate, neither now nor later
    #[arg(long)]
    insecure: bool,
}

/// Ends the session at the registry and forgets it here.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  waybill logout
  waybill logout --url https://registry.example")]
pub(crate) struct LogoutArgs {
    /// Address of the registry (default: the one that is used)
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// Only forget the session here, even if the registry cannot be asked to end it
    #[arg(long)]
    local: bool,
}

/// The registry to log in at.
struct Target {
    /// Scheme, host and port.
    url: Url,
    /// PEM of the authority to trust besides the system's.
    ca: Option<String>,
    insecure: bool,
}

pub(super) async fn run(args: LoginArgs, context: &Context) -> Result<(), CliError> {
    let target = Target::of(&args, context)?;
    let server = origin(&target.url);
    let login = Login::new(&target.config(context)?)?;
    let ways = login.ways().await.map_err(|error| {
        let error = CliError::from(error);
        if error.message.contains("certificate") {
            return CliError { hints: Vec::new(), ..error }.hint(
                "trust the registry's own authority with --ca FILE: it is `tls/ca.pem` of its data folder",
            );
        }
        error
    })?;
    tracing::debug!("{server} calls itself {}", ways.issuer);
    let tokens = if args.device {
        device::log_in(&login, &context.printer).await?
    } else {
        browser::log_in(&login, &ways.issuer, context).await?
    };
    keep(&tokens, &target, &server, context).await
}

/// Keeps the session, and says whose it is.
async fn keep(
    tokens: &SessionTokens,
    target: &Target,
    server: &str,
    context: &Context,
) -> Result<(), CliError> {
    let file = profile_file(context)?;
    let mut profile = Profile::new(tokens, target.trust(context), target.insecure);
    let (kept, current) = (profile.clone(), server.to_owned());
    let mut replaced = None;
    file.change(|profiles| {
        replaced = profiles.logins.insert(current.clone(), kept);
        profiles.current = Some(current);
    })?;
    let connection = Connection::of_profile(&context.environment, &context.folder, &file, server, &profile)?;
    let session = Client::new(&connection.config())?.current_session().await?;
    if let Some(replaced) = replaced {
        end_replaced(connection.of_replaced(&replaced)).await;
    }
    profile.user.clone_from(&session.principal.name);
    profile.organization_id = Some(session.principal.organization_id.clone());
    file.change(|profiles| {
        // Tokens may have been renewed meanwhile, and somebody may have logged out.
        if let Some(kept) = profiles.logins.get_mut(server) {
            kept.user.clone_from(&profile.user);
            kept.organization_id.clone_from(&profile.organization_id);
        }
    })?;
    context.printer.show(&LoggedIn {
        server: server.to_owned(),
        principal: session.principal.into(),
        session_expires_at: session.expires_at,
        profile: file.path().display().to_string(),
    })?;
    let used = Connection::find(&context.environment, &context.folder).map(|found| found.source);
    if let Ok(Source::Variables | Source::File(_) | Source::DataFolder(_)) = &used
        && let Ok(used) = used
    {
        context.printer.warn(&format!("commands use {used} rather than this login"));
    }
    Ok(())
}

/// Ends the session of the login before, which nobody has any more. It ends by itself if that does not work.
async fn end_replaced(connection: Connection) {
    let ended = match Client::new(&connection.config()) {
        Ok(client) => client.end_session().await,
        Err(error) => Err(error),
    };
    if let Err(error) = ended {
        tracing::debug!("the session of the login before was not ended: {error}");
    }
}

pub(super) async fn log_out(args: LogoutArgs, context: &Context) -> Result<(), CliError> {
    let file = profile_file(context)?;
    let profiles = file.read()?;
    let named = args.url.as_deref().map(address).transpose()?.map(|url| origin(&url));
    let server = named.or(profiles.current).unwrap_or_default();
    let Some(profile) = profiles.logins.get(&server) else {
        return Err(not_logged_in(&server, profiles.logins.keys()));
    };
    if !args.local {
        let connection =
            Connection::of_profile(&context.environment, &context.folder, &file, &server, profile)?;
        match Client::new(&connection.config())?.end_session().await {
            Ok(()) | Err(ClientError::LoginRefused { .. }) => {}
            Err(error) if error.code() == Some(Code::Unauthenticated) => {}
            Err(error) => {
                return Err(CliError::from(error).hint("with --local the session is only forgotten here"));
            }
        }
    }
    let mut next = None;
    file.change(|profiles| {
        profiles.logins.remove(&server);
        if profiles.current.as_ref() == Some(&server) {
            profiles.current = profiles.logins.keys().next().cloned();
            next.clone_from(&profiles.current);
        }
    })?;
    context.printer.show(&LoggedOut { server })?;
    if next.is_some()
        && let Ok(used) = Connection::find(&context.environment, &context.folder)
    {
        context.printer.note(&format!("commands now use {}", used.source));
    }
    Ok(())
}

fn not_logged_in<'a>(server: &str, logins: impl Iterator<Item = &'a String>) -> CliError {
    let logins: Vec<&str> = logins.map(String::as_str).collect();
    let error = match server {
        "" => CliError::user("you are not logged in anywhere"),
        server => CliError::user(format!("you are not logged in at {server}")),
    };
    if logins.is_empty() { error } else { error.hint(format!("you are at {}", logins.join(", "))) }
}

fn profile_file(context: &Context) -> Result<ProfileFile, CliError> {
    ProfileFile::of(&context.environment).ok_or_else(|| {
        CliError::usage("there is nowhere to keep a login: neither HOME nor XDG_CONFIG_HOME is set")
    })
}

impl Target {
    fn of(args: &LoginArgs, context: &Context) -> Result<Self, CliError> {
        let ca = match &args.ca {
            Some(path) => Some(read_ca(&context.folder.join(path))?),
            None => None,
        };
        let insecure = args.insecure;
        let environment = &context.environment;
        let named = args.url.as_deref().or(environment.given("HCP_AUTH_URL"));
        if let Some(url) = named.or(environment.given("HCP_API_ADDRESS")) {
            let url = address(url)?;
            // The registry that runs here is known, whatever address of it is given.
            let local = local(context)?.filter(|local| same_port_here(&local.url, &url));
            let ca = ca.or(local.and_then(|local| local.ca));
            return Ok(Self { url, ca, insecure });
        }
        if let Some(local) = local(context)? {
            return Ok(Self { url: local.url, ca: ca.or(local.ca), insecure });
        }
        let profiles = profile_file(context)?.read()?;
        let last = profiles.current.and_then(|server| {
            let profile = profiles.logins.get(&server)?;
            Some((server, profile.ca.clone(), profile.insecure))
        });
        let (server, last_ca, was_insecure) = last.ok_or_else(|| {
            CliError::usage("nothing says at which registry to log in")
                .hint("give its address: `waybill login --url https://HOST:PORT`")
        })?;
        Ok(Self { url: address(&server)?, ca: ca.or(last_ca), insecure: insecure || was_insecure })
    }

    fn config(&self, context: &Context) -> Result<Config, CliError> {
        let tls = if self.insecure { Tls::Insecure } else { Tls::Verified };
        let endpoint = Endpoint::new(self.url.clone(), tls);
        login_config(&endpoint, self.ca.as_deref(), &context.environment, &context.folder)
    }

    /// What has to be trusted in other shells too, where `SSL_CERT_FILE` is perhaps not set.
    fn trust(&self, context: &Context) -> Option<String> {
        if self.ca.is_some() || self.insecure {
            return self.ca.clone();
        }
        let name = context.environment.given("SSL_CERT_FILE")?;
        read_ca(&context.folder.join(name)).ok()
    }
}

/// The registry of the data folder, if there is one.
fn local(context: &Context) -> Result<Option<Target>, CliError> {
    let path = DataFolder::path(&context.environment, &context.folder);
    // A folder that cannot be looked into is somebody else's.
    let Ok(Some(data)) = DataFolder::find(path) else { return Ok(None) };
    let ca = data.authority().map(|path| read_ca(&path)).transpose()?;
    Ok(Some(Target { url: data.server()?.public(), ca, insecure: false }))
}

fn same_port_here(local: &Url, given: &Url) -> bool {
    let is_here = match given.host() {
        Some(Host::Domain(name)) => name == "localhost" || local.host_str() == Some(name),
        Some(Host::Ipv4(address)) => address.is_loopback() || local.host_str() == given.host_str(),
        Some(Host::Ipv6(address)) => address.is_loopback() || local.host_str() == given.host_str(),
        None => false,
    };
    is_here && local.port_or_known_default() == given.port_or_known_default()
}

fn read_ca(path: &std::path::Path) -> Result<String, CliError> {
    let text = fs_err::read_to_string(path)
        .map_err(|error| CliError::usage(format!("the certificate authority: {error}")))?;
    if text.contains("-----BEGIN CERTIFICATE-----") {
        return Ok(text);
    }
    Err(CliError::usage(format!("the certificate authority `{}` is not PEM", path.display())))
}

/// Reads `HOST:PORT` or a URL; a password is not sent in plain text, but on this machine.
fn address(text: &str) -> Result<Url, CliError> {
    let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = Url::parse(&full)
        .ok()
        .filter(|url| url.has_host() && matches!(url.scheme(), "https" | "http"))
        .ok_or_else(|| {
            CliError::usage(format!("`{text}` is not the address of a registry"))
                .hint("it is like https://registry.example:7080")
        })?;
    if is_hcps(text) {
        return Err(CliError::usage(format!("`{text}` is HCP, where `hcp auth login` logs in")));
    }
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    if url.scheme() == "http" && !is_here {
        return Err(CliError::usage(format!(
            "`{text}` is plain HTTP, where everybody on the way reads along"
        ))
        .hint("log in at the https address"));
    }
    Ok(url)
}

/// What a login is known by.
fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_registries() {
        let check = |text: &str| address(text).map(|url| origin(&url)).map_err(|error| error.message);
        assert_eq!(check("https://registry.example/x?y"), Ok("https://registry.example".into()));
        assert_eq!(check("registry.example:7080"), Ok("https://registry.example:7080".into()));
        assert_eq!(check("https://Registry.Example:443"), Ok("https://registry.example".into()));
        assert_eq!(check("http://127.0.0.1:7080"), Ok("http://127.0.0.1:7080".into()));
        assert_eq!(check("http://localhost:7080"), Ok("http://localhost:7080".into()));
        assert!(check("http://registry.example").is_err_and(|text| text.contains("plain HTTP")));
        assert!(check("https://auth.idp.hashicorp.com").is_err_and(|text| text.contains("is HCP")));
        for wrong in ["", "ftp://a", "https://"] {
            assert_eq!(check(wrong), Err(format!("`{wrong}` is not the address of a registry")));
        }
    }

    #[test]
    fn the_registry_of_this_machine_is_known_by_its_port() {
        let check = |local: &str, given: &str| {
            same_port_here(&local.parse().expect("a url"), &given.parse().expect("a url"))
        };
        assert!(check("https://127.0.0.1:7080", "https://localhost:7080"));
        assert!(check("https://registry.example:7080", "https://127.0.0.1:7080"));
        assert!(check("https://registry.example", "https://registry.example:443"));
        assert!(!check("https://127.0.0.1:7080", "https://127.0.0.1:7081"));
        assert!(!check("https://127.0.0.1:7080", "https://registry.example:7080"));
    }
}
