//! What a registry remembers, as plainly as possible, and who may do what with it.

use std::collections::BTreeMap;

use super::operation::{At, Who, Word};

/// Code of an answer that is no success.
pub(crate) type Code = u64;

pub(crate) const INVALID: Code = 3;
pub(crate) const NOT_FOUND: Code = 5;
pub(crate) const EXISTS: Code = 6;
pub(crate) const DENIED: Code = 7;
pub(crate) const PRECONDITION: Code = 9;
pub(crate) const NO_VERSION: Code = 10;
pub(crate) const UNAUTHENTICATED: Code = 16;

/// Names a version for ever; the older, the lower.
pub(crate) type VersionId = usize;

#[derive(Clone, Debug)]
pub(crate) struct World {
    /// Seconds since 1970.
    pub(crate) now: i64,
    pub(crate) active: bool,
    pub(crate) buckets: Vec<Bucket>,
    pub(crate) people: BTreeMap<Who, Person>,
    /// Counts whatever is made.
    pub(crate) made: usize,
}

/// The highest roles of somebody, 1 viewer to 4 owner.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) organization: usize,
    pub(crate) project: usize,
    /// On the bucket with that id.
    pub(crate) bucket: Option<(usize, usize)>,
    pub(crate) exists: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Bucket {
    pub(crate) id: usize,
    pub(crate) name: Word,
    pub(crate) description: Word,
    pub(crate) label: Word,
    pub(crate) last_number: u32,
    /// In the order in which they were made.
    pub(crate) versions: Vec<Version>,
    pub(crate) channels: Vec<Channel>,
}

#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub(crate) id: VersionId,
    pub(crate) uid: String,
    pub(crate) fingerprint: Word,
    pub(crate) template: Word,
    pub(crate) author: String,
    /// `None` until it is complete.
    pub(crate) number: Option<u32>,
    pub(crate) builds: Vec<Build>,
    pub(crate) revocation: Option<Revocation>,
}

#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) uid: String,
    pub(crate) says: Said,
    pub(crate) artifacts: Vec<Artifact>,
    pub(crate) parent: Parent,
    pub(crate) updated: i64,
}

/// What was said about a build. Empty: nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) component: Word,
    pub(crate) status: Word,
    pub(crate) run: Word,
    pub(crate) platform: Word,
    pub(crate) source: Word,
    pub(crate) parent_uid: String,
    pub(crate) channel_uid: String,
    pub(crate) label: Word,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Artifact {
    pub(crate) name: [Word; 2],
    /// The newer, the higher.
    pub(crate) made: usize,
}

/// What a finished build was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Parent {
    Nothing,
    /// It says what, but that is not here.
    Unknown,
    Version(VersionId),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Revocation {
    pub(crate) at: i64,
    pub(crate) message: Word,
    pub(crate) author: String,
    /// Whose revocation it was first, if it is inherited.
    pub(crate) from: Option<VersionId>,
    /// Whether descendants inherit it.
    pub(crate) inheritable: bool,
    /// Whether `latest` has followed it.
    pub(crate) followed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) uid: String,
    pub(crate) name: Word,
    pub(crate) restricted: bool,
    pub(crate) author: String,
    pub(crate) version: Option<VersionId>,
    /// Newest first, with whoever did it.
    pub(crate) history: Vec<(Option<VersionId>, String)>,
}

impl World {
    pub(crate) fn new(now: i64) -> Self {
        let person = |name: &str, organization, project| Person {
            name: name.to_owned(),
            organization,
            project,
            bucket: None,
            exists: true,
        };
        let people = [
            (Who::Owner, person("owner", 4, 0)),
            (Who::Admin, person("admin", 0, 3)),
            (Who::Contributor, person("contributor", 0, 2)),
            (Who::Viewer, person("viewer", 0, 1)),
            (Who::Stranger, person("stranger", 0, 0)),
        ];
        Self { now, active: true, buckets: Vec::new(), people: people.into(), made: 0 }
    }

    pub(crate) fn next(&mut self) -> usize {
        self.made += 1;
        self.made
    }

    pub(crate) fn name_of(&self, who: Who) -> String {
        self.people[&who].name.clone()
    }

    /// The roles of somebody in the project, and on one of its buckets.
    fn roles(&self, who: Who, bucket: Option<Word>) -> (usize, usize) {
        let person = &self.people[&who];
        let (on, role) = person.bucket.unwrap_or_default();
        let is_there =
            self.buckets.iter().any(|found| found.id == on && bucket.is_none_or(|name| name == found.name));
        (person.organization.max(person.project), if is_there { role } else { 0 })
    }

    /// Whether somebody may not revoke in the whole project, but on a bucket at most.
    pub(crate) fn is_narrow(&self, who: Who) -> bool {
        let person = &self.people[&who];
        person.organization.max(person.project) < 2
    }

    /// Lets somebody in whose role in the project is at least that.
    pub(crate) fn enter_project(&self, who: Who, least: usize) -> Result<(), Code> {
        let (project, _) = self.known(who)?;
        if project < least { Err(DENIED) } else { Ok(()) }
    }

    /// Lets somebody in whose role in the project or on the bucket is at least that, if the bucket is there.
    pub(crate) fn enter(&self, who: Who, least: usize, bucket: Word) -> Result<usize, Code> {
        self.known(who)?;
        let (project, on_bucket) = self.roles(who, Some(bucket));
        if project.max(on_bucket) < least {
            return Err(DENIED);
        }
        self.check_active()?;
        self.find_bucket(bucket).ok_or(NOT_FOUND)
    }

    pub(crate) fn check_active(&self) -> Result<(), Code> {
        if self.active { Ok(()) } else { Err(PRECONDITION) }
    }

    /// Whoever exists and has some role in the project: their highest there, and on some bucket.
    pub(crate) fn known(&self, who: Who) -> Result<(usize, usize), Code> {
        if !self.people[&who].exists {
            return Err(UNAUTHENTICATED);
        }
        match self.roles(who, None) {
            (0, 0) => Err(NOT_FOUND),
            roles => Ok(roles),
        }
    }

    /// Whether somebody sees a bucket's restricted channels.
    pub(crate) fn sees_restricted(&self, who: Who, bucket: Word) -> bool {
        let (project, on_bucket) = self.roles(who, Some(bucket));
        2 <= project.max(on_bucket)
    }

    pub(crate) fn find_bucket(&self, name: Word) -> Option<usize> {
        self.buckets.iter().position(|bucket| bucket.name == name)
    }

    /// A version that somebody may handle who has at least that role.
    pub(crate) fn enter_version(&self, who: Who, least: usize, at: At) -> Result<VersionId, Code> {
        let bucket = self.enter(who, least, at.bucket)?;
        let found =
            self.buckets[bucket].versions.iter().find(|version| version.fingerprint == at.fingerprint);
        found.map(|version| version.id).ok_or(NO_VERSION)
    }

    pub(crate) fn version_at(&self, at: At) -> Option<VersionId> {
        let bucket = &self.buckets[self.find_bucket(at.bucket)?];
        Some(bucket.versions.iter().find(|version| version.fingerprint == at.fingerprint)?.id)
    }

    /// The version of that id, if it is still there.
    pub(crate) fn find(&self, id: VersionId) -> Option<&Version> {
        self.versions().find(|version| version.id == id)
    }

    pub(crate) fn version(&self, id: VersionId) -> &Version {
        self.find(id).expect("the version is there")
    }

    pub(crate) fn version_mut(&mut self, id: VersionId) -> &mut Version {
        let versions = self.buckets.iter_mut().flat_map(|bucket| &mut bucket.versions);
        versions.into_iter().find(|version| version.id == id).expect("the version is there")
    }

    pub(crate) fn versions(&self) -> impl Iterator<Item = &Version> {
        self.buckets.iter().flat_map(|bucket| &bucket.versions)
    }

    /// The bucket that a version is in.
    pub(crate) fn bucket_of(&self, id: VersionId) -> usize {
        let is_here = |bucket: &Bucket| bucket.versions.iter().any(|version| version.id == id);
        self.buckets.iter().position(is_here).expect("the version is there")
    }
}

impl Version {
    pub(crate) fn is_complete(&self) -> bool {
        self.number.is_some()
    }

    /// True once the moment of its revocation has come.
    pub(crate) fn is_revoked(&self, now: i64) -> bool {
        self.revocation.as_ref().is_some_and(|revocation| revocation.at <= now)
    }

    pub(crate) fn is_valid(&self, now: i64) -> bool {
        self.is_complete() && !self.is_revoked(now)
    }

    pub(crate) fn build(&self, component: &str) -> Option<&Build> {
        self.builds.iter().find(|build| build.says.component == component)
    }
}

impl Bucket {
    pub(crate) fn channel(&self, name: &str) -> Option<&Channel> {
        self.channels.iter().find(|channel| channel.name == name)
    }

    pub(crate) fn channel_mut(&mut self, name: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|channel| channel.name == name)
    }

    pub(crate) fn latest(&self) -> Option<VersionId> {
        self.channel("latest").expect("every bucket has it").version
    }
}

impl Channel {
    pub(crate) fn is_managed(&self) -> bool {
        self.name == "latest"
    }

    /// Moves it and remembers that; where it points already nothing happens.
    pub(crate) fn point(&mut self, version: Option<VersionId>, author: &str) {
        if self.version != version {
            self.version = version;
            author.clone_into(&mut self.author);
            self.history.insert(0, (version, author.to_owned()));
        }
    }
}
