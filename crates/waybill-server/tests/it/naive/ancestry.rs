//! What was made from what.

use std::collections::BTreeSet;

use super::world::{Bucket, Build, Parent, VersionId, World};

impl World {
    /// The versions that some finished build of a version was made from.
    fn parents(&self, id: VersionId) -> Vec<VersionId> {
        let of = |build: &Build| match build.parent {
            Parent::Version(parent) => Some(parent),
            _ => None,
        };
        self.version(id).builds.iter().filter_map(of).collect()
    }

    /// All that a version was made from, directly or through others.
    pub(crate) fn ancestors(&self, id: VersionId) -> BTreeSet<VersionId> {
        let mut found = BTreeSet::new();
        let mut open = self.parents(id);
        while let Some(next) = open.pop() {
            if found.insert(next) {
                open.extend(self.parents(next));
            }
        }
        found.remove(&id);
        found
    }

    /// All complete versions that were made from a version, directly or through others.
    pub(crate) fn descendants(&self, id: VersionId) -> Vec<VersionId> {
        let complete = self.versions().filter(|version| version.is_complete()).map(|version| version.id);
        complete.filter(|other| self.ancestors(*other).contains(&id)).collect()
    }

    /// The versions, complete or not, that were made from a version directly.
    pub(crate) fn children(&self, id: VersionId) -> Vec<VersionId> {
        let others = self.versions().map(|version| version.id).filter(|other| *other != id);
        others.filter(|other| self.parents(*other).contains(&id)).collect()
    }

    /// Says what is known about what a build was made from, now that it is done.
    pub(crate) fn note_parent(&mut self, of: VersionId, component: &str) {
        let build = self.version(of).build(component).expect("the build is there");
        let said = &build.says;
        let parent = if !said.parent_uid.is_empty() {
            let named = self.versions().find(|version| version.uid == said.parent_uid);
            named
                .filter(|version| version.id != of)
                .map_or(Parent::Unknown, |version| Parent::Version(version.id))
        } else if said.source.is_empty() {
            Parent::Nothing
        } else {
            let others = self.versions().filter(|version| version.id != of && version.is_complete());
            let artifacts = others.flat_map(|version| {
                let same = version.builds.iter().filter(|build| build.says.platform == said.platform);
                same.flat_map(|build| &build.artifacts).map(|artifact| (artifact, version.id))
            });
            let named = artifacts.filter(|(artifact, _)| artifact.name[0] == said.source);
            let newest = named.max_by_key(|(artifact, _)| artifact.made);
            newest.map_or(Parent::Nothing, |(_, version)| Parent::Version(version))
        };
        let version = self.version_mut(of);
        let build = version.builds.iter_mut().find(|build| build.says.component == component);
        build.expect("the build is there").parent = parent;
    }

    /// Versions that go leave builds that do not know any more what they were made from.
    pub(crate) fn forget(&mut self, gone: &[VersionId]) {
        for version in self.buckets.iter_mut().flat_map(|bucket| &mut bucket.versions) {
            for build in &mut version.builds {
                if matches!(build.parent, Parent::Version(parent) if gone.contains(&parent)) {
                    let named = !build.says.parent_uid.is_empty();
                    build.parent = if named { Parent::Unknown } else { Parent::Nothing };
                }
            }
        }
    }

    /// How a version stands to what it was made from.
    pub(crate) fn parents_status(&self, id: VersionId) -> Option<&'static str> {
        let relations: Vec<_> =
            self.version(id).builds.iter().filter_map(|build| self.relation(build)).collect();
        worst(&relations)
    }

    /// How the newest versions of all buckets stand to the versions of a bucket that they were made from.
    pub(crate) fn children_status(&self, bucket: usize) -> Option<&'static str> {
        let newest = self.buckets.iter().filter_map(Bucket::latest);
        let builds = newest.flat_map(|id| &self.version(id).builds);
        let ours = builds.filter(
            |build| matches!(build.parent, Parent::Version(parent) if self.bucket_of(parent) == bucket),
        );
        let relations: Vec<_> = ours.filter_map(|build| self.relation(build)).collect();
        worst(&relations)
    }

    fn relation(&self, build: &Build) -> Option<&'static str> {
        let parent = match build.parent {
            Parent::Nothing => return None,
            Parent::Unknown => return Some("UNDETERMINED"),
            Parent::Version(parent) => parent,
        };
        let bucket = &self.buckets[self.bucket_of(parent)];
        let named = &build.says.channel_uid;
        let found_by = bucket.channels.iter().find(|channel| !named.is_empty() && channel.uid == *named);
        Some(match found_by.map_or_else(|| bucket.latest(), |channel| channel.version) {
            Some(current) if current == parent => "UP_TO_DATE",
            Some(_) => "OUT_OF_DATE",
            None => "UNDETERMINED",
        })
    }
}

fn worst(statuses: &[&'static str]) -> Option<&'static str> {
    ["OUT_OF_DATE", "UNDETERMINED", "UP_TO_DATE"].into_iter().find(|status| statuses.contains(status))
}
