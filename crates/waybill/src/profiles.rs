//! Logins that are kept on this machine: one for each registry, in a file that only its owner can read.
//!
//! Programs that run at the same time share them. Whoever changes the file, and whoever renews tokens, holds a lock
//! meanwhile; whoever reads finds the old file or the new one, never half of one.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use waybill_api::{secret::Secret, time::DateTime};
use waybill_client::{Error as ClientError, SessionStore, SessionTokens};

use crate::{chance, environment::Environment, error::CliError};

/// All logins.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Profiles {
    /// The registry that is used when nothing names one.
    pub(crate) current: Option<String>,
    /// By the addresses of their registries: scheme, host and port.
    pub(crate) logins: BTreeMap<String, Profile>,
}

/// One login.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Profile {
    /// Who logged in; empty until the registry has said so.
    #[serde(default)]
    pub(crate) user: String,
    #[serde(default)]
    pub(crate) organization_id: Option<String>,
    access_token: Secret,
    /// None: nobody knows.
    access_expires_at: Option<DateTime>,
    refresh_token: Secret,
    /// PEM of the authority to trust besides the system's.
    #[serde(default)]
    pub(crate) ca: Option<String>,
    /// The server's certificate is not checked.
    #[serde(default)]
    pub(crate) insecure: bool,
}

/// Where they are.
#[derive(Clone, Debug)]
pub(crate) struct ProfileFile {
    path: PathBuf,
}

/// Nobody else changes the file while this lives.
struct Lock {
    _file: File,
}

/// The login at one registry, for a client.
#[derive(Debug)]
pub(crate) struct KeptLogin {
    pub(crate) file: ProfileFile,
    pub(crate) server: String,
}

/// A login that is kept no longer, for the client that ends it.
#[derive(Debug)]
pub(crate) struct ReplacedLogin(Mutex<SessionTokens>);

const FILE: &str = "profiles.json";

impl Profile {
    pub(crate) fn new(tokens: &SessionTokens, ca: Option<String>, insecure: bool) -> Self {
        let mut profile = Self {
            user: String::new(),
            organization_id: None,
            access_token: Secret::default(),
            access_expires_at: None,
            refresh_token: Secret::default(),
            ca,
            insecure,
        };
        profile.keep(tokens, chance::now());
        profile
    }

    fn keep(&mut self, tokens: &SessionTokens, now: Timestamp) {
        self.access_token = tokens.access_token.expose_secret().into();
        self.refresh_token = tokens.refresh_token.expose_secret().into();
        let lifetime = tokens.expires_in.and_then(|lifetime| SignedDuration::try_from(lifetime).ok());
        let end = lifetime.and_then(|lifetime| now.checked_add(lifetime).ok());
        self.access_expires_at = end.map(DateTime::from);
    }

    fn tokens(&self, now: Timestamp) -> SessionTokens {
        let left = self.access_expires_at.map(|end| Timestamp::from(end).duration_since(now));
        SessionTokens {
            access_token: self.access_token.expose().into(),
            refresh_token: self.refresh_token.expose().into(),
            expires_in: left.map(|left| Duration::try_from(left).unwrap_or_default()),
        }
    }
}

/// The program's folder of settings; none if there is no home.
pub(crate) fn folder(environment: &Environment) -> Option<PathBuf> {
    let given = environment.given("XDG_CONFIG_HOME").map(PathBuf::from);
    let home = environment.given("HOME").or_else(|| environment.given("USERPROFILE"));
    // A relative path is none (XDG base directory specification).
    let folder = given
        .filter(|folder| folder.is_absolute())
        .or_else(|| home.map(|home| Path::new(home).join(".config")))?;
    Some(folder.join("waybill"))
}

impl ProfileFile {
    /// `waybill/profiles.json` in the folder of settings; none if there is no such folder, since there is no home.
    pub(crate) fn of(environment: &Environment) -> Option<Self> {
        Some(Self { path: folder(environment)?.join(FILE) })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All logins; none if there is no file.
    pub(crate) fn read(&self) -> Result<Profiles, CliError> {
        let bytes = match fs_err::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Profiles::default()),
            Err(error) => return Err(CliError::usage(error.to_string())),
        };
        serde_json::from_slice(&bytes).map_err(|error| {
            // The position only: an error of the JSON reader could quote a secret.
            let at = format!("line {} column {}", error.line(), error.column());
            CliError::usage(format!("`{}` is not as `waybill login` writes it ({at})", self.path.display()))
                .hint("delete it and log in again")
        })
    }

    /// Changes the file while nobody else does.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Profiles)) -> Result<(), CliError> {
        let _lock = self.lock()?;
        let mut profiles = self.read()?;
        change(&mut profiles);
        self.write(&profiles)
    }

    fn lock(&self) -> Result<Lock, CliError> {
        let failed = |error: io::Error| CliError::user(error.to_string());
        if let Some(folder) = self.path.parent() {
            create_private_folder(folder).map_err(failed)?;
        }
        let mut options = fs_err::OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let file = options.open(self.path.with_extension("lock")).map_err(failed)?.into_file();
        file.lock().map_err(|error| {
            CliError::user(format!("cannot lock `{}`: {error}", self.path.with_extension("lock").display()))
        })?;
        Ok(Lock { _file: file })
    }

    /// Writes the file; the lock is held.
    fn write(&self, profiles: &Profiles) -> Result<(), CliError> {
        let text = serde_json::to_string_pretty(profiles)
            .map_err(|error| CliError::internal(format!("cannot write JSON: {error}")))?;
        let part = self.path.with_extension("json.part");
        let written = (|| {
            // One that a program left which was stopped has perhaps other permissions.
            match fs_err::remove_file(&part) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut file = private(&part)?;
            file.write_all(format!("{text}\n").as_bytes())?;
            file.sync_all()?;
            fs_err::rename(&part, &self.path)
        })();
        written.map_err(|error| CliError::user(error.to_string()))
    }
}

impl SessionStore for KeptLogin {
    fn load(&self) -> Result<SessionTokens, ClientError> {
        let profiles = self.file.read().map_err(client_error)?;
        let profile = profiles.logins.get(&self.server).ok_or_else(|| {
            ClientError::Config(format!("you are not logged in at {} any more", self.server))
        })?;
        Ok(profile.tokens(chance::now()))
    }

    fn lock(&self) -> Result<Box<dyn Send>, ClientError> {
        let lock = self.file.lock().map_err(client_error)?;
        Ok(Box::new(lock))
    }

    fn save(&self, tokens: &SessionTokens) -> Result<(), ClientError> {
        let mut profiles = self.file.read().map_err(client_error)?;
        // Whoever logged out meanwhile stays out.
        if let Some(profile) = profiles.logins.get_mut(&self.server) {
            profile.keep(tokens, chance::now());
            self.file.write(&profiles).map_err(client_error)?;
        }
        Ok(())
    }
}

impl ReplacedLogin {
    pub(crate) fn of(profile: &Profile) -> Self {
        Self(Mutex::new(profile.tokens(chance::now())))
    }
}

/// In memory: no other program has it.
impl SessionStore for ReplacedLogin {
    fn load(&self) -> Result<SessionTokens, ClientError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn lock(&self) -> Result<Box<dyn Send>, ClientError> {
        Ok(Box::new(()))
    }

    fn save(&self, tokens: &SessionTokens) -> Result<(), ClientError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone_from(tokens);
        Ok(())
    }
}

fn client_error(error: CliError) -> ClientError {
    ClientError::Config(error.message)
}

/// A new file that nobody else can read.
fn private(path: &Path) -> io::Result<fs_err::File> {
    let mut options = fs_err::OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    {
        use fs_err::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

fn create_private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder
        .create(folder)
        .map_err(|error| io::Error::new(error.kind(), format!("cannot make `{}`: {error}", folder.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(access: &str, refresh: &str, seconds: u64) -> SessionTokens {
        SessionTokens {
            access_token: access.into(),
            refresh_token: refresh.into(),
            expires_in: Some(Duration::from_secs(seconds)),
        }
    }

    fn file(home: &Path) -> ProfileFile {
        let home = home.display().to_string();
        ProfileFile::of(&Environment::from_pairs(&[("HOME", &home)])).expect("there is a home")
    }

    #[test]
    fn the_file_is_in_the_folder_of_settings() {
        let path = |pairs: &[(&str, &str)]| {
            ProfileFile::of(&Environment::from_pairs(pairs)).map(|file| file.path.display().to_string())
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(path(&[home]).as_deref(), Some("/home/ada/.config/waybill/profiles.json"));
        assert_eq!(
            path(&[home, ("XDG_CONFIG_HOME", "/etc/ada")]).as_deref(),
            Some("/etc/ada/waybill/profiles.json")
        );
        assert_eq!(
            path(&[home, ("XDG_CONFIG_HOME", "relative")]).as_deref(),
            Some("/home/ada/.config/waybill/profiles.json")
        );
        assert_eq!(path(&[]), None);
    }

    #[test]
    fn what_is_kept_is_found_again_and_is_private() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let file = file(home.path());
        assert!(file.read().expect("no file is no login").logins.is_empty());
        let server = "https://registry.example".to_owned();
        let profile = Profile::new(&tokens("a1", "r1", 3600), None, false);
        file.change(|profiles| {
            profiles.current = Some(server.clone());
            profiles.logins.insert(server.clone(), profile);
        })
        .expect("written");
        let kept = KeptLogin { file: file.clone(), server };
        let found = kept.load().expect("it is there");
        assert_eq!(found.access_token.expose_secret(), "a1");
        assert!(found.expires_in.is_some_and(|left| 3590 < left.as_secs() && left.as_secs() <= 3600));
        let lock = kept.lock().expect("nobody else has it");
        kept.save(&tokens("a2", "r2", 10)).expect("written");
        drop(lock);
        assert_eq!(kept.load().expect("it is there").refresh_token.expose_secret(), "r2");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode =
                |path: &Path| fs_err::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!(mode(&file.path), 0o600);
            assert_eq!(mode(file.path.parent().expect("a folder")), 0o700);
        }
        file.change(|profiles| profiles.logins.clear()).expect("written");
        kept.save(&tokens("a3", "r3", 10)).expect("nothing to write");
        assert!(kept.load().is_err(), "who has logged out stays out");
    }

    #[test]
    fn two_programs_do_not_renew_at_the_same_time() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let file = file(home.path());
        let first = file.lock().expect("nobody else has it");
        let (send, receive) = std::sync::mpsc::channel();
        let second = file.clone();
        let waiting = std::thread::spawn(move || {
            let lock = second.lock().expect("in the end");
            send.send(()).expect("somebody listens");
            drop(lock);
        });
        let early = receive.recv_timeout(Duration::from_millis(100));
        assert!(early.is_err(), "the lock was given twice");
        drop(first);
        receive.recv_timeout(Duration::from_secs(30)).expect("it is given after that");
        waiting.join().expect("it ends");
    }

    #[test]
    fn a_broken_file_is_not_quoted() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let file = file(home.path());
        fs_err::create_dir_all(file.path.parent().expect("a folder")).expect("made");
        fs_err::write(&file.path, r#"{"logins": {"https://a": {"access_token": hunter2}}}"#)
            .expect("written");
        let error = file.read().expect_err("broken");
        assert!(!error.message.contains("hunter2"), "{}", error.message);
        assert!(error.message.contains("line 1 column"), "{}", error.message);
    }
}
