//! What `cargo metadata` says, as far as the checks need it.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde_json::Value;

/// All crates of the workspace and of what it depends on.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    root: String,
    crates: BTreeMap<String, Crate>,
}

#[derive(Debug, Default)]
pub(super) struct Crate {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) licence: Option<String>,
    /// `None` for a crate of the workspace.
    pub(super) source: Option<String>,
    /// Ids of what the crate itself needs, build scripts included.
    needs: BTreeSet<String>,
    /// Ids of what only its tests need.
    tests_need: BTreeSet<String>,
}

/// A made-up crate: name, licence, source, what it needs, what its tests need.
#[cfg(test)]
pub(super) type Example<'a> = (&'a str, &'a str, Option<&'a str>, &'a [&'a str], &'a [&'a str]);

impl Metadata {
    pub(super) fn parse(json: &[u8]) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_slice(json).context("cargo metadata is not JSON")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let mut crates = BTreeMap::new();
        for package in value["packages"].as_array().context("no `packages`")? {
            let id = text(&package["id"]).context("a package without id")?;
            let known = Crate {
                name: text(&package["name"]).context("a package without name")?,
                version: text(&package["version"]).unwrap_or_default(),
                licence: text(&package["license"]),
                source: text(&package["source"]),
                ..Crate::default()
            };
            crates.insert(id, known);
        }
        for node in value["resolve"]["nodes"].as_array().context("no `resolve`")? {
            let id = text(&node["id"]).context("a node without id")?;
            let Some(known) = crates.get_mut(&id) else { continue };
            for dependency in node["deps"].as_array().into_iter().flatten() {
                let id = text(&dependency["pkg"]).context("a dependency without id")?;
                for kind in dependency["dep_kinds"].as_array().into_iter().flatten() {
                    let list = if kind["kind"] == "dev" { &mut known.tests_need } else { &mut known.needs };
                    list.insert(id.clone());
                }
            }
        }
        Ok(Self { root: text(&value["workspace_root"]).context("no `workspace_root`")?, crates })
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }

    pub(super) fn len(&self) -> usize {
        self.crates.len()
    }

    pub(super) fn crates(&self) -> impl Iterator<Item = &Crate> {
        self.crates.values()
    }

    /// The crates of the workspace.
    pub(super) fn ours(&self) -> impl Iterator<Item = &Crate> {
        self.crates().filter(|known| known.source.is_none())
    }

    /// What a crate needs directly.
    pub(super) fn needs<'a>(&'a self, known: &'a Crate) -> impl Iterator<Item = &'a Crate> {
        known.needs.iter().filter_map(|id| self.crates.get(id))
    }

    /// What only the tests of a crate need directly.
    pub(super) fn tests_need<'a>(&'a self, known: &'a Crate) -> impl Iterator<Item = &'a Crate> {
        known.tests_need.iter().filter_map(|id| self.crates.get(id))
    }

    /// Names of everything a crate needs, directly or not.
    pub(super) fn closure<'a>(&'a self, known: &'a Crate) -> BTreeSet<&'a str> {
        let mut waiting: Vec<&Crate> = self.needs(known).collect();
        let mut seen = BTreeSet::new();
        while let Some(next) = waiting.pop() {
            if seen.insert(next.name.as_str()) {
                waiting.extend(self.needs(next));
            }
        }
        seen
    }

    /// A made-up workspace for tests.
    #[cfg(test)]
    pub(super) fn example(crates: &[Example<'_>]) -> Self {
        let ids = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let known = |&(name, licence, source, needs, tests_need): &Example<'_>| {
            let known = Crate {
                name: name.to_owned(),
                version: "1.0.0".to_owned(),
                licence: (!licence.is_empty()).then(|| licence.to_owned()),
                source: source.map(str::to_owned),
                needs: ids(needs),
                tests_need: ids(tests_need),
            };
            (name.to_owned(), known)
        };
        Self { root: String::new(), crates: crates.iter().map(known).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_and_their_needs_are_read() {
        let json = br#"{
            "workspace_root": "/w",
            "packages": [
                {"id": "a", "name": "ours", "version": "1.0.0", "license": "MIT", "source": null},
                {"id": "b", "name": "theirs", "version": "2.0.0", "license": null, "source": "registry+x"},
                {"id": "c", "name": "deeper", "version": "3.0.0", "source": "registry+x"}],
            "resolve": {"nodes": [
                {"id": "a", "deps": [
                    {"pkg": "b", "dep_kinds": [{"kind": null}, {"kind": "dev"}]},
                    {"pkg": "c", "dep_kinds": [{"kind": "dev"}]}]},
                {"id": "b", "deps": [{"pkg": "c", "dep_kinds": [{"kind": "build"}]}]}]}}"#;
        let metadata = Metadata::parse(json).expect("metadata");
        let ours: Vec<_> = metadata.ours().collect();
        assert_eq!((metadata.root(), metadata.len(), ours.len()), ("/w", 3, 1));
        let names = |crates: Vec<&Crate>| crates.iter().map(|known| known.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(metadata.needs(ours[0]).collect()), ["theirs"]);
        assert_eq!(names(metadata.tests_need(ours[0]).collect()), ["theirs", "deeper"]);
        assert_eq!(metadata.closure(ours[0]).into_iter().collect::<Vec<_>>(), ["deeper", "theirs"]);
    }
}
