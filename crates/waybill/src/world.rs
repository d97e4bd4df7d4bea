//! The world of a template as this process sees it: its files, environment, clock and network.

mod data_source;
mod http;
mod secret;

use std::{io::Read as _, path::Path};

use jiff::Timestamp;
use waybill_template::{
    component::BuiltIn,
    value::Value,
    world::{FileKind, Secret, World, WorldError},
};

use crate::{chance, context::Context, environment::Environment, error::CliError};

/// A larger file is refused.
pub(crate) const MAX_FILE: u64 = 64 << 20;

/// This process's world.
pub(crate) struct ProgramWorld {
    environment: Environment,
    folder: String,
    started: Timestamp,
    catalog: BuiltIn,
}

impl ProgramWorld {
    pub(crate) fn new(context: &Context) -> Result<Self, CliError> {
        let folder = context.folder.to_str().ok_or_else(|| {
            CliError::user(format!(
                "the name of the working folder is not Unicode: {}",
                context.folder.display()
            ))
        })?;
        Ok(Self {
            environment: context.environment.clone(),
            folder: folder.to_owned(),
            started: chance::now(),
            catalog: BuiltIn,
        })
    }

    /// The components that can be used.
    pub(crate) fn catalog(&self) -> &BuiltIn {
        &self.catalog
    }
}

impl World for ProgramWorld {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        let full = Path::new(&self.folder).join(path);
        let file = fs_err::File::open(&full).map_err(|error| cannot(path, error))?;
        let mut bytes = Vec::new();
        file.take(MAX_FILE + 1).read_to_end(&mut bytes).map_err(|error| cannot(path, error))?;
        if bytes.len() as u64 > MAX_FILE {
            return Err(WorldError::Other(format!(
                "{} has more than {MAX_FILE} bytes, which is the limit",
                path.display()
            )));
        }
        Ok(bytes)
    }

    fn kind(&self, path: &Path) -> Result<FileKind, WorldError> {
        let found =
            fs_err::metadata(Path::new(&self.folder).join(path)).map_err(|error| cannot(path, error))?;
        Ok(match found.file_type() {
            kind if kind.is_dir() => FileKind::Folder,
            kind if kind.is_file() => FileKind::File,
            _ => FileKind::Other,
        })
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, WorldError> {
        let entries =
            fs_err::read_dir(Path::new(&self.folder).join(folder)).map_err(|error| cannot(folder, error))?;
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| cannot(folder, error))?;
            // What is not Unicode cannot be named by a template either.
            names.extend(entry.file_name().into_string().ok());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn working_folder(&self) -> &str {
        &self.folder
    }

    fn home(&self) -> Option<&str> {
        self.environment.given("HOME").or_else(|| self.environment.given("USERPROFILE"))
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.environment.get(name).map(str::to_owned)
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.environment.pairs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    fn now(&self) -> Timestamp {
        chance::now()
    }

    fn started(&self) -> Timestamp {
        self.started
    }

    fn random(&self, bytes: &mut [u8]) {
        chance::fill(bytes);
    }

    fn secret(&self, secret: Secret<'_>) -> Result<String, WorldError> {
        secret::read(secret, &self.environment)
    }

    fn data_source(&self, kind: &str, options: &Value) -> Result<Value, WorldError> {
        data_source::read(kind, options)
    }
}

/// The path is as the template gives it, and is named once.
fn cannot(path: &Path, error: impl Into<std::io::Error>) -> WorldError {
    let error: std::io::Error = error.into();
    let reason = match error.kind() {
        std::io::ErrorKind::NotFound => {
            return WorldError::NotFound(format!("{}: there is no such file or folder", path.display()));
        }
        std::io::ErrorKind::PermissionDenied => "this user may not read it".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        kind => kind.to_string(),
    };
    WorldError::Other(format!("{}: {reason}", path.display()))
}
