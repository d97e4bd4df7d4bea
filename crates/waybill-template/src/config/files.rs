//! Which files make a template, and reading them.

use std::{path::Path, sync::Arc};

use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    source::{FileId, Sources, Span},
    syntax::{
        self,
        body::parse_json_body,
        encoding,
        tree::{Body, BodyKind},
    },
    world::{FileKind, World},
};

/// The endings of template files: the native form, then the JSON form.
const TEMPLATES: [&str; 2] = [".pkr.hcl", ".pkr.json"];
/// The endings of variable files that are read without being named.
const AUTOMATIC: [&str; 2] = [".auto.pkrvars.hcl", ".auto.pkrvars.json"];

/// The files of a template, in the order they are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    pub templates: Vec<String>,
    pub automatic: Vec<String>,
    /// `path.root`
    pub root: String,
}

/// True if a path is an HCL2 template by its name, or a folder.
pub fn is_template(path: &str, world: &dyn World) -> bool {
    has_template_ending(path) || world.kind(Path::new(path)).is_ok_and(|kind| kind == FileKind::Folder)
}

pub fn has_template_ending(path: &str) -> bool {
    TEMPLATES.iter().any(|ending| path.ends_with(ending))
}

/// The files that a path stands for: a folder, or one file.
pub fn find(path: &str, world: &dyn World) -> Result<Files, Diagnostic> {
    let kind = world.kind(Path::new(path)).map_err(|error| {
        Diagnostic::error("Cannot find the template", format!("`{path}` cannot be read: {error}."))
    })?;
    if kind != FileKind::Folder {
        let root = parent(path).to_owned();
        return Ok(Files { templates: vec![path.to_owned()], automatic: Vec::new(), root });
    }
    let names = world.list(Path::new(path)).map_err(|error| {
        Diagnostic::error("Cannot read the folder", format!("`{path}` cannot be listed: {error}."))
    })?;
    let with = |ending: &str| {
        let fitting = names.iter().filter(move |name| name.ends_with(ending));
        fitting.map(|name| join(path, name)).filter(|path| is_file(path, world)).collect::<Vec<_>>()
    };
    let templates = TEMPLATES.into_iter().flat_map(with).collect::<Vec<_>>();
    if templates.is_empty() {
        return Err(Diagnostic::error(
            "No template in the folder",
            format!("`{path}` has no file whose name ends in `.pkr.hcl` or `.pkr.json`."),
        ));
    }
    Ok(Files { templates, automatic: AUTOMATIC.into_iter().flat_map(with).collect(), root: path.to_owned() })
}

fn is_file(path: &str, world: &dyn World) -> bool {
    world.kind(Path::new(path)).is_ok_and(|kind| kind != FileKind::Folder)
}

/// The folder part of a file's path; `.` for a bare name.
fn parent(path: &str) -> &str {
    match Path::new(path).parent().and_then(Path::to_str) {
        None | Some("") => ".",
        Some(parent) => parent,
    }
}

/// A path in a folder, without a `./` in front.
fn join(folder: &str, name: &str) -> String {
    match folder.trim_end_matches('/').trim_start_matches("./") {
        "" if folder.starts_with('/') => format!("/{name}"),
        "" | "." => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// Reads and parses one file by its ending. Faults are told; `None` if nothing could be understood.
pub(super) fn parse(
    path: &str,
    world: &dyn World,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Arc<Body>> {
    let (file, text) = read(path, world, sources, diagnostics)?;
    if has_ending(path, ".json") {
        Some(parse_json_body(file, &text, diagnostics))
    } else {
        let body = syntax::parse_body(file, &text, diagnostics);
        sources.set_blocks(file, blocks(&body));
        Some(body)
    }
}

/// True if a path ends so, in this very case: Packer compares so, too.
fn has_ending(path: &str, ending: &str) -> bool {
    path.ends_with(ending)
}

/// The blocks at the top of a file, each with its header.
fn blocks(body: &Body) -> Vec<(Span, Span)> {
    match &body.kind {
        BodyKind::Native { blocks, .. } => {
            blocks.iter().map(|block| (block.header.to(block.close), block.header)).collect()
        }
        _ => Vec::new(),
    }
}

fn read(
    path: &str,
    world: &dyn World,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Option<(FileId, Arc<str>)> {
    let bytes = match world.read(Path::new(path)) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                "Cannot read the file",
                format!("`{path}` cannot be read: {error}."),
            ));
            return None;
        }
    };
    let decoded = encoding::decode(&bytes);
    let text: Arc<str> = decoded.text.as_str().into();
    let file = sources.add(path, Arc::clone(&text));
    if has_ending(path, ".json") {
        decoded.check(file, diagnostics);
    } else {
        decoded.check_code(file, diagnostics);
    }
    Some((file, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_in_a_folder_are_as_short_as_they_can_be() {
        for (folder, expected) in [
            (".", "a"),
            ("./", "a"),
            ("conf", "conf/a"),
            ("./conf/", "conf/a"),
            ("/", "/a"),
            ("/etc", "/etc/a"),
            ("..", "../a"),
        ] {
            assert_eq!(join(folder, "a"), expected, "{folder}");
        }
    }
}
