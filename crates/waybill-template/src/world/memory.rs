//! A world in memory: for tests, and wherever a template must not see more than it is given.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use jiff::Timestamp;
use waybill_go::path;

use super::{FileKind, Secret, World, WorldError};
use crate::value::Value;

/// Files, links, variables and secrets that are told before; a clock that stands still; bytes that only seem random.
#[derive(Debug)]
pub struct MemoryWorld {
    working_folder: String,
    home: Option<String>,
    /// By absolute, cleaned path. Folders are there because files are in them.
    files: BTreeMap<String, Entry>,
    variables: BTreeMap<String, String>,
    /// By what [`secret_name`] says.
    secrets: BTreeMap<String, String>,
    now: Timestamp,
    started: Timestamp,
    /// How many random bytes were taken.
    taken: AtomicU64,
}

#[derive(Clone, Debug)]
enum Entry {
    File(Vec<u8>),
    Folder,
    Link(String),
}

/// How many links lead on before they are taken for a circle.
const MAX_LINKS: usize = 40;

impl MemoryWorld {
    /// An empty folder to work in; 2006-01-02T15:04:05Z.
    pub fn new(working_folder: &str) -> Self {
        let time = Timestamp::from_second(1_136_214_245).expect("is within the range");
        Self {
            working_folder: working_folder.to_owned(),
            home: None,
            files: BTreeMap::from([(path::clean(working_folder), Entry::Folder)]),
            variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            now: time,
            started: time,
            taken: AtomicU64::new(0),
        }
    }

    #[must_use]
    pub fn with_file(self, path: &str, content: impl Into<Vec<u8>>) -> Self {
        self.with_entry(path, Entry::File(content.into()))
    }

    #[must_use]
    pub fn with_folder(self, path: &str) -> Self {
        self.with_entry(path, Entry::Folder)
    }

    /// A symbolic link, relative to its folder.
    #[must_use]
    pub fn with_link(self, path: &str, target: &str) -> Self {
        self.with_entry(path, Entry::Link(target.to_owned()))
    }

    #[must_use]
    pub fn with_home(mut self, home: &str) -> Self {
        self.home = Some(home.to_owned());
        self
    }

    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    #[must_use]
    pub fn with_secret(mut self, secret: Secret<'_>, value: &str) -> Self {
        self.secrets.insert(secret_name(secret), value.to_owned());
        self
    }

    #[must_use]
    pub fn at(mut self, now: Timestamp, started: Timestamp) -> Self {
        (self.now, self.started) = (now, started);
        self
    }

    fn with_entry(mut self, path: &str, entry: Entry) -> Self {
        let path = self.absolute(path);
        let mut folder = path::directory(&path);
        while !self.files.contains_key(&folder) {
            self.files.insert(folder.clone(), Entry::Folder);
            folder = path::directory(&folder);
        }
        self.files.insert(path, entry);
        self
    }

    fn absolute(&self, path: &str) -> String {
        if path::is_absolute(path) { path::clean(path) } else { path::join(&self.working_folder, path) }
    }

    /// What is at a path after all links, and where that is.
    fn resolve(&self, path: &Path) -> Result<(String, &Entry), WorldError> {
        let told = path.to_string_lossy();
        let nothing = || WorldError::NotFound(format!("no file exists at {told}"));
        let mut path = self.absolute(&told);
        for _ in 0..MAX_LINKS {
            let Some((link, target)) = self.first_link(&path) else {
                let entry = self.files.get(&path).ok_or_else(|| self.missing(&path, &told))?;
                return Ok((path, entry));
            };
            let rest = &path[link.len()..];
            let target = if path::is_absolute(target) {
                target.to_owned()
            } else {
                path::join(&path::directory(link), target)
            };
            path = path::join(&target, rest);
        }
        Err(nothing())
    }

    fn first_link<'a>(&'a self, path: &str) -> Option<(&'a str, &'a str)> {
        let ends = path.char_indices().filter(|&(at, c)| c == '/' && 0 < at).map(|(at, _)| at);
        ends.chain([path.len()]).find_map(|end| match self.files.get_key_value(&path[..end]) {
            Some((link, Entry::Link(target))) => Some((link.as_str(), target.as_str())),
            _ => None,
        })
    }

    fn missing(&self, path: &str, told: &str) -> WorldError {
        let mut folder = path::directory(path);
        while folder != "/" && folder != "." {
            if let Some(Entry::File(_)) = self.files.get(&folder) {
                return WorldError::Other(format!("{told}: not a directory"));
            }
            folder = path::directory(&folder);
        }
        WorldError::NotFound(format!("no file exists at {told}"))
    }
}

/// How a secret is found again.
fn secret_name(secret: Secret<'_>) -> String {
    format!("{secret:?}")
}

impl World for MemoryWorld {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        match self.resolve(path)?.1 {
            Entry::File(content) => Ok(content.clone()),
            _ => Err(WorldError::Other(format!("{} is a folder, not a file", path.display()))),
        }
    }

    fn kind(&self, path: &Path) -> Result<FileKind, WorldError> {
        Ok(match self.resolve(path)?.1 {
            Entry::File(_) => FileKind::File,
            Entry::Folder | Entry::Link(_) => FileKind::Folder,
        })
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, WorldError> {
        let (path, Entry::Folder) = self.resolve(folder)? else {
            return Err(WorldError::Other(format!("{} is not a folder", folder.display())));
        };
        let inside = if path == "/" { path } else { format!("{path}/") };
        let below = self.files.range(inside.clone()..).map_while(|(path, _)| path.strip_prefix(&inside));
        Ok(below.filter(|name| !name.is_empty() && !name.contains('/')).map(str::to_owned).collect())
    }

    fn working_folder(&self) -> &str {
        &self.working_folder
    }

    fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone().into_iter().collect()
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn started(&self) -> Timestamp {
        self.started
    }

    /// Counts, so that no two calls give the same bytes, but two runs do.
    fn random(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.taken.fetch_add(1, Ordering::Relaxed).to_le_bytes()[0];
        }
    }

    fn secret(&self, secret: Secret<'_>) -> Result<String, WorldError> {
        let name = secret_name(secret);
        self.secrets
            .get(&name)
            .cloned()
            .ok_or_else(|| WorldError::NotFound(format!("there is no secret {name}")))
    }

    fn data_source(&self, kind: &str, _options: &Value) -> Result<Value, WorldError> {
        Err(WorldError::Other(format!("there is no data source of type {kind}")))
    }
}
