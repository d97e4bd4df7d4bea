//! `fileset`: the files below a folder whose paths match a pattern.

mod pattern;

use std::{cell::Cell, path::Path};

use waybill_go::path;

use self::pattern::{Broken, matches};
use super::{Arguments, Function, FunctionError, string};
use crate::{
    value::{Type, Value},
    world::{FileKind, World, WorldError},
};

/// How many names of folders are looked at in one search.
const MAX_NAMES: usize = 200_000;
/// How many steps all comparisons of one search may take: patterns with many stars take many.
const MAX_STEPS: usize = 50_000_000;

pub(super) fn table() -> Vec<Function> {
    vec![Function::new("fileset", [string("path"), string("pattern")], Type::set(Type::String), fileset)]
}

fn fileset(call: Arguments<'_>) -> Result<Value, FunctionError> {
    let (folder, pattern) = (call.text(0), call.text(1));
    let folder = if path::is_absolute(folder) {
        folder.to_owned()
    } else {
        path::join(&call.surroundings.root, folder)
    };
    let pattern = path::join(&folder, pattern);
    let search = Search::new(&*call.surroundings.world, MAX_NAMES, MAX_STEPS);
    let mut files = Vec::new();
    for file in search.all(&pattern)? {
        match call.surroundings.world.kind(Path::new(&file))? {
            FileKind::File => files.push(Value::string(relative(&path::clean(&folder), &file))),
            FileKind::Folder | FileKind::Other => {}
        }
    }
    Ok(Value::set(Type::String, files))
}

/// What is between the slashes; an escaped slash is none.
fn components(pattern: &str) -> Vec<&str> {
    let mut components = Vec::new();
    let mut rest = pattern;
    while let Some(slash) = pattern::find(rest, '/') {
        components.push(&rest[..slash]);
        rest = &rest[slash + 1..];
    }
    components.push(rest);
    components
}

/// From a folder to a file; both cleaned, and both absolute or both relative to the same folder.
fn relative(folder: &str, file: &str) -> String {
    fn parts(path: &str) -> impl Iterator<Item = &str> + Clone {
        path.split('/').filter(|part| !matches!(*part, "" | "."))
    }
    let shared = parts(folder).zip(parts(file)).take_while(|(folder, file)| folder == file).count();
    let up = parts(folder).skip(shared).map(|_| "..");
    let path = up.chain(parts(file).skip(shared)).collect::<Vec<_>>().join("/");
    if path.is_empty() { ".".to_owned() } else { path }
}

struct Search<'a> {
    world: &'a dyn World,
    /// How many more names may be looked at.
    names: usize,
    /// How many more steps comparisons may take.
    steps: Cell<usize>,
    found: Vec<String>,
}

impl<'a> Search<'a> {
    fn new(world: &'a dyn World, names: usize, steps: usize) -> Self {
        Self { world, names, steps: Cell::new(steps), found: Vec::new() }
    }

    /// Paths of what matches, folders among it.
    fn all(mut self, pattern: &str) -> Result<Vec<String>, FunctionError> {
        match components(pattern).as_slice() {
            ["", rest @ ..] => self.below("/", rest)?,
            components => self.below(".", components)?,
        }
        Ok(self.found)
    }

    /// Finds what matches the components, from this folder on.
    fn below(&mut self, folder: &str, components: &[&str]) -> Result<(), FunctionError> {
        let plain =
            components.iter().take_while(|component| !component.contains(['*', '?', '[', '{', '\\'])).count();
        let (plain, components) = components.split_at(plain);
        let folder = plain.iter().fold(folder.to_owned(), |folder, part| path::join(&folder, part));
        let Some((&component, rest)) = components.split_first() else {
            if self.is_there(&folder) {
                self.found.push(folder);
            }
            return Ok(());
        };
        let Ok(FileKind::Folder) = self.world.kind(Path::new(&folder)) else {
            return Ok(());
        };
        let names = self.world.list(Path::new(&folder))?;
        self.names = self.names.checked_sub(names.len()).ok_or_else(|| {
            FunctionError::new("there are too many names to look at, or links lead in circles")
        })?;
        if component != "**" {
            return self.among(&folder, &names, component, rest);
        }
        for name in &names {
            let path = path::join(&folder, name);
            let is_folder = match self.world.kind(Path::new(&path)) {
                Ok(kind) => kind == FileKind::Folder,
                // a link that leads nowhere
                Err(_) => continue,
            };
            if rest.is_empty() {
                self.found.push(path.clone());
            }
            if is_folder {
                self.below(&path, components)?;
            }
        }
        match rest.split_first() {
            Some((&component, rest)) => self.among(&folder, &names, component, rest),
            None => Ok(()),
        }
    }

    /// Goes on with those names of a folder that match a component, in which `**` is no more than `*`.
    fn among(
        &mut self,
        folder: &str,
        names: &[String],
        component: &str,
        rest: &[&str],
    ) -> Result<(), FunctionError> {
        for name in names {
            match matches(component, name, &self.steps) {
                Ok(false) => {}
                Ok(true) if rest.is_empty() => self.found.push(path::join(folder, name)),
                Ok(true) => self.below(&path::join(folder, name), rest)?,
                Err(Broken) if self.steps.get() == 0 => {
                    return Err(FunctionError::argument(
                        1,
                        "comparing names with the pattern takes too long",
                    ));
                }
                Err(Broken) => {
                    return Err(FunctionError::new(format!("the pattern {component:?} is broken")));
                }
            }
        }
        Ok(())
    }

    /// A link that leads nowhere is there, too.
    fn is_there(&self, path: &str) -> bool {
        match self.world.kind(Path::new(path)) {
            Ok(_) => true,
            Err(WorldError::NotFound(_)) => {
                let names = self.world.list(Path::new(&path::directory(path))).unwrap_or_default();
                names.iter().any(|name| name == path::base(path))
            }
            Err(WorldError::Other(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::memory::MemoryWorld;

    fn found(world: &MemoryWorld, pattern: &str) -> Result<Vec<String>, String> {
        Search::new(world, 1000, 10_000).all(pattern).map_err(|fault| fault.message)
    }

    #[test]
    fn folders_that_lead_into_themselves_come_to_an_end() {
        let world = MemoryWorld::new("/project").with_file("d/f", "").with_link("d/one", ".");
        assert!(found(&world, "**/f").is_ok_and(|found| 1 < found.len() && found.len() < 50));
        let world = world.with_link("d/two", ".");
        assert!(found(&world, "**/f").is_err_and(|fault| fault.contains("in circles")));
    }

    #[test]
    fn patterns_that_take_too_long_come_to_an_end() {
        let world = MemoryWorld::new("/project").with_file(&"a".repeat(200), "");
        let pattern = "*a".repeat(20) + "b";
        assert!(found(&world, &pattern).is_err_and(|fault| fault.contains("takes too long")));
    }
}
