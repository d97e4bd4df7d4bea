//! What lies outside of a template: files, environment, clock, chance, secrets.
//!
//! The program implements it; tests have a world of their own. Nothing else in this crate reaches out.

pub mod memory;

use std::path::Path;

use jiff::Timestamp;
use thiserror::Error;

use crate::value::Value;

/// Why the world refused. The text says what was asked for and why it failed, without secrets.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WorldError {
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Other(String),
}

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Folder,
    /// A socket, a device…
    Other,
}

/// A secret of another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret<'a> {
    Vault { path: &'a str, key: &'a str },
    Consul { key: &'a str },
    AwsSecretsManager { name: &'a str, key: Option<&'a str> },
    AwsSecretsManagerRaw { name: &'a str },
}

/// Paths are as the template gives them, relative ones to the working folder.
pub trait World: Send + Sync {
    /// A file's content, up to the world's limit.
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError>;
    /// What a path leads to, links followed; [`WorldError::NotFound`] if nothing is there.
    fn kind(&self, path: &Path) -> Result<FileKind, WorldError>;
    /// Names in a folder, sorted by bytes.
    fn list(&self, folder: &Path) -> Result<Vec<String>, WorldError>;
    /// The working folder, absolute.
    fn working_folder(&self) -> &str;
    /// The home folder of the user who runs the program.
    fn home(&self) -> Option<&str>;
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
    /// All variables of the environment, sorted by name.
    fn variables(&self) -> Vec<(String, String)>;
    /// The time now.
    fn now(&self) -> Timestamp;
    /// When the program started.
    fn started(&self) -> Timestamp;
    /// Fills with random bytes.
    fn random(&self, bytes: &mut [u8]);
    fn secret(&self, secret: Secret<'_>) -> Result<String, WorldError>;
    /// Reads a data source of this type with its decoded options.
    fn data_source(&self, kind: &str, options: &Value) -> Result<Value, WorldError>;
}
