//! Paths, and files as text: `abspath`, `basename`, `dirname`, `pathexpand`, `file` and `fileexists`.

use std::path::Path;

use waybill_go::path;

use super::{Arguments, Function, FunctionError, string};
use crate::{
    scope::Surroundings,
    value::{Type, Value},
    world::{FileKind, WorldError},
};

pub(super) fn table() -> Vec<Function> {
    vec![
        Function::new("abspath", [string("path")], Type::String, |call| {
            Ok(Value::string(from(call.surroundings.world.working_folder(), call.text(0))))
        }),
        Function::new("basename", [string("path")], Type::String, |call| {
            Ok(Value::string(path::base(call.text(0))))
        }),
        Function::new("dirname", [string("path")], Type::String, |call| {
            Ok(Value::string(path::directory(call.text(0))))
        }),
        Function::new("pathexpand", [string("path")], Type::String, |call| {
            Ok(Value::string(expanded(call.text(0), call.surroundings)?))
        }),
        Function::new("file", [string("path")], Type::String, |call| {
            Ok(Value::string(read(&place(call.text(0), call.surroundings)?, call.surroundings)?))
        }),
        Function::new("fileexists", [string("path")], Type::Bool, exists),
    ]
}

/// A path that is relative to this folder.
fn from(folder: &str, path: &str) -> String {
    if path::is_absolute(path) { path::clean(path) } else { path::join(folder, path) }
}

/// With the home folder in place of a `~` at the start.
fn expanded(path: &str, surroundings: &Surroundings) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else {
        return Ok(path.to_owned());
    };
    if !rest.is_empty() && !rest.starts_with(['/', '\\']) {
        return Err(FunctionError::new(format!("{path:?}: the home folder of another user is not known")));
    }
    let home = surroundings.world.home();
    let home = home.ok_or_else(|| FunctionError::new(format!("{path:?}: the home folder is not known")))?;
    Ok(path::join(home, rest))
}

/// Where a file of the template is: relative to the template's folder.
pub(super) fn place(path: &str, surroundings: &Surroundings) -> Result<String, FunctionError> {
    let path = from(&surroundings.root, &expanded(path, surroundings)?);
    Ok(if path.is_empty() { ".".to_owned() } else { path })
}

/// The text of a file.
pub(super) fn read(place: &str, surroundings: &Surroundings) -> Result<String, FunctionError> {
    let bytes = surroundings.world.read(Path::new(place))?;
    String::from_utf8(bytes).map_err(|_| {
        let message =
            format!("the content of {place} is not UTF-8, so that it is no text; filebase64 can read it");
        FunctionError::new(message)
    })
}

/// A folder is neither a file nor nothing: an error.
fn exists(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let place = place(call.text(0), call.surroundings)?;
    match call.surroundings.world.kind(Path::new(&place)) {
        Ok(FileKind::File) => Ok(Value::Bool(true)),
        Ok(FileKind::Folder) => Err(FunctionError::new(format!("{place} is a folder, not a file"))),
        Ok(FileKind::Other) => Err(FunctionError::new(format!("{place} is not a regular file"))),
        Err(WorldError::NotFound(_)) => Ok(Value::Bool(false)),
        Err(error) => Err(error.into()),
    }
}
