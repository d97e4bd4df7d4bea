//! What the operations do and how they are answered, written from the specification as straightforwardly as it
//! goes: slow, without a database, without a line from the registry itself.

use super::{
    operation::{Ask, At, Deleting, Point, Says, Step, Who, Word},
    world::{
        Artifact, Bucket, Build, Channel, Code, DENIED, EXISTS, INVALID, NOT_FOUND, PRECONDITION, Parent,
        Person, Said, Version, VersionId, World,
    },
};

/// What a success shows.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    Nothing,
    Bucket(Word),
    Buckets(Vec<Word>),
    Version(VersionId),
    Build(VersionId, Word),
    Channel(Word, Word),
    Channels(Vec<Word>),
}

const VIEWER: usize = 1;
const CONTRIBUTOR: usize = 2;
const ADMIN: usize = 3;

impl World {
    /// Does what is asked, or says why not; then nothing has changed.
    pub(crate) fn apply(&mut self, step: &Step) -> Result<Shown, Code> {
        let before = self.clone();
        let answer = self.attempt(step);
        if answer.is_err() {
            *self = before;
        }
        answer
    }

    fn attempt(&mut self, Step { who, ask, .. }: &Step) -> Result<Shown, Code> {
        let who = *who;
        match *ask {
            Ask::CreateBucket { bucket, description } => self.create_bucket(who, bucket, description),
            Ask::UpdateBucket { bucket, description, label } => {
                let index = self.enter(who, CONTRIBUTOR, bucket)?;
                let stored = &mut self.buckets[index];
                stored.description = description.unwrap_or(stored.description);
                stored.label = label.unwrap_or(stored.label);
                Ok(Shown::Bucket(bucket))
            }
            Ask::DeleteBucket { bucket } => self.delete_bucket(who, bucket),
            Ask::ListBuckets => self.list_buckets(who),
            Ask::CreateVersion { at, template } => self.create_version(who, at, template),
            Ask::ReadVersion { at } => Ok(Shown::Version(self.enter_version(who, VIEWER, at)?)),
            Ask::Complete { at } => {
                let id = self.enter_version(who, CONTRIBUTOR, at)?;
                self.complete_by_hand(who, id)?;
                self.follow(self.bucket_of(id), &self.name_of(who));
                Ok(Shown::Version(id))
            }
            Ask::Revoke(ref revoke) => self.revoke(who, revoke).map(Shown::Version),
            Ask::Restore { at } => {
                let id = self.enter_version(who, CONTRIBUTOR, at)?;
                self.restore(who, id)?;
                Ok(Shown::Version(id))
            }
            Ask::DeleteVersion { at, how } => self.delete_version(who, at, how),
            Ask::CreateBuild { at, component, ref says } => {
                let id = self.enter_version(who, CONTRIBUTOR, at)?;
                if self.version(id).is_complete() {
                    return Err(PRECONDITION);
                }
                if self.version(id).build(component).is_some() {
                    return Err(EXISTS);
                }
                let build = Build {
                    uid: String::new(),
                    says: Said::nothing(component),
                    artifacts: Vec::new(),
                    parent: Parent::Nothing,
                    updated: self.now,
                };
                self.version_mut(id).builds.push(build);
                self.say(who, id, component, says)
            }
            Ask::UpdateBuild { at, component, ref says } => {
                let id = self.enter_version(who, CONTRIBUTOR, at)?;
                self.version(id).build(component).ok_or(NOT_FOUND)?;
                self.say(who, id, component, says)
            }
            Ask::DeleteBuild { at, component } => {
                let id = self.enter_version(who, ADMIN, at)?;
                self.version(id).build(component).ok_or(NOT_FOUND)?;
                if self.version(id).is_complete() {
                    return Err(PRECONDITION);
                }
                self.version_mut(id).builds.retain(|build| build.says.component != component);
                Ok(Shown::Nothing)
            }
            Ask::CreateChannel { bucket, channel, restricted, fingerprint } => {
                let index = self.enter(who, CONTRIBUTOR, bucket)?;
                if self.buckets[index].channel(channel).is_some() {
                    return Err(EXISTS);
                }
                let author = self.name_of(who);
                self.buckets[index].channels.push(Channel::new(channel, restricted, &author));
                if let Some(fingerprint) = fingerprint {
                    self.point(who, index, channel, Point::At(fingerprint))?;
                }
                Ok(Shown::Channel(bucket, channel))
            }
            Ask::UpdateChannel { bucket, channel, point, restricted } => {
                let index = self.enter(who, CONTRIBUTOR, bucket)?;
                self.buckets[index].channel(channel).ok_or(NOT_FOUND)?;
                self.point(who, index, channel, point)?;
                let author = self.name_of(who);
                let found = self.buckets[index].channel_mut(channel).ok_or(NOT_FOUND)?;
                if let Some(restricted) = restricted.filter(|restricted| *restricted != found.restricted) {
                    found.restricted = restricted;
                    found.author = author;
                }
                Ok(Shown::Channel(bucket, channel))
            }
            Ask::CopyChannel { bucket, from, to } => {
                let index = self.enter(who, CONTRIBUTOR, bucket)?;
                let from = self.buckets[index].channel(from).ok_or(NOT_FOUND)?.version;
                self.buckets[index].channel(to).ok_or(NOT_FOUND)?;
                let fingerprint = self.version(from.ok_or(PRECONDITION)?).fingerprint;
                self.point(who, index, to, Point::At(fingerprint))?;
                Ok(Shown::Channel(bucket, to))
            }
            Ask::DeleteChannel { bucket, channel } => {
                let index = self.enter(who, CONTRIBUTOR, bucket)?;
                if self.buckets[index].channel(channel).ok_or(NOT_FOUND)?.is_managed() {
                    return Err(PRECONDITION);
                }
                self.buckets[index].channels.retain(|found| found.name != channel);
                Ok(Shown::Nothing)
            }
            Ask::ReadChannel { bucket, channel } => {
                let index = self.enter(who, VIEWER, bucket)?;
                let found = self.buckets[index].channel(channel).ok_or(NOT_FOUND)?;
                if found.restricted && !self.sees_restricted(who, bucket) {
                    return Err(NOT_FOUND);
                }
                Ok(Shown::Channel(bucket, channel))
            }
            Ask::ListChannels { bucket } => {
                let index = self.enter(who, VIEWER, bucket)?;
                let sees_all = self.sees_restricted(who, bucket);
                let seen =
                    self.buckets[index].channels.iter().filter(|channel| sees_all || !channel.restricted);
                Ok(Shown::Channels(seen.map(|channel| channel.name).collect()))
            }
            Ask::SetActive(active) => {
                self.enter_project(who, ADMIN)?;
                self.active = active;
                Ok(Shown::Nothing)
            }
            Ask::Admit { guest, bucket, role } => self.admit(who, guest, bucket, role),
            Ask::Dismiss { guest } => {
                let guest = self.people.get_mut(&Who::Guest(guest)).filter(|guest| guest.exists);
                guest.ok_or(NOT_FOUND)?.exists = false;
                Ok(Shown::Nothing)
            }
            Ask::Wait { seconds } => {
                self.now += seconds;
                Ok(Shown::Nothing)
            }
            Ask::RunJobs => {
                self.run_jobs();
                Ok(Shown::Nothing)
            }
        }
    }

    fn create_bucket(&mut self, who: Who, name: Word, description: Word) -> Result<Shown, Code> {
        self.enter_project(who, CONTRIBUTOR)?;
        self.check_active()?;
        if self.find_bucket(name).is_some() {
            return Err(EXISTS);
        }
        let latest = Channel::new("latest", true, &self.name_of(who));
        let id = self.next();
        let (versions, channels) = (Vec::new(), vec![latest]);
        self.buckets.push(Bucket { id, name, description, label: "", last_number: 0, versions, channels });
        Ok(Shown::Bucket(name))
    }

    fn delete_bucket(&mut self, who: Who, name: Word) -> Result<Shown, Code> {
        self.enter_project(who, ADMIN)?;
        self.check_active()?;
        let index = self.find_bucket(name).ok_or(NOT_FOUND)?;
        let gone = self.buckets.remove(index);
        let gone: Vec<VersionId> = gone.versions.iter().map(|version| version.id).collect();
        self.outlive(&gone);
        Ok(Shown::Nothing)
    }

    fn list_buckets(&self, who: Who) -> Result<Shown, Code> {
        let (project, _) = self.known(who)?;
        self.check_active()?;
        let (on, _) = self.people[&who].bucket.unwrap_or_default();
        let seen = self.buckets.iter().filter(|bucket| VIEWER <= project || bucket.id == on);
        let mut names: Vec<Word> = seen.map(|bucket| bucket.name).collect();
        names.sort_unstable();
        Ok(Shown::Buckets(names))
    }

    fn create_version(&mut self, who: Who, at: At, template: Word) -> Result<Shown, Code> {
        let bucket = self.enter(who, CONTRIBUTOR, at.bucket)?;
        if let Some(id) = self.version_at(at) {
            let existing = self.version(id);
            let is_same = !existing.is_complete() && existing.template == template;
            return if is_same { Ok(Shown::Version(id)) } else { Err(EXISTS) };
        }
        let (id, author) = (self.next(), self.name_of(who));
        self.buckets[bucket].versions.push(Version {
            id,
            uid: String::new(),
            fingerprint: at.fingerprint,
            template,
            author,
            number: None,
            builds: Vec::new(),
            revocation: None,
        });
        Ok(Shown::Version(id))
    }

    fn delete_version(&mut self, who: Who, at: At, how: Deleting) -> Result<Shown, Code> {
        let id = self.enter_version(who, ADMIN, at)?;
        let is_served = how == Deleting::Plainly && self.is_served(id);
        let made_from_it = self.children(id).into_iter().any(|child| self.version(child).is_complete());
        let is_used = how != Deleting::ByForce && made_from_it;
        if is_served || is_used {
            return Err(PRECONDITION);
        }
        self.roll_back(id, &self.name_of(who));
        let bucket = self.bucket_of(id);
        self.buckets[bucket].versions.retain(|version| version.id != id);
        self.outlive(&[id]);
        self.follow(bucket, &self.name_of(who));
        Ok(Shown::Nothing)
    }

    /// What becomes of the others when versions go: who inherited a revocation from them keeps it as its own.
    fn outlive(&mut self, gone: &[VersionId]) {
        self.forget(gone);
        for version in self.buckets.iter_mut().flat_map(|bucket| &mut bucket.versions) {
            if let Some(revocation) = &mut version.revocation {
                revocation.from = revocation.from.filter(|from| !gone.contains(from));
            }
        }
    }

    /// Takes in what a client says about a build.
    fn say(&mut self, who: Who, id: VersionId, component: Word, says: &Says) -> Result<Shown, Code> {
        let heard = self.heard(says);
        let is_complete = self.version(id).is_complete();
        let current = self.version(id).build(component).expect("it was found").clone();
        let merged = current.says.merged(&heard);
        let has_artifact =
            |artifact: &[Word; 2]| current.artifacts.iter().any(|stored| stored.name == *artifact);
        if current.says.status == "BUILD_DONE" {
            let same = says.artifacts.iter().eq(current.artifacts.iter().map(|artifact| &artifact.name));
            let is_repeat = merged == current.says && (says.artifacts.is_empty() || same);
            return if is_repeat { Ok(Shown::Build(id, component)) } else { Err(PRECONDITION) };
        }
        if is_complete {
            return Err(PRECONDITION);
        }
        if says.artifacts.contains(&["", ""]) {
            return Err(INVALID);
        }
        let is_done = merged.status == "BUILD_DONE";
        if is_done
            && (says.artifacts.is_empty() && current.artifacts.is_empty() || merged.platform.is_empty())
        {
            return Err(INVALID);
        }
        let stored = current.artifacts.iter().map(|artifact| artifact.name);
        let names: Vec<[Word; 2]> = if is_done && !says.artifacts.is_empty() {
            says.artifacts.clone()
        } else {
            stored.chain(says.artifacts.iter().copied().filter(|new| !has_artifact(new))).collect()
        };
        let is_changed = is_done && !says.artifacts.is_empty() || names.len() != current.artifacts.len();
        let artifacts = names.into_iter().map(|name| Artifact { name, made: self.next() }).collect();
        let now = self.now;
        let version = self.version_mut(id);
        let build = version.builds.iter_mut().find(|build| build.says.component == component);
        let build = build.expect("it was found");
        build.says = merged;
        build.updated = now;
        if is_changed {
            build.artifacts = artifacts;
        }
        if is_done {
            self.note_parent(id, component);
            self.complete_if_done(id, &self.name_of(who));
        }
        Ok(Shown::Build(id, component))
    }

    fn point(&mut self, who: Who, bucket: usize, channel: Word, point: Point) -> Result<(), Code> {
        if point == Point::Still {
            return Ok(());
        }
        let (now, author) = (self.now, self.name_of(who));
        let bucket = &mut self.buckets[bucket];
        if bucket.channel(channel).ok_or(NOT_FOUND)?.is_managed() {
            return Err(PRECONDITION);
        }
        let target = match point {
            Point::Still | Point::Nowhere => None,
            Point::At(fingerprint) => {
                let found = bucket.versions.iter().find(|version| version.fingerprint == fingerprint);
                let found = found.ok_or(NOT_FOUND)?;
                if !found.is_valid(now) {
                    return Err(PRECONDITION);
                }
                Some(found.id)
            }
        };
        bucket.channel_mut(channel).ok_or(NOT_FOUND)?.point(target, &author);
        Ok(())
    }

    fn admit(&mut self, who: Who, guest: usize, bucket: Word, role: Word) -> Result<Shown, Code> {
        self.enter_project(who, ADMIN)?;
        let index = self.find_bucket(bucket).ok_or(NOT_FOUND)?;
        let roles = ["viewer", "contributor", "admin", "owner"];
        let role = 1 + roles.iter().position(|known| *known == role).expect("a role");
        let (own, _) = self.known(who)?;
        if own < role {
            return Err(DENIED);
        }
        let person = Person {
            name: self.next_guest(),
            organization: 0,
            project: 0,
            bucket: Some((self.buckets[index].id, role)),
            exists: true,
        };
        self.next();
        self.people.insert(Who::Guest(guest), person);
        Ok(Shown::Nothing)
    }

    /// The name of whoever is admitted next.
    pub(crate) fn next_guest(&self) -> String {
        format!("guest-{}", self.made)
    }
}

impl Channel {
    fn new(name: Word, restricted: bool, author: &str) -> Self {
        let (uid, author) = (String::new(), author.to_owned());
        Self { uid, name, restricted, author, version: None, history: Vec::new() }
    }
}

impl Said {
    fn nothing(component: Word) -> Self {
        Self {
            component,
            status: "BUILD_UNSET",
            run: "",
            platform: "",
            source: "",
            parent_uid: String::new(),
            channel_uid: String::new(),
            label: "",
        }
    }

    /// What is empty says nothing new.
    fn merged(&self, heard: &Self) -> Self {
        let either = |new: Word, old: Word| if new.is_empty() { old } else { new };
        let either_uid = |new: &String, old: &String| if new.is_empty() { old.clone() } else { new.clone() };
        let status = if heard.status == "BUILD_UNSET" { self.status } else { heard.status };
        Self {
            component: self.component,
            status,
            run: either(heard.run, self.run),
            platform: either(heard.platform, self.platform),
            source: either(heard.source, self.source),
            parent_uid: either_uid(&heard.parent_uid, &self.parent_uid),
            channel_uid: either_uid(&heard.channel_uid, &self.channel_uid),
            label: either(heard.label, self.label),
        }
    }
}
