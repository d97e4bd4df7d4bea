//! The data folder of a registry on this machine, as far as its clients need it.
//!
//! `waybill serve` writes `owner.json` once, at its first start, and `server.json` at every start.

use std::{
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use url::{Host, Url};
use waybill_api::secret::Secret;

use crate::{environment::Environment, error::CliError};

/// A folder that a registry has used.
#[derive(Clone, Debug)]
pub(crate) struct DataFolder {
    /// Absolute.
    path: PathBuf,
}

/// The principal that owns the registry.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Owner {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) organization_id: String,
    pub(crate) project_id: String,
}

/// Where the registry was last started.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Server {
    #[serde(deserialize_with = "url")]
    url: Url,
    #[serde(default, deserialize_with = "some_url")]
    public_url: Option<Url>,
    #[serde(default)]
    certificate: Certificate,
}

/// Whose certificate the registry shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Certificate {
    /// One of its own authority, which holds for every address of this machine.
    #[default]
    Local,
    /// The operator's, which holds for the public name.
    Operator,
}

/// The folder's name when nobody gives one.
pub(crate) const DEFAULT: &str = "waybill-data";
/// The variable that gives one.
pub(crate) const VARIABLE: &str = "WAYBILL_DATA";

const OWNER: &str = "owner.json";
const SERVER: &str = "server.json";

impl DataFolder {
    /// The folder that `WAYBILL_DATA` names, or `waybill-data`, seen from `folder`.
    pub(crate) fn path(environment: &Environment, folder: &Path) -> PathBuf {
        folder.join(environment.given(VARIABLE).unwrap_or(DEFAULT))
    }

    /// The folder at `path`, if a registry has been started in it.
    ///
    /// A registry's folder that cannot be used is an error, since it is most likely the one that is meant.
    pub(crate) fn find(path: PathBuf) -> Result<Option<Self>, CliError> {
        match (has(&path, OWNER)?, has(&path, SERVER)?) {
            (true, true) => Ok(Some(Self { path })),
            (false, true) => Err(CliError::usage(format!(
                "`{}` is the data folder of a registry, but its {OWNER} with the owner's credentials is missing",
                path.display()
            ))
            .hint("it is written once: copy it from a backup, or from the server that made the installation")
            .hint("with the key of another principal, set HCP_CLIENT_ID and HCP_CLIENT_SECRET")),
            (_, false) => Ok(None),
        }
    }

    /// The folder at `path`, or what to do to get one.
    pub(crate) fn open(path: PathBuf) -> Result<Self, CliError> {
        let missing = format!("`{}` is not the data folder of a registry", path.display());
        Self::find(path)?.ok_or_else(|| {
            CliError::usage(missing)
                .hint("start the registry first: `waybill serve`")
                .hint("name another folder with --data or WAYBILL_DATA")
        })
    }

    pub(crate) fn owner(&self) -> Result<Owner, CliError> {
        self.read(OWNER)
    }

    pub(crate) fn server(&self) -> Result<Server, CliError> {
        self.read(SERVER)
    }

    /// The file with the system's roots and the registry's own authority. There is none when the operator's own
    /// certificate has always been used.
    pub(crate) fn bundle(&self) -> Option<PathBuf> {
        Some(self.path.join("tls").join("bundle.pem")).filter(|path| path.is_file())
    }

    /// The certificate of the registry's own authority, if it has one.
    pub(crate) fn authority(&self) -> Option<PathBuf> {
        Some(self.path.join("tls").join("ca.pem")).filter(|path| path.is_file())
    }

    /// Says where a registry answers. Whoever reads finds the old file or the new one, never half of one.
    pub(crate) fn write_server(
        folder: &Path,
        url: &str,
        public_url: Option<&str>,
        certificate: Certificate,
    ) -> Result<(), CliError> {
        let text = serde_json::json!({
            "url": url,
            "public_url": public_url,
            "certificate": certificate,
            "pid": std::process::id(),
        });
        let part = folder.join(format!("{SERVER}.part"));
        fs_err::write(&part, format!("{text:#}\n"))
            .and_then(|()| fs_err::rename(&part, folder.join(SERVER)))
            .map_err(|error| CliError::user(error.to_string()))
    }

    fn read<T: for<'de> Deserialize<'de>>(&self, name: &str) -> Result<T, CliError> {
        serde_json::from_slice(&self.bytes(name)?).map_err(|error| {
            // The position only: an error of the JSON reader could quote a secret.
            let at = format!("line {} column {}", error.line(), error.column());
            CliError::usage(format!(
                "`{}` is not as `waybill serve` writes it ({at})",
                self.path.join(name).display()
            ))
        })
    }

    fn bytes(&self, name: &str) -> Result<Vec<u8>, CliError> {
        let path = self.path.join(name);
        fs_err::read(&path).map_err(|error| {
            let denied = error.kind() == io::ErrorKind::PermissionDenied;
            let error = CliError::usage(error.to_string());
            if denied { error.hint(DENIED) } else { error }
        })
    }
}

const DENIED: &str = "only the user who runs the registry can read it; others set HCP_CLIENT_ID and so on";

/// Whether the folder has the file, as far as we may look.
fn has(folder: &Path, name: &str) -> Result<bool, CliError> {
    match fs_err::metadata(folder.join(name)) {
        Ok(metadata) => Ok(metadata.is_file()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            Err(CliError::usage(format!("`{}` cannot be looked into: permission denied", folder.display()))
                .hint(DENIED))
        }
        Err(_) => Ok(false),
    }
}

impl Server {
    /// The address for programs on this machine: one that the certificate holds for.
    pub(crate) fn local(&self) -> Url {
        match (&self.public_url, self.certificate) {
            (Some(public), Certificate::Operator) => public.clone(),
            _ => reachable(&self.url),
        }
    }

    /// The address for everybody: the public one, if the registry has one.
    pub(crate) fn public(&self) -> Url {
        self.public_url.clone().unwrap_or_else(|| self.local())
    }
}

fn url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Url, D::Error> {
    some_url(deserializer)?.ok_or_else(|| D::Error::custom("no address"))
}

fn some_url<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Url>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    Url::parse(&text).ok().filter(Url::has_host).map(Some).ok_or_else(|| D::Error::custom("no address"))
}

/// An address that can be connected to: a server that listens everywhere is also on this machine.
fn reachable(url: &Url) -> Url {
    let everywhere = match url.host() {
        Some(Host::Ipv4(address)) => address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_unspecified(),
        _ => false,
    };
    let mut reachable = url.clone();
    if everywhere {
        reachable.set_host(Some("localhost")).expect("localhost is a host");
    }
    reachable
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_reached_here() {
        let check = |url: &str| reachable(&url.parse().expect("a url")).to_string();
        assert_eq!(check("https://0.0.0.0:7080"), "https://localhost:7080/");
        assert_eq!(check("https://[::]:7080"), "https://localhost:7080/");
        assert_eq!(check("https://10.1.2.3:7080"), "https://10.1.2.3:7080/");
        assert_eq!(check("https://registry.example"), "https://registry.example/");
    }

    #[test]
    fn the_address_is_one_that_the_certificate_holds_for() {
        let check = |text: &str| {
            let server: Server = serde_json::from_str(text).expect("as the server writes it");
            (server.local().to_string(), server.public().to_string())
        };
        let both = |local: &str, public: &str| (local.to_owned(), public.to_owned());
        let (here, there) = ("https://127.0.0.1:7080/", "https://registry.example/");
        assert_eq!(check(r#"{"url": "https://127.0.0.1:7080", "public_url": null}"#), both(here, here));
        let public = r#""url": "https://127.0.0.1:7080", "public_url": "https://registry.example""#;
        assert_eq!(check(&format!("{{{public}}}")), both(here, there));
        assert_eq!(check(&format!(r#"{{{public}, "certificate": "operator"}}"#)), both(there, there));
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let secret = r#"{"client_id": "a", "client_secret": "hunter2", "organization_id": hunter2}"#;
        fs_err::write(folder.path().join(OWNER), secret).expect("written");
        fs_err::write(folder.path().join(SERVER), "{}").expect("written");
        let data = DataFolder::open(folder.path().to_owned()).expect("both files are there");
        let error = data.owner().expect_err("broken");
        assert!(!error.message.contains("hunter2"), "{}", error.message);
        assert!(error.message.contains("line 1 column"), "{}", error.message);
    }

    #[test]
    fn a_folder_without_a_registry_is_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = DataFolder::open(folder.path().to_owned()).expect_err("empty");
        assert_eq!(error.exit_code(), 2);
        assert!(error.hints[0].contains("waybill serve"));
    }

    #[test]
    fn a_folder_without_its_owner_is_told() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs_err::write(folder.path().join(SERVER), "{}").expect("written");
        let error = DataFolder::find(folder.path().to_owned()).expect_err("no owner.json");
        assert!(error.message.contains("owner.json"), "{}", error.message);
        fs_err::remove_file(folder.path().join(SERVER)).expect("removed");
        assert!(DataFolder::find(folder.path().to_owned()).expect("nothing is there").is_none());
    }

    #[test]
    fn the_folder_has_a_default() {
        let here = Path::new("/here");
        let path = |pairs| DataFolder::path(&Environment::from_pairs(pairs), here);
        assert_eq!(path(&[]), Path::new("/here/waybill-data"));
        assert_eq!(path(&[("WAYBILL_DATA", "")]), Path::new("/here/waybill-data"));
        assert_eq!(path(&[("WAYBILL_DATA", "other")]), Path::new("/here/other"));
        assert_eq!(path(&[("WAYBILL_DATA", "/srv/waybill")]), Path::new("/srv/waybill"));
    }
}
