//! Which registry to talk to and as whom: the HCP clients' variables and files, or a registry on this
//! machine.
//!
//! The first of these that there is:
//!
//! 1. variables: `HCP_CLIENT_ID` with `HCP_CLIENT_SECRET`;
//! 2. the credential file that `HCP_CRED_FILE` names;
//! 3. the data folder that `WAYBILL_DATA` names;
//! 4. a login: of the registry that variables name, else the last one;
//! 5. the credential file `.config/hcp/cred_file.json` of the home folder;
//! 6. the data folder `waybill-data` of the working folder.
//!
//! With 1, 2 and 5 the addresses come from variables too, and default to HCP's, where Waybill's own credentials
//! are never sent. A login brings the address of its registry. A data folder brings its own address and its own certificate authority, and is passed over
//! when variables name another address. One that `WAYBILL_DATA` names must then be one.
//! `HCP_ORGANIZATION_ID` and `HCP_PROJECT_ID` count in every case.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use url::Url;
use waybill_client::{Config, CredentialFile, Credentials, Endpoint, Identity, Roots, Tls};
use waybill_server::tls::with_system_roots;

use crate::{
    data_folder::{DEFAULT, DataFolder, VARIABLE},
    environment::Environment,
    error::CliError,
    profiles::{KeptLogin, Profile, ProfileFile, ReplacedLogin},
    workload::workload,
};

/// Everything that is known before the first request.
#[derive(Clone, Debug)]
pub(crate) struct Connection {
    pub(crate) api: Endpoint,
    pub(crate) auth: Endpoint,
    identity: Identity,
    roots: Roots,
    pub(crate) organization_id: Option<String>,
    pub(crate) project_id: Option<String>,
    pub(crate) source: Source,
}

/// Where the credentials come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Variables,
    File(PathBuf),
    DataFolder(PathBuf),
    Login { user: String, server: String },
}

/// Variables that name a server. With one of them, a data folder is not what is meant.
const ADDRESSES: [&str; 3] = ["HCP_API_ADDRESS", "HCP_API_HOST", "HCP_AUTH_URL"];

impl Connection {
    pub(crate) fn find(environment: &Environment, folder: &Path) -> Result<Self, CliError> {
        if let (Some(id), Some(secret)) =
            (environment.given("HCP_CLIENT_ID"), environment.given("HCP_CLIENT_SECRET"))
        {
            return Self::from_variables(
                environment,
                folder,
                CredentialFile::Key(Credentials::new(id, secret)),
                Source::Variables,
            );
        }
        if let Some(name) = environment.given("HCP_CRED_FILE") {
            let path = folder.join(name);
            let read = read_credentials(&path)?;
            let credentials = read.ok_or_else(|| {
                CliError::usage(format!(
                    "HCP_CRED_FILE names `{}`, and there is no such file",
                    path.display()
                ))
            })?;
            return Self::from_variables(environment, folder, credentials, Source::File(path));
        }
        let elsewhere = ADDRESSES.into_iter().find(|name| environment.given(name).is_some());
        let path = DataFolder::path(environment, folder);
        if elsewhere.is_none() && environment.given(VARIABLE).is_some() {
            let data = DataFolder::find(path.clone())?.ok_or_else(|| {
                let problem = format!(
                    "{VARIABLE} names `{}`, which is not the data folder of a registry",
                    path.display()
                );
                CliError::usage(problem)
                    .hint(format!("start a registry in it with `waybill serve`, or unset {VARIABLE}"))
            })?;
            return Self::of_data(environment, folder, &data, path);
        }
        if let Some(connection) = Self::of_login(environment, folder)? {
            return Ok(connection);
        }
        if let Some(path) = default_credential_file(environment)
            && let Some(credentials) = read_credentials(&path)?
        {
            return Self::from_variables(environment, folder, credentials, Source::File(path));
        }
        match (DataFolder::find(path.clone()), elsewhere) {
            (Ok(Some(data)), None) => Self::of_data(environment, folder, &data, path),
            (Ok(Some(_)), Some(name)) => Err(nothing_found(environment).hint(format!(
                "`{}` was passed over because {name} is set: unset it, or take all variables from there with \
                 `eval \"$(waybill env)\"`",
                path.display()
            ))),
            (Err(error), None) => Err(error),
            (Ok(None) | Err(_), _) => Err(nothing_found(environment)),
        }
    }

    /// The client's settings.
    pub(crate) fn config(&self) -> Config {
        config(&self.api, &self.auth, self.identity.clone(), self.roots.clone())
    }

    /// The file of root certificates for programs that trust those of a file instead of the system's, if they need
    /// one. That of a login is made here.
    pub(crate) fn bundle(
        &self,
        environment: &Environment,
        folder: &Path,
    ) -> Result<Option<PathBuf>, CliError> {
        let (Roots::SystemAnd(ca), Some(file)) = (&self.roots, ProfileFile::of(environment)) else {
            return Ok(environment.given("SSL_CERT_FILE").map(|name| folder.join(name)));
        };
        let text = with_system_roots(ca)
            .ok_or_else(|| CliError::usage("the certificate authority of the login is not PEM"))?;
        let host = self.api.url.host_str().unwrap_or_default().replace(|c: char| !c.is_alphanumeric(), "-");
        let port = self.api.url.port_or_known_default().unwrap_or(443);
        let path = file.path().with_file_name(format!("roots-{host}-{port}.pem"));
        fs_err::write(&path, text).map_err(|error| CliError::user(error.to_string()))?;
        Ok(Some(path))
    }

    fn from_variables(
        environment: &Environment,
        folder: &Path,
        credentials: CredentialFile,
        source: Source,
    ) -> Result<Self, CliError> {
        let mut home = None;
        let identity = match credentials {
            CredentialFile::Key(key) => {
                if key.are_waybills() {
                    stay_away_from_hcp(environment)?;
                }
                key.into()
            }
            CredentialFile::Workload(file) => {
                // Its principal is of this project, and can do nothing elsewhere.
                home = Some(file.provider.project_id.clone());
                Identity::Workload(Box::new(workload(file, environment, folder)?))
            }
        };
        let (default_api, default_auth) = hcp_addresses(environment)?;
        let api = environment
            .given("HCP_API_HOST")
            .map(|host| host.strip_prefix("https://").unwrap_or(host))
            .or(environment.given("HCP_API_ADDRESS"))
            .unwrap_or(default_api);
        let auth = environment.given("HCP_AUTH_URL").unwrap_or(default_auth);
        let roots = given_roots(environment, folder)?.unwrap_or_default();
        let (organization_id, project_id) = location(environment)?;
        Ok(Self {
            api: Endpoint::api(api, environment.get("HCP_API_TLS"))?,
            auth: Endpoint::auth(auth, environment.get("HCP_AUTH_TLS"))?,
            identity,
            roots,
            organization_id,
            project_id: project_id.or(home),
            source,
        })
    }

    /// The login at the registry that variables name, or the last one.
    fn of_login(environment: &Environment, folder: &Path) -> Result<Option<Self>, CliError> {
        let Some(file) = ProfileFile::of(environment) else { return Ok(None) };
        let profiles = file.read()?;
        let named = named_servers(environment);
        // Variables that name several registries do not mean any login.
        let server = match named.split_first() {
            None => profiles.current,
            Some((first, others)) => first.clone().filter(|_| others.iter().all(|other| other == first)),
        };
        let Some(server) = server else { return Ok(None) };
        let Some(profile) = profiles.logins.get(&server) else { return Ok(None) };
        Self::of_profile(environment, folder, &file, &server, profile).map(Some)
    }

    /// The registry of a login, as whoever logged in there.
    pub(crate) fn of_profile(
        environment: &Environment,
        folder: &Path,
        file: &ProfileFile,
        server: &str,
        profile: &Profile,
    ) -> Result<Self, CliError> {
        let url = Url::parse(server).map_err(|_| {
            CliError::usage(format!(
                "`{}` has a login at `{server}`, which is no address",
                file.path().display()
            ))
        })?;
        let tls = if profile.insecure { Tls::Insecure } else { Tls::Verified };
        let endpoint = Endpoint::new(url, tls);
        let (organization_id, project_id) = location(environment)?;
        let store = KeptLogin { file: file.clone(), server: server.to_owned() };
        Ok(Self {
            api: endpoint.clone(),
            auth: endpoint,
            identity: Identity::Session(Arc::new(store)),
            roots: login_roots(profile.ca.as_deref(), environment, folder)?,
            organization_id: organization_id.or(profile.organization_id.clone()),
            project_id,
            source: Source::Login { user: profile.user.clone(), server: server.to_owned() },
        })
    }

    /// The same registry, as whoever had the login that another one replaces.
    pub(crate) fn of_replaced(mut self, profile: &Profile) -> Self {
        self.identity = Identity::Session(Arc::new(ReplacedLogin::of(profile)));
        self
    }

    /// The registry of a data folder on this machine, as its owner.
    pub(crate) fn of_data(
        environment: &Environment,
        folder: &Path,
        data: &DataFolder,
        path: PathBuf,
    ) -> Result<Self, CliError> {
        let owner = data.owner()?;
        let endpoint = Endpoint::new(data.server()?.local(), Tls::Verified);
        // Address and trust come from the folder together: a variable that names the system's roots, as many machines
        // have it, says nothing about this registry.
        let roots = match data.bundle() {
            Some(bundle) => Roots::Only(read_roots(&bundle)?),
            None => given_roots(environment, folder)?.unwrap_or_default(),
        };
        let (organization_id, project_id) = location(environment)?;
        Ok(Self {
            api: endpoint.clone(),
            auth: endpoint,
            identity: Credentials::new(owner.client_id, owner.client_secret.expose()).into(),
            roots,
            organization_id: organization_id.or(Some(owner.organization_id)),
            project_id: project_id.or(Some(owner.project_id)),
            source: Source::DataFolder(path),
        })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Variables => f.write_str("HCP_CLIENT_ID and HCP_CLIENT_SECRET"),
            Source::File(path) => write!(f, "the credential file `{}`", path.display()),
            Source::DataFolder(path) => write!(f, "the data folder `{}`", path.display()),
            Source::Login { user, server } if user.is_empty() => write!(f, "the login at {server}"),
            Source::Login { user, server } => write!(f, "the login of {user} at {server}"),
        }
    }
}

fn config(api: &Endpoint, auth: &Endpoint, identity: Identity, roots: Roots) -> Config {
    let mut config = Config::new(api.clone(), auth.clone(), identity);
    config.roots = roots;
    concat!("waybill/", env!("CARGO_PKG_VERSION")).clone_into(&mut config.agent);
    config.backoff.jitter = crate::chance::fraction;
    config
}

/// The settings of a client that is about to log in.
pub(crate) fn login_config(
    endpoint: &Endpoint,
    ca: Option<&str>,
    environment: &Environment,
    folder: &Path,
) -> Result<Config, CliError> {
    let roots = login_roots(ca, environment, folder)?;
    Ok(config(endpoint, endpoint, Credentials::new("", "").into(), roots))
}

/// The authority of a login comes in addition to the system's: so does its registry's address.
fn login_roots(ca: Option<&str>, environment: &Environment, folder: &Path) -> Result<Roots, CliError> {
    match ca {
        Some(ca) => Ok(Roots::SystemAnd(ca.as_bytes().to_vec())),
        None => Ok(given_roots(environment, folder)?.unwrap_or_default()),
    }
}

/// The registries that variables name.
fn named_servers(environment: &Environment) -> Vec<Option<String>> {
    let named = ADDRESSES.into_iter().filter_map(|name| environment.given(name));
    let server = |address: &str| {
        let full = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
        Url::parse(&full).map(|url| url.origin().ascii_serialization()).ok()
    };
    named.map(server).collect()
}

/// Organization and project from variables. One that is there but empty beside one with a value is a mistake
/// in somebody's script.
fn location(environment: &Environment) -> Result<(Option<String>, Option<String>), CliError> {
    let names = ["HCP_ORGANIZATION_ID", "HCP_PROJECT_ID"];
    let [organization, project] = names.map(|name| environment.given(name).map(str::to_owned));
    for (name, value, other) in [(names[0], &organization, &project), (names[1], &project, &organization)] {
        if environment.is_set(name) && value.is_none() && other.is_some() {
            return Err(CliError::usage(format!("{name} is set but empty")));
        }
    }
    Ok((organization, project))
}

/// HCP's own addresses of API and token service.
fn hcp_addresses(environment: &Environment) -> Result<(&'static str, &'static str), CliError> {
    match environment.given("HCP_GEOGRAPHY") {
        None | Some("us") => Ok(("api.cloud.hashicorp.com:443", "https://auth.idp.hashicorp.com")),
        Some("eu") => Ok(("api.cloud.eu.hashicorp.com:443", "https://auth.idp.eu.hashicorp.com")),
        Some(other) => Err(CliError::usage(format!("HCP_GEOGRAPHY is `{other}`: it is `us` or `eu`"))),
    }
}

/// Waybill's credentials are nothing to HCP: whoever has them there has forgotten to say where the registry is.
fn stay_away_from_hcp(environment: &Environment) -> Result<(), CliError> {
    let api = environment.given("HCP_API_HOST").or(environment.given("HCP_API_ADDRESS"));
    for (name, value) in [("HCP_AUTH_URL", environment.given("HCP_AUTH_URL")), ("HCP_API_ADDRESS", api)] {
        let problem = match value {
            None => format!("{name} is not set, and the credentials are Waybill's, which HCP must not see"),
            Some(value) if is_hcps(value) => {
                format!("{name} is `{value}`, and the credentials are Waybill's, which HCP must not see")
            }
            Some(_) => continue,
        };
        return Err(CliError::usage(problem)
            .hint("on the machine of the registry, `eval \"$(waybill env)\"` sets all the variables")
            .hint(format!("elsewhere set {name} to the registry's address")));
    }
    Ok(())
}

/// True for an address at HashiCorp's.
pub(crate) fn is_hcps(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host_and_port = authority.rsplit('@').next().unwrap_or_default();
    let host = host_and_port.split(':').next().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase();
    ["hashicorp.com", "hashicorp.cloud"].iter().any(|domain| {
        host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    })
}

fn default_credential_file(environment: &Environment) -> Option<PathBuf> {
    let home = environment.given("HOME").or_else(|| environment.given("USERPROFILE"))?;
    Some(Path::new(home).join(".config/hcp/cred_file.json"))
}

/// The credentials in the file; none if there is no file.
fn read_credentials(path: &Path) -> Result<Option<CredentialFile>, CliError> {
    let text = match fs_err::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(CliError::usage(error.to_string())),
    };
    CredentialFile::from_text(&text)
        .map(Some)
        .map_err(|error| CliError::usage(format!("the credential file `{}` {error}", path.display())))
}

/// The roots that `SSL_CERT_FILE` names.
fn given_roots(environment: &Environment, folder: &Path) -> Result<Option<Roots>, CliError> {
    let Some(name) = environment.given("SSL_CERT_FILE") else { return Ok(None) };
    Ok(Some(Roots::Only(read_roots(&folder.join(name))?)))
}

fn read_roots(path: &Path) -> Result<Vec<u8>, CliError> {
    fs_err::read(path).map_err(|error| CliError::usage(format!("root certificates: {error}")))
}

fn nothing_found(environment: &Environment) -> CliError {
    let half =
        ["HCP_CLIENT_ID", "HCP_CLIENT_SECRET"].into_iter().find(|name| environment.given(name).is_some());
    let error = CliError::usage(match half {
        Some(name) => format!("{name} is set, but HCP_CLIENT_ID and HCP_CLIENT_SECRET are needed together"),
        None => "no credentials for a registry were found".to_owned(),
    });
    let logins = ProfileFile::of(environment).and_then(|file| file.read().ok()).unwrap_or_default().logins;
    let error = if half.is_none() && !logins.is_empty() {
        let servers: Vec<String> = logins.into_keys().collect();
        error.hint(format!(
            "you are logged in at {}: without HCP_AUTH_URL, HCP_API_ADDRESS and HCP_API_HOST, which name another \
             registry, the last login is used",
            servers.join(", ")
        ))
    } else {
        error
    };
    let error = error.hint("log in as yourself: `waybill login --url https://HOST:PORT`");
    error.hint("set HCP_CLIENT_ID and HCP_CLIENT_SECRET, or HCP_CRED_FILE").hint(format!(
        "on the machine of the registry, run this beside its `{DEFAULT}` folder or set {VARIABLE}"
    ))
}

#[cfg(test)]
mod tests;
