//! A small world, and a scope like that of the console.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use waybill_template::{
    scope::{Functions, Scope, Surroundings},
    value::{Type, Value},
    world::{FileKind, Secret, World, WorldError},
};

/// Files and variables that are given, a clock that stands still, and no chance.
#[derive(Debug, Default)]
pub(crate) struct TestWorld {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    pub(crate) variables: BTreeMap<String, String>,
}

impl TestWorld {
    fn missing(path: &Path) -> WorldError {
        WorldError::NotFound(format!("{}: no such file or folder", path.display()))
    }
}

impl World for TestWorld {
    fn read(&self, path: &Path) -> Result<Vec<u8>, WorldError> {
        let file = path.to_str().and_then(|path| self.files.get(path));
        file.cloned().ok_or_else(|| Self::missing(path))
    }

    fn kind(&self, path: &Path) -> Result<FileKind, WorldError> {
        let is = |file: &String| Path::new(file).starts_with(path);
        match self.files.keys().find(|file| is(file)) {
            Some(file) if Path::new(file) == path => Ok(FileKind::File),
            Some(_) => Ok(FileKind::Folder),
            None => Err(Self::missing(path)),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<String>, WorldError> {
        let below = self.files.keys().filter_map(|file| Path::new(file).strip_prefix(folder).ok());
        let mut names: Vec<String> =
            below.filter_map(|path| Some(path.iter().next()?.to_str()?.to_owned())).collect();
        names.dedup();
        Ok(names)
    }

    fn working_folder(&self) -> &'static str {
        "/work"
    }

    fn home(&self) -> Option<&str> {
        Some("/home/somebody")
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn variables(&self) -> Vec<(String, String)> {
        self.variables.clone().into_iter().collect()
    }

    fn now(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn started(&self) -> Timestamp {
        Timestamp::UNIX_EPOCH
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }

    fn secret(&self, _: Secret<'_>) -> Result<String, WorldError> {
        Err(WorldError::Other("there are no secrets here".to_owned()))
    }

    fn data_source(&self, kind: &str, _: &Value) -> Result<Value, WorldError> {
        Err(WorldError::Other(format!("there is no data source {kind} here")))
    }
}

pub(crate) fn surroundings() -> Surroundings {
    surroundings_in(TestWorld::default())
}

pub(crate) fn surroundings_in(world: TestWorld) -> Surroundings {
    Surroundings { world: Arc::new(world), root: ".".into(), in_template_file: false }
}

/// The names that a console without a template has: nothing is declared, and `source` is unknown.
pub(crate) fn console_names() -> BTreeMap<Arc<str>, Value> {
    let object = |attributes: &[(&str, Value)]| {
        Value::object(attributes.iter().map(|(name, value)| (Arc::from(*name), value.clone())).collect())
    };
    let unknown = Value::Unknown(Type::String);
    let names = [
        ("build", Value::Unknown(Type::object(BTreeMap::new()))),
        ("local", object(&[])),
        (
            "packer",
            object(&[
                ("version", Value::string("1.14.3")),
                ("iterationID", unknown.clone()),
                ("versionFingerprint", unknown.clone()),
            ]),
        ),
        ("path", object(&[("cwd", Value::string("/work")), ("root", Value::string("."))])),
        ("source", object(&[("name", unknown.clone()), ("type", unknown)])),
        ("var", object(&[])),
    ];
    names.map(|(name, value)| (Arc::from(name), value)).into()
}

/// The scope of a console without a template.
pub(crate) fn console() -> Scope {
    Scope::new(console_names(), Functions::All(surroundings()))
}
